/**
 * Models mm/readahead.c (2.6.24 on; 2.6.11's windows are like it): what a sequential reader will want is read before it
 * asks.
 *
 * Not modelled: thrashing detection, interleaved streams, what madvise says about order.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {blk_unplug} from '../fs/block.ts';
import type {file} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {add_to_page_cache_lru} from './filemap.ts';
import {__GFP_COLD, __GFP_NORETRY, __GFP_NOWARN, GFP_HIGHUSER} from './gfp.ts';
import type {address_space} from './mm_types.ts';
import {put_page, try_alloc_pages} from './page_alloc.ts';

/** VM_MAX_READAHEAD: 128 KiB. */
const MOST_PAGES = 32;
const FIRST_WINDOW_PAGES = 4;

/**
 * A reader is about to want page `index`. Starts to read the window that fits its pattern, without waiting.
 * @param wantedPages pages that the read will need from there on
 */
export function* page_cache_readahead(
	k: Kernel,
	mapping: address_space,
	file: file,
	index: number,
	wantedPages: number,
): Sleeps<void> {
	const ra = file.f_ra;
	const sequential = index === ra.prev + 1 || index === ra.prev || index === 0;
	const startsWindow = ra.size > 0 && index === ra.start;
	const missing = !mapping.pages.has(index);
	ra.prev = index;
	if (!missing && !(sequential && startsWindow)) return;
	if (!sequential) {
		ra.size = 0;
		yield* readPages(k, mapping, index, Math.min(wantedPages, MOST_PAGES));
		return;
	}
	if (missing) {
		// The reader has caught up: read what it wants and as much again.
		ra.start = index;
		ra.size = Math.min(MOST_PAGES, Math.max(FIRST_WINDOW_PAGES, 2 * ra.size, wantedPages));
		yield* readPages(k, mapping, ra.start, ra.size);
		return;
	}
	// The reader enters the window read last: read the one after it.
	const next = ra.start + ra.size;
	ra.size = Math.min(MOST_PAGES, 2 * ra.size);
	ra.start = next;
	yield* readPages(k, mapping, next, ra.size);
}

/** Begins to read all of a range that is not cached. @param first, end page indexes, `end` exclusive */
export function* force_page_cache_readahead(
	k: Kernel,
	mapping: address_space,
	first: number,
	end: number,
): Sleeps<void> {
	const last = Math.min(end, Math.ceil(mapping.host.i_size / PAGE_SIZE));
	for (let index = first; index < last; index += MOST_PAGES)
		yield* readPages(k, mapping, index, Math.min(MOST_PAGES, last - index));
}

/** Begins to read pages that are not cached; stops where memory is short. */
function* readPages(k: Kernel, mapping: address_space, first: number, count: number): Sleeps<void> {
	const {a_ops, i_size, i_bdev} = mapping.host;
	const end = Math.min(first + count, Math.ceil(i_size / PAGE_SIZE));
	if (!a_ops || a_ops.inMemoryOnly) return;
	for (let index = first; index < end; index++) {
		if (mapping.pages.has(index)) continue;
		const frame = try_alloc_pages(k, GFP_HIGHUSER | __GFP_COLD | __GFP_NORETRY | __GFP_NOWARN, 0);
		if (frame === undefined) break;
		const error = add_to_page_cache_lru(k, frame, mapping, index);
		if (error === 0) yield* a_ops.readpage(k, mapping, index, frame);
		put_page(k, frame);
	}
	blk_unplug(k, i_bdev);
}
