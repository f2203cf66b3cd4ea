/**
 * Models mm/filemap.c (2.6.11 and later): the page cache. Pages of a file lie in its address_space by index; each holds
 * one reference of the cache's own.
 *
 * Lookup, insertion and removal take no time of their own, so nothing can come between: tree_lock is left out.
 *
 * Not modelled: the radix tree (here a Map) and its tags, swap entries in mappings, huge pages.
 */
import {PAGE_SHIFT, type Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EEXIST, EIO, ENOMEM, IS_ERR} from '../errno.ts';
import {blk_unplug} from '../fs/block.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {trace} from '../trace.ts';
import {oneFrame} from '../trace_touch.ts';
import type {wait_queue_head} from '../wait.ts';
import {__GFP_COLD, GFP_HIGHUSER, type gfp_t} from './gfp.ts';
import type {address_space} from './mm_types.ts';
import {
	clearPageFlag,
	get_page,
	PageDirty,
	PageUptodate,
	PG_mappedtodisk,
	PG_swapbacked,
	PG_uptodate,
	page_mapping,
	setPageFlag,
	setPageMapping,
	testPageFlag,
} from './page.ts';
import {alloc_pages, put_page} from './page_alloc.ts';
import {lock_page, trylock_page, unlock_page, wait_on_page_locked} from './page_lock.ts';
import {cancel_dirty_page} from './page-writeback.ts';
import {lru_cache_add} from './vmscan.ts';

export type FilemapState = {
	nextMapping: number;
	/** Pages in the cache, shmem's included, as meminfo counts them; then those of shmem. */
	nr_file_pages: number;
	nr_shmem: number;
	/** Pages of files that differ from the disk, and those on their way there. */
	nr_dirty: number;
	nr_writeback: number;
	/** Who waits for a bit of a frame. */
	readonly waiters: Map<Pfn, wait_queue_head>;
	/** Mappings with dirty pages, and since when (virtual ns). */
	readonly dirtyMappings: Map<address_space, number>;
	/** Counted since boot: pages found in the cache, and not. */
	hits: number;
	misses: number;
};

export function filemap_init(k: Kernel): void {
	k.filemap = {
		nextMapping: 1,
		nr_file_pages: 0,
		nr_shmem: 0,
		nr_dirty: 0,
		nr_writeback: 0,
		waiters: new Map(),
		dirtyMappings: new Map(),
		hits: 0,
		misses: 0,
	};
}

/** An errno in the place of a frame; ask IS_ERR(). */
export const ERR_PTR = (error: number): Pfn => error as Pfn;

function describe(k: Kernel, mapping: address_space, frame: Pfn, index: number): string {
	const {s_dev, i_ino} = mapping.host;
	const order = k.era.filemapEventsPrintOrder ? ' order=0' : '';
	const pfn = `0x${frame.toString(16)}`;
	return (
		`dev ${s_dev.major}:${s_dev.minor} ino ${i_ino.toString(16)} pfn=${pfn} ` + `ofs=${index * 2 ** PAGE_SHIFT}${order}`
	);
}

/**
 * Puts a frame into the cache, locked, with a reference for the cache, and on no LRU list.
 * @returns 0, or -EEXIST when page `index` is there already
 */
function add_to_page_cache(k: Kernel, frame: Pfn, mapping: address_space, index: number): number {
	if (mapping.pages.has(index)) return -EEXIST;
	if (!trylock_page(k, frame)) throw new Error(`frame ${frame} enters the page cache locked by somebody else`);
	get_page(k, frame);
	mapping.pages.set(index, frame);
	setPageMapping(k, frame, mapping);
	k.mem_map.index[frame] = index;
	k.filemap.nr_file_pages++;
	if (testPageFlag(k, frame, PG_swapbacked)) k.filemap.nr_shmem++;
	charge(k, COST.pageCacheNs);
	trace(k, 'mm_filemap_add_to_page_cache', () => describe(k, mapping, frame, index), {frames: oneFrame(frame)});
	return 0;
}

/** As add_to_page_cache, and onto the LRU list. */
export function add_to_page_cache_lru(k: Kernel, frame: Pfn, mapping: address_space, index: number): number {
	const error = add_to_page_cache(k, frame, mapping, index);
	if (error === 0) lru_cache_add(k, frame);
	return error;
}

/** Takes a locked frame out of the cache. The cache's reference is the caller's to drop, as in Linux. */
export function remove_from_page_cache(k: Kernel, frame: Pfn): void {
	const mapping = page_mapping(k, frame);
	if (!mapping) throw new Error(`frame ${frame} leaves a page cache that it is not in`);
	const index = k.mem_map.index[frame]!;
	trace(k, 'mm_filemap_delete_from_page_cache', () => describe(k, mapping, frame, index), {frames: oneFrame(frame)});
	if (PageDirty(k, frame)) cancel_dirty_page(k, frame);
	mapping.pages.delete(index);
	setPageMapping(k, frame, undefined);
	clearPageFlag(k, frame, PG_mappedtodisk);
	k.filemap.nr_file_pages--;
	if (testPageFlag(k, frame, PG_swapbacked)) k.filemap.nr_shmem--;
	charge(k, COST.pageCacheNs);
}

/** Takes a locked frame out of the cache and drops the cache's reference (2.6.39's name for both steps). */
export function delete_from_page_cache(k: Kernel, frame: Pfn): void {
	remove_from_page_cache(k, frame);
	put_page(k, frame);
}

/** @returns the frame of page `index` with a reference taken, up to date or not, or undefined when it is not cached */
export function find_get_page(k: Kernel, mapping: address_space, index: number): Pfn | undefined {
	const frame = mapping.pages.get(index);
	charge(k, COST.pageCacheNs);
	if (frame !== undefined) get_page(k, frame);
	return frame;
}

/** As find_get_page, and locked; may sleep. */
function* find_lock_page(k: Kernel, mapping: address_space, index: number): Sleeps<Pfn | undefined> {
	for (;;) {
		const frame = find_get_page(k, mapping, index);
		if (frame === undefined) return undefined;
		yield* lock_page(k, frame);
		if (mapping.pages.get(index) === frame) return frame;
		// Truncated while we waited.
		unlock_page(k, frame);
		put_page(k, frame);
	}
}

/** The frame of page `index`, locked, with a reference; a new one is not up to date. @returns ERR_PTR(-ENOMEM) */
export function* find_or_create_page(k: Kernel, mapping: address_space, index: number, gfp: gfp_t): Sleeps<Pfn> {
	for (;;) {
		const found = yield* find_lock_page(k, mapping, index);
		if (found !== undefined) return found;
		const fresh = yield* alloc_pages(k, gfp, 0);
		if (fresh === undefined) return ERR_PTR(-ENOMEM);
		if (add_to_page_cache_lru(k, fresh, mapping, index) === 0) return fresh;
		// Somebody else was faster.
		put_page(k, fresh);
	}
}

/** find_or_create_page with memory that a file's pages come from. */
export const grab_cache_page = (k: Kernel, mapping: address_space, index: number): Sleeps<Pfn> =>
	find_or_create_page(k, mapping, index, GFP_HIGHUSER);

/**
 * Page `index` of a file, up to date, with a reference; reads it if need be and sleeps until that has ended.
 * @returns ERR_PTR of -ENOMEM or -EIO
 */
export function* read_cache_page(k: Kernel, mapping: address_space, index: number): Sleeps<Pfn> {
	const cached = find_get_page(k, mapping, index);
	if (cached !== undefined && PageUptodate(k, cached)) return cached;
	if (cached !== undefined) put_page(k, cached);
	const frame = yield* find_or_create_page(k, mapping, index, GFP_HIGHUSER | __GFP_COLD);
	if (IS_ERR(frame)) return frame;
	const error = yield* bringUpToDate(k, mapping, index, frame);
	if (error === 0) return frame;
	put_page(k, frame);
	return ERR_PTR(error);
}

/** Reads a locked frame of the cache unless it is up to date, and unlocks it. @returns 0 or -errno */
export function* bringUpToDate(k: Kernel, mapping: address_space, index: number, frame: Pfn): Sleeps<number> {
	if (PageUptodate(k, frame)) {
		unlock_page(k, frame);
		return 0;
	}
	const readpage = mapping.host.a_ops?.readpage;
	if (!readpage) throw new Error(`inode ${mapping.host.i_ino} has no readpage`);
	const error = yield* readpage(k, mapping, index, frame);
	if (error < 0) return error;
	blk_unplug(k, mapping.host.i_bdev);
	yield* wait_on_page_locked(k, frame);
	return PageUptodate(k, frame) ? 0 : -EIO;
}

/** A read has ended: the frame is up to date unless it failed, and unlocked. Any context. */
export function end_page_read(k: Kernel, frame: Pfn, error: number): void {
	if (error === 0) setPageFlag(k, frame, PG_uptodate);
	unlock_page(k, frame);
}
