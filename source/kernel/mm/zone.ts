/**
 * Models include/linux/mmzone.h: the zones of a PC, their free lists and per-CPU lists, as data.
 *
 * Not modelled: ZONE_MOVABLE (always empty here), nodes, compaction.
 */
import type {Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import type {ListHead} from './page.ts';

/** Orders 0..10: the largest block is 4 MiB. */
export const MAX_ORDER = 11;
/** First frame that ISA devices cannot reach: that at 16 MiB. */
export const MAX_DMA_PFN = 0x1000;

export const ZONE_DMA = 0;
export const ZONE_NORMAL = 1;
export const ZONE_HIGHMEM = 2;
/** Always empty here. */
export const ZONE_MOVABLE = 3;
export type ZoneIndex = 0 | 1 | 2;
export const ZONE_NAMES = ['DMA', 'Normal', 'HighMem'] as const;

/** Ours; `k.era.migratetypeNumbers` says how a kernel numbers them. */
export const MIGRATE_UNMOVABLE = 0;
export const MIGRATE_RECLAIMABLE = 1;
export const MIGRATE_MOVABLE = 2;
export const MIGRATE_TYPES = 3;

/** Free single frames that one CPU keeps at hand. */
export type per_cpu_pages = {
	count: number;
	/** Refilled when no more than these are left: 0 since 2.6.13, and in the cold list. */
	low: number;
	high: number;
	batch: number;
	/** One list for each migrate type; hot frames at the head. */
	readonly lists: readonly ListHead[];
};

export type zone = {
	readonly index: ZoneIndex;
	readonly name: (typeof ZONE_NAMES)[number];
	/** 0 for an empty zone, as Linux leaves it. */
	readonly zone_start_pfn: number;
	readonly spanned_pages: number;
	readonly present_pages: number;
	/** Given to the allocator at boot. */
	managed_pages: number;
	/** In the free lists; what the CPUs keep is not counted. */
	free_pages: number;
	/** Free blocks of each order, all migrate types together. */
	readonly nr_free: Int32Array;
	/** By order, then by migrate type. */
	readonly free_area: readonly (readonly ListHead[])[];
	readonly pageset: readonly per_cpu_pages[];
	/** Frames that no cache line holds, for pages that a device will fill: lists of their own before 2.6.25. */
	readonly coldset: readonly per_cpu_pages[];
	pages_min: number;
	pages_low: number;
	pages_high: number;
	/** Looked at by reclaim since the last frame came back. */
	pages_scanned: number;
	/** What an allocation that could also use a higher zone leaves here; index by that zone. */
	readonly lowmem_reserve: number[];
};

/** Pages that a zone's reserves are reckoned from: those managed, or all present in kernels before 3.9. */
export const accountedPages = (k: Kernel, zone: zone): number =>
	k.era.reservesCountManagedPages ? zone.managed_pages : zone.present_pages;

/** Free frames that the CPUs keep at hand. */
export const keptPages = (zone: zone): number =>
	[...zone.pageset, ...zone.coldset].reduce((sum, {count}) => sum + count, 0);

export const zoneEnd = (zone: zone): number => zone.zone_start_pfn + zone.spanned_pages;

/** Index of the zone that a frame lies in. */
export const page_zonenum = (k: Kernel, frame: Pfn): ZoneIndex =>
	frame < MAX_DMA_PFN ? ZONE_DMA : frame < k.layout.max_low_pfn ? ZONE_NORMAL : ZONE_HIGHMEM;

export const page_zone = (k: Kernel, frame: Pfn): zone => k.pages.zones[page_zonenum(k, frame)]!;
