/**
 * Models lib/swiotlb.c (2.6.32, 3.2) and kernel/dma/swiotlb.c (5.10, 6.1): bounce buffers for what a device cannot
 * reach. The pool is cut into slots of 2 KiB, in segments of 128: one mapping takes neighbouring slots of one segment.
 *
 *   list[i]  slots free from i to the end of its segment, in one run; 0 where slot i is taken
 *   orig[i]  where the driver's bytes of slot i are
 *
 * On i386 it came by itself only with PAE, late; a lab can switch it on in every era. Boot memory sets
 * the pool aside (`mm/bootmem.ts`).
 * Not modelled: per-CPU areas (6.0), growing (6.6), DMA_ATTR_* beyond skipping the copy.
 */
import {
	type BusAddress,
	busAddress,
	get_order,
	PAGE_SIZE,
	type Pfn,
	type PhysicalAddress,
	physicalAddress,
} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import type {device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {__GFP_DMA, GFP_KERNEL} from '../mm/gfp.ts';
import {setPageUse} from '../mm/page.ts';
import {try_alloc_pages} from '../mm/page_alloc.ts';
import {printk} from '../printk.ts';
import {deviceReads, deviceWrites, type dma_data_direction} from './direction.ts';

const IO_TLB_SHIFT = 11;
export const IO_TLB_SIZE = 1 << IO_TLB_SHIFT;
export const IO_TLB_SEGSIZE = 128;
/** The overflow buffer of old kernels. */
export const IO_TLB_OVERFLOW_BYTES = 32 << 10;

/** One mapping's run of slots. */
type BounceSlots = {
	readonly index: number;
	readonly slots: number;
	readonly dev: device;
	readonly original: PhysicalAddress;
	readonly sizeBytes: number;
	readonly direction: dma_data_direction;
};

export type SwiotlbState = {
	readonly force: boolean;
	readonly start: PhysicalAddress;
	readonly slots: number;
	readonly list: Uint16Array;
	readonly orig: Float64Array;
	/** Where the next search begins. */
	index: number;
	used: number;
	/** Most slots ever in use, and copies made, for whoever looks. */
	usedHigh: number;
	bytesCopied: number;
	readonly taken: Map<number, BounceSlots>;
	/** Where mappings that found no slots lead, in kernels that have no error to return: 32 KiB of nobody's data. */
	readonly overflow: BusAddress | undefined;
};

/** Takes the pool that boot set aside. @returns undefined on a machine without one */
export function swiotlb_init(k: Kernel): SwiotlbState | undefined {
	const pool = k.layout.bouncePool;
	if (pool === undefined) {
		if (k.config.swiotlb !== 'off') printk(k, 3, 'software IO TLB: Cannot allocate buffer');
		return undefined;
	}
	const first = pool.start as Pfn;
	const bytes = (pool.end - pool.start) * PAGE_SIZE;
	for (let i = 0; i < bytes / PAGE_SIZE; i++) setPageUse(k, (first + i) as Pfn, 'bounce');
	const slots = bytes / IO_TLB_SIZE;
	const start = physicalAddress(first * PAGE_SIZE);
	const list = Uint16Array.from({length: slots}, (_, i) => IO_TLB_SEGSIZE - (i % IO_TLB_SEGSIZE));
	printk(k, 6, k.era.swiotlbBootLine(start, bytes));
	return {
		force: k.config.swiotlb === 'force',
		start,
		slots,
		list,
		orig: new Float64Array(slots).fill(-1),
		index: 0,
		used: 0,
		usedHigh: 0,
		bytesCopied: 0,
		taken: new Map(),
		overflow: k.era.swiotlbOverflowBuffer ? overflowBuffer(k) : undefined,
	};
}

function overflowBuffer(k: Kernel): BusAddress | undefined {
	const page = try_alloc_pages(k, GFP_KERNEL | __GFP_DMA, get_order(IO_TLB_OVERFLOW_BYTES));
	return page === undefined ? undefined : busAddress(page * PAGE_SIZE);
}

/** Whether a physical address lies in the pool. */
export const is_swiotlb_buffer = (pool: SwiotlbState, address: number): boolean =>
	address >= pool.start && address < pool.start + pool.slots * IO_TLB_SIZE;

/** Longest mapping that can bounce: one segment. */
export const swiotlb_max_mapping_size = IO_TLB_SIZE * IO_TLB_SEGSIZE;

// ── slots ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** First slot of a free run of `wanted`, from where the last search ended. @returns -1 when there is none */
function findSlots(pool: SwiotlbState, wanted: number, stride: number): number {
	let index = Math.ceil(pool.index / stride) * stride;
	if (index >= pool.slots) index = 0;
	const wrap = index;
	do {
		if (pool.list[index]! >= wanted) return index;
		index += stride;
		if (index >= pool.slots) index = 0;
	} while (index !== wrap);
	return -1;
}

const isFirstOfSegment = (index: number) => index % IO_TLB_SEGSIZE === 0;

function takeSlots(pool: SwiotlbState, index: number, count: number): void {
	pool.list.fill(0, index, index + count);
	let run = 0;
	for (let i = index - 1; !isFirstOfSegment(i + 1) && pool.list[i] !== 0; i--) pool.list[i] = ++run;
	pool.index = index + count < pool.slots ? index + count : 0;
	pool.used += count;
	pool.usedHigh = Math.max(pool.usedHigh, pool.used);
}

function giveSlots(pool: SwiotlbState, index: number, count: number): void {
	let run = isFirstOfSegment(index + count) ? 0 : pool.list[index + count]!;
	for (let i = index + count - 1; i >= index; i--) {
		pool.list[i] = ++run;
		pool.orig[i] = -1;
	}
	for (let i = index - 1; !isFirstOfSegment(i + 1) && pool.list[i] !== 0; i--) pool.list[i] = ++run;
	pool.used -= count;
}

// ── copying ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Copies a range of a bounced mapping; `at` may be anywhere in it. */
function swiotlb_bounce(
	k: Kernel,
	pool: SwiotlbState,
	at: PhysicalAddress,
	sizeBytes: number,
	toBounce: boolean,
): void {
	const offset = at - pool.start;
	const slotOrigin = pool.orig[Math.floor(offset / IO_TLB_SIZE)]!;
	if (slotOrigin < 0) return;
	const original = physicalAddress(slotOrigin + (offset % IO_TLB_SIZE));
	const [from, to] = toBounce ? [original, at] : [at, original];
	k.hw.ram.write(to, k.hw.ram.read(from, sizeBytes));
	charge(k, sizeBytes * COST.copyByteNs);
	pool.bytesCopied += sizeBytes;
}

// ── mappings ───────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Gives a buffer a place in the pool and copies its bytes there.
 * @returns the bus address of the place, or undefined when no run of slots is free
 */
export function swiotlb_tbl_map_single(
	k: Kernel,
	pool: SwiotlbState,
	dev: device,
	original: PhysicalAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	skipCpuSync: boolean,
): BusAddress | undefined {
	const count = Math.max(1, Math.ceil(sizeBytes / IO_TLB_SIZE));
	const stride = sizeBytes >= k.era.swiotlbPageAlignedFromBytes ? PAGE_SIZE / IO_TLB_SIZE : 1;
	const index = count > IO_TLB_SEGSIZE ? -1 : findSlots(pool, count, stride);
	if (index < 0) return undefined;
	takeSlots(pool, index, count);
	for (let i = 0; i < count; i++) pool.orig[index + i] = original + i * IO_TLB_SIZE;
	pool.taken.set(index, {index, slots: count, dev, original, sizeBytes, direction});
	const place = physicalAddress(pool.start + index * IO_TLB_SIZE);
	if (!skipCpuSync && (deviceReads(direction) || k.era.swiotlbMapCopiesAlways))
		swiotlb_bounce(k, pool, place, sizeBytes, true);
	return busAddress(place);
}

/** Copies back what the device wrote, and frees the slots. */
export function swiotlb_tbl_unmap_single(
	k: Kernel,
	pool: SwiotlbState,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	skipCpuSync: boolean,
): void {
	if (!skipCpuSync && deviceWrites(direction)) swiotlb_bounce(k, pool, physicalAddress(address), sizeBytes, false);
	const index = Math.floor((address - pool.start) / IO_TLB_SIZE);
	const known = pool.taken.get(index);
	// Linux up to 5.10 trusts the size that the driver says; since then the pool remembers it.
	const count = k.era.swiotlbRemembersSize && known ? known.slots : Math.max(1, Math.ceil(sizeBytes / IO_TLB_SIZE));
	pool.taken.delete(index);
	giveSlots(pool, index, count);
}

/** The CPU is about to look: bytes that the device wrote are copied back. */
export function swiotlb_sync_single_for_cpu(
	k: Kernel,
	pool: SwiotlbState,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): void {
	if (deviceWrites(direction)) swiotlb_bounce(k, pool, physicalAddress(address), sizeBytes, false);
}

/** The device is about to look: bytes that the CPU wrote are copied to the pool. */
export function swiotlb_sync_single_for_device(
	k: Kernel,
	pool: SwiotlbState,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): void {
	if (deviceReads(direction)) swiotlb_bounce(k, pool, physicalAddress(address), sizeBytes, true);
}

/** The mapping whose slots hold a frame of the pool, for the page/<pfn> file. */
export function bounceSlotsOfFrame(pool: SwiotlbState, frame: Pfn): BounceSlots[] {
	const first = (frame * PAGE_SIZE - pool.start) / IO_TLB_SIZE;
	return [...pool.taken.values()].filter(each => each.index <= first + 1 && each.index + each.slots > first);
}
