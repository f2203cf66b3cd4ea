import {expect, test} from 'vitest';
import {tasklet_schedule} from '../../source/kernel/irq.ts';
import {syscall} from '../../source/kernel/syscalls.ts';
import {spend} from '../../source/kernel/time.ts';
import {msleep} from '../../source/kernel/timer.ts';
import {type TraceRecord, trace, tracing_set} from '../../source/kernel/trace.ts';
import {schedule_work} from '../../source/kernel/workqueue.ts';
import {bootTestKernel, spawn} from './support.ts';

/** Names of what a record happened within, from the inside out; the last word says how it ends. */
function chain(record: TraceRecord): string[] {
	const names = [record.name];
	let {within} = record;
	for (; typeof within !== 'string'; within = within.within) names.push(within.name);
	return [...names, within];
}

function started() {
	const k = bootTestKernel({memMiB: 64});
	const run = () => {
		for (const limit = k.hw.timeline.nowNs + 1e9; k.hw.timeline.step(limit); );
	};
	const named = (name: string) => k.trace.ring.filter(record => record.name === name);
	return {k, run, named, mark: (name: string) => trace(k, name, () => '')};
}

test('what a task does is within its system call until that returns; an interrupt of it is not', () => {
	const {k, run, named, mark} = started();
	spawn(k, function* () {
		function* body() {
			mark('inside');
			k.hw.timeline.after(1_000, () => mark('timer'));
			yield* spend(1_000_000);
			return 7;
		}
		yield* syscall(k, 'read', 'fd: 3', body());
		mark('outside');
	});
	run();
	expect(named('inside').map(chain)).toEqual([['inside', 'sys_read', 'nothing']]);
	expect(named('outside').map(chain)).toEqual([['outside', 'nothing']]);
	expect(named('timer').map(record => [...chain(record), record.context])).toEqual([['timer', 'nothing', 'timer']]);
	expect(named('sys_read').map(({kind, result}) => [kind, result])).toEqual([
		['syscall', '0x7'],
		['sysret', undefined],
	]);
});

test('what is within a call that began while tracing was off is said to be, and nothing after it', () => {
	const {k, run, named, mark} = started();
	spawn(k, function* () {
		function* body() {
			tracing_set(k, true);
			mark('inside');
			yield* spend(1_000);
			return 0;
		}
		tracing_set(k, false);
		yield* syscall(k, 'read', 'fd: 3', body());
		mark('outside');
	});
	run();
	expect(named('inside').map(chain)).toEqual([['inside', 'untraced']]);
	expect(named('outside').map(chain)).toEqual([['outside', 'nothing']]);
	expect(k.trace.onSince).toBe(named('inside')[0]!.seq);
});

test('work that is left to a thread is within whoever left it', () => {
	const {k, run, named, mark} = started();
	spawn(k, function* () {
		function* work() {
			mark('done');
		}
		function* body() {
			schedule_work(k, work);
			yield* msleep(k, 1);
			return 0;
		}
		yield* syscall(k, 'ioctl', '', body());
	});
	run();
	const [done] = named('done');
	expect(chain(done!)).toEqual(['done', 'workqueue_execute_start', 'workqueue_queue_work', 'sys_ioctl', 'nothing']);
});

test('a softirq that raises itself again and again is known a few rounds back, and holds no more', () => {
	const {k, run, named, mark} = started();
	let left = 100;
	function* again() {
		mark('round');
		if (left-- > 0) tasklet_schedule(k, again);
	}
	spawn(k, function* () {
		tasklet_schedule(k, again);
	});
	run();
	const chains = named('round').map(chain);
	expect(chains).toHaveLength(101);
	expect(Math.max(...chains.map(names => names.length))).toBeLessThan(15);
	for (const names of chains) expect(names.slice(0, 3)).toEqual(['round', 'softirq_entry', 'softirq_raise']);
	expect(chains.at(-1)!.at(-1)).toBe('cut');
});
