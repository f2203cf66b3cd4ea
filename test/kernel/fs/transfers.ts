/** Files of a pattern, and transfers of their bytes by every call that there is, each within a number of events. */

import {expect} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../../source/hardware/address.ts';
import {sys_io_destroy} from '../../../source/kernel/fs/aio.ts';
import type {IocbFields} from '../../../source/kernel/fs/aio_abi.ts';
import {O_CREAT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_lseek, sys_pread64, sys_pwrite64, sys_read, sys_write} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {PROT_READ, PROT_WRITE} from '../../../source/kernel/mm/mman.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {sys_sync} from '../../../source/kernel/mm/pdflush.ts';
import {invalidate_mapping_pages} from '../../../source/kernel/mm/truncate.ts';
import {user_read, user_write} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {aioProgram, getevents, rw, setup, submit} from './aioProgram.ts';
import {type DiskMachine, newProcess, runIn, userBuffer} from './machine.ts';

export const readWrite = PROT_READ | PROT_WRITE;
const all = Number.MAX_SAFE_INTEGER;
/** Far more than any of these transfers needs. */
export const mostEvents = 20_000;

export const within = <T>(k: Kernel, body: () => Sleeps<T>, process = newProcess(k)): T =>
	runIn(k, process, body, 'test', mostEvents);

export const pattern = (length: number) => Uint8Array.from({length}, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** A file of the pattern, of which nothing is cached. */
export function* patternFile({k}: DiskMachine, path: string, length: number): Sleeps<number> {
	const fd = yield* sys_open(k, path, O_RDWR | O_CREAT);
	const buffer = yield* userBuffer(k, 16 * PAGE_SIZE);
	yield* user_write(k, buffer, pattern(length));
	expect(yield* sys_pwrite64(k, fd, buffer, length, 0)).toBe(length);
	yield* sys_munmap(k, buffer, 16 * PAGE_SIZE);
	yield* dropCache(k, path);
	return fd;
}

export function* dropCache(k: Kernel, path: string): Sleeps<void> {
	yield* sys_sync(k);
	invalidate_mapping_pages(k, k.vfs.nodes.get(path)!.i_mapping, 0, all);
}

export function* contents(k: Kernel, fd: number): Sleeps<Uint8Array> {
	const buffer = yield* userBuffer(k, 16 * PAGE_SIZE);
	const length = yield* sys_pread64(k, fd, buffer, 16 * PAGE_SIZE, 0);
	return yield* user_read(k, buffer, length);
}

/** Compares faster than toEqual does. */
export function expectBytes(got: Uint8Array, wanted: Uint8Array, what = ''): void {
	expect(got.length, `${what}: length`).toBe(wanted.length);
	const at = got.findIndex((byte, i) => byte !== wanted[i]);
	expect(at, `${what}: first byte that differs`).toBe(-1);
}

type Transfer = (k: Kernel, fd: number, address: number, length: number, pos: number) => Sleeps<number>;

/** A whole request of AIO. @returns its result */
export function* viaAio(k: Kernel, fields: IocbFields): Sleeps<number> {
	const program = yield* aioProgram(k);
	const ctx = yield* setup(k, program, 4);
	expect(yield* submit(k, program, ctx, [fields])).toBe(1);
	const [event] = yield* getevents(k, program, ctx, 1, 1);
	// The ring of older kernels is pinned memory.
	yield* sys_io_destroy(k, ctx);
	return Number(event!.res);
}

/** The iocb of a vectored call, cut after `first` bytes. */
export function* vectored(k: Kernel, opcode: number, fields: IocbFields, first: number): Sleeps<IocbFields> {
	const vector = yield* userBuffer(k, PAGE_SIZE);
	const base = Number(fields.aio_buf);
	const length = Number(fields.aio_nbytes);
	const words = Uint32Array.of(base, first, base, 0, base + first, length - first);
	yield* user_write(k, vector, new Uint8Array(words.buffer));
	return {...fields, aio_lio_opcode: opcode, aio_buf: BigInt(vector), aio_nbytes: 3n};
}

export const writeTransfers: readonly (readonly [string, Transfer])[] = [
	[
		'write',
		function* (k, fd, address, length, pos) {
			yield* sys_lseek(k, fd, pos, 0);
			return yield* sys_write(k, fd, userAddress(address), length);
		},
	],
	['pwrite', (k, fd, address, length, pos) => sys_pwrite64(k, fd, userAddress(address), length, pos)],
	['AIO', (k, fd, address, length, pos) => viaAio(k, rw(fd, true, address, length, pos))],
	[
		'vectored AIO',
		function* (k, fd, address, length, pos) {
			return yield* viaAio(k, yield* vectored(k, 8, rw(fd, true, address, length, pos), Math.ceil(length / 3)));
		},
	],
];

export const readTransfers: readonly (readonly [string, Transfer])[] = [
	[
		'read',
		function* (k, fd, address, length, pos) {
			yield* sys_lseek(k, fd, pos, 0);
			return yield* sys_read(k, fd, userAddress(address), length);
		},
	],
	['pread', (k, fd, address, length, pos) => sys_pread64(k, fd, userAddress(address), length, pos)],
	['AIO', (k, fd, address, length, pos) => viaAio(k, rw(fd, false, address, length, pos))],
	[
		'vectored AIO',
		function* (k, fd, address, length, pos) {
			return yield* viaAio(k, yield* vectored(k, 7, rw(fd, false, address, length, pos), Math.ceil(length / 3)));
		},
	],
];
