/** Models mm/mincore.c (2.6.11 and later): which pages of a range an access would find in memory. */
import {PAGE_SHIFT, PAGE_SIZE, pageAlignUp, userAddress} from '../../hardware/address.ts';
import {EFAULT, EINVAL, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {TASK_SIZE} from './mm.ts';
import type {mm_struct, vm_area_struct} from './mm_types.ts';
import {mmap_read_lock, mmap_read_unlock} from './mmap_lock.ts';
import {PageUptodate} from './page.ts';
import {NO_PTE, pte_file, pte_offset, pte_present, pte_to_pgoff, pte_val} from './pgtable.ts';
import {linear_page_index} from './rmap.ts';
import {access_ok, copy_to_user} from './uaccess.ts';

/** Bytes of the vector that are filled before it is copied out. */
const CHUNK_PAGES = PAGE_SIZE;

/** Whether the cache has a page of an area's file, up to date. @param index in the file */
export function isCached(k: Kernel, vma: vm_area_struct, index: number): boolean {
	const frame = vma.vm_file?.inode.i_mapping.pages.get(index);
	return frame !== undefined && PageUptodate(k, frame);
}

/** 2.6.11 asks the page cache alone, so memory without a file is -ENOMEM. Later kernels look into page tables first. */
function isInCore(k: Kernel, vma: vm_area_struct, address: number): boolean {
	const linear = linear_page_index(vma, address);
	if (!k.era.mincoreAsksTables) return isCached(k, vma, linear);
	const at = pte_offset(k, vma.vm_mm, address);
	const value = at === NO_PTE ? 0 : pte_val(k, at);
	return pte_present(value) || isCached(k, vma, pte_file(value) ? pte_to_pgoff(k, at) : linear);
}

/** @returns pages that were looked at, from `start` on, and what to answer when all of the range was */
function look(k: Kernel, mm: mm_struct, start: number, pages: number, to: Uint8Array): {done: number; error: number} {
	let error = 0;
	for (let done = 0; done < pages; done++) {
		const address = start + done * PAGE_SIZE;
		const vma = mm.mmap.find(address);
		if (!vma || (vma.vm_start > address && k.era.mincoreAsksTables)) return {done, error: -ENOMEM};
		if (vma.vm_start > address) error = -ENOMEM;
		else if (!vma.vm_file && !k.era.mincoreAsksTables) return {done, error: -ENOMEM};
		else to[done] = isInCore(k, vma, address) ? 1 : 0;
	}
	return {done: pages, error};
}

/**
 * Fills a byte for each page: 1 where it is in memory. Sleeps for mmap_sem.
 * @returns 0, -EINVAL, -EFAULT, -ENOMEM where nothing is mapped
 */
export function* sys_mincore(k: Kernel, start: number, length: number, vec: number): Sleeps<number> {
	if (start % PAGE_SIZE !== 0) return -EINVAL;
	if (start + length > TASK_SIZE) return -ENOMEM;
	const pages = pageAlignUp(length) >>> PAGE_SHIFT;
	if (!access_ok(vec, pages)) return -EFAULT;
	const mm = k.cpu.current.mm!;
	let result = 0;
	for (let first = 0; first < pages; first += CHUNK_PAGES) {
		const bytes = new Uint8Array(Math.min(CHUNK_PAGES, pages - first));
		yield* mmap_read_lock(k, mm);
		const {done, error} = look(k, mm, start + first * PAGE_SIZE, bytes.length, bytes);
		yield* mmap_read_unlock(k, mm);
		if ((yield* copy_to_user(k, userAddress(vec + first), bytes.subarray(0, done))) > 0) return -EFAULT;
		if (done < bytes.length) return error;
		if (error < 0) result = error;
	}
	return result;
}
