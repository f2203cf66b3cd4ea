import {expect, test} from 'vitest';
import {PAGE_SIZE, type Pfn, physicalAddress, userAddress} from '../../../source/hardware/address.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EFAULT, ERESTARTSYS} from '../../../source/kernel/errno.ts';
import {sys_wait4} from '../../../source/kernel/exit.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {
	get_user_pages,
	page_cache_release,
	page_maybe_dma_pinned,
	unpin_user_page,
} from '../../../source/kernel/mm/gup.ts';
import {get_user_pages_fast, pin_user_pages_fast} from '../../../source/kernel/mm/gup_fast.ts';
import {TASK_SIZE} from '../../../source/kernel/mm/mm.ts';
import {VM_IO, type vm_area_struct} from '../../../source/kernel/mm/mm_types.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../../source/kernel/mm/mmap_lock.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {PageDirty, page_count} from '../../../source/kernel/mm/page.ts';
import {pte_dirty, pte_offset, pte_pfn, pte_val} from '../../../source/kernel/mm/pgtable.ts';
import {user_read8, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {msleep} from '../../../source/kernel/timer.ts';
import {bootTestKernel, dmesg, runProcess} from '../support.ts';

const base = 0x2000_0000;
const at = (page: number) => userAddress(base + page * PAGE_SIZE);

const onKernel = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era}), body);

/** Takes pages as a driver does, with mmap_sem held. */
function* take(k: Kernel, page: number, count: number, write: boolean, pages: Pfn[] | null = [], force = false) {
	const {current} = k.cpu;
	const mm = current.mm!;
	yield* mmap_read_lock(k, mm);
	const got = yield* get_user_pages(k, current, mm, at(page), count, write, force, pages, null);
	yield* mmap_read_unlock(k, mm);
	return got;
}

test('four pages, the third not mapped: two are taken; the first not mapped: EFAULT', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), 4 * PAGE_SIZE, 3, 0x32, -1, 0);
		yield* sys_munmap(k, at(2), PAGE_SIZE);
		const pages: Pfn[] = [];
		expect(yield* take(k, 0, 4, true, pages)).toBe(2);
		expect(pages.map(page => page_count(k, page))).toEqual([2, 2]);
		expect(yield* take(k, 2, 1, true)).toBe(-EFAULT);
	});
});

test('a taken page outlives its mapping, is known as pinned, and goes when it is given back', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		const pages: Pfn[] = [];
		yield* take(k, 0, 1, true, pages);
		const [page] = pages as [Pfn];
		expect(k.mm.pins.get(page)).toMatchObject([{address: at(0), made: {pid: k.cpu.current.pid}, write: true}]);
		yield* sys_munmap(k, at(0), PAGE_SIZE);
		expect(page_count(k, page)).toBe(1);
		page_cache_release(k, page);
		expect(page_count(k, page)).toBe(0);
		expect(k.mm.pins.size).toBe(0);
	});
});

test('read-only memory is refused for writing, unless force finds it could be made writable', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 1, 0x32, -1, 0);
		expect(yield* take(k, 0, 1, true, null)).toBe(-EFAULT);
		expect(yield* take(k, 0, 1, true, null, true)).toBe(1);
		// A shared mapping has no private copy that could be forced.
		yield* sys_mmap2(k, at(4), PAGE_SIZE, 1, 0x31, -1, 0);
		expect(yield* take(k, 4, 1, true, null, true)).toBe(-EFAULT);
	});
});

test('device memory is refused', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		k.cpu.current.mm!.mmap.find(at(0))!.vm_flags |= VM_IO;
		expect(yield* take(k, 0, 1, false, null)).toBe(-EFAULT);
	});
});

test(
	'the parent writes first after fork: a device that holds the frame no longer reaches the parent, but ' + 'the child',
	() => {
		onKernel('3.2', function* (k) {
			yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
			yield* user_write8(k, at(0), 1);
			const pages: Pfn[] = [];
			yield* take(k, 0, 1, true, pages);
			const frame = pages[0]!;
			let childSaw = -1;
			let parentWrote = false;
			const child = yield* copy_process(k, {
				*body(k) {
					while (!parentWrote) yield 1_000;
					// The device writes to the frame that it was given.
					k.hw.ram.write8(physicalAddress(frame * PAGE_SIZE + 9), 0xdd);
					childSaw = yield* user_read8(k, userAddress(at(0) + 9));
				},
			});
			if (typeof child === 'number') throw new Error('no child');
			yield* user_write8(k, at(0), 2);
			parentWrote = true;
			yield* sys_wait4(k, child.pid);
			expect(childSaw).toBe(0xdd);
			expect(yield* user_read8(k, userAddress(at(0) + 9))).toBe(0);
			page_cache_release(k, frame);
		});
	},
);

test('without mmap_sem the kernel complains', () => {
	const k = bootTestKernel({memMiB: 64, era: '3.2'});
	runProcess(k, function* (k) {
		const {current} = k.cpu;
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		yield* get_user_pages(k, current, current.mm!, at(0), 1, false, false, null, null);
	});
	expect(dmesg(k).join('\n')).toContain('mmap_sem is not held');
});

test('a page that mprotect made read-only is still the process’s own when it becomes writable again', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		const pages: Pfn[] = [];
		yield* take(k, 0, 1, true, pages);
		yield* sys_mprotect(k, at(0), PAGE_SIZE, 1);
		yield* sys_mprotect(k, at(0), PAGE_SIZE, 3);
		yield* user_write8(k, at(0), 9);
		expect(k.hw.ram.page(pages[0]!)[0]).toBe(9);
		page_cache_release(k, pages[0]!);
	});
});

test('a pin counts 1024 beside the mapping’s reference, each of two pins; given back, the count is what it was', () => {
	onKernel('5.10', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		yield* user_write8(k, at(0), 7);
		const pages: Pfn[] = [];
		for (const _ of [1, 2]) yield* pin_user_pages_fast(k, at(0), 1, true, pages);
		const [page] = pages as [Pfn];
		expect(page_count(k, page)).toBe(1 + 2 * 1024);
		unpin_user_page(k, page);
		expect([page_count(k, page), k.vm_events.nr_foll_pin_released]).toEqual([1 + 1024, 1]);
		unpin_user_page(k, page);
		expect(page_count(k, page)).toBe(1);
		expect(k.mm.pins.size).toBe(0);
		const {nr_foll_pin_acquired, nr_foll_pin_released} = k.vm_events;
		expect([nr_foll_pin_acquired, nr_foll_pin_released]).toEqual([2, 2]);
		expect(yield* user_read8(k, at(0))).toBe(7);
	});
});

test('a pinned page outlives its mapping and is free when the pin is given back', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		const pages: Pfn[] = [];
		yield* pin_user_pages_fast(k, at(0), 1, true, pages);
		yield* sys_munmap(k, at(0), PAGE_SIZE);
		expect(page_count(k, pages[0]!)).toBe(1024);
		unpin_user_page(k, pages[0]!);
		expect(page_count(k, pages[0]!)).toBe(0);
	});
});

test('a page may be under DMA from 1024 references on', () => {
	onKernel('5.10', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		yield* user_write8(k, at(0), 7);
		const pages: Pfn[] = [];
		yield* get_user_pages_fast(k, at(0), 1, true, pages);
		const [page] = pages as [Pfn];
		const maybe = (count: number) => {
			k.mem_map._count[page] = count;
			return page_maybe_dma_pinned(k, page);
		};
		expect([maybe(1023), maybe(1024)]).toEqual([false, true]);
		k.mem_map._count[page] = 2;
		page_cache_release(k, page);
		expect(page_count(k, page)).toBe(1);
	});
});

test('the zero page is lent, not pinned: its count stays', () => {
	onKernel('5.10', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		const zero = k.layout.empty_zero_page;
		const before = page_count(k, zero);
		const pages: Pfn[] = [];
		yield* pin_user_pages_fast(k, at(0), 1, false, pages);
		expect([pages, page_count(k, zero)]).toEqual([[zero], before]);
		unpin_user_page(k, zero);
		expect([k.vm_events.nr_foll_pin_acquired, k.vm_events.nr_foll_pin_released]).toEqual([0, 0]);
		expect(page_count(k, zero)).toBe(before);
	});
});

test('pages taken fast: those that are there without mmap_sem, the rest by faults, and none behind a hole', () => {
	onKernel('5.10', function* (k) {
		yield* sys_mmap2(k, at(0), 4 * PAGE_SIZE, 3, 0x32, -1, 0);
		for (const page of [0, 1]) yield* user_write8(k, at(page), page);
		yield* sys_munmap(k, at(3), PAGE_SIZE);
		const faults = k.cpu.current.min_flt;
		const pages: Pfn[] = [];
		expect(yield* get_user_pages_fast(k, userAddress(at(0) + 100), 2, true, pages)).toBe(2);
		expect([pages.length, k.cpu.current.min_flt - faults]).toEqual([2, 0]);
		expect(yield* get_user_pages_fast(k, at(0), 4, true, pages)).toBe(3);
		expect([pages.length, k.cpu.current.min_flt - faults]).toEqual([5, 1]);
		expect(yield* get_user_pages_fast(k, at(3), 1, true, pages)).toBe(-EFAULT);
		for (const page of pages) page_cache_release(k, page);
	});
});

test('taken fast, a range may end where user space does; behind it is EFAULT, and at 4 GiB nothing is taken', () => {
	onKernel('5.10', function* (k) {
		const last = userAddress(TASK_SIZE - PAGE_SIZE);
		yield* sys_mmap2(k, last, PAGE_SIZE, 3, 0x32, -1, 0);
		const pages: Pfn[] = [];
		expect(yield* get_user_pages_fast(k, last, 1, true, pages)).toBe(1);
		expect(yield* get_user_pages_fast(k, last, 2, true, pages)).toBe(-EFAULT);
		expect(yield* get_user_pages_fast(k, userAddress(0xffff_f000), 1, true, pages)).toBe(0);
		expect(yield* get_user_pages_fast(k, userAddress(0xffff_e000), 1, true, pages)).toBe(-EFAULT);
		page_cache_release(k, pages[0]!);
	});
});

test('asked for a page at an address within it, the whole page is taken, and no page below zero', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, 3, 0x32, -1, 0);
		const {current} = k.cpu;
		yield* mmap_read_lock(k, current.mm!);
		const [pages, vmas]: [Pfn[], vm_area_struct[]] = [[], []];
		const inside = userAddress(at(1) + 4095);
		expect(yield* get_user_pages(k, current, current.mm!, inside, 1, true, false, pages, vmas)).toBe(1);
		expect(yield* get_user_pages(k, current, current.mm!, inside, -1, true, false, pages, vmas)).toBe(0);
		yield* mmap_read_unlock(k, current.mm!);
		expect(k.mm.pins.get(pages[0]!)).toMatchObject([{address: at(1)}]);
		expect(vmas).toEqual([current.mm!.mmap.find(at(0))]);
		page_cache_release(k, pages[0]!);
	});
});

test('a page taken for writing is dirty, one taken for reading is as it was', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x31, -1, 0);
		yield* user_read8(k, at(0));
		const pages: Pfn[] = [];
		yield* take(k, 0, 1, false, pages);
		expect(PageDirty(k, pages[0]!)).toBe(false);
		yield* take(k, 0, 1, true, pages);
		expect(PageDirty(k, pages[1]!) || pte_dirty(pte_val(k, pte_offset(k, k.cpu.current.mm!, at(0))))).toBe(true);
		for (const page of pages) page_cache_release(k, page);
	});
});

test('a stack that ends just above the address grows for whoever takes its pages', () => {
	onKernel('ldd3', function* (k) {
		// MAP_GROWSDOWN
		yield* sys_mmap2(k, at(20), PAGE_SIZE, 3, 0x132, -1, 0);
		yield* sys_mmap2(k, at(10), PAGE_SIZE, 3, 0x32, -1, 0);
		expect(yield* take(k, 18, 1, true, null)).toBe(1);
		expect(k.cpu.current.mm!.mmap.find(at(20))!.vm_start).toBe(at(18));
		expect(yield* take(k, 9, 1, true, null)).toBe(-EFAULT);
	});
});

test.each([
	['ldd3', 1],
	['2.6.32', -ERESTARTSYS],
] as const)('who is being killed takes no further page, but in 2.6.11: %s', (era, result) => {
	onKernel(era, function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		k.cpu.current.fatalSignal = 9;
		expect(yield* take(k, 0, 1, true, null)).toBe(result);
		k.cpu.current.fatalSignal = 0;
		expect(yield* take(k, 0, 1, true, null)).toBe(1);
	});
});

test.each([
	['5.10', false],
	['6.1', true],
	['6.18', true],
] as const)('a pin for reading of a page shared copy-on-write, in %s: unshared first is %s', (era, unshares) => {
	onKernel(era, function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, 0x32, -1, 0);
		yield* user_write8(k, at(0), 7);
		const {mm} = k.cpu.current;
		const frame = () => pte_pfn(k, pte_offset(k, mm!, at(0)));
		const own = frame();
		// What one has alone is pinned as it is.
		const before: Pfn[] = [];
		expect(yield* pin_user_pages_fast(k, at(0), 1, false, before)).toBe(1);
		expect(before).toEqual([own]);
		unpin_user_page(k, own);
		let childSaw = 0;
		let over = false;
		const child = yield* copy_process(k, {
			*body() {
				while (!over) yield* msleep(k, 1);
				childSaw = yield* user_read8(k, at(0));
			},
		});
		expect(typeof child).toBe('object');
		// A reference is taken of the shared page; a pin gets one that stays the parent's.
		const held: Pfn[] = [];
		yield* get_user_pages_fast(k, at(0), 1, false, held);
		expect(held).toEqual([own]);
		page_cache_release(k, own);
		const pinned: Pfn[] = [];
		expect(yield* pin_user_pages_fast(k, at(0), 1, false, pinned)).toBe(1);
		expect(pinned[0] === own).toBe(!unshares);
		expect(frame()).toBe(pinned[0]);
		expect(k.hw.ram.page(pinned[0]!)[0]).toBe(7);
		expect(pte_val(k, pte_offset(k, mm!, at(0))) & 2).toBe(0);
		yield* user_write8(k, at(0), 8);
		// Where it was unshared, the device sees what the parent writes.
		expect(k.hw.ram.page(pinned[0]!)[0]).toBe(unshares ? 8 : 7);
		unpin_user_page(k, pinned[0]!);
		over = true;
		yield* sys_wait4(k, -1);
		expect(childSaw).toBe(7);
	});
});
