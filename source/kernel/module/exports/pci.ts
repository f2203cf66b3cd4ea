/** linux/pci.h: drivers of PCI functions, and what they do with them. */
import {kernelAddress} from '../../../hardware/address.ts';
import type {AccessWidth} from '../../../hardware/bus.ts';
import {
	pci_clear_master,
	type pci_dev,
	pci_disable_device,
	pci_enable_device,
	pci_set_master,
} from '../../drivers/device.ts';
import {
	type pci_device_id,
	type pci_driver,
	pci_register_driver,
	pci_unregister_driver,
} from '../../drivers/pci-driver.ts';
import {EBUSY} from '../../errno.ts';
import {release_region, request_region} from '../../ioport.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32, kwrite32} from '../../mm/access.ts';
import {ioremap, iounmap} from '../../mm/ioremap.ts';
import {printk} from '../../printk.ts';
import type {Sleeps} from '../../time.ts';
import {callC} from '../callC.ts';
import {pciAddress, pciAt, resourceOf} from '../deviceWindows.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import {addressName} from '../oops.ts';
import {type Gate, type GateCall, modulesOf} from '../state.ts';
import {textAtAddress, writeKernel} from '../text.ts';

type DriverField = Parameters<typeof offsetOf<'pci_driver'>>[1];
type IdField = Parameters<typeof offsetOf<'pci_device_id'>>[1];

export const BARS = 6;
/** A port as ioread32() and its kin take it: see asm/io.h of headers. */
const PIO_OFFSET = 0x1_0000;

/** The rows of a driver's table, up to the one of zeros. */
function idTable(k: Kernel, table: number): readonly pci_device_id[] {
	const rows: pci_device_id[] = [];
	for (let at = table; ; at += sizeOf('pci_device_id')) {
		const word = (field: IdField) => kread32(k, kernelAddress(at + offsetOf('pci_device_id', field)));
		const row = {
			vendor: word('vendor'),
			device: word('device'),
			subvendor: word('subvendor'),
			subdevice: word('subdevice'),
			class: word('class'),
			class_mask: word('class_mask'),
		};
		if (row.vendor === 0 && row.subvendor === 0 && row.class_mask === 0) return rows;
		rows.push(row);
	}
}

function driverAt(k: Kernel, address: number): pci_driver {
	const word = (field: DriverField) => kread32(k, kernelAddress(address + offsetOf('pci_driver', field)));
	return {
		name: textAtAddress(k, word('name')),
		id_table: () => (word('id_table') === 0 ? [] : idTable(k, word('id_table'))),
		*probe(k, pdev, row) {
			const id = word('id_table') + row * sizeOf('pci_device_id');
			return word('probe') === 0 ? 0 : yield* callC(k, word('probe'), [pciAddress(k, pdev), id]);
		},
		*remove(k, pdev) {
			if (word('remove') !== 0) yield* callC(k, word('remove'), [pciAddress(k, pdev)]);
		},
	};
}

function* register({k, arg}: GateCall): Sleeps<number> {
	const driver = driverAt(k, arg(0));
	const {addresses, beside} = modulesOf(k);
	addresses.set(driver, arg(0));
	const named = arg(0) + offsetOf('pci_driver', 'driver') + offsetOf('device_driver', 'name');
	kwrite32(k, kernelAddress(named), kread32(k, kernelAddress(arg(0) + offsetOf('pci_driver', 'name'))));
	const result = yield* pci_register_driver(k, driver);
	if (result === 0) beside.set(arg(0), driver);
	return result;
}

function* unregister({k, arg}: GateCall): Sleeps<void> {
	const {beside} = modulesOf(k);
	const driver = beside.get(arg(0)) as pci_driver | undefined;
	if (!driver) return;
	beside.delete(arg(0));
	yield* pci_unregister_driver(k, driver);
}

/** The next function behind `from` that fits, or NULL. */
function nextDevice(k: Kernel, from: number, fits: (pdev: pci_dev) => boolean): number {
	const {devices} = k.pci;
	const after = from === 0 ? -1 : devices.indexOf(pciAt(k, from));
	const found = devices.slice(after + 1).find(fits);
	return found ? pciAddress(k, found) : 0;
}

const fitsId = (wanted: number, has: number) => wanted === 0xffff_ffff || wanted === has;

const countOf = ({start, end, flags}: ReturnType<typeof resourceOf>) => (flags === 0 ? 0 : end - start + 1);
const IORESOURCE_IO = 0x100;
const kindOf = ({flags}: ReturnType<typeof resourceOf>) => ((flags & IORESOURCE_IO) !== 0 ? 'ports' : 'memory');

export function requestRegion(k: Kernel, pdev: pci_dev, bar: number, name: string): number {
	const region = resourceOf(pdev, bar);
	const count = countOf(region);
	if (count === 0 || request_region(k, kindOf(region), region.start, count, name)) return 0;
	printk(k, 4, k.era.pciRegionBusyLine(pdev.dev.bus_id, bar, region, kindOf(region)));
	return -EBUSY;
}

export function releaseRegion(k: Kernel, pdev: pci_dev, bar: number): void {
	const region = resourceOf(pdev, bar);
	if (region.flags !== 0) release_region(k, kindOf(region), region.start, countOf(region));
}

/** All of them or none. */
function requestRegions(k: Kernel, pdev: pci_dev, name: string): number {
	for (let bar = 0; bar < BARS; bar++) {
		if (requestRegion(k, pdev, bar, name) === 0) continue;
		for (let taken = 0; taken < bar; taken++) releaseRegion(k, pdev, taken);
		return -EBUSY;
	}
	return 0;
}

/** Whether an address of pci_iomap() is a port's. */
export const isPort = (address: number): boolean => address < 2 * PIO_OFFSET;

/** @param most bytes that are wanted, 0 for all */
export function iomap(call: GateCall, bar: number, most: number): number {
	const {k, arg} = call;
	const region = resourceOf(pciAt(k, arg(0)), bar);
	const count = countOf(region);
	if (count === 0) return 0;
	if (kindOf(region) === 'ports') return region.start + PIO_OFFSET;
	const wanted = most === 0 ? count : Math.min(most, count);
	return ioremap(k, region.start as Parameters<typeof ioremap>[1], wanted, addressName(k, call.caller)) ?? 0;
}

const PCIBIOS_BAD_REGISTER_NUMBER = 0x87;

/** One of the reads or writes of the configuration space, in one width. */
function configAccess(name: string, width: AccessWidth, write: boolean): Gate {
	return {
		name: `pci_${write ? 'write' : 'read'}_config_${name}`,
		run({k, arg}) {
			const {hardware} = pciAt(k, arg(0));
			if (arg(1) % width !== 0) return PCIBIOS_BAD_REGISTER_NUMBER;
			if (write) hardware.writeConfig(arg(1), width, arg(2) % 2 ** (8 * width));
			else {
				const value = hardware.readConfig(arg(1), width);
				const bytes = Array.from({length: width}, (_, i) => Math.floor(value / 2 ** (8 * i)));
				writeKernel(k, arg(2), Uint8Array.from(bytes));
			}
			return 0;
		},
	};
}

const WIDTHS = {byte: 1, word: 2, dword: 4} as const;

export const pciExports: readonly Gate[] = [
	{name: 'pci_register_driver', run: register},
	{name: 'pci_unregister_driver', run: unregister},
	{name: 'pci_enable_device', run: ({k, arg}) => pci_enable_device(pciAt(k, arg(0)))},
	{name: 'pci_disable_device', run: ({k, arg}) => pci_disable_device(pciAt(k, arg(0)))},
	{name: 'pci_set_master', run: ({k, arg}) => pci_set_master(pciAt(k, arg(0)))},
	{name: 'pci_clear_master', run: ({k, arg}) => pci_clear_master(pciAt(k, arg(0)))},
	{name: 'pci_resource_start', run: ({k, arg}) => resourceOf(pciAt(k, arg(0)), arg(1)).start},
	{name: 'pci_resource_end', run: ({k, arg}) => resourceOf(pciAt(k, arg(0)), arg(1)).end},
	{name: 'pci_resource_len', run: ({k, arg}) => countOf(resourceOf(pciAt(k, arg(0)), arg(1)))},
	{name: 'pci_resource_flags', run: ({k, arg}) => resourceOf(pciAt(k, arg(0)), arg(1)).flags},
	{name: 'pci_request_regions', run: ({k, arg}) => requestRegions(k, pciAt(k, arg(0)), textAtAddress(k, arg(1)))},
	{
		name: 'pci_release_regions',
		run({k, arg}) {
			for (let bar = 0; bar < BARS; bar++) releaseRegion(k, pciAt(k, arg(0)), bar);
		},
	},
	{
		name: 'pci_request_region',
		run: ({k, arg}) => requestRegion(k, pciAt(k, arg(0)), arg(1), textAtAddress(k, arg(2))),
	},
	{name: 'pci_release_region', run: ({k, arg}) => releaseRegion(k, pciAt(k, arg(0)), arg(1))},
	{name: 'pci_iomap', run: call => iomap(call, call.arg(1), call.arg(2))},
	{
		name: 'pci_iounmap',
		run({k, arg}) {
			if (!isPort(arg(1))) iounmap(k, kernelAddress(arg(1)));
		},
	},
	...Object.entries(WIDTHS).flatMap(([name, width]) => [
		configAccess(name, width, false),
		configAccess(name, width, true),
	]),
	...['pci_get_device', 'pci_find_device'].map(
		(name): Gate => ({
			name,
			run: ({k, arg}) =>
				nextDevice(
					k,
					arg(2),
					({hardware: {identity}}) => fitsId(arg(0), identity.vendorId) && fitsId(arg(1), identity.deviceId),
				),
		}),
	),
	{
		name: 'pci_get_class',
		run: ({k, arg}) => nextDevice(k, arg(1), ({hardware}) => hardware.identity.classCode === arg(0)),
	},
	{name: 'pci_dev_get', run: ({arg}) => arg(0)},
	// Devices are never unplugged here, so references to them are not counted.
	{name: 'pci_dev_put', run: () => undefined},
];
