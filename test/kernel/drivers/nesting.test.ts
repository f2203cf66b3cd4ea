import {expect, test} from 'vitest';
import {physicalAddress} from '../../../source/hardware/address.ts';
import {Chance} from '../../../source/hardware/chance.ts';
import {startTraffic} from '../../../source/hardware/lan.ts';
import {Nic} from '../../../source/hardware/nic.ts';
import {UsbHostController} from '../../../source/hardware/usb.ts';
import {RECORDER_BULK_OUT, UsbRecorder} from '../../../source/hardware/usb_functions.ts';
import {pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {e100_probe} from '../../../source/kernel/drivers/e100.ts';
import {ehci_probe} from '../../../source/kernel/drivers/ehci.ts';
import {startUsbLoad} from '../../../source/kernel/drivers/usb_load.ts';
import {skel_probe} from '../../../source/kernel/drivers/usb_skeleton.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {bootTestKernel, run} from '../support.ts';

/** Both devices at work on one CPU. @returns the deepest that their handlers stood on each other, and on softirqs */
function deepestNesting(era: EraName) {
	const k = bootTestKernel({era, cpus: 1});
	const at = (offset: number) => physicalAddress(0xfeb0_0000 + offset);
	const card = new Nic(k.hw, {address: '0000:00:03.0', registers: at(0x1000), interruptLine: 11});
	const controller = new UsbHostController(k.hw, {address: '0000:00:1d.7', registers: at(0x2000), interruptLine: 10});
	controller.plug(new UsbRecorder(1, k.hw.timeline));
	run(k, () => e100_probe(k, pci_scan_function(k, card.pci)));
	const ehci = run(k, () => ehci_probe(k, pci_scan_function(k, controller.pci)));
	if (typeof ehci === 'number') throw new Error(`ehci_probe returned ${ehci}`);
	startTraffic(k.hw, new Chance(1), card, {framesPerSecond: 4_000, burst: 12});
	startUsbLoad(k, skel_probe(k, ehci, 1, RECORDER_BULK_OUT), new Chance(2));
	const deepest = {hardirqs: 0, hardirqOnSoftirq: false};
	const cpu = k.sched.cpus[0]!;
	while (k.hw.timeline.step(2_000_000_000)) {
		const kinds = cpu.stack.map(context => context.kind);
		deepest.hardirqs = Math.max(deepest.hardirqs, kinds.filter(kind => kind === 'hardirq').length);
		if (kinds.indexOf('softirq') >= 0 && kinds.indexOf('hardirq') > kinds.indexOf('softirq'))
			deepest.hardirqOnSoftirq = true;
	}
	return deepest;
}

test('handlers of network card and USB controller nest while they run with interrupts enabled, up to 2.6.34', () => {
	expect(deepestNesting('ldd3')).toEqual({hardirqs: 2, hardirqOnSoftirq: true});
});

test('and do not nest later; on a softirq an interrupt comes in any era', () => {
	expect(deepestNesting('3.2')).toEqual({hardirqs: 1, hardirqOnSoftirq: true});
});
