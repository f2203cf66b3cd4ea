/** One breakpoint or watchpoint, with the words of include/linux/hw_breakpoint.h (2.6.33 and later). */
import type {Kernel} from '../kernel.ts';
import {TASK_SIZE} from '../mm/mm.ts';
import type {mm_struct} from '../mm/mm_types.ts';
import type {task_struct} from '../sched.ts';

export type Breakpoint = {
	/** `x`: before an instruction; `w`: after a store; `r`: after a load; `rw`: after either. */
	readonly bp_type: 'x' | 'w' | 'r' | 'rw';
	readonly bp_addr: number;
	/** Bytes. */
	readonly bp_len: number;
	/** Whose user memory it lies in; undefined in the kernel, or where any process is meant. */
	readonly pid: number | undefined;
};

/** The address space that a breakpoint lies in. */
export const mmOf = (k: Kernel, {pid}: Breakpoint): mm_struct | null =>
	pid === undefined ? null : (k.sched.tasks.get(pid)?.mm ?? null);

/** Whether it is about what a task runs: all tasks have the kernel, and the threads of a process have one memory. */
export const isFor = (k: Kernel, breakpoint: Breakpoint, task: task_struct): boolean =>
	breakpoint.bp_addr >= TASK_SIZE ||
	breakpoint.pid === undefined ||
	(task.mm !== null && task.mm === mmOf(k, breakpoint));
