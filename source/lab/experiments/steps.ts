/** What the steps of several experiments have in common. */
import {type KernelVirtualAddress, kernelAddress, type Pfn} from '../../hardware/address.ts';
import {errnoName} from '../../kernel/errno.ts';
import {sys_wait4} from '../../kernel/exit.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {GFP_HIGHUSER} from '../../kernel/mm/gfp.ts';
import {page_address} from '../../kernel/mm/highmem.ts';
import {PageHighMem} from '../../kernel/mm/page.ts';
import {put_page, try_alloc_pages} from '../../kernel/mm/page_alloc.ts';
import {msleep, type TaskBody} from '../../kernel/sched.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {ExperimentFailed, type Parameter} from '../experiment.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE, type User} from '../userland.ts';

export const PAGE = 4096;
export const SIGBUS = 7;
export const SIGSEGV = 11;

export const hex = (value: number) => `0x${value.toString(16)}`;
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

/** @throws ExperimentFailed for a negative errno */
export function must(result: number, what: string): number {
	if (result < 0) throw new ExperimentFailed(`${what}: ${errnoName(result)}`);
	return result;
}

/** @throws ExperimentFailed for undefined */
export function got<T>(value: T | undefined, what: string): T {
	if (value === undefined) throw new ExperimentFailed(what);
	return value;
}

export function* openDevice(u: User, path: string): Sleeps<number> {
	return must(yield* u.open(path, O_RDWR), `${path} cannot be opened`);
}

/** Private anonymous memory, readable and writable. */
export function* anonymous(u: User, pages: number): Sleeps<number> {
	const flags = MAP_PRIVATE | MAP_ANONYMOUS;
	return must(yield* u.mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, flags, -1), `no memory for ${pages} pages`);
}

/**
 * Forks a child that runs `body`, and waits for its end.
 * @returns its exit code, or the signal that killed it
 */
export function* inChild(u: User, comm: string, body: TaskBody): Sleeps<number> {
	const pid = must(yield* u.fork({comm, body}), 'fork');
	return yield* reap(u, pid);
}

/** Waits for a child. @returns its exit code, or the signal that killed it */
export function* reap(u: User, pid: number): Sleeps<number> {
	const waited = yield* sys_wait4(u.k, pid);
	if (typeof waited === 'number') throw new ExperimentFailed(`wait4: ${errnoName(waited)}`);
	return waited.code;
}

/** Sleeps until something is so; a busy machine takes its time, so no fixed delay would do. Gives up after two seconds. */
export function* waitUntil(k: Kernel, so: () => boolean): Sleeps<void> {
	for (let looks = 0; looks < 2_000 && !so(); looks++) yield* msleep(k, 1);
}

/** A frame of high memory, taken without sleep. */
export function highPage(k: Kernel): Pfn {
	const page = got(try_alloc_pages(k, GFP_HIGHUSER, 0), 'no page was free');
	if (PageHighMem(k, page)) return page;
	put_page(k, page);
	throw new ExperimentFailed('no page of high memory was free: low memory needs no mapping');
}

/** A frame of high memory that kmap() does not remember: a frame may come back from its last user with its entry still there. */
export function forgottenHighPage(k: Kernel): Pfn {
	const remembered: Pfn[] = [];
	let frame = highPage(k);
	while (page_address(k, frame) !== undefined) {
		remembered.push(frame);
		frame = highPage(k);
	}
	for (const each of remembered) put_page(k, each);
	return frame;
}

export const needsHighmem = (k: Kernel) =>
	k.layout.highend_pfn > k.layout.max_low_pfn ? undefined : 'this machine has no high memory';
export const needsBounce = (k: Kernel) =>
	k.config.swiotlb === 'force' ? undefined : 'its mappings must bounce, which they do on --machine bounce';
export const needsDmaDebug = (k: Kernel) =>
	k.era.hasDmaDebug ? undefined : 'dma-debug came with 2.6.30: take --era 2.6.32 or later';
