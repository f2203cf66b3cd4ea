/**
 * Models fs/direct-io.c (2.6.11 to 6.1): O_DIRECT, bytes between a program's own pages and the disk with nothing
 * between. User pages are pinned 64 at a time and go into as few bios as they fit.
 *
 * Not modelled: blocks smaller than a page, growing a file by part of a page (that goes through the cache), the iomap
 * code of later filesystems.
 */
import {PAGE_SHIFT, PAGE_SIZE, type Pfn, pageOffset, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EFAULT, EINVAL, EIOCBQUEUED} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {get_user_pages} from '../mm/gup.ts';
import {mmap_read_lock, mmap_read_unlock} from '../mm/mmap_lock.ts';
import {filemap_write_and_wait_range, set_page_dirty_lock} from '../mm/page-writeback.ts';
import {type Sleeps, spend} from '../time.ts';
import {traceCall} from '../trace.ts';
import {wait_event, wait_queue_head, wake_up} from '../wait.ts';
import {aio_complete} from './aio_complete.ts';
import {type bio, bio_add_page, bio_alloc, SECTOR_SHIFT} from './bio.ts';
import {blk_unplug, type block_device, submit_bio} from './block.ts';
import {
	bio_check_pages_dirty,
	bio_set_pages_dirty,
	dirtyAndRelease,
	type PinnedPage,
	type Pins,
	pin,
	pinsFor,
	unpin,
} from './dio_pages.ts';
import type {inode, iovec} from './file.ts';
import {is_sync_kiocb, type kiocb, kiocbIs} from './kiocb.ts';

/** User pages that are pinned at a time. */
const DIO_PAGES = 64;
/** A write came to a hole: what is left goes through the cache. Not an errno. */
const HOLE = 1;

type DirectIoRules = {
	/** Gives a page that is to be written whole, beyond the end of the file, a place on the disk. @returns 0 or -errno */
	readonly addBlock?: (page: number) => number;
};

type BioWithPages = {readonly bio: bio; readonly pages: PinnedPage[]};

/** One direct transfer. */
type dio = {
	readonly iocb: kiocb;
	readonly pins: Pins;
	readonly inode: inode;
	readonly bdev: block_device;
	readonly rw: 'READ' | 'WRITE';
	readonly rules: DirectIoRules;
	readonly is_async: boolean;
	/** First byte of the file. */
	readonly pos: number;
	/** Bytes that count at most: a read ends where the file does. */
	readonly limit: number;
	/** Bytes handed to bios or done. */
	submitted: number;
	/** Bios under way, and one for the submitter. */
	refcount: number;
	error: number;
	/** The submitter waits for the end, so nobody need be told of it. */
	waits: boolean;
	readonly wait: ReturnType<typeof wait_queue_head>;
	/** Reads that have ended and whose pages the submitter marks dirty. */
	readonly ended: PinnedPage[][];
	/** Being filled. */
	current: BioWithPages | undefined;
};

/**
 * Moves bytes between user memory and the disk, past the cache. May sleep; for an asynchronous control block it returns
 * when everything is with the disk.
 * @param pos bytes; position, buffers and lengths must be multiples of the file's block, or failing that of the disk's
 * sector
 * @returns bytes moved (fewer before a hole that is to be written), -EINVAL, -EFAULT, -EIO, or -EIOCBQUEUED
 */
export function* blockdev_direct_IO(
	k: Kernel,
	rw: 'READ' | 'WRITE',
	iocb: kiocb,
	iov: readonly iovec[],
	pos: number,
	rules: DirectIoRules,
): Sleeps<number> {
	traceCall(k, 'blockdev_direct_IO', 'generic_file_direct_IO');
	const {inode} = iocb.ki_filp;
	const bdev = inode.i_bdev!;
	const count = iov.reduce((sum, each) => sum + each.iov_len, 0);
	if (!isAligned(pos, iov, PAGE_SIZE) && !isAligned(pos, iov, bdev.hardsectBytes)) return -EINVAL;
	if (rw === 'READ' && inode.kind === 'regular') {
		const last = Math.floor((pos + count - 1) / PAGE_SIZE);
		const error = yield* filemap_write_and_wait_range(k, inode.i_mapping, Math.floor(pos / PAGE_SIZE), last);
		if (error < 0) return error;
	}
	const lengthens = rw === 'WRITE' && pos + count > inode.i_size;
	const dio: dio = {
		iocb,
		pins: pinsFor(iocb),
		inode,
		bdev,
		rw,
		rules,
		is_async: !is_sync_kiocb(iocb) && !lengthens,
		pos,
		limit: rw === 'READ' || inode.kind === 'blkdev' ? Math.max(0, inode.i_size - pos) : count,
		submitted: 0,
		refcount: 1,
		error: 0,
		waits: false,
		wait: wait_queue_head('direct I/O'),
		ended: [],
		current: undefined,
	};
	const problem = yield* do_direct_IO(k, dio, iov, count);
	yield* dio_bio_submit(k, dio);
	blk_unplug(k, bdev);
	return yield* finish(k, dio, problem);
}

const isAligned = (pos: number, iov: readonly iovec[], blockBytes: number) =>
	pos % blockBytes === 0 &&
	iov.every(({iov_base, iov_len}) => iov_base % blockBytes === 0 && iov_len % blockBytes === 0);

/** Pins the buffers and makes bios of them. @returns 0, HOLE, or -errno where it had to stop */
function* do_direct_IO(k: Kernel, dio: dio, iov: readonly iovec[], count: number): Sleeps<number> {
	const {hardsectBytes} = dio.bdev;
	// A read moves whole sectors, so what is read may reach a little beyond the end of the file.
	const total = Math.min(count, Math.ceil(dio.limit / hardsectBytes) * hardsectBytes);
	for (const {iov_base, iov_len} of iov) {
		let address: number = iov_base;
		let left = Math.min(iov_len, total - dio.submitted);
		while (left > 0) {
			const pages: Pfn[] = [];
			const error = yield* dio_refill_pages(k, dio, address, left, pages);
			if (error < 0) return error;
			const pinned = pages.map(frame => pin(dio.pins, frame));
			for (const page of pinned) {
				const offset = pageOffset(address);
				const length = Math.min(PAGE_SIZE - offset, left);
				const problem = yield* movePage(k, dio, page, offset, length);
				if (problem !== 0) {
					for (const rest of pinned.slice(pinned.indexOf(page))) unpin(k, dio.pins, rest);
					return problem;
				}
				unpin(k, dio.pins, page);
				address += length;
				left -= length;
			}
			yield* dio_bio_reap(k, dio);
		}
	}
	return 0;
}

/** Pins the next pages of a buffer, at most 64, with mmap_sem held for reading. @returns 0 or -errno */
function* dio_refill_pages(k: Kernel, dio: dio, address: number, lengthBytes: number, pages: Pfn[]): Sleeps<number> {
	traceCall(k, 'dio_refill_pages', 'do_direct_IO');
	const {task} = dio.iocb;
	const mm = task.mm!;
	const wanted = Math.min(DIO_PAGES, Math.ceil((pageOffset(address) + lengthBytes) / PAGE_SIZE));
	kiocbIs(k, dio.iocb, 'pinning', 'dio_refill_pages');
	yield* mmap_read_lock(k, mm);
	const got = yield* get_user_pages(k, task, mm, userAddress(address), wanted, dio.rw === 'READ', false, pages, null);
	yield* spend(wanted * COST.pinPageNs);
	yield* mmap_read_unlock(k, mm);
	return got === 0 ? -EFAULT : Math.min(got, 0);
}

/** Puts part of a user page into bios, cut where the file's pages end. @returns 0, HOLE, or -errno */
function* movePage(k: Kernel, dio: dio, page: PinnedPage, offset: number, lengthBytes: number): Sleeps<number> {
	for (let done = 0; done < lengthBytes; ) {
		const at = dio.pos + dio.submitted;
		const part = Math.min(lengthBytes - done, PAGE_SIZE - pageOffset(at));
		const block = get_block(dio, at, part);
		if (block !== undefined)
			yield* submit_page_section(k, dio, page, offset + done, part, block + (pageOffset(at) >>> SECTOR_SHIFT));
		else if (dio.rw === 'WRITE') return HOLE;
		else yield* fillWithZeros(k, page.frame, offset + done, part);
		dio.submitted += part;
		done += part;
	}
	return 0;
}

/** First sector of the page of the file at `pos`; a write beyond the end makes it, if it fills the page. */
function get_block({inode, rw, rules}: dio, pos: number, part: number): number | undefined {
	const index = Math.floor(pos / PAGE_SIZE);
	const known = inode.sectorOf!(index);
	if (known !== undefined || rw === 'READ' || !rules.addBlock) return known;
	const beyondEnd = index >= Math.ceil(inode.i_size / 2 ** PAGE_SHIFT);
	if (!beyondEnd || part !== PAGE_SIZE || rules.addBlock(index) < 0) return undefined;
	return inode.sectorOf!(index);
}

function* fillWithZeros(k: Kernel, frame: Pfn, offset: number, lengthBytes: number): Sleeps<void> {
	k.hw.ram.pageForWrite(frame).fill(0, offset, offset + lengthBytes);
	charge(k, lengthBytes * COST.copyByteNs);
	yield* set_page_dirty_lock(k, frame);
}

/** Adds to the bio being filled where disk and limits allow, else begins the next one. */
function* submit_page_section(
	k: Kernel,
	dio: dio,
	page: PinnedPage,
	offset: number,
	lengthBytes: number,
	sector: number,
): Sleeps<void> {
	const {current} = dio;
	const continues = current && current.bio.bi_sector + (current.bio.bi_size >>> SECTOR_SHIFT) === sector;
	if (!continues || !bio_add_page(current.bio, page.frame, lengthBytes, offset)) {
		yield* dio_bio_submit(k, dio);
		const pages: PinnedPage[] = [];
		const bio = bio_alloc(k, {
			bi_bdev: dio.bdev,
			bi_sector: sector,
			bi_rw: dio.rw,
			// As traces of 6.1 have it: R for an asynchronous read, RS and WS for all else.
			sync: dio.rw === 'WRITE' || is_sync_kiocb(dio.iocb),
			iocb: dio.iocb,
			bi_end_io: (k, _bio, error) => dio_bio_end_io(k, dio, pages, error),
		});
		bio_add_page(bio, page.frame, lengthBytes, offset);
		dio.current = {bio, pages};
	}
	const {pages} = dio.current!;
	if (pages.at(-1) === page) return;
	pages.push(page);
	page.holds++;
}

/** Hands the bio being filled to the block layer. */
function* dio_bio_submit(k: Kernel, dio: dio): Sleeps<void> {
	const {current} = dio;
	if (!current) return;
	dio.current = undefined;
	dio.refcount++;
	if (dio.rw === 'READ' && dio.is_async) yield* bio_set_pages_dirty(k, current.pages);
	yield* submit_bio(k, current.bio);
}

/** A bio has ended; any context. */
function dio_bio_end_io(k: Kernel, dio: dio, pages: PinnedPage[], error: number): void {
	traceCall(k, 'dio_bio_end_io', 'bio_endio');
	dio.error ||= error;
	if (dio.rw === 'WRITE') for (const page of pages) unpin(k, dio.pins, page);
	else if (dio.is_async) bio_check_pages_dirty(k, dio.pins, pages);
	else dio.ended.push(pages);
	dio.refcount--;
	if (dio.waits) wake_up(k, dio.wait);
	else if (dio.refcount === 0 && dio.is_async) aio_complete(k, dio.iocb, resultOf(dio, 0), 0);
}

/** Lets go of the pages of bios that have ended meanwhile. */
function* dio_bio_reap(k: Kernel, dio: dio): Sleeps<void> {
	for (let pages = dio.ended.shift(); pages; pages = dio.ended.shift()) yield* dirtyAndRelease(k, dio.pins, pages);
}

const resultOf = (dio: dio, problem: number) => Math.min(problem, 0) || dio.error || Math.min(dio.submitted, dio.limit);

/** The submitter has no more: it waits where it must, and else leaves the end to the last bio. */
function* finish(k: Kernel, dio: dio, problem: number): Sleeps<number> {
	const leaves = dio.is_async && problem === 0;
	if (leaves && dio.refcount > 1) {
		dio.refcount--;
		return -EIOCBQUEUED;
	}
	dio.waits = true;
	while (dio.refcount > 1 || dio.ended.length > 0) {
		yield* wait_event(k, dio.wait, () => dio.refcount === 1 || dio.ended.length > 0);
		yield* dio_bio_reap(k, dio);
	}
	return resultOf(dio, problem);
}
