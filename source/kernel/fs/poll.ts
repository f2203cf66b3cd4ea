/** Models include/linux/poll.h (2.6.11 and later): what a poll method says, and how its caller waits. */
import type {Kernel} from '../kernel.ts';
import {add_wait_queue_func, type wait_queue_head} from '../wait.ts';

export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
export const POLLRDNORM = 0x40;
export const POLLRDBAND = 0x80;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
/** Of files without the method: always ready. */
export const DEFAULT_POLLMASK = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/** Who waits in poll() or select(). */
export type poll_table = {
	/** What the caller asks for; all ones where it is not known. */
	readonly key: number;
	/** How it leaves the queues that it stands in. */
	readonly leave: (() => void)[];
	/** Whether it stands already in those queues that it does not leave by being woken. */
	isQueued: boolean;
	/**
	 * Of a waiter without a task (IOCB_CMD_POLL): it is called for each queue, with what enters a function into that
	 * queue and returns how to take it out.
	 */
	readonly queue_proc?: (add: AddFunc) => void;
};

export type AddFunc = (func: () => void) => () => void;

/** Has the caller woken by a queue of ours. Any number of times. */
export function poll_wait(k: Kernel, queue: wait_queue_head, table: poll_table | undefined): void {
	const {current} = k.cpu;
	const {tasks} = queue;
	if (table?.queue_proc) return table.queue_proc(func => add_wait_queue_func(queue, func));
	if (!table || tasks.includes(current)) return;
	tasks.push(current);
	table.leave.push(() => {
		const at = tasks.indexOf(current);
		if (at >= 0) tasks.splice(at, 1);
	});
}
