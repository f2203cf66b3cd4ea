/**
 * Models io_submit and io_cancel of fs/aio.c (2.6.11 to 6.1): from the program's iocb to the file's method.
 *
 * Not modelled: priorities, IOCB_CMD_POLL and NOOP, eventfd (no file is one, so IOCB_FLAG_RESFD is -EINVAL).
 */
import {type UserAddress, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {EAGAIN, EBADF, EFAULT, EINPROGRESS, EINVAL, EIOCBQUEUED, EIOCBRETRY} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {access_ok, copy_from_user, copy_to_user, get_user32} from '../mm/uaccess.ts';

import {charge} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {type kioctx, lookup_ioctx} from './aio.ts';
import {formatIoEvent, IOCB_BYTES, IOCB_FLAG_RESFD, type iocb, parseIocb} from './aio_abi.ts';
import {aio_complete, cancel_kiocb, kickWith} from './aio_complete.ts';
import {get_reqs_available, put_reqs_available} from './aio_slots.ts';
import {FMODE_READ, FMODE_WRITE, fget, type file, fput, type iovec} from './file.ts';
import {
	IOCB_CMD_FDSYNC,
	IOCB_CMD_FSYNC,
	IOCB_CMD_PREAD,
	IOCB_CMD_PREADV,
	IOCB_CMD_PWRITE,
	IOCB_CMD_PWRITEV,
	type kiocb,
	newKiocb,
} from './kiocb.ts';
import {rw_verify_area} from './read_write.ts';

/** ki_key of asynchronous requests. */
const KIOCB_KEY = 0;
/** Most pieces of one vector. */
const UIO_MAXIOV = 1_024;

/**
 * Starts requests, in order, until one is refused.
 * @param nr how many
 * @param iocbpp user address of an array of pointers to iocbs
 * @returns how many were started if any; else 0, -EINVAL, -EFAULT, -EBADF, -EAGAIN
 */
export function* sys_io_submit(k: Kernel, ctx_id: number, nr: number, iocbpp: UserAddress): Sleeps<number> {
	if (nr < 0) return -EINVAL;
	const ctx = lookup_ioctx(k, ctx_id);
	if (!ctx) return -EINVAL;
	for (let i = 0; i < nr; i++) {
		const pointer = yield* get_user32(k, userAddress(iocbpp + 4 * i));
		const error = pointer === undefined ? -EFAULT : yield* io_submit_one(k, ctx, userAddress(pointer));
		if (error < 0) return i || error;
	}
	return nr;
}

function* io_submit_one(k: Kernel, ctx: kioctx, user_iocb: UserAddress): Sleeps<number> {
	const bytes = new Uint8Array(IOCB_BYTES);
	if ((yield* copy_from_user(k, bytes, user_iocb)) > 0) return -EFAULT;
	const wanted = parseIocb(bytes);
	if (wanted.aio_reserved2 !== 0n || !fitsInWord(wanted)) return -EINVAL;
	if (wanted.aio_flags & IOCB_FLAG_RESFD) return -EINVAL;
	let hasSlot = k.era.aioSlotBeforeFile && get_reqs_available(k, ctx);
	if (k.era.aioSlotBeforeFile && !hasSlot) return -EAGAIN;
	const file = fget(k, wanted.aio_fildes);
	hasSlot ||= file !== undefined && get_reqs_available(k, ctx);
	const error = !file ? -EBADF : hasSlot ? yield* start(k, ctx, file, user_iocb, wanted) : -EAGAIN;
	if (error < 0 && hasSlot && k.era.aioSlotsPerCpu) put_reqs_available(k, ctx, 1);
	return error;
}

const fitsInWord = ({aio_buf, aio_nbytes}: iocb) => aio_buf <= 0xffff_ffffn && aio_nbytes <= 0x7fff_ffffn;

/** Takes the request on, or drops the file and says why not. */
function* start(k: Kernel, ctx: kioctx, file: file, user_iocb: UserAddress, wanted: iocb): Sleeps<number> {
	const key = new Uint8Array(new Uint32Array([KIOCB_KEY]).buffer);
	const method =
		(yield* copy_to_user(k, userAddress(user_iocb + 8), key)) > 0 ? -EFAULT : yield* setup(k, file, wanted);
	if (typeof method === 'number') {
		yield* fput(k, file);
		return method;
	}
	const req = newKiocb(k, {
		ki_key: KIOCB_KEY,
		ki_users: 2,
		ki_filp: file,
		ki_ctx: ctx,
		ki_opcode: wanted.aio_lio_opcode,
		ki_obj: user_iocb,
		ki_user_data: wanted.aio_data,
		ki_pos: Number(wanted.aio_offset),
		ki_nbytes: method.iov.reduce((sum, each) => sum + each.iov_len, 0),
		ki_iovec: method.iov,
	});
	ctx.active_reqs.add(req);
	req.ki_retry = method.retry;
	yield* aio_run_iocb(k, req);
	if (req.ki_users > 0) req.ki_users--;
	return 0;
}

type Method = {readonly iov: readonly iovec[]; readonly retry: (k: Kernel, req: kiocb) => Sleeps<number>};

/** Finds the file's method for an opcode, and checks the buffer. @returns -EBADF, -EINVAL, -EFAULT. @see aio_setup_iocb() */
function* setup(k: Kernel, file: file, wanted: iocb): Sleeps<Method | number> {
	switch (wanted.aio_lio_opcode) {
		case IOCB_CMD_PREAD:
		case IOCB_CMD_PREADV:
			if (!(file.f_mode & FMODE_READ)) return -EBADF;
			if (!file.f_op.aio_read) return -EINVAL;
			return yield* setupRw(k, wanted, file.f_op.aio_read, wanted.aio_lio_opcode === IOCB_CMD_PREADV);
		case IOCB_CMD_PWRITE:
		case IOCB_CMD_PWRITEV:
			if (!(file.f_mode & FMODE_WRITE)) return -EBADF;
			if (!file.f_op.aio_write) return -EINVAL;
			return yield* setupRw(k, wanted, file.f_op.aio_write, wanted.aio_lio_opcode === IOCB_CMD_PWRITEV);
		case IOCB_CMD_FSYNC:
		case IOCB_CMD_FDSYNC:
			return setupFsync(k, file, wanted);
		default:
			return -EINVAL;
	}
}

function setupFsync(k: Kernel, file: file, wanted: iocb): Method | number {
	const datasync = wanted.aio_lio_opcode === IOCB_CMD_FDSYNC;
	const {aio_fsync, fsync} = file.f_op;
	if (!k.era.aioFsyncOfEveryFile)
		return aio_fsync ? {iov: [], retry: (k, req) => aio_fsync(k, req, datasync)} : -EINVAL;
	if (wanted.aio_buf !== 0n || wanted.aio_offset !== 0n || wanted.aio_nbytes !== 0n) return -EINVAL;
	return fsync ? {iov: [], retry: (k, req) => fsync(k, req.ki_filp, datasync)} : -EINVAL;
}

type RwMethod = (k: Kernel, iocb: kiocb, iov: readonly iovec[], pos: number) => Sleeps<number>;

function* setupRw(k: Kernel, wanted: iocb, method: RwMethod, vectored: boolean): Sleeps<Method | number> {
	const base = userAddress(Number(wanted.aio_buf));
	const length = Number(wanted.aio_nbytes);
	const iov = vectored ? yield* readVector(k, base, length) : [{iov_base: base, iov_len: length}];
	if (typeof iov === 'number') return iov;
	if (!iov.every(each => access_ok(each.iov_base, each.iov_len))) return -EFAULT;
	const total = iov.reduce((sum, each) => sum + each.iov_len, 0);
	const verified = rw_verify_area(Number(wanted.aio_offset), total);
	if (verified < 0) return verified;
	return {iov, retry: (k, req) => aio_rw_vect_retry(k, req, method)};
}

/** The array of struct iovec that a vectored iocb points at. */
function* readVector(k: Kernel, at: UserAddress, count: number): Sleeps<iovec[] | number> {
	if (count > UIO_MAXIOV) return -EINVAL;
	const bytes = new Uint8Array(8 * count);
	if ((yield* copy_from_user(k, bytes, at)) > 0) return -EFAULT;
	const words = new Uint32Array(bytes.buffer);
	return Array.from({length: count}, (_, i) => ({iov_base: userAddress(words[2 * i]!), iov_len: words[2 * i + 1]!}));
}

/** Calls the method; in older kernels again and again while it moves a part. */
function* aio_rw_vect_retry(k: Kernel, req: kiocb, method: RwMethod): Sleeps<number> {
	let result: number;
	do {
		result = yield* method(k, req, remaining(req), req.ki_pos);
		if (result <= 0) break;
		req.ki_left -= result;
		req.ki_pos += result;
	} while (k.era.aioRetriesPartial && req.ki_left > 0);
	const done = req.ki_nbytes - req.ki_left;
	return result >= 0 ? done : result;
}

/** What is left of a request's buffers. */
function remaining(req: kiocb): readonly iovec[] {
	let skip = req.ki_nbytes - req.ki_left;
	if (skip === 0) return req.ki_iovec;
	const rest: iovec[] = [];
	for (const {iov_base, iov_len} of req.ki_iovec) {
		const used = Math.min(skip, iov_len);
		skip -= used;
		if (used < iov_len) rest.push({iov_base: userAddress(iov_base + used), iov_len: iov_len - used});
	}
	return rest;
}

/** Runs a request until it has ended, is queued, or wants to be kicked. @see aio_run_iocb() */
export function* aio_run_iocb(k: Kernel, req: kiocb): Sleeps<void> {
	charge(k, COST.kiocbNs);
	req.kicked = false;
	const result = yield* req.ki_retry!(k, req);
	if (result === -EIOCBRETRY && k.era.aioRetries) {
		req.state = 'retry';
		if (req.kicked) kick_iocb(k, req);
		return;
	}
	if (result !== -EIOCBQUEUED) aio_complete(k, req, result, 0);
}

/** A driver whose method returned -EIOCBRETRY wants it called again; any context. */
export const kick_iocb = (k: Kernel, req: kiocb): void => kickWith(k, req, aio_run_iocb);

/**
 * Asks for a request that is under way to be given up.
 * @param result user address of an io_event, filled in where the era does so
 * @returns 0 (-EINPROGRESS later), -EFAULT, -EINVAL where nothing is found or nobody can cancel it, or what the driver says
 */
export function* sys_io_cancel(k: Kernel, ctx_id: number, iocb: UserAddress, result: UserAddress): Sleeps<number> {
	const key = yield* get_user32(k, userAddress(iocb + 8));
	if (key === undefined) return -EFAULT;
	const ctx = lookup_ioctx(k, ctx_id);
	if (!ctx || key !== KIOCB_KEY) return -EINVAL;
	const req = [...ctx.active_reqs].find(each => each.ki_obj === iocb);
	if (!req?.ki_cancel) return -EINVAL;
	const error = cancel_kiocb(k, req);
	if (error !== 0) return error;
	if (!k.era.aioCancelFillsEvent) return -EINPROGRESS;
	const event = {data: req.ki_user_data, obj: req.ki_obj, res: req.result ?? 0, res2: 0};
	return (yield* copy_to_user(k, result, formatIoEvent(event))) > 0 ? -EFAULT : 0;
}
