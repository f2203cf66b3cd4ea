import {describe, expect, test} from 'vitest';
import {PAGE_SIZE, physicalAddress, userAddress} from '../../../source/hardware/address.ts';
import {walkPageTables} from '../../../source/hardware/mmu.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {NO_PTE, pte_offset} from '../../../source/kernel/mm/pgtable.ts';
import {user_touch} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, runProcess} from '../support.ts';

const gigabyte = 2 ** 30;
const fixed = 0x32;

const onKernel = <T>(pae: boolean, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era: '3.2', pae}), body);

/** Maps [start, end) and writes its first page and its last. */
function* mapAndTouch(k: Kernel, start: number, end: number): Sleeps<void> {
	yield* sys_mmap2(k, start, end - start, 3, fixed, -1, 0);
	for (const address of [start, end - PAGE_SIZE]) yield* user_touch(k, userAddress(address), true);
}

const unmap = (k: Kernel, start: number, end: number) => sys_munmap(k, start, end - start);

describe.each([
	['two levels', false, 4 << 20],
	['PAE', true, 2 << 20],
])('a page table (%s)', (_name, pae, span) => {
	const start = 0x2000_0000;
	const isThere = (k: Kernel, address: number) => pte_offset(k, k.cpu.current.mm!, address) !== NO_PTE;

	test('is freed with the last area that reaches into it, and not before', () => {
		onKernel(pae, function* (k) {
			const mm = k.cpu.current.mm!;
			yield* mapAndTouch(k, start, start + span);
			yield* mapAndTouch(k, start + span, start + span + PAGE_SIZE);
			expect(mm.nr_ptes).toBe(2);
			yield* unmap(k, start, start + span - PAGE_SIZE);
			expect(isThere(k, start)).toBe(true);
			yield* unmap(k, start + span - PAGE_SIZE, start + span);
			expect([isThere(k, start), isThere(k, start + span), mm.nr_ptes]).toEqual([false, true, 1]);
		});
	});

	test('stays while an area in its first page or its last does', () => {
		onKernel(pae, function* (k) {
			yield* mapAndTouch(k, start, start + span);
			yield* unmap(k, start + PAGE_SIZE, start + span);
			expect(isThere(k, start)).toBe(true);
			yield* mapAndTouch(k, start + span - PAGE_SIZE, start + span);
			yield* unmap(k, start, start + PAGE_SIZE);
			expect(isThere(k, start)).toBe(true);
			yield* unmap(k, start + span - PAGE_SIZE, start + span);
			expect(isThere(k, start)).toBe(false);
		});
	});

	test('is none where RAM ends, and is one a frame before; such an entry goes with its area', () => {
		onKernel(pae, function* (k) {
			const {ram, paging} = k.hw;
			const cr3 = k.cpu.current.mm!.pgd;
			yield* mapAndTouch(k, start, start + PAGE_SIZE);
			const entry = walkPageTables(ram, paging, cr3, start).steps.at(-2)!;
			const flags = entry.low & 0xfff;
			const end = 64 << 20;
			ram.write32(entry.at, (end - PAGE_SIZE) | flags);
			expect(isThere(k, start)).toBe(true);
			ram.write32(entry.at, end | flags);
			expect(isThere(k, start)).toBe(false);
			// Nothing drives the bus: all ones.
			expect(walkPageTables(ram, paging, cr3, start).steps.at(-1)).toMatchObject({level: 'pte', low: 0xffff_ffff});
			yield* unmap(k, start, start + PAGE_SIZE);
			expect(ram.read32(entry.at)).toBe(0);
		});
	});

	test('covers addresses to its last byte', () => {
		onKernel(pae, function* (k) {
			yield* mapAndTouch(k, start, start + PAGE_SIZE);
			expect([isThere(k, start + span - 1), isThere(k, start + span), isThere(k, start - 1)]).toEqual([
				true,
				false,
				false,
			]);
		});
	});
});

describe('PAE’s table of a gigabyte', () => {
	const isThere = (k: Kernel, gigabyte: number) =>
		(k.hw.ram.read32(physicalAddress(k.cpu.current.mm!.pgd + 8 * gigabyte)) & 1) !== 0;

	test.each([
		['its last neighbours end where it begins and begin where it ends', 0, 0, false],
		['the neighbour below reaches into it', PAGE_SIZE, 0, true],
		['the neighbour above reaches into it', 0, PAGE_SIZE, true],
	])('%s: there after munmap of what lay between', (_what, below, above, stays) => {
		onKernel(true, function* (k) {
			yield* mapAndTouch(k, gigabyte - PAGE_SIZE, gigabyte + below);
			yield* mapAndTouch(k, 2 * gigabyte - above, 2 * gigabyte + PAGE_SIZE);
			yield* mapAndTouch(k, gigabyte + (64 << 20), gigabyte + (65 << 20));
			yield* unmap(k, gigabyte + (64 << 20), gigabyte + (65 << 20));
			expect([0, 1, 2].map(gigabyte => isThere(k, gigabyte))).toEqual([true, stays, true]);
		});
	});

	test('is made again when something comes to lie there', () => {
		onKernel(true, function* (k) {
			yield* mapAndTouch(k, gigabyte, gigabyte + PAGE_SIZE);
			yield* unmap(k, gigabyte, gigabyte + PAGE_SIZE);
			expect(isThere(k, 1)).toBe(false);
			yield* mapAndTouch(k, gigabyte, gigabyte + PAGE_SIZE);
			expect(isThere(k, 1)).toBe(true);
		});
	});
});
