/**
 * Models __vm_stat_account, may_expand_vm and __vm_enough_memory of mm/mmap.c and mm/util.c (2.6.11 and later): what an
 * mm is counted for and what it may still get.
 *
 * Not modelled: overcommit modes 1 and 2, the share that only root may use.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {capable} from '../cred.ts';
import type {file} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import {type mm_struct, VM_EXEC, VM_GROWSDOWN, VM_IO, VM_LOCKED, VM_RESERVED, VM_SHARED, VM_WRITE} from './mm_types.ts';

/** Adds `pages` (or, below zero, takes them off) of a mapping with these flags to an mm's totals. */
export function countVma(mm: mm_struct, flags: number, file: file | null, pages: number): void {
	mm.total_vm += pages;
	if (mm.total_vm > mm.hiwater_vm) mm.hiwater_vm = mm.total_vm;
	if ((flags & VM_LOCKED) !== 0) mm.locked_vm += pages;
	if (file) {
		mm.shared_vm += pages;
		if ((flags & (VM_EXEC | VM_WRITE)) === VM_EXEC) mm.exec_vm += pages;
	} else if ((flags & VM_GROWSDOWN) !== 0) {
		mm.stack_vm += pages;
	}
	if ((flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE) mm.data_vm += pages;
	if ((flags & (VM_RESERVED | VM_IO)) !== 0) mm.reserved_vm += pages;
}

/** Moves a mapping's pages from what its old flags count as to what its new ones do. */
export function recountVma(mm: mm_struct, file: file | null, pages: number, from: number, to: number): void {
	countVma(mm, from, file, -pages);
	countVma(mm, to, file, pages);
}

/** Whether an mm may have `pages` more by RLIMIT_AS. */
export const may_expand_vm = (mm: mm_struct, pages: number): boolean =>
	(mm.total_vm + pages) * PAGE_SIZE <= mm.rlimits.as;

/** Whether `pages` more may be locked by RLIMIT_MEMLOCK, which does not hold for root. */
export const may_lock = (k: Kernel, mm: mm_struct, pages: number): boolean =>
	capable(k, 'CAP_IPC_LOCK') || (mm.locked_vm + pages) * PAGE_SIZE <= mm.rlimits.memlock;

/** Whether the current task may lock memory at all. */
export const can_do_mlock = (k: Kernel, mm: mm_struct): boolean =>
	capable(k, 'CAP_IPC_LOCK') || mm.rlimits.memlock !== 0;

/** What the heuristic of overcommit mode 0 takes for available, in pages. */
function pagesForUsers(k: Kernel): number {
	const {zones} = k.pages;
	if (k.era.overcommitGuess === 'all memory') return zones.reduce((sum, zone) => sum + zone.managed_pages, 0);
	return zones.reduce((sum, zone) => sum + zone.free_pages, 0) + k.filemap.nr_file_pages;
}

/** Promises `pages` of memory. @returns false when that is obviously more than there is */
export function vm_enough_memory(k: Kernel, pages: number): boolean {
	if (pages > pagesForUsers(k)) return false;
	k.mm.vm_committed += pages;
	return true;
}
