/**
 * linux/wait.h and linux/completion.h. A queue is a list in the driver's memory, and is walked there: an entry's
 * function wakes whom it stands for.
 *
 * Not modelled: keys of what has happened (poll's waiters look again by themselves).
 */
import {logicalAddress} from '../../../hardware/address.ts';
import {COST} from '../../../hardware/costs.ts';
import {charge} from '../../cpu.ts';
import {ERESTARTSYS} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {oops} from '../../mm/access.ts';
import {GFP_KERNEL} from '../../mm/gfp.ts';
import {kfree, try_kzalloc} from '../../mm/slab.ts';
import {wake_up_process} from '../../sched.ts';
import {signal_pending} from '../../signal_state.ts';
import {type Sleeps, type Spends, spend} from '../../time.ts';
import {callCAtomic, onStack} from '../callC.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import {addressName} from '../oops.ts';
import {type Gate, modulesOf} from '../state.ts';
import {set_task_state, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, taskState, taskWindow} from '../taskWindow.ts';
import {gate, setWord, word} from './gate.ts';
import {isEmpty, list_add, list_add_tail, list_del, list_del_init, makeEmpty} from './lists.ts';
import {MAX_SCHEDULE_TIMEOUT, schedule_timeout} from './timeouts.ts';

const WAIT_QUEUE_MAGIC = 0x7761_6974;
const WQ_FLAG_EXCLUSIVE = 1;
const TASK_NORMAL = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE;
/** How long a look at one who waits takes. */
const ENTRY_NS = 20;

const headOf = (queue: number) => queue + offsetOf('wait_queue_head', 'task_list');
const linkOf = (entry: number) => entry + offsetOf('wait_queue_entry', 'task_list');

function initialize(k: Kernel, queue: number): void {
	setWord(k, 'wait_queue_head', queue, 'magic', WAIT_QUEUE_MAGIC);
	makeEmpty(k, headOf(queue));
}

const currentAt = (k: Kernel) => modulesOf(k).windows.addressOf(taskWindow, k.cpu.current);

function add(k: Kernel, queue: number, entry: number, exclusive: boolean): void {
	const flags = word(k, 'wait_queue_entry', entry, 'flags');
	setWord(k, 'wait_queue_entry', entry, 'flags', exclusive ? flags | WQ_FLAG_EXCLUSIVE : flags & ~WQ_FLAG_EXCLUSIVE);
	(exclusive ? list_add_tail : list_add)(k, linkOf(entry), headOf(queue));
}

/** What a sleeper waits for, in words, for an observer. */
const queueName = (k: Kernel, queue: number) => `a wait queue at ${addressName(k, queue)}`;

function prepare(k: Kernel, queue: number, entry: number, state: number, exclusive: boolean): void {
	if (isEmpty(k, linkOf(entry))) add(k, queue, entry, exclusive);
	const {current} = k.cpu;
	set_task_state(current, state);
	current.waitingFor = queueName(k, queue);
}

function finish(k: Kernel, entry: number): void {
	k.cpu.current.state = 'TASK_RUNNING';
	k.cpu.current.waitingFor = '';
	if (!isEmpty(k, linkOf(entry))) list_del_init(k, linkOf(entry));
}

/** Wakes whom an entry stands for, if they sleep as they should. @returns whether they did */
function default_wake_function(k: Kernel, entry: number, mode: number): boolean {
	const at = word(k, 'wait_queue_entry', entry, 'private');
	const task = modulesOf(k).windows.objectAt(taskWindow, at);
	// What is no task makes Linux follow a pointer into nowhere.
	if (!task) return oops(k, at, false, false);
	return (taskState(task) & mode) !== 0 && wake_up_process(k, task);
}

function autoremove_wake_function(k: Kernel, entry: number, mode: number): boolean {
	const woken = default_wake_function(k, entry, mode);
	if (woken) list_del_init(k, linkOf(entry));
	return woken;
}

/** Of those in poll(): their entry stays until they leave. */
const pollwake = (k: Kernel, entry: number) => default_wake_function(k, entry, TASK_NORMAL);

/** Of requests of IOCB_CMD_POLL, which have no task that sleeps. */
function aio_poll_wake(k: Kernel, entry: number): boolean {
	modulesOf(k).pollFuncs.get(entry)?.();
	return true;
}

const WAKE_FUNCTIONS = {default_wake_function, autoremove_wake_function, pollwake, aio_poll_wake} as const;

function* wakeEntry(k: Kernel, entry: number, mode: number): Spends<boolean> {
	const func = word(k, 'wait_queue_entry', entry, 'func');
	const name = modulesOf(k).gates.get(func)?.name as keyof typeof WAKE_FUNCTIONS | undefined;
	const ours = name && WAKE_FUNCTIONS[name];
	return ours ? ours(k, entry, mode) : (yield* callCAtomic(k, func, [entry, mode, 0, 0])) !== 0;
}

/** @param most how many of those that are exclusive are woken; 0: all. @see __wake_up_common() */
function* __wake_up(k: Kernel, queue: number, mode: number, most: number): Spends<void> {
	const head = headOf(queue);
	let left = most;
	charge(k, COST.wakeUpNs);
	for (let link = word(k, 'list_head', head, 'next'); link !== head; ) {
		const next = word(k, 'list_head', link, 'next');
		const entry = link - offsetOf('wait_queue_entry', 'task_list');
		const isExclusive = (word(k, 'wait_queue_entry', entry, 'flags') & WQ_FLAG_EXCLUSIVE) !== 0;
		if ((yield* wakeEntry(k, entry, mode)) && isExclusive && --left === 0) return;
		// A list that was destroyed may have no end: time goes on, and the machine with it.
		yield* spend(ENTRY_NS);
		link = next;
	}
}

/** An entry of the current task, on its stack. */
function withEntry(k: Kernel, use: (entry: number) => Sleeps<number>): Sleeps<number> {
	return onStack(k, new Uint8Array(sizeOf('wait_queue_entry')), function* (entry) {
		setWord(k, 'wait_queue_entry', entry, 'private', currentAt(k));
		setWord(k, 'wait_queue_entry', entry, 'func', modulesOf(k).symbols.get('default_wake_function')!);
		makeEmpty(k, linkOf(entry));
		return yield* use(entry);
	});
}

/**
 * Sleeps in a queue until a condition holds. @param ticks at most so long
 * @returns ticks that are left, at least 1 where the condition holds; 0 when the time is over; -ERESTARTSYS
 */
function* sleepUntil(k: Kernel, queue: number, state: number, ticks: number, holds: () => boolean): Sleeps<number> {
	if (holds()) return Math.max(1, ticks);
	return yield* withEntry(k, function* (entry) {
		let left = ticks;
		for (;;) {
			prepare(k, queue, entry, state, true);
			const interrupted = state === TASK_INTERRUPTIBLE && signal_pending(k);
			if (holds() || left === 0 || interrupted) {
				finish(k, entry);
				return holds() ? Math.max(1, left) : interrupted ? -ERESTARTSYS : 0;
			}
			left = yield* schedule_timeout(k, left);
		}
	});
}

// ── completions ────────────────────────────────────────────────────────────────────────────────────────────────────

const ALL_DONE = 0x7fff_ffff;
const waitOf = (x: number) => x + offsetOf('completion', 'wait');
const doneOf = (k: Kernel, x: number) => word(k, 'completion', x, 'done');

function take(k: Kernel, x: number): boolean {
	const done = doneOf(k, x);
	if (done === 0) return false;
	if (done < ALL_DONE) setWord(k, 'completion', x, 'done', done - 1);
	return true;
}

/** @returns as sleepUntil */
function* wait_for_common(k: Kernel, x: number, state: number, ticks: number): Sleeps<number> {
	let isTaken = false;
	return yield* sleepUntil(k, waitOf(x), state, ticks, () => (isTaken ||= take(k, x)));
}

const orError = (result: number) => Math.min(0, result);

function* waitFor(k: Kernel, x: number, state: number): Sleeps<number> {
	return orError(yield* wait_for_common(k, x, state, MAX_SCHEDULE_TIMEOUT));
}

function* complete(k: Kernel, x: number, all: boolean): Spends<void> {
	const done = all ? ALL_DONE : Math.min(ALL_DONE, doneOf(k, x) + 1);
	setWord(k, 'completion', x, 'done', done);
	yield* __wake_up(k, waitOf(x), TASK_NORMAL, all ? 0 : 1);
}

// ── sleep_on ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Sleeps once, whatever has happened: the race that made later kernels drop it. */
function* sleepOn(k: Kernel, queue: number, state: number, ticks: number): Sleeps<number> {
	return yield* withEntry(k, function* (entry) {
		prepare(k, queue, entry, state, false);
		const left = yield* schedule_timeout(k, ticks);
		finish(k, entry);
		return left;
	});
}

// ── poll ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An entry of the task that polls now, in a queue of C, until poll() returns. */
function poll_wait(k: Kernel, _file: number, queue: number, at: number): void {
	const table = modulesOf(k).polling.get(at);
	if (!table || queue === 0 || word(k, 'poll_table_struct', at, '_qproc') === 0) return;
	if (table.queue_proc) return table.queue_proc(func => addEntry(k, queue, 'aio_poll_wake', func));
	k.cpu.current.waitingFor = queueName(k, queue);
	table.leave.push(addEntry(k, queue, 'pollwake'));
}

/** @param func what its wake function calls. @returns takes it out */
function addEntry(k: Kernel, queue: number, wakes: keyof typeof WAKE_FUNCTIONS, func?: () => void): () => void {
	const {symbols, pollFuncs} = modulesOf(k);
	const entry = try_kzalloc(k, sizeOf('wait_queue_entry'), GFP_KERNEL);
	if (entry === undefined) return () => {};
	setWord(k, 'wait_queue_entry', entry, 'private', currentAt(k));
	setWord(k, 'wait_queue_entry', entry, 'func', symbols.get(wakes)!);
	if (func) pollFuncs.set(entry, func);
	add(k, queue, entry, false);
	return () => {
		pollFuncs.delete(entry);
		list_del(k, linkOf(entry));
		kfree(k, logicalAddress(entry));
	};
}

export const waitExports: readonly Gate[] = [
	gate('init_waitqueue_head', initialize),
	...Object.entries(WAKE_FUNCTIONS).map(([name, run]) => gate(name, (k, entry, mode) => (run(k, entry, mode) ? 1 : 0))),
	gate('add_wait_queue', (k, queue, entry) => add(k, queue, entry, false)),
	gate('add_wait_queue_exclusive', (k, queue, entry) => add(k, queue, entry, true)),
	gate('remove_wait_queue', (k, _queue, entry) => list_del(k, linkOf(entry))),
	gate('prepare_to_wait', (k, queue, entry, state) => prepare(k, queue, entry, state, false)),
	gate('prepare_to_wait_exclusive', (k, queue, entry, state) => prepare(k, queue, entry, state, true)),
	gate('finish_wait', (k, _queue, entry) => finish(k, entry)),
	gate('__wake_up', __wake_up),
	gate('poll_wait', poll_wait),
	gate('__pollwait', poll_wait),
	gate('wait_for_completion', function* (k, x) {
		yield* waitFor(k, x, TASK_UNINTERRUPTIBLE);
	}),
	gate('wait_for_completion_interruptible', (k, x) => waitFor(k, x, TASK_INTERRUPTIBLE)),
	gate('wait_for_completion_killable', (k, x) => waitFor(k, x, TASK_UNINTERRUPTIBLE)),
	gate('wait_for_completion_timeout', (k, x, ticks) => wait_for_common(k, x, TASK_UNINTERRUPTIBLE, ticks)),
	gate('wait_for_completion_interruptible_timeout', (k, x, ticks) => wait_for_common(k, x, TASK_INTERRUPTIBLE, ticks)),
	gate('try_wait_for_completion', (k, x) => (take(k, x) ? 1 : 0)),
	gate('completion_done', (k, x) => (doneOf(k, x) !== 0 ? 1 : 0)),
	gate('complete', (k, x) => complete(k, x, false)),
	gate('complete_all', (k, x) => complete(k, x, true)),
	gate('sleep_on', (k, queue) => sleepOn(k, queue, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT)),
	gate('interruptible_sleep_on', (k, queue) => sleepOn(k, queue, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT)),
	gate('sleep_on_timeout', (k, queue, ticks) => sleepOn(k, queue, TASK_UNINTERRUPTIBLE, ticks)),
	gate('interruptible_sleep_on_timeout', (k, queue, ticks) => sleepOn(k, queue, TASK_INTERRUPTIBLE, ticks)),
];
