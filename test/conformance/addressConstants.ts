/** Constants of truth/i386 addresses.json by the name that the recording gives them, where the simulator has them. */
import {PAGE_MASK, PAGE_SHIFT, PAGE_SIZE} from '../../source/hardware/address.ts';
import {
	_PAGE_ACCESSED,
	_PAGE_DIRTY,
	_PAGE_GLOBAL,
	_PAGE_PCD,
	_PAGE_PRESENT,
	_PAGE_PSE,
	_PAGE_PWT,
	_PAGE_RW,
	_PAGE_USER,
} from '../../source/hardware/mmu.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {fix_to_virt} from '../../source/kernel/mm/fixmap.ts';
import {PAGE_KERNEL} from '../../source/kernel/mm/init_tables.ts';
import {TASK_UNMAPPED_BASE} from '../../source/kernel/mm/mm.ts';
import * as vm from '../../source/kernel/mm/mm_types.ts';
import {lowmem_page_address, PAGE_OFFSET} from '../../source/kernel/mm/page.ts';
import {_PAGE_PROTNONE} from '../../source/kernel/mm/pgtable.ts';
import {PAGE_NONE, PAGE_READONLY, PAGE_SHARED} from '../../source/kernel/mm/protection.ts';
import {MAX_DMA_PFN, MAX_ORDER} from '../../source/kernel/mm/zone.ts';

export const hex = (value: number): string => `0x${value.toString(16)}`;
const flag = (value: number) => () => hex(value);
const isPae = (k: Kernel) => k.hw.paging.entryBytes === 8;
/** As a compile-time constant a user protection carries NX in every PAE kernel; the processor here has none. */
const userProtection = (bits: number) => (k: Kernel) =>
	isPae(k) ? `0x80000000${bits.toString(16).padStart(8, '0')}` : hex(bits);
const shiftOf = (k: Kernel, name: 'pgd' | 'pmd') =>
	k.hw.paging.levels.find(level => level.name === name)?.shift ?? k.hw.paging.levels[0]!.shift;
const entriesOf = (k: Kernel, name: 'pgd' | 'pmd' | 'pte') =>
	k.hw.paging.levels.find(level => level.name === name)?.entries ?? 1;

type Constant = (k: Kernel) => string | number;

export const constants: Readonly<Record<string, Constant>> = {
	PAGE_OFFSET: flag(PAGE_OFFSET),
	TASK_SIZE: flag(PAGE_OFFSET),
	TASK_SIZE_MAX: flag(PAGE_OFFSET),
	STACK_TOP: flag(PAGE_OFFSET),
	TASK_UNMAPPED_BASE: flag(TASK_UNMAPPED_BASE),
	VMALLOC_START: k => hex(k.layout.VMALLOC_START),
	VMALLOC_END: k => hex(k.layout.VMALLOC_END),
	VMALLOC_OFFSET: k => hex(k.layout.VMALLOC_START - k.layout.high_memory),
	MODULES_VADDR: k => hex(k.layout.VMALLOC_START),
	MODULES_END: k => hex(k.layout.VMALLOC_END),
	PKMAP_BASE: k => hex(k.layout.PKMAP_BASE),
	'PKMAP_ADDR(LAST_PKMAP)': k => hex(k.layout.PKMAP_BASE + k.layout.LAST_PKMAP * PAGE_SIZE),
	LAST_PKMAP: k => k.layout.LAST_PKMAP,
	FIXADDR_TOP: k => hex(k.layout.FIXADDR_TOP),
	FIXADDR_START: k => hex(k.layout.FIXADDR_START),
	FIXADDR_SIZE: k => hex(k.layout.FIXADDR_TOP - k.layout.FIXADDR_START),
	FIX_KMAP_BEGIN: k => k.layout.FIX_KMAP_BEGIN,
	FIX_KMAP_END: k => k.layout.FIX_KMAP_END,
	KM_MAX_IDX: k => k.era.kmapSlotsPerCpu,
	'fix_to_virt(FIX_KMAP_BEGIN)': k => hex(fix_to_virt(k.layout.FIX_KMAP_BEGIN)),
	'fix_to_virt(FIX_KMAP_END)': k => hex(fix_to_virt(k.layout.FIX_KMAP_END)),
	__end_of_fixed_addresses: k => k.layout.fixmap.all,
	__end_of_permanent_fixed_addresses: k => k.layout.fixmap.permanent,
	CPU_ENTRY_AREA_BASE: k => hex(k.layout.CPU_ENTRY_AREA_BASE),
	LDT_BASE_ADDR: k => hex(k.layout.LDT_BASE_ADDR),
	MAX_DMA_ADDRESS: () => hex(PAGE_OFFSET + MAX_DMA_PFN * PAGE_SIZE),
	PAGE_SIZE: () => PAGE_SIZE,
	PAGE_SHIFT: () => PAGE_SHIFT,
	PAGE_MASK: flag(PAGE_MASK),
	PGDIR_SHIFT: k => shiftOf(k, 'pgd'),
	PMD_SHIFT: k => shiftOf(k, 'pmd'),
	PTRS_PER_PGD: k => entriesOf(k, 'pgd'),
	PTRS_PER_PMD: k => entriesOf(k, 'pmd'),
	PTRS_PER_PTE: k => entriesOf(k, 'pte'),
	MAX_ORDER: () => MAX_ORDER,
	MAX_NR_ZONES: k => k.pages.zones[0]!.lowmem_reserve.length,
	NR_CPUS: k => k.layout.build.NR_CPUS,
	HZ: k => k.era.HZ,
	KMALLOC_MAX_SIZE: () => PAGE_SIZE * 2 ** (MAX_ORDER - 1),
	'sizeof(struct page)': k => k.era.sizeofStructPage,
	'sizeof(pte_t)': k => k.hw.paging.entryBytes,
	'sizeof(pgd_t)': k => k.hw.paging.entryBytes,
	'sizeof(phys_addr_t)': k => k.hw.paging.entryBytes,
	'sizeof(dma_addr_t)': k => k.hw.paging.entryBytes,
	mem_map: k => hex(k.layout.mem_map),
	max_mapnr: k => k.layout.max_pfn,
	high_memory: k => hex(k.layout.high_memory),
	empty_zero_page: k => hex(lowmem_page_address(k.layout.empty_zero_page)),
	VM_READ: flag(vm.VM_READ),
	VM_WRITE: flag(vm.VM_WRITE),
	VM_EXEC: flag(vm.VM_EXEC),
	VM_SHARED: flag(vm.VM_SHARED),
	VM_MAYREAD: flag(vm.VM_MAYREAD),
	VM_MAYWRITE: flag(vm.VM_MAYWRITE),
	VM_MAYEXEC: flag(vm.VM_MAYEXEC),
	VM_MAYSHARE: flag(vm.VM_MAYSHARE),
	VM_GROWSDOWN: flag(vm.VM_GROWSDOWN),
	VM_PFNMAP: flag(vm.VM_PFNMAP),
	VM_LOCKED: flag(vm.VM_LOCKED),
	VM_IO: flag(vm.VM_IO),
	VM_SEQ_READ: flag(vm.VM_SEQ_READ),
	VM_RAND_READ: flag(vm.VM_RAND_READ),
	VM_DONTCOPY: flag(vm.VM_DONTCOPY),
	VM_DONTEXPAND: flag(vm.VM_DONTEXPAND),
	VM_ACCOUNT: flag(vm.VM_ACCOUNT),
	VM_NORESERVE: flag(vm.VM_NORESERVE),
	VM_DONTDUMP: flag(vm.VM_DONTDUMP),
	VM_MIXEDMAP: flag(vm.VM_MIXEDMAP),
	_PAGE_PRESENT: flag(_PAGE_PRESENT),
	_PAGE_RW: flag(_PAGE_RW),
	_PAGE_USER: flag(_PAGE_USER),
	_PAGE_PWT: flag(_PAGE_PWT),
	_PAGE_PCD: flag(_PAGE_PCD),
	_PAGE_ACCESSED: flag(_PAGE_ACCESSED),
	_PAGE_DIRTY: flag(_PAGE_DIRTY),
	_PAGE_PSE: flag(_PAGE_PSE),
	_PAGE_GLOBAL: flag(_PAGE_GLOBAL),
	_PAGE_PROTNONE: flag(_PAGE_PROTNONE),
	'pgprot_val(PAGE_NONE)': flag(PAGE_NONE),
	'pgprot_val(PAGE_SHARED)': userProtection(PAGE_SHARED),
	'pgprot_val(PAGE_COPY)': userProtection(PAGE_READONLY),
	'pgprot_val(PAGE_READONLY)': userProtection(PAGE_READONLY),
	'pgprot_val(PAGE_KERNEL)': flag(PAGE_KERNEL),
	'pgprot_val(pgprot_noncached(PAGE_SHARED))': userProtection(PAGE_SHARED | _PAGE_PCD),
	'pgprot_val(pgprot_writecombine(PAGE_SHARED))': userProtection(PAGE_SHARED | _PAGE_PCD),
};
