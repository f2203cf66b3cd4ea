/**
 * The book's `asynctest`, for a driver with aio_read and aio_write: one request at a time, submitted and waited for.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import type {User} from '../userland.ts';

type AsyncResult = {
	/** Of each request's event, in order. */
	readonly results: readonly number[];
	/** Longest time between io_submit and the event, in nanoseconds. */
	readonly longestNs: number;
};

/**
 * Does `pages` requests of a page each.
 * @param opcode IOCB_CMD_PREAD or IOCB_CMD_PWRITE
 * @param fill what byte `i` of a page that is written holds
 * @returns -errno of the call that failed
 */
export function* asynctest(
	u: User,
	path: string,
	opcode: number,
	pages: number,
	fill: (page: number) => number,
): Sleeps<AsyncResult | number> {
	const fd = yield* u.open(path, O_RDWR);
	if (fd < 0) return fd;
	const buffer = yield* u.mmap(0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (buffer < 0) return buffer;
	const notes = buffer + PAGE_SIZE;
	const made = yield* u.ioSetup(1, notes);
	if (made < 0) return made;
	const ctx = yield* u.peek32(notes);
	const results: number[] = [];
	let longestNs = 0;
	for (let page = 0; page < pages; page++) {
		yield* u.poke(buffer, new Uint8Array(PAGE_SIZE).fill(fill(page)));
		const pointers = yield* u.prepareIocbs(notes + 64, [
			{
				aio_lio_opcode: opcode,
				aio_fildes: fd,
				aio_buf: BigInt(buffer),
				aio_nbytes: BigInt(PAGE_SIZE),
				aio_offset: BigInt(page * PAGE_SIZE),
			},
		]);
		const sinceNs = u.k.hw.timeline.nowNs;
		const accepted = yield* u.ioSubmit(ctx, 1, pointers);
		if (accepted < 0) return accepted;
		yield* u.ioGetevents(ctx, 1, 1, notes + 512);
		const [event] = yield* u.readEvents(notes + 512, 1);
		results.push(event!.res);
		longestNs = Math.max(longestNs, u.k.hw.timeline.nowNs - sinceNs);
	}
	yield* u.ioDestroy(ctx);
	yield* u.munmap(buffer, 2 * PAGE_SIZE);
	yield* u.close(fd);
	return {results, longestNs};
}
