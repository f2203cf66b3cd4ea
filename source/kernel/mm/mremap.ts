/**
 * Models mm/mremap.c (2.6.11 to 6.18): growing, shrinking and moving a mapping.
 *
 * Not modelled: moves of several VMAs at once (6.17), moving whole page tables, huge pages.
 */
import {PAGE_SHIFT, type Pfn, pageAlignUp, pageOffset, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EAGAIN, EFAULT, EINVAL, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {countVma, may_expand_vm, may_lock, vm_enough_memory} from './accounting.ts';
import {populate} from './mlock.ts';
import {releaseUnmapped, TASK_SIZE} from './mm.ts';
import {
	type mm_struct,
	VM_ACCOUNT,
	VM_DONTEXPAND,
	VM_LOCKED,
	VM_MAYSHARE,
	VM_PFNMAP,
	VM_SHARED,
	type vm_area_struct,
} from './mm_types.ts';
import {MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE} from './mman.ts';
import {mmap_write_lock, mmap_write_trylock, mmap_write_unlock, mmap_write_unlock_now} from './mmap_lock.ts';
import {do_munmap} from './munmap.ts';
import {copy_pte, NO_PTE, pte_alloc_map, pte_clear, pte_pfn, pte_present} from './pgtable.ts';
import {anon_vma_clone} from './rmap.ts';
import {get_unmapped_area} from './unmapped_area.ts';
import {mergeNewRange, vm_area_alloc, vma_link, vma_pages, vmaOpen} from './vma_merge.ts';
import {traceArea, traceMove} from './vma_trace.ts';
import {forEachPte} from './zap.ts';

/**
 * Moves entries from one place of an address space to another; the frames stay where they are.
 * @returns bytes moved; less than `len` when there was no memory for page tables
 */
function move_page_tables(k: Kernel, mm: mm_struct, from: number, to: number, len: number): number {
	let moved = len;
	const frames: Pfn[] = [];
	forEachPte(k, mm, from, from + len, (at, value, address) => {
		if (moved < len) return;
		const target = pte_alloc_map(k, mm, to + (address - from));
		if (target === NO_PTE) {
			moved = address - from;
			return;
		}
		copy_pte(k, target, at);
		if (k.trace.on && pte_present(value)) frames.push(pte_pfn(k, at));
		pte_clear(k, at);
		charge(k, 2 * COST.pteNs + COST.tlbFlushOneNs);
	});
	if (k.trace.on) traceMove(k, mm, from, to, len, frames);
	return moved;
}

/** A VMA for the pages of `source` at another place: a neighbour there, or a new one. @see copy_vma() */
function copy_vma(k: Kernel, source: vm_area_struct, address: number, len: number, pgoff: number): vm_area_struct {
	const mm = source.vm_mm;
	// Memory that nobody wrote to has no identity yet: it counts from its new place, and merges there.
	const anonymous = k.era.mremapAnonymous === 'no file' ? source.vm_file === null : source.vm_ops === null;
	const unborn = anonymous && source.anon_vma === null;
	const offset = unborn ? address >>> PAGE_SHIFT : pgoff;
	const next = mm.mmap.find(address) ?? null;
	const prev = next ? next.vm_prev : (mm.mmap.last() ?? null);
	const {vm_flags: flags, vm_file: file} = source;
	const merged = mergeNewRange(k, prev, next, address, address + len, flags, file, offset, source);
	if (merged) return merged;
	const copy = vm_area_alloc(mm, {
		start: address,
		end: address + len,
		flags,
		prot: source.vm_page_prot,
		pgoff: offset,
		file,
		ops: source.vm_ops,
	});
	copy.vm_private_data = source.vm_private_data;
	if (source.anon_vma) anon_vma_clone(k, copy, source);
	vmaOpen(k, copy);
	vma_link(k, copy);
	return copy;
}

/** Makes a mapping at `to`, moves the pages and takes the old one down. @returns the new address or -ENOMEM */
function move_vma(
	k: Kernel,
	vma: vm_area_struct,
	from: number,
	oldLen: number,
	newLen: number,
	to: number,
	keepsOld = false,
): number {
	const {vm_mm: mm, vm_flags: flags, vm_file: file} = vma;
	// Worst case: the copy, and two cuts of the old VMA.
	if (mm.map_count >= k.mm.max_map_count - 3) return -ENOMEM;
	const pages = newLen >>> PAGE_SHIFT;
	if ((flags & VM_ACCOUNT) !== 0 && !vm_enough_memory(k, pages)) return -ENOMEM;
	const pgoff = vma.vm_pgoff + ((from - vma.vm_start) >>> PAGE_SHIFT);
	const peak = mm.hiwater_vm;
	const copy = copy_vma(k, vma, to, newLen, pgoff);
	const moveable = Math.min(oldLen, newLen);
	const moved = mm.nr_ptes > 0 ? move_page_tables(k, mm, from, to, moveable) : moveable;
	countVma(mm, flags, file, pages);
	if (moved < moveable) {
		// Back again, then the copy goes instead of the original.
		move_page_tables(k, mm, to, from, moved);
		do_munmap(k, mm, to, newLen);
		return -ENOMEM;
	}
	vma.vm_ops?.mremap?.(k, copy);
	if (keepsOld) leaveEmpty(vma, from, oldLen);
	else if (oldLen > 0) do_munmap(k, mm, from, oldLen);
	else forgetPromise(k, vma);
	// Both places counted for a moment only.
	mm.hiwater_vm = Math.max(peak, mm.total_vm);
	return to;
}

/** MREMAP_DONTUNMAP: what is left is as if nobody had touched it, and is not locked. */
function leaveEmpty(vma: vm_area_struct, from: number, len: number): void {
	if ((vma.vm_flags & VM_LOCKED) !== 0) {
		vma.vm_flags &= ~VM_LOCKED;
		vma.vm_mm.locked_vm -= vma_pages(vma);
	}
	if (vma.vm_start === from && vma.vm_end === from + len && vma.anon_vma) {
		for (const each of vma.anon_vma_chain) each.vmas.delete(vma);
		vma.anon_vma = null;
		vma.anon_vma_chain = [];
	}
}

/** Whether an area can be left behind empty. @returns 0 or -EINVAL */
function mayStay(k: Kernel, vma: vm_area_struct): number {
	const isPrivateMemory = vma.vm_file === null && (vma.vm_flags & VM_SHARED) === 0;
	if (k.era.mremapDontunmap === 'private anonymous') return isPrivateMemory ? 0 : -EINVAL;
	return (vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) === 0 ? 0 : -EINVAL;
}

/**
 * Kernels that duplicate private memory lose the source's accounting on the way (they hide it, and fail to unmap
 * nothing).
 */
function forgetPromise(k: Kernel, vma: vm_area_struct): void {
	if ((vma.vm_flags & VM_ACCOUNT) === 0) return;
	vma.vm_flags &= ~VM_ACCOUNT;
	k.mm.vm_committed -= vma_pages(vma);
}

/** Whether a VMA may grow to `newLen` bytes at all. @returns 0 or -errno. @see vma_to_resize() */
function mayGrow(k: Kernel, vma: vm_area_struct, address: number, oldLen: number, newLen: number): number {
	const checks = k.era.mremapChecksOffset;
	const pgoff = vma.vm_pgoff + ((address - vma.vm_start) >>> PAGE_SHIFT);
	const wraps = checks !== 'never' && pgoff + (newLen >>> PAGE_SHIFT) > 0xffff_ffff;
	if (wraps && checks === 'before flags') return -EINVAL;
	if ((vma.vm_flags & k.era.mremapGrowRefused) !== 0) return -EFAULT;
	if (wraps) return -EINVAL;
	const pages = (newLen - oldLen) >>> PAGE_SHIFT;
	if ((vma.vm_flags & VM_LOCKED) !== 0 && !may_lock(k, vma.vm_mm, pages)) return -EAGAIN;
	return may_expand_vm(vma.vm_mm, pages) ? 0 : -ENOMEM;
}

/** Whether [address, address + oldLen) can be what a resize or move starts from. @returns 0 or -EFAULT, -EINVAL, … */
function checkSource(k: Kernel, vma: vm_area_struct, address: number, oldLen: number, newLen: number): number {
	if (oldLen === 0 && (vma.vm_flags & (VM_SHARED | VM_MAYSHARE)) === 0 && !k.era.mremapDuplicatesPrivate)
		return -EINVAL;
	if (oldLen > vma.vm_end - address) return -EFAULT;
	if (oldLen === 0 && newLen > 0 && (vma.vm_flags & k.era.mremapGrowRefused) !== 0) return -EFAULT;
	return newLen > oldLen ? mayGrow(k, vma, address, oldLen, newLen) : 0;
}

/** Grows a VMA at its end, into free room. @returns the address or -ENOMEM */
function growInPlace(k: Kernel, vma: vm_area_struct, address: number, oldLen: number, newLen: number): number {
	const mm = vma.vm_mm;
	const end = vma.vm_end;
	const newEnd = address + newLen;
	const pages = (newLen - oldLen) >>> PAGE_SHIFT;
	if ((vma.vm_flags & VM_ACCOUNT) !== 0 && !vm_enough_memory(k, pages)) return -ENOMEM;
	countVma(mm, vma.vm_flags, vma.vm_file, pages);
	charge(k, COST.vmaNs);
	if (!k.era.mremapGrowthMerges || vma.vm_ops?.close) {
		vma.vm_end = userAddress(newEnd);
		if (k.trace.on) traceArea(k, 'vma_adjust', mm, vma.vm_start, newEnd);
		return address;
	}
	const {vm_flags: flags, vm_file: file} = vma;
	if (mergeNewRange(k, vma, vma.vm_next, end, newEnd, flags, file, vma.vm_pgoff + vma_pages(vma), vma)) return address;
	// Growth is a merge with itself, and special VMAs never merge.
	countVma(mm, flags, file, -pages);
	if ((flags & VM_ACCOUNT) !== 0) k.mm.vm_committed -= pages;
	return -ENOMEM;
}

const roomAfter = (vma: vm_area_struct, newEnd: number) =>
	newEnd <= TASK_SIZE && (vma.vm_next === null || vma.vm_next.vm_start >= newEnd);

/** To a place that the caller names, or from one that stays. */
function mremap_to(
	k: Kernel,
	mm: mm_struct,
	address: number,
	oldLen: number,
	newLen: number,
	wanted: number,
	flags: number,
): number {
	const isFixed = (flags & MREMAP_FIXED) !== 0;
	const keepsOld = (flags & MREMAP_DONTUNMAP) !== 0;
	const to = isFixed ? wanted : get_unmapped_area(k, mm, wanted, newLen);
	if (to < 0) return to;

	if (pageOffset(to) !== 0 || newLen > TASK_SIZE || to > TASK_SIZE - newLen) return -EINVAL;
	if (address + oldLen > to && to + newLen > address) return -EINVAL;
	const checksFirst = k.era.mremapOrder === 'checks first';
	if (checksFirst) {
		const source = mm.mmap.find(address);
		if (!source || source.vm_start > address) return -EFAULT;
		const error = checkSource(k, source, address, Math.min(oldLen, newLen), newLen);
		if (error < 0) return error;
	}
	const cleared = isFixed ? do_munmap(k, mm, to, newLen) : 0;
	if (cleared < 0) return cleared;
	let moving = oldLen;
	if (oldLen > newLen) {
		const cut = do_munmap(k, mm, address + newLen, oldLen - newLen);
		if (cut < 0) return cut;
		moving = newLen;
	}
	const vma = mm.mmap.find(address);
	if (!vma || vma.vm_start > address) return -EFAULT;
	const error = (keepsOld ? mayStay(k, vma) : 0) || checkSource(k, vma, address, moving, newLen);
	return error < 0 ? error : move_vma(k, vma, address, moving, newLen, to, keepsOld);
}

/**
 * Changes size or place of a mapping. mmap_sem must be held for writing; call `releaseUnmapped` after letting go.
 * @param address page aligned
 * @param oldLength, newLength bytes, rounded up to pages; oldLength 0 of a shared mapping maps it a second time
 * @param flags MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP (5.7 on)
 * @returns the address, or -EINVAL, -EFAULT (no such mapping, or one that may not grow), -EAGAIN, -ENOMEM
 */
function do_mremap(
	k: Kernel,
	mm: mm_struct,
	address: number,
	oldLength: number,
	newLength: number,
	flags: number,
	newAddress: number,
): number {
	traceCall(k, 'do_mremap', 'sys_mremap');
	charge(k, COST.vmaNs);
	const known = MREMAP_FIXED | MREMAP_MAYMOVE | (k.era.mremapDontunmap === 'unknown' ? 0 : MREMAP_DONTUNMAP);
	const places = MREMAP_FIXED | MREMAP_DONTUNMAP;
	if ((flags & ~known) !== 0 || pageOffset(address) !== 0) return -EINVAL;
	if ((flags & places) !== 0 && (flags & MREMAP_MAYMOVE) === 0) return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) !== 0 && oldLength !== newLength) return -EINVAL;
	const oldLen = pageAlignUp(oldLength) >>> 0;
	const newLen = pageAlignUp(newLength) >>> 0;
	if (newLen === 0) return -EINVAL;
	const {mremapOrder} = k.era;
	if (mremapOrder === 'looks up first') {
		const source = mm.mmap.find(address);
		if (!source || source.vm_start > address) return -EFAULT;
	}
	if ((flags & places) !== 0) return mremap_to(k, mm, address, oldLen, newLen, newAddress, flags);
	if (mremapOrder === 'checks first') {
		if (newLen > TASK_SIZE) return -EINVAL;
		const source = mm.mmap.find(address);
		if (!source || source.vm_start > address) return -EFAULT;
	}
	if (oldLen >= newLen) {
		const cut = oldLen === newLen ? 0 : do_munmap(k, mm, address + newLen, oldLen - newLen);
		return cut < 0 ? cut : address;
	}
	const vma = mm.mmap.find(address);
	if (!vma || vma.vm_start > address) return -EFAULT;
	const error = checkSource(k, vma, address, oldLen, newLen);
	if (error < 0) return error;
	if (address + oldLen === vma.vm_end && oldLen > 0 && roomAfter(vma, address + newLen))
		return growInPlace(k, vma, address, oldLen, newLen);
	if ((flags & MREMAP_MAYMOVE) === 0) return -ENOMEM;
	const to = get_unmapped_area(k, mm, 0, newLen);
	return to < 0 ? to : move_vma(k, vma, address, oldLen, newLen, to);
}

/** sys_mremap of the current task where nothing has to be waited for. @returns the address, -errno, or MUST_SLEEP */
export function try_sys_mremap(
	k: Kernel,
	address: number,
	oldLength: number,
	newLength: number,
	flags: number,
	newAddress: number,
): number | MustSleep {
	const mm = k.cpu.current.mm!;
	if (mm.locked_vm > 0 || !mmap_write_trylock(k, mm)) return MUST_SLEEP;
	const result = do_mremap(k, mm, address, oldLength, newLength, flags, newAddress);
	mmap_write_unlock_now(k, mm);
	return result;
}

/** The system call; sleeps for mmap_sem, and for the new pages of a locked mapping. @returns the address or -errno */
export function* sys_mremap(
	k: Kernel,
	address: number,
	oldLength: number,
	newLength: number,
	flags: number,
	newAddress: number,
): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_write_lock(k, mm);
	const result = do_mremap(k, mm, address, oldLength, newLength, flags, newAddress);
	const locked = result >= 0 && ((mm.mmap.find(result)?.vm_flags ?? 0) & VM_LOCKED) !== 0;
	yield* mmap_write_unlock(k, mm);
	yield* releaseUnmapped(k);
	if (locked && newLength > oldLength)
		yield* populate(k, mm, result + pageAlignUp(oldLength), result + pageAlignUp(newLength));
	return result;
}
