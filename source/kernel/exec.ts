/**
 * Models fs/exec.c and fs/binfmt_elf.c (2.6.11 to 6.18): a new address space from a program. What a program consists of
 * is described here rather than read from an ELF header: the machine's programs are not machine code. The mappings are
 * real: text and data come from the named files' pages, arguments lie on the stack as bytes.
 *
 * Not modelled: ELF headers, the interpreter's own work beyond its mappings, auxiliary vector, set-uid, scripts.
 */
import {PAGE_SHIFT, PAGE_SIZE, userAddress} from '../hardware/address.ts';
import {ENOMEM, IS_ERR} from './errno.ts';
import {mmput} from './fork.ts';
import {type file, fput, O_RDONLY} from './fs/file.ts';
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
	const mm = mm_alloc(k);
	const old = task.mm;
	if (mm && old) Object.assign(mm.rlimits, old.rlimits);
	const error = mm ? yield* load(k, mm, program, files) : -ENOMEM;
	for (const each of files) yield* fput(k, each);
	if (error < 0 || !mm) {
		if (mm) yield* mmput(k, mm);
		return error;
	}
	task.mm = mm;
	task.active_mm = mm;
	if (old) yield* mmput(k, old);
	task.comm = baseName(program.path).slice(0, 15);
	task.cmdline = argv;
	trace(k, 'sched_process_exec', () => `filename=${program.path} pid=${task.pid} old_pid=${task.pid}`);
	return yield* writeArguments(k, mm, argv);
}

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

/** Bytes of an argument as C has them; the programs of this machine are called in ASCII. */
const cString = (text: string) => Uint8Array.from([...text, '\0'], letter => letter.charCodeAt(0) & 0x7f);

/** Puts the arguments where main() finds them: strings at the top, pointers and their count below. */
function* writeArguments(k: Kernel, mm: mm_struct, argv: readonly string[]): Sleeps<number> {
	const strings = argv.map(cString);
	// The last word of user space stays zero, as in Linux.
	let at = STACK_TOP - 4;
	mm.arg_end = at;
	const pointers: number[] = [];
	for (const bytes of strings.toReversed()) {
		at -= bytes.length;
		if ((yield* copy_to_user(k, userAddress(at), bytes)) > 0) return -ENOMEM;
		pointers.unshift(at);
	}
	mm.arg_start = at;
	const words = [argv.length, ...pointers, 0, 0];
	mm.start_stack = at - 4 * words.length - ((at - 4 * words.length) % 16);
	const bytes = new Uint8Array(
		words.flatMap(word => [word, word >>> 8, word >>> 16, word >>> 24].map(byte => byte & 0xff)),
	);
	return (yield* copy_to_user(k, userAddress(mm.start_stack), bytes)) > 0 ? -ENOMEM : 0;
}
