/**
 * Models mm/madvise.c (2.6.11 to 6.18): which advice there is and what it changes.
 *
 * Not modelled: what only makes reclaim faster (FREE, COLD and PAGEOUT keep the pages that they are about); MERGEABLE,
 * HUGEPAGE, COLLAPSE and GUARD_INSTALL (EINVAL).
 */
import {PAGE_SIZE, pageAlignUp} from '../../hardware/address.ts';
import {EACCES, EBADF, EINVAL, ENOMEM, ENOSYS, EOPNOTSUPP} from '../errno.ts';
import type {file} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {faultin_page} from './gup.ts';
import {
	type mm_struct,
	VM_DONTCOPY,
	VM_DONTDUMP,
	VM_DONTEXPAND,
	VM_EXEC,
	VM_IO,
	VM_LOCKED,
	VM_MIXEDMAP,
	VM_NONLINEAR,
	VM_PFNMAP,
	VM_RAND_READ,
	VM_READ,
	VM_SEQ_READ,
	VM_SHARED,
	VM_WIPEONFORK,
	VM_WRITE,
	type vm_area_struct,
} from './mm_types.ts';
import {
	MADV_COLD,
	MADV_DODUMP,
	MADV_DOFORK,
	MADV_DONTDUMP,
	MADV_DONTFORK,
	MADV_DONTNEED,
	MADV_DONTNEED_LOCKED,
	MADV_FREE,
	MADV_KEEPONFORK,
	MADV_NORMAL,
	MADV_PAGEOUT,
	MADV_POPULATE_READ,
	MADV_POPULATE_WRITE,
	MADV_RANDOM,
	MADV_REMOVE,
	MADV_SEQUENTIAL,
	MADV_WILLNEED,
	MADV_WIPEONFORK,
} from './mman.ts';
import {mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock} from './mmap_lock.ts';
import {force_page_cache_readahead} from './readahead.ts';
import {punch_hole} from './truncate.ts';
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
		case MADV_DONTDUMP:
			return vma.vm_flags | VM_DONTDUMP;
		case MADV_DODUMP:
			return vma.vm_flags & ~VM_DONTDUMP;
		case MADV_WIPEONFORK:
			return vma.vm_flags | VM_WIPEONFORK;
		case MADV_KEEPONFORK:
			return vma.vm_flags & ~VM_WIPEONFORK;
		default:
			return undefined;
	}
}

const isKnown = (k: Kernel, advice: number) => k.era.madviseKnows.includes(advice);

/** Areas whose dump cannot be asked for: what devices and the kernel put there. */
const VM_SPECIAL = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP;

/** Whether an area can take advice that changes its flags. @returns 0 or -EINVAL */
function mayChange({vm_flags, vm_file}: vm_area_struct, advice: number): number {
	const isRefused =
		(advice === MADV_DOFORK && (vm_flags & VM_IO) !== 0) ||
		(advice === MADV_DODUMP && (vm_flags & VM_SPECIAL) !== 0) ||
		(advice === MADV_WIPEONFORK && (vm_file !== null || (vm_flags & VM_SHARED) !== 0));
	return isRefused ? -EINVAL : 0;
}

/** Whether MADV_REMOVE can make a hole in the file that is mapped. @returns 0 or -errno. @see madvise_remove() */
function mayRemove(k: Kernel, {vm_flags, vm_file}: vm_area_struct): number {
	if ((vm_flags & VM_LOCKED) !== 0 || !vm_file) return -EINVAL;
	if ((vm_flags & (VM_SHARED | VM_WRITE)) !== (VM_SHARED | VM_WRITE)) return -EACCES;
	if (vm_file.inode.kind === 'shmem') return 0;
	return k.era.madviseRemoveError === 'ENOSYS' ? -ENOSYS : -EOPNOTSUPP;
}

/** Advice for one piece of a VMA. @returns the VMA that covers it afterwards, or -errno */
function adviseVma(
	k: Kernel,
	vma: vm_area_struct,
	start: number,
	end: number,
	advice: number,
): vm_area_struct | number {
	if (advice === MADV_FREE && (vma.vm_file !== null || (vma.vm_flags & VM_SHARED) !== 0)) return -EINVAL;
	if (advice === MADV_FREE || advice === MADV_COLD || advice === MADV_PAGEOUT)
		return (vma.vm_flags & (VM_LOCKED | VM_PFNMAP)) === 0 ? vma : -EINVAL;
	if (advice === MADV_DONTNEED || advice === MADV_DONTNEED_LOCKED) {
		const refused = VM_PFNMAP | (advice === MADV_DONTNEED ? VM_LOCKED : 0);
		if ((vma.vm_flags & refused) !== 0) return -EINVAL;
		zap_page_range(k, vma, start, end, (vma.vm_flags & VM_NONLINEAR) !== 0);
		return vma;
	}
	if (advice === MADV_WILLNEED) return vma.vm_file ? vma : k.era.willneedAnonymous ? vma : -EBADF;
	const refusal = mayChange(vma, advice);
	if (refusal < 0) return refusal;
	const flags = advisedFlags(vma, advice)!;
	return flags === vma.vm_flags ? vma : vma_modify_flags(k, vma, start, end, flags);
}

/**
 * Applies advice VMA by VMA. mmap_sem must be held (for writing where flags change).
 * @returns 0, -EINVAL, -EBADF, -ENOMEM when there were holes (the rest is done all the same)
 */
function do_madvise(k: Kernel, mm: mm_struct, start: number, length: number, advice: number): number | Pieces | Range {
	const known = isKnown(k, advice);
	if ((!known && k.era.madviseChecksAdvice) || start % PAGE_SIZE !== 0) return -EINVAL;
	const len = pageAlignUp(length) % 0x1_0000_0000;
	if (length > 0 && len === 0) return -EINVAL;
	const end = start + len;
	if (end > 0x1_0000_0000) return -EINVAL;
	if (len === 0) return 0;
	if (known && (advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE)) return {start, end};
	const pieces: Piece[] = [];
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
		if (advice === MADV_REMOVE) {
			const refusal = mayRemove(k, vma);
			if (refusal < 0) return {pieces, error: refusal};
			pieces.push({file: vma.vm_file!, offset: vma.vm_pgoff * PAGE_SIZE + (at - vma.vm_start), length: to - at});
		}
		if (advice === MADV_WILLNEED && vma.vm_file)
			pieces.push({file: vma.vm_file, offset: vma.vm_pgoff * PAGE_SIZE + (at - vma.vm_start), length: to - at});
		const target = advice === MADV_REMOVE ? vma : adviseVma(k, vma, at, to, advice);
		if (typeof target === 'number') return pieces.length > 0 ? {pieces, error: target} : target;
		at = Math.max(to, target.vm_end);
		vma = target.vm_next;
	}
	return pieces.length > 0 ? {pieces, error: holes} : holes;
}

/** Parts of files of which MADV_REMOVE makes holes, or which MADV_WILLNEED reads, and what is answered afterwards. */
type Piece = {readonly file: file; readonly offset: number; readonly length: number};
type Pieces = {readonly pieces: readonly Piece[]; readonly error: number};
/** What MADV_POPULATE_READ and _WRITE bring in. */
type Range = {readonly start: number; readonly end: number};

/** Brings pages in as reads or stores would. @returns 0, -ENOMEM, -EINVAL, -EFAULT. @see madvise_populate() */
function* madvise_populate(k: Kernel, mm: mm_struct, {start, end}: Range, writes: boolean): Sleeps<number> {
	let error = 0;
	yield* mmap_read_lock(k, mm);
	for (let address = start; address < end && error === 0; address += PAGE_SIZE) {
		const vma = mm.mmap.find(address);
		if (!vma || vma.vm_start > address) error = -ENOMEM;
		else if ((vma.vm_flags & (VM_IO | VM_PFNMAP)) !== 0) error = -EINVAL;
		else if ((vma.vm_flags & (writes ? VM_WRITE : VM_READ | VM_WRITE | VM_EXEC)) === 0) error = -EINVAL;
		else error = Math.min(0, yield* faultin_page(k, mm, vma, address, writes));
	}
	yield* mmap_read_unlock(k, mm);
	return error;
}

/** The system call; sleeps for mmap_sem and for pages. @returns 0 or -errno, see do_madvise */
export function* sys_madvise(k: Kernel, start: number, length: number, advice: number): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_write_lock(k, mm);
	const result = do_madvise(k, mm, start, length, advice);
	yield* mmap_write_unlock(k, mm);
	if (typeof result === 'number') return result;
	if ('start' in result) return yield* madvise_populate(k, mm, result, advice === MADV_POPULATE_WRITE);
	for (const {file, offset, length: bytes} of result.pieces) {
		const [first, end] = [offset / PAGE_SIZE, (offset + bytes) / PAGE_SIZE];
		if (advice === MADV_REMOVE) yield* punch_hole(k, file.inode, offset, bytes);
		else yield* force_page_cache_readahead(k, file.inode.i_mapping, first, end);
	}
	return result.error;
}
