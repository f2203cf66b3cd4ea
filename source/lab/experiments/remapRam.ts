import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {kmemset} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import {ClearPageReserved, SetPageReserved, virt_to_page} from '../../kernel/mm/page.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {User} from '../userland.ts';
import {page} from '../views.ts';
import {choice, claimed, got, openDevice} from './steps.ts';

export const remapRam: Experiment = {
	name: 'remap-ram',
	title: 'Ordinary memory cannot be remapped',
	claim: 'In 2.6.11 remap_pfn_range() leaves ordinary RAM out: the mapping reads as zeros, not as the driver’s page.',
	source: 'LDD3 page 430; mm/memory.c remap_pte_range()',
	rows: [21],
	parameters: [choice('reserve', '1 sets PG_reserved first, as drivers of the time did', 0)],
	declares: ['page filled', 'page read'],
	eras: erasBefore('2.6.32'),
	control: {set: {reserve: 1}, fails: 'the mapping reads as zeros'},
	comm: 'remapram',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.remapRam,
		setup:
			'A driver fills a page of ordinary memory with 0x5a and maps it into a program with ' +
			'remap_pfn_range(). (With reserve=1 it sets PG_reserved first.)',
		question: {
			ask: 'remap_pfn_range() returns 0. What does the program read?',
			answers: [
				{text: 'Zeros: another page.', when: {'the mapping reads': true}},
				{text: '0x5a: the driver’s page.', when: {'the mapping reads': false}},
			],
		},
		corrections: [
			'“remap_pfn_range() gives access only to reserved pages and addresses above RAM” is true up to 2.6.14.',
		],
		looks: [
			{pane: 'trace', says: 'a page fault at the mapped address, although remap_pfn_range() has returned 0'},
			{pane: 'page', says: 'f on the driver’s frame: no user address'},
		],
		differences: [
			{
				eras: erasFrom('2.6.32'),
				says: '0x5a: ordinary memory is mapped as well, without a reference and without PG_reserved.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const address = got(yield* __get_free_pages(k, GFP_KERNEL, 0), 'no page was free');
		x.later(() => free_pages(k, address, 0));
		const frame = virt_to_page(address);
		kmemset(k, address, 0x5a, PAGE_SIZE);
		const reserve = x.value('reserve') === 1;
		if (reserve) SetPageReserved(k, frame);
		x.later(() => ClearPageReserved(k, frame));
		x.say(`pfn ${prefixedHex(frame)} is filled with 0x5a${reserve ? ' and marked PG_reserved' : ''}`);
		x.expect(
			'PG_reserved is set as asked',
			page(frame),
			({flags}) => flags.join(' '),
			reserve ? {contains: 'PG_reserved'} : {lacks: 'PG_reserved'},
		);
		yield* x.show('page filled');
		const fd = yield* openDevice(u, '/dev/simple0');
		const mapped = yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, frame);
		const at = claimed(x, mapped, 'remap_pfn_range() returns 0, and so does the driver’s mmap method');
		const seen = yield* u.peek8(at);
		x.observe('the mapping reads as zeros', seen, {equals: 0});
		x.expect('the page has no mapper', page(frame), ({_mapcount}) => _mapcount, {equals: -1});
		yield* x.show('page read');
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return `the program read ${prefixedHex(seen)}`;
	},
};
