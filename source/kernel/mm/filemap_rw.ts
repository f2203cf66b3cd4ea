/**
 * Models the read and write side of mm/filemap.c (2.6.11 and later): buffered reads and writes through the page cache,
 * and the fork in the road to direct I/O.
 *
 * Not modelled: O_SYNC, atime and mtime, i_sem (writers of one file are not excluded beyond the page lock), sendfile.
 */
import {PAGE_SIZE, type Pfn, type UserAddress, userAddress} from '../../hardware/address.ts';
import {EAGAIN, EFAULT, EFBIG, ENOSPC, EOPNOTSUPP, IS_ERR} from '../errno.ts';
import {type inode, type iovec, O_APPEND, O_DIRECT} from '../fs/file.ts';
import {type kiocb, RWF_APPEND, RWF_DSYNC, RWF_NOAPPEND, RWF_NOWAIT, RWF_SYNC} from '../fs/kiocb.ts';
import type {Kernel} from '../kernel.ts';
import {RLIM_INFINITY, rlimit} from '../resource.ts';
import {SIGXFSZ, send_sig} from '../signal.ts';
import type {Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {ERR_PTR, find_get_page, read_cache_page} from './filemap.ts';
import {generic_file_buffered_write} from './filemap_write.ts';
import {iov_iter_advance, iov_iter_init, iov_iter_parts, iov_length} from './iov_iter.ts';
import {PageDirty, PageUptodate, PageWriteback} from './page.ts';
import {put_page} from './page_alloc.ts';
import {filemap_write_and_wait_range} from './page-writeback.ts';
import {page_cache_readahead} from './readahead.ts';
import {invalidate_inode_pages2_range} from './truncate.ts';
import {copyPageToUser} from './usercopy.ts';
import {mark_page_accessed} from './vmscan.ts';

const isNowait = ({ki_flags}: kiocb): boolean => (ki_flags & RWF_NOWAIT) !== 0;

/**
 * The aio_read method of files on a disk: from the cache, or directly where the file was opened so. May sleep.
 * @returns bytes read (0 at the end), -EFAULT, -EIO, -EINVAL, -EAGAIN (RWF_NOWAIT), or -EIOCBQUEUED
 */
export function* generic_file_aio_read(k: Kernel, iocb: kiocb, iov: readonly iovec[], pos: number): Sleeps<number> {
	const {ki_filp: file} = iocb;
	const {inode} = file;
	if (file.f_flags & O_DIRECT) {
		if (iov_length(iov) === 0 || pos >= inode.i_size) return 0;
		if (isNowait(iocb) && directWouldWait(k, inode, pos, iov_length(iov))) return -EAGAIN;
		return yield* inode.a_ops!.direct_IO!(k, 'READ', iocb, iov, pos);
	}
	let done = 0;
	for (const {iov_base, iov_len} of iov) {
		const read = yield* do_generic_file_read(k, iocb, iov_base, iov_len, pos + done);
		if (read < 0) return done || read;
		done += read;
		if (read < iov_len) break;
	}
	return done;
}

/** Whether a direct transfer would have to wait for pages in the cache. @see filemap_range_has_page() */
function directWouldWait(k: Kernel, {i_mapping}: inode, pos: number, count: number): boolean {
	const last = Math.floor((pos + count - 1) / PAGE_SIZE);
	for (const [index, frame] of i_mapping.pages) {
		if (index < Math.floor(pos / PAGE_SIZE) || index > last) continue;
		if (k.era.nowaitDirectAllows === 'no page' || PageDirty(k, frame) || PageWriteback(k, frame)) return true;
	}
	return false;
}

/**
 * Copies from cached pages to user memory, reading what is not cached, unless it must not wait.
 * @returns bytes copied, or -errno when none
 */
function* do_generic_file_read(k: Kernel, iocb: kiocb, to: UserAddress, count: number, pos: number): Sleeps<number> {
	const {ki_filp: file} = iocb;
	traceCall(k, 'do_generic_file_read', 'generic_file_aio_read');
	const {inode} = file;
	const mapping = inode.i_mapping;
	let done = 0;
	while (done < count && pos + done < inode.i_size) {
		const at = pos + done;
		const index = Math.floor(at / PAGE_SIZE);
		const offset = at % PAGE_SIZE;
		const wantedPages = Math.ceil((offset + count - done) / PAGE_SIZE);
		if (!isNowait(iocb)) yield* page_cache_readahead(k, mapping, file, index, wantedPages);
		const frame = isNowait(iocb) ? cachedNow(k, inode, index) : yield* cachedOrRead(k, inode, index);
		if (IS_ERR(frame)) return done || frame;
		const length = Math.min(PAGE_SIZE - offset, count - done, inode.i_size - at);
		const missed = yield* copyPageToUser(k, frame, offset, userAddress(to + done), length);
		mark_page_accessed(k, frame);
		put_page(k, frame);
		done += length - missed;
		if (missed > 0) return done || -EFAULT;
	}
	return done;
}

/** A page that can be read at once. @returns ERR_PTR(-EAGAIN) */
function cachedNow(k: Kernel, inode: inode, index: number): Pfn {
	const frame = find_get_page(k, inode.i_mapping, index);
	if (frame !== undefined && PageUptodate(k, frame)) return frame;
	if (frame !== undefined) put_page(k, frame);
	return ERR_PTR(-EAGAIN);
}

function* cachedOrRead(k: Kernel, inode: inode, index: number): Sleeps<Pfn> {
	const frame = find_get_page(k, inode.i_mapping, index);
	if (frame !== undefined && PageUptodate(k, frame)) {
		k.filemap.hits++;
		return frame;
	}
	if (frame !== undefined) put_page(k, frame);
	k.filemap.misses++;
	return yield* read_cache_page(k, inode.i_mapping, index);
}

/**
 * Cuts a write off where a file or a disk may not go on; who writes at RLIMIT_FSIZE gets SIGXFSZ.
 * @returns bytes that may be written, -EFBIG where no file may reach, or -ENOSPC at the end of a disk
 */
function generic_write_checks(k: Kernel, inode: inode, pos: number, count: number): number {
	const isDisk = inode.kind === 'blkdev';
	const own = rlimit(k, 'fsize');
	if (!isDisk && own !== RLIM_INFINITY && pos >= own) {
		send_sig(k, SIGXFSZ, k.cpu.current);
		return -EFBIG;
	}
	const {MAX_LFS_FILESIZE} = k.era;
	const most = own === RLIM_INFINITY ? MAX_LFS_FILESIZE : Math.min(own, MAX_LFS_FILESIZE);
	const limit = isDisk ? inode.i_size : most;
	if (pos >= limit) return isDisk ? -ENOSPC : -EFBIG;
	return Math.min(count, limit - pos);
}

/** Where a write lies: at the end of a file that was opened so, unless RWF_ bits say otherwise. */
export function writePosition({ki_filp, ki_flags}: kiocb, from: number): number {
	const appends = (ki_filp.f_flags & O_APPEND) !== 0 && (ki_flags & RWF_NOAPPEND) === 0;
	return appends || (ki_flags & RWF_APPEND) !== 0 ? ki_filp.inode.i_size : from;
}

/**
 * The aio_write method of files on a disk; with RWF_DSYNC or RWF_SYNC the bytes are on the disk when it returns. May
 * sleep.
 * @returns bytes written, -EFAULT, -EFBIG, -ENOSPC, -EIO, -EINVAL, -EAGAIN or -EOPNOTSUPP (RWF_NOWAIT), or -EIOCBQUEUED
 */
export function* generic_file_aio_write(
	k: Kernel,
	iocb: kiocb,
	wanted: readonly iovec[],
	from: number,
): Sleeps<number> {
	const {ki_filp: file, ki_flags} = iocb;
	const written = yield* writeUnsynced(k, iocb, wanted, writePosition(iocb, from));
	const {fsync} = file.f_op;
	if (written <= 0 || (ki_flags & (RWF_DSYNC | RWF_SYNC)) === 0 || !fsync) return written;
	const error = yield* fsync(k, file, (ki_flags & RWF_SYNC) === 0);
	return error < 0 ? error : written;
}

/** Whether a direct write that must not wait would: for the cache, for a new size, for a place on the disk. */
function writeWouldWait(k: Kernel, inode: inode, pos: number, count: number): boolean {
	if (pos + count > inode.i_size || directWouldWait(k, inode, pos, count)) return true;
	for (let index = Math.floor(pos / PAGE_SIZE); index * PAGE_SIZE < pos + count; index++)
		if (inode.sectorOf && inode.sectorOf(index) === undefined) return true;
	return false;
}

function* writeUnsynced(k: Kernel, iocb: kiocb, wanted: readonly iovec[], pos: number): Sleeps<number> {
	const {ki_filp: file} = iocb;
	const {inode} = file;
	iocb.ki_pos = pos;
	if (iov_length(wanted) === 0) return 0;
	const isDirect = (file.f_flags & O_DIRECT) !== 0 && inode.a_ops?.direct_IO !== undefined;
	const refusesToWait = isNowait(iocb) && !isDirect;
	if (refusesToWait && inode.kind !== 'blkdev') return -EOPNOTSUPP;
	const count = generic_write_checks(k, inode, pos, iov_length(wanted));
	if (count < 0) return count;
	const iov = firstBytes(wanted, count);
	if (refusesToWait) return -EOPNOTSUPP;
	if (isNowait(iocb) && writeWouldWait(k, inode, pos, count)) return -EAGAIN;
	if (!isDirect) return yield* generic_file_buffered_write(k, inode, iov, pos);
	const direct = yield* generic_file_direct_write(k, iocb, iov, pos);
	if (direct < 0 || direct === count) return direct;
	// The file has a hole there: the rest goes through the cache, and to the disk at once.
	const rest = yield* generic_file_buffered_write(k, inode, skipBytes(iov, direct), pos + direct);
	if (rest < 0) return direct || rest;
	const first = Math.floor((pos + direct) / PAGE_SIZE);
	const last = Math.floor((pos + direct + rest - 1) / PAGE_SIZE);
	const error = yield* filemap_write_and_wait_range(k, inode.i_mapping, first, last);
	yield* invalidate_inode_pages2_range(k, inode.i_mapping, first, last);
	return error < 0 ? direct || error : direct + rest;
}

/** Writes past the cache, whose pages of the range are written before and dropped after. */
function* generic_file_direct_write(k: Kernel, iocb: kiocb, iov: readonly iovec[], pos: number): Sleeps<number> {
	const {inode} = iocb.ki_filp;
	const mapping = inode.i_mapping;
	const first = Math.floor(pos / PAGE_SIZE);
	const last = Math.floor((pos + iov_length(iov) - 1) / PAGE_SIZE);
	const error = yield* filemap_write_and_wait_range(k, mapping, first, last);
	if (error < 0) return error;
	// Before, so that nobody reads old bytes from the cache; and after, for who read them in between.
	yield* invalidate_inode_pages2_range(k, mapping, first, last);
	const written = yield* inode.a_ops!.direct_IO!(k, 'WRITE', iocb, iov, pos);
	if (written > 0) {
		yield* invalidate_inode_pages2_range(k, mapping, first, last);
		if (inode.kind === 'regular') inode.i_size = Math.max(inode.i_size, pos + written);
	}
	return written;
}

/** The first bytes of a vector. */
export const firstBytes = (iov: readonly iovec[], bytes: number) => iov_iter_parts(iov_iter_init(iov), bytes);

function skipBytes(iov: readonly iovec[], bytes: number): iovec[] {
	const i = iov_iter_init(iov);
	iov_iter_advance(i, bytes);
	return iov_iter_parts(i, i.count);
}
