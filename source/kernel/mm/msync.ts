/**
 * Models mm/msync.c (2.6.11 and later): what was written through a shared mapping reaches the file, and the disk.
 *
 * Not modelled: syncing only the range's pages after 2.6.19 (the whole file is synced, as Linux did up to 3.15).
 */
import {PAGE_SIZE, pageAlignUp} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_DIRTY} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import {EBUSY, EINVAL, ENOMEM} from '../errno.ts';
import {type file, fput} from '../fs/file.ts';
import {vfs_fsync} from '../fs/read_write.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {TASK_SIZE} from './mm.ts';
import {type mm_struct, VM_LOCKED, VM_SHARED, type vm_area_struct} from './mm_types.ts';
import {MS_ASYNC, MS_INVALIDATE, MS_SYNC} from './mman.ts';
import {mmap_read_lock, mmap_read_unlock} from './mmap_lock.ts';
import {set_page_dirty} from './page-writeback.ts';
import {pte_dirty, pte_pfn, pte_present, set_pte_bits} from './pgtable.ts';
import {forEachPte, vm_normal_page} from './zap.ts';

/**
 * Writes back what was changed through mappings in a range; may sleep for the disk with MS_SYNC.
 * @param length bytes, rounded up to pages
 * @returns 0, -EINVAL, -ENOMEM (something there is not mapped), -EBUSY (MS_INVALIDATE of locked memory), -EIO
 */
export function* sys_msync(k: Kernel, start: number, length: number, flags: number): Sleeps<number> {
	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0 || start % PAGE_SIZE !== 0) return -EINVAL;
	if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0) return -EINVAL;
	const end = start + pageAlignUp(length);
	if (end > 2 ** 32) return -ENOMEM;
	const mm = k.cpu.current.mm!;
	yield* mmap_read_lock(k, mm);
	const {files, error} = visitRange(k, mm, start, Math.min(end, TASK_SIZE), flags);
	yield* mmap_read_unlock(k, mm);
	let result = error === -EBUSY ? error : 0;
	for (const file of files) {
		if (result === 0 && (flags & MS_SYNC) !== 0) result = Math.min(0, yield* vfs_fsync(k, file, false));
		yield* fput(k, file);
	}
	return result || (end > TASK_SIZE && length > 0 ? -ENOMEM : error);
}

/** Marks what is dirty, and collects the files to be synced, with a reference each. */
function visitRange(
	k: Kernel,
	mm: mm_struct,
	start: number,
	end: number,
	flags: number,
): {files: file[]; error: number} {
	const files: file[] = [];
	let error = 0;
	for (let address = start; address < end; ) {
		const vma = mm.mmap.find(address);
		if (!vma || vma.vm_start >= end) return {files, error: -ENOMEM};
		if (vma.vm_start > address) error = -ENOMEM;
		if ((flags & MS_INVALIDATE) !== 0 && (vma.vm_flags & VM_LOCKED) !== 0) return {files, error: -EBUSY};
		const from = Math.max(address, vma.vm_start);
		address = Math.min(end, vma.vm_end);
		const {vm_file: file} = vma;
		if (!file || (vma.vm_flags & VM_SHARED) === 0) continue;
		if (k.era.msyncCollectsDirtyPtes) filemap_sync(k, vma, from, address);
		// A file without fsync was passed over once; later its lack is an error.
		if (files.includes(file) || (k.era.msyncCollectsDirtyPtes && !file.f_op.fsync)) continue;
		file.f_count++;
		files.push(file);
	}
	return {files, error};
}

/** Moves the dirty bits of page-table entries to their pages. */
function filemap_sync(k: Kernel, vma: vm_area_struct, start: number, end: number): void {
	forEachPte(k, vma.vm_mm, start, end, (at, value) => {
		if (!pte_present(value) || !pte_dirty(value)) return;
		const page = vm_normal_page(k, value, pte_pfn(k, at));
		if (page === undefined) return;
		set_pte_bits(k, at, value & 0xfff & ~_PAGE_DIRTY);
		set_page_dirty(k, page);
		charge(k, COST.pteNs + COST.tlbFlushOneNs);
	});
}
