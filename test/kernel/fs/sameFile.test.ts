/**
 * Transfers whose buffer is a mapping of the file that they read or write. Whoever copies under a page's lock and
 * faults on that page waits for itself; so every machine here gets only so many events.
 *
 * Long, because every way in and out is tried in every era with one rig.
 */
import {describe, expect, it} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../../source/hardware/address.ts';
import {ERA_NAMES, type EraName} from '../../../source/kernel/era/behaviour.ts';
import {O_CREAT, O_DIRECT, O_RDWR, sys_close} from '../../../source/kernel/fs/file.ts';
import {sys_ftruncate, sys_pwrite64} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import {MAP_PRIVATE, MAP_SHARED} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {sys_sync} from '../../../source/kernel/mm/pdflush.ts';
import {user_read, user_write} from '../../../source/kernel/mm/uaccess.ts';
import {sampleOf} from '../../sample.ts';
import {stepUntil} from '../support.ts';
import {bootWithDisk, newProcess, onDisk} from './machine.ts';
import {
	contents,
	dropCache,
	expectBytes,
	mostEvents,
	pattern,
	patternFile,
	readTransfers,
	readWrite,
	within,
	writeTransfers,
} from './transfers.ts';

const mappings = [
	['shared', MAP_SHARED],
	['private', MAP_PRIVATE],
] as const;

/** Where in the mapping the bytes come from, how many, and where in the file they go; no range overlaps itself. */
const places: readonly (readonly [string, number, number, number])[] = [
	['a page onto itself', 0, PAGE_SIZE, 0],
	['part of a page onto itself', 100, 300, 100],
	['part of a page to another place in it', 100, 300, 2000],
	['across pages, onto itself', 3000, 3 * PAGE_SIZE, 3000],
	['the next page', PAGE_SIZE, PAGE_SIZE, 0],
	['a page shifted by some bytes', 2 * PAGE_SIZE + 8, PAGE_SIZE, 8],
	['the last page, of which the file has a part', 3 * PAGE_SIZE, 100, 3 * PAGE_SIZE],
	['more of the last page than the file has', 3 * PAGE_SIZE, PAGE_SIZE, 3 * PAGE_SIZE],
];

const size = 3 * PAGE_SIZE + 100;

/** What the file holds after `length` bytes of its mapping at `from` were written at `pos`. */
function afterWrite(from: number, length: number, pos: number): Uint8Array {
	const before = new Uint8Array(4 * PAGE_SIZE);
	before.set(pattern(size));
	const after = before.slice(0, Math.max(size, pos + length));
	after.set(before.subarray(from, from + length), pos);
	return after;
}

/** Vectored requests came with 2.6.19. */
const isThere = (era: EraName, transfer: string): boolean => era !== 'ldd3' || transfer !== 'vectored AIO';

describe.each(sampleOf(ERA_NAMES, 2))('a buffer that maps the same file, in %s', era => {
	for (const [kind, flags] of mappings) {
		it(`written from an untouched ${kind} mapping`, () => {
			const machine = bootWithDisk({era});
			const {k} = machine;
			const process = newProcess(k);
			for (const [name, write] of writeTransfers.filter(([each]) => isThere(era, each)))
				for (const path of ['/data', '/tmp/data'])
					for (const [what, from, length, pos] of places) {
						within(
							k,
							function* () {
								const fd = yield* patternFile(machine, `${path} ${name} ${what}`, size);
								const at = yield* sys_mmap2(k, 0, 4 * PAGE_SIZE, readWrite, flags, fd, 0);
								expect(yield* write(k, fd, at + from, length, pos), `${name} ${what}`).toBe(length);
								expectBytes(yield* contents(k, fd), afterWrite(from, length, pos), `${name} ${what}`);
								yield* sys_close(k, fd);
							},
							process,
						);
					}
		});

		it(`read into an untouched ${kind} mapping`, () => {
			const machine = bootWithDisk({era});
			const {k} = machine;
			const process = newProcess(k);
			for (const [name, read] of readTransfers.filter(([each]) => isThere(era, each)))
				for (const path of ['/data', '/tmp/data'])
					for (const [what, to, length, pos] of places) {
						const got = Math.min(length, size - pos);
						within(
							k,
							function* () {
								const fd = yield* patternFile(machine, `${path} ${name} ${what}`, size);
								const at = yield* sys_mmap2(k, 0, 4 * PAGE_SIZE, readWrite, flags, fd, 0);
								expect(yield* read(k, fd, at + to, length, pos), `${name} ${what}`).toBe(got);
								const wanted = new Uint8Array(4 * PAGE_SIZE);
								wanted.set(pattern(size));
								wanted.set(wanted.slice(pos, pos + got), to);
								expectBytes(yield* user_read(k, userAddress(at), 4 * PAGE_SIZE), wanted, `${name} ${what}`);
								const file = flags === MAP_SHARED ? wanted.slice(0, size) : pattern(size);
								expectBytes(yield* contents(k, fd), file, `${name} ${what}`);
								yield* sys_close(k, fd);
							},
							process,
						);
					}
		});
	}

	it('a hole, written from a mapping of itself, is zeros on the disk', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		within(k, function* () {
			const fd = yield* sys_open(k, '/sparse', O_RDWR | O_CREAT);
			yield* sys_ftruncate(k, fd, 3 * PAGE_SIZE);
			const at = yield* sys_mmap2(k, 0, 3 * PAGE_SIZE, readWrite, MAP_SHARED, fd, 0);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + PAGE_SIZE), PAGE_SIZE, PAGE_SIZE)).toBe(PAGE_SIZE);
			yield* sys_sync(k);
			const inode = k.vfs.nodes.get('/sparse')!;
			expect([inode.sectorOf!(0), inode.sectorOf!(1) !== undefined]).toEqual([undefined, true]);
			expectBytes(onDisk(machine, inode, PAGE_SIZE, PAGE_SIZE), new Uint8Array(PAGE_SIZE));
		});
	});

	it('a disk, written from a mapping of itself', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		within(k, function* () {
			const fd = yield* sys_open(k, '/dev/sda', O_RDWR);
			const at = yield* sys_mmap2(k, 0, 2 * PAGE_SIZE, readWrite, MAP_SHARED, fd, 8);
			const before = yield* user_read(k, userAddress(at + PAGE_SIZE), PAGE_SIZE);
			yield* sys_munmap(k, at, 2 * PAGE_SIZE);
			yield* dropCache(k, '/dev/sda');
			const again = yield* sys_mmap2(k, 0, 2 * PAGE_SIZE, readWrite, MAP_SHARED, fd, 8);
			expect(yield* sys_pwrite64(k, fd, userAddress(again), PAGE_SIZE, 8 * PAGE_SIZE)).toBe(PAGE_SIZE);
			expect(yield* sys_pwrite64(k, fd, userAddress(again + PAGE_SIZE), 100, 8 * PAGE_SIZE)).toBe(100);
			expectBytes(yield* user_read(k, userAddress(again), 100), before.subarray(0, 100));
		});
	});

	for (const [kind, flags] of mappings)
		it(`direct I/O of the range that a ${kind} buffer maps`, () => {
			for (const touched of [false, true])
				for (const asynchronous of [false, true])
					for (const writes of [false, true]) {
						const machine = bootWithDisk({era});
						const {k} = machine;
						within(k, function* () {
							yield* patternFile(machine, '/data', 4 * PAGE_SIZE);
							const fd = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
							const at = yield* sys_mmap2(k, 0, 4 * PAGE_SIZE, readWrite, flags, fd, 0);
							const wanted = pattern(4 * PAGE_SIZE);
							if (touched) {
								yield* user_write(k, userAddress(at + PAGE_SIZE), Uint8Array.of(0xee));
								if (flags === MAP_SHARED || writes) wanted[PAGE_SIZE] = 0xee;
							}
							const list = asynchronous ? 2 : 1;
							const transfer = (writes ? writeTransfers : readTransfers)[list]![1];
							expect(yield* transfer(k, fd, at + PAGE_SIZE, 2 * PAGE_SIZE, PAGE_SIZE)).toBe(2 * PAGE_SIZE);
							expectBytes(yield* user_read(k, userAddress(at), 4 * PAGE_SIZE), wanted);
							const plain = yield* sys_open(k, '/data', O_RDWR);
							expectBytes(yield* contents(k, plain), wanted);
							yield* sys_sync(k);
							expectBytes(onDisk(machine, k.vfs.nodes.get('/data')!, 0, 4 * PAGE_SIZE), wanted);
						});
						stepUntil(k, () => k.mm.pins.size === 0, mostEvents);
						expect(k.aio.kiocbs.size).toBe(0);
					}
		});
});
