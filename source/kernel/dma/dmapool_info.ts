/** What files show of DMA pools. @see mm/dmapool.c pools_show() */
import {PAGE_SIZE, physicalAddress} from '../../hardware/address.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import type {dma_page, dma_pool} from './dmapool.ts';
import {blockOffsets} from './dmapool_blocks.ts';

const physicalOf = (address: number) => physicalAddress(address - PAGE_OFFSET);

type PoolInfo = {
	readonly name: string;
	readonly blocksInUse: number;
	/** Linux's count, pages × (allocation / size); more than a page really serves. */
	readonly blocks: number;
	readonly sizeBytes: number;
	readonly pages: number;
};

/** One line of /sys/devices/…/pools. A block freed twice makes the count wrap, as %u prints it. */
export function poolInfo(pool: dma_pool): PoolInfo {
	const pages = pool.page_list.length;
	const inUse = pool.oneList ? pool.nr_active : pool.page_list.reduce((sum, page) => sum + page.in_use, 0);
	return {
		name: pool.name,
		blocksInUse: inUse >>> 0,
		blocks: pool.oneList ? pool.nr_blocks : pages * pool.blocks_per_page,
		sizeBytes: pool.size,
		pages,
	};
}

/** Frames of a page of the pool: the first, and how many. */
export function framesOfPoolPage(pool: dma_pool, {vaddr}: dma_page): {readonly pfn: number; readonly frames: number} {
	const pfn = Math.floor(physicalOf(vaddr) / PAGE_SIZE);
	return {pfn, frames: Math.floor((physicalOf(vaddr) + pool.allocation - 1) / PAGE_SIZE) - pfn + 1};
}

/** Blocks that one page really serves. */
export function usableBlocks(pool: dma_pool): number {
	if (pool.bitmap) return pool.blocks_per_page;
	if (pool.oneList) return [...blockOffsets(pool)].length;
	let count = 0;
	let boundary = pool.boundary;
	for (let offset = 0; offset < pool.allocation; count++) {
		let next = offset + pool.size;
		if (next + pool.size >= boundary) {
			next = boundary;
			boundary += pool.boundary;
		}
		offset = next;
	}
	return count;
}
