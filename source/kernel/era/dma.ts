import type {dma_debug_type} from '../dma/entries.ts';
import {EINVAL, EIO} from '../errno.ts';
import {changes} from './behaviour.ts';

/** What a driver calls, where it is a function of its own. */
const ENTRY_POINT: Readonly<Record<dma_debug_type, string>> = {
	single: 'dma_map_page_attrs',
	page: 'dma_map_page_attrs',
	'scather-gather': 'dma_map_sg_attrs',
	coherent: 'dma_alloc_attrs',
	resource: 'dma_map_resource',
};

const CHECKER: Readonly<Record<dma_debug_type, string>> = {
	single: 'debug_dma_map_page',
	page: 'debug_dma_map_page',
	'scather-gather': 'debug_dma_map_sg',
	coherent: 'debug_dma_alloc_coherent',
	resource: 'debug_dma_map_resource',
};

/** Masks, mappings, pools, dma-debug. */
export const dmaBehaviours = {
	// ── masks ──────────────────────────────────────────────────────────────────────────────────────────────────────
	dmaMaskNumericMinimum: changes<bigint>(
		'asm-i386/dma-mapping.h and arch/x86/kernel/pci-dma.c dma_supported; kernel/dma/direct.c: the same 24 bits',
		{ldd3: 0x00ff_ffffn},
	),
	/** Whether a mask is stored in a dma_addr_t first, which cuts it to 32 bits without PAE. */
	dmaMaskTruncated: changes<boolean>('kernel/dma/mapping.c dma_set_mask: `mask = (dma_addr_t)mask`, 5.0', {
		ldd3: false,
		'5.10': true,
	}),
	/** Whether the coherent mask must be one that dma_supported accepts. */
	coherentMaskZeroMeans32Bits: changes<boolean>(
		'arch/x86/include/asm/dma-mapping.h dma_alloc_coherent_mask; gone in 4.x',
		{
			ldd3: true,
			'5.10': false,
		},
	),

	// ── streaming mappings ─────────────────────────────────────────────────────────────────────────────────────────
	/** What a map call answers when the device cannot reach the buffer. */
	dmaMapFailure: changes<'never fails' | 'zero' | 'all ones'>(
		'asm-i386/dma-mapping.h (no check); arch/x86/kernel/pci-nommu.c bad_dma_address = 0; DMA_MAPPING_ERROR, 5.0',
		{ldd3: 'never fails', '2.6.32': 'zero', '5.10': 'all ones'},
	),
	/** The last reachable byte is addr+size before 3.x (one page less than the mask allows), addr+size-1 after. */
	dmaMaskComparesEnd: changes<'exclusive' | 'inclusive'>('arch/x86/include/asm/dma-mapping.h dma_capable', {
		ldd3: 'exclusive',
		'3.2': 'inclusive',
	}),
	/** dma_map_single refuses addresses that are not in the direct mapping. */
	dmaMapRejectsVmalloc: changes<boolean>('include/linux/dma-mapping.h dma_map_single_attrs, 5.5', {
		ldd3: false,
		'5.10': true,
	}),
	/** Devices without a mask pointer: mapped all the same, or refused with a warning. */
	dmaMapNeedsMask: changes<boolean>(
		'kernel/dma/mapping.c dma_map_page_attrs, 5.4; fixtures/vectors/debug map_without_dma_mask',
		{
			ldd3: false,
			'5.10': true,
		},
	),

	/** Where BUG() and WARN() of the mapping calls say that they stand. */
	dmaMappingFile: changes<string>('the mapping calls were inline functions of a header until 5.0', {
		ldd3: 'include/asm/dma-mapping.h',
		'2.6.32': 'arch/x86/include/asm/dma-mapping.h',
		'5.10': 'kernel/dma/mapping.c',
	}),

	/** Where BUG() says that it stands; lines are known for 6.1.176 only. */
	dmaMappingBug: changes<(line?: number) => string>('as above; fixtures/vectors/debug', {
		ldd3: () => 'include/asm/dma-mapping.h',
		'2.6.32': () => 'arch/x86/include/asm/dma-mapping.h',
		'5.10': () => 'kernel/dma/mapping.c',
		'6.1': line => `kernel/dma/mapping.c${line === undefined ? '' : `:${line}`}`,
	}),

	dmaMapSgtableFailure: changes<number>(
		'include/linux/dma-mapping.h dma_map_sgtable; fixtures/vectors/i386 dma_sg runs G and A',
		{
			ldd3: -EINVAL,
			'6.1': -EIO,
		},
	),

	dmaMapSgWarnsOfNothing: changes<boolean>('kernel/dma/mapping.c __dma_map_sg_attrs, 5.15; fixtures/vectors/debug', {
		ldd3: false,
		'6.1': true,
	}),

	// ── coherent memory ────────────────────────────────────────────────────────────────────────────────────────────
	/** Whether coherent memory is zeroed to the end of its last page, or only as far as it was asked for. */
	coherentZeroesWholePages: changes<boolean>('arch/i386/kernel/pci-dma.c memset(ret, 0, size); __GFP_ZERO, 2.6.27', {
		ldd3: false,
		'2.6.32': true,
	}),
	coherentZone: changes<'DMA below 32 bits' | 'DMA below 25 bits, or after a miss'>(
		'arch/i386/kernel/pci-dma.c (2.6.11); arch/x86/kernel/pci-dma.c dma_generic_alloc_coherent; kernel/dma/direct.c',
		{ldd3: 'DMA below 32 bits', '2.6.32': 'DMA below 25 bits, or after a miss'},
	),
	/** The size that is compared with the mask: as asked for, or in whole pages. */
	coherentChecksWholePages: changes<boolean>('kernel/dma/direct.c dma_direct_alloc: size = PAGE_ALIGN(size)', {
		ldd3: false,
		'5.10': true,
	}),
	coherentComparesEnd: changes<'exclusive' | 'inclusive'>('addr + size > dma_mask; dma_coherent_ok: addr + size - 1', {
		ldd3: 'exclusive',
		'5.10': 'inclusive',
	}),
	/** A device whose dma_mask pointer is NULL gets none. */
	coherentNeedsMask: changes<boolean>('arch/x86/include/asm/dma-mapping.h is_device_dma_capable; gone in 5.0', {
		ldd3: false,
		'2.6.32': true,
		'5.10': false,
	}),
	coherentWarnsWithoutMask: changes<boolean>(
		'kernel/dma/mapping.c dma_alloc_attrs: WARN_ON_ONCE(!dev->coherent_dma_mask)',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	/** Which of its two addresses decides what dma_free_coherent() frees. */
	coherentFreesBy: changes<'cpu address' | 'bus address'>(
		'free_pages(vaddr); dma_direct_to_page(dma_addr), 5.x; fixtures/vectors/debug',
		{
			ldd3: 'cpu address',
			'5.10': 'bus address',
		},
	),

	// ── swiotlb ────────────────────────────────────────────────────────────────────────────────────────────────────
	/** Whether a kernel with PAE sets a pool aside by itself when there is RAM above 4 GiB. */
	swiotlbAbove4GiB: changes<boolean>(
		'arch/x86/kernel/pci-swiotlb.c pci_swiotlb_detect_4gb(): 64 bits only in kernels before 5.10 here',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	/** Smallest mapping that starts at a page of the bounce pool. */
	swiotlbPageAlignedFromBytes: changes<number>('lib/swiotlb.c map_single; kernel/dma/swiotlb.c find_slots (4.20)', {
		ldd3: 4097,
		'5.10': 4096,
	}),
	/** Whether mapping copies the driver's bytes into the bounce buffer even for DMA_FROM_DEVICE. */
	swiotlbMapCopiesAlways: changes<boolean>(
		'kernel/dma/swiotlb.c, 5.18 and stable 5.10: a leak fix; fixtures/vectors/i386 runs B and H',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	/** A mapping that finds no slots gets the overflow buffer, not an error. */
	swiotlbOverflowBuffer: changes<boolean>('lib/swiotlb.c io_tlb_overflow_buffer; removed in 4.17', {
		ldd3: true,
		'5.10': false,
	}),
	/** Whether unmapping frees what was mapped, or what the driver says. */
	swiotlbRemembersSize: changes<boolean>('kernel/dma/swiotlb.c io_tlb_slot.alloc_size, 5.12 and stable', {
		ldd3: false,
		'6.1': true,
	}),
	swiotlbBootLine: changes<(start: number, bytes: number) => string>('lib/swiotlb.c swiotlb_print_info', {
		ldd3: (start, bytes) => `software IO TLB at phys 0x${start.toString(16)} - 0x${(start + bytes).toString(16)}`,
		'5.10': (start, bytes) => {
			const ends = [start, start + bytes - 1].map(end => `mem 0x${end.toString(16).padStart(16, '0')}`);
			return `software IO TLB: mapped [${ends[0]}-${ends[1]!.slice(4)}] (${bytes >> 20}MB)`;
		},
	}),
	swiotlbFullLine: changes<(label: string, sizeBytes: number, slots: number, used: number) => string>(
		'lib/swiotlb.c swiotlb_full; kernel/dma/swiotlb.c swiotlb_tbl_map_single',
		{
			ldd3: (label, size) => `DMA: Out of SW-IOMMU space for ${size} bytes at device ${label.split(' ')[1]}`,
			'5.10': (label, size, slots, used) =>
				`${label}: swiotlb buffer is full (sz: ${size} bytes), total ${slots} (slots), used ${used} (slots)`,
		},
	),

	// ── dma_pool ───────────────────────────────────────────────────────────────────────────────────────────────────
	/** How a pool's page is divided: a bitmap of blocks, or a list of free blocks threaded through them. */
	dmaPoolKeeps: changes<'bitmap' | 'free list' | 'one list'>(
		'drivers/base/dmapool.c (2.6.11); mm/dmapool.c, 2.6.25; one list of blocks, 6.4',
		{ldd3: 'bitmap', '2.6.32': 'free list', '6.18': 'one list'},
	),
	/** An allocation that may sleep waits for memory in turns of 100 ms, in this state, rather than giving up. */
	dmaPoolWaitState: changes<'TASK_INTERRUPTIBLE' | 'TASK_UNINTERRUPTIBLE' | 'does not wait'>(
		'mm/dmapool.c dma_pool_alloc: POOL_TIMEOUT_JIFFIES, gone in 3.9; state of 3.2 in fixtures/vectors/old',
		{ldd3: 'TASK_INTERRUPTIBLE', '3.2': 'TASK_UNINTERRUPTIBLE', '5.10': 'does not wait'},
	),
	/** With pool debugging: whether an allocation looks at the poison of the block that it hands out. */
	dmaPoolChecksPoison: changes<boolean>('mm/dmapool.c dma_pool_alloc (corrupted), 3.8', {ldd3: false, '5.10': true}),
	/** Bus addresses in messages: bare digits, or with 0x in the width of dma_addr_t (`%pad`, 4.x). */
	busAddressInMessages: changes<'digits' | '%pad'>('mm/dmapool.c: %Lx, %pad', {ldd3: 'digits', '5.10': '%pad'}),
	/** A scatterlist says itself which entry is its last. */
	scatterlistHasEnd: changes<boolean>('include/linux/scatterlist.h sg_mark_end(), 2.6.24', {
		ldd3: false,
		'2.6.32': true,
	}),
	/**
	 * dma_get_cache_alignment(), in bytes: the largest cache line that a kernel of i386 knows (L1_CACHE_SHIFT_MAX), the
	 * line of a processor without CLFLUSH (x86_clflush_size), or nothing in particular (i386 has no ARCH_DMA_MINALIGN).
	 */
	dmaCacheAlignment: changes<number>(
		'asm-i386/{dma-mapping,cache}.h; arch/x86/kernel/cpu/common.c; include/linux/dma-mapping.h, 2.6.36',
		{
			ldd3: 128,
			'2.6.32': 32,
			'3.2': 1,
		},
	),
	/** What stands before the bus id of a device without driver in dev_err() and its like. */
	unboundDeviceLabel: changes<'nothing' | 'bus'>('include/linux/device.h dev_printk; dev_driver_string, 2.6.20', {
		ldd3: 'nothing',
		'2.6.32': 'bus',
	}),

	/** Where might_sleep() says it stands when memory is asked for, and when a mutex is taken. */
	allocMightSleepAt: changes<string>('mm/slab.c; include/linux/sched/mm.h might_alloc; fixtures/vectors/debug', {
		ldd3: 'mm/slab.c',
		'5.10': 'include/linux/sched/mm.h',
		'6.1': 'include/linux/sched/mm.h:274',
	}),
	mutexMightSleepAt: changes<string>(
		'include/asm/semaphore.h, kernel/mutex.c, kernel/locking/mutex.c; fixtures/vectors/debug',
		{
			ldd3: 'include/asm/semaphore.h',
			'2.6.32': 'kernel/mutex.c',
			'5.10': 'kernel/locking/mutex.c',
			'6.1': 'kernel/locking/mutex.c:283',
		},
	),

	// ── dma-debug ──────────────────────────────────────────────────────────────────────────────────────────────────
	/** Whether the kernel has lib/dma-debug.c. Without it the table of mappings is ours alone and checks nothing. */
	hasDmaDebug: changes<boolean>('lib/dma-debug.c, 2.6.30', {ldd3: false, '2.6.32': true}),
	/** What the kernel calls a kind of mapping. 6.18 maps physical addresses, whoever asks. */
	dmaDebugTypeName: changes<(type: dma_debug_type) => string>('kernel/dma/debug.c type2name; read in 6.18.35', {
		ldd3: type => type,
		'6.18': type => (type === 'scather-gather' ? 'scatter-gather' : type === 'coherent' ? type : 'phy'),
	}),
	dmaDebugFile: changes<string>('lib/dma-debug.c moved in 4.18', {
		ldd3: 'lib/dma-debug.c',
		'5.10': 'kernel/dma/debug.c',
	}),
	/** Whether a warning names the line of its source: known for 6.1.176, from fixtures/vectors/debug. */
	dmaWarningsNameLines: changes<boolean>('fixtures/vectors/debug dma_debug.json', {ldd3: false, '6.1': true}),
	dmaDebugBuckets: changes<number>('HASH_SIZE: 1024, 16384 from 5.5; fixtures/vectors/debug dumps', {
		ldd3: 1024,
		'5.10': 16_384,
	}),
	dmaDebugPreallocated: changes<number>('CONFIG_HAVE_DMA_API_DEBUG: 32768; 65536 in whole pages of 42 from 4.20', {
		ldd3: 32_768,
		'5.10': 65_562,
	}),
	/** Entries that one more page holds once they are used up; 0: the checker switches itself off. */
	dmaDebugGrowsBy: changes<number>('kernel/dma/debug.c DMA_DEBUG_DYNAMIC_ENTRIES, 4.21', {ldd3: 0, '5.10': 42}),
	dmaDebugTellsPageFromSingle: changes<boolean>('lib/dma-debug.c dma_debug_page; one type from 5.10', {
		ldd3: true,
		'5.10': false,
	}),
	dmaDebugSyncFindsContaining: changes<boolean>('lib/dma-debug.c bucket_find_contain, 3.2', {ldd3: false, '3.2': true}),
	dmaDebugChecksMapError: changes<boolean>('lib/dma-debug.c debug_dma_mapping_error, 3.8', {ldd3: false, '5.10': true}),
	/** Tracks overlapping cache lines: not at all, counting only, or reporting the second mapping too. */
	dmaDebugOverlap: changes<'none' | 'counts' | 'reports'>(
		'lib/dma-debug.c active_cacheline, 3.14; EEXIST reported, 5.16',
		{
			ldd3: 'none',
			'5.10': 'counts',
			'6.1': 'reports',
		},
	),
	dmaDebugChecksSegments: changes<boolean>('kernel/dma/debug.c check_sg_segment, 4.18', {ldd3: false, '5.10': true}),
	dmaDebugNamesLeak: changes<boolean>('lib/dma-debug.c device_dma_allocations, 3.2', {ldd3: false, '3.2': true}),
	dmaDebugLine: changes<(label: string, text: string) => string>('err_printk; pr_fmt moved the prefix in 4.20', {
		ldd3: (label, text) => `${label}: DMA-API: ${text}`,
		'5.10': (label, text) => `DMA-API: ${label}: ${text}`,
	}),
	dmaDebugMappedAt: changes<string>('lib/dma-debug.c dump_entry_trace; pr_fmt, 4.20; fixtures/vectors/debug', {
		ldd3: 'Mapped at:',
		'5.10': 'DMA-API: Mapped at:',
	}),
	/**
	 * Functions of the DMA API that are on the stack when a mapping is entered: they were inline in its callers until
	 * 5.x.
	 */
	dmaDebugFrames: changes<(type: dma_debug_type) => readonly string[]>(
		'asm-generic/dma-mapping-common.h (inline); kernel/dma/mapping.c; fixtures/vectors/debug; dma_map_phys, 6.18',
		{
			ldd3: type => [CHECKER[type]],
			'5.10': type => [CHECKER[type], ENTRY_POINT[type]],
			'6.1': type => [CHECKER[type], ...(type === 'scather-gather' ? ['__dma_map_sg_attrs'] : []), ENTRY_POINT[type]],
			'6.18': type =>
				type === 'scather-gather'
					? [CHECKER[type], '__dma_map_sg_attrs', ENTRY_POINT[type]]
					: type === 'coherent'
						? [CHECKER[type], ENTRY_POINT[type]]
						: ['debug_dma_map_phys', 'dma_map_phys'],
		},
	),
	dmaDebugStackText: changes<string>('lib/dma-debug.c check_for_stack: two string pieces without a blank between', {
		ldd3: 'device driver maps memory fromstack',
		'5.10': 'device driver maps memory from stack',
	}),
} as const;
