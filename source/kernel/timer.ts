/**
 * Models kernel/timer.c (2.6.11 and later): jiffies, timers that run from a softirq of the CPU that added them, at the
 * first tick at which their time has come, and sleeping for a while.
 *
 * Not modelled: ticks as the unit of a sleep (it may end between two of them), the wheel and its slack (later kernels
 * let a long timer be late), deferrable timers. Timers of high resolution are in hrtimer.ts.
 */
import {charge} from './cpu.ts';
import type {hrtimer} from './hrtimer.ts';
import {raise_softirq, TIMER_SOFTIRQ} from './irq.ts';
import type {Kernel} from './kernel.ts';
import {schedule, wake_up_process} from './sched.ts';
import {signal_pending} from './signal_state.ts';
import {type Sleeps, type Spends, spend} from './time.ts';

/** What a timer costs when it runs. */
const RUN_NS = 200;

export type timer_list = {
	/** A value of jiffies, unsigned. */
	expires: number;
	/** What it does, in a softirq: it cannot sleep. */
	readonly run: () => Spends<void>;
	/** The CPU whose softirq runs it. */
	cpu: number;
};

export type TimerState = {
	/** In the order in which they were added. */
	readonly pending: Set<timer_list>;
	/** Those whose function runs just now. */
	readonly running: Set<timer_list>;
	/** Timers of high resolution whose time has come. */
	readonly due: hrtimer[];
	/** Called at each tick of CPU 0, when jiffies has moved. */
	readonly onTick: (() => void)[];
};

export const timer_init = (): TimerState => ({pending: new Set(), running: new Set(), due: [], onTick: []});

/** Linux begins five minutes before jiffies wraps, so that who compares it wrongly is found out early. */
const INITIAL_SECONDS = -300;

/** Ticks as a 32-bit number. */
export const jiffies = (k: Kernel): number => (INITIAL_SECONDS * k.era.HZ + k.sched.cpus[0]!.timerTicks) >>> 0;

/** All 64 bits: the upper half is 0 until the lower one has wrapped. */
export const jiffies64 = (k: Kernel): number => 2 ** 32 + INITIAL_SECONDS * k.era.HZ + k.sched.cpus[0]!.timerTicks;

/** Whether a time has come, as time_after_eq() sees it. */
const hasCome = (now: number, expires: number) => ((now - expires) | 0) >= 0;

/** Starts a timer, or gives it another time. Any context. @returns whether it was pending */
export function mod_timer(k: Kernel, timer: timer_list, expires: number): boolean {
	const was = k.timers.pending.delete(timer);
	timer.expires = expires >>> 0;
	timer.cpu = k.cpu.id;
	k.timers.pending.add(timer);
	return was;
}

/** Any context; the function may still be running on another CPU. @returns whether it was pending */
export const del_timer = (k: Kernel, timer: timer_list): boolean => k.timers.pending.delete(timer);

/** Waits, spinning, until the function runs nowhere. Not from the function itself. @returns whether it was pending */
export function* del_timer_sync(k: Kernel, timer: timer_list): Spends<boolean> {
	const was = del_timer(k, timer);
	while (k.timers.running.has(timer)) yield* spend(RUN_NS);
	return del_timer(k, timer) || was;
}

function* due(k: Kernel, cpu: number): Generator<timer_list> {
	const now = jiffies(k);
	for (const timer of k.timers.pending) if (timer.cpu === cpu && hasCome(now, timer.expires)) yield timer;
}

/** Has the softirq run what has come due on this CPU. */
export function run_local_timers(k: Kernel): void {
	for (const _ of due(k, k.cpu.id)) {
		raise_softirq(k, TIMER_SOFTIRQ);
		return;
	}
}

/**
 * Runs them, earliest first: those whose time had come when a tick's turn began. One that a function starts for now has
 * the next tick, as in __run_timers(). Ticks that come meanwhile have their turn here.
 */
export function* run_timer_softirq(k: Kernel): Spends<void> {
	const cpu = k.cpu.id;
	for (let turn: number | undefined; turn !== jiffies(k); ) {
		turn = jiffies(k);
		for (const timer of [...due(k, cpu)].sort((a, b) => (a.expires - b.expires) | 0))
			if (hasCome(turn, timer.expires) && k.timers.pending.delete(timer)) yield* runTimer(k, timer);
	}
}

function* runTimer(k: Kernel, timer: timer_list): Spends<void> {
	k.timers.running.add(timer);
	charge(k, RUN_NS);
	try {
		yield* timer.run();
	} finally {
		k.timers.running.delete(timer);
	}
}

/** Sleeps for `ns` nanoseconds or until woken. @returns nanoseconds that were left */
export function* schedule_timeout(k: Kernel, ns: number): Sleeps<number> {
	const task = k.cpu.current;
	const endNs = k.hw.timeline.nowNs + ns;
	task.wakeTimer = k.hw.timeline.at(endNs, () => wake_up_process(k, task));
	yield* schedule(k);
	if (task.wakeTimer) k.hw.timeline.cancel(task.wakeTimer);
	task.wakeTimer = undefined;
	return Math.max(0, endNs - k.hw.timeline.nowNs);
}

/** Sleeps for a while, whatever happens. */
export function* msleep(k: Kernel, milliseconds: number): Sleeps<void> {
	let leftNs = milliseconds * 1_000_000;
	while (leftNs > 0) {
		k.cpu.current.state = 'TASK_UNINTERRUPTIBLE';
		leftNs = yield* schedule_timeout(k, leftNs);
	}
}

/** Sleeps for a while, or until a fatal signal comes. @returns milliseconds that were left */
export function* msleep_interruptible(k: Kernel, milliseconds: number): Sleeps<number> {
	const {current} = k.cpu;
	let leftNs = milliseconds * 1_000_000;
	while (leftNs > 0 && !signal_pending(k)) {
		current.state = 'TASK_INTERRUPTIBLE';
		leftNs = yield* schedule_timeout(k, leftNs);
	}
	return Math.ceil(leftNs / 1_000_000);
}
