/**
 * Models kernel/workqueue.c (2.6.11 and later): work that an interrupt leaves to a task, because it has to sleep for
 * it.
 *
 * Not modelled: one thread a CPU (each queue has one in all), the shared pools of 2.6.36.
 */
import {emptyFiles} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import {createTask, wake_up_new_task} from './sched.ts';
import type {Sleeps} from './time.ts';
import {trace, traceHandOver, traceWithin, type Within} from './trace.ts';
import {wait_event, wait_queue_head, wake_up, wake_up_all} from './wait.ts';

/** @param queued where it was queued, for the trace */
export type Work = {readonly run: () => Sleeps<unknown>; readonly queued: Within};

type workqueue_struct = {
	readonly name: string;
	readonly pending: Work[];
	/** What its thread does now. */
	current: Work | undefined;
	/** Its thread is to end. */
	isOver: boolean;
	readonly more_work: wait_queue_head;
	readonly work_done: wait_queue_head;
};

/** By name of the thread: `events/0`. */
export type WorkState = Map<string, workqueue_struct>;

export const workqueue_init = (): WorkState => new Map();

/** Makes a queue and starts its thread. @param name of the thread, as ps shows it */
export function create_workqueue(k: Kernel, name: string): workqueue_struct {
	const queue: workqueue_struct = {
		name,
		pending: [],
		current: undefined,
		isOver: false,
		more_work: wait_queue_head('work'),
		work_done: wait_queue_head('the end of a work'),
	};
	k.work.set(name, queue);
	const thread = createTask(k, {comm: name, mm: null, parent: null, files: emptyFiles()});
	wake_up_new_task(k, thread, k => worker_thread(k, queue));
	return queue;
}

function* worker_thread(k: Kernel, queue: workqueue_struct): Sleeps<void> {
	const fields = () => `workqueue=${queue.name}`;
	for (;;) {
		const hasWork = () => queue.pending.length > 0 || queue.isOver;
		yield* wait_event(k, queue.more_work, hasWork, 'TASK_INTERRUPTIBLE');
		for (let work = queue.pending.shift(); work; work = queue.pending.shift()) {
			queue.current = work;
			const outer = traceWithin(k, trace(k, 'workqueue_execute_start', fields, undefined, work.queued));
			yield* work.run();
			trace(k, 'workqueue_execute_end', fields);
			traceWithin(k, outer);
			queue.current = undefined;
			if (queue.work_done.tasks.length > 0) wake_up_all(k, queue.work_done);
		}
		if (queue.isOver) return;
	}
}

/** Has a queue's thread do something soon; any context. The queue is made when it is first needed. */
export function queue_work(k: Kernel, name: string, run: Work['run']): Work {
	const queue = k.work.get(name) ?? create_workqueue(k, name);
	const work: Work = {run, queued: traceHandOver(k, 'workqueue_queue_work', () => `workqueue=${name}`)};
	queue.pending.push(work);
	wake_up(k, queue.more_work);
	return work;
}

/** queue_work on the queue that everybody shares (keventd). */
export const schedule_work = (k: Kernel, run: Work['run']): Work => queue_work(k, k.era.sharedWorkqueueName, run);

/** Takes a work out of its queue. @returns whether it was there; one that runs is not */
export function cancel_work(k: Kernel, name: string, work: Work): boolean {
	const pending = k.work.get(name)?.pending ?? [];
	const at = pending.indexOf(work);
	if (at >= 0) pending.splice(at, 1);
	return at >= 0;
}

/** Sleeps until a work of a queue has been done. A work that waits for itself waits for ever, as in Linux. */
export function* wait_for_work(k: Kernel, name: string, work: Work): Sleeps<void> {
	const queue = k.work.get(name);
	if (!queue) return;
	const isDone = () => queue.current !== work && !queue.pending.includes(work);
	yield* wait_event(k, queue.work_done, isDone);
}

/** Sleeps until all that waits in a queue now has been done. */
export function* flush_workqueue(k: Kernel, name: string): Sleeps<void> {
	const queue = k.work.get(name);
	const last = queue?.pending.at(-1) ?? queue?.current;
	if (last) yield* wait_for_work(k, name, last);
}

/** Ends a queue's thread, when it has done what it has. */
export function destroy_workqueue(k: Kernel, name: string): void {
	const queue = k.work.get(name);
	if (!queue) return;
	queue.isOver = true;
	k.work.delete(name);
	wake_up(k, queue.more_work);
}
