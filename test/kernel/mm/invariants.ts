/** What must hold of every mm and frame at any time, counted anew from page tables and VMAs. */
import {expect} from 'vitest';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {type mm_struct, VM_ACCOUNT, VM_LOCKED} from '../../../source/kernel/mm/mm_types.ts';
import {PageAnon, page_count, page_mapcount} from '../../../source/kernel/mm/page.ts';
import {mappersOf} from '../../../source/kernel/mm/rmap.ts';
import {eachPresentPage, vm_normal_page} from '../../../source/kernel/mm/zap.ts';
import {keptPages} from '../../../source/kernel/mm/zone.ts';

const pagesOf = (vma: {readonly vm_start: number; readonly vm_end: number}) => (vma.vm_end - vma.vm_start) / 4096;

/** VMAs are ordered, apart, linked both ways; totals equal the sum over them. */
function checkVmas(mm: mm_struct): void {
	const vmas = [...mm.mmap];
	expect(vmas.length).toBe(mm.map_count);
	expect(mm.mmap.size).toBe(mm.map_count);
	let end = 0;
	let prev = null;
	for (const vma of vmas) {
		expect(vma.vm_start).toBeGreaterThanOrEqual(end);
		expect(vma.vm_end).toBeGreaterThan(vma.vm_start);
		expect(vma.vm_prev).toBe(prev);
		expect(mm.mmap.find(vma.vm_start)).toBe(vma);
		expect(mm.mmap.find(vma.vm_end - 1)).toBe(vma);
		end = vma.vm_end;
		prev = vma;
	}
	const sum = (flag: number) =>
		vmas.filter(vma => flag === 0 || (vma.vm_flags & flag) !== 0).reduce((total, vma) => total + pagesOf(vma), 0);
	expect(mm.total_vm).toBe(sum(0));
	expect(mm.locked_vm).toBe(sum(VM_LOCKED));
}

/** Checks all address spaces together: resident counters, _mapcount, rmap, promises. */
export function checkInvariants(k: Kernel): void {
	const mapped = new Map<number, number>();
	let promised = 0;
	for (const mm of k.mm.mms.values()) {
		checkVmas(mm);
		let [anonymous, files] = [0, 0];
		for (const vma of mm.mmap) {
			if ((vma.vm_flags & VM_ACCOUNT) !== 0) promised += pagesOf(vma);
			eachPresentPage(k, vma, (address, frame, value) => {
				const page = vm_normal_page(k, value, frame);
				if (page === undefined) return;
				mapped.set(page, (mapped.get(page) ?? 0) + 1);
				if (PageAnon(k, page)) anonymous++;
				else files++;
				expect(mappersOf(k, page).some(each => each.vma === vma && each.address === address)).toBe(true);
			});
		}
		expect(mm.rss_anon).toBe(anonymous);
		expect(mm.rss_file + mm.rss_shmem).toBe(files);
	}
	for (const [page, times] of mapped) {
		expect(page_mapcount(k, page as never)).toBe(times);
		expect(page_count(k, page as never)).toBeGreaterThanOrEqual(times);
	}
	expect(k.mem_map._mapcount.reduce((sum, count) => sum + count, 0)).toBe(
		[...mapped.values()].reduce((a, b) => a + b, 0),
	);
	expect(k.mm.vm_committed).toBe(promised);
}

/** Frames that the allocator could hand out. */
export const freeFrames = (k: Kernel): number =>
	k.pages.zones.reduce((sum, zone) => sum + zone.free_pages + keptPages(zone), 0);
