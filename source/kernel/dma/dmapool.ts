/**
 * Models drivers/base/dmapool.c (2.6.11) and mm/dmapool.c (2.6.32 to 6.18): blocks smaller than a page, cut from
 * coherent pages.
 *
 *   2.6.11     a bitmap per page; lowest free block first; every block of a page is used
 *   2.6.25     a chain of free blocks per page, last freed first, threaded through the blocks themselves: the first
 *              word of a free block is the offset of the next. The chain leaves out a block that would end exactly on
 *              the boundary (`>=`), so 64-byte blocks come 63 to a page, while the pools file counts 64.
 *   6.4        one chain for the whole pool, see dmapool_blocks.ts; every block of a page is used
 *
 * Pages go back only when the pool is destroyed. Not modelled: devres.
 */
import {
	type BusAddress,
	busAddress,
	type KernelLogicalAddress,
	type KernelVirtualAddress,
	logicalAddress,
	PAGE_SIZE,
	type PhysicalAddress,
	physicalAddress,
} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import type {device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {__GFP_WAIT, __GFP_ZERO, GFP_ATOMIC, type gfp_t} from '../mm/gfp.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import {might_sleep} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {schedule_timeout} from '../timer.ts';
import {trace, type Within} from '../trace.ts';
import {type Made, made} from '../watch.ts';
import {type CoherentMemory, dma_alloc_coherent, dma_free_coherent, try_dma_alloc_coherent} from './coherent.ts';
import {addBlocks, blockGeometry, blockHeaderBytes, isFreeBlock, popBlock, pushBlock} from './dmapool_blocks.ts';
import {
	badVaddrIsCaught,
	POOL_POISON_ALLOCATED,
	POOL_POISON_FREED,
	poolError,
	reportCorruption,
	reportPoolDoubleFree,
	sayLost,
} from './dmapool_debug.ts';
import {formatBusAddress, formatPointer} from './report.ts';

export type dma_page = {
	readonly vaddr: KernelLogicalAddress;
	readonly dma: BusAddress;
	in_use: number;
	/** Free list: offset of the first free block, at or past the end when there is none. */
	offset: number;
	/** Bitmap: 1 where a block is free. */
	readonly free: Uint8Array;
};

export type dma_pool = {
	/** At most 31 bytes, as Linux keeps it. */
	readonly name: string;
	/** NULL: the pool works, but is shown nowhere. */
	readonly dev: device | null;
	readonly size: number;
	/** Bytes taken from dma_alloc_coherent() at a time. */
	readonly allocation: number;
	readonly boundary: number;
	readonly blocks_per_page: number;
	/** Newest first. */
	readonly page_list: dma_page[];
	readonly bitmap: boolean;
	/** Since 6.4 free blocks are in one list. */
	readonly oneList: boolean;
	/** The first of that list, or 0; how many blocks there are and how many are out. */
	next_block: number;
	nr_blocks: number;
	nr_active: number;
	/** Blocks that are out, by their address: ours. */
	readonly out: Map<KernelVirtualAddress, {readonly dma: BusAddress; readonly made: Made}>;
};

/** A block: for the CPU, and for the device. */
export type PoolBlock = {readonly vaddr: KernelLogicalAddress; readonly dma: BusAddress};

const NAME_BYTES = 32;
/** What a free block begins with: the offset of the next. */
const LINK_BYTES = 4;
const POOL_TIMEOUT_NS = 100_000_000;
const isPowerOfTwo = (value: number) => value > 0 && (value & (value - 1)) === 0;
const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

// ── making a pool ──────────────────────────────────────────────────────────────────────────────────────────────────

export type Geometry = {readonly size: number; readonly allocation: number; readonly boundary: number};

/** drivers/base/dmapool.c: the fifth argument is the size of a pool page; odd sizes round oddly. */
function bitmapGeometry(sizeWanted: number, alignWanted: number, allocationWanted: number): Geometry | undefined {
	const align = alignWanted || 1;
	if (sizeWanted === 0) return undefined;
	let size = sizeWanted;
	if (size < align) size = align;
	else if (size % align !== 0) size = (size + align + 1) & ~(align - 1);
	const allocation = allocationWanted === 0 ? Math.max(size, PAGE_SIZE) : allocationWanted;
	return allocation < size ? undefined : {size, allocation, boundary: allocation};
}

/** mm/dmapool.c: the fifth argument is a boundary that no block may cross. */
function freeListGeometry(sizeWanted: number, alignWanted: number, boundaryWanted: number): Geometry | undefined {
	const align = alignWanted || 1;
	if (!isPowerOfTwo(align) || sizeWanted === 0) return undefined;
	const size = roundUp(Math.max(sizeWanted, 4), align);
	const allocation = Math.max(size, PAGE_SIZE);
	if (boundaryWanted === 0) return {size, allocation, boundary: allocation};
	if (boundaryWanted < size || !isPowerOfTwo(boundaryWanted)) return undefined;
	return {size, allocation, boundary: boundaryWanted};
}

/**
 * Makes a pool of small coherent blocks. May sleep.
 * @param dev null makes a pool that is shown nowhere
 * @param size bytes of a block
 * @param align that block addresses have, a power of two, or 0
 * @param boundary that no block shall cross (2.6.11: bytes of a pool page), or 0
 * @returns null for sizes that make no sense
 * @see LDD3 page 447
 */
export function dma_pool_create(
	k: Kernel,
	name: string,
	dev: device | null,
	size: number,
	align: number,
	boundary: number,
): dma_pool | null {
	const bitmap = k.era.dmaPoolKeeps === 'bitmap';
	const oneList = k.era.dmaPoolKeeps === 'one list';
	const geometry = oneList
		? blockGeometry(k, size, align, boundary)
		: (bitmap ? bitmapGeometry : freeListGeometry)(size, align, boundary);
	if (!geometry) return null;
	might_sleep(k, k.era.allocMightSleepAt);
	charge(k, COST.kmallocNs);
	const pool: dma_pool = {
		name: name.slice(0, NAME_BYTES - 1),
		dev,
		...geometry,
		blocks_per_page: Math.floor(geometry.allocation / geometry.size),
		page_list: [],
		bitmap,
		oneList,
		next_block: 0,
		nr_blocks: 0,
		nr_active: 0,
		out: new Map(),
	};
	dev?.dma_pools.unshift(pool);
	tracePool(k, 'dma_pool_create', pool);
	return pool;
}

/** Takes the pool apart. Blocks still in use are reported; their page leaks. May sleep. */
export function dma_pool_destroy(k: Kernel, pool: dma_pool | null): void {
	if (pool === null) return;
	might_sleep(k, k.era.mutexMightSleepAt);
	tracePool(k, 'dma_pool_destroy', pool);
	const pools = pool.dev?.dma_pools;
	if (pools) pools.splice(pools.indexOf(pool), 1);
	// Since 6.4 one block that is out keeps all pages.
	const isLost = pool.oneList && pool.nr_active !== 0;
	if (isLost) poolError(k, pool, `dma_pool_destroy ${pool.name} busy`);
	const pages = pool.page_list.splice(0);
	const lost = pages.filter(page => isLost || isBusy(pool, page));
	if (lost.length > 0) sayLost(k, pool, lost);
	for (const page of pages) {
		if (isLost) continue;
		if (isBusy(pool, page)) poolError(k, pool, `dma_pool_destroy ${pool.name}, ${formatPointer(page.vaddr)} busy`);
		else dma_free_coherent(k, pool.dev, pool.allocation, page.vaddr, page.dma);
	}
}

/** @param block bus address of a block that comes or goes */
function tracePool(k: Kernel, event: string, {name, dev}: dma_pool, block?: number): Within {
	const device = dev?.bus_id ?? 'NULL';
	const fields = () => `${device} ${name}${block === undefined ? '' : ` dma_addr=${block.toString(16)}`}`;
	return trace(k, event, fields, {device, pool: name});
}

const isBusy = (pool: dma_pool, page: dma_page) => (pool.bitmap ? page.free.includes(0) : page.in_use !== 0);

// ── blocks in RAM ──────────────────────────────────────────────────────────────────────────────────────────────────

const physicalOf = (address: number) => physicalAddress(address - PAGE_OFFSET);

/** The link in the first word of a free block; blocks need not be aligned to words. */
const readLink = (k: Kernel, address: number): number => readLinkAt(k, physicalOf(address));

function readLinkAt(k: Kernel, physical: PhysicalAddress): number {
	if ((physical & 3) === 0) return k.hw.ram.read32(physical);
	const bytes = k.hw.ram.read(physical, 4);
	return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
}

function writeLink(k: Kernel, address: number, offset: number): void {
	const physical = physicalOf(address);
	if (physical % 4 === 0) k.hw.ram.write32(physical, offset);
	else k.hw.ram.write(physical, Uint8Array.of(offset, offset >>> 8, offset >>> 16, offset >>> 24));
}

const fill = (k: Kernel, address: number, bytes: number, value: number) =>
	k.hw.ram.fill(physicalOf(address), bytes, value);

/** Threads the free list through a new page. */
function pool_initialise_page(k: Kernel, pool: dma_pool, page: dma_page): void {
	let offset = 0;
	let next_boundary = pool.boundary;
	do {
		let next = offset + pool.size;
		if (next + pool.size >= next_boundary) {
			next = next_boundary;
			next_boundary += pool.boundary;
		}
		writeLink(k, page.vaddr + offset, next);
		offset = next;
	} while (offset < pool.allocation);
}

function addPage(k: Kernel, pool: dma_pool, memory: CoherentMemory): dma_page {
	const page: dma_page = {
		vaddr: memory.cpu_addr,
		dma: memory.dma_handle,
		in_use: 0,
		offset: 0,
		free: new Uint8Array(pool.bitmap ? pool.blocks_per_page : 0).fill(1),
	};
	if (k.config.debug.slab) fill(k, page.vaddr, pool.allocation, POOL_POISON_FREED);
	if (pool.oneList) addBlocks(k, pool, page);
	else if (!pool.bitmap) pool_initialise_page(k, pool, page);
	pool.page_list.unshift(page);
	return page;
}

// ── allocating ─────────────────────────────────────────────────────────────────────────────────────────────────────

const hasFree = (pool: dma_pool, page: dma_page) =>
	pool.oneList ? pool.next_block !== 0 : pool.bitmap ? page.free.includes(1) : page.offset < pool.allocation;

function pageWithFree(pool: dma_pool): dma_page | undefined {
	for (const page of pool.page_list) if (hasFree(pool, page)) return page;
	return undefined;
}

/** Takes the first free block of a page that has one. */
function takeBlock(k: Kernel, pool: dma_pool, page: dma_page, gfp: gfp_t): PoolBlock {
	if (pool.oneList) return takeFromList(k, pool, gfp);
	let offset = page.offset;
	if (pool.bitmap) {
		const block = page.free.indexOf(1);
		page.free[block] = 0;
		offset = block * pool.size;
	} else page.offset = readLink(k, page.vaddr + offset);
	page.in_use++;
	return handOut(k, pool, {vaddr: logicalAddress(page.vaddr + offset), dma: busAddress(page.dma + offset)}, gfp);
}

/** Takes the first free block of a pool that has one; the page that it lies in is for an observer. */
function takeFromList(k: Kernel, pool: dma_pool, gfp: gfp_t): PoolBlock {
	const block = popBlock(k, pool)!;
	const page = pageAt(pool, block.dma);
	if (page) page.in_use++;
	return handOut(k, pool, block, gfp);
}

/** What a block goes through before its driver has it. */
function handOut(k: Kernel, pool: dma_pool, block: PoolBlock, gfp: gfp_t): PoolBlock {
	const {vaddr, dma} = block;
	const record = k.trace.on ? tracePool(k, 'dma_pool_alloc', pool, dma) : 'untraced';
	pool.out.set(vaddr, {dma, made: made(k, record)});
	if (k.config.debug.slab) {
		const header = pool.oneList ? blockHeaderBytes(k) : LINK_BYTES;
		if (k.era.dmaPoolChecksPoison) reportCorruption(k, pool, vaddr, header);
		if ((gfp & __GFP_ZERO) === 0) fill(k, vaddr, pool.size, POOL_POISON_ALLOCATED);
	}
	if ((gfp & __GFP_ZERO) !== 0) fill(k, vaddr, pool.size, 0);
	return block;
}

/**
 * dma_pool_alloc() where sleeping is forbidden, and its quick path.
 * @returns undefined when there is no free block and no memory for another page
 */
export function try_dma_pool_alloc(k: Kernel, pool: dma_pool, gfp: gfp_t): PoolBlock | undefined {
	charge(k, COST.poolBlockNs);
	const page = pageWithFree(pool) ?? tryNewPage(k, pool, gfp);
	return page && takeBlock(k, pool, page, gfp);
}

/** Who takes a pool's memory: pool_alloc_page() is part of it. */
const CALLERS = ['dma_pool_alloc'];

function tryNewPage(k: Kernel, pool: dma_pool, gfp: gfp_t): dma_page | undefined {
	const flags = k.era.dmaPoolWaitState === 'does not wait' ? gfp & ~__GFP_ZERO : GFP_ATOMIC;
	const memory = try_dma_alloc_coherent(k, pool.dev, pool.allocation, flags, CALLERS);
	return memory && addPage(k, pool, memory);
}

/**
 * A block for the device. Sleeps if `gfp` says so and memory is short.
 * @returns undefined when memory is out
 * @see LDD3 page 447
 */
export function* dma_pool_alloc(k: Kernel, pool: dma_pool, gfp: gfp_t): Sleeps<PoolBlock | undefined> {
	const maySleep = (gfp & __GFP_WAIT) !== 0;
	if (maySleep) might_sleep(k, k.era.allocMightSleepAt);
	for (;;) {
		const block = try_dma_pool_alloc(k, pool, gfp);
		if (block || !maySleep) return block;
		const state = k.era.dmaPoolWaitState;
		if (state === 'does not wait') {
			const memory = yield* dma_alloc_coherent(k, pool.dev, pool.allocation, gfp & ~__GFP_ZERO, CALLERS);
			return memory && takeBlock(k, pool, addPage(k, pool, memory), gfp);
		}
		k.cpu.current.state = state;
		k.cpu.current.waitingFor = `memory for pool ${pool.name}`;
		yield* schedule_timeout(k, POOL_TIMEOUT_NS);
	}
}

// ── freeing ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Gives a block back, for whoever asks next. Wrong addresses are told about; which of them, depends on the kernel's
 * debugging.
 * @param vaddr as dma_pool_alloc() gave it
 * @param dma as it gave it for the device
 */
export function dma_pool_free(k: Kernel, pool: dma_pool, vaddr: KernelVirtualAddress, dma: BusAddress): void {
	charge(k, COST.poolBlockNs);
	const page = pageAt(pool, dma);
	if (pool.oneList && !k.config.debug.slab) return giveToList(k, pool, page, vaddr, dma);
	if (!page) {
		const addresses = `${formatPointer(vaddr)}/${formatBusAddress(k, dma)}`;
		poolError(k, pool, `dma_pool_free ${pool.name}, ${addresses} (bad dma)`);
		return;
	}
	const block = Math.floor((dma - page.dma) / pool.size);
	const offset = vaddr - page.vaddr;
	if (k.config.debug.slab) {
		if (!pool.oneList && badVaddrIsCaught(k, pool, page, vaddr, dma)) return;
		const isFree = pool.oneList
			? isFreeBlock(k, pool, vaddr)
			: pool.bitmap
				? page.free[block] === 1
				: isInChain(k, pool, page, offset);
		if (isFree) return reportPoolDoubleFree(k, pool, dma);
		fill(k, vaddr, pool.size, POOL_POISON_FREED);
	}
	if (pool.oneList) return giveToList(k, pool, page, vaddr, dma);
	page.in_use--;
	pool.out.delete(vaddr);
	if (k.trace.on) tracePool(k, 'dma_pool_free', pool, dma);
	if (pool.bitmap) {
		page.free[block] = 1;
		return;
	}
	writeLink(k, vaddr, page.offset);
	page.offset = offset;
}

function giveToList(
	k: Kernel,
	pool: dma_pool,
	page: dma_page | undefined,
	vaddr: KernelVirtualAddress,
	dma: BusAddress,
): void {
	if (page) page.in_use--;
	pool.out.delete(vaddr);
	if (k.trace.on) tracePool(k, 'dma_pool_free', pool, dma);
	pushBlock(k, pool, vaddr, dma);
}

/** @see pool_find_page() */
function pageAt(pool: dma_pool, dma: BusAddress): dma_page | undefined {
	for (const page of pool.page_list) if (dma >= page.dma && dma < page.dma + pool.allocation) return page;
	return undefined;
}

/** Whether a block is in the free list of its page. A damaged list may run in a circle; Linux then never comes back. */
function isInChain(k: Kernel, pool: dma_pool, page: dma_page, offset: number): boolean {
	const start = physicalOf(page.vaddr);
	let left = pool.allocation;
	for (let at = page.offset; at < pool.allocation && left > 0; left--) {
		if (at === offset) return true;
		at = readLinkAt(k, physicalAddress(start + at));
	}
	return false;
}
