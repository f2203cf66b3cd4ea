/** dma-api/ and swiotlb: what devices may reach right now. */
import {type DmaMappingType, formatDmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {type DmaPoolPage, formatDmaPools} from '../../formats/debugfs/dmaPools.ts';
import {formatSwiotlb} from '../../formats/debugfs/swiotlb.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {framesOfPoolPage} from '../../kernel/dma/dmapool_info.ts';
import {eachMapping, hash_fn} from '../../kernel/dma/entries.ts';
import {to_cacheline_number} from '../../kernel/dma/overlap.ts';
import {IO_TLB_SIZE} from '../../kernel/dma/swiotlb.ts';
import type {Kernel} from '../../kernel/kernel.ts';

const directions = ['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE'] as const;

export function dmaApiDump(k: Kernel): string {
	const newer = k.era.dmaDumpShowsMapError;
	return formatDmaApiDump({
		dialect: k.era.dialect,
		physicalBits: k.hw.paging.mode === 'pae' ? 64 : 32,
		mappings: eachMapping(k.dma.mappings).map(entry => ({
			device: entry.dev.bus_id,
			driver: entry.dev.driver ?? entry.dev.bus,
			type: k.era.dmaDebugTypeName(entry.type) as DmaMappingType,
			bucket: hash_fn(k.dma.mappings, entry.dev_addr),
			physicalAddress: entry.paddr,
			pfn: newer ? Math.floor(entry.paddr / PAGE_SIZE) : null,
			...(k.era.dialect === '6.18' ? {cacheline: to_cacheline_number(entry)} : {}),
			busAddress: entry.dev_addr,
			lengthBytes: entry.size,
			direction: directions[entry.direction]!,
			mapError: newer ? entry.map_err_type : null,
		})),
	});
}

/** Every page of every pool, pools of a device as its `pools` file has them. */
export const poolPages = (k: Kernel): DmaPoolPage[] =>
	[...k.dma.devices.values()].flatMap(({bus_id, dma_pools}) =>
		dma_pools.flatMap(pool =>
			pool.page_list.map(page => ({
				device: bus_id,
				pool: pool.name,
				busAddress: page.dma,
				run: framesOfPoolPage(pool, page),
				// As %u prints it, where a block was freed twice.
				blocksInUse: page.in_use >>> 0,
				blocks: pool.blocks_per_page,
			})),
		),
	);

export const dmaPoolsFile = (k: Kernel): string => formatDmaPools({pages: poolPages(k)});

export function swiotlbFile(k: Kernel): string {
	const pool = k.dma.swiotlb;
	if (!pool) return formatSwiotlb({slots: 0, used: 0, slotBytes: IO_TLB_SIZE, start: null, mappings: []});
	const owners = new Map(eachMapping(k.dma.mappings).map(entry => [entry.dev_addr as number, entry.owner]));
	return formatSwiotlb({
		slots: pool.slots,
		used: pool.used,
		slotBytes: IO_TLB_SIZE,
		start: pool.start,
		mappings: [...pool.taken.values()]
			.sort((a, b) => a.index - b.index)
			.map(taken => {
				const bounceAddress = pool.start + taken.index * IO_TLB_SIZE;
				return {
					index: taken.index,
					nslots: taken.slots,
					device: taken.dev.bus_id,
					origAddress: taken.original,
					bounceAddress,
					sizeBytes: taken.sizeBytes,
					direction: directions[taken.direction]!,
					owner: owners.get(bounceAddress) === 'cpu' ? ('cpu' as const) : ('device' as const),
				};
			}),
	});
}
