/**
 * Transfers whose buffer is a mapping of the file that they read or write. Whoever copies under a page's lock and faults on
 * that page waits for itself; so every machine here gets only so many events.
 *
 * Long, because every way in and out is tried in every era with one rig.
 */
import {describe, expect, it} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {ERA_NAMES, type EraName} from '../../../source/kernel/era/behaviour.ts';
import {EFAULT, EFBIG, ENOSPC} from '../../../source/kernel/errno.ts';
import {sys_io_destroy} from '../../../source/kernel/fs/aio.ts';
import type {IocbFields} from '../../../source/kernel/fs/aio_abi.ts';
import {O_CREAT, O_DIRECT, O_RDWR, sys_close} from '../../../source/kernel/fs/file.ts';
import {
	sys_ftruncate,
	sys_lseek,
	sys_pread64,
	sys_pwrite64,
	sys_read,
	sys_write,
} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {MAP_PRIVATE, MAP_SHARED, PROT_NONE, PROT_READ, PROT_WRITE} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {sys_sync} from '../../../source/kernel/mm/pdflush.ts';
import {invalidate_mapping_pages} from '../../../source/kernel/mm/truncate.ts';
import {user_read, user_write} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {stepUntil} from '../support.ts';
import {aioProgram, getevents, rw, setup, submit} from './aioProgram.ts';
import {bootWithDisk, type DiskMachine, install, newProcess, onDisk, runIn, start, userBuffer} from './machine.ts';

const RW = PROT_READ | PROT_WRITE;
const PAGE = 4096;
const ALL = Number.MAX_SAFE_INTEGER;
/** Far more than any of these transfers needs. */
const MOST_EVENTS = 20_000;

const within = <T>(k: Kernel, body: () => Sleeps<T>, process = newProcess(k)): T =>
	runIn(k, process, body, 'test', MOST_EVENTS);

const pattern = (length: number) => Uint8Array.from({length}, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** A file of the pattern, of which nothing is cached. */
function* patternFile({k}: DiskMachine, path: string, length: number): Sleeps<number> {
	const fd = yield* sys_open(k, path, O_RDWR | O_CREAT);
	const buffer = yield* userBuffer(k, 16 * PAGE);
	yield* user_write(k, buffer, pattern(length));
	expect(yield* sys_pwrite64(k, fd, buffer, length, 0)).toBe(length);
	yield* sys_munmap(k, buffer, 16 * PAGE);
	yield* dropCache(k, path);
	return fd;
}

function* dropCache(k: Kernel, path: string): Sleeps<void> {
	yield* sys_sync(k);
	invalidate_mapping_pages(k, k.vfs.nodes.get(path)!.i_mapping, 0, ALL);
}

function* contents(k: Kernel, fd: number): Sleeps<Uint8Array> {
	const buffer = yield* userBuffer(k, 16 * PAGE);
	const length = yield* sys_pread64(k, fd, buffer, 16 * PAGE, 0);
	return yield* user_read(k, buffer, length);
}

/** Compares faster than toEqual does. */
function expectBytes(got: Uint8Array, wanted: Uint8Array, what = ''): void {
	expect(got.length, `${what}: length`).toBe(wanted.length);
	const at = got.findIndex((byte, i) => byte !== wanted[i]);
	expect(at, `${what}: first byte that differs`).toBe(-1);
}

type Transfer = (k: Kernel, fd: number, address: number, length: number, pos: number) => Sleeps<number>;

/** A whole request of AIO. @returns its result */
function* viaAio(k: Kernel, fields: IocbFields): Sleeps<number> {
	const program = yield* aioProgram(k);
	const ctx = yield* setup(k, program, 4);
	expect(yield* submit(k, program, ctx, [fields])).toBe(1);
	const [event] = yield* getevents(k, program, ctx, 1, 1);
	// The ring of older kernels is pinned memory.
	yield* sys_io_destroy(k, ctx);
	return Number(event!.res);
}

/** The iocb of a vectored call, cut after `first` bytes. */
function* vectored(k: Kernel, opcode: number, fields: IocbFields, first: number): Sleeps<IocbFields> {
	const vector = yield* userBuffer(k, PAGE);
	const base = Number(fields.aio_buf);
	const length = Number(fields.aio_nbytes);
	const words = Uint32Array.of(base, first, base, 0, base + first, length - first);
	yield* user_write(k, vector, new Uint8Array(words.buffer));
	return {...fields, aio_lio_opcode: opcode, aio_buf: BigInt(vector), aio_nbytes: 3n};
}

const WRITES: readonly (readonly [string, Transfer])[] = [
	[
		'write',
		function* (k, fd, address, length, pos) {
			yield* sys_lseek(k, fd, pos, 0);
			return yield* sys_write(k, fd, userAddress(address), length);
		},
	],
	['pwrite', (k, fd, address, length, pos) => sys_pwrite64(k, fd, userAddress(address), length, pos)],
	['AIO', (k, fd, address, length, pos) => viaAio(k, rw(fd, true, address, length, pos))],
	[
		'vectored AIO',
		function* (k, fd, address, length, pos) {
			return yield* viaAio(k, yield* vectored(k, 8, rw(fd, true, address, length, pos), Math.ceil(length / 3)));
		},
	],
];

const READS: readonly (readonly [string, Transfer])[] = [
	[
		'read',
		function* (k, fd, address, length, pos) {
			yield* sys_lseek(k, fd, pos, 0);
			return yield* sys_read(k, fd, userAddress(address), length);
		},
	],
	['pread', (k, fd, address, length, pos) => sys_pread64(k, fd, userAddress(address), length, pos)],
	['AIO', (k, fd, address, length, pos) => viaAio(k, rw(fd, false, address, length, pos))],
	[
		'vectored AIO',
		function* (k, fd, address, length, pos) {
			return yield* viaAio(k, yield* vectored(k, 7, rw(fd, false, address, length, pos), Math.ceil(length / 3)));
		},
	],
];

const MAPPINGS = [
	['shared', MAP_SHARED],
	['private', MAP_PRIVATE],
] as const;

/** Where in the mapping the bytes come from, how many, and where in the file they go; no range overlaps itself. */
const PLACES: readonly (readonly [string, number, number, number])[] = [
	['a page onto itself', 0, PAGE, 0],
	['part of a page onto itself', 100, 300, 100],
	['part of a page to another place in it', 100, 300, 2000],
	['across pages, onto itself', 3000, 3 * PAGE, 3000],
	['the next page', PAGE, PAGE, 0],
	['a page shifted by some bytes', 2 * PAGE + 8, PAGE, 8],
	['the last page, of which the file has a part', 3 * PAGE, 100, 3 * PAGE],
	['more of the last page than the file has', 3 * PAGE, PAGE, 3 * PAGE],
];

const SIZE = 3 * PAGE + 100;

/** What the file holds after `length` bytes of its mapping at `from` were written at `pos`. */
function afterWrite(from: number, length: number, pos: number): Uint8Array {
	const before = new Uint8Array(4 * PAGE);
	before.set(pattern(SIZE));
	const after = before.slice(0, Math.max(SIZE, pos + length));
	after.set(before.subarray(from, from + length), pos);
	return after;
}

describe.each(ERA_NAMES)('a buffer that maps the same file, in %s', era => {
	for (const [kind, flags] of MAPPINGS) {
		it(`written from an untouched ${kind} mapping`, () => {
			const machine = bootWithDisk({era});
			const {k} = machine;
			const process = newProcess(k);
			for (const [name, write] of WRITES)
				for (const path of ['/data', '/tmp/data'])
					for (const [what, from, length, pos] of PLACES) {
						within(
							k,
							function* () {
								const fd = yield* patternFile(machine, `${path} ${name} ${what}`, SIZE);
								const at = yield* sys_mmap2(k, 0, 4 * PAGE, RW, flags, fd, 0);
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
			for (const [name, read] of READS)
				for (const path of ['/data', '/tmp/data'])
					for (const [what, to, length, pos] of PLACES) {
						const got = Math.min(length, SIZE - pos);
						within(
							k,
							function* () {
								const fd = yield* patternFile(machine, `${path} ${name} ${what}`, SIZE);
								const at = yield* sys_mmap2(k, 0, 4 * PAGE, RW, flags, fd, 0);
								expect(yield* read(k, fd, at + to, length, pos), `${name} ${what}`).toBe(got);
								const wanted = new Uint8Array(4 * PAGE);
								wanted.set(pattern(SIZE));
								wanted.set(wanted.slice(pos, pos + got), to);
								expectBytes(yield* user_read(k, userAddress(at), 4 * PAGE), wanted, `${name} ${what}`);
								const file = flags === MAP_SHARED ? wanted.slice(0, SIZE) : pattern(SIZE);
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
			yield* sys_ftruncate(k, fd, 3 * PAGE);
			const at = yield* sys_mmap2(k, 0, 3 * PAGE, RW, MAP_SHARED, fd, 0);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + PAGE), PAGE, PAGE)).toBe(PAGE);
			yield* sys_sync(k);
			const inode = k.vfs.nodes.get('/sparse')!;
			expect([inode.sectorOf!(0), inode.sectorOf!(1) !== undefined]).toEqual([undefined, true]);
			expectBytes(onDisk(machine, inode, PAGE, PAGE), new Uint8Array(PAGE));
		});
	});

	it('a disk, written from a mapping of itself', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		within(k, function* () {
			const fd = yield* sys_open(k, '/dev/sda', O_RDWR);
			const at = yield* sys_mmap2(k, 0, 2 * PAGE, RW, MAP_SHARED, fd, 8);
			const before = yield* user_read(k, userAddress(at + PAGE), PAGE);
			yield* sys_munmap(k, at, 2 * PAGE);
			yield* dropCache(k, '/dev/sda');
			const again = yield* sys_mmap2(k, 0, 2 * PAGE, RW, MAP_SHARED, fd, 8);
			expect(yield* sys_pwrite64(k, fd, userAddress(again), PAGE, 8 * PAGE)).toBe(PAGE);
			expect(yield* sys_pwrite64(k, fd, userAddress(again + PAGE), 100, 8 * PAGE)).toBe(100);
			expectBytes(yield* user_read(k, userAddress(again), 100), before.subarray(0, 100));
		});
	});

	for (const [kind, flags] of MAPPINGS)
		it(`direct I/O of the range that a ${kind} buffer maps`, () => {
			for (const touched of [false, true])
				for (const asynchronous of [false, true])
					for (const writes of [false, true]) {
						const machine = bootWithDisk({era});
						const {k} = machine;
						within(k, function* () {
							yield* patternFile(machine, '/data', 4 * PAGE);
							const fd = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
							const at = yield* sys_mmap2(k, 0, 4 * PAGE, RW, flags, fd, 0);
							const wanted = pattern(4 * PAGE);
							if (touched) {
								yield* user_write(k, userAddress(at + PAGE), Uint8Array.of(0xee));
								if (flags === MAP_SHARED || writes) wanted[PAGE] = 0xee;
							}
							const list = asynchronous ? 2 : 1;
							const transfer = (writes ? WRITES : READS)[list]![1];
							expect(yield* transfer(k, fd, at + PAGE, 2 * PAGE, PAGE)).toBe(2 * PAGE);
							expectBytes(yield* user_read(k, userAddress(at), 4 * PAGE), wanted);
							const plain = yield* sys_open(k, '/data', O_RDWR);
							expectBytes(yield* contents(k, plain), wanted);
							yield* sys_sync(k);
							expectBytes(onDisk(machine, k.vfs.nodes.get('/data')!, 0, 4 * PAGE), wanted);
						});
						stepUntil(k, () => k.mm.pins.size === 0, MOST_EVENTS);
						expect(k.aio.kiocbs.size).toBe(0);
					}
		});
});

/** A whole page's bytes of which the source's first page holds 96: what the call answers, and how long the file is then. */
const HALF_MISSING: Record<EraName, readonly [number, number]> = {
	ldd3: [96, PAGE],
	'2.6.32': [-EFAULT, 0],
	'3.2': [-EFAULT, 0],
	'5.10': [-EFAULT, 0],
	'6.1': [96, 96],
	'6.18': [96, 96],
};

describe.each(ERA_NAMES)('a source that ends too early, in %s', era => {
	const newFile = function* (k: Kernel): Sleeps<number> {
		return yield* sys_open(k, '/new', O_RDWR | O_CREAT);
	};
	const sizeOf = (k: Kernel) => k.vfs.nodes.get('/new')!.i_size;

	it('where the file’s page goes on behind it', () => {
		const {k} = bootWithDisk({era});
		const [answer, size] = HALF_MISSING[era];
		within(k, function* () {
			const fd = yield* newFile(k);
			const at = yield* userBuffer(k, 2 * PAGE);
			yield* user_write(k, at, pattern(PAGE));
			yield* sys_munmap(k, at + PAGE, PAGE);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + 4000), PAGE, 0)).toBe(answer);
			expect(sizeOf(k)).toBe(size);
			const file = yield* contents(k, fd);
			expect([...file.subarray(0, 96)]).toEqual([...pattern(PAGE).subarray(4000, 4000 + Math.min(size, 96))]);
			expect(file.subarray(96).every(byte => byte === 0)).toBe(true);
		});
	});

	it('where the file’s page ends with it', () => {
		const {k} = bootWithDisk({era});
		within(k, function* () {
			const fd = yield* newFile(k);
			const at = yield* userBuffer(k, 2 * PAGE);
			yield* user_write(k, at, pattern(PAGE));
			yield* sys_munmap(k, at + PAGE, PAGE);
			expect(yield* sys_pwrite64(k, fd, at, 2 * PAGE, 0)).toBe(PAGE);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + PAGE), PAGE, PAGE)).toBe(-EFAULT);
			// 2.6.11 counts the range as written.
			expect(sizeOf(k)).toBe(era === 'ldd3' ? 2 * PAGE : PAGE);
			expect((yield* contents(k, fd)).subarray(0, PAGE)).toEqual(pattern(PAGE));
		});
	});

	it('because the file that it maps ends there: SIGBUS for a program, a short write here', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		within(k, function* () {
			const source = yield* patternFile(machine, '/data', PAGE + 100);
			const fd = yield* newFile(k);
			const at = yield* sys_mmap2(k, 0, 4 * PAGE, PROT_READ, MAP_SHARED, source, 0);
			expect(yield* sys_pwrite64(k, fd, userAddress(at), 4 * PAGE, 0)).toBe(2 * PAGE);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + 2 * PAGE), 1, 0)).toBe(-EFAULT);
			const wanted = new Uint8Array(2 * PAGE);
			wanted.set(pattern(PAGE + 100));
			if (era === 'ldd3') wanted[0] = 0;
			expect((yield* contents(k, fd)).subarray(0, 2 * PAGE)).toEqual(wanted);
		});
	});

	it('because another thread unmaps it while the call sleeps', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		const process = newProcess(k);
		within(
			k,
			function* () {
				const target = install(machine, '/target', 4);
				const source = yield* patternFile(machine, '/data', 4 * PAGE);
				const fd = yield* sys_open(k, '/target', O_RDWR);
				const at = yield* sys_mmap2(k, 0, 4 * PAGE, PROT_READ, MAP_PRIVATE, source, 0);
				start(k, process, process.files, () => sys_munmap(k, at + 2 * PAGE, 2 * PAGE));
				// The source's first page has to come from the disk, which takes longer than munmap does.
				expect(yield* sys_pwrite64(k, fd, userAddress(at), 4 * PAGE, 0)).toBe(2 * PAGE);
				expect(target.i_size).toBe(4 * PAGE);
				expect((yield* contents(k, fd)).subarray(0, 2 * PAGE)).toEqual(pattern(4 * PAGE).subarray(0, 2 * PAGE));
				expect(yield* sys_pwrite64(k, fd, userAddress(at + 2 * PAGE), 1, 3 * PAGE)).toBe(-EFAULT);
			},
			process,
		);
	});

	it('in the second segment of a vector', () => {
		const {k} = bootWithDisk({era});
		within(k, function* () {
			const fd = yield* newFile(k);
			const at = yield* userBuffer(k, 2 * PAGE);
			yield* user_write(k, at, pattern(PAGE));
			yield* sys_mprotect(k, at + PAGE, PAGE, PROT_NONE);
			const fields = yield* vectored(k, 8, rw(fd, true, at + 3000, 2 * 1096, 0), 1096);
			const answer = yield* viaAio(k, fields);
			const anyByte = era === '6.1' || era === '6.18';
			expect(answer).toBe(era === '5.10' || era === 'ldd3' ? -EFAULT : 1096);
			if (anyByte) expect(sizeOf(k)).toBe(1096);
		});
	});

	it('and it is an asynchronous write: 2.6.11 answers with the error of the rest, later kernels with what was written', () => {
		const {k} = bootWithDisk({era});
		within(k, function* () {
			const fd = yield* newFile(k);
			const at = yield* userBuffer(k, 2 * PAGE);
			yield* user_write(k, at, pattern(PAGE));
			yield* sys_mprotect(k, at + PAGE, PAGE, PROT_NONE);
			expect(yield* viaAio(k, rw(fd, true, at, 2 * PAGE, 0))).toBe(era === 'ldd3' ? -EFAULT : PAGE);
			expect(yield* viaAio(k, rw(fd, true, at + PAGE, PAGE, 0))).toBe(-EFAULT);
			expectBytes(
				(yield* contents(k, fd)).subarray(era === 'ldd3' ? PAGE : 0, PAGE),
				pattern(era === 'ldd3' ? 0 : PAGE),
			);
		});
	});
});

describe('where a write may not go on', () => {
	it('at the end of a disk it is cut, and behind it there is no space', () => {
		const {k} = bootWithDisk({sectors: 4096 + 4});
		within(k, function* () {
			const end = (4096 + 4) * 512;
			for (const flags of [O_RDWR, O_RDWR | O_DIRECT]) {
				const fd = yield* sys_open(k, '/dev/sda', flags);
				const at = yield* userBuffer(k, 2 * PAGE);
				expect(yield* sys_pwrite64(k, fd, at, 2 * PAGE, end - 1024)).toBe(1024);
				expect(yield* sys_pwrite64(k, fd, at, 512, end - 512)).toBe(512);
				expect(yield* sys_pwrite64(k, fd, at, 512, end)).toBe(-ENOSPC);
				expect(yield* sys_pwrite64(k, fd, at, 0, end)).toBe(0);
			}
		});
	});

	it('at the largest size of a file it is cut, and behind it the file is too big', () => {
		const {k} = bootWithDisk();
		within(k, function* () {
			const end = 2 ** 31 * PAGE - 1;
			const fd = yield* sys_open(k, '/new', O_RDWR | O_CREAT);
			const at = yield* userBuffer(k, PAGE);
			expect(yield* sys_pwrite64(k, fd, at, 10, end - 4)).toBe(4);
			expect(yield* sys_pwrite64(k, fd, at, 1, end)).toBe(-EFBIG);
			expect(k.vfs.nodes.get('/new')!.i_size).toBe(end);
		});
	});
});
