/** What the DMA part of the kernel keeps: devices, live mappings, bounce slots, ISA channels. */
import type {device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {type DmaDebugState, dma_debug_init} from './debug.ts';
import {createMappingTable, type MappingTable} from './entries.ts';
import {type IommuState, iommu_init} from './iommu.ts';
import {type IsaDmaState, isa_dma_init} from './isa.ts';
import {type SwiotlbState, swiotlb_init} from './swiotlb.ts';

export type DmaState = {
	/** Every device, by bus id, in the order of being found. */
	readonly devices: Map<string, device>;
	/**
	 * Every mapping that a device may use right now; dma-debug's table, kept in every era so that it can be looked at.
	 */
	readonly mappings: MappingTable;
	readonly debug: DmaDebugState;
	/** Bounce buffers, where the machine was booted with them. */
	readonly swiotlb: SwiotlbState | undefined;
	/** Bus page table, where the machine has an IOMMU. */
	readonly iommu: IommuState | undefined;
	readonly isa: IsaDmaState;
};

/** Brings up DMA: after memory, before drivers. @see arch/x86/kernel/pci-dma.c pci_iommu_init() */
export function dma_init(k: Kernel): void {
	k.dma = {
		devices: new Map(),
		mappings: createMappingTable(k.era.dmaDebugBuckets),
		debug: dma_debug_init(k),
		swiotlb: swiotlb_init(k),
		iommu: iommu_init(k),
		isa: isa_dma_init(),
	};
}
