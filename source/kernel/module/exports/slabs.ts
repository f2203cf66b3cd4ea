/**
 * linux/slab.h and mempool.h: caches of a driver's own, and reserves. C knows a cache and a pool by an address where
 * nothing of interest is.
 *
 * Not modelled: an object is constructed when it is first handed out, not with its whole slab; destructors.
 */
import {get_order, kernelAddress, logicalAddress, PAGE_SIZE} from '../../../hardware/address.ts';
import type {Kernel} from '../../kernel.ts';
import {kmemset, oops} from '../../mm/access.ts';
import {__GFP_NOWARN, __GFP_WAIT, __GFP_ZERO, GFP_KERNEL} from '../../mm/gfp.ts';
import {compound_head, isLogical, virt_to_page} from '../../mm/page.ts';
import {__get_free_pages, free_pages} from '../../mm/page_alloc.ts';
import {
	kfree,
	kmalloc,
	type kmem_cache,
	kmem_cache_alloc,
	kmem_cache_create,
	kmem_cache_destroy,
	kmem_cache_free,
	ksize,
	try_kzalloc,
} from '../../mm/slab.ts';
import {vfree, vmalloc} from '../../mm/vmalloc.ts';
import type {Sleeps} from '../../time.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../../wait.ts';
import {callC} from '../callC.ts';
import {ownPages} from '../containment.ts';
import {besides, type Gate} from '../state.ts';
import {readKernel, textAtAddress, writeKernel} from '../text.ts';
import {gate} from './gate.ts';

/** What a cache or pool takes itself. */
const HANDLE_BYTES = 64;

type Cache = {readonly cache: kmem_cache; readonly constructor: number; readonly built: WeakMap<object, Set<number>>};

const cachesOf = (k: Kernel) => besides<Cache>(k, 'kmem_cache');

/** The cache that C names. What is none makes Linux follow a pointer into nowhere. */
const cacheAt = (k: Kernel, address: number): Cache => cachesOf(k).get(address) ?? oops(k, address, false, false);

/** Whether an object has not been handed out since its slab was made. */
function isRaw(k: Kernel, {built}: Cache, object: number): boolean {
	// Freed objects are filled with poison: they are built again. @see mm/slab.c cache_alloc_debugcheck_after()
	if (k.config.debug.slab) return true;
	const slab = k.slab.slabs.get(compound_head(k, virt_to_page(logicalAddress(object))))!;
	const known = built.get(slab) ?? new Set<number>();
	built.set(slab, known);
	const isNew = !known.has(object);
	known.add(object);
	return isNew;
}

function create(k: Kernel, name: number, size: number, align: number, ctor: number): number {
	const at = try_kzalloc(k, HANDLE_BYTES, GFP_KERNEL);
	if (at === undefined) return 0;
	const cache = kmem_cache_create(k, textAtAddress(k, name), size, align);
	cachesOf(k).set(at, {cache, constructor: ctor, built: new WeakMap()});
	return at;
}

/** 2.6.11 gives a constructor the cache and flags as well. */
const SLAB_CTOR_CONSTRUCTOR = 1;

function* allocate(k: Kernel, handle: number, gfp: number): Sleeps<number> {
	const known = cacheAt(k, handle);
	const object = yield* kmem_cache_alloc(k, known.cache, gfp | 0);
	if (object === undefined) return 0;
	if (known.constructor !== 0 && isRaw(k, known, object))
		yield* callC(k, known.constructor, [object, handle, SLAB_CTOR_CONSTRUCTOR]);
	return object;
}

const free = (k: Kernel, handle: number, object: number) =>
	kmem_cache_free(k, cacheAt(k, handle).cache, logicalAddress(object));

function destroy(k: Kernel, handle: number): number {
	const result = kmem_cache_destroy(k, cacheAt(k, handle).cache);
	if (result === 0) {
		cachesOf(k).delete(handle);
		kfree(k, logicalAddress(handle));
	}
	return result;
}

// ── mempools ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Pool = {
	least: number;
	readonly alloc: number;
	readonly free: number;
	readonly data: number;
	readonly elements: number[];
	readonly wait: wait_queue_head;
};

const poolsOf = (k: Kernel) => besides<Pool>(k, 'mempool');
const poolAt = (k: Kernel, address: number): Pool => poolsOf(k).get(address) ?? oops(k, address, false, false);

/** Fills a reserve up. @returns whether there was memory for all */
function* fill(k: Kernel, pool: Pool): Sleeps<boolean> {
	while (pool.elements.length < pool.least) {
		const element = (yield* callC(k, pool.alloc, [GFP_KERNEL, pool.data])) >>> 0;
		if (element === 0) return false;
		pool.elements.push(element);
	}
	return true;
}

function* drain(k: Kernel, pool: Pool, left: number): Sleeps<void> {
	while (pool.elements.length > left) yield* callC(k, pool.free, [pool.elements.pop()!, pool.data]);
}

function* mempool_create(k: Kernel, least: number, alloc: number, release: number, data: number): Sleeps<number> {
	const at = try_kzalloc(k, HANDLE_BYTES, GFP_KERNEL);
	if (at === undefined) return 0;
	const pool: Pool = {least, alloc, free: release, data, elements: [], wait: wait_queue_head('a mempool')};
	if (yield* fill(k, pool)) {
		poolsOf(k).set(at, pool);
		return at;
	}
	yield* drain(k, pool, 0);
	kfree(k, at);
	return 0;
}

/** Memory first, then the reserve; who may sleep waits until an element comes back. */
function* mempool_alloc(k: Kernel, address: number, gfp: number): Sleeps<number> {
	const pool = poolAt(k, address);
	for (;;) {
		const element = (yield* callC(k, pool.alloc, [(gfp | __GFP_NOWARN) & ~__GFP_WAIT, pool.data])) >>> 0;
		if (element !== 0) return element;
		const kept = pool.elements.pop();
		if (kept !== undefined) return kept;
		if ((gfp & __GFP_WAIT) === 0) return 0;
		yield* wait_event(k, pool.wait, () => pool.elements.length > 0);
	}
}

function* mempool_free(k: Kernel, element: number, address: number): Sleeps<void> {
	if (element === 0) return;
	const pool = poolAt(k, address);
	if (pool.elements.length >= pool.least) {
		yield* callC(k, pool.free, [element, pool.data]);
		return;
	}
	pool.elements.push(element);
	wake_up_all(k, pool.wait);
}

function* mempool_destroy(k: Kernel, address: number): Sleeps<void> {
	yield* drain(k, poolAt(k, address), 0);
	poolsOf(k).delete(address);
	kfree(k, logicalAddress(address));
}

function* mempool_resize(k: Kernel, address: number, least: number): Sleeps<number> {
	const pool = poolAt(k, address);
	pool.least = least;
	yield* drain(k, pool, least);
	yield* fill(k, pool);
	return 0;
}

// ── memory of any kind ─────────────────────────────────────────────────────────────────────────────────────────────

/** Another size for an object, which may move. @returns 0 where there is no memory: the object stays */
function* krealloc(k: Kernel, object: number, size: number, gfp: number): Sleeps<number> {
	if (size === 0) {
		if (object !== 0) kfree(k, logicalAddress(object));
		return 16;
	}
	const had = object === 0 ? 0 : ksize(k, logicalAddress(object));
	if (had >= size) return object;
	const moved = yield* kmalloc(k, size, gfp | 0);
	if (moved === undefined) return 0;
	writeKernel(k, moved, readKernel(k, object, had));
	if (object !== 0) kfree(k, logicalAddress(object));
	return moved;
}

/** From the slabs as long as that is one page, and from vmalloc where that fails. */
function* kvmalloc(k: Kernel, size: number, gfp: number): Sleeps<number> {
	const object = yield* kmalloc(k, size, size > PAGE_SIZE ? gfp | __GFP_NOWARN : gfp | 0);
	if (object !== undefined || size <= PAGE_SIZE) return object ?? 0;
	const area = yield* vmalloc(k, size, 'kvmalloc');
	if (area !== undefined && (gfp & __GFP_ZERO) !== 0) kmemset(k, area, 0, size);
	return area ?? 0;
}

function kvfree(k: Kernel, address: number): void {
	if (address === 0) return;
	if (isLogical(k, logicalAddress(address))) kfree(k, logicalAddress(address));
	else vfree(k, kernelAddress(address));
}

export const slabExports: readonly Gate[] = [
	gate('_mmtop_kmem_cache_create', (k, name, size, align, _flags, ctor) => create(k, name, size, align, ctor)),
	gate('kmem_cache_create', (k, name, size, align, _flags, ctor) => create(k, name, size, align, ctor)),
	gate('kmem_cache_alloc', allocate),
	gate('kmem_cache_free', free),
	gate('kmem_cache_destroy', destroy),
	gate('mempool_create', mempool_create),
	gate('mempool_alloc', mempool_alloc),
	gate('mempool_free', mempool_free),
	gate('mempool_destroy', mempool_destroy),
	gate('mempool_resize', mempool_resize),
	gate('mempool_alloc_slab', (k, gfp, cache) => allocate(k, cache, gfp)),
	gate('mempool_free_slab', (k, element, cache) => free(k, cache, element)),
	gate('mempool_kmalloc', function* (k, gfp, size) {
		return (yield* kmalloc(k, size, gfp | 0)) ?? 0;
	}),
	gate('mempool_kfree', (k, element) => kfree(k, logicalAddress(element))),
	gate('krealloc', krealloc),
	gate('kvmalloc', kvmalloc),
	gate('kvfree', kvfree),
	gate('alloc_pages_exact', function* (k, size, gfp) {
		const order = get_order(size);
		const pages = yield* __get_free_pages(k, gfp | 0, order);
		if (pages === undefined) return 0;
		ownPages(k, virt_to_page(pages), order);
		return pages;
	}),
	gate('free_pages_exact', (k, address, size) => {
		if (address !== 0) free_pages(k, logicalAddress(address), get_order(size));
	}),
];
