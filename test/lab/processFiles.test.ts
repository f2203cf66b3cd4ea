/** What ps, top, vmstat and psutil read of a tree, held against the files that say the same in other words. */
import {describe, expect, test} from 'vitest';
import {parseTaskIo} from '../../source/formats/proc/io.ts';
import {parseLimits} from '../../source/formats/proc/limits.ts';
import {parseLoadavg} from '../../source/formats/proc/loadavg.ts';
import {parseFilesystems, parseMounts} from '../../source/formats/proc/mounts.ts';
import {parsePidStat} from '../../source/formats/proc/pidStat.ts';
import {parseStat} from '../../source/formats/proc/stat.ts';
import {parseStatm} from '../../source/formats/proc/statm.ts';
import {parseStatus} from '../../source/formats/proc/status.ts';
import {calc_load} from '../../source/kernel/cputime.ts';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import {eraNamed} from '../../source/kernel/era.ts';
import {emptyFiles, max_fds} from '../../source/kernel/fs/file.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {BOOT_TIME_S} from '../../source/kernel/timekeeping.ts';
import {bootLab, switchOn} from '../../source/lab/lab.ts';
import {wchan} from '../../source/lab/tree/taskFiles.ts';

const seconds = 7;

function newMachine(era: EraName) {
	let k: Kernel | undefined;
	const lab = bootLab({era, load: 'busy'}, (chosen, rewoundNs) => {
		const running = switchOn(chosen, rewoundNs);
		k = running.k;
		return running;
	});
	lab.run(seconds * 1e9, Number.MAX_SAFE_INTEGER);
	return {
		k: k!,
		text: (path: string) => lab.read(path) as string,
		pids: lab
			.list('/proc')!
			.filter(name => /^\d+\/$/.test(name))
			.map(name => name.slice(0, -1)),
	};
}

const machines = new Map<EraName, ReturnType<typeof newMachine>>();

/** One for each kernel: tests put back what they change. */
function machine(era: EraName) {
	const known = machines.get(era) ?? newMachine(era);
	machines.set(era, known);
	return known;
}

describe.each(ERA_NAMES)('a machine of %s', era => {
	const {k, text, pids} = machine(era);

	test('tells of each process the same in stat, statm and status', () => {
		expect(pids.length).toBeGreaterThan(5);
		for (const pid of pids) {
			const status = parseStatus(text(`/proc/${pid}/status`));
			const stat = parsePidStat(text(`/proc/${pid}/stat`));
			const statm = parseStatm(text(`/proc/${pid}/statm`));
			expect([stat.pid, stat.comm, stat.state]).toEqual([status.Pid, status.Name, status.State![0]]);
			expect([stat.fields.ppid, stat.fields.num_threads]).toEqual([status.PPid, status.Threads]);
			expect(stat.fields.vsize).toBe(statm.size * 4096);
			expect([stat.fields.rss, 4 * statm.resident]).toEqual([statm.resident, status.VmRSS ?? 0]);
			expect([status.Uid, status.Gid]).toEqual([
				[0, 0, 0, 0],
				[0, 0, 0, 0],
			]);
		}
	});

	test('books every tick of every CPU somewhere, and the ticks in user mode to processes', () => {
		const {total, cpus} = parseStat(text('/proc/stat'));
		expect(cpus.map(({cpu}) => cpu)).toEqual(k.sched.cpus.map(cpu => cpu.id));
		for (const cpu of k.sched.cpus)
			expect(Object.values(cpu.stat).reduce((sum, ticks) => sum + ticks, 0)).toBe(cpu.timerTicks);
		expect(total.user).toBeGreaterThan(0);
		expect(total.idle).toBeGreaterThan(total.user);
		const user = k.sched.cpus.reduce((sum, cpu) => sum + cpu.stat.user, 0);
		// What has ended is booked on its process, and with that on who waited for it.
		const groups = new Set([...k.sched.tasks.values()].map(({signal}) => signal));
		const ended = [...groups].reduce((sum, {utime, cutime}) => sum + utime + cutime, 0);
		const living = [...k.sched.tasks.values()].reduce((sum, task) => sum + task.utime, 0);
		expect(living + ended).toBe(user);
	});

	test('counts interrupts as /proc/interrupts does', () => {
		const rows = [...text('/proc/interrupts').matchAll(/^ *(\d+): +((?:\d+ +)+)/gm)];
		const {interrupts} = parseStat(text('/proc/stat'));
		expect(rows.length).toBeGreaterThan(3);
		for (const [, line, counts] of rows)
			expect(interrupts[Number(line)]).toBe(
				counts!
					.trim()
					.split(/ +/)
					.slice(0, 2)
					.reduce((a, b) => a + Number(b), 0),
			);
	});

	test('has a load that follows what runs', () => {
		const {threads, lastPid} = parseLoadavg(text('/proc/loadavg'));
		expect([threads, lastPid]).toEqual([k.sched.tasks.size, k.sched.last_pid]);
		const init = k.sched.tasks.get(1)!;
		const loads: number[] = [];
		const others = [...k.sched.tasks.values()].map(task => [task, task.state] as const);
		for (const [task] of others) task.state = 'TASK_INTERRUPTIBLE';
		const former = [...k.sched.avenrun];
		k.sched.avenrun.fill(0);
		// Five seconds with one that runs, and five without.
		for (const state of ['TASK_RUNNING', 'TASK_INTERRUPTIBLE', 'TASK_UNINTERRUPTIBLE'] as const) {
			init.state = state;
			calc_load(k, 5 * k.era.HZ - 1);
			calc_load(k, 5 * k.era.HZ);
			loads.push(parseLoadavg(text('/proc/loadavg')).hundredths[0]);
		}
		for (const [task, state] of others) task.state = state;
		k.sched.avenrun.splice(0, 3, ...(former as [number, number, number]));
		// e to the power of -5/60 is 0.92: 0.08, 0.07, then 0.15.
		expect(loads).toEqual([8, 7, 15]);
	});

	test('was switched on at one time, whoever says it', () => {
		const {btime} = parseStat(text('/proc/stat'));
		expect(btime).toBe(BOOT_TIME_S);
	});

	test('tells of signals the same in stat and status', () => {
		for (const pid of pids) {
			const status = parseStatus(text(`/proc/${pid}/status`));
			const {fields} = parsePidStat(text(`/proc/${pid}/stat`));
			const low = (set: string | undefined) => Number(BigInt(`0x${set}`) & 0x7fff_ffffn);
			expect([fields.signal, fields.blocked]).toEqual([low(status.SigPnd), low(status.SigBlk)]);
			expect([fields.sigignore, fields.sigcatch]).toEqual([low(status.SigIgn), low(status.SigCgt)]);
			const isKernels = status.VmSize === undefined;
			expect(status.SigBlk).toBe(isKernels && era === 'ldd3' ? 'f'.repeat(16) : '0'.repeat(16));
			expect(status.SigIgn).toBe(isKernels && era !== 'ldd3' ? 'f'.repeat(16) : '0'.repeat(16));
			expect(fields.exit_signal).toBe(17);
		}
	});

	test('names its disk as mounted, in a filesystem that it has', () => {
		const {mounts} = parseMounts(text('/proc/mounts'));
		expect(mounts[0]).toMatchObject({device: '/dev/sda', directory: '/', type: 'labfs'});
		const {filesystems} = parseFilesystems(text('/proc/filesystems'));
		const names = filesystems.map(({name}) => name);
		for (const {type} of mounts) expect(names).toContain(type);
		expect([text('/proc/modules'), text('/proc/cmdline')]).toEqual(['', 'root=/dev/sda rw highmem=64M\n']);
	});

	test('has limits and io only where that kernel has them', () => {
		if (era === 'ldd3') {
			expect(() => text('/proc/1/limits')).toThrow('ENOENT');
			expect(() => text('/proc/1/io')).toThrow('ENOENT');
			return;
		}
		const {limits} = parseLimits(text('/proc/1/limits'));
		expect(limits).toHaveLength(16);
		expect(limits.find(({name}) => name === 'Max stack size')).toMatchObject({soft: 8 << 20, hard: undefined});
		const reader = pids.map(pid => parseTaskIo(text(`/proc/${pid}/io`))).find(io => io.rchar > 0)!;
		expect(reader.syscr).toBeGreaterThan(0);
		expect(reader.read_bytes % 512).toBe(0);
	});
});

test('the line of a process has as many fields as its kernel printed', () => {
	const fields = (era: EraName) => machine(era).text('/proc/1/stat').trim().split(' ').length;
	expect([fields('ldd3'), fields('2.6.32'), fields('6.1')]).toEqual([41, 44, 52]);
});

test('an open file has its path, a closed one nothing', () => {
	const {k, text, pids} = machine('ldd3');
	const holder = pids.find(pid => k.sched.tasks.get(Number(pid))!.files.fds.size > 0)!;
	expect(text(`/proc/${holder}/fd/0`)).toMatch(/^\/.+\n$/);
	expect(() => text(`/proc/${holder}/fd/99`)).toThrow('ENOENT');
});

test('a process that waits for its child is in do_wait, one that runs nowhere', () => {
	const {k, text, pids} = machine('ldd3');
	const seen = pids.map(pid => [k.sched.tasks.get(Number(pid))!, text(`/proc/${pid}/wchan`)] as const);
	for (const [task, name] of seen) {
		if (task.state === 'TASK_RUNNING') expect(name).toBe('0');
		if (task.waitingFor === 'child exit' && task.state !== 'TASK_RUNNING') expect(name).toBe('do_wait');
	}
	expect(seen.some(([, name]) => name !== '0')).toBe(true);
});

test('what a task sleeps in has the name that its kernel has, or none', () => {
	const {k, text} = machine('ldd3');
	const task = k.sched.tasks.get(1)!;
	const former = [task.state, task.waitingFor] as const;
	const names = (waitingFor: string) => {
		Object.assign(task, {state: 'TASK_UNINTERRUPTIBLE', waitingFor});
		return (['ldd3', '2.6.32', '3.2', '5.10', '6.1'] as const).map(era => wchan({era: eraNamed(era)} as Kernel, task));
	};
	expect(names('page lock of pfn 0x10')).toEqual(['sync_page', 'sync_page', 'sleep_on_page', '0', '0']);
	expect(names('congestion_wait').slice(0, 2)).toEqual(['blk_congestion_wait', 'congestion_wait']);
	expect(new Set(names('child exit'))).toEqual(new Set(['do_wait']));
	expect(new Set(names('what no one knows'))).toEqual(new Set(['0']));
	expect(text('/proc/1/wchan')).toBe('0');
	[task.state, task.waitingFor] = former;
});

test('a table of descriptors has as many places as its kernel makes for the highest', () => {
	const places = (era: EraName, highestFd: number) =>
		max_fds({era: eraNamed(era)} as Kernel, {...emptyFiles(), highestFd});
	expect([-1, 31, 32, 255, 256, 1_023, 1_024].map(fd => places('ldd3', fd))).toEqual([
		32, 32, 256, 256, 1_024, 1_024, 2_048,
	]);
	expect([-1, 31, 32, 255, 256, 511, 512].map(fd => places('2.6.32', fd))).toEqual([32, 32, 256, 256, 512, 512, 1_024]);
});
