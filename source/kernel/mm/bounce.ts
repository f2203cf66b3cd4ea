/**
 * Models mm/bounce.c (mm/highmem.c in 2.6.11): pages of low or ISA memory that stand in for pages which a device cannot
 * reach.
 *
 * Not modelled: sharing the pools' last pages fairly; block/bounce.c's clone flags.
 */
import type {Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {type bio, bio_alloc, bio_endio, traceBio} from '../fs/bio.ts';
import type {request_queue} from '../fs/block.ts';
import type {Kernel} from '../kernel.ts';
import {msleep} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {GFP_DMA, GFP_NOIO} from './gfp.ts';
import {setPageUse} from './page.ts';
import {__free_pages, alloc_pages} from './page_alloc.ts';
import {MAX_DMA_PFN} from './zone.ts';

/**
 * Replaces the pages of a bio that its device cannot reach; may sleep for memory.
 * @returns the bio itself, or one in its place that ends it
 */
export function* blk_queue_bounce(k: Kernel, queue: request_queue, original: bio): Sleeps<bio> {
	if (original.bi_io_vec.every(piece => piece.bv_page <= queue.bounce_pfn)) return original;
	traceBio(k, 'block_bio_bounce', original);
	const gfp = queue.bounce_pfn < MAX_DMA_PFN ? GFP_NOIO | GFP_DMA : GFP_NOIO;
	const standIn = bio_alloc(k, {...original, bi_end_io: (k, bio, error) => bounce_end_io(k, original, bio, error)});
	for (const piece of original.bi_io_vec) {
		if (piece.bv_page <= queue.bounce_pfn) {
			standIn.bi_io_vec.push(piece);
			continue;
		}
		let page = yield* alloc_pages(k, gfp, 0);
		for (; page === undefined; page = yield* alloc_pages(k, gfp, 0)) yield* msleep(k, 20);
		setPageUse(k, page, 'bounce');
		k.block.nr_bounce++;
		if (original.bi_rw === 'WRITE') copyPart(k, page, piece.bv_page, piece.bv_offset, piece.bv_len);
		standIn.bi_io_vec.push({...piece, bv_page: page});
	}
	standIn.bi_size = original.bi_size;
	return standIn;
}

function bounce_end_io(k: Kernel, original: bio, standIn: bio, error: number): void {
	standIn.bi_io_vec.forEach((piece, at) => {
		const target = original.bi_io_vec[at]!;
		if (piece.bv_page === target.bv_page) return;
		if (original.bi_rw === 'READ' && error === 0)
			copyPart(k, target.bv_page, piece.bv_page, piece.bv_offset, piece.bv_len);
		setPageUse(k, piece.bv_page, 'unknown');
		__free_pages(k, piece.bv_page, 0);
		k.block.nr_bounce--;
	});
	bio_endio(k, original, error);
}

function copyPart(k: Kernel, to: Pfn, from: Pfn, offset: number, lengthBytes: number): void {
	const bytes = k.hw.ram.page(from).subarray(offset, offset + lengthBytes);
	k.hw.ram.pageForWrite(to).set(bytes, offset);
	charge(k, lengthBytes * COST.copyByteNs + COST.kmapAtomicNs);
}
