/**
 * Models kernel/signal.c (2.6.11 and later) as far as a signal kills: whoever gets one ends when it next leaves the
 * kernel, and wakes from an interruptible sleep to do so.
 *
 * Not modelled: handlers, masks, queues, stopping; TASK_KILLABLE (2.6.25+), whose sleeps count as uninterruptible here.
 */

import {TaskKilled} from './bug.ts';
import {ESRCH} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {wake_up_process} from './sched.ts';

/** Sends a fatal signal. Kernel threads and init take none. @returns 0 or -ESRCH */
export function sys_kill(k: Kernel, pid: number, signal: number): number {
	const task = k.sched.tasks.get(pid);
	if (!task) return -ESRCH;
	if (!task.mm || pid === 1) return 0;
	task.fatalSignal = signal;
	if (task.state === 'TASK_INTERRUPTIBLE') wake_up_process(k, task);
	return 0;
}

/** Where the current task would leave the kernel. @throws TaskKilled when a fatal signal waits for it */
export function dieIfKilled(k: Kernel): void {
	const {fatalSignal} = k.cpu.current;
	if (fatalSignal !== 0) throw new TaskKilled(fatalSignal);
}
