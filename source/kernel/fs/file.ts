/**
 * Models include/linux/fs.h: struct file, inode, file_operations, and a task's table of descriptors.
 *
 * Not modelled: permissions of users, dentries beyond a path, locks, RCU.
 */
import type {Pfn, UserAddress} from '../../hardware/address.ts';
import {EBADF} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {address_space, vm_area_struct} from '../mm/mm_types.ts';
import {truncate_inode_pages} from '../mm/truncate.ts';
import type {Sleeps} from '../time.ts';
import type {block_device} from './block.ts';
import {clear_inode} from './inode.ts';
import type {kiocb} from './kiocb.ts';
import type {poll_table} from './poll.ts';

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_ACCMODE = 3;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
/** Its bit is O_DSYNC's since 2.6.33, and O_SYNC's before. */
export const O_DSYNC = 0o10000;
export const FASYNC = 0o20000;
export const O_DIRECT = 0o40000;
export const O_DIRECTORY = 0o200000;
/** Since 2.6.23. */
export const O_CLOEXEC = 0o2000000;
export const FMODE_READ = 1;
export const FMODE_WRITE = 2;

/** One segment of a user buffer. */
export type iovec = {readonly iov_base: UserAddress; readonly iov_len: number};

/** Methods of an open file; every one may be missing. Numbers below zero are -errno. */
export type file_operations = {
	readonly name: string;
	readonly open?: (k: Kernel, inode: inode, file: file) => Sleeps<number>;
	readonly release?: (k: Kernel, inode: inode, file: file) => Sleeps<number>;
	readonly read?: (k: Kernel, file: file, buffer: UserAddress, count: number, pos: number) => Sleeps<number>;
	readonly write?: (k: Kernel, file: file, buffer: UserAddress, count: number, pos: number) => Sleeps<number>;
	readonly aio_read?: (k: Kernel, iocb: kiocb, iov: readonly iovec[], pos: number) => Sleeps<number>;
	readonly aio_write?: (k: Kernel, iocb: kiocb, iov: readonly iovec[], pos: number) => Sleeps<number>;
	readonly aio_fsync?: (k: Kernel, iocb: kiocb, datasync: boolean) => Sleeps<number>;
	readonly fsync?: (k: Kernel, file: file, datasync: boolean) => Sleeps<number>;
	readonly mmap?: (k: Kernel, file: file, vma: vm_area_struct) => Sleeps<number>;
	/** Moves the position itself. @returns the new one, or -errno */
	readonly llseek?: (k: Kernel, file: file, offset: number, whence: number) => Sleeps<number>;
	/** The device has no positions: lseek is -ESPIPE (no_llseek). */
	readonly noSeek?: true;
	/** The device's position stays 0, whatever is asked for (null_lseek). */
	readonly seeksToZero?: true;
	/** Bytes have no places: pread and pwrite are -ESPIPE (no FMODE_PREAD). */
	readonly isStream?: true;
	/** Each descriptor that is closed calls it, also where others are left. @returns what close answers */
	readonly flush?: (k: Kernel, file: file) => Sleeps<number>;
	/** Which of POLLIN, POLLOUT … hold; it calls poll_wait for what the caller may wait for. */
	readonly poll?: (k: Kernel, file: file, table: poll_table | undefined) => Sleeps<number>;
	/** O_ASYNC is switched on or off; fd is -1 where the file goes. */
	readonly fasync?: (k: Kernel, fd: number, file: file, on: boolean) => Sleeps<number>;
	readonly ioctl?: (k: Kernel, file: file, command: number, argument: number) => Sleeps<number>;
	/** Makes room in the store for a range of bytes, or a hole of it (FALLOC_FL_PUNCH_HOLE). */
	readonly fallocate?: (k: Kernel, file: file, mode: number, offset: number, length: number) => Sleeps<number>;
};

/** How pages of a file come from and go to its store. */
export type address_space_operations = {
	/**
	 * Begins to fill a locked frame with page `index`; may sleep. The frame is unlocked when the read has ended, and up
	 * to date if it went well. @returns 0 or -errno
	 */
	readonly readpage: (k: Kernel, mapping: address_space, index: number, frame: Pfn) => Sleeps<number>;
	/**
	 * Begins to write a locked frame, whose dirty bit the caller has cleared, to the store; may sleep. Returns with the
	 * frame unlocked and under write-back until the write has ended. @returns 0 or -errno
	 */
	readonly writepage: (k: Kernel, mapping: address_space, index: number, frame: Pfn) => Sleeps<number>;
	/** Makes room in the store for page `index` before it is written to. @returns 0 or -errno */
	readonly prepare_write?: (k: Kernel, mapping: address_space, index: number) => Sleeps<number>;
	/** Moves bytes between user buffers and the store, past the cache. @returns bytes moved, -EIOCBQUEUED, or -errno */
	readonly direct_IO?: (
		k: Kernel,
		rw: 'READ' | 'WRITE',
		iocb: kiocb,
		iov: readonly iovec[],
		pos: number,
	) => Sleeps<number>;
	/** Gives back the store of pages from `index` on, when a file shrinks. */
	readonly truncate?: (k: Kernel, mapping: address_space, index: number) => void;
	/** The first page from `index` on that has data; undefined where all the rest is a hole. */
	readonly nextData?: (k: Kernel, mapping: address_space, index: number) => number | undefined;
	/** Whether a page has data; else it is a hole. */
	readonly isData?: (k: Kernel, mapping: address_space, index: number) => boolean;
	/** Pages live in memory alone and are never written back (shmem). */
	readonly inMemoryOnly?: true;
};

export type inode = {
	readonly i_ino: number;
	readonly kind: 'regular' | 'chrdev' | 'blkdev' | 'shmem' | 'directory' | 'fifo' | 'anon';
	/** Names that it has in the tree, and open files that refer to it. Without either it goes. */
	i_nlink: number;
	i_count: number;
	/** Device of the filesystem that holds the node, as maps prints it. */
	readonly s_dev: {readonly major: number; readonly minor: number};
	/** For device nodes: the device's own number. */
	readonly i_rdev: {readonly major: number; readonly minor: number} | undefined;
	/** Bytes. */
	i_size: number;
	i_mapping: address_space;
	readonly i_fop: file_operations;
	readonly a_ops: address_space_operations | undefined;
	/** Sectors of 512 bytes that it takes on its disk, or in memory. */
	readonly i_blocks: () => number;
	/** Where each page of the file starts on the disk (sector of 512 bytes), for files on a disk; undefined in a hole. */
	readonly sectorOf: ((pageIndex: number) => number | undefined) | undefined;
	/** The disk that holds the file's pages (for a block device's node: itself), or undefined. */
	readonly i_bdev: block_device | undefined;
	/** What a driver keeps. */
	i_private: unknown;
};

/** An open file: one per open(). */
export type file = {
	readonly id: number;
	readonly path: string;
	readonly inode: inode;
	readonly f_mode: number;
	/** O_ flags of open; F_SETFL changes some. */
	f_flags: number;
	f_op: file_operations;
	f_pos: number;
	/** Where a method that moves the position itself has put it; whoever called the method takes it from here. */
	posAfter?: number | undefined;
	f_count: number;
	/** Bytes of it have no places for who opened it (nonseekable_open): lseek, pread and pwrite are -ESPIPE. */
	nonseekable?: true;
	/** What is let go after its release. */
	letGo?: () => void;
	/** Who gets its signals: a process, or 0 (F_SETOWN). */
	f_owner?: number;
	/** Read-ahead: the window read last, and the page asked for last. In pages. */
	readonly f_ra: {start: number; size: number; prev: number};
	private_data: unknown;
};

/** @param close_on_exec descriptors that execve closes */
export type FilesStruct = {
	readonly fds: Map<number, file>;
	readonly close_on_exec: Set<number>;
	/** The highest that there was since the table was made; a table never gets smaller. */
	highestFd?: number;
};

export const emptyFiles = (): FilesStruct => ({fds: new Map(), close_on_exec: new Set()});

/** A table of descriptors has this many places at first. */
const NR_OPEN_DEFAULT = 32;

/** Places of a table of descriptors. @see expand_files() */
export function max_fds(k: Kernel, {highestFd = -1}: FilesStruct): number {
	return highestFd < NR_OPEN_DEFAULT ? NR_OPEN_DEFAULT : k.era.fdTablePlaces(highestFd);
}

/** Notes that a descriptor is in the table. */
export function expand_files(files: FilesStruct, fd: number): void {
	files.highestFd = Math.max(files.highestFd ?? -1, fd);
}

export function fget(k: Kernel, fd: number): file | undefined {
	const found = k.cpu.current.files.fds.get(fd);
	if (found) found.f_count++;
	return found;
}

/**
 * What a system call does with an open file. A program of one thread takes no reference for that (fget_light, fdget):
 * so where the call ends in an oops, the file is closed with the program all the same.
 * @returns what the call does, -EBADF
 */
export function* withFile(k: Kernel, fd: number, body: (file: file) => Sleeps<number>): Sleeps<number> {
	const file = fget(k, fd);
	if (!file) return -EBADF;
	let result: number;
	try {
		result = yield* body(file);
	} catch (reason) {
		file.f_count--;
		throw reason;
	}
	yield* fput(k, file);
	return result;
}

/** Drops a reference; the last one releases the file. May sleep in the driver's release. */
export function* fput(k: Kernel, file: file): Sleeps<void> {
	file.f_count--;
	if (file.f_count > 0) return;
	if ((file.f_flags & FASYNC) !== 0 && k.era.releaseEndsFasync)
		yield* file.f_op.fasync?.(k, -1, file, false) ?? nothing();
	yield* file.f_op.release?.(k, file.inode, file) ?? nothing();
	file.letGo?.();
	file.inode.i_count--;
	yield* iput_final(k, file.inode);
}

/** A file without a name that is not open goes, with its pages and its disk space. @see fs/inode.c iput_final() */
export function* iput_final(k: Kernel, inode: inode): Sleeps<void> {
	if (inode.i_nlink > 0 || inode.i_count > 0 || !k.mappings.has(inode.i_mapping.id)) return;
	yield* truncate_inode_pages(k, inode.i_mapping, 0);
	inode.a_ops?.truncate?.(k, inode.i_mapping, 0);
	clear_inode(k, inode);
}

function* nothing(): Sleeps<number> {
	return 0;
}

/** Puts an open file under the lowest free descriptor from `least` on. */
export function fd_install(files: FilesStruct, file: file, closeOnExec = false, least = 0): number {
	let fd = least;
	while (files.fds.has(fd)) fd++;
	expand_files(files, fd);
	files.fds.set(fd, file);
	if (closeOnExec) files.close_on_exec.add(fd);
	else files.close_on_exec.delete(fd);
	return fd;
}

/** @returns 0 or -EBADF */
export function* sys_close(k: Kernel, fd: number): Sleeps<number> {
	const {fds} = k.cpu.current.files;
	const file = fds.get(fd);
	if (!file) return -EBADF;
	fds.delete(fd);
	k.cpu.current.files.close_on_exec.delete(fd);
	return yield* filp_close(k, file);
}

/** One descriptor of a file goes, or one who has it open. @returns what its flush says */
export function* filp_close(k: Kernel, file: file): Sleeps<number> {
	const result = file.f_op.flush ? yield* file.f_op.flush(k, file) : 0;
	yield* fput(k, file);
	return result;
}

/** Closes what a new program does not get. @see fs/exec.c flush_old_files() */
export function* flush_old_files(k: Kernel, {fds, close_on_exec}: FilesStruct): Sleeps<void> {
	for (const fd of [...close_on_exec]) {
		const file = fds.get(fd);
		fds.delete(fd);
		close_on_exec.delete(fd);
		if (file) yield* filp_close(k, file);
	}
}

/** Closes everything, at exit. */
export function* exitFiles(k: Kernel, files: FilesStruct): Sleeps<void> {
	const open = [...files.fds.values()];
	files.fds.clear();
	for (const file of open) yield* filp_close(k, file);
}
