/**
 * Models file_read_actor and filemap_copy_from_user of mm/filemap.c (2.6.11; iov_iter later): bytes between a page of
 * the cache and user memory. First within a short mapping, where a page fault is not allowed; if one is needed, again
 * within a long one.
 *
 * Not modelled: copies that bypass the processor's cache.
 */
import {type Pfn, type UserAddress, userAddress} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {type Sleeps, spend} from '../time.ts';
import {kmap, kunmap} from './highmem.ts';
import {KM_USER0, kmap_atomic, kunmap_atomic} from './kmap_atomic.ts';
import {copy_from_user, copy_from_user_inatomic, copy_to_user, copy_to_user_inatomic} from './uaccess.ts';

/** Copies part of a frame to the calling task; may sleep. @returns bytes that could not be copied */
export function* copyPageToUser(
	k: Kernel,
	frame: Pfn,
	offset: number,
	to: UserAddress,
	lengthBytes: number,
): Sleeps<number> {
	const source = () => k.hw.ram.page(frame).subarray(offset, offset + lengthBytes);
	const address = kmap_atomic(k, frame, KM_USER0);
	const left = copy_to_user_inatomic(k, to, source());
	// The copy takes its time here, while the slot is held.
	yield* spend(0);
	kunmap_atomic(k, address, KM_USER0);
	if (left === 0) return 0;
	yield* kmap(k, frame);
	const done = lengthBytes - left;
	const missed = yield* copy_to_user(k, userAddress(to + done), source().subarray(done));
	kunmap(k, frame);
	return missed;
}

/** Copies from the calling task to part of a frame; may sleep. @returns bytes that could not be copied */
export function* copyPageFromUser(
	k: Kernel,
	frame: Pfn,
	offset: number,
	from: UserAddress,
	lengthBytes: number,
): Sleeps<number> {
	const target = k.hw.ram.pageForWrite(frame).subarray(offset, offset + lengthBytes);
	const address = kmap_atomic(k, frame, KM_USER0);
	const left = copy_from_user_inatomic(k, target, from);
	yield* spend(0);
	kunmap_atomic(k, address, KM_USER0);
	if (left === 0) return 0;
	yield* kmap(k, frame);
	const done = lengthBytes - left;
	const missed = yield* copy_from_user(k, target.subarray(done), userAddress(from + done));
	kunmap(k, frame);
	return missed;
}
