/**
 * Models kernel/workqueue.c (2.6.11 and later): work that an interrupt leaves to a task, because it has to sleep for
 * it.
 *
 * Not modelled: one thread a CPU (each queue has one in all), the shared pools of 2.6.36, the warning of 2.6.32 where a
 * work waits for its own queue.
 */
import {emptyFiles} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import {createTask, wake_up_new_task} from './new_task.ts';
import type {task_struct} from './sched.ts';
import type {Sleeps} from './time.ts';
import {trace, traceHandOver, traceWithin, type Within} from './trace.ts';
import {wait_event, wait_queue_head, wake_up, wake_up_all} from './wait.ts';

/** @param queued where it was queued, for the trace */
export type Work = {readonly run: () => Sleeps<unknown>; readonly queued: Within};

export type workqueue_struct = {
	/** Of its thread, as ps shows it. Several may have the same. */
	readonly name: string;
	readonly thread: task_struct;
	readonly pending: Work[];
	/** What its thread does now. */
	current: Work | undefined;
	/** Its thread is to end. */
	isOver: boolean;
	readonly more_work: wait_queue_head;
	readonly work_done: wait_queue_head;
};

export type WorkState = {
	/** Queues of the kernel's own, by the name of their thread: `events/0`. */
	readonly named: Map<string, workqueue_struct>;
	/** How many were ever made. */
	made: number;
};

export const workqueue_init = (): WorkState => ({named: new Map(), made: 0});

/** Makes a queue and starts its thread. @param name of the thread */
export function create_workqueue(k: Kernel, name: string): workqueue_struct {
	const queue: workqueue_struct = {
		name,
		thread: createTask(k, {comm: name, mm: null, parent: null, files: emptyFiles()}),
		pending: [],
		current: undefined,
		isOver: false,
		more_work: wait_queue_head('work'),
		work_done: wait_queue_head('the end of a work'),
	};
	k.work.made++;
	wake_up_new_task(k, queue.thread, k => worker_thread(k, queue));
	return queue;
}

/** A queue of the kernel's own, which is made when it is first asked for. @param name of its thread */
export function queueNamed(k: Kernel, name: string): workqueue_struct {
	const found = k.work.named.get(name) ?? create_workqueue(k, name);
	k.work.named.set(name, found);
	return found;
}

/** The queue that everybody shares (keventd). */
export const sharedQueue = (k: Kernel): workqueue_struct => queueNamed(k, k.era.sharedWorkqueueName);

function* worker_thread(k: Kernel, queue: workqueue_struct): Sleeps<void> {
	for (;;) {
		const hasWork = () => queue.pending.length > 0 || queue.isOver;
		yield* wait_event(k, queue.more_work, hasWork, 'TASK_INTERRUPTIBLE');
		yield* run_workqueue(k, queue);
		if (queue.isOver) return;
	}
}

/** Does what waits in a queue. */
function* run_workqueue(k: Kernel, queue: workqueue_struct): Sleeps<void> {
	const fields = () => `workqueue=${queue.name}`;
	const former = queue.current;
	for (let work = queue.pending.shift(); work; work = queue.pending.shift()) {
		queue.current = work;
		const outer = traceWithin(k, trace(k, 'workqueue_execute_start', fields, undefined, work.queued));
		yield* work.run();
		trace(k, 'workqueue_execute_end', fields);
		traceWithin(k, outer);
		queue.current = former;
		if (queue.work_done.tasks.length > 0) wake_up_all(k, queue.work_done);
	}
}

/** Has a queue's thread do something soon; any context. */
export function queue_work(k: Kernel, queue: workqueue_struct, run: Work['run']): Work {
	const work: Work = {run, queued: traceHandOver(k, 'workqueue_queue_work', () => `workqueue=${queue.name}`)};
	queue.pending.push(work);
	wake_up(k, queue.more_work);
	return work;
}

/** queue_work on the queue that everybody shares. */
export const schedule_work = (k: Kernel, run: Work['run']): Work => queue_work(k, sharedQueue(k), run);

/** Takes a work out of its queue. @returns whether it was there; one that runs is not */
export function cancel_work(k: Kernel, queue: workqueue_struct, work: Work): boolean {
	const at = queue.pending.indexOf(work);
	if (at < 0) return false;
	queue.pending.splice(at, 1);
	if (queue.work_done.tasks.length > 0) wake_up_all(k, queue.work_done);
	return true;
}

/** Sleeps until a work of a queue has been done. A work that waits for itself waits for ever, as in Linux. */
export function* wait_for_work(k: Kernel, queue: workqueue_struct, work: Work): Sleeps<void> {
	const isDone = () => queue.current !== work && !queue.pending.includes(work);
	yield* wait_event(k, queue.work_done, isDone);
}

/** Sleeps until all that waits in a queue now has been done. */
export function* flush_workqueue(k: Kernel, queue: workqueue_struct): Sleeps<void> {
	if (k.era.flushRunsOwnQueue && queue.thread === k.cpu.current) {
		yield* run_workqueue(k, queue);
		return;
	}
	const now = [queue.current, ...queue.pending];
	const isDone = () => !now.some(work => work && (queue.current === work || queue.pending.includes(work)));
	yield* wait_event(k, queue.work_done, isDone);
}

/** Ends a queue's thread, when it has done what it has. */
export function destroy_workqueue(k: Kernel, queue: workqueue_struct): void {
	queue.isOver = true;
	wake_up(k, queue.more_work);
}
