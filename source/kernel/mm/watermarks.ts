/**
 * Models mm/page_alloc.c: init_per_zone_pages_min(), setup_per_zone_pages_min() (…_wmarks()),
 * setup_per_zone_lowmem_reserve(), zone_batchsize(), and mm/khugepaged.c set_recommended_min_free_kbytes().
 *
 * Not modelled: watermark boosting, percpu_pagelist_fraction.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {accountedPages, MIGRATE_TYPES, ZONE_HIGHMEM, ZONE_NORMAL, type zone} from './zone.ts';

/** sysctl lowmem_reserve_ratio: a zone keeps one page for each so many of the zones above. */
const LOWMEM_RESERVE_RATIO = [256, 32, 0] as const;
const SWAP_CLUSTER_MAX = 32;
/** Linux counts the always empty ZONE_MOVABLE as a fourth. */
const ZONES_WITH_MOVABLE = 4;
/** Migrate types that have per-CPU lists: what one may fall back to another for. */
const MIGRATE_PCPTYPES = MIGRATE_TYPES;

/** Integer square root, rounded down. @see lib/int_sqrt.c */
export function int_sqrt(value: number): number {
	let root = 0;
	let bit = 1;
	while (bit * bit * 4 <= value) bit *= 2;
	for (; bit >= 1; bit = Math.floor(bit / 2)) if ((root + bit) * (root + bit) <= value) root += bit;
	return root;
}

/** Frames of the zones up to Normal beyond what they keep back. @see nr_free_buffer_pages() */
function nr_free_buffer_pages(k: Kernel): number {
	let sum = 0;
	for (const zone of k.pages.zones) {
		if (zone.index > ZONE_NORMAL) continue;
		sum += Math.max(0, accountedPages(k, zone) - zone.pages_high);
	}
	return sum;
}

function calculateMinFreeKbytes(k: Kernel): number {
	const wanted = int_sqrt(nr_free_buffer_pages(k) * 4 * 16);
	return Math.min(Math.max(wanted, 128), k.era.minFreeKbytesMost);
}

/** khugepaged's wish: two blocks a zone, and room for each migrate type to fall back on each other, at most 5 %. */
function recommendedMinFreeKbytes(k: Kernel): number {
	const zones = k.pages.zones.filter(zone => zone.index <= ZONE_NORMAL && zone.managed_pages > 0).length;
	const pages = k.pages.pageblockPages * zones * (2 + MIGRATE_PCPTYPES * MIGRATE_PCPTYPES);
	return Math.min(pages, Math.floor(nr_free_buffer_pages(k) / 20)) * 4;
}

/** Sets min_free_kbytes, watermarks and reserves, with the memory that the allocator has by then. */
export function init_per_zone_pages_min(k: Kernel): void {
	k.pages.min_free_kbytes = calculateMinFreeKbytes(k);
	setup_per_zone_wmarks(k);
	setup_per_zone_lowmem_reserve(k);
}

/** What khugepaged does to min_free_kbytes when huge pages are on. @see set_recommended_min_free_kbytes() */
export function start_khugepaged(k: Kernel): void {
	const recommended = recommendedMinFreeKbytes(k);
	if (recommended <= k.pages.min_free_kbytes) return;
	k.pages.min_free_kbytes = recommended;
	setup_per_zone_wmarks(k);
}

/** Huge pages are switched off again; older kernels keep the raised reserve. */
export function stop_khugepaged(k: Kernel): void {
	if (!k.era.forgetsHugePageReserve) return;
	k.pages.min_free_kbytes = calculateMinFreeKbytes(k);
	setup_per_zone_wmarks(k);
}

function setup_per_zone_wmarks(k: Kernel): void {
	const pagesMin = Math.floor(k.pages.min_free_kbytes / 4);
	const lowmem = k.pages.zones.reduce(
		(sum, zone) => sum + (zone.index === ZONE_HIGHMEM ? 0 : accountedPages(k, zone)),
		0,
	);
	for (const zone of k.pages.zones) {
		const managed = accountedPages(k, zone);
		const share = Math.floor((pagesMin * managed) / lowmem);
		// High memory cannot be had by who must not wait, so a token reserve will do there.
		zone.pages_min =
			zone.index === ZONE_HIGHMEM ? Math.min(Math.max(Math.floor(managed / 1024), SWAP_CLUSTER_MAX), 128) : share;
		const from = zone.index === ZONE_HIGHMEM && k.era.highmemGapsFromOwnMin ? zone.pages_min : share;
		const [low, high] = k.era.watermarkGaps(from, managed);
		zone.pages_low = zone.pages_min + low;
		zone.pages_high = zone.pages_min + high;
		setPageset(k, zone);
	}
}

function setup_per_zone_lowmem_reserve(k: Kernel): void {
	const {zones} = k.pages;
	for (const zone of zones) {
		zone.lowmem_reserve.fill(0);
		let above = 0;
		for (let higher = zone.index + 1; higher < ZONES_WITH_MOVABLE; higher++) {
			const upper = zones[higher];
			if (upper) above += accountedPages(k, upper);
			const ratio = LOWMEM_RESERVE_RATIO[zone.index];
			zone.lowmem_reserve[higher] = ratio === 0 ? 0 : Math.floor(above / ratio);
		}
	}
}

/** @see zone_batchsize(): a quarter of a thousandth of the zone */
function zone_batchsize(k: Kernel, zone: zone): number {
	const thousandth = Math.floor(accountedPages(k, zone) / 1024);
	const capped = Math.min(thousandth, k.era.pcpBatchMostBytes / PAGE_SIZE);
	return k.era.pcpBatch(Math.max(1, Math.floor(capped / 4)));
}

function setPageset(k: Kernel, zone: zone): void {
	const batch = zone_batchsize(k, zone);
	for (const pcp of zone.pageset) {
		pcp.batch = Math.max(1, batch);
		pcp.low = k.era.pcpLow(pcp.batch);
		pcp.high = k.era.pcpHigh(batch, zone.pages_low, k.sched.cpus.length);
	}
	for (const pcp of zone.coldset) {
		pcp.batch = Math.max(1, batch);
		pcp.high = 2 * pcp.batch;
	}
}
