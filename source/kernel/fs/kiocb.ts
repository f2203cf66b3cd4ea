/**
 * Models include/linux/aio.h and the synchronous half of fs/aio.c: the control block of one I/O request, asynchronous
 * or not.
 */
import {type KernelLogicalAddress, type Pfn, type UserAddress, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EIOCBQUEUED} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {schedule, type task_struct} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {trace, type Within} from '../trace.ts';
import type {kioctx} from './aio.ts';
import type {file, iovec} from './file.ts';

/** ki_key of a synchronous kiocb. */
const KIOCB_SYNC_KEY = 0xffff_ffff;

export type KiocbState = 'queued' | 'pinning' | 'submitted' | 'device' | 'completing' | 'done' | 'retry' | 'cancelled';

/** @param iov, pos what is left to be moved */
export type KiocbMethod = (k: Kernel, iocb: kiocb, iov: readonly iovec[], pos: number) => Sleeps<number>;

export type kiocb = {
	/** Ours: a running number. */
	readonly id: number;
	readonly ki_key: number;
	ki_users: number;
	readonly ki_filp: file;
	/** The eventfd that counts its end (IOCB_FLAG_RESFD). */
	readonly ki_eventfd?: file | undefined;
	/** NULL for a synchronous kiocb. */
	readonly ki_ctx: kioctx | null;
	readonly ki_opcode: number;
	/** RWF_ bits. */
	readonly ki_flags: number;
	/** User address of the iocb, given back as `obj`. */
	readonly ki_obj: UserAddress;
	/** `aio_data` of the iocb, 64 bits in two words, given back as `data`. */
	readonly ki_user_data: number;
	readonly ki_user_data_high: number;
	ki_pos: number;
	readonly ki_nbytes: number;
	ki_left: number;
	ki_iovec: readonly iovec[];
	ki_cancel: ((k: Kernel, iocb: kiocb) => number | Sleeps<number>) | undefined;
	/** The file's method for a read or write, or what does an fsync. */
	readonly ki_method: KiocbMethod | undefined;
	/** Result, once there is one. */
	result: number | undefined;
	result2: number;
	readonly task: task_struct;
	/** Ours, for the aio file. */
	state: KiocbState;
	/** Frames that it holds pinned now. */
	pinned: ReadonlySet<Pfn>;
	readonly submittedNs: number;
	/** The trace record of that. */
	record: Within;
	/** Times that aio_complete was called on it; more than once is a driver's bug. */
	completions: number;
	/** kick_iocb was called. */
	kicked: boolean;
	/** The driver's own; set it with setKiocbPrivate() (kiocb_memory.ts). */
	private: unknown;
	/** Where it lies; null for a synchronous one, which is on its caller's stack. */
	readonly memory: KiocbMemory | null;
};

/**
 * An object of the slab cache of control blocks. A driver's pointer leads here, whosever request it holds meanwhile.
 */
export type KiocbMemory = {
	readonly address: KernelLogicalAddress;
	/** The request in it; none while it is free. */
	holder: kiocb | undefined;
	/** Somebody wrote to it while it was free. */
	touched: boolean;
};

/** Nonzero (true) when the operation must be finished before the method returns. */
export const is_sync_kiocb = (iocb: kiocb): boolean => iocb.ki_key === KIOCB_SYNC_KEY;

/** IOCB_CMD_ numbers. @see include/linux/aio_abi.h */
export const IOCB_CMD_PREAD = 0;
export const IOCB_CMD_PWRITE = 1;
export const IOCB_CMD_FSYNC = 2;
export const IOCB_CMD_FDSYNC = 3;
/** 4.18 and later. */
export const IOCB_CMD_POLL = 5;
export const IOCB_CMD_PREADV = 7;
export const IOCB_CMD_PWRITEV = 8;

type NewKiocb = Pick<
	kiocb,
	| 'ki_key'
	| 'ki_users'
	| 'ki_filp'
	| 'ki_eventfd'
	| 'ki_ctx'
	| 'ki_opcode'
	| 'ki_obj'
	| 'ki_user_data'
	| 'ki_user_data_high'
	| 'ki_pos'
	| 'ki_nbytes'
	| 'ki_iovec'
	| 'ki_method'
	| 'memory'
> &
	Partial<Pick<kiocb, 'ki_flags'>>;

/** RWF_ bits. @see include/uapi/linux/fs.h */
export const RWF_HIPRI = 0x1;
export const RWF_DSYNC = 0x2;
export const RWF_SYNC = 0x4;
export const RWF_NOWAIT = 0x8;
export const RWF_APPEND = 0x10;
export const RWF_NOAPPEND = 0x20;
export const RWF_ATOMIC = 0x40;
export const RWF_DONTCACHE = 0x80;

/** What a control block has pinned that has pinned nothing: most never do. */
const NOTHING_PINNED: ReadonlySet<Pfn> = new Set();

/** Makes a control block of the calling task, and shows it to whoever looks until it is forgotten. */
export function newKiocb(k: Kernel, wanted: NewKiocb): kiocb {
	const iocb: kiocb = {
		id: k.aio.nextKiocb++,
		ki_key: wanted.ki_key,
		ki_users: wanted.ki_users,
		ki_filp: wanted.ki_filp,
		ki_eventfd: wanted.ki_eventfd,
		ki_ctx: wanted.ki_ctx,
		ki_opcode: wanted.ki_opcode,
		ki_flags: wanted.ki_flags ?? 0,
		ki_obj: wanted.ki_obj,
		ki_user_data: wanted.ki_user_data,
		ki_user_data_high: wanted.ki_user_data_high,
		ki_pos: wanted.ki_pos,
		ki_nbytes: wanted.ki_nbytes,
		ki_iovec: wanted.ki_iovec,
		ki_left: wanted.ki_nbytes,
		ki_cancel: undefined,
		ki_method: wanted.ki_method,
		result: undefined,
		result2: 0,
		task: k.cpu.current,
		state: 'queued',
		pinned: NOTHING_PINNED,
		submittedNs: k.hw.timeline.nowNs,
		record: 'untraced',
		completions: 0,
		kicked: false,
		private: undefined,
		memory: wanted.memory,
	};
	k.aio.kiocbs.add(iocb);
	iocb.record = traceKiocb(k, iocb, is_sync_kiocb(iocb) ? 'init_sync_kiocb' : 'aio_get_req');
	charge(k, COST.kiocbNs);
	return iocb;
}

function traceKiocb(k: Kernel, iocb: kiocb, name: string): Within {
	const {id, state} = iocb;
	return trace(k, name, () => `id=${id} state=${state}`, {iocb: id});
}

/** Notes where a control block is now. @param where function that took it there */
export function kiocbIs(k: Kernel, iocb: kiocb, state: KiocbState, where: string): void {
	if (iocb.state === state) return;
	iocb.state = state;
	traceKiocb(k, iocb, where);
}

// ── synchronous ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A control block for read() or write() on a file that has only the asynchronous methods. */
export const init_sync_kiocb = (
	k: Kernel,
	file: file,
	rw: 'READ' | 'WRITE',
	iov: readonly iovec[],
	pos: number,
	ki_flags = 0,
): kiocb =>
	newKiocb(k, {
		ki_key: KIOCB_SYNC_KEY,
		ki_users: 1,
		ki_filp: file,
		ki_ctx: null,
		ki_opcode: rw === 'READ' ? IOCB_CMD_PREAD : IOCB_CMD_PWRITE,
		ki_flags,
		ki_obj: userAddress(0),
		ki_user_data: 0,
		ki_user_data_high: 0,
		ki_pos: pos,
		ki_nbytes: iov.reduce((sum, each) => sum + each.iov_len, 0),
		ki_iovec: iov,
		ki_method: undefined,
		memory: null,
	});

/**
 * Sleeps uninterruptibly until a queued operation was completed. @returns its result, or `result` if it was not queued
 */
export function* wait_on_sync_kiocb(k: Kernel, iocb: kiocb, result: number): Sleeps<number> {
	if (result !== -EIOCBQUEUED) return result;
	while (iocb.ki_users > 0) {
		iocb.task.state = 'TASK_UNINTERRUPTIBLE';
		iocb.task.waitingFor = 'sync kiocb';
		yield* schedule(k);
	}
	return iocb.result ?? 0;
}

/** Sleeps until the driver wants its method called again. */
export function* wait_on_retry_sync_kiocb(k: Kernel, iocb: kiocb): Sleeps<void> {
	kiocbIs(k, iocb, 'retry', 'wait_on_retry_sync_kiocb');
	while (!iocb.kicked) {
		iocb.task.state = 'TASK_UNINTERRUPTIBLE';
		iocb.task.waitingFor = 'kiocb retry';
		yield* schedule(k);
	}
	iocb.kicked = false;
}

export function releaseSyncKiocb(k: Kernel, iocb: kiocb): void {
	kiocbIs(k, iocb, 'done', 'releaseSyncKiocb');
	k.aio.kiocbs.delete(iocb);
	k.modules?.windows.forget(iocb);
}
