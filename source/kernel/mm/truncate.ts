/**
 * Models mm/truncate.c and vmtruncate of mm/memory.c (2.6.11 and later): pages leave the cache because the file
 * shrinks, or because what lies under them was written past the cache.
 *
 * Not modelled: invalidation of the pages of a whole device.
 */
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EFBIG, EIO, IS_ERR} from '../errno.ts';
import type {inode} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import {RLIM_INFINITY, rlimit} from '../resource.ts';
import {SIGXFSZ, send_sig} from '../signal.ts';
import type {Sleeps} from '../time.ts';
import {delete_from_page_cache, read_cache_page} from './filemap.ts';
import type {address_space} from './mm_types.ts';
import {get_page, PageDirty, page_count, page_mapped} from './page.ts';
import {put_page} from './page_alloc.ts';
import {lock_page, trylock_page, unlock_page, wait_on_page_writeback} from './page_lock.ts';
import {cancel_dirty_page, set_page_dirty, write_locked_page} from './page-writeback.ts';
import {unmap_mapping_range} from './zap.ts';

/** Whether a file may have a size; who goes beyond RLIMIT_FSIZE gets SIGXFSZ. @returns 0 or -EFBIG */
export function inode_newsize_ok(k: Kernel, inode: inode, sizeBytes: number): number {
	if (sizeBytes <= inode.i_size) return 0;
	const limit = rlimit(k, 'fsize');
	if (limit !== RLIM_INFINITY && sizeBytes > limit) {
		send_sig(k, SIGXFSZ, k.cpu.current);
		return -EFBIG;
	}
	return sizeBytes > k.era.MAX_LFS_FILESIZE ? -EFBIG : 0;
}

/**
 * Gives a file a new size; pages and mappings beyond it go, and the rest of the last page becomes zeros. May sleep.
 * @returns 0, or -EIO when its last page could not be read
 */
export function* truncate_inode(k: Kernel, inode: inode, sizeBytes: number): Sleeps<number> {
	const grows = sizeBytes >= inode.i_size;
	inode.i_size = sizeBytes;
	if (grows) return 0;
	const mapping = inode.i_mapping;
	const firstGone = Math.ceil(sizeBytes / PAGE_SIZE);
	unmap_mapping_range(k, mapping, firstGone, true);
	yield* truncate_inode_pages(k, mapping, firstGone);
	inode.a_ops?.truncate?.(k, mapping, firstGone);
	return yield* zeroTail(k, mapping, sizeBytes);
}

/**
 * Throws pages of a file away, dirty or not; may sleep for their locks.
 * @param first, last page indexes, both included
 */
export function* truncate_inode_pages(
	k: Kernel,
	mapping: address_space,
	first: number,
	last = Number.MAX_SAFE_INTEGER,
): Sleeps<void> {
	for (const [index, frame] of [...mapping.pages]) {
		if (index < first || index > last || mapping.pages.get(index) !== frame) continue;
		get_page(k, frame);
		yield* lock_page(k, frame);
		yield* wait_on_page_writeback(k, frame);
		if (mapping.pages.get(index) === frame) {
			if (cancel_dirty_page(k, frame) && !mapping.host.a_ops?.inMemoryOnly)
				k.cpu.current.ioac.cancelled_write_bytes += PAGE_SIZE;
			delete_from_page_cache(k, frame);
		}
		unlock_page(k, frame);
		put_page(k, frame);
	}
}

/**
 * Makes a hole in a file of memory: whole pages go, parts of the first and last become zeros. May sleep.
 * @see shmem_undo_range()
 */
export function* punch_hole(k: Kernel, inode: inode, offset: number, length: number): Sleeps<void> {
	const mapping = inode.i_mapping;
	const end = offset + length;
	const first = Math.ceil(offset / PAGE_SIZE);
	const last = Math.floor(end / PAGE_SIZE) - 1;
	if (last >= first) {
		unmap_mapping_range(k, mapping, first, false, last);
		yield* truncate_inode_pages(k, mapping, first, last);
	}
	const zero = (at: number, to: number) => {
		const frame = mapping.pages.get(Math.floor(at / PAGE_SIZE));
		const from = at % PAGE_SIZE;
		if (frame !== undefined && to > at) k.hw.ram.pageForWrite(frame).fill(0, from, from + (to - at));
	};
	zero(offset, Math.min(end, first * PAGE_SIZE));
	if (last + 1 >= first) zero(Math.max(offset, (last + 1) * PAGE_SIZE), end);
}

/** Zeros what follows the new end in the last page, so that a file that grows again shows none of its past. */
function* zeroTail(k: Kernel, mapping: address_space, sizeBytes: number): Sleeps<number> {
	const offset = sizeBytes % PAGE_SIZE;
	const index = (sizeBytes - offset) / PAGE_SIZE;
	const inMemory = mapping.host.a_ops?.inMemoryOnly;
	if (offset === 0 || (inMemory && !mapping.pages.has(index))) return 0;
	const frame = yield* read_cache_page(k, mapping, index);
	if (IS_ERR(frame)) return frame;
	yield* lock_page(k, frame);
	k.hw.ram.pageForWrite(frame).fill(0, offset);
	charge(k, COST.clearPageNs);
	set_page_dirty(k, frame);
	unlock_page(k, frame);
	put_page(k, frame);
	return 0;
}

/**
 * Drops the pages of a range that nobody uses; dirty, locked and mapped ones stay. Takes no time to sleep.
 * @param first, last page indexes, both included
 * @returns pages dropped
 */
export function invalidate_mapping_pages(k: Kernel, mapping: address_space, first: number, last: number): number {
	let dropped = 0;
	for (const [index, frame] of [...mapping.pages]) {
		if (index < first || index > last) continue;
		if (page_mapped(k, frame) || PageDirty(k, frame) || !trylock_page(k, frame)) continue;
		if (isUnused(k, frame)) {
			get_page(k, frame);
			delete_from_page_cache(k, frame);
			unlock_page(k, frame);
			put_page(k, frame);
			dropped++;
		} else {
			unlock_page(k, frame);
		}
	}
	return dropped;
}

/** Only the cache refers to it. */
const isUnused = (k: Kernel, frame: Pfn) => page_count(k, frame) === 1;

/**
 * Drops the pages of a range because direct I/O wrote what lies under them: takes them out of page tables, writes dirty
 * ones first, and sleeps for their locks. Who holds a page keeps its frame, which the cache no longer knows.
 * @returns 0, or -EIO (-EBUSY later) when one was dirty again
 */
export function* invalidate_inode_pages2_range(
	k: Kernel,
	mapping: address_space,
	first: number,
	last: number,
): Sleeps<number> {
	let result = 0;
	for (const [index, frame] of [...mapping.pages]) {
		if (index < first || index > last || mapping.pages.get(index) !== frame) continue;
		get_page(k, frame);
		yield* lock_page(k, frame);
		yield* wait_on_page_writeback(k, frame);
		if (page_mapped(k, frame)) unmap_mapping_range(k, mapping, index, false, last);
		if (PageDirty(k, frame)) {
			yield* write_locked_page(k, mapping, frame);
			yield* wait_on_page_writeback(k, frame);
			yield* lock_page(k, frame);
		}
		if (mapping.pages.get(index) === frame && !PageDirty(k, frame)) delete_from_page_cache(k, frame);
		else if (mapping.pages.get(index) === frame) result = -EIO;
		unlock_page(k, frame);
		put_page(k, frame);
	}
	return result;
}
