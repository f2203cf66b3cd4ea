import {describe, expect, test} from 'vitest';
import {in_softirq, local_irq_restore, local_irq_save} from '../../source/kernel/cpu.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {schedule, wake_up_process} from '../../source/kernel/sched.ts';
import {startTimers} from '../../source/kernel/tick.ts';
import {spend} from '../../source/kernel/time.ts';
import {del_timer, del_timer_sync, jiffies, jiffies64, mod_timer, type timer_list} from '../../source/kernel/timer.ts';
import {bareKernel, thread} from './bare.ts';

const tickNs = 1e6;

function runTo(k: Kernel, ns: number): void {
	while (k.hw.timeline.step(ns)) {}
}

function rig(cpus = 1) {
	const k = bareKernel({cpus});
	startTimers(k);
	const ran: string[] = [];
	const timer = (name: string, more: () => void = () => {}): timer_list => ({
		expires: 0,
		cpu: 0,
		*run() {
			ran.push(`${name} ${Math.floor(k.hw.timeline.nowNs / tickNs)} ${in_softirq(k)}`);
			more();
		},
	});
	return {k, ran, timer};
}

test('jiffies begins five minutes before it wraps, and its 64 bits do not wrap there', () => {
	const {k} = rig();
	expect(jiffies(k)).toBe(2 ** 32 - 300_000);
	runTo(k, 5 * tickNs);
	expect(jiffies(k)).toBe(2 ** 32 - 300_000 + 5);
	k.sched.cpus[0]!.timerTicks = 300_000;
	expect([jiffies(k), jiffies64(k)]).toEqual([0, 2 ** 32]);
});

describe('a timer', () => {
	test('runs in a softirq at the tick at which its time has come, also over the wrap of jiffies', () => {
		const {k, ran, timer} = rig();
		k.sched.cpus[0]!.timerTicks = 300_000 - 2;
		mod_timer(k, timer('late'), jiffies(k) + 4);
		mod_timer(k, timer('early'), jiffies(k) + 1);
		mod_timer(k, timer('past'), jiffies(k) - 7);
		runTo(k, 3.5 * tickNs);
		expect(ran).toEqual(['past 1 true', 'early 1 true']);
		runTo(k, 4.5 * tickNs);
		expect(ran.slice(2)).toEqual(['late 4 true']);
		expect(k.timers.pending.size).toBe(0);
	});

	test('can be moved, taken back once, and started again by its own function', () => {
		const {k, ran, timer} = rig();
		const again = timer('again', () => ran.length < 3 && mod_timer(k, again, jiffies(k) + 1));
		expect(mod_timer(k, again, jiffies(k) + 9)).toBe(false);
		expect(mod_timer(k, again, jiffies(k) + 2)).toBe(true);
		const never = timer('never');
		mod_timer(k, never, jiffies(k) + 1);
		expect([del_timer(k, never), del_timer(k, never)]).toEqual([true, false]);
		runTo(k, 20 * tickNs);
		expect(ran).toEqual(['again 2 true', 'again 3 true', 'again 4 true']);
	});

	test('that its own function starts for now has the next tick, and lets others run', () => {
		const {k, ran, timer} = rig();
		const again = timer('again', () => mod_timer(k, again, jiffies(k)));
		mod_timer(k, again, jiffies(k) + 1);
		mod_timer(k, timer('other'), jiffies(k) + 2);
		runTo(k, 3.5 * tickNs);
		expect(ran).toEqual(['again 1 true', 'again 2 true', 'other 2 true', 'again 3 true']);
	});

	test('waits while interrupts are off, for the first tick after that', () => {
		const {k, ran, timer} = rig();
		thread(k, 'deaf', function* () {
			const flags = local_irq_save(k);
			mod_timer(k, timer('kept out'), jiffies(k) + 1);
			yield* spend(3.5 * tickNs);
			local_irq_restore(k, flags);
			yield* spend(tickNs);
		});
		runTo(k, 10 * tickNs);
		expect(ran).toEqual(['kept out 4 true']);
	});

	test('is waited for by del_timer_sync where another CPU runs it', () => {
		const {k, ran} = rig(2);
		const slow: timer_list = {
			expires: 0,
			cpu: 0,
			*run() {
				yield* spend(tickNs);
				ran.push('done');
			},
		};
		thread(k, 'starter', function* () {
			mod_timer(k, slow, jiffies(k) + 1);
			yield* spend(1.2 * tickNs);
		});
		thread(k, 'stopper', function* () {
			yield* spend(1.3 * tickNs);
			expect(k.timers.running.has(slow)).toBe(true);
			expect(yield* del_timer_sync(k, slow)).toBe(false);
			ran.push('stopped');
		});
		runTo(k, 10 * tickNs);
		expect(ran).toEqual(['done', 'stopped']);
	});
});

test('who is woken before it has gone to sleep stays on its CPU, and runs in one place only', () => {
	const k = bareKernel({cpus: 2});
	const told: string[] = [];
	const sleeper = thread(k, 'sleeper', function* () {
		k.cpu.current.state = 'TASK_INTERRUPTIBLE';
		yield* spend(1000);
		told.push(k.cpu.current.state);
		yield* schedule(k);
		told.push('on');
	});
	thread(k, 'waker', function* () {
		yield* spend(500);
		told.push(`${wake_up_process(k, sleeper)} ${k.sched.runQueue.length}`);
	});
	runTo(k, 10_000_000);
	expect(told).toEqual(['true 0', 'TASK_RUNNING', 'on']);
});
