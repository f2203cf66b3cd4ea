/** What the AIO program of truth/i386 does with each of its targets, one after the other, and what it prints. */
import {type UserAddress, userAddress} from '../../source/hardware/address.ts';
import {errnoName} from '../../source/kernel/errno.ts';
import {aioContexts, sys_io_destroy, sys_io_getevents} from '../../source/kernel/fs/aio.ts';
import {
	formatIocb,
	IO_EVENT_BYTES,
	type IocbFields,
	type io_event,
	parseIoEvents,
} from '../../source/kernel/fs/aio_abi.ts';
import {sys_io_cancel, sys_io_submit} from '../../source/kernel/fs/aio_submit.ts';
import {O_DIRECT, O_RDWR, sys_close} from '../../source/kernel/fs/file.ts';
import {sys_open} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {user_read, user_write, user_write32} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {type AioProgram, setup} from '../kernel/fs/aioProgram.ts';
import type {AsyncDevice, DriverEvent} from './aioDevice.ts';

/** `ok` number as text, or the errno's name. */
export const numberOrErrno = (value: number) => (value < 0 ? errnoName(value) : String(value));

export type Target = {
	/** As the vectors call it. */
	readonly name: string;
	readonly path: string;
	readonly direct: boolean;
	/** What the target holds there; undefined for one that keeps nothing. */
	readonly contents: (pos: number, length: number) => Uint8Array | undefined;
};

type Operation = {
	readonly op: string;
	readonly opcode: number;
	readonly shift: number;
	readonly length: number;
	readonly pos: number;
	readonly badPointer?: true;
};

const fileBytes = 65_536;
const unmapped = 0x1000_0000;
const operation = (op: string, opcode: number, shift: number, length: number, pos: number): Operation => ({
	op,
	opcode,
	shift,
	length,
	pos,
});

/** In the order of the program. */
const operations: readonly Operation[] = [
	operation('write 4096 aligned', 1, 0, 4096, 0),
	operation('read 4096 aligned', 0, 0, 4096, 0),
	operation('read 512', 0, 0, 512, 512),
	operation('read misaligned buffer +1', 0, 1, 4096, 0),
	operation('read misaligned buffer +4', 0, 4, 512, 0),
	operation('read misaligned buffer +512', 0, 512, 512, 0),
	operation('read misaligned length 100', 0, 0, 100, 0),
	operation('read misaligned offset 100', 0, 0, 512, 100),
	operation('read length 0', 0, 0, 0, 0),
	operation('read at EOF', 0, 0, 4096, fileBytes),
	operation('read across EOF', 0, 0, 8192, fileBytes - 4096),
	operation('read negative offset', 0, 0, 4096, -4096),
	operation('write 100 bytes', 1, 0, 100, 0),
	operation('fsync', 2, 0, 4096, 0),
	operation('fdsync', 3, 0, 4096, 0),
	operation('noop opcode', 6, 0, 4096, 0),
	operation('bad opcode 99', 99, 0, 4096, 0),
	{...operation('read into bad pointer', 0, 0, 4096, 0), badPointer: true},
	operation('huge length 0xffffffff', 0, 0, 0xffff_ffff, 0),
];

export type Session = {
	readonly io: object;
	readonly driverEvents: readonly DriverEvent[];
	readonly batch: object;
	readonly batchWithBadFd: object;
	readonly cancel: object;
};

const nothing: Omit<Session, 'io'> = {driverEvents: [], batch: {}, batchWithBadFd: {}, cancel: {}};

/** Runs everything on one target. @param p its memory; @param buffer 64 KiB of its own */
export function* session(
	k: Kernel,
	p: AioProgram,
	buffer: UserAddress,
	target: Target,
	device: AsyncDevice,
): Sleeps<Session> {
	const fd = yield* sys_open(k, target.path, O_RDWR | (target.direct ? O_DIRECT : 0));
	if (fd < 0) return {io: {open: errnoName(fd)}, ...nothing};
	const ctx = yield* setup(k, p, 32);
	const ops: object[] = [];
	for (const each of operations) ops.push(yield* performOne(k, p, ctx, fd, buffer, target, each));
	const driverEvents = device.events.splice(0);
	const batch = yield* sixAtOnce(k, p, ctx, fd, buffer);
	const three = [request(fd, 0, buffer, 512, 0), request(99, 0, buffer, 512, 0), request(fd, 0, buffer, 512, 0)];
	const submitted = yield* submitAll(k, p, ctx, three);
	const batchWithBadFd = {submit: numberOrErrno(submitted), getevents: (yield* reap(k, p, ctx, submitted)).length};
	const cancel = yield* cancelOne(k, p, ctx, fd, buffer);
	yield* sys_io_destroy(k, ctx);
	yield* sys_close(k, fd);
	return {io: {open: 'ok', ops}, driverEvents, batch, batchWithBadFd, cancel};
}

const request = (fd: number, opcode: number, buffer: number, length: number, pos: number, data = 0): IocbFields => ({
	aio_lio_opcode: opcode,
	aio_fildes: fd,
	aio_buf: BigInt(buffer),
	aio_nbytes: BigInt(length),
	aio_offset: BigInt(pos),
	aio_data: BigInt(data),
});

export function* submitAll(k: Kernel, p: AioProgram, ctx: number, wanted: readonly IocbFields[]): Sleeps<number> {
	for (const [i, fields] of wanted.entries()) {
		const at = userAddress(p.iocbs + 64 * i);
		yield* user_write(k, at, formatIocb(fields));
		yield* user_write32(k, userAddress(p.pointers + 4 * i), at);
	}
	return yield* sys_io_submit(k, ctx, wanted.length, p.pointers);
}

export function* reap(k: Kernel, p: AioProgram, ctx: number, count: number): Sleeps<io_event[]> {
	if (count <= 0) return [];
	const got = yield* sys_io_getevents(k, ctx, count, count, p.events, 0);
	return parseIoEvents(yield* user_read(k, p.events, got * IO_EVENT_BYTES));
}

function* performOne(
	k: Kernel,
	p: AioProgram,
	ctx: number,
	fd: number,
	buffer: UserAddress,
	target: Target,
	{op, opcode, shift, length, pos, badPointer}: Operation,
): Sleeps<object> {
	const address = badPointer ? unmapped : buffer + shift;
	const write = opcode === 1;
	const filled = Uint8Array.from({length: Math.min(length, 8192)}, (_, i) => (write ? (i * 5) & 255 : 0xcc));
	if (!badPointer) yield* user_write(k, userAddress(address), filled);
	const started = k.hw.timeline.nowNs;
	const submitted = yield* submitAll(k, p, ctx, [request(fd, opcode, address, length, pos, 77)]);
	if (submitted !== 1) return {op, submit: numberOrErrno(submitted)};
	const afterNs = k.hw.timeline.nowNs;
	yield* user_write(k, userAddress(p.ctxp + 16), new Uint8Array(8));
	const early = yield* sys_io_getevents(k, ctx, 0, 1, p.events, userAddress(p.ctxp + 16));
	const got = early === 1 ? 1 : yield* sys_io_getevents(k, ctx, 1, 1, p.events, 0);
	const waitedNs = k.hw.timeline.nowNs - afterNs;
	const [event] = parseIoEvents(yield* user_read(k, p.events, IO_EVENT_BYTES));
	const moved = Math.max(0, event!.res);
	const inMemory = badPointer ? undefined : yield* user_read(k, userAddress(address), moved);
	const held = write ? undefined : target.contents(pos, moved);
	return {
		op,
		submit: '1',
		done_at_first_poll: early === 1,
		getevents: got,
		res: numberOrErrno(event!.res),
		res2: event!.res2,
		data_ok: !inMemory || !held || inMemory.every((byte, i) => byte === held[i]),
		obj_ok: event!.obj === p.iocbs && event!.data === 77n,
		submit_us: Math.round((afterNs - started) / 1000),
		wait_us: Math.round(waitedNs / 1000),
	};
}

function headAndTail(k: Kernel, ctx: number): [number, number] {
	const {head, tail} = aioContexts(k).find(each => each.ctx === ctx)!;
	return [head, tail];
}

/** Writes and reads of growing length in one call. */
function* sixAtOnce(k: Kernel, p: AioProgram, ctx: number, fd: number, buffer: UserAddress): Sleeps<object> {
	const wanted = Array.from({length: 6}, (_, i) =>
		request(fd, i % 2 === 0 ? 1 : 0, buffer + i * 8192, 512 * (i + 1), Math.floor(i / 2) * 4096, i),
	);
	const submitted = yield* submitAll(k, p, ctx, wanted);
	const after = headAndTail(k, ctx);
	const events = yield* reap(k, p, ctx, submitted);
	return {
		submit: numberOrErrno(submitted),
		ring_head_tail_after_submit: after,
		getevents: events.length,
		events: events.map(({data, res}) => ({data: Number(data), res: numberOrErrno(res)})),
		ring_head_tail_after: headAndTail(k, ctx),
	};
}

function* cancelOne(k: Kernel, p: AioProgram, ctx: number, fd: number, buffer: UserAddress): Sleeps<object> {
	const submit = yield* submitAll(k, p, ctx, [request(fd, 0, buffer, 512, 0)]);
	const cancelled = yield* sys_io_cancel(k, ctx, p.iocbs, p.events);
	return {submit, cancel: numberOrErrno(cancelled), getevents: (yield* reap(k, p, ctx, submit)).length};
}
