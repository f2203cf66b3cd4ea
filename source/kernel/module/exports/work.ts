/**
 * linux/workqueue.h and the tasklets of linux/interrupt.h. Work is a structure of the driver's; while it waits or is
 * delayed, the kernel's own hangs beside it.
 *
 * Not modelled: one thread a CPU, limits of how much of a queue runs at once.
 */
import {tasklet_hi_schedule, tasklet_schedule} from '../../irq.ts';
import type {Kernel} from '../../kernel.ts';
import {oops} from '../../mm/access.ts';
import {schedule} from '../../sched.ts';
import {type Sleeps, type Spends, spend} from '../../time.ts';
import {del_timer, jiffies, mod_timer, type timer_list} from '../../timer.ts';
import {
	cancel_work,
	create_workqueue,
	destroy_workqueue,
	flush_workqueue,
	queue_work,
	sharedQueue,
	type Work,
	wait_for_work,
	type workqueue_struct,
} from '../../workqueue.ts';
import {callC, callCAtomic} from '../callC.ts';
import {besides, type Gate} from '../state.ts';
import {textAtAddress} from '../text.ts';
import {SHARED_QUEUE} from '../variables.ts';
import {gate, setWord, word} from './gate.ts';

/** In the state of a work: it waits in a queue, or for its time. */
const WORK_STRUCT_PENDING = 1;

/** Where a work is: in a queue, or done by its thread just now. */
type Place = {readonly queue: workqueue_struct; readonly work: Work};

type Beside = {
	waits?: Place | undefined;
	/** It is put into the queue when that runs out. */
	delayed?: {readonly queue: workqueue_struct; readonly timer: timer_list} | undefined;
	/** Where its function runs. */
	readonly running: Set<Place>;
};

const worksOf = (k: Kernel) => besides<Beside>(k, 'work');

function besideOf(k: Kernel, work: number): Beside {
	const known = worksOf(k).get(work);
	if (known) return known;
	const made: Beside = {running: new Set()};
	worksOf(k).set(work, made);
	return made;
}

/** Nothing is kept of a work that is nowhere. */
function tidy(k: Kernel, work: number, beside: Beside): void {
	if (!beside.waits && !beside.delayed && beside.running.size === 0 && worksOf(k).get(work) === beside)
		worksOf(k).delete(work);
}

/** Queues are known to C by a number that is not an address: drivers do not look into one. */
const queuesOf = (k: Kernel) => besides<workqueue_struct>(k, 'workqueue');

/** @throws TaskKilled for what is no queue: an oops */
function queueAt(k: Kernel, queue: number): workqueue_struct {
	if (queue === SHARED_QUEUE) return sharedQueue(k);
	return queuesOf(k).get(queue) ?? oops(k, queue, false, false);
}

function setPending(k: Kernel, work: number, isPending: boolean): void {
	const data = word(k, 'work_struct', work, 'data') & ~WORK_STRUCT_PENDING;
	setWord(k, 'work_struct', work, 'data', data | (isPending ? WORK_STRUCT_PENDING : 0));
}

/** @returns whether it was not pending, and is now */
function claim(k: Kernel, work: number): boolean {
	if ((word(k, 'work_struct', work, 'data') & WORK_STRUCT_PENDING) !== 0) return false;
	setPending(k, work, true);
	return true;
}

/** What a queue's thread does. The function may queue its work again, or free it. */
function* run(k: Kernel, work: number, place: Place): Sleeps<void> {
	const [func, argument] = [word(k, 'work_struct', work, 'func'), word(k, 'work_struct', work, 'arg')];
	const beside = besideOf(k, work);
	if (beside.waits === place) beside.waits = undefined;
	beside.running.add(place);
	setPending(k, work, false);
	const {current} = k.cpu;
	current.kernelDepth++;
	try {
		yield* callC(k, func, [argument]);
	} finally {
		current.kernelDepth--;
	}
	beside.running.delete(place);
	tidy(k, work, beside);
}

function enqueue(k: Kernel, queue: workqueue_struct, work: number): Place {
	const place: Place = {queue, work: queue_work(k, queue, () => run(k, work, place))};
	const beside = besideOf(k, work);
	beside.delayed = undefined;
	beside.waits = place;
	return place;
}

/** @returns 1, or 0 where it waits already. @param ticks until then, or 0 */
function queueIn(k: Kernel, queue: workqueue_struct, work: number, ticks: number): number {
	if (!claim(k, work)) return 0;
	if (ticks === 0) {
		enqueue(k, queue, work);
		return 1;
	}
	const timer: timer_list = {
		expires: 0,
		cpu: 0,
		*run() {
			enqueue(k, queue, work);
		},
	};
	besideOf(k, work).delayed = {queue, timer};
	mod_timer(k, timer, jiffies(k) + ticks);
	return 1;
}

/** Takes a work out of where it waits. @returns whether it did: not one that runs or is nowhere */
function grab(k: Kernel, work: number, fromQueue = true): boolean {
	const beside = worksOf(k).get(work);
	if (!beside) return false;
	const {waits, delayed} = beside;
	const was =
		(delayed !== undefined && del_timer(k, delayed.timer)) ||
		(fromQueue && waits !== undefined && cancel_work(k, waits.queue, waits.work));
	if (!was) return false;
	beside.waits = beside.delayed = undefined;
	setPending(k, work, false);
	tidy(k, work, beside);
	return true;
}

/** Waits for the function where it runs; meanwhile the work cannot be queued, not even by the function itself. */
function* cancelSync(k: Kernel, work: number): Sleeps<number> {
	const was = grab(k, work);
	setPending(k, work, true);
	for (const {queue, work: running} of [...(worksOf(k).get(work)?.running ?? [])])
		yield* wait_for_work(k, queue, running);
	setPending(k, work, false);
	return was ? 1 : 0;
}

/** Waits until a work has run that is in a queue or runs. @returns 1 where it had to be waited for */
function* flush(k: Kernel, work: number): Sleeps<number> {
	const beside = worksOf(k).get(work);
	const places = beside?.waits ? [beside.waits] : [...(beside?.running ?? [])];
	for (const place of places) yield* wait_for_work(k, place.queue, place.work);
	return places.length > 0 ? 1 : 0;
}

/** The same; one that is delayed does not wait for its time any more. */
function* flushDelayed(k: Kernel, work: number): Sleeps<number> {
	const delayed = worksOf(k).get(work)?.delayed;
	if (delayed && del_timer(k, delayed.timer)) enqueue(k, delayed.queue, work);
	return yield* flush(k, work);
}

/** Beyond what an address of the kernel's text could be. */
const FIRST_HANDLE = 0xfff0_0000;
const HANDLE_SPACING = 16;

function create(k: Kernel, name: string, isSingle: boolean): number {
	const queue = create_workqueue(k, k.era.workqueueThread(name, isSingle, k.work.made + 1));
	const handle = FIRST_HANDLE + HANDLE_SPACING * k.work.made;
	queuesOf(k).set(handle, queue);
	return handle;
}

function* destroy(k: Kernel, handle: number): Sleeps<void> {
	const queue = queueAt(k, handle);
	yield* flush_workqueue(k, queue);
	destroy_workqueue(k, queue);
	queuesOf(k).delete(handle);
}

// ── tasklets ───────────────────────────────────────────────────────────────────────────────────────────────────────

const TASKLET_STATE_SCHED = 1;
const TASKLET_STATE_RUN = 2;
/** A look at a tasklet that runs elsewhere. */
const SPIN_NS = 100;

/** Tasklets that were switched off when their turn came, by their address. */
const heldBack = (k: Kernel) => besides<typeof tasklet_schedule>(k, 'tasklet');

function setState(k: Kernel, tasklet: number, bit: number, isSet: boolean): void {
	const state = word(k, 'tasklet_struct', tasklet, 'state');
	setWord(k, 'tasklet_struct', tasklet, 'state', isSet ? state | bit : state & ~bit);
}

const hasState = (k: Kernel, tasklet: number, bit: number) => (word(k, 'tasklet_struct', tasklet, 'state') & bit) !== 0;

function* runTasklet(k: Kernel, tasklet: number, raise: typeof tasklet_schedule): Spends<void> {
	if (word(k, 'tasklet_struct', tasklet, 'count') !== 0) {
		heldBack(k).set(tasklet, raise);
		return;
	}
	setState(k, tasklet, TASKLET_STATE_SCHED, false);
	setState(k, tasklet, TASKLET_STATE_RUN, true);
	const takesItself = word(k, 'tasklet_struct', tasklet, 'use_callback') !== 0;
	const argument = takesItself ? tasklet : word(k, 'tasklet_struct', tasklet, 'data');
	yield* callCAtomic(k, word(k, 'tasklet_struct', tasklet, 'func'), [argument]);
	setState(k, tasklet, TASKLET_STATE_RUN, false);
}

function scheduleTasklet(k: Kernel, tasklet: number, raise: typeof tasklet_schedule): void {
	if (hasState(k, tasklet, TASKLET_STATE_SCHED)) return;
	setState(k, tasklet, TASKLET_STATE_SCHED, true);
	raise(k, () => runTasklet(k, tasklet, raise));
}

function initTasklet(k: Kernel, tasklet: number, func: number, data: number, takesItself: boolean): void {
	for (const field of ['next', 'state', 'count'] as const) setWord(k, 'tasklet_struct', tasklet, field, 0);
	setWord(k, 'tasklet_struct', tasklet, 'use_callback', takesItself ? 1 : 0);
	setWord(k, 'tasklet_struct', tasklet, 'func', func);
	setWord(k, 'tasklet_struct', tasklet, 'data', data);
}

/** Switches it off once more, or on once less. */
function count(k: Kernel, tasklet: number, by: number): void {
	const value = (word(k, 'tasklet_struct', tasklet, 'count') | 0) + by;
	setWord(k, 'tasklet_struct', tasklet, 'count', value);
	const raise = heldBack(k).get(tasklet);
	if (value !== 0 || !raise) return;
	heldBack(k).delete(tasklet);
	raise(k, () => runTasklet(k, tasklet, raise));
}

function* untilItRests(k: Kernel, tasklet: number): Spends<void> {
	while (hasState(k, tasklet, TASKLET_STATE_RUN)) yield* spend(SPIN_NS);
}

function* killTasklet(k: Kernel, tasklet: number): Sleeps<void> {
	while (hasState(k, tasklet, TASKLET_STATE_SCHED)) yield* schedule(k);
	yield* untilItRests(k, tasklet);
}

export const workExports: readonly Gate[] = [
	gate('schedule_work', (k, work) => queueIn(k, sharedQueue(k), work, 0)),
	gate('queue_work', (k, wq, work) => queueIn(k, queueAt(k, wq), work, 0)),
	gate('schedule_delayed_work', (k, work, ticks) => queueIn(k, sharedQueue(k), work, ticks)),
	gate('queue_delayed_work', (k, wq, work, ticks) => queueIn(k, queueAt(k, wq), work, ticks)),
	gate('mod_delayed_work', (k, wq, work, ticks) => {
		const was = grab(k, work);
		queueIn(k, queueAt(k, wq), work, ticks);
		return was ? 1 : 0;
	}),
	gate('cancel_delayed_work', (k, work) => (grab(k, work, k.era.cancelDelayedTakesQueued) ? 1 : 0)),
	gate('cancel_work_sync', cancelSync),
	gate('cancel_delayed_work_sync', cancelSync),
	gate('flush_work', flush),
	gate('flush_delayed_work', flushDelayed),
	gate('flush_workqueue', (k, wq) => flush_workqueue(k, queueAt(k, wq))),
	gate('flush_scheduled_work', k => flush_workqueue(k, sharedQueue(k))),
	gate('_mmtop_create_workqueue', (k, name, _flags, threads) => create(k, textAtAddress(k, name), threads === 1)),
	gate('destroy_workqueue', destroy),
	gate('tasklet_init', (k, tasklet, func, data) => initTasklet(k, tasklet, func, data, false)),
	gate('tasklet_setup', (k, tasklet, callback) => initTasklet(k, tasklet, callback, 0, true)),
	gate('tasklet_schedule', (k, tasklet) => scheduleTasklet(k, tasklet, tasklet_schedule)),
	gate('tasklet_hi_schedule', (k, tasklet) => scheduleTasklet(k, tasklet, tasklet_hi_schedule)),
	gate('tasklet_disable', function* (k, tasklet) {
		count(k, tasklet, 1);
		yield* untilItRests(k, tasklet);
	}),
	gate('tasklet_disable_nosync', (k, tasklet) => count(k, tasklet, 1)),
	gate('tasklet_enable', (k, tasklet) => count(k, tasklet, -1)),
	gate('tasklet_kill', killTasklet),
];
