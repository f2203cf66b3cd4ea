import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Pfn, pfn} from '../../../source/hardware/address.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {
	__GFP_COMP,
	__GFP_NOWARN,
	GFP_ATOMIC,
	GFP_DMA,
	GFP_HIGHUSER,
	GFP_HIGHUSER_MOVABLE,
	GFP_KERNEL,
} from '../../../source/kernel/mm/gfp.ts';
import {get_page, list_each, PageBuddy, page_count, SetPageReserved} from '../../../source/kernel/mm/page.ts';
import {__free_pages, put_page, try_alloc_pages, zone_watermark_ok} from '../../../source/kernel/mm/page_alloc.ts';
import {drain_all_pages} from '../../../source/kernel/mm/page_free.ts';
import {keptPages, MAX_ORDER, page_zone, zoneEnd} from '../../../source/kernel/mm/zone.ts';
import {bootTestKernel, dmesg} from '../support.ts';

/** Every free block of the buddy system: where it begins and how large it is. Checks on the way that none overlap. */
function freeBlocks(k: Kernel): Map<number, number> {
	const blocks = new Map<number, number>();
	const seen = new Uint8Array(k.mem_map.frames);
	for (const zone of k.pages.zones)
		zone.free_area.forEach((lists, order) => {
			let count = 0;
			for (const list of lists)
				for (const frame of list_each(k.mem_map, list)) {
					count++;
					blocks.set(frame, order);
					const isWhole = PageBuddy(k, frame) && k.mem_map.private[frame] === order && frame % 2 ** order === 0;
					if (!isWhole) throw new Error(`block 0x${frame.toString(16)} of order ${order} is no such block`);
					for (let i = 0; i < 2 ** order; i++) {
						if (seen[frame + i] === 1) throw new Error(`frame 0x${(frame + i).toString(16)} lies in two free blocks`);
						seen[frame + i] = 1;
					}
				}
			expect(zone.nr_free[order]).toBe(count);
		});
	return blocks;
}

const framesIn = (blocks: Map<number, number>) => [...blocks.values()].reduce((sum, order) => sum + 2 ** order, 0);
const onCpuLists = (k: Kernel) => k.pages.zones.reduce((sum, zone) => sum + keptPages(zone), 0);
/** Frames that are in use once a kernel is up: the page that system calls go through. */
const bootTook = (k: Kernel) => (k.era.vdsoInImage ? 0 : k.vdso.pages.length);
const managed = (k: Kernel) => k.pages.zones.reduce((sum, zone) => sum + zone.managed_pages, 0);

/** Two free buddies of one order in one zone would have merged. */
function expectMerged(k: Kernel, blocks: Map<number, number>): void {
	for (const [frame, order] of blocks) {
		if (order === MAX_ORDER - 1) continue;
		const buddy = frame ^ (1 << order);
		const sameZone = buddy < k.mem_map.frames && page_zone(k, pfn(buddy)) === page_zone(k, pfn(frame));
		if (sameZone && blocks.get(buddy) === order) throw new Error(`buddies 0x${frame.toString(16)} did not merge`);
	}
}

const gfps = [GFP_KERNEL, GFP_HIGHUSER, GFP_HIGHUSER_MOVABLE, GFP_DMA, GFP_ATOMIC | __GFP_NOWARN];

describe('any sequence of allocations and frees', () => {
	test.each(['ldd3', '2.6.32', '6.1'] as const)('in %s keeps free + used = total, and free buddies merged', era => {
		const step = fc.record({free: fc.boolean(), gfp: fc.constantFrom(...gfps), order: fc.nat(6), pick: fc.nat()});
		fc.assert(
			fc.property(fc.array(step, {minLength: 50, maxLength: 400}), steps => {
				const k = bootTestKernel({era});
				const held: {frame: Pfn; order: number}[] = [];
				let used = bootTook(k);
				for (const {free, gfp, order, pick} of steps) {
					if (free && held.length > 0) {
						const [{frame, order: size}] = held.splice(pick % held.length, 1) as [{frame: Pfn; order: number}];
						__free_pages(k, frame, size);
						used -= 2 ** size;
						continue;
					}
					const frame = try_alloc_pages(k, gfp, order);
					if (frame === undefined) continue;
					expect(frame % 2 ** order).toBe(0);
					expect(page_count(k, frame)).toBe(1);
					held.push({frame, order});
					used += 2 ** order;
				}
				expect(framesIn(freeBlocks(k)) + onCpuLists(k) + used).toBe(managed(k));
				drain_all_pages(k);
				const blocks = freeBlocks(k);
				expect(framesIn(blocks) + used).toBe(managed(k));
				expectMerged(k, blocks);
				const heldAndFree = held.filter(({frame, order}) =>
					Array.from({length: 2 ** order}, (_, i) => frame + i).some(part => blocks.has(part)),
				);
				expect(heldAndFree).toEqual([]);
			}),
			{numRuns: 15, seed: 7},
		);
	});

	test('ends with the blocks that it began with, once all is freed and the CPUs’ lists are drained', () => {
		const k = bootTestKernel();
		drain_all_pages(k);
		const before = freeBlocks(k);
		const held = Array.from({length: 500}, (_, i) => try_alloc_pages(k, GFP_HIGHUSER, i % 4)!);
		held.forEach((frame, i) => {
			__free_pages(k, frame, i % 4);
		});
		drain_all_pages(k);
		expect(freeBlocks(k)).toEqual(before);
	});
});

describe('where an allocation comes from', () => {
	const zoneOf = (k: Kernel, gfp: number) => page_zone(k, try_alloc_pages(k, gfp, 0)!).name;

	test('is the best zone that the flags allow', () => {
		const k = bootTestKernel();
		expect([GFP_DMA, GFP_KERNEL, GFP_HIGHUSER].map(gfp => zoneOf(k, gfp))).toEqual(['DMA', 'Normal', 'HighMem']);
	});

	test('is the next lower zone when the best one has no high memory at all', () => {
		expect(zoneOf(bootTestKernel({highmemMiB: 0}), GFP_HIGHUSER)).toBe('Normal');
	});

	// Experiment 32 of the fact sheet: 1 GiB.
	test('goes down to ZONE_DMA for GFP_KERNEL only as far as its reserve, and GFP_DMA still succeeds', () => {
		const k = bootTestKernel({memMiB: 1024, era: '2.6.32'});
		while (try_alloc_pages(k, GFP_KERNEL, 0) !== undefined) {}
		const [dma, normal] = k.pages.zones;
		expect(zone_watermark_ok(k, normal!, 0, normal!.pages_min, 1)).toBe(false);
		expect(dma!.free_pages).toBeLessThanOrEqual(dma!.pages_min + dma!.lowmem_reserve[1]!);
		expect(dma!.lowmem_reserve[1]).toBeGreaterThan(800);
		expect(zoneOf(k, GFP_DMA)).toBe('DMA');
	});

	test('is nowhere for an order above 10', () => {
		expect(try_alloc_pages(bootTestKernel(), GFP_KERNEL, 11)).toBeUndefined();
	});
});

describe('a caller that must not sleep', () => {
	test('may dig below the minimum, and is told in the log when even that fails', () => {
		const k = bootTestKernel();
		while (try_alloc_pages(k, GFP_KERNEL, 0) !== undefined) {}
		const minimum = k.pages.zones[1]!.pages_min;
		expect(try_alloc_pages(k, GFP_ATOMIC, 0)).toBeDefined();
		while (try_alloc_pages(k, GFP_ATOMIC, 0) !== undefined) {}
		expect(k.pages.zones[1]!.free_pages).toBeLessThan(minimum);
		expect(dmesg(k)).toContain('swapper: page allocation failure. order:0, mode:0x20');
	});
});

describe('references', () => {
	test('keep a page until the last one is dropped', () => {
		const k = bootTestKernel();
		const frame = try_alloc_pages(k, GFP_KERNEL, 0)!;
		get_page(k, frame);
		put_page(k, frame);
		expect(page_count(k, frame)).toBe(1);
		put_page(k, frame);
		expect(page_count(k, frame)).toBe(0);
		expect(onCpuLists(k)).toBeGreaterThan(0);
	});

	test('to any part of a compound page count on its head', () => {
		const k = bootTestKernel({era: '6.1'});
		const head = try_alloc_pages(k, GFP_KERNEL | __GFP_COMP, 2)!;
		get_page(k, pfn(head + 3));
		expect([page_count(k, head), page_count(k, pfn(head + 3))]).toEqual([2, 2]);
		put_page(k, pfn(head + 2));
		put_page(k, head);
		drain_all_pages(k);
		expect(framesIn(freeBlocks(k))).toBe(managed(k));
	});

	test('dropped once too often are a bad page', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const frame = try_alloc_pages(k, GFP_KERNEL, 0)!;
		put_page(k, frame);
		put_page(k, frame);
		expect(
			dmesg(k).some(line => line.startsWith(`BUG: Bad page state in process swapper  pfn:0${frame.toString(16)}`)),
		).toBe(true);
	});

	test('to reserved pages are not counted by 2.6.11, but are later', () => {
		for (const [era, left] of [
			['ldd3', 1],
			['2.6.32', 0],
		] as const) {
			const k = bootTestKernel({era});
			const frame = try_alloc_pages(k, GFP_KERNEL, 0)!;
			SetPageReserved(k, frame);
			put_page(k, frame);
			expect(page_count(k, frame)).toBe(left);
		}
	});
});

describe('booting', () => {
	test('gives every frame of RAM either to a zone or to somebody with a name', () => {
		for (const era of ['ldd3', '3.2', '6.1'] as const) {
			const k = bootTestKernel({era, memMiB: 256});
			const ram = k.layout.ram.reduce((sum, range) => sum + range.end - range.start, 0);
			expect(k.layout.reserved.every(range => range.name.length > 0)).toBe(true);
			expect(managed(k)).toBeLessThan(ram);
			expect(framesIn(freeBlocks(k)) + onCpuLists(k)).toBe(managed(k) - bootTook(k));
			for (const zone of k.pages.zones) expect(zoneEnd(zone)).toBeLessThanOrEqual(k.layout.max_pfn);
		}
	});

	test('of 4 GiB touches only the RAM that its tables lie in', () => {
		expect(bootTestKernel({memMiB: 4096, pae: true}).hw.ram.touchedBytes).toBeLessThanOrEqual(48 << 20);
	});
});
