import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {BusAddress} from '../../../source/hardware/address.ts';
import {type CoherentMemory, dma_free_coherent, try_dma_alloc_coherent} from '../../../source/kernel/dma/coherent.ts';
import {deviceReads, deviceWrites, type dma_data_direction} from '../../../source/kernel/dma/direction.ts';
import {
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_unmap_single,
} from '../../../source/kernel/dma/mapping.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {bootTestKernel, dmesg, type TestKernelOptions} from '../support.ts';
import {lowPages, physicalOf, testDevice} from './support.ts';

const SLICES = 16;
const SLICE_BYTES = 256;

type Mapping = {slice: number; dma: BusAddress; direction: dma_data_direction};
type Step = readonly ['map' | 'talk' | 'unmap' | 'alloc' | 'free', number, dma_data_direction, number];

const machines: readonly TestKernelOptions[] = [
	{era: '2.6.32'},
	{era: '6.1'},
	{era: '6.1', swiotlb: 'force'},
	{era: '5.10', iommuPages: 256},
	{era: '6.1', coherentCaches: false},
];

const step: fc.Arbitrary<Step> = fc.tuple(
	fc.constantFrom('map', 'map', 'talk', 'talk', 'unmap', 'alloc', 'free'),
	fc.nat(SLICES - 1),
	fc.constantFrom(0, 1, 2),
	fc.integer({min: 1, max: 255}),
);

test('drivers that follow the rules leave no message, no mapping and no slot, and lose no byte', () => {
	fc.assert(
		fc.property(fc.constantFrom(...machines), fc.array(step, {maxLength: 80}), (machine, steps) => {
			const k = bootTestKernel(machine);
			const dev = testDevice(k);
			const buffer = lowPages(k);
			const sliceAt = (slice: number) => (buffer + slice * SLICE_BYTES) as typeof buffer;
			const cpu = (slice: number) => k.hw.ram.read8(physicalOf(sliceAt(slice)));
			const mapped = new Map<number, Mapping>();
			const coherent: CoherentMemory[] = [];
			const unmap = ({slice, dma, direction}: Mapping) => {
				dma_unmap_single(k, dev, dma, SLICE_BYTES, direction);
				mapped.delete(slice);
			};
			const talk = ({slice, dma, direction}: Mapping, value: number) => {
				dma_sync_single_for_cpu(k, dev, dma, SLICE_BYTES, direction);
				if (deviceReads(direction)) k.hw.ram.fill(physicalOf(sliceAt(slice)), SLICE_BYTES, value);
				dma_sync_single_for_device(k, dev, dma, SLICE_BYTES, direction);
				if (deviceReads(direction)) expect(k.hw.bus.dmaRead(dev.bus_id, dma, 1)[0]).toBe(value);
				if (!deviceWrites(direction)) return;
				k.hw.bus.dmaWrite(dev.bus_id, dma, new Uint8Array(SLICE_BYTES).fill(value ^ 0xff));
				dma_sync_single_for_cpu(k, dev, dma, SLICE_BYTES, direction);
				expect(cpu(slice)).toBe(value ^ 0xff);
				dma_sync_single_for_device(k, dev, dma, SLICE_BYTES, direction);
			};
			for (const [what, slice, direction, value] of steps) {
				const mapping = mapped.get(slice);
				if (what === 'map' && !mapping) {
					const dma = dma_map_single(k, dev, sliceAt(slice), SLICE_BYTES, direction);
					expect(dma_mapping_error(k, dev, dma)).toBe(0);
					mapped.set(slice, {slice, dma, direction});
				} else if (what === 'talk' && mapping) talk(mapping, value);
				else if (what === 'unmap' && mapping) unmap(mapping);
				else if (what === 'alloc') coherent.push(try_dma_alloc_coherent(k, dev, SLICE_BYTES, GFP_KERNEL)!);
				else if (what === 'free')
					for (const memory of coherent.splice(0, 1))
						dma_free_coherent(k, dev, SLICE_BYTES, memory.cpu_addr, memory.dma_handle);
			}
			for (const mapping of [...mapped.values()]) unmap(mapping);
			for (const memory of coherent) dma_free_coherent(k, dev, SLICE_BYTES, memory.cpu_addr, memory.dma_handle);
			expect(dmesg(k).filter(line => /device driver|cacheline/.test(line))).toEqual([]);
			expect(k.dma.debug.error_count).toBe(0);
			expect(k.dma.mappings.live).toBe(0);
			expect([k.dma.swiotlb?.used ?? 0, k.dma.iommu?.used ?? 0, k.hw.bus.cache?.lentLines ?? 0]).toEqual([0, 0, 0]);
		}),
		{numRuns: 80},
	);
});
