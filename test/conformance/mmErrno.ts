/** truth/i386 mm_errno: error numbers of memory-mapping calls in corner cases, named in words. */
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import {errnoName} from '../../source/kernel/errno.ts';
import {fd_install, O_RDONLY, O_RDWR} from '../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../source/kernel/fs/file_table.ts';
import {new_inode} from '../../source/kernel/fs/inode.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {sys_madvise} from '../../source/kernel/mm/madvise.ts';
import {sys_mlock} from '../../source/kernel/mm/mlock.ts';
import {
	MADV_DONTNEED,
	MAP_ANONYMOUS,
	MAP_FIXED,
	MAP_FIXED_NOREPLACE,
	MAP_PRIVATE,
	MAP_SHARED,
	MREMAP_FIXED,
	MREMAP_MAYMOVE,
	MS_SYNC,
	PROT_READ,
	PROT_WRITE,
} from '../../source/kernel/mm/mman.ts';
import {old_mmap, sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {sys_msync} from '../../source/kernel/mm/msync.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {runProcess} from '../kernel/support.ts';
import {runMachine} from './machines.ts';
import {vectorTopic} from './topic.ts';
import {mapsLines, okOrErrno, openUnlinked} from './userProgram.ts';

const base = 0x6000_0000;
const gib3 = 0xc000_0000;
const readWrite = PROT_READ | PROT_WRITE;
const privateAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
const notOpen = 99;

/** Result of a call that returns 0, as the program prints it. */
const zeroOrErrno = (result: number) => (result < 0 ? errnoName(result) : String(result));

/** Something without an mmap method, as a pipe is. */
function pipe(k: Kernel): number {
	const inode = new_inode(k, {kind: 'regular', s_dev: {major: 0, minor: 12}, i_fop: {name: 'pipefifo_fops'}});
	return fd_install(k.cpu.current.files, get_empty_filp(k, 'pipe', inode, O_RDWR));
}

type Case = (k: Kernel) => Sleeps<{readonly ret: string; readonly maps?: readonly string[]}>;

/** A case of one call that answers `ok` for success. */
const ok = (call: (k: Kernel) => Sleeps<number>): Case =>
	function* (k) {
		return {ret: okOrErrno(yield* call(k))};
	};

/** A case of one call that answers its number. */
const number = (call: (k: Kernel) => Sleeps<number>): Case =>
	function* (k) {
		return {ret: zeroOrErrno(yield* call(k))};
	};

const anonymous = (k: Kernel, address: number, length: number, flags = 0) =>
	sys_mmap2(k, address, length, readWrite, privateAnonymous | flags, -1, 0);

/** A case of a call on two mapped pages. */
const onTwoPages = (call: (k: Kernel) => Sleeps<number>): Case =>
	ok(function* (k) {
		yield* anonymous(k, base, 2 * PAGE_SIZE, MAP_FIXED);
		return yield* call(k);
	});

const fileMapping = (prot: number, flags: number) =>
	ok((k: Kernel) => {
		const {fd} = openUnlinked(k, '/tmp/ro', PAGE_SIZE, O_RDONLY);
		return sys_mmap2(k, 0, PAGE_SIZE, prot, flags, fd, 0);
	});

const moveFixed = MREMAP_MAYMOVE | MREMAP_FIXED;

const cases: Readonly<Record<string, Case>> = {
	'mmap(len 0)': ok(k => anonymous(k, 0, 0)),
	'mmap(no MAP_SHARED nor MAP_PRIVATE)': ok(k => sys_mmap2(k, 0, PAGE_SIZE, readWrite, MAP_ANONYMOUS, -1, 0)),
	'old mmap offset not page aligned (mmap2 via glibc)': ok(k =>
		old_mmap(k, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, openUnlinked(k, '/tmp/f', PAGE_SIZE).fd, 100),
	),
	'mmap(MAP_FIXED at TASK_SIZE 0xc0000000)': ok(k => anonymous(k, gib3, PAGE_SIZE, MAP_FIXED)),
	// The last page of user space belongs to the stack.
	'mmap(MAP_FIXED at 0xbffff000)': ok(k => anonymous(k, gib3 - PAGE_SIZE, PAGE_SIZE, MAP_FIXED_NOREPLACE)),
	'mmap(len 3GB)': ok(k => anonymous(k, 0, gib3)),
	'mmap(len 3GB+1)': ok(k => anonymous(k, 0, gib3 + 1)),
	'mmap(len 0xfffff001)': ok(k => anonymous(k, 0, 0xffff_f001)),
	'mmap(MAP_FIXED addr 0) as root': number(k => anonymous(k, 0, PAGE_SIZE, MAP_FIXED)),
	'mmap(shared, PROT_WRITE, O_RDONLY fd)': fileMapping(readWrite, MAP_SHARED),
	'mmap(private, PROT_WRITE, O_RDONLY fd)': fileMapping(readWrite, MAP_PRIVATE),
	'mmap(bad fd)': ok(k => sys_mmap2(k, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, notOpen, 0)),
	'mmap(pipe fd)': ok(k => sys_mmap2(k, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, pipe(k), 0)),
	'munmap(len 0)': number(k => sys_munmap(k, base, 0)),
	'munmap(unaligned)': number(k => sys_munmap(k, base + 1, PAGE_SIZE)),
	'munmap(nothing mapped)': number(k => sys_munmap(k, base, PAGE_SIZE)),
	'mprotect(len 0)': number(k => sys_mprotect(k, base, 0, PROT_READ)),
	'mprotect(unaligned)': number(k => sys_mprotect(k, base + 1, PAGE_SIZE, PROT_READ)),
	'mprotect(unmapped)': number(k => sys_mprotect(k, base, PAGE_SIZE, PROT_READ)),
	'mremap(unmapped)': ok(k => sys_mremap(k, base, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0)),
	'mremap(unaligned)': onTwoPages(k => sys_mremap(k, base + 1, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0)),
	'mremap(new_len 0)': onTwoPages(k => sys_mremap(k, base, PAGE_SIZE, 0, MREMAP_MAYMOVE, 0)),
	'mremap(FIXED without MAYMOVE)': onTwoPages(k =>
		sys_mremap(k, base, PAGE_SIZE, PAGE_SIZE, MREMAP_FIXED, base + 16 * PAGE_SIZE),
	),
	'mremap(FIXED overlapping)': onTwoPages(k =>
		sys_mremap(k, base, 2 * PAGE_SIZE, 2 * PAGE_SIZE, moveFixed, base + PAGE_SIZE),
	),
	'msync(unmapped)': number(k => sys_msync(k, base, PAGE_SIZE, MS_SYNC)),
	'madvise(unmapped, DONTNEED)': number(k => sys_madvise(k, base, PAGE_SIZE, MADV_DONTNEED)),
	'mlock(unmapped)': number(k => sys_mlock(k, base, PAGE_SIZE)),
	'MAP_FIXED_NOREPLACE over existing': onTwoPages(k => anonymous(k, base, PAGE_SIZE, MAP_FIXED_NOREPLACE)),
	*'state after mprotect over hole'(k) {
		yield* anonymous(k, base, 4 * PAGE_SIZE, MAP_FIXED);
		const hole = yield* sys_munmap(k, base + 2 * PAGE_SIZE, PAGE_SIZE);
		yield* sys_mprotect(k, base, 4 * PAGE_SIZE, PROT_READ);
		return {ret: zeroOrErrno(hole), maps: mapsLines(k, base, base + (1 << 20))};
	},
};

function* withStack(k: Kernel, body: Case) {
	yield* anonymous(k, gib3 - 33 * PAGE_SIZE, 33 * PAGE_SIZE, MAP_FIXED);
	return yield* body(k);
}

export const mmErrno = vectorTopic({
	name: 'mm_errno',
	accepts: document => document.file === 'mm_errno.json',
	isAnswer: path => /^(ret|maps)/.test(path),
	nameOf: vector => String(vector.call),
	prepare() {
		const machines = new Map<string, Kernel>();
		return vector => {
			const run = String(vector.run);
			const k = machines.get(run) ?? runMachine(run);
			machines.set(run, k);
			const body = cases[String(vector.call)];
			if (!body) throw new Error(`no call is known by the words "${vector.call}"`);
			return {...vector, ...runProcess(k, () => withStack(k, body))};
		};
	},
});
