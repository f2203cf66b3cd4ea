/**
 * Models the part of mm/memory.c by which drivers fill page tables themselves: remap_pfn_range, io_remap_pfn_range,
 * zeromap_page_range, vm_insert_page, vm_insert_pfn (2.6.11 to 6.18).
 *
 * Not modelled: memory types (PAT; the protection given is used as it is), track_pfn, vm_insert_mixed.
 */
import {PAGE_SIZE, type Pfn, pageAlignUp, type UserAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_PCD, _PAGE_RW} from '../../hardware/mmu.ts';
import {BUG_ON} from '../bug.ts';
import {charge} from '../cpu.ts';
import {EBUSY, EFAULT, EINVAL, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {traceFrame} from '../trace.ts';
import {
	type pgprot_t,
	VM_DONTDUMP,
	VM_DONTEXPAND,
	VM_FAULT_NOPAGE,
	VM_FAULT_OOM,
	VM_FAULT_SIGBUS,
	VM_INSERTPAGE,
	VM_IO,
	VM_MAYWRITE,
	VM_MIXEDMAP,
	VM_PFNMAP,
	VM_RESERVED,
	VM_SHARED,
	type vm_area_struct,
} from './mm_types.ts';
import {get_page, PageAnon, PageReserved, page_count, pfn_valid} from './page.ts';
import {NO_PTE, pte_alloc_map, pte_val, set_pte} from './pgtable.ts';
import {addResident, page_dup_rmap} from './rmap.ts';
import {_PAGE_SPECIAL} from './zap.ts';

/** Whether writes to the mapping make private copies. */
const is_cow_mapping = (flags: number) => (flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE;

/** Protection for device registers: uncached. @see asm/pgtable.h pgprot_noncached() */
export const pgprot_noncached = (prot: pgprot_t): pgprot_t => prot | _PAGE_PCD;

/** Maps the zero page at every address of a VMA, read-only (2.6.11 to 2.6.23). @returns 0 or -ENOMEM */
export function zeromap_page_range(k: Kernel, vma: vm_area_struct): number {
	for (let address: number = vma.vm_start; address < vma.vm_end; address += PAGE_SIZE) {
		const at = pte_alloc_map(k, vma.vm_mm, address);
		if (at === NO_PTE) return -ENOMEM;
		set_pte(k, at, k.layout.empty_zero_page, vma.vm_page_prot & ~_PAGE_RW);
		charge(k, COST.pteNs);
	}
	return 0;
}

/**
 * Maps physical memory into a VMA at once, from a driver's mmap method. The frames are not counted and not found by
 * rmap; 2.6.11 leaves the entries of ordinary RAM (valid and not reserved) empty.
 * @param address where in the VMA; page aligned
 * @param frame first page frame number
 * @param sizeBytes rounded up to pages; none is a BUG
 * @param prot bits of the entries, mostly `vma.vm_page_prot`
 * @returns 0, -EINVAL (part of a copy-on-write mapping, from 2.6.15 on), -ENOMEM
 * @see LDD3 page 424
 */
export function remap_pfn_range(
	k: Kernel,
	vma: vm_area_struct,
	address: UserAddress,
	frame: Pfn,
	sizeBytes: number,
	prot: pgprot_t,
): number {
	if (k.era.remapChecksAlignment && address % PAGE_SIZE !== 0) return -EINVAL;
	const size = pageAlignUp(sizeBytes);
	const end = address + size;
	const whole = address === vma.vm_start && end === vma.vm_end;
	if (k.era.remapFlags !== 'IO RESERVED') {
		const cow = is_cow_mapping(vma.vm_flags);
		if (cow && !whole) return -EINVAL;
		if (cow || (whole && k.era.remapWholeSetsPgoff)) vma.vm_pgoff = frame;
	}
	if (k.era.remapFlags === 'IO RESERVED') BUG_ON(k, size === 0, 'mm/memory.c');
	vma.vm_flags |= REMAP_FLAGS[k.era.remapFlags] | (whole ? k.era.remapWholeFlag : 0);
	BUG_ON(k, size === 0, 'mm/memory.c');
	for (let at = 0; at < size; at += PAGE_SIZE) {
		const error = remapOne(k, vma, address + at, (frame + at / PAGE_SIZE) as Pfn, prot);
		if (error < 0) return error;
	}
	return 0;
}

const REMAP_FLAGS = {
	'IO RESERVED': VM_IO | VM_RESERVED,
	'IO RESERVED PFNMAP': VM_IO | VM_RESERVED | VM_PFNMAP,
	'IO PFNMAP DONTEXPAND DONTDUMP': VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP,
} as const;

function remapOne(k: Kernel, vma: vm_area_struct, address: number, frame: Pfn, prot: pgprot_t): number {
	const at = pte_alloc_map(k, vma.vm_mm, address);
	if (at === NO_PTE) return -ENOMEM;
	if (pte_val(k, at) !== 0) BUG_ON(k, true, 'mm/memory.c: !pte_none(*pte)');
	charge(k, COST.pteNs);
	if (k.era.remapSkipsOrdinaryRam && pfn_valid(k, frame) && !PageReserved(k, frame)) return 0;
	set_pte(k, at, frame, prot | (k.era.pteSpecial ? _PAGE_SPECIAL : 0));
	return 0;
}

/** As remap_pfn_range, for device memory; the same on x86. */
export const io_remap_pfn_range = remap_pfn_range;
/**
 * Maps one of the driver's pages; the entry takes a reference of its own.
 * @returns 0, -EFAULT (address outside the VMA), -EINVAL (page not in use, or anonymous), -EBUSY (entry in use),
 * -ENOMEM
 */
export function vm_insert_page(k: Kernel, vma: vm_area_struct, address: UserAddress, page: Pfn): number {
	if (address < vma.vm_start || address >= vma.vm_end) return -EFAULT;
	if (page_count(k, page) === 0 || PageAnon(k, page)) return -EINVAL;
	const at = pte_alloc_map(k, vma.vm_mm, address);
	if (at === NO_PTE) return -ENOMEM;
	if (pte_val(k, at) !== 0) return -EBUSY;
	vma.vm_flags |= k.era.insertPageFlag === 'INSERTPAGE' ? VM_INSERTPAGE : VM_MIXEDMAP;
	get_page(k, page);
	addResident(k, vma.vm_mm, page);
	page_dup_rmap(k, page);
	traceFrame(k, 'vm_insert_page', page);
	set_pte(k, at, page, vma.vm_page_prot);
	charge(k, COST.pteNs);
	return 0;
}

/**
 * Maps one frame that is not counted, from a fault handler. The VMA must have VM_PFNMAP (and be no copy-on-write
 * mapping) or VM_MIXEDMAP.
 * @returns 0, -EFAULT, -EBUSY, -ENOMEM
 */
export function vm_insert_pfn(k: Kernel, vma: vm_area_struct, address: UserAddress, frame: Pfn): number {
	const kinds = vma.vm_flags & (VM_PFNMAP | VM_MIXEDMAP);
	if (kinds === 0 || kinds === (VM_PFNMAP | VM_MIXEDMAP))
		BUG_ON(k, true, 'mm/memory.c: neither VM_PFNMAP nor VM_MIXEDMAP');
	if ((kinds & VM_PFNMAP) !== 0 && is_cow_mapping(vma.vm_flags))
		BUG_ON(k, true, 'mm/memory.c: is_cow_mapping with VM_PFNMAP');
	if (address < vma.vm_start || address >= vma.vm_end) return -EFAULT;
	const at = pte_alloc_map(k, vma.vm_mm, address);
	if (at === NO_PTE) return -ENOMEM;
	if (pte_val(k, at) !== 0) return -EBUSY;
	set_pte(k, at, frame, vma.vm_page_prot | (k.era.pteSpecial ? _PAGE_SPECIAL : 0));
	charge(k, COST.pteNs);
	return 0;
}

/** vm_insert_pfn with a fault handler's answer (4.20 on): an entry that is there already is as good. */
export function vmf_insert_pfn(k: Kernel, vma: vm_area_struct, address: UserAddress, frame: Pfn): number {
	const result = vm_insert_pfn(k, vma, address, frame);
	if (result === 0 || result === -EBUSY) return VM_FAULT_NOPAGE;
	return result === -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}
