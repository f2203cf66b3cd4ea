/**
 * Makes room: memory that steps need. On a fresh machine it is free; after a minute of the busy load, files in the
 * page cache fill it. What cannot be made free keeps the experiment from running.
 *
 * Nothing takes time after the last look, so the caller finds what was made free.
 */

import {countOf} from '../../formats/words.ts';
import {drop_pagecache} from '../../kernel/fs/drop_caches.ts';
import type {gfp_t} from '../../kernel/mm/gfp.ts';
import {gfp_zone, zone_watermark_ok} from '../../kernel/mm/page_alloc.ts';
import {drain_all_pages} from '../../kernel/mm/page_free.ts';
import {sys_sync} from '../../kernel/mm/pdflush.ts';
import {zone_reclaim} from '../../kernel/mm/vmscan.ts';
import {MAX_ORDER, ZONE_NAMES, type ZoneIndex, type zone} from '../../kernel/mm/zone.ts';
import {dieIfKilled} from '../../kernel/signal.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type Bench, CouldNotRun} from '../experiment.ts';

/** Free pages that a zone needs so that an allocation of so many stays above its marks, whichever CPU makes it. */
function pagesNeeded(zone: zone, pages: number, best: ZoneIndex): number {
	const kept = [...zone.pageset, ...zone.coldset].reduce((sum, {low, batch}) => sum + low + batch, 0);
	return pages + zone.pages_low + zone.lowmem_reserve[best]! + kept + 1;
}

/**
 * Has so many pages of a zone free, beyond what the zone keeps back.
 * @param best the zone that the allocation would like best, where it is a higher one
 * @throws CouldNotRun when the zone does not have them
 */
export function* freePages({k, say}: Bench, index: ZoneIndex, pages: number, best = index): Sleeps<void> {
	const zone = k.pages.zones[index]!;
	const needed = pagesNeeded(zone, pages, best);
	const isEnough = () => zone.free_pages >= needed;
	if (isEnough()) return;
	const before = zone.free_pages;
	const name = `zone ${ZONE_NAMES[index]}`;
	if (zone.managed_pages < needed)
		throw new CouldNotRun(`${name} has ${countOf(zone.managed_pages, 'page')}, and ${needed} must be free`);
	yield* zone_reclaim(k, zone, isEnough);
	dieIfKilled(k);
	if (!isEnough())
		throw new CouldNotRun(
			`${name} has ${countOf(zone.free_pages, 'free page')} after reclaim, and ${needed} are needed`,
		);
	say(`${name} had ${countOf(before, 'free page')} and ${needed} are needed: pages of the page cache were reclaimed`);
}

/** Whether an allocation of 2^order pages side by side would succeed at once. */
const hasBlock = ({k}: Bench, gfp: gfp_t, order: number): boolean =>
	k.pages.zones.slice(0, gfp_zone(gfp) + 1).some(zone => {
		const isThere = zone.nr_free.subarray(order, MAX_ORDER).some(count => count > 0);
		return isThere && zone_watermark_ok(k, zone, order, zone.pages_low, gfp_zone(gfp));
	});

/**
 * Has 2^order pages side by side. Reclaim frees the oldest pages, wherever they lie, so all that is clean is dropped
 * instead.
 * @throws CouldNotRun when memory is in pieces all the same
 */
export function* freeBlock(x: Bench, gfp: gfp_t, order: number): Sleeps<void> {
	const {k, say} = x;
	if (order === 0 || hasBlock(x, gfp, order)) return;
	let dropped = drop_pagecache(k);
	drain_all_pages(k);
	if (!hasBlock(x, gfp, order)) {
		yield* sys_sync(k);
		dieIfKilled(k);
		dropped += drop_pagecache(k);
		drain_all_pages(k);
	}
	const bytes = `${4 << order} KiB in one piece`;
	if (!hasBlock(x, gfp, order)) throw new CouldNotRun(`no ${bytes} are free, not even without the page cache`);
	say(`no ${bytes} were free: the page cache was dropped, ${countOf(dropped, 'page')} of it`);
}
