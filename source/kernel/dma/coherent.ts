/**
 * Models dma_alloc_coherent(): arch/i386/kernel/pci-dma.c (2.6.11), arch/x86/kernel/pci-dma.c (2.6.32, 3.2),
 * kernel/dma/mapping.c and direct.c (5.10, 6.1). Whole pages of low memory, aligned to their number, zeroed, that CPU
 * and device may use at the same time.
 *
 * Not modelled: memory of the device's own (dma_declare_coherent_memory), CMA.
 */
import {
	type BusAddress,
	busAddress,
	get_order,
	type KernelLogicalAddress,
	type KernelVirtualAddress,
	PAGE_SIZE,
	type Pfn,
	pfn,
	physicalAddress,
} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge, irqs_disabled} from '../cpu.ts';
import {DMA_BIT_MASK, type device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {__GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM, __GFP_ZERO, type gfp_t} from '../mm/gfp.ts';
import {lowmem_page_address, PAGE_OFFSET, setPageUse} from '../mm/page.ts';
import {__free_pages, alloc_pages, try_alloc_pages} from '../mm/page_alloc.ts';
import type {Sleeps} from '../time.ts';
import {trace, type Within} from '../trace.ts';
import {touchesBus} from '../trace_touch.ts';
import {add_dma_entry, check_unmap} from './debug.ts';
import {DMA_BIDIRECTIONAL} from './direction.ts';
import {iommuMap, iommuUnmap} from './iommu.ts';
import {WARN_ONCE} from './report.ts';

export type CoherentMemory = {
	/** For the CPU. */
	readonly cpu_addr: KernelLogicalAddress;
	/** For the device. */
	readonly dma_handle: BusAddress;
};

/** The zone that a first try takes pages from, and the highest byte that a device may be given. */
type Plan = {readonly gfp: gfp_t; readonly highestByte: number; readonly retryInDmaZone: boolean};

const ZONE_BITS = __GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM;

function plan(k: Kernel, dev: device | null, gfp: gfp_t, sizeBytes: number): Plan {
	const plain = (gfp & ~ZONE_BITS) | (k.era.coherentZeroesWholePages ? __GFP_ZERO : 0);
	const mask = dev ? dev.coherent_dma_mask : DMA_BIT_MASK(24);
	if (k.era.coherentZone === 'DMA below 32 bits') {
		// 2.6.11: any narrower mask gets the DMA zone at once, and what comes is not looked at again.
		const narrow = mask < DMA_BIT_MASK(32);
		return {gfp: narrow ? plain | __GFP_DMA : plain, highestByte: Number.MAX_SAFE_INTEGER, retryInDmaZone: false};
	}
	const effective = mask === 0n && k.era.coherentMaskZeroMeans32Bits ? DMA_BIT_MASK(32) : mask;
	const first = effective <= DMA_BIT_MASK(24) ? plain | __GFP_DMA : plain;
	const roundedBytes = k.era.coherentChecksWholePages ? Math.ceil(sizeBytes / PAGE_SIZE) * PAGE_SIZE : sizeBytes;
	const end = k.era.coherentComparesEnd === 'exclusive' ? roundedBytes : roundedBytes - 1;
	return {
		gfp: first,
		highestByte: Number(effective) - end,
		retryInDmaZone: effective < DMA_BIT_MASK(32) && (first & __GFP_DMA) === 0,
	};
}

const fits = (page: Pfn, {highestByte}: Plan) => page * PAGE_SIZE <= highestByte;

function begin(k: Kernel, dev: device | null): boolean {
	charge(k, COST.dmaCoherentNs);
	if (dev?.dma_mask === null && k.era.coherentNeedsMask) return false;
	if (dev?.coherent_dma_mask === 0n && k.era.coherentWarnsWithoutMask)
		WARN_ONCE(k, {file: 'kernel/dma/mapping.c', line: 499, function: 'dma_alloc_attrs'});
	return true;
}

/** Pages were found: makes them known to the device. */
function finish(
	k: Kernel,
	dev: device | null,
	page: Pfn,
	sizeBytes: number,
	order: number,
	callers: readonly string[] | undefined,
): CoherentMemory | undefined {
	for (let i = 0; i < 1 << order; i++) setPageUse(k, pfn(page + i), 'dma');
	const paddr = physicalAddress(page * PAGE_SIZE);
	if (!k.era.coherentZeroesWholePages) k.hw.ram.fill(paddr, sizeBytes, 0);
	const {iommu} = k.dma;
	const dma_handle = iommu && dev ? iommuMap(iommu, dev, paddr, sizeBytes, true) : busAddress(paddr);
	if (dma_handle === undefined) {
		releasePages(k, page, order);
		return undefined;
	}
	const direction = DMA_BIDIRECTIONAL;
	const entry =
		dev && add_dma_entry(k, {dev, type: 'coherent', paddr, dev_addr: dma_handle, size: sizeBytes, direction, callers});
	const record = traceCoherent(k, 'dma_alloc', dev, dma_handle, sizeBytes, page);
	if (entry) entry.made.record = record;
	return {cpu_addr: lowmem_page_address(page), dma_handle};
}

function traceCoherent(
	k: Kernel,
	name: string,
	dev: device | null,
	handle: BusAddress,
	sizeBytes: number,
	page: Pfn,
): Within {
	const id = dev?.bus_id ?? 'NULL';
	const fields = () => `${id} dma_addr=${handle.toString(16)} size=${sizeBytes}`;
	return trace(k, name, fields, touchesBus(id, handle, sizeBytes, page * PAGE_SIZE));
}

function releasePages(k: Kernel, page: Pfn, order: number): void {
	for (let i = 0; i < 1 << order; i++) setPageUse(k, pfn(page + i), 'unknown');
	__free_pages(k, page, order);
}

/**
 * dma_alloc_coherent() where sleeping is forbidden: no reclaim. Also the quick path of it.
 * @param dev null stands for an ISA device: 24 address bits
 */
export function try_dma_alloc_coherent(
	k: Kernel,
	dev: device | null,
	sizeBytes: number,
	gfp: gfp_t,
	callers?: readonly string[],
): CoherentMemory | undefined {
	if (!begin(k, dev)) return undefined;
	const order = get_order(sizeBytes);
	const wanted = plan(k, dev, gfp, sizeBytes);
	let page = try_alloc_pages(k, wanted.gfp, order);
	if (page !== undefined && !fits(page, wanted)) {
		__free_pages(k, page, order);
		page = wanted.retryInDmaZone ? try_alloc_pages(k, wanted.gfp | __GFP_DMA, order) : undefined;
		if (page !== undefined && !fits(page, wanted)) {
			__free_pages(k, page, order);
			page = undefined;
		}
	}
	return page === undefined ? undefined : finish(k, dev, page, sizeBytes, order, callers);
}

/**
 * Memory for descriptors and rings, for as long as a driver works. Costly to make: at least a page each.
 * May sleep if `gfp` says so.
 * @param sizeBytes up to 4 MiB
 * @returns undefined when no such memory is to be had, often because it is in pieces
 * @see LDD3 page 446
 */
export function* dma_alloc_coherent(
	k: Kernel,
	dev: device | null,
	sizeBytes: number,
	gfp: gfp_t,
	callers?: readonly string[],
): Sleeps<CoherentMemory | undefined> {
	if (!begin(k, dev)) return undefined;
	const order = get_order(sizeBytes);
	const wanted = plan(k, dev, gfp, sizeBytes);
	let page = yield* alloc_pages(k, wanted.gfp, order);
	if (page !== undefined && !fits(page, wanted)) {
		__free_pages(k, page, order);
		page = wanted.retryInDmaZone ? yield* alloc_pages(k, wanted.gfp | __GFP_DMA, order) : undefined;
		if (page !== undefined && !fits(page, wanted)) {
			__free_pages(k, page, order);
			page = undefined;
		}
	}
	return page === undefined ? undefined : finish(k, dev, page, sizeBytes, order, callers);
}

/**
 * Gives coherent memory back. Say the size, both addresses and the device of the allocation. Not with interrupts off.
 * @see LDD3 page 446
 */
export function dma_free_coherent(
	k: Kernel,
	dev: device | null,
	sizeBytes: number,
	cpu_addr: KernelVirtualAddress | null,
	dma_handle: BusAddress,
): void {
	if (irqs_disabled(k)) WARN_ONCE(k, {file: k.era.dmaMappingFile, line: 533, function: 'dma_free_attrs'});
	if (cpu_addr === null) return;
	const order = get_order(sizeBytes);
	const {iommu} = k.dma;
	if (dev) {
		const paddr = physicalAddress(cpu_addr - PAGE_OFFSET);
		const ref = {dev, type: 'coherent', paddr, dev_addr: dma_handle, size: sizeBytes} as const;
		check_unmap(k, {...ref, direction: DMA_BIDIRECTIONAL, sg_call_ents: 0}, false);
	}
	if (iommu && dev) iommuUnmap(iommu, dma_handle, sizeBytes);
	const byBus = k.era.coherentFreesBy === 'bus address' && !iommu;
	const page = pfn(byBus ? dma_handle / PAGE_SIZE : (cpu_addr - PAGE_OFFSET) / PAGE_SIZE);
	releasePages(k, page, order);
	traceCoherent(k, 'dma_free', dev, dma_handle, sizeBytes, page);
}
