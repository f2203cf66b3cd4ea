/**
 * The rows of /proc/vmstat of each kernel, in its order: mm/page_alloc.c of 2.6.11, mm/vmstat.c vmstat_text of 2.6.32,
 * 3.2, 5.10, 6.1 and 6.18.
 *
 * A kernel is taken as Debian built it for i386: HIGHMEM, SWAP, MIGRATION, COMPACTION, HUGETLB_PAGE,
 * TRANSPARENT_HUGEPAGE, MEMORY_BALLOON, BALLOON_COMPACTION, KSM, ZSWAP, ZSMALLOC and IOMMU_SUPPORT are set where they
 * exist; NUMA, CMA, DEBUG_TLBFLUSH, DEBUG_VM_VMACACHE, DEBUG_STACK_USAGE and PER_VMA_LOCK_STATS are not, so that their
 * rows are absent.
 */

type VmstatRows = '2.6.11' | '2.6.32' | '3.2' | '5.10' | '6.1' | '6.18';

const words = (text: string): string[] => text.trim().split(/\s+/);

/** 2.6.11 names the zones from the highest, all later kernels from the lowest. */
const zonesThen = (...names: string[]) =>
	names.flatMap(name => ['high', 'normal', 'dma'].map(zone => `${name}_${zone}`));
const zones = (...names: string[]) =>
	names.flatMap(name => ['dma', 'normal', 'high', 'movable'].map(zone => `${name}_${zone}`));

const blockIo = words('pgpgin pgpgout pswpin pswpout');
const lru = words('inactive_anon active_anon inactive_file active_file unevictable');
const ofLists = (prefix: string) => lru.map(name => prefix + name);
const unevictable = words(`unevictable_pgs_culled unevictable_pgs_scanned unevictable_pgs_rescued
	unevictable_pgs_mlocked unevictable_pgs_munlocked unevictable_pgs_cleared unevictable_pgs_stranded`);
const hugetlb = words('htlb_buddy_alloc_success htlb_buddy_alloc_fail');
const scannedByZone = zones('pgrefill', 'pgsteal', 'pgscan_kswapd', 'pgscan_direct');

const levels2_6_11 = words('nr_dirty nr_writeback nr_unstable nr_page_table_pages nr_mapped nr_slab');
const events2_6_11 = [
	...blockIo,
	...zonesThen('pgalloc'),
	...words('pgfree pgactivate pgdeactivate pgfault pgmajfault'),
	...zonesThen('pgrefill', 'pgsteal', 'pgscan_kswapd', 'pgscan_direct'),
	...words('pginodesteal slabs_scanned kswapd_steal kswapd_inodesteal pageoutrun allocstall pgrotated'),
];

/** 2.6.32 and 3.2, which count by zone. */
const levelsByZone = [
	'nr_free_pages',
	...ofLists('nr_'),
	...words('nr_mlock nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_slab_reclaimable'),
	...words('nr_slab_unreclaimable nr_page_table_pages nr_kernel_stack nr_unstable nr_bounce nr_vmscan_write'),
];
const isolated = words('nr_writeback_temp nr_isolated_anon nr_isolated_file nr_shmem');
const thresholds = words('nr_dirty_threshold nr_dirty_background_threshold');
const eventsByZone = [
	...blockIo,
	...zones('pgalloc'),
	...words('pgfree pgactivate pgdeactivate pgfault pgmajfault'),
	...scannedByZone,
	...words('pginodesteal slabs_scanned kswapd_steal kswapd_inodesteal'),
];
const lastOfOld = words('pageoutrun allocstall pgrotated');

/** What changed between 5.10 and later kernels stands apart. */
type Parts = {
	readonly free?: string[];
	readonly bounce: string[];
	readonly temp: string[];
	readonly throttled: string[];
	readonly tables: string[];
	readonly afterThresholds?: string[];
	readonly reclaim: string[];
	readonly exceeded: {readonly before: string[]; readonly after: string[]};
	readonly last: string[];
};

const newer = (parts: Parts): string[] => [
	'nr_free_pages',
	...(parts.free ?? []),
	...ofLists('nr_zone_'),
	...words('nr_zone_write_pending nr_mlock'),
	...parts.bounce,
	...words('nr_zspages nr_free_cma'),
	...ofLists('nr_'),
	...words('nr_slab_reclaimable nr_slab_unreclaimable nr_isolated_anon nr_isolated_file workingset_nodes'),
	...words('workingset_refault_anon workingset_refault_file workingset_activate_anon workingset_activate_file'),
	...words('workingset_restore_anon workingset_restore_file workingset_nodereclaim'),
	...words('nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback'),
	...parts.temp,
	...words('nr_shmem nr_shmem_hugepages nr_shmem_pmdmapped nr_file_hugepages nr_file_pmdmapped'),
	...words('nr_anon_transparent_hugepages nr_vmscan_write nr_vmscan_immediate_reclaim nr_dirtied nr_written'),
	...parts.throttled,
	...words('nr_kernel_misc_reclaimable nr_foll_pin_acquired nr_foll_pin_released nr_kernel_stack'),
	...parts.tables,
	...thresholds,
	...(parts.afterThresholds ?? []),
	...blockIo,
	...zones('pgalloc', 'allocstall', 'pgskip'),
	...words('pgfree pgactivate pgdeactivate pglazyfree pgfault pgmajfault pglazyfreed pgrefill pgreuse'),
	...parts.reclaim,
	...words('pgscan_direct_throttle pgscan_anon pgscan_file pgsteal_anon pgsteal_file pginodesteal slabs_scanned'),
	...words('kswapd_inodesteal kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly pageoutrun pgrotated'),
	...words('drop_pagecache drop_slab oom_kill'),
	...words('pgmigrate_success pgmigrate_fail thp_migration_success thp_migration_fail thp_migration_split'),
	...words('compact_migrate_scanned compact_free_scanned compact_isolated compact_stall compact_fail'),
	...words('compact_success compact_daemon_wake compact_daemon_migrate_scanned compact_daemon_free_scanned'),
	...hugetlb,
	...unevictable,
	...words('thp_fault_alloc thp_fault_fallback thp_fault_fallback_charge thp_collapse_alloc'),
	...words('thp_collapse_alloc_failed thp_file_alloc thp_file_fallback thp_file_fallback_charge thp_file_mapped'),
	...words('thp_split_page thp_split_page_failed thp_deferred_split_page'),
	...parts.exceeded.before,
	'thp_split_pmd',
	...parts.exceeded.after,
	...words('thp_zero_page_alloc thp_zero_page_alloc_failed thp_swpout thp_swpout_fallback'),
	...words('balloon_inflate balloon_deflate balloon_migrate swap_ra swap_ra_hit'),
	...parts.last,
	// It is gone; it is printed for programs that look for it.
	'nr_unstable',
];
const exceeded = words('thp_scan_exceed_none_pte thp_scan_exceed_swap_pte thp_scan_exceed_share_pte');

export const vmstatRows: Readonly<Record<VmstatRows, readonly string[]>> = {
	'2.6.11': [...levels2_6_11, ...events2_6_11],
	'2.6.32': [
		...levelsByZone,
		...isolated,
		...eventsByZone,
		...lastOfOld,
		...hugetlb,
		...unevictable,
		'unevictable_pgs_mlockfreed',
	],
	'3.2': [
		...levelsByZone,
		'nr_vmscan_immediate_reclaim',
		...isolated,
		...words('nr_dirtied nr_written nr_anon_transparent_hugepages'),
		...thresholds,
		...eventsByZone,
		...words('kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly kswapd_skip_congestion_wait'),
		...lastOfOld,
		...words('compact_blocks_moved compact_pages_moved compact_pagemigrate_failed'),
		...words('compact_stall compact_fail compact_success'),
		...hugetlb,
		...unevictable,
		'unevictable_pgs_mlockfreed',
		...words('thp_fault_alloc thp_fault_fallback thp_collapse_alloc thp_collapse_alloc_failed thp_split'),
	],
	'5.10': newer({
		bounce: ['nr_page_table_pages', 'nr_bounce'],
		temp: ['nr_writeback_temp'],
		throttled: [],
		tables: [],
		reclaim: words('pgsteal_kswapd pgsteal_direct pgscan_kswapd pgscan_direct'),
		exceeded: {before: [], after: []},
		last: [],
	}),
	'6.1': newer({
		bounce: ['nr_bounce'],
		temp: ['nr_writeback_temp'],
		throttled: ['nr_throttled_written'],
		tables: words('nr_page_table_pages nr_sec_page_table_pages nr_swapcached'),
		reclaim: words('pgsteal_kswapd pgsteal_direct pgdemote_kswapd pgdemote_direct pgscan_kswapd pgscan_direct'),
		exceeded: {before: [], after: exceeded},
		last: words('ksm_swpin_copy cow_ksm zswpin zswpout direct_map_level2_splits direct_map_level3_splits'),
	}),
	'6.18': newer({
		free: ['nr_free_pages_blocks'],
		bounce: [],
		temp: [],
		throttled: ['nr_throttled_written'],
		tables: [
			...words('nr_page_table_pages nr_sec_page_table_pages nr_iommu_pages nr_swapcached'),
			...words('pgdemote_kswapd pgdemote_direct pgdemote_khugepaged pgdemote_proactive'),
			...words('nr_hugetlb nr_balloon_pages nr_kernel_file_pages'),
		],
		afterThresholds: ['nr_memmap_pages', 'nr_memmap_boot_pages'],
		reclaim: ['pgsteal', 'pgscan'].flatMap(name =>
			words('kswapd direct khugepaged proactive').map(who => `${name}_${who}`),
		),
		exceeded: {before: ['thp_underused_split_page'], after: exceeded},
		last: [
			...words('swpin_zero swpout_zero ksm_swpin_copy cow_ksm zswpin zswpout zswpwb'),
			...words('direct_map_level2_splits direct_map_level3_splits'),
			...words('direct_map_level2_collapses direct_map_level3_collapses'),
		],
	}),
};

/** Rows of what this machine has none of, or never does: they are 0, by reason. */
export const neverCounted: Readonly<Record<string, readonly string[]>> = {
	'locked pages stay on the lists': [
		...words('nr_unevictable nr_zone_unevictable unevictable_pgs_mlockfreed'),
		...unevictable,
	],
	'nothing is swapped, merged or compressed': words(`pswpin pswpout nr_swapcached swap_ra swap_ra_hit swpin_zero
		swpout_zero ksm_swpin_copy cow_ksm zswpin zswpout zswpwb nr_zspages pglazyfree pglazyfreed pgscan_anon
		pgsteal_anon nr_isolated_anon`),
	'pages are not moved': words(`pgmigrate_success pgmigrate_fail compact_migrate_scanned compact_free_scanned
		compact_isolated compact_stall compact_fail compact_success compact_daemon_wake
		compact_daemon_migrate_scanned compact_daemon_free_scanned compact_blocks_moved compact_pages_moved
		compact_pagemigrate_failed pgdemote_kswapd pgdemote_direct pgdemote_khugepaged pgdemote_proactive`),
	'there are no huge pages, and the direct mapping is not split': words(`nr_shmem_hugepages nr_shmem_pmdmapped
		nr_file_hugepages nr_file_pmdmapped nr_anon_transparent_hugepages nr_hugetlb pgsteal_khugepaged
		pgscan_khugepaged thp_migration_success thp_migration_fail thp_migration_split htlb_buddy_alloc_success
		htlb_buddy_alloc_fail thp_fault_alloc thp_fault_fallback thp_fault_fallback_charge thp_collapse_alloc
		thp_collapse_alloc_failed thp_file_alloc thp_file_fallback thp_file_fallback_charge thp_file_mapped thp_split
		thp_split_page thp_split_page_failed thp_deferred_split_page thp_underused_split_page thp_split_pmd
		thp_scan_exceed_none_pte thp_scan_exceed_swap_pte thp_scan_exceed_share_pte thp_zero_page_alloc
		thp_zero_page_alloc_failed thp_swpout thp_swpout_fallback direct_map_level2_splits
		direct_map_level3_splits direct_map_level2_collapses direct_map_level3_collapses`),
	'there is no balloon, CMA, guest, NFS, FUSE or file of the kernel’s own': words(`balloon_inflate balloon_deflate
		balloon_migrate nr_balloon_pages nr_free_cma nr_sec_page_table_pages nr_iommu_pages nr_unstable
		nr_writeback_temp nr_kernel_file_pages nr_memmap_pages`),
	'slabs and inodes are not shrunk': words(`nr_slab_reclaimable nr_kernel_misc_reclaimable pginodesteal slabs_scanned
		kswapd_inodesteal drop_slab`),
	'reclaim does not know pages again, put pages at the end of a list, nap or throttle': words(`workingset_nodes
		workingset_refault_anon workingset_refault_file workingset_activate_anon workingset_activate_file
		workingset_restore_anon workingset_restore_file workingset_nodereclaim nr_vmscan_immediate_reclaim
		nr_throttled_written pgrotated kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly
		kswapd_skip_congestion_wait pgscan_direct_throttle pgscan_proactive pgsteal_proactive`),
	'lists are by zone, so that none is gone past': zones('pgskip'),
};
