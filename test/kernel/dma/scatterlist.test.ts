import {describe, expect, test} from 'vitest';
import {PAGE_SIZE} from '../../../source/hardware/address.ts';
import {DMA_FROM_DEVICE, DMA_TO_DEVICE} from '../../../source/kernel/dma/direction.ts';
import {
	dma_map_sg,
	dma_sync_sg_for_cpu,
	dma_unmap_sg,
	sg_alloc_table,
	sg_dma_address,
	sg_dma_len,
	sg_phys,
	sg_set_page,
} from '../../../source/kernel/dma/scatterlist.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {bootTestKernel, dmesg} from '../support.ts';
import {highPage, lowPages, pageOf, testDevice} from './support.ts';

function list(k: Kernel, pieces: readonly (readonly [number, number])[]) {
	const table = sg_alloc_table(pieces.length);
	pieces.forEach(([offset, length], i) => {
		// Every other page from high memory, so that no two lie side by side.
		sg_set_page(table[i]!, i % 2 === 0 ? pageOf(lowPages(k)) : highPage(k), length, offset);
	});
	return table;
}

const whole = [0, PAGE_SIZE] as const;

describe('without an IOMMU', () => {
	test('three pages stay three entries, each at its physical address', () => {
		const k = bootTestKernel();
		const sg = list(k, [whole, whole, whole]);
		expect(dma_map_sg(k, testDevice(k), sg, 3, DMA_TO_DEVICE)).toBe(3);
		expect(sg.map(sg_dma_address).map(Number)).toEqual(sg.map(sg_phys).map(Number));
	});

	test('with bouncing, all pieces bounce or the list is refused as a whole', () => {
		const k = bootTestKernel({era: '6.1', swiotlb: 'force'});
		const dev = testDevice(k);
		const sg = list(k, [whole, whole, whole]);
		k.dma.swiotlb!.list.fill(0);
		k.dma.swiotlb!.list.set([4, 3, 2, 1], 0);
		expect(dma_map_sg(k, dev, sg, 3, DMA_TO_DEVICE)).toBe(0);
		expect(k.dma.swiotlb!.used).toBe(0);
		expect(k.dma.mappings.live).toBe(0);
	});
});

describe('with an IOMMU', () => {
	test('three whole pages from anywhere become one entry of 12288 bytes', () => {
		const k = bootTestKernel({iommuPages: 64, era: '2.6.32'});
		const dev = testDevice(k);
		const sg = list(k, [whole, whole, whole]);
		expect(dma_map_sg(k, dev, sg, 3, DMA_FROM_DEVICE)).toBe(1);
		expect(sg_dma_len(sg[0]!)).toBe(12_288);
		k.hw.bus.dmaWrite(
			dev.bus_id,
			sg_dma_address(sg[0]!),
			Uint8Array.from({length: 12_288}, (_, i) => 1 + Math.floor(i / PAGE_SIZE)),
		);
		dma_sync_sg_for_cpu(k, dev, sg, 3, DMA_FROM_DEVICE);
		expect(sg.map(each => k.hw.ram.read8(sg_phys(each)))).toEqual([1, 2, 3]);
		dma_unmap_sg(k, dev, sg, 3, DMA_FROM_DEVICE);
		expect(k.dma.iommu!.used).toBe(0);
		expect(k.dma.debug.error_count).toBe(0);
	});

	test('a piece that ends or begins within a page is not joined', () => {
		const k = bootTestKernel({iommuPages: 64});
		const sg = list(k, [
			[0, PAGE_SIZE],
			[100, 300],
			[0, PAGE_SIZE],
		]);
		expect(dma_map_sg(k, testDevice(k), sg, 3, DMA_TO_DEVICE)).toBe(3);
	});

	test('no entry grows beyond the longest segment of the device', () => {
		const k = bootTestKernel({iommuPages: 64});
		const dev = testDevice(k);
		dev.dma_parms.max_segment_size = 8192;
		const sg = list(k, [whole, whole, whole, whole]);
		expect(dma_map_sg(k, dev, sg, 4, DMA_TO_DEVICE)).toBe(2);
		expect(sg.map(sg_dma_len)).toEqual([8192, 8192, 0, 0]);
	});

	test('unmapping with the count that was returned, not the one given, is an error', () => {
		const k = bootTestKernel({iommuPages: 64, era: '2.6.32'});
		const dev = testDevice(k);
		const sg = list(k, [whole, whole, whole]);
		const mapped = dma_map_sg(k, dev, sg, 3, DMA_TO_DEVICE);
		dma_unmap_sg(k, dev, sg, mapped, DMA_TO_DEVICE);
		expect(dmesg(k)).toContainEqual(
			expect.stringMatching(/frees DMA sg list with different entry count \[map count=3\] \[unmap count=1\]$/),
		);
		expect(dmesg(k).slice(-2)).toEqual(['Mapped at:', ' debug_dma_map_sg']);
	});
});
