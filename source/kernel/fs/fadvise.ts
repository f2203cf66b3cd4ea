/**
 * Models mm/fadvise.c, sync_file_range() of fs/sync.c, readahead() of mm/filemap.c and fallocate() of fs/open.c (2.6.11
 * and later): what a program says about a range of a file.
 *
 * Not modelled: FADV_NORMAL, _RANDOM and _SEQUENTIAL (answered, the windows of read-ahead stay as they are).
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {EBADF, EFBIG, EINVAL, ENODEV, EOPNOTSUPP, ESPIPE} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {filemap_fdatawait_range, filemap_fdatawrite_range} from '../mm/page-writeback.ts';
import {force_page_cache_readahead} from '../mm/readahead.ts';
import {invalidate_mapping_pages} from '../mm/truncate.ts';
import type {Sleeps} from '../time.ts';
import {FMODE_READ, FMODE_WRITE, type file, withFile} from './file.ts';

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

export const FALLOC_FL_KEEP_SIZE = 0x1;
export const FALLOC_FL_PUNCH_HOLE = 0x2;
const FALLOC_FL_COLLAPSE_RANGE = 0x8;
const FALLOC_FL_ZERO_RANGE = 0x10;
const FALLOC_FL_INSERT_RANGE = 0x20;
const FALLOC_FL_UNSHARE_RANGE = 0x40;
const FALLOC_FL_WRITE_ZEROES = 0x80;
const MODES_5_10 =
	FALLOC_FL_PUNCH_HOLE |
	FALLOC_FL_COLLAPSE_RANGE |
	FALLOC_FL_ZERO_RANGE |
	FALLOC_FL_INSERT_RANGE |
	FALLOC_FL_UNSHARE_RANGE;

/** Whether modes are known and go together. @returns 0, -EOPNOTSUPP, -EINVAL */
function checkModes(k: Kernel, mode: number): number {
	const keeps = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
	const others = mode & ~FALLOC_FL_KEEP_SIZE;
	const form = k.era.fallocateModes;
	// Whatever else there is beside KEEP_SIZE is not looked at.
	if (form === 'keep size') return mode === 0 || keeps ? 0 : -EOPNOTSUPP;
	const known = form === 'keep size or hole' ? FALLOC_FL_PUNCH_HOLE : MODES_5_10;
	const newer = form === 'one at a time' ? FALLOC_FL_WRITE_ZEROES : 0;
	if ((others & ~(known | newer)) !== 0) return -EOPNOTSUPP;
	if (form === 'one at a time') {
		if ((others & (others - 1)) !== 0) return -EOPNOTSUPP;
		const setsSize = [FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_WRITE_ZEROES].includes(others);
		return (others === FALLOC_FL_PUNCH_HOLE && !keeps) || (setsSize && keeps) ? -EOPNOTSUPP : 0;
	}
	const isHole = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
	if (isHole && ((mode & FALLOC_FL_ZERO_RANGE) !== 0 || !keeps)) return -EOPNOTSUPP;
	for (const alone of [FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE])
		if ((mode & alone) !== 0 && mode !== alone) return -EINVAL;
	return (mode & FALLOC_FL_UNSHARE_RANGE) !== 0 && others !== FALLOC_FL_UNSHARE_RANGE ? -EINVAL : 0;
}

/** Whether an open file's filesystem may be asked. @returns 0 or -errno. @see vfs_fallocate() */
function checkRange(k: Kernel, file: file, mode: number, offset: number, length: number): number {
	if (offset < 0 || length <= 0) return -EINVAL;
	const refused = checkModes(k, mode);
	if (refused < 0) return refused;
	if (!(file.f_mode & FMODE_WRITE)) return -EBADF;
	const {kind} = file.inode;
	if (kind === 'fifo') return -ESPIPE;
	const takesDisks = k.era.fallocatesDisks && kind === 'blkdev';
	if (kind !== 'regular' && kind !== 'shmem' && !takesDisks) return -ENODEV;
	return offset + length > k.era.MAX_LFS_FILESIZE ? -EFBIG : 0;
}

/** Makes room in a file, or a hole (2.6.23 on). @returns 0, -EBADF, -EINVAL, -EOPNOTSUPP, -ENODEV, -EFBIG, -ENOSPC */
export function* sys_fallocate(k: Kernel, fd: number, mode: number, offset: number, length: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		const error = checkRange(k, file, mode, offset, length);
		if (error < 0) return error;
		if (!file.f_op.fallocate || !k.era.tmpfsAllocates) return -EOPNOTSUPP;
		return yield* file.f_op.fallocate(k, file, mode, offset, length);
	});
}
