/**
 * Flags of single calls: what must not wait, what is a hole, what is sealed.
 *
 * Long, because each is tried with both sides of its limits.
 */
import {describe, expect, test} from 'vitest';
import {PAGE_SIZE} from '../../../source/hardware/address.ts';
import {ERA_NAMES, type EraName, erasBefore, erasFrom} from '../../../source/kernel/era/behaviour.ts';
import {
	EAGAIN,
	EBADF,
	EBUSY,
	EFBIG,
	EINVAL,
	ENODEV,
	ENOSPC,
	ENOSYS,
	ENXIO,
	EOPNOTSUPP,
	EOVERFLOW,
	EPERM,
	ESPIPE,
} from '../../../source/kernel/errno.ts';
import {O_APPEND, O_CREAT, O_DIRECT, O_RDONLY, O_RDWR} from '../../../source/kernel/fs/file.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {get_page} from '../../../source/kernel/mm/page.ts';
import {put_page} from '../../../source/kernel/mm/page_alloc.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {msleep} from '../../../source/kernel/timer.ts';
import {Caller} from '../systemCalls.ts';
import {bootWithDisk, install, newProcess, runIn} from './machine.ts';

/** Runs a body on a machine with a disk, /etc/motd of two pages, and a tmpfs at /tmp. */
function onMachine<T>(era: EraName, body: (c: Caller, k: Kernel) => Sleeps<T>): T {
	const machine = bootWithDisk({era});
	install(machine, '/etc/motd', 2);
	// The first process is init, which no signal ends.
	runIn(machine.k, newProcess(machine.k), function* () {});
	return runIn(machine.k, newProcess(machine.k), () => body(new Caller(machine.k), machine.k));
}

const rwf = {HIPRI: 1, DSYNC: 2, SYNC: 4, NOWAIT: 8, APPEND: 0x10, NOAPPEND: 0x20, ATOMIC: 0x40, DONTCACHE: 0x80};
const [SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE] = [1, 2, 3, 4];

describe('RWF_NOWAIT', () => {
	test.each(erasFrom('5.10'))('in %s a read takes what is cached, and nothing else', era => {
		onMachine(era, function* (c) {
			const fd = yield* c.call('open', '/etc/motd', O_RDWR, 0);
			const to = yield* c.room(2 * PAGE_SIZE);
			const one = yield* c.words(to, 100);
			const two = yield* c.words(to, 2 * PAGE_SIZE);
			expect(yield* c.call('preadv2', fd, one, 1, 0, 0, rwf.NOWAIT)).toBe(-EAGAIN);
			// Nothing was begun by it either.
			expect(yield* c.call('preadv2', fd, one, 1, 0, 0, rwf.NOWAIT)).toBe(-EAGAIN);
			yield* c.call('fadvise64', fd, 0, 0, 0, 4);
			yield* c.call('pwrite64', fd, to, PAGE_SIZE, 0, 0);
			expect(yield* c.call('preadv2', fd, one, 1, 0, 0, rwf.NOWAIT)).toBe(100);
			expect(yield* c.call('preadv2', fd, two, 1, 0, 0, rwf.NOWAIT)).toBe(PAGE_SIZE);
			// At its end there is nothing to wait for.
			expect(yield* c.call('preadv2', fd, one, 1, 2 * PAGE_SIZE, 0, rwf.NOWAIT)).toBe(0);
		});
	});

	test.each(erasFrom('5.10'))('in %s a write through the cache cannot do without waiting; a direct one may', era => {
		onMachine(era, function* (c, k) {
			const fd = yield* c.call('open', '/etc/motd', O_RDWR, 0);
			const page = yield* c.call('mmap2', 0, PAGE_SIZE, 3, 0x22, -1, 0);
			const vector = yield* c.words(page, PAGE_SIZE);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, rwf.NOWAIT)).toBe(-EOPNOTSUPP);
			const direct = yield* c.call('open', '/etc/motd', O_RDWR | O_DIRECT, 0);
			expect(yield* c.call('pwritev2', direct, vector, 1, 0, 0, rwf.NOWAIT)).toBe(PAGE_SIZE);
			// It would make the file longer.
			expect(yield* c.call('pwritev2', direct, vector, 1, 2 * PAGE_SIZE, 0, rwf.NOWAIT)).toBe(-EAGAIN);
			// A page of it is in the cache: clean, then dirty.
			yield* c.call('pread64', fd, page, 1, 0, 0);
			const clean = k.era.nowaitDirectAllows === 'clean pages' ? PAGE_SIZE : -EAGAIN;
			expect(yield* c.call('preadv2', direct, vector, 1, 0, 0, rwf.NOWAIT)).toBe(clean);
			yield* c.call('pwrite64', fd, page, 1, 0, 0);
			expect(yield* c.call('preadv2', direct, vector, 1, 0, 0, rwf.NOWAIT)).toBe(-EAGAIN);
		});
	});

	test.each(erasFrom('5.10'))('in %s madvise brings in what it then takes: the pages of its range', era => {
		onMachine(era, function* (c, k) {
			const fd = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			const vector = yield* c.words(yield* c.room(16), 16);
			const area = yield* c.call('mmap2', 0, 2 * PAGE_SIZE, 1, 2, fd, 0);
			const willneed = 3;
			expect(yield* c.call('madvise', area + PAGE_SIZE, PAGE_SIZE, willneed)).toBe(0);
			// It does not wait for them.
			expect(yield* c.call('preadv2', fd, vector, 1, PAGE_SIZE, 0, rwf.NOWAIT)).toBe(-EAGAIN);
			yield* msleep(k, 50);
			expect(yield* c.call('preadv2', fd, vector, 1, PAGE_SIZE, 0, rwf.NOWAIT)).toBe(16);
			expect(yield* c.call('preadv2', fd, vector, 1, 0, 0, rwf.NOWAIT)).toBe(-EAGAIN);
		});
	});

	test('files of memory and pipes do not have it, and older kernels no such call', () => {
		onMachine('6.1', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const vector = yield* c.words(yield* c.text('abc'), 3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, rwf.NOWAIT)).toBe(-EOPNOTSUPP);
			const ends = yield* c.room(8);
			yield* c.call('pipe', ends);
			const [read] = yield* c.readWords(ends, 2);
			expect(yield* c.call('preadv2', read!, vector, 1, -1, -1, rwf.NOWAIT)).toBe(-EOPNOTSUPP);
			// The descriptor is looked at before the flags.
			expect(yield* c.call('preadv2', 99, vector, 1, 0, 0, 0x8000)).toBe(-EBADF);
			const readOnly = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			expect(yield* c.call('pwritev2', readOnly, vector, 1, 0, 0, 0x8000)).toBe(-EBADF);
		});
		for (const era of erasBefore('5.10'))
			onMachine(era, function* (c) {
				expect(yield* c.call('preadv2', 0, 0, 0, 0, 0, rwf.NOWAIT)).toBe(-ENOSYS);
			});
	});
});

describe('other bits', () => {
	test('RWF_NOAPPEND of 6.18 writes at the given place; bits that no file here takes are refused', () => {
		onMachine('6.18', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT | O_APPEND, 0);
			const vector = yield* c.words(yield* c.text('abc'), 3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, 0)).toBe(3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, 0)).toBe(3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 1, 0, rwf.NOAPPEND)).toBe(3);
			expect(yield* c.call('lseek', fd, 0, SEEK_END)).toBe(6);
			const to = yield* c.room(16);
			yield* c.call('pread64', fd, to, 6, 0, 0);
			expect(yield* c.readText(to, 6)).toBe('aabcbc');
			for (const [flags, answer] of [
				[rwf.APPEND | rwf.NOAPPEND, -EINVAL],
				[rwf.ATOMIC, -EOPNOTSUPP],
				[rwf.DONTCACHE, -EOPNOTSUPP],
				[0x200, -EOPNOTSUPP],
			] as const)
				expect([flags, yield* c.call('pwritev2', fd, vector, 1, 0, 0, flags)]).toEqual([flags, answer]);
		});
		onMachine('6.1', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const vector = yield* c.words(yield* c.text('abc'), 3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, rwf.NOAPPEND)).toBe(-EOPNOTSUPP);
		});
	});

	test('a file without an iterator takes RWF_HIPRI alone', () => {
		onMachine('6.1', function* (c, k) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const file = k.cpu.current.files.fds.get(fd)!;
			file.f_op = {
				name: 'old',
				*write() {
					return 3;
				},
			};
			const vector = yield* c.words(yield* c.text('abc'), 3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, rwf.HIPRI)).toBe(3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, rwf.DSYNC)).toBe(-EOPNOTSUPP);
			expect(yield* c.call('pwritev2', fd, vector, 0, 0, 0, rwf.DSYNC)).toBe(0);
		});
	});

	test('RWF_DSYNC has the bytes on the disk when it returns', () => {
		onMachine('6.1', function* (c, k) {
			const fd = yield* c.call('open', '/etc/motd', O_RDWR, 0);
			const vector = yield* c.words(yield* c.text('abc'), 3);
			yield* c.call('pwritev2', fd, vector, 1, 0, 0, 0);
			expect(k.filemap.nr_dirty).toBe(1);
			yield* c.call('pwritev2', fd, vector, 1, 0, 0, rwf.DSYNC);
			expect(k.filemap.nr_dirty).toBe(0);
		});
	});

	test.each(erasFrom('5.10'))('an iocb of %s has the same flags', era => {
		onMachine(era, function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const disk = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			const ctxp = yield* c.room(4);
			yield* c.call('io_setup', 4, ctxp);
			const [ctx] = yield* c.readWords(ctxp, 1);
			const text = yield* c.text('abc');
			const run = function* (opcode: number, file: number, flags: number): Sleeps<number> {
				const iocb = yield* c.words(0, 0, 0, flags, opcode, file, text, 0, 3, 0, 0, 0, 0, 0, 0, 0);
				const submitted = yield* c.call('io_submit', ctx!, 1, yield* c.words(iocb));
				if (submitted !== 1) return submitted;
				const events = yield* c.room(32);
				yield* c.call('io_getevents', ctx!, 1, 1, events, 0);
				return (yield* c.readWords(events, 8))[4]! | 0;
			};
			expect(yield* run(1, fd, rwf.APPEND)).toBe(3);
			expect(yield* run(1, fd, rwf.APPEND)).toBe(3);
			expect(yield* c.call('lseek', fd, 0, SEEK_END)).toBe(6);
			expect(yield* run(0, disk, rwf.NOWAIT)).toBe(-EAGAIN);
			expect(yield* run(0, fd, rwf.NOWAIT)).toBe(-EOPNOTSUPP);
		});
	});
});

describe('lseek', () => {
	test.each(ERA_NAMES)('finds data and holes as %s knows them', era => {
		onMachine(era, function* (c, k) {
			for (const path of ['/tmp/x', '/etc/sparse']) {
				const fd = yield* c.call('open', path, O_RDWR | O_CREAT, 0);
				const text = yield* c.text('abc');
				yield* c.call('pwrite64', fd, text, 3, 2 * PAGE_SIZE + 5, 0);
				yield* c.call('ftruncate', fd, 5 * PAGE_SIZE);
				const seek = (offset: number, whence: number) => c.call('lseek', fd, offset, whence);
				if (!k.era.seeksDataAndHoles) {
					expect(yield* seek(0, SEEK_DATA)).toBe(-EINVAL);
					continue;
				}
				const real = k.era.seeksRealHoles;
				expect(yield* seek(7, SEEK_DATA)).toBe(real ? 2 * PAGE_SIZE : 7);
				expect(yield* seek(2 * PAGE_SIZE + 1, SEEK_DATA)).toBe(2 * PAGE_SIZE + 1);
				expect(yield* seek(3 * PAGE_SIZE - 1, SEEK_DATA)).toBe(3 * PAGE_SIZE - 1);
				expect(yield* seek(3 * PAGE_SIZE, SEEK_DATA)).toBe(real ? -ENXIO : 3 * PAGE_SIZE);
				expect(yield* seek(7, SEEK_HOLE)).toBe(real ? 7 : 5 * PAGE_SIZE);
				expect(yield* seek(2 * PAGE_SIZE, SEEK_HOLE)).toBe(real ? 3 * PAGE_SIZE : 5 * PAGE_SIZE);
				expect(yield* seek(5 * PAGE_SIZE - 1, SEEK_HOLE)).toBe(real ? 5 * PAGE_SIZE - 1 : 5 * PAGE_SIZE);
				expect(yield* seek(5 * PAGE_SIZE, SEEK_HOLE)).toBe(-ENXIO);
				expect(yield* seek(-1, SEEK_DATA)).toBe(-ENXIO);
			}
		});
	});

	test('refuses what no place can be, before it asks whether there are places', () => {
		onMachine('3.2', function* (c) {
			const ends = yield* c.room(8);
			yield* c.call('pipe', ends);
			const [read] = yield* c.readWords(ends, 2);
			expect(yield* c.call('lseek', read!, 0, 5)).toBe(-EINVAL);
			expect(yield* c.call('lseek', read!, 0, SEEK_HOLE)).toBe(-ESPIPE);
		});
		onMachine('2.6.32', function* (c) {
			const ends = yield* c.room(8);
			yield* c.call('pipe', ends);
			const [read] = yield* c.readWords(ends, 2);
			expect(yield* c.call('lseek', read!, 0, 3)).toBe(-EINVAL);
			expect(yield* c.call('lseek', read!, 0, 2)).toBe(-ESPIPE);
		});
	});

	test.each([
		['3.2', 2 ** 43 - 1],
		['5.10', (2 ** 32 - 1) * PAGE_SIZE],
	] as const)('a file of %s ends at %i bytes at most, wherever one asks', (era, most) => {
		onMachine(era, function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const at = (place: number) => [place % 2 ** 32, Math.floor(place / 2 ** 32)] as const;
			const result = yield* c.room(8);
			const llseek = (place: number) => c.call('llseek', fd, at(place)[1], at(place)[0], result, 0);
			expect(yield* llseek(most)).toBe(0);
			expect(yield* llseek(most + 1)).toBe(-EINVAL);
			expect(yield* c.call('ftruncate64', fd, ...at(most + 1))).toBe(-EFBIG);
			expect(yield* c.call('ftruncate64', fd, ...at(most))).toBe(0);
			// lseek moves there, but its answer has 31 bits.
			expect(yield* c.call('lseek', fd, 0, SEEK_END)).toBe(-EOVERFLOW);
			expect(yield* c.call('pwrite64', fd, yield* c.text('abc'), 3, ...at(most))).toBe(-EFBIG);
			expect(yield* c.call('pwrite64', fd, yield* c.text('abc'), 3, ...at(most - 1))).toBe(1);
		});
	});

	test.each(ERA_NAMES)('a disk of %s has an end', era => {
		onMachine(era, function* (c, k) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const file = k.cpu.current.files.fds.get(fd)!;
			const disk = {...file, inode: {...file.inode, kind: 'blkdev' as const, i_size: 8 * PAGE_SIZE}};
			k.cpu.current.files.fds.set(fd, disk);
			expect(yield* c.call('lseek', fd, 8 * PAGE_SIZE, 0)).toBe(8 * PAGE_SIZE);
			expect(yield* c.call('lseek', fd, 8 * PAGE_SIZE + 1, 0)).toBe(-EINVAL);
			expect(yield* c.call('lseek', fd, 1, SEEK_CUR)).toBe(-EINVAL);
			expect(yield* c.call('lseek', fd, 0, SEEK_DATA)).toBe(-EINVAL);
		});
	});
});

describe('fallocate', () => {
	const [KEEP, HOLE, STALE, COLLAPSE, ZERO, INSERT, UNSHARE, ZEROES] = [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80];
	test.each([
		['2.6.32', HOLE, -EOPNOTSUPP],
		['2.6.32', HOLE | KEEP, 'asked'],
		['3.2', HOLE | KEEP, 'asked'],
		['3.2', ZERO | KEEP, -EOPNOTSUPP],
		['5.10', HOLE, -EOPNOTSUPP],
		['5.10', HOLE | ZERO | KEEP, -EOPNOTSUPP],
		['5.10', STALE, -EOPNOTSUPP],
		['5.10', COLLAPSE, 'asked'],
		['5.10', COLLAPSE | KEEP, -EINVAL],
		['5.10', INSERT | ZERO, -EINVAL],
		['5.10', UNSHARE | KEEP, 'asked'],
		['5.10', UNSHARE | ZERO, -EINVAL],
		['5.10', ZEROES, -EOPNOTSUPP],
		['6.18', COLLAPSE | KEEP, -EOPNOTSUPP],
		['6.18', INSERT | ZERO, -EOPNOTSUPP],
		['6.18', UNSHARE | KEEP, 'asked'],
		['6.18', ZEROES, 'asked'],
		['6.18', ZEROES | KEEP, -EOPNOTSUPP],
	] as const)('of %s with mode %i', (era, mode, answer) => {
		onMachine(era, function* (c, k) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const file = k.cpu.current.files.fds.get(fd)!;
			let asked = false;
			file.f_op = {
				...file.f_op,
				*fallocate() {
					asked = true;
					return -ENOSPC;
				},
			};
			const called = yield* c.call('fallocate', fd, mode, 0, 0, PAGE_SIZE, 0);
			if (answer !== 'asked') expect([called, asked]).toEqual([answer, false]);
			// Before 3.5 no filesystem of this machine is asked.
			else expect([called, asked]).toEqual(k.era.tmpfsAllocates ? [-ENOSPC, true] : [-EOPNOTSUPP, false]);
		});
	});

	test('a file of memory takes two of the modes; other kinds are refused, and later kernels ask disks', () => {
		for (const [era, disk] of [
			['3.2', -ENODEV],
			['5.10', -EOPNOTSUPP],
		] as const)
			onMachine(era, function* (c, k) {
				const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
				expect(yield* c.call('fallocate', fd, 0, 0, 0, 0, 0)).toBe(-EINVAL);
				expect(yield* c.call('fallocate', 99, 0, 0, 0, 1, 0)).toBe(-EBADF);
				if (era === '5.10') expect(yield* c.call('fallocate', fd, ZERO, 0, 0, PAGE_SIZE, 0)).toBe(-EOPNOTSUPP);
				const {f_op: _, ...file} = k.cpu.current.files.fds.get(fd)!;
				const inode = {...file.inode, kind: 'blkdev' as const};
				k.cpu.current.files.fds.set(fd, {...file, f_op: {name: 'disk'}, inode});
				expect(yield* c.call('fallocate', fd, 0, 0, 0, PAGE_SIZE, 0)).toBe(disk);
			});
	});
});

describe('seals', () => {
	const [F_ADD_SEALS, F_GET_SEALS] = [1033, 1034];
	const [SEAL, SHRINK, GROW, WRITE, FUTURE, EXEC] = [1, 2, 4, 8, 0x10, 0x20];
	const [ALLOW, NOEXEC] = [2, 8];
	const made = function* (c: Caller, flags = ALLOW): Sleeps<number> {
		const fd = yield* c.call('memfd_create', 'x', flags);
		yield* c.call('ftruncate', fd, 2 * PAGE_SIZE);
		return fd;
	};

	test.each(erasBefore('5.10'))('are unknown to %s', era => {
		onMachine(era, function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			expect(yield* c.call('fcntl', fd, F_GET_SEALS, 0)).toBe(-EINVAL);
			expect(yield* c.call('fcntl', fd, F_ADD_SEALS, 0)).toBe(-EINVAL);
		});
	});

	test.each(erasFrom('5.10'))('of %s: who may seal what', era => {
		onMachine(era, function* (c) {
			const fd = yield* made(c);
			expect(yield* c.call('fcntl', fd, F_GET_SEALS, 0)).toBe(0);
			expect(yield* c.call('fcntl', fd, F_ADD_SEALS, 0x40)).toBe(-EINVAL);
			expect(yield* c.call('fcntl', fd, F_ADD_SEALS, SHRINK)).toBe(0);
			expect(yield* c.call('fcntl', fd, F_ADD_SEALS, SEAL)).toBe(0);
			expect(yield* c.call('fcntl', fd, F_ADD_SEALS, GROW)).toBe(-EPERM);
			expect(yield* c.call('fcntl', fd, F_GET_SEALS, 0)).toBe(SEAL | SHRINK);
			// Files that did not ask for it are sealed against seals.
			const plain = yield* made(c, 0);
			expect(yield* c.call('fcntl', plain, F_GET_SEALS, 0)).toBe(SEAL);
			expect(yield* c.call('fcntl', plain, F_ADD_SEALS, GROW)).toBe(-EPERM);
			const disk = yield* c.call('open', '/etc/motd', O_RDWR, 0);
			expect(yield* c.call('fcntl', disk, F_GET_SEALS, 0)).toBe(-EINVAL);
			expect(yield* c.call('fcntl', disk, F_ADD_SEALS, GROW)).toBe(-EINVAL);
			const readOnly = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			expect(yield* c.call('fcntl', readOnly, F_ADD_SEALS, GROW)).toBe(-EPERM);
		});
	});

	test('SHRINK and GROW hold the size', () => {
		onMachine('6.1', function* (c) {
			const fd = yield* made(c);
			yield* c.call('fcntl', fd, F_ADD_SEALS, SHRINK);
			expect(yield* c.call('ftruncate', fd, 2 * PAGE_SIZE - 1)).toBe(-EPERM);
			expect(yield* c.call('ftruncate', fd, 2 * PAGE_SIZE)).toBe(0);
			expect(yield* c.call('ftruncate', fd, 2 * PAGE_SIZE + 1)).toBe(0);
			yield* c.call('fcntl', fd, F_ADD_SEALS, GROW);
			expect(yield* c.call('ftruncate', fd, 2 * PAGE_SIZE + 2)).toBe(-EPERM);
			expect(yield* c.call('fallocate', fd, 0, 0, 0, 2 * PAGE_SIZE + 2, 0)).toBe(-EPERM);
			expect(yield* c.call('fallocate', fd, 0, 0, 0, 2 * PAGE_SIZE + 1, 0)).toBe(0);
			const from = yield* c.room(2 * PAGE_SIZE);
			expect(yield* c.call('pwrite64', fd, from, 1, 2 * PAGE_SIZE, 0)).toBe(1);
			expect(yield* c.call('pwrite64', fd, from, 2, 2 * PAGE_SIZE, 0)).toBe(-EPERM);
			// A page at a time: what fits is written.
			expect(yield* c.call('pwrite64', fd, from, PAGE_SIZE, PAGE_SIZE + 100, 0)).toBe(PAGE_SIZE - 100);
		});
	});

	test('WRITE is refused while the file is mapped to be written, or pinned for more than 150 ms', () => {
		onMachine('6.1', function* (c, k) {
			const fd = yield* made(c);
			const area = yield* c.call('mmap2', 0, PAGE_SIZE, 3, 1, fd, 0);
			expect(yield* c.call('fcntl', fd, F_ADD_SEALS, WRITE)).toBe(-EBUSY);
			expect(yield* c.call('fcntl', fd, F_ADD_SEALS, FUTURE)).toBe(0);
			expect(yield* c.call('munmap', area, PAGE_SIZE)).toBe(0);
			// A device has a page of it.
			yield* c.call('fallocate', fd, 0, 0, 0, PAGE_SIZE, 0);
			const page = k.cpu.current.files.fds.get(fd)!.inode.i_mapping.pages.get(0)!;
			for (const [ms, answer] of [
				[160, -EBUSY],
				[140, 0],
			] as const) {
				get_page(k, page);
				k.hw.timeline.at(k.hw.timeline.nowNs + ms * 1e6, () => put_page(k, page));
				expect(yield* c.call('fcntl', fd, F_ADD_SEALS, WRITE)).toBe(answer);
				yield* msleep(k, 20);
			}
		});
	});

	test.each([
		['6.1', WRITE, -EPERM],
		['6.18', WRITE, 'mapped'],
		['6.1', FUTURE, 'mapped'],
	] as const)('%s: what seal %i leaves', (era, seal, shared) => {
		onMachine(era, function* (c) {
			const fd = yield* made(c);
			yield* c.call('fcntl', fd, F_ADD_SEALS, seal);
			const from = yield* c.room(16);
			expect(yield* c.call('pwrite64', fd, from, 1, 0, 0)).toBe(-EPERM);
			expect(yield* c.call('pwrite64', fd, from, 0, 0, 0)).toBe(0);
			expect(yield* c.call('fallocate', fd, 3, 0, 0, PAGE_SIZE, 0)).toBe(-EPERM);
			expect(yield* c.call('mmap2', 0, PAGE_SIZE, 3, 1, fd, 0)).toBe(-EPERM);
			expect(yield* c.call('mmap2', 0, PAGE_SIZE, 3, 2, fd, 0)).toBeGreaterThan(0);
			const area = yield* c.call('mmap2', 0, PAGE_SIZE, 1, 1, fd, 0);
			if (shared !== 'mapped') expect(area).toBe(shared);
			else expect([area > 0, yield* c.call('mprotect', area, PAGE_SIZE, 3)]).toEqual([true, -13]);
		});
	});

	test('of programs: MFD_NOEXEC_SEAL and F_SEAL_EXEC of 6.18', () => {
		onMachine('6.18', function* (c) {
			const data = yield* made(c, NOEXEC);
			expect(yield* c.call('fcntl', data, F_GET_SEALS, 0)).toBe(EXEC);
			const program = yield* made(c);
			expect(yield* c.call('fcntl', program, F_ADD_SEALS, EXEC)).toBe(0);
			expect(yield* c.call('fcntl', program, F_GET_SEALS, 0)).toBe(EXEC | SHRINK | GROW | WRITE | FUTURE);
			expect(yield* c.call('memfd_create', 'x', 0x18)).toBe(-EINVAL);
			expect(yield* c.call('memfd_create', 'x', 0x5400_0004)).toBe(-ENOSYS);
			expect(yield* c.call('memfd_create', 'x', 0x5400_0000)).toBe(-EINVAL);
		});
		onMachine('6.1', function* (c) {
			expect(yield* c.call('memfd_create', 'x', NOEXEC)).toBe(-EINVAL);
			expect(yield* c.call('fcntl', yield* made(c), F_ADD_SEALS, EXEC)).toBe(-EINVAL);
		});
	});
});
