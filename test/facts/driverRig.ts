/**
 * A driver that holds any number of things at once (mappings, lists, coherent memory, pool blocks, pins, requests), for
 * property tests.
 */
import {type BusAddress, logicalAddress, type Pfn, userAddress} from '../../source/hardware/address.ts';
import {dma_alloc_coherent, dma_free_coherent} from '../../source/kernel/dma/coherent.ts';
import {deviceReads, deviceWrites, type dma_data_direction} from '../../source/kernel/dma/direction.ts';
import {type dma_pool, dma_pool_alloc, dma_pool_create, dma_pool_free} from '../../source/kernel/dma/dmapool.ts';
import {
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_unmap_single,
} from '../../source/kernel/dma/mapping.ts';
import {dma_map_sg, dma_unmap_sg, sg_alloc_table, sg_set_buf} from '../../source/kernel/dma/scatterlist.ts';
import type {device} from '../../source/kernel/drivers/device.ts';
import {scullp_init} from '../../source/kernel/drivers/scullp.ts';
import {O_RDWR} from '../../source/kernel/fs/file.ts';
import {sys_open} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {get_user_pages, page_cache_release} from '../../source/kernel/mm/gup.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../source/kernel/mm/mmap_lock.ts';
import {set_page_dirty_lock} from '../../source/kernel/mm/page-writeback.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {lowPages, physicalOf, testDevice} from '../kernel/dma/support.ts';
import {type AioProgram, aioProgram, getevents, rw, setup, submit} from '../kernel/fs/aioProgram.ts';
import {userBuffer} from '../kernel/fs/machine.ts';

export const kinds = ['mapping', 'list', 'coherent', 'block', 'pin', 'request'] as const;
export type Kind = (typeof kinds)[number];

/** Something that a driver must give back. */
export type Held = {
	readonly kind: Kind;
	/** CPU and device each write and the other looks. @returns whether both saw what they should */
	readonly talk: (value: number) => boolean;
	readonly giveBack: () => Sleeps<void>;
	/** The same as giveBack with one thing wrong, where there is a thing to get wrong. */
	readonly giveBackWrong?: () => Sleeps<void>;
	/** The CPU touches the bytes while they are the device's. @returns whether device and CPU now disagree */
	readonly touch?: () => boolean;
};

type Rig = {
	readonly k: Kernel;
	readonly dev: device;
	readonly pool: dma_pool;
	readonly program: AioProgram;
	readonly ctx: number;
	readonly fd: number;
};

/** Sets a driver up, in a process of its own. */
export function* newRig(k: Kernel): Sleeps<Rig> {
	scullp_init(k);
	const dev = testDevice(k);
	const program = yield* aioProgram(k);
	return {
		k,
		dev,
		program,
		pool: dma_pool_create(k, 'rig', dev, 64, 64, 0)!,
		ctx: yield* setup(k, program, 100),
		fd: yield* sys_open(k, '/dev/scullp0', O_RDWR),
	};
}

/** Takes one thing of a kind. */
export function* take(rig: Rig, kind: Kind, sizeBytes: number, direction: dma_data_direction): Sleeps<Held> {
	switch (kind) {
		case 'mapping':
			return mapping(rig, sizeBytes, direction);
		case 'list':
			return list(rig, sizeBytes, direction);
		case 'coherent':
			return yield* coherent(rig, sizeBytes);
		case 'block':
			return yield* block(rig);
		case 'pin':
			return yield* pin(rig);
		case 'request':
			return yield* request(rig, sizeBytes);
	}
}

const otherWay = (direction: dma_data_direction): dma_data_direction => (direction === 1 ? 2 : 1);

function mapping({k, dev}: Rig, sizeBytes: number, direction: dma_data_direction): Held {
	const buffer = lowPages(k);
	const at = physicalOf(buffer);
	const dma = dma_map_single(k, dev, buffer, sizeBytes, direction);
	if (dma_mapping_error(k, dev, dma) !== 0) throw new Error('no mapping');
	const deviceSees = () => k.hw.bus.dmaRead(dev.bus_id, dma, 1)[0];
	const deviceFills = (value: number) => k.hw.bus.dmaWrite(dev.bus_id, dma, new Uint8Array(sizeBytes).fill(value));
	return {
		kind: 'mapping',
		talk(value) {
			let right = true;
			dma_sync_single_for_cpu(k, dev, dma, sizeBytes, direction);
			if (deviceReads(direction)) k.hw.ram.fill(at, sizeBytes, value);
			dma_sync_single_for_device(k, dev, dma, sizeBytes, direction);
			if (deviceReads(direction)) right &&= deviceSees() === value;
			if (!deviceWrites(direction)) return right;
			deviceFills(value ^ 0xff);
			dma_sync_single_for_cpu(k, dev, dma, sizeBytes, direction);
			right &&= k.hw.ram.read8(at) === (value ^ 0xff);
			dma_sync_single_for_device(k, dev, dma, sizeBytes, direction);
			return right;
		},
		*giveBack() {
			dma_unmap_single(k, dev, dma, sizeBytes, direction);
		},
		*giveBackWrong() {
			dma_unmap_single(k, dev, dma, sizeBytes, otherWay(direction));
		},
		touch() {
			if (deviceWrites(direction)) deviceFills(0x5a);
			else k.hw.ram.fill(at, sizeBytes, 0x5a);
			return deviceWrites(direction) ? k.hw.ram.read8(at) !== 0x5a : deviceSees() !== 0x5a;
		},
	};
}

function list({k, dev}: Rig, sizeBytes: number, direction: dma_data_direction): Held {
	const sg = sg_alloc_table(3);
	for (const each of sg) sg_set_buf(each, lowPages(k), sizeBytes);
	const entries = dma_map_sg(k, dev, sg, 3, direction);
	return {
		kind: 'list',
		talk: () => entries === 3,
		*giveBack() {
			dma_unmap_sg(k, dev, sg, 3, direction);
		},
		*giveBackWrong() {
			dma_unmap_sg(k, dev, sg, 2, direction);
		},
	};
}

/** What is coherent needs no sync: each sees what the other wrote at once. */
const seesAtOnce =
	({k, dev}: Rig, at: ReturnType<typeof physicalOf>, dma: BusAddress) =>
	(value: number) => {
		k.hw.ram.write8(at, value);
		const deviceSaw = k.hw.bus.dmaRead(dev.bus_id, dma, 1)[0];
		k.hw.bus.dmaWrite(dev.bus_id, dma, Uint8Array.of(value ^ 0xff));
		return deviceSaw === value && k.hw.ram.read8(at) === (value ^ 0xff);
	};

function* coherent(rig: Rig, sizeBytes: number): Sleeps<Held> {
	const {k, dev} = rig;
	const {cpu_addr, dma_handle} = (yield* dma_alloc_coherent(k, dev, sizeBytes, GFP_KERNEL))!;
	return {
		kind: 'coherent',
		talk: seesAtOnce(rig, physicalOf(cpu_addr), dma_handle),
		*giveBack() {
			dma_free_coherent(k, dev, sizeBytes, cpu_addr, dma_handle);
		},
		*giveBackWrong() {
			dma_free_coherent(k, dev, sizeBytes - 1, cpu_addr, dma_handle);
		},
	};
}

function* block(rig: Rig): Sleeps<Held> {
	const {k, pool} = rig;
	const {vaddr, dma} = (yield* dma_pool_alloc(k, pool, GFP_KERNEL))!;
	return {
		kind: 'block',
		talk: seesAtOnce(rig, physicalOf(vaddr), dma),
		*giveBack() {
			dma_pool_free(k, pool, vaddr, dma);
		},
		*giveBackWrong() {
			dma_pool_free(k, pool, logicalAddress(vaddr + 16), dma);
		},
	};
}

function* pin({k}: Rig): Sleeps<Held> {
	const {current} = k.cpu;
	const at = yield* userBuffer(k, 4096);
	const pages: Pfn[] = [];
	yield* mmap_read_lock(k, current.mm!);
	yield* get_user_pages(k, current, current.mm!, userAddress(at), 1, true, false, pages, null);
	yield* mmap_read_unlock(k, current.mm!);
	const page = pages[0]!;
	return {
		kind: 'pin',
		talk: () => k.mm.pins.has(page),
		*giveBack() {
			yield* set_page_dirty_lock(k, page);
			page_cache_release(k, page);
		},
	};
}

function* request({k, program, ctx, fd}: Rig, sizeBytes: number): Sleeps<Held> {
	const buffer = yield* userBuffer(k, 4096);
	yield* submit(k, program, ctx, [rw(fd, true, buffer, sizeBytes, 0)]);
	return {
		kind: 'request',
		talk: () => k.aio.aio_nr === 100,
		*giveBack() {
			yield* getevents(k, program, ctx, 1, 1);
		},
	};
}
