/**
 * Models fs/fcntl.c and fs/ioctl.c (2.6.11 and later): duplicates of descriptors, flags of open files, requests to
 * drivers.
 *
 * Not modelled: locks, leases, owners that are groups or do not exist, sizes of pipes.
 */

import {userAddress} from '../../hardware/address.ts';
import {EBADF, EFAULT, EINVAL, EMFILE, ENOIOCTLCMD, ENOTTY} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_words_from_user, put_user32} from '../mm/uaccess.ts';
import {rlimit} from '../resource.ts';
import type {Sleeps} from '../time.ts';
import {
	expand_files,
	FASYNC,
	fd_install,
	type file,
	filp_close,
	O_APPEND,
	O_CLOEXEC,
	O_DIRECT,
	O_NONBLOCK,
	withFile,
} from './file.ts';
import {memfd_add_seals, memfd_get_seals} from './memfd.ts';
import {offersDirectIo} from './vfs.ts';

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_GETOWN = 9;
const F_DUPFD_CLOEXEC = 1030;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const FD_CLOEXEC = 1;
/** O_NOATIME too, which changes nothing here. */
const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | FASYNC | 0o1000000;
const FIGETBSZ = 2;
const FIONBIO = 0x5421;
const FIOASYNC = 0x5452;
const FIONCLEX = 0x5450;
const FIOCLEX = 0x5451;
const BLOCK_BYTES = 4_096;

/** Another descriptor for an open file: the lowest free one from `least` on. @returns it, -EBADF, -EMFILE */
export function sys_dup(k: Kernel, fd: number, least = 0, closeOnExec = false): number {
	const {files} = k.cpu.current;
	const file = files.fds.get(fd);
	if (!file) return -EBADF;
	let free = least;
	while (files.fds.has(free)) free++;
	if (free >= rlimit(k, 'nofile')) return -EMFILE;
	file.f_count++;
	return fd_install(files, file, closeOnExec, least);
}

/**
 * Makes a descriptor mean the same as another; what it meant is closed.
 * @param flags of dup3 (2.6.27 on): O_CLOEXEC; without flags, dup2. @returns it, -EBADF, -EINVAL (dup3 onto itself)
 */
export function* sys_dup2(k: Kernel, fd: number, wanted: number, flags?: number): Sleeps<number> {
	const {fds, close_on_exec} = k.cpu.current.files;
	if (flags !== undefined && ((flags & ~O_CLOEXEC) !== 0 || fd === wanted)) return -EINVAL;
	const file = fds.get(fd);
	if (!file || wanted >= rlimit(k, 'nofile')) return -EBADF;
	if (fd === wanted) return wanted;
	const former = fds.get(wanted);
	file.f_count++;
	fds.set(wanted, file);
	expand_files(k.cpu.current.files, wanted);
	if (flags) close_on_exec.add(wanted);
	else close_on_exec.delete(wanted);
	if (former) yield* filp_close(k, former);
	return wanted;
}

/** F_SETFL. @returns 0, -EINVAL for O_DIRECT where it is not offered, or what the driver says to O_ASYNC */
function* setfl(k: Kernel, fd: number, file: file, flags: number): Sleeps<number> {
	if ((flags & O_DIRECT) !== 0 && !offersDirectIo(k, file.inode)) return -EINVAL;
	if (((flags ^ file.f_flags) & FASYNC) !== 0 && file.f_op.fasync) {
		const error = yield* file.f_op.fasync(k, fd, file, (flags & FASYNC) !== 0);
		if (error < 0) return error;
	}
	file.f_flags = (flags & SETFL_MASK) | (file.f_flags & ~SETFL_MASK);
	return 0;
}

export function* sys_fcntl(k: Kernel, fd: number, command: number, argument: number): Sleeps<number> {
	const {fds, close_on_exec} = k.cpu.current.files;
	const file = fds.get(fd);
	if (!file) return -EBADF;
	switch (command) {
		case F_DUPFD:
		case F_DUPFD_CLOEXEC:
			if (command === F_DUPFD_CLOEXEC && !k.era.opensCloseOnExec) return -EINVAL;
			if (argument >= rlimit(k, 'nofile')) return -EINVAL;
			return sys_dup(k, fd, argument, command === F_DUPFD_CLOEXEC);
		case F_GETFD:
			return close_on_exec.has(fd) ? FD_CLOEXEC : 0;
		case F_SETFD:
			setCloseOnExec(close_on_exec, fd, (argument & FD_CLOEXEC) !== 0);
			return 0;
		case F_GETFL:
			return file.f_flags & ~O_CLOEXEC;
		case F_SETFL:
			return yield* setfl(k, fd, file, argument);
		case F_SETOWN:
			file.f_owner = argument | 0;
			return 0;
		case F_GETOWN:
			return file.f_owner ?? 0;
		case F_ADD_SEALS:
			return k.era.F_ALL_SEALS === 0 ? -EINVAL : yield* memfd_add_seals(k, file, argument);
		case F_GET_SEALS:
			return k.era.F_ALL_SEALS === 0 ? -EINVAL : memfd_get_seals(file);
		default:
			return -EINVAL;
	}
}

function setCloseOnExec(close_on_exec: Set<number>, fd: number, closes: boolean): void {
	if (closes) close_on_exec.add(fd);
	else close_on_exec.delete(fd);
}

/**
 * A request to a driver. A few the VFS answers itself, before any driver sees them. @returns what the driver says,
 * -EBADF, -EFAULT, -ENOTTY
 */
export function* sys_ioctl(k: Kernel, fd: number, command: number, argument: number): Sleeps<number> {
	return yield* withFile(k, fd, file => do_vfs_ioctl(k, fd, file, command, argument));
}

function* ioctl_fioasync(k: Kernel, fd: number, file: file, on: boolean): Sleeps<number> {
	if (on === ((file.f_flags & FASYNC) !== 0)) return 0;
	if (!file.f_op.fasync) return -ENOTTY;
	const error = yield* file.f_op.fasync(k, fd, file, on);
	if (error < 0) return error;
	file.f_flags = on ? file.f_flags | FASYNC : file.f_flags & ~FASYNC;
	return 0;
}

function* do_vfs_ioctl(k: Kernel, fd: number, file: file, command: number, argument: number): Sleeps<number> {
	const {close_on_exec} = k.cpu.current.files;
	if (command === FIOCLEX || command === FIONCLEX) {
		setCloseOnExec(close_on_exec, fd, command === FIOCLEX);
		return 0;
	}
	if (command === FIONBIO) {
		const on = new Uint32Array(1);
		if (!(yield* copy_words_from_user(k, on, userAddress(argument)))) return -EFAULT;
		file.f_flags = on[0] === 0 ? file.f_flags & ~O_NONBLOCK : file.f_flags | O_NONBLOCK;
		return 0;
	}
	if (command === FIGETBSZ && file.inode.kind === 'regular')
		return (yield* put_user32(k, userAddress(argument), BLOCK_BYTES)) ? 0 : -EFAULT;
	if (command === FIOASYNC) {
		const on = new Uint32Array(1);
		if (!(yield* copy_words_from_user(k, on, userAddress(argument)))) return -EFAULT;
		return yield* ioctl_fioasync(k, fd, file, on[0] !== 0);
	}
	const result = file.f_op.ioctl ? yield* file.f_op.ioctl(k, file, command, argument) : -ENOTTY;
	return result === -ENOIOCTLCMD ? k.era.ioctlUnknownError : result;
}
