/**
 * Models fs/pipe.c (2.6.11 and later): bytes that one descriptor writes and another reads.
 *
 * Not modelled: the pages that hold them (a pipe holds 64 KiB however they were written), other sizes, splice, FIFOs
 * with a name.
 */
import {PAGE_SIZE, type UserAddress, userAddress} from '../../hardware/address.ts';
import {EAGAIN, EFAULT, EINVAL, EMFILE, EPIPE, ERESTARTSYS} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_from_user, copy_to_user, copy_words_to_user} from '../mm/uaccess.ts';
import {rlimit} from '../resource.ts';
import {send_sig} from '../signal.ts';
import {signal_pending} from '../signal_state.ts';
import type {Sleeps} from '../time.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../wait.ts';
import {
	FMODE_READ,
	FMODE_WRITE,
	fd_install,
	type file,
	type file_operations,
	O_CLOEXEC,
	O_DIRECT,
	O_NONBLOCK,
	O_RDONLY,
	O_WRONLY,
	sys_close,
} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {new_inode} from './inode.ts';
import {POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM, poll_wait} from './poll.ts';

const PIPE_BYTES = 16 * PAGE_SIZE;
/** A write of so many bytes at most is not mixed with others. */
const PIPE_BUF = 4_096;
const SIGPIPE = 13;
const FIONREAD = 0x541b;

type pipe_inode_info = {
	bytes: Uint8Array;
	readers: number;
	writers: number;
	readonly wait: wait_queue_head;
};

const pipeOf = (file: file) => file.inode.i_private as pipe_inode_info;

function* read(k: Kernel, file: file, buffer: UserAddress, count: number): Sleeps<number> {
	const pipe = pipeOf(file);
	if (count === 0) return 0;
	while (pipe.bytes.length === 0) {
		if (pipe.writers === 0) return 0;
		if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN;
		yield* wait_event(k, pipe.wait, () => pipe.bytes.length > 0 || pipe.writers === 0, 'TASK_INTERRUPTIBLE');
		if (signal_pending(k)) return -ERESTARTSYS;
	}
	const part = pipe.bytes.slice(0, count);
	const missed = yield* copy_to_user(k, buffer, part);
	if (missed === part.length) return -EFAULT;
	pipe.bytes = pipe.bytes.slice(part.length - missed);
	wake_up_all(k, pipe.wait);
	return part.length - missed;
}

function* write(k: Kernel, file: file, buffer: UserAddress, count: number): Sleeps<number> {
	const pipe = pipeOf(file);
	let done = 0;
	while (done < count) {
		if (pipe.readers === 0) {
			send_sig(k, SIGPIPE, k.cpu.current);
			return done || -EPIPE;
		}
		const room = PIPE_BYTES - pipe.bytes.length;
		const needed = count <= PIPE_BUF ? count : 1;
		if (room < needed) {
			if ((file.f_flags & O_NONBLOCK) !== 0) return done || -EAGAIN;
			const mayGoOn = () => PIPE_BYTES - pipe.bytes.length >= needed || pipe.readers === 0;
			yield* wait_event(k, pipe.wait, mayGoOn, 'TASK_INTERRUPTIBLE');
			if (signal_pending(k)) return done || -ERESTARTSYS;
			continue;
		}
		const part = new Uint8Array(Math.min(room, count - done));
		if ((yield* copy_from_user(k, part, userAddress(buffer + done))) > 0) return done || -EFAULT;
		// Others may have written while the copy waited for a page.
		const joined = new Uint8Array(pipe.bytes.length + part.length);
		joined.set(pipe.bytes);
		joined.set(part, pipe.bytes.length);
		pipe.bytes = joined;
		done += part.length;
		wake_up_all(k, pipe.wait);
	}
	return done;
}

const pipe_fops: file_operations = {
	name: 'pipe_fops',
	noSeek: true,
	isStream: true,
	read,
	write,
	*ioctl(k, file, command, argument) {
		if (command !== FIONREAD) return -EINVAL;
		const count = Uint32Array.of(pipeOf(file).bytes.length);
		return (yield* copy_words_to_user(k, userAddress(argument), count)) ? 0 : -EFAULT;
	},
	*poll(k, file, table) {
		const {wait, bytes, readers, writers} = pipeOf(file);
		poll_wait(k, wait, table);
		let mask = 0;
		if ((file.f_mode & FMODE_READ) !== 0)
			mask |= (bytes.length > 0 ? POLLIN | POLLRDNORM : 0) | (writers === 0 ? POLLHUP : 0);
		if ((file.f_mode & FMODE_WRITE) !== 0)
			mask |= (bytes.length < PIPE_BYTES ? POLLOUT | POLLWRNORM : 0) | (readers === 0 ? POLLERR : 0);
		return mask;
	},
	*release(k, _inode, file) {
		const pipe = pipeOf(file);
		if ((file.f_mode & FMODE_READ) !== 0) pipe.readers--;
		if ((file.f_mode & FMODE_WRITE) !== 0) pipe.writers--;
		wake_up_all(k, pipe.wait);
		return 0;
	},
};

/**
 * Makes a pipe. @param fildes where its two descriptors go: the one that reads first
 * @param flags O_CLOEXEC, O_NONBLOCK (and O_DIRECT, which keeps nothing apart here)
 * @returns 0, -EMFILE, -EFAULT, -EINVAL
 */
export function* sys_pipe2(k: Kernel, fildes: number, flags: number): Sleeps<number> {
	if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) !== 0) return -EINVAL;
	const {files} = k.cpu.current;
	if (files.fds.size + 2 > rlimit(k, 'nofile')) return -EMFILE;
	const i_private: pipe_inode_info = {
		bytes: new Uint8Array(0),
		readers: 1,
		writers: 1,
		wait: wait_queue_head('a pipe'),
	};
	const inode = new_inode(k, {kind: 'fifo', s_dev: {major: 0, minor: 0}, i_fop: pipe_fops, i_nlink: 0, i_private});
	const open = (access: number) => {
		const file = get_empty_filp(k, `pipe:[${inode.i_ino}]`, inode, access | (flags & O_NONBLOCK));
		return fd_install(files, file, (flags & O_CLOEXEC) !== 0);
	};
	const ends = Uint32Array.of(open(O_RDONLY), open(O_WRONLY));
	if (yield* copy_words_to_user(k, userAddress(fildes), ends)) return 0;
	for (const fd of ends) yield* sys_close(k, fd);
	return -EFAULT;
}
