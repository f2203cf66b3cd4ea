/**
 * Models mm/page_alloc.c: __free_pages_bulk() (__free_one_page()), expand(), __rmqueue(), rmqueue_bulk(): the buddy
 * system of one zone.
 *
 * A free block of 2^order frames is known by its first frame: PG_buddy set, `private` the order, on the list of that
 * order and migrate type. Its buddy is the block whose number differs in one bit.
 *
 * Not modelled: MIGRATE_RESERVE and MIGRATE_HIGHATOMIC blocks, isolation, compaction.
 */
import {type Pfn, pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {type ListHead, list_add, list_add_tail, list_del, list_first, PG_buddy} from './page.ts';
import {MAX_ORDER, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE, page_zonenum, type zone} from './zone.ts';

/** Where an allocation goes when its own migrate type has no block left. @see fallbacks[] */
const FALLBACKS: readonly (readonly number[])[] = [
	[MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE],
	[MIGRATE_UNMOVABLE, MIGRATE_MOVABLE],
	[MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE],
];

const BUDDY = 1 << PG_buddy;

/** Migrate type of the pageblock that a frame lies in. */
export const get_pageblock_migratetype = (k: Kernel, frame: Pfn): number =>
	k.pages.grouping ? k.pages.pageblockTypes[Math.floor(frame / k.pages.pageblockPages)]! : MIGRATE_UNMOVABLE;

function putBlock(k: Kernel, zone: zone, frame: Pfn, order: number, list: ListHead, atTail: boolean): void {
	k.mem_map.flags[frame]! |= BUDDY;
	k.mem_map.private[frame] = order;
	if (atTail) list_add_tail(k.mem_map, frame, list);
	else list_add(k.mem_map, frame, list);
	zone.nr_free[order]!++;
}

function takeBlock(k: Kernel, zone: zone, frame: Pfn, order: number): void {
	list_del(k.mem_map, frame);
	k.mem_map.flags[frame]! &= ~BUDDY;
	k.mem_map.private[frame] = 0;
	zone.nr_free[order]!--;
}

const isFreeBlock = (k: Kernel, frame: number, order: number) =>
	(k.mem_map.flags[frame]! & BUDDY) !== 0 && k.mem_map.private[frame] === order;

/** Gives a block back and merges it with its buddies as far as they are free. */
export function __free_one_page(
	k: Kernel,
	zone: zone,
	frame: Pfn,
	order: number,
	migratetype: number,
	atTail = false,
): void {
	let block: number = frame;
	let size = order;
	while (size < MAX_ORDER - 1) {
		const buddy = block ^ (1 << size);
		if (buddy >= k.mem_map.frames || !isFreeBlock(k, buddy, size) || page_zonenum(k, pfn(buddy)) !== zone.index) break;
		takeBlock(k, zone, pfn(buddy), size);
		block &= buddy;
		size++;
	}
	putBlock(k, zone, pfn(block), size, zone.free_area[size]![migratetype]!, atTail);
	zone.free_pages += 1 << order;
}

/** Cuts a block down to the wanted order: the lower half is used, the upper half goes back one order lower. */
function expand(k: Kernel, zone: zone, frame: Pfn, from: number, to: number, migratetype: number): void {
	for (let order = from - 1; order >= to; order--) {
		const upper = pfn(frame + (1 << order));
		putBlock(k, zone, upper, order, zone.free_area[order]![migratetype]!, false);
	}
}

function __rmqueue_smallest(k: Kernel, zone: zone, order: number, migratetype: number): Pfn | undefined {
	for (let size = order; size < MAX_ORDER; size++) {
		if (zone.nr_free[size] === 0) continue;
		const frame = list_first(k.mem_map, zone.free_area[size]![migratetype]!);
		if (frame === undefined) continue;
		takeBlock(k, zone, frame, size);
		expand(k, zone, frame, size, order, migratetype);
		zone.free_pages -= 1 << order;
		return frame;
	}
	return undefined;
}

/** Takes the largest block of another migrate type, and the whole pageblock with it when it is worth it. */
function __rmqueue_fallback(k: Kernel, zone: zone, order: number, wanted: number): Pfn | undefined {
	for (let size = MAX_ORDER - 1; size >= order; size--) {
		if (zone.nr_free[size] === 0) continue;
		for (const other of FALLBACKS[wanted]!) {
			const frame = list_first(k.mem_map, zone.free_area[size]![other]!);
			if (frame === undefined) continue;
			const steals = size >= k.pages.pageblockOrder / 2 || wanted === MIGRATE_RECLAIMABLE;
			if (steals) stealPageblock(k, zone, frame, wanted);
			takeBlock(k, zone, frame, size);
			expand(k, zone, frame, size, order, steals ? wanted : other);
			zone.free_pages -= 1 << order;
			return frame;
		}
	}
	return undefined;
}

/** Moves the free blocks of a pageblock to another migrate type, and the pageblock itself when half of it is free. */
function stealPageblock(k: Kernel, zone: zone, frame: Pfn, migratetype: number): void {
	const {pageblockPages} = k.pages;
	const start = frame - (frame % pageblockPages);
	const end = Math.min(start + pageblockPages, zone.zone_start_pfn + zone.spanned_pages);
	let moved = 0;
	for (let at = Math.max(start, zone.zone_start_pfn); at < end; ) {
		if ((k.mem_map.flags[at]! & BUDDY) === 0) {
			at++;
			continue;
		}
		const order = k.mem_map.private[at]!;
		list_del(k.mem_map, pfn(at));
		list_add(k.mem_map, pfn(at), zone.free_area[order]![migratetype]!);
		moved += 1 << order;
		at += 1 << order;
	}
	if (moved >= pageblockPages / 2) k.pages.pageblockTypes[start / pageblockPages] = migratetype;
}

/** A block of 2^order frames, smallest sufficient first. */
export const __rmqueue = (k: Kernel, zone: zone, order: number, migratetype: number): Pfn | undefined =>
	__rmqueue_smallest(k, zone, order, migratetype) ??
	(k.pages.grouping ? __rmqueue_fallback(k, zone, order, migratetype) : undefined);
