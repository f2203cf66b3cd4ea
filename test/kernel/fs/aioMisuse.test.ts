import {describe, expect, it} from 'vitest';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EIOCBQUEUED} from '../../../source/kernel/errno.ts';
import type {io_event} from '../../../source/kernel/fs/aio_abi.ts';
import {aio_complete} from '../../../source/kernel/fs/aio_complete.ts';
import {register_chrdev} from '../../../source/kernel/fs/char_dev.ts';
import {O_RDWR} from '../../../source/kernel/fs/file.ts';
import type {kiocb} from '../../../source/kernel/fs/kiocb.ts';
import {setKiocbPrivate} from '../../../source/kernel/fs/kiocb_memory.ts';
import {sys_read} from '../../../source/kernel/fs/read_write.ts';
import {mknod, sys_open} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {dmesg, spawn, stepUntil} from '../support.ts';
import {type AioProgram, aioProgram, getevents, rw, setup, submit} from './aioProgram.ts';
import {bootWithDisk, newProcess, type Process, runIn, start, userBuffer} from './machine.ts';

/** A program that has submitted to a driver which keeps every control block and completes none. */
type Keeper = {
	readonly k: Kernel;
	readonly process: Process;
	readonly iocbs: readonly kiocb[];
	/** Submits one more read. */
	readonly submitOne: () => void;
	/** Events that are there. */
	readonly events: (atMost: number) => readonly io_event[];
	/** Calls back as a thread of the driver. @returns its exit code */
	readonly inDriver: (work: () => void) => number;
};

function keeper(era: EraName, slab: boolean): Keeper {
	const {k} = bootWithDisk({era, debug: {slab}});
	const process = newProcess(k);
	const iocbs: kiocb[] = [];
	register_chrdev(k, 240, 'keeper', {
		name: 'keeper_fops',
		*aio_read(_k, iocb) {
			iocbs.push(iocb);
			return -EIOCBQUEUED;
		},
	});
	mknod(k, '/dev/keeper', 'chrdev', {major: 240, minor: 0});
	const [program, fd, buffer, ctx] = runIn(k, process, function* () {
		const p = yield* aioProgram(k);
		const handle = yield* sys_open(k, '/dev/keeper', O_RDWR);
		return [p, handle, yield* userBuffer(k, 4096), yield* setup(k, p, 8)] as const;
	});
	return {
		k,
		process,
		iocbs,
		submitOne: () =>
			runIn(k, process, function* () {
				expect(yield* submit(k, program, ctx, [rw(fd, false, buffer, 512, 0, iocbs.length)])).toBe(1);
			}),
		events: atMost => runIn(k, process, () => getevents(k, program, ctx, 0, atMost)),
		inDriver(work) {
			const driver = spawn(k, function* () {
				work();
			});
			stepUntil(k, () => driver.state === 'EXIT_ZOMBIE' || driver.state === 'EXIT_DEAD');
			return driver.exit_code;
		},
	};
}

const old: readonly EraName[] = ['ldd3', '2.6.32', '3.2'];
const recent: readonly EraName[] = ['5.10', '6.1', '6.18'];

describe('a request is completed twice', () => {
	it.each(old)('%s: a second event, and a BUG', era => {
		const {k, iocbs, submitOne, events, inDriver} = keeper(era, false);
		submitOne();
		aio_complete(k, iocbs[0]!, 512, 0);
		expect(inDriver(() => aio_complete(k, iocbs[0]!, 100, 0))).toBe(11);
		expect(dmesg(k)).toContain('kernel BUG at fs/aio.c!');
		expect(events(8).map(({res}) => res)).toEqual([512, 100]);
	});

	it.each(recent)('%s: the reference count says that it is spent, and nothing else happens', era => {
		const {k, iocbs, submitOne, events, inDriver} = keeper(era, false);
		submitOne();
		aio_complete(k, iocbs[0]!, 512, 0);
		expect(inDriver(() => aio_complete(k, iocbs[0]!, 100, 0))).toBe(0);
		expect(dmesg(k)).toContain('refcount_t: underflow; use-after-free.');
		expect(events(8).map(({res}) => res)).toEqual([512]);
	});

	it.each([
		['ldd3', 'Unable to handle kernel paging request at virtual address 6b6b6b8b'],
		['2.6.32', 'BUG: unable to handle kernel paging request at 6b6b6b8f'],
		['3.2', 'BUG: unable to handle kernel paging request at 6b6b6b8f'],
		['5.10', 'BUG: unable to handle page fault for address: 6b6b6b6b'],
		['6.1', 'BUG: unable to handle page fault for address: 6b6b6b6b'],
		['6.18', 'BUG: unable to handle page fault for address: 6b6b6b6b'],
	] as const)('%s with slab debugging: the driver falls over the poison of free memory', (era, line) => {
		const {k, iocbs, submitOne, events, inDriver} = keeper(era, true);
		submitOne();
		aio_complete(k, iocbs[0]!, 512, 0);
		expect(inDriver(() => aio_complete(k, iocbs[0]!, 100, 0))).toBe(9);
		expect(dmesg(k)).toContain(line);
		expect(events(8).map(({res}) => res)).toEqual([512]);
	});

	it.each([...old, ...recent])('%s: where another request has the memory, that one ends with a wrong result', era => {
		const {k, iocbs, submitOne, events, inDriver} = keeper(era, true);
		submitOne();
		aio_complete(k, iocbs[0]!, 512, 0);
		expect(events(8)).toHaveLength(1);
		submitOne();
		const from = dmesg(k).length;
		expect(inDriver(() => aio_complete(k, iocbs[0]!, 100, 0))).toBe(0);
		expect(events(8).map(({data, res}) => [Number(data), res])).toEqual([[1, 100]]);
		expect(dmesg(k).slice(from)).toEqual([]);
		expect(k.aio.kiocbs.size).toBe(0);
		// The other's own completion is now the second one.
		expect(inDriver(() => aio_complete(k, iocbs[1]!, 512, 0))).toBe(9);
	});
});

describe('a method completes its request and returns a result as well', () => {
	/** Results of the program's events, what became of it, and what the kernel said. */
	function hasty(era: EraName, slab: boolean) {
		const {k} = bootWithDisk({era, debug: {slab}});
		const process = newProcess(k);
		register_chrdev(k, 240, 'hasty', {
			name: 'hasty_fops',
			*aio_read(k, iocb) {
				aio_complete(k, iocb, 100, 0);
				return 512;
			},
		});
		mknod(k, '/dev/hasty', 'chrdev', {major: 240, minor: 0});
		let ctx = 0;
		let p!: AioProgram;
		const program = start(k, process, process.files, function* () {
			p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/dev/hasty', O_RDWR);
			const buffer = yield* userBuffer(k, 4096);
			ctx = yield* setup(k, p, 8);
			// As many as the two holds of a control block can be lost on: the second gets the memory of the first.
			for (let i = 0; i < 2; i++) yield* submit(k, p, ctx, [rw(fd, false, buffer, 512, 0, i)]);
			process.mm.mm_users++;
		});
		process.mm.mm_users++;
		stepUntil(k, () => program.state === 'EXIT_ZOMBIE' || program.state === 'EXIT_DEAD');
		const results = runIn(k, process, () => getevents(k, p, ctx, 0, 8)).map(({res}) => res);
		return {results, code: program.exit_code, said: dmesg(k)};
	}

	it.each(old)('%s: two events, and the submitter dies of its own reference', era => {
		const {results, code, said} = hasty(era, false);
		expect(results).toEqual([100, 512]);
		expect(code).toBe(11);
		expect(said).toContain('kernel BUG at fs/aio.c!');
	});

	it.each(recent)('%s: one event with the later result, and a spent reference count', era => {
		const {results, code, said} = hasty(era, false);
		expect(results).toEqual([512, 512]);
		expect(code).toBe(0);
		expect(said).toContain('refcount_t: underflow; use-after-free.');
	});

	it.each(recent)('%s with slab debugging: the next request finds the count of the free memory changed', era => {
		const {results, code, said} = hasty(era, true);
		expect(results).toEqual([512, 512]);
		expect(code).toBe(0);
		expect(said).toContain('BUG aio_kiocb (Not tainted): Poison overwritten');
	});
});

describe('a request is touched after its completion', () => {
	it.each([
		['ldd3', /^Slab corruption: start=[0-9a-f]{8}, len=128$/],
		['2.6.32', /^Slab corruption: kiocb start=[0-9a-f]{8}, len=128$/],
		['3.2', /^BUG kiocb \(Not tainted\): Poison overwritten$/],
		['5.10', /^BUG aio_kiocb \(Not tainted\): Poison overwritten$/],
		['6.1', /^BUG aio_kiocb \(Not tainted\): Poison overwritten$/],
		['6.18', /^BUG aio_kiocb \(Not tainted\): Poison overwritten$/],
	] as const)('%s: while the memory is free, the next request that gets it finds its poison gone', (era, line) => {
		const {k, iocbs, submitOne} = keeper(era, true);
		submitOne();
		aio_complete(k, iocbs[0]!, 512, 0);
		const from = dmesg(k).length;
		setKiocbPrivate(k, iocbs[0]!, 0);
		expect(dmesg(k).slice(from)).toEqual([]);
		submitOne();
		expect(
			dmesg(k)
				.slice(from)
				.filter(each => line.test(each)),
		).toHaveLength(1);
		aio_complete(k, iocbs[1]!, 512, 0);
		submitOne();
		expect(
			dmesg(k)
				.slice(from)
				.filter(each => line.test(each)),
		).toHaveLength(1);
	});

	it.each([...old, ...recent])('%s: where another request has the memory, that one loses what its driver kept', era => {
		const {k, iocbs, submitOne} = keeper(era, true);
		submitOne();
		aio_complete(k, iocbs[0]!, 512, 0);
		submitOne();
		setKiocbPrivate(k, iocbs[1]!, 512);
		const from = dmesg(k).length;
		setKiocbPrivate(k, iocbs[0]!, 0);
		expect(iocbs[1]!.private).toBe(0);
		expect(dmesg(k).slice(from)).toEqual([]);
	});
});

describe('a synchronous request is completed twice, while its reader has not run yet', () => {
	function readTwice(era: EraName) {
		const {k} = bootWithDisk({era});
		const process = newProcess(k);
		register_chrdev(k, 240, 'eager', {
			name: 'eager_fops',
			*aio_read(k, iocb) {
				for (let i = 0; i < 2; i++) aio_complete(k, iocb, 100, 0);
				return -EIOCBQUEUED;
			},
		});
		mknod(k, '/dev/eager', 'chrdev', {major: 240, minor: 0});
		let result = 0;
		const reader = start(k, process, process.files, function* () {
			const fd = yield* sys_open(k, '/dev/eager', O_RDWR);
			result = yield* sys_read(k, fd, yield* userBuffer(k, 4096), 512);
		});
		stepUntil(k, () => reader.state === 'EXIT_ZOMBIE' || reader.state === 'EXIT_DEAD');
		return {k, result, code: reader.exit_code};
	}

	it('2.6.11 counts on and says nothing', () => {
		expect(readTwice('ldd3')).toMatchObject({result: 100, code: 0});
	});

	it.each(['2.6.32', '3.2'] as const)('%s finds its user gone: a BUG', era => {
		const {k, code} = readTwice(era);
		expect(code).toBe(11);
		expect(dmesg(k)).toContain('kernel BUG at fs/aio.c!');
	});

	it.each(recent)('%s calls a ki_complete that is NULL', era => {
		const {k, code} = readTwice(era);
		expect(code).toBe(9);
		expect(dmesg(k)).toContain('BUG: kernel NULL pointer dereference, address: 00000000');
	});
});
