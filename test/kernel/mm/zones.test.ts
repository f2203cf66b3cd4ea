import {describe, expect, test} from 'vitest';
import {physicalAddress} from '../../../source/hardware/address.ts';
import {NO_PTE, pte_offset} from '../../../source/kernel/mm/pgtable.ts';
import {vmallocTotals} from '../../../source/kernel/mm/vmalloc.ts';
import {int_sqrt} from '../../../source/kernel/mm/watermarks.ts';
import {runMachine} from '../../conformance/machines.ts';
import {bootTestKernel} from '../support.ts';

describe('zones of the machines that truth/i386 was captured on', () => {
	// spanned, present, managed; min, low, high; protection; per-CPU high and batch. From /proc/zoneinfo of each run.
	const captured = {
		A: [
			['DMA', 1, 4095, 3998, 3840, 15, 18, 21, [0, 822, 1990, 1990], 9, 1],
			['Normal', 4096, 221182, 221182, 212164, 878, 1097, 1316, [0, 0, 9342, 9342], 548, 63],
			['HighMem', 225278, 298958, 298958, 298958, 128, 437, 746, [0, 0, 0, 0], 252, 63],
		],
		C: [
			['DMA', 1, 4095, 3998, 3840, 15, 18, 21, [0, 819, 1990, 1990], 9, 1],
			['Normal', 4096, 220158, 220158, 211184, 876, 1095, 1314, [0, 0, 9374, 9374], 547, 63],
			['HighMem', 224254, 299982, 299982, 299982, 128, 439, 750, [0, 0, 0, 0], 252, 63],
		],
		G: [
			['DMA', 1, 4095, 3998, 3979, 197, 246, 295, [0, 824, 1992, 1992], 0, 1],
			['Normal', 4096, 221182, 221182, 212598, 10488, 13110, 15732, [0, 0, 9342, 9342], 378, 63],
			['HighMem', 225278, 298958, 298958, 298958, 128, 3840, 7552, [0, 0, 0, 0], 378, 63],
		],
		B: [
			['DMA', 1, 4095, 3998, 3840, 16, 20, 24, [0, 758, 1926, 1926], 10, 1],
			['Normal', 4096, 221182, 221182, 195652, 842, 1052, 1262, [0, 0, 9342, 9342], 526, 63],
			['HighMem', 225278, 298958, 298958, 298958, 128, 449, 770, [0, 0, 0, 0], 252, 63],
		],
	} as const;
	const minFreeKbytes = {A: 3577, B: 3438, C: 3569, G: 42744};

	test.each(['A', 'B', 'C', 'G'] as const)('of run %s follow from its configuration', run => {
		const k = runMachine(run);
		const seen = k.pages.zones.map(zone => [
			zone.name,
			zone.zone_start_pfn,
			zone.spanned_pages,
			zone.present_pages,
			zone.managed_pages,
			zone.pages_min,
			zone.pages_low,
			zone.pages_high,
			zone.lowmem_reserve,
			zone.pageset[0]!.high,
			zone.pageset[0]!.batch,
		]);
		expect(seen).toEqual(captured[run]);
		expect(k.pages.min_free_kbytes).toBe(minFreeKbytes[run]);
	});
});

describe('/proc/meminfo of those machines', () => {
	// HighTotal, LowTotal, VmallocTotal in kB, DirectMap4k in kB.
	test.each([
		['A', 1_195_832, 864_016, 122_880, 8184],
		['C', 1_199_928, 860_096, 122_880, 12_280],
		['G', 1_195_832, 866_308, 122_880, 8184],
	] as const)('of run %s has the totals that a booted kernel printed', (run, high, low, vmalloc, direct4k) => {
		const k = runMachine(run);
		const [dma, normal, highmem] = k.pages.zones.map(zone => zone.managed_pages * 4);
		expect([highmem, dma! + normal!, vmallocTotals(k).total / 1024]).toEqual([high, low, vmalloc]);
		// Frames of low memory that 4 KiB pages map: the entries are counted.
		let small = 0;
		for (let frame = 0; frame < k.layout.max_low_pfn; frame++)
			if (pte_offset(k, {pgd: k.layout.swapper_pg_dir}, 0xc000_0000 + frame * 4096) !== NO_PTE) small++;
		expect(small * 4).toBe(direct4k);
	});
});

describe('watermarks of the fact sheet', () => {
	// Every frame is RAM. 2.6.32 reckons with present pages, which leave out what the zone's own struct pages take.
	test('of 1 GiB under 2.6.32 are exactly those', () => {
		const k = bootTestKernel({
			era: '2.6.32',
			memMiB: 1024,
			firmwareMap: [{start: physicalAddress(0), end: physicalAddress(1 << 30), usable: true}],
		});
		const [dma, normal, high] = k.pages.zones;
		expect([dma!.present_pages, normal!.present_pages]).toEqual([4_096 - 32, 223_230 - 1_744]);
		expect([high!.spanned_pages, high!.present_pages]).toEqual([34_818, 34_818 - 273]);
		expect(k.pages.min_free_kbytes).toBe(3799);
		expect([dma!.pages_min, dma!.pages_low, dma!.pages_high]).toEqual([17, 21, 25]);
		expect([normal!.pages_min, normal!.pages_low, normal!.pages_high]).toEqual([931, 1163, 1396]);
		expect([high!.pages_min, high!.pages_low, high!.pages_high]).toEqual([33, 69, 105]);
		expect(dma!.lowmem_reserve).toEqual([0, 865, 1000, 1000]);
		expect(normal!.lowmem_reserve).toEqual([0, 0, 1079, 1079]);
	});
});

test('int_sqrt rounds down', () => {
	for (const value of [0, 1, 2, 3, 4, 15, 16, 17, 13_824_256, 2 ** 31]) {
		const root = int_sqrt(value);
		expect(root * root <= value && (root + 1) * (root + 1) > value).toBe(true);
	}
});
