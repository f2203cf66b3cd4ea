/** The devices that the DMA experiments drive. */
import {busAddress} from '../../hardware/address.ts';
import type {dad_dev} from '../../kernel/drivers/dad.ts';
import {type device, device_add} from '../../kernel/drivers/device.ts';
import type {ScullDevice} from '../../kernel/drivers/scull.ts';
import {O_WRONLY} from '../../kernel/fs/file.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {msleep} from '../../kernel/sched.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type Bench, ExperimentFailed} from '../experiment.ts';
import {User} from '../userland.ts';
import {must} from './steps.ts';

/** Where boot.ts plugs in the book's example device. */
export const LAB_DEVICE_ADDRESS = '0000:00:05.0';

/** The book's example device, which the DMA experiments drive. */
export function labDevice(k: Kernel): device {
	const dev = k.dma.devices.get(LAB_DEVICE_ADDRESS);
	if (!dev) throw new ExperimentFailed(`this machine has no device ${LAB_DEVICE_ADDRESS}`);
	return dev;
}

/** Its driver. */
export function dadDriver(x: Bench): dad_dev {
	const {dad} = x.board.drivers;
	if (!dad) throw new ExperimentFailed('the driver dad has not started yet');
	return dad;
}

const owned = new WeakSet<object>();

/** Takes something of the board for this experiment alone; waits while another has it. `release` gives it back. */
export function* own<T extends object>(k: Kernel, thing: T): Sleeps<T> {
	while (owned.has(thing)) yield* msleep(k, 1);
	owned.add(thing);
	return thing;
}

export const release = (thing: object): void => void owned.delete(thing);

/** The driver dad, for this experiment alone. */
export function* ownDad(x: Bench): Sleeps<dad_dev> {
	const dad = yield* own(x.k, dadDriver(x));
	while (dad.busy) yield* msleep(x.k, 1);
	return dad;
}

/** Gives the driver back, well again. */
export function giveDadBack(dad: dad_dev): void {
	dad.bug = undefined;
	release(dad);
}

/** The example device, as a bus master, writes memory. */
export function deviceWrites(x: Bench, address: number, bytes: Uint8Array): void {
	x.board.edu.pci.dmaWrite(x.k.hw.bus, busAddress(address), bytes);
}

/** The example device, as a bus master, reads memory. */
export function deviceReads(x: Bench, address: number, lengthBytes: number): Uint8Array {
	return x.board.edu.pci.dmaRead(x.k.hw.bus, busAddress(address), lengthBytes) ?? new Uint8Array();
}

/** A device of the book's driver scullp, emptied and for this experiment alone. */
export function* ownScullp(x: Bench, minor: number): Sleeps<ScullDevice> {
	const dev = x.board.drivers.scullp[minor];
	if (!dev) throw new ExperimentFailed(`this machine has no /dev/scullp${minor}`);
	yield* own(x.k, dev);
	yield* emptyScullp(x.k, minor);
	return dev;
}

/** Opening for writing only empties it. */
function* emptyScullp(k: Kernel, minor: number): Sleeps<void> {
	const u = new User(k);
	yield* u.close(must(yield* u.open(`/dev/scullp${minor}`, O_WRONLY), `/dev/scullp${minor}`));
}

/** Frees what the device holds and gives it back. */
export function* giveScullpBack(x: Bench, minor: number): Sleeps<void> {
	yield* emptyScullp(x.k, minor);
	release(x.board.drivers.scullp[minor]!);
}

/** A device of the experiment's own, so that masks and limits disturb nobody. `forgetDevice` takes it away. */
export function ownDevice(k: Kernel): device {
	const dev = device_add(k, `lab.${k.cpu.current.pid}`, 'platform');
	dev.driver = 'lab';
	return dev;
}

export function forgetDevice(k: Kernel, dev: device): void {
	dev.driver = null;
	k.dma.devices.delete(dev.bus_id);
}
