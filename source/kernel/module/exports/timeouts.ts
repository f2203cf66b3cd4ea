/** linux/sched.h: sleeping for a number of ticks. Models schedule_timeout() (kernel/timer.c, 2.6.11 and later). */
import type {Kernel} from '../../kernel.ts';
import {printk} from '../../printk.ts';
import {schedule, wake_up_process} from '../../sched.ts';
import {signal_pending} from '../../signal_state.ts';
import type {Sleeps} from '../../time.ts';
import {del_timer, jiffies, mod_timer, type timer_list} from '../../timer.ts';

/** For ever. */
export const MAX_SCHEDULE_TIMEOUT = 0x7fff_ffff;

/** Sleeps as current->state says, until woken. @param ticks signed. @returns ticks that are left, or 0 */
export function* schedule_timeout(k: Kernel, ticks: number): Sleeps<number> {
	const task = k.cpu.current;
	if (ticks === MAX_SCHEDULE_TIMEOUT) {
		yield* schedule(k);
		return MAX_SCHEDULE_TIMEOUT;
	}
	if (ticks < 0) {
		printk(k, 3, `schedule_timeout: wrong timeout value ${(ticks >>> 0).toString(16)}`);
		task.state = 'TASK_RUNNING';
		return 0;
	}
	const expires = (jiffies(k) + ticks) >>> 0;
	const timer: timer_list = {
		expires,
		cpu: 0,
		*run() {
			wake_up_process(k, task);
		},
	};
	mod_timer(k, timer, expires);
	yield* schedule(k);
	del_timer(k, timer);
	return Math.max(0, (expires - jiffies(k)) | 0);
}

/** As schedule_timeout, in a state that is set first. */
export function* schedule_timeout_in(
	k: Kernel,
	state: 'TASK_INTERRUPTIBLE' | 'TASK_UNINTERRUPTIBLE',
	ticks: number,
): Sleeps<number> {
	k.cpu.current.state = state;
	k.cpu.current.waitingFor = 'a number of ticks';
	return yield* schedule_timeout(k, ticks);
}

/** Ticks that last so long at least. */
const msecs_to_jiffies = (k: Kernel, ms: number): number => Math.ceil((ms * k.era.HZ) / 1000);
const jiffies_to_msecs = (k: Kernel, ticks: number): number => Math.floor((ticks * 1000) / k.era.HZ);

/** Sleeps so long at least, whatever comes. */
export function* msleep(k: Kernel, ms: number): Sleeps<void> {
	let ticks = msecs_to_jiffies(k, ms) + 1;
	while (ticks > 0) ticks = yield* schedule_timeout_in(k, 'TASK_UNINTERRUPTIBLE', ticks);
}

/** @returns milliseconds that were left when a signal came */
export function* msleep_interruptible(k: Kernel, ms: number): Sleeps<number> {
	let ticks = msecs_to_jiffies(k, ms) + 1;
	while (ticks > 0 && !signal_pending(k)) ticks = yield* schedule_timeout_in(k, 'TASK_INTERRUPTIBLE', ticks);
	return jiffies_to_msecs(k, ticks);
}
