import {expect, test} from 'vitest';
import {type Pfn, physicalAddress, userAddress} from '../../../source/hardware/address.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EFAULT} from '../../../source/kernel/errno.ts';
import {sys_wait4} from '../../../source/kernel/exit.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {get_user_pages, page_cache_release} from '../../../source/kernel/mm/gup.ts';
import {VM_IO} from '../../../source/kernel/mm/mm_types.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../../source/kernel/mm/mmap_lock.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {page_count} from '../../../source/kernel/mm/page.ts';
import {user_read8, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, dmesg, runProcess} from '../support.ts';

const PAGE = 4096;
const BASE = 0x2000_0000;
const at = (page: number) => userAddress(BASE + page * PAGE);

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
		yield* sys_mmap2(k, at(0), 4 * PAGE, 3, 0x32, -1, 0);
		yield* sys_munmap(k, at(2), PAGE);
		const pages: Pfn[] = [];
		expect(yield* take(k, 0, 4, true, pages)).toBe(2);
		expect(pages.map(page => page_count(k, page))).toEqual([2, 2]);
		expect(yield* take(k, 2, 1, true)).toBe(-EFAULT);
	});
});

test('a taken page outlives its mapping, is known as pinned, and goes when it is given back', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE, 3, 0x32, -1, 0);
		const pages: Pfn[] = [];
		yield* take(k, 0, 1, true, pages);
		const [page] = pages as [Pfn];
		expect(k.mm.pins.get(page)).toMatchObject([{address: at(0), pid: k.cpu.current.pid, write: true}]);
		yield* sys_munmap(k, at(0), PAGE);
		expect(page_count(k, page)).toBe(1);
		page_cache_release(k, page);
		expect(page_count(k, page)).toBe(0);
		expect(k.mm.pins.size).toBe(0);
	});
});

test('read-only memory is refused for writing, unless force finds it could be made writable', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE, 1, 0x32, -1, 0);
		expect(yield* take(k, 0, 1, true, null)).toBe(-EFAULT);
		expect(yield* take(k, 0, 1, true, null, true)).toBe(1);
		// A shared mapping has no private copy that could be forced.
		yield* sys_mmap2(k, at(4), PAGE, 1, 0x31, -1, 0);
		expect(yield* take(k, 4, 1, true, null, true)).toBe(-EFAULT);
	});
});

test('device memory is refused', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE, 3, 0x32, -1, 0);
		k.cpu.current.mm!.mmap.find(at(0))!.vm_flags |= VM_IO;
		expect(yield* take(k, 0, 1, false, null)).toBe(-EFAULT);
	});
});

test(
	'the parent writes first after fork: a device that holds the frame no longer reaches the parent, but ' + 'the child',
	() => {
		onKernel('3.2', function* (k) {
			yield* sys_mmap2(k, at(0), PAGE, 3, 0x32, -1, 0);
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
					k.hw.ram.write8(physicalAddress(frame * PAGE + 9), 0xdd);
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
		yield* sys_mmap2(k, at(0), PAGE, 3, 0x32, -1, 0);
		yield* get_user_pages(k, current, current.mm!, at(0), 1, false, false, null, null);
	});
	expect(dmesg(k).join('\n')).toContain('mmap_sem is not held');
});

test('a page that mprotect made read-only is still the process’s own when it becomes writable again', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE, 3, 0x32, -1, 0);
		const pages: Pfn[] = [];
		yield* take(k, 0, 1, true, pages);
		yield* sys_mprotect(k, at(0), PAGE, 1);
		yield* sys_mprotect(k, at(0), PAGE, 3);
		yield* user_write8(k, at(0), 9);
		expect(k.hw.ram.page(pages[0]!)[0]).toBe(9);
		page_cache_release(k, pages[0]!);
	});
});
