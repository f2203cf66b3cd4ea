/** DMA mappings and pools. @see Documentation/DMA-API.txt, lib/dma-debug.c, mm/dmapool.c */

import {type FrameRun, frameRun} from '../../formats/cells.ts';
import type {DmaMapping} from '../../formats/debugfs/dmaApiDump.ts';
import {pageBytes} from '../../formats/pageBytes.ts';
import type {Pool} from '../../formats/sys/pools.ts';
import {address, prefixedHex} from '../../formats/text.ts';
import {type Explanation, field, glossary} from './explanation.ts';

const types = glossary({
	coherent:
		'dma_alloc_coherent(): the processor and the device see the same bytes at any time; it lives as long as the driver',
	noncoherent: 'dma_alloc_noncoherent(): the driver says with dma_cache_sync() whose bytes count',
	single: 'dma_map_single(): a buffer for one transfer; until it is unmapped or synced it is the device’s',
	page: 'dma_map_page(): a page for one transfer, high memory too; until it is unmapped or synced it is the device’s',
	'scather-gather': 'dma_map_sg(): one piece of a list for one transfer',
	'scatter-gather': 'dma_map_sg(): one piece of a list for one transfer',
	resource: 'dma_map_resource(): registers of another device',
	phy: 'dma_map_phys(): memory by its physical address, for one transfer',
});

const directions = glossary({
	DMA_BIDIRECTIONAL: 'the device reads and writes',
	DMA_TO_DEVICE: 'the device reads it',
	DMA_FROM_DEVICE: 'the device writes it',
	DMA_NONE: 'none: for debugging only',
});

const mapErrors = glossary({
	'check not applicable': 'nothing to ask for this kind',
	'not checked': 'the driver has not asked dma_mapping_error(): a bug, for a mapping can fail',
	checked: 'the driver asked dma_mapping_error()',
});

function framesText(start: number, bytes: number): string {
	const [first, last] = [Math.floor(start / pageBytes), Math.floor((start + Math.max(1, bytes) - 1) / pageBytes)];
	return first === last
		? `page frame ${prefixedHex(first)}`
		: `page frames ${prefixedHex(first)} to ${prefixedHex(last)}`;
}

export function explainMapping(mapping: DmaMapping): Explanation {
	const {device, driver, type, physicalAddress, busAddress, lengthBytes, direction, mapError, bucket} = mapping;
	const isSame = physicalAddress === busAddress;
	return {
		title: `DMA mapping ${address(busAddress)} of ${device}`,
		fields: [
			field('type', type, types.get(type) ?? ''),
			field('dir', direction, directions.get(direction) ?? ''),
			field(
				'bus',
				address(busAddress),
				isSame
					? 'what the device sees: the physical address, as on any PC without IOMMU'
					: 'what the device sees; it is not the physical address, for an IOMMU or a bounce buffer is between',
			),
			field('physical', address(physicalAddress), framesText(physicalAddress, lengthBytes)),
			field('size', `${lengthBytes} bytes`),
			field('driver', driver, 'who mapped it'),
			field('device', device, 'domain:bus:slot.function on PCI'),
			...(mapError === null ? [] : [field('map error', mapError, mapErrors.get(mapError) ?? '')]),
			field('idx', String(bucket), 'where dma-debug keeps it in its table'),
		],
	};
}

export function explainPool(device: string, pool: Pool, frames: readonly FrameRun[]): Explanation {
	const {name, blocksInUse, blocks, sizeBytes, pages} = pool;
	const idle = blocks - blocksInUse;
	const where = frames.map(frameRun.show).join(' ');
	return {
		title: `DMA pool ${name} of ${device}`,
		fields: [
			field('name', name, 'as the driver gave it to dma_pool_create()'),
			field(
				'size',
				`${sizeBytes} bytes`,
				'of a block: dma_pool_alloc() gives one, with its kernel and its bus address',
			),
			field('busy', String(blocksInUse), 'blocks that the driver has and has not given back'),
			field(
				'all',
				String(blocks),
				idle > 0 ? `blocks that its pages hold; ${idle} are free` : 'blocks that its pages hold',
			),
			field(
				'pages',
				String(pages),
				'taken from dma_alloc_coherent(); a pool cuts them up, for a coherent mapping is a page at least',
				where === '' ? '' : `page frames ${where}`,
			),
			field('device', device, 'all its blocks are mapped for this one'),
		],
	};
}
