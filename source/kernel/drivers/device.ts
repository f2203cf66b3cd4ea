/**
 * Models include/linux/device.h and pci.h as far as DMA needs them (2.6.11 and later): struct device with its masks,
 * struct pci_dev, and the calls with which a driver takes a PCI function into use.
 *
 * Not modelled: the device model's trees, reference counts, power management, hotplug.
 */
import type {PhysicalAddress} from '../../hardware/address.ts';
import {PCI_COMMAND_IO, PCI_COMMAND_MEMORY, type PciFunction} from '../../hardware/pci.ts';
import type {dma_pool} from '../dma/dmapool.ts';
import type {Kernel} from '../kernel.ts';

export type device = {
	/** As the bus names it: `0000:00:1d.7`. */
	readonly bus_id: string;
	readonly bus: 'pci' | 'platform' | 'isa';
	/** Name of the driver bound to it, or null. */
	driver: string | null;
	/** What `*dev->dma_mask` holds; null where the pointer is NULL: no DMA at all. */
	dma_mask: bigint | null;
	coherent_dma_mask: bigint;
	/** Limits of one scatter/gather segment. */
	readonly dma_parms: {max_segment_size: number; segment_boundary_mask: number};
	/** Pools made for it, newest first. */
	readonly dma_pools: dma_pool[];
	/** What a driver in C keeps there: a word of its own. */
	driver_data: number;
	/** What goes back by itself when the driver leaves, the newest last. @see drivers/base/devres.c */
	readonly devres: Devres[];
};

/** @param key what it is known by, where it can be given back before: an address */
type Devres = {readonly key: number | undefined; readonly release: (k: Kernel) => void};

export type pci_dev = {
	readonly dev: device;
	readonly hardware: PciFunction;
	readonly irq: number;
};

/** The mask of n low bits. @see include/linux/dma-mapping.h */
export const DMA_BIT_MASK = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** Segment limits of a device that has not said anything. @see dma_get_max_seg_size() */
const DEFAULT_SEGMENT_BYTES = 65_536;
const DEFAULT_SEGMENT_BOUNDARY = 0xffff_ffff;

/** Makes a device known. Its masks start at 32 bits, as the PCI core and the platform bus set them. */
export function device_add(k: Kernel, bus_id: string, bus: device['bus']): device {
	if (k.dma.devices.has(bus_id)) throw new Error(`device ${bus_id} was added before`);
	const dev: device = {
		bus_id,
		bus,
		driver: null,
		dma_mask: DMA_BIT_MASK(32),
		coherent_dma_mask: DMA_BIT_MASK(32),
		dma_parms: {max_segment_size: DEFAULT_SEGMENT_BYTES, segment_boundary_mask: DEFAULT_SEGMENT_BOUNDARY},
		dma_pools: [],
		driver_data: 0,
		devres: [],
	};
	k.dma.devices.set(bus_id, dev);
	return dev;
}

/** Makes a plugged-in PCI function known to the kernel. */
export function pci_scan_function(k: Kernel, hardware: PciFunction): pci_dev {
	const irq = hardware.identity.interruptLine;
	k.irq.levelTriggered.add(irq);
	const pdev = {dev: device_add(k, hardware.address, 'pci'), hardware, irq};
	k.pci.devices.push(pdev);
	return pdev;
}

/** Has the function answer on its base addresses, whichever kinds it has. @returns 0 @see pcibios_enable_resources() */
export function pci_enable_device({hardware}: pci_dev): number {
	for (const {kind} of hardware.identity.bars) hardware.command |= kind === 'io' ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
	return 0;
}

/** Lets the function be a bus master: without it there is no DMA. LDD3 page 441 calls it before any transfer. */
export function pci_set_master(pdev: pci_dev): void {
	pdev.hardware.busMaster = true;
}

/** The function is not a bus master any more; it answers on its base addresses still. */
export function pci_disable_device(pdev: pci_dev): void {
	pdev.hardware.busMaster = false;
}

/** Physical address where a memory base address register points. @param bar 0 to 5 */
export function pci_resource_start(pdev: pci_dev, bar: number): PhysicalAddress {
	const region = pdev.hardware.identity.bars[bar];
	if (region?.kind !== 'memory') throw new Error(`${pdev.dev.bus_id} has no memory region ${bar}`);
	return region.start;
}

/** Lets the function be a bus master no more. */
export function pci_clear_master(pdev: pci_dev): void {
	pdev.hardware.busMaster = false;
}

/** Bytes that a memory base address register decodes. @param bar 0 to 5 */
export function pci_resource_len(pdev: pci_dev, bar: number): number {
	const region = pdev.hardware.identity.bars[bar];
	return region?.kind === 'memory' ? region.sizeBytes : 0;
}

/** `driver bus_id`, the start of every line that dev_err and its like print. */
export const dev_label = (k: Kernel, dev: device): string =>
	`${dev.driver ?? (k.era.unboundDeviceLabel === 'bus' ? dev.bus : '')} ${dev.bus_id}`;
