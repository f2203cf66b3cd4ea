/**
 * Section 1 of the fact sheet: kinds of addresses, zones, the allocator, mappings of high memory. The table of the
 * layout is in `test/kernel/mm/layout.test.ts`, that of 1 GiB of watermarks in `zones.test.ts`, experiments 7 to 9 in
 * `highmem.test.ts`.
 */
import {describe, expect, test} from 'vitest';
import {kernelAddress, logicalAddress, type Pfn, pfn, physicalAddress} from '../../source/hardware/address.ts';
import {preempt_count} from '../../source/kernel/cpu.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {eraNamed} from '../../source/kernel/era.ts';
import {kernelToPhysical} from '../../source/kernel/mm/access.ts';
import {fix_to_virt} from '../../source/kernel/mm/fixmap.ts';
import {
	__GFP_COLD,
	__GFP_COMP,
	__GFP_MOVABLE,
	__GFP_NOFAIL,
	__GFP_NORETRY,
	__GFP_NOWARN,
	__GFP_ZERO,
	GFP_ATOMIC,
	GFP_DMA,
	GFP_HIGHUSER,
	GFP_KERNEL,
	GFP_NOFS,
	GFP_NOIO,
	GFP_USER,
} from '../../source/kernel/mm/gfp.ts';
import {kunmap, page_address, try_kmap} from '../../source/kernel/mm/highmem.ts';
import {kmap_atomic, kunmap_atomic} from '../../source/kernel/mm/kmap_atomic.ts';
import {
	__pa,
	__va,
	lowmem_page_address,
	PAGE_OFFSET,
	page_count,
	page_mapcount_raw,
	page_to_phys,
	virt_to_page,
} from '../../source/kernel/mm/page.ts';
import {__free_pages, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {slabInfo} from '../../source/kernel/mm/slab.ts';
import {try_vmalloc, vmallocAreas} from '../../source/kernel/mm/vmalloc.ts';
import {MAX_DMA_PFN, MAX_ORDER} from '../../source/kernel/mm/zone.ts';
import {bootTestKernel, dmesg} from '../kernel/support.ts';

const hex = (value: number) => `0x${value.toString(16)}`;

/** RAM without holes, as the sheet's idealised tables have it. */
const idealised = (memMiB: number, era: EraName = '2.6.32') =>
	bootTestKernel({
		era,
		memMiB,
		firmwareMap: [{start: physicalAddress(0), end: physicalAddress(memMiB * 2 ** 20), usable: true}],
	});

describe('addresses', () => {
	test('__pa and __va differ by 0xc0000000, and lead through struct page and back', () => {
		const k = bootTestKernel();
		expect(PAGE_OFFSET).toBe(0xc000_0000);
		const address = logicalAddress(0xc123_4567);
		expect(__pa(address)).toBe(0x0123_4567);
		expect(__va(k, physicalAddress(0x0123_4567))).toBe(address);
		expect(virt_to_page(address)).toBe(0x1234);
		expect(page_to_phys(pfn(0x1234))).toBe(0x0123_4000);
		expect(lowmem_page_address(pfn(0x1234))).toBe(0xc123_4000);
	});

	test('boot says how much memory is high and how much low', () => {
		const said = dmesg(bootTestKernel({memMiB: 1024}));
		expect(said.filter(line => /^\d+MB (HIGHMEM|LOWMEM) available\.$/.test(line))).toEqual([
			'128MB HIGHMEM available.',
			'896MB LOWMEM available.',
		]);
		expect(said[0]).toMatch(/^Linux version 2\.6\.11 /);
	});

	test('low memory ends at 896 MiB in 2.6.11, at 887 later, with PAE at 889 and in 3.2 at 891', () => {
		const low = (era: EraName, pae = false) => bootTestKernel({era, pae, memMiB: 1024}).layout.max_low_pfn >> 8;
		expect(low('ldd3')).toBe(896);
		expect([low('2.6.32'), low('3.2')]).toEqual([887, 887]);
		expect([low('2.6.32', true), low('3.2', true)]).toEqual([889, 891]);
	});

	test('a free frame has a count of 0, an allocated one of 1, and a mapcount of -1 until it is mapped', () => {
		const k = bootTestKernel();
		const frame = try_alloc_pages(k, GFP_KERNEL, 0)!;
		expect([page_count(k, frame), page_mapcount_raw(k, frame)]).toEqual([1, -1]);
		__free_pages(k, frame, 0);
		expect([page_count(k, frame), page_mapcount_raw(k, frame)]).toEqual([0, -1]);
	});
});

describe('the fixmap', () => {
	test('grows down from 0xfffff000', () => {
		expect([0, 1, 5, 69].map(index => hex(fix_to_virt(index)))).toEqual([
			'0xfffff000',
			'0xffffe000',
			'0xffffa000',
			'0xfffba000',
		]);
	});

	test.each(['2.6.32', '3.2'] as const)('of %s has local APIC 4, I/O APICs from 5, kmap slots from 69', era => {
		const {layout} = bootTestKernel({era, memMiB: 1024});
		const {first} = layout.fixmap;
		expect([first.get('vdso'), first.get('dbgp'), first.get('earlycon')]).toEqual([1, 2, 3]);
		expect([first.get('apic'), first.get('ioapic'), first.get('kmap')]).toEqual([4, 5, 69]);
		expect(layout.FIX_KMAP_BEGIN).toBe(69);
		const slots = era === '2.6.32' ? 19 : 20;
		expect(layout.FIX_KMAP_END - layout.FIX_KMAP_BEGIN + 1).toBe(slots * layout.build.NR_CPUS);
	});
});

describe('kmap_atomic', () => {
	test('has 13 types in 2.6.11, 19 in 2.6.32, and 20 slots without names in 3.2', () => {
		expect((['ldd3', '2.6.32', '3.2'] as const).map(era => eraNamed(era).kmapSlotsPerCpu)).toEqual([13, 19, 20]);
		const old = eraNamed('ldd3').kmapTypes;
		expect(old.slice(3, 7)).toEqual(['KM_USER0', 'KM_USER1', 'KM_BIO_SRC_IRQ', 'KM_BIO_DST_IRQ']);
		expect(eraNamed('2.6.32').kmapTypes.slice(0, 13)).toEqual(old);
		expect(eraNamed('2.6.32').kmapTypes.slice(13)).toEqual([
			'KM_SYNC_ICACHE',
			'KM_SYNC_DCACHE',
			'KM_UML_USERCOPY',
			'KM_IRQ_PTE',
			'KM_NMI',
			'KM_NMI_PTE',
		]);
	});

	test.each(['ldd3', '2.6.32'] as const)('of type t lies at the fixmap page KMAP_BEGIN + t (%s)', era => {
		const k = bootTestKernel({era});
		const types = k.era.kmapTypes.length;
		for (let type = 0; type < types; type++) {
			const frame = pfn(k.layout.highstart_pfn + type);
			const address = kmap_atomic(k, frame, type);
			expect(address).toBe(fix_to_virt(k.layout.FIX_KMAP_BEGIN + type));
			expect(kernelToPhysical(k, address)).toBe(frame * 4096);
			kunmap_atomic(k, address, type);
		}
	});

	test('of low memory is the logical address, and forbids preemption all the same', () => {
		for (const era of ['ldd3', '2.6.32', '3.2'] as const) {
			const k = bootTestKernel({era});
			const frame = try_alloc_pages(k, GFP_KERNEL, 0)!;
			const address = kmap_atomic(k, frame);
			expect(address).toBe(lowmem_page_address(frame));
			expect(preempt_count(k)).toBe(1);
			kunmap_atomic(k, address);
			expect(preempt_count(k)).toBe(0);
		}
	});
});

describe('kmap', () => {
	// Experiment 7: slot 1 comes first, slot 0 last.
	test('gives 0xff801000 first and 0xff800000 as the 1024th', () => {
		const k = bootTestKernel({memMiB: 1024});
		const addresses = Array.from({length: 1024}, (_, i) => try_kmap(k, pfn(k.layout.highstart_pfn + i)) as number);
		expect([addresses[0], addresses[1], addresses[1022], addresses[1023]].map(address => hex(address!))).toEqual([
			'0xff801000',
			'0xff802000',
			'0xffbff000',
			'0xff800000',
		]);
		expect(new Set(addresses).size).toBe(1024);
	});

	test('leaves a page its address until the flush: page_address is undefined before and after', () => {
		const k = bootTestKernel({memMiB: 1024});
		const frame = (i: number) => pfn(k.layout.highstart_pfn + i);
		expect(page_address(k, frame(0))).toBeUndefined();
		const address = try_kmap(k, frame(0));
		kunmap(k, frame(0));
		expect(page_address(k, frame(0))).toBe(address);
		for (let i = 1; i < 1024; i++) {
			try_kmap(k, frame(i));
			kunmap(k, frame(i));
		}
		expect(k.highmem.flushes).toBe(1);
		expect(page_address(k, frame(0))).toBeUndefined();
	});
});

describe('the page allocator', () => {
	test('ZONE_DMA ends at frame 4096, blocks at order 10', () => {
		expect([MAX_DMA_PFN, MAX_ORDER]).toEqual([4096, 11]);
		const k = bootTestKernel();
		expect(try_alloc_pages(k, GFP_KERNEL, 10)).toBeDefined();
		expect(k.pages.zones[0]!.zone_start_pfn + k.pages.zones[0]!.spanned_pages).toBe(4096);
	});

	test('gfp words have the bits of the sheet', () => {
		expect([GFP_ATOMIC, GFP_NOIO, GFP_NOFS, GFP_KERNEL].map(hex)).toEqual(['0x20', '0x10', '0x50', '0xd0']);
		expect([GFP_USER, GFP_HIGHUSER, GFP_DMA].map(hex)).toEqual(['0x200d0', '0x200d2', '0x1']);
		expect([__GFP_COMP, __GFP_ZERO, __GFP_NOWARN, __GFP_NORETRY, __GFP_NOFAIL, __GFP_MOVABLE].map(hex)).toEqual([
			'0x4000',
			'0x8000',
			'0x200',
			'0x1000',
			'0x800',
			'0x8',
		]);
	});

	test('splits a block so that the lower half is taken, and the buddy of a frame is frame ^ (1 << order)', () => {
		const k = bootTestKernel();
		const big = try_alloc_pages(k, GFP_KERNEL, 10)!;
		__free_pages(k, big, 10);
		const quarter = try_alloc_pages(k, GFP_KERNEL, 8)!;
		const next = try_alloc_pages(k, GFP_KERNEL, 8)!;
		expect(quarter % 256).toBe(0);
		expect(next).toBe(quarter ^ 256);
	});

	test('2.6.11 refills a CPU’s list at two batches and empties it at six; the cold list at none and at two', () => {
		const [, normal] = bootTestKernel({memMiB: 1024}).pages.zones;
		const batch = 16;
		const [hot, cold] = [normal!.pageset[0]!, normal!.coldset[0]!];
		expect([hot.low, hot.high, hot.batch]).toEqual([2 * batch, 6 * batch, batch]);
		expect([cold.low, cold.high, cold.batch]).toEqual([0, 2 * batch, batch]);
		expect(bootTestKernel({era: '2.6.32', memMiB: 1024}).pages.zones[1]!.coldset).toEqual([]);
	});

	test('2.6.11 leaves two batches in a hot list, none in a cold; a full list gives a batch before it takes one', () => {
		const k = bootTestKernel({memMiB: 1024});
		k.cpu = k.sched.cpus[0]!;
		const [, normal] = k.pages.zones;
		const [hot, cold] = [normal!.pageset[0]!, normal!.coldset[0]!];
		const taken: Pfn[] = [];
		const take = (gfp: number) => taken.push(try_alloc_pages(k, gfp, 0)!);
		for (let i = 0; i < 4; i++) take(GFP_KERNEL);
		for (let i = 0; i < 200; i++) {
			take(GFP_KERNEL);
			expect(hot.count).toBeGreaterThanOrEqual(2 * hot.batch);
		}
		const before = hot.count;
		for (let i = 0; i < 20; i++) take(GFP_KERNEL | __GFP_COLD);
		expect([hot.count, cold.count]).toEqual([before, 2 * cold.batch - 20]);
		let most = 0;
		for (const frame of taken) {
			__free_pages(k, frame, 0);
			most = Math.max(most, hot.count);
		}
		expect(most).toBe(hot.high);
	});

	test('high memory’s marks: 5/4 and 6/4 of its own min in 2.6.11, beyond it by shares of low memory’s later', () => {
		const above = (era: EraName, memMiB: number) => {
			const {zones, min_free_kbytes} = bootTestKernel({era, memMiB}).pages;
			const [dma, normal, high] = zones;
			const low = dma!.present_pages + normal!.present_pages;
			const share = Math.floor((Math.floor(min_free_kbytes / 4) * high!.present_pages) / low);
			const {pages_min: min} = high!;
			return {min, share, low: high!.pages_low - min, high: high!.pages_high - min};
		};
		expect(above('ldd3', 1024)).toMatchObject({min: 32, low: 8, high: 16});
		expect(above('ldd3', 2048)).toMatchObject({min: 128, low: 32, high: 64});
		const {share, low, high} = above('2.6.32', 1024);
		expect([low, high]).toEqual([Math.floor(share / 4), Math.floor(share / 2)]);
		expect(low).toBeGreaterThan(8);
	});

	test('per-CPU lists hold six batches at most, and nothing in a zone as small as ZONE_DMA', () => {
		const [dma, ...others] = bootTestKernel({era: '2.6.32', memMiB: 1024}).pages.zones;
		for (const zone of others) for (const {high, batch} of zone.pageset) expect(high).toBe(6 * batch);
		expect(others[0]!.pageset[0]!.batch).toBe(31);
		expect(dma!.pageset.map(({high, batch}) => [high, batch])).toEqual(dma!.pageset.map(() => [0, 1]));
	});

	test.each([
		// RAM in MiB; min_free_kbytes; min, low, high of each zone; what DMA and Normal hold back for higher zones
		// The 32 bytes of each struct page are not counted (free_area_init_core() of 2.6.32).
		[512, 2884, [22, 27, 33], [698, 872, 1047], undefined, [0, 492, 492, 492], [0, 0, 0, 0]],
		[1024, 3799, [17, 21, 25], [931, 1163, 1396], [33, 69, 105], [0, 865, 1000, 1000], [0, 0, 1079, 1079]],
		[2048, 3799, [17, 21, 25], [931, 1163, 1396], [128, 437, 747], [0, 865, 2016, 2016], [0, 0, 9207, 9207]],
	] as const)(
		'%i MiB have min_free_kbytes %i, and the watermarks and reserves that ' + 'follow',
		(memMiB, kbytes, dma, normal, high, dmaReserve, normalReserve) => {
			const k = idealised(memMiB);
			const marks = k.pages.zones
				.filter(zone => zone.spanned_pages > 0)
				.map(zone => [zone.pages_min, zone.pages_low, zone.pages_high]);
			expect(k.pages.min_free_kbytes).toBe(kbytes);
			expect(marks).toEqual(high ? [dma, normal, high] : [dma, normal]);
			expect(k.pages.zones.slice(0, 2).map(zone => zone.lowmem_reserve)).toEqual([dmaReserve, normalReserve]);
		},
	);
});

test('slab sizes are 32, 64, 96, 128, 192, 256, then powers of two', () => {
	const k = bootTestKernel({era: '2.6.32', debug: {slab: false}});
	const sizes = slabInfo(k)
		.map(({name}) => /^size-(\d+)$/.exec(name)?.[1])
		.filter(size => size !== undefined)
		.map(Number)
		.sort((a, b) => a - b);
	expect(sizes.slice(0, 12)).toEqual([32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192, 16_384]);
});

// Experiment 31.
test('two vmallocs of a page are two areas of 8192 bytes, and nothing is mapped at the guard of the first', () => {
	const k = bootTestKernel({era: '2.6.32'});
	const first = try_vmalloc(k, 4096, 'test')!;
	const second = try_vmalloc(k, 4096, 'test')!;
	expect(vmallocAreas(k).map(area => [area.addr, area.size, area.pages.length])).toEqual([
		[first, 8192, 1],
		[second, 8192, 1],
	]);
	expect(kernelToPhysical(k, kernelAddress(first + 4096))).toBeUndefined();
});
