/**
 * What mapping and syncing mean where caches are not coherent, as arch code of such machines does it
 * (arch/arm/mm/dma-mapping.c and others): clean lines before the device reads memory, invalidate them before the CPU
 * reads what the device wrote. On a PC there is nothing to do.
 */
import {type BusAddress, busAddress, PAGE_SIZE, type PhysicalAddress, physicalAddress} from '../../hardware/address.ts';
import type {Cache} from '../../hardware/cache.ts';
import type {device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';

/** Does something to the lines behind a bus range, page by page where an IOMMU scatters them. */
function forLines(
	k: Kernel,
	dev: device,
	address: BusAddress,
	sizeBytes: number,
	action: (cache: Cache, physical: PhysicalAddress, lengthBytes: number) => void,
): void {
	const {cache, iommu} = k.hw.bus;
	if (!cache) return;
	if (!iommu) return action(cache, physicalAddress(address), sizeBytes);
	for (let done = 0; done < sizeBytes; ) {
		const at = busAddress(address + done);
		const length = Math.min(sizeBytes - done, PAGE_SIZE - (at % PAGE_SIZE));
		const physical = iommu.translate(dev.bus_id, at, false);
		if (physical !== undefined) action(cache, physical, length);
		done += length;
	}
}

/** A mapping begins: memory holds what the CPU wrote so far. */
export const lendToDevice = (k: Kernel, dev: device, address: BusAddress, sizeBytes: number): void =>
	forLines(k, dev, address, sizeBytes, (cache, physical, length) => cache.lend(physical, length));

/** A mapping ends. */
export const takeFromDevice = (k: Kernel, dev: device, address: BusAddress, sizeBytes: number): void =>
	forLines(k, dev, address, sizeBytes, (cache, physical, length) => cache.takeBack(physical, length));

export const cleanLines = (k: Kernel, dev: device, address: BusAddress, sizeBytes: number): void =>
	forLines(k, dev, address, sizeBytes, (cache, physical, length) => cache.clean(physical, length));

export const invalidateLines = (k: Kernel, dev: device, address: BusAddress, sizeBytes: number): void =>
	forLines(k, dev, address, sizeBytes, (cache, physical, length) => cache.invalidate(physical, length));
