/**
 * Models mm/bounce.c (mm/highmem.c in 2.6.11): pages of low or ISA memory that stand in for pages which a device cannot
 * reach.
 *
 * Not modelled: sharing the pools' last pages fairly; block/bounce.c's clone flags.
 */
import type {Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {type bio, bio_alloc, bio_endio, type bio_vec, traceBio} from '../fs/bio.ts';
import type {request_queue} from '../fs/block.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {msleep} from '../timer.ts';
import {GFP_DMA, GFP_NOIO} from './gfp.ts';
import {kmap, kunmap} from './highmem.ts';
import {enterKmapAtomic, KM_BOUNCE_READ, KM_USER0, leaveKmapAtomic} from './kmap_atomic.ts';
import {setPageUse} from './page.ts';
import {__free_pages, alloc_pages} from './page_alloc.ts';

/** Whether a frame is beyond its device's reach: 2.6.11 counts the one at the limit as such too. */
const isBeyond = (k: Kernel, {bounce_pfn}: request_queue, page: Pfn): boolean =>
	k.era.bouncesAtLimit ? page >= bounce_pfn : page > bounce_pfn;

/**
 * Where stand-ins come from. There is no zone for each limit, so whoever cannot reach all of low memory gets ISA
 * memory. @see blk_queue_bounce_limit()
 */
const bounceGfp = (k: Kernel, {bounce_pfn}: request_queue): number =>
	bounce_pfn < k.era.bounceDmaBelow(k.layout.max_low_pfn) ? GFP_NOIO | GFP_DMA : GFP_NOIO;

/**
 * Replaces the pages of a bio that its device cannot reach; may sleep for memory.
 * @returns the bio itself, or one in its place that ends it
 */
export function* blk_queue_bounce(k: Kernel, queue: request_queue, original: bio): Sleeps<bio> {
	if (!original.bi_io_vec.some(piece => isBeyond(k, queue, piece.bv_page))) return original;
	traceBio(k, 'block_bio_bounce', original);
	const gfp = bounceGfp(k, queue);
	const standIn = bio_alloc(k, {...original, bi_end_io: (k, bio, error) => bounce_end_io(k, original, bio, error)});
	for (const piece of original.bi_io_vec) {
		if (!isBeyond(k, queue, piece.bv_page)) {
			standIn.bi_io_vec.push(piece);
			continue;
		}
		let page = yield* alloc_pages(k, gfp, 0);
		for (; page === undefined; page = yield* alloc_pages(k, gfp, 0)) yield* msleep(k, 20);
		setPageUse(k, page, 'bounce');
		k.block.nr_bounce++;
		if (original.bi_rw === 'WRITE') yield* copyFromHigh(k, page, piece);
		standIn.bi_io_vec.push({...piece, bv_page: page});
	}
	standIn.bi_size = original.bi_size;
	return standIn;
}

function bounce_end_io(k: Kernel, original: bio, standIn: bio, error: number): void {
	standIn.bi_io_vec.forEach((piece, at) => {
		const target = original.bi_io_vec[at]!;
		if (piece.bv_page === target.bv_page) return;
		if (original.bi_rw === 'READ' && error === 0) bounce_copy_vec(k, target, piece.bv_page);
		setPageUse(k, piece.bv_page, 'unknown');
		__free_pages(k, piece.bv_page, 0);
		k.block.nr_bounce--;
	});
	bio_endio(k, original, error);
}

/** What was read goes to where it belongs, from an interrupt. */
function bounce_copy_vec(k: Kernel, target: bio_vec, from: Pfn): void {
	const slot = enterKmapAtomic(k, target.bv_page, KM_BOUNCE_READ);
	copyPart(k, target.bv_page, from, target.bv_offset, target.bv_len);
	leaveKmapAtomic(k, slot);
}

/** What is to be written is brought where the device reaches it; may sleep for a place in kmap's table. */
function* copyFromHigh(k: Kernel, to: Pfn, {bv_page: from, bv_offset, bv_len}: bio_vec): Sleeps<void> {
	if (k.era.bounceWritesThrough === 'kmap') yield* kmap(k, from);
	const slot = k.era.bounceWritesThrough === 'kmap' ? undefined : enterKmapAtomic(k, from, KM_USER0);
	copyPart(k, to, from, bv_offset, bv_len);
	if (slot === undefined) kunmap(k, from);
	else leaveKmapAtomic(k, slot);
}

function copyPart(k: Kernel, to: Pfn, from: Pfn, offset: number, lengthBytes: number): void {
	const bytes = k.hw.ram.page(from).subarray(offset, offset + lengthBytes);
	k.hw.ram.pageForWrite(to).set(bytes, offset);
	charge(k, lengthBytes * COST.copyByteNs);
}
