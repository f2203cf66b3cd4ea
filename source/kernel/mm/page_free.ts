/**
 * Models the freeing half of mm/page_alloc.c: a frame without references is looked over and goes to the CPU's list, or
 * its block to the buddy system.
 *
 * Not modelled: batched frees (pagevec_free), tracking of who freed.
 */
import {type Pfn, pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {add_taint, dump_stack, print_modules} from '../stacktrace.ts';
import {trace} from '../trace.ts';
import {inReport} from '../watch.ts';
import {__free_one_page, get_pageblock_migratetype} from './buddy.ts';
import {pageStructAddress} from './layout.ts';
import {
	list_add,
	list_add_tail,
	list_del,
	list_last,
	PG_active,
	PG_buddy,
	PG_dirty,
	PG_head,
	PG_locked,
	PG_lru,
	PG_private,
	PG_referenced,
	PG_reserved,
	PG_slab,
	PG_swapcache,
	PG_tail,
	PG_uptodate,
	PG_writeback,
} from './page.ts';
import {page_zone, type per_cpu_pages, type zone} from './zone.ts';

const bits = (...flags: number[]) => flags.reduce((mask, flag) => mask | (1 << flag), 0);
/** Flags that a page must not have when it is freed. @see free_pages_check() */
const BAD_WHEN_FREED = bits(PG_locked, PG_lru, PG_private, PG_writeback, PG_reserved, PG_slab, PG_swapcache, PG_buddy);
const CLEARED_WHEN_FREED = bits(PG_uptodate, PG_dirty, PG_referenced, PG_active, PG_head, PG_tail) | (0xf << 24);

/** Says what is wrong with a page that is freed, and keeps it away from the allocator. @see bad_page() */
export function bad_page(k: Kernel, frame: Pfn): void {
	const {comm} = k.cpu.current;
	const map = k.mem_map;
	k.pages.badPages++;
	const say = () => {
		for (const line of k.era.badPageLines({
			comm,
			pfn: frame,
			page: pageStructAddress(k, frame),
			flags: map.flags[frame]! & 0xff_ffff,
			count: map._count[frame]!,
			mapcount: map._mapcount[frame]! - 1,
			mapping: map.mapping[frame]!,
			index: map.index[frame]!,
		}))
			printk(k, 1, line, frame);
		if (k.era.badPageNamesModules) print_modules(k);
		dump_stack(k);
		for (const line of k.era.badPageEnd) printk(k, 1, line);
	};
	inReport(k, 'bug', say, {pfn: frame});
	add_taint(k, 'B');
}

const isBad = (k: Kernel, frame: Pfn): boolean =>
	(k.mem_map.flags[frame]! & BAD_WHEN_FREED) !== 0 ||
	k.mem_map._count[frame] !== 0 ||
	k.mem_map._mapcount[frame] !== 0 ||
	k.mem_map.mapping[frame] !== 0;

/** Readies frames for the free lists. @returns false when one of them must not go there */
function prep_free(k: Kernel, frame: Pfn, order: number): boolean {
	if (order === 0) {
		// An anonymous page keeps its mapping until here.
		if ((k.mem_map.mapping[frame]! & 1) !== 0) k.mem_map.mapping[frame] = 0;
		if (isBad(k, frame)) {
			bad_page(k, frame);
			return false;
		}
		k.mem_map.flags[frame]! &= ~CLEARED_WHEN_FREED;
		return true;
	}
	for (let i = 0; i < 1 << order; i++) {
		const part = pfn(frame + i);
		if (isBad(k, part)) {
			bad_page(k, part);
			return false;
		}
		k.mem_map.flags[part]! &= ~CLEARED_WHEN_FREED;
		k.mem_map.private[part] = 0;
		k.mem_map.index[part] = 0;
	}
	return true;
}

function traceFree(k: Kernel, frame: Pfn, order: number): void {
	trace(
		k,
		'mm_page_free',
		() => {
			const page = pageStructAddress(k, frame).toString(16);
			return `page=${page} pfn=0x${frame.toString(16)} order=${order}`;
		},
		{frames: {start: frame, end: frame + (1 << order)}},
	);
}

/** Gives frames that nobody refers to any more back to the zone. @param cold a single frame that no cache holds */
export function free_pages_ok(k: Kernel, frame: Pfn, order: number, cold = false): void {
	if (k.trace.on) traceFree(k, frame, order);
	if (!prep_free(k, frame, order)) return;
	const zone = page_zone(k, frame);
	k.pages.pgfree += 1 << order;
	const migratetype = get_pageblock_migratetype(k, frame);
	if (order > 0) {
		charge(k, COST.allocPageNs);
		zone.pages_scanned = 0;
		__free_one_page(k, zone, frame, order, migratetype);
		return;
	}
	charge(k, COST.allocPagePerCpuNs);
	freeToCpu(k, zone, frame, migratetype, cold && k.era.coldPages !== 'like others');
}

/** @see free_hot_cold_page() */
function freeToCpu(k: Kernel, zone: zone, frame: Pfn, migratetype: number, cold: boolean): void {
	const sets = cold && zone.coldset.length > 0 ? zone.coldset : zone.pageset;
	const pcp = sets[k.cpu.id]!;
	k.mem_map.private[frame] = migratetype;
	if (k.era.pcpDrainsBeforeAdding && pcp.count >= pcp.high) free_pcppages_bulk(k, zone, pcp, pcp.batch);
	if (cold && sets === zone.pageset) list_add_tail(k.mem_map, frame, pcp.lists[migratetype]!);
	else list_add(k.mem_map, frame, pcp.lists[migratetype]!);
	pcp.count++;
	if (!k.era.pcpDrainsBeforeAdding && pcp.count >= pcp.high) free_pcppages_bulk(k, zone, pcp, pcp.batch);
}

/** Moves frames from a CPU's lists back to the buddy system, coldest first, taking the types in turn. */
function free_pcppages_bulk(k: Kernel, zone: zone, pcp: per_cpu_pages, count: number): void {
	zone.pages_scanned = 0;
	let type = 0;
	for (let left = Math.min(count, pcp.count); left > 0; ) {
		const list = pcp.lists[type]!;
		const frame = list_last(k.mem_map, list);
		type = (type + 1) % pcp.lists.length;
		if (frame === undefined) continue;
		list_del(k.mem_map, frame);
		const migratetype = k.mem_map.private[frame]!;
		k.mem_map.private[frame] = 0;
		__free_one_page(k, zone, frame, 0, migratetype);
		pcp.count--;
		left--;
	}
}

/** Empties the lists of every CPU, so that the buddy system has all free frames. @see drain_all_pages() */
export function drain_all_pages(k: Kernel): void {
	for (const zone of k.pages.zones)
		for (const pcp of [...zone.pageset, ...zone.coldset]) free_pcppages_bulk(k, zone, pcp, pcp.count);
}
