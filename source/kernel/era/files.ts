import {changes} from './behaviour.ts';

/** Functions in which tasks sleep, by what they wait for. */
export type Sleepers = Partial<
	Record<
		| 'children'
		| 'aioEvents'
		| 'syncIocb'
		| 'kmap'
		| 'pageLock'
		| 'writeback'
		| 'request'
		| 'congestion'
		| 'kswapd'
		| 'work'
		| 'pool'
		| 'poll'
		| 'vfork',
		string
	>
>;

/** The same in all kernels. */
const ALWAYS: Sleepers = {
	children: 'do_wait',
	aioEvents: 'read_events',
	kmap: 'kmap_high',
	kswapd: 'kswapd',
	work: 'worker_thread',
};
const OLD: Sleepers = {
	...ALWAYS,
	syncIocb: 'wait_on_sync_kiocb',
	pageLock: 'sync_page',
	writeback: 'sync_page',
	request: 'get_request_wait',
	pool: 'dma_pool_alloc',
	vfork: 'do_fork',
};
const LATER: Sleepers = {...OLD, congestion: 'congestion_wait', poll: 'poll_schedule_timeout'};

/** What the files of /proc show, beside the format of a line (that is the dialect's). */
export const fileBehaviours = {
	traceShowsFlags: changes<boolean>('kernel/trace/trace.c: the irqs-off column of 3.3', {ldd3: false, '5.10': true}),
	mapsNamesAreas: changes<boolean>('fs/proc/task_mmu.c: [heap] and [stack], 2.6.12', {ldd3: false, '2.6.32': true}),
	/** Rows of smaps beside those that all kernels have. */
	smapsRows: changes<'2.6.32' | '3.2' | '5.10' | '6.1' | '6.18'>(
		'fs/proc/task_mmu.c show_smap(): Pss_Dirty 6.0, KSM 6.6; fixtures/captures',
		{ldd3: '2.6.32', '3.2': '3.2', '5.10': '5.10', '6.1': '6.1', '6.18': '6.18'},
	),
	/** Whether a page counts as dirty for its own flag too, or for the entry alone. */
	smapsAsksPageDirty: changes<boolean>('fs/proc/task_mmu.c smaps_pte_entry(): PageDirty(), 2.6.37', {
		ldd3: false,
		'3.2': true,
	}),
	smapsCountsNormalPagesOnly: changes<boolean>('docs/sources.md §8, smaps: 3.2 leaves PFN and zero pages out of Rss', {
		ldd3: false,
		'3.2': true,
	}),
	vmSizeLeavesOutReserved: changes<boolean>('docs/sources.md §8, status: VmSize = total_vm - reserved_vm', {
		ldd3: true,
		'5.10': false,
	}),
	/** Whether VmData is all that is neither of a file nor stack, or what is private and writable. */
	vmDataIsTheRest: changes<boolean>('fs/proc/task_mmu.c task_mem(): total_vm - shared_vm - stack_vm until 4.4', {
		ldd3: true,
		'5.10': false,
	}),
	statusShowsPeaks: changes<boolean>('fs/proc/task_mmu.c task_mem(): VmPeak, VmHWM, 2.6.15', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Whether status tells the kinds of resident pages apart. */
	statusShowsRssKinds: changes<boolean>('fs/proc/task_mmu.c task_mem(): RssAnon, RssFile, RssShmem, 4.5', {
		ldd3: false,
		'5.10': true,
	}),
	statusShowsPinned: changes<boolean>('docs/sources.md §8, status: VmPin', {ldd3: false, '3.2': true}),
	statusShowsSwap: changes<boolean>('docs/sources.md §8, status: VmSwap', {ldd3: false, '3.2': true}),
	pagemapShowsSharing: changes<boolean>('fs/proc/task_mmu.c: bits 55, 56 and 61 took the page shift’s place, 4.2', {
		ldd3: false,
		'5.10': true,
	}),
	/** Whether walks of page tables leave out areas of frames without a struct page. */
	pagemapLeavesOutPfnmap: changes<boolean>('mm/pagewalk.c walk_page_range(): VM_PFNMAP is a hole, 3.10', {
		ldd3: false,
		'5.10': true,
	}),
	/**
	 * Functions of the scheduler do not count (in_sched_functions()), nor do those that a compiler has put into their
	 * caller; where more than one could be meant there is no name here.
	 */
	sleepsIn: changes<Sleepers>('arch/i386/kernel/process.c get_wchan(); the functions that call schedule()', {
		ldd3: {...OLD, congestion: 'blk_congestion_wait'},
		'2.6.32': LATER,
		'3.2': {...LATER, pageLock: 'sleep_on_page', writeback: 'sleep_on_page'},
		'5.10': {...ALWAYS, congestion: 'congestion_wait', poll: 'poll_schedule_timeout', vfork: 'kernel_clone'},
		'6.1': {...ALWAYS, poll: 'poll_schedule_timeout', vfork: 'kernel_clone'},
	}),
	kernelThreadsIgnoreSignals: changes<boolean>('kernel/exit.c daemonize() blocks; kernel/kthread.c, 2.6.22', {
		ldd3: false,
		'2.6.32': true,
	}),
	meminfoRows: changes<'2.6.11' | '2.6.32' | '5.10' | '6.1'>('docs/sources.md §8, meminfo; fixtures/captures', {
		ldd3: '2.6.11',
		'2.6.32': '2.6.32',
		'5.10': '5.10',
		'6.1': '6.1',
	}),
	/** Which counters zoneinfo has, and in which order. */
	zoneinfoForm: changes<'2.6.11' | '2.6.32' | '5.10' | '6.1' | '6.18'>(
		'mm/page_alloc.c (2.6.11), mm/vmstat.c zoneinfo_show_print; fixtures/captures',
		{
			ldd3: '2.6.11',
			'2.6.32': '2.6.32',
			'5.10': '5.10',
			'6.1': '6.1',
			'6.18': '6.18',
		},
	),
	/** Which rows vmstat has. */
	vmstatRows: changes<'2.6.11' | '2.6.32' | '3.2' | '5.10' | '6.1' | '6.18'>(
		'mm/page_alloc.c (2.6.11), mm/vmstat.c vmstat_text; fixtures/captures for 5.10 and 6.1',
		{ldd3: '2.6.11', '2.6.32': '2.6.32', '3.2': '3.2', '5.10': '5.10', '6.1': '6.1', '6.18': '6.18'},
	),
	/** Whether nr_kernel_stack counts kilobytes; before, it counts stacks. */
	kernelStackIsInKb: changes<boolean>('mm/vmstat.c: NR_KERNEL_STACK_KB, 4.9', {ldd3: false, '5.10': true}),
	/** Whether there is a ZONE_MOVABLE, which takes part in what the zones keep back. */
	hasZoneMovable: changes<boolean>('include/linux/mmzone.h, 2.6.23', {ldd3: false, '2.6.32': true}),
	dmaDumpShowsMapError: changes<boolean>(
		'kernel/dma/debug.c: pfn and map error in the dump, 3.8; fixtures/vectors/debug',
		{
			ldd3: false,
			'5.10': true,
		},
	),
} as const;
