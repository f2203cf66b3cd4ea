/** What C sees of devices: struct device, struct pci_dev with the device in it, and their resources. */
import {kernelAddress} from '../../hardware/address.ts';
import type {device, pci_dev} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {kread, kread32, kwrite, oops} from '../mm/access.ts';
import {GFP_ATOMIC} from '../mm/gfp.ts';
import {try_kmalloc} from '../mm/slab.ts';
import {offsetOf, sizeOf} from './layouts.ts';
import {modulesOf} from './state.ts';
import {putText, textAtAddress} from './text.ts';
import type {Window} from './windows.ts';

/** The struct device_driver of a device, if it is a driver in C. */
function driverOf(k: Kernel, {driver}: device): number {
	const found = k.pci.drivers.find(({name}) => name === driver);
	const at = found && modulesOf(k).addresses.get(found);
	return at === undefined ? 0 : at + offsetOf('pci_driver', 'driver');
}

const deviceWindow: Window<device> = {
	name: 'device',
	fields: {
		bus_id: {get: () => 0, text: dev => dev.bus_id},
		parent: {get: () => 0},
		init_name: {get: () => 0},
		platform_data: {get: () => 0},
		driver: {get: (k, dev) => driverOf(k, dev)},
		driver_data: {
			get: (_k, dev) => dev.driver_data,
			set(_k, dev, value) {
				dev.driver_data = value;
			},
		},
		dma_mask: {get: (k, dev) => maskAddress(k, dev)},
		coherent_dma_mask: {
			get: (_k, dev) => dev.coherent_dma_mask,
			set(_k, dev, value) {
				dev.coherent_dma_mask = BigInt.asUintN(64, BigInt(value));
			},
		},
	},
};

/** Where the mask lies that `dev->dma_mask` points to: in the struct pci_dev. */
function maskAddress(k: Kernel, dev: device): number {
	const pdev = k.pci.devices.find(each => each.dev === dev);
	return pdev && dev.dma_mask !== null ? pciAddress(k, pdev) + offsetOf('pci_dev', 'dma_mask') : 0;
}

type PciResource = {readonly pdev: pci_dev; readonly bar: number};

const IORESOURCE_IO = 0x100;
const IORESOURCE_MEM = 0x200;

/** Where a base address register leads. Zeros where there is none. */
export function resourceOf({hardware}: pci_dev, bar: number): {start: number; end: number; flags: number} {
	const region = hardware.identity.bars[bar];
	if (!region) return {start: 0, end: 0, flags: 0};
	const sizeBytes = region.kind === 'io' ? region.count : region.sizeBytes;
	const flags = region.kind === 'io' ? IORESOURCE_IO : IORESOURCE_MEM;
	return {start: region.start, end: region.start + sizeBytes - 1, flags};
}

const resourceWindow: Window<PciResource> = {
	name: 'resource',
	fields: {
		start: {get: (_k, {pdev, bar}) => resourceOf(pdev, bar).start},
		end: {get: (_k, {pdev, bar}) => resourceOf(pdev, bar).end},
		flags: {get: (_k, {pdev, bar}) => resourceOf(pdev, bar).flags},
	},
};

/** Device and function, as PCI_DEVFN() packs them. */
function devfnOf({hardware}: pci_dev): number {
	const [, slot = '0', part = '0'] = /:([0-9a-f]{2})\.([0-7])$/.exec(hardware.address) ?? [];
	return (Number.parseInt(slot, 16) << 3) | Number(part);
}

const config = (offset: number, width: 1 | 2 | 4) => ({
	get: (_k: Kernel, {hardware}: pci_dev) => hardware.readConfig(offset, width),
});

const pciDevWindow: Window<pci_dev> = {
	name: 'pci_dev',
	fields: {
		vendor: config(0x00, 2),
		device: config(0x02, 2),
		subsystem_vendor: config(0x2c, 2),
		subsystem_device: config(0x2e, 2),
		class: {get: (_k, {hardware}) => hardware.identity.classCode},
		revision: config(0x08, 1),
		hdr_type: config(0x0e, 1),
		pin: config(0x3d, 1),
		irq: {get: (_k, {irq}) => irq},
		devfn: {get: (_k, pdev) => devfnOf(pdev)},
		bus: {get: (k, pdev) => modulesOf(k).windows.addressOf(busWindow, busOf(pdev))},
		driver: {
			get(k, {dev}) {
				const at = driverOf(k, dev);
				return at === 0 ? 0 : at - offsetOf('pci_driver', 'driver');
			},
		},
		dma_mask: {get: (_k, {dev}) => dev.dma_mask ?? 0},
		resource: {
			get: () => 0,
			inner(_k, pdev, offset) {
				const bar = Math.floor(offset / sizeOf('resource'));
				return {window: resourceWindow, object: {pdev, bar}, offset: offset % sizeOf('resource')};
			},
		},
		dev: {get: () => 0, inner: (_k, {dev}, offset) => ({window: deviceWindow, object: dev, offset})},
	},
};

type PciBus = {readonly number: number};
/** There is one. */
const BUS: PciBus = {number: 0};
const busOf = (_pdev: pci_dev): PciBus => BUS;

const busWindow: Window<PciBus> = {
	name: 'pci_bus',
	fields: {number: {get: (_k, {number}) => number}, self: {get: () => 0}, parent: {get: () => 0}},
};

export const pciAddress = (k: Kernel, pdev: pci_dev): number => modulesOf(k).windows.addressOf(pciDevWindow, pdev);

/** The function behind a struct pci_dev that C hands over. @throws TaskKilled where there is none: an oops */
export function pciAt(k: Kernel, address: number): pci_dev {
	return modulesOf(k).windows.objectAt(pciDevWindow, address) ?? oops(k, address, false, false);
}

/** A device of C's own, in its memory: what the kernel keeps of it hangs beside it. */
function ownDeviceAt(k: Kernel, address: number): device {
	const {beside} = modulesOf(k);
	const word = (field: DeviceField) => kread32(k, kernelAddress(address + offsetOf('device', field)));
	let found = beside.get(address) as device | undefined;
	if (!found) {
		found = {
			bus_id: nameOf(k, address),
			bus: 'platform',
			driver: null,
			dma_mask: null,
			coherent_dma_mask: 0n,
			dma_parms: {max_segment_size: 65_536, segment_boundary_mask: 0xffff_ffff},
			dma_pools: [],
			driver_data: 0,
			devres: [],
		};
		beside.set(address, found);
	}
	const wide = (at: number) => new DataView(kread(k, kernelAddress(at), 8).buffer).getBigUint64(0, true);
	const mask = word('dma_mask');
	found.dma_mask = mask === 0 ? null : wide(mask);
	found.coherent_dma_mask = wide(address + offsetOf('device', 'coherent_dma_mask'));
	return found;
}

/** After a call that sets masks: a device of C's own gets them into its memory. */
export function writeMasksBack(k: Kernel, address: number, {dma_mask, coherent_dma_mask}: device): void {
	if (modulesOf(k).windows.objectAt(deviceWindow, address)) return;
	const put = (at: number, mask: bigint) =>
		kwrite(k, kernelAddress(at), new Uint8Array(BigUint64Array.of(mask).buffer));
	const pointer = kread32(k, kernelAddress(address + offsetOf('device', 'dma_mask')));
	if (pointer !== 0 && dma_mask !== null) put(pointer, dma_mask);
	put(address + offsetOf('device', 'coherent_dma_mask'), coherent_dma_mask);
}

/** Letters of a name that lies in the device itself. */
const BUS_ID_SIZE = 20;

type DeviceField = Parameters<typeof offsetOf<'device'>>[1];

/** Where the name of a device of C's own lies, wherever the era and the driver have put it; 0 where it has none. */
function ownNameAddress(k: Kernel, address: number): number {
	const array = address + offsetOf('device', 'bus_id');
	if (k.era.deviceNameIsArray && textAtAddress(k, array, 1) !== '') return array;
	const named = kread32(k, kernelAddress(address + offsetOf('device', 'kobj') + offsetOf('kobject', 'name')));
	return named || kread32(k, kernelAddress(address + offsetOf('device', 'init_name')));
}

function nameOf(k: Kernel, address: number): string {
	const at = ownNameAddress(k, address);
	return at === 0 ? '(null)' : textAtAddress(k, at, k.era.deviceNameIsArray ? BUS_ID_SIZE : undefined);
}

/** Where the names lie of devices of the kernel's that C has asked for. They stay, as the devices do. */
const names = new WeakMap<device, number>();

/** What dev_name() gives: where the name is, or 0 where there is none or no memory. @see deviceAt() */
export function nameAddress(k: Kernel, address: number): number {
	const dev = deviceAt(k, address);
	if (!modulesOf(k).windows.objectAt(deviceWindow, address)) return ownNameAddress(k, address);
	const known = names.get(dev);
	if (known !== undefined) return known;
	const at = try_kmalloc(k, dev.bus_id.length + 1, GFP_ATOMIC);
	if (at === undefined) return 0;
	putText(k, at, dev.bus_id);
	names.set(dev, at);
	return at;
}

/** Nothing to look at below this: what a null pointer's fields would be. */
const LOWEST = 0x1000;

/**
 * The device behind a struct device that C hands over: one of the kernel's, or one in the driver's own memory.
 * @throws TaskKilled for what is no address of the kernel: an oops
 */
export function deviceAt(k: Kernel, address: number): device {
	const found = modulesOf(k).windows.objectAt(deviceWindow, address);
	if (found) return found;
	if (address < LOWEST) oops(k, address + offsetOf('device', 'dma_mask'), false, false);
	return ownDeviceAt(k, address);
}

/** As deviceAt; NULL is a device without a limit of its own, in eras that know such calls. */
export function deviceOrNoneAt(k: Kernel, address: number): device {
	if (address !== 0 || !k.era.dmaTakesNoDevice) return deviceAt(k, address);
	const {beside} = modulesOf(k);
	let found = beside.get(0) as device | undefined;
	// What has no device may sit on the ISA bus: 24 bits.
	if (!found) {
		found = {...ISA_FALLBACK, dma_pools: [], devres: []};
		beside.set(0, found);
	}
	return found;
}

const ISA_FALLBACK = {
	bus_id: 'fallback device',
	bus: 'isa',
	driver: null,
	dma_mask: 0xff_ffffn,
	coherent_dma_mask: 0xff_ffffn,
	dma_parms: {max_segment_size: 65_536, segment_boundary_mask: 0xffff_ffff},
	driver_data: 0,
} as const;
