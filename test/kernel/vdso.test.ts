import {describe, expect, test} from 'vitest';
import {formatMapsArea} from '../../source/formats/proc/maps.ts';
import {PAGE_SIZE, type Pfn, type UserAddress, userAddress} from '../../source/hardware/address.ts';
import {ERA_NAMES, type EraName, erasFrom} from '../../source/kernel/era/behaviour.ts';
import {EFAULT} from '../../source/kernel/errno.ts';
import {do_execve} from '../../source/kernel/exec.ts';
import {tmpfs} from '../../source/kernel/fs/shmem.ts';
import {mount, vfs_create} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {get_user_pages, page_cache_release} from '../../source/kernel/mm/gup.ts';
import {VM_DENYWRITE, VM_DONTEXPAND, VM_PFNMAP, type vm_area_struct} from '../../source/kernel/mm/mm_types.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../source/kernel/mm/mmap_lock.ts';
import {page_count} from '../../source/kernel/mm/page.ts';
import {truncate_inode} from '../../source/kernel/mm/truncate.ts';
import {user_read8, user_touch} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {mapsArea} from '../../source/lab/tree/maps.ts';
import {bootTestKernel, runProcess} from './support.ts';

const gate = 0xffff_e000 as UserAddress;

function* take(k: Kernel, start: UserAddress, count: number, write: boolean, pages: Pfn[], vmas: vm_area_struct[]) {
	const {current} = k.cpu;
	yield* mmap_read_lock(k, current.mm!);
	const got = yield* get_user_pages(k, current, current.mm!, start, count, write, false, pages, vmas);
	yield* mmap_read_unlock(k, current.mm!);
	return got;
}

describe('the gate area of 2.6.11', () => {
	test('get_user_pages takes its one page for reading, and counts it', () => {
		const k = bootTestKernel({memMiB: 64});
		runProcess(k, function* (k) {
			const pages: Pfn[] = [];
			const vmas: vm_area_struct[] = [];
			const before = page_count(k, k.vdso.pages[0]!);
			expect(yield* take(k, gate, 1, false, pages, vmas)).toBe(1);
			expect(pages).toEqual(k.vdso.pages);
			expect(vmas.map(vma => [vma.vm_start, vma.vm_end, vma.vm_flags])).toEqual([[gate, gate + PAGE_SIZE, 0]]);
			expect(page_count(k, pages[0]!)).toBe(before + 1);
			page_cache_release(k, pages[0]!);
			expect(page_count(k, pages[0]!)).toBe(before);
		});
	});

	test('nobody takes it for writing, the page behind it is none, nor is the one before', () => {
		const k = bootTestKernel({memMiB: 64});
		runProcess(k, function* (k) {
			expect(yield* take(k, gate, 1, true, [], [])).toBe(-EFAULT);
			expect(yield* take(k, gate, 2, false, [], [])).toBe(1);
			expect(yield* take(k, (gate - PAGE_SIZE) as UserAddress, 2, false, [], [])).toBe(-EFAULT);
		});
	});

	test.each(erasFrom('2.6.32'))('%s has none', era => {
		const k = bootTestKernel({memMiB: 64, era});
		runProcess(k, function* (k) {
			expect(yield* take(k, gate, 1, false, [], [])).toBe(-EFAULT);
		});
	});

	test('a program reads the instructions there: int 0x80, ret', () => {
		const k = bootTestKernel({memMiB: 64});
		runProcess(k, function* (k) {
			const code: number[] = [];
			for (let at = 0; at < 3; at++) code.push(yield* user_read8(k, (gate + 0x400 + at) as UserAddress));
			expect(code).toEqual([0xcd, 0x80, 0xc3]);
		});
	});
});

const interpreter = {path: '/ld', textPages: 2, dataPages: 1, bssPages: 0};
const libc = {path: '/libc', textPages: 3, dataPages: 1, bssPages: 0};

/** Becomes a program that has an interpreter and a library, and then does something. */
function asProgram(era: EraName, body: (k: Kernel) => Sleeps<void>): void {
	const k = bootTestKernel({memMiB: 64, era});
	mount(k, tmpfs('/', {major: 0, minor: 20}));
	runProcess(k, function* (k) {
		const program = {path: '/sh', textPages: 2, dataPages: 1, bssPages: 0, libraries: [interpreter, libc]};
		for (const {path} of [program, interpreter, libc]) {
			const inode = vfs_create(k, path);
			if (typeof inode === 'number') throw new Error(`cannot make ${path}`);
			yield* truncate_inode(k, inode, 8 * PAGE_SIZE);
		}
		expect(yield* do_execve(k, program, ['sh'])).toBe(0);
		yield* body(k);
	});
}

function named(k: Kernel, name: string): vm_area_struct | undefined {
	const mm = k.cpu.current.mm!;
	return [...mm.mmap].find(vma => mapsArea(k, mm, vma).pathname === name);
}

describe('the area of the kernel’s own code in a program', () => {
	test.each([
		['2.6.32', undefined, 'b7ffc000-b7ffd000 r-xp 00000000 00:00 0          [vdso]'],
		['3.2', undefined, 'b7ffc000-b7ffd000 r-xp 00000000 00:00 0          [vdso]'],
		[
			'6.1',
			'b7ff7000-b7ffb000 r--p 00000000 00:00 0          [vvar]',
			'b7ffb000-b7ffd000 r-xp 00000000 00:00 0          [vdso]',
		],
	] as const)('%s: it lies below the interpreter, with its data below it', (era, vvar, vdso) => {
		asProgram(era, function* (k) {
			const mm = k.cpu.current.mm!;
			const line = (name: string) => {
				const vma = named(k, name);
				return vma && formatMapsArea(mapsArea(k, mm, vma));
			};
			expect([line('[vvar]'), line('[vdso]')]).toEqual([vvar, vdso]);
		});
	});

	test.each(erasFrom('2.6.32'))('%s: reading brings its page in, writing is refused', era => {
		asProgram(era, function* (k) {
			const vdso = named(k, '[vdso]')!;
			expect(vdso.vm_flags & VM_DONTEXPAND).not.toBe(0);
			expect(yield* user_read8(k, userAddress(vdso.vm_start + 0x400))).toBe(0xcd);
			expect(yield* user_touch(k, vdso.vm_start, true)).not.toBe(0);
		});
	});

	test.each(erasFrom('5.10'))('%s: of vvar only the first page is there, and nobody takes it', era => {
		asProgram(era, function* (k) {
			const vvar = named(k, '[vvar]')!;
			expect(vvar.vm_flags & VM_PFNMAP).not.toBe(0);
			expect(yield* user_touch(k, vvar.vm_start, false)).toBe(0);
			expect(yield* user_touch(k, vvar.vm_start + PAGE_SIZE, false)).not.toBe(0);
			expect(yield* take(k, vvar.vm_start, 1, false, [], [])).toBe(-EFAULT);
		});
	});
});

test.each(ERA_NAMES)('%s: the kernel keeps program and interpreter from being written to, not what these map', era => {
	asProgram(era, function* (k) {
		const denied = [...k.cpu.current.mm!.mmap].filter(vma => (vma.vm_flags & VM_DENYWRITE) !== 0);
		const paths = new Set(denied.map(vma => vma.vm_file?.path));
		expect([...paths]).toEqual(['6.1', '6.18'].includes(era) ? [] : ['/sh', '/ld']);
	});
});

test('2.6.11 finds room for the interpreter’s text alone and puts its data above; later kernels for all of it', () => {
	const placeOf = (era: EraName): string[] => {
		const found: string[] = [];
		asProgram(era, function* (k) {
			for (const vma of k.cpu.current.mm!.mmap)
				if (vma.vm_file?.path === '/ld') found.push(`${vma.vm_start.toString(16)}-${vma.vm_end.toString(16)}`);
		});
		return found;
	};
	expect(placeOf('ldd3')).toEqual(['b7ffe000-b8000000', 'b8000000-b8001000']);
	expect(placeOf('2.6.32')).toEqual(['b7ffd000-b7fff000', 'b7fff000-b8000000']);
});
