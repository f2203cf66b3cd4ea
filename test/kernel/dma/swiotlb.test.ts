import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {BusAddress, KernelLogicalAddress} from '../../../source/hardware/address.ts';
import {KernelPanic} from '../../../source/kernel/bug.ts';
import {
	DMA_BIDIRECTIONAL,
	DMA_FROM_DEVICE,
	DMA_TO_DEVICE,
	type dma_data_direction,
} from '../../../source/kernel/dma/direction.ts';
import {
	dma_map_page,
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_unmap_single,
} from '../../../source/kernel/dma/mapping.ts';
import {IO_TLB_SEGSIZE, IO_TLB_SIZE} from '../../../source/kernel/dma/swiotlb.ts';
import {DMA_BIT_MASK, type device} from '../../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {bootTestKernel, dmesg} from '../support.ts';
import {highPage, lowPages, physicalOf, testDevice} from './support.ts';

const slotOf = (k: Kernel, address: BusAddress) => (address - k.dma.swiotlb!.start) / IO_TLB_SIZE;
const map = (
	k: Kernel,
	dev: device,
	buffer: KernelLogicalAddress,
	size: number,
	direction: dma_data_direction = DMA_TO_DEVICE,
) => dma_map_single(k, dev, buffer, size, direction);

describe('slots', () => {
	test('a fresh pool serves 1500, 3000, 5000, 100 and 262144 bytes from slots 0, 1, 4, 7 and 128', () => {
		const k = bootTestKernel({era: '2.6.32', swiotlb: 'force'});
		const dev = testDevice(k);
		const buffer = lowPages(k, 6);
		const slots = [1500, 3000, 5000, 100, 262_144].map(size => slotOf(k, map(k, dev, buffer, size)));
		expect(slots).toEqual([0, 1, 4, 7, 128]);
	});

	test('256 KiB is the longest mapping: one byte more finds no slots', () => {
		const k = bootTestKernel({era: '6.1', swiotlb: 'force'});
		const dev = testDevice(k);
		const buffer = lowPages(k, 7);
		expect(dma_mapping_error(k, dev, map(k, dev, buffer, 262_144))).toBe(0);
		expect(dma_mapping_error(k, dev, map(k, dev, buffer, 262_145))).not.toBe(0);
		expect(dmesg(k).at(-1)).toMatch(/^testdrv 0000:00:0a.0: swiotlb buffer is full \(sz: 262145 bytes\)/);
	});

	test('old kernels give the overflow buffer to what fits in 32 KiB, and panic otherwise', () => {
		const k = bootTestKernel({era: '2.6.32', swiotlb: 'force'});
		const dev = testDevice(k);
		const buffer = lowPages(k, 7);
		while (
			dma_mapping_error(k, dev, map(k, dev, buffer, 262_144)) === 0 &&
			k.dma.swiotlb!.used < k.dma.swiotlb!.slots
		) {}
		const overflow = map(k, dev, buffer, 1000);
		expect(overflow).toBe(k.dma.swiotlb!.overflow);
		expect(dma_mapping_error(k, dev, overflow)).toBe(1);
		expect(dmesg(k).at(-1)).toBe(`DMA: Out of SW-IOMMU space for 1000 bytes at device ${dev.bus_id}`);
		expect(() => map(k, dev, buffer, 40_000)).toThrow(KernelPanic);
	});

	/** For each slot, how many are free from it on to the end of its segment. */
	function freeRuns(slots: number, taken: readonly (readonly [start: number, end: number])[]): number[] {
		const runs = new Array<number>(slots).fill(1);
		for (const [start, end] of taken) runs.fill(0, start, end);
		for (let i = slots - 2; i >= 0; i--)
			if (runs[i] !== 0 && (i + 1) % IO_TLB_SEGSIZE !== 0) runs[i] = runs[i + 1]! + 1;
		return runs;
	}

	test('whatever is mapped and unmapped, each slot knows the free run that begins there, within its segment', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.integer({min: 1, max: 300_000}), fc.nat(7)), {maxLength: 60}), steps => {
				const k = bootTestKernel({era: '3.2', swiotlb: 'force', debug: {dmaApi: false}});
				const dev = testDevice(k);
				const buffer = lowPages(k, 7);
				const held: [BusAddress, number][] = [];
				for (const [size, choice] of steps) {
					if (choice < 5 && size <= 262_144) {
						const dma = map(k, dev, buffer, size);
						if (dma_mapping_error(k, dev, dma) === 0) held.push([dma, size]);
					} else
						for (const [dma, bytes] of held.splice(choice % (held.length || 1), 1))
							dma_unmap_single(k, dev, dma, bytes, DMA_TO_DEVICE);
					const ranges = held.map(
						([dma, bytes]) => [slotOf(k, dma), slotOf(k, dma) + Math.ceil(bytes / IO_TLB_SIZE)] as const,
					);
					for (const [start, end] of ranges) {
						expect(Math.floor(start / IO_TLB_SEGSIZE)).toBe(Math.floor((end - 1) / IO_TLB_SEGSIZE));
						expect(ranges.filter(([s, e]) => s < end && start < e)).toHaveLength(1);
					}
					expect([...k.dma.swiotlb!.list]).toEqual(freeRuns(k.dma.swiotlb!.slots, ranges));
				}
				for (const [dma, bytes] of held) dma_unmap_single(k, dev, dma, bytes, DMA_TO_DEVICE);
				const pool = k.dma.swiotlb!;
				expect(pool.used).toBe(0);
				expect([...pool.list]).toEqual(freeRuns(pool.slots, []));
			}),
			{numRuns: 25},
		);
	});
});

describe('who owns the bytes', () => {
	const setUp = (direction: dma_data_direction, era: '2.6.32' | '6.1' = '2.6.32') => {
		const k = bootTestKernel({era, swiotlb: 'force'});
		const dev = testDevice(k);
		const buffer = lowPages(k);
		k.hw.ram.fill(physicalOf(buffer), 256, 0x11);
		const dma = map(k, dev, buffer, 256, direction);
		return {
			k,
			dev,
			dma,
			cpu: () => k.hw.ram.read8(physicalOf(buffer)),
			cpuWrites: (value: number) => k.hw.ram.fill(physicalOf(buffer), 256, value),
			device: () => k.hw.bus.dmaRead(dev.bus_id, dma, 1)[0]!,
			deviceWrites: (value: number) => k.hw.bus.dmaWrite(dev.bus_id, dma, new Uint8Array(256).fill(value)),
		};
	};

	test('what the device writes is seen after a sync for the CPU, not before', () => {
		const {k, dev, dma, cpu, deviceWrites} = setUp(DMA_FROM_DEVICE);
		deviceWrites(0x33);
		expect(cpu()).toBe(0x11);
		dma_sync_single_for_cpu(k, dev, dma, 256, DMA_FROM_DEVICE);
		expect(cpu()).toBe(0x33);
	});

	test('what the CPU writes after mapping never reaches the device without a sync for it', () => {
		const {k, dev, dma, cpuWrites, device} = setUp(DMA_TO_DEVICE);
		cpuWrites(0x22);
		expect(device()).toBe(0x11);
		dma_sync_single_for_device(k, dev, dma, 256, DMA_TO_DEVICE);
		expect(device()).toBe(0x22);
	});

	test('what a device writes into a buffer mapped towards it is lost', () => {
		const {k, dev, dma, cpu, deviceWrites} = setUp(DMA_TO_DEVICE);
		deviceWrites(0x33);
		dma_unmap_single(k, dev, dma, 256, DMA_TO_DEVICE);
		expect(cpu()).toBe(0x11);
	});

	test('unmapping a bidirectional buffer destroys what the CPU wrote without a sync', () => {
		const {k, dev, dma, cpu, cpuWrites} = setUp(DMA_BIDIRECTIONAL);
		cpuWrites(0x22);
		dma_unmap_single(k, dev, dma, 256, DMA_BIDIRECTIONAL);
		expect(cpu()).toBe(0x11);
	});

	test(
		'a device that writes less than it was lent leaves old bounce bytes behind, until 5.18 copied them ' + 'in first',
		() => {
			for (const [era, rest] of [
				['2.6.32', 'stale'],
				['6.1', 'kept'],
			] as const) {
				const {k, dev, dma, cpu} = setUp(DMA_FROM_DEVICE, era);
				dma_unmap_single(k, dev, dma, 256, DMA_FROM_DEVICE);
				expect(cpu() === 0x11 ? 'kept' : 'stale').toBe(rest);
			}
		},
	);
});

test('without force, only what the device cannot reach bounces', () => {
	const k = bootTestKernel({era: '6.1', swiotlb: 'on'});
	const dev = testDevice(k);
	dev.dma_mask = DMA_BIT_MASK(26);
	const low = lowPages(k);
	expect(map(k, dev, low, 100)).toBe(physicalOf(low));
	const page = highPage(k);
	const dma = dma_map_page(k, dev, page, 0, 100, DMA_TO_DEVICE);
	expect(slotOf(k, dma)).toBe(0);
});
