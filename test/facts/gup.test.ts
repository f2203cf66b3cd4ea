/**
 * Section 4 of the fact sheet: get_user_pages, dirty pages, O_DIRECT. Experiments 10 to 13 are in
 * `test/kernel/mm/gup.test.ts`, `test/kernel/fs/cache.test.ts` and `test/kernel/fs/direct.test.ts`.
 */

import {describe, expect, test} from 'vitest';
import {PAGE_SIZE, type Pfn, userAddress} from '../../source/hardware/address.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {EFAULT, EINVAL, ERESTARTSYS} from '../../source/kernel/errno.ts';
import {sys_io_destroy} from '../../source/kernel/fs/aio.ts';
import {bio_get_nr_vecs} from '../../source/kernel/fs/bio.ts';
import {blk_init_queue} from '../../source/kernel/fs/block.ts';
import {O_DIRECT, O_RDWR} from '../../source/kernel/fs/file.ts';
import {IOCB_CMD_PREADV} from '../../source/kernel/fs/kiocb.ts';
import {sys_open} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {get_user_pages, page_cache_release} from '../../source/kernel/mm/gup.ts';
import {VM_IO, VM_PFNMAP} from '../../source/kernel/mm/mm_types.ts';
import {MAP_PRIVATE, MAP_SHARED, MS_SYNC, PROT_READ, PROT_WRITE} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../source/kernel/mm/mmap_lock.ts';
import {sys_msync} from '../../source/kernel/mm/msync.ts';
import {PageDirty, page_count} from '../../source/kernel/mm/page.ts';
import {invalidate_mapping_pages} from '../../source/kernel/mm/truncate.ts';
import {user_read8, user_write32} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {aioProgram, rw, setup, submit} from '../kernel/fs/aioProgram.ts';
import {bootWithDisk, install, newProcess, runIn, userBuffer} from '../kernel/fs/machine.ts';
import {bootTestKernel, runProcess} from '../kernel/support.ts';

const readWrite = PROT_READ | PROT_WRITE;

const inProcess = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T => runProcess(bootTestKernel({era}), body);

function* take(k: Kernel, start: number, count: number, write: boolean, pages: Pfn[] | null = null): Sleeps<number> {
	const {current} = k.cpu;
	yield* mmap_read_lock(k, current.mm!);
	const got = yield* get_user_pages(k, current, current.mm!, userAddress(start), count, write, false, pages, null);
	yield* mmap_read_unlock(k, current.mm!);
	return got;
}

describe('get_user_pages', () => {
	test.each(['2.6.32', '3.2'] as const)('of no page or fewer is 0 (%s)', era => {
		inProcess(era, function* (k) {
			const at = yield* userBuffer(k, PAGE_SIZE);
			expect(yield* take(k, at, 0, true)).toBe(0);
			expect(yield* take(k, at, -5, true)).toBe(0);
		});
	});

	test('takes a start within a page, and a reference on each', () => {
		inProcess('2.6.32', function* (k) {
			const at = yield* userBuffer(k, 2 * PAGE_SIZE);
			const pages: Pfn[] = [];
			expect(yield* take(k, at + 100, 2, true, pages)).toBe(2);
			expect(pages.map(page => page_count(k, page))).toEqual([2, 2]);
			for (const page of pages) page_cache_release(k, page);
			expect(pages.map(page => page_count(k, page))).toEqual([1, 1]);
		});
	});

	test.each([
		['ldd3', VM_IO, -EFAULT],
		['ldd3', VM_PFNMAP, 1],
		['2.6.32', VM_IO, -EFAULT],
		['2.6.32', VM_PFNMAP, -EFAULT],
		['3.2', VM_PFNMAP, -EFAULT],
	] as const)('of %s answers for a VMA with flag %i: %i', (era, flag, wanted) => {
		inProcess(era, function* (k) {
			const at = yield* userBuffer(k, PAGE_SIZE);
			const vma = k.cpu.current.mm!.mmap.find(at)!;
			vma.vm_flags |= flag;
			expect(yield* take(k, at, 1, false)).toBe(wanted);
			vma.vm_flags &= ~flag;
		});
	});

	test('of a task that is being killed is ERESTARTSYS, or what it had', () => {
		inProcess('3.2', function* (k) {
			const at = yield* userBuffer(k, PAGE_SIZE);
			k.cpu.current.fatalSignal = 9;
			expect(yield* take(k, at, 1, true)).toBe(-ERESTARTSYS);
			k.cpu.current.fatalSignal = 0;
		});
	});

	test('for writing breaks copy-on-write first: the page of the file is not what it takes', () => {
		const machine = bootWithDisk({era: '2.6.32'});
		const {k} = machine;
		const file = install(machine, '/data', 1);
		runIn(k, newProcess(k), function* () {
			const fd = yield* sys_open(k, '/data', O_RDWR);
			const at = yield* sys_mmap2(k, 0, PAGE_SIZE, readWrite, MAP_PRIVATE, fd, 0);
			yield* user_read8(k, userAddress(at));
			const cached = file.i_mapping.pages.get(0);
			const pages: Pfn[] = [];
			expect(yield* take(k, at, 1, true, pages)).toBe(1);
			expect(cached).toBeDefined();
			expect(pages[0]).not.toBe(cached);
			page_cache_release(k, pages[0]!);
		});
	});
});

describe('a page of a file that is pinned for writing', () => {
	const pinned = (after: (k: Kernel, at: number, page: Pfn) => Sleeps<void>) => {
		const machine = bootWithDisk({era: '2.6.32'});
		const {k} = machine;
		const file = install(machine, '/data', 1);
		runIn(k, newProcess(k), function* () {
			const fd = yield* sys_open(k, '/data', O_RDWR);
			const at = yield* sys_mmap2(k, 0, PAGE_SIZE, readWrite, MAP_SHARED, fd, 0);
			const pages: Pfn[] = [];
			expect(yield* take(k, at, 1, true, pages)).toBe(1);
			yield* after(k, at, pages[0]!);
			page_cache_release(k, pages[0]!);
		});
		return file;
	};

	test('is dirty from then on, and written back all the same: the pin does not keep it dirty', () => {
		pinned(function* (k, at, page) {
			expect(PageDirty(k, page)).toBe(true);
			yield* sys_msync(k, at, PAGE_SIZE, MS_SYNC);
			expect(PageDirty(k, page)).toBe(false);
		});
	});

	test('is not dropped while the pin lasts', () => {
		const file = pinned(function* (k, at, page) {
			yield* sys_msync(k, at, PAGE_SIZE, MS_SYNC);
			const mapping = k.vfs.nodes.get('/data')!.i_mapping;
			expect(invalidate_mapping_pages(k, mapping, 0, 10)).toBe(0);
			expect(mapping.pages.get(0)).toBe(page);
		});
		expect(file.i_mapping.pages.size).toBe(1);
	});
});

describe('O_DIRECT', () => {
	// max_sectors of the default cap, and of a driver that leaves it at 255; segments of either.
	test.each([
		[1024, 128, 128],
		[255, 128, 32],
		[1024, 64, 64],
	])('a queue of %i sectors and %i segments takes bios of %i pages', (max_sectors, max_segments, pages) => {
		const queue = blk_init_queue('q', function* () {}, {max_sectors, max_segments});
		expect(bio_get_nr_vecs({queue} as Parameters<typeof bio_get_nr_vecs>[0])).toBe(pages);
	});

	test.each([
		['its base', 1, 512],
		['its length', 0, 511],
	])('looks at every element of a vector: one that is odd in %s is EINVAL', (_what, shift, length) => {
		const machine = bootWithDisk({era: '2.6.32'});
		const {k} = machine;
		install(machine, '/data', 4);
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const fd = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
			const buffer = yield* userBuffer(k, 8192);
			const vector = p.events;
			for (const [i, word] of [buffer, 512, buffer + 4096 + shift, length].entries())
				yield* user_write32(k, userAddress(vector + 4 * i), word);
			const ctx = yield* setup(k, p, 4);
			const wish = {...rw(fd, false, vector, 2, 0), aio_lio_opcode: IOCB_CMD_PREADV};
			yield* submit(k, p, ctx, [wish]);
			// The result is an event, for the request as such was sound: res is the fifth word of the first event in the
			// ring.
			const words: number[] = [];
			for (let i = 0; i < 2; i++) words.push(yield* user_read8(k, userAddress(ctx + 32 + 16 + i)));
			expect(words).toEqual([256 - EINVAL, 255]);
			yield* sys_io_destroy(k, ctx);
		});
		expect(k.mm.pins.size).toBe(0);
	});
});
