import {DMA_TO_DEVICE} from '../source/kernel/dma/direction.ts';
import {dma_pool_create, dma_pool_free, try_dma_pool_alloc} from '../source/kernel/dma/dmapool.ts';
import {dma_map_single, dma_unmap_single} from '../source/kernel/dma/mapping.ts';
import {device_add} from '../source/kernel/drivers/device.ts';
import {GFP_ATOMIC, GFP_HIGHUSER} from '../source/kernel/mm/gfp.ts';
import {kmap_atomic, kunmap_atomic} from '../source/kernel/mm/kmap_atomic.ts';
import {try_alloc_pages} from '../source/kernel/mm/page_alloc.ts';
import {try_kmalloc} from '../source/kernel/mm/slab.ts';
import {bootLab} from '../source/lab/lab.ts';
import type {Bench} from './measure.ts';
import {processKernel} from './support.ts';

export const deviceBenches: readonly Bench[] = [
	{
		name: 'kmap_atomic + kunmap_atomic',
		unit: 'pair',
		count: 1_000_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			const page = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
			return count => {
				for (let i = 0; i < count; i++) kunmap_atomic(k, kmap_atomic(k, page));
			};
		},
	},
	{
		name: 'dma_pool alloc + free',
		unit: 'pair',
		count: 500_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			const pool = dma_pool_create(k, 'bench', device_add(k, '0000:00:05.0', 'pci'), 64, 64, 0)!;
			return count => {
				for (let i = 0; i < count; i++) {
					const block = try_dma_pool_alloc(k, pool, GFP_ATOMIC)!;
					dma_pool_free(k, pool, block.vaddr, block.dma);
				}
			};
		},
	},
	{
		name: 'dma_map_single + unmap',
		unit: 'pair',
		count: 500_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			const dev = device_add(k, '0000:00:05.0', 'pci');
			const buffer = try_kmalloc(k, 1024, GFP_ATOMIC)!;
			return count => {
				for (let i = 0; i < count; i++) {
					const bus = dma_map_single(k, dev, buffer, 1024, DMA_TO_DEVICE);
					dma_unmap_single(k, dev, bus, 1024, DMA_TO_DEVICE);
				}
			};
		},
	},
	{
		name: 'the default lab',
		unit: 'second',
		count: 30,
		smallCount: 1,
		prepare() {
			const lab = bootLab({});
			lab.write('/sys/kernel/debug/lab/clock', 'watch off', 'bench');
			return count => {
				const end = lab.timeNs() + count * 1e9;
				while (lab.run(end, 100_000) !== 'reached') {}
			};
		},
	},
];
