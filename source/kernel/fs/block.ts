/**
 * Models drivers/block/ll_rw_blk.c, elevator.c and noop-iosched.c (block/blk-core.c, blk-softirq.c later): request
 * queues with merging, first in first out, plugged until somebody waits.
 *
 * A queue is touched by plain functions only, so its queue_lock is left out.
 *
 * Not modelled: other elevators, barriers and flushes, plugs per task (2.6.39), several hardware queues (3.13),
 * partitions.
 */
import {COST} from '../../hardware/costs.ts';
import type {Event} from '../../hardware/timeline.ts';
import {charge} from '../cpu.ts';
import {EIO} from '../errno.ts';
import {BLOCK_SOFTIRQ, open_softirq, raise_softirq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {blk_queue_bounce} from '../mm/bounce.ts';
import {printk} from '../printk.ts';
import {type Sleeps, type Spends, spend} from '../time.ts';
import {trace} from '../trace.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../wait.ts';
import {type bio, bio_end_sector, bio_endio, bio_sectors, rwbs, SECTOR_SHIFT, traceBio} from './bio.ts';
import type {inode} from './file.ts';
import {kiocbIs} from './kiocb.ts';

/** A disk, whole: partitions are not modelled. */
export type block_device = {
	readonly name: string;
	readonly major: number;
	readonly minor: number;
	/** Capacity in sectors of 512 bytes. */
	readonly sectors: number;
	/** Smallest unit that the disk transfers (bdev_hardsect_size). */
	readonly hardsectBytes: number;
	readonly queue: request_queue;
	/** Node in bdevfs: its cache is what buffered reads of the device use. */
	bd_inode: inode | undefined;
};

export type request = {
	readonly id: number;
	readonly bdev: block_device;
	readonly rw: 'READ' | 'WRITE';
	sector: number;
	nr_sectors: number;
	/** Ascending and contiguous. */
	readonly bios: bio[];
	segments: number;
	readonly startNs: number;
	/** Set when the driver has it: its slot in the controller. */
	tag: number | undefined;
	error: number;
};

export type request_queue = {
	readonly name: string;
	/** Takes requests from the queue for as long as the device does; plain, any context. */
	readonly request_fn: (k: Kernel, queue: request_queue) => void;
	readonly max_sectors: number;
	readonly max_segments: number;
	/** Frames above it are bounced. @see blk_queue_bounce_limit() */
	bounce_pfn: number;
	/** Waiting requests, first to go first. */
	readonly queue_head: request[];
	/** Those at the device. */
	readonly in_flight: Set<request>;
	plugged: boolean;
	unplugTimer: Event | undefined;
	readonly full: wait_queue_head;
	/** Since boot, as /proc/diskstats counts. */
	readonly stats: {reads: number; writes: number; merges: number; sectorsRead: number; sectorsWritten: number};
};

export type BlockState = {
	/** By name: `sda`. */
	readonly disks: Map<string, block_device>;
	nextRequest: number;
	nextBio: number;
	/** Ended by the hardware, not yet by the softirq; one list a CPU. */
	readonly done: request[][];
	/** Pages that stand in for others; `Bounce:` in meminfo. */
	nr_bounce: number;
};

/** Requests that a queue holds before whoever wants one more sleeps. */
const BLKDEV_MAX_RQ = 128;
const UNPLUG_THRESHOLD = 4;
const UNPLUG_DELAY_NS = 3_000_000;

export function blk_init(k: Kernel): void {
	k.block = {disks: new Map(), nextRequest: 1, nextBio: 1, done: k.sched.cpus.map(() => []), nr_bounce: 0};
	open_softirq(k, BLOCK_SOFTIRQ, blk_done_softirq);
}

type QueueLimits = {readonly max_sectors: number; readonly max_segments: number; readonly bounce_pfn?: number};

export const blk_init_queue = (
	name: string,
	request_fn: request_queue['request_fn'],
	limits: QueueLimits,
): request_queue => ({
	name,
	request_fn,
	max_sectors: limits.max_sectors,
	max_segments: limits.max_segments,
	bounce_pfn: limits.bounce_pfn ?? Number.MAX_SAFE_INTEGER,
	queue_head: [],
	in_flight: new Set(),
	plugged: false,
	unplugTimer: undefined,
	full: wait_queue_head('get_request'),
	stats: {reads: 0, writes: 0, merges: 0, sectorsRead: 0, sectorsWritten: 0},
});

/** Makes a disk known under its name. */
export function add_disk(k: Kernel, bdev: block_device): void {
	if (k.block.disks.has(bdev.name)) throw new Error(`disk ${bdev.name} exists already`);
	k.block.disks.set(bdev.name, bdev);
}

/**
 * Hands a bio to its device's queue; may sleep while the queue is full. A bio that reaches beyond the device ends with
 * -EIO.
 * @see drivers/block/ll_rw_blk.c submit_bio(), __make_request()
 */
export function* submit_bio(k: Kernel, wanted: bio): Sleeps<void> {
	if (wanted.bi_rw === 'READ') k.cpu.current.ioac.read_bytes += wanted.bi_size;
	const {bi_bdev: bdev} = wanted;
	const {queue} = bdev;
	if (bio_end_sector(wanted) > bdev.sectors) {
		handle_bad_sector(k, wanted);
		bio_endio(k, wanted, -EIO);
		return;
	}
	traceBio(k, 'block_bio_queue', wanted);
	charge(k, COST.blockRequestNs);
	queue.stats[wanted.bi_rw === 'READ' ? 'sectorsRead' : 'sectorsWritten'] += bio_sectors(wanted);
	const bio = yield* blk_queue_bounce(k, queue, wanted);
	if (bio.iocb) kiocbIs(k, bio.iocb, 'submitted', 'submit_bio');
	if (attempt_merge(k, queue, bio)) return;
	while (queue.queue_head.length + queue.in_flight.size >= BLKDEV_MAX_RQ) {
		blk_unplug(k, bdev);
		yield* wait_event(k, queue.full, () => queue.queue_head.length + queue.in_flight.size < BLKDEV_MAX_RQ);
	}
	traceBio(k, 'block_getrq', bio);
	if (queue.queue_head.length === 0) blk_plug_device(k, bdev);
	queue.queue_head.push({
		id: k.block.nextRequest++,
		bdev,
		rw: bio.bi_rw,
		sector: bio.bi_sector,
		nr_sectors: bio_sectors(bio),
		bios: [bio],
		segments: bio.bi_io_vec.length,
		startNs: k.hw.timeline.nowNs,
		tag: undefined,
		error: 0,
	});
	queue.stats[bio.bi_rw === 'READ' ? 'reads' : 'writes']++;
	if (queue.queue_head.length >= UNPLUG_THRESHOLD) blk_unplug(k, bdev);
}

function handle_bad_sector(k: Kernel, bio: bio): void {
	const {bi_bdev: bdev, bi_sector: sector, bi_rw, sync} = bio;
	const lines = k.era.badSectorLines({
		comm: k.cpu.current.comm,
		dev: bdev.name,
		sector,
		sectors: bio_sectors(bio),
		limit: bdev.sectors,
		write: bi_rw === 'WRITE',
		sync,
		segments: bio.bi_io_vec.length,
	});
	for (const line of lines) printk(k, 6, line);
}

/** Adds a bio to a waiting request that it continues or precedes. @see elv_merge() */
function attempt_merge(k: Kernel, queue: request_queue, bio: bio): boolean {
	for (let at = queue.queue_head.length - 1; at >= 0; at--) {
		const request = queue.queue_head[at]!;
		if (request.rw !== bio.bi_rw || request.bdev !== bio.bi_bdev) continue;
		const back = request.sector + request.nr_sectors === bio.bi_sector;
		const front = bio_end_sector(bio) === request.sector;
		if (!back && !front) continue;
		if (request.nr_sectors + bio_sectors(bio) > queue.max_sectors) continue;
		if (request.segments + bio.bi_io_vec.length > queue.max_segments) continue;
		traceBio(k, back ? 'block_bio_backmerge' : 'block_bio_frontmerge', bio);
		if (back) {
			request.bios.push(bio);
		} else {
			request.bios.unshift(bio);
			request.sector = bio.bi_sector;
		}
		request.nr_sectors += bio_sectors(bio);
		request.segments += bio.bi_io_vec.length;
		queue.stats.merges++;
		return true;
	}
	return false;
}

/** Holds a queue back for 3 ms, so that requests that follow can merge. */
function blk_plug_device(k: Kernel, bdev: block_device): void {
	const {queue} = bdev;
	if (queue.plugged) return;
	queue.plugged = true;
	const {comm} = k.cpu.current;
	trace(k, 'block_plug', () => `[${comm}]`);
	queue.unplugTimer = k.hw.timeline.after(UNPLUG_DELAY_NS, () => {
		queue.unplugTimer = undefined;
		blk_unplug(k, bdev);
	});
}

/** Lets a queue run: somebody waits for it. Harmless for files without a disk. Any context. */
export function blk_unplug(k: Kernel, bdev: block_device | undefined): void {
	if (!bdev?.queue.plugged) return;
	const {queue} = bdev;
	queue.plugged = false;
	if (queue.unplugTimer) k.hw.timeline.cancel(queue.unplugTimer);
	queue.unplugTimer = undefined;
	const unplugged = `[${k.cpu.current.comm}] ${queue.queue_head.length}`;
	trace(k, 'block_unplug', () => unplugged);
	queue.request_fn(k, queue);
}

/** The driver takes the first waiting request. @returns undefined when there is none, or the queue is plugged */
export function elv_next_request(k: Kernel, queue: request_queue): request | undefined {
	if (queue.plugged) return undefined;
	const request = queue.queue_head.shift();
	if (!request) return undefined;
	queue.in_flight.add(request);
	for (const {iocb} of request.bios) if (iocb) kiocbIs(k, iocb, 'device', 'elv_next_request');
	const {comm} = k.cpu.current;
	// Merged into no more once it is issued: it can be described later.
	trace(k, 'block_rq_issue', () => {
		const {bdev, rw, sector, nr_sectors} = request;
		const what = `${bdev.major},${bdev.minor} ${rwbs(rw, isSync(request))} ${nr_sectors << SECTOR_SHIFT} ()`;
		return `${what} ${sector} + ${nr_sectors} [${comm}]`;
	});
	return request;
}

const isSync = (request: request) => request.bios.some(bio => bio.sync);

/** The hardware has done a request: the rest is the softirq's. Called from the driver's interrupt handler. */
export function blk_complete_request(k: Kernel, request: request): void {
	k.block.done[k.cpu.id]!.push(request);
	raise_softirq(k, BLOCK_SOFTIRQ);
}

function* blk_done_softirq(k: Kernel): Spends<void> {
	for (const request of k.block.done[k.cpu.id]!.splice(0)) {
		charge(k, COST.blockRequestNs);
		end_request(k, request);
		yield* spend(0);
	}
}

function end_request(k: Kernel, request: request): void {
	const {bdev, rw, sector, nr_sectors, error} = request;
	const {queue} = bdev;
	trace(k, 'block_rq_complete', () => {
		const what = `${bdev.major},${bdev.minor} ${rwbs(rw, isSync(request))} ()`;
		return `${what} ${sector} + ${nr_sectors} [${error}]`;
	});
	if (error !== 0) {
		const {segments} = request;
		const write = rw === 'WRITE';
		printk(k, 3, k.era.ioErrorLine({dev: bdev.name, sector, write, sync: isSync(request), segments}));
	}
	queue.in_flight.delete(request);
	for (const bio of request.bios) bio_endio(k, bio, error);
	if (queue.full.tasks.length > 0) wake_up_all(k, queue.full);
	queue.request_fn(k, queue);
}
