import {describe, expect, test} from 'vitest';
import type {Pfn} from '../../../source/hardware/address.ts';
import {drop_pagecache} from '../../../source/kernel/fs/drop_caches.ts';
import type {file} from '../../../source/kernel/fs/file.ts';
import {shmem_file_setup} from '../../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {add_to_page_cache_lru, find_get_page} from '../../../source/kernel/mm/filemap.ts';
import {__GFP_HIGHMEM, GFP_HIGHUSER, GFP_KERNEL, GFP_NOFS} from '../../../source/kernel/mm/gfp.ts';
import {LRU_NAMES, lruPages} from '../../../source/kernel/mm/lru.ts';
import type {address_space} from '../../../source/kernel/mm/mm_types.ts';
import {get_page, PageActive, PageLRU, PG_uptodate, page_count, setPageFlag} from '../../../source/kernel/mm/page.ts';
import {alloc_pages, put_page, try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {end_page_writeback, set_page_writeback, unlock_page} from '../../../source/kernel/mm/page_lock.ts';
import {set_page_dirty} from '../../../source/kernel/mm/page-writeback.ts';
import {kswapd, mark_page_accessed, try_to_free_pages} from '../../../source/kernel/mm/vmscan.ts';
import {bootTestKernel, run, spawn} from '../support.ts';

/** A file whose pages can be read again and written: only what reclaim asks of it. */
function fileOn(k: Kernel, written: number[] = []): address_space {
	const template: file = shmem_file_setup(k, 'reclaim', 4096);
	const {inode} = template;
	const host = {
		...inode,
		kind: 'regular' as const,
		a_ops: {
			readpage: function* () {
				return 0;
			},
			*writepage(kernel: Kernel, _mapping: address_space, index: number, frame: Pfn) {
				written.push(index);
				unlock_page(kernel, frame);
				return 0;
			},
		},
	};
	const mapping: address_space = {
		...inode.i_mapping,
		id: inode.i_mapping.id + 1000,
		host: host as never,
		pages: new Map(),
		i_mmap: new Set(),
	};
	k.mappings.set(mapping.id, mapping);
	return mapping;
}

/** Puts a page into the cache as a read would leave it: one reference, the cache's. */
function cachedPage(k: Kernel, mapping: address_space, index: number): Pfn {
	const frame = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
	add_to_page_cache_lru(k, frame, mapping, index);
	setPageFlag(k, frame, PG_uptodate);
	unlock_page(k, frame);
	put_page(k, frame);
	return frame;
}

test('dropping the cache frees its clean pages, and is counted each time', () => {
	const k = bootTestKernel();
	const mapping = fileOn(k);
	for (let i = 0; i < 3; i++) cachedPage(k, mapping, i);
	expect([drop_pagecache(k), k.vm_events.drop_pagecache]).toEqual([3, 1]);
	expect([drop_pagecache(k), k.vm_events.drop_pagecache]).toEqual([0, 2]);
});

const listSizes = (k: Kernel) => Object.fromEntries(LRU_NAMES.map((name, list) => [name, lruPages(k, list as 0)]));

describe('the LRU lists', () => {
	test('take a page of a file on the inactive one; its second use makes it active', () => {
		const k = bootTestKernel();
		const frame = cachedPage(k, fileOn(k), 0);
		expect([PageLRU(k, frame), PageActive(k, frame)]).toEqual([true, false]);
		mark_page_accessed(k, frame);
		expect([PageActive(k, frame), k.vm_events.pgactivate]).toEqual([false, 0]);
		mark_page_accessed(k, frame);
		expect([PageActive(k, frame), k.vm_events.pgactivate]).toEqual([true, 1]);
		expect(listSizes(k)).toEqual({inactive_anon: 0, active_anon: 0, inactive_file: 0, active_file: 1});
	});
});

describe('reclaim', () => {
	const reclaim = (k: Kernel) => run(k, () => try_to_free_pages(k, GFP_KERNEL | __GFP_HIGHMEM, 0));

	test('frees clean, unused pages of the cache, oldest first', () => {
		const k = bootTestKernel();
		const mapping = fileOn(k);
		const frames = Array.from({length: 64}, (_, i) => cachedPage(k, mapping, i));
		expect(reclaim(k)).toBe(32);
		expect(frames.map(frame => page_count(k, frame))).toEqual([...Array(32).fill(0), ...Array(32).fill(1)]);
		expect(mapping.pages.size).toBe(32);
	});

	test('first moves pages that were not used lately from an active list, and counts those', () => {
		const k = bootTestKernel();
		const mapping = fileOn(k);
		for (let i = 0; i < 64; i++) {
			const frame = cachedPage(k, mapping, i);
			for (const _ of [1, 2]) mark_page_accessed(k, frame);
		}
		expect(reclaim(k)).toBe(32);
		const {pgactivate, pgdeactivate, pgrefill, pgscan_direct} = k.vm_events;
		expect([pgactivate, pgdeactivate, ...pgrefill]).toEqual([64, pgrefill[2], 0, 0, pgrefill[2]]);
		expect(pgrefill[2]).toBeGreaterThanOrEqual(32);
		expect([...pgscan_direct]).toEqual([0, 0, 32]);
	});

	test('keeps a page that somebody pinned, until the pin is dropped', () => {
		const k = bootTestKernel();
		const mapping = fileOn(k);
		const frame = cachedPage(k, mapping, 0);
		get_page(k, frame);
		expect(reclaim(k)).toBe(0);
		expect(find_get_page(k, mapping, 0)).toBe(frame);
		put_page(k, frame);
		put_page(k, frame);
		expect(reclaim(k)).toBe(1);
	});

	test('writes a dirty page instead of freeing it, and frees it the next time', () => {
		const k = bootTestKernel();
		const written: number[] = [];
		const mapping = fileOn(k, written);
		const frame = cachedPage(k, mapping, 5);
		set_page_dirty(k, frame);
		reclaim(k);
		expect(written).toEqual([5]);
		set_page_writeback(k, frame);
		expect(k.vm_events.nr_written).toBe(0);
		end_page_writeback(k, frame);
		const {nr_dirtied, nr_vmscan_write, nr_written} = k.vm_events;
		expect([nr_dirtied, nr_vmscan_write, nr_written]).toEqual([1, 1, 1]);
		if (page_count(k, frame) > 0) expect(reclaim(k)).toBe(1);
		expect(mapping.pages.size).toBe(0);
	});

	test('of nothing but pages without a store frees none', () => {
		const k = bootTestKernel();
		const mapping = shmem_file_setup(k, 'shm', 1 << 20).inode.i_mapping;
		cachedPage(k, mapping, 0);
		expect(reclaim(k)).toBe(0);
		expect(mapping.pages.size).toBe(1);
	});
});

const total = (pages: Float64Array): number => pages.reduce((sum, count) => sum + count, 0);

describe('an allocation that finds no frame', () => {
	test('reclaims and then gets one', () => {
		const k = bootTestKernel();
		const mapping = fileOn(k);
		for (let i = 0; ; i++) {
			const frame = try_alloc_pages(k, GFP_HIGHUSER, 0);
			if (frame === undefined) break;
			add_to_page_cache_lru(k, frame, mapping, i);
			unlock_page(k, frame);
			put_page(k, frame);
		}
		const filled = mapping.pages.size;
		expect(run(k, () => alloc_pages(k, GFP_HIGHUSER, 0))).toBeDefined();
		expect(k.pages.allocstalls).toBeGreaterThan(0);
		const {pgscan_direct, pgsteal_direct, pgsteal_kswapd, pgscan_file, pgsteal_file, nr_isolated_file} = k.vm_events;
		expect(total(pgsteal_direct)).toBe(pgsteal_file);
		expect(pgsteal_file).toBe(filled - mapping.pages.size);
		expect(total(pgscan_direct)).toBe(pgscan_file);
		expect(pgscan_file).toBeGreaterThanOrEqual(pgsteal_file);
		expect([total(pgsteal_kswapd), nr_isolated_file]).toEqual([0, 0]);
	});

	test('fails after a while when nothing can be reclaimed by somebody who may not wait for files', () => {
		const k = bootTestKernel();
		while (try_alloc_pages(k, GFP_KERNEL, 0) !== undefined) {}
		expect(run(k, () => alloc_pages(k, GFP_NOFS, 0))).toBeUndefined();
		expect(k.pages.failures).toBe(1);
	});
});

describe('kswapd', () => {
	test('wakes when a zone falls below its low watermark, and fills it up to the high one', () => {
		const k = bootTestKernel();
		const mapping = fileOn(k);
		spawn(k, () => kswapd(k), 'kswapd0');
		k.hw.timeline.step(0);
		run(k, function* () {
			for (let i = 0; i < 40_000; i++) {
				const frame = yield* alloc_pages(k, GFP_HIGHUSER, 0);
				add_to_page_cache_lru(k, frame!, mapping, i);
				unlock_page(k, frame!);
				put_page(k, frame!);
				yield 100;
			}
		});
		expect(k.vmscan.pageoutrun).toBeGreaterThan(0);
		expect(total(k.vm_events.pgsteal_kswapd)).toBeGreaterThan(0);
		while (k.hw.timeline.step(k.hw.timeline.nowNs + 1e9)) {}
		const [, normal, high] = k.pages.zones;
		for (const zone of [normal!, high!]) expect(zone.free_pages).toBeGreaterThan(zone.pages_min);
		expect(mapping.pages.size).toBeLessThan(32_768);
	});
});
