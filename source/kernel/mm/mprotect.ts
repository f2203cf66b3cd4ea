/**
 * Models mm/mprotect.c (2.6.11 to 6.18).
 *
 * Not modelled: protection keys, PROT_GROWSDOWN and PROT_GROWSUP (answered with EINVAL), READ_IMPLIES_EXEC, security
 * hooks.
 */
import {PAGE_SHIFT, pageAlignUp, pageOffset} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PCD, _PAGE_PWT} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import {EACCES, EINVAL, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {vm_enough_memory} from './accounting.ts';
import {populate} from './mlock.ts';
import {
	type mm_struct,
	VM_ACCOUNT,
	VM_LOCKED,
	VM_NORESERVE,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from './mm_types.ts';
import {PROT_EXEC, PROT_READ, PROT_SEM, PROT_WRITE} from './mman.ts';
import {mmap_write_lock, mmap_write_trylock, mmap_write_unlock, mmap_write_unlock_now} from './mmap_lock.ts';
import {pte_present, set_pte_bits} from './pgtable.ts';
import {calc_vm_prot_bits, VM_ACCESS, vma_set_page_prot} from './protection.ts';
import {vma_modify_flags} from './vma_modify.ts';
import {_PAGE_SPECIAL, forEachPte} from './zap.ts';

/** What an entry keeps when its protection changes (_PAGE_CHG_MASK). */
const KEPT = _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_PWT | _PAGE_PCD | _PAGE_SPECIAL;

/** Gives every entry of a range the VMA's protection. Writable private pages fault once more before they are. */
function change_protection(k: Kernel, vma: vm_area_struct, start: number, end: number): void {
	if (vma.vm_mm.nr_ptes === 0) return;
	let changed = 0;
	forEachPte(k, vma.vm_mm, start, end, (at, value) => {
		if (!pte_present(value)) return;
		set_pte_bits(k, at, (value & KEPT) | vma.vm_page_prot);
		changed++;
	});
	charge(k, changed * COST.pteNs + (changed > 0 ? COST.tlbFlushAllNs : 0));
}

type Range = {readonly start: number; readonly end: number};

const LOCKED_READ_ONLY = VM_LOCKED | VM_WRITE | VM_SHARED;

function mprotect_fixup(
	k: Kernel,
	vma: vm_area_struct,
	start: number,
	end: number,
	wanted: number,
): vm_area_struct | number {
	const old = vma.vm_flags;
	traceCall(k, 'mprotect_fixup', 'sys_mprotect');
	if (wanted === old) return vma;
	let flags = wanted;
	const pages = (end - start) >>> PAGE_SHIFT;
	let promised = 0;
	if ((flags & VM_WRITE) !== 0) {
		if ((old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE)) === 0) {
			if (!vm_enough_memory(k, pages)) return -ENOMEM;
			promised = pages;
			flags |= VM_ACCOUNT;
		}
	} else if (mayUnaccount(k, vma)) {
		k.mm.vm_committed -= pages;
		flags &= ~VM_ACCOUNT;
	}
	const target = vma_modify_flags(k, vma, start, end, flags);
	if (typeof target === 'number') {
		k.mm.vm_committed -= promised;
		return target;
	}
	vma_set_page_prot(k, target);
	change_protection(k, target, start, end);
	return target;
}

/** Private anonymous memory that nobody wrote to needs no promise once it is read-only (6.7 on). */
const mayUnaccount = (k: Kernel, vma: vm_area_struct) =>
	k.era.mprotectUnaccounts &&
	(vma.vm_flags & VM_ACCOUNT) !== 0 &&
	(vma.vm_flags & VM_SHARED) === 0 &&
	vma.vm_ops === null &&
	vma.anon_vma === null;

/**
 * Changes what may be done with a range. mmap_sem must be held for writing. What comes before an error stays changed.
 * @param start page aligned
 * @param length bytes, rounded up to pages
 * @param locked gets the ranges of locked private memory that became writable
 * @returns 0, -EINVAL, -ENOMEM (a hole, or too many VMAs), -EACCES
 */
function do_mprotect(k: Kernel, mm: mm_struct, start: number, length: number, prot: number, locked?: Range[]): number {
	if (pageOffset(start) !== 0) return -EINVAL;
	if (length === 0) return 0;
	const len = pageAlignUp(length) >>> 0;
	const end = (start + len) >>> 0;
	if (end <= start) return end === start && k.era.mprotectWrapIsNothing ? 0 : -ENOMEM;
	if ((prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)) !== 0) return -EINVAL;
	let vma = mm.mmap.find(start);
	if (!vma || vma.vm_start > start) return -ENOMEM;
	let at = start;
	for (;;) {
		const flags = (vma.vm_flags & ~VM_ACCESS) | calc_vm_prot_bits(prot);
		if ((flags & ~(flags >> 4) & VM_ACCESS) !== 0) return -EACCES;
		const to = Math.min(vma.vm_end, end);
		if (locked && (vma.vm_flags & LOCKED_READ_ONLY) === VM_LOCKED && (flags & VM_WRITE) !== 0)
			locked.push({start: at, end: to});
		const target = mprotect_fixup(k, vma, at, to, flags);
		if (typeof target === 'number') return target;
		at = Math.max(to, target.vm_end);
		if (at >= end) return 0;
		const next: vm_area_struct | null = target.vm_next;
		if (!next || next.vm_start !== at) return -ENOMEM;
		vma = next;
	}
}

/** sys_mprotect of the current task where nothing has to be waited for. @returns 0, -errno, or MUST_SLEEP */
export function try_sys_mprotect(k: Kernel, start: number, length: number, prot: number): number | MustSleep {
	const mm = k.cpu.current.mm!;
	if (mm.locked_vm > 0 || !mmap_write_trylock(k, mm)) return MUST_SLEEP;
	const result = do_mprotect(k, mm, start, length, prot);
	mmap_write_unlock_now(k, mm);
	return result;
}

/** The system call; sleeps for mmap_sem, and for the copies of locked private pages that become writable. */
export function* sys_mprotect(k: Kernel, start: number, length: number, prot: number): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	const locked: Range[] = [];
	yield* mmap_write_lock(k, mm);
	const result = do_mprotect(k, mm, start, length, prot, locked);
	yield* mmap_write_unlock(k, mm);
	if (k.era.mprotectPopulatesLocked) for (const range of locked) yield* populate(k, mm, range.start, range.end);
	return result;
}
