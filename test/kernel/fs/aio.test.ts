import {describe, expect, it} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {ERA_NAMES} from '../../../source/kernel/era/behaviour.ts';
import {EAGAIN, EFAULT, EINVAL, EIOCBQUEUED, EIOCBRETRY} from '../../../source/kernel/errno.ts';
import {aioContexts, sys_io_destroy, sys_io_getevents, sys_io_setup} from '../../../source/kernel/fs/aio.ts';
import {parseIoEvents} from '../../../source/kernel/fs/aio_abi.ts';
import {kick_iocb, sys_io_cancel} from '../../../source/kernel/fs/aio_submit.ts';
import {register_chrdev} from '../../../source/kernel/fs/char_dev.ts';
import {O_DIRECT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import type {KiocbState} from '../../../source/kernel/fs/kiocb.ts';
import {sys_pread64} from '../../../source/kernel/fs/read_write.ts';
import {mknod, sys_open} from '../../../source/kernel/fs/vfs.ts';
import {copy_to_user, user_read, user_read32, user_write} from '../../../source/kernel/mm/uaccess.ts';
import {stepUntil} from '../support.ts';
import {aioProgram, getevents, rw, setup, submit} from './aioProgram.ts';
import {bootWithDisk, install, newProcess, onDisk, runIn, start, userBuffer} from './machine.ts';

describe.each(ERA_NAMES)('asynchronous I/O of %s', era => {
	it('reads from the disk and hands back the bytes, the count, obj and data', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		const file = install(machine, '/data', 16);
		const process = newProcess(k);
		const {events, bytes, obj} = runIn(k, process, function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
			const buffer = yield* userBuffer(k, 16_384);
			const ctx = yield* setup(k, p, 8);
			expect(yield* submit(k, p, ctx, [rw(fd, false, buffer, 16_384, 4096, 77)])).toBe(1);
			const events = yield* getevents(k, p, ctx, 1, 8);
			expect(yield* sys_io_destroy(k, ctx)).toBe(0);
			return {events, bytes: yield* user_read(k, buffer, 16_384), obj: p.iocbs};
		});
		expect(events).toEqual([{data: 77n, obj, res: 16_384, res2: 0}]);
		expect(bytes).toEqual(onDisk(machine, file, 4096, 16_384));
		expect(k.aio.kiocbs.size).toBe(0);
		expect(k.aio.aio_nr).toBe(0);
		expect(k.mm.pins.size).toBe(0);
	});

	it('lets a request be seen queued, pinning, at the device and completing', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		install(machine, '/data', 16);
		const process = newProcess(k);
		const seen = new Set<KiocbState>();
		let pinned = 0;
		let finished = false;
		start(k, process, process.files, function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
			const buffer = yield* userBuffer(k, 16_384);
			const ctx = yield* setup(k, p, 8);
			yield* submit(k, p, ctx, [rw(fd, false, buffer, 16_384, 0)]);
			yield* getevents(k, p, ctx, 1, 1);
			finished = true;
		});
		stepUntil(k, () => {
			for (const iocb of k.aio.kiocbs) {
				seen.add(iocb.state);
				pinned = Math.max(pinned, iocb.pinned.size);
			}
			return finished;
		});
		expect([...seen]).toEqual(expect.arrayContaining(['pinning', 'device']));
		expect(pinned).toBe(4);
	});
});

// Experiment 14 and the table of limits: nr asked for, pages of the ring, its slots.
it.each([
	[1, 1, 127],
	[125, 1, 127],
	[126, 2, 255],
	[253, 2, 255],
	[1000, 8, 1023],
])('io_setup(%i) of 2.6 makes a ring of %i pages with %i slots', (nr, pages, slots) => {
	const {k} = bootWithDisk();
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const ctx = yield* setup(k, p, nr);
		const header = new Uint32Array((yield* user_read(k, userAddress(ctx), 32)).buffer);
		expect([...header]).toEqual([ctx, slots, 0, 0, 0xa10a_10a1, 1, 0, 32]);
		expect(aioContexts(k)[0]!.ringPages).toBe(pages);
		expect(k.cpu.current.mm!.mmap.find(ctx)!.vm_start).toBe(ctx);
		expect(k.aio.aio_nr).toBe(nr);
	});
});

it('io_setup refuses what Linux refuses, with its errno', () => {
	const {k} = bootWithDisk();
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		expect(yield* setup(k, p, 0)).toBe(-EINVAL);
		expect(yield* setup(k, p, 8_388_609)).toBe(-EINVAL);
		expect(yield* setup(k, p, 65_537)).toBe(-EAGAIN);
		expect(yield* sys_io_setup(k, 8, userAddress(0))).toBe(-EFAULT);
		const ctx = yield* setup(k, p, 65_000);
		expect(ctx).toBeGreaterThan(0);
		expect(yield* sys_io_setup(k, 8, p.ctxp)).toBe(-EINVAL);
		expect(yield* setup(k, p, 537)).toBe(-EAGAIN);
		expect(k.aio.aio_nr).toBe(65_000);
		expect(yield* sys_io_destroy(k, ctx)).toBe(0);
		expect(yield* sys_io_destroy(k, ctx)).toBe(-EINVAL);
	});
	expect(k.aio.aio_nr).toBe(0);
});

it('contexts that a process leaves behind go with its memory', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 16);
	const process = newProcess(k);
	let ready = false;
	const task = start(k, process, process.files, function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
		const buffer = yield* userBuffer(k, 4096);
		const ctx = yield* setup(k, p, 50);
		yield* submit(k, p, ctx, [rw(fd, false, buffer, 4096, 0)]);
		yield* user_read32(k, buffer);
		process.mm.mm_users--;
		ready = true;
	});
	stepUntil(k, () => ready);
	expect(k.aio.kiocbs.size).toBe(1);
	stepUntil(k, () => task.state === 'EXIT_ZOMBIE' || task.state === 'EXIT_DEAD');
	expect([k.aio.aio_nr, k.aio.kiocbs.size, k.mm.pins.size, k.mm.mms.size]).toEqual([0, 0, 0, 0]);
});

it('-EIOCBRETRY has the method called again when the driver kicks the request, in kernels that know it', () => {
	const {k} = bootWithDisk();
	let tries = 0;
	register_chrdev(k, 240, 'again', {
		name: 'again_fops',
		*aio_read(k, iocb, [piece]) {
			if (++tries === 3) return 100 - (yield* copy_to_user(k, piece!.iov_base, new Uint8Array(100).fill(tries)));
			k.hw.timeline.after(1_000_000, () => kick_iocb(k, iocb));
			return -EIOCBRETRY;
		},
	});
	mknod(k, '/dev/again', 'chrdev', {major: 240, minor: 0});
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/dev/again', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		const ctx = yield* setup(k, p, 1);
		yield* submit(k, p, ctx, [rw(fd, false, buffer, 100, 0)]);
		expect((yield* getevents(k, p, ctx, 1, 1))[0]!.res).toBe(100);
		expect(tries).toBe(3);
		expect((yield* user_read(k, buffer, 100)).every(byte => byte === 3)).toBe(true);
		tries = 0;
		// And for a plain read(), which waits meanwhile.
		expect(yield* sys_pread64(k, fd, buffer, 100, 0)).toBe(100);
		expect(tries).toBe(3);
	});
});

it('a driver with ki_cancel is asked; the event then goes to the caller of io_cancel, not to the ring', () => {
	const {k} = bootWithDisk();
	register_chrdev(k, 240, 'patient', {
		name: 'patient_fops',
		*aio_read(_k, iocb) {
			iocb.ki_cancel = (_k, cancelled) => {
				cancelled.result = 7;
				return 0;
			};
			return -EIOCBQUEUED;
		},
	});
	mknod(k, '/dev/patient', 'chrdev', {major: 240, minor: 0});
	runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/dev/patient', O_RDWR);
		const ctx = yield* setup(k, p, 1);
		yield* submit(k, p, ctx, [rw(fd, false, yield* userBuffer(k, 4096), 100, 0, 5)]);
		expect(yield* sys_io_cancel(k, ctx, p.iocbs, p.events)).toBe(0);
		expect(parseIoEvents(yield* user_read(k, p.events, 32))).toEqual([{data: 5n, obj: p.iocbs, res: 7, res2: 0}]);
		const zero = userAddress(p.ctxp + 32);
		expect(yield* sys_io_getevents(k, ctx, 0, 1, p.events, zero)).toBe(0);
		expect(yield* sys_io_destroy(k, ctx)).toBe(0);
	});
	expect(k.aio.kiocbs.size).toBe(0);
});

it('io_destroy wakes whoever waits for events of the context', () => {
	const {k} = bootWithDisk();
	const process = newProcess(k);
	let ctx = 0;
	let got: number | undefined;
	const waiter = start(k, process, process.files, function* () {
		const p = yield* aioProgram(k);
		ctx = yield* setup(k, p, 1);
		got = yield* sys_io_getevents(k, ctx, 1, 1, p.events, 0);
	});
	stepUntil(k, () => waiter.waitingFor === 'aio events');
	runIn(k, process, function* () {
		expect(yield* sys_io_destroy(k, ctx)).toBe(0);
	});
	stepUntil(k, () => got !== undefined);
	expect(got).toBe(0);
});

// Vectors came with 2.6.19.
it('a vector has 1024 pieces at most: UIO_MAXIOV', () => {
	const machine = bootWithDisk({era: '2.6.32'});
	const {k} = machine;
	const file = install(machine, '/data', 16);
	const {answers, bytes} = runIn(k, newProcess(k), function* () {
		const p = yield* aioProgram(k);
		const fd = yield* sys_open(k, '/data', O_RDWR);
		const buffer = yield* userBuffer(k, 8192);
		const vector = yield* userBuffer(k, 16_384);
		const words = Uint32Array.from({length: 2 * 1025}, (_, i) => (i % 2 === 0 ? buffer + 2 * i : 4));
		yield* user_write(k, vector, new Uint8Array(words.buffer));
		const ctx = yield* setup(k, p, 8);
		const preadv = (pieces: number) => ({...rw(fd, false, vector, pieces, 0), aio_lio_opcode: 7});
		const answers = [yield* submit(k, p, ctx, [preadv(1025)]), yield* submit(k, p, ctx, [preadv(1024)])];
		const [event] = yield* getevents(k, p, ctx, 1, 1);
		return {answers: [...answers, event!.res], bytes: yield* user_read(k, buffer, 4096)};
	});
	expect(answers).toEqual([-EINVAL, 1, 4096]);
	expect(bytes).toEqual(onDisk(machine, file, 0, 4096));
});
