/**
 * Models the end of a request in fs/aio.c: aio_complete(), kick_iocb(), and giving up a request before its end.
 */
import {COST} from '../../hardware/costs.ts';
import {BUG} from '../bug.ts';
import {EINVAL} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {charge, wake_up_all, wake_up_process} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {queue_work} from '../workqueue.ts';
import type {kioctx} from './aio.ts';
import {ioEventWords} from './aio_abi.ts';
import {putEvent} from './aio_ring.ts';
import {put_reqs_available, refill_reqs_available} from './aio_slots.ts';
import {fput} from './file.ts';
import {is_sync_kiocb, type kiocb} from './kiocb.ts';

/**
 * A driver says that a request which its method left queued has ended; any context. Call it once a request, and do not touch
 * the request after. LDD3 ch. 15.
 * @param res bytes moved, or -errno
 * @param res2 second word for the program, mostly 0
 */
export function aio_complete(k: Kernel, iocb: kiocb, res: number, res2: number): void {
	// The control block is gone after its one completion; Linux finds its user count below zero.
	if (++iocb.completions > 1) BUG(k, k.era.aioCompletedTwiceAt);
	const cancelled = iocb.state === 'cancelled';
	iocb.state = 'completing';
	iocb.result = res;
	charge(k, COST.kiocbNs);
	if (is_sync_kiocb(iocb)) {
		iocb.ki_users = 0;
		wake_up_process(k, iocb.task);
		return;
	}
	const ctx = iocb.ki_ctx!;
	if (!cancelled) {
		putEvent(k, ctx.ring, ioEventWords(iocb.ki_user_data, iocb.ki_user_data_high, iocb.ki_obj, res, res2));
		ctx.slots.completed++;
		if (ctx.slots.completed > 1) refill_reqs_available(k, ctx);
	}
	aio_put_req(k, ctx, iocb);
	if (ctx.wait.tasks.length > 0) wake_up_all(k, ctx.wait);
}

/** The request is over: it leaves its context, and lets go of its file. Any context. */
function aio_put_req(k: Kernel, ctx: kioctx, iocb: kiocb): void {
	iocb.ki_users = 0;
	ctx.active_reqs.delete(iocb);
	forgetKiocb(k, iocb);
}

/** Drops what a control block holds. The last reference to a file may sleep, so that goes to a thread. */
export function forgetKiocb(k: Kernel, iocb: kiocb): void {
	iocb.state = 'done';
	k.aio.kiocbs.delete(iocb);
	const file = iocb.ki_filp;
	if (file.f_count > 1) file.f_count--;
	else queue_work(k, k.era.aioWorkqueueName, () => fput(k, file));
}

/**
 * Asks a request's driver to give it up.
 * @returns what its ki_cancel says, -EINVAL where there is none
 */
export function cancel_kiocb(k: Kernel, iocb: kiocb): number {
	if (!iocb.ki_cancel) return -EINVAL;
	const result = iocb.ki_cancel(k, iocb);
	if (result !== 0 || iocb.completions > 0) return result;
	const ctx = iocb.ki_ctx!;
	iocb.state = 'cancelled';
	iocb.completions++;
	put_reqs_available(k, ctx, 1);
	aio_put_req(k, ctx, iocb);
	if (ctx.wait.tasks.length > 0) wake_up_all(k, ctx.wait);
	return 0;
}

/** Runs of a retried request, as the thread does them. @see aio_kick_handler() */
export type RunIocb = (k: Kernel, iocb: kiocb) => Sleeps<void>;

/**
 * A driver whose method returned -EIOCBRETRY wants it called again; any context.
 * @param run what runs the request: aio_run_iocb
 */
export function kickWith(k: Kernel, iocb: kiocb, run: RunIocb): void {
	iocb.kicked = true;
	if (is_sync_kiocb(iocb)) wake_up_process(k, iocb.task);
	else queue_work(k, k.era.aioWorkqueueName, () => runForOwner(k, iocb, run));
}

/** The thread borrows the program's address space, so that the method finds its buffers. @see use_mm() */
function* runForOwner(k: Kernel, iocb: kiocb, run: RunIocb): Sleeps<void> {
	const thread = k.cpu.current;
	thread.mm = iocb.ki_ctx!.mm;
	try {
		yield* run(k, iocb);
	} finally {
		thread.mm = null;
	}
}
