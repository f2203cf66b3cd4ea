/**
 * Models generic_file_buffered_write (2.6.11) and generic_perform_write (2.6.24 on) of mm/filemap.c: bytes of a program
 * into cached pages.
 *
 * The page that is written to is locked while the copy is made, and what is copied from may be a mapping of that very
 * page. A page fault on it would wait for the lock for ever, so the source is faulted in while nothing is locked, and
 * kernels after 2.6.11 copy without faults and try again.
 *
 * Not modelled: O_SYNC, atime and mtime, i_sem, folios of several pages. 2.6.11 copies several segments at a time and
 * faults only the first one in, so that a vectored write can wait for itself; here it takes one segment at a time.
 */
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {EFAULT, IS_ERR} from '../errno.ts';
import type {inode, iovec} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {bringUpToDate, ERR_PTR, grab_cache_page} from './filemap.ts';
import {
	fault_in_iov_iter_readable,
	fault_in_readable,
	type iov_iter,
	iov_iter_advance,
	iov_iter_base,
	iov_iter_copy_from_user_atomic,
	iov_iter_init,
	iov_iter_single_seg_count,
} from './iov_iter.ts';
import {PageUptodate, PG_uptodate, setPageFlag} from './page.ts';
import {put_page} from './page_alloc.ts';
import {unlock_page} from './page_lock.ts';
import {set_page_dirty} from './page-writeback.ts';
import {balance_dirty_pages} from './pdflush.ts';
import {copyPageFromUser} from './usercopy.ts';
import {mark_page_accessed} from './vmscan.ts';

/**
 * Copies user memory into cached pages, which are dirty then. May sleep.
 * @returns bytes written, or -errno when none (-EFAULT, -ENOSPC, -ENOMEM, -EIO)
 */
export function* generic_file_buffered_write(
	k: Kernel,
	inode: inode,
	iov: readonly iovec[],
	pos: number,
): Sleeps<number> {
	const i = iov_iter_init(iov);
	let written = 0;
	while (i.count > 0) {
		const at = pos + written;
		const bytes = Math.min(PAGE_SIZE - (at % PAGE_SIZE), i.count);
		const result =
			k.era.writePrefault === 'not heeded'
				? yield* copyUnderLock(k, inode, i, at, Math.min(bytes, iov_iter_single_seg_count(i)))
				: yield* perform_write(k, inode, i, at, bytes);
		if (result.copied > 0) iov_iter_advance(i, result.copied);
		written += result.copied;
		if (result.error < 0) return written || result.error;
		yield* balance_dirty_pages(k, inode.i_mapping);
	}
	return written;
}

/** What became of the bytes for one page. */
type Outcome = {readonly copied: number; readonly error: number};

const failed = (error: number): Outcome => ({copied: 0, error});

/**
 * 2.6.11. The whole range counts as written, whatever could be copied: the rest of it is zeros, and a file that ended
 * there is longer.
 */
function* copyUnderLock(k: Kernel, inode: inode, i: iov_iter, pos: number, bytes: number): Sleeps<Outcome> {
	const offset = pos % PAGE_SIZE;
	yield* fault_in_readable(k, iov_iter_base(i), bytes);
	const frame = yield* write_begin(k, inode, pos, bytes);
	if (IS_ERR(frame)) return failed(frame);
	// shmem_file_write() has a loop of its own, which locks nothing.
	const locked = !inode.a_ops?.inMemoryOnly;
	if (!locked) unlock_page(k, frame);
	const missed = yield* copyPageFromUser(k, frame, offset, iov_iter_base(i), bytes);
	if (missed > 0) k.hw.ram.pageForWrite(frame).fill(0, offset + bytes - missed, offset + bytes);
	commit(k, inode, frame, pos, bytes);
	mark_page_accessed(k, frame);
	if (locked) unlock_page(k, frame);
	put_page(k, frame);
	return {copied: bytes - missed, error: missed > 0 ? -EFAULT : 0};
}

/** 2.6.24 and later: within one page, again and again until something could be copied. */
function* perform_write(k: Kernel, inode: inode, i: iov_iter, pos: number, wanted: number): Sleeps<Outcome> {
	const prefault = k.era.writePrefault;
	const offset = pos % PAGE_SIZE;
	let bytes = wanted;
	for (;;) {
		if (prefault !== 'after a failed copy' && !(yield* faultIn(k, i, bytes))) return failed(-EFAULT);
		const frame = yield* write_begin(k, inode, pos, bytes);
		if (IS_ERR(frame)) return failed(frame);
		const got = yield* iov_iter_copy_from_user_atomic(k, frame, i, offset, bytes);
		mark_page_accessed(k, frame);
		const copied = write_end(k, inode, frame, pos, bytes, got);
		if (copied > 0) return {copied, error: 0};
		if (prefault === 'first segment' || prefault === 'every segment')
			bytes = Math.min(PAGE_SIZE - offset, iov_iter_single_seg_count(i));
		else if (got > 0) bytes = got;
		else if (prefault === 'after a failed copy' && !(yield* faultIn(k, i, bytes))) return failed(-EFAULT);
	}
}

/** Brings the source in. @returns whether as much of it is there as this kernel wants before it goes on */
function* faultIn(k: Kernel, i: iov_iter, bytes: number): Sleeps<boolean> {
	switch (k.era.writePrefault) {
		case 'first segment':
			return (yield* fault_in_readable(k, iov_iter_base(i), Math.min(bytes, iov_iter_single_seg_count(i)))) === 0;
		case 'every segment':
			return (yield* fault_in_iov_iter_readable(k, i, bytes)) === 0;
		default:
			return (yield* fault_in_iov_iter_readable(k, i, bytes)) < bytes;
	}
}

/**
 * Finds or makes the page that is written to. It is read first, unless all of it is about to be written.
 * @returns the frame, locked and with a reference, or ERR_PTR
 */
function* write_begin(k: Kernel, inode: inode, pos: number, bytes: number): Sleeps<Pfn> {
	const {i_mapping: mapping, a_ops} = inode;
	const index = Math.floor(pos / PAGE_SIZE);
	for (;;) {
		const frame = yield* grab_cache_page(k, mapping, index);
		if (IS_ERR(frame)) return frame;
		if (bytes < PAGE_SIZE && !PageUptodate(k, frame)) {
			const error = yield* bringUpToDate(k, mapping, index, frame);
			put_page(k, frame);
			if (error < 0) return ERR_PTR(error);
			continue;
		}
		// The page has its place in the store before it has its bytes: the answer of write(2) is whether there is room.
		const room = a_ops?.prepare_write ? yield* a_ops.prepare_write(k, mapping, index) : 0;
		if (room === 0) return frame;
		unlock_page(k, frame);
		put_page(k, frame);
		return ERR_PTR(room);
	}
}

/**
 * Counts what was copied and lets the page go. A page that would still show what its frame held before counts as not
 * written.
 * @returns bytes written
 */
function write_end(k: Kernel, inode: inode, frame: Pfn, pos: number, bytes: number, got: number): number {
	const copied = got === bytes || PageUptodate(k, frame) ? got : 0;
	if (copied > 0) commit(k, inode, frame, pos, copied);
	unlock_page(k, frame);
	put_page(k, frame);
	return copied;
}

function commit(k: Kernel, inode: inode, frame: Pfn, pos: number, bytes: number): void {
	setPageFlag(k, frame, PG_uptodate);
	set_page_dirty(k, frame);
	if (inode.kind !== 'blkdev') inode.i_size = Math.max(inode.i_size, pos + bytes);
}
