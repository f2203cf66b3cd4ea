/**
 * Models mm/swap.c, include/linux/mm_inline.h: the lists on which pages wait to be reclaimed, and how use moves them
 * between the lists.
 *
 * Not modelled: the per-CPU batches on the way to the lists (a page is on its list at once), unevictable pages,
 * cgroups.
 */
import type {Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {
	clearPageFlag,
	type ListHead,
	list_add,
	list_del,
	list_last,
	newList,
	PageActive,
	PageAnon,
	PageLRU,
	PageReferenced,
	PG_active,
	PG_lru,
	PG_referenced,
	PG_swapbacked,
	setPageFlag,
	testPageFlag,
} from './page.ts';
import {page_zonenum} from './zone.ts';

/** Kernels without lists of their own for anonymous pages use the two file lists for all. */
export const LRU_NAMES = ['inactive_anon', 'active_anon', 'inactive_file', 'active_file'] as const;
export type LruList = 0 | 1 | 2 | 3;
export const LRU_INACTIVE_ANON = 0;
export const LRU_INACTIVE_FILE = 2;

export type LruState = {
	/** By zone, then by list; recently added at the head. */
	readonly lists: readonly (readonly ListHead[])[];
	readonly counts: readonly Int32Array[];
};

export const createLru = (k: Kernel): LruState => ({
	lists: k.pages.zones.map(() => LRU_NAMES.map(() => newList(k.mem_map))),
	counts: k.pages.zones.map(() => new Int32Array(LRU_NAMES.length)),
});

/** The list that a page belongs on by its flags. */
function listOf(k: Kernel, frame: Pfn): LruList {
	const base = k.era.splitsLruByKind && testPageFlag(k, frame, PG_swapbacked) ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE;
	return (base + (PageActive(k, frame) ? 1 : 0)) as LruList;
}

function addToList(k: Kernel, frame: Pfn): void {
	const zone = page_zonenum(k, frame);
	const list = listOf(k, frame);
	setPageFlag(k, frame, PG_lru);
	list_add(k.mem_map, frame, k.vmscan.lru.lists[zone]![list]!);
	k.vmscan.lru.counts[zone]![list]!++;
}

/** Takes a page off its list. */
export function del_page_from_lru(k: Kernel, frame: Pfn): void {
	const zone = page_zonenum(k, frame);
	k.vmscan.lru.counts[zone]![listOf(k, frame)]!--;
	list_del(k.mem_map, frame);
	clearPageFlag(k, frame, PG_lru);
}

/** The last reference to a page on a list is gone. */
export function lru_del_on_free(k: Kernel, frame: Pfn): void {
	del_page_from_lru(k, frame);
	clearPageFlag(k, frame, PG_active);
}

/** Puts a new page where pages of its kind begin. Set its mapping first. */
export function lru_cache_add(k: Kernel, frame: Pfn): void {
	if (PageLRU(k, frame)) throw new Error(`frame 0x${frame.toString(16)} is on an LRU list already`);
	if (PageAnon(k, frame)) {
		setPageFlag(k, frame, PG_swapbacked);
		if (k.era.anonymousPagesStartActive) setPageFlag(k, frame, PG_active);
	}
	addToList(k, frame);
}

/** Moves a page from the inactive to the active list. */
function activate_page(k: Kernel, frame: Pfn): void {
	if (!PageLRU(k, frame) || PageActive(k, frame)) return;
	del_page_from_lru(k, frame);
	setPageFlag(k, frame, PG_active);
	addToList(k, frame);
	k.vm_events.pgactivate++;
}

/** A page was used: the first time it is remembered, the second time the page becomes active. */
export function mark_page_accessed(k: Kernel, frame: Pfn): void {
	if (!PageActive(k, frame) && PageReferenced(k, frame) && PageLRU(k, frame)) {
		activate_page(k, frame);
		clearPageFlag(k, frame, PG_referenced);
	} else if (!PageReferenced(k, frame)) setPageFlag(k, frame, PG_referenced);
}

/** Puts an isolated page back on the list that it belongs on. */
export const putback_lru_page = (k: Kernel, frame: Pfn): void => addToList(k, frame);

/** The page that has been on a list longest. */
export const lru_oldest = (k: Kernel, zone: number, list: LruList): Pfn | undefined =>
	list_last(k.mem_map, k.vmscan.lru.lists[zone]![list]!);

/** Pages on a list in one zone. */
export const zoneLruPages = (k: Kernel, zone: number, list: LruList): number => k.vmscan.lru.counts[zone]![list]!;

/** Pages on a list, in all zones together. */
export const lruPages = (k: Kernel, list: LruList): number =>
	k.vmscan.lru.counts.reduce((sum, counts) => sum + counts[list]!, 0);
