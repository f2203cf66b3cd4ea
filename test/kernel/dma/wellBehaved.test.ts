import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type BusAddress, logicalAddress} from '../../../source/hardware/address.ts';
import {type CoherentMemory, dma_free_coherent, try_dma_alloc_coherent} from '../../../source/kernel/dma/coherent.ts';
import {deviceReads, deviceWrites, type dma_data_direction} from '../../../source/kernel/dma/direction.ts';
import {
	dma_pool_create,
	dma_pool_destroy,
	dma_pool_free,
	type PoolBlock,
	try_dma_pool_alloc,
} from '../../../source/kernel/dma/dmapool.ts';
import {
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_unmap_single,
} from '../../../source/kernel/dma/mapping.ts';
import {
	dma_map_sg,
	dma_sync_sg_for_cpu,
	dma_sync_sg_for_device,
	dma_unmap_sg,
	type scatterlist,
	sg_alloc_table,
	sg_dma_address,
	sg_dma_len,
	sg_set_buf,
} from '../../../source/kernel/dma/scatterlist.ts';
import type {device} from '../../../source/kernel/drivers/device.ts';
import {ERA_NAMES} from '../../../source/kernel/era/behaviour.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_ATOMIC, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {bootTestKernel, dmesg, type TestKernelOptions} from '../support.ts';
import {lowPages, physicalOf, testDevice} from './support.ts';

const SLICES = 16;
const SLICE_BYTES = 256;
const ENTRIES = 3;

/** The presets: plain, bounced, behind an IOMMU, with caches that devices do not see. */
const BOARDS: readonly TestKernelOptions[] = [{}, {swiotlb: 'force'}, {iommuPages: 256}, {coherentCaches: false}];

const machine = fc
	.tuple(fc.constantFrom(...ERA_NAMES), fc.constantFrom(...BOARDS))
	.map(([era, board]): TestKernelOptions => ({era, ...board}));

const step = fc.record({
	what: fc.constantFrom(
		...(['map', 'map', 'talk', 'talk', 'unmap', 'alloc', 'free', 'list', 'talk list', 'block', 'unblock'] as const),
	),
	slice: fc.nat(SLICES - 1),
	direction: fc.constantFrom<dma_data_direction[]>(0, 1, 2),
	value: fc.integer({min: 1, max: 255}),
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A driver that asks, syncs and gives back as it should, and the device that it drives. */
class Driver {
	readonly #k: Kernel;
	readonly #dev: device;
	readonly #pool;
	readonly #buffer;
	readonly #listBuffer;
	readonly #mapped = new Map<number, {readonly dma: BusAddress; readonly direction: dma_data_direction}>();
	#list: {readonly sg: scatterlist[]; readonly count: number; readonly direction: dma_data_direction} | undefined;
	readonly #coherent: CoherentMemory[] = [];
	readonly #blocks: PoolBlock[] = [];

	constructor(k: Kernel) {
		this.#k = k;
		this.#dev = testDevice(k);
		this.#pool = dma_pool_create(k, 'blocks', this.#dev, 64, 64, 0)!;
		this.#buffer = lowPages(k);
		this.#listBuffer = lowPages(k, 2);
	}

	act({what, slice, direction, value}: Step): void {
		const mapping = this.#mapped.get(slice);
		if (what === 'map' && !mapping) this.#map(slice, direction);
		else if (what === 'talk' && mapping) this.#talk(slice, value);
		else if (what === 'unmap' && mapping) this.#unmap(slice);
		else if (what === 'alloc')
			this.#coherent.push(try_dma_alloc_coherent(this.#k, this.#dev, SLICE_BYTES, GFP_KERNEL)!);
		else if (what === 'free') this.#free();
		else if (what === 'list') this.#toggleList(direction);
		else if (what === 'talk list') this.#talkList(value);
		else if (what === 'block') this.#blocks.push(try_dma_pool_alloc(this.#k, this.#pool, GFP_ATOMIC)!);
		else if (what === 'unblock') this.#unblock();
	}

	/** Gives everything back. */
	leave(): void {
		for (const slice of [...this.#mapped.keys()]) this.#unmap(slice);
		if (this.#list) this.#toggleList(this.#list.direction);
		while (this.#coherent.length > 0) this.#free();
		while (this.#blocks.length > 0) this.#unblock();
		dma_pool_destroy(this.#k, this.#pool);
	}

	#at(slice: number) {
		return logicalAddress(this.#buffer + slice * SLICE_BYTES);
	}

	#map(slice: number, direction: dma_data_direction): void {
		const dma = dma_map_single(this.#k, this.#dev, this.#at(slice), SLICE_BYTES, direction);
		expect(dma_mapping_error(this.#k, this.#dev, dma)).toBe(0);
		this.#mapped.set(slice, {dma, direction});
	}

	#unmap(slice: number): void {
		const {dma, direction} = this.#mapped.get(slice)!;
		dma_unmap_single(this.#k, this.#dev, dma, SLICE_BYTES, direction);
		this.#mapped.delete(slice);
	}

	#deviceWrites(dma: BusAddress, length: number, value: number): void {
		this.#k.hw.bus.dmaWrite(this.#dev.bus_id, dma, new Uint8Array(length).fill(value));
	}

	#talk(slice: number, value: number): void {
		const k = this.#k;
		const {dma, direction} = this.#mapped.get(slice)!;
		const where = physicalOf(this.#at(slice));
		dma_sync_single_for_cpu(k, this.#dev, dma, SLICE_BYTES, direction);
		if (deviceReads(direction)) k.hw.ram.fill(where, SLICE_BYTES, value);
		dma_sync_single_for_device(k, this.#dev, dma, SLICE_BYTES, direction);
		if (deviceReads(direction)) expect(k.hw.bus.dmaRead(this.#dev.bus_id, dma, 1)[0]).toBe(value);
		if (!deviceWrites(direction)) return;
		this.#deviceWrites(dma, SLICE_BYTES, value ^ 0xff);
		dma_sync_single_for_cpu(k, this.#dev, dma, SLICE_BYTES, direction);
		expect(k.hw.ram.read8(where)).toBe(value ^ 0xff);
		dma_sync_single_for_device(k, this.#dev, dma, SLICE_BYTES, direction);
	}

	#toggleList(direction: dma_data_direction): void {
		if (this.#list) {
			dma_unmap_sg(this.#k, this.#dev, this.#list.sg, ENTRIES, this.#list.direction);
			this.#list = undefined;
			return;
		}
		const sg = sg_alloc_table(ENTRIES);
		for (const [i, entry] of sg.entries()) sg_set_buf(entry, logicalAddress(this.#listBuffer + i * 4096), 4096);
		const count = dma_map_sg(this.#k, this.#dev, sg, ENTRIES, direction);
		expect(count).toBeGreaterThan(0);
		this.#list = {sg, count, direction};
	}

	/** The device fills the whole list, entry by entry as it got them. */
	#talkList(value: number): void {
		if (!this.#list || !deviceWrites(this.#list.direction)) return;
		const {sg, count, direction} = this.#list;
		for (const entry of sg.slice(0, count)) this.#deviceWrites(sg_dma_address(entry), sg_dma_len(entry), value);
		dma_sync_sg_for_cpu(this.#k, this.#dev, sg, ENTRIES, direction);
		const seen = this.#k.hw.ram.read(physicalOf(this.#listBuffer), ENTRIES * 4096);
		expect(seen.every(byte => byte === value)).toBe(true);
		dma_sync_sg_for_device(this.#k, this.#dev, sg, ENTRIES, direction);
	}

	#free(): void {
		const memory = this.#coherent.shift();
		if (memory) dma_free_coherent(this.#k, this.#dev, SLICE_BYTES, memory.cpu_addr, memory.dma_handle);
	}

	#unblock(): void {
		const block = this.#blocks.pop();
		if (block) dma_pool_free(this.#k, this.#pool, block.vaddr, block.dma);
	}
}

test('drivers that follow the rules leave no message, no mapping, no slot and no block, and lose no byte', () => {
	fc.assert(
		fc.property(machine, fc.array(step, {maxLength: 80}), (options, steps) => {
			const k = bootTestKernel(options);
			k.dma.debug.all_errors = 1;
			const driver = new Driver(k);
			for (const each of steps) driver.act(each);
			driver.leave();
			expect(dmesg(k).filter(line => /device driver|cacheline|dma_pool|corrupted|WARNING|BUG/.test(line))).toEqual([]);
			expect(k.dma.debug.error_count).toBe(0);
			expect(k.dma.mappings.live).toBe(0);
			expect([...k.dma.devices.values()].flatMap(dev => dev.dma_pools)).toEqual([]);
			expect([k.dma.swiotlb?.used ?? 0, k.dma.iommu?.used ?? 0, k.hw.bus.cache?.lentLines ?? 0]).toEqual([0, 0, 0]);
		}),
		{numRuns: 96},
	);
});
