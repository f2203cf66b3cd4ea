/**
 * Section 5 of the fact sheet: asynchronous I/O. The ring's table and experiments 14 to 16 are in
 * `test/kernel/fs/aio.test.ts` and `test/kernel/fs/drivers.test.ts`.
 */
import {describe, expect, it} from 'vitest';
import {userAddress} from '../../source/hardware/address.ts';
import {EAGAIN, EBADF, EFAULT, EINVAL, EIOCBQUEUED, EIOCBRETRY} from '../../source/kernel/errno.ts';
import {sys_io_destroy, sys_io_getevents, sys_io_setup} from '../../source/kernel/fs/aio.ts';
import {
	AIO_RING_MAGIC,
	formatIocb,
	IO_EVENT_BYTES,
	IOCB_BYTES,
	IOCB_FLAG_RESFD,
} from '../../source/kernel/fs/aio_abi.ts';
import {sys_io_cancel, sys_io_submit} from '../../source/kernel/fs/aio_submit.ts';
import {O_RDONLY, O_RDWR, O_WRONLY} from '../../source/kernel/fs/file.ts';
import {
	IOCB_CMD_FDSYNC,
	IOCB_CMD_FSYNC,
	IOCB_CMD_PREAD,
	IOCB_CMD_PREADV,
	IOCB_CMD_PWRITE,
	IOCB_CMD_PWRITEV,
	is_sync_kiocb,
} from '../../source/kernel/fs/kiocb.ts';
import {sys_read} from '../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../source/kernel/fs/vfs.ts';
import {user_read, user_read32, user_write, user_write32} from '../../source/kernel/mm/uaccess.ts';
import {aioProgram, getevents, rw, setup, submit} from '../kernel/fs/aioProgram.ts';
import {newProcess, runIn, userBuffer} from '../kernel/fs/machine.ts';

import {machine, type Wish} from './aioRig.ts';

describe('the words of the interface', () => {
	it('an iocb has 64 bytes, an event 32; opcodes, flag and magic have Linux’s numbers', () => {
		expect(formatIocb({aio_lio_opcode: 0, aio_fildes: 0})).toHaveLength(64);
		expect([IOCB_BYTES, IO_EVENT_BYTES, AIO_RING_MAGIC, IOCB_FLAG_RESFD]).toEqual([64, 32, 0xa10a_10a1, 1]);
		expect([IOCB_CMD_PREAD, IOCB_CMD_PWRITE, IOCB_CMD_FSYNC, IOCB_CMD_FDSYNC]).toEqual([0, 1, 2, 3]);
		expect([IOCB_CMD_PREADV, IOCB_CMD_PWRITEV]).toEqual([7, 8]);
		expect([EIOCBQUEUED, EIOCBRETRY]).toEqual([529, 530]);
	});

	it('an event is data, obj, res and res2, 32 bytes behind the header of the ring', () => {
		const k = machine('ldd3', () => 512);
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/dev/own', O_RDWR);
			const ctx = yield* setup(k, p, 1);
			const buffer = yield* userBuffer(k, 4096);
			yield* submit(k, p, ctx, [rw(fd, false, buffer, 512, 0, 0x1234)]);
			const words = new Uint32Array((yield* user_read(k, userAddress(ctx), 64)).buffer);
			expect([...words.subarray(2, 4)]).toEqual([0, 1]);
			expect([...words.subarray(8)]).toEqual([0x1234, 0, p.iocbs, 0, 512, 0, 0, 0]);
		});
	});

	it('a kiocb has two users while it is submitted, and says whether it is synchronous by its key', () => {
		const seen: [boolean, number][] = [];
		const k = machine('ldd3', (_k, iocb) => {
			seen.push([is_sync_kiocb(iocb), iocb.ki_users]);
			return 100;
		});
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/dev/own', O_RDWR);
			const buffer = yield* userBuffer(k, 4096);
			const ctx = yield* setup(k, p, 1);
			yield* submit(k, p, ctx, [rw(fd, false, buffer, 100, 0)]);
			yield* sys_read(k, fd, buffer, 100);
		});
		expect(seen.map(([sync]) => sync)).toEqual([false, true]);
		expect(seen[0]![1]).toBe(2);
	});
});

describe('io_submit', () => {
	it.each([
		['a descriptor that is not open', {aio_fildes: 99}, -EBADF],
		['reading a file opened for writing', {path: '/dev/scullp1', mode: O_WRONLY}, -EBADF],
		['writing a file opened for reading', {mode: O_RDONLY, aio_lio_opcode: IOCB_CMD_PWRITE}, -EBADF],
		['a buffer in the kernel', {aio_buf: 0xc010_0000n}, -EFAULT],
		['a file without aio_read', {path: '/dev/nothing'}, -EINVAL],
		['an opcode that does not exist', {aio_lio_opcode: 99}, -EINVAL],
		['fsync of a file without aio_fsync', {aio_lio_opcode: IOCB_CMD_FSYNC}, -EINVAL],
		['a size beyond a ssize_t', {aio_nbytes: 0x8000_0000n}, -EINVAL],
		['nothing wrong', {}, 1],
	] satisfies [string, Wish, number][])('of %s', (_what, wish: Wish, wanted) => {
		const {path = '/dev/scullp0', mode = O_RDWR, ...fields} = wish;
		const k = machine();
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, path, mode);
			const ctx = yield* setup(k, p, 4);
			const good = rw(fd, false, yield* userBuffer(k, 4096), 100, 0);
			expect(yield* submit(k, p, ctx, [{...good, ...fields}])).toBe(wanted);
		});
	});

	it(
		'of a negative count, of an unknown context and of reserved fields is EINVAL, of nothing 0, of bad ' +
			'pointers EFAULT',
		() => {
			const k = machine();
			runIn(k, newProcess(k), function* () {
				const p = yield* aioProgram(k);
				const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
				const buffer = yield* userBuffer(k, 4096);
				const ctx = yield* setup(k, p, 4);
				expect(yield* sys_io_submit(k, ctx, -1, p.pointers)).toBe(-EINVAL);
				expect(yield* sys_io_submit(k, 0x1234_5000, 1, p.pointers)).toBe(-EINVAL);
				expect(yield* sys_io_submit(k, ctx, 0, p.pointers)).toBe(0);
				expect(yield* sys_io_submit(k, ctx, 1, userAddress(0))).toBe(-EFAULT);
				yield* user_write32(k, p.pointers, 0);
				expect(yield* sys_io_submit(k, ctx, 1, p.pointers)).toBe(-EFAULT);
				// aio_reserved2, bytes 48 to 55.
				const iocb = formatIocb(rw(fd, false, buffer, 100, 0));
				iocb[48] = 1;
				yield* user_write(k, p.iocbs, iocb);
				yield* user_write32(k, p.pointers, p.iocbs);
				expect(yield* sys_io_submit(k, ctx, 1, p.pointers)).toBe(-EINVAL);
			});
		},
	);

	it('answers how many it took before the one it refused', () => {
		const k = machine();
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
			const good = rw(fd, false, yield* userBuffer(k, 4096), 100, 0);
			const ctx = yield* setup(k, p, 8);
			expect(yield* submit(k, p, ctx, [good, good, {...good, aio_fildes: 99}, good])).toBe(2);
		});
	});
});

describe('io_getevents', () => {
	it('of an unknown context, of negative counts, and of more at least than at most is EINVAL', () => {
		const k = machine();
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const ctx = yield* setup(k, p, 4);
			const ask = (id: number, min: number, nr: number) => sys_io_getevents(k, id, min, nr, p.events, 0);
			expect(yield* ask(0x1234_5000, 0, 1)).toBe(-EINVAL);
			expect(yield* ask(ctx, -1, 1)).toBe(-EINVAL);
			expect(yield* ask(ctx, 0, -1)).toBe(-EINVAL);
			expect(yield* ask(ctx, 2, 1)).toBe(-EINVAL);
		});
	});

	it('gives fewer than wanted when its time is up', () => {
		const k = machine('ldd3', (_k, iocb) => (iocb.ki_pos === 0 ? 100 : -EIOCBQUEUED));
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/dev/own', O_RDWR);
			const buffer = yield* userBuffer(k, 4096);
			const ctx = yield* setup(k, p, 4);
			yield* submit(k, p, ctx, [rw(fd, false, buffer, 100, 0), rw(fd, false, buffer, 100, 4096)]);
			const timeout = userAddress(p.ctxp + 32);
			yield* user_write(k, timeout, new Uint8Array(new Uint32Array([0, 5_000_000]).buffer));
			const before = k.hw.timeline.nowNs;
			expect(yield* sys_io_getevents(k, ctx, 2, 2, p.events, timeout)).toBe(1);
			expect(k.hw.timeline.nowNs - before).toBeGreaterThanOrEqual(5_000_000);
		});
	});
});

it('io_cancel of a bad pointer is EFAULT; of an unknown context or request EINVAL', () => {
	const k = machine('2.6.32');
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const ctx = yield* setup(k, p, 4);
		expect(yield* sys_io_cancel(k, ctx, userAddress(0), p.events)).toBe(-EFAULT);
		expect(yield* sys_io_cancel(k, 0x1234_5000, p.iocbs, p.events)).toBe(-EINVAL);
		expect(yield* sys_io_cancel(k, ctx, p.iocbs, p.events)).toBe(-EINVAL);
	});
});

it('aio_nr counts what was asked for, not the slots of the ring; aio_max_nr is 65536', () => {
	const k = machine();
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		expect(k.aio.aio_max_nr).toBe(65_536);
		const ctx = yield* setup(k, p, 126);
		expect(k.aio.aio_nr).toBe(126);
		yield* user_write32(k, p.ctxp, 0);
		expect(yield* sys_io_setup(k, 65_536, p.ctxp)).toBe(-EAGAIN);
		expect(yield* user_read32(k, p.ctxp)).toBe(0);
		yield* sys_io_destroy(k, ctx);
		expect(k.aio.aio_nr).toBe(0);
	});
});

it('a method that moves a part is called again for the rest, up to the end of the request', () => {
	const left: number[] = [];
	const k = machine('2.6.32', (_k, iocb) => {
		left.push(iocb.ki_left);
		return 300;
	});
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/dev/own', O_RDWR);
		const ctx = yield* setup(k, p, 4);
		yield* submit(k, p, ctx, [rw(fd, true, yield* userBuffer(k, 4096), 900, 0)]);
		expect((yield* getevents(k, p, ctx, 1, 1))[0]!.res).toBe(900);
	});
	expect(left).toEqual([900, 600, 300]);
});

// LDD3 page 438; experiment 17 for io_destroy, which cannot cancel and waits.
it.each([
	['ldd3', 10_000_000],
	['2.6.32', 8_000_000],
] as const)('scullp of %s completes HZ/100 later, %i ns, and io_destroy waits no longer than that', (era, delayNs) => {
	const k = machine(era);
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		const ctx = yield* setup(k, p, 4);
		let before = k.hw.timeline.nowNs;
		yield* submit(k, p, ctx, [rw(fd, true, buffer, 100, 0)]);
		yield* getevents(k, p, ctx, 1, 1);
		expect(k.hw.timeline.nowNs - before).toBeGreaterThanOrEqual(delayNs);
		expect(k.hw.timeline.nowNs - before).toBeLessThan(1.1 * delayNs);
		before = k.hw.timeline.nowNs;
		yield* submit(k, p, ctx, [rw(fd, true, buffer, 100, 0)]);
		expect(yield* sys_io_destroy(k, ctx)).toBe(0);
		expect(k.hw.timeline.nowNs - before).toBeGreaterThan(0.9 * delayNs);
		expect(k.hw.timeline.nowNs - before).toBeLessThan(1.1 * delayNs);
		expect(k.aio.kiocbs.size).toBe(0);
	});
});
