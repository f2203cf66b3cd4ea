/**
 * Models sys_execve() of arch/i386/kernel/process.c and the way from a path to a program (fs/exec.c, 2.6.11 and later).
 *
 * Not modelled: scripts, programs that are not compiled (those of the lab's own are started by name).
 */
import {PAGE_SIZE, userAddress} from '../hardware/address.ts';
import {parseProgram} from './binfmt_elf.ts';
import {strndup_user} from './call_frame.ts';
import {E2BIG, EFAULT, ENOEXEC, ENOMEM, IS_ERR} from './errno.ts';
import {do_execve_elf} from './exec.ts';
import {type file, fput, type inode, O_RDONLY} from './fs/file.ts';
import {shmem_getpage} from './fs/shmem.ts';
import {filp_open} from './fs/vfs.ts';
import type {Kernel} from './kernel.ts';
import {put_page} from './mm/page_alloc.ts';
import {get_user32} from './mm/uaccess.ts';
import {start_thread, type thread_struct} from './processor.ts';
import type {Sleeps} from './time.ts';

/** A larger file is not looked at. */
export const LARGEST_PROGRAM_BYTES = 16 << 20;
/** Arguments and environment of one call. */
const MOST_STRINGS = 1_024;

/** All bytes of a file of memory; others hold no machine code here. @returns -ENOEXEC, -ENOMEM */
function* contents(k: Kernel, inode: inode): Sleeps<Uint8Array | number> {
	if (inode.kind !== 'shmem' || inode.i_size > LARGEST_PROGRAM_BYTES) return -ENOEXEC;
	const bytes = new Uint8Array(inode.i_size);
	for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
		const frame = yield* shmem_getpage(k, inode, at / PAGE_SIZE);
		if (IS_ERR(frame)) return -ENOMEM;
		bytes.set(k.hw.ram.page(frame).subarray(0, Math.min(PAGE_SIZE, bytes.length - at)), at);
		put_page(k, frame);
	}
	return bytes;
}

/** Starts the program in an open file in place of the current one. @returns 0 or -errno */
export function* execFile(
	k: Kernel,
	thread: thread_struct,
	file: file,
	argv: readonly string[],
	envp: readonly string[],
): Sleeps<number> {
	const bytes = yield* contents(k, file.inode);
	if (typeof bytes === 'number') return bytes;
	const program = parseProgram(bytes);
	if (typeof program === 'string') return -ENOEXEC;
	const error = yield* do_execve_elf(k, file, program, file.path, argv, envp);
	if (error < 0) return error;
	start_thread(thread.regs, program.entry, k.cpu.current.mm!.start_stack);
	thread.tls_array.fill(undefined);
	return 0;
}

/** An array of pointers to strings, ended by 0. */
function* readStrings(k: Kernel, from: number): Sleeps<string[] | number> {
	const strings: string[] = [];
	for (let at = from; from !== 0; at += 4) {
		const pointer = yield* get_user32(k, userAddress(at));
		if (pointer === undefined) return -EFAULT;
		if (pointer === 0) break;
		const text = yield* strndup_user(k, pointer);
		if (typeof text === 'number') return text;
		if (strings.push(text) > MOST_STRINGS) return -E2BIG;
	}
	return strings;
}

/** @returns 0 in the new program, or -errno in the old one */
export function* sys_execve(
	k: Kernel,
	thread: thread_struct,
	path: string,
	argv: number,
	envp: number,
): Sleeps<number> {
	const args = yield* readStrings(k, argv);
	if (typeof args === 'number') return args;
	const environment = yield* readStrings(k, envp);
	if (typeof environment === 'number') return environment;
	const file = yield* filp_open(k, path, O_RDONLY);
	if (typeof file === 'number') return file;
	const result = yield* execFile(k, thread, file, args, environment);
	yield* fput(k, file);
	return result;
}
