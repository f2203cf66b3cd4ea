/**
 * Models mm/madvise.c (2.6.11 to 6.18): NORMAL, RANDOM, SEQUENTIAL, WILLNEED (answered, reads nothing ahead), DONTNEED,
 * DONTFORK, DOFORK.
 *
 * Not modelled: REMOVE, FREE, MERGEABLE, HUGEPAGE, DONTDUMP and the advice of later kernels (EINVAL).
 */
import {PAGE_SIZE, pageAlignUp} from '../../hardware/address.ts';
import {EBADF, EINVAL, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {
	type mm_struct,
	VM_DONTCOPY,
	VM_IO,
	VM_LOCKED,
	VM_PFNMAP,
	VM_RAND_READ,
	VM_SEQ_READ,
	type vm_area_struct,
} from './mm_types.ts';
import {
	MADV_DOFORK,
	MADV_DONTFORK,
	MADV_DONTNEED,
	MADV_NORMAL,
	MADV_RANDOM,
	MADV_SEQUENTIAL,
	MADV_WILLNEED,
} from './mman.ts';
import {mmap_write_lock, mmap_write_unlock} from './mmap_lock.ts';
import {vma_modify_flags} from './vma_modify.ts';
import {zap_page_range} from './zap.ts';

/** Flags of a VMA after advice about its use; undefined for advice that changes none. */
function advisedFlags(vma: vm_area_struct, advice: number): number | undefined {
	const readAhead = VM_RAND_READ | VM_SEQ_READ;
	switch (advice) {
		case MADV_NORMAL:
			return vma.vm_flags & ~readAhead;
		case MADV_SEQUENTIAL:
			return (vma.vm_flags & ~VM_RAND_READ) | VM_SEQ_READ;
		case MADV_RANDOM:
			return (vma.vm_flags & ~VM_SEQ_READ) | VM_RAND_READ;
		case MADV_DONTFORK:
			return vma.vm_flags | VM_DONTCOPY;
		case MADV_DOFORK:
			return vma.vm_flags & ~VM_DONTCOPY;
		default:
			return undefined;
	}
}

const isKnown = (k: Kernel, advice: number) =>
	(advice >= MADV_NORMAL && advice <= MADV_DONTNEED) ||
	(k.era.madviseDontfork && (advice === MADV_DONTFORK || advice === MADV_DOFORK));

/** Advice for one piece of a VMA. @returns the VMA that covers it afterwards, or -errno */
function adviseVma(
	k: Kernel,
	vma: vm_area_struct,
	start: number,
	end: number,
	advice: number,
): vm_area_struct | number {
	if (advice === MADV_DONTNEED) {
		if ((vma.vm_flags & (VM_LOCKED | VM_PFNMAP)) !== 0) return -EINVAL;
		zap_page_range(k, vma, start, end);
		return vma;
	}
	if (advice === MADV_WILLNEED) return vma.vm_file ? vma : k.era.willneedAnonymous ? vma : -EBADF;
	if (advice === MADV_DOFORK && (vma.vm_flags & VM_IO) !== 0) return -EINVAL;
	const flags = advisedFlags(vma, advice)!;
	return flags === vma.vm_flags ? vma : vma_modify_flags(k, vma, start, end, flags);
}

/**
 * Applies advice VMA by VMA. mmap_sem must be held (for writing where flags change).
 * @returns 0, -EINVAL, -EBADF, -ENOMEM when there were holes (the rest is done all the same)
 */
function do_madvise(k: Kernel, mm: mm_struct, start: number, length: number, advice: number): number {
	const known = isKnown(k, advice);
	if ((!known && k.era.madviseChecksAdvice) || start % PAGE_SIZE !== 0) return -EINVAL;
	const len = pageAlignUp(length) % 0x1_0000_0000;
	if (length > 0 && len === 0) return -EINVAL;
	const end = start + len;
	if (end > 0x1_0000_0000) return -EINVAL;
	if (len === 0) return 0;
	let holes = 0;
	let at = start;
	let vma = mm.mmap.find(start) ?? null;
	while (at < end) {
		if (!vma) return -ENOMEM;
		if (at < vma.vm_start) {
			holes = -ENOMEM;
			at = vma.vm_start;
			if (at >= end) break;
		}
		if (!known) return -EINVAL;
		const to = Math.min(vma.vm_end, end);
		const target = adviseVma(k, vma, at, to, advice);
		if (typeof target === 'number') return target;
		at = Math.max(to, target.vm_end);
		vma = target.vm_next;
	}
	return holes;
}

/** The system call; sleeps for mmap_sem. @returns 0 or -errno, see do_madvise */
export function* sys_madvise(k: Kernel, start: number, length: number, advice: number): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_write_lock(k, mm);
	const result = do_madvise(k, mm, start, length, advice);
	yield* mmap_write_unlock(k, mm);
	return result;
}
