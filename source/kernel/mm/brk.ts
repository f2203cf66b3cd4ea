/**
 * Models sys_brk and do_brk of mm/mmap.c (2.6.11 to 6.18): the heap.
 *
 * Not modelled: a randomised start, the hidden PROT_ flags of prelinked binaries.
 */
import {PAGE_SHIFT, PAGE_SIZE, pageAlignUp} from '../../hardware/address.ts';
import {EAGAIN, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {countVma, may_expand_vm, may_lock, vm_enough_memory} from './accounting.ts';
import {populate} from './mlock.ts';
import {releaseUnmapped, TASK_SIZE} from './mm.ts';
import {type mm_struct, VM_ACCOUNT, VM_LOCKED, VM_READ, VM_WRITE} from './mm_types.ts';
import {mmap_write_lock, mmap_write_unlock} from './mmap_lock.ts';
import {do_munmap} from './munmap.ts';
import {VM_MAYACCESS, vm_get_page_prot} from './protection.ts';
import {mergeNewRange, vm_area_alloc, vma_link} from './vma_merge.ts';

/**
 * Anonymous memory at a fixed place, as the heap and a program's bss are. mmap_sem held for writing.
 * @param start page aligned
 * @returns 0, -ENOMEM, -EAGAIN
 */
export function do_brk(k: Kernel, mm: mm_struct, start: number, length: number): number {
	const len = pageAlignUp(length);
	if (len === 0) return 0;
	if (start > TASK_SIZE - len) return -ENOMEM;
	const flags = VM_READ | VM_WRITE | VM_MAYACCESS | VM_ACCOUNT | mm.def_flags;
	const pages = len >>> PAGE_SHIFT;
	if ((flags & VM_LOCKED) !== 0 && !may_lock(k, mm, pages)) return -EAGAIN;
	const there = mm.mmap.find(start);
	if (there && there.vm_start < start + len) do_munmap(k, mm, start, len);
	if (!may_expand_vm(mm, pages) || mm.map_count > k.mm.max_map_count) return -ENOMEM;
	if (!vm_enough_memory(k, pages)) return -ENOMEM;
	const next = mm.mmap.find(start) ?? null;
	const prev = next ? next.vm_prev : (mm.mmap.last() ?? null);
	const end = start + len;
	const pgoff = start >>> PAGE_SHIFT;
	if (!mergeNewRange(k, prev, next, start, end, flags, null, pgoff)) {
		const prot = vm_get_page_prot(flags);
		vma_link(k, vm_area_alloc(mm, {start, end, flags, prot, pgoff, file: null, ops: null}));
	}
	countVma(mm, flags, null, pages);
	return 0;
}

/**
 * Moves the end of the heap. mmap_sem held for writing. @returns the end afterwards: the old one when it cannot move
 */
function set_brk(k: Kernel, mm: mm_struct, brk: number): number {
	if (brk < mm.start_brk) return mm.brk;
	if (brk - mm.start_brk + (mm.end_data - mm.start_data) > mm.rlimits.data) return mm.brk;
	const newEnd = pageAlignUp(brk);
	const oldEnd = pageAlignUp(mm.brk);
	if (brk > mm.brk) {
		// One page stays free between the heap and whatever comes next.
		const next = mm.mmap.find(oldEnd);
		if (next && next.vm_start < newEnd + PAGE_SIZE) return mm.brk;
		if (newEnd > oldEnd && do_brk(k, mm, oldEnd, newEnd - oldEnd) < 0) return mm.brk;
	} else if (newEnd < oldEnd && do_munmap(k, mm, newEnd, oldEnd - newEnd) < 0) {
		return mm.brk;
	}
	mm.brk = brk;
	return brk;
}

/** The system call; sleeps for mmap_sem. @returns the end of the heap, moved or not; never an errno */
export function* sys_brk(k: Kernel, brk: number): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_write_lock(k, mm);
	const before = mm.brk;
	const result = set_brk(k, mm, brk);
	yield* mmap_write_unlock(k, mm);
	yield* releaseUnmapped(k);
	if ((mm.def_flags & VM_LOCKED) !== 0 && result > before)
		yield* populate(k, mm, pageAlignUp(before), pageAlignUp(result));
	return result;
}
