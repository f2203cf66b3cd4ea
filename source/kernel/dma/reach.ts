/**
 * How a device reaches a buffer: at its physical address, through a bounce buffer, or through an IOMMU, as machine and
 * mask have it. The calls of mapping.ts and scatterlist.ts stand on this. Models arch/x86/kernel/pci-nommu.c and
 * pci-swiotlb.c (2.6.32, 3.2), kernel/dma/direct.c (5.10, 6.1).
 */
import {type BusAddress, busAddress, type PhysicalAddress} from '../../hardware/address.ts';
import {dev_label, type device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {cleanLines, invalidateLines, lendToDevice, takeFromDevice} from './caches.ts';
import {deviceReads, deviceWrites, type dma_data_direction} from './direction.ts';
import {iommuMap, iommuUnmap} from './iommu.ts';
import {dma_capable} from './masks.ts';
import {formatDmaAddress, WARN_ONCE} from './report.ts';
import {
	is_swiotlb_buffer,
	swiotlb_sync_single_for_cpu,
	swiotlb_sync_single_for_device,
	swiotlb_tbl_map_single,
	swiotlb_tbl_unmap_single,
} from './swiotlb.ts';

/** All bits set in a dma_addr_t of either width: what a failed mapping returns from 5.0 on. */
export const DMA_MAPPING_ERROR = busAddress(-1);
/** What it returned before, on i386. */
const bad_dma_address = busAddress(0);

/** What a mapping call answers that could not be made. */
export const failedAddress = (k: Kernel): BusAddress =>
	k.era.dmaMapFailure === 'all ones' ? DMA_MAPPING_ERROR : bad_dma_address;

export const isFailedAddress = (k: Kernel, address: BusAddress): boolean =>
	(k.era.dmaMapFailure !== 'never fails' && address === failedAddress(k)) ||
	(k.dma.swiotlb?.overflow !== undefined && address === k.dma.swiotlb.overflow);

/**
 * Finds the bus address under which a device reaches a buffer, and makes it so.
 * @returns undefined when it cannot
 */
export function mapPhysical(
	k: Kernel,
	dev: device,
	physical: PhysicalAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	skipCpuSync: boolean,
): BusAddress | undefined {
	const address = findAddress(k, dev, physical, sizeBytes, direction, skipCpuSync);
	if (address !== undefined) lendToDevice(k, dev, address, sizeBytes);
	return address;
}

function findAddress(
	k: Kernel,
	dev: device,
	physical: PhysicalAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	skipCpuSync: boolean,
): BusAddress | undefined {
	const {iommu, swiotlb} = k.dma;
	if (iommu) return iommuMap(iommu, dev, physical, sizeBytes, deviceWrites(direction));
	const reachable = dma_capable(k, dev, physical, sizeBytes);
	if (swiotlb && (swiotlb.force || !reachable)) return bounce(k, dev, physical, sizeBytes, direction, skipCpuSync);
	if (reachable || k.era.dmaMapFailure === 'never fails') return busAddress(physical);
	sayUnreachable(k, dev, physical, sizeBytes);
	return undefined;
}

function bounce(
	k: Kernel,
	dev: device,
	physical: PhysicalAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	skipCpuSync: boolean,
): BusAddress | undefined {
	const pool = k.dma.swiotlb!;
	const address = swiotlb_tbl_map_single(k, pool, dev, physical, sizeBytes, direction, skipCpuSync);
	if (address === undefined) {
		printk(k, 3, k.era.swiotlbFullLine(dev_label(k, dev), sizeBytes, pool.slots, pool.used));
		return undefined;
	}
	if (dma_capable(k, dev, address, sizeBytes)) return address;
	swiotlb_tbl_unmap_single(k, pool, address, sizeBytes, direction, true);
	const what = `${dev_label(k, dev)}: swiotlb addr ${formatDmaAddress(k, address)}+${sizeBytes} overflow`;
	WARN_ONCE(
		k,
		{file: 'kernel/dma/swiotlb.c', line: 949, function: 'swiotlb_map'},
		`${what} (mask ${dev.dma_mask?.toString(16)}, bus limit 0).`,
	);
	return undefined;
}

/** The words of a direct mapping that fails. */
export function sayUnreachable(k: Kernel, dev: device, physical: PhysicalAddress, sizeBytes: number): void {
	const mask = dev.dma_mask ?? 0n;
	if (k.era.dmaMapFailure === 'all ones') {
		const what = `${dev_label(k, dev)}: DMA addr ${formatDmaAddress(k, physical)}+${sizeBytes} overflow`;
		WARN_ONCE(
			k,
			{file: 'kernel/dma/direct.h', line: 103, function: 'dma_map_page_attrs'},
			`${what} (mask ${mask.toString(16)}, bus limit 0).`,
		);
	} else if (mask >= 0xffff_ffffn)
		printk(
			k,
			3,
			`nommu_map_single: overflow ${physical.toString(16)}+${sizeBytes} of device mask ${mask.toString(16)}`,
		);
}

/** Takes a buffer's bus address away again. */
export function unmapBus(
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	skipCpuSync: boolean,
): void {
	const {iommu, swiotlb} = k.dma;
	if (deviceWrites(direction) && !skipCpuSync) invalidateLines(k, dev, address, sizeBytes);
	takeFromDevice(k, dev, address, sizeBytes);
	if (iommu) iommuUnmap(iommu, address, sizeBytes);
	else if (swiotlb && is_swiotlb_buffer(swiotlb, address))
		swiotlb_tbl_unmap_single(k, swiotlb, address, sizeBytes, direction, skipCpuSync);
}

/** Makes bytes seen by the other side: through a bounce buffer, a cache, or nothing at all. */
export function syncBus(
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	direction: dma_data_direction,
	forCpu: boolean,
): void {
	const {swiotlb} = k.dma;
	const pool = swiotlb && is_swiotlb_buffer(swiotlb, address) ? swiotlb : undefined;
	if (forCpu) {
		if (deviceWrites(direction)) invalidateLines(k, dev, address, sizeBytes);
		if (pool) swiotlb_sync_single_for_cpu(k, pool, address, sizeBytes, direction);
	} else {
		if (pool) swiotlb_sync_single_for_device(k, pool, address, sizeBytes, direction);
		if (deviceReads(direction)) cleanLines(k, dev, address, sizeBytes);
	}
}
