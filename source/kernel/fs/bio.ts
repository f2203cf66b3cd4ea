/**
 * Models include/linux/bio.h and fs/bio.c (2.6.11 and later): one request for contiguous sectors and the pieces of
 * memory that they come from or go to.
 *
 * Not modelled: mempools behind bio_alloc (a bio is an object here), integrity data, splitting (6.1).
 */
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {trace} from '../trace.ts';
import type {block_device} from './block.ts';
import type {kiocb} from './kiocb.ts';

export const SECTOR_SHIFT = 9;
export const SECTOR_SIZE = 512;
/** Most pieces of memory in one bio. */
const BIO_MAX_PAGES = 256;

export type bio_vec = {readonly bv_page: Pfn; readonly bv_len: number; readonly bv_offset: number};

export type bio = {
	readonly id: number;
	readonly bi_bdev: block_device;
	readonly bi_sector: number;
	readonly bi_rw: 'READ' | 'WRITE';
	/** REQ_SYNC: somebody waits for it, or it is a direct write. */
	readonly sync: boolean;
	readonly bi_io_vec: bio_vec[];
	/** Bytes. */
	bi_size: number;
	/** Called in any context when the transfer has ended; cannot sleep. @param error 0 or -errno */
	bi_end_io: (k: Kernel, bio: bio, error: number) => void;
	/** The control block that it works for, for whoever looks. */
	readonly iocb: kiocb | undefined;
};

type NewBio = Pick<bio, 'bi_bdev' | 'bi_sector' | 'bi_rw' | 'bi_end_io'> & {
	readonly sync?: boolean;
	readonly iocb?: kiocb | undefined;
};

export function bio_alloc(k: Kernel, wanted: NewBio): bio {
	charge(k, COST.kmallocNs);
	return {
		id: k.block.nextBio++,
		bi_bdev: wanted.bi_bdev,
		bi_sector: wanted.bi_sector,
		bi_rw: wanted.bi_rw,
		sync: wanted.sync ?? false,
		bi_io_vec: [],
		bi_size: 0,
		bi_end_io: wanted.bi_end_io,
		iocb: wanted.iocb,
	};
}

export const bio_sectors = (bio: bio) => bio.bi_size >>> SECTOR_SHIFT;
export const bio_end_sector = (bio: bio) => bio.bi_sector + bio_sectors(bio);

/** Most pages that one bio for a device may hold: its queue's limits of bytes and of segments. */
export const bio_get_nr_vecs = (bdev: block_device) =>
	Math.min(Math.ceil((bdev.queue.max_sectors * SECTOR_SIZE) / PAGE_SIZE), bdev.queue.max_segments, BIO_MAX_PAGES);

/**
 * Adds a piece of memory to a bio, as part of the last piece where it follows it in the same frame.
 * @returns whether there was room
 */
export function bio_add_page(bio: bio, page: Pfn, lengthBytes: number, offset: number): boolean {
	const {queue} = bio.bi_bdev;
	if (bio_sectors(bio) + (lengthBytes >>> SECTOR_SHIFT) > queue.max_sectors) return false;
	const last = bio.bi_io_vec.at(-1);
	if (last && last.bv_page === page && last.bv_offset + last.bv_len === offset) {
		bio.bi_io_vec[bio.bi_io_vec.length - 1] = {...last, bv_len: last.bv_len + lengthBytes};
	} else {
		if (bio.bi_io_vec.length >= bio_get_nr_vecs(bio.bi_bdev)) return false;
		bio.bi_io_vec.push({bv_page: page, bv_len: lengthBytes, bv_offset: offset});
	}
	bio.bi_size += lengthBytes;
	return true;
}

/** The transfer of a bio has ended. Any context. @param error 0 or -errno */
export function bio_endio(k: Kernel, bio: bio, error: number): void {
	trace(k, 'block_bio_complete', () => `${describeBio(bio)} [${error}]`);
	bio.bi_end_io(k, bio, error);
}

/** `R`, `WS`, …: direction, and S for what is synchronous, as blk_fill_rwbs does. */
export const rwbs = (rw: 'READ' | 'WRITE', sync: boolean) => `${rw === 'READ' ? 'R' : 'W'}${sync ? 'S' : ''}`;

/** A task does something with a bio that has its pages. */
export function traceBio(k: Kernel, name: string, bio: bio): void {
	const {comm} = k.cpu.current;
	trace(k, name, () => `${describeBio(bio)} [${comm}]`);
}

/** Device, direction and sectors as the block tracepoints print them. */
const describeBio = (bio: bio) =>
	`${bio.bi_bdev.major},${bio.bi_bdev.minor} ${rwbs(bio.bi_rw, bio.sync)} ${bio.bi_sector} + ${bio_sectors(bio)}`;
