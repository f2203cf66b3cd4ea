/** /proc/zoneinfo, with the counters that this machine keeps. @see mm/vmstat.c zoneinfo_show_print() */
import {formatZoneinfo, type ZoneCounters, type ZoneinfoZone} from '../../formats/proc/zoneinfo.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LRU_NAMES, type LruList, zoneLruPages} from '../../kernel/mm/lru.ts';
import {accountedPages, type zone} from '../../kernel/mm/zone.ts';

export function zoneinfo(k: Kernel): string {
	return formatZoneinfo({dialect: k.era.dialect, zones: k.pages.zones.map(zone => zoneRecord(k, zone))});
}

function zoneRecord(k: Kernel, zone: zone): ZoneinfoZone {
	const form = k.era.zoneinfoForm;
	const populated = zone.present_pages > 0;
	const lists = listCounters(k, zone, form === '5.10');
	return {
		node: 0,
		zone: zone.name,
		perNodeStats: form === '5.10' && zone === k.pages.zones.find(each => each.present_pages > 0) ? nodeStats(k) : null,
		pages: pageCounters(k, zone, form, lists),
		// Kept for the whole machine only (vmscan.ts), so no zone says how much of it was scanned.
		scanned: null,
		protection: zone.lowmem_reserve,
		counters: form === '2.6.11' ? {} : {nr_free_pages: zone.free_pages, ...lists},
		pagesets: populated ? zone.pageset.map((set, cpu) => pageset(set, cpu, form)) : null,
		state: form === '5.10' && !populated ? {} : {start_pfn: zone.zone_start_pfn},
	};
}

type Form = '2.6.11' | '2.6.32' | '5.10';

function pageCounters(k: Kernel, zone: zone, form: Form, lists: ZoneCounters): ZoneCounters {
	const marks = {free: zone.free_pages, min: zone.pages_min, low: zone.pages_low, high: zone.pages_high};
	if (form === '2.6.11') {
		const active = (lists.nr_active_anon ?? 0) + (lists.nr_active_file ?? 0);
		const inactive = (lists.nr_inactive_anon ?? 0) + (lists.nr_inactive_file ?? 0);
		return {
			...marks,
			active,
			inactive,
			spanned: zone.spanned_pages,
			present: zone.present_pages,
		};
	}
	if (form === '2.6.32') return {...marks, spanned: zone.spanned_pages, present: zone.present_pages};
	const {free, ...watermarks} = marks;
	return {
		free,
		boost: 0,
		...watermarks,
		spanned: zone.spanned_pages,
		present: zone.present_pages,
		managed: accountedPages(k, zone),
		cma: 0,
	};
}

function listCounters(k: Kernel, zone: zone, ofZone: boolean): ZoneCounters {
	const counters: Record<string, number> = {};
	for (const [list, name] of LRU_NAMES.entries())
		counters[`${ofZone ? 'nr_zone_' : 'nr_'}${name}`] = zoneLruPages(k, zone.index, list as LruList);
	return counters;
}

function nodeStats(k: Kernel): ZoneCounters {
	const counters: Record<string, number> = {};
	for (const [list, name] of LRU_NAMES.entries())
		counters[`nr_${name}`] = k.pages.zones.reduce((sum, zone) => sum + zoneLruPages(k, zone.index, list as LruList), 0);
	return {
		...counters,
		nr_anon_pages: k.mm.nr_anon_pages,
		nr_mapped: k.mm.nr_file_mapped,
		nr_file_pages: k.filemap.nr_file_pages,
		nr_dirty: k.filemap.nr_dirty,
		nr_writeback: k.filemap.nr_writeback,
		nr_shmem: k.filemap.nr_shmem,
	};
}

function pageset(set: zone['pageset'][number], cpu: number, form: Form) {
	const old = form === '2.6.11';
	return {
		cpu,
		pcp: old ? 0 : null,
		count: set.count,
		low: old ? 0 : null,
		high: set.high,
		batch: set.batch,
		vmStatsThreshold: null,
	};
}
