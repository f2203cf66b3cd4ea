/**
 * Models kernel/workqueue.c (2.6.11 and later): work that an interrupt leaves to a task, because it has to sleep for
 * it.
 *
 * Not modelled: one thread a CPU (each queue has one in all), delayed work, the shared pools of 2.6.36.
 */
import {emptyFiles} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import {createTask, wake_up_new_task} from './sched.ts';
import type {Sleeps} from './time.ts';
import {trace, traceHandOver, traceWithin, type Within} from './trace.ts';
import {wait_event, wait_queue_head, wake_up} from './wait.ts';

/** @param queued where it was queued, for the trace */
type Work = {readonly run: () => Sleeps<unknown>; readonly queued: Within};

type workqueue_struct = {readonly name: string; readonly pending: Work[]; readonly more_work: wait_queue_head};

/** By name of the thread: `events/0`. */
export type WorkState = Map<string, workqueue_struct>;

export const workqueue_init = (): WorkState => new Map();

/** Makes a queue and starts its thread. @param name of the thread, as ps shows it */
export function create_workqueue(k: Kernel, name: string): workqueue_struct {
	const queue: workqueue_struct = {name, pending: [], more_work: wait_queue_head('work')};
	k.work.set(name, queue);
	const thread = createTask(k, {comm: name, mm: null, parent: null, files: emptyFiles()});
	wake_up_new_task(k, thread, k => worker_thread(k, queue));
	return queue;
}

function* worker_thread(k: Kernel, queue: workqueue_struct): Sleeps<number> {
	const fields = () => `workqueue=${queue.name}`;
	for (;;) {
		yield* wait_event(k, queue.more_work, () => queue.pending.length > 0, 'TASK_INTERRUPTIBLE');
		for (let work = queue.pending.shift(); work; work = queue.pending.shift()) {
			const outer = traceWithin(k, trace(k, 'workqueue_execute_start', fields, undefined, work.queued));
			yield* work.run();
			trace(k, 'workqueue_execute_end', fields);
			traceWithin(k, outer);
		}
	}
}

/** Has a queue's thread do something soon; any context. The queue is made when it is first needed. */
export function queue_work(k: Kernel, name: string, run: Work['run']): void {
	const queue = k.work.get(name) ?? create_workqueue(k, name);
	queue.pending.push({run, queued: traceHandOver(k, 'workqueue_queue_work', () => `workqueue=${name}`)});
	wake_up(k, queue.more_work);
}

/** queue_work on the queue that everybody shares (keventd). */
export const schedule_work = (k: Kernel, run: Work['run']): void => queue_work(k, k.era.sharedWorkqueueName, run);
