import type {Pfn} from '../../hardware/address.ts';
import {__GFP_NOWARN, GFP_ATOMIC, GFP_HIGHUSER} from '../../kernel/mm/gfp.ts';
import {PageHighMem} from '../../kernel/mm/page.ts';
import {put_page, try_alloc_pages} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {zoneinfo, zoneNamed} from '../views.ts';
import {choice, needsHighmem} from './steps.ts';

export const lowmemExhaustion: Experiment = {
	name: 'lowmem-exhaustion',
	title: 'Low memory runs out, high memory does not help',
	claim:
		'Kernel structures need low memory: it can be used up, and allocations fail, while thousands of high pages are free.',
	source: 'mission rows 8 and 50; LDD3 page 415; mm/page_alloc.c',
	rows: [8, 50],
	parameters: [choice('fill', '0 leaves low memory as it is', 1)],
	declares: ['low memory back'],
	unfit: needsHighmem,
	control: {set: {fill: 0}, fails: 'a page for the kernel'},
	comm: 'lowmemhog',
	*run(x) {
		const {k} = x;
		const gfp = GFP_ATOMIC | __GFP_NOWARN;
		// All in one instant: nobody else meets a machine without memory.
		const taken: Pfn[] = [];
		for (let frame = x.value('fill') === 1 ? try_alloc_pages(k, gfp, 0) : undefined; frame !== undefined; ) {
			taken.push(frame);
			frame = try_alloc_pages(k, gfp, 0);
		}
		const low = try_alloc_pages(k, gfp, 0);
		const high = try_alloc_pages(k, GFP_HIGHUSER | __GFP_NOWARN, 0);
		x.observe('a page for the kernel cannot be had', low === undefined);
		x.observe('a page for a program can, from high memory', high !== undefined && PageHighMem(k, high));
		x.expect('thousands of pages of zone HighMem are free', zoneinfo, all => zoneNamed('HighMem')(all)?.pages.free, {
			atLeast: 1_000,
		});
		x.say(`${taken.length} pages of low memory were taken`);
		for (const frame of [...taken, low, high]) if (frame !== undefined) put_page(k, frame);
		yield* x.show('low memory back');
		return `${taken.length} pages were taken and given back`;
	},
};
