/** The AIO calls of truth/i386 that stand for themselves: limits, errors, fork, the ring in the process's memory. */
import {userAddress} from '../../source/hardware/address.ts';
import {errnoName} from '../../source/kernel/errno.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {do_fork} from '../../source/kernel/fork.ts';
import {aioContexts, sys_io_destroy, sys_io_getevents, sys_io_setup} from '../../source/kernel/fs/aio.ts';
import {IO_EVENT_BYTES, IOCB_BYTES} from '../../source/kernel/fs/aio_abi.ts';
import {sys_io_cancel, sys_io_submit} from '../../source/kernel/fs/aio_submit.ts';
import {O_RDWR, O_WRONLY} from '../../source/kernel/fs/file.ts';
import {sys_open} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {
	VM_DONTEXPAND,
	VM_EXEC,
	VM_MAYEXEC,
	VM_MAYREAD,
	VM_MAYSHARE,
	VM_MAYWRITE,
	VM_READ,
	VM_SHARED,
	VM_WRITE,
} from '../../source/kernel/mm/mm_types.ts';
import {MREMAP_MAYMOVE} from '../../source/kernel/mm/mman.ts';
import {sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {user_read, user_read32, user_write, user_write32} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {setup} from '../kernel/fs/aioProgram.ts';
import {aioProgram, buffer, buffers, type Rig} from './aioRig.ts';
import {numberOrErrno, reap, submitAll} from './aioSession.ts';
import {hex, mapsLines} from './userProgram.ts';

// ── io_setup ───────────────────────────────────────────────────────────────────────────────────────────────────────

const flagNames: readonly [number, string][] = [
	[VM_READ, 'rd'],
	[VM_WRITE, 'wr'],
	[VM_EXEC, 'ex'],
	[VM_SHARED, 'sh'],
	[VM_MAYREAD, 'mr'],
	[VM_MAYWRITE, 'mw'],
	[VM_MAYEXEC, 'me'],
	[VM_MAYSHARE, 'ms'],
	[VM_DONTEXPAND, 'de'],
];

const ringFields = ['id', 'nr', 'head', 'tail', 'magic', 'compat', 'incompat', 'header_length'];

export function* aioSetup(k: Kernel, nr: number): Sleeps<object> {
	const before = k.aio.aio_nr;
	const ctx = yield* setup(k, aioProgram, nr);
	if (ctx < 0) return {ret: errnoName(ctx), aio_nr_before: before};
	const vma = k.cpu.current.mm!.mmap.find(ctx)!;
	const words = new Uint32Array((yield* user_read(k, userAddress(ctx), 32)).buffer);
	const ring = Object.fromEntries(ringFields.map((name, i) => [name, name === 'magic' ? hex(words[i]!) : words[i]!]));
	const during = {
		ret: '0',
		aio_nr_before: before,
		aio_nr_during: k.aio.aio_nr,
		maps: mapsLines(k, ctx, ctx + 1),
		VmFlags: flagNames
			.filter(([bit]) => (vma.vm_flags & bit) !== 0)
			.map(([, name]) => name)
			.join(' '),
		ring,
	};
	const destroy = numberOrErrno(yield* sys_io_destroy(k, ctx));
	const after = k.aio.aio_nr;
	return {...during, destroy, aio_nr_after: after, destroy_again: numberOrErrno(yield* sys_io_destroy(k, ctx))};
}

/** aio-nr while there are contexts of 100 and 50 requests, or with the first of them gone. */
export function* twoContexts(k: Kernel, what: string): Sleeps<object> {
	const first = yield* setup(k, aioProgram, 100);
	yield* setup(k, aioProgram, 50);
	if (what === 'after destroying the 100 one') yield* sys_io_destroy(k, first);
	return {aio_nr: k.aio.aio_nr};
}

/** The numbers that the cases ask for. */
function eventsOfCase(k: Kernel, name: string): number {
	if (name === 'nr_events == aio_max_nr') return k.aio.aio_max_nr;
	if (name === 'nr_events == aio_max_nr+1') return k.aio.aio_max_nr + 1;
	const [, number] = /^nr_events (\w+)$/.exec(name) ?? [];
	return number === undefined ? 8 : Number(number);
}

export function* aioSetupErr(k: Kernel, name: string): Sleeps<object> {
	const ctxp = name === 'ctxp bad pointer' ? userAddress(0x10) : aioProgram.ctxp;
	if (ctxp === aioProgram.ctxp) yield* user_write32(k, ctxp, name === '*ctxp not zero' ? 1 : 0);
	const ret = yield* sys_io_setup(k, eventsOfCase(k, name), ctxp);
	const answer = {ret: numberOrErrno(ret), ...(name === 'ctxp bad pointer' ? {} : {aio_nr: k.aio.aio_nr})};
	if (ret === 0) yield* sys_io_destroy(k, yield* user_read32(k, aioProgram.ctxp));
	return answer;
}

// ── fork, ring, limits ─────────────────────────────────────────────────────────────────────────────────────────────

export function* aioFork(k: Kernel, what: string): Sleeps<object> {
	if (what === "child uses parent's ctx") {
		const ctx = yield* setup(k, aioProgram, 8);
		let answer = {};
		yield* inChild(k, function* () {
			const got = yield* sys_io_getevents(k, ctx, 0, 1, aioProgram.events, 0);
			answer = {io_getevents_in_child: numberOrErrno(got), ring_vma_in_child: mapsLines(k, ctx, ctx + 1)};
		});
		return answer;
	}
	yield* inChild(k, function* () {
		yield* setup(k, aioProgram, 777);
	});
	return {aio_nr: k.aio.aio_nr};
}

function* inChild(k: Kernel, body: () => Sleeps<void>): Sleeps<void> {
	const pid = yield* do_fork(k, {body});
	yield* sys_wait4(k, pid);
}

export function* aioRingVma(k: Kernel, what: string): Sleeps<object> {
	const ctx = yield* setup(k, aioProgram, 8);
	if (what === 'mremap grow of the ring') {
		const ret = yield* sys_mremap(k, ctx, 4096, 8192, MREMAP_MAYMOVE, 0);
		return {ret: ret < 0 ? errnoName(ret) : 'ok'};
	}
	const target = buffers + 0x10_0000;
	const ret = yield* sys_mremap(k, ctx, 4096, 4096, MREMAP_MAYMOVE | 2, target);
	const answer = {
		ret: ret < 0 ? errnoName(ret) : 'ok',
		getevents_with_new_address: numberOrErrno(yield* pollNothing(k, target)),
	};
	return answer;
}

/** io_getevents with a time limit of zero. */
function* pollNothing(k: Kernel, ctx: number, min = 0, nr = 1): Sleeps<number> {
	yield* user_write(k, userAddress(aioProgram.ctxp + 16), new Uint8Array(8));
	return yield* sys_io_getevents(k, ctx, min, nr, aioProgram.events, userAddress(aioProgram.ctxp + 16));
}

export function* aioFull({k, device}: Rig): Sleeps<object> {
	const fd = yield* sys_open(k, device.path, O_RDWR);
	const ctx = yield* setup(k, aioProgram, 4);
	const read = {aio_lio_opcode: 0, aio_fildes: fd, aio_buf: BigInt(buffer), aio_nbytes: 16n};
	let accepted = 0;
	let last = 1;
	while (last === 1) {
		last = yield* submitAll(k, aioProgram, ctx, [read]);
		if (last === 1) accepted++;
	}
	const reaped = (yield* reap(k, aioProgram, ctx, accepted)).length;
	const ring_nr = aioContexts(k).find(each => each.ctx === ctx)!.ringNr;
	device.events.length = 0;
	// biome-ignore lint/suspicious/noThenProperty: the vectors' own name
	return {accepted, then: errnoName(last), reaped, ring_nr};
}

// ── errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Call = (k: Kernel, ctx: number, fd: number) => Sleeps<number>;

const submitOne = (fields: object): Call =>
	function* (k, ctx, fd) {
		const wanted = {aio_lio_opcode: 0, aio_fildes: fd, aio_buf: BigInt(buffer), aio_nbytes: 512n, ...fields};
		return yield* submitAll(k, aioProgram, ctx, [wanted]);
	};

const timespec = function* (k: Kernel, seconds: number, nanoseconds: number): Sleeps<ReturnType<typeof userAddress>> {
	const at = userAddress(aioProgram.ctxp + 16);
	yield* user_write(k, at, new Uint8Array(new Int32Array([seconds, nanoseconds]).buffer));
	return at;
};

const badCtx = 0x1234_5000;
const badPointer = userAddress(0x10);
const {pointers, iocbs, events} = aioProgram;

const calls: Readonly<Record<string, Call>> = {
	'io_submit nr 0': (k, ctx) => sys_io_submit(k, ctx, 0, pointers),
	'io_submit nr -1': (k, ctx) => sys_io_submit(k, ctx, -1, pointers),
	'io_submit bad ctx': k => sys_io_submit(k, badCtx, 1, pointers),
	'io_submit bad iocbpp': (k, ctx) => sys_io_submit(k, ctx, 1, badPointer),
	*'io_submit iocb pointer NULL'(k, ctx) {
		yield* user_write32(k, pointers, 0);
		return yield* sys_io_submit(k, ctx, 1, pointers);
	},
	'io_submit bad fd': submitOne({aio_fildes: 99}),
	'io_submit reserved2 nonzero': submitOne({aio_reserved2: 1n}),
	*'io_submit read on O_WRONLY fd'(k, ctx) {
		const fd = yield* sys_open(k, '/tmp/f', O_WRONLY);
		return yield* submitOne({aio_fildes: fd})(k, ctx, fd);
	},
	'io_getevents min 0 nr 0 timeout 0': (k, ctx) => pollNothing(k, ctx, 0, 0),
	'io_getevents min -1': (k, ctx) => pollNothing(k, ctx, -1, 1),
	'io_getevents nr -1': (k, ctx) => pollNothing(k, ctx, 0, -1),
	'io_getevents min > nr': (k, ctx) => pollNothing(k, ctx, 2, 1),
	*'io_getevents bad timeout tv_nsec -1'(k, ctx) {
		return yield* sys_io_getevents(k, ctx, 1, 1, events, yield* timespec(k, 0, -1));
	},
	'io_getevents bad ctx': k => pollNothing(k, badCtx),
	'io_getevents timeout pointer bad': (k, ctx) => sys_io_getevents(k, ctx, 1, 1, events, badPointer),
	'io_cancel not submitted': (k, ctx) => sys_io_cancel(k, ctx, iocbs, events),
	'io_cancel bad ctx': k => sys_io_cancel(k, badCtx, iocbs, events),
	'io_cancel bad iocb pointer': (k, ctx) => sys_io_cancel(k, ctx, badPointer, events),
	'io_destroy bad ctx': k => sys_io_destroy(k, badCtx),
};

export function* aioErrno({k}: Rig, call: string): Sleeps<object> {
	const ctx = yield* setup(k, aioProgram, 8);
	const fd = yield* sys_open(k, '/tmp/f', O_RDWR);
	yield* user_write(k, iocbs, new Uint8Array(IOCB_BYTES));
	if (call.startsWith('io_getevents min 1 timeout 50ms')) {
		const startedNs = k.hw.timeline.nowNs;
		const ret = yield* sys_io_getevents(k, ctx, 1, 1, events, yield* timespec(k, 0, 50_000_000));
		return {ret: numberOrErrno(ret), elapsed_ge_50ms: k.hw.timeline.nowNs - startedNs >= 50_000_000};
	}
	const perform = calls[call];
	if (!perform) throw new Error(`a vector asks for the call "${call}", which is not known here`);
	return {ret: numberOrErrno(yield* perform(k, ctx, fd))};
}

export function aioConst(k: Kernel, atEnd: boolean): object {
	if (atEnd) return {aio_nr_at_end: k.aio.aio_nr};
	return {
		aio_max_nr: k.aio.aio_max_nr,
		aio_nr: k.aio.aio_nr,
		sizeof_iocb: IOCB_BYTES,
		sizeof_io_event: IO_EVENT_BYTES,
		...commands,
	};
}

/** IOCB_CMD_ numbers as the program's header has them. */
const commands = {
	IOCB_CMD_PREAD: 0,
	IOCB_CMD_PWRITE: 1,
	IOCB_CMD_FSYNC: 2,
	IOCB_CMD_FDSYNC: 3,
	IOCB_CMD_POLL: 5,
	IOCB_CMD_NOOP: 6,
	IOCB_CMD_PREADV: 7,
	IOCB_CMD_PWRITEV: 8,
};
