/**
 * Models mm/page_alloc.c, include/linux/gfp.h, mm/swap.c put_page(): the page allocator.
 *
 * A single frame comes from a list that the CPU keeps; the buddy system of the zone refills it. A zone is used only as
 * far as its watermark and the reserve for less choosy callers allow. `try_alloc_pages` does what needs no sleep;
 * `alloc_pages` reclaims and tries again.
 *
 * Not modelled: cpusets, nodes; who may not start I/O on files gets nothing where Linux would let it wait for ever.
 */
import {type KernelLogicalAddress, type Pfn, pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {BUG_ON} from '../bug.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {ratelimit} from '../ratelimit.ts';
import {might_sleep} from '../sched.ts';
import {dump_stack} from '../stacktrace.ts';
import type {Sleeps} from '../time.ts';
import {schedule_timeout} from '../timer.ts';
import {trace} from '../trace.ts';
import {inReport} from '../watch.ts';
import {__rmqueue} from './buddy.ts';
import {
	__GFP_COLD,
	__GFP_COMP,
	__GFP_DMA,
	__GFP_FS,
	__GFP_HIGH,
	__GFP_HIGHMEM,
	__GFP_MOVABLE,
	__GFP_NOFAIL,
	__GFP_NORETRY,
	__GFP_NOWARN,
	__GFP_REPEAT,
	__GFP_WAIT,
	__GFP_ZERO,
	type gfp_t,
} from './gfp.ts';
import {showGfpFlags} from './gfpflags.ts';
import {clear_highpage} from './highmem.ts';
import {pageStructAddress} from './layout.ts';
import {isOomVictim, out_of_memory} from './oom_kill.ts';
import {
	compound_head,
	list_add_tail,
	list_del,
	list_empty,
	list_first,
	list_last,
	lowmem_page_address,
	PG_head,
	PG_lru,
	PG_reserved,
	PG_tail,
	virt_to_page,
} from './page.ts';
import {bad_page, free_pages_ok} from './page_free.ts';
import {show_mem} from './show_mem.ts';
import {isReclaimer, lru_del_on_free, try_to_free_pages, wakeup_kswapd} from './vmscan.ts';
import {
	MAX_ORDER,
	MIGRATE_MOVABLE,
	MIGRATE_UNMOVABLE,
	ZONE_DMA,
	ZONE_HIGHMEM,
	ZONE_MOVABLE,
	ZONE_NORMAL,
	type ZoneIndex,
	type zone,
} from './zone.ts';

export {free_area_init, type PageAllocState} from './free_area.ts';

/** A kernel tries again for as long as it takes when a block is this small. */
const PAGE_ALLOC_COSTLY_ORDER = 3;

type AllocFlags = {readonly high: boolean; readonly harder: boolean; readonly mark: 'min' | 'low' | 'none'};
const FAST: AllocFlags = {high: false, harder: false, mark: 'low'};

/** Zone that an allocation would like best. */
export function gfp_zone(gfp: gfp_t): ZoneIndex {
	if ((gfp & __GFP_DMA) !== 0) return ZONE_DMA;
	return (gfp & __GFP_HIGHMEM) !== 0 ? ZONE_HIGHMEM : ZONE_NORMAL;
}

/** @see allocflags_to_migratetype() */
function migratetypeOf(k: Kernel, gfp: gfp_t): number {
	return k.pages.grouping && (gfp & __GFP_MOVABLE) !== 0 ? MIGRATE_MOVABLE : MIGRATE_UNMOVABLE;
}

/**
 * Whether a zone may give 2^order frames: what is left must exceed the mark and the reserve kept from callers that
 * could have used `classzone`.
 */
export function zone_watermark_ok(
	k: Kernel,
	zone: zone,
	order: number,
	mark: number,
	classzone: ZoneIndex,
	high = false,
	harder = false,
): boolean {
	let min = mark;
	if (high) min -= Math.floor(min / 2);
	if (harder) min -= Math.floor(min / 4);
	let free = zone.free_pages - (1 << order) + 1;
	const reserve = zone.lowmem_reserve[classzone]!;
	if (free <= min + reserve) return false;
	if (order === 0) return true;
	if (k.era.watermarkLooksForABlock) {
		for (let size = order; size < MAX_ORDER; size++) if (zone.nr_free[size] !== 0) return true;
		return false;
	}
	for (let size = 0; size < order; size++) {
		free -= zone.nr_free[size]! << size;
		min >>= 1;
		if (free <= min) return false;
	}
	return true;
}

const markOf = (zone: zone, mark: AllocFlags['mark']) =>
	mark === 'low' ? zone.pages_low : mark === 'min' ? zone.pages_min : 0;

/** Tries the zones from the best one downwards. */
function get_page_from_freelist(k: Kernel, gfp: gfp_t, order: number, flags: AllocFlags): Pfn | undefined {
	const best = gfp_zone(gfp);
	for (let index = best as number; index >= 0; index--) {
		const zone = k.pages.zones[index]!;
		if (zone.managed_pages === 0) continue;
		if (
			flags.mark !== 'none' &&
			!zone_watermark_ok(k, zone, order, markOf(zone, flags.mark), best, flags.high, flags.harder)
		)
			continue;
		const frame = buffered_rmqueue(k, zone, gfp, order);
		if (frame !== undefined) return frame;
	}
	return undefined;
}

/** A CPU's lists of frames, or of cold ones where these have lists of their own. */
const ownLists = (zone: zone, cold: boolean) => (cold && zone.coldset.length > 0 ? zone.coldset : zone.pageset);

function buffered_rmqueue(k: Kernel, zone: zone, gfp: gfp_t, order: number): Pfn | undefined {
	const migratetype = migratetypeOf(k, gfp);
	let frame: Pfn | undefined;
	if (order === 0) {
		const cold = (gfp & __GFP_COLD) !== 0 && k.era.coldPages !== 'like others';
		const pcp = ownLists(zone, cold)[k.cpu.id]!;
		const list = pcp.lists[migratetype]!;
		// 2.6.11 refills before the list is empty; with one list for each type, the list of this one may be.
		const refill = pcp.count <= pcp.low || list_empty(k.mem_map, list);
		if (refill) pcp.count += rmqueue_bulk(k, zone, pcp.batch, list, migratetype);
		charge(k, refill ? COST.allocPageNs : COST.allocPagePerCpuNs);
		frame = cold && zone.coldset.length === 0 ? list_last(k.mem_map, list) : list_first(k.mem_map, list);
		if (frame === undefined) return undefined;
		list_del(k.mem_map, frame);
		pcp.count--;
	} else {
		frame = __rmqueue(k, zone, order, migratetype);
		charge(k, COST.allocPageNs);
		if (frame === undefined) return undefined;
	}
	prep_new_page(k, frame, order, gfp);
	k.pages.pgalloc[zone.index]! += 1 << order;
	return frame;
}

function rmqueue_bulk(k: Kernel, zone: zone, count: number, list: number, migratetype: number): number {
	for (let i = 0; i < count; i++) {
		const frame = __rmqueue(k, zone, 0, migratetype);
		if (frame === undefined) return i;
		k.mem_map.private[frame] = migratetype;
		list_add_tail(k.mem_map, frame, list as never);
	}
	return count;
}

function prep_new_page(k: Kernel, frame: Pfn, order: number, gfp: gfp_t): void {
	const map = k.mem_map;
	map.private[frame] = 0;
	map._count[frame] = 1;
	if ((gfp & __GFP_ZERO) !== 0) for (let i = 0; i < 1 << order; i++) clear_highpage(k, pfn(frame + i));
	if (order > 0 && (gfp & __GFP_COMP) !== 0) {
		map.flags[frame]! |= 1 << PG_head;
		map.index[frame] = order;
		for (let i = 1; i < 1 << order; i++) {
			map.flags[frame + i]! |= 1 << PG_tail;
			map.private[frame + i] = frame;
		}
	}
}

/**
 * What a caller that must not sleep, or may dig deeper, is allowed beyond the common rule. @see gfp_to_alloc_flags()
 */
function slowFlags(k: Kernel, gfp: gfp_t): AllocFlags {
	if (isReclaimer(k) || isOomVictim(k)) return {high: false, harder: false, mark: 'none'};
	return {high: (gfp & __GFP_HIGH) !== 0, harder: (gfp & __GFP_WAIT) === 0, mark: 'min'};
}

function traceAlloc(k: Kernel, frame: Pfn, gfp: gfp_t, order: number): void {
	trace(
		k,
		'mm_page_alloc',
		() => {
			const page = pageStructAddress(k, frame).toString(16);
			const type = k.era.migratetypeNumbers[migratetypeOf(k, gfp)];
			return (
				`page=${page} pfn=0x${frame.toString(16)} order=${order} migratetype=${type} ` +
				`gfp_flags=${showGfpFlags(gfp)}`
			);
		},
		{frames: {start: frame, end: frame + (1 << order)}},
	);
}

/**
 * Allocates 2^order frames without sleeping.
 * @returns the first frame, one reference held; undefined when reclaim would be needed, or for an order above 10. Says
 * so in the log only when the caller could not have waited.
 */
export function try_alloc_pages(k: Kernel, gfp: gfp_t, order: number): Pfn | undefined {
	if (order >= MAX_ORDER) return undefined;
	let frame = get_page_from_freelist(k, gfp, order, FAST);
	if (frame === undefined) {
		wakeup_kswapd(k);
		frame = get_page_from_freelist(k, gfp, order, slowFlags(k, gfp));
		if (frame === undefined) {
			if ((gfp & __GFP_WAIT) === 0) warnAllocationFailed(k, gfp, order);
			return undefined;
		}
	}
	if (k.trace.on) traceAlloc(k, frame, gfp, order);
	return frame;
}

function warnAllocationFailed(k: Kernel, gfp: gfp_t, order: number): void {
	k.pages.failures++;
	const [burst, intervalNs] = k.era.pageAllocationFailureLimit;
	if ((gfp & __GFP_NOWARN) !== 0 || !ratelimit(k, k.era.pageAllocationFailureIn, burst, intervalNs)) return;
	inReport(k, 'warning', () => {
		printk(k, 4, k.era.pageAllocationFailureLine(k.cpu.current.comm, order, gfp));
		dump_stack(k);
		if (k.era.showMemForm !== '2.6.11') show_mem(k);
	});
}

/** How often reclaim may come back empty-handed before an allocation of a small block gives up. */
const MAX_FRUITLESS_RECLAIMS = 16;
const CONGESTION_WAIT_NS = 20_000_000;

/**
 * Allocates 2^order frames; may sleep if the flags allow (__GFP_WAIT), reclaiming memory.
 * @returns the first frame, one reference held, or undefined
 */
export function* alloc_pages(k: Kernel, gfp: gfp_t, order: number): Sleeps<Pfn | undefined> {
	if ((gfp & __GFP_WAIT) !== 0) might_sleep(k, k.era.allocMightSleepAt);
	const frame = try_alloc_pages(k, gfp, order);
	if (frame !== undefined || (gfp & __GFP_WAIT) === 0 || order >= MAX_ORDER || isReclaimer(k)) return frame;
	return yield* allocAfterReclaim(k, gfp, order);
}

/** What may come from ZONE_MOVABLE. */
const forMovable = (gfp: gfp_t) => (gfp & (__GFP_MOVABLE | __GFP_HIGHMEM)) === (__GFP_MOVABLE | __GFP_HIGHMEM);

/** Whether a process may be killed for this. @see __alloc_pages_may_oom(), out_of_memory() */
function mayKill(k: Kernel, gfp: gfp_t, order: number): boolean {
	if ((gfp & __GFP_FS) === 0 || (gfp & __GFP_NORETRY) !== 0) return false;
	if (k.era.oomForAnyOrder || (gfp & __GFP_NOFAIL) !== 0) return true;
	if (order > PAGE_ALLOC_COSTLY_ORDER) return false;
	return k.era.oomForDmaZone || gfp_zone(gfp) !== ZONE_DMA;
}

function* allocAfterReclaim(k: Kernel, gfp: gfp_t, order: number): Sleeps<Pfn | undefined> {
	for (let fruitless = 0; ; ) {
		k.pages.allocstalls++;
		k.pages.allocstallsOf[forMovable(gfp) ? ZONE_MOVABLE : gfp_zone(gfp)]!++;
		const freed = yield* try_to_free_pages(k, gfp, order);
		const frame = try_alloc_pages(k, gfp, order);
		if (frame !== undefined) return frame;
		fruitless = freed > 0 ? 0 : fruitless + 1;
		if (isOomVictim(k) && !(k.era.victimsKeepNofail && (gfp & __GFP_NOFAIL) !== 0)) break;
		if (fruitless >= k.era.oomAfterFruitless && mayKill(k, gfp, order)) {
			yield* out_of_memory(k, gfp, order);
			continue;
		}
		const insist = (gfp & (__GFP_NOFAIL | __GFP_REPEAT)) !== 0 || order <= PAGE_ALLOC_COSTLY_ORDER;
		const giveUp = (gfp & __GFP_NORETRY) !== 0 || !insist || fruitless >= MAX_FRUITLESS_RECLAIMS;
		if (giveUp && (gfp & __GFP_NOFAIL) === 0) break;
		k.cpu.current.state = 'TASK_UNINTERRUPTIBLE';
		k.cpu.current.waitingFor = 'congestion_wait';
		yield* schedule_timeout(k, CONGESTION_WAIT_NS);
	}
	warnAllocationFailed(k, gfp, order);
	return undefined;
}

// ── freeing ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Drops the reference that the allocation gave; frees the block when it was the last one. */
export function __free_pages(k: Kernel, frame: Pfn, order: number): void {
	if (k.era.countsReservedPages || (k.mem_map.flags[frame]! & (1 << PG_reserved)) === 0) {
		const count = --k.mem_map._count[frame]!;
		if (count === 0) {
			free_pages_ok(k, frame, order);
			return;
		}
		if (count < 0) bad_page(k, frame);
	}
}

/**
 * Drops a reference to a page (page_cache_release is the same); the last one frees it, off the LRU lists too.
 * @param cold nobody has touched its bytes for a while
 */
export function put_page(k: Kernel, frame: Pfn, cold = false): void {
	const flags = k.mem_map.flags[frame]!;
	if ((flags & ((1 << PG_head) | (1 << PG_tail))) !== 0) {
		const head = compound_head(k, frame);
		__free_pages(k, head, k.mem_map.index[head]!);
		return;
	}
	if (!k.era.countsReservedPages && (flags & (1 << PG_reserved)) !== 0) return;
	const count = --k.mem_map._count[frame]!;
	if (count > 0) {
		if (k.mm.pins.has(frame)) k.watcher?.putPinned(frame);
		return;
	}
	if (count < 0) {
		bad_page(k, frame);
		return;
	}
	if ((flags & (1 << PG_lru)) !== 0) lru_del_on_free(k, frame);
	free_pages_ok(k, frame, 0, cold);
}

// ── by address ─────────────────────────────────────────────────────────────────────────────────────────────────────

function checkHasAddress(k: Kernel, gfp: gfp_t): gfp_t {
	if (k.era.getFreePagesRefusesHighmem) BUG_ON(k, (gfp & __GFP_HIGHMEM) !== 0, 'mm/page_alloc.c');
	return gfp & ~__GFP_HIGHMEM;
}

/** Logical address of 2^order frames of low memory, without sleeping. @returns undefined for none */
export function try_get_free_pages(k: Kernel, gfp: gfp_t, order: number): KernelLogicalAddress | undefined {
	const frame = try_alloc_pages(k, checkHasAddress(k, gfp), order);
	return frame === undefined ? undefined : lowmem_page_address(frame);
}

/** Logical address of 2^order frames of low memory; may sleep with __GFP_WAIT. @returns undefined for none */
export function* __get_free_pages(k: Kernel, gfp: gfp_t, order: number): Sleeps<KernelLogicalAddress | undefined> {
	const frame = yield* alloc_pages(k, checkHasAddress(k, gfp), order);
	return frame === undefined ? undefined : lowmem_page_address(frame);
}

/** Frees what __get_free_pages gave. */
export function free_pages(k: Kernel, address: KernelLogicalAddress, order: number): void {
	__free_pages(k, virt_to_page(address), order);
}
