/**
 * Models the streaming half of the DMA API: asm-i386/dma-mapping.h (2.6.11), arch/x86/kernel/pci-nommu.c and
 * pci-swiotlb.c (2.6.32, 3.2), kernel/dma/mapping.c and direct.c (5.10, 6.1). A buffer is lent to a device: mapped,
 * moved, unmapped. On a PC its bus address is its physical address; with bounce buffers or an IOMMU it is not.
 *
 * Not modelled: bus limits apart from masks, attributes other than DMA_ATTR_SKIP_CPU_SYNC.
 */
import {
	type BusAddress,
	busAddress,
	type KernelLogicalAddress,
	type KernelVirtualAddress,
	logicalAddress,
	PAGE_SIZE,
	type Pfn,
	type PhysicalAddress,
	physicalAddress,
} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {BUG, panic} from '../bug.ts';
import {charge} from '../cpu.ts';
import {dev_label, type device} from '../drivers/device.ts';
import {ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {is_vmalloc_addr} from '../mm/layout.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import {trace, type Within} from '../trace.ts';
import {touchesBus} from '../trace_touch.ts';
import {
	add_dma_entry,
	check_for_illegal_area,
	check_for_stack,
	check_sync,
	check_unmap,
	debug_dma_map_single,
	debug_dma_mapping_error,
} from './debug.ts';
import {DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_NONE, directionName, type dma_data_direction} from './direction.ts';
import type {dma_debug_type} from './entries.ts';
import {dma_capable, dma_get_required_mask} from './masks.ts';
import {
	DMA_MAPPING_ERROR,
	failedAddress,
	isFailedAddress,
	mapPhysical,
	sayUnreachable,
	syncBus,
	unmapBus,
} from './reach.ts';
import {WARN_ONCE} from './report.ts';
import {IO_TLB_OVERFLOW_BYTES, swiotlb_max_mapping_size} from './swiotlb.ts';

/** The mapping neither copies nor cleans: the driver syncs by itself. */
export const DMA_ATTR_SKIP_CPU_SYNC = 1 << 5;

// ── addresses ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Arithmetic and nothing else: wrong for anything but low memory, and on a machine with an IOMMU even there. */
export const virt_to_bus = (address: KernelVirtualAddress): BusAddress => busAddress(address - PAGE_OFFSET);
export const bus_to_virt = (address: BusAddress): KernelLogicalAddress => logicalAddress(address + PAGE_OFFSET);

/** @returns 0 when the mapping succeeded */
export function dma_mapping_error(k: Kernel, dev: device, address: BusAddress): number {
	debug_dma_mapping_error(k, dev, address);
	if (!isFailedAddress(k, address)) return 0;
	return k.era.dmaMapFailure === 'all ones' ? -ENOMEM : 1;
}

// ── one buffer ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a single mapping answers that could not be made: with an overflow buffer, that, unless it is too small. */
function afterFailure(k: Kernel, sizeBytes: number, direction: dma_data_direction): BusAddress {
	const overflow = k.dma.swiotlb?.overflow;
	if (overflow === undefined) return failedAddress(k);
	const done = direction === DMA_BIDIRECTIONAL ? 'accessed' : direction === DMA_FROM_DEVICE ? 'written' : 'read';
	if (sizeBytes > IO_TLB_OVERFLOW_BYTES) panic(k, `DMA: Random memory could be DMA ${done}`);
	return overflow;
}

/** Directions are checked by BUG() in every era: none is not a direction to map with. */
function checkDirection(k: Kernel, direction: dma_data_direction, line?: number): void {
	if (direction === DMA_NONE) BUG(k, k.era.dmaMappingBug(line));
}

/** The common part of dma_map_single() and dma_map_page(). */
function map(
	k: Kernel,
	dev: device,
	physical: PhysicalAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	attrs: number,
	type: dma_debug_type,
	callers: readonly string[] | undefined,
): BusAddress {
	checkDirection(k, direction, 150);
	if (dev.dma_mask === null && k.era.dmaMapNeedsMask) {
		WARN_ONCE(k, {file: 'kernel/dma/mapping.c', line: 152, function: 'dma_map_page_attrs'});
		return DMA_MAPPING_ERROR;
	}
	charge(k, COST.dmaMapNs);
	const skipsCpuSync = (attrs & DMA_ATTR_SKIP_CPU_SYNC) !== 0;
	const dev_addr = mapPhysical(k, dev, physical, sizeBytes, direction, skipsCpuSync);
	if (dev_addr === undefined) return afterFailure(k, sizeBytes, direction);
	check_for_stack(k, dev, physical + PAGE_OFFSET, physical);
	check_for_illegal_area(k, dev, physical, sizeBytes);
	// dma-debug asks whether the mapping failed, which counts as asked for an earlier mapping of the same address.
	debug_dma_mapping_error(k, dev, dev_addr);
	const {made} = add_dma_entry(k, {
		dev,
		type,
		paddr: physical,
		dev_addr,
		size: sizeBytes,
		direction,
		skipsCpuSync,
		callers,
	});
	made.record = traceMap(k, dev, physical, dev_addr, sizeBytes, direction);
	return dev_addr;
}

function traceMap(
	k: Kernel,
	dev: device,
	physical: PhysicalAddress,
	dev_addr: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): Within {
	if (!k.trace.on) return 'untraced';
	const fields = () =>
		`${dev.bus_id} dir=${directionName(direction)} dma_addr=${dev_addr.toString(16)} size=${sizeBytes} ` +
		`phys_addr=${physical.toString(16)}`;
	return trace(k, 'dma_map_page', fields, touchesBus(dev.bus_id, dev_addr, sizeBytes, physical));
}

const pageType = (k: Kernel): dma_debug_type => (k.era.dmaDebugTellsPageFromSingle ? 'page' : 'single');

/**
 * Lends a buffer to a device. Until dma_unmap_single() or a sync call it belongs to the device: the CPU must not touch
 * it.
 * @param buffer a logical address: what kmalloc or __get_free_pages returned
 * @param sizeBytes bytes that the device will move
 * @param callers functions that call, the innermost first: what dma-debug says the buffer was mapped at
 * @returns the bus address; ask dma_mapping_error() about it
 * @see LDD3 page 448
 */
export function dma_map_single(
	k: Kernel,
	dev: device,
	buffer: KernelVirtualAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	attrs = 0,
	callers?: readonly string[],
): BusAddress {
	if (k.era.dmaMapRejectsVmalloc && is_vmalloc_addr(k, buffer)) {
		const place = {file: 'include/linux/dma-mapping.h', line: 332, function: 'dma_map_single_attrs'};
		WARN_ONCE(k, place, `${dev_label(k, dev)}: rejecting DMA map of vmalloc memory`);
		return DMA_MAPPING_ERROR;
	}
	debug_dma_map_single(k, dev, buffer, sizeBytes);
	return map(k, dev, physicalAddress(buffer - PAGE_OFFSET), sizeBytes, direction, attrs, 'single', callers);
}

/**
 * Lends part of a page, of high memory too, to a device.
 * @param offset bytes from the start of the page
 * @see LDD3 page 450
 */
export function dma_map_page(
	k: Kernel,
	dev: device,
	page: Pfn,
	offset: number,
	sizeBytes: number,
	direction: dma_data_direction,
	attrs = 0,
	callers?: readonly string[],
): BusAddress {
	return map(k, dev, physicalAddress(page * PAGE_SIZE + offset), sizeBytes, direction, attrs, pageType(k), callers);
}

function unmap(
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	attrs: number,
	type: dma_debug_type,
): void {
	checkDirection(k, direction, 172);
	charge(k, COST.dmaMapNs);
	unmapBus(k, dev, address, sizeBytes, direction, (attrs & DMA_ATTR_SKIP_CPU_SYNC) !== 0);
	const ref = {dev, type, dev_addr: address, size: sizeBytes, direction, sg_call_ents: 0};
	check_unmap(k, ref, isFailedAddress(k, address));
	if (k.trace.on) traceUnmap(k, dev, address, sizeBytes, direction);
}

function traceUnmap(
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): void {
	trace(
		k,
		'dma_unmap_page',
		() => `${dev.bus_id} dir=${directionName(direction)} dma_addr=${address.toString(16)} size=${sizeBytes}`,
		touchesBus(dev.bus_id, address, sizeBytes),
	);
}

/**
 * Takes a buffer back from the device. Say the same size and direction as when mapping.
 * @see LDD3 page 448
 */
export const dma_unmap_single = (
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	attrs = 0,
): void => unmap(k, dev, address, sizeBytes, direction, attrs, 'single');

/** Takes a mapped page back. Linux's function has no offset argument, whatever LDD3 page 450 shows. */
export const dma_unmap_page = (
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	attrs = 0,
): void => unmap(k, dev, address, sizeBytes, direction, attrs, pageType(k));

// ── device memory ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Lets one device reach another's registers. 4.11 and later. @param physical where they lie; not RAM */
export function dma_map_resource(
	k: Kernel,
	dev: device,
	physical: PhysicalAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): BusAddress {
	if (!dma_capable(k, dev, physical, sizeBytes)) {
		sayUnreachable(k, dev, physical, sizeBytes);
		return failedAddress(k);
	}
	const dev_addr = busAddress(physical);
	const {made} = add_dma_entry(k, {dev, type: 'resource', paddr: physical, dev_addr, size: sizeBytes, direction});
	made.record = traceResource(k, 'dma_map_resource', dev, dev_addr, sizeBytes, direction);
	return dev_addr;
}

export function dma_unmap_resource(
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): void {
	const ref = {dev, type: 'resource', dev_addr: address, size: sizeBytes, direction, sg_call_ents: 0} as const;
	check_unmap(k, ref, isFailedAddress(k, address));
	traceResource(k, 'dma_unmap_resource', dev, address, sizeBytes, direction);
}

function traceResource(
	k: Kernel,
	name: string,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): Within {
	const fields = () =>
		`${dev.bus_id} dir=${directionName(direction)} dma_addr=${address.toString(16)} size=${sizeBytes}`;
	return trace(k, name, fields, touchesBus(dev.bus_id, address, sizeBytes));
}

// ── sync ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function sync(
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	forCpu: boolean,
): void {
	checkDirection(k, direction);
	syncBus(k, dev, address, sizeBytes, direction, forCpu);
	check_sync(k, {dev, type: 'single', dev_addr: address, size: sizeBytes, direction, sg_call_ents: 0}, forCpu);
}

/** The CPU owns the buffer from now on, until dma_sync_single_for_device(). LDD3 page 449. */
export const dma_sync_single_for_cpu = (
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): void => sync(k, dev, address, sizeBytes, direction, true);

/** The device owns the buffer again. LDD3 page 449. */
export const dma_sync_single_for_device = (
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
): void => sync(k, dev, address, sizeBytes, direction, false);

/** As the calls above, for part of a mapping. @param offset bytes from its start */
export const dma_sync_single_range_for_cpu = (
	k: Kernel,
	dev: device,
	address: BusAddress,
	offset: number,
	sizeBytes: number,
	direction: dma_data_direction,
): void => sync(k, dev, busAddress(address + offset), sizeBytes, direction, true);

export const dma_sync_single_range_for_device = (
	k: Kernel,
	dev: device,
	address: BusAddress,
	offset: number,
	sizeBytes: number,
	direction: dma_data_direction,
): void => sync(k, dev, busAddress(address + offset), sizeBytes, direction, false);

// ── limits ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Longest mapping that can succeed: all of memory, or one segment of the bounce pool. 5.1 and later. */
export function dma_max_mapping_size(k: Kernel, dev: device): number {
	const {swiotlb} = k.dma;
	const limited = dev.dma_mask !== null && dev.dma_mask < dma_get_required_mask(k);
	return swiotlb && (swiotlb.force || limited) ? swiotlb_max_mapping_size : 0xffff_ffff;
}
