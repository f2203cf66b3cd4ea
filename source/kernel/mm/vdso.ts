/**
 * Models arch/i386/kernel/sysenter.c and get_gate_vma() of mm/memory.c (2.6.11), arch/x86/vdso/vdso32-setup.c (2.6.32,
 * 3.2) and arch/x86/entry/vdso/vma.c (5.10 to 6.18): the kernel's code that programs call.
 *
 * 2.6.11 has it in one page of the fixmap, at the same address for everybody. No area of an address space covers it, so
 * it has a gate area of its own, which maps prints last. Later kernels map it into each program.
 *
 * Not modelled: what the code says (its first instructions are there), the data of vvar, hypervisors' clocks.
 */
import {
	type KernelVirtualAddress,
	PAGE_SIZE,
	type Pfn,
	pageAlignDown,
	pfn,
	physicalAddress,
} from '../../hardware/address.ts';
import {_PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_USER} from '../../hardware/mmu.ts';
import {ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {countVma} from './accounting.ts';
import {fix_to_virt} from './fixmap.ts';
import {__GFP_ZERO, GFP_ATOMIC} from './gfp.ts';
import {
	type mm_struct,
	VM_DONTDUMP,
	VM_DONTEXPAND,
	VM_EXEC,
	VM_FAULT_SIGBUS,
	VM_IO,
	VM_MAYREAD,
	VM_PFNMAP,
	VM_READ,
	type vm_area_struct,
	type vm_operations_struct,
} from './mm_types.ts';
import {get_page, setPageUse} from './page.ts';
import {try_alloc_pages} from './page_alloc.ts';
import {pte_offset, set_pte} from './pgtable.ts';
import {VM_MAYACCESS, vm_get_page_prot} from './protection.ts';
import {vmf_insert_pfn} from './remap.ts';
import {get_unmapped_area} from './unmapped_area.ts';
import {vm_area_alloc, vma_link} from './vma_merge.ts';

export type VdsoState = {
	/** Frames of the code. */
	readonly pages: readonly Pfn[];
	/** The frame of the data beside it, in kernels that have some. */
	readonly vvar: Pfn;
};

/** Where __kernel_vsyscall lies in the page, and what it does: int 0x80, ret. */
const ENTRY_OFFSET = 0x400;
const ENTRY_CODE = Uint8Array.of(0xcd, 0x80, 0xc3);

const PAGE_READONLY_EXEC = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED;

/** Makes the page of code, from memory or (5.10 on) from the kernel's own read-only data. */
export function sysenter_setup(k: Kernel): void {
	const {vdsoPages} = k.era;
	const {image, fixmap, swapper_pg_dir} = k.layout;
	const inImage = pfn(Math.ceil(image.textEnd / PAGE_SIZE));
	const page = k.era.vdsoInImage ? inImage : try_alloc_pages(k, GFP_ATOMIC | __GFP_ZERO, 0);
	if (page === undefined) throw new Error('no memory for the page that system calls go through');
	k.vdso = {
		pages: Array.from({length: vdsoPages}, (_, at) => pfn(page + at)),
		vvar: pfn(Math.ceil(image.rodataEnd / PAGE_SIZE)),
	};
	k.hw.ram.write(physicalAddress(page * PAGE_SIZE + ENTRY_OFFSET), ENTRY_CODE);
	if (!k.era.vdsoInImage) setPageUse(k, page, 'kernel');
	if (!k.era.hasGateArea) return;
	const at = pte_offset(k, {pgd: swapper_pg_dir}, fix_to_virt(fixmap.first.get('vsyscall')!));
	set_pte(k, at, page, PAGE_READONLY_EXEC);
}

// ── the gate area ──────────────────────────────────────────────────────────────────────────────────────────────────

/** FIXADDR_USER_START: the gate area is this one page. @returns undefined where there is none */
function gateAreaStart(k: Kernel): KernelVirtualAddress | undefined {
	return k.era.hasGateArea ? fix_to_virt(k.layout.fixmap.first.get('vsyscall')!) : undefined;
}

export const in_gate_area = (k: Kernel, address: number): boolean => pageAlignDown(address) === gateAreaStart(k);

/** The area as get_user_pages hands it out; it is in no address space, and has no permission bits. */
export function get_gate_vma(k: Kernel, mm: mm_struct): vm_area_struct {
	const start = gateAreaStart(k)!;
	return vm_area_alloc(mm, {
		start,
		end: start + PAGE_SIZE,
		flags: 0,
		prot: PAGE_READONLY_EXEC,
		pgoff: 0,
		file: null,
		ops: null,
	});
}

// ── areas of a program ─────────────────────────────────────────────────────────────────────────────────────────────

/** @see special_mapping_fault(), vdso_fault() */
const vdso_vm_ops: vm_operations_struct = {
	name: 'special_mapping_vmops',
	areaName: '[vdso]',
	*fault(k, vma, vmf) {
		const page = k.vdso.pages[(vmf.virtual_address - vma.vm_start) / PAGE_SIZE];
		if (page === undefined) return VM_FAULT_SIGBUS;
		get_page(k, page);
		vmf.page = page;
		return 0;
	},
};

/** Only the first page is this machine's; the others belong to hypervisors and time namespaces. @see vvar_fault() */
const vvar_vm_ops: vm_operations_struct = {
	name: 'special_mapping_vmops',
	areaName: '[vvar]',
	*fault(k, vma, vmf) {
		if (vmf.virtual_address !== vma.vm_start) return VM_FAULT_SIGBUS;
		return vmf_insert_pfn(k, vma, vmf.virtual_address, k.vdso.vvar);
	},
};

/** Enters an area of the kernel's own pages. @see install_special_mapping() */
function install(
	k: Kernel,
	mm: mm_struct,
	start: number,
	pages: number,
	flags: number,
	ops: vm_operations_struct,
): void {
	const vmFlags = flags | mm.def_flags | VM_DONTEXPAND;
	const end = start + pages * PAGE_SIZE;
	const prot = vm_get_page_prot(vmFlags);
	vma_link(k, vm_area_alloc(mm, {start, end, flags: vmFlags, prot, pgoff: start / PAGE_SIZE, file: null, ops}));
	countVma(mm, vmFlags, null, pages);
}

/**
 * Maps the code, and the data below it, into a program that is being started. mmap_sem held for writing.
 * @returns 0 or -ENOMEM
 * @see arch_setup_additional_pages(), map_vdso()
 */
export function mapVdso(k: Kernel, mm: mm_struct): number {
	if (k.era.hasGateArea) return 0;
	const {vvarPages, vdsoPages} = k.era;
	const at = get_unmapped_area(k, mm, 0, (vvarPages + vdsoPages) * PAGE_SIZE);
	if (at < 0) return -ENOMEM;
	const code = at + vvarPages * PAGE_SIZE;
	install(k, mm, code, vdsoPages, VM_READ | VM_EXEC | VM_MAYACCESS, vdso_vm_ops);
	if (vvarPages > 0) install(k, mm, at, vvarPages, VM_READ | VM_MAYREAD | VM_IO | VM_DONTDUMP | VM_PFNMAP, vvar_vm_ops);
	return 0;
}
