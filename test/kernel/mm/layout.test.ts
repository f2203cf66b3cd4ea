import {describe, expect, test} from 'vitest';
import {kernelAddress} from '../../../source/hardware/address.ts';
import {walkPageTables} from '../../../source/hardware/mmu.ts';
import {kernelToPhysical} from '../../../source/kernel/mm/access.ts';
import {fix_to_virt} from '../../../source/kernel/mm/fixmap.ts';
import {bootTestKernel, dmesg} from '../support.ts';

const hex = (value: number) => `0x${value.toString(16)}`;

describe('the kernel half of the address space', () => {
	// Columns of the fact sheet, section 1: high_memory, VMALLOC_START, VMALLOC_END, PKMAP_BASE.
	test.each([
		['ldd3', false, '0xf8000000', '0xf8800000', '0xff7fe000', '0xff800000'],
		['2.6.32', false, '0xf77fe000', '0xf7ffe000', '0xff7fe000', '0xff800000'],
		['2.6.32', true, '0xf79fe000', '0xf81fe000', '0xff9fe000', '0xffa00000'],
		['3.2', false, '0xf77fe000', '0xf7ffe000', '0xff7fe000', '0xff800000'],
		['5.10', true, '0xf6ffe000', '0xf77fe000', '0xfeffe000', '0xff000000'],
		['6.1', false, '0xf6bfe000', '0xf73fe000', '0xfebfe000', '0xfec00000'],
	] as const)('of %s (PAE %s) with 2 GiB starts its mappings where Linux does', (era, pae, ...expected) => {
		const {layout} = bootTestKernel({era, pae, memMiB: 2048});
		const {high_memory, VMALLOC_START, VMALLOC_END, PKMAP_BASE} = layout;
		expect([high_memory, VMALLOC_START, VMALLOC_END, PKMAP_BASE].map(hex)).toEqual(expected);
	});

	test.each([
		['2.6.32', '0xfff1f000'],
		['3.2', '0xfff17000'],
		['5.10', '0xffd38000'],
		['6.1', '0xffdb8000'],
	] as const)('of %s has as much fixmap as its slots, APICs and CPUs need', (era, start) => {
		expect(hex(bootTestKernel({era, memMiB: 1024}).layout.FIXADDR_START)).toBe(start);
	});

	test('puts CPU 0’s KM_USER0 where the fact sheet has it', () => {
		const {layout} = bootTestKernel({era: '2.6.32', memMiB: 1024});
		expect(hex(fix_to_virt(layout.FIX_KMAP_BEGIN + 3))).toBe('0xfffb7000');
	});

	test('has twice as many kmap slots without PAE as with it', () => {
		expect(bootTestKernel({memMiB: 1024}).layout.LAST_PKMAP).toBe(1024);
		expect(bootTestKernel({memMiB: 1024, pae: true}).layout.LAST_PKMAP).toBe(512);
	});
});

describe('highmem=', () => {
	test('makes exactly the last megabytes high memory', () => {
		const {layout} = bootTestKernel({memMiB: 128, highmemMiB: 64});
		expect(layout.max_low_pfn).toBe(0x4000);
		expect(layout.highend_pfn - layout.highstart_pfn).toBe(0x4000);
	});

	test('is ignored where it leaves less than 64 MiB of low memory, and the kernel says so', () => {
		const k = bootTestKernel({memMiB: 128, highmemMiB: 96});
		expect(k.layout.max_low_pfn).toBe(0x8000);
		expect(dmesg(k)).toContain('highmem size 96MB results in smaller than 64MB lowmem, ignoring it!');
	});

	test('is ignored where there is not that much memory', () => {
		const k = bootTestKernel({memMiB: 1024, highmemMiB: 512});
		expect(k.layout.max_low_pfn).toBe(0x3_8000);
		expect(dmesg(k)).toContain('only 128MB highmem pages available, ignoring highmem size of 512MB.');
	});
});

describe('the kernel’s own page tables', () => {
	test.each([
		['ldd3', false],
		['ldd3', true],
		['6.1', false],
		['6.1', true],
	] as const)('of %s (PAE %s) map all of low memory at its constant offset and nothing behind it', (era, pae) => {
		const k = bootTestKernel({era, pae, memMiB: 1024});
		const walk = (address: number) => walkPageTables(k.hw.ram, k.hw.paging, k.layout.swapper_pg_dir, address).physical;
		for (let frame = 0; frame < k.layout.max_low_pfn; frame += 509)
			expect(walk(0xc000_0000 + frame * 4096)).toBe(frame * 4096);
		expect(walk(k.layout.high_memory - 1)).toBe(k.layout.max_low_pfn * 4096 - 1);
		expect(walk(k.layout.high_memory)).toBeUndefined();
	});

	test('leave the hole below VMALLOC_START, the page above the fixmap and unused kmap slots unmapped', () => {
		const k = bootTestKernel();
		for (const address of [k.layout.high_memory, k.layout.VMALLOC_START, k.layout.PKMAP_BASE, 0xffff_f000])
			expect(kernelToPhysical(k, kernelAddress(address))).toBeUndefined();
	});
});
