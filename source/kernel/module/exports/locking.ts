/**
 * linux/mutex.h, semaphore.h and rwsem.h: sleeping locks. The word in the driver's memory says what is so; who waits
 * hangs beside it, in the order of coming.
 *
 * Not modelled: lock stealing, optimistic spinning, the checks of CONFIG_DEBUG_MUTEXES; TASK_KILLABLE (such sleeps last
 * until the lock comes).
 */
import {EINTR, ETIME} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import type {mm_struct} from '../../mm/mm_types.ts';
import {
	mmap_read_lock,
	mmap_read_trylock,
	mmap_read_unlock_now,
	mmap_write_downgrade_now,
	mmap_write_lock,
	mmap_write_trylock,
	mmap_write_unlock_now,
} from '../../mm/mmap_lock.ts';
import {might_sleep, type task_struct, wake_up_process} from '../../sched.ts';
import {signal_pending} from '../../signal_state.ts';
import type {Sleeps} from '../../time.ts';
import {offsetOf} from '../layouts.ts';
import {addressName} from '../oops.ts';
import {besides, type Gate, modulesOf} from '../state.ts';
import {mmWindow} from '../structureWindows.ts';
import {taskWindow} from '../taskWindow.ts';
import {gate, setWord, word} from './gate.ts';
import {makeEmpty} from './lists.ts';
import {MAX_SCHEDULE_TIMEOUT, schedule_timeout} from './timeouts.ts';

type Waiter = {readonly task: task_struct; readonly write: boolean; granted: boolean};

const linesOf = (k: Kernel) => besides<Waiter[]>(k, 'waiters of a lock');
const waitersAt = (k: Kernel, lock: number): Waiter[] => linesOf(k).get(lock) ?? [];

function leave(k: Kernel, lock: number, waiter: Waiter): void {
	const waiters = waitersAt(k, lock);
	const at = waiters.indexOf(waiter);
	if (at >= 0) waiters.splice(at, 1);
	if (waiters.length === 0) linesOf(k).delete(lock);
}

type Wait = {readonly interruptible?: boolean; readonly ticks?: number; readonly write?: boolean};

/** Waits for its turn, in line. @returns 0, -EINTR when a signal came, -ETIME */
function* waitInLine(k: Kernel, lock: number, what: string, wait: Wait): Sleeps<number> {
	const {current: task} = k.cpu;
	const waiter: Waiter = {task, write: wait.write ?? false, granted: false};
	linesOf(k).set(lock, [...waitersAt(k, lock), waiter]);
	let left = wait.ticks ?? MAX_SCHEDULE_TIMEOUT;
	for (;;) {
		if (waiter.granted) return 0;
		if ((wait.interruptible && signal_pending(k)) || left === 0) {
			leave(k, lock, waiter);
			return left === 0 ? -ETIME : -EINTR;
		}
		task.state = wait.interruptible ? 'TASK_INTERRUPTIBLE' : 'TASK_UNINTERRUPTIBLE';
		task.waitingFor = `${what} at ${addressName(k, lock)}`;
		left = yield* schedule_timeout(k, left);
	}
}

/** Hands the lock to the task that has waited longest. @returns whether one waited */
function handOver(k: Kernel, lock: number): task_struct | undefined {
	const [first] = waitersAt(k, lock);
	if (!first) return undefined;
	leave(k, lock, first);
	first.granted = true;
	wake_up_process(k, first.task);
	return first.task;
}

// ── struct semaphore ───────────────────────────────────────────────────────────────────────────────────────────────

const SEMAPHORE_MAGIC = 0x7365_6d61;

function sema_init(k: Kernel, sem: number, count: number): void {
	linesOf(k).delete(sem);
	setWord(k, 'semaphore', sem, 'count', count);
	setWord(k, 'semaphore', sem, 'magic', SEMAPHORE_MAGIC);
	makeEmpty(k, sem + offsetOf('semaphore', 'wait_list'));
}

function down_trylock(k: Kernel, sem: number): boolean {
	const count = word(k, 'semaphore', sem, 'count') | 0;
	if (count <= 0) return false;
	setWord(k, 'semaphore', sem, 'count', count - 1);
	return true;
}

function* down(k: Kernel, sem: number, wait: Wait): Sleeps<number> {
	if (k.era.downMightSleepAt !== undefined) might_sleep(k, k.era.downMightSleepAt);
	return down_trylock(k, sem) ? 0 : yield* waitInLine(k, sem, 'a semaphore', wait);
}

function up(k: Kernel, sem: number): void {
	if (!handOver(k, sem)) setWord(k, 'semaphore', sem, 'count', (word(k, 'semaphore', sem, 'count') | 0) + 1);
}

// ── struct mutex ───────────────────────────────────────────────────────────────────────────────────────────────────

const MUTEX_MAGIC = 0x6d75_7478;

function setOwner(k: Kernel, mutex: number, owner: task_struct | undefined): void {
	setWord(k, 'mutex', mutex, 'count', owner ? 0 : 1);
	setWord(k, 'mutex', mutex, 'owner', owner ? modulesOf(k).windows.addressOf(taskWindow, owner) : 0);
}

function mutex_init(k: Kernel, mutex: number): void {
	linesOf(k).delete(mutex);
	setWord(k, 'mutex', mutex, 'magic', MUTEX_MAGIC);
	makeEmpty(k, mutex + offsetOf('mutex', 'wait_list'));
	setOwner(k, mutex, undefined);
}

function mutex_trylock(k: Kernel, mutex: number): boolean {
	if (word(k, 'mutex', mutex, 'count') !== 1) return false;
	setOwner(k, mutex, k.cpu.current);
	return true;
}

function* mutex_lock(k: Kernel, mutex: number, interruptible: boolean): Sleeps<number> {
	might_sleep(k, k.era.mutexMightSleepAt);
	return mutex_trylock(k, mutex) ? 0 : yield* waitInLine(k, mutex, 'a mutex', {interruptible});
}

/** Letting go of what another holds is a bug that Linux does not see either, without its checkers. */
function mutex_unlock(k: Kernel, mutex: number): void {
	setOwner(k, mutex, handOver(k, mutex));
}

// ── struct rw_semaphore: how many read, or -1 where one writes ─────────────────────────────────────────────────────

const RWSEM_MAGIC = 0x7277_736d;
const WRITING = -1;

const usersOf = (k: Kernel, sem: number) => word(k, 'rw_semaphore', sem, 'count') | 0;
const setUsers = (k: Kernel, sem: number, users: number) => setWord(k, 'rw_semaphore', sem, 'count', users);

function init_rwsem(k: Kernel, sem: number): void {
	linesOf(k).delete(sem);
	setUsers(k, sem, 0);
	setWord(k, 'rw_semaphore', sem, 'magic', RWSEM_MAGIC);
	makeEmpty(k, sem + offsetOf('rw_semaphore', 'wait_list'));
}

/** The address space whose mmap_sem or mmap_lock lies at an address: that one is the kernel's own. */
function mmOf(k: Kernel, sem: number): mm_struct | undefined {
	const {windows} = modulesOf(k);
	return (['mmap_sem', 'mmap_lock'] as const)
		.map(name => windows.objectAt(mmWindow, sem - offsetOf('mm_struct', name)))
		.find(mm => mm !== undefined);
}

/** A writer that waits holds back later readers. */
function tryDown(k: Kernel, sem: number, write: boolean): boolean {
	const mm = mmOf(k, sem);
	if (mm) return write ? mmap_write_trylock(k, mm) : mmap_read_trylock(k, mm);
	const users = usersOf(k, sem);
	if (waitersAt(k, sem).length > 0 || (write ? users !== 0 : users < 0)) return false;
	setUsers(k, sem, write ? WRITING : users + 1);
	return true;
}

function* downRw(k: Kernel, sem: number, write: boolean): Sleeps<void> {
	const mm = mmOf(k, sem);
	if (mm) return yield* write ? mmap_write_lock(k, mm) : mmap_read_lock(k, mm);
	might_sleep(k, 'lib/rwsem.c');
	const what = `an rw_semaphore to ${write ? 'write' : 'read'}`;
	if (!tryDown(k, sem, write)) yield* waitInLine(k, sem, what, {write});
}

/** Lets in who waits: one writer, or all readers up to the next writer. */
function grant(k: Kernel, sem: number): void {
	for (let [first] = waitersAt(k, sem); first; [first] = waitersAt(k, sem)) {
		const users = usersOf(k, sem);
		if (first.write ? users !== 0 : users < 0) return;
		setUsers(k, sem, first.write ? WRITING : users + 1);
		handOver(k, sem);
	}
}

function upRw(k: Kernel, sem: number, users: number): void {
	setUsers(k, sem, users);
	grant(k, sem);
}

function upRead(k: Kernel, sem: number): void {
	const mm = mmOf(k, sem);
	if (!mm) return upRw(k, sem, Math.max(0, usersOf(k, sem) - 1));
	if (mm.mmap_sem.readers.includes(k.cpu.current)) mmap_read_unlock_now(k, mm);
}

function upWrite(k: Kernel, sem: number): void {
	const mm = mmOf(k, sem);
	if (!mm) upRw(k, sem, 0);
	else if (mm.mmap_sem.writer === k.cpu.current) mmap_write_unlock_now(k, mm);
}

function downgradeWrite(k: Kernel, sem: number): void {
	const mm = mmOf(k, sem);
	if (!mm) upRw(k, sem, 1);
	else if (mm.mmap_sem.writer === k.cpu.current) mmap_write_downgrade_now(k, mm);
}

export const lockingExports: readonly Gate[] = [
	gate('sema_init', (k, sem, count) => sema_init(k, sem, count)),
	gate('down', function* (k, sem) {
		yield* down(k, sem, {});
	}),
	gate('down_interruptible', (k, sem) => down(k, sem, {interruptible: true})),
	gate('down_killable', (k, sem) => down(k, sem, {})),
	gate('down_timeout', (k, sem, ticks) => down(k, sem, {ticks})),
	// The other way round than a mutex: 0 where it was taken.
	gate('down_trylock', (k, sem) => (down_trylock(k, sem) ? 0 : 1)),
	gate('up', up),
	gate('mutex_init', mutex_init),
	gate('mutex_destroy', (k, mutex) => void linesOf(k).delete(mutex)),
	gate('mutex_lock', function* (k, mutex) {
		yield* mutex_lock(k, mutex, false);
	}),
	gate('mutex_lock_interruptible', (k, mutex) => mutex_lock(k, mutex, true)),
	gate('mutex_lock_killable', (k, mutex) => mutex_lock(k, mutex, false)),
	gate('mutex_trylock', (k, mutex) => (mutex_trylock(k, mutex) ? 1 : 0)),
	gate('mutex_unlock', mutex_unlock),
	gate('init_rwsem', init_rwsem),
	...[false, true].flatMap(write => [
		gate(write ? 'down_write' : 'down_read', (k, sem) => downRw(k, sem, write)),
		gate(write ? 'down_write_trylock' : 'down_read_trylock', (k, sem) => (tryDown(k, sem, write) ? 1 : 0)),
	]),
	gate('up_read', upRead),
	gate('up_write', upWrite),
	gate('downgrade_write', downgradeWrite),
];
