/**
 * /proc/vmstat, the counters that this machine keeps. @see mm/vmstat.c vmstat_text, in 2.6.11 mm/page_alloc.c
 *
 * Not modelled: faults that end in a signal are no faults here; Linux counts them too.
 */
import {formatVmstat} from '../../formats/proc/vmstat.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LRU_NAMES, type LruList, lruPages} from '../../kernel/mm/lru.ts';
import {slabPages} from '../../kernel/mm/slab.ts';

export function vmstat(k: Kernel): string {
	const old = k.era.meminfoRows === '2.6.11';
	return formatVmstat({counters: {...(old ? levelsThen(k) : levels(k)), ...events(k, old)}});
}

const pageTables = (k: Kernel): number => [...k.mm.mms.values()].reduce((sum, mm) => sum + mm.nr_ptes, 0);

const levelsThen = (k: Kernel) => ({
	nr_dirty: k.filemap.nr_dirty,
	nr_writeback: k.filemap.nr_writeback,
	nr_page_table_pages: pageTables(k),
	nr_mapped: k.mm.nr_file_mapped + k.mm.nr_anon_pages,
	nr_slab: slabPages(k),
});

const levels = (k: Kernel) => ({
	nr_free_pages: k.pages.zones.reduce((sum, zone) => sum + zone.free_pages, 0),
	...Object.fromEntries(LRU_NAMES.map((name, list) => [`nr_${name}`, lruPages(k, list as LruList)])),
	nr_anon_pages: k.mm.nr_anon_pages,
	nr_mapped: k.mm.nr_file_mapped,
	nr_file_pages: k.filemap.nr_file_pages,
	nr_dirty: k.filemap.nr_dirty,
	nr_writeback: k.filemap.nr_writeback,
	nr_slab_unreclaimable: slabPages(k),
	nr_page_table_pages: pageTables(k),
	nr_bounce: k.block.nr_bounce,
	nr_shmem: k.filemap.nr_shmem,
});

/** Counted since boot. 2.6.11 names the zones from the highest, all later kernels from the lowest. */
function events(k: Kernel, old: boolean): Record<string, number> {
	const [dma, normal, high] = k.pages.pgalloc as unknown as readonly [number, number, number];
	return {
		...(old
			? {pgalloc_high: high, pgalloc_normal: normal, pgalloc_dma: dma}
			: {pgalloc_dma: dma, pgalloc_normal: normal, pgalloc_high: high}),
		pgfree: k.pages.pgfree,
		pgfault: k.mm.minorFaults + k.mm.majorFaults,
		pgmajfault: k.mm.majorFaults,
		pageoutrun: k.vmscan.pageoutrun,
		allocstall: k.pages.allocstalls,
	};
}
