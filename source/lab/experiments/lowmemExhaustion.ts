import {wereOf} from '../../formats/words.ts';
import type {Pfn} from '../../hardware/address.ts';
import {__GFP_NOWARN, GFP_ATOMIC, GFP_HIGHUSER} from '../../kernel/mm/gfp.ts';
import {put_page, try_alloc_pages} from '../../kernel/mm/page_alloc.ts';
import {ZONE_HIGHMEM} from '../../kernel/mm/zone.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {page, zoneinfo, zoneNamed} from '../views.ts';
import {freePages} from './room.ts';
import {choice, needsHighmem} from './steps.ts';

/** Pages of high memory that are free all the while. */
const thousands = 1_000;

export const lowmemExhaustion: Experiment = {
	name: 'lowmem-exhaustion',
	title: 'Low memory runs out, high memory does not help',
	claim:
		'Kernel structures need low memory: it can be used up, and allocations fail, while thousands of high ' +
		'pages are free.',
	source: 'LDD3 page 415; mm/page_alloc.c',
	rows: [8, 50],
	parameters: [choice('fill', '0 leaves low memory as it is', 1)],
	declares: ['low memory back'],
	unfit: needsHighmem,
	control: {set: {fill: 0}, fails: 'a page for the kernel'},
	comm: 'lowmemhog',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.lowmemExhaustion,
		setup:
			'A task takes every page of low memory (with fill=0: none). High memory is left alone; thousands of ' +
			'its pages are free.',
		question: {
			ask: 'The kernel asks for a page for itself, a program for one of its own. Who gets one?',
			answers: [
				{text: 'The program only.', when: {'a page for the kernel': true, 'a page for a program': true}},
				{text: 'Both: a free page is a free page.', when: {'a page for the kernel': false}},
				{text: 'Neither.', when: {'a page for the kernel': true, 'a page for a program': false}},
			],
		},
		looks: [
			{pane: 'zones', says: 'the free pages of HighMem, which do not help'},
			{pane: 'trace', says: 'mm_page_alloc with falling and rising pfn, all below the first frame of high memory'},
		],
	},
	*run(x) {
		const {k} = x;
		const gfp = GFP_ATOMIC | __GFP_NOWARN;
		yield* freePages(x, ZONE_HIGHMEM, thousands);
		// All in one instant: nobody else meets a machine without memory.
		const taken: Pfn[] = [];
		for (let frame = x.value('fill') === 1 ? try_alloc_pages(k, gfp, 0) : undefined; frame !== undefined; ) {
			taken.push(frame);
			frame = try_alloc_pages(k, gfp, 0);
		}
		const low = try_alloc_pages(k, gfp, 0);
		if (low !== undefined) taken.push(low);
		const giveBack = x.later(() => {
			for (const frame of taken) put_page(k, frame);
		});
		x.observe('a page for the kernel cannot be had', low, {equals: undefined});
		const forProgram = 'a page for a program can, from high memory';
		const high = try_alloc_pages(k, GFP_HIGHUSER, 0);
		x.later(() => (high === undefined ? undefined : put_page(k, high)));
		if (high === undefined) x.observe(forProgram, high, {not: undefined});
		else x.expect(forProgram, page(high), ({zone}) => zone, {equals: 'HighMem'});
		x.expect('thousands of pages of zone HighMem are free', zoneinfo, all => zoneNamed('HighMem')(all)?.pages.free, {
			atLeast: thousands,
		});
		x.say(`of low memory ${wereOf(taken.length, 'page')} taken`);
		giveBack();
		yield* x.show('low memory back');
		return `${wereOf(taken.length, 'page')} taken and given back`;
	},
};
