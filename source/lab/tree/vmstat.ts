/**
 * /proc/vmstat, the counters that this machine keeps, in the order of each kernel. @see mm/vmstat.c vmstat_text, in
 * 2.6.11 mm/page_alloc.c
 *
 * Not modelled: faults that end in a signal are not faults here; Linux counts them too.
 */
import {formatVmstat} from '../../formats/proc/vmstat.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LRU_NAMES, type LruList, lruPages} from '../../kernel/mm/lru.ts';
import {slabPages} from '../../kernel/mm/slab_shape.ts';
import {nodeStats, pageTablePages} from './zoneinfo.ts';

type Counters = Readonly<Record<string, number>>;

export function vmstat(k: Kernel): string {
	switch (k.era.zoneinfoForm) {
		case '2.6.11':
			return formatVmstat({counters: {...levelsThen(k), ...eventsThen(k)}});
		case '2.6.32':
			return formatVmstat({counters: {...levelsByZone(k), ...events(k)}});
		default:
			return formatVmstat({counters: {...levelsOfZones(k), ...nodeStats(k), ...events(k)}});
	}
}

const freePages = (k: Kernel) => k.pages.zones.reduce((sum, zone) => sum + zone.free_pages, 0);

const lists = (k: Kernel, prefix: string): Counters =>
	Object.fromEntries(LRU_NAMES.map((name, list) => [prefix + name, lruPages(k, list as LruList)]));

const levelsThen = (k: Kernel): Counters => ({
	nr_dirty: k.filemap.nr_dirty,
	nr_writeback: k.filemap.nr_writeback,
	nr_unstable: 0,
	nr_page_table_pages: pageTablePages(k),
	nr_mapped: k.mm.nr_file_mapped + k.mm.nr_anon_pages,
	nr_slab: slabPages(k),
});

/** Kilobytes that went to and from disks; nothing is swapped. */
function blockIo(k: Kernel): Counters {
	let [pgpgin, pgpgout] = [0, 0];
	for (const {queue} of k.block.disks.values()) {
		pgpgin += queue.stats.sectorsRead;
		pgpgout += queue.stats.sectorsWritten;
	}
	return {pgpgin: Math.floor(pgpgin / 2), pgpgout: Math.floor(pgpgout / 2), pswpin: 0, pswpout: 0};
}

/** 2.6.32 and 3.2, where all that is counted is counted by zone. */
const levelsByZone = (k: Kernel): Counters => ({
	nr_free_pages: freePages(k),
	...lists(k, 'nr_'),
	nr_anon_pages: k.mm.nr_anon_pages,
	nr_mapped: k.mm.nr_file_mapped,
	nr_file_pages: k.filemap.nr_file_pages,
	nr_dirty: k.filemap.nr_dirty,
	nr_writeback: k.filemap.nr_writeback,
	nr_slab_reclaimable: 0,
	nr_slab_unreclaimable: slabPages(k),
	nr_page_table_pages: pageTablePages(k),
	nr_unstable: 0,
	nr_bounce: k.block.nr_bounce,
	nr_writeback_temp: 0,
	nr_shmem: k.filemap.nr_shmem,
});

/** What later kernels still count by zone. */
const levelsOfZones = (k: Kernel): Counters => ({
	nr_free_pages: freePages(k),
	...lists(k, 'nr_zone_'),
	nr_zone_write_pending: k.filemap.nr_dirty + k.filemap.nr_writeback,
	...(k.era.zoneinfoForm === '5.10' ? {nr_page_table_pages: pageTablePages(k)} : {}),
	...(k.era.zoneinfoForm === '6.18' ? {} : {nr_bounce: k.block.nr_bounce}),
});

/** Events are counted since boot. 2.6.11 names the zones from the highest, all later kernels from the lowest. */
function eventsThen(k: Kernel): Counters {
	const [dma, normal, high] = k.pages.pgalloc as unknown as readonly [number, number, number];
	return {
		...blockIo(k),
		pgalloc_high: high,
		pgalloc_normal: normal,
		pgalloc_dma: dma,
		pgfree: k.pages.pgfree,
		pgfault: k.mm.minorFaults + k.mm.majorFaults,
		pgmajfault: k.mm.majorFaults,
		pageoutrun: k.vmscan.pageoutrun,
		allocstall: k.pages.allocstalls,
	};
}

const ofZones = (name: string, counts: readonly number[]): Counters =>
	Object.fromEntries(
		['dma', 'normal', 'high', 'movable'].map((zone, index) => [`${name}_${zone}`, counts[index] ?? 0]),
	);

/** From 4.10 on allocstall is counted by zone, in front; before, it is one counter at the end. */
function events(k: Kernel): Counters {
	const byZone = k.era.zoneinfoForm !== '2.6.32';
	return {
		...blockIo(k),
		...ofZones('pgalloc', [...k.pages.pgalloc]),
		...(byZone ? ofZones('allocstall', k.pages.allocstallsOf) : {}),
		pgfree: k.pages.pgfree,
		pgfault: k.mm.minorFaults + k.mm.majorFaults,
		pgmajfault: k.mm.majorFaults,
		pageoutrun: k.vmscan.pageoutrun,
		...(byZone ? {oom_kill: k.vmscan.oomKills} : {allocstall: k.pages.allocstalls}),
	};
}
