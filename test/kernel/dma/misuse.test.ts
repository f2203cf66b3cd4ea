import fc from 'fast-check';
import {expect, test} from 'vitest';
import {busAddress, logicalAddress} from '../../../source/hardware/address.ts';
import {DMA_FROM_DEVICE, DMA_TO_DEVICE, type dma_data_direction} from '../../../source/kernel/dma/direction.ts';
import {dma_pool_alloc, dma_pool_create, dma_pool_destroy, dma_pool_free} from '../../../source/kernel/dma/dmapool.ts';
import {
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_unmap_page,
	dma_unmap_single,
} from '../../../source/kernel/dma/mapping.ts';
import {dma_map_sg, dma_unmap_sg, sg_alloc_table, sg_set_buf} from '../../../source/kernel/dma/scatterlist.ts';
import {driver_unbind} from '../../../source/kernel/drivers/dd.ts';
import type {device} from '../../../source/kernel/drivers/device.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {dmaMistakes} from '../../../source/lab/experiments/dmaMistakes.ts';
import {runs} from '../../sample.ts';
import {bootTestKernel, dmesg, run, type TestKernelOptions} from '../support.ts';
import {lowPages, physicalOf, saidSince, testDevice} from './support.ts';

type Bench = {
	readonly k: Kernel;
	readonly dev: device;
	readonly size: number;
	readonly direction: dma_data_direction;
	readonly map: () => ReturnType<typeof busAddress>;
	/** First byte as the CPU and as the device sees it. */
	readonly cpu: () => number;
	readonly cpuWrites: (value: number) => void;
	readonly buffer: ReturnType<typeof lowPages>;
};

/** Each does one thing wrong and answers whether the bytes tell. */
const mistakes: Readonly<Record<string, (bench: Bench) => Sleeps<boolean>>> = {
	*'forgets to unmap'({k, dev, map}) {
		map();
		driver_unbind(k, dev);
		return false;
	},
	*'unmaps twice'({k, dev, map, size, direction}) {
		const dma = map();
		for (let i = 0; i < 2; i++) dma_unmap_single(k, dev, dma, size, direction);
		return false;
	},
	*'unmaps another size'({k, dev, map, size, direction}) {
		dma_unmap_single(k, dev, map(), size + 1, direction);
		return false;
	},
	*'unmaps the other way'({k, dev, map, size, direction}) {
		dma_unmap_single(k, dev, map(), size, direction === DMA_TO_DEVICE ? DMA_FROM_DEVICE : DMA_TO_DEVICE);
		return false;
	},
	*'unmaps a place within'({k, dev, map, size, direction}) {
		dma_unmap_page(k, dev, busAddress(map() + 1), size - 1, direction);
		return false;
	},
	*'does not ask whether mapping worked'({k, dev, buffer, size, direction}) {
		dma_unmap_single(k, dev, dma_map_single(k, dev, buffer, size, direction), size, direction);
		return false;
	},
	*'syncs what is not mapped'({k, dev, map, size, direction}) {
		const dma = map();
		dma_unmap_single(k, dev, dma, size, direction);
		dma_sync_single_for_cpu(k, dev, dma, size, direction);
		return false;
	},
	*'unmaps fewer entries than it mapped'({k, dev, buffer, direction}) {
		const list = sg_alloc_table(2);
		for (const [i, sg] of list.entries()) sg_set_buf(sg, logicalAddress(buffer + i * 64), 64);
		dma_map_sg(k, dev, list, 2, direction);
		dma_unmap_sg(k, dev, list, 1, direction);
		return false;
	},
	*'reads before the device gave the buffer back'({k, dev, buffer, size, cpu}) {
		k.hw.ram.fill(physicalOf(buffer), size, 0x11);
		const dma = dma_map_single(k, dev, buffer, size, DMA_FROM_DEVICE);
		k.hw.bus.dmaWrite(dev.bus_id, dma, new Uint8Array(size).fill(0x22));
		return cpu() !== 0x22;
	},
	*'writes after the device got the buffer'({k, dev, buffer, size, cpuWrites}) {
		cpuWrites(0x11);
		const dma = dma_map_single(k, dev, buffer, size, DMA_TO_DEVICE);
		cpuWrites(0x22);
		return k.hw.bus.dmaRead(dev.bus_id, dma, 1)[0] !== 0x22;
	},
	*'frees a pool block twice'({k, dev}) {
		const pool = dma_pool_create(k, 'p', dev, 64, 64, 0)!;
		const block = (yield* dma_pool_alloc(k, pool, GFP_KERNEL))!;
		for (let i = 0; i < 2; i++) dma_pool_free(k, pool, block.vaddr, block.dma);
		return false;
	},
	*'writes to a pool block that it freed'({k, dev}) {
		const pool = dma_pool_create(k, 'p', dev, 64, 64, 0)!;
		const block = (yield* dma_pool_alloc(k, pool, GFP_KERNEL))!;
		dma_pool_free(k, pool, block.vaddr, block.dma);
		k.hw.ram.fill(physicalOf(block.vaddr), 64, 0x55);
		yield* dma_pool_alloc(k, pool, GFP_KERNEL);
		return false;
	},
	*'destroys a pool in use'({k, dev}) {
		const pool = dma_pool_create(k, 'p', dev, 64, 64, 0)!;
		yield* dma_pool_alloc(k, pool, GFP_KERNEL);
		dma_pool_destroy(k, pool);
		return false;
	},
};

const complaint = /DMA-API: .*device driver|dma_pool_/;

/** On these, sync calls matter; on a PC, reading and writing too early does no harm and nothing can show it. */
const copying: readonly TestKernelOptions[] = [{swiotlb: 'force'}, {coherentCaches: false}];
const boards: readonly TestKernelOptions[] = [{}, {iommuPages: 256}, ...copying];

test('every single mistake of a driver is caught in Linux’s words or shows in the bytes', () => {
	fc.assert(
		fc.property(
			fc.constantFrom<EraName[]>('5.10', '6.1', '6.18'),
			fc.constantFrom(...copying),
			fc.constantFrom(...Object.keys(mistakes)),
			fc.integer({min: 2, max: 4000}),
			fc.constantFrom(DMA_TO_DEVICE, DMA_FROM_DEVICE),
			(era, board, mistake, size, direction) => {
				const k = bootTestKernel({era, ...board});
				const dev = testDevice(k);
				const buffer = lowPages(k);
				const map = () => {
					const dma = dma_map_single(k, dev, buffer, size, direction);
					dma_mapping_error(k, dev, dma);
					return dma;
				};
				const bench: Bench = {
					k,
					dev,
					size,
					direction,
					map,
					buffer,
					cpu: () => k.hw.ram.read8(physicalOf(buffer)),
					cpuWrites: value => k.hw.ram.fill(physicalOf(buffer), size, value),
				};
				const visible = run(k, () => mistakes[mistake]!(bench));
				expect(visible || dmesg(k).some(line => complaint.test(line))).toBe(true);
			},
		),
		{numRuns: runs(120)},
	);
});

test(
	'each class of dma-debug’s errors is told in every kernel that has it, whatever is between memory ' + 'and device',
	() => {
		fc.assert(
			fc.property(
				fc.constantFrom<EraName[]>('2.6.32', '3.2', '5.10', '6.1', '6.18'),
				fc.constantFrom(...boards),
				fc.constantFrom(...dmaMistakes),
				(era, board, {make, says}) => {
					const k = bootTestKernel({era, ...board});
					k.dma.debug.all_errors = 1;
					const from = k.log.lines.length;
					make({k, dev: testDevice(k), buffer: lowPages(k)});
					const told = saidSince(k, from).filter(line => line.includes(`device driver ${says(k)}`));
					expect(told.length).toBeGreaterThan(0);
					expect(k.dma.mappings.live).toBe(0);
				},
			),
			{numRuns: runs(60)},
		);
	},
);
