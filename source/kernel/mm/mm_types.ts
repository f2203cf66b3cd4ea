/**
 * Models include/linux/mm_types.h (include/linux/mm.h and sched.h in 2.6.11): vm_area_struct, mm_struct, address_space,
 * anon_vma, vm_operations_struct, vm_fault.
 */
import type {Pfn, PhysicalAddress, UserAddress} from '../../hardware/address.ts';
import type {file, inode} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import type {rw_semaphore, spinlock_t} from '../locking.ts';
import type {Rlimits} from '../resource.ts';
import type {Sleeps} from '../time.ts';

/** Protection bits of a page-table entry (low 12 bits). */
export type pgprot_t = number;

/** Identity of pages that may be copied on write: VMAs that share one may merge, and rmap finds their mappers by it. */
export type anon_vma = {
	readonly id: number;
	/** VMAs that may map pages of it. */
	readonly vmas: Set<vm_area_struct>;
	/** Parent after fork (anon_vma chains, 2.6.34+), or null. */
	readonly root: anon_vma | null;
};

/** Pages of one file (or shared anonymous object), by index. */
export type address_space = {
	/** Index in `k.mappings`, stored in the mem_map column `mapping`. */
	readonly id: number;
	readonly host: inode;
	/** page index -> frame */
	readonly pages: Map<number, Pfn>;
	/** VMAs that map it (i_mmap). */
	readonly i_mmap: Set<vm_area_struct>;
	nrdirty: number;
};

export type FaultResult = number;

/** What a fault handler is told and what it fills in. */
export type vm_fault = {
	readonly flags: number;
	/** Page offset in the mapped object. */
	readonly pgoff: number;
	readonly virtual_address: UserAddress;
	/** The handler puts the frame here, with a reference taken, unless it answers VM_FAULT_NOPAGE or an error. */
	page: Pfn | undefined;
};

export type vm_operations_struct = {
	/** As the vma/<pid> file names it: `simple_remap_vm_ops`. */
	readonly name: string;
	/** What maps calls an area without a file that has them: `[vdso]`. */
	readonly areaName?: string;
	readonly open?: (k: Kernel, vma: vm_area_struct) => void;
	readonly close?: (k: Kernel, vma: vm_area_struct) => void;
	readonly fault?: (k: Kernel, vma: vm_area_struct, vmf: vm_fault) => Sleeps<FaultResult>;
	/** The VMA has been moved here by mremap (4.3 on). */
	readonly mremap?: (k: Kernel, vma: vm_area_struct) => void;
	/** Its pages may lie in any order: populate of 2.6.11, VM_CAN_NONLINEAR later. */
	readonly canNonlinear?: boolean;
	readonly page_mkwrite?: (k: Kernel, vma: vm_area_struct, vmf: vm_fault) => Sleeps<FaultResult>;
	/** Maps the cached pages of [first, last] (page offsets) around a read fault, in eras that do so (3.15+). */
	readonly map_pages?: (k: Kernel, vma: vm_area_struct, address: number, first: number, last: number) => void;
};

export type vm_area_struct = {
	readonly vm_mm: mm_struct;
	vm_start: UserAddress;
	/** Exclusive. */
	vm_end: UserAddress;
	vm_flags: number;
	vm_page_prot: pgprot_t;
	/** In pages. */
	vm_pgoff: number;
	vm_file: file | null;
	vm_ops: vm_operations_struct | null;
	anon_vma: anon_vma | null;
	/** Every anon_vma whose pages may be mapped here: its own, and since 2.6.34 those of fork ancestors. */
	anon_vma_chain: readonly anon_vma[];
	/** Neighbours by address; kept by the VmaTree. */
	vm_next: vm_area_struct | null;
	vm_prev: vm_area_struct | null;
	vm_private_data: unknown;
	/** Ours, for the vma/<pid> file: how often open and close were called on it. */
	opens: number;
	closes: number;
};

/** Ordered set of the VMAs of an mm; the red-black tree and list of Linux, or its maple tree, behind one face. */
export type VmaTree = {
	readonly size: number;
	/** Lowest VMA with vm_end > address. */
	find(address: number): vm_area_struct | undefined;
	before(vma: vm_area_struct): vm_area_struct | undefined;
	after(vma: vm_area_struct): vm_area_struct | undefined;
	first(): vm_area_struct | undefined;
	last(): vm_area_struct | undefined;
	insert(vma: vm_area_struct): void;
	/** Moves the start of a VMA that the tree holds, without passing a neighbour. */
	setStart(vma: vm_area_struct, address: number): void;
	/** @param freesRoom false when a neighbour takes over the range at once */
	remove(vma: vm_area_struct, freesRoom?: boolean): void;
	/**
	 * Highest free place for `len` bytes in [low, high).
	 * @returns its address or undefined
	 */
	highestGap(len: number, low: number, high: number): number | undefined;
	/** Lowest free place for `len` bytes in [low, high). */
	lowestGap(len: number, low: number, high: number): number | undefined;
	/** Ascending. */
	[Symbol.iterator](): IterableIterator<vm_area_struct>;
};

export type mm_struct = {
	/** Ours: a number to tell mms apart, in traces and files. */
	readonly id: number;
	/** The process that it was made for; known once there is one. */
	readonly owner: {pid: number};
	/** An area of it has methods that may sleep (those of a driver in C): what cannot wait does not touch it. */
	methodsMaySleep: boolean;
	/** Calls of such methods, which are made before its semaphore is let go. */
	readonly later: (() => Sleeps<unknown>)[];
	readonly mmap: VmaTree;
	/** Where CR3 points. */
	readonly pgd: PhysicalAddress;
	/** Tasks that use it. */
	mm_users: number;
	/** References to the structure: all users together count one. */
	mm_count: number;
	map_count: number;
	readonly mmap_sem: rw_semaphore;
	readonly page_table_lock: spinlock_t;
	mmap_base: UserAddress;
	/** Lowest hole hint of 2.6 (free_area_cache). */
	free_area_cache: UserAddress;
	/** Bottom-up placement from TASK_UNMAPPED_BASE. */
	legacyLayout: boolean;
	start_code: number;
	end_code: number;
	start_data: number;
	end_data: number;
	start_brk: number;
	brk: number;
	start_stack: number;
	arg_start: number;
	arg_end: number;
	/** In pages. */
	total_vm: number;
	hiwater_vm: number;
	locked_vm: number;
	shared_vm: number;
	exec_vm: number;
	stack_vm: number;
	reserved_vm: number;
	data_vm: number;
	pinned_vm: number;
	/** Resident pages: file-backed, anonymous; the sum's peak. */
	rss_file: number;
	rss_anon: number;
	rss_shmem: number;
	hiwater_rss: number;
	/** Page tables, in frames. */
	nr_ptes: number;
	def_flags: number;
	/** Limits in force, and how far they may be raised: what setrlimit() sets. */
	readonly rlimits: Rlimits;
	readonly rlim_max: Rlimits;
	/** AIO contexts, by the user address of their ring. */
	readonly ioctx_list: Map<number, unknown>;
};

export const VM_READ = 0x1;
export const VM_WRITE = 0x2;
export const VM_EXEC = 0x4;
export const VM_SHARED = 0x8;
export const VM_MAYREAD = 0x10;
export const VM_MAYWRITE = 0x20;
export const VM_MAYEXEC = 0x40;
export const VM_MAYSHARE = 0x80;
export const VM_GROWSDOWN = 0x100;
export const VM_PFNMAP = 0x400;
export const VM_DENYWRITE = 0x800;
export const VM_EXECUTABLE = 0x1000;
export const VM_LOCKED = 0x2000;
export const VM_IO = 0x4000;
export const VM_SEQ_READ = 0x8000;
export const VM_RAND_READ = 0x1_0000;
export const VM_DONTCOPY = 0x2_0000;
export const VM_DONTEXPAND = 0x4_0000;
/** 2.6.x; later kernels use bit 19 for VM_LOCKONFAULT and express the meaning by IO|DONTEXPAND|DONTDUMP. */
export const VM_RESERVED = 0x8_0000;
/** mlock2(MLOCK_ONFAULT), 4.4 and later. */
export const VM_LOCKONFAULT = 0x8_0000;
export const VM_ACCOUNT = 0x10_0000;
export const VM_NORESERVE = 0x20_0000;
/** remap_file_pages() put pages of the file in another order: entries say which (up to 3.19). */
export const VM_NONLINEAR = 0x80_0000;
/** VM_ARCH_1 of x86: memory type tracked by PAT (3.7 and later). */
export const VM_PAT = 0x100_0000;
export const VM_INSERTPAGE = 0x200_0000;
/** A child finds zeros there (MADV_WIPEONFORK, 4.14 and later). */
export const VM_WIPEONFORK = 0x200_0000;
/** 3.7 and later. */
export const VM_DONTDUMP = 0x400_0000;
export const VM_MIXEDMAP = 0x1000_0000;
export const VM_PFN_AT_MMAP = 0x4000_0000;

export const VM_FAULT_OOM = 0x1;
export const VM_FAULT_SIGBUS = 0x2;
export const VM_FAULT_MAJOR = 0x4;
export const VM_FAULT_WRITE = 0x8;
export const VM_FAULT_HWPOISON = 0x10;
export const VM_FAULT_SIGSEGV = 0x40;
export const VM_FAULT_NOPAGE = 0x100;
export const VM_FAULT_LOCKED = 0x200;
export const VM_FAULT_RETRY = 0x400;
export const VM_FAULT_ERROR = VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_HWPOISON | VM_FAULT_SIGSEGV;

export const FAULT_FLAG_WRITE = 0x1;
export const FAULT_FLAG_NONLINEAR = 0x2;
export const FAULT_FLAG_MKWRITE = 0x4;
export const FAULT_FLAG_USER = 0x40;
