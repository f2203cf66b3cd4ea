/**
 * Models the end of a request in fs/aio.c: aio_complete(), aio_put_req(), kick_iocb(), and giving up a request before
 * its end.
 */
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EINVAL} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {wake_up_process} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {wake_up_all} from '../wait.ts';
import {queue_work, queueNamed} from '../workqueue.ts';
import type {kioctx} from './aio.ts';
import {ioEventWords} from './aio_abi.ts';
import {putEvent} from './aio_ring.ts';
import {put_reqs_available, refill_reqs_available} from './aio_slots.ts';
import {eventfd_signal} from './eventfd.ts';
import {fput} from './file.ts';
import {is_sync_kiocb, type kiocb, kiocbIs} from './kiocb.ts';
import {completeFree, completeSyncWrongly, putFree} from './kiocb_memory.ts';

/**
 * A driver says that a request which its method left queued has ended; any context. Call it once a request, and do not
 * touch the request after. LDD3 ch. 15.
 * @param res bytes moved, or -errno
 * @param res2 second word for the program, mostly 0
 */
export function aio_complete(k: Kernel, iocb: kiocb, res: number, res2: number): void {
	if (iocb.completions++ > 0) completeAgain(k, iocb, res, res2);
	else complete(k, iocb, res, res2);
}

function complete(k: Kernel, iocb: kiocb, res: number, res2: number): void {
	iocb.result = res;
	iocb.result2 = res2;
	charge(k, COST.kiocbNs);
	if (is_sync_kiocb(iocb)) {
		if (!k.era.syncKiocbWaits) return completeSyncWrongly(k);
		kiocbIs(k, iocb, 'completing', 'aio_complete');
		iocb.ki_users = 0;
		wake_up_process(k, iocb.task);
		return;
	}
	const ctx = iocb.ki_ctx!;
	if (iocb.state !== 'cancelled') {
		kiocbIs(k, iocb, 'completing', 'aio_complete');
		if (!k.era.aioCountsWithRefcount) postEvent(k, ctx, iocb);
	}
	aio_put_req(k, ctx, iocb);
}

/** The bug of calling aio_complete() twice: what it does depends on whose memory the control block is by now. */
function completeAgain(k: Kernel, iocb: kiocb, res: number, res2: number): void {
	if (!iocb.memory) return completeSyncWrongly(k);
	const {holder} = iocb.memory;
	if (!holder) {
		iocb.result = res;
		iocb.result2 = res2;
		return completeFree(k, () => postEvent(k, iocb.ki_ctx!, iocb));
	}
	// The method completed it and then returned a result as well: the submitter's hold is what ends now.
	if (holder === iocb) return complete(k, iocb, res, res2);
	// Another request has the memory: it ends before its time, with this result.
	aio_complete(k, holder, res, res2);
}

/** The program gets to know: an event in the ring, and whoever waits for one is woken. */
function postEvent(k: Kernel, ctx: kioctx, iocb: kiocb): void {
	const {ki_user_data, ki_user_data_high, ki_obj, result = 0, result2} = iocb;
	putEvent(k, ctx.ring, ioEventWords(ki_user_data, ki_user_data_high, ki_obj, result, result2));
	ctx.slots.completed++;
	if (iocb.ki_eventfd) eventfd_signal(k, iocb.ki_eventfd);
	if (k.era.aioSlotsPerCpu && ctx.slots.completed > 1) refill_reqs_available(k, ctx);
	if (ctx.wait.tasks.length > 0) wake_up_all(k, ctx.wait);
}

/**
 * One holder of a request less: its submitter, or the driver that completed it. After the last one it leaves its
 * context, and its file and memory are let go of. Any context.
 */
export function aio_put_req(k: Kernel, ctx: kioctx, iocb: kiocb): void {
	const memory = iocb.memory!;
	if (memory.holder !== iocb) return putFree(k, memory);
	if (--iocb.ki_users > 0) return;
	if (k.era.aioCountsWithRefcount && iocb.state !== 'cancelled') postEvent(k, ctx, iocb);
	forgetRequest(k, ctx, iocb);
	// The last reference to a file may sleep, so that goes to a thread.
	for (const file of [iocb.ki_filp, iocb.ki_eventfd]) {
		if (!file) continue;
		if (file.f_count > 1) file.f_count--;
		else queue_work(k, queueNamed(k, k.era.aioWorkqueueName), () => fput(k, file));
	}
	if (ctx.dead) wake_up_all(k, ctx.wait);
}

/** Its memory is free; its files are the caller's business. */
export function forgetRequest(k: Kernel, ctx: kioctx, iocb: kiocb): void {
	kiocbIs(k, iocb, 'done', 'aio_put_req');
	ctx.active_reqs.delete(iocb);
	k.aio.kiocbs.delete(iocb);
	k.modules?.windows.forget(iocb);
	iocb.memory!.holder = undefined;
	k.aio.spare.push(iocb.memory!);
}

/**
 * Asks a request's driver to give it up; may sleep in it. From 3.12 on the request then ends as any other, with an
 * event, when its driver says so.
 * @returns what its ki_cancel says, -EINVAL where there is none
 */
export function* cancel_kiocb(k: Kernel, iocb: kiocb): Sleeps<number> {
	if (!iocb.ki_cancel) return -EINVAL;
	const answer = iocb.ki_cancel(k, iocb);
	const result = typeof answer === 'number' ? answer : yield* answer;
	if (result !== 0 || iocb.completions > 0 || !k.era.aioCancelFillsEvent) return result;
	const ctx = iocb.ki_ctx!;
	kiocbIs(k, iocb, 'cancelled', 'sys_io_cancel');
	iocb.completions++;
	put_reqs_available(k, ctx, 1);
	aio_put_req(k, ctx, iocb);
	return 0;
}

/** Runs of a retried request, as the thread does them. @see aio_kick_handler() */
type RunIocb = (k: Kernel, iocb: kiocb) => Sleeps<void>;

/**
 * A driver whose method returned -EIOCBRETRY wants it called again; any context.
 * @param run what runs the request: aio_run_iocb
 */
export function kickWith(k: Kernel, iocb: kiocb, run: RunIocb): void {
	iocb.kicked = true;
	if (is_sync_kiocb(iocb)) wake_up_process(k, iocb.task);
	else queue_work(k, queueNamed(k, k.era.aioWorkqueueName), () => runForOwner(k, iocb, run));
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
