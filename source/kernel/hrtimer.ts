/**
 * Models kernel/hrtimer.c (2.6.16; kernel/time/hrtimer.c from 3.14 on): timers that run at their nanosecond and not at
 * the next tick.
 *
 * Not modelled: the interrupt of a clock event device, from which Linux runs them (here a softirq does, of the CPU that
 * started the timer: in_irq() is false); slack.
 */
import type {Event} from '../hardware/timeline.ts';
import {type Cpu, charge} from './cpu.ts';
import {HRTIMER_SOFTIRQ, raise_softirq, softirqWanted} from './irq.ts';
import type {Kernel} from './kernel.ts';
import {interruptCpu} from './sched.ts';
import {type Spends, spend} from './time.ts';

export type hrtimer = {
	/** What it does, in a softirq: it cannot sleep. @returns when it runs again, or undefined */
	readonly run: () => Spends<number | undefined>;
	/** Takes it back, while its time has not come. */
	event: Event | undefined;
	/** Its time has come; its CPU did not run it yet. */
	isDue: boolean;
	isRunning: boolean;
	/** The CPU whose softirq runs it. */
	cpu: number;
};

/** What a timer costs when it runs. */
const RUN_NS = 200;

/** Whether it waits for its time, or to be run. */
export const hrtimer_is_queued = ({event, isDue}: hrtimer): boolean => event !== undefined || isDue;

/**
 * Starts a timer, or gives it another time. Any context.
 * @param timeNs since power-on; one that has passed is now
 * @returns whether it was queued
 */
export function hrtimer_start(k: Kernel, timer: hrtimer, timeNs: number): boolean {
	const was = dequeue(k, timer);
	const {cpu} = k;
	timer.cpu = cpu.id;
	timer.event = k.hw.timeline.at(Math.max(timeNs, k.hw.timeline.nowNs), () => {
		timer.event = undefined;
		timer.isDue = true;
		k.timers.due.push(timer);
		wake(k, cpu);
	});
	return was;
}

/** Has a CPU run what has come due, unless it is where no softirq may come in: then it does so later. */
function wake(k: Kernel, cpu: Cpu): void {
	const former = k.cpu;
	k.cpu = cpu;
	raise_softirq(k, HRTIMER_SOFTIRQ);
	cpu.softirqWaits = false;
	const isWanted = softirqWanted(cpu) && !cpu.dispatching;
	k.cpu = former;
	if (isWanted) interruptCpu(k, cpu);
}

export function* run_hrtimer_softirq(k: Kernel): Spends<void> {
	const cpu = k.cpu.id;
	const {due} = k.timers;
	for (;;) {
		const at = due.findIndex(timer => timer.cpu === cpu);
		if (at < 0) return;
		const timer = due.splice(at, 1)[0]!;
		timer.isDue = false;
		timer.isRunning = true;
		charge(k, RUN_NS);
		try {
			const again = yield* timer.run();
			// What the function itself has started stays so.
			if (again !== undefined && !hrtimer_is_queued(timer)) hrtimer_start(k, timer, again);
		} finally {
			timer.isRunning = false;
		}
	}
}

/** @returns whether it was queued */
function dequeue(k: Kernel, timer: hrtimer): boolean {
	const was = hrtimer_is_queued(timer);
	if (timer.event) k.hw.timeline.cancel(timer.event);
	if (timer.isDue) k.timers.due.splice(k.timers.due.indexOf(timer), 1);
	timer.event = undefined;
	timer.isDue = false;
	return was;
}

/** Any context. @returns 1 or 0: whether it was queued; -1 while its function runs */
export const hrtimer_try_to_cancel = (k: Kernel, timer: hrtimer): number =>
	timer.isRunning ? -1 : dequeue(k, timer) ? 1 : 0;

/** Waits, spinning, until its function runs nowhere. Not from the function itself. @returns whether it was queued */
export function* hrtimer_cancel(k: Kernel, timer: hrtimer): Spends<boolean> {
	for (;;) {
		const was = hrtimer_try_to_cancel(k, timer);
		if (was >= 0) return was > 0;
		yield* spend(RUN_NS);
	}
}
