/**
 * Models mm/slab.c and mm/slub.c as their users see them: caches of equal objects cut from whole pages, kmalloc() above
 * them. Objects are real bytes of low memory; with CONFIG_DEBUG_SLAB they are poisoned and a wrong free is noticed.
 *
 * Not modelled: the per-CPU arrays of SLAB and per-CPU slabs of SLUB, colouring, red zones, constructors, the reaper;
 * free lists are kept beside the objects, not in them.
 */
import {type KernelLogicalAddress, logicalAddress, PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {BUG, BUG_ON} from '../bug.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {might_sleep} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {trace} from '../trace.ts';
import {__GFP_COMP, __GFP_DMA, __GFP_HIGHMEM, __GFP_WAIT, __GFP_ZERO, type gfp_t} from './gfp.ts';
import {showGfpFlags} from './gfpflags.ts';
import {
	__pa,
	clearPageFlag,
	compound_head,
	isLogical,
	lowmem_page_address,
	PageSlab,
	PG_slab,
	setPageFlag,
	virt_to_page,
} from './page.ts';
import {__free_pages, alloc_pages, try_alloc_pages} from './page_alloc.ts';
import {poisonObject, reportSlabDoubleFree, verifyPoison} from './slab_debug.ts';
import {shapeSlab} from './slab_shape.ts';

/** One run of pages cut into objects. */
type Slab = {
	readonly cache: kmem_cache;
	readonly page: Pfn;
	/** Address of object 0. */
	readonly start: KernelLogicalAddress;
	/** Free objects, the next one last. */
	readonly free: number[];
	readonly taken: Uint8Array;
	inuse: number;
};

export type kmem_cache = {
	readonly name: string;
	/** What users get. */
	readonly object_size: number;
	/** What an object takes. */
	readonly size: number;
	readonly order: number;
	readonly objectsPerSlab: number;
	/** Bytes before object 0, where SLAB keeps its own notes. */
	readonly firstOffset: number;
	readonly dma: boolean;
	/** Slabs with a free object, the one to take from last. */
	readonly partial: Slab[];
	/** Wholly free slabs kept at hand. */
	empties: number;
	slabs: number;
	active_objs: number;
	/** Ever, for rates. */
	allocs: number;
	frees: number;
};

export type SlabState = {
	readonly caches: kmem_cache[];
	readonly slabs: Map<Pfn, Slab>;
	/** kmalloc's caches by ascending size, and those of ZONE_DMA. */
	readonly sizes: kmem_cache[];
	readonly dmaSizes: kmem_cache[];
	/** Objects larger than any cache: first frame and how many pages. */
	readonly large: Map<Pfn, number>;
};

/** Wholly free slabs that a cache keeps. @see MIN_PARTIAL */
const MIN_PARTIAL = 5;

/** Sizes that kmalloc offers below the powers of two from 256 on. */
const SMALL_SIZES = [8, 16, 32, 64, 96, 128, 192] as const;

export function kmem_cache_init(k: Kernel): void {
	k.slab = {caches: [], slabs: new Map(), sizes: [], dmaSizes: [], large: new Map()};
	const {kmallocLeastBytes, kmallocCachesUpTo} = k.era;
	const sizes: number[] = SMALL_SIZES.filter(size => size >= kmallocLeastBytes);
	for (let size = 256; size <= kmallocCachesUpTo; size *= 2) sizes.push(size);
	for (const [size, dma] of inOrderOfCreation(k, sizes)) {
		const name = k.era.kmallocNames(size)[dma ? 1 : 0];
		(dma ? k.slab.dmaSizes : k.slab.sizes).push(createCache(k, name, size, size, dma));
	}
	for (const caches of [k.slab.sizes, k.slab.dmaSizes]) caches.sort((a, b) => a.object_size - b.object_size);
}

/** Sizes of the caches of kmalloc, and whether it is the one for DMA memory. */
function inOrderOfCreation(k: Kernel, sizes: readonly number[]): (readonly [size: number, dma: boolean])[] {
	const order = k.era.kmallocCacheOrder;
	if (order === 'size by size') return sizes.flatMap(size => [[size, false] as const, [size, true] as const]);
	// 96 and 192 have the indexes 1 and 2.
	const isOdd = (size: number) => (size & (size - 1)) !== 0;
	const byIndex = [...sizes.filter(isOdd), ...sizes.filter(size => !isOdd(size))];
	return [
		...(order === 'by index' ? byIndex : sizes).map(size => [size, false] as const),
		...(order === 'by size' ? sizes : byIndex).map(size => [size, true] as const),
	];
}

function createCache(k: Kernel, name: string, object_size: number, align: number, dma: boolean): kmem_cache {
	const cache: kmem_cache = {
		name,
		object_size,
		...shapeSlab(k, object_size, align),
		dma,
		partial: [],
		empties: 0,
		slabs: 0,
		active_objs: 0,
		allocs: 0,
		frees: 0,
	};
	k.slab.caches.push(cache);
	return cache;
}

/**
 * Creates a cache of objects of one size. LDD3 ch. 8.
 * @param align a power of two, or 0 for a word's
 */
export function kmem_cache_create(k: Kernel, name: string, sizeBytes: number, align: number): kmem_cache {
	if (k.slab.caches.some(cache => cache.name === name)) BUG(k, 'mm/slab.c');
	return createCache(k, name, sizeBytes, align === 0 ? 4 : align, false);
}

/** Destroys a cache whose objects have all been freed. @returns 0, or -1 after complaining */
export function kmem_cache_destroy(k: Kernel, cache: kmem_cache): number {
	if (cache.active_objs > 0) {
		printk(k, 3, k.era.cacheBusyLine(cache.name));
		return -1;
	}
	for (const slab of cache.partial.splice(0)) freeSlab(k, slab);
	k.slab.caches.splice(k.slab.caches.indexOf(cache), 1);
	return 0;
}

// ── slabs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const slabGfp = (cache: kmem_cache, gfp: gfp_t) => (gfp & ~__GFP_ZERO) | __GFP_COMP | (cache.dma ? __GFP_DMA : 0);

function addSlab(k: Kernel, cache: kmem_cache, page: Pfn): void {
	for (let i = 0; i < 1 << cache.order; i++) setPageFlag(k, (page + i) as Pfn, PG_slab);
	const slab: Slab = {
		cache,
		page,
		start: logicalAddress(lowmem_page_address(page) + cache.firstOffset),
		free: Array.from({length: cache.objectsPerSlab}, (_, i) => cache.objectsPerSlab - 1 - i),
		taken: new Uint8Array(cache.objectsPerSlab),
		inuse: 0,
	};
	if (k.config.debug.slab) for (let i = 0; i < cache.objectsPerSlab; i++) poisonObject(k, cache, objectAt(slab, i));
	k.slab.slabs.set(page, slab);
	cache.partial.push(slab);
	cache.slabs++;
	cache.empties++;
}

function freeSlab(k: Kernel, slab: Slab): void {
	const {cache, page} = slab;
	k.slab.slabs.delete(page);
	for (let i = 0; i < 1 << cache.order; i++) clearPageFlag(k, (page + i) as Pfn, PG_slab);
	cache.slabs--;
	cache.empties--;
	__free_pages(k, page, cache.order);
}

const objectAt = (slab: Slab, index: number) => logicalAddress(slab.start + index * slab.cache.size);

/** An object of a slab that has one. */
function takeObject(k: Kernel, cache: kmem_cache, gfp: gfp_t): KernelLogicalAddress {
	const slab = cache.partial.at(-1)!;
	const index = slab.free.pop()!;
	if (slab.inuse === 0) cache.empties--;
	slab.inuse++;
	slab.taken[index] = 1;
	if (slab.free.length === 0) cache.partial.pop();
	cache.active_objs++;
	cache.allocs++;
	charge(k, COST.kmallocNs);
	const address = objectAt(slab, index);
	if (k.config.debug.slab) verifyPoison(k, cache, address);
	if ((gfp & __GFP_ZERO) !== 0) k.hw.ram.fill(__pa(address), cache.object_size, 0);
	return address;
}

/** An object without sleeping. @returns undefined when memory is out */
export function try_kmem_cache_alloc(k: Kernel, cache: kmem_cache, gfp: gfp_t): KernelLogicalAddress | undefined {
	BUG_ON(k, (gfp & __GFP_HIGHMEM) !== 0, 'mm/slab.c');
	if (cache.partial.length === 0) {
		const page = try_alloc_pages(k, slabGfp(cache, gfp), cache.order);
		if (page === undefined) return undefined;
		addSlab(k, cache, page);
	}
	return takeObject(k, cache, gfp);
}

/** An object; may sleep with __GFP_WAIT. @returns undefined when memory is out */
export function* kmem_cache_alloc(k: Kernel, cache: kmem_cache, gfp: gfp_t): Sleeps<KernelLogicalAddress | undefined> {
	if ((gfp & __GFP_WAIT) !== 0) might_sleep(k, k.era.allocMightSleepAt);
	const quick = try_kmem_cache_alloc(k, cache, gfp);
	if (quick !== undefined || (gfp & __GFP_WAIT) === 0) return quick;
	const page = yield* alloc_pages(k, slabGfp(cache, gfp), cache.order);
	if (page === undefined) return undefined;
	addSlab(k, cache, page);
	return takeObject(k, cache, gfp);
}

/** Gives an object back. */
export function kmem_cache_free(k: Kernel, cache: kmem_cache, address: KernelLogicalAddress): void {
	const slab = k.slab.slabs.get(compound_head(k, virt_to_page(address)));
	if (!slab || slab.cache !== cache) BUG(k, 'mm/slab.c');
	const index = Math.floor((address - slab.start) / cache.size);
	// Without debugging a second free goes unseen: the object will be handed out twice.
	if (slab.taken[index] === 0 && k.config.debug.slab) {
		reportSlabDoubleFree(k, cache, address);
		return;
	}
	if (k.config.debug.slab) poisonObject(k, cache, objectAt(slab, index));
	if (slab.free.length === 0) cache.partial.push(slab);
	slab.free.push(index);
	slab.taken[index] = 0;
	slab.inuse--;
	cache.active_objs--;
	cache.frees++;
	charge(k, COST.kmallocNs);
	if (slab.inuse > 0) return;
	cache.empties++;
	if (cache.empties <= MIN_PARTIAL) return;
	cache.partial.splice(cache.partial.indexOf(slab), 1);
	freeSlab(k, slab);
}

// ── kmalloc ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The cache that serves a size, or undefined for one beyond all caches. */
function kmallocCache(k: Kernel, sizeBytes: number, gfp: gfp_t): kmem_cache | undefined {
	const caches = (gfp & __GFP_DMA) !== 0 ? k.slab.dmaSizes : k.slab.sizes;
	return caches.find(cache => cache.object_size >= sizeBytes);
}

function largeOrder(sizeBytes: number) {
	let order = 0;
	while (PAGE_SIZE << order < sizeBytes) order++;
	return order;
}

/** What kmalloc(0) gives where the era has it: an address that faults. */
const ZERO_SIZE_PTR = logicalAddress(16);

function traceKmalloc(k: Kernel, address: KernelLogicalAddress, sizeBytes: number, gfp: gfp_t): void {
	const allocated = ksize(k, address);
	trace(k, 'kmalloc', () => {
		const ptr = address.toString(16);
		return `ptr=${ptr} bytes_req=${sizeBytes} bytes_alloc=${allocated} gfp_flags=${showGfpFlags(gfp)}`;
	});
}

function asLarge(k: Kernel, page: Pfn | undefined, order: number): KernelLogicalAddress | undefined {
	if (page === undefined) return undefined;
	k.slab.large.set(page, 1 << order);
	return lowmem_page_address(page);
}

/**
 * Memory of low memory, contiguous, without sleeping.
 * @returns undefined when there is none, or for a size that no kernel has
 */
export function try_kmalloc(k: Kernel, sizeBytes: number, gfp: gfp_t): KernelLogicalAddress | undefined {
	if (sizeBytes === 0 && k.era.kmallocOfNothing === 'ZERO_SIZE_PTR') return ZERO_SIZE_PTR;
	const cache = kmallocCache(k, sizeBytes, gfp);
	let address: KernelLogicalAddress | undefined;
	if (cache) address = try_kmem_cache_alloc(k, cache, gfp);
	else if (k.era.kmallocBeyondCaches) {
		const order = largeOrder(sizeBytes);
		address = asLarge(k, try_alloc_pages(k, gfp | __GFP_COMP, order), order);
	}
	if (address !== undefined && k.trace.on) traceKmalloc(k, address, sizeBytes, gfp);
	return address;
}

/** As try_kmalloc; may sleep with __GFP_WAIT. LDD3 ch. 8. */
export function* kmalloc(k: Kernel, sizeBytes: number, gfp: gfp_t): Sleeps<KernelLogicalAddress | undefined> {
	if ((gfp & __GFP_WAIT) !== 0) might_sleep(k, k.era.allocMightSleepAt);
	const quick = try_kmalloc(k, sizeBytes, gfp);
	if (quick !== undefined || (gfp & __GFP_WAIT) === 0) return quick;
	const cache = kmallocCache(k, sizeBytes, gfp);
	if (cache) return yield* kmem_cache_alloc(k, cache, gfp);
	if (!k.era.kmallocBeyondCaches) return undefined;
	const order = largeOrder(sizeBytes);
	return asLarge(k, yield* alloc_pages(k, gfp | __GFP_COMP, order), order);
}

export const try_kzalloc = (k: Kernel, sizeBytes: number, gfp: gfp_t) => try_kmalloc(k, sizeBytes, gfp | __GFP_ZERO);
export const kzalloc = (k: Kernel, sizeBytes: number, gfp: gfp_t) => kmalloc(k, sizeBytes, gfp | __GFP_ZERO);

/** Frees what kmalloc() gave; nothing happens for NULL. */
export function kfree(k: Kernel, address: KernelLogicalAddress | undefined): void {
	if (address === undefined || address === 0 || address === ZERO_SIZE_PTR) return;
	if (!isLogical(k, address)) BUG(k, 'mm/slab.c');
	if (k.trace.on) trace(k, 'kfree', () => `ptr=${(address as number).toString(16)}`);
	const page = compound_head(k, virt_to_page(address));
	const slab = PageSlab(k, page) ? k.slab.slabs.get(page) : undefined;
	if (slab) {
		kmem_cache_free(k, slab.cache, address);
		return;
	}
	const pages = k.slab.large.get(page);
	if (pages === undefined) BUG(k, k.era.slabAllocator === 'SLAB' ? 'mm/slab.c' : 'mm/slub.c');
	k.slab.large.delete(page);
	__free_pages(k, page, largeOrder(pages * PAGE_SIZE));
}

/** Bytes that an object really has. */
export function ksize(k: Kernel, address: KernelLogicalAddress): number {
	if (address === ZERO_SIZE_PTR) return 0;
	const page = compound_head(k, virt_to_page(address));
	const slab = k.slab.slabs.get(page);
	return slab ? slab.cache.object_size : (k.slab.large.get(page) ?? 0) * PAGE_SIZE;
}

// ── what /proc/slabinfo shows ──────────────────────────────────────────────────────────────────────────────────────

type SlabInfo = {
	readonly name: string;
	readonly active_objs: number;
	readonly num_objs: number;
	readonly objsize: number;
	readonly objperslab: number;
	readonly pagesperslab: number;
	readonly active_slabs: number;
	readonly num_slabs: number;
};

export const slabInfo = (k: Kernel): SlabInfo[] =>
	k.slab.caches.map(cache => ({
		name: cache.name,
		active_objs: cache.active_objs,
		num_objs: cache.slabs * cache.objectsPerSlab,
		objsize: cache.size,
		objperslab: cache.objectsPerSlab,
		pagesperslab: 1 << cache.order,
		active_slabs: cache.slabs - cache.empties,
		num_slabs: cache.slabs,
	}));
