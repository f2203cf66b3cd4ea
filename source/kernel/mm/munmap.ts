/**
 * Models do_munmap and exit_mmap of mm/mmap.c (2.6.11 to 6.1) and mm/vma.c (6.18).
 *
 * Files whose last mapping goes away are released after the semaphore is let go (`releaseUnmapped` in mm.ts), as newer
 * kernels do; 2.6 released them at once.
 */
import {pageAlignUp, pageOffset} from '../../hardware/address.ts';
import {EINVAL, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {countVma} from './accounting.ts';
import {releaseUnmapped, TASK_SIZE} from './mm.ts';
import {type mm_struct, VM_ACCOUNT, type vm_area_struct} from './mm_types.ts';
import {mmap_write_lock, mmap_write_trylock, mmap_write_unlock, mmap_write_unlock_now} from './mmap_lock.ts';
import {free_pgtables, free_pmds, tableSpan} from './pgtable.ts';
import {noteFreedArea} from './unmapped_area.ts';
import {dropVma, splitUnlimited, vma_pages, vma_unlink, vmaClose} from './vma_merge.ts';
import {traceArea} from './vma_trace.ts';
import {zap_page_range} from './zap.ts';

/**
 * Takes a range out of an address space. mmap_sem must be held for writing; call `releaseUnmapped` after letting go.
 * @param start page aligned
 * @param len bytes, rounded up to pages
 * @returns 0, -EINVAL for a range that is none, -ENOMEM when a hole would take one VMA too many
 */
export function do_munmap(k: Kernel, mm: mm_struct, start: number, len: number): number {
	traceCall(k, 'do_munmap', 'sys_munmap');
	if (pageOffset(start) !== 0 || start > TASK_SIZE || len > TASK_SIZE - start) return -EINVAL;
	const end = start + pageAlignUp(len);
	if (end === start) return -EINVAL;
	let vma = mm.mmap.find(start);
	if (!vma || vma.vm_start >= end) return 0;
	if (start > vma.vm_start) {
		const needsRoom = k.era.munmapChecksEachCut || end < vma.vm_end;
		if (needsRoom && mm.map_count >= k.mm.max_map_count) return -ENOMEM;
		vma = splitUnlimited(k, vma, start, false);
	}
	const last = mm.mmap.find(end);
	if (last && end > last.vm_start) {
		// The cut at the start stays, also where this one fails.
		if (k.era.munmapChecksEachCut && mm.map_count >= k.mm.max_map_count) return -ENOMEM;
		const below = splitUnlimited(k, last, end, true);
		if (last === vma) vma = below;
	}
	detach(k, mm, vma, start, end);
	return 0;
}

const GIGABYTE = 2 ** 30;

/** Removes whole VMAs from `first` up to `end`. */
function detach(k: Kernel, mm: mm_struct, first: vm_area_struct, start: number, end: number): void {
	const floor = first.vm_prev?.vm_end ?? 0;
	let vma: vm_area_struct | null = first;
	while (vma && vma.vm_start < end) {
		const next: vm_area_struct | null = vma.vm_next;
		if (mm.nr_ptes > 0) zap_page_range(k, vma, vma.vm_start, vma.vm_end);
		countVma(mm, vma.vm_flags, vma.vm_file, -vma_pages(vma));
		if ((vma.vm_flags & VM_ACCOUNT) !== 0) k.mm.vm_committed -= vma_pages(vma);
		vmaClose(k, vma);
		vma_unlink(k, vma, true);
		vma = next;
	}
	noteFreedArea(mm, end);
	const ceiling = vma ? vma.vm_start : TASK_SIZE;
	if (mm.nr_ptes > 0) freeTables(k, mm, start, end, floor, ceiling);
	if (ceiling - floor >= GIGABYTE)
		free_pmds(k, mm, Math.max(floor, start - (start & (GIGABYTE - 1))), Math.min(ceiling, end + GIGABYTE));
}

/** Frees the tables that [start, end) used, as far as the neighbours at `floor` and `ceiling` do not use them too. */
function freeTables(k: Kernel, mm: mm_struct, start: number, end: number, floor: number, ceiling: number): void {
	const span = tableSpan(k);
	const from = Math.floor(start / span) * span;
	const to = Math.ceil(end / span) * span;
	free_pgtables(k, mm, Math.max(from, floor), Math.min(to, ceiling));
}

/** Takes everything down at the end of an address space. Call `releaseUnmapped` afterwards. */
export function exit_mmap(k: Kernel, mm: mm_struct): void {
	for (const vma of [...mm.mmap]) {
		if (mm.nr_ptes > 0) zap_page_range(k, vma, vma.vm_start, vma.vm_end);
		if ((vma.vm_flags & VM_ACCOUNT) !== 0) k.mm.vm_committed -= vma_pages(vma);
		countVma(mm, vma.vm_flags, vma.vm_file, -vma_pages(vma));
		vmaClose(k, vma);
		mm.mmap.remove(vma);
		mm.map_count--;
		dropVma(k, vma);
	}
	free_pgtables(k, mm, 0, TASK_SIZE);
	traceArea(k, 'exit_mmap', mm, 0, TASK_SIZE);
}

/**
 * sys_munmap of the current task where nothing has to be waited for. Files that lose their last reference are released
 * by the next call that may sleep.
 * @returns 0, -errno, or MUST_SLEEP
 */
export function try_sys_munmap(k: Kernel, start: number, len: number): number | MustSleep {
	const mm = k.cpu.current.mm!;
	if (!mmap_write_trylock(k, mm)) return MUST_SLEEP;
	const result = do_munmap(k, mm, start, len);
	mmap_write_unlock_now(k, mm);
	return result;
}

/** The system call; sleeps for mmap_sem and where a file is released. @returns 0 or -errno, see do_munmap */
export function* sys_munmap(k: Kernel, start: number, len: number): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_write_lock(k, mm);
	const result = do_munmap(k, mm, start, len);
	yield* mmap_write_unlock(k, mm);
	yield* releaseUnmapped(k);
	return result;
}
