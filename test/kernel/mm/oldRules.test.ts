/** Rules of memory management in which 2.6.11, or 2.6.32 with it, differs from what came later; both sides of each. */

import {describe, expect, test} from 'vitest';
import {get_order, PAGE_SIZE, type Pfn, pfn, physicalAddress, userAddress} from '../../../source/hardware/address.ts';
import {try_dma_alloc_coherent} from '../../../source/kernel/dma/coherent.ts';
import {DMA_BIT_MASK, device_add} from '../../../source/kernel/drivers/device.ts';
import {chr_dev_init} from '../../../source/kernel/drivers/mem.ts';
import {ERA_NAMES, type EraName} from '../../../source/kernel/era/behaviour.ts';
import {ENOMEM} from '../../../source/kernel/errno.ts';
import {fd_install, type file_operations, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../../source/kernel/fs/file_table.ts';
import {new_inode} from '../../../source/kernel/fs/inode.ts';
import {tmpfs} from '../../../source/kernel/fs/shmem.ts';
import {mount, sys_open, vfs_create} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {OUT_OF_MEMORY} from '../../../source/kernel/mm/fault.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {get_user_pages, page_cache_release} from '../../../source/kernel/mm/gup.ts';
import type {vm_area_struct} from '../../../source/kernel/mm/mm_types.ts';
import {MAP_ANONYMOUS, MAP_POPULATE, MAP_PRIVATE, MAP_SHARED} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../../source/kernel/mm/mmap_lock.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {__free_pages, try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {pte_offset, pte_pfn} from '../../../source/kernel/mm/pgtable.ts';
import {remap_pfn_range} from '../../../source/kernel/mm/remap.ts';
import {truncate_inode} from '../../../source/kernel/mm/truncate.ts';
import {user_touch, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import {wake_up_new_task} from '../../../source/kernel/new_task.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {status} from '../../../source/lab/tree/status.ts';
import {bootTestKernel, dmesg, newProcess, runProcess, stepUntil} from '../support.ts';

const base = 0x2000_0000;
const at = (page: number) => userAddress(base + page * PAGE_SIZE);
const anonymous = 0x10 | MAP_PRIVATE | MAP_ANONYMOUS;

const onKernel = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era}), body);

const frameAt = (k: Kernel, page: number): Pfn => pte_pfn(k, pte_offset(k, k.cpu.current.mm!, at(page)));

/** Opens a device whose mmap method is given. */
function device(k: Kernel, mmap: (vma: vm_area_struct) => number): number {
	const i_fop: file_operations = {
		name: 'test_fops',
		*mmap(_k, _file, vma) {
			return mmap(vma);
		},
	};
	const inode = new_inode(k, {kind: 'chrdev', s_dev: {major: 0, minor: 5}, i_fop});
	return fd_install(k.cpu.current.files, get_empty_filp(k, '/dev/test', inode, O_RDWR));
}

describe('a page that somebody else holds, written to by the one process that maps it', () => {
	test.each([
		['ldd3', 'copied'],
		['2.6.32', 'kept'],
		['3.2', 'kept'],
		['5.10', 'copied'],
	] as const)('%s: it is %s', (era, what) => {
		onKernel(era, function* (k) {
			const {current} = k.cpu;
			yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, anonymous, -1, 0);
			yield* user_write8(k, at(0), 1);
			const pages: Pfn[] = [];
			yield* mmap_read_lock(k, current.mm!);
			yield* get_user_pages(k, current, current.mm!, at(0), 1, true, false, pages, null);
			yield* mmap_read_unlock(k, current.mm!);
			yield* sys_mprotect(k, at(0), PAGE_SIZE, 1);
			yield* sys_mprotect(k, at(0), PAGE_SIZE, 3);
			yield* user_write8(k, at(0), 2);
			expect(frameAt(k, 0) === pages[0]).toBe(what === 'kept');
			expect(k.hw.ram.page(pages[0]!)[0]).toBe(what === 'kept' ? 2 : 1);
			page_cache_release(k, pages[0]!);
		});
	});

	test('once nobody else holds it, every kernel keeps it', () => {
		for (const era of ERA_NAMES)
			onKernel(era, function* (k) {
				yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, anonymous, -1, 0);
				yield* user_write8(k, at(0), 1);
				const frame = frameAt(k, 0);
				yield* sys_mprotect(k, at(0), PAGE_SIZE, 1);
				yield* sys_mprotect(k, at(0), PAGE_SIZE, 3);
				yield* user_write8(k, at(0), 2);
				expect(frameAt(k, 0)).toBe(frame);
			});
	});
});

test('2.6.11 kills who writes to a private mapping of a frame that is no memory; to read or share it is fine', () => {
	const touched = (kind: number, write: boolean): [number, string | undefined] =>
		onKernel('ldd3', function* (k) {
			chr_dev_init(k);
			const fd = yield* sys_open(k, '/dev/mem', O_RDWR);
			yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, kind | 0x10, fd, 0xfebf0);
			const verdict = yield* user_touch(k, at(0) + 8, write);
			return [verdict, dmesg(k).find(line => line.startsWith('do_wp_page'))];
		});
	expect(touched(MAP_PRIVATE, true)).toEqual([OUT_OF_MEMORY, 'do_wp_page: bogus page at address 20000008']);
	expect(touched(MAP_PRIVATE, false)).toEqual([0, undefined]);
	expect(touched(MAP_SHARED, true)).toEqual([0, undefined]);
});

test.each(ERA_NAMES)('%s: remap_pfn_range of nothing is a BUG', era => {
	const k = bootTestKernel({memMiB: 64, era});
	const task = newProcess(k);
	wake_up_new_task(k, task, function* () {
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, pfn(1), 0, vma.vm_page_prot));
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, MAP_SHARED | 0x10, fd, 0);
	});
	stepUntil(k, () => !k.sched.tasks.has(task.pid));
	expect(dmesg(k)).toContain('kernel BUG at mm/memory.c!');
});

test.each([
	['ldd3', 0xff],
	['2.6.32', 0],
] as const)('%s: coherent memory is zero as far as it was asked for; the byte behind is 0x%s', (era, behind) => {
	const k = bootTestKernel({era});
	k.cpu = k.sched.cpus[0]!;
	const bytes = PAGE_SIZE + 100;
	const dirty = try_alloc_pages(k, GFP_KERNEL, get_order(bytes))!;
	k.hw.ram.fill(physicalAddress(dirty * PAGE_SIZE), 2 * PAGE_SIZE, 0xff);
	__free_pages(k, dirty, get_order(bytes));
	const dev = device_add(k, '0000:00:09.0', 'pci');
	expect(dev.coherent_dma_mask).toBe(DMA_BIT_MASK(32));
	const memory = try_dma_alloc_coherent(k, dev, bytes, GFP_KERNEL)!;
	expect(memory.dma_handle).toBe(dirty * PAGE_SIZE);
	const seen = k.hw.ram.read(physicalAddress(memory.dma_handle), 2 * PAGE_SIZE);
	expect([seen[0], seen[bytes - 1], seen[bytes], seen[2 * PAGE_SIZE - 1]]).toEqual([0, 0, behind, behind]);
});

describe('munmap where a process has as many areas as it may', () => {
	/** Areas of one page and one of eight, apart from each other. */
	function* areas(k: Kernel, limit: number, count: number): Sleeps<void> {
		yield* sys_mmap2(k, at(0), 8 * PAGE_SIZE, 3, anonymous, -1, 0);
		for (let i = 1; i < count; i++) yield* sys_mmap2(k, at(10 + 2 * i), PAGE_SIZE, 3, anonymous, -1, 0);
		k.mm.max_map_count = limit;
	}

	test.each(ERA_NAMES)('%s: cutting off an edge', era => {
		onKernel(era, function* (k) {
			yield* areas(k, 4, 4);
			const old = era === 'ldd3' || era === '2.6.32';
			expect(yield* sys_munmap(k, at(6), 2 * PAGE_SIZE)).toBe(old ? -ENOMEM : 0);
			expect(yield* sys_munmap(k, at(0), PAGE_SIZE)).toBe(old ? -ENOMEM : 0);
			expect(yield* sys_munmap(k, at(2), PAGE_SIZE)).toBe(-ENOMEM);
			expect(yield* sys_munmap(k, at(12), PAGE_SIZE)).toBe(0);
		});
	});

	test.each(ERA_NAMES)('%s: a hole, with room for one area more', era => {
		onKernel(era, function* (k) {
			yield* areas(k, 5, 4);
			const old = era === 'ldd3' || era === '2.6.32';
			expect(yield* sys_munmap(k, at(2), PAGE_SIZE)).toBe(old ? -ENOMEM : 0);
			// The first cut of an old kernel stays, and nothing is unmapped.
			expect(k.cpu.current.mm!.map_count).toBe(5);
			expect(k.cpu.current.mm!.mmap.find(at(2))!.vm_start).toBe(old ? at(2) : at(3));
		});
	});
});

describe('MAP_POPULATE', () => {
	function* resident(k: Kernel, flags: number, path?: string): Sleeps<number> {
		mount(k, tmpfs('/', {major: 0, minor: 20}));
		let fd = -1;
		if (path) {
			const inode = vfs_create(k, path);
			if (typeof inode === 'number') throw new Error(`cannot make ${path}`);
			yield* truncate_inode(k, inode, 4 * PAGE_SIZE);
			fd = yield* sys_open(k, path, O_RDWR);
		}
		yield* sys_mmap2(k, at(0), 4 * PAGE_SIZE, 3, flags | 0x10 | MAP_POPULATE, fd, 0);
		const {mm} = k.cpu.current;
		return mm!.rss_anon + mm!.rss_file + mm!.rss_shmem;
	}

	test.each([
		['ldd3', [0, 0, 4]],
		['2.6.32', [4, 4, 4]],
	] as const)('%s brings in so many pages: private memory, a private file, a shared file', (era, wanted) => {
		const seen = [
			onKernel(era, k => resident(k, MAP_PRIVATE | MAP_ANONYMOUS)),
			onKernel(era, k => resident(k, MAP_PRIVATE, '/file')),
			onKernel(era, k => resident(k, MAP_SHARED, '/file')),
		];
		expect(seen).toEqual(wanted);
	});
});

test.each([
	['ldd3', 8],
	['3.2', 8],
	['5.10', 20],
] as const)('%s: VmData of 2 private pages of memory and 3 of a file is %i kB', (era, kB) => {
	onKernel(era, function* (k) {
		mount(k, tmpfs('/', {major: 0, minor: 20}));
		const inode = vfs_create(k, '/file');
		if (typeof inode === 'number') throw new Error('cannot make /file');
		const fd = yield* sys_open(k, '/file', O_RDWR);
		yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, 3, anonymous, -1, 0);
		yield* sys_mmap2(k, at(8), 3 * PAGE_SIZE, 3, 0x10 | MAP_PRIVATE, fd, 0);
		expect(/VmData:\s+(\d+)/.exec(status(k, k.cpu.current))?.[1]).toBe(String(kB));
	});
});
