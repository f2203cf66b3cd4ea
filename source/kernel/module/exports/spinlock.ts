/**
 * linux/spinlock.h, rwlock.h, irqflags.h, preempt.h and smp_lock.h. The word in the driver's memory says whether a lock
 * is taken; who spins hangs beside it. A lock that was not initialized is noticed by its magic word
 * (CONFIG_DEBUG_SPINLOCK).
 *
 * Not modelled: the big kernel lock is not let go by who sleeps with it.
 */
import {BUG} from '../../bug.ts';
import {
	in_atomic,
	in_interrupt,
	in_irq,
	in_softirq,
	irqs_disabled,
	local_irq_restore,
	local_irq_save,
	PREEMPT_BITS,
	preempt_count,
	preempt_disable,
} from '../../cpu.ts';
import {hex8} from '../../hex.ts';
import {local_bh_disable, local_bh_enable} from '../../irq.ts';
import type {Kernel} from '../../kernel.ts';
import {spin_lock, spin_lock_init, spin_unlock, type spinlock_t} from '../../locking.ts';
import {printk} from '../../printk.ts';
import {preempt_enable, schedule, type task_struct} from '../../sched.ts';
import {type Sleeps, type Spends, spend} from '../../time.ts';
import {inReport} from '../../watch.ts';
import {addressName} from '../oops.ts';
import {besides, type Gate, modulesOf} from '../state.ts';
import {gate, setWord, word} from './gate.ts';

const SPINLOCK_MAGIC = 0xdead_4ead;
const RWLOCK_MAGIC = 0xdeaf_1eed;
/** The bit of EFLAGS that lets interrupts in. */
const IF = 0x200;
/** A turn around a lock that another holds. */
const SPIN_NS = 100;

/** What is wrong with a lock, once in the life of the kernel; 2.6.11 ends who found it. @see lib/spinlock_debug.c */
function spin_bug(k: Kernel, lock: number, magic: number, what: string): void {
	if (k.era.spinBugIsFatal) BUG(k, 'include/asm/spinlock.h');
	const modules = modulesOf(k);
	if (modules.locksWereWrong) return;
	modules.locksWereWrong = true;
	const {comm, pid} = k.cpu.current;
	const name = k.era.spinBugNamesLock ? addressName(k, lock) : hex8(lock);
	inReport(k, 'bug', () => {
		printk(k, 0, `BUG: spinlock ${what} on CPU#${k.cpu.id}, ${comm}/${pid}`);
		printk(k, 0, ` lock: ${name}, .magic: ${hex8(magic)}, .owner: <none>/-1, .owner_cpu: -1`);
	});
}

const magicOf = (k: Kernel, lock: number) => word(k, 'spinlock', lock, 'magic');

function lookAtMagic(k: Kernel, lock: number): void {
	const magic = magicOf(k, lock);
	if (magic !== SPINLOCK_MAGIC) spin_bug(k, lock, magic, 'bad magic');
}

/** The lock's word is what counts: a lock that was initialized again is another one. */
function lockAt(k: Kernel, address: number): spinlock_t {
	const known = besides<spinlock_t>(k, 'spinlock');
	const isTaken = word(k, 'spinlock', address, 'locked') !== 0;
	const found = known.get(address);
	if (found?.locked === isTaken) return found;
	if (found) {
		found.locked = false;
		for (const look of found.spinners.splice(0)) look();
	}
	const made = spin_lock_init(addressName(k, address));
	made.locked = isTaken;
	known.set(address, made);
	return made;
}

function* take(k: Kernel, address: number): Spends<void> {
	lookAtMagic(k, address);
	yield* spin_lock(k, lockAt(k, address));
	setWord(k, 'spinlock', address, 'locked', 1);
}

function letGo(k: Kernel, address: number): void {
	lookAtMagic(k, address);
	const lock = lockAt(k, address);
	if (!lock.locked) {
		spin_bug(k, address, magicOf(k, address), 'already unlocked');
		return;
	}
	setWord(k, 'spinlock', address, 'locked', 0);
	besides<spinlock_t>(k, 'spinlock').delete(address);
	if (!mayEnable(k)) preempt_disable(k);
	spin_unlock(k, lock);
}

/** Where enabling was never disabled, the count stays; a scheduler that resets the count has left it short. */
const mayEnable = (k: Kernel) => (preempt_count(k) & PREEMPT_BITS) !== 0 || k.era.schedulingResetsPreemptCount;

function enable(k: Kernel): void {
	if (mayEnable(k)) preempt_enable(k);
}

const save = (k: Kernel) => (local_irq_save(k) ? 0 : IF);
const restore = (k: Kernel, flags: number) => local_irq_restore(k, (flags & IF) === 0);

// ── rwlock_t: how many read, or -1 where one writes ────────────────────────────────────────────────────────────────

const WRITING = -1;
const usersOf = (k: Kernel, lock: number) => word(k, 'rwlock', lock, 'count') | 0;

function* takeRw(k: Kernel, lock: number, write: boolean): Spends<void> {
	const magic = word(k, 'rwlock', lock, 'magic');
	if (magic !== RWLOCK_MAGIC) spin_bug(k, lock, magic, 'bad magic');
	preempt_disable(k);
	while (write ? usersOf(k, lock) !== 0 : usersOf(k, lock) < 0) yield* spend(SPIN_NS);
	setWord(k, 'rwlock', lock, 'count', write ? WRITING : usersOf(k, lock) + 1);
}

function letGoRw(k: Kernel, lock: number, write: boolean): void {
	setWord(k, 'rwlock', lock, 'count', write ? 0 : Math.max(0, usersOf(k, lock) - 1));
	enable(k);
}

// ── the big kernel lock ────────────────────────────────────────────────────────────────────────────────────────────

type BigLock = {owner: task_struct | undefined; depth: number};

function bigLock(k: Kernel): BigLock {
	const known = besides<BigLock>(k, 'big kernel lock');
	const found = known.get(0);
	if (found) return found;
	const made: BigLock = {owner: undefined, depth: 0};
	known.set(0, made);
	return made;
}

function* lock_kernel(k: Kernel): Sleeps<void> {
	const lock = bigLock(k);
	while (lock.owner && lock.owner !== k.cpu.current && lock.owner.state !== 'EXIT_DEAD') yield* schedule(k);
	if (lock.owner !== k.cpu.current) lock.depth = 0;
	lock.owner = k.cpu.current;
	lock.depth++;
}

function unlock_kernel(k: Kernel): void {
	const lock = bigLock(k);
	if (lock.owner !== k.cpu.current || --lock.depth > 0) return;
	lock.owner = undefined;
}

export const spinlockExports: readonly Gate[] = [
	gate('spin_lock', take),
	gate('spin_unlock', letGo),
	gate('spin_trylock', function* (k, lock) {
		if (lockAt(k, lock).locked) return 0;
		yield* take(k, lock);
		return 1;
	}),
	gate('spin_lock_irq', function* (k, lock) {
		local_irq_save(k);
		yield* take(k, lock);
	}),
	gate('spin_unlock_irq', (k, lock) => {
		letGo(k, lock);
		local_irq_restore(k, false);
	}),
	gate('_spin_lock_irqsave', function* (k, lock) {
		const flags = save(k);
		yield* take(k, lock);
		return flags;
	}),
	gate('spin_unlock_irqrestore', (k, lock, flags) => {
		letGo(k, lock);
		restore(k, flags);
	}),
	gate('spin_lock_bh', function* (k, lock) {
		local_bh_disable(k);
		yield* take(k, lock);
	}),
	gate('spin_unlock_bh', (k, lock) => {
		letGo(k, lock);
		if (in_softirq(k)) local_bh_enable(k);
	}),
	gate('read_lock', (k, lock) => takeRw(k, lock, false)),
	gate('read_unlock', (k, lock) => letGoRw(k, lock, false)),
	gate('write_lock', (k, lock) => takeRw(k, lock, true)),
	gate('write_unlock', (k, lock) => letGoRw(k, lock, true)),
	gate('_local_irq_save', save),
	gate('local_irq_restore', restore),
	gate('local_irq_disable', k => void local_irq_save(k)),
	gate('local_irq_enable', k => local_irq_restore(k, false)),
	gate('irqs_disabled', k => (irqs_disabled(k) ? 1 : 0)),
	gate('local_bh_disable', local_bh_disable),
	gate('local_bh_enable', k => {
		if (in_softirq(k)) local_bh_enable(k);
	}),
	gate('preempt_disable', preempt_disable),
	gate('preempt_enable', enable),
	gate('preempt_count', preempt_count),
	gate('in_interrupt', k => (in_interrupt(k) ? 1 : 0)),
	gate('in_irq', k => (in_irq(k) ? 1 : 0)),
	gate('in_softirq', k => (in_softirq(k) ? 1 : 0)),
	gate('in_atomic', k => (in_atomic(k) ? 1 : 0)),
	gate('smp_processor_id', k => k.cpu.id),
	gate('num_online_cpus', k => k.sched.cpus.length),
	gate('lock_kernel', lock_kernel),
	gate('unlock_kernel', unlock_kernel),
];
