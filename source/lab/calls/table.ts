/** The calls of which one writes a small experiment, and the constants that they know. */
import type {CallRecord} from '../../formats/debugfs/lab/calls.ts';
import {hex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import * as errno from '../../kernel/errno.ts';
import type {IocbFields, io_event} from '../../kernel/fs/aio_abi.ts';
import * as file from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD, IOCB_CMD_PWRITE} from '../../kernel/fs/kiocb.ts';
import {sys_mlock, sys_munlock} from '../../kernel/mm/mlock.ts';
import * as mman from '../../kernel/mm/mman.ts';
import {syscall} from '../../kernel/syscalls.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {CouldNotRun} from '../experiment.ts';
import {must, SIGBUS} from '../experiments/steps.ts';
import type {User} from '../userland.ts';

const {PROT_READ, PROT_WRITE, MAP_ANONYMOUS, MAP_PRIVATE} = mman;

/** A process that calls. */
export type Caller = {
	readonly u: User;
	/** Where iocbs and events lie; undefined until the first context. */
	notes: number | undefined;
	/** What io_getevents() gave last. */
	events: readonly io_event[];
};

type Value = number | string | IocbFields;

type Call = CallRecord & {
	/** A value is an address, a number or, for `path`, a text. */
	readonly run: (caller: Caller, values: readonly Value[]) => Sleeps<number>;
};

/** Of memory that one call goes through. */
const mostBytes = 64 * 2 ** 20;
const mostIocbs = 64;
const SIGSEGV = 11;

/** A register of the processor has 32 bits; an offset in a file has 64, of which a number holds 53. */
function register(value: Value | undefined, parameter: string): number {
	const number = Number(value ?? 0);
	if (parameter === 'fd') return number | 0;
	if (parameter !== 'offset') return number >>> 0;
	return Number.isNaN(number) ? 0 : Math.max(-(2 ** 53), Math.min(2 ** 53, Math.trunc(number)));
}

function call(
	name: string,
	parameters: readonly string[],
	gives: string,
	run: (u: User, values: readonly number[], caller: Caller) => Sleeps<number>,
): Call {
	const names = parameters.map(each => each.replace(/[[\]]/g, ''));
	const registers = (values: readonly Value[]) => values.map((each, index) => register(each, names[index] ?? ''));
	return {name, parameters, gives, run: (caller, values) => run(caller.u, registers(values), caller)};
}

/** @throws CouldNotRun for more than a call may go through */
function lengthOf(bytes: number): number {
	if (!(bytes > 0 && bytes <= mostBytes)) throw new CouldNotRun(`a length is 1 to ${mostBytes} bytes, got ${bytes}`);
	return bytes;
}

/** A byte of each page, from an address on. */
function* eachPage(at: number, bytes: number, visit: (address: number) => Sleeps<unknown>): Sleeps<void> {
	for (let offset = 0; offset < bytes; offset += PAGE_SIZE - ((at + offset) % PAGE_SIZE)) yield* visit(at + offset);
}

function* touch(u: User, [at = 0, bytes = 1]: readonly number[]): Sleeps<number> {
	const all = lengthOf(bytes);
	const first = yield* u.peek8(at);
	yield* eachPage(at, all, address => u.peek8(address));
	return first;
}

function* poke(u: User, [at = 0, value = 0, bytes = 1]: readonly number[]): Sleeps<number> {
	yield* eachPage(at, lengthOf(bytes), address => u.poke8(address, value & 0xff));
	return 0;
}

function* fill(u: User, [at = 0, bytes = 0, value = 0]: readonly number[]): Sleeps<number> {
	const all = lengthOf(bytes);
	for (let offset = 0; offset < all; offset += PAGE_SIZE)
		yield* u.poke(at + offset, new Uint8Array(Math.min(PAGE_SIZE, all - offset)).fill(value));
	return all;
}

/** Two pages for iocbs and the pointers to them, one for events. */
function* notesOf(caller: Caller): Sleeps<number> {
	const flags = MAP_PRIVATE | MAP_ANONYMOUS;
	caller.notes ??= must(
		yield* caller.u.mmap(0, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE, flags, -1),
		'no memory for iocbs',
	);
	return caller.notes;
}

function* io_setup(u: User, [events = 0]: readonly number[], caller: Caller): Sleeps<number> {
	const place = yield* notesOf(caller);
	yield* u.poke32(place, 0);
	const result = yield* u.ioSetup(events, place);
	return result < 0 ? result : yield* u.peek32(place);
}

function* io_submit(caller: Caller, [ctx, ...iocbs]: readonly Value[]): Sleeps<number> {
	if (iocbs.length > mostIocbs) throw new CouldNotRun(`io_submit takes at most ${countOf(mostIocbs, 'request')} here`);
	const pointers = yield* caller.u.prepareIocbs(yield* notesOf(caller), iocbs as readonly IocbFields[]);
	return yield* caller.u.ioSubmit(register(ctx, 'ctx'), iocbs.length, pointers);
}

function* io_getevents(
	u: User,
	[ctx = 0, least = 1, most = mostIocbs]: readonly number[],
	caller: Caller,
): Sleeps<number> {
	const place = (yield* notesOf(caller)) + 2 * PAGE_SIZE;
	const got = yield* u.ioGetevents(ctx, least, Math.min(most, mostIocbs), place);
	caller.events = got > 0 ? yield* u.readEvents(place, got) : [];
	return got;
}

const length = (of: string) => `${of}; what is not 1 to 64 MiB ends the steps`;

/** The calls, as `lab/calls` and docs/sheets.md list them. */
export const calls: readonly Call[] = [
	{
		name: 'open',
		parameters: ['path', 'flags'],
		gives: 'the file descriptor',
		run: ({u}, [path, flags]) => u.open(String(path), register(flags, 'flags')),
	},
	call('close', ['fd'], '0', (u, [fd = 0]) => u.close(fd)),
	call('read', ['fd', 'buffer', 'count'], 'the bytes that were read', (u, [fd = 0, at = 0, n = 0]) =>
		u.read(fd, at, n),
	),
	call('write', ['fd', 'buffer', 'count'], 'the bytes that were written', (u, [fd = 0, at = 0, n = 0]) =>
		u.write(fd, at, n),
	),
	call('pread', ['fd', 'buffer', 'count', 'offset'], 'as read', (u, [fd = 0, at = 0, n = 0, pos = 0]) =>
		u.pread(fd, at, n, pos),
	),
	call('pwrite', ['fd', 'buffer', 'count', 'offset'], 'as write', (u, [fd = 0, at = 0, n = 0, pos = 0]) =>
		u.pwrite(fd, at, n, pos),
	),
	call('fsync', ['fd'], '0', (u, [fd = 0]) => u.fsync(fd)),
	call(
		'mmap',
		['address', 'length', 'prot', 'flags', '[fd]', '[offset]'],
		'the address of the mapping',
		(u, [at = 0, bytes = 0, prot = 0, flags = 0, fd = -1, offset = 0]) =>
			u.mmap(at, bytes, prot, flags, fd, Math.floor(offset / PAGE_SIZE) >>> 0),
	),
	call('munmap', ['address', 'length'], '0', (u, [at = 0, bytes = 0]) => u.munmap(at, bytes)),
	call(
		'mremap',
		['address', 'old_length', 'new_length', 'flags', '[new_address]'],
		'the address of the mapping',
		(u, [at = 0, from = 0, to = 0, flags = 0, place = 0]) => u.mremap(at, from, to, flags, place),
	),
	call('mprotect', ['address', 'length', 'prot'], '0', (u, [at = 0, bytes = 0, prot = 0]) =>
		u.mprotect(at, bytes, prot),
	),
	call('madvise', ['address', 'length', 'advice'], '0', (u, [at = 0, bytes = 0, advice = 0]) =>
		u.madvise(at, bytes, advice),
	),
	call('mlock', ['address', 'length'], '0', ({k}, [at = 0, n = 0]) =>
		syscall(k, 'mlock', `start: ${hex(at)}, len: ${hex(n)}`, sys_mlock(k, at, n)),
	),
	call('munlock', ['address', 'length'], '0', ({k}, [at = 0, n = 0]) =>
		syscall(k, 'munlock', `start: ${hex(at)}, len: ${hex(n)}`, sys_munlock(k, at, n)),
	),
	call('brk', ['address'], 'the end of the heap', (u, [at = 0]) => u.brk(at)),
	call('touch', ['address', '[length]'], length('the first byte; a byte of each page is read'), touch),
	call('poke', ['address', 'value', '[length]'], length('0; a byte of each page is written'), poke),
	call('fill', ['address', 'length', 'value'], length('the length; every byte is written'), fill),
	call('sleep', ['milliseconds'], '0', (u, [ms = 0]) => u.sleep(Math.min(ms, 60_000))),
	call('io_setup', ['events'], 'the context', io_setup),
	{name: 'io_submit', parameters: ['ctx', 'iocb…'], gives: 'the requests that were taken', run: io_submit},
	call('io_getevents', ['ctx', '[least]', '[most]'], 'the events that came; it waits for the least', io_getevents),
	call('io_destroy', ['ctx'], '0', (u, [ctx = 0]) => u.ioDestroy(ctx)),
];

/** An iocb that the address does not fit into makes a kernel say EFAULT; below zero none is written. */
const word = (value: Value | undefined) => BigInt(Math.max(0, register(value, 'offset')));

/** What stands in io_submit() for a request, and what says more of the last events. */
export const makers: Readonly<Record<string, readonly string[]>> = {
	IOCB_CMD_PREAD: ['fd', 'buffer', 'count', 'offset'],
	IOCB_CMD_PWRITE: ['fd', 'buffer', 'count', 'offset'],
};

export const iocbOf = (maker: string, [fd, buffer, count, offset]: readonly Value[]): IocbFields => ({
	aio_lio_opcode: maker === 'IOCB_CMD_PREAD' ? IOCB_CMD_PREAD : IOCB_CMD_PWRITE,
	aio_fildes: register(fd, 'fd'),
	aio_buf: word(buffer),
	aio_nbytes: word(count),
	aio_offset: word(offset),
});

const numbersOf = (all: Readonly<Record<string, unknown>>, which: RegExp) =>
	Object.entries(all).flatMap(([name, value]) =>
		which.test(name) && typeof value === 'number' ? [[name, value] as const] : [],
	);

/** Linux's words for numbers, in the order in which they are listed. */
export const constants: ReadonlyMap<string, number> = new Map([
	['PAGE_SIZE', PAGE_SIZE],
	...numbersOf(file, /^O_/),
	...numbersOf(mman, /^(?:PROT|MAP|MREMAP|MADV)_/),
	['SIGBUS', SIGBUS],
	['SIGSEGV', SIGSEGV],
	...numbersOf(errno, /^E[A-Z0-9]+$/),
]);

/** What a call takes: at least and at most so many values. */
export function valuesOf({parameters}: Pick<CallRecord, 'parameters'>): readonly [least: number, most: number] {
	const least = parameters.filter(each => !each.startsWith('[')).length;
	return [least, parameters.at(-1)?.endsWith('…') ? mostIocbs + 1 : parameters.length];
}
