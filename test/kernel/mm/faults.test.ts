import {describe, expect, test} from 'vitest';
import {PAGE_SIZE, type Pfn, userAddress} from '../../../source/hardware/address.ts';
import {sys_setuid} from '../../../source/kernel/cred.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {sys_wait4} from '../../../source/kernel/exit.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import {fd_install} from '../../../source/kernel/fs/file.ts';
import {shmem_file_setup} from '../../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR} from '../../../source/kernel/mm/fault.ts';
import {sys_mlock, sys_munlock} from '../../../source/kernel/mm/mlock.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {page_count, page_mapcount} from '../../../source/kernel/mm/page.ts';
import {pte_offset, pte_pfn, pte_val} from '../../../source/kernel/mm/pgtable.ts';
import {try_user_write8, user_read8, user_touch, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import {MUST_SLEEP, type Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, dmesg, newProcess, runProcess} from '../support.ts';

const base = 0x2000_0000;
const fixed = 0x32;
const at = (page: number) => userAddress(base + page * PAGE_SIZE);

const frameAt = (k: Kernel, page: number): Pfn => pte_pfn(k, pte_offset(k, k.cpu.current.mm!, at(page)));
const entryAt = (k: Kernel, page: number) => pte_val(k, pte_offset(k, k.cpu.current.mm!, at(page))) & 0xfff;

const onKernel = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era}), body);

test('reading memory that nobody wrote maps the one zero page, which is not resident memory', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), 4 * PAGE_SIZE, 3, fixed, -1, 0);
		for (const page of [0, 3]) expect(yield* user_read8(k, at(page))).toBe(0);
		expect(frameAt(k, 0)).toBe(k.layout.empty_zero_page);
		expect(frameAt(k, 3)).toBe(k.layout.empty_zero_page);
		expect(k.cpu.current.mm!.rss_anon).toBe(0);
	});
});

test('the first write gives the process a page of its own, full of zeros but for what was written', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, fixed, -1, 0);
		yield* user_read8(k, at(0));
		yield* user_write8(k, userAddress(at(0) + 5), 0x42);
		expect(frameAt(k, 0)).not.toBe(k.layout.empty_zero_page);
		expect([...k.hw.ram.page(frameAt(k, 0)).subarray(4, 7)]).toEqual([0, 0x42, 0]);
		expect(k.cpu.current.mm!.rss_anon).toBe(1);
		expect(page_mapcount(k, frameAt(k, 0))).toBe(1);
	});
});

test('after fork both see one frame, read-only; who writes first gets the copy, the other keeps the frame', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, fixed, -1, 0);
		yield* user_write8(k, at(0), 1);
		const frame = frameAt(k, 0);
		const seen: number[] = [];
		const child = yield* copy_process(k, {
			*body(k) {
				seen.push(frameAt(k, 0), page_mapcount(k, frame));
				yield* user_write8(k, at(0), 2);
				seen.push(frameAt(k, 0) === frame ? -1 : 0, yield* user_read8(k, at(0)));
			},
		});
		if (typeof child === 'number') throw new Error('no child');
		yield* sys_wait4(k, child.pid);
		expect(seen).toEqual([frame, 2, 0, 2]);
		expect(yield* user_read8(k, at(0))).toBe(1);
		expect(k.vm_events.pgreuse).toBe(0);
		yield* user_write8(k, at(0), 3);
		expect(k.vm_events.pgreuse).toBe(1);
		expect(frameAt(k, 0)).toBe(frame);
		expect(page_count(k, frame)).toBe(1);
	});
});

describe('what an access earns', () => {
	const cases: readonly [string, EraName, number, number, boolean, number][] = [
		['nothing mapped', 'ldd3', 3, 10, false, SEGV_MAPERR],
		['a write to read-only memory', 'ldd3', 1, 0, true, SEGV_ACCERR],
		['a read of PROT_NONE', 'ldd3', 0, 0, false, SEGV_ACCERR],
		['a read of write-only memory, before 2.6.12', 'ldd3', 2, 0, false, SEGV_ACCERR],
		['a read of write-only memory, later', '3.2', 2, 0, false, 0],
		['a read of executable memory', 'ldd3', 4, 0, false, 0],
	];
	test.each(cases)('%s (era %s)', (_what, era, prot, page, write, verdict) => {
		onKernel(era, function* (k) {
			yield* sys_mmap2(k, at(0), PAGE_SIZE, prot, fixed, -1, 0);
			expect(yield* user_touch(k, at(page), write)).toBe(verdict);
		});
	});

	test('a page behind the end of a file', () => {
		onKernel('ldd3', function* (k) {
			const fd = fd_install(k.cpu.current.files, shmem_file_setup(k, 'f', PAGE_SIZE + 1));
			yield* sys_mmap2(k, at(0), 3 * PAGE_SIZE, 1, 0x12, fd, 0);
			expect(yield* user_touch(k, at(1), false)).toBe(0);
			expect(yield* user_touch(k, at(2), false)).toBe(BUS_ADRERR);
		});
	});
});

test('a bad access kills the task with SIGSEGV, and kernels from 2.6.25 on say so', () => {
	const k = bootTestKernel({memMiB: 64, era: '3.2'});
	const task = newProcess(k, 'wild');
	expect(() => runProcess(k, k => user_read8(k, userAddress(0x1234)), task)).toThrow('killed (11)');
	expect(dmesg(k).at(-1)).toBe(`wild[${task.pid}]: segfault at 1234 ip (null) sp (null) error 4`);
	expect(k.mm.mms.size).toBe(0);
});

test.each([
	['5.10', 16],
	['3.2', 1],
] as const)('a read fault of a file in era %s maps up to %i cached pages', (era, mapped) => {
	onKernel(era, function* (k) {
		const file = shmem_file_setup(k, 'f', 32 * PAGE_SIZE);
		const fd = fd_install(k.cpu.current.files, file);
		yield* sys_mmap2(k, at(64), 32 * PAGE_SIZE, 3, 0x11, fd, 0);
		for (let page = 0; page < 32; page++) yield* user_write8(k, at(64 + page), page);
		const mm = k.cpu.current.mm!;
		const before = mm.rss_shmem;
		yield* sys_mmap2(k, at(0), 32 * PAGE_SIZE, 1, 0x11, fd, 0);
		expect(yield* user_read8(k, at(20))).toBe(20);
		expect(mm.rss_shmem - before).toBe(mapped);
	});
});

test('a fault that finds mmap_sem free and memory at hand needs no generator', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, fixed, -1, 0);
		expect(try_user_write8(k, at(0), 7)).toBe(0);
		expect(yield* user_read8(k, at(0))).toBe(7);
		expect(try_user_write8(k, at(9), 7)).toBe(MUST_SLEEP);
	});
});

/** A stack (MAP_GROWSDOWN) that is the one page below `page`. */
function* stackBelow(k: Kernel, page: number): Sleeps<void> {
	yield* sys_mmap2(k, at(page - 1), PAGE_SIZE, 3, fixed | 0x100, -1, 0);
}
const stackStart = (k: Kernel, page: number) => k.cpu.current.mm!.mmap.find(at(page - 1))!.vm_start;

describe('a stack grows down to where it is touched', () => {
	test('to RLIMIT_STACK, and not a page further', () => {
		onKernel('ldd3', function* (k) {
			const mm = k.cpu.current.mm!;
			mm.rlimits.stack = 8 * PAGE_SIZE;
			yield* stackBelow(k, 21);
			expect(yield* user_touch(k, at(15), true)).toBe(0);
			expect(stackStart(k, 21)).toBe(at(15));
			expect(yield* user_touch(k, at(12), true)).toBe(SEGV_MAPERR);
			expect([mm.stack_vm, mm.total_vm]).toEqual([6, 6]);
			expect(yield* user_touch(k, at(13), true)).toBe(0);
		});
	});

	test('to RLIMIT_AS, and not a page further', () => {
		onKernel('ldd3', function* (k) {
			k.cpu.current.mm!.rlimits.as = 4 * PAGE_SIZE;
			yield* stackBelow(k, 21);
			expect(yield* user_touch(k, at(16), true)).toBe(SEGV_MAPERR);
			expect(yield* user_touch(k, at(17), true)).toBe(0);
		});
	});

	test('locked, to RLIMIT_MEMLOCK; not locked, beyond it', () => {
		onKernel('ldd3', function* (k) {
			const mm = k.cpu.current.mm!;
			yield* stackBelow(k, 21);
			mm.rlimits.memlock = 3 * PAGE_SIZE;
			sys_setuid(k, 'uid', 1000);
			yield* sys_mlock(k, at(20), PAGE_SIZE);
			expect(yield* user_touch(k, at(17), true)).toBe(SEGV_MAPERR);
			expect(yield* user_touch(k, at(18), true)).toBe(0);
			expect(mm.locked_vm).toBe(3);
			yield* sys_munlock(k, at(18), 3 * PAGE_SIZE);
			expect(yield* user_touch(k, at(10), true)).toBe(0);
		});
	});

	test.each([
		['ldd3', 1, SEGV_MAPERR, 0],
		['5.10', 257, SEGV_MAPERR, 256],
		['6.1', 257, SEGV_MAPERR, 256],
	] as const)('%s: to page %i above a mapping of page 0, and not below', (era, lowest, verdict, gap) => {
		onKernel(era, function* (k) {
			yield* sys_mmap2(k, at(0), PAGE_SIZE, 1, fixed, -1, 0);
			yield* stackBelow(k, 400);
			if (gap > 0) expect(yield* user_touch(k, at(lowest - 1), true)).toBe(verdict);
			expect(yield* user_touch(k, at(lowest), true)).toBe(0);
			expect(stackStart(k, 400)).toBe(at(lowest));
		});
	});

	test('up to another stack without a gap', () => {
		onKernel('5.10', function* (k) {
			yield* stackBelow(k, 1);
			yield* stackBelow(k, 400);
			expect(yield* user_touch(k, at(1), true)).toBe(0);
		});
	});

	test('in 2.6.32 a page before it is touched: the lowest page is its guard, which needs room below', () => {
		onKernel('2.6.32', function* (k) {
			yield* stackBelow(k, 21);
			yield* sys_mmap2(k, at(17), PAGE_SIZE, 1, fixed, -1, 0);
			expect(yield* user_touch(k, at(20), true)).toBe(0);
			expect(stackStart(k, 21)).toBe(at(19));
			expect(yield* user_touch(k, userAddress(at(20) - 1), true)).toBe(0);
			expect(stackStart(k, 21)).toBe(at(18));
			expect(yield* user_touch(k, at(18), true)).toBe(BUS_ADRERR);
			expect(yield* user_touch(k, at(19), true)).toBe(0);
		});
	});

	test('never into the page at address zero', () => {
		onKernel('ldd3', function* (k) {
			yield* sys_mmap2(k, 3 * PAGE_SIZE, PAGE_SIZE, 3, fixed | 0x100, -1, 0);
			expect(yield* user_touch(k, userAddress(PAGE_SIZE - 1), true)).toBe(SEGV_MAPERR);
			expect(yield* user_touch(k, userAddress(PAGE_SIZE), true)).toBe(0);
		});
	});
});

test('entries say what may be done: read-only until the first write of a private page, then writable and dirty', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, fixed, -1, 0);
		yield* user_read8(k, at(0));
		// SPECIAL, ACCESSED, USER, PRESENT; then DIRTY, ACCESSED, USER, RW, PRESENT: the i386 vectors of anonymous memory.
		expect(entryAt(k, 0)).toBe(0x225);
		yield* user_write8(k, at(0), 1);
		expect(entryAt(k, 0)).toBe(0x067);
	});
});
