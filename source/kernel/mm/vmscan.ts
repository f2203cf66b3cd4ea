/**
 * Models mm/vmscan.c: taking memory back. kswapd keeps free frames between the watermarks; an allocation that finds
 * nothing does the same work itself.
 *
 * A page of the cache is freed only when it is clean, unused and nobody but the cache and the reclaimer refers to it: a
 * pinned page stays, though it may be written and so become clean.
 *
 * Not modelled: swap (anonymous and shmem pages stay), shrinking of slabs, lumpy reclaim and compaction, cgroups.
 */
import type {Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {blk_unplug} from '../fs/block.ts';
import type {Kernel} from '../kernel.ts';
import type {task_struct} from '../sched.ts';
import {type Sleeps, spend} from '../time.ts';
import {schedule_timeout} from '../timer.ts';
import {trace} from '../trace.ts';
import {wait_queue_head as newWaitQueue, wait_event, type wait_queue_head, wake_up_all} from '../wait.ts';
import {remove_from_page_cache} from './filemap.ts';
import {__GFP_FS, type gfp_t} from './gfp.ts';
import {showGfpFlags} from './gfpflags.ts';
import {
	createLru,
	del_page_from_lru,
	LRU_INACTIVE_ANON,
	LRU_INACTIVE_FILE,
	type LruList,
	type LruState,
	lru_oldest,
	putback_lru_page,
} from './lru.ts';
import {
	clearPageFlag,
	get_page,
	PageAnon,
	PageDirty,
	PageReferenced,
	PageWriteback,
	PG_active,
	PG_reclaim,
	PG_referenced,
	page_count,
	page_mapped,
	page_mapping,
	setPageFlag,
} from './page.ts';
import {gfp_zone, put_page} from './page_alloc.ts';
import {trylock_page, unlock_page} from './page_lock.ts';
import {write_locked_page} from './page-writeback.ts';
import {page_referenced, try_to_unmap} from './rmap.ts';
import type {zone} from './zone.ts';

export {lru_cache_add, lru_del_on_free, mark_page_accessed} from './lru.ts';

export type VmscanState = {
	readonly lru: LruState;
	readonly kswapd_wait: wait_queue_head;
	/** Somebody found a zone below its low watermark. */
	kswapdWanted: boolean;
	kswapd: task_struct | undefined;
	/** Tasks that reclaim: they may use the last reserves, and never reclaim within. */
	readonly reclaimers: Set<task_struct>;
	/** Tasks that were last killed for their memory: they may use the last reserves. */
	readonly oomVictims: Set<task_struct>;
	oomKills: number;
	/** Times that kswapd went to work, since boot. */
	pageoutrun: number;
};

/** Pages taken from a list at once; enough progress for one allocation. */
const SWAP_CLUSTER_MAX = 32;
const DEF_PRIORITY = 12;
const CONGESTION_WAIT_NS = 100_000_000;

export function vmscan_init(k: Kernel): void {
	k.vmscan = {
		lru: createLru(k),
		kswapd_wait: newWaitQueue('kswapd_wait'),
		kswapdWanted: false,
		kswapd: undefined,
		reclaimers: new Set(),
		oomVictims: new Set(),
		oomKills: 0,
		pageoutrun: 0,
	};
}

/** PF_MEMALLOC. */
export const isReclaimer = (k: Kernel): boolean => k.vmscan.reclaimers.has(k.cpu.current);

/** Has kswapd look at the zones. */
export function wakeup_kswapd(k: Kernel): void {
	const state = k.vmscan;
	if (!state.kswapd || state.kswapdWanted) return;
	state.kswapdWanted = true;
	trace(k, 'mm_vmscan_kswapd_wake', () => 'nid=0 order=0');
	wake_up_all(k, state.kswapd_wait);
}

/** What one pass over the lists is after. */
type Scan = {
	readonly mayWrite: boolean;
	reclaimed: number;
	/** Pages whose write was begun: worth waiting for. */
	writing: number;
};

type Verdict = 'freed' | 'keep' | 'activate';

/** Decides over one isolated, locked page. Unlocks it. */
function* shrinkPage(k: Kernel, frame: Pfn, scan: Scan): Sleeps<Verdict> {
	const leave = (verdict: Verdict): Verdict => {
		unlock_page(k, frame);
		return verdict;
	};
	if (PageWriteback(k, frame)) return leave('keep');
	const referenced = page_referenced(k, frame) > 0 || PageReferenced(k, frame);
	clearPageFlag(k, frame, PG_referenced);
	if (referenced && page_mapped(k, frame)) return leave('activate');
	const mapping = page_mapping(k, frame);
	if (PageAnon(k, frame) || !mapping || mapping.host.a_ops?.inMemoryOnly) return leave('activate');
	if (page_mapped(k, frame) && !try_to_unmap(k, frame)) return leave('activate');
	if (PageDirty(k, frame)) {
		if (referenced || !scan.mayWrite) return leave('keep');
		k.vm_events.nr_vmscan_write++;
		setPageFlag(k, frame, PG_reclaim);
		yield* write_locked_page(k, mapping, frame);
		blk_unplug(k, mapping.host.i_bdev);
		scan.writing++;
		return 'keep';
	}
	// The cache's reference and ours: whoever holds another one may still look at the bytes.
	if (page_count(k, frame) !== 2) return leave('keep');
	remove_from_page_cache(k, frame);
	unlock_page(k, frame);
	put_page(k, frame);
	return 'freed';
}

/** Takes pages off the old end of the inactive list of files and frees what can be freed. */
function* shrink_inactive_list(k: Kernel, zone: zone, count: number, scan: Scan): Sleeps<void> {
	const events = k.vm_events;
	const isKswapd = k.cpu.current === k.vmscan.kswapd;
	const scanned = isKswapd ? events.pgscan_kswapd : events.pgscan_direct;
	const stolen = isKswapd ? events.pgsteal_kswapd : events.pgsteal_direct;
	for (let i = 0; i < count; i++) {
		const frame = lru_oldest(k, zone.index, LRU_INACTIVE_FILE);
		if (frame === undefined) return;
		del_page_from_lru(k, frame);
		get_page(k, frame);
		events.nr_isolated_file++;
		events.pgscan_file++;
		scanned[zone.index]!++;
		zone.pages_scanned++;
		charge(k, COST.pageCacheNs);
		const verdict: Verdict = trylock_page(k, frame) ? yield* shrinkPage(k, frame, scan) : 'keep';
		if (verdict === 'freed') {
			scan.reclaimed++;
			events.pgsteal_file++;
			stolen[zone.index]!++;
		} else {
			if (verdict === 'activate') {
				setPageFlag(k, frame, PG_active);
				events.pgactivate++;
			}
			putback_lru_page(k, frame);
		}
		events.nr_isolated_file--;
		put_page(k, frame, verdict === 'freed');
	}
	yield* spend(0);
}

/** Moves pages that were not used lately from an active list to its inactive one. */
function shrink_active_list(k: Kernel, zone: zone, inactive: LruList, count: number): void {
	for (let i = 0; i < count; i++) {
		const frame = lru_oldest(k, zone.index, (inactive + 1) as LruList);
		if (frame === undefined) return;
		del_page_from_lru(k, frame);
		zone.pages_scanned++;
		charge(k, COST.pageCacheNs);
		k.vm_events.pgrefill[zone.index]!++;
		if (page_referenced(k, frame) === 0) {
			clearPageFlag(k, frame, PG_active);
			k.vm_events.pgdeactivate++;
		}
		putback_lru_page(k, frame);
	}
}

/** Scans a part of a zone's lists, all of them at priority 0. */
function* shrink_zone(k: Kernel, zone: zone, priority: number, scan: Scan): Sleeps<void> {
	const counts = k.vmscan.lru.counts[zone.index]!;
	for (const inactive of [LRU_INACTIVE_FILE, LRU_INACTIVE_ANON] as const) {
		if (counts[inactive + 1]! > counts[inactive]!)
			shrink_active_list(k, zone, inactive, Math.max(SWAP_CLUSTER_MAX, counts[inactive + 1]! >> priority));
		// Anonymous pages have nowhere to go.
		if (inactive === LRU_INACTIVE_ANON) continue;
		let left = Math.max(Math.min(SWAP_CLUSTER_MAX, counts[inactive]!), counts[inactive]! >> priority);
		while (left > 0 && scan.reclaimed < SWAP_CLUSTER_MAX) {
			const batch = Math.min(left, SWAP_CLUSTER_MAX);
			yield* shrink_inactive_list(k, zone, batch, scan);
			left -= batch;
		}
	}
}

/** Runs `work` as a reclaimer. */
function* asReclaimer<T>(k: Kernel, work: () => Sleeps<T>): Sleeps<T> {
	const task = k.cpu.current;
	k.vmscan.reclaimers.add(task);
	try {
		return yield* work();
	} finally {
		k.vmscan.reclaimers.delete(task);
	}
}

/**
 * Direct reclaim: frees frames in the zones that an allocation may use.
 * @returns how many
 */
export function* try_to_free_pages(k: Kernel, gfp: gfp_t, order: number): Sleeps<number> {
	trace(k, 'mm_vmscan_direct_reclaim_begin', () => `order=${order} gfp_flags=${showGfpFlags(gfp)}`);
	const scan: Scan = {mayWrite: (gfp & __GFP_FS) !== 0, reclaimed: 0, writing: 0};
	yield* asReclaimer(k, function* () {
		for (let priority = DEF_PRIORITY; priority >= 0 && scan.reclaimed < SWAP_CLUSTER_MAX; priority--) {
			for (let index = gfp_zone(gfp) as number; index >= 0; index--)
				yield* shrink_zone(k, k.pages.zones[index]!, priority, scan);
			if (scan.reclaimed === 0 && scan.writing > 0) yield* congestionWait(k);
			scan.writing = 0;
		}
	});
	const {reclaimed} = scan;
	trace(k, 'mm_vmscan_direct_reclaim_end', () => `nr_reclaimed=${reclaimed}`);
	return scan.reclaimed;
}

/**
 * Reclaims in one zone until something is so. Gives up when nothing more can be had, or as much was reclaimed as the
 * zone holds.
 * @see zone_reclaim() (2.6.12)
 */
export function* zone_reclaim(k: Kernel, zone: zone, isEnough: () => boolean): Sleeps<void> {
	yield* asReclaimer(k, function* () {
		let left = zone.managed_pages;
		for (let priority = DEF_PRIORITY; priority >= 0 && left > 0 && !isEnough(); ) {
			const scan: Scan = {mayWrite: true, reclaimed: 0, writing: 0};
			yield* shrink_zone(k, zone, priority, scan);
			left -= scan.reclaimed;
			if (scan.reclaimed > 0) continue;
			if (scan.writing > 0) yield* congestionWait(k);
			priority--;
		}
	});
}

function* congestionWait(k: Kernel): Sleeps<void> {
	k.cpu.current.state = 'TASK_UNINTERRUPTIBLE';
	k.cpu.current.waitingFor = 'congestion_wait';
	yield* schedule_timeout(k, CONGESTION_WAIT_NS);
}

/** Frees frames until every zone is above its high watermark, or the lists have been gone through. */
function* balance_pgdat(k: Kernel): Sleeps<void> {
	k.vmscan.pageoutrun++;
	const isShort = (zone: zone) => zone.managed_pages > 0 && zone.free_pages <= zone.pages_high;
	for (let priority = DEF_PRIORITY; priority >= 0; priority--) {
		const short = k.pages.zones.filter(isShort);
		if (short.length === 0) return;
		const scan: Scan = {mayWrite: true, reclaimed: 0, writing: 0};
		for (const zone of short) {
			scan.reclaimed = 0;
			yield* shrink_zone(k, zone, priority, scan);
		}
		if (scan.writing > 0) yield* congestionWait(k);
	}
}

/** The kernel thread that reclaims in the background; never returns. */
export function* kswapd(k: Kernel): Sleeps<void> {
	const state = k.vmscan;
	state.kswapd = k.cpu.current;
	for (;;) {
		yield* wait_event(k, state.kswapd_wait, () => state.kswapdWanted, 'TASK_INTERRUPTIBLE');
		yield* asReclaimer(k, () => balance_pgdat(k));
		state.kswapdWanted = false;
	}
}
