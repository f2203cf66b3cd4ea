/**
 * Models fs/read_write.c (2.6.11 and later): the system calls that move bytes through a descriptor, and the synchronous
 * face of asynchronous methods.
 *
 * Not modelled: locks, notification, splice, files of 2 GiB without O_LARGEFILE.
 */
import {PAGE_SIZE, type UserAddress} from '../../hardware/address.ts';
import {BUG} from '../bug.ts';
import {
	EBADF,
	EFAULT,
	EINVAL,
	EIOCBQUEUED,
	EIOCBRETRY,
	EISDIR,
	ENXIO,
	EOPNOTSUPP,
	EOVERFLOW,
	EPERM,
	ESPIPE,
} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {filemap_write_and_wait_range} from '../mm/page-writeback.ts';
import {inode_newsize_ok, truncate_inode} from '../mm/truncate.ts';
import {access_ok} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import {FMODE_READ, FMODE_WRITE, type file, type inode, type iovec, O_APPEND, withFile} from './file.ts';
import {
	init_sync_kiocb,
	RWF_APPEND,
	RWF_ATOMIC,
	RWF_DONTCACHE,
	RWF_NOAPPEND,
	RWF_NOWAIT,
	releaseSyncKiocb,
	wait_on_retry_sync_kiocb,
	wait_on_sync_kiocb,
} from './kiocb.ts';
import {path_lookup} from './namei.ts';
import {F_SEAL_GROW, F_SEAL_SHRINK, sealsOf} from './seals.ts';

/** Most bytes that one call moves. */
export const MAX_RW_COUNT = 0x7fff_f000;
const LARGEST_POSITION = Number.MAX_SAFE_INTEGER;

/** Position and length make sense. @returns the length that will be moved, or -EINVAL, -EOVERFLOW */
export function rw_verify_area(pos: number, count: number): number {
	if (count < 0 || count > 0x7fff_ffff) return -EINVAL;
	if (pos < 0) return -EINVAL;
	if (pos + count > LARGEST_POSITION) return -EOVERFLOW;
	return Math.min(count, MAX_RW_COUNT);
}

/**
 * Reads from an open file at a position. May sleep.
 * @returns bytes read, or -EBADF, -EINVAL, -EFAULT, -EIO
 */
function* vfs_read(k: Kernel, file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	if (!(file.f_mode & FMODE_READ)) return -EBADF;
	if (!file.f_op.read && !file.f_op.aio_read) return -EINVAL;
	if (!access_ok(buffer, count)) return -EFAULT;
	const length = rw_verify_area(pos, count);
	if (length < 0) return length;
	const {ioac} = k.cpu.current;
	const result = yield* (file.f_op.read ?? do_sync_read)(k, file, buffer, length, pos);
	if (result > 0) ioac.rchar += result;
	ioac.syscr++;
	return result;
}

/** Writes to an open file at a position. May sleep. @returns bytes written or -errno */
function* vfs_write(k: Kernel, file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	if (!(file.f_mode & FMODE_WRITE)) return -EBADF;
	if (!file.f_op.write && !file.f_op.aio_write) return -EINVAL;
	if (!access_ok(buffer, count)) return -EFAULT;
	const length = rw_verify_area(pos, count);
	if (length < 0) return length;
	const {ioac} = k.cpu.current;
	const result = yield* (file.f_op.write ?? do_sync_write)(k, file, buffer, length, pos);
	if (result > 0) ioac.wchar += result;
	ioac.syscw++;
	return result;
}

/** read through a file's aio_read: a control block of its own, waited for. */
export function* do_sync_read(k: Kernel, file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	return yield* syncIo(k, file, 'READ', [{iov_base: buffer, iov_len: count}], pos);
}

/** write through a file's aio_write. */
export function* do_sync_write(k: Kernel, file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	return yield* syncIo(k, file, 'WRITE', [{iov_base: buffer, iov_len: count}], pos);
}

/**
 * Calls an asynchronous method with a control block that only this call knows. Up to 4.0 it waits for what the method
 * left queued; later that is a BUG, so such a method waits by itself. May sleep.
 * @param pos bytes from the start of the file
 * @param flags RWF_ bits
 * @returns bytes moved, -EINVAL where the file has no such method, or what the method says
 */
export function* syncIo(
	k: Kernel,
	file: file,
	rw: 'READ' | 'WRITE',
	iov: readonly iovec[],
	pos: number,
	flags = 0,
): Sleeps<number> {
	const method = rw === 'READ' ? file.f_op.aio_read : file.f_op.aio_write;
	if (!method) return -EINVAL;
	const iocb = init_sync_kiocb(k, file, rw, iov, pos, flags);
	try {
		for (;;) {
			const result = yield* method(k, iocb, iov, pos);
			if (result === -EIOCBQUEUED && !k.era.syncKiocbWaits) BUG(k, 'fs/read_write.c');
			if (result !== -EIOCBRETRY || !k.era.aioRetries) return yield* wait_on_sync_kiocb(k, iocb, result);
			yield* wait_on_retry_sync_kiocb(k, iocb);
		}
	} finally {
		releaseSyncKiocb(k, iocb);
	}
}

/** Files of which some transfers need not wait: those on disks, and disks. */
const FMODE_NOWAIT = ({inode}: file): boolean => inode.kind === 'blkdev' || inode.sectorOf !== undefined;

/**
 * Whether a file takes RWF_ bits.
 *
 * Not modelled: RWF_NOWAIT of pipes (6.4) and of character devices, RWF_NOSIGNAL's silence, files that take RWF_ATOMIC
 * or RWF_DONTCACHE.
 * @returns 0, -EOPNOTSUPP, -EINVAL
 * @see kiocb_set_rw_flags()
 */
export function checkRwFlags(k: Kernel, file: file, flags: number): number {
	if ((flags & ~k.era.RWF_SUPPORTED) !== 0) return -EOPNOTSUPP;
	if ((flags & RWF_NOWAIT) !== 0 && !FMODE_NOWAIT(file)) return -EOPNOTSUPP;
	const both = RWF_APPEND | RWF_NOAPPEND;
	if ((flags & both) === both) return -EINVAL;
	return (flags & (RWF_ATOMIC | RWF_DONTCACHE)) === 0 ? 0 : -EOPNOTSUPP;
}

// ── system calls ───────────────────────────────────────────────────────────────────────────────────────────────────

/** @returns bytes read, or -EBADF, -EFAULT, -EINVAL, -EIO, -EISDIR */
export function* sys_read(k: Kernel, fd: number, buffer: UserAddress, count: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		const result = yield* vfs_read(k, file, buffer, count, file.f_pos);
		file.f_pos = positionAfter(file, file.f_pos, result);
		return result;
	});
}

export function* sys_write(k: Kernel, fd: number, buffer: UserAddress, count: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		const pos = appendsAt(file);
		const result = yield* vfs_write(k, file, buffer, count, pos);
		file.f_pos = positionAfter(file, result > 0 ? pos : file.f_pos, result);
		return result;
	});
}

/** Files that have a size; devices do not. */
const isSeekable = ({inode}: file): boolean => inode.kind === 'regular' || inode.kind === 'shmem';

/** Where a file is behind a transfer: as far on as was moved, unless the driver says where. */
export function positionAfter(file: file, pos: number, result: number): number {
	const after = file.posAfter ?? pos + Math.max(0, result);
	file.posAfter = undefined;
	return after;
}

/** Where a write begins: what is appended begins at the end, and the position is behind it afterwards. */
export const appendsAt = (file: file): number =>
	(file.f_flags & O_APPEND) !== 0 && isSeekable(file) ? file.inode.i_size : file.f_pos;

/** read at a position, which the file does not keep. @returns as read, and -ESPIPE for a pipe and the like */
export function* sys_pread64(k: Kernel, fd: number, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	if (pos < 0) return -EINVAL;
	return yield* withFile(k, fd, file => keepingPosition(file, () => vfs_read(k, file, buffer, count, pos)));
}

export function* sys_pwrite64(k: Kernel, fd: number, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	if (pos < 0) return -EINVAL;
	return yield* withFile(k, fd, file => keepingPosition(file, () => vfs_write(k, file, buffer, count, pos)));
}

/** A transfer at the caller's position: the file's own stays, whatever the driver says. @returns as moved, -ESPIPE */
export function* keepingPosition(file: file, transfer: () => Sleeps<number>): Sleeps<number> {
	if (file.f_op.isStream || file.nonseekable) return -ESPIPE;
	const moved = yield* transfer();
	file.posAfter = undefined;
	return moved;
}

export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;

/**
 * Where data or a hole begins; a hole is behind each file's end. @returns the place, -ENXIO
 * @see ext4_llseek(), shmem_file_llseek(), generic_file_llseek()
 */
function seekDataOrHole(k: Kernel, file: file, offset: number, whence: number): number {
	const {i_size, i_mapping, a_ops} = file.inode;
	if (offset < 0 || offset >= i_size) return -ENXIO;
	const wantsData = whence === SEEK_DATA;
	if (!k.era.seeksRealHoles || !a_ops?.nextData) return (file.f_pos = wantsData ? offset : i_size);
	let index = Math.floor(offset / PAGE_SIZE);
	if (wantsData) index = a_ops.nextData(k, i_mapping, index) ?? Infinity;
	else while (a_ops.isData?.(k, i_mapping, index)) index++;
	const found = Math.max(offset, index * PAGE_SIZE);
	if (wantsData && found >= i_size) return -ENXIO;
	return (file.f_pos = Math.min(found, i_size));
}

/** Farthest that lseek goes: a disk has an end. */
const lastPosition = (k: Kernel, {kind, i_size}: inode): number =>
	kind === 'blkdev' ? i_size : kind === 'regular' || kind === 'shmem' ? k.era.MAX_LFS_FILESIZE : LARGEST_POSITION;

/** @returns the new position, -EBADF, -EINVAL, -ENXIO, or -ESPIPE where a device has no positions */
export function* sys_lseek(k: Kernel, fd: number, offset: number, whence: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		if (whence > (k.era.seeksDataAndHoles ? SEEK_HOLE : SEEK_END)) return -EINVAL;
		if (file.f_op.noSeek || file.nonseekable) return -ESPIPE;
		if (file.f_op.llseek) return yield* file.f_op.llseek(k, file, offset, whence);
		if (file.f_op.seeksToZero) return (file.f_pos = 0);
		const isDisk = file.inode.kind === 'blkdev';
		if (whence > SEEK_END) return isDisk ? -EINVAL : seekDataOrHole(k, file, offset, whence);
		const base = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? file.f_pos : file.inode.i_size;
		if (base + offset < 0 || base + offset > lastPosition(k, file.inode)) return -EINVAL;
		file.f_pos = base + offset;
		return file.f_pos;
	});
}

/** Sleeps until the file's dirty pages are on the disk. @returns 0, -EBADF, -EINVAL, -EIO */
export function* sys_fsync(k: Kernel, fd: number): Sleeps<number> {
	return yield* withFile(k, fd, file => vfs_fsync(k, file, false));
}

export function* vfs_fsync(k: Kernel, file: file, datasync: boolean): Sleeps<number> {
	if (!file.f_op.fsync) return -EINVAL;
	return yield* file.f_op.fsync(k, file, datasync);
}

/** The fsync method of files on a disk. */
export function* file_fsync(k: Kernel, file: file): Sleeps<number> {
	return yield* filemap_write_and_wait_range(k, file.inode.i_mapping, 0, Number.MAX_SAFE_INTEGER);
}

/** Cuts or stretches a file. @returns 0, -EBADF, -EINVAL */
export function* sys_ftruncate(k: Kernel, fd: number, sizeBytes: number): Sleeps<number> {
	if (sizeBytes < 0) return -EINVAL;
	return yield* withFile(k, fd, function* (file) {
		const {kind} = file.inode;
		if (!(file.f_mode & FMODE_WRITE) || (kind !== 'regular' && kind !== 'shmem')) return -EINVAL;
		return yield* do_truncate(k, file.inode, sizeBytes);
	});
}

/** As ftruncate, by name. @returns 0, -ENOENT, -EISDIR, -EINVAL for what is no file */
export function* sys_truncate(k: Kernel, path: string, sizeBytes: number): Sleeps<number> {
	if (sizeBytes < 0) return -EINVAL;
	const inode = path_lookup(k, path);
	if (typeof inode === 'number') return inode;
	if (inode.kind === 'directory') return -EISDIR;
	if (inode.kind !== 'regular' && inode.kind !== 'shmem') return -EINVAL;
	return yield* do_truncate(k, inode, sizeBytes);
}

/** A size that limits and seals allow. @returns 0, -EFBIG, -EPERM. @see notify_change(), shmem_setattr() */
function* do_truncate(k: Kernel, inode: inode, sizeBytes: number): Sleeps<number> {
	const seal = sizeBytes < inode.i_size ? F_SEAL_SHRINK : sizeBytes > inode.i_size ? F_SEAL_GROW : 0;
	if ((sealsOf(inode) & seal) !== 0) return -EPERM;
	const error = inode_newsize_ok(k, inode, sizeBytes);
	return error < 0 ? error : yield* truncate_inode(k, inode, sizeBytes);
}

/** Like fsync; what a file is called and when it changed is not kept on the disk here anyway. */
export function* sys_fdatasync(k: Kernel, fd: number): Sleeps<number> {
	return yield* withFile(k, fd, file => vfs_fsync(k, file, true));
}
