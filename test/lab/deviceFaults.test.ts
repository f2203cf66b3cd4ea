/** Devices lose, on a live machine, what they are at work on: the machine goes on, says what it can, and goes back. */
import {expect, test} from 'vitest';
import type {Iommu} from '../../source/hardware/iommu.ts';
import {PCI_STATUS_REC_TARGET_ABORT} from '../../source/hardware/pci.ts';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import {bootLab, type Lab, type Running, switchOn} from '../../source/lab/lab.ts';
import {clockPath, mostEvents} from './support.ts';

const faultNs = 500e6;
const laterNs = 1_000e6;

/** A machine with the busy load, on which the IOMMU forgets at an instant where a device's addresses lead. */
function labWithFault(era: EraName, device: string): {readonly lab: Lab; readonly on: () => Running} {
	let on: Running | undefined;
	const lab = bootLab({era, preset: 'iommu', load: 'busy'}, (machine, rewoundNs) => {
		const now = switchOn(machine, rewoundNs);
		on = now;
		now.k.hw.timeline.at(faultNs, () => forget(now, device));
		return now;
	});
	lab.write(clockPath, 'watch off', 'test');
	return {lab, on: () => on!};
}

function forget({k}: Running, device: string): void {
	const iommu = k.hw.bus.iommu as Iommu;
	for (let index = 0; index < iommu.pages; index++)
		if (iommu.translate(device, (iommu.base + index * 4096) as never, false) !== undefined) iommu.clear(index);
}

const devices = [
	['disk', '0000:00:1f.2', /I\/O error, dev sda, sector/],
	['nic', '0000:00:03.0', /^/],
	['usb', '0000:00:1d.7', /ehci.* 0000:00:1d\.7: fatal error\n.*HC died; cleaning up/],
] as const;

const cases = devices.map(([name, address, says], index) => ({name, address, says, era: ERA_NAMES[2 * index]!}));

test.each(cases)('the $name of a machine with $era', ({name, address, says, era}) => {
	const {lab, on} = labWithFault(era, address);
	lab.run(laterNs, mostEvents);
	expect(on().board[name].pci.status).toBe(PCI_STATUS_REC_TARGET_ABORT);
	expect(lab.stopped()).toBe(undefined);
	expect(lab.timeNs()).toBe(laterNs);
	expect(String(lab.read('/proc/kmsg'))).toMatch(says);
	lab.write(clockPath, `rewind ${faultNs - 1}ns`, 'test');
	while (lab.run(0, mostEvents) === 'budget') {}
	expect([lab.timeNs(), on().board[name].pci.status]).toEqual([faultNs - 1, 0]);
	expect(String(lab.read('/proc/kmsg'))).not.toMatch(/I\/O error|fatal error/);
});
