import {PAGE_SIZE, pfn, userAddress} from '../../hardware/address.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import {remap_pfn_range} from '../../kernel/mm/remap.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {vma, vmaAt} from '../views.ts';
import {choice, must, openDevice, told} from './steps.ts';

const biosPage = pfn(0xf0);

export const partialCowRemap: Experiment = {
	name: 'partial-cow-remap',
	title: 'Remapping half of a private mapping',
	claim: 'Since 2.6.15 remap_pfn_range() refuses to fill only a part of a private writable mapping: EINVAL.',
	source: 'docs/sources.md §3; mm/memory.c remap_pfn_range()',
	rows: [16],
	parameters: [choice('shared', '1 maps with MAP_SHARED', 0)],
	declares: ['area mapped', 'half remapped'],
	eras: erasFrom('2.6.32'),
	control: {set: {shared: 1}, fails: 'remap_pfn_range() answers EINVAL'},
	comm: 'halfremap',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.partialCowRemap,
		setup:
			'A program maps two pages of a device, private and writable (with shared=1: shared). The driver ' +
			'calls remap_pfn_range() for the first page only.',
		question: {
			ask: 'What does remap_pfn_range() answer?',
			answers: [
				{text: '-EINVAL: it takes all of such a mapping or nothing.', when: {'remap_pfn_range() answers': '-EINVAL'}},
				{text: '0: the page is mapped, the other is not.', when: {'remap_pfn_range() answers': '0'}},
				{text: '1: as many pages as it has mapped.', when: {'remap_pfn_range() answers': '1'}},
				{text: '-EFAULT: behind the second page is nothing.', when: {'remap_pfn_range() answers': '-EFAULT'}},
			],
		},
		looks: [{pane: 'maps', says: 'the row of /dev/simple3: its rss stays 0 where the call is refused'}],
		differences: [
			{
				eras: erasBefore('2.6.32'),
				says: '0, and the page is mapped: 2.6.11 does not look at it. The check came with 2.6.15.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const fd = yield* openDevice(u, '/dev/simple3');
		const flags = x.value('shared') === 1 ? MAP_SHARED : MAP_PRIVATE;
		const at = must(yield* u.mmap(0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, flags, fd), 'mmap');
		yield* x.show('area mapped');
		const area = k.cpu.current.mm!.mmap.find(at)!;
		const result = remap_pfn_range(k, area, userAddress(at), biosPage, PAGE_SIZE, area.vm_page_prot);
		x.say(`remap_pfn_range() of the first of two pages = ${told(result)}`);
		x.observe('remap_pfn_range() answers EINVAL', told(result), {equals: '-EINVAL'});
		x.expect('no page of the area is there', vma(k.cpu.current.pid), all => vmaAt(at)(all)?.pagesPresent, {equals: 0});
		yield* x.show('half remapped');
		yield* u.munmap(at, 2 * PAGE_SIZE);
		yield* u.close(fd);
		return `the answer was ${told(result)}`;
	},
};
