/**
 * Calls about processes: what they are made of, who waits for whom, what they have used.
 *
 * Long, because each call is tried with both sides of its limits.
 */
import {describe, expect, test} from 'vitest';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import {
	EBADF,
	ECHILD,
	EFAULT,
	EINTR,
	EINVAL,
	ENOENT,
	ENOSYS,
	ENOTDIR,
	EPERM,
	ESRCH,
} from '../../source/kernel/errno.ts';
import {do_group_exit} from '../../source/kernel/exit.ts';
import {O_CREAT, O_DIRECTORY, O_RDONLY, O_RDWR} from '../../source/kernel/fs/file.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {printk} from '../../source/kernel/printk.ts';
import type {task_struct} from '../../source/kernel/sched.ts';
import {dieIfKilled} from '../../source/kernel/signal.ts';
import {sigmask} from '../../source/kernel/signal_state.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {msleep} from '../../source/kernel/timer.ts';
import {bootWithDisk, newProcess, runIn} from './fs/machine.ts';
import {Caller} from './systemCalls.ts';

function onMachine<T>(era: EraName, body: (c: Caller, k: Kernel) => Sleeps<T>): T {
	const {k} = bootWithDisk({era});
	// The first process is init, which no signal ends.
	runIn(k, newProcess(k), function* () {});
	return runIn(k, newProcess(k), () => body(new Caller(k), k));
}

const [SIGUSR1, SIGCHLD] = [10, 17];
const [CLONE_VM, CLONE_SIGHAND, CLONE_VFORK, CLONE_PARENT, CLONE_THREAD] = [0x100, 0x800, 0x4000, 0x8000, 0x1_0000];
const [CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID] = [0x10_0000, 0x20_0000, 0x100_0000];
const thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
const [WNOHANG, WSTOPPED, WEXITED, WNOWAIT] = [1, 2, 4, 0x100_0000];
const anyChild = 0;

describe('syslog', () => {
	test('gives the newest lines that fit whole, to the very byte', () => {
		onMachine('6.1', function* (c, k) {
			expect(yield* c.call('syslog', 10)).toBe(1 << 17);
			expect(yield* c.call('syslog', 5)).toBe(0);
			printk(k, 6, 'one');
			printk(k, 4, 'two');
			const bytes = '<4>[    0.000000] two\n'.length;
			const at = yield* c.room(200);
			expect(yield* c.call('syslog', 3, at, bytes - 1)).toBe(0);
			expect(yield* c.call('syslog', 3, at, bytes)).toBe(bytes);
			expect(yield* c.readText(at, bytes)).toMatch(/^<4>\[ +0\.\d{6}\] two\n$/);
			expect(yield* c.call('syslog', 3, at, 2 * bytes)).toBe(2 * bytes);
			expect(yield* c.call('syslog', 3, 0, bytes)).toBe(-EINVAL);
			expect(yield* c.call('syslog', 3, 16, bytes)).toBe(-EFAULT);
			// Without room nothing is read, and nothing cleared.
			expect(yield* c.call('syslog', 4, at, 0)).toBe(0);
			expect(yield* c.call('syslog', 4, at, 200)).toBe(2 * bytes);
			expect(yield* c.call('syslog', 3, at, 200)).toBe(0);
		});
	});

	test('takes a level of 1 to 8, from root alone', () => {
		onMachine('ldd3', function* (c) {
			for (const [level, answer] of [
				[0, -EINVAL],
				[1, 0],
				[8, 0],
				[9, -EINVAL],
			] as const)
				expect(yield* c.call('syslog', 8, 0, level)).toBe(answer);
			expect(yield* c.call('syslog', 6)).toBe(0);
			expect(yield* c.call('syslog', 7)).toBe(0);
			expect(yield* c.call('syslog', 11)).toBe(-EINVAL);
			expect(yield* c.call('setuid', 1)).toBe(0);
			expect(yield* c.call('syslog', 8, 0, 3)).toBe(-EPERM);
			expect(yield* c.call('syslog', 10)).toBe(1 << 17);
		});
	});
});

describe('clone', () => {
	test('refuses flags that contradict each other, and namespaces', () => {
		onMachine('6.1', function* (c) {
			expect(yield* c.call('clone', CLONE_THREAD | CLONE_VM, 0)).toBe(-EINVAL);
			expect(yield* c.call('clone', CLONE_SIGHAND, 0)).toBe(-EINVAL);
			expect(yield* c.call('clone', 0x2_0000 | SIGCHLD, 0)).toBe(-EINVAL);
			expect(yield* c.call('clone', 0x4000_0000 | SIGCHLD, 0)).toBe(-EINVAL);
		});
		// 2.6.11 has not heard of CLONE_NEWNET.
		onMachine('ldd3', function* (c) {
			expect(yield* c.call('clone', 0x4000_0000 | SIGCHLD, 0)).toBeGreaterThan(0);
		});
	});

	test.each(ERA_NAMES)('stores the child’s number on either side, and clears it at the end, in %s', era => {
		onMachine(era, function* (c, k) {
			const ids = yield* c.words(0, 0);
			let seen: number[] = [];
			c.goOn = function* () {
				seen = yield* c.readWords(ids, 2);
				return 0;
			};
			const flags = CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
			const pid = yield* c.call('clone', flags, 0, ids, 0, ids + 4);
			expect(yield* c.call('wait4', -1, 0, 0, 0)).toBe(pid);
			expect(seen).toEqual([pid, pid]);
			expect(yield* c.readWords(ids, 2)).toEqual([pid, 0]);
			expect(k.sched.tasks.has(pid)).toBe(false);
			const vforked = yield* c.call('clone', CLONE_VFORK | CLONE_VM | CLONE_PARENT_SETTID | SIGCHLD, 0, ids);
			expect(seen).toEqual([vforked, 0]);
		});
	});

	test.each(ERA_NAMES)('where memory is copied, the child of 2.6.11 alone sees its number there too: %s', era => {
		onMachine(era, function* (c) {
			const isFirst = era === 'ldd3';
			const ids = yield* c.words(7);
			let seen: number[] = [];
			c.goOn = function* () {
				seen = yield* c.readWords(ids, 1);
				return 0;
			};
			const pid = yield* c.call('clone', CLONE_PARENT_SETTID | SIGCHLD, 0, ids);
			yield* c.call('wait4', pid, 0, 0, 0);
			expect(seen).toEqual([isFirst ? pid : 7]);
			expect(yield* c.readWords(ids, 1)).toEqual([pid]);
			const unwritable = yield* c.call('clone', CLONE_PARENT_SETTID | SIGCHLD, 0, 16);
			expect(unwritable > 0 ? 'a child' : unwritable).toBe(isFirst ? -EFAULT : 'a child');
		});
	});

	test('without CLEARTID, or after the memory is the child’s own, nothing is cleared', () => {
		onMachine('2.6.32', function* (c) {
			const ids = yield* c.words(0, 7);
			const pid = yield* c.call('clone', CLONE_VM | CLONE_CHILD_SETTID | SIGCHLD, 0, ids, 0, ids + 4);
			yield* c.call('wait4', -1, 0, 0, 0);
			expect(yield* c.readWords(ids, 2)).toEqual([0, pid]);
			yield* c.call('clone', CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0, 0, ids);
			yield* c.call('wait4', -1, 0, 0, 0);
			expect(yield* c.readWords(ids, 1)).toEqual([0]);
		});
	});

	test('set_tid_address names the place of the caller itself', () => {
		onMachine('2.6.32', function* (c, k) {
			const at = yield* c.words(5, 5);
			c.goOn = function* (kernel) {
				const mine = new Caller(kernel);
				expect(yield* mine.call('set_tid_address', at)).toBe(kernel.cpu.current.pid);
				return 0;
			};
			yield* c.call('clone', CLONE_VM | SIGCHLD, 0);
			yield* c.call('wait4', -1, 0, 0, 0);
			expect(yield* c.readWords(at, 2)).toEqual([0, 5]);
			expect(k.cpu.current.clear_child_tid).toBe(0);
		});
	});

	test('vfork sleeps until the child has ended; fork does not', () => {
		onMachine('ldd3', function* (c, k) {
			let ended = 0;
			c.goOn = function* () {
				yield* msleep(k, 30);
				ended++;
				return 0;
			};
			yield* c.call('vfork');
			expect(ended).toBe(1);
			yield* c.call('fork');
			expect(ended).toBe(1);
			yield* c.call('clone', CLONE_VFORK | SIGCHLD, 0);
			expect(ended).toBeGreaterThan(1);
		});
	});
});

describe('threads of a process', () => {
	test('are no children, and ask for the parent of their process', () => {
		onMachine('2.6.32', function* (c, k) {
			const {pid, parent} = k.cpu.current;
			let asked: number[] = [];
			c.goOn = function* (kernel) {
				const mine = new Caller(kernel);
				asked = [yield* mine.call('getpid'), yield* mine.call('gettid'), yield* mine.call('getppid')];
				return 3;
			};
			const id = yield* c.call('clone', thread, 0);
			yield* msleep(k, 10);
			expect(asked).toEqual([pid, id, parent?.tgid ?? 0]);
			expect(k.sched.tasks.has(id)).toBe(false);
			expect(yield* c.call('wait4', -1, 0, 0, 0)).toBe(-ECHILD);
		});
	});

	test('keep their process: it has ended when the last of them has, and then with what exit_group said', () => {
		onMachine('2.6.32', function* (c, k) {
			let inner: task_struct | undefined;
			c.goOn = function* (kernel) {
				const mine = new Caller(kernel);
				mine.goOn = function* () {
					inner = kernel.cpu.current;
					yield* msleep(kernel, 40);
					do_group_exit(kernel, kernel.cpu.current, 7 << 8);
					return 1;
				};
				yield* mine.call('clone', thread, 0);
				return 2;
			};
			const pid = yield* c.call('fork');
			yield* msleep(k, 20);
			expect(k.sched.tasks.get(pid)?.state).toBe('EXIT_ZOMBIE');
			const status = yield* c.words(0);
			expect(yield* c.call('wait4', pid, status, WNOHANG, 0)).toBe(0);
			expect(yield* c.call('wait4', pid, status, 0, 0)).toBe(pid);
			expect(inner?.state).toBe('EXIT_DEAD');
			// The first thread had ended by itself before.
			expect(yield* c.readWords(status, 1)).toEqual([2 << 8]);
		});
	});

	test('end together when one is killed or calls exit_group', () => {
		onMachine('5.10', function* (c, k) {
			const status = yield* c.words(0);
			for (const [how, expected] of [
				['kill', SIGUSR1],
				['exit_group', 5 << 8],
			] as const) {
				c.goOn = function* (kernel) {
					const mine = new Caller(kernel);
					mine.goOn = function* () {
						if (how === 'exit_group') do_group_exit(kernel, kernel.cpu.current, 5 << 8);
						else yield* mine.call('kill', kernel.cpu.current.tgid, SIGUSR1);
						return 0;
					};
					yield* mine.call('clone', thread, 0);
					yield* mine.call('pause');
					dieIfKilled(kernel);
					return 0;
				};
				const pid = yield* c.call('fork');
				expect(yield* c.call('wait4', pid, status, 0, 0)).toBe(pid);
				expect(yield* c.readWords(status, 1), how).toEqual([expected]);
				expect([...k.sched.tasks.values()].filter(({tgid}) => tgid === pid)).toEqual([]);
			}
		});
	});

	test('CLONE_PARENT makes a sister; other signals than SIGCHLD need __WCLONE', () => {
		onMachine('2.6.32', function* (c, k) {
			const other = yield* c.call('clone', SIGUSR1 & 0, 0);
			yield* msleep(k, 5);
			expect(yield* c.call('wait4', -1, 0, 0, 0)).toBe(-ECHILD);
			expect(yield* c.call('wait4', -1, 0, 0x8000_0000, 0)).toBe(other);
			const {parent} = k.cpu.current;
			const before = parent?.children.length ?? 0;
			yield* c.call('clone', CLONE_PARENT | SIGCHLD, 0);
			expect((parent?.children.length ?? 1) - before).toBe(1);
			expect(yield* c.call('wait4', -1, 0, WNOHANG, 0)).toBe(-ECHILD);
		});
	});
});

describe('waitid', () => {
	test('says who ended and how, and leaves a child with WNOWAIT', () => {
		onMachine('2.6.32', function* (c, k) {
			c.goOn = function* () {
				return 9;
			};
			const pid = yield* c.call('fork');
			yield* msleep(k, 5);
			const info = yield* c.words(0, 0, 0, 0, 0, 0);
			expect(yield* c.call('waitid', anyChild, 0, info, WEXITED | WNOWAIT, 0)).toBe(0);
			expect(yield* c.readWords(info, 6)).toEqual([SIGCHLD, 0, 1, pid, 0, 9]);
			expect(yield* c.call('waitid', 1, pid, info, WEXITED, 0)).toBe(0);
			expect(yield* c.call('waitid', 1, pid, info, WEXITED, 0)).toBe(-ECHILD);
		});
	});

	test('without WEXITED waits for what never comes, as long as a child lives', () => {
		onMachine('2.6.32', function* (c, k) {
			const info = yield* c.words(1, 1, 1, 1, 1, 1);
			c.goOn = function* () {
				yield* msleep(k, 30);
				return 0;
			};
			const pid = yield* c.call('fork');
			expect(yield* c.call('waitid', anyChild, 0, info, WSTOPPED | WNOHANG, 0)).toBe(0);
			expect(yield* c.readWords(info, 1)).toEqual([0]);
			// It ends meanwhile, and then there is none to wait for.
			expect(yield* c.call('waitid', anyChild, 0, info, WSTOPPED, 0)).toBe(-ECHILD);
			expect(k.sched.tasks.get(pid)?.state).toBe('EXIT_ZOMBIE');
			expect(yield* c.call('waitid', anyChild, 0, info, WNOHANG, 0)).toBe(-EINVAL);
			expect(yield* c.call('waitid', 3, 0, info, WEXITED, 0)).toBe(-EINVAL);
			expect(yield* c.call('waitid', 1, 0, info, WEXITED, 0)).toBe(-EINVAL);
		});
	});
});

describe('getrusage', () => {
	test.each(['ldd3', '2.6.32'] as const)('keeps the process, its threads and its children apart in %s', era => {
		onMachine(era, function* (c, k) {
			const {current} = k.cpu;
			const usage = yield* c.room(72);
			const faults = function* (who: number) {
				const error = yield* c.call('getrusage', who, usage);
				return error < 0 ? error : (yield* c.readWords(usage, 18))[8]!;
			};
			c.goOn = function* (kernel) {
				kernel.cpu.current.min_flt += 1_000;
				return 0;
			};
			expect(yield* faults(-1)).toBe(0);
			const pid = yield* c.call('fork');
			yield* msleep(k, 5);
			expect(yield* faults(-1)).toBe(0);
			expect(yield* c.call('wait4', pid, 0, 0, usage)).toBe(pid);
			const child = (yield* c.readWords(usage, 18))[8]!;
			expect(child).toBeGreaterThanOrEqual(1_000);
			expect(yield* faults(-1)).toBe(child);
			const own = current.min_flt;
			yield* c.call('clone', thread, 0);
			yield* msleep(k, 5);
			expect(yield* faults(0)).toBe(own + 1_000);
			expect(yield* faults(1)).toBe(era === 'ldd3' ? -EINVAL : own);
			expect(yield* faults(2)).toBe(-EINVAL);
			expect(yield* c.call('getrusage', 0, 1)).toBe(-EFAULT);
		});
	});

	test('the largest residence outlives the address space', () => {
		onMachine('6.1', function* (c, k) {
			const usage = yield* c.room(72);
			c.goOn = function* (kernel) {
				kernel.cpu.current.mm!.hiwater_rss = 500;
				return 0;
			};
			yield* c.call('wait4', yield* c.call('fork'), 0, 0, usage);
			expect((yield* c.readWords(usage, 5))[4]).toBe(2_000);
			expect(k.cpu.current.signal.cmaxrss).toBe(500);
		});
	});
});

describe('sysinfo', () => {
	test('rounds the time up, and counts buffers, processes and memory in bytes', () => {
		onMachine('6.1', function* (c, k) {
			const info = yield* c.room(64);
			k.filemap.nr_shmem = 3;
			expect(yield* c.call('sysinfo', info)).toBe(0);
			const words = yield* c.readWords(info, 14);
			expect(words[0]).toBe(Math.ceil(k.hw.timeline.nowNs / 1e9));
			expect(words[0]! * 1e9).toBeGreaterThan(k.hw.timeline.nowNs);
			expect(words[4]).toBe(k.pages.zones.reduce((sum, zone) => sum + zone.managed_pages, 0) * 4096);
			expect([words[6], words[7], words[10], words[13]]).toEqual([3 * 4096, 0, k.sched.tasks.size, 1]);
			expect(yield* c.call('sysinfo', 1)).toBe(-EFAULT);
		});
		// Kernels before 3.16 do not count shared memory there.
		onMachine('3.2', function* (c, k) {
			const info = yield* c.room(64);
			k.filemap.nr_shmem = 3;
			yield* c.call('sysinfo', info);
			expect((yield* c.readWords(info, 7))[6]).toBe(0);
		});
	});
});

describe('prlimit64', () => {
	test('gets and sets in 64 bits, of others too; since 2.6.36', () => {
		onMachine('3.2', function* (c, k) {
			const [old, next] = [yield* c.room(16), yield* c.words(0x10_0000, 0, 0x20_0000, 0)];
			expect(yield* c.call('prlimit64', 0, 3, next, old)).toBe(0);
			expect(yield* c.readWords(old, 4)).toEqual([8 << 20, 0, 0xffff_ffff, 0xffff_ffff]);
			expect(yield* c.call('prlimit64', k.cpu.current.pid, 3, 0, old)).toBe(0);
			expect(yield* c.readWords(old, 4)).toEqual([0x10_0000, 0, 0x20_0000, 0]);
			expect(yield* c.call('prlimit64', 0, 3, yield* c.words(2, 0, 1, 0), 0)).toBe(-EINVAL);
			expect(yield* c.call('prlimit64', 0, 7, yield* c.words(1, 0, 1_048_577, 0), 0)).toBe(-EPERM);
			expect(yield* c.call('prlimit64', 999, 3, 0, old)).toBe(-ESRCH);
			expect(yield* c.call('prlimit64', 0, 16, 0, old)).toBe(-EINVAL);
			expect(yield* c.call('prlimit64', 0, 3, 1, 0)).toBe(-EFAULT);
		});
		onMachine('2.6.32', function* (c) {
			expect(yield* c.call('prlimit64', 0, 3, 0, yield* c.room(16))).toBe(-ENOSYS);
		});
	});
});

describe('signals', () => {
	test('tgkill looks for the thread in its process', () => {
		onMachine('2.6.32', function* (c, k) {
			const {pid, tgid} = k.cpu.current;
			expect(yield* c.call('tgkill', tgid, pid, 0)).toBe(0);
			expect(yield* c.call('tgkill', tgid + 1, pid, 0)).toBe(-ESRCH);
			expect(yield* c.call('tgkill', tgid, 999, 0)).toBe(-ESRCH);
			expect(yield* c.call('tgkill', 0, pid, 0)).toBe(-EINVAL);
			expect(yield* c.call('tgkill', tgid, pid, 65)).toBe(-EINVAL);
		});
	});

	test('sigsuspend sleeps with another mask until a handler has to run', () => {
		onMachine('2.6.32', function* (c, k) {
			const {current} = k.cpu;
			current.signals.action.set(SIGUSR1, {handler: 0x1000, flags: 0, restorer: 0, mask: 0n});
			current.signals.blocked = sigmask(SIGUSR1);
			yield* c.call('kill', 0, SIGUSR1);
			expect(current.signals.pending).toHaveLength(1);
			c.goOn = function* (kernel) {
				yield* msleep(kernel, 10);
				return 0;
			};
			expect(yield* c.call('sigsuspend', 0, 0, 0)).toBe(-EINTR);
			expect([current.signals.savedMask, current.signals.blocked]).toEqual([sigmask(SIGUSR1), 0n]);
			expect(yield* c.call('rt_sigsuspend', yield* c.words(0, 0), 4)).toBe(-EINVAL);
			expect(yield* c.call('rt_sigsuspend', 1, 8)).toBe(-EFAULT);
			current.signals.pending.length = 0;
		});
	});
});

describe('io_pgetevents', () => {
	test('waits with another mask, and looks at it first; since 4.18', () => {
		onMachine('5.10', function* (c, k) {
			const {signals} = k.cpu.current;
			const context = yield* c.words(0);
			yield* c.call('io_setup', 1, context);
			const [ctx = 0] = yield* c.readWords(context, 1);
			const [mask, soon] = [yield* c.words(1 << (SIGUSR1 - 1), 0), yield* c.words(0, 1_000_000)];
			expect(yield* c.call('io_pgetevents', ctx, 0, 1, 0, soon, 1)).toBe(-EFAULT);
			expect(yield* c.call('io_pgetevents', ctx, 0, 1, 0, soon, yield* c.words(mask, 4))).toBe(-EINVAL);
			expect(yield* c.call('io_pgetevents', ctx, 0, 1, 0, soon, yield* c.words(1, 8))).toBe(-EFAULT);
			expect(signals.savedMask).toBeUndefined();
			expect(yield* c.call('io_pgetevents', ctx, 1, 1, 0, soon, yield* c.words(mask, 8))).toBe(0);
			expect([signals.blocked, signals.savedMask]).toEqual([sigmask(SIGUSR1), 0n]);
			expect(yield* c.call('io_pgetevents', ctx, 0, 1, 0, soon, 0)).toBe(0);
		});
		onMachine('3.2', function* (c) {
			expect(yield* c.call('io_pgetevents', 0, 0, 1, 0, 0, 0)).toBe(-ENOSYS);
		});
	});
});

describe('calls that begin in a directory', () => {
	test('take its descriptor for what is relative, and nothing for what is not', () => {
		onMachine('2.6.32', function* (c) {
			expect(yield* c.call('mkdir', '/tmp/d', 0)).toBe(0);
			const dir = yield* c.call('open', '/tmp/d', O_RDONLY | O_DIRECTORY, 0);
			const file = yield* c.call('openat', dir, 'x', O_RDWR | O_CREAT, 0);
			expect(file).toBeGreaterThan(dir);
			expect(yield* c.call('access', '/tmp/d/x', 0)).toBe(0);
			expect(yield* c.call('faccessat', dir, '../d/x', 0)).toBe(0);
			expect(yield* c.call('faccessat', -100, 'tmp/d/x', 0)).toBe(0);
			expect(yield* c.call('faccessat', 99, '/tmp/d/x', 0)).toBe(0);
			expect(yield* c.call('faccessat', 99, 'x', 0)).toBe(-EBADF);
			expect(yield* c.call('faccessat', file, 'x', 0)).toBe(-ENOTDIR);
			expect(yield* c.call('faccessat', dir, '', 0)).toBe(-ENOENT);
			expect(yield* c.call('mkdirat', dir, 'e', 0)).toBe(0);
			expect(yield* c.call('fstatat64', dir, 'e', yield* c.room(96), 0)).toBe(0);
			expect(yield* c.call('unlinkat', dir, 'e', 0x200)).toBe(0);
			expect(yield* c.call('unlinkat', dir, 'x', 0)).toBe(0);
			expect(yield* c.call('access', '/tmp/d/x', 0)).toBe(-ENOENT);
		});
	});
});
