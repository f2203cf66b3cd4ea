import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {COST} from '../../source/hardware/costs.ts';
import {charge, in_irq, in_softirq, preempt_disable} from '../../source/kernel/cpu.ts';
import {NET_RX_SOFTIRQ, open_softirq, raise_softirq, request_irq} from '../../source/kernel/irq.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {
	down_read,
	down_write,
	downgrade_write,
	init_rwsem,
	spin_lock,
	spin_lock_init,
	spin_unlock,
	up_read,
	up_write,
} from '../../source/kernel/locking.ts';
import {might_sleep, preempt_enable, schedule} from '../../source/kernel/sched.ts';
import {startTimers} from '../../source/kernel/tick.ts';
import {spend} from '../../source/kernel/time.ts';
import {msleep} from '../../source/kernel/timer.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../../source/kernel/wait.ts';
import {bareKernel, dmesg, runDry, thread} from './bare.ts';

test.each([
	['3.2', ['swapper', 'swapper']],
	['5.10', ['swapper/0', 'swapper/1']],
] as const)('what a CPU does without a task is called in %s', (era, names) => {
	expect(bareKernel({cpus: 2, era}).sched.cpus.map(({idle}) => idle.comm)).toEqual(names);
});

test('two CPUs run two tasks side by side, a third waits its turn', () => {
	const k = bareKernel({cpus: 2});
	const ends: Record<string, number> = {};
	for (const name of ['a', 'b', 'c']) {
		thread(k, name, function* (k) {
			yield* spend(10_000);
			ends[name] = k.hw.timeline.nowNs;
		});
	}
	runDry(k);
	const first = 10_000 + COST.contextSwitchNs;
	expect(ends).toEqual({a: first, b: first, c: 2 * first});
});

test('what a plain function charges is paid at the next spend', () => {
	const k = bareKernel({cpus: 1});
	let end = 0;
	thread(k, 'payer', function* (k) {
		yield* spend(0);
		charge(k, 700);
		charge(k, 50);
		yield* spend(1_000);
		end = k.hw.timeline.nowNs;
	});
	runDry(k);
	expect(end).toBe(COST.contextSwitchNs + 1_750);
});

test('an interrupt cuts a span; the rest of it follows after the handler', () => {
	const k = bareKernel({cpus: 1});
	const seen: string[] = [];
	request_irq(
		k,
		14,
		function* (k) {
			seen.push(`irq at ${k.hw.timeline.nowNs} in_irq=${in_irq(k)}`);
			yield* spend(500);
		},
		'ide0',
	);
	thread(k, 'worker', function* (k) {
		yield* spend(10_000);
		seen.push(`worker done at ${k.hw.timeline.nowNs} in_irq=${in_irq(k)}`);
	});
	k.hw.timeline.at(5_000, () => k.hw.interrupts.raise(14));
	runDry(k);
	expect(seen).toEqual([
		'irq at 5000 in_irq=true',
		`worker done at ${COST.contextSwitchNs + 10_000 + 500 + COST.interruptNs} in_irq=false`,
	]);
});

test(
	'interrupts nest: a second line comes in on top of the first where handlers run enabled, and after ' + 'it where not',
	() => {
		for (const [era, order] of [
			['ldd3', ['14 in', '11 in', '11 out', '14 out']],
			['3.2', ['14 in', '14 out', '11 in', '11 out']],
		] as const) {
			const k = bareKernel({cpus: 1, era});
			const seen: string[] = [];
			for (const line of [14, 11]) {
				request_irq(
					k,
					line,
					function* () {
						seen.push(`${line} in`);
						yield* spend(1_000);
						seen.push(`${line} out`);
					},
					`line${line}`,
				);
			}
			k.hw.timeline.at(100, () => k.hw.interrupts.raise(14));
			k.hw.timeline.at(600, () => k.hw.interrupts.raise(11));
			runDry(k);
			expect(seen).toEqual(order);
		}
	},
);

test('a softirq runs after the interrupt that raised it and before the task goes on', () => {
	const k = bareKernel({cpus: 1});
	const seen: string[] = [];
	open_softirq(k, NET_RX_SOFTIRQ, function* (k) {
		seen.push(`softirq in_softirq=${in_softirq(k)} in_irq=${in_irq(k)}`);
		yield* spend(100);
	});
	request_irq(
		k,
		11,
		function* (k) {
			raise_softirq(k, NET_RX_SOFTIRQ);
			seen.push('irq');
			yield* spend(100);
		},
		'eth0',
	);
	thread(k, 'worker', function* () {
		yield* spend(10_000);
		seen.push('worker');
	});
	k.hw.timeline.at(3_000, () => k.hw.interrupts.raise(11));
	runDry(k);
	expect(seen).toEqual(['irq', 'softirq in_softirq=true in_irq=false', 'worker']);
});

test('a task waits on a queue without using the CPU until it is woken', () => {
	const k = bareKernel({cpus: 1});
	const queue = wait_queue_head('test');
	let ready = false;
	let wokenNs = 0;
	const waiter = thread(k, 'waiter', function* (k) {
		yield* wait_event(k, queue, () => ready);
		wokenNs = k.hw.timeline.nowNs;
	});
	k.hw.timeline.at(50_000, () => {
		expect(waiter.state).toBe('TASK_UNINTERRUPTIBLE');
		expect(k.cpu.current.pid).toBe(0);
		ready = true;
		wake_up_all(k, queue);
	});
	runDry(k);
	expect(wokenNs).toBeGreaterThanOrEqual(50_000);
	expect(waiter.state).toBe('EXIT_DEAD');
});

test('msleep lasts what it says', () => {
	const k = bareKernel({cpus: 1});
	let end = 0;
	thread(k, 'sleeper', function* (k) {
		yield* msleep(k, 10);
		end = k.hw.timeline.nowNs;
	});
	runDry(k);
	expect(end).toBeGreaterThanOrEqual(10_000_000);
	expect(end).toBeLessThan(10_100_000);
});

test('giving up the CPU with preemption disabled is reported in the words of the era', () => {
	const words = {
		ldd3: /^scheduling while atomic: bad\/0x00000001\/1$/,
		'2.6.32': /^BUG: scheduling while atomic: bad\/1\/0x00000002$/,
	};
	for (const era of ['ldd3', '2.6.32'] as const) {
		const k = bareKernel({cpus: 1, era});
		thread(k, 'bad', function* (k) {
			preempt_disable(k);
			yield* schedule(k);
			preempt_enable(k);
		});
		runDry(k);
		expect(dmesg(k)[0]).toMatch(words[era]);
	}
});

test('a spinlock keeps the other CPU spinning, not sleeping', () => {
	const k = bareKernel({cpus: 2});
	const lock = spin_lock_init('test');
	const entered: number[] = [];
	for (const comm of ['first', 'second']) {
		thread(k, comm, function* (k) {
			yield* spin_lock(k, lock);
			entered.push(k.hw.timeline.nowNs);
			yield* spend(10_000);
			spin_unlock(k, lock);
		});
	}
	k.hw.timeline.at(5_000, () => expect(k.sched.cpus.map(cpu => cpu.current.comm)).toEqual(['first', 'second']));
	runDry(k);
	expect(entered[1]! - entered[0]!).toBe(10_000);
});

test('readers share an rw_semaphore, a writer excludes everybody, and whoever waits comes in turn', () => {
	const kind = fc.constantFrom('read' as const, 'write' as const, 'downgrade' as const);
	const user = fc.record({kind, beforeNs: fc.nat(5_000), insideNs: fc.integer({min: 1, max: 5_000})});
	fc.assert(
		fc.property(fc.array(user, {minLength: 1, maxLength: 12}), fc.integer({min: 1, max: 4}), (users, cpus) => {
			const k = bareKernel({cpus});
			const sem = init_rwsem('mmap_sem');
			let readers = 0;
			let writers = 0;
			let served = 0;
			for (const {kind, beforeNs, insideNs} of users) {
				thread(k, kind, function* (k) {
					yield* spend(beforeNs);
					yield* kind === 'read' ? down_read(k, sem) : down_write(k, sem);
					if (kind === 'read') readers++;
					else writers++;
					expect(writers === 0 || (writers === 1 && readers === 0)).toBe(true);
					yield* spend(insideNs);
					if (kind === 'downgrade') {
						[readers, writers] = [readers + 1, writers - 1];
						downgrade_write(k, sem);
						yield* spend(insideNs);
						expect(writers).toBe(0);
					}
					if (kind === 'write') writers--;
					else readers--;
					served++;
					if (kind === 'write') up_write(k, sem);
					else up_read(k, sem);
				});
			}
			runDry(k);
			expect(served).toBe(users.length);
			expect(sem.waiters).toEqual([]);
		}),
		{numRuns: 200},
	);
});

test('a writer that becomes a reader lets readers in up to the next writer, and who is not the writer cannot', () => {
	const k = bareKernel({cpus: 1});
	const sem = init_rwsem('mmap_sem');
	const order: string[] = [];
	const waits = (name: string, write: boolean) =>
		thread(k, name, function* (k) {
			yield* write ? down_write(k, sem) : down_read(k, sem);
			order.push(name);
			yield* spend(10_000);
			if (write) up_write(k, sem);
			else up_read(k, sem);
		});
	thread(k, 'first', function* (k) {
		yield* down_write(k, sem);
		waits('reader', false);
		waits('writer', true);
		waits('late reader', false);
		yield* msleep(k, 1);
		expect(order).toEqual([]);
		downgrade_write(k, sem);
		expect(() => downgrade_write(k, sem)).toThrow('downgrade_write of mmap_sem by a task that does not hold it');
		yield* msleep(k, 1);
		expect(order).toEqual(['reader']);
		up_read(k, sem);
	});
	runDry(k);
	expect(order).toEqual(['reader', 'writer', 'late reader']);
	expect([sem.readers, sem.writer]).toEqual([[], undefined]);
});

describe('a timer’s tick gives the CPU to whoever waits for it', () => {
	/**
	 * Two tasks on one CPU, the first for 10 ms in pieces; ticks come every millisecond.
	 * @param first what it does before that
	 * @returns when the second began, in milliseconds
	 */
	function begin(first: (k: Kernel) => void): number {
		const k = bareKernel({cpus: 1});
		startTimers(k);
		let beganNs = -1;
		thread(k, 'first', function* (k) {
			first(k);
			for (let piece = 0; piece < 100; piece++) yield* spend(100_000);
			k.cpu.preempt_count = 0;
		});
		thread(k, 'second', function* (k) {
			yield* spend(0);
			beganNs = k.hw.timeline.nowNs;
		});
		while (k.hw.timeline.step(20_000_000)) {}
		return Math.floor(beganNs / 1e6);
	}

	test('after its first piece that a tick fell into', () => {
		expect(begin(() => {})).toBe(1);
	});

	test('not while the task is in the kernel', () => {
		expect(begin(k => void k.cpu.current.kernelDepth++)).toBe(10);
	});

	test('not while it has preemption disabled', () => {
		expect(begin(k => preempt_disable(k))).toBe(10);
	});
});

test('a task that nobody waits for keeps its CPU through ticks', () => {
	const k = bareKernel({cpus: 1});
	startTimers(k);
	thread(k, 'alone', function* () {
		for (let piece = 0; piece < 100; piece++) yield* spend(100_000);
	});
	while (k.hw.timeline.step(20_000_000)) {}
	expect(k.sched.contextSwitches).toBe(1);
});

test('a task that was asked to make room keeps its CPU when another CPU has taken who waited', () => {
	const k = bareKernel({cpus: 1});
	thread(k, 'alone', function* (k) {
		k.cpu.needResched = true;
		yield* spend(100_000);
		yield* spend(100_000);
	});
	runDry(k);
	expect(k.sched.contextSwitches).toBe(1);
});

test('the message about a sleep where sleep is forbidden comes at most once a second', () => {
	const k = bareKernel({cpus: 1});
	const said: number[] = [];
	preempt_disable(k);
	for (const ns of [0, 999_999_999, 1_000_000_000, 1_999_999_999, 2_000_000_000]) {
		k.hw.timeline.advanceTo(ns);
		might_sleep(k, 'here');
		said.push(dmesg(k).filter(text => /sleeping function|Debug: sleeping/.test(text)).length);
	}
	expect(said).toEqual([1, 1, 2, 2, 3]);
});
