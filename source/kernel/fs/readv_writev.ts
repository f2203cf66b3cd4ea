/**
 * Models the vectors of fs/read_write.c (2.6.11 and later; lib/iov_iter.c import_iovec()): one call, several buffers.
 *
 * Not modelled: RWF_HIPRI's polling.
 */
import {type UserAddress, userAddress} from '../../hardware/address.ts';
import {EBADF, EFAULT, EINVAL, EOPNOTSUPP} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {access_ok, copy_words_from_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import {FMODE_READ, FMODE_WRITE, type file, type iovec, withFile} from './file.ts';
import {RWF_APPEND, RWF_HIPRI, RWF_NOAPPEND} from './kiocb.ts';
import {
	appendsAt,
	checkRwFlags,
	keepingPosition,
	MAX_RW_COUNT,
	positionAfter,
	rw_verify_area,
	syncIo,
} from './read_write.ts';

const UIO_MAXIOV = 1_024;
const SSIZE_MAX = 0x7fff_ffff;

/**
 * The program's array of buffers, checked. What is beyond the most that a call moves is left out; 2.6.11 refuses it.
 * @returns the buffers, -EINVAL, -EFAULT
 * @see rw_copy_check_uvector()
 */
function* copyVector(k: Kernel, at: number, count: number): Sleeps<readonly iovec[] | number> {
	if (count > UIO_MAXIOV) return -EINVAL;
	const words = new Uint32Array(2 * count);
	if (count > 0 && !(yield* copy_words_from_user(k, words, userAddress(at)))) return -EFAULT;
	const vector: iovec[] = [];
	let total = 0;
	for (let i = 0; i < count; i++) {
		const [base, length] = [words[2 * i]!, words[2 * i + 1]!];
		if (length > SSIZE_MAX) return -EINVAL;
		if (!access_ok(base, length)) return -EFAULT;
		if (k.era.vectorsTooLongFail && total + length > SSIZE_MAX) return -EINVAL;
		const used = Math.min(length, MAX_RW_COUNT - total);
		total += used;
		vector.push({iov_base: userAddress(base), iov_len: used});
	}
	return vector;
}

/** A method that takes one buffer, called for each. @see do_loop_readv_writev() */
function* loop(
	vector: readonly iovec[],
	pos: number,
	move: (buffer: UserAddress, length: number, pos: number) => Sleeps<number>,
): Sleeps<number> {
	let done = 0;
	for (const {iov_base, iov_len} of vector) {
		if (iov_len === 0) continue;
		const moved = yield* move(iov_base, iov_len, pos + done);
		if (moved < 0) return done || moved;
		done += moved;
		if (moved < iov_len) break;
	}
	return done;
}

/** @returns bytes moved, -EBADF, -EINVAL, -EFAULT, or what the file's method says */
function* do_readv_writev(
	k: Kernel,
	file: file,
	rw: 'READ' | 'WRITE',
	at: number,
	count: number,
	pos: number,
	flags = 0,
): Sleeps<number> {
	const isRead = rw === 'READ';
	const {read, write, aio_read, aio_write} = file.f_op;
	if (!(file.f_mode & (isRead ? FMODE_READ : FMODE_WRITE))) return -EBADF;
	if (isRead ? !read && !aio_read : !write && !aio_write) return -EINVAL;
	const vector = yield* copyVector(k, at, count);
	if (typeof vector === 'number') return vector;
	const total = vector.reduce((sum, {iov_len}) => sum + iov_len, 0);
	if (total === 0) return 0;
	const length = rw_verify_area(pos, total);
	if (length < 0) return length;
	const isVectored = isRead ? aio_read !== undefined : aio_write !== undefined;
	const one = isRead ? read : write;
	// A file without an iterator takes no flag but RWF_HIPRI. @see do_loop_readv_writev()
	const refused = isVectored ? checkRwFlags(k, file, flags) : (flags & ~RWF_HIPRI) === 0 ? 0 : -EOPNOTSUPP;
	if (refused < 0) return refused;
	const moved = isVectored
		? yield* syncIo(k, file, rw, vector, pos, flags)
		: yield* loop(vector, pos, (buffer, bytes, place) => one!(k, file, buffer, bytes, place));
	const {ioac} = k.cpu.current;
	if (isRead) {
		ioac.rchar += Math.max(0, moved);
		ioac.syscr++;
	} else {
		ioac.wchar += Math.max(0, moved);
		ioac.syscw++;
	}
	return moved;
}

/** readv and writev: from the file's position on. */
export function* sys_readv_writev(
	k: Kernel,
	rw: 'READ' | 'WRITE',
	fd: number,
	vec: number,
	count: number,
): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		const pos = rw === 'WRITE' ? appendsAt(file) : file.f_pos;
		const moved = yield* do_readv_writev(k, file, rw, vec, count, pos);
		file.f_pos = positionAfter(file, moved > 0 ? pos : file.f_pos, moved);
		return moved;
	});
}

/** preadv and pwritev (2.6.30 on): the file's position stays. @returns as readv, and -ESPIPE where there are none */
export function* sys_preadv_pwritev(
	k: Kernel,
	rw: 'READ' | 'WRITE',
	fd: number,
	vec: number,
	count: number,
	pos: number,
): Sleeps<number> {
	if (pos < 0) return -EINVAL;
	return yield* withFile(k, fd, file => keepingPosition(file, () => do_readv_writev(k, file, rw, vec, count, pos)));
}

/** Where a write begins: RWF_APPEND and RWF_NOAPPEND say more than how the file was opened. */
function writesAt(file: file, pos: number | undefined, flags: number): number {
	if ((flags & RWF_APPEND) !== 0) return file.inode.i_size;
	if (pos !== undefined) return pos;
	return (flags & RWF_NOAPPEND) !== 0 ? file.f_pos : appendsAt(file);
}

/**
 * preadv2 and pwritev2 (4.6 on). @param pos −1 for the file's position
 * @param flags RWF_ bits, see checkRwFlags(). @returns as preadv, and -EOPNOTSUPP, -EAGAIN (RWF_NOWAIT)
 */
export function* sys_preadv2_pwritev2(
	k: Kernel,
	rw: 'READ' | 'WRITE',
	fd: number,
	vec: number,
	count: number,
	pos: number,
	flags: number,
): Sleeps<number> {
	if (pos < -1) return -EINVAL;
	return yield* withFile(k, fd, function* (file) {
		const ownPosition = pos === -1;
		const given = ownPosition ? undefined : pos;
		const from = rw === 'WRITE' ? writesAt(file, given, flags) : (given ?? file.f_pos);
		const transfer = () => do_readv_writev(k, file, rw, vec, count, from, flags);
		const moved = yield* ownPosition ? transfer() : keepingPosition(file, transfer);
		if (ownPosition) file.f_pos = positionAfter(file, moved > 0 ? from : file.f_pos, moved);
		return moved;
	});
}
