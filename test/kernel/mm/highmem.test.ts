import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {kernelAddress, type Pfn, pfn} from '../../../source/hardware/address.ts';
import {KernelPanic, TaskKilled} from '../../../source/kernel/bug.ts';
import {preempt_count} from '../../../source/kernel/cpu.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {kernelToPhysical, kread32, kwrite32} from '../../../source/kernel/mm/access.ts';
import {GFP_HIGHUSER, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {copy_highpage, kmap, kunmap, PKMAP_NR, page_address, try_kmap} from '../../../source/kernel/mm/highmem.ts';
import {
	KM_USER0,
	KM_USER1,
	kmap_atomic,
	kmapAtomicSlots,
	kunmap_atomic,
} from '../../../source/kernel/mm/kmap_atomic.ts';
import {lowmem_page_address} from '../../../source/kernel/mm/page.ts';
import {try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {schedule} from '../../../source/kernel/sched.ts';
import {MUST_SLEEP} from '../../../source/kernel/time.ts';
import {bootTestKernel, dmesg, run, spawn, stepUntil} from '../support.ts';

const highPage = (k: Kernel, index: number): Pfn => pfn(k.layout.highstart_pfn + index);
const slotOf = (k: Kernel, address: number | typeof MUST_SLEEP) => PKMAP_NR(k, kernelAddress(address as number));

describe('kmap', () => {
	test('of low memory is the logical address and takes no slot', () => {
		const k = bootTestKernel();
		const page = try_alloc_pages(k, GFP_KERNEL, 0)!;
		expect(try_kmap(k, page)).toBe(lowmem_page_address(page));
		expect(k.highmem.pkmap_count.some(count => count !== 0)).toBe(false);
	});

	test('hands out slot 1 first, then upwards', () => {
		const k = bootTestKernel();
		expect([0, 1, 2].map(i => slotOf(k, try_kmap(k, highPage(k, i))))).toEqual([1, 2, 3]);
	});

	test('maps the bytes of the frame', () => {
		const k = bootTestKernel();
		const page = highPage(k, 7);
		k.hw.ram.pageForWrite(page)[5] = 0x99;
		const address = run(k, () => kmap(k, page));
		expect(kernelToPhysical(k, kernelAddress(address + 5))).toBe(page * 4096 + 5);
		kwrite32(k, address, 0xcafe_f00d);
		expect(k.hw.ram.page(page)[0]).toBe(0x0d);
	});

	// Experiment 8: the mapping outlives its last user until the search comes round.
	test('of a page that was unmapped gives the same address again, without a flush', () => {
		const k = bootTestKernel();
		const page = highPage(k, 0);
		const first = try_kmap(k, page);
		kunmap(k, page);
		expect(k.highmem.pkmap_count[1]).toBe(1);
		expect(page_address(k, page)).toBe(first);
		expect(try_kmap(k, page)).toBe(first);
		expect(k.highmem.pkmap_count[1]).toBe(2);
		expect(k.highmem.flushes).toBe(0);
	});

	// Experiment 7: 5000 short mappings cost four flushes of a table of 1024.
	test('flushes once per turn of the table', () => {
		const k = bootTestKernel();
		for (let i = 0; i < 5000; i++) {
			const page = highPage(k, i);
			try_kmap(k, page);
			kunmap(k, page);
		}
		expect(k.highmem.flushes).toBe(4);
	});

	test('sleeps when every slot is held, and gets the slot that is let go of', () => {
		const k = bootTestKernel();
		const {LAST_PKMAP} = k.layout;
		const held = Array.from({length: LAST_PKMAP}, (_, i) => try_kmap(k, highPage(k, i)));
		expect(held).not.toContain(MUST_SLEEP);
		let got: number | undefined;
		const task = spawn(k, function* () {
			got = yield* kmap(k, highPage(k, 5000));
		});
		stepUntil(k, () => task.state === 'TASK_UNINTERRUPTIBLE');
		expect(task.waitingFor).toBe('pkmap_map_wait');
		const slot = k.highmem.slotOf.get(highPage(k, 300))!;
		kunmap(k, highPage(k, 300));
		stepUntil(k, () => got !== undefined);
		expect(slotOf(k, got!)).toBe(slot);
		expect(page_address(k, highPage(k, 300))).toBeUndefined();
	});

	test('and kunmap in any order keep every slot accounted for', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(1500)), {maxLength: 3000}), steps => {
				const k = bootTestKernel();
				const users = new Map<number, number>();
				for (const [map, index] of steps) {
					const held = users.get(index) ?? 0;
					if (map && try_kmap(k, highPage(k, index)) !== MUST_SLEEP) users.set(index, held + 1);
					else if (!map && held > 0) {
						kunmap(k, highPage(k, index));
						users.set(index, held - 1);
					}
				}
				for (const [index, held] of users) {
					const slot = k.highmem.slotOf.get(highPage(k, index));
					if (slot === undefined) expect(held).toBe(0);
					else expect(k.highmem.pkmap_count[slot]).toBe(held + 1);
				}
				const mapped = [...k.highmem.pkmap_pfn].filter(frame => frame !== -1);
				expect(mapped.length).toBe(k.highmem.slotOf.size);
			}),
			{numRuns: 20, seed: 3},
		);
	});

	test('undone twice is a bug that ends the task, in the words of the era', () => {
		const k = bootTestKernel({era: '6.1'});
		expect(() =>
			run(k, function* () {
				yield* kmap(k, highPage(k, 0));
				kunmap(k, highPage(k, 0));
				kunmap(k, highPage(k, 0));
			}),
		).toThrow(TaskKilled);
		expect(dmesg(k)).toContain('kernel BUG at mm/highmem.c:368!');
	});

	test('in an atomic section is complained about', () => {
		const k = bootTestKernel({era: '2.6.32'});
		run(k, function* () {
			const address = kmap_atomic(k, highPage(k, 0));
			yield* kmap(k, highPage(k, 1));
			kunmap_atomic(k, address);
		});
		expect(dmesg(k)).toContain('BUG: sleeping function called from invalid context at arch/x86/mm/highmem_32.c');
	});
});

describe('kmap_atomic', () => {
	test('in kernels with slot types maps where the type says', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const user0 = kmap_atomic(k, highPage(k, 0), KM_USER0);
		const user1 = kmap_atomic(k, highPage(k, 1), KM_USER1);
		expect(user0 - user1).toBe(4096);
		kunmap_atomic(k, user0, KM_USER0);
		kunmap_atomic(k, user1, KM_USER1);
		expect(preempt_count(k)).toBe(0);
	});

	// Experiment 9.
	test('of an occupied slot is a bug in 2.6.32 and goes unseen in 2.6.11', () => {
		const modern = bootTestKernel({era: '2.6.32'});
		kmap_atomic(modern, highPage(modern, 0));
		expect(() => kmap_atomic(modern, highPage(modern, 1))).toThrow(KernelPanic);

		const old = bootTestKernel({era: 'ldd3'});
		const address = kmap_atomic(old, highPage(old, 0));
		expect(kmap_atomic(old, highPage(old, 1))).toBe(address);
		expect(kernelToPhysical(old, address)).toBe(highPage(old, 1) * 4096);
	});

	test('twice gives two addresses a page apart where slots are stacked', () => {
		const k = bootTestKernel({era: '3.2'});
		const first = kmap_atomic(k, highPage(k, 0));
		const second = kmap_atomic(k, highPage(k, 0));
		expect(first - second).toBe(4096);
		kwrite32(k, first, 0x1234_5678);
		expect(kread32(k, second)).toBe(0x1234_5678);
	});

	test('leaves the old translation behind after kunmap_atomic in 2.6.11, unless CONFIG_DEBUG_HIGHMEM', () => {
		for (const highmem of [false, true]) {
			const k = bootTestKernel({era: 'ldd3', debug: {highmem}});
			const address = kmap_atomic(k, highPage(k, 3));
			kunmap_atomic(k, address);
			expect(kernelToPhysical(k, address) === undefined).toBe(highmem);
		}
	});

	test('forbids sleeping even for low memory', () => {
		const k = bootTestKernel({era: '2.6.32'});
		run(k, function* () {
			const address = kmap_atomic(k, try_alloc_pages(k, GFP_KERNEL, 0)!);
			expect(preempt_count(k)).toBe(1);
			yield* schedule(k);
			kunmap_atomic(k, address);
		});
		expect(dmesg(k).some(line => line.startsWith('BUG: scheduling while atomic: test/'))).toBe(true);
	});

	test('undone in the wrong order warns once where slots are stacked and debugging is on', () => {
		const k = bootTestKernel({era: '6.1', debug: {highmem: true}});
		const [first, second] = [kmap_atomic(k, highPage(k, 0)), kmap_atomic(k, highPage(k, 1))];
		kunmap_atomic(k, first);
		kunmap_atomic(k, second);
		expect(
			dmesg(k).filter(line => line === 'WARNING: CPU: 0 PID: 0 at mm/highmem.c:610 kunmap_local_indexed'),
		).toHaveLength(1);
		expect(preempt_count(k)).toBe(0);
	});

	test('nested too deep is a bug', () => {
		const k = bootTestKernel({era: '6.1'});
		for (let depth = 0; depth < 16; depth++) kmap_atomic(k, highPage(k, depth));
		expect(() => kmap_atomic(k, highPage(k, 16))).toThrow(KernelPanic);
	});

	test('is remembered per slot: how often, by whom, how deep', () => {
		const k = bootTestKernel();
		run(
			k,
			function* () {
				copy_highpage(k, highPage(k, 1), highPage(k, 0));
			},
			'copier',
		);
		const used = kmapAtomicSlots(k).filter(slot => slot.used > 0);
		expect(used.map(({type, used: times, lastPfn, pfn: held}) => [type, times, lastPfn, held])).toEqual([
			['KM_USER0', 1, highPage(k, 0), undefined],
			['KM_USER1', 1, highPage(k, 1), undefined],
		]);
		expect(used[0]!.lastHolder).toMatch(/^copier-\d+$/);
		expect(Math.max(...k.highmem.atomic.deepest)).toBe(2);
	});
});

test('a zeroed page of high memory is zero whatever was in it', () => {
	const k = bootTestKernel();
	const frame = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
	k.hw.ram.pageForWrite(frame).fill(0xff);
	expect(k.hw.ram.page(frame)[100]).toBe(0xff);
	copy_highpage(k, frame, k.layout.empty_zero_page);
	expect(k.hw.ram.page(frame).every(byte => byte === 0)).toBe(true);
});
