import {wereOf} from '../../formats/words.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../kernel/dma/coherent.ts';
import {__GFP_NOWARN, GFP_ATOMIC} from '../../kernel/mm/gfp.ts';
import {__free_pages, put_page, try_alloc_pages} from '../../kernel/mm/page_alloc.ts';
import {ZONE_NORMAL} from '../../kernel/mm/zone.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {buddyinfo} from '../views.ts';
import {labDevice} from './labDevice.ts';
import {freePages} from './room.ts';

/** Single pages that are free in the end. */
const hundreds = 200;
/** Pages that may be lost to pairs: what the watermarks keep lies in blocks still. */
const spare = 1_024;

export const fragmentation: Experiment = {
	name: 'fragmentation',
	title: 'Memory in pieces',
	claim:
		'Half of low memory free, but no two pages side by side: a DMA buffer of two pages cannot be had, one ' +
		'of a page can.',
	source: 'LDD3 page 442; mm/page_alloc.c',
	rows: [32, 54],
	parameters: [{name: 'free', about: 'of how many pages one is freed', least: 1, most: 8, usual: 2, unit: 'pages'}],
	declares: ['memory in pieces', 'memory whole'],
	control: {set: {free: 1}, fails: 'two pages in a row'},
	comm: 'fragger',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.fragmentation,
		setup:
			'A task takes all of low memory and gives every second page back (parameter free): half of it is ' +
			'free. A driver then asks dma_alloc_coherent() for two pages, and for one.',
		question: {
			ask: 'Which of the two buffers does it get?',
			answers: [
				{text: 'Both.', when: {'two pages in a row': false}},
				{text: 'Neither.', when: {'two pages in a row': true, 'a single page': false}},
				{text: 'The single page only.', when: {'two pages in a row': true, 'a single page': true}},
			],
		},
		looks: [
			{
				pane: 'zones',
				says:
					'the free blocks of one page and of two; all happens in one instant, so what is left of it ' +
					'is in the story',
			},
			{pane: 'trace', says: 'what was taken, what was given back'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		yield* freePages(x, ZONE_NORMAL, hundreds * x.value('free') + spare);
		// All in one instant: nobody else meets a machine without memory.
		const gfp = GFP_ATOMIC | __GFP_NOWARN;
		const taken: Pfn[] = [];
		for (;;) {
			const frame = try_alloc_pages(k, gfp, 0);
			if (frame === undefined) break;
			taken.push(frame);
		}
		const pairs: Pfn[] = [];
		const kept = new Set(taken.filter(frame => x.value('free') > 1 && frame % x.value('free') !== 0));
		for (const frame of taken) if (!kept.has(frame)) put_page(k, frame);
		// What the watermarks had kept lies in larger blocks still.
		const giveBack = x.later(() => {
			for (const frame of kept) put_page(k, frame);
			for (const pair of pairs) __free_pages(k, pair, 1);
		});
		for (let pair = kept.size > 0 ? try_alloc_pages(k, gfp, 1) : undefined; pair !== undefined; ) {
			pairs.push(pair);
			pair = try_alloc_pages(k, gfp, 1);
		}
		const two = try_dma_alloc_coherent(k, dev, 2 * PAGE_SIZE, gfp);
		const one = try_dma_alloc_coherent(k, dev, PAGE_SIZE, gfp);
		const pieces = taken.length - kept.size;
		x.say(`${wereOf(taken.length, 'page')} taken, ${pieces} given back`);
		x.observe('two pages in a row cannot be had', two?.dma_handle, {equals: undefined});
		x.observe('a single page can', one?.dma_handle, {not: undefined});
		x.expect(
			'hundreds of single pages are free',
			buddyinfo,
			({zones}) => zones.find(each => each.zone === 'Normal')?.freeBlocks[0] ?? 0,
			{atLeast: hundreds},
		);
		if (two) dma_free_coherent(k, dev, 2 * PAGE_SIZE, two.cpu_addr, two.dma_handle);
		if (one) dma_free_coherent(k, dev, PAGE_SIZE, one.cpu_addr, one.dma_handle);
		giveBack();
		yield* x.show('memory in pieces');
		yield* x.show('memory whole');
		return `${wereOf(pieces, 'page')} free, ${two ? 'some' : 'none'} of them side by side`;
	},
};
