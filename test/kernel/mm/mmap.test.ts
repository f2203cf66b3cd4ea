import {expect, test} from 'vitest';
import {PAGE_SIZE} from '../../../source/hardware/address.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EEXIST, EFAULT, EINVAL, ENOMEM} from '../../../source/kernel/errno.ts';
import {sys_wait4} from '../../../source/kernel/exit.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {sys_brk} from '../../../source/kernel/mm/brk.ts';
import {VM_EXEC, VM_READ, VM_WRITE} from '../../../source/kernel/mm/mm_types.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../../source/kernel/mm/mmap_lock.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {user_touch} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {schedule_timeout} from '../../../source/kernel/timer.ts';
import {bootTestKernel, newProcess, runProcess} from '../support.ts';

const base = 0x2000_0000;
const fixed = 0x32;
const anywhere = 0x22;
const at = (page: number) => base + page * PAGE_SIZE;

/** The window's VMAs as a map, one letter a page: `.` nothing, `r`, `w` (read and write), `x`, `-` (no access). */
function picture(k: Kernel, pages: number): string {
	let map = '';
	let last: unknown;
	for (let page = 0; page < pages; page++) {
		const vma = k.cpu.current.mm!.mmap.find(at(page));
		const here = vma && vma.vm_start <= at(page) ? vma : undefined;
		if (page > 0 && here !== last) map += '|';
		last = here;
		const flags = here?.vm_flags ?? 0;
		if (!here) map += '.';
		else if ((flags & VM_WRITE) !== 0) map += 'w';
		else map += (flags & VM_READ) !== 0 ? 'r' : (flags & VM_EXEC) !== 0 ? 'x' : '-';
	}
	return map;
}

const onKernel = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era}), body);

test('mprotect in the middle splits one VMA into three, and undoing it makes one again', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), 6 * PAGE_SIZE, 3, fixed, -1, 0);
		expect(picture(k, 8)).toBe('wwwwww|..');
		yield* sys_mprotect(k, at(2), 2 * PAGE_SIZE, 1);
		expect(picture(k, 8)).toBe('ww|rr|ww|..');
		yield* sys_mprotect(k, at(2), 2 * PAGE_SIZE, 3);
		expect(picture(k, 8)).toBe('wwwwww|..');
	});
});

test('an mmap at a fixed place takes the place of what lies there, and of no page beside it', () => {
	onKernel('ldd3', function* (k) {
		const mm = k.cpu.current.mm!;
		const [areas, pages] = [mm.map_count, mm.total_vm];
		yield* sys_mmap2(k, at(0), 6 * PAGE_SIZE, 3, fixed, -1, 0);
		yield* sys_mmap2(k, at(2), 2 * PAGE_SIZE, 1, fixed, -1, 0);
		expect(picture(k, 8)).toBe('ww|rr|ww|..');
		expect([mm.map_count - areas, mm.total_vm - pages]).toEqual([3, 6]);
		// Beside the others, and not over them.
		yield* sys_mmap2(k, at(6), PAGE_SIZE, 1, fixed, -1, 0);
		expect(picture(k, 8)).toBe('ww|rr|ww|r|.');
		expect([mm.map_count - areas, mm.total_vm - pages]).toEqual([4, 7]);
	});
});

test('an mmap that fills the hole between two like VMAs leaves one VMA', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, 3, fixed, -1, 0);
		yield* sys_mmap2(k, at(4), 2 * PAGE_SIZE, 3, fixed, -1, 0);
		expect(picture(k, 6)).toBe('ww|..|ww');
		yield* sys_mmap2(k, at(2), 2 * PAGE_SIZE, 3, fixed, -1, 0);
		expect(picture(k, 6)).toBe('wwwwww');
	});
});

test(
	'two VMAs that were written to on their own do not become one, for their pages know them by ' + 'different anon_vmas',
	() => {
		onKernel('ldd3', function* (k) {
			yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, fixed, -1, 0);
			yield* sys_mmap2(k, at(2), PAGE_SIZE, 3, fixed, -1, 0);
			yield* user_touch(k, at(0), true);
			yield* user_touch(k, at(2), true);
			yield* sys_mmap2(k, at(1), PAGE_SIZE, 3, fixed, -1, 0);
			expect(picture(k, 3)).toBe('ww|w');
		});
	},
);

test('mmap without a place goes down from the mmap base, and into the highest hole that fits', () => {
	onKernel('6.1', function* (k) {
		const first = yield* sys_mmap2(k, 0, 2 * PAGE_SIZE, 1, anywhere, -1, 0);
		const second = yield* sys_mmap2(k, 0, 2 * PAGE_SIZE, 3, anywhere, -1, 0);
		expect(first).toBe(0xb800_0000 - 2 * PAGE_SIZE);
		expect(second).toBe(first - 2 * PAGE_SIZE);
		yield* sys_munmap(k, first, PAGE_SIZE);
		expect(yield* sys_mmap2(k, 0, PAGE_SIZE, 1, anywhere, -1, 0)).toBe(first);
	});
});

test('2.6 goes on from where the last search ended, and looks above again only after a munmap there', () => {
	onKernel('ldd3', function* (k) {
		const top = yield* sys_mmap2(k, 0, PAGE_SIZE, 1, anywhere, -1, 0);
		const hinted = yield* sys_mmap2(k, top - 3 * PAGE_SIZE, PAGE_SIZE, 3, fixed, -1, 0);
		expect(yield* sys_mmap2(k, 0, 4 * PAGE_SIZE, 1, anywhere, -1, 0)).toBe(hinted - 4 * PAGE_SIZE);
		// The two pages between `hinted` and `top` are free, but the search has passed them.
		expect(yield* sys_mmap2(k, 0, PAGE_SIZE, 3, anywhere, -1, 0)).toBe(hinted - 5 * PAGE_SIZE);
		yield* sys_munmap(k, top, PAGE_SIZE);
		expect(yield* sys_mmap2(k, 0, PAGE_SIZE, 3, anywhere, -1, 0)).toBe(top);
	});
});

test.each([
	['ldd3', 0],
	['6.1', -EINVAL],
] as const)('an mmap of no bytes answers %s: %i', (era, answer) => {
	expect(onKernel(era, k => sys_mmap2(k, 0, 0, 3, anywhere, -1, 0))).toBe(answer);
});

test('MAP_FIXED_NOREPLACE refuses a taken place; before 4.17 the flag meant nothing', () => {
	function* twice(k: Kernel): Sleeps<number> {
		yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, 3, fixed, -1, 0);
		return yield* sys_mmap2(k, at(1), PAGE_SIZE, 3, 0x10_0022, -1, 0);
	}
	expect(onKernel('6.1', twice)).toBe(-EEXIST);
	expect(onKernel('3.2', twice)).not.toBe(at(1));
});

test('a process may have max_map_count VMAs; what would need one more is ENOMEM and changes nothing', () => {
	onKernel('6.1', function* (k) {
		yield* sys_mmap2(k, at(0), 5 * PAGE_SIZE, 3, fixed, -1, 0);
		k.mm.max_map_count = 1;
		expect(yield* sys_mprotect(k, at(1), PAGE_SIZE, 1)).toBe(-ENOMEM);
		expect(yield* sys_munmap(k, at(1), PAGE_SIZE)).toBe(-ENOMEM);
		expect(picture(k, 6)).toBe('wwwww|.');
		expect(yield* sys_munmap(k, at(4), PAGE_SIZE)).toBe(0);
		expect(picture(k, 6)).toBe('wwww|..');
	});
});

test('RLIMIT_AS bounds the address space', () => {
	onKernel('ldd3', function* (k) {
		k.cpu.current.mm!.rlimits.as = 10 * PAGE_SIZE;
		expect(yield* sys_mmap2(k, at(0), 10 * PAGE_SIZE, 3, fixed, -1, 0)).toBe(at(0));
		expect(yield* sys_mmap2(k, at(20), PAGE_SIZE, 3, fixed, -1, 0)).toBe(-ENOMEM);
		expect(yield* sys_mremap(k, at(0), 10 * PAGE_SIZE, 11 * PAGE_SIZE, 1, 0)).toBe(-ENOMEM);
	});
});

test('mremap grows in place when there is room, moves with MAYMOVE when there is none, and keeps the bytes', () => {
	onKernel('ldd3', function* (k) {
		yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, 3, fixed, -1, 0);
		yield* sys_mmap2(k, at(4), PAGE_SIZE, 1, fixed, -1, 0);
		expect(yield* sys_mremap(k, at(0), 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0)).toBe(at(0));
		expect(yield* sys_mremap(k, at(0), 4 * PAGE_SIZE, 5 * PAGE_SIZE, 0, 0)).toBe(-ENOMEM);
		const moved = yield* sys_mremap(k, at(0), 4 * PAGE_SIZE, 5 * PAGE_SIZE, 1, 0);
		expect(moved).toBeGreaterThan(at(100));
		expect(picture(k, 5)).toBe('....|r');
		expect(yield* sys_mremap(k, at(0), PAGE_SIZE, 2 * PAGE_SIZE, 1, 0)).toBe(-EFAULT);
	});
});

test('brk moves the end of the heap, and stays where it is when something is in the way', () => {
	onKernel('ldd3', function* (k) {
		const mm = k.cpu.current.mm!;
		mm.start_brk = at(0);
		mm.brk = at(0);
		yield* sys_mmap2(k, at(6), PAGE_SIZE, 1, fixed, -1, 0);
		expect(yield* sys_brk(k, at(2) + 100)).toBe(at(2) + 100);
		expect(picture(k, 7)).toBe('www|...|r');
		// One page stays free below the next mapping.
		expect(yield* sys_brk(k, at(6))).toBe(at(2) + 100);
		expect(yield* sys_brk(k, at(5))).toBe(at(5));
		expect(yield* sys_brk(k, at(1))).toBe(at(1));
		expect(picture(k, 7)).toBe('w|.....|r');
	});
});

test('a writer of mmap_sem waits for its readers', () => {
	const k = bootTestKernel({memMiB: 64});
	const order: string[] = [];
	runProcess(
		k,
		function* () {
			const child = yield* copy_process(k, {
				cloneVm: true,
				*body(k) {
					const {mm} = k.cpu.current;
					yield* mmap_read_lock(k, mm!);
					order.push('read');
					k.cpu.current.state = 'TASK_UNINTERRUPTIBLE';
					yield* schedule_timeout(k, 1_000_000);
					order.push('done reading');
					yield* mmap_read_unlock(k, mm!);
				},
			});
			if (typeof child === 'number') throw new Error('no child');
			k.cpu.current.state = 'TASK_UNINTERRUPTIBLE';
			yield* schedule_timeout(k, 100_000);
			yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, fixed, -1, 0);
			order.push('mapped');
			yield* sys_wait4(k, child.pid);
		},
		newProcess(k),
	);
	expect(order).toEqual(['read', 'done reading', 'mapped']);
});
