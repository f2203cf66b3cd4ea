import {describe, expect, it} from 'vitest';
import {type Pfn, userAddress} from '../../../source/hardware/address.ts';
import {ERA_NAMES} from '../../../source/kernel/era/behaviour.ts';
import {EFBIG, EINVAL, EIO, ENOMEM} from '../../../source/kernel/errno.ts';
import {O_CREAT, O_DIRECT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_fsync, sys_ftruncate, sys_pread64, sys_pwrite64} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {get_user_pages, page_cache_release} from '../../../source/kernel/mm/gup.ts';
import {MAP_SHARED, MS_ASYNC, MS_SYNC, PROT_READ, PROT_WRITE} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../../source/kernel/mm/mmap_lock.ts';
import {sys_msync} from '../../../source/kernel/mm/msync.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {set_page_dirty_lock} from '../../../source/kernel/mm/page-writeback.ts';
import {balance_dirty_pages, pdflush, sys_sync} from '../../../source/kernel/mm/pdflush.ts';
import {invalidate_mapping_pages} from '../../../source/kernel/mm/truncate.ts';
import {user_read, user_read8, user_touch, user_write, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {spawn, stepUntil} from '../support.ts';
import {bootWithDisk, install, newProcess, onDisk, runIn, userBuffer} from './machine.ts';

const readWrite = PROT_READ | PROT_WRITE;
const all = Number.MAX_SAFE_INTEGER;

it('a second read of the same page asks nothing of the disk', () => {
	const machine = bootWithDisk();
	const {k, sd} = machine;
	install(machine, '/data', 4);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		yield* sys_pread64(k, fd, buffer, 4096, 0);
		const before = sd.ended;
		yield* sys_pread64(k, fd, buffer, 4096, 0);
		expect(sd.ended).toBe(before);
	});
});

it('a sequential reader gets far fewer requests than pages, for read-ahead merges them', () => {
	const machine = bootWithDisk();
	const {k, sd} = machine;
	install(machine, '/data', 256);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		for (let pos = 0; pos < 256 * 4096; pos += 4096) yield* sys_pread64(k, fd, buffer, 4096, pos);
	});
	expect(k.block.disks.get('sda')!.queue.stats.reads).toBeLessThan(24);
	expect(sd.ended).toBe(k.block.disks.get('sda')!.queue.stats.reads);
});

it('pages of a file lie in high memory first, and reading them takes a kmap_atomic slot', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	const file = install(machine, '/data', 1);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		yield* user_write8(k, buffer, 1);
		yield* sys_pread64(k, fd, buffer, 4096, 0);
	});
	const frame = file.i_mapping.pages.get(0)!;
	expect(frame).toBeGreaterThanOrEqual(k.layout.max_low_pfn);
	expect([...k.highmem.atomic.lastPfn]).toContain(frame);
});

it('a sector that cannot be read is EIO, and the page does not count as read', () => {
	const machine = bootWithDisk();
	const {k, disk} = machine;
	const file = install(machine, '/data', 1);
	disk.badSectors.add(file.sectorOf!(0)! + 3);
	runIn(k, newProcess(k), function* () {
		const buffer = yield* userBuffer(k, 4096);
		const plain = yield* sys_open(k, '/data', O_RDWR);
		expect(yield* sys_pread64(k, plain, buffer, 4096, 0)).toBe(-EIO);
		const direct = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
		expect(yield* sys_pread64(k, direct, buffer, 4096, 0)).toBe(-EIO);
		disk.badSectors.clear();
		expect(yield* sys_pread64(k, plain, buffer, 4096, 0)).toBe(4096);
	});
	expect(k.log.lines.some(({text}) => text.includes('I/O error, dev sda'))).toBe(true);
	expect(k.mm.pins.size).toBe(0);
});

it('a new file is empty, grows with holes of zeros, and is on the disk after fsync', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/new', O_RDWR | O_CREAT);
		const buffer = yield* userBuffer(k, 4 * 4096);
		yield* user_write(k, buffer, Uint8Array.of(1, 2, 3));
		expect(yield* sys_pread64(k, fd, buffer, 10, 0)).toBe(0);
		expect(yield* sys_pwrite64(k, fd, buffer, 3, 10_000)).toBe(3);
		expect(yield* sys_fsync(k, fd)).toBe(0);
		const inode = k.vfs.nodes.get('/new')!;
		expect([inode.i_size, inode.sectorOf!(0), inode.sectorOf!(1)]).toEqual([10_003, undefined, undefined]);
		expect([...onDisk(machine, inode, 9998, 6)]).toEqual([0, 0, 1, 2, 3, 0]);
		expect(yield* sys_pread64(k, fd, buffer, 16_384, 0)).toBe(10_003);
		expect((yield* user_read(k, buffer, 10_000)).every(byte => byte === 0)).toBe(true);
	});
});

it('the write-back thread writes what has been dirty for thirty seconds, unasked', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	const file = install(machine, '/data', 1);
	spawn(k, () => pdflush(k), k.era.writebackThreadName);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		yield* user_write(k, buffer, Uint8Array.of(77));
		yield* sys_pwrite64(k, fd, buffer, 1, 0);
	});
	expect(k.filemap.nr_dirty).toBe(1);
	stepUntil(k, () => k.filemap.nr_dirty === 0 && k.filemap.nr_writeback === 0);
	expect(onDisk(machine, file, 0, 1)[0]).toBe(77);
	expect(k.hw.timeline.nowNs).toBeGreaterThan(30e9);
	expect(k.hw.timeline.nowNs).toBeLessThan(40e9);
});

function* mapFile(k: Kernel, path: string, pages: number): Sleeps<{fd: number; at: number}> {
	const fd = yield* sys_open(k, path, O_RDWR);
	return {fd, at: yield* sys_mmap2(k, 0, pages * 4096, readWrite, MAP_SHARED, fd, 0)};
}

describe.each(ERA_NAMES)('shared mappings of files in %s', era => {
	it('what is stored reaches the disk by msync, again and again', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		const file = install(machine, '/data', 2);
		runIn(k, newProcess(k), function* () {
			const {at} = yield* mapFile(k, '/data', 2);
			for (const value of [11, 22]) {
				yield* user_write8(k, userAddress(at + 4096), value);
				expect(yield* sys_msync(k, at, 8192, MS_SYNC)).toBe(0);
				expect(onDisk(machine, file, 4096, 1)[0]).toBe(value);
			}
			expect(k.filemap.nr_dirty).toBe(0);
		});
	});

	it('what is stored reaches the file when the mapping goes, and the disk at the next sync', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		const file = install(machine, '/data', 1);
		runIn(k, newProcess(k), function* () {
			const {at} = yield* mapFile(k, '/data', 1);
			yield* user_write8(k, userAddress(at), 33);
			yield* sys_munmap(k, at, 4096);
			yield* sys_sync(k);
		});
		expect(onDisk(machine, file, 0, 1)[0]).toBe(33);
	});

	it('a cut file takes its pages out of the mapping: touching them is a bus error', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		install(machine, '/data', 3);
		runIn(k, newProcess(k), function* () {
			const {fd, at} = yield* mapFile(k, '/data', 3);
			for (let page = 0; page < 3; page++) yield* user_write8(k, userAddress(at + page * 4096 + 200), 5);
			expect(yield* sys_ftruncate(k, fd, 4096 + 100)).toBe(0);
			expect(yield* user_read8(k, userAddress(at + 4096 + 200))).toBe(0);
			expect(yield* user_touch(k, userAddress(at + 2 * 4096), false)).not.toBe(0);
			expect(k.cpu.current.mm!.rss_file).toBe(2);
		});
	});
});

it('msync refuses what Linux refuses', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 2);
	runIn(k, newProcess(k), function* () {
		const {at} = yield* mapFile(k, '/data', 2);
		const calls: [number, number, number][] = [
			[at + 1, 4096, MS_SYNC],
			[at, 4096, 8],
			[at, 4096, MS_SYNC | MS_ASYNC],
			[at, 0, MS_SYNC],
			[at, 3 * 4096, MS_ASYNC],
			[0x1000_0000, 4096, MS_SYNC],
		];
		const answers: number[] = [];
		for (const [start, length, flags] of calls) answers.push(yield* sys_msync(k, start, length, flags));
		expect(answers).toEqual([-EINVAL, -EINVAL, -EINVAL, 0, -ENOMEM, -ENOMEM]);
	});
});

/**
 * Experiment 11. A driver pins a page of a file for writing; the page is written back meanwhile; a device fills it; the
 * driver lets go; memory is short and the page goes; the program reads again.
 */
function deviceWrites({sync, marks}: {sync: boolean; marks: boolean}): number {
	const machine = bootWithDisk();
	const {k} = machine;
	const file = install(machine, '/data', 1);
	return runIn(k, newProcess(k), function* () {
		const {at} = yield* mapFile(k, '/data', 1);
		const task = k.cpu.current;
		const pages: Pfn[] = [];
		yield* mmap_read_lock(k, task.mm!);
		yield* get_user_pages(k, task, task.mm!, userAddress(at), 1, true, false, pages, null);
		yield* mmap_read_unlock(k, task.mm!);
		if (sync) yield* sys_msync(k, at, 4096, MS_SYNC);
		k.hw.ram.pageForWrite(pages[0]!)[0] = 0xd1;
		if (marks) yield* set_page_dirty_lock(k, pages[0]!);
		page_cache_release(k, pages[0]!);
		yield* sys_munmap(k, at, 4096);
		// What reclaim does with a page that nobody dirtied, and what write-back does with one that somebody did.
		if (file.i_mapping.nrdirty > 0) yield* sys_sync(k);
		expect(invalidate_mapping_pages(k, file.i_mapping, 0, all)).toBe(1);
		const again = yield* mapFile(k, '/data', 1);
		return yield* user_read8(k, userAddress(again.at));
	});
}

it('a driver that forgets set_page_dirty loses what its device wrote, if the page was written back in between', () => {
	expect(deviceWrites({sync: true, marks: true})).toBe(0xd1);
	expect(deviceWrites({sync: false, marks: false})).toBe(0xd1);
	expect(deviceWrites({sync: true, marks: false})).not.toBe(0xd1);
});

it(
	'a file larger than memory is read and written through the cache: pages go, and come again with the ' + 'same bytes',
	() => {
		const machine = bootWithDisk({memMiB: 64, highmemMiB: 0, sectors: 262_144});
		const {k} = machine;
		const pages = 20_000;
		const file = install(machine, '/big', pages);
		runIn(k, newProcess(k), function* () {
			const fd = yield* sys_open(k, '/big', O_RDWR);
			const buffer = yield* userBuffer(k, 69_632);
			yield* user_write(k, buffer, new Uint8Array(65_536).fill(0x77));
			// Every fourth stretch is overwritten on the first way through.
			for (let pos = 0; pos < pages * 4096; pos += 65_536) {
				if (pos % 0x4_0000 === 0) yield* sys_pwrite64(k, fd, buffer, 65_536, pos);
				else yield* sys_pread64(k, fd, userAddress(buffer + 65_536), 1, pos);
			}
			expect(file.i_mapping.pages.size).toBeLessThan(16_384);
			for (let pos = 0; pos < pages * 4096; pos += 0x4_0000) {
				yield* sys_pread64(k, fd, buffer, 4096, pos);
				expect((yield* user_read(k, buffer, 4096)).every(byte => byte === 0x77)).toBe(true);
			}
			yield* sys_fsync(k, fd);
			expect(onDisk(machine, file, 0x4_0000, 65_536).every(byte => byte === 0x77)).toBe(true);
		});
		expect(k.filemap.nr_file_pages).toBe(file.i_mapping.pages.size);
	},
);

it.each([
	['ldd3', 40],
	['2.6.32', 20],
] as const)('in era %s who dirties a page while over %i percent of memory is dirty writes first', (era, percent) => {
	const machine = bootWithDisk({era});
	const {k} = machine;
	const {i_mapping: mapping} = install(machine, '/data', 4);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', O_RDWR);
		yield* sys_pwrite64(k, fd, yield* userBuffer(k, 4096), 4096, 0);
		expect(mapping.nrdirty).toBe(1);
		// As if others had dirtied as much as may be, less this one page.
		const others = Math.floor((k.mem_map.frames * percent) / 100) - 1;
		k.filemap.nr_dirty += others;
		yield* balance_dirty_pages(k, mapping);
		expect(mapping.nrdirty).toBe(1);
		k.filemap.nr_dirty++;
		yield* balance_dirty_pages(k, mapping);
		expect(mapping.nrdirty).toBe(0);
		k.filemap.nr_dirty -= others + 1;
	});
});

it('a file has 2^43 - 1 bytes at most: what begins at the last is no error of size, what begins after it is', () => {
	const machine = bootWithDisk({era: '2.6.32'});
	const {k} = machine;
	install(machine, '/data', 4);
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/data', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		const most = 2 ** 43 - 1;
		expect(yield* sys_pwrite64(k, fd, buffer, 1, most)).toBe(-EFBIG);
		expect(yield* sys_pwrite64(k, fd, buffer, 1, most - 1)).not.toBe(-EFBIG);
	});
});
