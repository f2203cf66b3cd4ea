/**
 * Models lib/rwsem.c, kernel/mutex.c, include/linux/spinlock.h: locks that really exclude. Waiters of sleeping locks
 * queue in the order of coming, and a waiting writer holds back later readers, as in lib/rwsem.c.
 *
 * Not modelled: lock stealing, optimistic spinning (3.16+), lockdep.
 */
import {COST} from '../hardware/costs.ts';
import {charge, local_irq_restore, local_irq_save, preempt_disable} from './cpu.ts';
import type {Kernel} from './kernel.ts';
import {might_sleep, preempt_enable, schedule, type task_struct, wake_up_process} from './sched.ts';
import type {Sleeps, Spends, Spinnable} from './time.ts';

// ── spinlock_t ─────────────────────────────────────────────────────────────────────────────────────────────────────

export type spinlock_t = Spinnable & {readonly name: string; owner: task_struct | undefined};

export const spin_lock_init = (name: string): spinlock_t => ({name, locked: false, spinners: [], owner: undefined});

/** Takes the lock, spinning while another CPU has it. Disables preemption. */
export function* spin_lock(k: Kernel, lock: spinlock_t): Spends<void> {
	preempt_disable(k);
	while (lock.locked) yield lock;
	lock.locked = true;
	lock.owner = k.cpu.current;
}

export function spin_unlock(k: Kernel, lock: spinlock_t): void {
	lock.locked = false;
	lock.owner = undefined;
	if (lock.spinners.length > 0) for (const look of lock.spinners.splice(0)) look();
	preempt_enable(k);
}

/** @returns the interrupt state for `spin_unlock_irqrestore` */
export function* spin_lock_irqsave(k: Kernel, lock: spinlock_t): Spends<boolean> {
	const flags = local_irq_save(k);
	yield* spin_lock(k, lock);
	return flags;
}

export function spin_unlock_irqrestore(k: Kernel, lock: spinlock_t, flags: boolean): void {
	spin_unlock(k, lock);
	local_irq_restore(k, flags);
}

// ── struct rw_semaphore ────────────────────────────────────────────────────────────────────────────────────────────

type RwWaiter = {readonly task: task_struct; readonly write: boolean; granted: boolean};

export type rw_semaphore = {
	readonly name: string;
	readers: task_struct[];
	writer: task_struct | undefined;
	readonly waiters: RwWaiter[];
	/** Times that somebody had to wait. */
	contended: number;
};

export const init_rwsem = (name: string): rw_semaphore => ({
	name,
	readers: [],
	writer: undefined,
	waiters: [],
	contended: 0,
});

/** Takes the semaphore for reading if that needs no wait. */
export function down_read_trylock(k: Kernel, sem: rw_semaphore): boolean {
	if (sem.writer || sem.waiters.length > 0) return false;
	sem.readers.push(k.cpu.current);
	return true;
}

export function down_write_trylock(k: Kernel, sem: rw_semaphore): boolean {
	if (sem.writer || sem.readers.length > 0 || sem.waiters.length > 0) return false;
	sem.writer = k.cpu.current;
	return true;
}

/** Takes the semaphore for reading; may sleep. */
export function* down_read(k: Kernel, sem: rw_semaphore): Sleeps<void> {
	might_sleep(k, 'lib/rwsem.c');
	if (!down_read_trylock(k, sem)) yield* waitFor(k, sem, false);
}

/** Takes the semaphore for writing; may sleep. */
export function* down_write(k: Kernel, sem: rw_semaphore): Sleeps<void> {
	might_sleep(k, 'lib/rwsem.c');
	if (!down_write_trylock(k, sem)) yield* waitFor(k, sem, true);
}

function* waitFor(k: Kernel, sem: rw_semaphore, write: boolean): Sleeps<void> {
	const waiter: RwWaiter = {task: k.cpu.current, write, granted: false};
	sem.waiters.push(waiter);
	sem.contended++;
	while (!waiter.granted) {
		waiter.task.state = 'TASK_UNINTERRUPTIBLE';
		waiter.task.waitingFor = `${sem.name} for ${write ? 'write' : 'read'}`;
		yield* schedule(k);
	}
}

export function up_read(k: Kernel, sem: rw_semaphore): void {
	const at = sem.readers.indexOf(k.cpu.current);
	if (at < 0) throw new Error(`up_read of ${sem.name} by a task that does not hold it`);
	if (at === sem.readers.length - 1) sem.readers.pop();
	else sem.readers.splice(at, 1);
	if (sem.waiters.length > 0) grant(k, sem);
}

export function up_write(k: Kernel, sem: rw_semaphore): void {
	if (sem.writer !== k.cpu.current) throw new Error(`up_write of ${sem.name} by a task that does not hold it`);
	sem.writer = undefined;
	if (sem.waiters.length > 0) grant(k, sem);
}

/** The writer becomes a reader, and readers that wait before the next writer come in. */
export function downgrade_write(k: Kernel, sem: rw_semaphore): void {
	const {current} = k.cpu;
	if (sem.writer !== current) throw new Error(`downgrade_write of ${sem.name} by a task that does not hold it`);
	sem.writer = undefined;
	sem.readers.push(current);
	if (sem.waiters.length > 0) grant(k, sem);
}

/** Hands a free semaphore to whoever waits: one writer, or all readers up to the next writer. */
function grant(k: Kernel, sem: rw_semaphore): void {
	while (sem.waiters.length > 0) {
		const next = sem.waiters[0]!;
		if (next.write ? sem.writer || sem.readers.length > 0 : sem.writer) return;
		sem.waiters.shift();
		if (next.write) sem.writer = next.task;
		else sem.readers.push(next.task);
		next.granted = true;
		charge(k, COST.wakeUpNs);
		wake_up_process(k, next.task);
		if (next.write) return;
	}
}

// ── struct mutex (a semaphore of one, before 2.6.16) ───────────────────────────────────────────────────────────────

export type mutex = {readonly name: string; owner: task_struct | undefined; readonly waiters: task_struct[]};

export const mutex_init = (name: string): mutex => ({name, owner: undefined, waiters: []});

/** Takes the mutex; may sleep. */
export function* mutex_lock(k: Kernel, lock: mutex): Sleeps<void> {
	might_sleep(k, k.era.mutexMightSleepAt);
	const current = k.cpu.current;
	if (!lock.owner) {
		lock.owner = current;
		return;
	}
	lock.waiters.push(current);
	while (lock.owner !== current) {
		current.state = 'TASK_UNINTERRUPTIBLE';
		current.waitingFor = lock.name;
		yield* schedule(k);
	}
}

export function mutex_unlock(k: Kernel, lock: mutex): void {
	if (lock.owner !== k.cpu.current) throw new Error(`mutex_unlock of ${lock.name} by a task that does not hold it`);
	lock.owner = lock.waiters.shift();
	if (lock.owner) wake_up_process(k, lock.owner);
}
