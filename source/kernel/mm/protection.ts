/**
 * Models protection_map and vma_wants_writenotify of mm/mmap.c (2.6.11; the latter 2.6.19 on): from vm_flags to the
 * bits of a page-table entry. A Pentium III has no NX: what may be read may be executed.
 */
import {_PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_RW, _PAGE_USER} from '../../hardware/mmu.ts';
import type {Kernel} from '../kernel.ts';
import {
	type pgprot_t,
	VM_EXEC,
	VM_MAYEXEC,
	VM_MAYREAD,
	VM_MAYWRITE,
	VM_READ,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from './mm_types.ts';
import {PROT_EXEC, PROT_READ, PROT_WRITE} from './mman.ts';
import {_PAGE_PROTNONE} from './pgtable.ts';

export const PAGE_NONE: pgprot_t = _PAGE_PROTNONE | _PAGE_ACCESSED;
export const PAGE_READONLY: pgprot_t = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED;
export const PAGE_SHARED: pgprot_t = PAGE_READONLY | _PAGE_RW;

export const VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC;
export const VM_MAYACCESS = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

/** Bits of fresh entries. Private mappings never start writable: the first write makes the copy. */
export function vm_get_page_prot(flags: number): pgprot_t {
	if ((flags & VM_ACCESS) === 0) return PAGE_NONE;
	return (flags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE) ? PAGE_SHARED : PAGE_READONLY;
}

/** PROT_ to VM_ bits; they happen to be equal, on purpose. */
export const calc_vm_prot_bits = (prot: number) => prot & (PROT_READ | PROT_WRITE | PROT_EXEC);

/** Entries of shared, writable files start read-only so that the first write is noticed. */
function vma_wants_writenotify(k: Kernel, vma: vm_area_struct): boolean {
	if ((vma.vm_flags & (VM_WRITE | VM_SHARED)) !== (VM_WRITE | VM_SHARED)) return false;
	if (vma.vm_ops?.page_mkwrite) return true;
	const operations = vma.vm_file?.inode.a_ops;
	return k.era.writebackCleansPtes && operations !== undefined && !operations.inMemoryOnly;
}

/** Sets vm_page_prot from vm_flags. */
export function vma_set_page_prot(k: Kernel, vma: vm_area_struct): void {
	vma.vm_page_prot = vma_wants_writenotify(k, vma) ? PAGE_READONLY : vm_get_page_prot(vma.vm_flags);
}
