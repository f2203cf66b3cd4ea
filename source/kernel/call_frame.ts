/** What a system call of a compiled program is given, and how it reaches the program's memory. */
import {PAGE_SIZE, pageOffset, userAddress} from '../hardware/address.ts';
import {EBADF, EFAULT, ENAMETOOLONG, ENOENT, ENOTDIR} from './errno.ts';
import {cleanPath} from './fs/namei.ts';
import type {Kernel} from './kernel.ts';
import {copy_from_user} from './mm/uaccess.ts';
import type {thread_struct} from './processor.ts';
import type {Sleeps} from './time.ts';

/** Thrown by exit and exit_group through the program that called them. */
export class ProgramExit extends Error {
	readonly status: number;

	constructor(status: number) {
		super(`exit ${status}`);
		this.status = status;
	}
}

export type CallFrame = {
	readonly k: Kernel;
	readonly thread: thread_struct;
	/** ebx, ecx, edx, esi, edi, ebp; unsigned. */
	readonly args: readonly number[];
	/** What the call read of a path, for the trace. */
	readonly read: {path?: string};
	/** Runs a task's program: what a child does. */
	readonly goOn: (k: Kernel) => Sleeps<number>;
};

export type SystemCall = {
	/** Without `sys_`. */
	readonly name: string;
	readonly args: readonly string[];
	readonly run: (frame: CallFrame) => Sleeps<number>;
};

/** A path may be this long, its NUL included. */
const PATH_MAX = 4096;

/**
 * Reads a string of the calling program up to its NUL; a byte is a character. @returns -EFAULT, -ENAMETOOLONG
 * @see fs/namei.c getname()
 */
export function* strndup_user(k: Kernel, from: number, mostBytes = PATH_MAX): Sleeps<string | number> {
	let text = '';
	for (let at = from; text.length < mostBytes; ) {
		// Up to the end of the page: what lies behind it may not be there.
		const bytes = new Uint8Array(Math.min(mostBytes - text.length, PAGE_SIZE - pageOffset(at), 256));
		if ((yield* copy_from_user(k, bytes, userAddress(at))) > 0) return -EFAULT;
		const end = bytes.indexOf(0);
		for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) text += String.fromCharCode(byte);
		if (end >= 0) return text;
		at += bytes.length;
	}
	return -ENAMETOOLONG;
}

/** A relative path begins where the process is, which is / here. */
const AT_FDCWD = -100;

/**
 * As withPath, of a call that may name a directory by its descriptor.
 * @returns also -EBADF, and -ENOTDIR for what is not a directory
 */
export function* withPathAt(
	{k, read}: CallFrame,
	dfd: number,
	from: number,
	use: (path: string) => Sleeps<number>,
): Sleeps<number> {
	const path = yield* strndup_user(k, from);
	if (typeof path === 'number') return path;
	read.path = path;
	if (path === '') return -ENOENT;
	if (path.startsWith('/') || dfd === AT_FDCWD) return yield* use(cleanPath(path));
	const file = k.cpu.current.files.fds.get(dfd);
	if (!file) return -EBADF;
	return file.inode.kind === 'directory' ? yield* use(cleanPath(`${file.path}/${path}`)) : -ENOTDIR;
}

/** Hands a call its path. @returns what `use` returns, or -EFAULT, -ENAMETOOLONG, -ENOENT for an empty one */
export function* withPath({k, read}: CallFrame, from: number, use: (path: string) => Sleeps<number>): Sleeps<number> {
	const path = yield* strndup_user(k, from);
	if (typeof path === 'number') return path;
	read.path = path;
	if (path === '') return -ENOENT;
	return yield* use(cleanPath(path));
}
