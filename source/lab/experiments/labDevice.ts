/** The devices that the DMA experiments drive. */

import {countOf} from '../../formats/words.ts';
import {type BusAddress, busAddress, type KernelVirtualAddress, type Pfn} from '../../hardware/address.ts';
import {BusError} from '../../hardware/bus.ts';
import type {dma_data_direction} from '../../kernel/dma/direction.ts';
import {
	dma_pool_alloc,
	dma_pool_create,
	dma_pool_destroy,
	dma_pool_free,
	type PoolBlock,
} from '../../kernel/dma/dmapool.ts';
import {
	dma_map_page,
	dma_map_single,
	dma_mapping_error,
	dma_unmap_page,
	dma_unmap_single,
} from '../../kernel/dma/mapping.ts';
import {type dad_dev, dadOf} from '../../kernel/drivers/dad.ts';
import {type device, device_add} from '../../kernel/drivers/device.ts';
import type {ScullDevice} from '../../kernel/drivers/scull.ts';
import {O_WRONLY} from '../../kernel/fs/file.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import type {task_struct} from '../../kernel/sched.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {labDeviceAddress} from '../board.ts';
import {type Bench, CouldNotRun} from '../experiment.ts';
import {User} from '../userland.ts';
import {must, sleep, waitFor, waitWhile} from './steps.ts';

/** The book's example device, which the DMA experiments drive. Init has it found on the bus a moment after boot. */
export function* labDevice(k: Kernel): Sleeps<device> {
	const {devices} = k.dma;
	yield* waitFor(k, () => devices.has(labDeviceAddress), `no device ${labDeviceAddress} was found`);
	return devices.get(labDeviceAddress)!;
}

/** Its driver, which init starts a moment after boot. */
export function* dadDriver({k}: Bench): Sleeps<dad_dev> {
	const dev = yield* labDevice(k);
	if (dev.driver !== null && dev.driver !== 'dad')
		throw new CouldNotRun(`${labDeviceAddress} is driven by ${dev.driver}; its own driver dad is needed`);
	yield* waitFor(k, () => dadOf(dev) !== undefined, 'the driver dad did not start');
	return dadOf(dev)!;
}

const owners = new WeakMap<object, task_struct>();

/**
 * Takes something of the board for this process alone; waits while another has it. `release` gives it back, as does the
 * end of the process, which closes the driver's file.
 */
export function* own<T extends object>(k: Kernel, thing: T): Sleeps<T> {
	yield* waitWhile(k, () => isAlive(k, owners.get(thing)));
	owners.set(thing, k.cpu.current);
	return thing;
}

const isAlive = (k: Kernel, task: task_struct | undefined) =>
	task !== undefined && k.sched.tasks.get(task.pid) === task && task.state !== 'EXIT_ZOMBIE';

const release = (thing: object): void => void owners.delete(thing);

/** The driver dad, for this experiment alone. */
export function* ownDad(x: Bench): Sleeps<dad_dev> {
	const dad = yield* own(x.k, yield* dadDriver(x));
	yield* waitWhile(x.k, () => dad.busy);
	dad.bug = undefined;
	return dad;
}

/**
 * How often a mapping is tried that finds no bounce buffer or no bus page free, and how long others get between two
 * tries.
 */
const mapTries = 20;
const mapPauseMs = 50;

/** Maps as drivers do that try again later. @throws CouldNotRun when others give nothing back within a second */
function* mapped(k: Kernel, map: () => BusAddress, what: string): Sleeps<BusAddress> {
	const dev = yield* labDevice(k);
	for (let tries = 1; ; tries++) {
		const bus = map();
		if (dma_mapping_error(k, dev, bus) === 0) return bus;
		if (tries === mapTries) throw new CouldNotRun(`${what} found no room, ${mapTries} times within a second`);
		yield* sleep(k, mapPauseMs);
	}
}

/**
 * Lends a buffer to the example device.
 * @returns its bus address, and what takes it back
 */
export function* mapSingle(
	{k, later}: Bench,
	buffer: KernelVirtualAddress,
	bytes: number,
	direction: dma_data_direction,
) {
	const dev = yield* labDevice(k);
	const map = () => dma_map_single(k, dev, buffer, bytes, direction);
	const bus = yield* mapped(k, map, `dma_map_single() of ${countOf(bytes, 'byte')}`);
	return {bus, unmap: later(() => dma_unmap_single(k, dev, bus, bytes, direction))};
}

/** Lends a part of a page to the example device. @returns its bus address, and what takes it back */
export function* mapPage({k, later}: Bench, frame: Pfn, at: number, bytes: number, direction: dma_data_direction) {
	const dev = yield* labDevice(k);
	const map = () => dma_map_page(k, dev, frame, at, bytes, direction);
	const bus = yield* mapped(k, map, `dma_map_page() of ${countOf(bytes, 'byte')}`);
	return {bus, unmap: later(() => dma_unmap_page(k, dev, bus, bytes, direction))};
}

/** The example device, as a bus master, writes memory. Where none answers, the bytes are lost. */
export function letDeviceWrite(x: Bench, address: number, bytes: Uint8Array): void {
	try {
		x.board.edu.pci.dmaWrite(x.k.hw.bus, busAddress(address), bytes);
	} catch (error) {
		if (!(error instanceof BusError)) throw error;
	}
}

/** The example device, as a bus master, reads memory. Where none answers, it gets all ones. */
export function letDeviceRead(x: Bench, address: number, lengthBytes: number): Uint8Array {
	try {
		return x.board.edu.pci.dmaRead(x.k.hw.bus, busAddress(address), lengthBytes) ?? new Uint8Array();
	} catch (error) {
		if (!(error instanceof BusError)) throw error;
		return new Uint8Array(lengthBytes).fill(0xff);
	}
}

/**
 * A pool of the example device; in the end the blocks that are still out are freed, and the pool goes.
 * @param boundary that no block crosses; 0: any block may
 */
export function* ownPool({k, later}: Bench, name: string, size: number, align: number, boundary = 0) {
	const pool = dma_pool_create(k, name, yield* labDevice(k), size, align, boundary);
	if (!pool) throw new CouldNotRun(`dma_pool_create() refuses blocks of ${countOf(size, 'byte')}, aligned to ${align}`);
	const blocks = new Set<PoolBlock>();
	const free = (block: PoolBlock) => {
		blocks.delete(block);
		dma_pool_free(k, pool, block.vaddr, block.dma);
	};
	later(() => {
		for (const block of blocks) free(block);
		dma_pool_destroy(k, pool);
	});
	return {
		free,
		*alloc(): Sleeps<PoolBlock> {
			const block = yield* dma_pool_alloc(k, pool, GFP_KERNEL);
			if (!block) throw new CouldNotRun('dma_pool_alloc() had no block');
			blocks.add(block);
			return block;
		},
	};
}

/** A device of the book's driver scullp, emptied and for this experiment alone. */
export function* ownScullp(x: Bench, minor: number): Sleeps<ScullDevice> {
	const dev = x.board.drivers.scullp[minor];
	if (!dev) throw new CouldNotRun(`this machine has no /dev/scullp${minor}`);
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

/** A device of the experiment's own, so that masks and limits disturb nobody. */
export function ownDevice({k, later}: Bench): device {
	const dev = device_add(k, `lab.${k.cpu.current.pid}`, 'platform');
	dev.driver = 'lab';
	later(() => {
		dev.driver = null;
		k.dma.devices.delete(dev.bus_id);
	});
	return dev;
}
