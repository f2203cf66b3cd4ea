/** Switches a machine on: plugs devices in, starts the kernel, binds drivers, starts programs. */
import {physicalAddress} from '../hardware/address.ts';
import {Disk} from '../hardware/disk.ts';
import {Dma8237} from '../hardware/dma8237.ts';
import {Edu} from '../hardware/edu.ts';
import {IsaDad} from '../hardware/isa_dad.ts';
import {LAB_TRAFFIC, Lan} from '../hardware/lan.ts';
import {type Hardware, powerOn} from '../hardware/machine.ts';
import {Nic} from '../hardware/nic.ts';
import type {PciFunction} from '../hardware/pci.ts';
import {UsbHostController} from '../hardware/usb.ts';
import {RECORDER_BULK_OUT, UsbMouse, UsbRecorder, UsbStick} from '../hardware/usb_functions.ts';
import {dadProbe} from '../kernel/drivers/dad.ts';
import {newIsaDad} from '../kernel/drivers/dad_isa.ts';
import {pci_scan_function} from '../kernel/drivers/device.ts';
import {e100_probe} from '../kernel/drivers/e100.ts';
import {ehci_probe} from '../kernel/drivers/ehci.ts';
import {chr_dev_init} from '../kernel/drivers/mem.ts';
import {scullp_init} from '../kernel/drivers/scullp.ts';
import {scullv_init} from '../kernel/drivers/scullv.ts';
import {sd_probe} from '../kernel/drivers/sd.ts';
import {simple_init} from '../kernel/drivers/simple.ts';
import {startUsbLoad} from '../kernel/drivers/usb_load.ts';
import {skel_probe} from '../kernel/drivers/usb_skeleton.ts';
import {usb_stor_probe} from '../kernel/drivers/usb_storage.ts';
import {usb_mouse_open} from '../kernel/drivers/usbmouse.ts';
import {kernel_thread} from '../kernel/fork.ts';
import {labfs, labfs_install} from '../kernel/fs/labfs.ts';
import {mount} from '../kernel/fs/vfs.ts';
import {type Kernel, start_kernel} from '../kernel/kernel.ts';
import {pdflush} from '../kernel/mm/pdflush.ts';
import {kswapd} from '../kernel/mm/vmscan.ts';
import {startTimers, type task_struct} from '../kernel/sched.ts';
import type {Sleeps} from '../kernel/time.ts';
import {create_workqueue} from '../kernel/workqueue.ts';
import type {Board} from './board.ts';
import {LAB_DEVICE_ADDRESS} from './experiments/labDevice.ts';
import {BIG_LOG, DATABASE, INSTALLED} from './files.ts';
import type {LabDevice} from './lab.ts';
import type {LabMachine} from './presets.ts';
import {dbwriter} from './programs/dbwriter.ts';
import {reader} from './programs/reader.ts';
import {shell} from './programs/shell.ts';
import {startProcess} from './programs/start.ts';
import {stickReader} from './programs/stickReader.ts';
import type {User} from './userland.ts';

/** 512 MiB. */
const DISK_SECTORS = 2 ** 20;
const MOUSE = 1;
const STICK = 2;
const RECORDER = 3;
/** Where the jumpers of the ISA card are set. */
const ISA_LINE = 7;
const ISA_CHANNEL = 1;

/** What is in the slots of the machine; registers lie in the usual window below 4 GiB. */
function plugIn(hw: Hardware): Board {
	const at = (offset: number) => physicalAddress(0xfeb0_0000 + offset);
	const disk = new Disk(hw, {address: '0000:00:1f.2', registers: at(0), interruptLine: 14, sectors: DISK_SECTORS});
	const nic = new Nic(hw, {address: '0000:00:03.0', registers: at(0x1000), interruptLine: 11});
	const usb = new UsbHostController(hw, {address: '0000:00:1d.7', registers: at(0x2000), interruptLine: 10});
	usb.plug(new UsbMouse(MOUSE, hw.chance));
	usb.plug(new UsbStick(STICK));
	usb.plug(new UsbRecorder(RECORDER, hw.timeline));
	const edu = new Edu(hw, {address: LAB_DEVICE_ADDRESS, registers: at(0x10_0000), interruptLine: 9});
	const dmaController = new Dma8237(hw.bus);
	const isaCard = new IsaDad(hw, dmaController, {channel: ISA_CHANNEL, interruptLine: ISA_LINE});
	const drivers = {dad: undefined, isaDad: newIsaDad(ISA_LINE, ISA_CHANNEL), scullp: []};
	return {disk, nic, lan: new Lan(hw, hw.chance, nic), usb, edu, dmaController, isaCard, drivers};
}

/** @returns a kernel whose first events are due: no task has run yet */
export function boot(machine: LabMachine): {k: Kernel; devices: readonly LabDevice[]; board: Board} {
	const hw = powerOn(machine.hardware);
	const board = plugIn(hw);
	const k = start_kernel(hw, machine.kernel);
	chr_dev_init(k);
	simple_init(k);
	board.drivers.scullp = started('scullp', scullp_init(k));
	scullv_init(k);
	mountRoot(k, board.disk);
	startTimers(k);
	const init = {comm: 'init', path: '/sbin/init', argv: ['init'], parent: null};
	k.sched.child_reaper = startProcess(k, init, u => runInit(u, board, machine.load));
	create_workqueue(k, k.era.sharedWorkqueueName);
	kernel_thread(k, 'kswapd0', kswapd);
	kernel_thread(k, k.era.writebackThreadName, pdflush);
	const named: readonly (readonly [string, PciFunction])[] = [
		['disk', board.disk.pci],
		['network card', board.nic.pci],
		['USB host controller', board.usb.pci],
		['example device', board.edu.pci],
	];
	return {
		k,
		board,
		devices: named.map(([name, {address}]) => ({
			address,
			name,
			driver: () => k.dma.devices.get(address)?.driver ?? null,
		})),
	};
}

/** The disk has to be there before the first program can be loaded from it. */
function mountRoot(k: Kernel, hardware: Disk): void {
	const disk = started('sd', sd_probe(k, pci_scan_function(k, hardware.pci), 'sda'));
	const root = labfs(disk.bdev, '/');
	mount(k, root);
	for (const {path, pages} of INSTALLED) labfs_install(k, root, path, pages);
}

/** The first process: brings the other devices up, starts what the box is for, and reaps what is orphaned. */
function* runInit(u: User, board: Board, load: LabMachine['load']): Sleeps<number> {
	const {k} = u;
	yield* startDevices(k, board, load);
	const parent = k.cpu.current;
	if (load === 'usual') startPrograms(k, parent);
	for (;;) {
		yield* u.wait(-1);
		yield* u.sleep(10);
	}
}

function startPrograms(k: Kernel, parent: task_struct): void {
	startProcess(k, {comm: 'sh', path: '/bin/sh', argv: ['-sh'], parent}, shell);
	startProcess(k, {comm: 'dbwriter', path: '/usr/sbin/dbwriter', argv: ['dbwriter', DATABASE.path], parent}, user =>
		dbwriter(user, DATABASE.path, DATABASE.pages),
	);
	startProcess(k, {comm: 'grep', path: '/bin/grep', argv: ['grep', '-c', 'error', BIG_LOG.path], parent}, user =>
		reader(user, BIG_LOG.path),
	);
}

function* startDevices(k: Kernel, board: Board, load: LabMachine['load']): Sleeps<void> {
	const {lan} = board;
	started('e100', yield* e100_probe(k, pci_scan_function(k, board.nic.pci)));
	if (load === 'usual') lan.start(LAB_TRAFFIC);
	board.drivers.dad = started('dad', dadProbe(k, pci_scan_function(k, board.edu.pci)));
	const ehci = started('ehci_hcd', yield* ehci_probe(k, pci_scan_function(k, board.usb.pci)));
	started('usbmouse', yield* usb_mouse_open(k, ehci, MOUSE));
	const stick = started('usb-storage', yield* usb_stor_probe(k, ehci, STICK));
	if (load === 'none') return;
	kernel_thread(k, 'usb-storage', kernel => stickReader(kernel, stick));
	startUsbLoad(k, skel_probe(k, ehci, RECORDER, RECORDER_BULK_OUT), k.hw.chance);
}

/** A driver that does not come up on a fresh machine is a bug of ours. */
function started<T extends object>(driver: string, probed: T | number): T {
	if (typeof probed === 'number') throw new Error(`${driver} did not start: ${probed}`);
	return probed;
}
