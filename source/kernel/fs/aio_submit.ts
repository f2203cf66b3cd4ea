/**
 * Models io_submit and io_cancel of fs/aio.c (2.6.11 to 6.1): from the program's iocb to the file's method.
 *
 * Not modelled: priorities, IOCB_CMD_NOOP.
 */
import {type UserAddress, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EAGAIN, EBADF, EFAULT, EINPROGRESS, EINVAL, EIOCBQUEUED, EIOCBRETRY} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {
	access_ok,
	bytesOf,
	copy_to_user,
	copy_words_from_user,
	copy_words_to_user,
	get_user32,
	try_copy_words_from_user,
	try_copy_words_to_user,
} from '../mm/uaccess.ts';
import {printk} from '../printk.ts';
import type {Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {type kioctx, lookup_ioctx} from './aio.ts';
import {IOCB_BYTES, IOCB_FLAG_RESFD, type IocbInKernel, ioEventWords, parseIocb} from './aio_abi.ts';
import {aio_complete, aio_put_req, cancel_kiocb, forgetRequest, kickWith} from './aio_complete.ts';
import {aio_poll} from './aio_poll.ts';
import {get_reqs_available, put_reqs_available} from './aio_slots.ts';
import {isEventfd} from './eventfd.ts';
import {FMODE_READ, FMODE_WRITE, fget, type file, fput, type iovec} from './file.ts';
import {
	IOCB_CMD_FDSYNC,
	IOCB_CMD_FSYNC,
	IOCB_CMD_POLL,
	IOCB_CMD_PREAD,
	IOCB_CMD_PREADV,
	IOCB_CMD_PWRITE,
	IOCB_CMD_PWRITEV,
	type KiocbMethod,
	type kiocb,
	kiocbIs,
	newKiocb,
} from './kiocb.ts';
import {newKiocbMemory, takeKiocbMemory} from './kiocb_memory.ts';
import {checkRwFlags, rw_verify_area} from './read_write.ts';

/** ki_key of asynchronous requests, as the kernel writes it into the program's iocb. */
const KIOCB_KEY = 0;
const KEY_WORD = Uint32Array.of(KIOCB_KEY);
const KEY_OFFSET = 8;
/** Most pieces of one vector, and most bytes of one request. */
const UIO_MAXIOV = 1_024;
const SSIZE_MAX = 0x7fff_ffff;

/**
 * Starts requests, in order, until one is refused.
 * @param nr how many
 * @param iocbpp user address of an array of pointers to iocbs
 * @returns how many were started if any; else 0, -EINVAL, -EFAULT, -EBADF, -EAGAIN
 */
export function* sys_io_submit(k: Kernel, ctx_id: number, nr: number, iocbpp: UserAddress): Sleeps<number> {
	if (nr < 0) return -EINVAL;
	if (k.era.aioChecksArrayFirst && !access_ok(iocbpp, 4 * nr)) return -EFAULT;
	const ctx = lookup_ioctx(k, ctx_id);
	if (!ctx) return -EINVAL;
	const pointer = new Uint32Array(1);
	for (let i = 0; i < nr; i++) {
		const at = userAddress(iocbpp + 4 * i);
		const known = try_copy_words_from_user(k, pointer, at) || (yield* copy_words_from_user(k, pointer, at));
		const error = known ? yield* io_submit_one(k, ctx, userAddress(pointer[0]!)) : -EFAULT;
		if (error < 0) return i || error;
	}
	return nr;
}

function* io_submit_one(k: Kernel, ctx: kioctx, user_iocb: UserAddress): Sleeps<number> {
	traceCall(k, 'io_submit_one', 'sys_io_submit');
	const words = new Uint32Array(IOCB_BYTES / 4);
	if (!try_copy_words_from_user(k, words, user_iocb) && !(yield* copy_words_from_user(k, words, user_iocb)))
		return -EFAULT;
	const wanted = parseIocb(words);
	if (!reservedAreZero(k, wanted) || Number.isNaN(wanted.buf) || !(wanted.nbytes <= SSIZE_MAX)) return -EINVAL;
	const slotFirst = k.era.aioSlotBeforeFile;
	if (slotFirst && !get_reqs_available(k, ctx)) return -EAGAIN;
	const file = fget(k, wanted.fildes);
	const hasSlot = slotFirst || (file !== undefined && get_reqs_available(k, ctx));
	const error = !file ? -EBADF : hasSlot ? yield* start(k, ctx, file, user_iocb, wanted) : -EAGAIN;
	if (error === 0) return 0;
	if (file) yield* fput(k, file);
	if (hasSlot && k.era.aioSlotsPerCpu) put_reqs_available(k, ctx, 1);
	return error;
}

function reservedAreZero(k: Kernel, wanted: IocbInKernel): boolean {
	const fields = k.era.aioReservedFields;
	if (fields === '1, 2 and 3' && !wanted.reserved3IsZero) return false;
	return wanted.reserved2IsZero && (fields === '2' || wanted.reserved1 === 0);
}

/** Takes a request on, which from here on owns the file and the slot. @returns 0, or why not */
function* start(k: Kernel, ctx: kioctx, file: file, user_iocb: UserAddress, wanted: IocbInKernel): Sleeps<number> {
	const counter = eventfdOf(k, wanted);
	if (typeof counter === 'number') return counter;
	const error = yield* startCounted(k, ctx, file, counter, user_iocb, wanted);
	if (error < 0 && counter) yield* fput(k, counter);
	return error;
}

function* startCounted(
	k: Kernel,
	ctx: kioctx,
	file: file,
	ki_eventfd: file | undefined,
	user_iocb: UserAddress,
	wanted: IocbInKernel,
): Sleeps<number> {
	const key = userAddress(user_iocb + KEY_OFFSET);
	if (!try_copy_words_to_user(k, key, KEY_WORD) && !(yield* copy_words_to_user(k, key, KEY_WORD))) return -EFAULT;
	if (isVectored(wanted) && !k.era.aioIsVectored) return -EINVAL;
	if (wanted.opcode === IOCB_CMD_POLL && k.era.aioPolls)
		return yield* startPoll(k, ctx, file, ki_eventfd, wanted, user_iocb);
	const refused = checkFlags(k, file, wanted) || checkMode(file, wanted);
	if (refused < 0) return refused;
	const method = methodOf(k, file, wanted);
	if (typeof method === 'number' && !k.era.aioChecksBufferFirst) return method;
	const iov = isVectored(wanted) ? yield* readVector(k, wanted) : oneBuffer(wanted);
	if (typeof iov === 'number') return iov;
	if (typeof method === 'number') return method;
	const req = yield* aio_get_req(k, ctx, file, ki_eventfd, wanted, user_iocb, iov, method);
	if (!req) return -EAGAIN;
	yield* aio_run_iocb(k, req);
	aio_put_req(k, ctx, req);
	return 0;
}

/** A request that owns what it is given. May sleep. @returns undefined when memory is out */
function* aio_get_req(
	k: Kernel,
	ctx: kioctx,
	file: file,
	ki_eventfd: file | undefined,
	wanted: IocbInKernel,
	user_iocb: UserAddress,
	iov: readonly iovec[],
	method: KiocbMethod | undefined,
): Sleeps<kiocb | undefined> {
	const memory = k.aio.spare.pop() ?? (yield* newKiocbMemory(k));
	if (!memory) return undefined;
	const req = newKiocb(k, {
		ki_key: KIOCB_KEY,
		ki_users: 2,
		ki_filp: file,
		ki_eventfd,
		ki_ctx: ctx,
		ki_opcode: wanted.opcode,
		ki_flags: k.era.aioReservedFields === '2' ? wanted.reserved1 : 0,
		ki_obj: user_iocb,
		ki_user_data: wanted.data_low,
		ki_user_data_high: wanted.data_high,
		ki_pos: wanted.offset,
		ki_nbytes: totalBytes(iov),
		ki_iovec: iov,
		ki_method: method,
		memory,
	});
	takeKiocbMemory(k, memory, req);
	ctx.active_reqs.add(req);
	return req;
}

/** A request that ends when the file is ready. @returns 0, -EAGAIN, or what aio_poll() says; then the files are ours */
function* startPoll(
	k: Kernel,
	ctx: kioctx,
	file: file,
	ki_eventfd: file | undefined,
	wanted: IocbInKernel,
	user_iocb: UserAddress,
): Sleeps<number> {
	if (wanted.buf > 0xffff || wanted.offset !== 0 || wanted.nbytes !== 0 || wanted.reserved1 !== 0) return -EINVAL;
	const req = yield* aio_get_req(k, ctx, file, ki_eventfd, wanted, user_iocb, [], undefined);
	if (!req) return -EAGAIN;
	const error = yield* aio_poll(k, req, wanted.buf);
	if (error < 0) forgetRequest(k, ctx, req);
	else aio_put_req(k, ctx, req);
	return error;
}

/** The eventfd that IOCB_FLAG_RESFD asks for, with a reference. @returns -EBADF, -EINVAL. @see eventfd_ctx_fdget() */
function eventfdOf(k: Kernel, {flags, resfd}: IocbInKernel): file | number | undefined {
	if ((flags & IOCB_FLAG_RESFD) === 0) return undefined;
	const found = k.cpu.current.files.fds.get(resfd);
	if (!found) return -EBADF;
	if (!isEventfd(found)) return -EINVAL;
	found.f_count++;
	return found;
}

function totalBytes(iov: readonly iovec[]): number {
	let total = 0;
	for (const {iov_len} of iov) total += iov_len;
	return total;
}

/** What aio_rw_flags ask for. @returns 0, -EOPNOTSUPP, or -EINVAL for those of an fsync */
function checkFlags(k: Kernel, file: file, {opcode, reserved1: flags}: IocbInKernel): number {
	if (flags === 0 || k.era.aioReservedFields !== '2') return 0;
	if (opcode === IOCB_CMD_FSYNC || opcode === IOCB_CMD_FDSYNC) return -EINVAL;
	return checkRwFlags(k, file, flags);
}

/** @returns 0, or -EBADF for a file that was opened otherwise */
function checkMode(file: file, {opcode}: IocbInKernel): number {
	const reads = opcode === IOCB_CMD_PREAD || opcode === IOCB_CMD_PREADV;
	const writes = opcode === IOCB_CMD_PWRITE || opcode === IOCB_CMD_PWRITEV;
	const needed = reads ? FMODE_READ : writes ? FMODE_WRITE : 0;
	return (file.f_mode & needed) === needed ? 0 : -EBADF;
}

/** Finds the file's method for an opcode. @returns -EINVAL where it has none */
function methodOf(k: Kernel, file: file, wanted: IocbInKernel): KiocbMethod | number {
	switch (wanted.opcode) {
		case IOCB_CMD_PREAD:
		case IOCB_CMD_PREADV:
			return file.f_op.aio_read ?? -EINVAL;
		case IOCB_CMD_PWRITE:
		case IOCB_CMD_PWRITEV:
			return file.f_op.aio_write ?? -EINVAL;
		case IOCB_CMD_FSYNC:
		case IOCB_CMD_FDSYNC:
			return fsyncOf(k, file, wanted);
		default:
			return -EINVAL;
	}
}

function fsyncOf(k: Kernel, file: file, {opcode, buf, offset, nbytes}: IocbInKernel): KiocbMethod | number {
	const datasync = opcode === IOCB_CMD_FDSYNC;
	const {aio_fsync, fsync} = file.f_op;
	if (!k.era.aioFsyncOfEveryFile) return aio_fsync ? (k, req) => aio_fsync(k, req, datasync) : -EINVAL;
	if (buf !== 0 || offset !== 0 || nbytes !== 0) return -EINVAL;
	return fsync ? (k, req) => fsync(k, req.ki_filp, datasync) : -EINVAL;
}

const isVectored = ({opcode}: IocbInKernel) => opcode === IOCB_CMD_PREADV || opcode === IOCB_CMD_PWRITEV;

/** The buffer of a read or write that names one, checked; an fsync has none. @returns -EFAULT, -EINVAL */
function oneBuffer({opcode, buf, nbytes, offset}: IocbInKernel): readonly iovec[] | number {
	if (opcode === IOCB_CMD_FSYNC || opcode === IOCB_CMD_FDSYNC) return [];
	return checked([{iov_base: userAddress(buf), iov_len: nbytes}], offset);
}

function checked(iov: readonly iovec[], offset: number): readonly iovec[] | number {
	for (const {iov_base, iov_len} of iov) if (!access_ok(iov_base, iov_len)) return -EFAULT;
	return rw_verify_area(offset, totalBytes(iov)) < 0 ? -EINVAL : iov;
}

/** The array of struct iovec that a vectored iocb points at, checked. @returns -EFAULT, -EINVAL */
function* readVector(k: Kernel, {buf, nbytes: count, offset}: IocbInKernel): Sleeps<readonly iovec[] | number> {
	if (count > UIO_MAXIOV) return -EINVAL;
	const words = new Uint32Array(2 * count);
	if (!(yield* copy_words_from_user(k, words, userAddress(buf)))) return -EFAULT;
	const iov = Array.from({length: count}, (_, i) => ({
		iov_base: userAddress(words[2 * i]!),
		iov_len: words[2 * i + 1]!,
	}));
	return checked(iov, offset);
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

/**
 * Runs a request until it has ended, is queued, or wants to be kicked; older kernels call a method that moved only a
 * part again for the rest. @see aio_run_iocb(), aio_rw_vect_retry()
 */
function* aio_run_iocb(k: Kernel, req: kiocb): Sleeps<void> {
	traceCall(k, 'aio_run_iocb', 'io_submit_one');
	charge(k, COST.kiocbNs);
	req.kicked = false;
	let result: number;
	do {
		result = yield* req.ki_method!(k, req, remaining(req), req.ki_pos);
		if (result <= 0) break;
		req.ki_left -= result;
		req.ki_pos += result;
	} while (k.era.aioRetriesPartial && req.ki_left > 0);
	if (result === -EIOCBQUEUED) return;
	if (result === -EIOCBRETRY && k.era.aioRetries) {
		kiocbIs(k, req, 'retry', 'aio_run_iocb');
		if (req.kicked) kick_iocb(k, req);
		return;
	}
	const moved = req.ki_nbytes - req.ki_left;
	const isWrite = req.ki_opcode === IOCB_CMD_PWRITE || req.ki_opcode === IOCB_CMD_PWRITEV;
	const failed = result < 0 && !(k.era.aioKeepsWritten && isWrite && moved > 0);
	aio_complete(k, req, failed ? result : moved, 0);
}

/** A driver whose method returned -EIOCBRETRY wants it called again; any context. */
export const kick_iocb = (k: Kernel, req: kiocb): void => kickWith(k, req, aio_run_iocb);

/**
 * Asks for a request that is under way to be given up.
 * @param result user address of an io_event, filled in where the era does so
 * @returns 0 (-EINPROGRESS later), -EFAULT, -EINVAL (in 2.6.11 -EAGAIN) where nothing is found or nobody can cancel it,
 * or what the driver says
 */
export function* sys_io_cancel(k: Kernel, ctx_id: number, iocb: UserAddress, result: UserAddress): Sleeps<number> {
	const key = yield* get_user32(k, userAddress(iocb + KEY_OFFSET));
	if (key === undefined) return -EFAULT;
	const ctx = lookup_ioctx(k, ctx_id);
	if (!ctx) return -EINVAL;
	const req = [...ctx.active_reqs].find(each => each.ki_obj === iocb && key === KIOCB_KEY);
	if (!req?.ki_cancel) {
		const {error: refused, line} = k.era.aioCancelRefused;
		if (line !== undefined) printk(k, 7, line);
		return -refused;
	}
	const error = yield* cancel_kiocb(k, req);
	if (error !== 0) return error;
	if (!k.era.aioCancelFillsEvent) return -EINPROGRESS;
	const words = ioEventWords(req.ki_user_data, req.ki_user_data_high, req.ki_obj, req.result ?? 0, 0);
	return (yield* copy_to_user(k, result, bytesOf(Uint32Array.from(words)))) > 0 ? -EFAULT : 0;
}
