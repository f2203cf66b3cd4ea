/**
 * The table of drivers, in the order in which they come up: those that are built in before the first task runs, the
 * others when init starts them. A new driver is a row here, and what it drives is a line in `board.ts`.
 */
import {RECORDER_BULK_OUT} from '../hardware/usb_functions.ts';
import {dad_driver, dadOf} from '../kernel/drivers/dad.ts';
import {newIsaDad} from '../kernel/drivers/dad_isa.ts';
import {pci_scan_function} from '../kernel/drivers/device.ts';
import {e100_probe} from '../kernel/drivers/e100.ts';
import {ehci_probe} from '../kernel/drivers/ehci.ts';
import {chr_dev_init} from '../kernel/drivers/mem.ts';
import {pci_register_driver} from '../kernel/drivers/pci-driver.ts';
import {scullp_init} from '../kernel/drivers/scullp.ts';
import {scullv_init} from '../kernel/drivers/scullv.ts';
import {sd_probe} from '../kernel/drivers/sd.ts';
import {simple_init} from '../kernel/drivers/simple.ts';
import {type Records, startUsbLoad} from '../kernel/drivers/usb_load.ts';
import {MAX_TRANSFER, skel_probe} from '../kernel/drivers/usb_skeleton.ts';
import {usb_stor_probe} from '../kernel/drivers/usb_storage.ts';
import {usb_mouse_open} from '../kernel/drivers/usbmouse.ts';
import {ENODEV} from '../kernel/errno.ts';
import {kernel_thread} from '../kernel/fork.ts';
import type {Kernel} from '../kernel/kernel.ts';
import type {Sleeps} from '../kernel/time.ts';
import {isaJumpers, type Slots, usbPorts} from './board.ts';
import {type LabLoad, nextTurn, setTraffic} from './load.ts';
import {stickReader} from './programs/stickReader.ts';

/** Those of the kernel itself. Each gives its record, or an error number. */
const builtIn = {
	mem: k => chr_dev_init(k),
	simple: k => simple_init(k),
	scullp: k => scullp_init(k),
	scullv: k => scullv_init(k),
	isaDad: () => newIsaDad(isaJumpers.interruptLine, isaJumpers.channel),
	sd: (k, {disk}) => sd_probe(k, pci_scan_function(k, disk.pci), 'sda'),
} satisfies Readonly<Record<string, (k: Kernel, slots: Slots) => object | number>>;

/** Those that init starts. */
const modules = {
	*e100(k, {nic, lan}, load) {
		const probed = yield* e100_probe(k, pci_scan_function(k, nic.pci));
		setTraffic({lan}, load);
		return probed;
	},
	*dad(k, {edu}) {
		const {dev} = pci_scan_function(k, edu.pci);
		yield* pci_register_driver(k, dad_driver);
		return dadOf(dev) ?? -ENODEV;
	},
	/** With the drivers of what is in its ports. */
	*ehci_hcd(k, {usb}, load) {
		const ehci = started('ehci_hcd', yield* ehci_probe(k, pci_scan_function(k, usb.pci)));
		started('usbmouse', yield* usb_mouse_open(k, ehci, usbPorts.mouse));
		const stick = started('usb-storage', yield* usb_stor_probe(k, ehci, usbPorts.stick));
		if (load.now === 'none') return ehci;
		kernel_thread(k, 'usb-storage', kernel => stickReader(kernel, stick, load));
		const recorder = skel_probe(k, ehci, usbPorts.recorder, RECORDER_BULK_OUT);
		startUsbLoad(k, recorder, k.hw.chance, recordsOf(k, load));
		return ehci;
	},
} satisfies Readonly<Record<string, (k: Kernel, slots: Slots, load: LabLoad) => Sleeps<object | number>>>;

type Given<Start> = Start extends (...args: never[]) => infer Given
	? Exclude<Given extends Sleeps<infer Driver> ? Driver : Given, number>
	: never;

/** The records of the drivers, by the names of their rows; a module's is there once init has started it. */
type Drivers = {readonly [Name in keyof typeof builtIn]: Given<(typeof builtIn)[Name]>} & {
	readonly [Name in keyof typeof modules]?: Given<(typeof modules)[Name]>;
};

export type Board = Slots & {readonly drivers: Drivers};

/** Starts the drivers that are built in. */
export function withDrivers(k: Kernel, slots: Slots): Board {
	const drivers = {} as Drivers;
	for (const [name, start] of Object.entries(builtIn)) Object.assign(drivers, {[name]: started(name, start(k, slots))});
	return {...slots, drivers};
}

/** Starts the others; their records come into `board.drivers`. */
export function* startModules(k: Kernel, board: Board, load: LabLoad): Sleeps<void> {
	for (const [name, start] of Object.entries(modules))
		Object.assign(board.drivers, {[name]: started(name, yield* start(k, board, load))});
}

/** What a calm machine writes: the longest record, which takes the recorder a tenth of a second. */
const calmRecord: Records = {count: 1, bytes: MAX_TRANSFER};

/** What asks for records, as the load has it; on a calm machine at once for the first, so that its pool is there. */
function recordsOf(k: Kernel, load: LabLoad): (busy: () => Sleeps<Records>) => Sleeps<Records> {
	let isFirst = true;
	return function* wanted(usual) {
		if (isFirst && load.now === 'calm') {
			isFirst = false;
			return calmRecord;
		}
		let records = calmRecord;
		function* busy(): Sleeps<void> {
			records = yield* usual();
		}
		return (yield* nextTurn(k, load, {calmMs: [2_000, 4_000], busy})) === 'calm' ? calmRecord : records;
	};
}

/** A driver that does not come up on a fresh machine is a bug of ours. */
function started<Driver extends object | number>(driver: string, probed: Driver): Exclude<Driver, number> {
	if (typeof probed === 'number' && probed < 0) throw new Error(`${driver} did not start: ${probed}`);
	return probed as Exclude<Driver, number>;
}
