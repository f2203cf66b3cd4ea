/**
 * /proc/zoneinfo, with the counters that this machine keeps, in the order of each kernel. @see mm/vmstat.c
 * zoneinfo_show_print()
 *
 * Not modelled: prev_priority, all_unreclaimable, inactive_ratio, per-CPU differences of counters (vm stats threshold),
 * what was scanned in 2.6.13; 6.18's tuning of `high` between its bounds.
 */
import {formatZoneinfo, type ZoneCounters, type ZoneinfoZone} from '../../formats/proc/zoneinfo.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LRU_NAMES, type LruList, lruPages, zoneLruPages} from '../../kernel/mm/lru.ts';
import {slabPages} from '../../kernel/mm/slab_shape.ts';
import {accountedPages, type per_cpu_pages, ZONE_HIGHMEM, type zone} from '../../kernel/mm/zone.ts';

/** Kernels from 5.10 on show zones without pages too: what others keep back for them is told there. */
const showsEmptyZones = (k: Kernel) => k.era.zoneinfoForm !== '2.6.11' && k.era.zoneinfoForm !== '2.6.32';

const isPopulated = (zone: zone) => zone.present_pages > 0;

export function zoneinfo(k: Kernel): string {
	const empty = showsEmptyZones(k);
	const zones = k.pages.zones.filter(zone => empty || isPopulated(zone)).map(zone => zoneRecord(k, zone));
	return formatZoneinfo({dialect: k.era.dialect, zones: empty ? [...zones, movableZone(k)] : zones});
}

function zoneRecord(k: Kernel, zone: zone): ZoneinfoZone {
	const populated = isPopulated(zone);
	const isFirst = zone === k.pages.zones.find(isPopulated);
	return {
		node: 0,
		zone: zone.name,
		perNodeStats: isFirst && showsEmptyZones(k) ? nodeStats(k) : null,
		pages: pageCounters(k, zone),
		scanned: null,
		protection: zone.lowmem_reserve.slice(0, k.era.hasZoneMovable ? 4 : 3),
		counters: populated ? zoneCounters(k, zone) : {},
		pagesets: populated ? zone.pageset.flatMap((set, cpu) => pagesetsOf(k, zone, set, cpu)) : null,
		state: populated ? {start_pfn: zone.zone_start_pfn} : {},
	};
}

/** free, min, low, high and so on. */
function pageCounters(k: Kernel, zone: zone): ZoneCounters {
	const {pages_min: min, pages_low: low, pages_high: high, spanned_pages: spanned, present_pages: present} = zone;
	const free = zone.free_pages;
	// Each mark of 6.18 lies as far above the one before.
	const promo = 2 * high - low;
	const managed = accountedPages(k, zone);
	switch (k.era.zoneinfoForm) {
		case '2.6.11':
			return {free, min, low, high, ...bothKinds(k, zone), spanned, present};
		case '2.6.32':
			return {free, min, low, high, scanned: zone.pages_scanned, spanned, present};
		case '5.10':
			return {free, min, low, high, spanned, present, managed};
		case '6.1':
			return {free, boost: 0, min, low, high, spanned, present, managed, cma: 0};
		case '6.18':
			return {free, boost: 0, min, low, high, promo, spanned, present, managed, cma: 0};
	}
}

function bothKinds(k: Kernel, zone: zone): ZoneCounters {
	const pages = (...lists: LruList[]) =>
		lists.reduce<number>((sum, list) => sum + zoneLruPages(k, zone.index, list), 0);
	return {active: pages(1, 3), inactive: pages(0, 2)};
}

function zoneCounters(k: Kernel, zone: zone): ZoneCounters {
	if (k.era.zoneinfoForm === '2.6.11') return {};
	const prefix = showsEmptyZones(k) ? 'nr_zone_' : 'nr_';
	const counters: Record<string, number> = {nr_free_pages: zone.free_pages};
	for (const [list, name] of LRU_NAMES.entries())
		counters[prefix + name] = zoneLruPages(k, zone.index, list as LruList);
	return counters;
}

/** What kernels since 4.8 count by node. */
function nodeStats(k: Kernel): ZoneCounters {
	const counters: Record<string, number> = {};
	for (const [list, name] of LRU_NAMES.entries()) counters[`nr_${name}`] = lruPages(k, list as LruList);
	return {
		...counters,
		nr_slab_reclaimable: 0,
		nr_slab_unreclaimable: slabPages(k),
		nr_anon_pages: k.mm.nr_anon_pages,
		nr_mapped: k.mm.nr_file_mapped,
		nr_file_pages: k.filemap.nr_file_pages,
		nr_dirty: k.filemap.nr_dirty,
		nr_writeback: k.filemap.nr_writeback,
		...(k.era.zoneinfoForm === '6.18' ? {} : {nr_writeback_temp: 0}),
		nr_shmem: k.filemap.nr_shmem,
		// Of the zone before 5.11.
		...(k.era.zoneinfoForm === '5.10' ? {} : {nr_page_table_pages: pageTablePages(k)}),
	};
}

export const pageTablePages = (k: Kernel): number => [...k.mm.mms.values()].reduce((sum, mm) => sum + mm.nr_ptes, 0);

const MIN_PERCPU_PAGELIST_HIGH_FRACTION = 8;

/** A CPU's list, or its hot and its cold one. */
function pagesetsOf(k: Kernel, zone: zone, set: per_cpu_pages, cpu: number) {
	const cold = zone.coldset[cpu];
	return cold ? [pageset(k, zone, set, cpu, 0), pageset(k, zone, cold, cpu, 1)] : [pageset(k, zone, set, cpu, null)];
}

function pageset(k: Kernel, zone: zone, {count, low, high, batch}: per_cpu_pages, cpu: number, pcp: number | null) {
	const share = Math.floor(zone.managed_pages / MIN_PERCPU_PAGELIST_HIGH_FRACTION);
	const high_max = Math.max(Math.floor(share / zone.pageset.length), 4 * batch);
	return {
		cpu,
		pcp,
		count,
		low: pcp === null ? null : low,
		high,
		batch,
		...(k.era.zoneinfoForm === '6.18' ? {high_min: high, high_max} : {}),
		vmStatsThreshold: null,
	};
}

/** ZONE_MOVABLE, which is empty; where there is high memory it counts as such, and has high memory's least reserve. */
function movableZone(k: Kernel): ZoneinfoZone {
	const mark = isPopulated(k.pages.zones[ZONE_HIGHMEM]!) ? 32 : 0;
	const marks = {min: mark, low: mark, high: mark};
	const newer = k.era.zoneinfoForm !== '5.10';
	return {
		node: 0,
		zone: 'Movable',
		perNodeStats: null,
		pages: {
			free: 0,
			...(newer ? {boost: 0} : {}),
			...marks,
			...(k.era.zoneinfoForm === '6.18' ? {promo: mark} : {}),
			spanned: 0,
			present: 0,
			managed: 0,
			...(newer ? {cma: 0} : {}),
		},
		scanned: null,
		protection: [0, 0, 0, 0],
		counters: {},
		pagesets: null,
		state: {},
	};
}
