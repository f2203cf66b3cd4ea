import {describe, expect, it} from 'vitest';
import {SIGKILL} from '../../source/kernel/bug.ts';
import {ERA_NAMES, type EraName, erasBefore, erasFrom} from '../../source/kernel/era/behaviour.ts';
import {EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM} from '../../source/kernel/errno.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {taskExports} from '../../source/kernel/module/exports/tasks.ts';
import {credSeen, credWindow, taskWindow} from '../../source/kernel/module/taskWindow.ts';
import {kill_priv} from '../../source/kernel/signal.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {status} from '../../source/lab/tree/status.ts';
import {bootWithDisk, newProcess, runIn} from './fs/machine.ts';
import {Caller} from './systemCalls.ts';

const page = 4096;
const unchanged = -1;
const memlock = 8;
const nofile = 7;

function onMachine<T>(era: EraName, body: (c: Caller, k: Kernel) => Sleeps<T>): T {
	const {k} = bootWithDisk({era});
	return runIn(k, newProcess(k), () => body(new Caller(k), k));
}

const ids = (k: Kernel, row: string) =>
	status(k, k.cpu.current)
		.split('\n')
		.find(line => line.startsWith(row))!
		.split(/\s+/)
		.slice(1)
		.map(Number);

describe('who a process is', () => {
	it('root becomes another for good with setuid, and for a while with setresuid', () => {
		onMachine('ldd3', function* (c, k) {
			expect(yield* c.call('setresuid', unchanged, 1000, unchanged)).toBe(0);
			expect(ids(k, 'Uid')).toEqual([0, 1000, 0, 1000]);
			expect([yield* c.call('getuid'), yield* c.call('geteuid')]).toEqual([0, 1000]);
			expect(yield* c.call('setresuid', unchanged, 1001, unchanged)).toBe(-EPERM);
			expect(yield* c.call('setuid', 0)).toBe(0);
			expect(ids(k, 'Uid')).toEqual([0, 0, 0, 0]);
			expect(yield* c.call('setgid', 100)).toBe(0);
			expect(yield* c.call('setuid', 1000)).toBe(0);
			expect([ids(k, 'Uid'), ids(k, 'Gid')]).toEqual([Array(4).fill(1000), Array(4).fill(100)]);
			expect(yield* c.call('setuid', 0)).toBe(-EPERM);
			expect(yield* c.call('setgid', 0)).toBe(-EPERM);
		});
	});

	it('setreuid saves the effective id where the real one is set, and swaps the two for any user', () => {
		onMachine('2.6.32', function* (c, k) {
			expect(yield* c.call('setreuid', 1000, 1001)).toBe(0);
			expect(ids(k, 'Uid')).toEqual([1000, 1001, 1001, 1001]);
			expect(yield* c.call('setreuid', 1001, 1000)).toBe(0);
			expect(ids(k, 'Uid')).toEqual([1001, 1000, 1000, 1000]);
			expect(yield* c.call('setreuid', unchanged, 1002)).toBe(-EPERM);
			expect(yield* c.call('setreuid', 1002, unchanged)).toBe(-EPERM);
			expect(yield* c.call('setfsuid', 1001)).toBe(1000);
			expect(yield* c.call('setfsuid', 5)).toBe(1001);
			expect(ids(k, 'Uid')).toEqual([1001, 1000, 1000, 1001]);
		});
	});

	it('the calls of 16 bits say 65534 of an id that does not fit', () => {
		onMachine('ldd3', function* (c, k) {
			yield* c.call('setresuid', 70_000, 65_535, 5);
			expect([yield* c.call('getuid16'), yield* c.call('geteuid16')]).toEqual([65_534, 65_535]);
			const to = yield* c.words(0, 0, 0);
			expect(yield* c.call('getresuid16', to, to + 2, to + 4)).toBe(0);
			expect(yield* c.readWords(to, 2)).toEqual([((65_535 << 16) | 65_534) >>> 0, 5]);
			expect(yield* c.call('getresuid', to, to + 4, to + 8)).toBe(0);
			expect(yield* c.readWords(to, 3)).toEqual([70_000, 65_535, 5]);
			expect(yield* c.call('getresuid', to, 0xc000_0000, to)).toBe(-EFAULT);
			expect(yield* c.call('setresuid16', 0xffff, 5, 0xffff)).toBe(0);
			expect(ids(k, 'Uid')).toEqual([70_000, 5, 5, 5]);
		});
	});

	it('setuid(-1) is an error since 3.5', () => {
		for (const era of erasBefore('5.10'))
			onMachine(era, function* (c) {
				expect(yield* c.call('setuid', unchanged)).toBe(0);
			});
		for (const era of erasFrom('5.10'))
			onMachine(era, function* (c) {
				expect(yield* c.call('setuid', unchanged)).toBe(-EINVAL);
			});
	});
});

describe('setfsuid(-1)', () => {
	it.each(ERA_NAMES)('%s: is an id before 3.5, and changes nothing since', era => {
		onMachine(era, function* (c, k) {
			expect(yield* c.call('setfsuid', unchanged)).toBe(0);
			const isId = erasBefore('5.10').includes(era);
			expect(k.cpu.current.cred.uid.fs).toBe(isId ? 0xffff_ffff : 0);
		});
	});
});

describe('what only root may do', () => {
	it('is what capable() of drivers in C answers; they see whose task it is', () => {
		onMachine('5.10', function* (c, k) {
			const capable = taskExports.find(({name}) => name === 'capable')!;
			const told = () => [
				capable.run({k, arg: () => 0} as never),
				...['uid', 'euid', 'gid'].map(name => taskWindow.fields[name]!.get(k, k.cpu.current)),
				...['uid', 'euid', 'fsgid'].map(name => credWindow.fields[name]!.get(k, credSeen(k.cpu.current))),
			];
			expect(told()).toEqual([1, 0, 0, 0, 0, 0, 0]);
			yield* c.call('setgid', 100);
			yield* c.call('setresuid', 1000, 1001, 0);
			expect(told()).toEqual([0, 1000, 1001, 100, 1000, 1001, 100]);
		});
	});

	it('send a signal to root’s process; from outside of the machine it needs no rights', () => {
		onMachine('5.10', function* (c, k) {
			c.goOn = function* () {
				return 0;
			};
			const pid = yield* c.call('fork');
			yield* c.call('setuid', 1000);
			expect(yield* c.call('kill', pid, SIGKILL)).toBe(-EPERM);
			const sent = () => k.sched.tasks.get(pid)!.fatalSignal;
			expect(sent()).toBe(0);
			kill_priv(k, pid, SIGKILL);
			expect(sent()).toBe(SIGKILL);
		});
	});

	it.each(ERA_NAMES)('%s: lock more than RLIMIT_MEMLOCK, whose value is that kernel’s', era => {
		const limit = onMachine(era, function* (c) {
			const to = yield* c.words(0, 0);
			yield* c.call('getrlimit', memlock, to);
			const [soft, hard] = yield* c.readWords(to, 2);
			expect(hard).toBe(soft);
			const pages = soft! / page;
			const at = yield* c.call('mmap2', 0, (pages + 1) * page, 3, 0x22, -1, 0);
			expect(yield* c.call('mlock', at, (pages + 1) * page)).toBe(0);
			yield* c.call('munlock', at, (pages + 1) * page);
			yield* c.call('setuid', 1000);
			expect(yield* c.call('mlock', at, (pages + 1) * page)).toBe(-ENOMEM);
			expect(yield* c.call('mlock', at, pages * page)).toBe(0);
			expect(yield* c.call('mmap2', 0, page, 3, 0x2022, -1, 0)).toBe(-EAGAIN);
			yield* c.call('setrlimit', memlock, yield* c.words(0, 0));
			expect(yield* c.call('mlock', at, page)).toBe(-EPERM);
			expect(yield* c.call('mlockall', 1)).toBe(-EPERM);
			expect(yield* c.call('mmap2', 0, page, 3, 0x2022, -1, 0)).toBe(-EPERM);
			return soft!;
		});
		const sizes = {ldd3: 32, '2.6.32': 64, '3.2': 64, '5.10': 64, '6.1': 8192, '6.18': 8192} as const;
		expect(limit / 1024).toBe(sizes[era]);
	});

	it('raise a hard limit', () => {
		onMachine('5.10', function* (c) {
			expect(yield* c.call('setrlimit', nofile, yield* c.words(10, 20))).toBe(0);
			expect(yield* c.call('setrlimit', nofile, yield* c.words(10, 30))).toBe(0);
			yield* c.call('setuid', 1000);
			expect(yield* c.call('setrlimit', nofile, yield* c.words(30, 30))).toBe(0);
			expect(yield* c.call('setrlimit', nofile, yield* c.words(10, 31))).toBe(-EPERM);
		});
	});

	it('send a signal to another user’s process, or set its limits', () => {
		onMachine('5.10', function* (c, k) {
			c.goOn = function* (kernel) {
				const child = new Caller(kernel);
				yield* child.call('setuid', 1000);
				const parent = yield* child.call('getppid');
				if ((yield* child.call('kill', parent, 0)) !== -EPERM) return 1;
				if ((yield* child.call('prlimit64', parent, nofile, 0, 0)) !== -EPERM) return 2;
				return (yield* child.call('kill', yield* child.call('getpid'), 0)) === 0 ? 0 : 3;
			};
			const pid = yield* c.call('fork');
			expect(yield* c.call('kill', pid, 0)).toBe(0);
			const to = yield* c.words(9);
			expect(yield* c.call('wait4', pid, to, 0, 0)).toBe(pid);
			expect([yield* c.readWords(to, 1), ids(k, 'Uid')]).toEqual([[0], [0, 0, 0, 0]]);
		});
	});
});
