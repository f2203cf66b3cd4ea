/**
 * Models kernel/fork.c's mm_alloc and mmdrop, and the state of mm/mmap.c (2.6.11 and later): the address spaces
 * of user space and what they are counted by.
 *
 * page_table_lock is there but nobody has to take it: page tables change in plain functions, which nothing interrupts.
 *
 * Not modelled: address-space randomisation (as booted with norandmaps), overcommit modes 1 and 2, swap.
 */
import {PAGE_SIZE, type Pfn, type UserAddress, userAddress} from '../../hardware/address.ts';
import {type file, fput} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import {init_rwsem, spin_lock_init} from '../locking.ts';
import {initialRlimits, initialRlimMax, RLIM_INFINITY} from '../resource.ts';
import type {Sleeps} from '../time.ts';
import type {Made} from '../watch.ts';
import type {mm_struct} from './mm_types.ts';
import {PAGE_OFFSET} from './page.ts';
import {pgd_alloc, pgd_free} from './pgtable.ts';
import {VmaBlocks} from './vma_tree.ts';

/** End of user space: the 3G/1G split. */
export const TASK_SIZE = PAGE_OFFSET;
/** Where bottom-up placement starts: a third of user space. */
export const TASK_UNMAPPED_BASE = 0x4000_0000;
/** Room that top-down placement leaves for the stack at least. */
const STACK_ROOM_BYTES = 128 << 20;

/** One frame that get_user_pages handed out and nobody has given back. */
export type Pin = {
	readonly pfn: Pfn;
	readonly mm: mm_struct;
	readonly address: UserAddress;
	readonly write: boolean;
	/** What it adds to the frame's count; 0 where the era does not count it. */
	readonly weight: number;
	/** Who took it. */
	readonly made: Made;
};

export type MmState = {
	/** Every mm_struct that somebody refers to, by its id. */
	readonly mms: Map<number, mm_struct>;
	nextMmId: number;
	nextAnonVmaId: number;
	/** remap_file_pages() has been called deprecated. */
	saidRemapFilePages: boolean;
	/** /proc/sys/vm/max_map_count */
	max_map_count: number;
	/** vm_committed_space: pages promised to private writable and shared anonymous mappings. */
	vm_committed: number;
	/** Frames held by get_user_pages, innermost hold last. */
	readonly pins: Map<Pfn, Pin[]>;
	/** Files whose last mapping went away while a semaphore was held; released by `releaseUnmapped`. */
	readonly unmappedFiles: file[];
	/** Anonymous pages that are mapped, and pages of files that are (AnonPages and Mapped of meminfo). */
	nr_anon_pages: number;
	nr_file_mapped: number;
	/** Faults since boot. */
	minorFaults: number;
	majorFaults: number;
};

/** Before the first process: no address space but the kernel's own. */
export function mm_init(k: Kernel): void {
	k.mm = {
		mms: new Map(),
		nextMmId: 1,
		nextAnonVmaId: 1,
		saidRemapFilePages: false,
		max_map_count: k.era.maxMapCountDefault,
		vm_committed: 0,
		pins: new Map(),
		unmappedFiles: [],
		nr_anon_pages: 0,
		nr_file_mapped: 0,
		minorFaults: 0,
		majorFaults: 0,
	};
}

/** An empty address space with one user. @returns undefined when there is no memory for its page tables */
export function mm_alloc(k: Kernel): mm_struct | undefined {
	const pgd = pgd_alloc(k);
	if (pgd === undefined) return undefined;
	const id = k.mm.nextMmId++;
	const mm: mm_struct = {
		id,
		owner: {pid: k.cpu.current.pid},
		mmap: new VmaBlocks(),
		pgd,
		mm_users: 1,
		mm_count: 1,
		map_count: 0,
		mmap_sem: init_rwsem(k.era.mmapLockName),
		page_table_lock: spin_lock_init('page_table_lock'),
		mmap_base: userAddress(TASK_SIZE - STACK_ROOM_BYTES),
		free_area_cache: userAddress(TASK_SIZE - STACK_ROOM_BYTES),
		legacyLayout: false,
		start_code: 0,
		end_code: 0,
		start_data: 0,
		end_data: 0,
		start_brk: 0,
		brk: 0,
		start_stack: 0,
		arg_start: 0,
		arg_end: 0,
		total_vm: 0,
		methodsMaySleep: false,
		later: [],
		hiwater_vm: 0,
		locked_vm: 0,
		shared_vm: 0,
		exec_vm: 0,
		stack_vm: 0,
		reserved_vm: 0,
		data_vm: 0,
		pinned_vm: 0,
		rss_file: 0,
		rss_anon: 0,
		rss_shmem: 0,
		hiwater_rss: 0,
		nr_ptes: 0,
		def_flags: 0,
		rlimits: initialRlimits(k.era.memlockLimit),
		rlim_max: initialRlimMax(k.era.memlockLimit),
		ioctx_list: new Map(),
	};
	k.mm.mms.set(id, mm);
	return mm;
}

/** Where top-down placement starts, from the stack's limit. @see arch/x86/mm/mmap.c mmap_base() */
export function arch_pick_mmap_layout(mm: mm_struct, legacy: boolean): void {
	mm.legacyLayout = legacy || mm.rlimits.stack === RLIM_INFINITY;
	const room = Math.min(Math.max(mm.rlimits.stack, STACK_ROOM_BYTES), Math.floor(TASK_SIZE / 6) * 5);
	const base = TASK_SIZE - room;
	mm.mmap_base = userAddress(mm.legacyLayout ? TASK_UNMAPPED_BASE : base - (base % PAGE_SIZE));
	mm.free_area_cache = mm.mmap_base;
}

/** Drops a reference to the structure; with the last one its page tables go. */
export function mmdrop(k: Kernel, mm: mm_struct): void {
	mm.mm_count--;
	if (mm.mm_count > 0) return;
	k.modules?.windows.forget(mm);
	pgd_free(k, mm.pgd);
	k.mm.mms.delete(mm.id);
}

/** Releases the files whose last mapping went away. May sleep in a driver's release; hold no semaphore. */
export function* releaseUnmapped(k: Kernel): Sleeps<void> {
	for (let file = k.mm.unmappedFiles.pop(); file; file = k.mm.unmappedFiles.pop()) {
		file.f_count++;
		yield* fput(k, file);
	}
}
