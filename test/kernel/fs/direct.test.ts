import {describe, expect, it} from 'vitest';
import {type Pfn, userAddress} from '../../../source/hardware/address.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EFAULT, EINVAL, EIO} from '../../../source/kernel/errno.ts';
import {bio_add_page, bio_alloc} from '../../../source/kernel/fs/bio.ts';
import {O_CREAT, O_DIRECT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_fsync, sys_pread64, sys_pwrite64} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import {blk_queue_bounce} from '../../../source/kernel/mm/bounce.ts';
import {KM_BOUNCE_READ, kmapAtomicSlots} from '../../../source/kernel/mm/kmap_atomic.ts';
import {PROT_NONE} from '../../../source/kernel/mm/mman.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {pageUse} from '../../../source/kernel/mm/page.ts';
import {user_read, user_write} from '../../../source/kernel/mm/uaccess.ts';
import {page_zone} from '../../../source/kernel/mm/zone.ts';
import {spend} from '../../../source/kernel/time.ts';
import {dmesg, stepUntil} from '../support.ts';
import {aioProgram, getevents, rw, setup, submit} from './aioProgram.ts';
import {bootWithDisk, install, newProcess, onDisk, runIn, start, userBuffer} from './machine.ts';

const openDirect = O_RDWR | O_DIRECT;

// Experiment 13.
it.each([
	['buffer one byte off', 1, 4096, 0, -EINVAL],
	['length of 513', 0, 513, 0, -EINVAL],
	['offset of 256', 0, 4096, 256, -EINVAL],
	['everything a multiple of 512', 512, 1536, 512, 1536],
	['nothing to read', 1, 0, 3, 0],
	['beyond the end', 0, 4096, 65_536, 0],
	['across the end', 0, 8192, 61_440, 4096],
])('O_DIRECT read, %s', (_what, shift, length, pos, wanted) => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 16);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', openDirect);
		const buffer = yield* userBuffer(k, 16_384);
		expect(yield* sys_pread64(k, fd, userAddress(buffer + shift), length, pos)).toBe(wanted);
	});
	expect(k.mm.pins.size).toBe(0);
});

it('one mebibyte is two bios of 128 pages each', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 256);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', openDirect);
		expect(yield* sys_pread64(k, fd, yield* userBuffer(k, 1 << 20), 1 << 20, 0)).toBe(1 << 20);
	});
	const queued = k.trace.ring.filter(({name}) => name === 'block_bio_queue').map(({text}) => text.replace(/ \[.*/, ''));
	expect(queued).toEqual(['8,0 RS 2048 + 1024', '8,0 RS 3072 + 1024']);
});

it('user pages are pinned, 64 at a time, for as long as the disk needs them', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 256);
	const process = newProcess(k);
	let most = 0;
	let finished = false;
	start(k, process, process.files, function* () {
		const fd = yield* sys_open(k, '/data', openDirect);
		yield* sys_pread64(k, fd, yield* userBuffer(k, 1 << 20), 1 << 20, 0);
		finished = true;
	});
	const atDevice = new Set<number>();
	stepUntil(k, () => {
		most = Math.max(most, k.mm.pins.size);
		for (const iocb of k.aio.kiocbs) if (iocb.state === 'device') atDevice.add(iocb.pinned.size);
		return finished;
	});
	expect(most).toBe(256);
	expect(Math.max(...atDevice)).toBe(256);
	expect(k.mm.pins.size).toBe(0);
});

it('a buffer that ends in memory that must not be touched fails as a whole, and leaves no pin', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 16);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', openDirect);
		const buffer = yield* userBuffer(k, 16_384);
		yield* sys_mprotect(k, buffer + 8192, 8192, PROT_NONE);
		expect(yield* sys_pread64(k, fd, buffer, 16_384, 0)).toBe(-EFAULT);
	});
	expect(k.mm.pins.size).toBe(0);
	expect(k.aio.kiocbs.size).toBe(0);
});

describe('direct and buffered I/O of one file', () => {
	it('a direct read sees what is still only in the cache', () => {
		const machine = bootWithDisk();
		const {k} = machine;
		install(machine, '/data', 4);
		runIn(k, newProcess(k), function* () {
			const plain = yield* sys_open(k, '/data', O_RDWR);
			const direct = yield* sys_open(k, '/data', openDirect);
			const buffer = yield* userBuffer(k, 4096);
			yield* user_write(k, buffer, new Uint8Array(4096).fill(0x42));
			yield* sys_pwrite64(k, plain, buffer, 4096, 4096);
			yield* user_write(k, buffer, new Uint8Array(4096));
			yield* sys_pread64(k, direct, buffer, 4096, 4096);
			expect((yield* user_read(k, buffer, 4096)).every(byte => byte === 0x42)).toBe(true);
		});
	});

	it('a buffered read sees what was written past the cache', () => {
		const machine = bootWithDisk();
		const {k} = machine;
		const file = install(machine, '/data', 4);
		runIn(k, newProcess(k), function* () {
			const plain = yield* sys_open(k, '/data', O_RDWR);
			const direct = yield* sys_open(k, '/data', openDirect);
			const buffer = yield* userBuffer(k, 4096);
			yield* sys_pread64(k, plain, buffer, 4096, 0);
			yield* user_write(k, buffer, new Uint8Array(4096).fill(0x43));
			expect(yield* sys_pwrite64(k, direct, buffer, 4096, 0)).toBe(4096);
			expect(onDisk(machine, file, 0, 1)[0]).toBe(0x43);
			yield* user_write(k, buffer, new Uint8Array(4096));
			yield* sys_pread64(k, plain, buffer, 4096, 0);
			expect((yield* user_read(k, buffer, 4096)).every(byte => byte === 0x43)).toBe(true);
		});
	});

	it('a direct write into a hole goes through the cache, and is on the disk all the same', () => {
		const machine = bootWithDisk();
		const {k} = machine;
		runIn(k, newProcess(k), function* () {
			const plain = yield* sys_open(k, '/new', O_RDWR | O_CREAT);
			const direct = yield* sys_open(k, '/new', openDirect);
			const buffer = yield* userBuffer(k, 4096);
			yield* user_write(k, buffer, new Uint8Array(4096).fill(0x44));
			yield* sys_pwrite64(k, plain, buffer, 1, 20_000);
			yield* sys_fsync(k, plain);
			expect(yield* sys_pwrite64(k, direct, buffer, 4096, 4096)).toBe(4096);
			expect(onDisk(machine, k.vfs.nodes.get('/new')!, 4096, 4096).every(byte => byte === 0x44)).toBe(true);
		});
	});
});

it('pages that the disk cannot reach are bounced through low memory, both ways', () => {
	const machine = bootWithDisk();
	const {k, sd} = machine;
	const file = install(machine, '/data', 4);
	sd.bdev.queue.bounce_pfn = k.layout.max_low_pfn - 1;
	let bounced = 0;
	const process = newProcess(k);
	let finished = false;
	start(k, process, process.files, function* () {
		const fd = yield* sys_open(k, '/data', openDirect);
		const buffer = yield* userBuffer(k, 16_384);
		yield* sys_pread64(k, fd, buffer, 16_384, 0);
		expect(yield* user_read(k, buffer, 16_384)).toEqual(onDisk(machine, file, 0, 16_384));
		yield* user_write(k, buffer, new Uint8Array(16_384).fill(0x45));
		yield* sys_pwrite64(k, fd, buffer, 16_384, 0);
		finished = true;
	});
	stepUntil(k, () => {
		bounced = Math.max(bounced, k.block.nr_bounce);
		return finished;
	});
	expect(bounced).toBe(4);
	expect(k.block.nr_bounce).toBe(0);
	expect(onDisk(machine, file, 0, 16_384).every(byte => byte === 0x45)).toBe(true);
});

/** What a read and a write of high memory leave behind where a disk reaches only up to a frame. */
function bounceBoth(era: EraName, limit: (max_low_pfn: number) => number) {
	const machine = bootWithDisk({era});
	const {k, sd} = machine;
	install(machine, '/data', 1);
	sd.bdev.queue.bounce_pfn = limit(k.layout.max_low_pfn);
	const zones: string[] = [];
	const process = newProcess(k);
	let finished = false;
	start(k, process, process.files, function* () {
		const fd = yield* sys_open(k, '/data', openDirect);
		const buffer = yield* userBuffer(k, 4096);
		yield* user_write(k, buffer, new Uint8Array(4096).fill(1));
		yield* sys_pread64(k, fd, buffer, 4096, 0);
		yield* sys_pwrite64(k, fd, buffer, 4096, 0);
		finished = true;
	});
	stepUntil(k, () => {
		for (let frame = 0; frame < k.mem_map.frames && k.block.nr_bounce > 0; frame++)
			if (pageUse(k, frame as Pfn) === 'bounce') zones.push(page_zone(k, frame as Pfn).name);
		return finished;
	});
	const slot = kmapAtomicSlots(k).filter(({cpu, index}) => cpu < 2 && index === KM_BOUNCE_READ);
	return {zones: [...new Set(zones)], reads: slot.reduce((sum, {used}) => sum + used, 0), kmaps: k.highmem.kmaps};
}

it('2.6.11 copies what was read through KM_BOUNCE_READ and what is written through kmap()', () => {
	expect(bounceBoth('ldd3', end => end)).toEqual({zones: ['Normal'], reads: 1, kmaps: 1});
	expect(bounceBoth('5.10', end => end - 1)).toMatchObject({kmaps: 0});
});

it('stand-ins for a device that cannot reach all of low memory are ISA memory; from 3.10 on all of 4 GiB', () => {
	expect(bounceBoth('ldd3', end => end - 1).zones).toEqual(['DMA']);
	expect(bounceBoth('3.2', end => end).zones).toEqual(['Normal']);
	expect(bounceBoth('5.10', end => end - 1).zones).toEqual(['DMA']);
});

it.each([
	['ldd3', true],
	['2.6.32', false],
] as const)('%s: the frame at the limit itself is bounced: %s', (era, bounces) => {
	const {k, sd} = bootWithDisk({era});
	sd.bdev.queue.bounce_pfn = k.layout.max_low_pfn + 5;
	const isBounced = (frame: number): boolean =>
		runIn(k, newProcess(k), function* () {
			const wanted = bio_alloc(k, {bi_bdev: sd.bdev, bi_sector: 0, bi_rw: 'READ', bi_end_io: () => {}});
			bio_add_page(wanted, frame as Pfn, 4096, 0);
			return (yield* blk_queue_bounce(k, sd.bdev.queue, wanted)) !== wanted;
		});
	const limit = sd.bdev.queue.bounce_pfn;
	expect([limit - 1, limit, limit + 1].map(isBounced)).toEqual([false, bounces, true]);
});

it('a queue that is full has its user wait, and loses nothing', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 512);
	const {queue} = machine.sd.bdev;
	const process = newProcess(k);
	let fullest = 0;
	let results: number[] = [];
	start(k, process, process.files, function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/data', openDirect);
		const buffer = yield* userBuffer(k, 200 * 4096);
		const ctx = yield* setup(k, p, 250);
		// Every second page, so that nothing merges.
		const reads = Array.from({length: 200}, (_, i) => rw(fd, false, buffer + i * 4096, 4096, i * 8192));
		expect(yield* submit(k, p, ctx, reads)).toBe(200);
		results = (yield* getevents(k, p, ctx, 200, 200)).map(({res}) => res);
	});
	stepUntil(k, () => {
		fullest = Math.max(fullest, queue.queue_head.length + queue.in_flight.size);
		return results.length > 0;
	});
	expect(fullest).toBe(128);
	expect(results).toEqual(new Array(200).fill(4096));
	expect([queue.queue_head.length, queue.in_flight.size, queue.stats.reads]).toEqual([0, 0, 200]);
});

/** Processor time, interrupts included, of reading `lengthBytes` from a file that is in the cache. */
function readCostNs(flags: number, lengthBytes: number): number {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 256);
	const busy = () => k.sched.cpus.reduce((sum, {busyNs}) => sum + busyNs, 0);
	return runIn(k, newProcess(k), function* () {
		const warm = yield* sys_open(k, '/data', O_RDWR);
		const fd = yield* sys_open(k, '/data', flags);
		const buffer = yield* userBuffer(k, 1 << 20);
		yield* sys_pread64(k, warm, buffer, lengthBytes, 0);
		yield* spend(0);
		const before = busy();
		yield* sys_pread64(k, fd, buffer, lengthBytes, 0);
		yield* spend(0);
		return busy() - before;
	});
}

it('direct I/O costs the processor more for a small transfer, and far less for a large one', () => {
	const cost = [512, 4096, 65_536, 1 << 20].map(
		size => [readCostNs(O_RDWR, size), readCostNs(openDirect, size)] as const,
	);
	const direct = cost.map(([buffered, direct]) => direct < buffered);
	expect(direct).toEqual([false, false, true, true]);
	expect(cost[3]![0] / cost[3]![1]).toBeGreaterThan(2);
});

it.each([
	['ldd3', 'SCSI device sda: 131072 512-byte hdwr sectors (67 MB)', 'end_request: I/O error, dev sda, sector 2048'],
	[
		'6.1',
		'sd 0:0:0:0: [sda] 131072 512-byte logical blocks: (67.1 MB/64.0 MiB)',
		'I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x800 phys_seg 1 prio class 2',
	],
] as const)('the kernel speaks of the disk in the words of its time (%s)', (era, found, failed) => {
	const machine = bootWithDisk({era});
	const {k, disk} = machine;
	install(machine, '/data', 1);
	disk.badSectors.add(2050);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', openDirect);
		expect(yield* sys_pread64(k, fd, yield* userBuffer(k, 4096), 4096, 0)).toBe(-EIO);
	});
	expect(dmesg(k)).toEqual(expect.arrayContaining([found, failed]));
});
