/**
 * Models include/linux/wait.h and the wait queues of kernel/sched.c (2.6.11 and later; kernel/sched/wait.c from 3.11
 * on).
 *
 * Not modelled: exclusive waiters beside others, wait_event_timeout.
 */
import {COST} from '../hardware/costs.ts';
import {charge} from './cpu.ts';
import type {Kernel} from './kernel.ts';
import {schedule, type task_struct, wake_up_process} from './sched.ts';
import {signal_pending} from './signal_state.ts';
import type {Sleeps} from './time.ts';

export type wait_queue_head = {
	readonly name: string;
	readonly tasks: task_struct[];
	/** Entries without a task: functions that a wake-up calls. They take themselves out. */
	funcs?: Set<() => void>;
};

export const wait_queue_head = (name: string): wait_queue_head => ({name, tasks: []});

/** Has a function called when the queue is woken, in whatever context that is. @returns takes it out */
export function add_wait_queue_func(queue: wait_queue_head, func: () => void): () => void {
	queue.funcs ??= new Set();
	queue.funcs.add(func);
	return () => queue.funcs!.delete(func);
}

function callFuncs({funcs}: wait_queue_head): void {
	if (funcs) for (const func of [...funcs]) func();
}

/** Sleeps until `condition` holds; it is looked at after every wake-up. @see include/linux/wait.h wait_event() */
export function* wait_event(
	k: Kernel,
	queue: wait_queue_head,
	condition: () => boolean,
	state: 'TASK_UNINTERRUPTIBLE' | 'TASK_INTERRUPTIBLE' = 'TASK_UNINTERRUPTIBLE',
): Sleeps<void> {
	while (!condition()) {
		const task = k.cpu.current;
		queue.tasks.push(task);
		task.state = state;
		task.waitingFor = queue.name;
		yield* schedule(k);
		const at = queue.tasks.indexOf(task);
		if (at >= 0) queue.tasks.splice(at, 1);
		if (state === 'TASK_INTERRUPTIBLE' && signal_pending(k)) return;
	}
}

/** Wakes everybody who sleeps there. */
export function wake_up_all(k: Kernel, queue: wait_queue_head): void {
	charge(k, COST.wakeUpNs);
	for (const task of queue.tasks.splice(0)) wake_up_process(k, task);
	callFuncs(queue);
}

/** Wakes who has slept there longest. */
export function wake_up(k: Kernel, queue: wait_queue_head): void {
	charge(k, COST.wakeUpNs);
	const task = queue.tasks.shift();
	if (task) wake_up_process(k, task);
	callFuncs(queue);
}
