import {countOf} from '../../formats/words.ts';
import type {Pfn} from '../../hardware/address.ts';
import {__GFP_DMA, __GFP_NOWARN, GFP_ATOMIC, GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {put_page, try_alloc_pages} from '../../kernel/mm/page_alloc.ts';
import {page_zonenum, ZONE_DMA, ZONE_NAMES, ZONE_NORMAL} from '../../kernel/mm/zone.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {page, zoneinfo, zoneNamed} from '../views.ts';
import {freePages} from './room.ts';
import {choice} from './steps.ts';

export const zoneFallback: Experiment = {
	name: 'zone-fallback',
	title: 'From zone Normal down to zone DMA',
	claim:
		'When zone Normal is used up, GFP_KERNEL goes on in zone DMA, but leaves its reserve to those who ask ' +
		'for __GFP_DMA.',
	source: 'docs/sources.md §1; mm/page_alloc.c lowmem_reserve',
	rows: [8],
	parameters: [choice('fill', '0 takes one page only', 1)],
	declares: ['zones back'],
	control: {set: {fill: 0}, fails: 'some pages came'},
	comm: 'zonefall',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.zoneFallback,
		setup:
			'A task takes page after page with GFP_KERNEL until none comes (with fill=0: one page). Zone DMA is ' +
			'the first 16 MiB of memory, zone Normal the rest of low memory.',
		question: {
			ask: 'Zone Normal is empty. Where do the last pages come from?',
			answers: [
				{text: 'From nowhere: zone DMA is for those who ask for it.', when: {'some pages came': false}},
				{text: 'From zone DMA, down to its last page.', when: {'some pages came': true, 'GFP_DMA gets': false}},
				{text: 'From zone DMA, of which a reserve is kept.', when: {'some pages came': true, 'GFP_DMA gets': true}},
			],
		},
		looks: [
			{pane: 'trace', says: 'mm_page_alloc with a pfn below 0x1000: these frames are zone DMA'},
			{pane: 'zones', says: 'all is as before: the memory is taken and given back within one instant'},
		],
	},
	*run(x) {
		const {k} = x;
		yield* freePages(x, ZONE_DMA, 1, ZONE_NORMAL);
		// All in one instant: nobody else meets a machine without memory.
		const taken: Pfn[] = [];
		for (;;) {
			const frame = try_alloc_pages(k, GFP_KERNEL | __GFP_NOWARN, 0);
			if (frame === undefined) break;
			taken.push(frame);
			if (x.value('fill') === 0) break;
		}
		const giveBack = x.later(() => {
			for (const frame of taken) put_page(k, frame);
		});
		const fromDma = taken.filter(frame => page_zonenum(k, frame) === ZONE_DMA).length;
		x.say(`${countOf(taken.length, 'page')} with GFP_KERNEL, ${fromDma} of them from zone ${ZONE_NAMES[ZONE_DMA]}`);
		x.observe('some pages came from zone DMA', fromDma, {atLeast: 1});
		x.expect('zone DMA keeps pages', zoneinfo, all => zoneNamed('DMA')(all)?.pages.free, {atLeast: 1});
		const dma = try_alloc_pages(k, GFP_ATOMIC | __GFP_DMA | __GFP_NOWARN, 0);
		if (dma === undefined) x.observe('GFP_DMA gets a page still', dma, {not: undefined});
		else {
			taken.push(dma);
			x.expect('GFP_DMA gets a page still', page(dma), ({zone}) => zone, {equals: 'DMA'});
		}
		giveBack();
		yield* x.show('zones back');
		return `${fromDma} of ${countOf(taken.length, 'page')} came from zone DMA`;
	},
};
