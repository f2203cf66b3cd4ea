import {type KernelLogicalAddress, PAGE_SIZE, type Pfn, physicalAddress} from '../../../source/hardware/address.ts';
import {driver_bind} from '../../../source/kernel/drivers/dd.ts';
import {type device, device_add} from '../../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_HIGHUSER, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../../source/kernel/mm/page.ts';
import {try_alloc_pages, try_get_free_pages} from '../../../source/kernel/mm/page_alloc.ts';

/** A device with a driver, as a test's own. */
export function testDevice(k: Kernel, bus_id = '0000:00:0a.0', driver = 'testdrv'): device {
	const dev = device_add(k, bus_id, 'pci');
	driver_bind(dev, driver);
	return dev;
}

/** Pages of low memory, by logical address. */
export function lowPages(k: Kernel, order = 0): KernelLogicalAddress {
	const address = try_get_free_pages(k, GFP_KERNEL, order);
	if (address === undefined) throw new Error('no low memory');
	return address;
}

export function highPage(k: Kernel): Pfn {
	const page = try_alloc_pages(k, GFP_HIGHUSER, 0);
	if (page === undefined || page < k.layout.max_low_pfn) throw new Error('no high memory');
	return page;
}

export const physicalOf = (address: KernelLogicalAddress) => physicalAddress(address - PAGE_OFFSET);
export const pageOf = (address: KernelLogicalAddress) => (physicalOf(address) / PAGE_SIZE) as Pfn;

/** What the kernel said since `from` lines of the log. */
export const saidSince = (k: Kernel, from: number) => k.log.lines.slice(from).map(line => line.text);
