import {describe, expect, test} from 'vitest';
import {busAddress, PAGE_SIZE} from '../../../source/hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../../source/kernel/dma/coherent.ts';
import {DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_TO_DEVICE} from '../../../source/kernel/dma/direction.ts';
import {
	bus_to_virt,
	dma_map_page,
	dma_map_single,
	dma_mapping_error,
	dma_unmap_page,
	dma_unmap_single,
	virt_to_bus,
} from '../../../source/kernel/dma/mapping.ts';
import {dma_set_coherent_mask, dma_set_mask} from '../../../source/kernel/dma/masks.ts';
import {DMA_BIT_MASK} from '../../../source/kernel/drivers/device.ts';
import {EIO} from '../../../source/kernel/errno.ts';
import {kread} from '../../../source/kernel/mm/access.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {page_count} from '../../../source/kernel/mm/page.ts';
import {bootTestKernel, dmesg} from '../support.ts';
import {highPage, lowPages, pageOf, physicalOf, testDevice} from './support.ts';

describe('masks', () => {
	test('24 bits are enough, 23 are refused, and success is 0', () => {
		const k = bootTestKernel();
		const dev = testDevice(k);
		expect(dma_set_mask(k, dev, DMA_BIT_MASK(24))).toBe(0);
		expect(dma_set_mask(k, dev, DMA_BIT_MASK(23))).toBe(-EIO);
		expect(dev.dma_mask).toBe(0x00ff_ffffn);
	});

	test.each([
		// 2.6.11 does not look; 2.6.32 answers 0 for an error; 5.0 all ones
		['ldd3', 0, true],
		['2.6.32', 1, false],
		['6.1', -12, false],
	] as const)('in %s a buffer beyond the mask gives dma_mapping_error %i', (era, error, usable) => {
		const k = bootTestKernel({era});
		const dev = testDevice(k);
		dma_set_mask(k, dev, DMA_BIT_MASK(24));
		const buffer = lowPages(k);
		const dma = dma_map_single(k, dev, buffer, 256, DMA_TO_DEVICE);
		expect(physicalOf(buffer)).toBeGreaterThan(0x100_0000);
		expect(dma_mapping_error(k, dev, dma)).toBe(error);
		expect(Number(dma) === Number(physicalOf(buffer))).toBe(usable);
	});
});

describe('bus addresses', () => {
	test('on a PC the bus address of a buffer is its physical address, in high memory too', () => {
		const k = bootTestKernel();
		const dev = testDevice(k);
		const buffer = lowPages(k);
		expect(dma_map_single(k, dev, buffer, 100, DMA_TO_DEVICE)).toBe(physicalOf(buffer));
		expect(virt_to_bus(buffer)).toBe(physicalOf(buffer));
		expect(bus_to_virt(virt_to_bus(buffer))).toBe(buffer);
		const page = highPage(k);
		expect(dma_map_page(k, dev, page, 100, 300, DMA_FROM_DEVICE)).toBe(page * PAGE_SIZE + 100);
	});

	test('behind an IOMMU virt_to_bus is wrong, and what it says leads nowhere', () => {
		const k = bootTestKernel({iommuPages: 64});
		const dev = testDevice(k);
		const buffer = lowPages(k);
		k.hw.ram.fill(physicalOf(buffer), 256, 0x5a);
		const dma = dma_map_single(k, dev, buffer, 256, DMA_TO_DEVICE);
		expect(dma).not.toBe(virt_to_bus(buffer));
		expect(k.hw.bus.dmaRead(dev.bus_id, dma, 1)[0]).toBe(0x5a);
		expect(() => k.hw.bus.dmaRead(dev.bus_id, virt_to_bus(buffer), 1)).toThrow(/no memory at bus address/);
		dma_unmap_single(k, dev, dma, 256, DMA_TO_DEVICE);
		expect(() => k.hw.bus.dmaRead(dev.bus_id, dma, 1)).toThrow(/no memory at bus address/);
	});

	test('an IOMMU keeps a device from writing what was mapped towards it, and from the mappings of others', () => {
		const k = bootTestKernel({iommuPages: 64});
		const dev = testDevice(k);
		const dma = dma_map_single(k, dev, lowPages(k), 256, DMA_TO_DEVICE);
		expect(() => k.hw.bus.dmaWrite(dev.bus_id, dma, new Uint8Array(4))).toThrow(/no memory/);
		expect(() => k.hw.bus.dmaRead('0000:00:0b.0', dma, 4)).toThrow(/no memory/);
	});

	test('a full aperture is a mapping error', () => {
		const k = bootTestKernel({iommuPages: 4, era: '6.1'});
		const dev = testDevice(k);
		const buffer = lowPages(k, 3);
		expect(dma_mapping_error(k, dev, dma_map_single(k, dev, buffer, 4 * PAGE_SIZE, DMA_TO_DEVICE))).toBe(0);
		expect(dma_mapping_error(k, dev, dma_map_single(k, dev, buffer, 1, DMA_TO_DEVICE))).not.toBe(0);
	});
});

describe('coherent memory', () => {
	test('5000 bytes for a 24-bit device are two zeroed pages below 16 MiB', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		dma_set_coherent_mask(k, dev, DMA_BIT_MASK(24));
		const memory = try_dma_alloc_coherent(k, dev, 5000, GFP_KERNEL)!;
		expect(memory.dma_handle % 8192).toBe(0);
		expect(memory.dma_handle + 8192).toBeLessThanOrEqual(0x100_0000);
		expect(kread(k, memory.cpu_addr, 8192).every(byte => byte === 0)).toBe(true);
		dma_free_coherent(k, dev, 5000, memory.cpu_addr, memory.dma_handle);
		expect(page_count(k, pageOf(memory.cpu_addr))).toBe(0);
		expect(k.dma.mappings.live).toBe(0);
	});

	test('2.6.11 goes to zone DMA for any mask below 32 bits, 2.6.32 only when it must', () => {
		const zoneIsDma = (era: 'ldd3' | '2.6.32') => {
			const k = bootTestKernel({era});
			const dev = testDevice(k);
			dma_set_coherent_mask(k, dev, DMA_BIT_MASK(30));
			return try_dma_alloc_coherent(k, dev, 4096, GFP_KERNEL)!.dma_handle < 0x100_0000;
		};
		expect([zoneIsDma('ldd3'), zoneIsDma('2.6.32')]).toEqual([true, false]);
	});

	test('the page that is freed is the one that the bus address names, since 5.x', () => {
		for (const [era, freesByBus] of [
			['3.2', false],
			['6.1', true],
		] as const) {
			const k = bootTestKernel({era, debug: {dmaApi: false}});
			const dev = testDevice(k);
			const memory = try_dma_alloc_coherent(k, dev, 4096, GFP_KERNEL)!;
			const other = lowPages(k);
			dma_free_coherent(k, dev, 4096, memory.cpu_addr, busAddress(physicalOf(other)));
			expect([page_count(k, pageOf(other)), page_count(k, pageOf(memory.cpu_addr))]).toEqual(
				freesByBus ? [0, 1] : [1, 0],
			);
		}
	});
});

describe('dma-debug', () => {
	test('2.6.11 had none: a double unmap is silent, and the table still knows what is mapped', () => {
		const k = bootTestKernel({era: 'ldd3'});
		const dev = testDevice(k);
		const dma = dma_map_single(k, dev, lowPages(k), 256, DMA_TO_DEVICE);
		expect(k.dma.mappings.live).toBe(1);
		for (let i = 0; i < 2; i++) dma_unmap_single(k, dev, dma, 256, DMA_TO_DEVICE);
		expect(dmesg(k).filter(line => /DMA-API/.test(line))).toEqual([]);
		expect(k.dma.mappings.live).toBe(0);
	});

	test('only the first error is printed, all are counted', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		for (let i = 0; i < 3; i++) dma_unmap_single(k, dev, busAddress(0x1234_5000), 4096, DMA_TO_DEVICE);
		const said = dmesg(k).filter(line => /not allocated/.test(line));
		expect(said).toEqual([
			`testdrv ${dev.bus_id}: DMA-API: device driver tries to free DMA memory it has not allocated ` +
				`[device address=0x0000000012345000] [size=4096 bytes]`,
		]);
		expect(k.dma.debug).toMatchObject({error_count: 3, num_errors: 0});
	});

	test('a filter for another driver counts without printing', () => {
		const k = bootTestKernel({era: '6.1'});
		const dev = testDevice(k);
		k.dma.debug.driver_filter = 'virtio_blk';
		dma_unmap_single(k, dev, busAddress(0x1234_5000), 4096, DMA_TO_DEVICE);
		expect(dmesg(k).filter(line => /not allocated/.test(line))).toEqual([]);
		expect(k.dma.debug.error_count).toBe(1);
	});

	test('2.6.32 tells a page from a single mapping, 6.1 does not', () => {
		const errors = (era: '2.6.32' | '6.1') => {
			const k = bootTestKernel({era});
			const dev = testDevice(k);
			const dma = dma_map_single(k, dev, lowPages(k), 256, DMA_BIDIRECTIONAL);
			dma_mapping_error(k, dev, dma);
			dma_unmap_page(k, dev, dma, 256, DMA_BIDIRECTIONAL);
			return k.dma.debug.error_count;
		};
		expect([errors('2.6.32'), errors('6.1')]).toEqual([1, 0]);
	});

	test('when its entries run out 2.6.32 switches it off, 6.1 takes another page', () => {
		for (const [era, disabled] of [
			['2.6.32', true],
			['6.1', false],
		] as const) {
			const k = bootTestKernel({era});
			const dev = testDevice(k);
			k.dma.debug.nr_total_entries = 2;
			const buffer = lowPages(k);
			for (let i = 0; i < 3; i++) dma_map_single(k, dev, buffer, 64, DMA_TO_DEVICE);
			expect(k.dma.debug).toMatchObject({disabled, min_free_entries: 0});
			expect(dmesg(k).includes('DMA-API: debugging out of memory - disabling')).toBe(disabled);
		}
	});
});
