/**
 * Models fs/exec.c (2.6.11 to 6.18): a new address space from a program. What an installed program consists of is
 * described here rather than read from an ELF header: those are not machine code. A compiled one is read by
 * binfmt_elf.ts. The mappings are real: text and data come from the named files' pages, arguments lie on the stack as
 * bytes.
 *
 * Not modelled: the interpreter's own work beyond its mappings, set-uid, scripts.
 */

import {PAGE_SHIFT, PAGE_SIZE, userAddress} from '../hardware/address.ts';
import {type ElfProgram, mapElf, zeroPageRests} from './binfmt_elf.ts';
import {install_exec_creds} from './cred.ts';
import {ENOMEM, IS_ERR} from './errno.ts';
import {mm_release, mmput} from './fork.ts';
import {type file, flush_old_files, fput, O_RDONLY} from './fs/file.ts';
import {filp_open} from './fs/vfs.ts';
import type {Kernel} from './kernel.ts';
import {countVma} from './mm/accounting.ts';
import {do_brk} from './mm/brk.ts';
import {arch_pick_mmap_layout, mm_alloc, releaseUnmapped, TASK_SIZE} from './mm/mm.ts';
import {type mm_struct, VM_ACCOUNT, VM_GROWSDOWN, VM_READ, VM_WRITE} from './mm/mm_types.ts';
import {MAP_DENYWRITE, MAP_EXECUTABLE, MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE} from './mm/mman.ts';
import {do_mmap_pgoff} from './mm/mmap.ts';
import {mmap_write_lock, mmap_write_unlock} from './mm/mmap_lock.ts';
import {VM_MAYACCESS, vm_get_page_prot} from './mm/protection.ts';
import {copy_to_user} from './mm/uaccess.ts';
import {mapVdso} from './mm/vdso.ts';
import {vm_area_alloc, vma_link} from './mm/vma_merge.ts';
import type {task_struct} from './sched.ts';
import {flush_signal_handlers} from './signal.ts';
import type {Sleeps} from './time.ts';
import {trace} from './trace.ts';

/** Where the linker puts programs of i386. */
const ELF_BASE = 0x0804_8000;
const STACK_TOP = TASK_SIZE;

/** A program or library: one file with text first and data after it, page by page. */
export type LoadedFile = {
	/** Absolute path of a file in the tree. */
	readonly path: string;
	readonly textPages: number;
	readonly dataPages: number;
	/** Zeroed memory behind the data. */
	readonly bssPages: number;
};

type Program = LoadedFile & {readonly libraries: readonly LoadedFile[]};

/**
 * Gives the current task a new address space made from a program; the old one is dropped. Sleeps.
 * @param argv the first is the program's name
 * @returns 0, -ENOENT and the like of opening the files, -ENOMEM
 */
export function* do_execve(k: Kernel, program: Program, argv: readonly string[]): Sleeps<number> {
	const task = k.cpu.current;
	const files: file[] = [];
	for (const {path} of [program, ...program.libraries]) {
		const opened = yield* filp_open(k, path, O_RDONLY);
		if (typeof opened === 'number') {
			for (const each of files) yield* fput(k, each);
			return opened;
		}
		files.push(opened);
	}
	const error = yield* replaceMm(
		k,
		mm => load(k, mm, program, files),
		function* () {
			for (const each of files) yield* fput(k, each);
		},
	);
	if (error < 0) return error;
	becomeNamed(k, task, program.path, argv);
	return yield* writeArguments(k, task.mm!, argv, [], []);
}

/**
 * Gives the current task the program of an ELF file. Sleeps.
 * @param file open, of which the caller keeps its reference
 * @param path as the program is called
 * @returns 0, -ENOMEM and the like; its registers are for the caller to set
 */
export function* do_execve_elf(
	k: Kernel,
	file: file,
	program: ElfProgram,
	path: string,
	argv: readonly string[],
	envp: readonly string[],
): Sleeps<number> {
	const task = k.cpu.current;
	const fill = function* (mm: mm_struct): Sleeps<number> {
		arch_pick_mmap_layout(mm, false);
		yield* mmap_write_lock(k, mm);
		let failed = setup_arg_pages(k, mm);
		if (failed === 0) failed = yield* mapElf(k, mm, file, program);
		if (failed === 0) failed = mapVdso(k, mm);
		yield* mmap_write_unlock(k, mm);
		yield* releaseUnmapped(k);
		return failed;
	};
	const error = yield* replaceMm(k, fill, nothing);
	if (error < 0) return error;
	becomeNamed(k, task, path, argv);
	const failed = yield* zeroPageRests(k, program);
	return failed < 0 ? failed : yield* writeArguments(k, task.mm!, argv, envp, auxiliaryVector(program));
}

/**
 * Makes an address space by `fill`, and drops the old one for it.
 * @param filled what to do in between, however it went
 * @returns 0 or -errno, with the old one kept
 */
function* replaceMm(k: Kernel, fill: (mm: mm_struct) => Sleeps<number>, filled: () => Sleeps<void>): Sleeps<number> {
	const task = k.cpu.current;
	const mm = mm_alloc(k);
	const old = task.mm;
	if (mm && old) {
		Object.assign(mm.rlimits, old.rlimits);
		Object.assign(mm.rlim_max, old.rlim_max);
	}
	const error = mm ? yield* fill(mm) : -ENOMEM;
	yield* filled();
	if (error < 0 || !mm) {
		if (mm) yield* mmput(k, mm);
		return error;
	}
	if (old) task.signal.maxrss = Math.max(task.signal.maxrss, old.hiwater_rss);
	yield* mm_release(k, task);
	task.mm = mm;
	task.active_mm = mm;
	if (old) yield* mmput(k, old);
	flush_signal_handlers(task);
	yield* flush_old_files(k, task.files);
	return 0;
}

function becomeNamed(k: Kernel, task: task_struct, path: string, argv: readonly string[]): void {
	install_exec_creds(task);
	task.comm = baseName(path).slice(0, 15);
	task.cmdline = argv;
	trace(k, 'sched_process_exec', () => `filename=${path} pid=${task.pid} old_pid=${task.pid}`);
}

const AT_PHDR = 3;
const AT_PHENT = 4;
const AT_PHNUM = 5;
const AT_PAGESZ = 6;
const AT_ENTRY = 9;

/** What the kernel tells a program beside its arguments; without AT_SYSINFO, it calls by int 0x80. */
const auxiliaryVector = ({headers, headerCount, entry}: ElfProgram): readonly number[] => [
	...(headers === 0 ? [] : [AT_PHDR, headers, AT_PHENT, 32, AT_PHNUM, headerCount]),
	...[AT_PAGESZ, PAGE_SIZE, AT_ENTRY, entry],
];

function* nothing(): Sleeps<void> {}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Makes the mappings. @returns 0 or -errno */
function* load(k: Kernel, mm: mm_struct, program: Program, files: readonly file[]): Sleeps<number> {
	arch_pick_mmap_layout(mm, false);
	yield* mmap_write_lock(k, mm);
	let error = setup_arg_pages(k, mm);
	const end = error < 0 ? error : yield* mapFile(k, mm, program, files[0]!, 'program');
	if (end >= 0) {
		mm.start_code = ELF_BASE;
		mm.end_code = ELF_BASE + program.textPages * PAGE_SIZE;
		mm.start_data = mm.end_code;
		mm.end_data = mm.start_data + program.dataPages * PAGE_SIZE;
		mm.start_brk = end;
		mm.brk = end;
	}
	error = end < 0 ? end : 0;
	for (const [index, library] of program.libraries.entries()) {
		if (error < 0) break;
		const mapped = yield* mapFile(k, mm, library, files[index + 1]!, index === 0 ? 'interpreter' : 'library');
		error = Math.min(0, mapped);
		if (index === 0 && error === 0) error = mapVdso(k, mm);
	}
	if (program.libraries.length === 0 && error === 0) error = mapVdso(k, mm);
	yield* mmap_write_unlock(k, mm);
	yield* releaseUnmapped(k);
	return error;
}

/** Who maps a file: the kernel, the program and its interpreter; the interpreter, from user space, the libraries. */
type Role = 'program' | 'interpreter' | 'library';

/** Kinds of mapping. sys_mmap2() takes MAP_DENYWRITE and MAP_EXECUTABLE out of what user space asks for. */
const MAP_KIND: Readonly<Record<Role, number>> = {
	program: MAP_PRIVATE | MAP_DENYWRITE | MAP_EXECUTABLE,
	interpreter: MAP_PRIVATE | MAP_DENYWRITE,
	library: MAP_PRIVATE,
};

/**
 * Maps text, data and bss of one file one after the other. @returns the first address behind them, or -errno
 * @see elf_map(), load_elf_interp()
 */
function* mapFile(k: Kernel, mm: mm_struct, wanted: LoadedFile, file: file, role: Role): Sleeps<number> {
	const text = wanted.textPages * PAGE_SIZE;
	const data = wanted.dataPages * PAGE_SIZE;
	const bss = wanted.bssPages * PAGE_SIZE;
	const whole = text + data + bss;
	const kind = MAP_KIND[role];
	// Who asks for room for all of the file cuts it to shape afterwards; so its parts stay together. 2.6.11 finds room
	// for the interpreter's text alone, and puts the data above it, whatever is there.
	const placesWhole = role === 'library' || (role === 'interpreter' && k.era.interpreterPlacedWhole);
	const fixed = role === 'program' ? MAP_FIXED : 0;
	const base = role === 'program' ? ELF_BASE : 0;
	const size = placesWhole ? whole : text;
	const room = yield* do_mmap_pgoff(k, mm, file, base, size, PROT_READ | PROT_EXEC, kind | fixed, 0);
	if (IS_ERR(room)) return room;
	if (data > 0) {
		const prot = PROT_READ | PROT_WRITE;
		const pgoff = text >>> PAGE_SHIFT;
		const at = yield* do_mmap_pgoff(k, mm, file, room + text, data, prot, kind | MAP_FIXED, pgoff);
		if (IS_ERR(at)) return at;
	}
	const error = do_brk(k, mm, room + text + data, bss);
	return error < 0 ? error : room + whole;
}

/** The stack: as much as the arguments need, and in later kernels some more. */
function setup_arg_pages(k: Kernel, mm: mm_struct): number {
	const flags = VM_READ | VM_WRITE | VM_MAYACCESS | VM_GROWSDOWN | VM_ACCOUNT;
	const end = STACK_TOP;
	const start = end - PAGE_SIZE - k.era.stackExpandBytes;
	const pages = (end - start) >>> PAGE_SHIFT;
	const prot = vm_get_page_prot(flags);
	vma_link(k, vm_area_alloc(mm, {start, end, flags, prot, pgoff: start >>> PAGE_SHIFT, file: null, ops: null}));
	k.mm.vm_committed += pages;
	countVma(mm, flags, null, pages);
	return 0;
}

/** Bytes of an argument as C has them: a byte for each character, which is below U+0100. */
const cString = (text: string) => Uint8Array.from([...text, '\0'], letter => letter.charCodeAt(0) & 0xff);

/** Puts the arguments where main() finds them: strings at the top, pointers and their count below. */
function* writeArguments(
	k: Kernel,
	mm: mm_struct,
	argv: readonly string[],
	envp: readonly string[],
	auxiliary: readonly number[],
): Sleeps<number> {
	// The last word of user space stays zero, as in Linux.
	let at = STACK_TOP - 4;
	const place = function* (strings: readonly string[]): Sleeps<number[] | undefined> {
		const pointers: number[] = [];
		for (const bytes of strings.map(cString).toReversed()) {
			at -= bytes.length;
			if ((yield* copy_to_user(k, userAddress(at), bytes)) > 0) return undefined;
			pointers.unshift(at);
		}
		return pointers;
	};
	const environment = yield* place(envp);
	mm.arg_end = at;
	const pointers = yield* place(argv);
	if (!environment || !pointers) return -ENOMEM;
	mm.arg_start = at;
	const words = [argv.length, ...pointers, 0, ...environment, 0, ...auxiliary, ...(auxiliary.length > 0 ? [0, 0] : [])];
	mm.start_stack = at - 4 * words.length - ((at - 4 * words.length) % 16);
	const bytes = new Uint8Array(
		words.flatMap(word => [word, word >>> 8, word >>> 16, word >>> 24].map(byte => byte & 0xff)),
	);
	return (yield* copy_to_user(k, userAddress(mm.start_stack), bytes)) > 0 ? -ENOMEM : 0;
}
