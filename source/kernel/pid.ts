/**
 * Models alloc_pidmap() of kernel/pid.c (2.6.11), which is alloc_pid() with idr_alloc_cyclic() from 4.15 on: numbers
 * are given out in a circle, and those below RESERVED_PIDS once only.
 *
 * Not modelled: pid_max in /proc/sys, namespaces, process groups and sessions, which keep the number of a task that is
 * gone.
 */
import {EAGAIN} from './errno.ts';
import type {Kernel} from './kernel.ts';

/** @see PID_MAX_DEFAULT in linux/threads.h; up to 32 processors do not raise it. */
export const PID_MAX_DEFAULT = 0x8000;
/** Those that boot takes: not given out again after the first round. @see RESERVED_PIDS */
export const RESERVED_PIDS = 300;

/** @returns a number that no task has, after the last one that was given out; -EAGAIN where each has one */
export function alloc_pid({sched}: Pick<Kernel, 'sched'>): number {
	let pid = sched.last_pid;
	for (let tried = 0; tried < PID_MAX_DEFAULT; tried++) {
		pid = pid + 1 < PID_MAX_DEFAULT ? pid + 1 : RESERVED_PIDS;
		if (sched.tasks.has(pid)) continue;
		sched.last_pid = pid;
		sched.mostPid = Math.max(sched.mostPid, pid);
		return pid;
	}
	return -EAGAIN;
}
