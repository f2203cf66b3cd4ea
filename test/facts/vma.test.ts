/**
 * Section 2 of the fact sheet: VMAs and the calls that change them. Placement, merging and limits are in
 * `test/kernel/mm/mmap.test.ts`.
 */

import {describe, expect, test} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../source/hardware/address.ts';
import {sys_setuid} from '../../source/kernel/cred.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {EACCES, EAGAIN, EBADF, EFAULT, EINVAL, ENODEV, ENOMEM, EOVERFLOW} from '../../source/kernel/errno.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {copy_process} from '../../source/kernel/fork.ts';
import {fd_install, O_RDONLY, O_RDWR, O_WRONLY} from '../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../source/kernel/fs/file_table.ts';
import {new_inode} from '../../source/kernel/fs/inode.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {sys_brk} from '../../source/kernel/mm/brk.ts';
import {SEGV_MAPERR} from '../../source/kernel/mm/fault.ts';
import {sys_mlock} from '../../source/kernel/mm/mlock.ts';
import * as flags from '../../source/kernel/mm/mm_types.ts';
import {
	MAP_ANONYMOUS,
	MAP_FIXED,
	MAP_GROWSDOWN,
	MAP_LOCKED,
	MAP_PRIVATE,
	MAP_SHARED,
	MREMAP_FIXED,
	MREMAP_MAYMOVE,
	PROT_EXEC,
	PROT_READ,
	PROT_WRITE,
} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import {pte_offset, pte_val, pte_write} from '../../source/kernel/mm/pgtable.ts';
import {user_touch, user_write8} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {bootTestKernel, runProcess} from '../kernel/support.ts';

const base = 0x2000_0000;
const readWrite = PROT_READ | PROT_WRITE;
const anon = MAP_PRIVATE | MAP_ANONYMOUS;
const at = (page: number) => userAddress(base + page * PAGE_SIZE);

const inProcess = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era}), body);

/** A file whose mmap method, if it has one, accepts everything. */
function open(k: Kernel, mode: number, hasMmap = true): number {
	const i_fop = hasMmap
		? {
				name: 'file_fops',
				*mmap() {
					return 0;
				},
			}
		: {name: 'no_mmap_fops'};
	const inode = new_inode(k, {kind: 'regular', s_dev: {major: 8, minor: 0}, i_fop});
	return fd_install(k.cpu.current.files, get_empty_filp(k, '/file', inode, mode));
}

test('vm_flags have the bits of the sheet', () => {
	const {VM_READ, VM_WRITE, VM_EXEC, VM_SHARED, VM_MAYREAD, VM_MAYWRITE, VM_MAYEXEC, VM_MAYSHARE} = flags;
	expect([VM_READ, VM_WRITE, VM_EXEC, VM_SHARED]).toEqual([1, 2, 4, 8]);
	expect([VM_MAYREAD, VM_MAYWRITE, VM_MAYEXEC, VM_MAYSHARE]).toEqual([0x10, 0x20, 0x40, 0x80]);
	expect([flags.VM_GROWSDOWN, flags.VM_PFNMAP, flags.VM_DENYWRITE, flags.VM_EXECUTABLE]).toEqual([
		0x100, 0x400, 0x800, 0x1000,
	]);
	expect([flags.VM_LOCKED, flags.VM_IO, flags.VM_SEQ_READ, flags.VM_RAND_READ]).toEqual([
		0x2000, 0x4000, 0x8000, 0x1_0000,
	]);
	expect([flags.VM_DONTCOPY, flags.VM_DONTEXPAND, flags.VM_RESERVED]).toEqual([0x2_0000, 0x4_0000, 0x8_0000]);
	expect([flags.VM_ACCOUNT, flags.VM_NORESERVE]).toEqual([0x10_0000, 0x20_0000]);
	expect([flags.VM_INSERTPAGE, flags.VM_MIXEDMAP, flags.VM_PFN_AT_MMAP]).toEqual([
		0x200_0000, 0x1000_0000, 0x4000_0000,
	]);
});

describe('mmap', () => {
	const answers = (name: string, wanted: number, call: (k: Kernel) => Sleeps<number>) => [name, wanted, call] as const;

	test.each([
		answers('a bad descriptor, even of length 0', -EBADF, k => sys_mmap2(k, 0, 0, readWrite, MAP_PRIVATE, 99, 0)),
		answers('length 0', -EINVAL, k => sys_mmap2(k, 0, 0, readWrite, anon, -1, 0)),
		answers('more than the address space', -ENOMEM, k => sys_mmap2(k, 0, 0xc000_1000, readWrite, anon, -1, 0)),
		answers('a fixed address too high', -ENOMEM, k =>
			sys_mmap2(k, 0xbfff_f000, 2 * PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 0),
		),
		answers('a fixed address within a page', -EINVAL, k =>
			sys_mmap2(k, base + 1, PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 0),
		),
		answers('neither shared nor private', -EINVAL, k => sys_mmap2(k, 0, PAGE_SIZE, readWrite, MAP_ANONYMOUS, -1, 0)),
		answers('an offset that overflows', -EOVERFLOW, k =>
			sys_mmap2(k, 0, 2 * PAGE_SIZE, readWrite, MAP_PRIVATE, open(k, O_RDWR), 0xffff_ffff),
		),
		answers('shared, for writing, a file not open for it', -EACCES, k =>
			sys_mmap2(k, 0, PAGE_SIZE, readWrite, MAP_SHARED, open(k, O_RDONLY), 0),
		),
		answers('a file open for writing only', -EACCES, k =>
			sys_mmap2(k, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, open(k, O_WRONLY), 0),
		),
		answers('a file that cannot be mapped', -ENODEV, k =>
			sys_mmap2(k, 0, PAGE_SIZE, readWrite, MAP_SHARED, open(k, O_RDWR, false), 0),
		),
		answers('a file that may not be written and cannot be mapped', -EACCES, k =>
			sys_mmap2(k, 0, PAGE_SIZE, readWrite, MAP_SHARED, open(k, O_RDONLY, false), 0),
		),
	])('of %s answers %i', (_what, wanted, call) => {
		expect(inProcess('2.6.32', call)).toBe(wanted);
	});

	test('with MAP_LOCKED beyond RLIMIT_MEMLOCK is EAGAIN', () => {
		inProcess('2.6.32', function* (k) {
			k.cpu.current.mm!.rlimits.memlock = 2 * PAGE_SIZE;
			sys_setuid(k, 'uid', 1000);
			expect(yield* sys_mmap2(k, 0, 3 * PAGE_SIZE, readWrite, anon | MAP_LOCKED, -1, 0)).toBe(-EAGAIN);
			expect(yield* sys_mmap2(k, 0, 2 * PAGE_SIZE, readWrite, anon | MAP_LOCKED, -1, 0)).toBeGreaterThan(0);
			expect(k.cpu.current.mm!.locked_vm).toBe(2);
		});
	});

	test('shared of a file open for reading loses VM_SHARED and MAYWRITE, and keeps MAYSHARE', () => {
		inProcess('2.6.32', function* (k) {
			yield* sys_mmap2(k, at(0), PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, open(k, O_RDONLY), 0);
			const {vm_flags} = k.cpu.current.mm!.mmap.find(at(0))!;
			expect(vm_flags & (flags.VM_SHARED | flags.VM_MAYWRITE | flags.VM_MAYSHARE)).toBe(flags.VM_MAYSHARE);
			expect(yield* sys_mprotect(k, at(0), PAGE_SIZE, readWrite)).toBe(-EACCES);
		});
	});

	test('private and anonymous has the page number of its address as pgoff', () => {
		inProcess('3.2', function* (k) {
			yield* sys_mmap2(k, at(5), PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 77);
			expect(k.cpu.current.mm!.mmap.find(at(5))!.vm_pgoff).toBe((base >> 12) + 5);
		});
	});

	test('may be asked 65530 times, 65536 in 2.6.11', () => {
		expect(bootTestKernel({era: 'ldd3'}).mm.max_map_count).toBe(65_536);
		expect([bootTestKernel({era: '2.6.32'}), bootTestKernel({era: '3.2'})].map(k => k.mm.max_map_count)).toEqual([
			65_530, 65_530,
		]);
	});

	test('goes down from 0xb8000000', () => {
		inProcess('2.6.32', function* (k) {
			expect(k.cpu.current.mm!.mmap_base).toBe(0xb800_0000);
			expect(yield* sys_mmap2(k, 0, PAGE_SIZE, readWrite, anon, -1, 0)).toBe(0xb7ff_f000);
		});
	});
});

test('find_vma is the lowest VMA that ends above an address, though it may begin above it too', () => {
	inProcess('2.6.32', function* (k) {
		yield* sys_mmap2(k, at(4), 2 * PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 0);
		const {mmap} = k.cpu.current.mm!;
		expect([at(0), at(4), at(5)].map(address => mmap.find(address)?.vm_start)).toEqual([at(4), at(4), at(4)]);
		expect(mmap.find(at(6))).toBeUndefined();
	});
});

test('munmap refuses a start within a page, an end beyond TASK_SIZE and length 0, and takes what is not there', () => {
	inProcess('2.6.32', function* (k) {
		expect(yield* sys_munmap(k, base + 1, PAGE_SIZE)).toBe(-EINVAL);
		expect(yield* sys_munmap(k, 0xbfff_f000, 2 * PAGE_SIZE)).toBe(-EINVAL);
		expect(yield* sys_munmap(k, base, 0)).toBe(-EINVAL);
		expect(yield* sys_munmap(k, base, PAGE_SIZE)).toBe(0);
	});
});

test(
	'mprotect: unaligned EINVAL, nothing 0, unknown bits EINVAL, unmapped ENOMEM, a gap keeps what came ' + 'before it',
	() => {
		inProcess('2.6.32', function* (k) {
			for (const page of [0, 1, 3]) yield* sys_mmap2(k, at(page), PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 0);
			expect(yield* sys_mprotect(k, base + 1, PAGE_SIZE, PROT_READ)).toBe(-EINVAL);
			expect(yield* sys_mprotect(k, at(0), 0, PROT_READ)).toBe(0);
			expect(yield* sys_mprotect(k, at(0), 0xffff_f000, PROT_READ)).toBe(-ENOMEM);
			expect(yield* sys_mprotect(k, at(0), PAGE_SIZE, 0x40)).toBe(-EINVAL);
			expect(yield* sys_mprotect(k, at(7), PAGE_SIZE, PROT_READ)).toBe(-ENOMEM);
			expect(yield* sys_mprotect(k, at(0), 4 * PAGE_SIZE, PROT_READ)).toBe(-ENOMEM);
			const writable = [0, 1, 3].map(page => (k.cpu.current.mm!.mmap.find(at(page))!.vm_flags & flags.VM_WRITE) !== 0);
			expect(writable).toEqual([false, false, true]);
		});
	},
);

describe('mremap', () => {
	const remap = (era: EraName, old: number, oldLen: number, newLen: number, how: number, to = 0) =>
		inProcess(era, function* (k) {
			yield* sys_mmap2(k, at(0), 4 * PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 0);
			return yield* sys_mremap(k, old, oldLen, newLen, how, to);
		});

	test.each([
		['an unknown flag', at(0), PAGE_SIZE, PAGE_SIZE, 8, 0, -EINVAL],
		['an address within a page', base + 1, PAGE_SIZE, PAGE_SIZE, 0, 0, -EINVAL],
		['a new length of 0', at(0), PAGE_SIZE, 0, 0, 0, -EINVAL],
		['MREMAP_FIXED without MAYMOVE', at(0), PAGE_SIZE, PAGE_SIZE, MREMAP_FIXED, at(9), -EINVAL],
		['a destination within a page', at(0), PAGE_SIZE, PAGE_SIZE, MREMAP_FIXED | MREMAP_MAYMOVE, at(9) + 1, -EINVAL],
		['a destination that overlaps', at(0), 2 * PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_FIXED | MREMAP_MAYMOVE, at(1), -EINVAL],
		['memory that is not there', at(8), PAGE_SIZE, 2 * PAGE_SIZE, 0, 0, -EFAULT],
		['more than the VMA has', at(0), 5 * PAGE_SIZE, 6 * PAGE_SIZE, MREMAP_MAYMOVE, 0, -EFAULT],
		['the middle of a VMA, to grow in place', at(0), PAGE_SIZE, 2 * PAGE_SIZE, 0, 0, -ENOMEM],
		['less', at(0), 4 * PAGE_SIZE, PAGE_SIZE, 0, 0, at(0)],
		['more, with room behind', at(0), 4 * PAGE_SIZE, 6 * PAGE_SIZE, 0, 0, at(0)],
	] as const)('of %s', (_what, old, oldLen, newLen, how, to, wanted) => {
		expect(remap('2.6.32', old, oldLen, newLen, how, to)).toBe(wanted);
	});

	test.each([
		['ldd3', flags.VM_DONTEXPAND, -EFAULT],
		['ldd3', flags.VM_PFNMAP, at(0)],
		['2.6.32', flags.VM_DONTEXPAND, -EFAULT],
		['2.6.32', flags.VM_PFNMAP, -EFAULT],
		['3.2', flags.VM_PFNMAP, -EFAULT],
	] as const)('in %s growing a VMA with flag %i answers %i', (era, flag, wanted) => {
		inProcess(era, function* (k) {
			yield* sys_mmap2(k, at(0), PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 0);
			const vma = k.cpu.current.mm!.mmap.find(at(0))!;
			vma.vm_flags |= flag;
			expect(yield* sys_mremap(k, at(0), PAGE_SIZE, 2 * PAGE_SIZE, 0, 0)).toBe(wanted);
			vma.vm_flags &= ~flag;
		});
	});
});

test('brk answers the new end, or the old one whenever it cannot', () => {
	inProcess('2.6.32', function* (k) {
		const mm = k.cpu.current.mm!;
		mm.start_brk = mm.brk = base;
		expect(yield* sys_brk(k, base + 100)).toBe(base + 100);
		expect(yield* sys_brk(k, base - PAGE_SIZE)).toBe(base + 100);
		mm.rlimits.data = 2 * PAGE_SIZE;
		expect(yield* sys_brk(k, base + 4 * PAGE_SIZE)).toBe(base + 100);
		mm.rlimits.data = Number.POSITIVE_INFINITY;
		yield* sys_mmap2(k, at(4), PAGE_SIZE, readWrite, anon | MAP_FIXED, -1, 0);
		// One page stays free below the next VMA.
		expect(yield* sys_brk(k, at(4))).toBe(base + 100);
		expect(yield* sys_brk(k, at(3))).toBe(at(3));
		expect(yield* sys_brk(k, base)).toBe(base);
	});
});

test('a VMA that grows down does, to RLIMIT_STACK, and not across RLIMIT_AS', () => {
	inProcess('ldd3', function* (k) {
		const mm = k.cpu.current.mm!;
		yield* sys_mmap2(k, at(64), PAGE_SIZE, readWrite, anon | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
		expect(yield* user_touch(k, at(60), true)).toBe(0);
		expect(mm.mmap.find(at(60))!.vm_start).toBe(at(60));
		mm.rlimits.stack = 6 * PAGE_SIZE;
		expect(yield* user_touch(k, at(50), true)).toBe(SEGV_MAPERR);
		mm.rlimits.stack = 64 * PAGE_SIZE;
		mm.rlimits.as = mm.total_vm * PAGE_SIZE;
		expect(yield* user_touch(k, at(59), true)).toBe(SEGV_MAPERR);
		mm.rlimits.as = Number.POSITIVE_INFINITY;
		expect(yield* user_touch(k, at(59), true)).toBe(0);
	});
});

test('fork clears VM_LOCKED, skips VM_DONTCOPY, write-protects what is copied on write in both', () => {
	inProcess('2.6.32', function* (k) {
		const mm = k.cpu.current.mm!;
		for (const page of [0, 2, 4]) {
			yield* sys_mmap2(k, at(page), PAGE_SIZE, page === 4 ? readWrite | PROT_EXEC : readWrite, anon | MAP_FIXED, -1, 0);
			if (page < 4) yield* user_write8(k, at(page), 1);
		}
		yield* sys_mlock(k, at(0), PAGE_SIZE);
		mm.mmap.find(at(2))!.vm_flags |= flags.VM_DONTCOPY;
		const childHas: number[] = [];
		const child = yield* copy_process(k, {
			*body(k) {
				const own = k.cpu.current.mm!;
				childHas.push(own.mmap.find(at(0))!.vm_flags & flags.VM_LOCKED, own.mmap.find(at(2))!.vm_start);
				childHas.push(Number(pte_write(pte_val(k, pte_offset(k, own, at(0))))));
			},
		});
		if (typeof child === 'number') throw new Error('no child');
		expect(pte_write(pte_val(k, pte_offset(k, mm, at(0))))).toBe(false);
		expect(pte_write(pte_val(k, pte_offset(k, mm, at(2))))).toBe(true);
		yield* sys_wait4(k, child.pid);
		expect(childHas).toEqual([0, at(4), 0]);
	});
});
