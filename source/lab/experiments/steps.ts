/** What the steps of several experiments have in common. */
import type {Translate} from '../../formats/debugfs/translate.ts';
import {countOf, wereOf} from '../../formats/words.ts';
import {
	get_order,
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	type Pfn,
	userAddress,
} from '../../hardware/address.ts';
import {TaskKilled} from '../../kernel/bug.ts';
import {errnoName} from '../../kernel/errno.ts';
import {sys_wait4} from '../../kernel/exit.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {kmemset} from '../../kernel/mm/access.ts';
import {GFP_HIGHUSER, GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {get_user_pages, page_cache_release} from '../../kernel/mm/gup.ts';
import {page_address} from '../../kernel/mm/highmem.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../kernel/mm/mmap_lock.ts';
import {PAGE_OFFSET, PageHighMem} from '../../kernel/mm/page.ts';
import {put_page, try_alloc_pages} from '../../kernel/mm/page_alloc.ts';
import {kfree, kmalloc} from '../../kernel/mm/slab.ts';
import {ZONE_HIGHMEM} from '../../kernel/mm/zone.ts';
import type {TaskBody} from '../../kernel/new_task.ts';
import type {task_struct} from '../../kernel/sched.ts';
import {dieIfKilled} from '../../kernel/signal.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {msleep_interruptible} from '../../kernel/timer.ts';
import {type Bench, CouldNotRun, type Parameter} from '../experiment.ts';
import type {User} from '../userland.ts';
import {physicalOf} from '../views.ts';
import {freeBlock, freePages} from './room.ts';

export const SIGBUS = 7;

/** The time as a log line carries it. */
export const nowUs = (k: Kernel) => Math.floor(k.hw.timeline.nowNs / 1000);
export const offset = (address: KernelVirtualAddress, bytes: number) => kernelAddress(address + bytes);

/** A yes-or-no parameter. */
export const choice = (name: string, about: string, usual: 0 | 1): Parameter => ({
	name,
	about,
	least: 0,
	most: 1,
	usual,
	unit: '',
});

/** The result of a call as a program's trace prints it: `-EINVAL`, `16`. */
export const told = (result: number) => (result < 0 ? `-${errnoName(result)}` : String(result));

/** The frame that an address leads to, or undefined. */
export function frameOf(all: Translate) {
	const physical = physicalOf(all);
	return physical === undefined ? undefined : Math.floor(physical / PAGE_SIZE);
}

/** The frame of a kernel logical address. */
export const logicalFrame = (address: number) => Math.floor((address - PAGE_OFFSET) / PAGE_SIZE);

/** For calls that must succeed before the claim can be looked at. @throws CouldNotRun for a negative errno */
export function must(result: number, what: string): number {
	if (result < 0) throw new CouldNotRun(`${what}: ${errnoName(result)}`);
	return result;
}

/** @throws CouldNotRun for undefined */
export function got<T>(value: T | undefined, what: string): T {
	if (value === undefined) throw new CouldNotRun(what);
	return value;
}

/**
 * The result of a call that the claim is about: where it fails, the claim does not hold. What would have come after
 * stays open.
 * @param sentence what the call does when it succeeds
 */
export function claimed(x: Bench, result: number, sentence: string): number {
	if (result >= 0) return result;
	x.observe(sentence, told(result), {equals: 'success'});
	throw new CouldNotRun(`the steps end here: ${told(result)}`);
}

/** As `claimed`, for what such a call finds. */
export function found<T extends number>(x: Bench, value: T | undefined, sentence: string): T {
	if (value !== undefined) return value;
	x.observe(sentence, value, {not: undefined});
	throw new CouldNotRun('the steps end here: nothing was found');
}

export function* openDevice(u: User, path: string): Sleeps<number> {
	return must(yield* u.open(path, O_RDWR), `${path} cannot be opened`);
}

/** Memory of kmalloc(), all bytes of one value, which is freed in the end. */
export function* kernelBuffer(x: Bench, bytes: number, fill: number, flags = GFP_KERNEL) {
	const {k, later} = x;
	yield* freeBlock(x, flags, get_order(bytes));
	const buffer = got(yield* kmalloc(k, bytes, flags), `no ${wereOf(bytes, 'byte')} free`);
	later(() => kfree(k, buffer));
	kmemset(k, buffer, fill, bytes);
	return buffer;
}

/**
 * A page of this process with a reference of get_user_pages(), as drivers take them.
 * @returns the frame, and what puts the reference
 */
export function* pinned({k, later}: Bench, address: number) {
	const {current} = k.cpu;
	const mm = current.mm!;
	const pages: Pfn[] = [];
	yield* mmap_read_lock(k, mm);
	const taken = yield* get_user_pages(k, current, mm, userAddress(address), 1, true, false, pages, null);
	yield* mmap_read_unlock(k, mm);
	must(taken, 'get_user_pages');
	const frame = got(pages[0], 'get_user_pages() took no page');
	return {frame, putPage: later(() => page_cache_release(k, frame))};
}

/** Private anonymous memory, readable and writable. */
export function* anonymous(u: User, pages: number): Sleeps<number> {
	const flags = MAP_PRIVATE | MAP_ANONYMOUS;
	return must(
		yield* u.mmap(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, flags, -1),
		`no memory for ${countOf(pages, 'page')}`,
	);
}

/** Why children could not do their part. */
const brokenChildren = new WeakMap<Kernel, Map<number, CouldNotRun>>();

/**
 * Forks a child. What it cannot have is missing to its parent too: `reap` throws it there.
 * @returns its pid
 */
export function* startChild(u: User, wish: Parameters<User['fork']>[0]): Sleeps<number> {
	function* body(k: Kernel): Sleeps<number> {
		const {current} = k.cpu;
		const breaks = (reason: CouldNotRun) => {
			const broken = brokenChildren.get(k) ?? new Map<number, CouldNotRun>();
			brokenChildren.set(k, broken.set(current.pid, reason));
		};
		try {
			return (yield* wish.body(k)) ?? 0;
		} catch (reason) {
			if (reason instanceof CouldNotRun) {
				breaks(reason);
				return 1;
			}
			if (wasKilled(current, reason)) breaks(new CouldNotRun(`its child ${current.comm} was ${deathWords(reason)}`));
			throw reason;
		}
	}
	return must(yield* u.fork({...wish, body}), 'fork');
}

/**
 * Forks a child that runs `body`, and waits for its end.
 * @returns its exit code, or the signal that killed it
 */
export function* inChild(u: User, comm: string, body: TaskBody): Sleeps<number> {
	return yield* reap(u, yield* startChild(u, {comm, body}));
}

/**
 * Waits for a child.
 * @returns its exit code, or the signal that killed it
 * @throws CouldNotRun what the child had thrown
 */
export function* reap(u: User, pid: number): Sleeps<number> {
	const waited = yield* sys_wait4(u.k, pid);
	dieIfKilled(u.k);
	const broken = brokenChildren.get(u.k)?.get(pid);
	if (broken) throw broken;
	if (typeof waited === 'number') throw new CouldNotRun(`wait4: ${errnoName(waited)}`);
	// The status word has the signal in its low bits, and the argument of exit() above them.
	return waited.code & 0x7f || waited.code >> 8;
}

/** How a task was killed, as `… was …`. */
export const deathWords = ({signal, outOfMemory}: TaskKilled): string =>
	`killed by signal ${signal}${outOfMemory ? ': no memory was left' : ''}`;

/** Whether others ended a task, or a lack of memory did: then what it was doing says nothing. */
export const wasKilled = (task: task_struct, reason: unknown): reason is TaskKilled =>
	reason instanceof TaskKilled && (reason.outOfMemory || task.fatalSignal !== 0);

/** Sleeps as long as something is so. A fatal signal ends the wait. */
export function* waitWhile(k: Kernel, so: () => boolean): Sleeps<void> {
	while (so()) yield* sleep(k, 1);
}

/** What a driver's method sleeps: a fatal signal ends it. */
export function* sleep(k: Kernel, milliseconds: number): Sleeps<void> {
	yield* msleep_interruptible(k, milliseconds);
	dieIfKilled(k);
}

/**
 * Sleeps until something is so; a busy machine takes its time, so no fixed delay would do. Gives up after two seconds.
 */
export function* waitUntil(k: Kernel, so: () => boolean): Sleeps<void> {
	for (let looks = 0; looks < 2_000 && !so(); looks++) yield* sleep(k, 1);
}

/**
 * Sleeps until something is so that has to be before the claim can be looked at.
 * @param otherwise what was not so, as a sentence
 * @throws CouldNotRun when it is not so after two seconds
 */
export function* waitFor(k: Kernel, so: () => boolean, otherwise: string): Sleeps<void> {
	yield* waitUntil(k, so);
	if (!so()) throw new CouldNotRun(`${otherwise} within two seconds`);
}

/** A frame of high memory; it is freed in the end. Takes no time where one is free. */
export function* highPage(x: Bench): Sleeps<Pfn> {
	const {k, later} = x;
	yield* freePages(x, ZONE_HIGHMEM, 1);
	const page = got(try_alloc_pages(k, GFP_HIGHUSER, 0), 'no page was free');
	later(() => put_page(k, page));
	if (PageHighMem(k, page)) return page;
	throw new CouldNotRun('no page of high memory was free: low memory needs no mapping');
}

/**
 * A frame of high memory that kmap() does not remember: a frame may come back from its last user with its entry still
 * there.
 */
export function* forgottenHighPage(x: Bench): Sleeps<Pfn> {
	let frame = yield* highPage(x);
	while (page_address(x.k, frame) !== undefined) frame = yield* highPage(x);
	return frame;
}

export const needsHighmem = (k: Kernel) =>
	k.layout.highend_pfn > k.layout.max_low_pfn ? undefined : 'this machine has no high memory';
export const needsDmaDebug = (k: Kernel) =>
	k.era.hasDmaDebug ? undefined : 'dma-debug came with 2.6.30: take --era 2.6.32 or later';
