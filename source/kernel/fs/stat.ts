/**
 * Models fs/stat.c (2.6.11 and later): what a file is, as the two structures of i386: stat, and stat64 of the calls
 * for large files.
 *
 * Not modelled: owners, permissions, links, times (all zero).
 */
import {userAddress} from '../../hardware/address.ts';
import {EBADF, EFAULT, EOVERFLOW} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_words_to_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import {fget, fput, type inode} from './file.ts';
import {path_lookup} from './namei.ts';

const BLOCK_BYTES = 4_096;
const LARGEST_OLD_SIZE = 0x7fff_ffff;

/** Kind and permissions, as st_mode has them. */
export const MODES: Readonly<Record<inode['kind'], number>> = {
	regular: 0o100644,
	shmem: 0o100644,
	chrdev: 0o020666,
	blkdev: 0o060660,
	directory: 0o040755,
	fifo: 0o010600,
	anon: 0o000600,
};

const device = (number: {readonly major: number; readonly minor: number} | undefined) =>
	number === undefined ? 0 : (number.major << 8) | number.minor;

function* cp_new_stat64(k: Kernel, inode: inode, to: number): Sleeps<number> {
	const words = new Uint32Array(24);
	const sizeHigh = Math.floor(inode.i_size / 2 ** 32);
	words[0] = device(inode.s_dev);
	words[3] = inode.i_ino;
	words[4] = MODES[inode.kind];
	words[5] = inode.i_nlink;
	words[8] = device(inode.i_rdev);
	words[11] = inode.i_size;
	words[12] = sizeHigh;
	words[13] = BLOCK_BYTES;
	words[14] = inode.i_blocks();
	words[22] = inode.i_ino;
	return (yield* copy_words_to_user(k, userAddress(to), words)) ? 0 : -EFAULT;
}

/** The older structure, which has no room for a large file. @returns 0, -EFAULT, -EOVERFLOW */
function* cp_new_stat(k: Kernel, inode: inode, to: number): Sleeps<number> {
	if (inode.i_size > LARGEST_OLD_SIZE) return -EOVERFLOW;
	const words = new Uint32Array(16);
	words[0] = device(inode.s_dev);
	words[1] = inode.i_ino;
	words[2] = MODES[inode.kind] | (inode.i_nlink << 16);
	words[4] = device(inode.i_rdev);
	words[5] = inode.i_size;
	words[6] = BLOCK_BYTES;
	words[7] = inode.i_blocks();
	return (yield* copy_words_to_user(k, userAddress(to), words)) ? 0 : -EFAULT;
}

export const sys_newstat = (k: Kernel, path: string, statbuf: number) => statOf(k, path, statbuf, cp_new_stat);
export const sys_newfstat = (k: Kernel, fd: number, statbuf: number) => fstatOf(k, fd, statbuf, cp_new_stat);
export const sys_stat64 = (k: Kernel, path: string, statbuf: number) => statOf(k, path, statbuf, cp_new_stat64);
export const sys_fstat64 = (k: Kernel, fd: number, statbuf: number) => fstatOf(k, fd, statbuf, cp_new_stat64);

function* fstatOf(k: Kernel, fd: number, statbuf: number, copy: typeof cp_new_stat): Sleeps<number> {
	const file = fget(k, fd);
	if (!file) return -EBADF;
	const result = yield* copy(k, file.inode, statbuf);
	yield* fput(k, file);
	return result;
}

/** Opens nothing: a driver does not hear of it. */
function* statOf(k: Kernel, path: string, statbuf: number, copy: typeof cp_new_stat): Sleeps<number> {
	const inode = path_lookup(k, path);
	return typeof inode === 'number' ? inode : yield* copy(k, inode, statbuf);
}
