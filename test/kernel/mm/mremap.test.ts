/** mremap(), on both sides of each of its limits. It is long because the call has so many rules. */

import {describe, expect, test} from 'vitest';
import {PAGE_SIZE, type Pfn, userAddress} from '../../../source/hardware/address.ts';
import {sys_setuid} from '../../../source/kernel/cred.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EAGAIN, EFAULT, EINVAL, ENOMEM} from '../../../source/kernel/errno.ts';
import {fd_install} from '../../../source/kernel/fs/file.ts';
import {shmem_file_setup} from '../../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_ATOMIC, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {sys_mlock} from '../../../source/kernel/mm/mlock.ts';
import {TASK_SIZE} from '../../../source/kernel/mm/mm.ts';
import {VM_DONTEXPAND, VM_PFNMAP, type vm_area_struct} from '../../../source/kernel/mm/mm_types.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_mremap} from '../../../source/kernel/mm/mremap.ts';
import {__free_pages, try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {NO_PTE, pte_offset, pte_pfn} from '../../../source/kernel/mm/pgtable.ts';
import {user_read8, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, runProcess} from '../support.ts';
import {checkInvariants} from './invariants.ts';

const at = (page: number) => userAddress(0x2000_0000 + page * PAGE_SIZE);
const [fixed, sharedFixed] = [0x32, 0x31];
const [intoRoom, maymove, to] = [0, 1, 3];

const mmOf = (k: Kernel) => k.cpu.current.mm!;
function areaAt(k: Kernel, page: number): vm_area_struct | undefined {
	const vma = mmOf(k).mmap.find(at(page));
	return vma && vma.vm_start <= at(page) ? vma : undefined;
}
/** Pages from the window's start on that areas cover: `01..4` has holes at 2 and 3. */
const covered = (k: Kernel, pages: number) =>
	Array.from({length: pages}, (_, page) => (areaAt(k, page) ? page % 10 : '.')).join('');

/** Runs in a process, then counts everything anew. */
function onKernel<T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T {
	const k = bootTestKernel({memMiB: 32, era});
	return runProcess(k, function* () {
		const result = yield* body(k);
		checkInvariants(k);
		return result;
	});
}

const map = (k: Kernel, page: number, pages: number, prot = 3, flags = fixed) =>
	sys_mmap2(k, at(page), pages * PAGE_SIZE, prot, flags, -1, 0);
/** mremap in pages. */
const remap = (k: Kernel, page: number, from: number, to: number, flags: number, target = 0) =>
	sys_mremap(k, at(page), from * PAGE_SIZE, to * PAGE_SIZE, flags, target === 0 ? 0 : at(target));

describe('what mremap refuses before it looks at any area', () => {
	test.each([
		['a flag that it does not know', at(0), PAGE_SIZE, PAGE_SIZE, 8, 0],
		['MREMAP_FIXED without MREMAP_MAYMOVE', at(0), PAGE_SIZE, PAGE_SIZE, 2, at(8)],
		['an address inside a page', at(0) + 1, PAGE_SIZE, PAGE_SIZE, maymove, 0],
		['a new length of nothing', at(0), PAGE_SIZE, 0, maymove, 0],
		['a target inside a page', at(0), PAGE_SIZE, PAGE_SIZE, to, at(8) + 1],
		['a target that ends a page above user space', at(0), PAGE_SIZE, 2 * PAGE_SIZE, to, TASK_SIZE - PAGE_SIZE],
		['a new length of more than user space', at(0), PAGE_SIZE, TASK_SIZE + PAGE_SIZE, to, PAGE_SIZE],
		['a target that begins in the source', at(0), 3 * PAGE_SIZE, PAGE_SIZE, to, at(2)],
		['a target that ends in the source', at(0), PAGE_SIZE, 3 * PAGE_SIZE, to, at(-2)],
	])('%s: EINVAL', (_what, address, from, to, flags, target) => {
		onKernel('2.6.32', function* (k) {
			yield* map(k, 0, 4);
			expect(yield* sys_mremap(k, address, from, to, flags, target)).toBe(-EINVAL);
			expect(covered(k, 6)).toBe('0123..');
		});
	});

	test.each([
		['a new length of one byte is a page', at(0), 2 * PAGE_SIZE, 1, intoRoom, 0, at(0)],
		['a target right behind the source', at(0), 4 * PAGE_SIZE, PAGE_SIZE, to, at(4), at(4)],
		['a target that ends where the source begins', at(0), PAGE_SIZE, 2 * PAGE_SIZE, to, at(-2), at(-2)],
		[
			'a target that ends where user space does',
			at(0),
			PAGE_SIZE,
			PAGE_SIZE,
			to,
			TASK_SIZE - PAGE_SIZE,
			TASK_SIZE - PAGE_SIZE,
		],
	])('%s: allowed', (_what, address, from, to, flags, target, answer) => {
		onKernel('2.6.32', function* (k) {
			yield* map(k, 0, 4);
			expect(yield* sys_mremap(k, address, from, to, flags, target)).toBe(answer);
		});
	});
});

describe('where the source must be', () => {
	test.each(['ldd3', '6.1', '6.18'] as const)('%s: mapped at its first page, and to its end', era => {
		onKernel(era, function* (k) {
			yield* map(k, 1, 2);
			expect(yield* remap(k, 0, 1, 2, maymove)).toBe(-EFAULT);
			expect(yield* remap(k, 3, 1, 2, maymove)).toBe(-EFAULT);
			expect(yield* remap(k, 1, 3, 4, maymove)).toBe(-EFAULT);
			expect(yield* remap(k, 0, 1, 1, to, 8)).toBe(-EFAULT);
			expect(covered(k, 10)).toBe('.12.......');
			expect(yield* remap(k, 1, 2, 3, intoRoom)).toBe(at(1));
			expect(covered(k, 10)).toBe('.123......');
		});
	});

	test('a move to a named place clears the place first, and 6.18 only when the source is there', () => {
		const left = (era: EraName) =>
			onKernel(era, function* (k) {
				yield* map(k, 8, 1);
				expect(yield* remap(k, 0, 1, 1, to, 8)).toBe(-EFAULT);
				return covered(k, 9);
			});
		expect([left('ldd3'), left('6.1'), left('6.18')]).toEqual(['.........', '........8', '........8']);
	});

	test('shrinking needs nothing at the source before 5.16, and an area there from then on', () => {
		const shrink = (era: EraName) => onKernel(era, k => remap(k, 0, 2, 1, intoRoom));
		expect([shrink('ldd3'), shrink('5.10'), shrink('6.1'), shrink('6.18')]).toEqual([at(0), at(0), -EFAULT, -EFAULT]);
	});
});

describe('in place', () => {
	test('an area shrinks to its first pages, and stays when it has the length', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 4);
			expect(yield* remap(k, 0, 4, 4, intoRoom)).toBe(at(0));
			expect(covered(k, 6)).toBe('0123..');
			expect(yield* remap(k, 0, 4, 1, intoRoom)).toBe(at(0));
			expect(covered(k, 6)).toBe('0.....');
		});
	});

	test.each(['ldd3', '6.1'] as const)('%s: it grows up to its neighbour and not into it', era => {
		onKernel(era, function* (k) {
			yield* map(k, 0, 1);
			yield* map(k, 3, 1, 1);
			expect(yield* remap(k, 0, 1, 4, intoRoom)).toBe(-ENOMEM);
			expect(yield* remap(k, 0, 1, 3, intoRoom)).toBe(at(0));
			expect(covered(k, 5)).toBe('0123.');
			expect(mmOf(k).map_count).toBe(2);
		});
	});

	test('it grows up to the end of user space and not beyond', () => {
		onKernel('ldd3', function* (k) {
			const last = TASK_SIZE - 2 * PAGE_SIZE;
			yield* sys_mmap2(k, last, PAGE_SIZE, 3, fixed, -1, 0);
			expect(yield* sys_mremap(k, last, PAGE_SIZE, 3 * PAGE_SIZE, intoRoom, 0)).toBe(-ENOMEM);
			expect(yield* sys_mremap(k, last, PAGE_SIZE, 2 * PAGE_SIZE, intoRoom, 0)).toBe(last);
		});
	});

	test('only the end of an area grows', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 3);
			expect(yield* remap(k, 0, 2, 3, intoRoom)).toBe(-ENOMEM);
			expect(yield* remap(k, 1, 2, 3, intoRoom)).toBe(at(1));
			expect(covered(k, 5)).toBe('0123.');
		});
	});

	test('growth that reaches a like neighbour joins it from 5.19 on, and before leaves two', () => {
		const areas = (era: EraName) =>
			onKernel(era, function* (k) {
				yield* map(k, 0, 1);
				yield* map(k, 3, 1);
				yield* remap(k, 0, 1, 3, intoRoom);
				return mmOf(k).map_count;
			});
		expect([areas('ldd3'), areas('5.10'), areas('6.1'), areas('6.18')]).toEqual([2, 2, 1, 1]);
	});

	test('an area whose driver wants to hear of its end grows without joining', () => {
		onKernel('6.1', function* (k) {
			yield* map(k, 0, 1);
			const vma = areaAt(k, 0)!;
			vma.vm_ops = {name: 'test_ops', close: () => {}};
			expect(yield* remap(k, 0, 1, 2, intoRoom)).toBe(at(0));
			expect(covered(k, 4)).toBe('01..');
			vma.vm_ops = null;
		});
	});
});

describe('a move', () => {
	test.each(['ldd3', '6.1'] as const)('%s: keeps the bytes and the frames, and takes the old place down', era => {
		onKernel(era, function* (k) {
			yield* map(k, 0, 3);
			for (const page of [0, 2]) yield* user_write8(k, at(page), 0x10 + page);
			const frameOf = (page: number) => pte_pfn(k, pte_offset(k, mmOf(k), at(page)));
			const frames = [frameOf(0), frameOf(2)];
			expect(yield* remap(k, 0, 3, 4, to, 2048)).toBe(at(2048));
			expect([frameOf(2048), frameOf(2050)]).toEqual(frames);
			expect(yield* user_read8(k, at(2050))).toBe(0x12);
			expect(covered(k, 5)).toBe('.....');
			expect(pte_offset(k, mmOf(k), at(0))).toBe(NO_PTE);
			expect([mmOf(k).map_count, mmOf(k).total_vm]).toEqual([1, 4]);
		});
	});

	test('goes without being asked only with MREMAP_MAYMOVE', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 2);
			yield* map(k, 2, 1, 1);
			expect(yield* remap(k, 0, 2, 3, intoRoom)).toBe(-ENOMEM);
			expect(yield* remap(k, 0, 2, 3, maymove)).toBeGreaterThan(at(3));
			expect(covered(k, 4)).toBe('..2.');
		});
	});

	test('to a named place may shrink: what is cut off is gone', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 4);
			yield* map(k, 10, 3, 1);
			expect(yield* remap(k, 0, 4, 2, to, 10)).toBe(at(10));
			expect(covered(k, 14)).toBe('..........012.');
			expect(areaAt(k, 11)!.vm_end).toBe(at(12));
		});
	});

	test('of part of an area leaves the rest', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 3);
			yield* user_write8(k, at(1), 7);
			expect(yield* remap(k, 1, 1, 1, to, 10)).toBe(at(10));
			expect(covered(k, 12)).toBe('0.2.......0.');
			expect(yield* user_read8(k, at(10))).toBe(7);
		});
	});

	test('of a file keeps the page of the file that each address shows', () => {
		onKernel('ldd3', function* (k) {
			const fd = fd_install(k.cpu.current.files, shmem_file_setup(k, 'f', 8 * PAGE_SIZE));
			yield* sys_mmap2(k, at(0), 3 * PAGE_SIZE, 3, 0x11, fd, 4);
			yield* remap(k, 1, 2, 2, to, 10);
			expect(areaAt(k, 10)).toMatchObject({vm_pgoff: 5, vm_file: areaAt(k, 0)!.vm_file});
			expect(areaAt(k, 10)!.vm_file!.f_count).toBe(3);
		});
	});

	test('of memory that nobody wrote to counts from its new place, and of written memory from its old one', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 1);
			yield* map(k, 4, 1);
			yield* user_write8(k, at(4), 1);
			yield* remap(k, 0, 1, 1, to, 10);
			yield* remap(k, 4, 1, 1, to, 20);
			expect(areaAt(k, 10)!.vm_pgoff).toBe(at(10) / PAGE_SIZE);
			expect(areaAt(k, 20)!.vm_pgoff).toBe(at(4) / PAGE_SIZE);
		});
	});

	test('next to what it continues, joins it', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 1);
			yield* map(k, 10, 1);
			yield* remap(k, 0, 1, 1, to, 11);
			expect(mmOf(k).map_count).toBe(1);
			expect(areaAt(k, 11)!.vm_start).toBe(at(10));
		});
	});

	test('counts both places for a moment, of which the peak VmPeak knows nothing', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 4);
			yield* remap(k, 0, 4, 5, to, 20);
			expect([mmOf(k).total_vm, mmOf(k).hiwater_vm]).toEqual([5, 5]);
		});
	});

	test('leaves a higher peak of before', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 4);
			yield* remap(k, 0, 4, 1, intoRoom);
			yield* remap(k, 0, 1, 2, to, 20);
			expect([mmOf(k).total_vm, mmOf(k).hiwater_vm]).toEqual([2, 4]);
		});
	});

	test('is told to the driver that asks for it; the area at the new place is opened, with what the driver keeps', () => {
		onKernel('5.10', function* (k) {
			yield* map(k, 0, 1);
			const told: (string | number)[] = [];
			const tell = (what: string) => (_k: Kernel, vma: vm_area_struct) => void told.push(what, vma.vm_start);
			const vma = areaAt(k, 0)!;
			vma.vm_ops = {name: 'test_ops', open: tell('open'), mremap: tell('mremap'), close: tell('close')};
			vma.vm_private_data = 'the device';
			yield* remap(k, 0, 1, 1, to, 20);
			expect(told).toEqual(['open', at(20), 'mremap', at(20), 'close', at(0)]);
			expect(areaAt(k, 20)).toMatchObject({vm_private_data: 'the device', opens: 1, closes: 0});
		});
	});
});

describe('an old length of nothing', () => {
	test('maps shared memory a second time', () => {
		onKernel('6.1', function* (k) {
			yield* map(k, 0, 2, 3, sharedFixed);
			yield* user_write8(k, at(1), 9);
			expect(yield* remap(k, 0, 0, 2, to, 10)).toBe(at(10));
			expect(yield* user_read8(k, at(11))).toBe(9);
			expect(covered(k, 3)).toBe('01.');
		});
	});

	test('is refused for private memory from 4.14 on; before it loses the promise of its pages', () => {
		const answer = (era: EraName) =>
			onKernel(era, function* (k) {
				yield* map(k, 0, 2);
				const result = yield* remap(k, 0, 0, 2, to, 10);
				return [result, k.mm.vm_committed];
			});
		expect(answer('ldd3')).toEqual([at(10), 2]);
		expect(answer('5.10')).toEqual([-EINVAL, 2]);
	});
});

describe('limits', () => {
	test.each([
		[4, -ENOMEM],
		[5, at(20)],
	])('with one area, and %i allowed, a move answers %i: it may need three more, and room for one', (most, answer) => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 2);
			k.mm.max_map_count = most;
			expect(yield* remap(k, 0, 2, 3, to, 20)).toBe(answer);
		});
	});

	test.each([
		['in place', 0],
		['elsewhere', 20],
	])('RLIMIT_MEMLOCK bounds what locked memory grows to (%s): EAGAIN', (_where, target) => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 2);
			yield* sys_mlock(k, at(0), 2 * PAGE_SIZE);
			mmOf(k).rlimits.memlock = 3 * PAGE_SIZE;
			sys_setuid(k, 'uid', 1000);
			const flags = target === 0 ? intoRoom : to;
			expect(yield* remap(k, 0, 2, 4, flags, target)).toBe(-EAGAIN);
			expect(mmOf(k).locked_vm).toBe(2);
			expect(yield* remap(k, 0, 2, 3, flags, target)).toBe(at(target));
			expect(mmOf(k).locked_vm).toBe(3);
		});
	});

	test('memory that is not locked grows beyond RLIMIT_MEMLOCK', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 2);
			mmOf(k).rlimits.memlock = 0;
			sys_setuid(k, 'uid', 1000);
			expect(yield* remap(k, 0, 2, 3, intoRoom)).toBe(at(0));
		});
	});

	test('locked memory has its new pages at once, in place or elsewhere; other memory has none', () => {
		onKernel('6.1', function* (k) {
			const isThere = (page: number) => pte_offset(k, mmOf(k), at(page)) !== NO_PTE && mmOf(k).rss_anon;
			yield* map(k, 0, 1);
			yield* remap(k, 0, 1, 2, intoRoom);
			expect(mmOf(k).rss_anon).toBe(0);
			yield* sys_mlock(k, at(0), 2 * PAGE_SIZE);
			expect(mmOf(k).rss_anon).toBe(2);
			yield* remap(k, 0, 2, 4, intoRoom);
			expect(isThere(3)).toBe(4);
			yield* remap(k, 0, 4, 5, to, 20);
			expect(isThere(24)).toBe(5);
			yield* remap(k, 20, 5, 2, intoRoom);
			expect(mmOf(k).rss_anon).toBe(2);
		});
	});

	test('RLIMIT_AS counts what is added, to the page', () => {
		onKernel('ldd3', function* (k) {
			yield* map(k, 0, 4);
			mmOf(k).rlimits.as = 6 * PAGE_SIZE;
			expect(yield* remap(k, 0, 4, 7, to, 20)).toBe(-ENOMEM);
			expect(yield* remap(k, 0, 4, 6, to, 20)).toBe(at(20));
		});
	});

	test.each([
		['in place', 0],
		['elsewhere', 2048],
	])('more than all memory is not promised (%s), and a refusal promises nothing', (_where, target) => {
		onKernel('6.1', function* (k) {
			yield* map(k, 0, 1);
			const pages = k.pages.zones.reduce((sum, zone) => sum + zone.managed_pages, 0);
			const flags = target === 0 ? intoRoom : to;
			// In place only what is added is asked for; a move asks for all of it.
			const most = target === 0 ? pages + 1 : pages;
			expect(yield* remap(k, 0, 1, most + 1, flags, target)).toBe(-ENOMEM);
			expect([k.mm.vm_committed, mmOf(k).total_vm]).toEqual([1, 1]);
			expect(yield* remap(k, 0, 1, most, flags, target)).toBe(at(target));
			expect([k.mm.vm_committed, mmOf(k).total_vm]).toEqual([most, most]);
		});
	});

	test.each([
		['ldd3', VM_DONTEXPAND, -EFAULT],
		['ldd3', VM_PFNMAP, at(0)],
		['2.6.32', VM_PFNMAP, -EFAULT],
	] as const)('%s: an area with flag %i grows with the answer %i, and may shrink', (era, flag, answer) => {
		onKernel(era, function* (k) {
			yield* map(k, 0, 2);
			areaAt(k, 0)!.vm_flags |= flag;
			expect(yield* remap(k, 0, 2, 3, intoRoom)).toBe(answer);
			expect(yield* remap(k, 0, 2, 1, intoRoom)).toBe(at(0));
		});
	});

	test('a move that finds no memory for page tables is undone, to the last page', () => {
		onKernel('6.1', function* (k) {
			yield* map(k, 0, 4096);
			for (const page of [0, 1, 1500, 3000]) yield* user_write8(k, at(page), 0x30 + (page & 1));
			// One table at the target exists: the first pages can go, those behind it cannot.
			yield* map(k, 8192, 1);
			yield* user_write8(k, at(8192), 1);
			const taken: Pfn[] = [];
			for (let frame: Pfn | undefined; (frame = try_alloc_pages(k, GFP_ATOMIC, 0)) !== undefined; ) taken.push(frame);
			for (let frame: Pfn | undefined; (frame = try_alloc_pages(k, GFP_KERNEL, 0)) !== undefined; ) taken.push(frame);
			const answer = yield* remap(k, 0, 4096, 4096, to, 8193);
			for (const frame of taken) __free_pages(k, frame, 0);
			expect(answer).toBe(-ENOMEM);
			expect(yield* user_read8(k, at(1))).toBe(0x31);
			for (const page of [0, 1500, 3000]) expect(yield* user_read8(k, at(page))).toBe(0x30);
			expect(areaAt(k, 8200)).toBeUndefined();
			expect([mmOf(k).total_vm, k.mm.vm_committed]).toEqual([4097, 4097]);
		});
	});
});
