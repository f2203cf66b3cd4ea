/**
 * linux/timer.h, delay.h and jiffies.h. A timer is a structure of the driver's; while it is pending, the
 * kernel's own hangs beside it.
 *
 * Not modelled: the slack of usleep_range. Timers of high resolution are in hrtimers.ts.
 */
import {BUG} from '../../bug.ts';
import type {Kernel} from '../../kernel.ts';
import {printk} from '../../printk.ts';
import {type Sleeps, spend} from '../../time.ts';
import {
	del_timer,
	del_timer_sync,
	jiffies64,
	mod_timer,
	schedule_timeout as sleepNs,
	type timer_list,
} from '../../timer.ts';
import {inReport} from '../../watch.ts';
import {callCAtomic} from '../callC.ts';
import {besides, type Gate} from '../state.ts';
import {gate, gates, setWord, wide, word} from './gate.ts';
import {msleep, msleep_interruptible, schedule_timeout, schedule_timeout_in} from './timeouts.ts';

const TIMER_MAGIC = 0x7469_6d65;

const timersOf = (k: Kernel) => besides<timer_list>(k, 'timer');

/** The first word of a timer's links says whether it is pending. */
const setPending = (k: Kernel, timer: number, isPending: boolean) =>
	setWord(k, 'timer_list', timer, 'entry', isPending ? timer : 0);

function init_timer(k: Kernel, timer: number): void {
	setPending(k, timer, false);
	setWord(k, 'timer_list', timer, 'magic', TIMER_MAGIC);
}

/** The kernel's side of a timer. When it runs, the driver may give it another time or free it. */
function timerAt(k: Kernel, timer: number): timer_list {
	const known = timersOf(k);
	const found = known.get(timer);
	if (found) return found;
	const made: timer_list = {
		expires: 0,
		cpu: 0,
		*run() {
			setPending(k, timer, false);
			const argument = k.era.timerFunctionTakesData ? word(k, 'timer_list', timer, 'data') : timer;
			yield* callCAtomic(k, word(k, 'timer_list', timer, 'function'), [argument]);
			if (!k.timers.pending.has(made)) known.delete(timer);
		},
	};
	known.set(timer, made);
	return made;
}

/** 2.6.11 notices a timer that was not initialized, and mends it. @see kernel/timer.c check_timer_failed() */
function check(k: Kernel, timer: number): void {
	if (!k.era.timersAreChecked || word(k, 'timer_list', timer, 'magic') === TIMER_MAGIC) return;
	inReport(k, 'warning', () => {
		printk(k, 4, 'Uninitialised timer!');
		printk(k, 4, 'This is just a warning.  Your computer is OK');
	});
	init_timer(k, timer);
}

function start(k: Kernel, timer: number, expires: number): number {
	check(k, timer);
	if (word(k, 'timer_list', timer, 'function') === 0) BUG(k, k.era.timerBugAt);
	setWord(k, 'timer_list', timer, 'expires', expires);
	const was = mod_timer(k, timerAt(k, timer), expires);
	setPending(k, timer, true);
	return was ? 1 : 0;
}

function add_timer(k: Kernel, timer: number): void {
	if (timersOf(k).has(timer) && k.timers.pending.has(timerAt(k, timer))) BUG(k, k.era.timerBugAt);
	start(k, timer, word(k, 'timer_list', timer, 'expires'));
}

function stop(k: Kernel, timer: number): number {
	check(k, timer);
	const found = timersOf(k).get(timer);
	const was = found !== undefined && del_timer(k, found);
	if (was) timersOf(k).delete(timer);
	setPending(k, timer, false);
	return was ? 1 : 0;
}

function* stopSync(k: Kernel, timer: number): Sleeps<number> {
	const found = timersOf(k).get(timer);
	const was = found !== undefined && (yield* del_timer_sync(k, found));
	timersOf(k).delete(timer);
	setPending(k, timer, false);
	return was ? 1 : 0;
}

/** Busy, so long. */
const delay = (ns: number) => spend(ns);

export const timerExports: readonly Gate[] = [
	gate('init_timer', init_timer),
	gate('init_timer_key', (k, timer, callback, flags) => {
		init_timer(k, timer);
		setWord(k, 'timer_list', timer, 'function', callback);
		setWord(k, 'timer_list', timer, 'flags', flags);
	}),
	gate('mod_timer', start),
	gate('add_timer', add_timer),
	gate('add_timer_on', (k, timer, cpu) => {
		add_timer(k, timer);
		timerAt(k, timer).cpu = cpu < k.sched.cpus.length ? cpu : 0;
	}),
	gate('timer_pending', (k, timer) => (word(k, 'timer_list', timer, 'entry') !== 0 ? 1 : 0)),
	...gates(['del_timer', 'timer_delete'], stop),
	...gates(['del_timer_sync', 'timer_delete_sync'], stopSync),
	gate('timer_shutdown_sync', function* (k, timer) {
		const was = yield* stopSync(k, timer);
		setWord(k, 'timer_list', timer, 'function', 0);
		return was;
	}),
	gate('ndelay', (_k, ns) => delay(ns)),
	gate('udelay', (_k, us) => delay(us * 1000)),
	gate('mdelay', (_k, ms) => delay(ms * 1_000_000)),
	gate('msleep', msleep),
	gate('msleep_interruptible', msleep_interruptible),
	gate('usleep_range', function* (k, least) {
		k.cpu.current.state = 'TASK_UNINTERRUPTIBLE';
		k.cpu.current.waitingFor = 'a number of microseconds';
		yield* sleepNs(k, least * 1000);
	}),
	gate('schedule_timeout', (k, ticks) => schedule_timeout(k, ticks | 0)),
	gate('schedule_timeout_interruptible', (k, ticks) => schedule_timeout_in(k, 'TASK_INTERRUPTIBLE', ticks | 0)),
	gate('schedule_timeout_uninterruptible', (k, ticks) => schedule_timeout_in(k, 'TASK_UNINTERRUPTIBLE', ticks | 0)),
	gate('get_jiffies_64', k => wide(jiffies64(k))),
];
