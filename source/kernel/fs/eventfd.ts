/**
 * Models fs/eventfd.c (2.6.22 and later): a count of 64 bits that is added to and taken. AIO adds one for each request
 * that ended (IOCB_FLAG_RESFD).
 */
import type {UserAddress} from '../../hardware/address.ts';
import {EAGAIN, EFAULT, EINVAL, EMFILE, ERESTARTSYS} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_words_from_user, copy_words_to_user} from '../mm/uaccess.ts';
import {rlimit} from '../resource.ts';
import {signal_pending} from '../signal_state.ts';
import type {Sleeps} from '../time.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../wait.ts';
import {fd_install, type file, type file_operations, O_CLOEXEC, O_NONBLOCK, O_RDWR} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {new_inode} from './inode.ts';
import {POLLERR, POLLIN, POLLOUT, type poll_table, poll_wait} from './poll.ts';

const EFD_SEMAPHORE = 1;
const COUNT_BYTES = 8;
/** All ones cannot be reached by adding, and are refused. */
const ULLONG_MAX = 2n ** 64n - 1n;

type eventfd_ctx = {count: bigint; readonly isSemaphore: boolean; readonly wqh: wait_queue_head};

const ctxOf = (file: file) => file.inode.i_private as eventfd_ctx;

const split = (value: bigint) => Uint32Array.of(Number(value & 0xffff_ffffn), Number(value >> 32n));

function* read(k: Kernel, file: file, buffer: UserAddress, bytes: number): Sleeps<number> {
	const ctx = ctxOf(file);
	if (bytes < COUNT_BYTES) return -EINVAL;
	if (ctx.count === 0n) {
		if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN;
		yield* wait_event(k, ctx.wqh, () => ctx.count > 0n, 'TASK_INTERRUPTIBLE');
		if (ctx.count === 0n) return -ERESTARTSYS;
	}
	const taken = ctx.isSemaphore ? 1n : ctx.count;
	ctx.count -= taken;
	wake_up_all(k, ctx.wqh);
	return (yield* copy_words_to_user(k, buffer, split(taken))) ? COUNT_BYTES : -EFAULT;
}

function* write(k: Kernel, file: file, buffer: UserAddress, bytes: number): Sleeps<number> {
	const ctx = ctxOf(file);
	const words = new Uint32Array(2);
	if (bytes < COUNT_BYTES) return -EINVAL;
	if (!(yield* copy_words_from_user(k, words, buffer))) return -EFAULT;
	const added = (BigInt(words[1]!) << 32n) | BigInt(words[0]!);
	if (added === ULLONG_MAX) return -EINVAL;
	const fits = () => ULLONG_MAX - ctx.count > added;
	if (!fits()) {
		if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN;
		yield* wait_event(k, ctx.wqh, fits, 'TASK_INTERRUPTIBLE');
		if (!fits() || signal_pending(k)) return -ERESTARTSYS;
	}
	ctx.count += added;
	wake_up_all(k, ctx.wqh);
	return COUNT_BYTES;
}

function* poll(k: Kernel, file: file, table: poll_table | undefined): Sleeps<number> {
	const {count, wqh} = ctxOf(file);
	poll_wait(k, wqh, table);
	return (count > 0n ? POLLIN : 0) | (count < ULLONG_MAX - 1n ? POLLOUT : 0) | (count === ULLONG_MAX ? POLLERR : 0);
}

const eventfd_fops: file_operations = {name: 'eventfd_fops', noSeek: true, isStream: true, read, write, poll};

/** Whether a file is one. */
export const isEventfd = (file: file): boolean => file.f_op === eventfd_fops;

/** Adds one, in any context. */
export function eventfd_signal(k: Kernel, file: file): void {
	const ctx = ctxOf(file);
	if (ctx.count < ULLONG_MAX) ctx.count++;
	wake_up_all(k, ctx.wqh);
}

/**
 * A new one. @param count what it begins with
 * @param flags EFD_SEMAPHORE (2.6.30 on), O_CLOEXEC, O_NONBLOCK. @returns its descriptor, -EINVAL, -EMFILE
 */
export function* sys_eventfd2(k: Kernel, count: number, flags: number): Sleeps<number> {
	if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL;
	const {files} = k.cpu.current;
	if (files.fds.size >= rlimit(k, 'nofile')) return -EMFILE;
	const isSemaphore = (flags & EFD_SEMAPHORE) !== 0;
	const i_private: eventfd_ctx = {count: BigInt(count), isSemaphore, wqh: wait_queue_head('an eventfd')};
	const inode = new_inode(k, {kind: 'anon', s_dev: {major: 0, minor: 0}, i_fop: eventfd_fops, i_nlink: 0, i_private});
	const file = get_empty_filp(k, 'anon_inode:[eventfd]', inode, O_RDWR | (flags & O_NONBLOCK));
	return fd_install(files, file, (flags & O_CLOEXEC) !== 0);
}
