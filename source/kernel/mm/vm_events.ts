/**
 * What the memory management counts since boot, as mm/vmstat.c does (mm/page_alloc.c in 2.6.11), beside what the
 * allocator, the cache and disks count themselves. Each era prints some of it in /proc/vmstat.
 */
import type {Kernel} from '../kernel.ts';

/** Pages by zone: DMA, Normal, HighMem. */
type ByZone = Float64Array;

export type vm_event_state = {
	/** Pages that moved to an active list, and from one to its inactive list. */
	pgactivate: number;
	pgdeactivate: number;
	/** Pages looked at on active lists. */
	readonly pgrefill: ByZone;
	/** Pages looked at on inactive lists and pages freed from there, by kswapd and by others. */
	readonly pgscan_kswapd: ByZone;
	readonly pgscan_direct: ByZone;
	readonly pgsteal_kswapd: ByZone;
	readonly pgsteal_direct: ByZone;
	/** Of pgscan and pgsteal, those of the lists of files. */
	pgscan_file: number;
	pgsteal_file: number;
	/** Pages of files that reclaim holds apart from their list just now. */
	nr_isolated_file: number;
	/** Pages that reclaim began to write. */
	nr_vmscan_write: number;
	/** Pages of files that became dirty, and that were written. */
	nr_dirtied: number;
	nr_written: number;
	/** Pins that pin_user_pages() took, and that were given back. */
	nr_foll_pin_acquired: number;
	nr_foll_pin_released: number;
	/** Write faults that were answered without a copy. */
	pgreuse: number;
	/** Times that the cache was dropped. */
	drop_pagecache: number;
};

export function vm_events_init(k: Kernel): void {
	const byZone = (): ByZone => new Float64Array(k.pages.zones.length);
	k.vm_events = {
		pgactivate: 0,
		pgdeactivate: 0,
		pgrefill: byZone(),
		pgscan_kswapd: byZone(),
		pgscan_direct: byZone(),
		pgsteal_kswapd: byZone(),
		pgsteal_direct: byZone(),
		pgscan_file: 0,
		pgsteal_file: 0,
		nr_isolated_file: 0,
		nr_vmscan_write: 0,
		nr_dirtied: 0,
		nr_written: 0,
		nr_foll_pin_acquired: 0,
		nr_foll_pin_released: 0,
		pgreuse: 0,
		drop_pagecache: 0,
	};
}
