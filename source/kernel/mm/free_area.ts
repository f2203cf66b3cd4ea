/**
 * Models mm/page_alloc.c: free_area_init_core(), memmap_init(), free_all_bootmem(): the zones come up and get their
 * frames.
 *
 * Not modelled: deferred initialisation.
 */
import {PAGE_SIZE, type Pfn, pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {__free_one_page, get_pageblock_migratetype} from './buddy.ts';
import {newList, PG_reserved, setPageUse} from './page.ts';
import {init_per_zone_pages_min, start_khugepaged, stop_khugepaged} from './watermarks.ts';
import {
	MAX_DMA_PFN,
	MAX_ORDER,
	MIGRATE_MOVABLE,
	MIGRATE_TYPES,
	ZONE_HIGHMEM,
	ZONE_NAMES,
	type ZoneIndex,
	type zone,
} from './zone.ts';

export type PageAllocState = {
	/** DMA, Normal, HighMem; empty ones too. */
	readonly zones: readonly zone[];
	min_free_kbytes: number;
	/** Whether frames are grouped by migrate type. */
	readonly grouping: boolean;
	readonly pageblockOrder: number;
	readonly pageblockPages: number;
	/** Migrate type of each pageblock. */
	readonly pageblockTypes: Uint8Array;
	/** Frames ever allocated, by zone, and freed. */
	readonly pgalloc: Float64Array;
	pgfree: number;
	/** Allocations that found nothing, and those that had to reclaim. */
	failures: number;
	allocstalls: number;
	/** The same by the highest zone that would have done; the last is the always empty ZONE_MOVABLE. */
	readonly allocstallsOf: [number, number, number, number];
	badPages: number;
};

type Range = {readonly start: number; readonly end: number};

/** Frames of `range` that lie in [start, end). */
const clip = (range: Range, start: number, end: number): Range => ({
	start: Math.max(range.start, start),
	end: Math.min(range.end, end),
});
const length = (range: Range) => Math.max(0, range.end - range.start);

function createZone(k: Kernel, index: ZoneIndex, span: Range): zone {
	const {ram, reserved} = k.layout;
	const sum = (ranges: readonly Range[]) =>
		ranges.reduce((total, range) => total + length(clip(range, span.start, span.end)), 0);
	const first = k.era.presentCountsHoles ? span.start : Math.max(span.start, ram[0]!.start);
	const empty = length(span) === 0;
	const lists = () => Array.from({length: MIGRATE_TYPES}, () => newList(k.mem_map));
	const pageset = () => ({count: 0, low: 0, high: 0, batch: 1, lists: lists()});
	const ramPages = sum(ram);
	return {
		index,
		name: ZONE_NAMES[index],
		zone_start_pfn: empty ? 0 : first,
		spanned_pages: empty ? 0 : span.end - first,
		present_pages: empty ? 0 : presentPages(k, span, first, ramPages),
		managed_pages: ramPages - overlap(ram, reserved, span),
		free_pages: 0,
		nr_free: new Int32Array(MAX_ORDER),
		free_area: Array.from({length: MAX_ORDER}, lists),
		pageset: k.sched.cpus.map(pageset),
		coldset: k.era.coldPages === 'lists of their own' ? k.sched.cpus.map(pageset) : [],
		pages_min: 0,
		pages_low: 0,
		pages_high: 0,
		pages_scanned: 0,
		lowmem_reserve: [0, 0, 0, 0],
	};
}

/** What a zone is said to have. @see free_area_init_core() */
function presentPages(k: Kernel, span: Range, first: number, ramPages: number): number {
	if (k.era.presentCountsHoles) return length(span);
	const memMapPages = Math.ceil(((span.end - first) * k.era.sizeofStructPage) / PAGE_SIZE);
	return k.era.presentLeavesOutMemMap && ramPages >= memMapPages ? ramPages - memMapPages : ramPages;
}

/** Frames of RAM in a span that boot keeps. */
function overlap(ram: readonly Range[], reserved: readonly Range[], span: Range): number {
	let total = 0;
	for (const kept of reserved)
		for (const range of ram) total += length(clip(clip(kept, range.start, range.end), span.start, span.end));
	return total;
}

/** Marks what the allocator never gets: holes of the memory map and what boot keeps. */
function memmap_init(k: Kernel): void {
	const {flags, _count} = k.mem_map;
	const {max_pfn, ram, reserved} = k.layout;
	const mark = (start: number, end: number, count: number) => {
		if (end <= start) return;
		flags.fill(1 << PG_reserved, start, end);
		_count.fill(count, start, end);
	};
	let at = 0;
	for (const range of ram) {
		mark(at, Math.min(range.start, max_pfn), k.era.holePageCount);
		at = range.end;
	}
	mark(at, max_pfn, k.era.holePageCount);
	for (const {start, end, name} of reserved) {
		mark(start, Math.min(end, max_pfn), k.era.reservedPageCount);
		if (name !== 'firmware') for (let frame = start; frame < end; frame++) setPageUse(k, pfn(frame), 'kernel');
	}
}

/** Gives [start, end) to the allocator in the largest blocks that fit, within zones. */
function freeRange(k: Kernel, start: number, end: number): void {
	let at = start;
	while (at < end) {
		const zone = k.pages.zones[at < MAX_DMA_PFN ? 0 : at < k.layout.max_low_pfn ? 1 : 2]!;
		const stop = Math.min(end, zone.zone_start_pfn + zone.spanned_pages);
		let order = MAX_ORDER - 1;
		while (at % 2 ** order !== 0 || at + 2 ** order > stop) order--;
		__free_one_page(k, zone, at as Pfn, order, get_pageblock_migratetype(k, at as Pfn), k.era.boottimeFreesToTail);
		at += 2 ** order;
	}
}

/** Frees every frame of RAM that boot does not keep, nor may keep for now. */
function free_all_bootmem(k: Kernel, kept: readonly Range[]): void {
	const sorted = [...kept].sort((a, b) => a.start - b.start);
	for (const range of k.layout.ram) {
		let at = range.start;
		for (const taken of sorted) {
			const part = clip(taken, at, range.end);
			if (length(part) === 0) continue;
			freeRange(k, at, part.start);
			at = part.end;
		}
		freeRange(k, at, range.end);
	}
}

/** Memory that is given back at the end of boot: the init section and the initial RAM disk. */
function initRanges(k: Kernel): Range[] {
	const {image, build, mem_map, max_pfn} = k.layout;
	const page = (bytes: number) => Math.floor(bytes / PAGE_SIZE);
	const initrdPages = Math.ceil(build.initrdBytes / PAGE_SIZE);
	const memMapEnd = page(mem_map - 0xc000_0000) + Math.ceil((max_pfn * k.era.sizeofStructPage) / PAGE_SIZE);
	return [
		{start: page(image.initStart), end: page(image.initEnd)},
		{start: memMapEnd, end: memMapEnd + (k.era.bootAllocatesDown ? initrdPages : 0)},
	].filter(range => length(range) > 0);
}

/** Brings up the zones, hands them their frames, and sets watermarks in the order in which a booting kernel does. */
export function free_area_init(k: Kernel): void {
	const {max_low_pfn, max_pfn} = k.layout;
	const hugePagesWithoutPae = 10;
	const pageblockOrder = k.hw.paging.entryBytes === 8 && k.era.groupsPagesByMobility ? 9 : hugePagesWithoutPae;
	const pageblockPages = 2 ** pageblockOrder;
	const dmaEnd = Math.min(MAX_DMA_PFN, max_low_pfn);
	const grouping = k.era.groupsPagesByMobility;
	k.pages = {
		zones: [
			createZone(k, 0, {start: 0, end: dmaEnd}),
			createZone(k, 1, {start: dmaEnd, end: max_low_pfn}),
			createZone(k, ZONE_HIGHMEM, {start: max_low_pfn, end: max_pfn}),
		],
		min_free_kbytes: 0,
		grouping,
		pageblockOrder,
		pageblockPages,
		pageblockTypes: new Uint8Array(Math.ceil(max_pfn / pageblockPages)).fill(grouping ? MIGRATE_MOVABLE : 0),
		pgalloc: new Float64Array(3),
		pgfree: 0,
		failures: 0,
		allocstalls: 0,
		allocstallsOf: [0, 0, 0, 0],
		badPages: 0,
	};
	memmap_init(k);
	const init = initRanges(k);
	const zoneOf = (frame: number) => k.pages.zones[frame < MAX_DMA_PFN ? 0 : 1]!;
	for (const range of init) zoneOf(range.start).managed_pages -= length(range);
	free_all_bootmem(k, [...k.layout.reserved, ...init]);
	init_per_zone_pages_min(k);
	if (k.layout.build.transparentHugepages !== 'none') start_khugepaged(k);
	for (const range of init) {
		zoneOf(range.start).managed_pages += length(range);
		freeRange(k, range.start, range.end);
		printk(k, 6, `Freeing ${range === init[0] ? 'unused kernel' : 'initrd'} memory: ${length(range) * 4}k freed`);
	}
	if (k.layout.build.transparentHugepages === 'thenNever') stop_khugepaged(k);
}
