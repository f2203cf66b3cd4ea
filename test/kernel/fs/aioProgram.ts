import {type UserAddress, userAddress} from '../../../source/hardware/address.ts';
import {sys_io_getevents, sys_io_setup} from '../../../source/kernel/fs/aio.ts';
import {
	formatIocb,
	IO_EVENT_BYTES,
	type IocbFields,
	type io_event,
	parseIoEvents,
} from '../../../source/kernel/fs/aio_abi.ts';
import {sys_io_submit} from '../../../source/kernel/fs/aio_submit.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {user_read, user_read32, user_write, user_write32} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {userBuffer} from './machine.ts';

/** What a program needs for its AIO calls: a page of memory with room for pointers, iocbs and events. */
export type AioProgram = {
	readonly ctxp: UserAddress;
	readonly pointers: UserAddress;
	readonly iocbs: UserAddress;
	readonly events: UserAddress;
};

export function* aioProgram(k: Kernel): Sleeps<AioProgram> {
	const base = yield* userBuffer(k, 65_536);
	return {
		ctxp: base,
		pointers: userAddress(base + 64),
		iocbs: userAddress(base + 4096),
		events: userAddress(base + 32_768),
	};
}

/** io_setup. @returns the context's id, or -errno */
export function* setup(k: Kernel, p: AioProgram, nr: number): Sleeps<number> {
	yield* user_write32(k, p.ctxp, 0);
	const error = yield* sys_io_setup(k, nr, p.ctxp);
	return error < 0 ? error : yield* user_read32(k, p.ctxp);
}

/** Writes iocbs into the program's memory and submits them. */
export function* submit(k: Kernel, p: AioProgram, ctx: number, wanted: readonly IocbFields[]): Sleeps<number> {
	for (const [i, fields] of wanted.entries()) {
		const at = userAddress(p.iocbs + 64 * i);
		yield* user_write(k, at, formatIocb(fields));
		yield* user_write32(k, userAddress(p.pointers + 4 * i), at);
	}
	return yield* sys_io_submit(k, ctx, wanted.length, p.pointers);
}

/** io_getevents without a limit of time. */
export function* getevents(k: Kernel, p: AioProgram, ctx: number, min: number, nr: number): Sleeps<io_event[]> {
	const got = yield* sys_io_getevents(k, ctx, min, nr, p.events, 0);
	if (got < 0) throw new Error(`io_getevents: ${got}`);
	return parseIoEvents(yield* user_read(k, p.events, got * IO_EVENT_BYTES));
}

/** Fields of a read or write. */
export const rw = (fd: number, write: boolean, buffer: number, length: number, pos: number, data = 0): IocbFields => ({
	aio_lio_opcode: write ? 1 : 0,
	aio_fildes: fd,
	aio_buf: BigInt(buffer),
	aio_nbytes: BigInt(length),
	aio_offset: BigInt(pos),
	aio_data: BigInt(data),
});
