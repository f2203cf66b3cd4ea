/**
 * Models fs/aio.c (2.6.11 to 6.1): contexts of asynchronous I/O and their limits. Requests are in aio_submit.ts, the
 * ring of events in aio_ring.ts.
 *
 * Not modelled: eventfd, IOCB_CMD_POLL, io_pgetevents, contexts shared by threads that exit apart.
 */
import {type UserAddress, userAddress} from '../../hardware/address.ts';
import {EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {mm_struct} from '../mm/mm_types.ts';
import {type kmem_cache, kmem_cache_create} from '../mm/slab.ts';
import {
	copy_from_user,
	copy_words_from_user,
	copy_words_to_user,
	get_user32,
	put_user32,
	try_copy_words_to_user,
} from '../mm/uaccess.ts';
import {schedule} from '../sched.ts';
import {setTemporaryMask} from '../signal.ts';
import {signal_pending} from '../signal_state.ts';
import type {Sleeps} from '../time.ts';
import {schedule_timeout} from '../timer.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../wait.ts';
import {IO_EVENT_BYTES} from './aio_abi.ts';
import {cancel_kiocb} from './aio_complete.ts';
import {
	type AioRing,
	aio_free_ring,
	aio_setup_ring,
	eventsWaiting,
	eventWords,
	peekRingHead,
	ringHead,
	setRingHead,
	takeEvent,
} from './aio_ring.ts';
import type {KiocbMemory, kiocb} from './kiocb.ts';
import {KIOCB_BYTES} from './kiocb_memory.ts';

export type kioctx = {
	/** The context's id: where its ring lies in the program's memory. */
	user_id: number;
	readonly mm: mm_struct;
	/** What io_setup was asked for, and what aio-nr counts. */
	readonly max_reqs: number;
	readonly ring: AioRing;
	/** Requests that have no event yet. */
	readonly active_reqs: Set<kiocb>;
	/** Slots that nobody has taken, and each CPU's share of them (3.12 on). */
	readonly slots: {available: number; readonly perCpu: number[]; readonly batch: number; completed: number};
	readonly wait: wait_queue_head;
	dead: boolean;
	/** Who made it, for whoever looks. */
	readonly pid: number;
	readonly comm: string;
};

export type AioState = {
	/** /proc/sys/fs/aio-nr and aio-max-nr. */
	aio_nr: number;
	aio_max_nr: number;
	nextKiocb: number;
	/** Every control block that is not finished, the synchronous ones included. */
	readonly kiocbs: Set<kiocb>;
	readonly kiocb_cachep: kmem_cache;
	/** Freed objects of it, the next one to be used last. */
	readonly spare: KiocbMemory[];
};

const AIO_MAX_NR_DEFAULT = 0x1_0000;
/** No ring may take more memory than this. */
const MOST_RING_BYTES = 0x1000_0000;

export function aio_init(k: Kernel): void {
	const kiocb_cachep = kmem_cache_create(k, k.era.kiocbCacheName, KIOCB_BYTES, 32);
	k.aio = {aio_nr: 0, aio_max_nr: AIO_MAX_NR_DEFAULT, nextKiocb: 1, kiocbs: new Set(), kiocb_cachep, spare: []};
}

// ── contexts ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The caller's context of that address. */
export function lookup_ioctx(k: Kernel, ctx_id: number): kioctx | undefined {
	const ctx = k.cpu.current.mm?.ioctx_list.get(ctx_id) as kioctx | undefined;
	return ctx?.dead ? undefined : ctx;
}

/** Contexts of every process, for whoever looks. */
export const aioContexts = (k: Kernel) =>
	[...k.mm.mms.values()]
		.flatMap(mm => [...mm.ioctx_list.values()] as kioctx[])
		.map(({user_id, pid, comm, max_reqs, ring, active_reqs}) => ({
			ctx: user_id,
			pid,
			comm,
			nrEvents: max_reqs,
			ringNr: ring.nr,
			ringPages: ring.pages.length,
			head: peekRingHead(k, ring),
			tail: ring.tail,
			inFlight: active_reqs.size,
		}));

/**
 * Makes a context and its ring.
 * @param nr_events requests that may be under way at once
 * @returns -EINVAL beyond all limits, -EAGAIN beyond aio-max-nr, -ENOMEM
 */
function* ioctx_alloc(k: Kernel, nr_events: number): Sleeps<kioctx | number> {
	const task = k.cpu.current;
	const mm = task.mm!;
	const cpus = k.sched.cpus.length;
	// Events that other CPUs hold back in their share need room too.
	const wanted = k.era.aioSlotsPerCpu ? (Math.max(nr_events, cpus * 4) * 2) >>> 0 : nr_events;
	if (wanted > MOST_RING_BYTES / IO_EVENT_BYTES) return -EINVAL;
	if (nr_events > MOST_RING_BYTES / k.era.aioKiocbBytes) return -EINVAL;
	if (nr_events > k.aio.aio_max_nr) return -EAGAIN;
	const ring = yield* aio_setup_ring(k, wanted, mm.ioctx_list.size);
	if (typeof ring === 'number') return k.era.aioRingFailsWithEnomem ? -ENOMEM : ring;
	if (k.aio.aio_nr + nr_events > k.aio.aio_max_nr) {
		yield* aio_free_ring(k, mm, ring, true);
		return -EAGAIN;
	}
	k.aio.aio_nr += nr_events;
	const batch = Math.max(1, Math.floor((ring.nr - 1) / (cpus * 4)));
	const ctx: kioctx = {
		user_id: ring.mmap_base,
		mm,
		max_reqs: nr_events,
		ring,
		active_reqs: new Set(),
		slots: {available: ring.nr - 1, perCpu: k.sched.cpus.map(() => 0), batch, completed: 0},
		wait: wait_queue_head('aio events'),
		dead: false,
		pid: task.pid,
		comm: task.comm,
	};
	if (ring.file) ring.file.private_data = ctx;
	mm.ioctx_list.set(ctx.user_id, ctx);
	mm.mm_count++;
	return ctx;
}

/** Cancels what can be cancelled, waits for the rest, and takes the context apart. */
function* kill_ctx(k: Kernel, ctx: kioctx, unmap: boolean): Sleeps<void> {
	ctx.dead = true;
	ctx.mm.ioctx_list.delete(ctx.user_id);
	for (const iocb of [...ctx.active_reqs]) if (iocb.ki_cancel) yield* cancel_kiocb(k, iocb);
	// Whoever sleeps for events wakes up and goes.
	wake_up_all(k, ctx.wait);
	yield* wait_event(k, ctx.wait, () => ctx.active_reqs.size === 0);
	yield* aio_free_ring(k, ctx.mm, ctx.ring, unmap);
	k.aio.aio_nr -= ctx.max_reqs;
	ctx.mm.mm_count--;
}

/** Takes down every context of an address space that goes away; waits for its I/O. */
export function* exit_aio(k: Kernel, mm: mm_struct): Sleeps<void> {
	for (const ctx of [...mm.ioctx_list.values()]) yield* kill_ctx(k, ctx as kioctx, false);
}

/**
 * Makes a context for up to `nr_events` requests under way; may sleep.
 * @param ctxp where the context's id goes; zero must be there
 * @returns 0, -EFAULT, -EINVAL, -EAGAIN, -ENOMEM
 */
export function* sys_io_setup(k: Kernel, nr_events: number, ctxp: UserAddress): Sleeps<number> {
	const before = yield* get_user32(k, ctxp);
	if (before === undefined) return -EFAULT;
	if (before !== 0 || nr_events === 0) return -EINVAL;
	const ctx = yield* ioctx_alloc(k, nr_events);
	if (typeof ctx === 'number') return ctx;
	if (yield* put_user32(k, ctxp, ctx.user_id)) return 0;
	yield* kill_ctx(k, ctx, true);
	return -EFAULT;
}

/** Takes a context down; sleeps, uninterruptibly, until its I/O has ended. @returns 0 or -EINVAL */
export function* sys_io_destroy(k: Kernel, ctx_id: number): Sleeps<number> {
	const ctx = lookup_ioctx(k, ctx_id);
	if (!ctx) return -EINVAL;
	yield* kill_ctx(k, ctx, true);
	return 0;
}

// ── events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Reads events; sleeps until `min_nr` have come or the time is up.
 * @param timeout user address of a struct timespec, or 0 for no limit
 * @returns events read, which a timeout may make fewer; -EINVAL, -EFAULT, -EINTR
 */
export function* sys_io_getevents(
	k: Kernel,
	ctx_id: number,
	min_nr: number,
	nr: number,
	events: UserAddress,
	timeout: UserAddress | 0,
): Sleeps<number> {
	if (k.era.aioReadsTimeoutLate) {
		const ctx = lookup_ioctx(k, ctx_id);
		if (!ctx || min_nr < 0 || nr < 0 || min_nr > nr) return -EINVAL;
		return yield* readLosing(k, ctx, min_nr, nr, events, timeout);
	}
	const endNs = yield* readTimeout(k, timeout);
	if (endNs === undefined) return -EFAULT;
	const ctx = lookup_ioctx(k, ctx_id);
	if (!ctx || min_nr < 0 || nr < 0 || min_nr > nr) return -EINVAL;
	return yield* read_events(k, ctx, min_nr, nr, events, endNs);
}

/**
 * As io_getevents, with another mask of blocked signals meanwhile (4.18 on).
 * @param usig user address of a struct __aio_sigset: where the mask is, and its size; or 0
 * @returns as io_getevents; -EFAULT, -EINVAL for a mask of another size
 */
export function* sys_io_pgetevents(
	k: Kernel,
	ctx_id: number,
	min_nr: number,
	nr: number,
	events: UserAddress,
	timeout: UserAddress | 0,
	usig: UserAddress | 0,
): Sleeps<number> {
	const named = new Uint32Array(2);
	if (usig !== 0 && !(yield* copy_words_from_user(k, named, usig))) return -EFAULT;
	const [sigmask = 0, sigsetsize] = named;
	if (sigmask !== 0) {
		if (sigsetsize !== SIGSET_BYTES) return -EINVAL;
		const words = new Uint32Array(2);
		if (!(yield* copy_words_from_user(k, words, userAddress(sigmask)))) return -EFAULT;
		// The way back to the program puts the former mask in force again.
		setTemporaryMask(k, (BigInt(words[1]!) << 32n) | BigInt(words[0]!));
	}
	return yield* sys_io_getevents(k, ctx_id, min_nr, nr, events, timeout);
}

const SIGSET_BYTES = 8;

/** @returns when the time is up, or undefined where Linux answers -EFAULT */
function* readTimeout(k: Kernel, timeout: UserAddress | 0): Sleeps<number | undefined> {
	if (timeout === 0) return Number.POSITIVE_INFINITY;
	const startNs = k.hw.timeline.nowNs;
	const bytes = new Uint8Array(8);
	if ((yield* copy_from_user(k, bytes, timeout)) > 0) return undefined;
	const [seconds = 0, nanoseconds = 0] = new Int32Array(bytes.buffer);
	return startNs + Math.max(0, seconds * 1e9 + nanoseconds);
}

function* handOver(k: Kernel, target: UserAddress, words: Uint32Array): Sleeps<boolean> {
	return try_copy_words_to_user(k, target, words) || (yield* copy_words_to_user(k, target, words));
}

/** Sleeps until somebody wakes the readers of a context, or the time is up. */
function* awaitEvents(k: Kernel, ctx: kioctx, endNs: number): Sleeps<void> {
	const task = k.cpu.current;
	task.state = 'TASK_INTERRUPTIBLE';
	task.waitingFor = ctx.wait.name;
	ctx.wait.tasks.push(task);
	if (endNs === Number.POSITIVE_INFINITY) yield* schedule(k);
	else yield* schedule_timeout(k, endNs - k.hw.timeline.nowNs);
	const at = ctx.wait.tasks.indexOf(task);
	if (at >= 0) ctx.wait.tasks.splice(at, 1);
}

/** Up to 3.9: an event is out of the ring before it is handed over, and lost if that fails. */
function* readLosing(
	k: Kernel,
	ctx: kioctx,
	min_nr: number,
	nr: number,
	events: UserAddress,
	timeout: UserAddress | 0,
): Sleeps<number> {
	const slot = (done: number) => userAddress(events + done * IO_EVENT_BYTES);
	let done = 0;
	for (let words: Uint32Array | undefined; done < nr && (words = takeEvent(k, ctx.ring)); done++)
		if (!(yield* handOver(k, slot(done), words))) return done >= min_nr ? done : -EFAULT;
	if (done >= min_nr) return done;
	const endNs = yield* readTimeout(k, timeout);
	if (endNs === undefined) return done || -EFAULT;
	for (;;) {
		for (let words: Uint32Array | undefined; done < nr && (words = takeEvent(k, ctx.ring)); done++)
			if (!(yield* handOver(k, slot(done), words))) return done || -EFAULT;
		if (done >= min_nr || ctx.dead || k.hw.timeline.nowNs >= endNs) return done;
		if (signal_pending(k)) return done || -EINTR;
		yield* awaitEvents(k, ctx, endNs);
	}
}

/** From 3.10 on: what cannot be handed over stays in the ring, with all that was taken together with it. */
function* read_events(
	k: Kernel,
	ctx: kioctx,
	min_nr: number,
	nr: number,
	events: UserAddress,
	endNs: number,
): Sleeps<number> {
	let done = 0;
	for (;;) {
		const before = done;
		const first = ringHead(k, ctx.ring);
		for (; done < nr && eventsWaiting(k, ctx.ring) > 0; done++) {
			const head = ringHead(k, ctx.ring);
			const target = userAddress(events + done * IO_EVENT_BYTES);
			if (!(yield* handOver(k, target, eventWords(k, ctx.ring, head)))) {
				setRingHead(k, ctx.ring, first);
				return before || -EFAULT;
			}
			setRingHead(k, ctx.ring, (head + 1) % ctx.ring.nr);
		}
		if (done >= min_nr || ctx.dead || k.hw.timeline.nowNs >= endNs) return done;
		if (signal_pending(k)) return done || -EINTR;
		yield* awaitEvents(k, ctx, endNs);
	}
}
