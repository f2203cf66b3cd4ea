/** What the steps of several exercises have in common. */
import type {DmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {MAP_SHARED, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {labDeviceAddress} from '../board.ts';
import type {Subject} from '../exercise.ts';
import {type Bench, CouldNotRun} from '../experiment.ts';
import {told} from '../experiments/steps.ts';
import {User} from '../userland.ts';

const readWrite = PROT_READ | PROT_WRITE;

/**
 * The result of a call that the driver has to serve; where it fails, the steps end.
 * @param sentence names the call: it is what a hint is found by
 */
export function works(x: Bench, result: number, sentence: string): number {
	x.observe(sentence, result < 0 ? told(result) : 'success', {equals: 'success'});
	if (result < 0) throw new CouldNotRun('the steps end here');
	return result;
}

/** A program that has the driver's node open. */
export type Program = {
	readonly u: User;
	readonly fd: number;
	readonly pid: number;
	readonly close: () => Sleeps<number>;
};

/** Opens the driver's node; it is closed in the end. */
export function* opened(x: Bench, {node}: Subject): Sleeps<Program> {
	const u = new User(x.k);
	const fd = works(x, yield* u.open(node, O_RDWR), `${node} can be opened`);
	return {u, fd, pid: x.k.cpu.current.pid, close: x.later(() => u.close(fd))};
}

/**
 * Maps the device, shared; the area goes in the end.
 * @param sentence of the call that has to succeed
 */
export function* mapped(
	x: Bench,
	{u, fd}: Program,
	pages: number,
	sentence: string,
): Sleeps<{readonly at: number; readonly unmap: () => Sleeps<number>}> {
	const length = pages * PAGE_SIZE;
	const at = works(x, yield* u.mmap(0, length, readWrite, MAP_SHARED, fd), sentence);
	return {at, unmap: x.later(() => u.munmap(at, length))};
}

/** How many bytes of a program's memory, from the first on, are as they should be. */
export function* asWanted(u: User, at: number, wanted: Uint8Array): Sleeps<number> {
	const seen = yield* u.peek(at, wanted.length);
	const odd = wanted.findIndex((byte, i) => seen[i] !== byte);
	return odd < 0 ? wanted.length : odd;
}

/** Bytes that repeat with each page, so that it does not matter which page of a device comes where. */
export const pattern = (bytes: number, seed: number): Uint8Array =>
	Uint8Array.from({length: bytes}, (_, i) => ((i % 4096) * 13 + ((i % 4096) >> 8) * 7 + seed) & 0xff);

/** What tells a mapping from others. */
export const placeOf = ({busAddress, lengthBytes}: DmaApiDump['mappings'][number]): string =>
	`${busAddress}+${lengthBytes}`;

/** Mappings of the lab's device, of some type. */
export const mappingsOfDevice =
	(type?: string) =>
	({mappings}: DmaApiDump): number =>
		mappings.filter(each => each.device === labDeviceAddress && (type === undefined || each.type === type)).length;
