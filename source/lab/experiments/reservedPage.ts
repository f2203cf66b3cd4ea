import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {kmemset, kread8} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {
	ClearPageReserved,
	clearPageFlag,
	PageReserved,
	PG_dirty,
	SetPageReserved,
	virt_to_page,
} from '../../kernel/mm/page.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import {set_page_dirty} from '../../kernel/mm/page-writeback.ts';
import {zone_reclaim} from '../../kernel/mm/vmscan.ts';
import {dieIfKilled} from '../../kernel/signal.ts';
import type {Experiment} from '../experiment.ts';
import {page} from '../views.ts';
import {choice, got} from './steps.ts';

export const reservedPage: Experiment = {
	name: 'reserved-page',
	title: 'A reserved page is not reclaimed',
	claim:
		'Reclaim leaves pages with PG_reserved alone, so a driver that has written to one need not call set_page_dirty().',
	source: 'LDD3 page 437; mm/vmscan.c',
	rows: [21, 27],
	parameters: [choice('reserve', '0 does not set PG_reserved', 1)],
	declares: ['page written', 'memory reclaimed'],
	control: {set: {reserve: 0}, fails: 'the page is not marked dirty'},
	comm: 'reserver',
	lesson: {
		chapter: 'io',
		setup:
			'A driver has a page of its own, marks it PG_reserved (with reserve=0: it does not) and writes to it. Then it ' +
			'does as the book says: if (!PageReserved(page)) set_page_dirty(page). After that all memory that can be ' +
			'reclaimed is reclaimed.',
		question: {
			ask: 'Is PG_dirty set, and is the page still there?',
			answers: [
				{text: 'It is not dirty, and it is there.', when: {'the page is not marked': true, 'the page has': true}},
				{text: 'It is dirty, and it is there.', when: {'the page is not marked': false, 'the page has': true}},
				{text: 'It is gone.', when: {'the page has': false}},
			],
		},
		corrections: [
			'“Reserved pages are the only ones that can be mapped to user space”: a fault method maps any page (scullp-fault).',
		],
		looks: [
			{pane: 'page', says: 'f on the frame: PG_reserved among its flags'},
			{pane: 'zones', says: 'free pages rise while the page cache is reclaimed'},
		],
	},
	*run(x) {
		const {k} = x;
		const address = got(yield* __get_free_pages(k, GFP_KERNEL, 0), 'no page was free');
		const frame = virt_to_page(address);
		if (x.value('reserve') === 1) SetPageReserved(k, frame);
		x.later(() => {
			ClearPageReserved(k, frame);
			clearPageFlag(k, frame, PG_dirty);
			free_pages(k, address, 0);
		});
		kmemset(k, address, 0x5a, PAGE_SIZE);
		if (!PageReserved(k, frame)) set_page_dirty(k, frame);
		x.say(`pfn ${prefixedHex(frame)} holds 0x5a`);
		yield* x.show('page written');
		x.expect('the page is not marked dirty', page(frame), ({flags}) => flags.includes('PG_dirty'), {equals: false});
		x.expect('no list of reclaim has it', page(frame), ({flags}) => flags.includes('PG_lru'), {equals: false});
		const free = () => k.pages.zones.reduce((sum, zone) => sum + zone.free_pages, 0);
		const before = free();
		for (const zone of k.pages.zones) {
			yield* zone_reclaim(k, zone, () => false);
			dieIfKilled(k);
		}
		yield* x.show('memory reclaimed');
		x.expect('the page is in use still', page(frame), ({_count}) => _count, {equals: 1});
		x.observe('the page has what the driver wrote', kread8(k, address), {equals: 0x5a});
		return `reclaim freed ${Math.max(0, free() - before)} pages, and not this one`;
	},
};
