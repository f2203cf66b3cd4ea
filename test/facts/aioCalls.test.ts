/** What the calls of asynchronous I/O say to bad arguments, in which order, and which kmap slots they use; by era. */
import {describe, expect, it} from 'vitest';
import {userAddress} from '../../source/hardware/address.ts';
import {ERA_NAMES, type EraName, erasBefore} from '../../source/kernel/era/behaviour.ts';
import {EAGAIN, EBADF, EFAULT, EINVAL, EIOCBQUEUED, EOPNOTSUPP} from '../../source/kernel/errno.ts';
import {sys_io_getevents} from '../../source/kernel/fs/aio.ts';
import {formatIocb} from '../../source/kernel/fs/aio_abi.ts';
import {aio_complete} from '../../source/kernel/fs/aio_complete.ts';
import {sys_io_cancel, sys_io_submit} from '../../source/kernel/fs/aio_submit.ts';
import {O_RDWR, O_WRONLY} from '../../source/kernel/fs/file.ts';
import {IOCB_CMD_FSYNC, IOCB_CMD_PWRITEV, type kiocb} from '../../source/kernel/fs/kiocb.ts';
import {sys_open} from '../../source/kernel/fs/vfs.ts';
import {kmapAtomicSlots} from '../../source/kernel/mm/kmap_atomic.ts';
import {user_write, user_write32} from '../../source/kernel/mm/uaccess.ts';
import {aioProgram, getevents, rw, setup, submit} from '../kernel/fs/aioProgram.ts';
import {newProcess, runIn, userBuffer} from '../kernel/fs/machine.ts';

import {machine, type Wish} from './aioRig.ts';

it.each([
	['ldd3', -EAGAIN, ['iocb has no cancel operation', 'iocb has no cancel operation']],
	['2.6.32', -EINVAL, []],
] as const)('io_cancel of %s: what is not there, or cannot be cancelled, is %i', (era, answer, lines) => {
	const k = machine(era);
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
		const ctx = yield* setup(k, p, 4);
		expect(yield* sys_io_cancel(k, ctx, p.iocbs, p.events)).toBe(answer);
		yield* submit(k, p, ctx, [rw(fd, true, yield* userBuffer(k, 4096), 100, 0)]);
		expect(yield* sys_io_cancel(k, ctx, p.iocbs, p.events)).toBe(answer);
	});
	const said = k.log.lines.filter(({text}) => text.startsWith('iocb'));
	expect(said.map(({text}) => text)).toEqual(lines);
	expect(said.every(({level}) => level === 7)).toBe(true);
});

const ofEra = ERA_NAMES.map(era => [era, isOld(era)] as const);

function isOld(era: EraName): boolean {
	return erasBefore('5.10').includes(era);
}

describe('the order in which a bad call is found out', () => {
	it.each(ofEra)('%s: io_getevents looks at the context before the timeout (%s) or after it', (era, old) => {
		const k = machine(era);
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const bad = userAddress(16);
			expect(yield* sys_io_getevents(k, 0x1234_5000, 0, 1, p.events, bad)).toBe(old ? -EINVAL : -EFAULT);
			const ctx = yield* setup(k, p, 4);
			// No event is waited for, so that an old kernel never reads the timeout.
			expect(yield* sys_io_getevents(k, ctx, 0, 1, p.events, bad)).toBe(old ? 0 : -EFAULT);
			expect(yield* sys_io_getevents(k, ctx, 1, 1, p.events, bad)).toBe(-EFAULT);
		});
	});

	it.each(ofEra)('%s: io_submit looks at the array before the context (%s) or after it', (era, old) => {
		const k = machine(era);
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			expect(yield* sys_io_submit(k, 0x1234_5000, 1, userAddress(0xc000_0000))).toBe(old ? -EFAULT : -EINVAL);
			expect(yield* sys_io_submit(k, 0x1234_5000, -1, userAddress(0xc000_0000))).toBe(-EINVAL);
			expect(yield* sys_io_submit(k, 0x1234_5000, 1, p.pointers)).toBe(-EINVAL);
		});
	});

	it.each(ofEra)('%s: a bad buffer is found before the missing method (%s) or after it', (era, old) => {
		const k = machine(era);
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/dev/nothing', O_RDWR);
			const ctx = yield* setup(k, p, 4);
			const good = rw(fd, false, yield* userBuffer(k, 4096), 100, 0);
			expect(yield* submit(k, p, ctx, [{...good, aio_buf: 0xc010_0000n}])).toBe(old ? -EFAULT : -EINVAL);
			expect(yield* submit(k, p, ctx, [good])).toBe(-EINVAL);
			const readOnly = yield* sys_open(k, '/dev/nothing', O_WRONLY);
			expect(yield* submit(k, p, ctx, [{...good, aio_fildes: readOnly, aio_buf: 0xc010_0000n}])).toBe(-EBADF);
		});
	});
});

it.each(ofEra)('%s: an event that cannot be handed over is lost (%s) or stays', (era, old) => {
	const k = machine(era, () => 100);
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/dev/own', O_RDWR);
		const ctx = yield* setup(k, p, 4);
		const good = rw(fd, true, yield* userBuffer(k, 4096), 100, 0);
		yield* submit(k, p, ctx, [good, good]);
		expect(yield* sys_io_getevents(k, ctx, 1, 1, userAddress(16), 0)).toBe(-EFAULT);
		expect(yield* sys_io_getevents(k, ctx, 0, 4, p.events, 0)).toBe(old ? 1 : 2);
	});
});

describe('fields that an iocb may not use', () => {
	/** What io_submit says of an iocb with a byte set. */
	function submitWith(era: EraName, byte: number, value: number, fields: Wish = {}): number {
		const k = machine(era, () => 100);
		return runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/dev/own', O_RDWR);
			const ctx = yield* setup(k, p, 4);
			const iocb = formatIocb({...rw(fd, true, yield* userBuffer(k, 4096), 100, 0), ...fields});
			iocb[byte] = value;
			yield* user_write(k, p.iocbs, iocb);
			yield* user_write32(k, p.pointers, p.iocbs);
			return yield* sys_io_submit(k, ctx, 1, p.pointers);
		});
	}

	it.each([
		['aio_reserved1, later aio_rw_flags', 12, {ldd3: -EINVAL, '2.6.32': -EINVAL, '6.1': 1}],
		['aio_reserved2', 48, {ldd3: -EINVAL, '2.6.32': -EINVAL, '6.1': -EINVAL}],
		['aio_reserved3, whose lowest bits are flags later', 57, {ldd3: -EINVAL, '2.6.32': 1, '6.1': 1}],
	] as const)('%s', (_what, byte, answers) => {
		for (const [era, answer] of Object.entries(answers))
			expect([era, submitWith(era as EraName, byte, 2)]).toEqual([era, answer]);
	});

	it('2.6.11 looks at them before the descriptor', () => {
		expect(submitWith('ldd3', 56, 1, {aio_fildes: 99})).toBe(-EINVAL);
		expect(submitWith('2.6.32', 56, 2, {aio_fildes: 99})).toBe(-EBADF);
	});

	it('an eventfd has to be one: EBADF for no descriptor, EINVAL for another file', () => {
		expect(submitWith('2.6.32', 56, 1, {aio_resfd: 99})).toBe(-EBADF);
		expect(submitWith('2.6.32', 56, 1, {aio_resfd: 0})).toBe(-EINVAL);
	});

	it('unknown flags of a request are EOPNOTSUPP, any flag of an fsync EINVAL', () => {
		expect(submitWith('6.1', 12, 0x80)).toBe(-EOPNOTSUPP);
		expect(submitWith('6.1', 12, 2)).toBe(1);
		expect(submitWith('6.1', 12, 2, {aio_lio_opcode: IOCB_CMD_FSYNC})).toBe(-EINVAL);
	});

	it('2.6.11 has no vectored requests', () => {
		expect(submitWith('ldd3', 0, 0, {aio_lio_opcode: IOCB_CMD_PWRITEV, aio_nbytes: 0n})).toBe(-EINVAL);
		expect(submitWith('2.6.32', 0, 0, {aio_lio_opcode: IOCB_CMD_PWRITEV, aio_nbytes: 0n})).toBe(1);
	});
});

it.each([
	['ldd3', 2_236_962],
	['2.6.32', 2_033_601],
	['3.2', 2_236_962],
] as const)('%s: io_setup of more than %i requests is EINVAL whatever aio-max-nr says', (era, most) => {
	const k = machine(era);
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		expect(yield* setup(k, p, most)).toBe(-EAGAIN);
		expect(yield* setup(k, p, most + 1)).toBe(-EINVAL);
	});
});

it('2.6.11 names the slots of the ring: the user’s for calls, the interrupt’s for completions alone', () => {
	let pending: kiocb | undefined;
	const k = machine('ldd3', (_k, iocb) => {
		pending = iocb;
		return -EIOCBQUEUED;
	});
	const used = (): Record<string, number> => {
		const of: Record<string, number> = {};
		for (const {type, used} of kmapAtomicSlots(k)) of[type] = (of[type] ?? 0) + used;
		return of;
	};
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/dev/own', O_RDWR);
		const ctx = yield* setup(k, p, 4);
		yield* submit(k, p, ctx, [rw(fd, true, yield* userBuffer(k, 4096), 100, 0)]);
		const before = used();
		expect([before.KM_IRQ0, before.KM_IRQ1, before.KM_USER1]).toEqual([0, 0, 0]);
		expect(before.KM_USER0).toBeGreaterThan(0);
		aio_complete(k, pending!, 100, 0);
		const completed = used();
		expect([completed.KM_IRQ0, completed.KM_IRQ1, completed.KM_USER0]).toEqual([1, 1, before.KM_USER0]);
		yield* getevents(k, p, ctx, 1, 1);
		const read = used();
		expect([read.KM_IRQ0, read.KM_IRQ1, read.KM_USER1]).toEqual([1, 1, 1]);
		expect(read.KM_USER0).toBeGreaterThan(before.KM_USER0!);
	});
});
