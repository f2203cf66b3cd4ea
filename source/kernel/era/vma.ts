import {EFAULT, EINVAL, ENOMEM} from '../errno.ts';
import {
	VM_DONTCOPY,
	VM_DONTEXPAND,
	VM_EXEC,
	VM_IO,
	VM_MIXEDMAP,
	VM_PAT,
	VM_PFN_AT_MMAP,
	VM_PFNMAP,
	VM_READ,
	VM_RESERVED,
	VM_WRITE,
} from '../mm/mm_types.ts';
import {changes} from './behaviour.ts';

/** VMAs, faults, get_user_pages. */
export const vmaBehaviours = {
	/** Whether a fault method may enter an address itself and answer VM_FAULT_NOPAGE. */
	faultMayEnterAddresses: changes<boolean>('include/linux/mm.h VM_FAULT_NOPAGE, 2.6.23', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** What the lock of an address space is called. */
	mmapLockName: changes<'mmap_sem' | 'mmap_lock'>('include/linux/mm_types.h, 5.8', {
		ldd3: 'mmap_sem',
		'5.10': 'mmap_lock',
	}),
	// ── mmap, munmap ──────────────────────────────────────────────────────────────────────────────────────────────
	maxMapCountDefault: changes<number>('docs/sources.md §2: 65536 in 2.6.11, 65530 later', {
		ldd3: 65_536,
		'2.6.32': 65_530,
	}),
	/** Result of an mmap of no bytes: the hint itself before 2.6.12. */
	mmapOfNothingSucceeds: changes<boolean>('fixtures/vectors/old: 2.6.11 mmap length 0 returns the address', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** Errno of a length that no address space has room for. */
	mmapLengthError: changes<number>('fixtures/vectors/old: 2.6.11 mmap length wrap EINVAL', {
		ldd3: EINVAL,
		'2.6.32': ENOMEM,
	}),
	/** Whether a mapping of a device may not reach beyond 4 GiB of offset. */
	deviceOffsetsAreBounded: changes<boolean>(
		'mm/mmap.c file_mmap_ok, 4.17; fixtures/vectors/i386 drv_ram, pfn 0x100000',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	/** Whether MAP_FIXED_NOREPLACE means something; before, unknown flags were ignored. */
	mapFixedNoreplace: changes<boolean>('fixtures/vectors/vma: 4.17+', {ldd3: false, '5.10': true}),
	/** Whether MAP_DENYWRITE and MAP_EXECUTABLE leave marks in vm_flags. */
	denyWriteIsAFlag: changes<boolean>('include/linux/mman.h calc_vm_flag_bits(): VM_DENYWRITE until 5.15', {
		ldd3: true,
		'6.1': false,
	}),
	executableIsAFlag: changes<boolean>('include/linux/mm.h: VM_EXECUTABLE until 3.6', {ldd3: true, '5.10': false}),
	/**
	 * Whether an area with a close method joins others, as long as it does not itself go: it takes in a neighbour, or
	 * gives a part to one.
	 */
	closeKeepsFromGoingOnly: changes<boolean>('mm/mmap.c is_mergeable_vma(): may_remove_vma, 6.4; mm/vma.c, 6.12', {
		ldd3: false,
		'6.18': true,
	}),
	/** Whether exec looks for room for all of the interpreter, or for the first of its segments. */
	interpreterPlacedWhole: changes<boolean>('fs/binfmt_elf.c load_elf_interp(): total_mapping_size(), 2.6.24', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Whether MAP_NORESERVE leaves a mark in vm_flags. */
	noreserveIsAFlag: changes<boolean>('fixtures/vectors/old: 2.6.11 has no VM_NORESERVE', {ldd3: false, '2.6.32': true}),
	/** Whether a file mapping may join its neighbour before the file's mmap method is asked. */
	mergesBeforeMmapMethod: changes<boolean>('mm/mmap.c mmap_region: 2.6.11 merges file mappings after f_op->mmap', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Whether munmap looks at the limit of areas at each cut, or only where a hole makes one area more. */
	munmapChecksEachCut: changes<boolean>('mm/mmap.c do_munmap() calls split_vma(); __split_vma() since 2.6.33', {
		ldd3: true,
		'3.2': false,
	}),
	/** What MAP_POPULATE brings in: pages that remap_file_pages() would, which are those of shared files; or all. */
	populates: changes<'shared files' | 'everything'>('mm/mmap.c do_mmap_pgoff(): make_pages_present(), 2.6.23', {
		ldd3: 'shared files',
		'2.6.32': 'everything',
	}),
	/**
	 * How remap_file_pages() reorders: the file's populate method fills entries; entries say which page belongs there, but
	 * for files whose dirty pages are counted, which get areas; or areas always.
	 */
	remapFilePages: changes<'populate method' | 'file entries' | 'areas'>(
		'mm/fremap.c: VM_CAN_NONLINEAR, 2.6.23; mm/mmap.c, emulated since 4.0',
		{ldd3: 'populate method', '2.6.32': 'file entries', '5.10': 'areas'},
	),
	/** Where a kernel that only emulates remap_file_pages() tells its callers to look. */
	remapFilePagesDocument: changes<string>('mm/mmap.c remap_file_pages(): pr_warn_once(); 6.0 moved Documentation/vm', {
		ldd3: '',
		'5.10': 'Documentation/vm/remap_file_pages.rst',
		'6.1': 'Documentation/mm/remap_file_pages.rst',
	}),
	topDownSearch: changes<'free_area_cache' | 'highest gap'>('docs/sources.md §2; 3.8 made the search exact', {
		ldd3: 'free_area_cache',
		'5.10': 'highest gap',
	}),
	/**
	 * Pages that top-down and stack growth keep free below a growing stack: 4.12 on; stable 2.6.32 and 3.2 kept one
	 * inside.
	 */
	stackGuard: changes<'none' | 'page inside' | 'gap of 256 pages'>(
		'docs/sources.md §2, Stack; mm/mmap.c stack_guard_gap',
		{
			ldd3: 'none',
			'2.6.32': 'page inside',
			'5.10': 'gap of 256 pages',
		},
	),
	/** What overcommit mode 0 refuses: more than is free or cached, or (5.1 on) more than there is at all. */
	overcommitGuess: changes<'free and cached' | 'all memory'>('mm/mmap.c, mm/util.c __vm_enough_memory', {
		ldd3: 'free and cached',
		'5.10': 'all memory',
	}),
	// ── merging ───────────────────────────────────────────────────────────────────────────────────────────────────
	/** VMAs with one of these never merge. */
	vmSpecial: changes<number>('docs/sources.md §2; mm/mmap.c: VM_DONTCOPY counted until MADV_DONTFORK came in 2.6.16', {
		ldd3: VM_IO | VM_DONTCOPY | VM_DONTEXPAND | VM_RESERVED,
		'2.6.32': VM_IO | VM_DONTEXPAND | VM_RESERVED | VM_PFNMAP,
		'5.10': VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP,
	}),
	/** `into singular`: something that has an anon_vma does not merge into a VMA that has none. */
	anonVmaMerging: changes<'either none' | 'into singular' | 'no fork child'>(
		'fixtures/vectors/vma: anon-merge-3.0-6.15',
		{
			ldd3: 'either none',
			'3.2': 'into singular',
			'6.18': 'no fork child',
		},
	),
	/** Whether a forked VMA gets an anon_vma of its own beside its parent's. */
	anonVmaChains: changes<boolean>('mm/rmap.c anon_vma_fork, 2.6.34', {ldd3: false, '3.2': true}),
	// ── mprotect, mlock ───────────────────────────────────────────────────────────────────────────────────────────
	mprotectUnaccounts: changes<boolean>('fixtures/vectors/vma: unaccount-6.7', {ldd3: false, '6.18': true}),
	mprotectWrapIsNothing: changes<boolean>('fixtures/vectors/old: 2.6.11 mprotect length wrap 0', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** Errno of mlock where a page cannot be brought in. */
	mlockFaultError: changes<number>('fixtures/vectors/old: 2.6.11 mlock of PROT_NONE EFAULT', {
		ldd3: EFAULT,
		'2.6.32': ENOMEM,
	}),
	/** Whether locking brings pages in VMA by VMA on its way, or all at the end (and none after a hole). */
	mlockOrder: changes<'while locking' | 'afterwards'>(
		'fixtures/vectors/old 2.6.11 vectors lock-hole, a0790; mm/mlock.c, 2.6.38',
		{
			ldd3: 'while locking',
			'3.2': 'afterwards',
		},
	),
	/** VMAs with one of these are not locked, though asking is not an error. */
	mlockSkips: changes<number>('mm/mlock.c mlock_fixup; fixtures/vectors/i386 mmap_driver "misc"', {
		ldd3: 0,
		'2.6.32': VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_RESERVED,
		'5.10': VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_MIXEDMAP,
	}),
	/** Whether (un)locked VMAs merge with neighbours that are alike again. */
	mlockMerges: changes<boolean>('fixtures/vectors/old 2.6.11 vector lock-split', {ldd3: false, '2.6.32': true}),
	/** Whether locked memory that mprotect makes writable gets its own pages at once. */
	mprotectPopulatesLocked: changes<boolean>('fixtures/vectors/old vectors lock-mprotect; mm/mprotect.c, 4.1', {
		ldd3: false,
		'5.10': true,
	}),
	/** What may be brought in for mlock: as get_user_pages without force allows, or whatever is not PROT_NONE. */
	populateNeeds: changes<'read or write permission' | 'any permission'>(
		'fixtures/vectors/old 2.6.11 vectors a0457, a0478; mm/mlock.c',
		{
			ldd3: 'read or write permission',
			'3.2': 'any permission',
		},
	),
	/** Whether a pin for reading first makes a copy of an anonymous page that others may share. */
	pinUnshares: changes<boolean>('mm/gup.c gup_must_unshare(); FAULT_FLAG_UNSHARE, 5.19', {ldd3: false, '6.1': true}),
	/** Whether reading untouched anonymous memory for the kernel leaves the page tables alone. */
	gupSkipsUntouched: changes<boolean>(
		'fixtures/vectors/old: 2.6.11 mlock of untouched read-only memory maps no zero page',
		{
			ldd3: true,
			'2.6.32': false,
		},
	),
	/** Whether unknown advice is an error even where nothing is mapped. */
	madviseChecksAdvice: changes<boolean>('fixtures/vectors/old 2.6.11 vector a0201', {ldd3: false, '2.6.32': true}),
	/** MADV_WILLNEED of anonymous memory: an error until swap was read ahead (3.9). */
	willneedAnonymous: changes<boolean>('mm/madvise.c madvise_willneed', {ldd3: false, '5.10': true}),
	// ── mremap ────────────────────────────────────────────────────────────────────────────────────────────────────
	mremapOrder: changes<'unmaps first' | 'looks up first' | 'checks first'>(
		'fixtures/vectors/vma: mremap-order (5.16, 6.17)',
		{
			ldd3: 'unmaps first',
			'6.1': 'looks up first',
			'6.18': 'checks first',
		},
	),
	mremapGrowthMerges: changes<boolean>('fixtures/vectors/vma: mremap-grow-merge (5.19)', {ldd3: false, '6.1': true}),
	mremapDuplicatesPrivate: changes<boolean>('fixtures/vectors/vma: oldlen0-private (4.14)', {
		ldd3: true,
		'5.10': false,
	}),
	/** What mremap takes for anonymous memory when it chooses the new vm_pgoff. */
	mremapAnonymous: changes<'no file' | 'no vm_ops'>(
		'mm/mmap.c copy_vma; fixtures/vectors/i386 VMOPS_NULL mremap-move-fixed',
		{
			ldd3: 'no file',
			'5.10': 'no vm_ops',
		},
	),
	/** VMAs with one of these do not grow. */
	mremapGrowRefused: changes<number>('docs/sources.md §2, mremap: 2.6.11 refuses VM_DONTEXPAND only', {
		ldd3: VM_DONTEXPAND,
		'2.6.32': VM_DONTEXPAND | VM_PFNMAP,
	}),
	// ── faults ────────────────────────────────────────────────────────────────────────────────────────────────────
	/** A read is allowed with any of these. */
	readableWith: changes<number>('fixtures/vectors/old: 2.6.11 reading a write-only page is SEGV:2', {
		ldd3: VM_READ | VM_EXEC,
		'2.6.32': VM_READ | VM_WRITE | VM_EXEC,
	}),
	/** Whether a task that dies of a bad access is logged on i386. */
	logsSegfaults: changes<boolean>('arch/x86/mm/fault.c show_signal_msg, 2.6.25; docs/sources.md §3, Log', {
		ldd3: false,
		'2.6.32': true,
	}),
	/**
	 * Whether a write to a private file mapping has its anon_vma before the file is asked (and keeps it after SIGBUS).
	 */
	anonVmaBeforeFault: changes<boolean>(
		'fixtures/vectors/vma: sigbus-anon-vma; fixtures/vectors/old: 2.6.11 leaves none',
		{
			ldd3: false,
			'3.2': true,
		},
	),
	/** Pages that a read fault of a file maps around itself; 1 = only its own. */
	faultAroundPages: changes<number>('fixtures/vectors/vma, Fault-around; 3.15', {ldd3: 1, '5.10': 16}),
	/** Whether a fault that maps nothing leaves no table of ptes behind. */
	pteTablesAreLazy: changes<boolean>(
		'mm/memory.c pte_alloc in do_anonymous_page, 4.7; fixtures/vectors/i386 NOOPS, depth 1',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	/** What a mapping without a fault method gives. */
	faultlessMapping: changes<'anonymous' | 'sigbus unless private without ops'>(
		'docs/sources.md §3: [11] and [3.2] do_anonymous_page; [32].69 and 4.2 on SIGBUS',
		{
			ldd3: 'anonymous',
			'2.6.32': 'sigbus unless private without ops',
			'3.2': 'anonymous',
			'5.10': 'sigbus unless private without ops',
		},
	),
	/** Whether a file mapping whose driver sets no vm_ops has dummy ones, and so is not taken for anonymous memory. */
	fileVmasHaveDummyOps: changes<boolean>(
		'mm/internal.h vma_dummy_vm_ops, 4.19; fixtures/vectors/i386 NOOPS against VMOPS_NULL',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	/** Whether a private mapping of /dev/zero has its entries at once, or page by page as it is touched. */
	privateZeroMapsAtOnce: changes<boolean>('drivers/char/mem.c mmap_zero: zeromap_page_range, gone in 2.6.24', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** Whether page-table entries of frames without reference counting carry a mark (bit 9). */
	pteSpecial: changes<boolean>('docs/sources.md §3: "special"; fixtures/vectors/i386 entries 0x…225', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** What anonymous read faults map when the VMA is shared and writable: [11] write-protects the zero page always. */
	zeroPageWriteProtected: changes<boolean>('docs/sources.md §3, do_anonymous_page', {ldd3: true, '2.6.32': false}),
	/** When a write fault may keep the page: mapped once; nobody else holds it; or known to be this mm's own. */
	wpReuse: changes<'mapped once' | 'held once' | 'exclusive or held once'>(
		'docs/sources.md §3, do_wp_page; mm/swapfile.c can_share_swap_page() (2.6.11); ' +
			'mm/memory.c 5.8 (page_count), 5.19 (PageAnonExclusive); ' +
			'fixtures/vectors/i386 fact 15',
		{ldd3: 'held once', '2.6.32': 'mapped once', '5.10': 'held once', '6.1': 'exclusive or held once'},
	),
	/** What a write to a private mapping of a frame that has no struct page comes to. */
	wpOfFrameWithoutPage: changes<'kills' | 'copies'>('mm/memory.c do_wp_page(): "bogus page" until 2.6.14', {
		ldd3: 'kills',
		'2.6.32': 'copies',
	}),
	anonExclusive: changes<boolean>('include/linux/page-flags.h PG_anon_exclusive, 5.19', {ldd3: false, '6.1': true}),
	/** Whether fork leaves entries that can fault again uncopied. */
	forkLeavesFilePages: changes<boolean>('mm/memory.c copy_page_range, 2.6.14; docs/sources.md §2, fork', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Whether fork gives the child copies of pages that a device holds pinned. */
	forkCopiesPinned: changes<boolean>('mm/memory.c copy_present_page, 5.9; fixtures/vectors/i386 gup_life', {
		ldd3: false,
		'5.10': true,
	}),
	/** How much stack exec makes beyond the arguments (33 pages in all are seen in fixtures/captures). */
	stackExpandBytes: changes<number>('fs/exec.c setup_arg_pages, 2.6.23', {ldd3: 0, '2.6.32': 131_072}),
	// ── remap_pfn_range ───────────────────────────────────────────────────────────────────────────────────────────
	remapSkipsOrdinaryRam: changes<boolean>(
		'docs/sources.md §3: 2.6.11 leaves the entries of RAM that is not reserved empty',
		{
			ldd3: true,
			'2.6.32': false,
		},
	),
	remapFlags: changes<'IO RESERVED' | 'IO RESERVED PFNMAP' | 'IO PFNMAP DONTEXPAND DONTDUMP'>(
		'docs/sources.md §3; fixtures/vectors/i386 fact 10',
		{
			ldd3: 'IO RESERVED',
			'2.6.32': 'IO RESERVED PFNMAP',
			'5.10': 'IO PFNMAP DONTEXPAND DONTDUMP',
		},
	),
	remapChecksAlignment: changes<boolean>('mm/memory.c remap_pfn_range: WARN and -EINVAL, 5.10', {
		ldd3: false,
		'5.10': true,
	}),
	/** Whether a remapped whole VMA that is shared has its vm_pgoff set to the frame too (track_pfn of 2.6.29 to 3.6). */
	remapWholeSetsPgoff: changes<boolean>('docs/sources.md §3: whole VMA vm_pgoff := pfn', {
		ldd3: false,
		'2.6.32': true,
		'5.10': false,
	}),
	/** Flag of a VMA that was remapped whole in one call: VM_PFN_AT_MMAP, later VM_PAT (VM_ARCH_1). */
	remapWholeFlag: changes<number>('docs/sources.md §3; fixtures/vectors/i386 mmap_driver vm_flags 0x50444fb', {
		ldd3: 0,
		'2.6.32': VM_PFN_AT_MMAP,
		'5.10': VM_PAT,
	}),
	insertPageFlag: changes<'INSERTPAGE' | 'MIXEDMAP'>('mm/memory.c vm_insert_page: VM_MIXEDMAP since 3.10', {
		ldd3: 'INSERTPAGE',
		'5.10': 'MIXEDMAP',
	}),
	// ── get_user_pages ────────────────────────────────────────────────────────────────────────────────────────────
	/** Whether reserved pages (the zero page among them) are counted like any other. */
	gupCountsReserved: changes<boolean>('fixtures/vectors/i386: 2.6.11 does not raise the count of PageReserved pages', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Whether `force` writes only where a private copy is made. */
	forceWritesPrivateOnly: changes<boolean>('fixtures/vectors/i386 fact 15; mm/gup.c check_vma_flags (3.16)', {
		ldd3: false,
		'5.10': true,
	}),
	/** Whether a process that is to die stops taking pages. */
	gupStopsForSignals: changes<boolean>('mm/memory.c __get_user_pages(): fatal_signal_pending(), 2.6.27', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** VMAs with one of these are refused. */
	gupRefuses: changes<number>('docs/sources.md §4: 2.6.11 refuses VM_IO', {ldd3: VM_IO, '2.6.32': VM_IO | VM_PFNMAP}),
} as const;
