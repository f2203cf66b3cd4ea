import {describe, expect, test} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../source/hardware/address.ts';
import {COST} from '../../source/hardware/costs.ts';
import {DMA_TO_DEVICE} from '../../source/kernel/dma/direction.ts';
import {dma_map_single, dma_unmap_single} from '../../source/kernel/dma/mapping.ts';
import {dma_map_sg, dma_unmap_sg, sg_alloc_table, sg_set_page} from '../../source/kernel/dma/scatterlist.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {try_sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {kfree, try_kmalloc} from '../../source/kernel/mm/slab.ts';
import {user_touch} from '../../source/kernel/mm/uaccess.ts';
import {lowPages, pageOf, testDevice} from './dma/support.ts';
import {bootTestKernel, runProcess} from './support.ts';

/** Nanoseconds that a plain function charges. */
function costOf(k: Kernel, act: () => unknown): number {
	const before = k.cpu.chargedNs;
	act();
	return k.cpu.chargedNs - before;
}

describe('what costs the CPU time', () => {
	test('lending a buffer to a device, and taking it back, each costs one set-up', () => {
		const k = bootTestKernel();
		const dev = testDevice(k);
		const buffer = lowPages(k);
		let at = 0 as never;
		expect(costOf(k, () => (at = dma_map_single(k, dev, buffer, 100, DMA_TO_DEVICE) as never))).toBe(COST.dmaMapNs);
		expect(costOf(k, () => dma_unmap_single(k, dev, at, 100, DMA_TO_DEVICE))).toBe(COST.dmaMapNs);
	});

	test.each([1, 3])('a list of %i buffers costs as many set-ups, there and back', count => {
		const k = bootTestKernel();
		const dev = testDevice(k);
		const list = sg_alloc_table(count);
		for (const sg of list) sg_set_page(sg, pageOf(lowPages(k)), PAGE_SIZE, 0);
		expect(costOf(k, () => dma_map_sg(k, dev, list, count, DMA_TO_DEVICE))).toBe(count * COST.dmaMapNs);
		expect(costOf(k, () => dma_unmap_sg(k, dev, list, count, DMA_TO_DEVICE))).toBe(count * COST.dmaMapNs);
	});

	test('kmalloc of an object that is at hand costs what the table says', () => {
		const k = bootTestKernel();
		kfree(k, try_kmalloc(k, 64, GFP_KERNEL)!);
		expect(costOf(k, () => try_kmalloc(k, 64, GFP_KERNEL))).toBe(COST.kmallocNs);
	});

	test('each page that mremap moves costs two entries and a flush of one address', () => {
		const costOfMoving = (pages: number) => {
			const k = bootTestKernel({memMiB: 64});
			return runProcess(k, function* () {
				const [from, to] = [0x2000_0000, 0x3000_0000];
				yield* sys_mmap2(k, from, 8 * PAGE_SIZE, 3, 0x32, -1, 0);
				for (let page = 0; page < pages; page++) yield* user_touch(k, userAddress(from + page * PAGE_SIZE), true);
				// The table for the new place is there, so that its page costs nothing here.
				yield* sys_mmap2(k, to + 64 * PAGE_SIZE, PAGE_SIZE, 3, 0x32, -1, 0);
				yield* user_touch(k, userAddress(to + 64 * PAGE_SIZE), true);
				return costOf(k, () => try_sys_mremap(k, from, 8 * PAGE_SIZE, 8 * PAGE_SIZE, 3, to));
			});
		};
		const onePage = 2 * COST.pteNs + COST.tlbFlushOneNs;
		expect([costOfMoving(4) - costOfMoving(1), costOfMoving(8) - costOfMoving(4)]).toEqual([3 * onePage, 4 * onePage]);
	});
});
