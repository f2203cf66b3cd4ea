/**
 * Models aio_poll() of fs/aio.c (4.18 and later): a request that ends when a file is ready, with what it is ready for.
 *
 * Not modelled: keys of what has happened; a request that is woken looks again from a work queue, as one without a key.
 */
import {EINVAL} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {schedule_work} from '../workqueue.ts';
import {aio_complete} from './aio_complete.ts';
import type {kiocb} from './kiocb.ts';
import {type AddFunc, DEFAULT_POLLMASK, POLLERR, POLLHUP, type poll_table} from './poll.ts';

/**
 * Waits in the queue of a request's file, or ends the request at once. May sleep in the file's method.
 * @param wanted POLLIN, POLLOUT …; POLLERR and POLLHUP are always wanted
 * @returns 0; -EINVAL where the file is not ready and has no queue, or several
 */
export function* aio_poll(k: Kernel, iocb: kiocb, wanted: number): Sleeps<number> {
	const file = iocb.ki_filp;
	const events = wanted | POLLERR | POLLHUP;
	let addTo: AddFunc | undefined;
	let leave: (() => void) | undefined;
	let isCancelled = false;
	let error = -EINVAL;

	const ask = function* (table: poll_table | undefined): Sleeps<number> {
		return (file.f_op.poll ? yield* file.f_op.poll(k, file, table) : DEFAULT_POLLMASK) & events;
	};
	const wait = () => {
		leave = addTo?.(wake);
	};
	const stopWaiting = () => {
		const isWaiting = leave !== undefined;
		leave?.();
		leave = undefined;
		return isWaiting;
	};
	const wake = () => {
		if (stopWaiting()) schedule_work(k, complete);
	};
	const complete = function* (): Sleeps<void> {
		const mask = isCancelled ? 0 : yield* ask(undefined);
		if (mask === 0 && !isCancelled) return wait();
		aio_complete(k, iocb, mask, 0);
	};

	const queue_proc = (add: AddFunc) => {
		error = addTo ? -EINVAL : 0;
		if (addTo) return;
		addTo = add;
		wait();
	};
	const mask = yield* ask({key: events, leave: [], isQueued: false, queue_proc});
	if (mask !== 0) {
		// Woken meanwhile, it ends from the work queue.
		if (!addTo || stopWaiting()) aio_complete(k, iocb, mask, 0);
		return 0;
	}
	if (error < 0) {
		if (!addTo || stopWaiting()) return error;
		isCancelled = true;
		return 0;
	}
	iocb.ki_cancel = () => {
		isCancelled = true;
		if (stopWaiting()) schedule_work(k, complete);
		return 0;
	};
	return 0;
}
