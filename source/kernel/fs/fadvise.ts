/**
 * Models mm/fadvise.c, sync_file_range() of fs/sync.c and readahead() of mm/filemap.c (2.6.11 and later): what a
 * program says about a range of a file.
 *
 * Not modelled: FADV_NORMAL, _RANDOM and _SEQUENTIAL (answered, the windows of read-ahead stay as they are).
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {EBADF, EINVAL, ESPIPE} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {filemap_fdatawait_range, filemap_fdatawrite_range} from '../mm/page-writeback.ts';
import {force_page_cache_readahead} from '../mm/readahead.ts';
import {invalidate_mapping_pages} from '../mm/truncate.ts';
import type {Sleeps} from '../time.ts';
import {FMODE_READ, withFile} from './file.ts';

const FADV_WILLNEED = 3;
const FADV_DONTNEED = 4;
const FADV_NOREUSE = 5;

/** @param length 0 means up to the end. @returns 0, -EBADF, -ESPIPE, -EINVAL */
export function* sys_fadvise64(k: Kernel, fd: number, offset: number, length: number, advice: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		if (file.f_op.isStream) return -ESPIPE;
		if (length < 0 || advice < 0 || advice > FADV_NOREUSE) return -EINVAL;
		const mapping = file.inode.i_mapping;
		const end = length === 0 ? Number.MAX_SAFE_INTEGER : offset + length;
		if (advice === FADV_WILLNEED)
			yield* force_page_cache_readahead(k, mapping, Math.floor(offset / PAGE_SIZE), Math.ceil(end / PAGE_SIZE));
		if (advice !== FADV_DONTNEED) return 0;
		// Writing is begun only: what is still on its way stays.
		const [from, to] = k.era.fadviseWritesRange ? [offset, end - 1] : [0, Number.MAX_SAFE_INTEGER];
		yield* filemap_fdatawrite_range(k, mapping, Math.floor(from / PAGE_SIZE), Math.floor(to / PAGE_SIZE));
		// Pages of which only a part is meant stay.
		invalidate_mapping_pages(k, mapping, Math.ceil(offset / PAGE_SIZE), Math.floor(end / PAGE_SIZE) - 1);
		return 0;
	});
}

const SYNC_FILE_RANGE_WAIT_BEFORE = 1;
const SYNC_FILE_RANGE_WRITE = 2;
const SYNC_FILE_RANGE_WAIT_AFTER = 4;

/**
 * Waits for what is being written of a range, begins to write what is dirty, and waits for that, each if asked (2.6.17
 * on).
 * @returns 0, -EINVAL, -EBADF, -ESPIPE, -EIO
 */
export function* sys_sync_file_range(
	k: Kernel,
	fd: number,
	offset: number,
	length: number,
	flags: number,
): Sleeps<number> {
	if ((flags & ~7) !== 0 || offset < 0 || length < 0) return -EINVAL;
	return yield* withFile(k, fd, function* (file) {
		const {kind, i_mapping} = file.inode;
		if (kind === 'chrdev' || kind === 'fifo' || kind === 'anon') return -ESPIPE;
		const first = Math.floor(offset / PAGE_SIZE);
		const last = length === 0 ? Number.MAX_SAFE_INTEGER : Math.floor((offset + length - 1) / PAGE_SIZE);
		const has = (flag: number) => (flags & flag) !== 0;
		let error = has(SYNC_FILE_RANGE_WAIT_BEFORE) ? yield* filemap_fdatawait_range(k, i_mapping, first, last) : 0;
		if (error < 0) return error;
		if (has(SYNC_FILE_RANGE_WRITE)) error = yield* filemap_fdatawrite_range(k, i_mapping, first, last);
		if (error < 0) return error;
		return has(SYNC_FILE_RANGE_WAIT_AFTER) ? yield* filemap_fdatawait_range(k, i_mapping, first, last) : 0;
	});
}

/** Begins to read a range into the cache. @returns 0, -EBADF, -EINVAL for what has no pages */
export function* sys_readahead(k: Kernel, fd: number, offset: number, count: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		if (!(file.f_mode & FMODE_READ)) return -EBADF;
		const {kind, i_mapping} = file.inode;
		if (kind !== 'regular' && kind !== 'blkdev' && kind !== 'shmem') return -EINVAL;
		const end = Math.ceil((offset + count) / PAGE_SIZE);
		yield* force_page_cache_readahead(k, i_mapping, Math.floor(offset / PAGE_SIZE), end);
		return 0;
	});
}
