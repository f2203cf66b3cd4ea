/** What is plugged into the machine. Who drives it is in `drivers.ts`. */
import {physicalAddress} from '../hardware/address.ts';
import {Disk} from '../hardware/disk.ts';
import {Dma8237} from '../hardware/dma8237.ts';
import {Edu} from '../hardware/edu.ts';
import {IsaDad} from '../hardware/isa_dad.ts';
import {Lan} from '../hardware/lan.ts';
import type {Hardware} from '../hardware/machine.ts';
import {Nic} from '../hardware/nic.ts';
import {UsbHostController} from '../hardware/usb.ts';
import {UsbMouse, UsbRecorder, UsbStick} from '../hardware/usb_functions.ts';

/** 512 MiB. */
const diskSectors = 2 ** 20;
export const labDeviceAddress = '0000:00:05.0';
/** Where the jumpers of the ISA card are set. */
export const isaJumpers = {interruptLine: 7, channel: 1} as const;
/** Addresses of what is in the USB ports. */
export const usbPorts = {mouse: 1, stick: 2, recorder: 3} as const;

/** Plugs everything in; registers lie in the usual window below 4 GiB. */
export function plugIn(hw: Hardware) {
	const at = (offset: number) => physicalAddress(0xfeb0_0000 + offset);
	const disk = new Disk(hw, {address: '0000:00:1f.2', registers: at(0), interruptLine: 14, sectors: diskSectors});
	const nic = new Nic(hw, {address: '0000:00:03.0', registers: at(0x1000), interruptLine: 11});
	const usb = new UsbHostController(hw, {address: '0000:00:1d.7', registers: at(0x2000), interruptLine: 10});
	const mouse = new UsbMouse(usbPorts.mouse, hw.chance);
	const recorder = new UsbRecorder(usbPorts.recorder, hw.timeline);
	for (const each of [mouse, new UsbStick(usbPorts.stick), recorder]) usb.plug(each);
	const edu = new Edu(hw, {address: labDeviceAddress, registers: at(0x10_0000), interruptLine: 9});
	const dmaController = new Dma8237(hw.bus);
	const isaCard = new IsaDad(hw, dmaController, isaJumpers);
	return {disk, nic, lan: new Lan(hw, hw.chance, nic), usb, mouse, recorder, edu, dmaController, isaCard};
}

export type Slots = ReturnType<typeof plugIn>;

/** The PCI devices as `lab/machine` names them, in its order. */
export const pciNames = {
	disk: 'disk',
	nic: 'network card',
	usb: 'USB host controller',
	edu: 'example device',
} as const satisfies Partial<Record<keyof Slots, string>>;
