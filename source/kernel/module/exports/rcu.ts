/**
 * linux/rcupdate.h: functions that are called when all readers of now are done. A reader is a CPU that may not be
 * preempted (rcu_read_lock() of the headers), so a grace period ends when each CPU was seen outside of that at a tick.
 * Models kernel/rcupdate.c (2.6.11; kernel/rcu from 3.12 on).
 *
 * Not modelled: the flavours (bh, sched, SRCU), stalls, callbacks in the order of several CPUs.
 */
import {kernelAddress, logicalAddress} from '../../../hardware/address.ts';
import {PREEMPT_BITS} from '../../cpu.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32, kwrite32} from '../../mm/access.ts';
import {kfree} from '../../mm/slab.ts';
import type {Sleeps, Spends} from '../../time.ts';
import {jiffies, mod_timer, type timer_list} from '../../timer.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../../wait.ts';
import {callCAtomic} from '../callC.ts';
import {besides, type Gate} from '../state.ts';
import {gate, gates} from './gate.ts';

/** In struct rcu_head, behind the link. */
const FUNC = 4;

/** Callbacks under way, by the address of their head; an object that kfree_rcu() frees, by its own. */
const pendingOf = (k: Kernel) => besides<wait_queue_head>(k, 'rcu');

/** Has something done in a softirq after a grace period: one tick at least. */
function afterGracePeriod(k: Kernel, action: () => Spends<void>): void {
	const waitedFor = new Set(k.sched.cpus);
	const timer: timer_list = {
		expires: 0,
		cpu: 0,
		*run() {
			for (const cpu of waitedFor) if ((cpu.preempt_count & PREEMPT_BITS) === 0) waitedFor.delete(cpu);
			if (waitedFor.size === 0) yield* action();
			else mod_timer(k, timer, jiffies(k) + 1);
		},
	};
	mod_timer(k, timer, jiffies(k) + 1);
}

function call(k: Kernel, key: number, action: () => Spends<void>): wait_queue_head {
	const done = wait_queue_head('a grace period');
	pendingOf(k).set(key, done);
	afterGracePeriod(k, function* () {
		if (pendingOf(k).get(key) === done) pendingOf(k).delete(key);
		yield* action();
		wake_up_all(k, done);
	});
	return done;
}

function* synchronize_rcu(k: Kernel): Sleeps<void> {
	let isOver = false;
	const done = wait_queue_head('a grace period');
	afterGracePeriod(k, function* () {
		isOver = true;
		wake_up_all(k, done);
	});
	yield* wait_event(k, done, () => isOver);
}

/** Waits until those that are under way have been called. */
function* rcu_barrier(k: Kernel): Sleeps<void> {
	for (const [head, done] of [...pendingOf(k)]) yield* wait_event(k, done, () => pendingOf(k).get(head) !== done);
	yield* synchronize_rcu(k);
}

export const rcuExports: readonly Gate[] = [
	...gates(['synchronize_rcu', 'synchronize_kernel', 'synchronize_net', 'synchronize_sched'], synchronize_rcu),
	gate('call_rcu', (k, head, func) => {
		kwrite32(k, kernelAddress(head + FUNC), func);
		call(k, head, function* () {
			yield* callCAtomic(k, kread32(k, kernelAddress(head + FUNC)), [head]);
		});
	}),
	gate('_mmtop_kfree_rcu', (k, object) => {
		if (object === 0) return;
		call(k, object, function* () {
			kfree(k, logicalAddress(object));
		});
	}),
	gate('rcu_barrier', rcu_barrier),
];
