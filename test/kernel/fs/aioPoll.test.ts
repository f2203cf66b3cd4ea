import {expect, it} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {type EraName, erasBefore, erasFrom} from '../../../source/kernel/era/behaviour.ts';
import {EAGAIN, EINPROGRESS, EINVAL} from '../../../source/kernel/errno.ts';
import {sys_io_destroy} from '../../../source/kernel/fs/aio.ts';
import type {IocbFields} from '../../../source/kernel/fs/aio_abi.ts';
import {sys_io_cancel} from '../../../source/kernel/fs/aio_submit.ts';
import {O_RDWR} from '../../../source/kernel/fs/file.ts';
import {POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM} from '../../../source/kernel/fs/poll.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {Caller} from '../systemCalls.ts';
import {type AioProgram, aioProgram, getevents, setup, submit} from './aioProgram.ts';
import {bootWithDisk, install, newProcess, runIn} from './machine.ts';

type Rig = {
	readonly k: Kernel;
	readonly c: Caller;
	readonly p: AioProgram;
	readonly ctx: number;
	readonly pipe: readonly [number, number];
};

const poll = (fd: number, events: number, more: Partial<IocbFields> = {}): IocbFields => ({
	aio_lio_opcode: 5,
	aio_fildes: fd,
	aio_buf: BigInt(events),
	...more,
});

function onMachine(era: EraName, body: (rig: Rig) => Sleeps<void>): void {
	const machine = bootWithDisk({era});
	install(machine, '/data', 1);
	const {k} = machine;
	runIn(k, newProcess(k), function* () {
		const c = new Caller(k);
		const p = yield* aioProgram(k);
		const ctx = yield* setup(k, p, 8);
		const fds = yield* c.words(0, 0);
		yield* c.call('pipe', fds);
		const [from = -1, to = -1] = yield* c.readWords(fds, 2);
		yield* body({k, c, p, ctx, pipe: [from, to]});
		expect(yield* sys_io_destroy(k, ctx)).toBe(0);
		expect(k.aio.kiocbs.size).toBe(0);
	});
}

it.each(erasBefore('5.10'))('%s has no IOCB_CMD_POLL', era => {
	onMachine(era, function* ({k, p, ctx, pipe}) {
		expect(yield* submit(k, p, ctx, [poll(pipe[0], POLLIN)])).toBe(-EINVAL);
	});
});

it.each(erasFrom('5.10'))('%s: a request ends when the file is ready, with what it is ready for', era => {
	onMachine(era, function* ({k, c, p, ctx, pipe: [from, to]}) {
		expect(yield* submit(k, p, ctx, [poll(from, POLLIN | POLLRDNORM, {aio_data: 9n})])).toBe(1);
		expect(k.aio.kiocbs.size).toBe(1);
		yield* c.call('write', to, yield* c.text('x'), 1);
		expect((yield* getevents(k, p, ctx, 1, 1))[0]).toMatchObject({data: 9n, res: POLLIN | POLLRDNORM});
		// What holds already ends it at once; POLLHUP need not be asked for.
		yield* submit(k, p, ctx, [poll(to, POLLOUT), poll(from, POLLPRI)]);
		expect((yield* getevents(k, p, ctx, 1, 8)).map(({res}) => res)).toEqual([POLLOUT]);
		yield* c.call('close', to);
		expect((yield* getevents(k, p, ctx, 1, 1))[0]!.res).toBe(POLLHUP);
	});
});

it.each(erasFrom('5.10'))('%s: woken for something else, it waits on', era => {
	onMachine(era, function* ({k, c, p, ctx}) {
		const fd = yield* c.call('eventfd2', 0, 0);
		yield* submit(k, p, ctx, [poll(fd, POLLERR)]);
		const one = yield* c.words(1, 0);
		yield* c.call('write', fd, one, 8);
		yield* c.call('nanosleep', yield* c.words(0, 1_000_000), 0);
		expect(yield* getevents(k, p, ctx, 0, 1)).toEqual([]);
		yield* submit(k, p, ctx, [poll(fd, POLLIN)]);
		expect((yield* getevents(k, p, ctx, 1, 1))[0]!.res).toBe(POLLIN);
		expect(k.aio.kiocbs.size).toBe(1);
	});
});

it.each(erasFrom('5.10'))('%s: it can be cancelled, and the event of that has 0', era => {
	onMachine(era, function* ({k, p, ctx, pipe: [from]}) {
		yield* submit(k, p, ctx, [poll(from, POLLIN, {aio_data: 5n})]);
		expect(yield* sys_io_cancel(k, ctx, p.iocbs, userAddress(p.events))).toBe(-EINPROGRESS);
		expect((yield* getevents(k, p, ctx, 1, 1))[0]).toMatchObject({data: 5n, res: 0});
	});
});

it.each(erasFrom('5.10'))('%s refuses other fields, and a file that is not ready and cannot wake', era => {
	onMachine(era, function* ({k, c, p, ctx, pipe: [from]}) {
		const data = yield* c.call('open', '/data', O_RDWR, 0);
		const one = (wanted: IocbFields) => submit(k, p, ctx, [wanted]);
		expect(yield* one(poll(from, 0x1_0000))).toBe(-EINVAL);
		expect(yield* one(poll(from, POLLIN, {aio_nbytes: 1n}))).toBe(-EINVAL);
		expect(yield* one(poll(from, POLLIN, {aio_offset: 1n}))).toBe(-EINVAL);
		expect(yield* one(poll(data, POLLPRI))).toBe(-EINVAL);
		expect(yield* one(poll(data, POLLIN))).toBe(1);
		expect((yield* getevents(k, p, ctx, 1, 1))[0]!.res).toBe(POLLIN);
		// A refusal gives the slot and the file back.
		const file = k.cpu.current.files.fds.get(from)!;
		for (let i = 0; i < 40; i++) expect(yield* one(poll(from, 0x1_0000))).toBe(-EINVAL);
		expect([file.f_count, yield* one(poll(from, POLLIN))]).not.toContain(-EAGAIN);
		expect(file.f_count).toBe(2);
	});
});
