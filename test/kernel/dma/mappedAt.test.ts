import {expect, test} from 'vitest';
import {busAddress, physicalAddress} from '../../../source/hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../../source/kernel/dma/coherent.ts';
import {DMA_TO_DEVICE} from '../../../source/kernel/dma/direction.ts';
import {dma_pool_create, try_dma_pool_alloc} from '../../../source/kernel/dma/dmapool.ts';
import {
	dma_map_page,
	dma_map_resource,
	dma_map_single,
	dma_unmap_page,
	dma_unmap_resource,
	dma_unmap_single,
} from '../../../source/kernel/dma/mapping.ts';
import {dma_map_sg, dma_unmap_sg, sg_alloc_table, sg_set_buf} from '../../../source/kernel/dma/scatterlist.ts';
import {driver_unbind} from '../../../source/kernel/drivers/dd.ts';
import type {device} from '../../../source/kernel/drivers/device.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {bootTestKernel} from '../support.ts';
import {lowPages, pageOf, saidSince, testDevice} from './support.ts';

const callers = ['testdrv_start', 'testdrv_ioctl'];

/** Each maps, and then gives the mapping back in a way that is told about: another size, or not at all. */
const mappings: Readonly<Record<string, (k: Kernel, dev: device) => void>> = {
	single: (k, dev) =>
		dma_unmap_single(k, dev, dma_map_single(k, dev, lowPages(k), 64, DMA_TO_DEVICE, 0, callers), 32, DMA_TO_DEVICE),
	page: (k, dev) =>
		dma_unmap_page(
			k,
			dev,
			dma_map_page(k, dev, pageOf(lowPages(k)), 0, 64, DMA_TO_DEVICE, 0, callers),
			32,
			DMA_TO_DEVICE,
		),
	sg(k, dev) {
		const list = sg_alloc_table(1);
		sg_set_buf(list[0]!, lowPages(k), 64);
		dma_map_sg(k, dev, list, 1, DMA_TO_DEVICE, 0, callers);
		list[0]!.dma_length = 32;
		dma_unmap_sg(k, dev, list, 1, DMA_TO_DEVICE);
	},
	coherent(k, dev) {
		const {cpu_addr, dma_handle} = try_dma_alloc_coherent(k, dev, 64, GFP_KERNEL, callers)!;
		dma_free_coherent(k, dev, 32, cpu_addr, dma_handle);
	},
	pool(k, dev) {
		try_dma_pool_alloc(k, dma_pool_create(k, 'p', dev, 64, 64, 0)!, GFP_KERNEL);
		driver_unbind(k, dev);
	},
	resource: (k, dev) =>
		dma_unmap_resource(
			k,
			dev,
			dma_map_resource(k, dev, physicalAddress(0xfeb0_0000), 64, DMA_TO_DEVICE),
			32,
			DMA_TO_DEVICE,
		),
};

function saidOf(era: EraName, what: string): string[] {
	const k = bootTestKernel({era});
	k.dma.debug.all_errors = 1;
	const dev = testDevice(k);
	const from = k.log.lines.length;
	mappings[what]!(k, dev);
	const lines = saidSince(k, from);
	const start = lines.findIndex(line => line.endsWith('Mapped at:'));
	// Only the first warning: a mapping that was not asked about is told about too.
	return lines.slice(start).filter((line, i) => i === 0 || (i < 6 && line.startsWith(' ')));
}

// As dma_debug.json of a real 6.1 has them, without offsets and as far as the driver's own functions.
test.each([
	['single', ['debug_dma_map_page', 'dma_map_page_attrs', ...callers]],
	['page', ['debug_dma_map_page', 'dma_map_page_attrs', ...callers]],
	['sg', ['debug_dma_map_sg', '__dma_map_sg_attrs', 'dma_map_sg_attrs', ...callers]],
	['coherent', ['debug_dma_alloc_coherent', 'dma_alloc_attrs', ...callers]],
	['pool', ['debug_dma_alloc_coherent', 'dma_alloc_attrs', 'dma_pool_alloc']],
	['resource', ['debug_dma_map_resource', 'dma_map_resource']],
])('6.1 says where a mapping was made: %s', (what, frames) => {
	expect(saidOf('6.1', what)).toEqual(['DMA-API: Mapped at:', ...frames.map(name => ` ${name}`)]);
});

test('in 2.6.32 and 3.2 the calls of the API are inline in the driver, and the line has no prefix', () => {
	for (const era of ['2.6.32', '3.2'] as const) {
		expect(saidOf(era, 'single')).toEqual(['Mapped at:', ' debug_dma_map_page', ' testdrv_start', ' testdrv_ioctl']);
		expect(saidOf(era, 'sg')[1]).toBe(' debug_dma_map_sg');
		expect(saidOf(era, 'pool')).toEqual(['Mapped at:', ' debug_dma_alloc_coherent', ' dma_pool_alloc']);
	}
});

test('no more than five functions are kept, and a mapping that is not known has none', () => {
	const k = bootTestKernel({era: '6.1'});
	const dev = testDevice(k);
	const many = ['a', 'b', 'c', 'd'];
	dma_unmap_single(k, dev, dma_map_single(k, dev, lowPages(k), 64, DMA_TO_DEVICE, 0, many), 32, DMA_TO_DEVICE);
	expect(saidSince(k, 0).slice(-5)).toEqual([' debug_dma_map_page', ' dma_map_page_attrs', ' a', ' b', ' c']);
	k.dma.debug.num_errors = 1;
	const from = k.log.lines.length;
	dma_unmap_single(k, dev, busAddress(0x123_4000), 64, DMA_TO_DEVICE);
	expect(saidSince(k, from).some(line => line.includes('has not allocated'))).toBe(true);
	expect(saidSince(k, from).some(line => line.includes('Mapped at'))).toBe(false);
});
