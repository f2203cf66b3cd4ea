/**
 * Models fs/mpage.c (2.6.11 and later): pages of the cache to and from the disk, one bio a page; neighbours become one
 * request in the queue.
 *
 * Not modelled: buffer heads (a page is one block), blocks smaller than a page.
 */
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {ENOSPC} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {end_page_read} from '../mm/filemap.ts';
import type {address_space} from '../mm/mm_types.ts';
import {PG_error, PG_mappedtodisk, PG_uptodate, setPageFlag} from '../mm/page.ts';
import {end_page_writeback, set_page_writeback, unlock_page} from '../mm/page_lock.ts';
import type {Sleeps} from '../time.ts';
import {type bio, bio_add_page, bio_alloc, SECTOR_SIZE} from './bio.ts';
import {submit_bio} from './block.ts';

/** A page of which the disk has nothing: zeros, at once. @returns 0 */
export function* read_hole(k: Kernel, _mapping: address_space, _index: number, frame: Pfn): Sleeps<number> {
	k.hw.ram.clearPage(frame);
	charge(k, COST.clearPageNs);
	setPageFlag(k, frame, PG_uptodate);
	unlock_page(k, frame);
	return 0;
}

/** Begins to read a locked page; a hole is zeros at once. @returns 0 */
export function* block_read_page(k: Kernel, mapping: address_space, index: number, frame: Pfn): Sleeps<number> {
	const {i_bdev, sectorOf} = mapping.host;
	const sector = sectorOf?.(index);
	if (sector === undefined || !i_bdev) return yield* read_hole(k, mapping, index, frame);
	setPageFlag(k, frame, PG_mappedtodisk);
	const bio = bio_alloc(k, {bi_bdev: i_bdev, bi_sector: sector, bi_rw: 'READ', bi_end_io: endRead});
	addWholePage(bio, frame, sector);
	yield* submit_bio(k, bio);
	return 0;
}

function endRead(k: Kernel, bio: bio, error: number): void {
	for (const {bv_page} of bio.bi_io_vec) end_page_read(k, bv_page, error);
}

/** Begins to write a locked page and unlocks it. @returns 0, or -ENOSPC for a page without a place on the disk */
export function* block_write_page(k: Kernel, mapping: address_space, index: number, frame: Pfn): Sleeps<number> {
	const {i_bdev, sectorOf} = mapping.host;
	const sector = sectorOf?.(index);
	if (sector === undefined || !i_bdev) {
		setPageFlag(k, frame, PG_error);
		unlock_page(k, frame);
		return -ENOSPC;
	}
	setPageFlag(k, frame, PG_mappedtodisk);
	zeroBeyondEnd(k, mapping, index, frame);
	set_page_writeback(k, frame);
	unlock_page(k, frame);
	const bio = bio_alloc(k, {bi_bdev: i_bdev, bi_sector: sector, bi_rw: 'WRITE', bi_end_io: endWrite});
	addWholePage(bio, frame, sector);
	yield* submit_bio(k, bio);
	return 0;
}

/** A mapping may have written behind the end of the file: that must not come up when the file grows. */
function zeroBeyondEnd(k: Kernel, mapping: address_space, index: number, frame: Pfn): void {
	const inside = mapping.host.i_size - index * PAGE_SIZE;
	if (inside > 0 && inside < PAGE_SIZE) k.hw.ram.pageForWrite(frame).fill(0, inside);
}

function endWrite(k: Kernel, bio: bio, error: number): void {
	for (const {bv_page} of bio.bi_io_vec) {
		if (error !== 0) setPageFlag(k, bv_page, PG_error);
		end_page_writeback(k, bv_page);
	}
}

/** The page, or as much of it as lies on the device: the last one may reach beyond its end. */
function addWholePage(bio: bio, frame: Pfn, sector: number): void {
	const lengthBytes = Math.min(PAGE_SIZE, (bio.bi_bdev.sectors - sector) * SECTOR_SIZE);
	if (!bio_add_page(bio, frame, lengthBytes, 0)) throw new Error('a new bio has room for one page');
}
