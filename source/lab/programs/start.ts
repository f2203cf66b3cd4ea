/** Starting processes: from the lab itself (injections, boot) and from within one (what a shell's child does). */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {panic} from '../../kernel/bug.ts';
import {do_execve, type LoadedFile} from '../../kernel/exec.ts';
import {emptyFiles} from '../../kernel/fs/file.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {VM_WRITE} from '../../kernel/mm/mm_types.ts';
import {createTask, type NewTask, wake_up_new_task} from '../../kernel/new_task.ts';
import type {task_struct} from '../../kernel/sched.ts';
import {syscall} from '../../kernel/syscalls.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {installed} from '../files.ts';
import {User} from '../userland.ts';

const libraries: readonly LoadedFile[] = [
	{path: '/lib/ld-linux.so.2', textPages: 21, dataPages: 1, bssPages: 0},
	{path: '/lib/libc.so.6', textPages: 277, dataPages: 3, bssPages: 2},
];

/** What a shell exits with for a program that it cannot start. */
const commandNotFound = 127;

/** Of so many pages of text, one is run through before main() does anything. */
const textTouchedOneIn = 5;

/**
 * Replaces the calling process by an installed program, which runs the dynamic linker: it touches some of its text and
 * writes its data.
 * @returns 0 or -errno
 */
export function* becomeProgram(u: User, path: string, argv: readonly string[]): Sleeps<number> {
	const pages = installed.find(file => file.path === path)?.pages ?? 0;
	const dataPages = Math.ceil(pages / 8);
	const program = {path, textPages: pages - dataPages, dataPages, bssPages: 2, libraries: libraries};
	const error = yield* syscall(u.k, 'execve', `filename: "${path}"`, do_execve(u.k, program, argv));
	if (error === 0) yield* touchImage(u);
	return error;
}

function* touchImage(u: User): Sleeps<void> {
	for (const vma of [...u.k.cpu.current.mm!.mmap]) {
		if (!vma.vm_file) continue;
		const writable = (vma.vm_flags & VM_WRITE) !== 0;
		const stride = (writable ? 1 : textTouchedOneIn) * PAGE_SIZE;
		for (let address: number = vma.vm_start; address < vma.vm_end; address += stride) {
			if (writable) yield* u.poke8(address, 1);
			else yield* u.peek8(address);
		}
	}
}

type NewProcess = Pick<NewTask, 'comm' | 'parent'> & {readonly argv: readonly string[]; readonly injection?: number};

/** A process without memory or files that does not run yet. */
export const newProcess = (k: Kernel, {argv, ...wanted}: NewProcess): task_struct =>
	createTask(k, {...wanted, mm: null, files: emptyFiles(), cmdline: argv});

/** Starts a process that becomes a program and then runs `main`; one that cannot be loaded ends at once. */
export function startProcess(
	k: Kernel,
	{path, ...wanted}: NewProcess & {readonly path: string},
	main: (u: User) => Sleeps<number>,
): task_struct {
	const task = newProcess(k, wanted);
	wake_up_new_task(k, task, function* (k) {
		const u = new User(k);
		const failed = yield* becomeProgram(u, path, wanted.argv);
		// Linux would name the process after the file; these say what they do.
		k.cpu.current.comm = wanted.comm;
		if (failed === 0) return yield* main(u);
		if (task === k.sched.child_reaper) panic(k, k.era.noInitReason);
		return commandNotFound;
	});
	return task;
}
