/**
 * Section 6 of the fact sheet: masks, coherent and streaming memory, bouncing. The pool's table, experiments 18 to 25
 * and the well-behaved drivers are in `test/kernel/dma/`; the messages of dma-debug in `dmaDebug.test.ts` here.
 */
import {describe, expect, test} from 'vitest';
import {busAddress, logicalAddress, PAGE_SIZE, pfn} from '../../source/hardware/address.ts';
import {KernelPanic} from '../../source/kernel/bug.ts';
import {local_irq_restore, local_irq_save} from '../../source/kernel/cpu.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../source/kernel/dma/coherent.ts';
import {
	DMA_BIDIRECTIONAL,
	DMA_FROM_DEVICE,
	DMA_NONE,
	DMA_TO_DEVICE,
	type dma_data_direction,
} from '../../source/kernel/dma/direction.ts';
import {dma_pool_create, dma_pool_destroy, dma_pool_free, try_dma_pool_alloc} from '../../source/kernel/dma/dmapool.ts';
import {poolInfo} from '../../source/kernel/dma/dmapool_info.ts';
import {
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_unmap_single,
} from '../../source/kernel/dma/mapping.ts';
import {dma_set_coherent_mask, dma_set_mask} from '../../source/kernel/dma/masks.ts';
import {dma_map_sg, sg_alloc_table, sg_set_buf} from '../../source/kernel/dma/scatterlist.ts';
import {IO_TLB_SEGSIZE, IO_TLB_SIZE, swiotlb_max_mapping_size} from '../../source/kernel/dma/swiotlb.ts';
import {DMA_BIT_MASK} from '../../source/kernel/drivers/device.ts';
import {EIO} from '../../source/kernel/errno.ts';
import {__GFP_HIGHMEM, GFP_ATOMIC, GFP_DMA, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {__free_pages, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {lowPages, physicalOf, testDevice} from '../kernel/dma/support.ts';
import {bootTestKernel, dmesg} from '../kernel/support.ts';

const bouncing = {era: '2.6.32', swiotlb: 'force'} as const;

describe('masks', () => {
	test.each([
		'ldd3',
		'2.6.32',
		'3.2',
	] as const)('%s: 0 is success, 0x007fffff is EIO, and so is a device without a mask', era => {
		const k = bootTestKernel({era});
		const dev = testDevice(k);
		expect(dma_set_mask(k, dev, 0x00ff_ffffn)).toBe(0);
		expect(dma_set_mask(k, dev, 0x007f_ffffn)).toBe(-EIO);
		dev.dma_mask = null;
		expect(dma_set_mask(k, dev, 0xffff_ffffn)).toBe(-EIO);
	});

	test('the coherent mask is one of its own', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		expect(dma_set_mask(k, dev, DMA_BIT_MASK(28))).toBe(0);
		expect(dev.coherent_dma_mask).toBe(DMA_BIT_MASK(32));
		expect(dma_set_coherent_mask(k, dev, DMA_BIT_MASK(24))).toBe(0);
		expect(dev.dma_mask).toBe(DMA_BIT_MASK(28));
	});
});

describe('coherent memory', () => {
	test('lies in low memory whatever zone the caller names', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		for (const zone of [__GFP_HIGHMEM, GFP_DMA, 0]) {
			const {dma_handle} = try_dma_alloc_coherent(k, dev, 100, GFP_KERNEL | zone)!;
			expect(dma_handle).toBeLessThan(k.layout.max_low_pfn * PAGE_SIZE);
			expect(dma_handle).toBeGreaterThanOrEqual(0x100_0000);
		}
	});

	test('is aligned to its order, and cleared', () => {
		const k = bootTestKernel({era: '3.2'});
		const dev = testDevice(k);
		for (const [size, order] of [
			[1, 0],
			[4097, 1],
			[12_288, 2],
			[100_000, 5],
		] as const) {
			const {dma_handle} = try_dma_alloc_coherent(k, dev, size, GFP_KERNEL)!;
			expect(dma_handle % (PAGE_SIZE << order)).toBe(0);
			expect(k.hw.bus.dmaRead(dev.bus_id, dma_handle, size).every(byte => byte === 0)).toBe(true);
		}
	});

	test('without a device is for the ISA bus, below 16 MiB; without a dma_mask there is none', () => {
		const k = bootTestKernel({era: '2.6.32'});
		expect(try_dma_alloc_coherent(k, null, 100, GFP_KERNEL)!.dma_handle).toBeLessThan(0x100_0000);
		const dev = testDevice(k);
		dev.dma_mask = null;
		expect(try_dma_alloc_coherent(k, dev, 100, GFP_KERNEL)).toBeUndefined();
	});

	test('with a mask of 0 reaches as far as with one of 32 bits', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		dev.coherent_dma_mask = 0n;
		expect(try_dma_alloc_coherent(k, dev, 100, GFP_KERNEL)!.dma_handle).toBeGreaterThan(0x100_0000);
	});

	// Experiment 22, second half: its end, 0x1000000, exceeds the mask.
	test.each(['2.6.32', '3.2'] as const)('%s never gives a 24-bit device the frame at 0xfff000', era => {
		const k = bootTestKernel({era, memMiB: 64, highmemMiB: 0});
		const dev = testDevice(k);
		dma_set_coherent_mask(k, dev, DMA_BIT_MASK(24));
		// Take all of ZONE_DMA, give back the last frame alone: it is what the allocator has, and it is refused.
		for (let frame = try_alloc_pages(k, GFP_DMA, 0); frame !== undefined; frame = try_alloc_pages(k, GFP_DMA, 0)) {}
		__free_pages(k, pfn(0xfff), 0);
		expect(try_alloc_pages(k, GFP_DMA, 0)).toBe(0xfff);
		__free_pages(k, pfn(0xfff), 0);
		expect(try_dma_alloc_coherent(k, dev, 4096, GFP_ATOMIC)).toBeUndefined();
		__free_pages(k, pfn(0xffd), 0);
		expect(try_dma_alloc_coherent(k, dev, 4096, GFP_ATOMIC)?.dma_handle).toBe(0xff_d000);
	});

	test('is not given back with interrupts off', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		const {cpu_addr, dma_handle} = try_dma_alloc_coherent(k, dev, 100, GFP_KERNEL)!;
		const flags = local_irq_save(k);
		dma_free_coherent(k, dev, 100, cpu_addr, dma_handle);
		local_irq_restore(k, flags);
		expect(dmesg(k).some(line => line.startsWith('WARNING: at '))).toBe(true);
	});
});

describe('mapping', () => {
	test('knows four directions; the fourth, none, is a bug', () => {
		expect([DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_NONE]).toEqual([0, 1, 2, 3]);
		const k = bootTestKernel({era: '2.6.32'});
		expect(() => dma_map_single(k, testDevice(k), lowPages(k), 100, DMA_NONE)).toThrow(KernelPanic);
		expect(dmesg(k).some(line => line.startsWith('kernel BUG at '))).toBe(true);
	});

	// [32] tests addr + size, 3.x its last byte.
	test.each([
		['2.6.32', 0],
		['3.2', 0xff_f000],
	] as const)('of the last page that a mask reaches is, in %s, at %i', (era, wanted) => {
		const k = bootTestKernel({era});
		const dev = testDevice(k);
		dma_set_mask(k, dev, DMA_BIT_MASK(24));
		expect(dma_map_single(k, dev, logicalAddress(0xc0ff_f000), 4096, DMA_TO_DEVICE)).toBe(wanted);
	});

	test('beyond a mask of 32 bits or more is logged', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		dev.dma_mask = DMA_BIT_MASK(32);
		expect(dma_map_single(k, dev, lowPages(k), 0xffff_0000, DMA_TO_DEVICE)).toBe(0);
		expect(dmesg(k).at(-1)).toMatch(/^nommu_map_single: overflow [0-9a-f]+\+4294901760 of device mask ffffffff$/);
	});
});

describe('a bounce buffer is copied', () => {
	const copies = (direction: dma_data_direction) => {
		const k = bootTestKernel(bouncing);
		const dev = testDevice(k);
		const buffer = lowPages(k);
		const cpu = (value: number) => k.hw.ram.fill(physicalOf(buffer), 256, value);
		const cpuSees = () => k.hw.ram.read8(physicalOf(buffer));
		const device = (value: number) => k.hw.bus.dmaWrite(dev.bus_id, dma, new Uint8Array(256).fill(value));
		const deviceSees = () => k.hw.bus.dmaRead(dev.bus_id, dma, 1)[0];
		cpu(0xa1);
		const dma = dma_map_single(k, dev, buffer, 256, direction);
		const atMap = deviceSees() === 0xa1;
		device(0xb1);
		dma_sync_single_for_cpu(k, dev, dma, 256, direction);
		const atSyncForCpu = cpuSees() === 0xb1;
		cpu(0xa2);
		dma_sync_single_for_device(k, dev, dma, 256, direction);
		const atSyncForDevice = deviceSees() === 0xa2;
		device(0xb2);
		dma_unmap_single(k, dev, dma, 256, direction);
		return {atMap, atSyncForCpu, atSyncForDevice, atUnmap: cpuSees() === 0xb2};
	};

	test.each([
		['to the device at map and sync_for_device', DMA_TO_DEVICE, [true, false, true, false]],
		['from the device at sync_for_cpu and unmap', DMA_FROM_DEVICE, [false, true, false, true]],
		['both ways at each', DMA_BIDIRECTIONAL, [true, true, true, true]],
	] as const)('%s', (_what, direction, [atMap, atSyncForCpu, atSyncForDevice, atUnmap]) => {
		expect(copies(direction)).toEqual({atMap, atSyncForCpu, atSyncForDevice, atUnmap});
	});
});

describe('swiotlb', () => {
	test('is 64 MiB: 32768 slots of 2 KiB, in segments of 128, so that 256 KiB is the longest mapping', () => {
		const k = bootTestKernel({...bouncing, memMiB: 512, highmemMiB: 0});
		const pool = k.dma.swiotlb!;
		expect([IO_TLB_SIZE, IO_TLB_SEGSIZE, swiotlb_max_mapping_size]).toEqual([2048, 128, 262_144]);
		expect(pool.slots).toBe(32_768);
		expect([0, 1, 127, 128, 129].map(i => pool.list[i])).toEqual([128, 127, 1, 128, 127]);
	});

	test('takes what is longer than 4096 bytes from slots at a page boundary', () => {
		const k = bootTestKernel(bouncing);
		const dev = testDevice(k);
		const buffer = lowPages(k, 1);
		const slotOf = (size: number) =>
			(dma_map_single(k, dev, buffer, size, DMA_TO_DEVICE) - k.dma.swiotlb!.start) / IO_TLB_SIZE;
		expect([2048, 4096, 4097, 2048, 8192].map(slotOf)).toEqual([0, 1, 4, 7, 8]);
	});

	// Experiment 20.
	test('of 256 KiB + 1 says it is full, then panics for a single mapping and gives 0 for a list', () => {
		const k = bootTestKernel(bouncing);
		const dev = testDevice(k);
		const buffer = lowPages(k, 7);
		dma_map_single(k, dev, buffer, 262_144, DMA_TO_DEVICE);
		expect(k.dma.swiotlb!.used).toBe(128);
		const list = sg_alloc_table(1);
		sg_set_buf(list[0]!, buffer, 262_145);
		expect(dma_map_sg(k, dev, list, 1, DMA_TO_DEVICE)).toBe(0);
		expect(() => dma_map_single(k, dev, buffer, 262_145, DMA_TO_DEVICE)).toThrow(KernelPanic);
		const said = `DMA: Out of SW-IOMMU space for 262145 bytes at device ${dev.bus_id}`;
		expect(dmesg(k).filter(line => line === said).length).toBeGreaterThan(0);
		expect(k.dma.swiotlb!.used).toBe(128);
	});

	test('undoes the pieces of a list that does not fit as a whole', () => {
		const k = bootTestKernel(bouncing);
		const dev = testDevice(k);
		const buffer = lowPages(k, 7);
		const list = sg_alloc_table(2);
		sg_set_buf(list[0]!, buffer, 4096);
		sg_set_buf(list[1]!, buffer, 262_145);
		expect(dma_map_sg(k, dev, list, 2, DMA_TO_DEVICE)).toBe(0);
		expect(k.dma.swiotlb!.used).toBe(0);
	});

	test('the overflow buffer is a mapping error', () => {
		const k = bootTestKernel(bouncing);
		const dev = testDevice(k);
		expect(dma_mapping_error(k, dev, busAddress(k.dma.swiotlb!.overflow!))).toBe(1);
	});
});

describe('dma_pool_create', () => {
	test.each([
		// size, align, boundary
		[0, 0, 0],
		[32, 24, 0],
		[32, 0, 16],
		[32, 0, 96],
	])('of size %i, align %i, boundary %i gives none', (size, align, boundary) => {
		const k = bootTestKernel({era: '2.6.32'});
		expect(dma_pool_create(k, 'p', testDevice(k), size, align, boundary)).toBeNull();
	});

	test.each([
		[1, 0, 4],
		[5, 0, 5],
		[5, 8, 8],
		[5000, 0, 5000],
	])('makes blocks of %i bytes aligned to %i %i long', (size, align, real) => {
		const k = bootTestKernel({era: '3.2'});
		const pool = dma_pool_create(k, 'p', testDevice(k), size, align, 0)!;
		expect(pool.size).toBe(real);
		expect(pool.allocation).toBe(Math.max(real, PAGE_SIZE));
	});

	// Experiment 24, second half.
	test('with 24 bytes aligned to 16 loses 8 a block, and its 128th block needs a second page', () => {
		const k = bootTestKernel({era: '2.6.32', debug: {slab: false}});
		const pool = dma_pool_create(k, 'p', testDevice(k), 24, 16, 0)!;
		const blocks = Array.from({length: 128}, () => try_dma_pool_alloc(k, pool, GFP_KERNEL)!);
		expect(blocks[1]!.dma - blocks[0]!.dma).toBe(32);
		expect(blocks[126]!.dma - blocks[0]!.dma).toBe(126 * 32);
		expect(poolInfo(pool)).toMatchObject({blocksInUse: 128, pages: 2});
	});

	test('keeps its pages until it is destroyed', () => {
		const k = bootTestKernel({era: '2.6.32', debug: {slab: false}});
		const pool = dma_pool_create(k, 'p', testDevice(k), 2048, 0, 0)!;
		const blocks = [0, 1, 2].map(() => try_dma_pool_alloc(k, pool, GFP_KERNEL)!);
		for (const {vaddr, dma} of blocks) dma_pool_free(k, pool, vaddr, dma);
		expect(poolInfo(pool)).toMatchObject({blocksInUse: 0, pages: 3});
		dma_pool_destroy(k, pool);
		expect(k.dma.mappings.live).toBe(0);
	});
});
