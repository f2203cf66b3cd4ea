/**
 * Models fs/stat.c (2.6.11 and later): what a file is, as struct stat64 of i386.
 *
 * Not modelled: owners, permissions, links, times (all zero).
 */
import {userAddress} from '../../hardware/address.ts';
import {EBADF, EFAULT} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_words_to_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import {fget, fput, type inode, O_RDONLY} from './file.ts';
import {filp_open} from './vfs.ts';

const MODES: Readonly<Record<inode['kind'], number>> = {
	regular: 0o100644,
	shmem: 0o100644,
	chrdev: 0o020666,
	blkdev: 0o060660,
};

const device = (number: {readonly major: number; readonly minor: number} | undefined) =>
	number === undefined ? 0 : (number.major << 8) | number.minor;

function* cp_new_stat64(k: Kernel, inode: inode, to: number): Sleeps<number> {
	const words = new Uint32Array(24);
	const sizeHigh = Math.floor(inode.i_size / 2 ** 32);
	words[0] = device(inode.s_dev);
	words[3] = inode.i_ino;
	words[4] = MODES[inode.kind];
	words[5] = 1;
	words[8] = device(inode.i_rdev);
	words[11] = inode.i_size;
	words[12] = sizeHigh;
	words[13] = 4_096;
	words[14] = Math.ceil(inode.i_size / 512);
	words[22] = inode.i_ino;
	return (yield* copy_words_to_user(k, userAddress(to), words)) ? 0 : -EFAULT;
}

export function* sys_fstat64(k: Kernel, fd: number, statbuf: number): Sleeps<number> {
	const file = fget(k, fd);
	if (!file) return -EBADF;
	const result = yield* cp_new_stat64(k, file.inode, statbuf);
	yield* fput(k, file);
	return result;
}

export function* sys_stat64(k: Kernel, path: string, statbuf: number): Sleeps<number> {
	const file = yield* filp_open(k, path, O_RDONLY);
	if (typeof file === 'number') return file;
	const result = yield* cp_new_stat64(k, file.inode, statbuf);
	yield* fput(k, file);
	return result;
}
