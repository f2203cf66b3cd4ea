/**
 * Models drivers/pci/pci-driver.c and search.c (2.6.11 and later): drivers of PCI functions and how they find each
 * other; a function's way from one driver to another by the files bind and unbind.
 *
 * Not modelled: identifiers added while it runs (new_id), hotplug, power management, more than one bus.
 */
import {EBUSY, ENODEV} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import type {Sleeps} from '../time.ts';
import {driver_unbind} from './dd.ts';
import type {device, pci_dev} from './device.ts';

/** A row of a driver's table: what it can drive. All ones stand for any. @see struct pci_device_id */
export type pci_device_id = {
	readonly vendor: number;
	readonly device: number;
	readonly subvendor: number;
	readonly subdevice: number;
	/** 24 bits, of which those of the mask are compared. */
	readonly class: number;
	readonly class_mask: number;
};

export type pci_driver = {
	readonly name: string;
	readonly id_table: () => readonly pci_device_id[];
	/** @param row number of the row of the table that matched. @returns 0 (or more) for a device that it takes */
	readonly probe: (k: Kernel, pdev: pci_dev, row: number) => Sleeps<number>;
	readonly remove: (k: Kernel, pdev: pci_dev) => Sleeps<void>;
};

export type PciState = {readonly devices: pci_dev[]; readonly drivers: pci_driver[]};

export const pci_init = (): PciState => ({devices: [], drivers: []});

export const PCI_ANY_ID = 0xffff_ffff;

/** Number of the first row that a function matches, or -1. @see pci_match_device() */
function pci_match_id(rows: readonly pci_device_id[], {hardware}: pci_dev): number {
	const {vendorId, deviceId, classCode} = hardware.identity;
	const fits = (wanted: number, has: number) => wanted >>> 0 === PCI_ANY_ID || wanted === has;
	return rows.findIndex(
		row =>
			fits(row.vendor, vendorId) &&
			fits(row.device, deviceId) &&
			fits(row.subvendor, hardware.readConfig(0x2c, 2)) &&
			fits(row.subdevice, hardware.readConfig(0x2e, 2)) &&
			((row.class ^ classCode) & row.class_mask) === 0,
	);
}

/** Asks a driver whether it takes a device that is free. @returns 0 when it does. @see really_probe() */
function* pci_probe(k: Kernel, driver: pci_driver, pdev: pci_dev): Sleeps<number> {
	const row = pci_match_id(driver.id_table(), pdev);
	if (row < 0) return -ENODEV;
	pdev.dev.driver = driver.name;
	const result = yield* driver.probe(k, pdev, row);
	if (result >= 0) return 0;
	devres_release_all(k, pdev.dev);
	pdev.dev.driver = null;
	pdev.dev.driver_data = 0;
	k.watcher?.driverLeft(pdev.dev, driver.name);
	if (result !== -ENODEV) printk(k, 4, k.era.probeFailedLine(driver.name, pdev.dev.bus_id, result));
	return result;
}

/**
 * Makes a driver known, and lets it have the devices that no driver has. Sleeps.
 * @returns 0, whether or not it took any, or -EBUSY for a name that is taken
 */
export function* pci_register_driver(k: Kernel, driver: pci_driver): Sleeps<number> {
	if (k.pci.drivers.some(({name}) => name === driver.name)) {
		printk(k, 3, `Error: Driver '${driver.name}' is already registered, aborting...`);
		return -EBUSY;
	}
	k.pci.drivers.push(driver);
	for (const pdev of k.pci.devices) if (pdev.dev.driver === null) yield* pci_probe(k, driver, pdev);
	return 0;
}

/** Takes a driver off its devices, and forgets it. Sleeps. */
export function* pci_unregister_driver(k: Kernel, driver: pci_driver): Sleeps<void> {
	const at = k.pci.drivers.indexOf(driver);
	if (at < 0) return;
	for (const pdev of k.pci.devices) if (pdev.dev.driver === driver.name) yield* pci_remove(k, driver, pdev);
	k.pci.drivers.splice(k.pci.drivers.indexOf(driver), 1);
}

/** What a device's driver has asked for goes back, the newest first. */
export function devres_release_all(k: Kernel, {devres}: device): void {
	for (let last = devres.pop(); last; last = devres.pop()) last.release(k);
}

function* pci_remove(k: Kernel, driver: pci_driver, pdev: pci_dev): Sleeps<void> {
	yield* driver.remove(k, pdev);
	devres_release_all(k, pdev.dev);
	pdev.dev.driver_data = 0;
	// A driver of ours may have done it itself.
	if (pdev.dev.driver !== null) driver_unbind(k, pdev.dev);
}

/** What a write to `bind` or `unbind` of a driver does. Sleeps. @returns 0, or -ENODEV where that cannot be */
export function* pci_rebind(k: Kernel, action: 'bind' | 'unbind', driver: pci_driver, bus_id: string): Sleeps<number> {
	const pdev = k.pci.devices.find(({dev}) => dev.bus_id === bus_id);
	if (!pdev || pdev.dev.driver !== (action === 'bind' ? null : driver.name)) return -ENODEV;
	if (action === 'bind') return yield* pci_probe(k, driver, pdev);
	yield* pci_remove(k, driver, pdev);
	return 0;
}
