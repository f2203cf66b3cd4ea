/**
 * A mistake for each class of error that dma-debug reports, numbered as in docs/sources.md §6; each cleans up behind
 * itself. Drivers that follow the rules never get here, so nothing else shows these messages.
 */

import {type KernelLogicalAddress, kernelAddress, PAGE_SIZE} from '../../hardware/address.ts';
import {type CoherentMemory, dma_free_coherent, try_dma_alloc_coherent} from '../../kernel/dma/coherent.ts';
import {
	DMA_BIDIRECTIONAL,
	DMA_FROM_DEVICE,
	DMA_TO_DEVICE,
	type dma_data_direction,
} from '../../kernel/dma/direction.ts';
import {
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_unmap_single,
} from '../../kernel/dma/mapping.ts';
import {failedAddress} from '../../kernel/dma/reach.ts';
import {dma_map_sg, dma_unmap_sg, sg_alloc_table, sg_set_buf} from '../../kernel/dma/scatterlist.ts';
import {driver_unbind} from '../../kernel/drivers/dd.ts';
import type {device} from '../../kernel/drivers/device.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {PAGE_OFFSET, setPageUse, virt_to_page} from '../../kernel/mm/page.ts';
import {free_pages, try_get_free_pages} from '../../kernel/mm/page_alloc.ts';
import {got, offset} from './steps.ts';

/** A driver of the lab: its device, and a page to lend. */
export type Culprit = {readonly k: Kernel; readonly dev: device; readonly buffer: KernelLogicalAddress};

type DmaMistake = {
	/** What the driver does, as “the driver …”. */
	readonly does: string;
	/** What dma-debug says of it. */
	readonly says: (k: Kernel) => string;
	readonly make: (culprit: Culprit) => void;
};

export const bytes = 256;

/** Maps the buffer, and asks whether that worked. */
export function lend({k, dev, buffer}: Culprit, direction: dma_data_direction) {
	const bus = dma_map_single(k, dev, buffer, bytes, direction);
	dma_mapping_error(k, dev, bus);
	return bus;
}

/** A mistake made between a mapping and its proper end. */
const whileMapped =
	(direction: dma_data_direction, mistake: (culprit: Culprit, bus: ReturnType<typeof lend>) => void) =>
	(culprit: Culprit): void => {
		const {k, dev} = culprit;
		const bus = lend(culprit, direction);
		mistake(culprit, bus);
		dma_unmap_single(k, dev, bus, bytes, direction);
	};

const said = (text: string) => () => text;

function takeCoherent({k, dev}: Culprit): CoherentMemory {
	return got(try_dma_alloc_coherent(k, dev, bytes, GFP_KERNEL), 'no coherent memory');
}

export const dmaMistakes: readonly DmaMistake[] = [
	{
		does: 'unmaps what a failed mapping returned',
		says: said('tries to free an invalid DMA memory address'),
		make: ({k, dev}) => dma_unmap_single(k, dev, failedAddress(k), bytes, DMA_TO_DEVICE),
	},
	{
		does: 'unmaps twice',
		says: said('tries to free DMA memory it has not allocated'),
		make(culprit) {
			const bus = lend(culprit, DMA_TO_DEVICE);
			for (let i = 0; i < 2; i++) dma_unmap_single(culprit.k, culprit.dev, bus, bytes, DMA_TO_DEVICE);
		},
	},
	{
		does: 'unmaps half of what it mapped',
		says: said('frees DMA memory with different size'),
		make: culprit => dma_unmap_single(culprit.k, culprit.dev, lend(culprit, DMA_TO_DEVICE), bytes / 2, DMA_TO_DEVICE),
	},
	{
		does: 'unmaps a single buffer as a scatterlist',
		says: said('frees DMA memory with wrong function'),
		make(culprit) {
			const list = sg_alloc_table(1);
			sg_set_buf(list[0]!, culprit.buffer, bytes);
			list[0]!.dma_address = lend(culprit, DMA_TO_DEVICE);
			list[0]!.dma_length = bytes;
			dma_unmap_sg(culprit.k, culprit.dev, list, 1, DMA_TO_DEVICE);
		},
	},
	{
		does: 'mixes up the addresses of two coherent buffers',
		says: said('frees DMA memory with different CPU address'),
		make(culprit) {
			const [one, other] = [takeCoherent(culprit), takeCoherent(culprit)];
			dma_free_coherent(culprit.k, culprit.dev, bytes, other.cpu_addr, one.dma_handle);
			dma_free_coherent(culprit.k, culprit.dev, bytes, one.cpu_addr, other.dma_handle);
		},
	},
	{
		does: 'unmaps one entry of a list of two',
		says: said('frees DMA sg list with different entry count'),
		make({k, dev, buffer}) {
			const list = sg_alloc_table(2);
			for (const [i, sg] of list.entries()) sg_set_buf(sg, offset(buffer, i * bytes) as KernelLogicalAddress, bytes);
			dma_map_sg(k, dev, list, 2, DMA_TO_DEVICE);
			dma_unmap_sg(k, dev, list, 1, DMA_TO_DEVICE);
			dma_unmap_sg(k, dev, list.slice(1), 1, DMA_TO_DEVICE);
		},
	},
	{
		does: 'unmaps with the other direction',
		says: said('frees DMA memory with different direction'),
		make: culprit => dma_unmap_single(culprit.k, culprit.dev, lend(culprit, DMA_TO_DEVICE), bytes, DMA_FROM_DEVICE),
	},
	{
		does: 'lends its kernel stack',
		says: ({era}) => era.dmaDebugStackText.replace('device driver ', ''),
		make(culprit) {
			const {k} = culprit;
			const stack = got(try_get_free_pages(k, GFP_KERNEL, 0), 'no page for a stack');
			// Stacks are not pages of their own in this machine: one is marked to be one.
			setPageUse(k, virt_to_page(stack), 'stack');
			dma_unmap_single(k, culprit.dev, lend({...culprit, buffer: stack}, DMA_TO_DEVICE), bytes, DMA_TO_DEVICE);
			setPageUse(k, virt_to_page(stack), 'unknown');
			free_pages(k, stack, 0);
		},
	},
	{
		does: 'lends the kernel’s text',
		says: said('maps memory from kernel text or rodata'),
		make(culprit) {
			const {k, dev} = culprit;
			const text = kernelAddress(k.layout.image.start + PAGE_OFFSET + PAGE_SIZE) as KernelLogicalAddress;
			dma_unmap_single(k, dev, lend({...culprit, buffer: text}, DMA_TO_DEVICE), bytes, DMA_TO_DEVICE);
		},
	},
	{
		does: 'syncs what it has unmapped',
		says: said('tries to sync DMA memory it has not allocated'),
		make(culprit) {
			const {k, dev} = culprit;
			const bus = lend(culprit, DMA_TO_DEVICE);
			dma_unmap_single(k, dev, bus, bytes, DMA_TO_DEVICE);
			dma_sync_single_for_device(k, dev, bus, bytes, DMA_TO_DEVICE);
		},
	},
	{
		does: 'syncs twice as much as it mapped',
		// Later kernels look for a mapping that holds the range, and find none.
		says: ({era}) =>
			era.dmaDebugSyncFindsContaining
				? 'tries to sync DMA memory it has not allocated'
				: 'syncs DMA memory outside allocated range',
		make: whileMapped(DMA_TO_DEVICE, ({k, dev}, bus) =>
			dma_sync_single_for_device(k, dev, bus, 2 * bytes, DMA_TO_DEVICE),
		),
	},
	{
		does: 'syncs with the other direction',
		says: said('syncs DMA memory with different direction'),
		make: whileMapped(DMA_TO_DEVICE, ({k, dev}, bus) =>
			dma_sync_single_for_device(k, dev, bus, bytes, DMA_FROM_DEVICE),
		),
	},
	{
		does: 'syncs for the CPU what the device only reads',
		says: said('syncs device read-only DMA memory for cpu'),
		make: whileMapped(DMA_TO_DEVICE, ({k, dev}, bus) => dma_sync_single_for_cpu(k, dev, bus, bytes, DMA_BIDIRECTIONAL)),
	},
	{
		does: 'syncs for the device what it only writes',
		says: said('syncs device write-only DMA memory to device'),
		make: whileMapped(DMA_FROM_DEVICE, ({k, dev}, bus) =>
			dma_sync_single_for_device(k, dev, bus, bytes, DMA_BIDIRECTIONAL),
		),
	},
	{
		does: 'leaves its device with a buffer mapped',
		says: said('has pending DMA allocations while released from device'),
		make: whileMapped(DMA_FROM_DEVICE, ({k, dev}) => {
			const {driver} = dev;
			driver_unbind(k, dev);
			dev.driver = driver;
		}),
	},
];
