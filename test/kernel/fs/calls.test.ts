/** Long, because each call of files is tried with both sides of its limits. */
import {describe, expect, test} from 'vitest';
import {ERA_NAMES, type EraName, erasBefore, erasFrom} from '../../../source/kernel/era/behaviour.ts';
import {
	EAGAIN,
	EBADF,
	EEXIST,
	EFAULT,
	EFBIG,
	EINVAL,
	EISDIR,
	EMFILE,
	ENAMETOOLONG,
	ENOENT,
	ENOSYS,
	ENOTDIR,
	ENOTEMPTY,
	EOPNOTSUPP,
	EPIPE,
	ESPIPE,
} from '../../../source/kernel/errno.ts';
import {do_fork} from '../../../source/kernel/fork.ts';
import {
	O_APPEND,
	O_CLOEXEC,
	O_CREAT,
	O_DIRECT,
	O_DIRECTORY,
	O_NONBLOCK,
	O_RDONLY,
	O_RDWR,
	O_WRONLY,
} from '../../../source/kernel/fs/file.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {msleep} from '../../../source/kernel/timer.ts';
import {Caller} from '../systemCalls.ts';
import {bootWithDisk, install, newProcess, runIn} from './machine.ts';

/** Runs a body on a machine with a disk, /etc/motd of a page, and a tmpfs at /tmp. */
function onMachine<T>(era: EraName, body: (c: Caller, k: Kernel) => Sleeps<T>): T {
	const machine = bootWithDisk({era});
	install(machine, '/etc/motd', 1);
	// The first process is init, which no signal ends.
	runIn(machine.k, newProcess(machine.k), function* () {});
	return runIn(machine.k, newProcess(machine.k), () => body(new Caller(machine.k), machine.k));
}

describe('vectors', () => {
	test.each(ERA_NAMES)('writev and readv move several buffers in one call in %s', era => {
		onMachine(era, function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const out = yield* c.words(yield* c.text('one'), 3, 0, 0, yield* c.text('two'), 3);
			expect(yield* c.call('writev', fd, out, 3)).toBe(6);
			expect(yield* c.call('lseek', fd, 1, 0)).toBe(1);
			const [a, b] = [yield* c.room(16), yield* c.room(16)];
			expect(yield* c.call('readv', fd, yield* c.words(a, 2, b, 16), 2)).toBe(5);
			expect((yield* c.readText(a, 2)) + (yield* c.readText(b, 3))).toBe('netwo');
			expect(yield* c.call('lseek', fd, 0, 1)).toBe(6);
		});
	});

	test('refuse what no vector can be', () => {
		onMachine('ldd3', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const good = yield* c.words(yield* c.text('x'), 1);
			expect(yield* c.call('writev', 99, good, 1)).toBe(-EBADF);
			expect(yield* c.call('writev', fd, good, 1025)).toBe(-EINVAL);
			expect(yield* c.call('writev', fd, 0x1000, 1)).toBe(-EFAULT);
			expect(yield* c.call('writev', fd, yield* c.words(0, -1), 1)).toBe(-EINVAL);
			expect(yield* c.call('writev', fd, yield* c.words(0xc000_0000, 1), 1)).toBe(-EFAULT);
			expect(yield* c.call('writev', fd, good, 0)).toBe(0);
		});
	});

	test.each([
		['2.6.32', -EINVAL],
		['3.2', -EFAULT],
	] as const)('of more than 2 GiB together: %s answers %i', (era, answer) => {
		onMachine(era, function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			expect(yield* c.call('writev', fd, yield* c.words(0x1000, 0x7000_0000, 0x1000, 0x7000_0000), 2)).toBe(answer);
		});
	});

	test('preadv and pwritev leave the position, from 2.6.30 on; a pipe has none', () => {
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('preadv', 0, 0, 0, 0, 0)).toBe(-ENOSYS);
		});
		for (const era of erasFrom('2.6.32'))
			onMachine(era, function* (c) {
				const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
				const vector = yield* c.words(yield* c.text('abc'), 3);
				expect(yield* c.call('pwritev', fd, vector, 1, 5, 0)).toBe(3);
				expect(yield* c.call('lseek', fd, 0, 1)).toBe(0);
				const to = yield* c.room(16);
				expect(yield* c.call('preadv', fd, yield* c.words(to, 16), 1, 6, 0)).toBe(2);
				expect(yield* c.readText(to, 2)).toBe('bc');
				expect(yield* c.call('preadv', fd, vector, 1, 0, -1)).toBe(-EINVAL);
				const ends = yield* c.room(8);
				yield* c.call('pipe', ends);
				const [read] = yield* c.readWords(ends, 2);
				expect(yield* c.call('preadv', read!, vector, 1, 0, 0)).toBe(-ESPIPE);
				expect(yield* c.call('pread64', read!, to, 1, 0, 0)).toBe(-ESPIPE);
			});
	});

	test('pwritev2 can append, and refuses flags that there are not', () => {
		onMachine('3.2', function* (c) {
			expect(yield* c.call('pwritev2', 0, 0, 0, 0, 0, 0)).toBe(-ENOSYS);
		});
		onMachine('5.10', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const vector = yield* c.words(yield* c.text('abc'), 3);
			expect(yield* c.call('pwritev2', fd, vector, 1, -1, -1, 0)).toBe(3);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, 0x10)).toBe(3);
			expect(yield* c.call('lseek', fd, 0, 2)).toBe(6);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, 0x4000)).toBe(-EOPNOTSUPP);
			expect(yield* c.call('pwritev2', fd, vector, 1, 0, 0, 0x8)).toBe(-EOPNOTSUPP);
		});
	});

	test.each([
		'readv',
		'writev',
		'preadv',
		'pwritev',
		'preadv2',
		'pwritev2',
	])('%s holds no reference to the file after its driver has crashed', name => {
		onMachine('5.10', function* (c, k) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			const file = k.cpu.current.files.fds.get(fd)!;
			const crash = (): never => {
				throw new Error('driver');
			};
			file.f_op = {name: 'crash', read: crash, write: crash};
			const vector = yield* c.words(yield* c.text('abc'), 3);
			let crashed = false;
			try {
				yield* c.call(name, fd, vector, 1, 0, 0, 0);
			} catch {
				crashed = true;
			}
			expect([crashed, file.f_count]).toEqual([true, 1]);
		});
	});
});

describe('descriptors', () => {
	test('dup takes the lowest free one, F_DUPFD the lowest from its argument on, up to RLIMIT_NOFILE', () => {
		onMachine('ldd3', function* (c) {
			const fd = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			expect(yield* c.call('dup', fd)).toBe(fd + 1);
			expect(yield* c.call('fcntl64', fd, 0, 10)).toBe(10);
			expect(yield* c.call('dup2', fd, 10)).toBe(10);
			expect(yield* c.call('dup2', fd, 1024)).toBe(-EBADF);
			expect(yield* c.call('dup2', 99, 1)).toBe(-EBADF);
			expect(yield* c.call('fcntl64', fd, 0, 1024)).toBe(-EINVAL);
			expect(yield* c.call('setrlimit', 7, yield* c.words(4, 1024))).toBe(0);
			expect(yield* c.call('dup', fd)).toBe(fd + 2);
			expect(yield* c.call('dup', fd)).toBe(fd + 3);
			expect(yield* c.call('dup', fd)).toBe(-EMFILE);
		});
	});

	test('dup3 is of 2.6.27: not onto itself, and O_CLOEXEC alone', () => {
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('dup3', 0, 1, 0)).toBe(-ENOSYS);
		});
		onMachine('2.6.32', function* (c) {
			const fd = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			expect(yield* c.call('dup3', fd, fd, 0)).toBe(-EINVAL);
			expect(yield* c.call('dup3', fd, 5, O_APPEND)).toBe(-EINVAL);
			expect(yield* c.call('dup3', fd, 5, O_CLOEXEC)).toBe(5);
			expect(yield* c.call('fcntl64', 5, 1, 0)).toBe(1);
			expect(yield* c.call('fcntl64', 5, 2, 0)).toBe(0);
			expect(yield* c.call('fcntl64', 5, 1, 0)).toBe(0);
			expect(yield* c.call('fcntl64', fd, 1030, 7)).toBe(7);
			expect(yield* c.call('fcntl64', 7, 1, 0)).toBe(1);
		});
	});

	test('F_SETFL changes appending, not blocking and O_DIRECT, and nothing else', () => {
		onMachine('ldd3', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			expect(yield* c.call('fcntl64', fd, 4, O_APPEND | O_NONBLOCK | O_WRONLY)).toBe(0);
			expect(yield* c.call('fcntl64', fd, 3, 0)).toBe(O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK);
			expect(yield* c.call('fcntl64', fd, 4, O_DIRECT)).toBe(-EINVAL);
			const onDisk = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			expect(yield* c.call('fcntl64', onDisk, 4, O_DIRECT)).toBe(0);
			expect(yield* c.call('fcntl64', fd, 77, 0)).toBe(-EINVAL);
			expect(yield* c.call('fcntl64', 99, 3, 0)).toBe(-EBADF);
		});
	});
});

describe('names', () => {
	test('a file that is unlinked lives as long as it is open', () => {
		onMachine('ldd3', function* (c, k) {
			const before = k.mappings.size;
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			yield* c.call('write', fd, yield* c.text('kept'), 4);
			expect(yield* c.call('unlink', '/tmp/x')).toBe(0);
			expect(yield* c.call('unlink', '/tmp/x')).toBe(-ENOENT);
			expect(yield* c.call('open', '/tmp/x', O_RDONLY, 0)).toBe(-ENOENT);
			const to = yield* c.room(4);
			expect(yield* c.call('pread64', fd, to, 4, 0, 0)).toBe(4);
			expect(yield* c.readText(to, 4)).toBe('kept');
			expect(k.mappings.size).toBe(before + 1);
			yield* c.call('close', fd);
			expect(k.mappings.size).toBe(before);
		});
	});

	test('its blocks on the disk can be used again', () => {
		onMachine('ldd3', function* (c, k) {
			const fd = yield* c.call('open', '/data', O_RDWR | O_CREAT, 0);
			yield* c.call('write', fd, yield* c.room(8192), 8192);
			yield* c.call('fsync', fd);
			yield* c.call('close', fd);
			const {freed} = k.vfs.mounts[0] as unknown as {freed: number[]};
			expect(freed).toHaveLength(0);
			yield* c.call('unlink', '/data');
			expect(freed).toHaveLength(2);
		});
	});

	test('mkdir and rmdir', () => {
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('mkdir', '/tmp/d', 0)).toBe(0);
			expect(yield* c.call('mkdir', '/tmp/d', 0)).toBe(-EEXIST);
			expect(yield* c.call('mkdir', '/tmp/none/d', 0)).toBe(-ENOENT);
			expect(yield* c.call('mkdir', '/etc/motd/d', 0)).toBe(-ENOTDIR);
			expect(yield* c.call('open', '/tmp/none/x', O_RDWR | O_CREAT, 0)).toBe(-ENOENT);
			expect(yield* c.call('open', '/tmp/d/x', O_RDWR | O_CREAT, 0)).toBeGreaterThanOrEqual(0);
			expect(yield* c.call('rmdir', '/tmp/d')).toBe(-ENOTEMPTY);
			expect(yield* c.call('unlink', '/tmp/d')).toBe(-EISDIR);
			expect(yield* c.call('rmdir', '/tmp/d/x')).toBe(-ENOTDIR);
			expect(yield* c.call('unlink', '/tmp/d/x')).toBe(0);
			expect(yield* c.call('rmdir', '/tmp/d')).toBe(0);
			expect(yield* c.call('rmdir', '/tmp/d')).toBe(-ENOENT);
		});
	});

	test('a directory opens to be read, and says what is in it', () => {
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('open', '/etc', O_RDWR, 0)).toBe(-EISDIR);
			expect(yield* c.call('open', '/etc/motd', O_RDONLY | O_DIRECTORY, 0)).toBe(-ENOTDIR);
			const fd = yield* c.call('open', '/etc/', O_RDONLY | O_DIRECTORY, 0);
			const to = yield* c.room(256);
			expect(yield* c.call('read', fd, to, 1)).toBe(-EISDIR);
			expect(yield* c.call('getdents', fd, to, 11)).toBe(-EINVAL);
			const bytes = yield* c.call('getdents', fd, to, 256);
			const text = yield* c.readText(to, bytes);
			expect([...text.matchAll(/[a-z.]+/g)].map(([name]) => name)).toEqual(['.', '..', 'motd']);
			expect(yield* c.call('getdents64', fd, to, 256)).toBe(0);
			expect(yield* c.call('getdents64', yield* c.call('open', '/etc/motd', 0, 0), to, 256)).toBe(-ENOTDIR);
		});
	});

	test('a name of 255 bytes is one, of 256 it is too long', () => {
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('open', `/tmp/${'n'.repeat(255)}`, O_RDWR | O_CREAT, 0)).toBeGreaterThanOrEqual(0);
			expect(yield* c.call('open', `/tmp/${'n'.repeat(256)}`, O_RDWR | O_CREAT, 0)).toBe(-ENAMETOOLONG);
		});
	});

	test('rename takes the place of what was there', () => {
		onMachine('ldd3', function* (c) {
			for (const name of ['/tmp/a', '/tmp/b']) {
				const fd = yield* c.call('creat', name, 0);
				yield* c.call('write', fd, yield* c.text(name), 6);
				yield* c.call('close', fd);
			}
			expect(yield* c.call('rename', '/tmp/a', '/tmp/b')).toBe(0);
			expect(yield* c.call('access', '/tmp/a', 0)).toBe(-ENOENT);
			const to = yield* c.room(6);
			yield* c.call('read', yield* c.call('open', '/tmp/b', 0, 0), to, 6);
			expect(yield* c.readText(to, 6)).toBe('/tmp/a');
			expect(yield* c.call('rename', '/tmp/a', '/tmp/b')).toBe(-ENOENT);
		});
	});

	test('stat says kind, size and names, and opens nothing', () => {
		onMachine('ldd3', function* (c) {
			const to = yield* c.room(96);
			expect(yield* c.call('newstat', '/etc/motd', to)).toBe(0);
			const small = yield* c.readWords(to, 8);
			expect([small[2]! & 0xffff, small[2]! >>> 16, small[5], small[6], small[7]]).toEqual([
				0o100644, 1, 4096, 4096, 8,
			]);
			expect(yield* c.call('stat64', '/etc', to)).toBe(0);
			expect((yield* c.readWords(to, 24))[4]).toBe(0o040755);
			expect(yield* c.call('stat64', '/none', to)).toBe(-ENOENT);
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			expect(yield* c.call('ftruncate64', fd, 0, 1)).toBe(0);
			expect(yield* c.call('newfstat', fd, to)).toBe(-75);
			expect(yield* c.call('fstat64', fd, to)).toBe(0);
			expect((yield* c.readWords(to, 24)).slice(11, 13)).toEqual([0, 1]);
		});
	});

	test('truncate by name, within RLIMIT_FSIZE', () => {
		onMachine('ldd3', function* (c, k) {
			expect(yield* c.call('truncate', '/etc/motd', 100)).toBe(0);
			expect(yield* c.call('truncate', '/etc', 100)).toBe(-EISDIR);
			expect(yield* c.call('truncate', '/etc/motd', -1)).toBe(-EINVAL);
			expect(yield* c.call('setrlimit', 1, yield* c.words(200, 200))).toBe(0);
			expect(yield* c.call('truncate', '/etc/motd', 200)).toBe(0);
			const fd = yield* c.call('open', '/etc/motd', O_RDWR, 0);
			expect(yield* c.call('pwrite64', fd, yield* c.room(64), 64, 180, 0)).toBe(20);
			expect(k.cpu.current.fatalSignal).toBe(0);
			expect(yield* c.call('truncate', '/etc/motd', 201)).toBe(-EFBIG);
			expect(k.cpu.current.fatalSignal).toBe(25);
		});
	});
});

describe('pipes and events', () => {
	test('a pipe gives what was written, then its end; without readers a writer gets SIGPIPE', () => {
		onMachine('ldd3', function* (c, k) {
			const ends = yield* c.room(8);
			expect(yield* c.call('pipe', ends)).toBe(0);
			const [read, write] = (yield* c.readWords(ends, 2)) as [number, number];
			expect(yield* c.call('write', write, yield* c.text('through'), 7)).toBe(7);
			const to = yield* c.room(16);
			expect(yield* c.call('read', read, to, 4)).toBe(4);
			expect(yield* c.call('read', read, to + 4, 16)).toBe(3);
			expect(yield* c.readText(to, 7)).toBe('through');
			expect(yield* c.call('fcntl64', read, 4, O_NONBLOCK)).toBe(0);
			expect(yield* c.call('read', read, to, 1)).toBe(-EAGAIN);
			expect(yield* c.call('lseek', read, 0, 0)).toBe(-ESPIPE);
			expect(yield* c.call('read', write, to, 1)).toBe(-EBADF);
			yield* c.call('fcntl64', write, 4, O_NONBLOCK);
			expect(yield* c.call('write', write, yield* c.room(70_000), 70_000)).toBe(65_536);
			expect(yield* c.call('write', write, to, 1)).toBe(-EAGAIN);
			yield* c.call('close', read);
			expect(yield* c.call('write', write, to, 1)).toBe(-EPIPE);
			expect(k.cpu.current.fatalSignal).toBe(13);
		});
	});

	test('a reader of a pipe sleeps until somebody writes', () => {
		onMachine('ldd3', function* (c, k) {
			const ends = yield* c.room(8);
			yield* c.call('pipe', ends);
			const [read, write] = (yield* c.readWords(ends, 2)) as [number, number];
			const from = yield* c.text('late');
			const before = k.hw.timeline.nowNs;
			yield* do_fork(k, {
				*body() {
					yield* msleep(k, 5);
					yield* c.call('write', write, from, 4);
				},
			});
			const to = yield* c.room(4);
			expect(yield* c.call('read', read, to, 4)).toBe(4);
			expect(k.hw.timeline.nowNs - before).toBeGreaterThan(5e6);
		});
	});

	test('an eventfd counts, from 2.6.22 on', () => {
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('eventfd', 0)).toBe(-ENOSYS);
		});
		for (const era of erasFrom('2.6.32'))
			onMachine(era, function* (c) {
				const to = yield* c.room(8);
				const add = (yield* c.words(3, 0)) as number;
				const fd = yield* c.call('eventfd2', 2, O_NONBLOCK);
				expect(yield* c.call('write', fd, add, 8)).toBe(8);
				expect(yield* c.call('write', fd, add, 7)).toBe(-EINVAL);
				expect(yield* c.call('write', fd, yield* c.words(-1, -1), 8)).toBe(-EINVAL);
				expect(yield* c.call('read', fd, to, 7)).toBe(-EINVAL);
				expect(yield* c.call('read', fd, to, 8)).toBe(8);
				expect(yield* c.readWords(to, 2)).toEqual([5, 0]);
				expect(yield* c.call('read', fd, to, 8)).toBe(-EAGAIN);
				const semaphore = yield* c.call('eventfd2', 2, 1);
				expect(yield* c.call('read', semaphore, to, 8)).toBe(8);
				expect(yield* c.readWords(to, 2)).toEqual([1, 0]);
				expect(yield* c.call('eventfd2', 0, 2)).toBe(-EINVAL);
			});
	});
});

describe('ranges of files', () => {
	test('memfd_create is of 3.17', () => {
		for (const era of erasBefore('5.10'))
			onMachine(era, function* (c) {
				expect(yield* c.call('memfd_create', 'x', 0)).toBe(-ENOSYS);
			});
		onMachine('5.10', function* (c) {
			expect(yield* c.call('memfd_create', 'n'.repeat(249), 0)).toBeGreaterThanOrEqual(0);
			expect(yield* c.call('memfd_create', 'n'.repeat(250), 0)).toBe(-EINVAL);
			expect(yield* c.call('memfd_create', 'x', 0x100)).toBe(-EINVAL);
			expect(yield* c.call('memfd_create', 'x', 4)).toBe(-ENOSYS);
		});
	});

	test('fallocate makes room in a tmpfs and holes of zeros; a disk like ext2 cannot', () => {
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('fallocate', 0, 0, 0, 0, 1, 0)).toBe(-ENOSYS);
		});
		onMachine('3.2', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			expect(yield* c.call('fallocate', fd, 0, 0, 0, 4096, 0)).toBe(-EOPNOTSUPP);
		});
		onMachine('5.10', function* (c) {
			const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
			expect(yield* c.call('fallocate', fd, 0, 0, 0, 0, 0)).toBe(-EINVAL);
			expect(yield* c.call('fallocate', fd, 2, 0, 0, 1, 0)).toBe(-EOPNOTSUPP);
			expect(yield* c.call('fallocate', fd, 0, 0, 0, 10_000, 0)).toBe(0);
			expect(yield* c.call('lseek', fd, 0, 2)).toBe(10_000);
			yield* c.call('pwrite64', fd, yield* c.text('x'.repeat(9000)), 9000, 0, 0);
			expect(yield* c.call('fallocate', fd, 3, 10, 0, 8500, 0)).toBe(0);
			const to = yield* c.room(9000);
			yield* c.call('pread64', fd, to, 9000, 0, 0);
			const text = yield* c.readText(to, 9000);
			expect(text).toBe('x'.repeat(10) + '\0'.repeat(8500) + 'x'.repeat(490));
			expect(yield* c.call('fallocate', yield* c.call('open', '/etc/motd', O_RDWR, 0), 0, 0, 0, 1, 0)).toBe(
				-EOPNOTSUPP,
			);
		});
	});

	test('fadvise and readahead fill and empty the cache', () => {
		onMachine('ldd3', function* (c, k) {
			const fd = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
			const {pages} = k.vfs.nodes.get('/etc/motd')!.i_mapping;
			expect(yield* c.call('readahead', fd, 0, 0, 4096)).toBe(0);
			expect(pages.size).toBe(1);
			const to = yield* c.room(8);
			yield* c.call('read', fd, to, 8);
			expect(yield* c.call('fadvise64', fd, 0, 0, 4095, 4)).toBe(0);
			expect(pages.size).toBe(1);
			expect(yield* c.call('fadvise64', fd, 0, 0, 0, 4)).toBe(0);
			expect(pages.size).toBe(0);
			expect(yield* c.call('fadvise64', fd, 0, 0, 0, 6)).toBe(-EINVAL);
			expect(yield* c.call('sync_file_range', fd, 0, 0, 0, 0, 1)).toBe(-ENOSYS);
		});
	});
});

test('a request of AIO that has ended is counted by its eventfd, and any other descriptor is refused', () => {
	onMachine('2.6.32', function* (c) {
		const fd = yield* c.call('open', '/etc/motd', O_RDONLY, 0);
		const counter = yield* c.call('eventfd2', 0, O_NONBLOCK);
		const ctxp = yield* c.words(0);
		yield* c.call('io_setup', 1, ctxp);
		const [ctx] = yield* c.readWords(ctxp, 1);
		const to = yield* c.room(64);
		const read = function* (resfd: number) {
			const iocb = yield* c.words(0, 0, 0, 0, 0, fd, to, 0, 64, 0, 0, 0, 0, 0, 1, resfd);
			return yield* c.call('io_submit', ctx!, 1, yield* c.words(iocb));
		};
		expect(yield* read(99)).toBe(-EBADF);
		expect(yield* read(fd)).toBe(-EINVAL);
		expect(yield* c.call('read', counter, to, 8)).toBe(-EAGAIN);
		expect(yield* read(counter)).toBe(1);
		expect(yield* c.call('io_getevents', ctx!, 1, 1, yield* c.room(32), 0)).toBe(1);
		expect(yield* c.call('read', counter, to, 8)).toBe(8);
		expect(yield* c.readWords(to, 2)).toEqual([1, 0]);
	});
});
