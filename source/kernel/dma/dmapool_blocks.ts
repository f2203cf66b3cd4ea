/**
 * Models mm/dmapool.c since 6.4: one list of free blocks for a whole pool. A free block says in its first bytes which
 * one is next, and its own bus address.
 *
 *   pool.next_block ──► | next | dma | …free… |   | next | dma | …free… |   0 is the end
 *
 * A block may end exactly at the boundary. What frees a block twice, or with a wrong bus address, is noticed with pool
 * debugging only.
 */
import {
	type BusAddress,
	busAddress,
	type KernelLogicalAddress,
	type KernelVirtualAddress,
	logicalAddress,
	PAGE_SIZE,
	physicalAddress,
} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import type {dma_page, dma_pool, Geometry, PoolBlock} from './dmapool.ts';

const POINTER_BYTES = 4;

/** struct dma_block: a pointer, and a dma_addr_t, which has 8 bytes with PAE. */
export const blockHeaderBytes = (k: Kernel): number => POINTER_BYTES + (k.hw.paging.entryBytes === 8 ? 8 : 4);

/** @returns what a pool is made of; undefined for sizes that make no sense */
export function blockGeometry(
	k: Kernel,
	sizeWanted: number,
	alignWanted: number,
	boundaryWanted: number,
): Geometry | undefined {
	const align = alignWanted || 1;
	const isPowerOfTwo = (value: number) => (value & (value - 1)) === 0;
	if (!isPowerOfTwo(align) || sizeWanted === 0 || sizeWanted > 0x7fff_ffff) return undefined;
	const size = Math.ceil(Math.max(sizeWanted, blockHeaderBytes(k)) / align) * align;
	const allocation = Math.max(size, PAGE_SIZE);
	if (boundaryWanted === 0) return {size, allocation, boundary: allocation};
	if (boundaryWanted < size || !isPowerOfTwo(boundaryWanted)) return undefined;
	return {size, allocation, boundary: Math.min(boundaryWanted, allocation)};
}

/** Offsets of the blocks of a page, in order: none crosses the boundary. */
export function* blockOffsets({size, allocation, boundary}: Geometry): IterableIterator<number> {
	let next_boundary = boundary;
	for (let offset = 0; offset + size <= allocation; ) {
		if (offset + size > next_boundary) {
			offset = next_boundary;
			next_boundary += boundary;
			continue;
		}
		yield offset;
		offset += size;
	}
}

const physicalOf = (block: number) => physicalAddress(block - PAGE_OFFSET);

function readWord(k: Kernel, block: number, offset: number): number {
	const bytes = k.hw.ram.read(physicalAddress(physicalOf(block) + offset), 4);
	return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
}

function writeWord(k: Kernel, block: number, offset: number, value: number): void {
	const bytes = Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
	k.hw.ram.write(physicalAddress(physicalOf(block) + offset), bytes);
}

function writeHeader(k: Kernel, block: number, next: number, dma: number): void {
	writeWord(k, block, 0, next);
	writeWord(k, block, POINTER_BYTES, dma % 2 ** 32);
	if (blockHeaderBytes(k) > 8) writeWord(k, block, POINTER_BYTES + 4, Math.floor(dma / 2 ** 32));
}

/** The bus address that a block bears. */
function readDma(k: Kernel, block: number): BusAddress {
	const high = blockHeaderBytes(k) > 8 ? readWord(k, block, POINTER_BYTES + 4) : 0;
	return busAddress(high * 2 ** 32 + readWord(k, block, POINTER_BYTES));
}

/** Puts the blocks of a new page in front of the list, the lowest first. @see pool_initialise_page() */
export function addBlocks(k: Kernel, pool: dma_pool, page: dma_page): void {
	const blocks = [...blockOffsets(pool)].map(offset => page.vaddr + offset);
	for (const [i, block] of blocks.entries())
		writeHeader(k, block, blocks[i + 1] ?? pool.next_block, page.dma + (block - page.vaddr));
	pool.next_block = blocks[0]!;
	pool.nr_blocks += blocks.length;
}

/** Takes the first block. @returns undefined where none is free */
export function popBlock(k: Kernel, pool: dma_pool): PoolBlock | undefined {
	if (pool.next_block === 0) return undefined;
	const vaddr: KernelLogicalAddress = logicalAddress(pool.next_block);
	pool.next_block = readWord(k, vaddr, 0);
	pool.nr_active++;
	return {vaddr, dma: readDma(k, vaddr)};
}

/** Puts a block in front, as its driver names it: nothing of it is looked at. */
export function pushBlock(k: Kernel, pool: dma_pool, vaddr: KernelVirtualAddress, dma: BusAddress): void {
	writeHeader(k, vaddr, pool.next_block, dma);
	pool.next_block = vaddr;
	pool.nr_active--;
}

/** Whether a block is in the list. A damaged list may run in a circle; Linux then never comes back. */
export function isFreeBlock(k: Kernel, pool: dma_pool, vaddr: KernelVirtualAddress): boolean {
	let left = pool.nr_blocks + 1;
	for (let block = pool.next_block; block !== 0 && left > 0; left--) {
		if (block === vaddr) return true;
		block = readWord(k, block, 0);
	}
	return false;
}
