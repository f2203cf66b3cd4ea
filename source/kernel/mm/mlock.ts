/**
 * Models mm/mlock.c and __mm_populate of mm/gup.c (2.6.11 to 6.18).
 *
 * Not modelled: the unevictable LRU list (a locked page is known by its VMA).
 */
import {PAGE_SHIFT, PAGE_SIZE, pageAlignDown, pageAlignUp} from '../../hardware/address.ts';
import {EFAULT, EINVAL, ENOMEM, EPERM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {can_do_mlock, may_lock} from './accounting.ts';
import {faultin_page} from './gup.ts';
import {releaseUnmapped} from './mm.ts';
import {
	type mm_struct,
	VM_IO,
	VM_LOCKED,
	VM_LOCKONFAULT,
	VM_PFNMAP,
	VM_READ,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from './mm_types.ts';
import {mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock} from './mmap_lock.ts';
import {VM_ACCESS} from './protection.ts';
import {vma_modify_flags} from './vma_modify.ts';

/**
 * Brings in every page of a range, as an access would: private writable memory as if written. Stops at the first page
 * that cannot come. Sleeps; takes mmap_sem itself.
 * @returns 0, or -errno of the page that failed
 */
export function* populate(k: Kernel, mm: mm_struct, start: number, end: number): Sleeps<number> {
	yield* mmap_read_lock(k, mm);
	const result = yield* populateLocked(k, mm, start, end);
	yield* mmap_read_unlock(k, mm);
	return result;
}

/**
 * What MAP_POPULATE of 2.6.11 does: pages of a shared file are brought in to be read, all others are left alone.
 * Sleeps; takes mmap_sem itself. @see sys_remap_file_pages(), filemap_populate()
 */
export function* remap_file_pages(k: Kernel, mm: mm_struct, start: number, end: number): Sleeps<void> {
	yield* mmap_read_lock(k, mm);
	const vma = mm.mmap.find(start);
	const isFile = vma !== undefined && (vma.vm_flags & VM_SHARED) !== 0 && vma.vm_ops?.canNonlinear === true;
	for (let address = start; isFile && address < end; address += PAGE_SIZE)
		if ((yield* faultin_page(k, mm, vma, address, false)) < 0) break;
	yield* mmap_read_unlock(k, mm);
}

/** As populate, for callers who hold mmap_sem. @see make_pages_present(), __mm_populate() */
export function* populateLocked(k: Kernel, mm: mm_struct, start: number, end: number): Sleeps<number> {
	// Pages are asked for in batches; one that fails after others is asked for again, first of the next batch.
	let batchStart = start;
	for (let address = start; address < end; address += PAGE_SIZE) {
		const vma = mm.mmap.find(address);
		if (!vma || vma.vm_start >= end) return 0;
		if (vma.vm_start > address) address = vma.vm_start;
		if ((vma.vm_flags & (VM_IO | VM_PFNMAP)) !== 0 || isOnFault(k, vma)) {
			address = vma.vm_end - PAGE_SIZE;
			continue;
		}
		if (address === vma.vm_start) batchStart = address;
		let error = yield* populateOne(k, mm, vma, address);
		if (error < 0 && address > batchStart && k.era.mlockOrder === 'afterwards')
			error = yield* populateOne(k, mm, vma, (batchStart = address));
		if (error < 0) return error;
	}
	return 0;
}

/** Its pages stay as they come (mlock2, 4.4 on). */
const isOnFault = (k: Kernel, {vm_flags}: vm_area_struct): boolean =>
	k.era.locksOnFault && (vm_flags & VM_LOCKONFAULT) !== 0;

function* populateOne(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number): Sleeps<number> {
	const {vm_flags: flags} = vma;
	if (k.era.populateNeeds === 'any permission') {
		if ((flags & VM_ACCESS) === 0) return -EFAULT;
		return yield* faultin_page(k, mm, vma, address, (flags & (VM_WRITE | VM_SHARED)) === VM_WRITE);
	}
	if ((flags & (VM_READ | VM_WRITE)) === 0) return -EFAULT;
	return yield* faultin_page(k, mm, vma, address, (flags & VM_WRITE) !== 0);
}

/** What may be in the flags of a locked area. */
const lockBits = (k: Kernel): number => (k.era.locksOnFault ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED);

/**
 * Gives a range other lock flags, VMA by VMA.
 * @param bits VM_LOCKED, VM_LOCKED | VM_LOCKONFAULT or 0
 * @returns 0, -ENOMEM (a hole, too many VMAs), or a page's error
 */
function* applyLock(k: Kernel, mm: mm_struct, start: number, end: number, bits: number): Sleeps<number> {
	let vma = mm.mmap.find(start);
	if (!vma || vma.vm_start > start) return -ENOMEM;
	let at = start;
	for (;;) {
		const to: number = Math.min(vma.vm_end, end);
		const flags: number = (vma.vm_flags & ~lockBits(k)) | bits;
		// Device memory and the like is never locked, but asking is no error.
		const skip: boolean = flags === vma.vm_flags || (vma.vm_flags & k.era.mlockSkips) !== 0;
		const target: vm_area_struct | number = skip ? vma : vma_modify_flags(k, vma, at, to, flags, k.era.mlockMerges);
		if (typeof target === 'number') return target;
		if (bits !== 0 && !skip && k.era.mlockOrder === 'while locking') {
			const error = yield* populateLocked(k, mm, at, to);
			if (error < 0) return error === -EFAULT ? -k.era.mlockFaultError : error;
		}
		at = Math.max(to, target.vm_end);
		if (at >= end) return 0;
		const next: vm_area_struct | null = target.vm_next;
		if (!next || next.vm_start !== at) return -ENOMEM;
		vma = next;
	}
}

/** @returns the page-aligned range, or undefined when it wraps */
function rangeOf(start: number, len: number): {from: number; to: number} | undefined {
	const from = pageAlignDown(start);
	const to = from + pageAlignUp(len + (start - from));
	return to > 0x1_0000_0000 ? undefined : {from, to};
}

/**
 * Keeps a range in memory and brings it in; sleeps.
 * @param bits with VM_LOCKONFAULT, pages come when they are wanted and stay then
 * @returns 0, -EPERM (the limit is 0), -ENOMEM (hole, limit, a page that cannot come), -EINVAL when the range wraps
 */
export function* sys_mlock(k: Kernel, start: number, len: number, bits = VM_LOCKED): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	if (!can_do_mlock(k, mm)) return -EPERM;
	const range = rangeOf(start, len);
	if (!range) return -EINVAL;
	const {from, to} = range;
	yield* mmap_write_lock(k, mm);
	let result = -ENOMEM;
	if (may_lock(k, mm, (to - from) >>> PAGE_SHIFT)) result = from === to ? 0 : yield* applyLock(k, mm, from, to, bits);
	yield* mmap_write_unlock(k, mm);
	yield* releaseUnmapped(k);
	if (result !== 0 || k.era.mlockOrder === 'while locking') return result;
	const failed = yield* populate(k, mm, from, to);
	// Whatever the page's error is, mlock has one name for it.
	return failed === 0 ? 0 : -ENOMEM;
}

/** Lets a range be reclaimed again. @returns 0, -ENOMEM, -EINVAL */
export function* sys_munlock(k: Kernel, start: number, len: number): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	const range = rangeOf(start, len);
	if (!range) return -EINVAL;
	yield* mmap_write_lock(k, mm);
	const result = range.from === range.to ? 0 : yield* applyLock(k, mm, range.from, range.to, 0);
	yield* mmap_write_unlock(k, mm);
	return result;
}

const MLOCK_ONFAULT = 1;

/** mlock with flags (4.4 on). @returns as mlock, and -EINVAL for flags that there are not */
export function* sys_mlock2(k: Kernel, start: number, len: number, flags: number): Sleeps<number> {
	if ((flags & ~MLOCK_ONFAULT) !== 0) return -EINVAL;
	return yield* sys_mlock(k, start, len, VM_LOCKED | (flags === 0 ? 0 : VM_LOCKONFAULT));
}

const MCL_CURRENT = 1;
const MCL_FUTURE = 2;
const MCL_ONFAULT = 4;

/** Gives every area other lock flags; where one cannot be split off or brought in, it stays as it is. */
function* applyLockToAll(k: Kernel, mm: mm_struct, bits: number): Sleeps<void> {
	for (let vma: vm_area_struct | null = mm.mmap.first() ?? null; vma; vma = mm.mmap.find(vma.vm_end) ?? null) {
		const flags = (vma.vm_flags & ~lockBits(k)) | bits;
		if (flags === vma.vm_flags || (vma.vm_flags & k.era.mlockSkips) !== 0) continue;
		const {vm_start, vm_end} = vma;
		const target = vma_modify_flags(k, vma, vm_start, vm_end, flags, k.era.mlockMerges);
		if (typeof target === 'number') continue;
		vma = target;
		if (bits !== 0 && k.era.mlockOrder === 'while locking') yield* populateLocked(k, mm, vm_start, vm_end);
	}
}

/**
 * Keeps all of the caller's memory, now or what it maps later; sleeps.
 * @returns 0, -EINVAL, -EPERM where RLIMIT_MEMLOCK is 0, -ENOMEM above it
 */
export function* sys_mlockall(k: Kernel, flags: number): Sleeps<number> {
	const known = MCL_CURRENT | MCL_FUTURE | (k.era.locksOnFault ? MCL_ONFAULT : 0);
	if (flags === 0 || (flags & ~known) !== 0 || (flags === MCL_ONFAULT && k.era.onFaultAloneFails)) return -EINVAL;
	const mm = k.cpu.current.mm!;
	if (!can_do_mlock(k, mm)) return -EPERM;
	const bits = VM_LOCKED | ((flags & MCL_ONFAULT) !== 0 ? VM_LOCKONFAULT : 0);
	yield* mmap_write_lock(k, mm);
	const isTooMuch = (flags & MCL_CURRENT) !== 0 && !may_lock(k, mm, mm.total_vm - mm.locked_vm);
	if (!isTooMuch) {
		mm.def_flags = (mm.def_flags & ~lockBits(k)) | ((flags & MCL_FUTURE) !== 0 ? bits : 0);
		if ((flags & MCL_CURRENT) !== 0) yield* applyLockToAll(k, mm, bits);
	}
	yield* mmap_write_unlock(k, mm);
	if (isTooMuch) return -ENOMEM;
	if ((flags & MCL_CURRENT) !== 0 && k.era.mlockOrder === 'afterwards') yield* populateAll(k, mm);
	return 0;
}

/** Area by area: one that cannot come does not keep the next ones from coming. */
function* populateAll(k: Kernel, mm: mm_struct): Sleeps<void> {
	yield* mmap_read_lock(k, mm);
	for (let vma: vm_area_struct | undefined = mm.mmap.first(); vma; ) {
		const {vm_end} = vma;
		if ((vma.vm_flags & VM_LOCKED) !== 0) yield* populateLocked(k, mm, vma.vm_start, vm_end);
		vma = mm.mmap.find(vm_end);
	}
	yield* mmap_read_unlock(k, mm);
}

export function* sys_munlockall(k: Kernel): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_write_lock(k, mm);
	mm.def_flags &= ~lockBits(k);
	yield* applyLockToAll(k, mm, 0);
	yield* mmap_write_unlock(k, mm);
	return 0;
}
