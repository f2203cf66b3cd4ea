/**
 * Finds frames that lie side by side beyond what the buddy allocator hands out at once, while memory is still whole. It
 * stands where Linux's bootmem and memblock set the bounce pool aside before the page allocator is up.
 */
import {type Pfn, pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {GFP_KERNEL, __GFP_NOWARN} from '../mm/gfp.ts';
import {__free_pages, try_alloc_pages} from '../mm/page_alloc.ts';

/** The buddy allocator's largest block: 4 MiB. */
const ORDER = 10;
const BLOCK_PAGES = 1 << ORDER;

/**
 * @param pages a multiple of the largest block's pages
 * @returns the first frame of the highest run of low memory that is free, or undefined
 */
export function allocContiguous(k: Kernel, pages: number): Pfn | undefined {
	const wanted = pages / BLOCK_PAGES;
	const blocks: Pfn[] = [];
	for (;;) {
		const block = try_alloc_pages(k, GFP_KERNEL | __GFP_NOWARN, ORDER);
		if (block === undefined) break;
		blocks.push(block);
	}
	blocks.sort((a, b) => b - a);
	let first = -1;
	for (let i = 0; wanted > 0 && i + wanted <= blocks.length && first < 0; i++)
		if (blocks[i]! - blocks[i + wanted - 1]! === (wanted - 1) * BLOCK_PAGES) first = i;
	blocks.forEach((block, i) => {
		if (first < 0 || i < first || i >= first + wanted) __free_pages(k, block, ORDER);
	});
	return first < 0 ? undefined : pfn(blocks[first + wanted - 1]!);
}
