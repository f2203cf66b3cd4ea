/**
 * Models fs/fcntl.c and fs/ioctl.c (2.6.11 and later): duplicates of descriptors, flags of open files, requests to
 * drivers.
 *
 * Not modelled: locks, leases, owners, close-on-exec (a descriptor of a compiled program stays open over execve).
 */

import {userAddress} from '../../hardware/address.ts';
import {EBADF, EFAULT, EINVAL, EMFILE, ENOTTY} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {put_user32} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import {fget, fput} from './file.ts';

const MOST_DESCRIPTORS = 1_024;
const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const FIGETBSZ = 2;
const BLOCK_BYTES = 4_096;

/** Another descriptor for an open file: the lowest free one from `least` on. @returns it, -EBADF, -EMFILE */
export function sys_dup(k: Kernel, fd: number, least = 0): number {
	const {fds} = k.cpu.current.files;
	const file = fds.get(fd);
	if (!file) return -EBADF;
	let free = least;
	while (fds.has(free)) free++;
	if (free >= MOST_DESCRIPTORS) return -EMFILE;
	file.f_count++;
	fds.set(free, file);
	return free;
}

/** Makes a descriptor mean the same as another; what it meant is closed. @returns it, or -EBADF */
export function* sys_dup2(k: Kernel, fd: number, wanted: number): Sleeps<number> {
	const {fds} = k.cpu.current.files;
	const file = fds.get(fd);
	if (!file || wanted >= MOST_DESCRIPTORS) return -EBADF;
	const former = fds.get(wanted);
	if (former === file && fd === wanted) return wanted;
	file.f_count++;
	fds.set(wanted, file);
	if (former) yield* fput(k, former);
	return wanted;
}

export function* sys_fcntl(k: Kernel, fd: number, command: number, argument: number): Sleeps<number> {
	const file = k.cpu.current.files.fds.get(fd);
	if (!file) return -EBADF;
	if (command === F_DUPFD) return argument >= MOST_DESCRIPTORS ? -EINVAL : sys_dup(k, fd, argument);
	if (command === F_GETFL) return file.f_flags;
	return command === F_GETFD || command === F_SETFD || command === F_SETFL ? 0 : -EINVAL;
}

/**
 * A request to a driver. A few the VFS answers itself, before any driver sees them. @returns what the driver says,
 * -EBADF, -ENOTTY
 */
export function* sys_ioctl(k: Kernel, fd: number, command: number, argument: number): Sleeps<number> {
	const file = fget(k, fd);
	if (!file) return -EBADF;
	let result = -ENOTTY;
	if (command === FIGETBSZ && file.inode.kind === 'regular')
		result = (yield* put_user32(k, userAddress(argument), BLOCK_BYTES)) ? 0 : -EFAULT;
	else if (file.f_op.ioctl) result = yield* file.f_op.ioctl(k, file, command, argument);
	yield* fput(k, file);
	return result;
}
