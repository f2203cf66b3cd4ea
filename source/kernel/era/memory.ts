import {hex5, hex8} from '../hex.ts';
import {changes} from './behaviour.ts';
import {layoutBehaviours} from './layout.ts';
import {mappingBehaviours} from './mappings.ts';
import {slabBehaviours} from './slab.ts';

/** What a message about a bad page tells. */
type BadPage = {
	readonly comm: string;
	readonly pfn: number;
	/** Kernel address of its struct page. */
	readonly page: number;
	readonly flags: number;
	readonly count: number;
	readonly mapcount: number;
	readonly mapping: number;
	readonly index: number;
};

/** Physical memory: zones, page allocator, reclaim; and with them layout, slabs and kernel mappings. */
export const memoryBehaviours = {
	...layoutBehaviours,
	...slabBehaviours,
	...mappingBehaviours,
	countsReservedPages: changes<boolean>('mm/swap.c put_page(): 2.6.11 leaves PG_reserved pages alone', {
		ldd3: false,
		'2.6.32': true,
	}),
	groupsPagesByMobility: changes<boolean>('mm/page_alloc.c migrate types, 2.6.24', {ldd3: false, '2.6.32': true}),
	migratetypeNumbers: changes<readonly [unmovable: number, reclaimable: number, movable: number]>(
		'linux/mmzone.h: reordered in 3.19',
		{ldd3: [0, 1, 2], '5.10': [0, 2, 1]},
	),
	boottimeFreesToTail: changes<boolean>('mm/page_alloc.c __free_pages_core(), FPI_TO_TAIL, 5.10', {
		ldd3: false,
		'5.10': true,
	}),
	watermarkLooksForABlock: changes<boolean>('mm/page_alloc.c __zone_watermark_ok(), 4.4', {ldd3: false, '5.10': true}),
	watermarkGaps: changes<(share: number, managed: number) => readonly [low: number, high: number]>(
		'mm/page_alloc.c setup_per_zone_wmarks(): how far low and high lie above min; watermark_scale_factor since 4.6',
		{
			ldd3: share => [Math.floor(share / 4), Math.floor(share / 2)],
			'5.10': (share, managed) => {
				const gap = Math.max(Math.floor(share / 4), Math.floor((managed * 10) / 10_000));
				return [gap, 2 * gap];
			},
		},
	),
	minFreeKbytesMost: changes<number>('mm/page_alloc.c init_per_zone_wmark_min()', {ldd3: 65_536, '5.10': 262_144}),
	reservesCountManagedPages: changes<boolean>('watermarks and lowmem_reserve from managed_pages, 3.9', {
		ldd3: false,
		'5.10': true,
	}),
	presentCountsHoles: changes<boolean>('free_area_init() without a list of holes, as i386 called it', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** Whether a zone's pages are counted less those that its own struct pages take, wherever these lie. */
	presentLeavesOutMemMap: changes<boolean>('mm/page_alloc.c free_area_init_core(): memmap_pages, 2.6.19 to 3.8', {
		ldd3: false,
		'2.6.32': true,
		'5.10': false,
	}),
	pcpBatchMostBytes: changes<number>('mm/page_alloc.c zone_batchsize()', {
		ldd3: 262_144,
		'2.6.32': 524_288,
		'5.10': 1_048_576,
	}),
	pcpBatch: changes<(batch: number) => number>('mm/page_alloc.c: one less than a power of two, since 2.6.13', {
		ldd3: batch => batch,
		'2.6.32': batch => 2 ** (31 - Math.clz32(batch + Math.floor(batch / 2))) - 1,
	}),
	pcpHigh: changes<(batch: number, lowMark: number, cpus: number) => number>(
		'6 times batch; since 5.14 the zone’s low watermark shared out, at least 4 batches',
		{
			ldd3: batch => 6 * batch,
			'6.1': (batch, lowMark, cpus) => Math.max(Math.floor(lowMark / cpus), Math.max(batch, 1) * 4),
		},
	),
	/** How many frames are left in a CPU's list when it is refilled. */
	pcpLow: changes<(batch: number) => number>('mm/page_alloc.c free_area_init_core(): low = 2 * batch until 2.6.12', {
		ldd3: batch => 2 * batch,
		'2.6.32': () => 0,
	}),
	/** Whether a full list is emptied by a batch before a frame is added to it, or after. */
	pcpDrainsBeforeAdding: changes<boolean>('mm/page_alloc.c free_hot_cold_page()', {ldd3: true, '2.6.32': false}),
	/** Where frames lie that are read into by a device: what no cache line holds. */
	coldPages: changes<'lists of their own' | 'at the tail' | 'like others'>(
		'mm/page_alloc.c free_hot_cold_page(), buffered_rmqueue(): two lists a CPU until 2.6.24; __GFP_COLD until 4.14',
		{ldd3: 'lists of their own', '2.6.32': 'at the tail', '5.10': 'like others'},
	),
	/** Whether high memory's low and high marks are reckoned from its own min, or from its share as if it were low. */
	highmemGapsFromOwnMin: changes<boolean>('mm/page_alloc.c setup_per_zone_pages_min(), until 2.6.17', {
		ldd3: true,
		'2.6.32': false,
	}),
	forgetsHugePageReserve: changes<boolean>('mm/khugepaged.c set_recommended_min_free_kbytes() undoes itself, 5.16', {
		ldd3: false,
		'6.1': true,
	}),
	badPageLines: changes<(page: BadPage) => readonly string[]>(
		'mm/page_alloc.c bad_page(); fixtures/vectors/debug atomic.json',
		{
			ldd3: page => [
				`Bad page state at free_hot_cold_page (in process '${page.comm}', page ${hex8(page.page)})`,
				`flags:0x${hex8(page.flags)} mapping:${hex8(page.mapping)} mapcount:${page.mapcount + 1} count:${page.count}`,
				'Backtrace:',
			],
			'2.6.32': page => [
				`BUG: Bad page state in process ${page.comm}  pfn:${hex5(page.pfn)}`,
				`page:${hex8(page.page)} flags:${hex8(page.flags)} count:${page.count} mapcount:${page.mapcount} ` +
					`mapping:${hex8(page.mapping)} index:${page.index.toString(16)}`,
			],
			'3.2': page => [
				`BUG: Bad page state in process ${page.comm}  pfn:${hex5(page.pfn)}`,
				`page:${hex8(page.page)} count:${page.count} mapcount:${page.mapcount} mapping:  ` +
					`${hex8(page.mapping)} index:0x${page.index.toString(16)}`,
				`page flags: 0x${page.flags.toString(16)}()`,
			],
			'5.10': page => [
				`BUG: Bad page state in process ${page.comm}  pfn:${hex5(page.pfn)}`,
				`page:${hex8(page.page)} refcount:${page.count} mapcount:${page.mapcount} ` +
					`mapping:${hex8(page.mapping)} index:0x${page.index.toString(16)} pfn:0x${page.pfn.toString(16)}`,
				`flags: 0x${page.flags.toString(16)}()`,
			],
		},
	),
	badPageNamesModules: changes<boolean>('mm/page_alloc.c bad_page(): print_modules(), 3.1', {ldd3: false, '3.2': true}),
	/** What stands below the trace. */
	badPageEnd: changes<readonly string[]>('mm/page_alloc.c bad_page(), until 2.6.28', {
		ldd3: ['Trying to fix it up, but a reboot is needed'],
		'2.6.32': [],
	}),
	getFreePagesRefusesHighmem: changes<boolean>('__get_free_pages(): BUG_ON in 2.6, masked out in later kernels', {
		ldd3: true,
		'5.10': false,
	}),
	anonymousPagesStartActive: changes<boolean>('mm/memory.c lru_cache_add_active(), until 5.9', {
		ldd3: true,
		'5.10': false,
	}),
	splitsLruByKind: changes<boolean>('mm/vmscan.c: anonymous and file pages on lists of their own, 2.6.28', {
		ldd3: false,
		'2.6.32': true,
	}),
} as const;
