/**
 * A database that does its own caching: direct, asynchronous reads and writes of random 4 KiB blocks, a few at a time;
 * on a calm machine one of a single block.
 */

import {O_DIRECT, O_RDWR} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD, IOCB_CMD_PWRITE} from '../../kernel/fs/kiocb.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type LabLoad, nextTurn} from '../load.ts';
import type {User} from '../userland.ts';

const block = 4096;
const mostAtOnce = 6;
/** The database's own cache of rows. */
const poolPages = 2_048;

export function* dbwriter(u: User, path: string, blocks: number, load: LabLoad): Sleeps<number> {
	const {chance} = u.k.hw;
	const fd = yield* u.open(path, O_RDWR | O_DIRECT);
	if (fd < 0) return 1;
	const buffers = yield* u.mmap(0, mostAtOnce * 4 * block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	const notes = yield* u.mmap(0, block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	const made = yield* u.ioSetup(128, notes);
	if (made < 0) return 1;
	const ctx = yield* u.peek32(notes);
	const pool = yield* u.mmap(0, poolPages * block, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	for (let sequence = 0; ; sequence++) {
		const isCalm = (yield* nextTurn(u.k, load, {calmMs: [1_000, 2_000]})) === 'calm';
		// Rows that were asked for stay in the buffer pool.
		for (let i = 0; i < (isCalm ? 1 : 4); i++)
			yield* u.poke32(pool + chance.integer(0, poolPages - 1) * block, sequence);
		const wanted = isCalm ? 1 : chance.integer(1, mostAtOnce);
		const pointers = yield* u.prepareIocbs(
			notes + 64,
			Array.from({length: wanted}, (_, i) => {
				const length = block * (isCalm ? 1 : chance.pick([1, 1, 1, 2, 4]));
				return {
					aio_data: BigInt(sequence),
					aio_lio_opcode: chance.oneIn(3) ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
					aio_fildes: fd,
					aio_buf: BigInt(buffers + i * 4 * block),
					aio_nbytes: BigInt(length),
					aio_offset: BigInt(chance.integer(0, blocks - 4) * block),
				};
			}),
		);
		// Every row of a block that is written tells when.
		for (let i = 0; i < wanted; i++) yield* u.poke32(buffers + i * 4 * block, sequence);
		const accepted = yield* u.ioSubmit(ctx, wanted, pointers);
		if (accepted > 0) yield* u.ioGetevents(ctx, accepted, accepted, notes + 1024);
		if (isCalm) continue;
		yield* u.compute(chance.integer(20_000, 200_000));
		yield* u.sleep(chance.integer(2, 30));
	}
}
