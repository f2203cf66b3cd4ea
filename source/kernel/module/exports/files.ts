/** linux/fs.h: what methods of files are made of, and files that the kernel itself opens. */
import {kernelAddress, logicalAddress, userAddress} from '../../../hardware/address.ts';
import {EFAULT, EINVAL, ENOMEM, ENXIO, ESPIPE} from '../../errno.ts';
import {fget, type file, filp_close, fput} from '../../fs/file.ts';
import {SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET} from '../../fs/read_write.ts';
import {filp_open} from '../../fs/vfs.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread32, kwrite32, oops} from '../../mm/access.ts';
import {GFP_ATOMIC} from '../../mm/gfp.ts';
import {kfree, try_kmalloc} from '../../mm/slab.ts';
import {copy_from_user, copy_to_user} from '../../mm/uaccess.ts';
import {send_sig} from '../../signal.ts';
import type {Sleeps} from '../../time.ts';
import {type Gate, modulesOf} from '../state.ts';
import {fileWindow, inodeWindow} from '../structureWindows.ts';
import {textAtAddress, writeKernel} from '../text.ts';
import {fileAt} from './fileAt.ts';
import {gate, gates, read64, signed64, wide, write64} from './gate.ts';

const addressOf = (k: Kernel, file: file) => modulesOf(k).windows.addressOf(fileWindow, file);

/**
 * Moves a position within 0 .. limit.
 * @returns the new one, or -EINVAL, -ENXIO
 * @see fs/read_write.c generic_file_llseek_size()
 */
function seekWithin(k: Kernel, file: file, offset: number, whence: number, size: number): number {
	let base = 0;
	if (whence === SEEK_CUR) base = file.f_pos;
	else if (whence === SEEK_END) base = size;
	else if (whence === SEEK_DATA || whence === SEEK_HOLE) {
		if (!k.era.seeksDataAndHoles) return -EINVAL;
		if (offset < 0 || offset >= size) return -ENXIO;
		file.f_pos = whence === SEEK_DATA ? offset : size;
		return file.f_pos;
	} else if (whence !== SEEK_SET) return -EINVAL;
	if (base + offset < 0) return -EINVAL;
	file.f_pos = base + offset;
	return file.f_pos;
}

/** Of a file of so many bytes at most: no position behind them. */
function fixedSeek(k: Kernel, file: file, offset: number, whence: number, size: number): number {
	const before = file.f_pos;
	const to = seekWithin(k, file, offset, whence, size);
	if (to <= size) return to;
	file.f_pos = before;
	return -EINVAL;
}

/** @returns bytes moved between a user's buffer and one of C's, -EINVAL, -EFAULT */
function* simpleTransfer(
	k: Kernel,
	count: number,
	at: number,
	available: number,
	move: (pos: number, bytes: number) => Sleeps<number>,
): Sleeps<number> {
	const pos = read64(k, at);
	if (pos < 0) return -EINVAL;
	if (pos >= available || count === 0) return 0;
	const bytes = Math.min(count, available - pos);
	const missed = yield* move(pos, bytes);
	if (missed === bytes) return -EFAULT;
	write64(k, at, pos + bytes - missed);
	return bytes - missed;
}

// ── fasync ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Linux's list of who wants SIGIO: records of their own, linked from the driver's word. */
const FASYNC_MAGIC = 0x4601;
const FASYNC_BYTES = 16;

/** The place of the pointer that leads to a file's record, or of the last pointer. */
function fasyncPlace(k: Kernel, list: number, file: number): {readonly at: number; readonly record: number} {
	let at = list;
	for (;;) {
		const record = kread32(k, kernelAddress(at));
		if (record === 0 || kread32(k, kernelAddress(record + 12)) === file) return {at, record};
		at = record + 8;
	}
}

/** @returns 1 where it was put in or taken out, 0 where nothing had to be done, -ENOMEM */
function fasync_helper(k: Kernel, fd: number, file: number, on: number, list: number): number {
	const {at, record} = fasyncPlace(k, list, file);
	if (on === 0) {
		if (record === 0) return 0;
		kwrite32(k, kernelAddress(at), kread32(k, kernelAddress(record + 8)));
		kfree(k, logicalAddress(record));
		return 1;
	}
	if (record !== 0) {
		kwrite32(k, kernelAddress(record + 4), fd);
		return 0;
	}
	const made = try_kmalloc(k, FASYNC_BYTES, GFP_ATOMIC);
	if (made === undefined) return -ENOMEM;
	for (const [n, value] of [FASYNC_MAGIC, fd, kread32(k, kernelAddress(list)), file].entries())
		kwrite32(k, kernelAddress(made + 4 * n), value);
	kwrite32(k, kernelAddress(list), made);
	return 1;
}

/** Tells everybody in a list: the process that the file belongs to (F_SETOWN). Any context. */
function kill_fasync(k: Kernel, list: number, signal: number): void {
	for (let record = kread32(k, kernelAddress(list)); record !== 0; record = kread32(k, kernelAddress(record + 8))) {
		const file = modulesOf(k).windows.objectAt(fileWindow, kread32(k, kernelAddress(record + 12)));
		const owner = k.sched.tasks.get(Math.abs(file?.f_owner ?? 0));
		if (owner) send_sig(k, signal, owner);
	}
}

export const fileExports: readonly Gate[] = [
	...gates(['nonseekable_open', 'stream_open'], (k, _inode, address) => {
		fileAt(k, address).nonseekable = true;
		return 0;
	}),
	gate('simple_open', (k, inode, address) => {
		fileAt(k, address).private_data = modulesOf(k).windows.objectAt(inodeWindow, inode)?.i_private;
		return 0;
	}),
	...gates(['generic_file_llseek', 'default_llseek'], (k, address, low, high, whence) => {
		const file = fileAt(k, address);
		return wide(seekWithin(k, file, signed64(low, high), whence, file.inode.i_size));
	}),
	gate('fixed_size_llseek', (k, address, low, high, whence, sizeLow, sizeHigh) =>
		wide(fixedSeek(k, fileAt(k, address), signed64(low, high), whence, signed64(sizeLow, sizeHigh))),
	),
	gate('noop_llseek', (k, address) => wide(fileAt(k, address).f_pos)),
	gate('no_llseek', () => wide(-ESPIPE)),
	gate('simple_read_from_buffer', (k, to, count, pos, from, available) =>
		simpleTransfer(k, count, pos, available, (at, bytes) =>
			copy_to_user(k, userAddress(to), kread(k, kernelAddress(from + at), bytes)),
		),
	),
	gate('simple_write_to_buffer', (k, to, available, pos, from, count) =>
		simpleTransfer(k, count, pos, available, function* (at, bytes) {
			const copied = new Uint8Array(bytes);
			const missed = yield* copy_from_user(k, copied, userAddress(from));
			writeKernel(k, to + at, copied.subarray(0, bytes - missed));
			return missed;
		}),
	),
	// Of a device: it has no size, and nothing to fill a page of its cache with. Linux follows a pointer to nothing.
	gate('generic_file_read_iter', k => (k.era.readsStopAtSize ? 0 : oops(k, 0, false, false))),
	gate('generic_file_write_iter', k => oops(k, 0, false, false)),
	gate('fasync_helper', fasync_helper),
	gate('kill_fasync', kill_fasync),
	gate('fget', (k, fd) => {
		const file = fget(k, fd);
		return file ? addressOf(k, file) : 0;
	}),
	gate('fput', (k, address) => fput(k, fileAt(k, address))),
	gate('filp_open', function* (k, path, flags) {
		const opened = yield* filp_open(k, textAtAddress(k, path), flags);
		return typeof opened === 'number' ? opened : addressOf(k, opened);
	}),
	gate('filp_close', (k, address) => filp_close(k, fileAt(k, address))),
];
