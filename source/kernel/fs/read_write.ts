/**
 * Models fs/read_write.c (2.6.11 and later): the system calls that move bytes through a descriptor, and the synchronous
 * face of asynchronous methods.
 *
 * Not modelled: locks, notification, splice, files of 2 GiB without O_LARGEFILE.
 */
import type {UserAddress} from '../../hardware/address.ts';
import {BUG} from '../bug.ts';
import {EBADF, EFAULT, EFBIG, EINVAL, EIOCBQUEUED, EIOCBRETRY, EISDIR, ENXIO, EOVERFLOW, ESPIPE} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {filemap_write_and_wait_range} from '../mm/page-writeback.ts';
import {truncate_inode} from '../mm/truncate.ts';
import {access_ok} from '../mm/uaccess.ts';
import {RLIM_INFINITY, rlimit} from '../resource.ts';
import {SIGXFSZ, send_sig} from '../signal.ts';
import type {Sleeps} from '../time.ts';
import {FMODE_READ, FMODE_WRITE, type file, type inode, type iovec, O_APPEND, withFile} from './file.ts';
import {init_sync_kiocb, releaseSyncKiocb, wait_on_retry_sync_kiocb, wait_on_sync_kiocb} from './kiocb.ts';
import {path_lookup} from './namei.ts';

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
 * @returns bytes moved, -EINVAL where the file has no such method, or what the method says
 */
export function* syncIo(
	k: Kernel,
	file: file,
	rw: 'READ' | 'WRITE',
	iov: readonly iovec[],
	pos: number,
): Sleeps<number> {
	const method = rw === 'READ' ? file.f_op.aio_read : file.f_op.aio_write;
	if (!method) return -EINVAL;
	const iocb = init_sync_kiocb(k, file, rw, iov, pos);
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

/** Where data or a hole begins: a file counts as all data, with a hole behind its end. @see generic_file_llseek() */
function seekDataOrHole(k: Kernel, file: file, offset: number, whence: number): number {
	if (!k.era.seeksDataAndHoles) return -EINVAL;
	const {i_size} = file.inode;
	if (offset < 0 || offset >= i_size) return -ENXIO;
	file.f_pos = whence === SEEK_DATA ? offset : i_size;
	return file.f_pos;
}

/** @returns the new position, -EBADF, -EINVAL, or -ESPIPE where a device has no positions */
export function* sys_lseek(k: Kernel, fd: number, offset: number, whence: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		if (file.f_op.noSeek || file.nonseekable) return -ESPIPE;
		if (file.f_op.llseek) return yield* file.f_op.llseek(k, file, offset, whence);
		if (file.f_op.seeksToZero) return (file.f_pos = 0);
		if (whence === SEEK_DATA || whence === SEEK_HOLE) return seekDataOrHole(k, file, offset, whence);
		const base = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? file.f_pos : file.inode.i_size;
		if (whence < SEEK_SET || whence > SEEK_END || base + offset < 0) return -EINVAL;
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

/** A size within RLIMIT_FSIZE; who goes beyond it gets SIGXFSZ. @see vmtruncate(), inode_newsize_ok() */
function* do_truncate(k: Kernel, inode: inode, sizeBytes: number): Sleeps<number> {
	const limit = rlimit(k, 'fsize');
	if (sizeBytes > inode.i_size && limit !== RLIM_INFINITY && sizeBytes > limit) {
		send_sig(k, SIGXFSZ, k.cpu.current);
		return -EFBIG;
	}
	return yield* truncate_inode(k, inode, sizeBytes);
}

/** Like fsync; what a file is called and when it changed is not kept on the disk here anyway. */
export function* sys_fdatasync(k: Kernel, fd: number): Sleeps<number> {
	return yield* withFile(k, fd, file => vfs_fsync(k, file, true));
}
