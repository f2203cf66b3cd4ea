/** Drivers of PCI functions: how they find each other, the configuration space, regions that are asked for. */
import {expect, test} from 'vitest';
import {physicalAddress, port} from '../../../source/hardware/address.ts';
import {PciFunction} from '../../../source/hardware/pci.ts';
import {type pci_dev, pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {
	PCI_ANY_ID,
	type pci_device_id,
	type pci_driver,
	pci_rebind,
	pci_register_driver,
	pci_unregister_driver,
} from '../../../source/kernel/drivers/pci-driver.ts';
import {EBUSY, EIO, ENODEV} from '../../../source/kernel/errno.ts';
import {release_region, request_region} from '../../../source/kernel/ioport.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {bootTestKernel, run} from '../support.ts';

const any: pci_device_id = {
	vendor: PCI_ANY_ID,
	device: PCI_ANY_ID,
	subvendor: PCI_ANY_ID,
	subdevice: PCI_ANY_ID,
	class: 0,
	class_mask: 0,
};

const newFunction = () =>
	new PciFunction({
		address: '0000:00:05.0',
		vendorId: 0x1234,
		deviceId: 0x11e8,
		classCode: 0x11_8000,
		interruptLine: 9,
		bars: [
			{kind: 'memory', start: physicalAddress(0xfebf_0000), sizeBytes: 4096},
			{kind: 'io', start: port(0xc000), count: 32},
		],
	});

function setup() {
	const k = bootTestKernel({era: '6.1'});
	return {k, pdev: pci_scan_function(k, newFunction())};
}

function driver(name: string, ids: readonly pci_device_id[], answer = 0) {
	const calls: string[] = [];
	const made: pci_driver = {
		name,
		id_table: () => ids,
		*probe(_k: Kernel, {dev}: pci_dev, row: number) {
			calls.push(`probe ${dev.bus_id} row ${row}`);
			return answer;
		},
		*remove(_k: Kernel, {dev}: pci_dev) {
			calls.push(`remove ${dev.bus_id}`);
		},
	};
	return {made, calls};
}

test('a driver gets what its table has, by the first row that fits, and lets go of it when it leaves', () => {
	const {k, pdev} = setup();
	const {made, calls} = driver('one', [
		{...any, vendor: 0x1234, device: 0x11e7},
		{...any, class: 0x11_0000, class_mask: 0xff_0000},
		any,
	]);
	expect(run(k, () => pci_register_driver(k, made))).toBe(0);
	expect(pdev.dev.driver).toBe('one');
	expect(run(k, () => pci_register_driver(k, driver('one', [any]).made))).toBe(-EBUSY);
	const second = driver('two', [any]);
	run(k, () => pci_register_driver(k, second.made));
	expect(second.calls, 'the device is taken').toEqual([]);
	run(k, () => pci_unregister_driver(k, made));
	expect(calls).toEqual(['probe 0000:00:05.0 row 1', 'remove 0000:00:05.0']);
	expect(pdev.dev.driver).toBeNull();
	expect(run(k, () => pci_rebind(k, 'bind', second.made, '0000:00:05.0'))).toBe(0);
	expect(run(k, () => pci_rebind(k, 'bind', second.made, '0000:00:05.0'))).toBe(-ENODEV);
	expect(run(k, () => pci_rebind(k, 'unbind', second.made, '0000:00:05.0'))).toBe(0);
	expect(run(k, () => pci_rebind(k, 'unbind', second.made, '0000:00:05.0'))).toBe(-ENODEV);
});

test.each([
	['vendor', 0x1235],
	['device', 0],
	['subvendor', 1],
	['class', 0x0200_00],
])('a row with another %s does not fit', (field, value) => {
	const {k, pdev} = setup();
	const {made, calls} = driver('one', [{...any, class_mask: field === 'class' ? 0xff_ffff : 0, [field]: value}]);
	run(k, () => pci_register_driver(k, made));
	expect(calls).toEqual([]);
	expect(pdev.dev.driver).toBeNull();
});

test('a probe that fails leaves the device free, and is told about unless it is -ENODEV', () => {
	const {k, pdev} = setup();
	run(k, () => pci_register_driver(k, driver('broken', [any], -EIO).made));
	run(k, () => pci_register_driver(k, driver('shy', [any], -ENODEV).made));
	expect(pdev.dev.driver).toBeNull();
	const log = k.log.lines.map(({text}) => text).filter(text => /probe of/.test(text));
	expect(log).toEqual(['broken: probe of 0000:00:05.0 failed with error -5']);
});

test('the configuration space says who a function is, and what it may do', () => {
	const hardware = newFunction();
	expect(hardware.readConfig(0, 4)).toBe(0x11e8_1234);
	expect([hardware.readConfig(0, 2), hardware.readConfig(2, 2)]).toEqual([0x1234, 0x11e8]);
	expect([hardware.readConfig(0x0b, 1), hardware.readConfig(0x0a, 1)]).toEqual([0x11, 0x80]);
	expect([hardware.readConfig(0x3c, 1), hardware.readConfig(0x3d, 1)]).toEqual([9, 1]);
	expect(hardware.readConfig(256, 1)).toBe(0xff);
	expect(hardware.readConfig(254, 4)).toBe(0xffff_ffff);
	for (const [command, memoryEnabled, busMaster] of [
		[7, true, true],
		[5, false, true],
		[2, true, false],
		[1, false, false],
	] as const) {
		hardware.writeConfig(0x04, 2, command);
		expect(hardware.readConfig(0x04, 2)).toBe(command);
		expect([hardware.memoryEnabled, hardware.busMaster], `${command}`).toEqual([memoryEnabled, busMaster]);
	}
	hardware.writeConfig(0x3c, 1, 11);
	expect(hardware.readConfig(0x3c, 1)).toBe(11);
	hardware.writeConfig(0x00, 4, 0);
	expect(hardware.readConfig(0, 4), 'read only').toBe(0x11e8_1234);
});

test('a base address register that is filled with ones answers with its size', () => {
	const hardware = newFunction();
	expect(hardware.readConfig(0x10, 4)).toBe(0xfebf_0000);
	hardware.writeConfig(0x10, 4, 0xffff_ffff);
	expect(hardware.readConfig(0x10, 4)).toBe(0xffff_f000);
	hardware.writeConfig(0x10, 4, 0xfebf_0000);
	expect(hardware.readConfig(0x10, 4)).toBe(0xfebf_0000);
	hardware.writeConfig(0x14, 4, 0xffff_ffff);
	expect(hardware.readConfig(0x14, 4)).toBe(0xffff_ffe1);
	expect(hardware.readConfig(0x18, 4), 'there is no third one').toBe(0);
});

test('what one has asked for another does not get, up to its last byte', () => {
	const {k} = setup();
	expect(request_region(k, 'ports', 0x300, 8, 'one')).toMatchObject({start: 0x300, end: 0x307});
	expect(request_region(k, 'ports', 0x307, 1, 'two')).toBeUndefined();
	expect(request_region(k, 'ports', 0x2f8, 9, 'two')).toBeUndefined();
	expect(request_region(k, 'ports', 0x308, 8, 'two')).toBeDefined();
	expect(request_region(k, 'memory', 0x20_0000, 8, 'RAM'), 'RAM is taken').toBeUndefined();
	expect(request_region(k, 'memory', 0xfebf_0000, 4096, 'one')).toBeDefined();
	expect(release_region(k, 'ports', 0x300, 7)).toBeUndefined();
	expect(release_region(k, 'ports', 0x300, 8)).toBeDefined();
	expect(request_region(k, 'ports', 0x307, 1, 'two')).toBeDefined();
	expect(request_region(k, 'ports', 0x400, 0, 'nothing')).toBeUndefined();
});
