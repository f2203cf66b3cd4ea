/**
 * Models the page bits that tasks wait for (mm/filemap.c: lock_page, wait_on_page_writeback): PG_locked and
 * PG_writeback.
 *
 * Not modelled: the hashed wait tables (here a frame with waiters has a queue of its own), killable waits.
 */
import type {Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {might_sleep, schedule} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {traceFrame} from '../trace.ts';
import {wait_queue_head, wake_up_all} from '../wait.ts';
import {clearPageFlag, PG_locked, PG_reclaim, PG_writeback, setPageFlag, testPageFlag} from './page.ts';

/** Locks a frame if nobody has it. */
export function trylock_page(k: Kernel, frame: Pfn): boolean {
	if (testPageFlag(k, frame, PG_locked)) return false;
	setPageFlag(k, frame, PG_locked);
	return true;
}

/** Locks a frame; sleeps while somebody else has it. */
export function* lock_page(k: Kernel, frame: Pfn): Sleeps<void> {
	while (!trylock_page(k, frame)) yield* waitForBit(k, frame, 'page lock');
}

/** @throws Error when the frame is not locked (BUG_ON in Linux) */
export function unlock_page(k: Kernel, frame: Pfn): void {
	if (!testPageFlag(k, frame, PG_locked)) throw new Error(`unlock_page of frame ${frame}, which is not locked`);
	clearPageFlag(k, frame, PG_locked);
	wakePageWaiters(k, frame);
}

/** Sleeps until a frame is not locked, mostly until its read has ended. */
export function* wait_on_page_locked(k: Kernel, frame: Pfn): Sleeps<void> {
	while (testPageFlag(k, frame, PG_locked)) yield* waitForBit(k, frame, 'page lock');
}

/** Sleeps until a frame is not under write-back. */
export function* wait_on_page_writeback(k: Kernel, frame: Pfn): Sleeps<void> {
	while (testPageFlag(k, frame, PG_writeback)) yield* waitForBit(k, frame, 'page write-back');
}

export function set_page_writeback(k: Kernel, frame: Pfn): void {
	if (testPageFlag(k, frame, PG_writeback)) return;
	setPageFlag(k, frame, PG_writeback);
	traceFrame(k, 'set_page_writeback', frame);
	k.filemap.nr_writeback++;
}

/** The write of a frame has ended, well or not. */
export function end_page_writeback(k: Kernel, frame: Pfn): void {
	clearPageFlag(k, frame, PG_writeback);
	traceFrame(k, 'end_page_writeback', frame);
	clearPageFlag(k, frame, PG_reclaim);
	k.filemap.nr_writeback--;
	k.vm_events.nr_written++;
	wakePageWaiters(k, frame);
}

function* waitForBit(k: Kernel, frame: Pfn, reason: string): Sleeps<void> {
	might_sleep(k, 'mm/filemap.c');
	let queue = k.filemap.waiters.get(frame);
	if (!queue) k.filemap.waiters.set(frame, (queue = wait_queue_head(reason)));
	const task = k.cpu.current;
	queue.tasks.push(task);
	task.state = 'TASK_UNINTERRUPTIBLE';
	task.waitingFor = `${reason} of pfn 0x${frame.toString(16)}`;
	yield* schedule(k);
}

function wakePageWaiters(k: Kernel, frame: Pfn): void {
	const queue = k.filemap.waiters.get(frame);
	if (!queue) return;
	k.filemap.waiters.delete(frame);
	wake_up_all(k, queue);
}
