/**
 * linux/workqueue.h and the tasklets of linux/interrupt.h. Work is a structure of the driver's; while it waits or is
 * delayed, the kernel's own hangs beside it.
 *
 * Not modelled: one thread a CPU, limits of how much of a queue runs at once.
 */
import {tasklet_hi_schedule, tasklet_schedule} from '../../irq.ts';
import type {Kernel} from '../../kernel.ts';
import {schedule} from '../../sched.ts';
import {type Sleeps, type Spends, spend} from '../../time.ts';
import {del_timer, jiffies, mod_timer, type timer_list} from '../../timer.ts';
import {
	cancel_work,
	create_workqueue,
	destroy_workqueue,
	flush_workqueue,
	queue_work,
	type Work,
	wait_for_work,
} from '../../workqueue.ts';
import {callC, callCAtomic} from '../callC.ts';
import {besides, type Gate} from '../state.ts';
import {textAtAddress} from '../text.ts';
import {gate, setWord, word} from './gate.ts';

/** In the state of a work: it waits in a queue, or for its time. */
const WORK_STRUCT_PENDING = 1;

type Beside = {
	/** Where it waits or has last waited. */
	queue: string;
	work?: Work | undefined;
	timer?: timer_list | undefined;
};

const worksOf = (k: Kernel) => besides<Beside>(k, 'work');
const queuesOf = (k: Kernel) => besides<string>(k, 'workqueue');

/** Queues are known to C by a number that is not an address: drivers do not look into one. */
const queueName = (k: Kernel, queue: number) => queuesOf(k).get(queue) ?? k.era.sharedWorkqueueName;

/** @returns whether it was not pending, and is now */
function claim(k: Kernel, work: number): boolean {
	const data = word(k, 'work_struct', work, 'data');
	if ((data & WORK_STRUCT_PENDING) !== 0) return false;
	setWord(k, 'work_struct', work, 'data', data | WORK_STRUCT_PENDING);
	return true;
}

const letGo = (k: Kernel, work: number) =>
	setWord(k, 'work_struct', work, 'data', word(k, 'work_struct', work, 'data') & ~WORK_STRUCT_PENDING);

/** What a queue's thread does. The function may queue its work again, or free it. */
function* run(k: Kernel, work: number): Sleeps<void> {
	const [func, argument] = [word(k, 'work_struct', work, 'func'), word(k, 'work_struct', work, 'arg')];
	const beside = worksOf(k).get(work);
	if (beside) beside.work = undefined;
	letGo(k, work);
	const {current} = k.cpu;
	current.kernelDepth++;
	try {
		yield* callC(k, func, [argument]);
	} finally {
		current.kernelDepth--;
	}
}

function enqueue(k: Kernel, queue: string, work: number): void {
	const made = queue_work(k, queue, () => run(k, work));
	worksOf(k).set(work, {queue, work: made});
}

/** @returns 1, or 0 where it waits already. @param ticks until then, or 0 */
function queue(k: Kernel, name: string, work: number, ticks: number): number {
	if (!claim(k, work)) return 0;
	if (ticks === 0) {
		enqueue(k, name, work);
		return 1;
	}
	const timer: timer_list = {
		expires: 0,
		cpu: 0,
		*run() {
			enqueue(k, name, work);
		},
	};
	worksOf(k).set(work, {queue: name, timer});
	mod_timer(k, timer, jiffies(k) + ticks);
	return 1;
}

/** Takes a work out of where it waits. @returns 1 where it did, 0 where it runs or is nowhere */
function cancel(k: Kernel, work: number): number {
	const beside = worksOf(k).get(work);
	const was =
		beside !== undefined &&
		((beside.timer !== undefined && del_timer(k, beside.timer)) ||
			(beside.work !== undefined && cancel_work(k, beside.queue, beside.work)));
	if (was) {
		letGo(k, work);
		worksOf(k).delete(work);
	}
	return was ? 1 : 0;
}

function* cancelSync(k: Kernel, work: number): Sleeps<number> {
	const was = cancel(k, work);
	const beside = worksOf(k).get(work);
	if (beside) yield* flush_workqueue(k, beside.queue);
	return was;
}

/** Waits until a work has run. @returns 1 where it had to be waited for */
function* flush(k: Kernel, work: number): Sleeps<number> {
	const beside = worksOf(k).get(work);
	if (!beside) return 0;
	if (beside.timer && del_timer(k, beside.timer)) enqueue(k, beside.queue, work);
	const waiting = worksOf(k).get(work)?.work;
	if (waiting) yield* wait_for_work(k, beside.queue, waiting);
	else yield* flush_workqueue(k, beside.queue);
	return waiting ? 1 : 0;
}

function create(k: Kernel, name: string, isSingle: boolean): number {
	const queues = queuesOf(k);
	// Beyond what an address of the kernel's text could be.
	const number = 0xfff0_0000 + 16 * (k.work.size + 1);
	const queue = create_workqueue(k, k.era.workqueueThread(name, isSingle, k.work.size));
	queues.set(number, queue.name);
	return number;
}

function* destroy(k: Kernel, queue: number): Sleeps<void> {
	const name = queuesOf(k).get(queue);
	if (name === undefined) return;
	yield* flush_workqueue(k, name);
	destroy_workqueue(k, name);
	queuesOf(k).delete(queue);
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
	gate('schedule_work', (k, work) => queue(k, k.era.sharedWorkqueueName, work, 0)),
	gate('queue_work', (k, wq, work) => queue(k, queueName(k, wq), work, 0)),
	gate('schedule_delayed_work', (k, work, ticks) => queue(k, k.era.sharedWorkqueueName, work, ticks)),
	gate('queue_delayed_work', (k, wq, work, ticks) => queue(k, queueName(k, wq), work, ticks)),
	gate('mod_delayed_work', (k, wq, work, ticks) => {
		const was = cancel(k, work);
		queue(k, queueName(k, wq), work, ticks);
		return was;
	}),
	gate('cancel_delayed_work', cancel),
	gate('cancel_work_sync', cancelSync),
	gate('cancel_delayed_work_sync', cancelSync),
	gate('flush_work', flush),
	gate('flush_delayed_work', flush),
	gate('flush_workqueue', (k, wq) => flush_workqueue(k, queueName(k, wq))),
	gate('flush_scheduled_work', k => flush_workqueue(k, k.era.sharedWorkqueueName)),
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
