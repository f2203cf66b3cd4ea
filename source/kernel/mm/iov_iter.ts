/**
 * Models struct iov_iter (mm/filemap.c 2.6.24 to 3.15, lib/iov_iter.c later; 2.6.11 keeps the same in local variables):
 * where a transfer stands in the segments of a user buffer.
 *
 * Not modelled: buffers that are not user memory.
 */
import {PAGE_SIZE, type Pfn, pageAlignDown, type UserAddress, userAddress} from '../../hardware/address.ts';
import type {iovec} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import {type Sleeps, spend} from '../time.ts';
import {KM_USER0, kmap_atomic, kunmap_atomic} from './kmap_atomic.ts';
import {copy_from_user_inatomic, fault_in_byte} from './uaccess.ts';

export type iov_iter = {
	/** Segments that are not used up. None of them is empty. */
	iov: readonly iovec[];
	/** Bytes used of the first one. */
	iov_offset: number;
	/** Bytes left in all. */
	count: number;
};

export const iov_length = (iov: readonly iovec[]): number => iov.reduce((sum, each) => sum + each.iov_len, 0);

/** Stands at the first of at most `count` bytes. */
export const iov_iter_init = (iov: readonly iovec[], count = iov_length(iov)): iov_iter => ({
	iov: iov.filter(each => each.iov_len > 0),
	iov_offset: 0,
	count: Math.min(count, iov_length(iov)),
});

export function iov_iter_advance(i: iov_iter, bytes: number): void {
	i.count -= bytes;
	i.iov_offset += bytes;
	while (i.iov.length > 0 && i.iov_offset >= i.iov[0]!.iov_len) {
		i.iov_offset -= i.iov[0]!.iov_len;
		i.iov = i.iov.slice(1);
	}
}

/** Bytes left in the first segment. */
export const iov_iter_single_seg_count = ({iov, iov_offset, count}: iov_iter): number =>
	iov.length === 0 ? 0 : Math.min(iov[0]!.iov_len - iov_offset, count);

/** Where the next byte comes from. */
export const iov_iter_base = ({iov, iov_offset}: iov_iter): UserAddress => userAddress(iov[0]!.iov_base + iov_offset);

/** The next bytes, segment by segment. */
export function iov_iter_parts({iov, iov_offset, count}: iov_iter, bytes: number): iovec[] {
	const parts: iovec[] = [];
	let left = Math.min(bytes, count);
	let skip = iov_offset;
	for (const {iov_base, iov_len} of iov) {
		if (left === 0) break;
		const length = Math.min(left, iov_len - skip);
		parts.push({iov_base: userAddress(iov_base + skip), iov_len: length});
		left -= length;
		skip = 0;
	}
	return parts;
}

/**
 * Copies the next bytes into part of a frame, in a short mapping and without page faults; does not advance.
 * @returns bytes copied: fewer where a page is not there
 */
export function* iov_iter_copy_from_user_atomic(
	k: Kernel,
	frame: Pfn,
	i: iov_iter,
	offset: number,
	bytes: number,
): Sleeps<number> {
	const target = k.hw.ram.pageForWrite(frame).subarray(offset, offset + bytes);
	const address = kmap_atomic(k, frame, KM_USER0);
	let copied = 0;
	for (const {iov_base, iov_len} of iov_iter_parts(i, bytes)) {
		const left = copy_from_user_inatomic(k, target.subarray(copied, copied + iov_len), iov_base);
		copied += iov_len - left;
		if (left > 0) break;
	}
	// The copy takes its time here, while the slot is held.
	yield* spend(0);
	kunmap_atomic(k, address, KM_USER0);
	return copied;
}

/** Faults the pages of a user range in for reading. May sleep. @returns bytes at its end that cannot be had */
export function* fault_in_readable(k: Kernel, start: UserAddress, sizeBytes: number): Sleeps<number> {
	const end = start + sizeBytes;
	for (let at: number = start; at < end; at = pageAlignDown(at) + PAGE_SIZE)
		if (!(yield* fault_in_byte(k, userAddress(at)))) return end - at;
	return 0;
}

/**
 * fault_in_readable for the next bytes, in all their segments. May sleep. @returns bytes from the first missing one on
 */
export function* fault_in_iov_iter_readable(k: Kernel, i: iov_iter, bytes: number): Sleeps<number> {
	let left = Math.min(bytes, i.count);
	for (const {iov_base, iov_len} of iov_iter_parts(i, bytes)) {
		const missing = yield* fault_in_readable(k, iov_base, iov_len);
		left -= iov_len - missing;
		if (missing > 0) return left;
	}
	return 0;
}
