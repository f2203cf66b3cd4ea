import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	physicalAddress,
} from '../../../source/hardware/address.ts';
import {TaskKilled} from '../../../source/kernel/bug.ts';
import {kread, kread8, kread32, kwrite} from '../../../source/kernel/mm/access.ts';
import {GFP_HIGHUSER} from '../../../source/kernel/mm/gfp.ts';
import {ioremap, iounmap, readl, writel} from '../../../source/kernel/mm/ioremap.ts';
import {page_count} from '../../../source/kernel/mm/page.ts';
import {try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {
	try_vmalloc,
	vfree,
	vmalloc,
	vmalloc_to_page,
	vmallocAreas,
	vmallocTotals,
	vmap,
	vunmap,
} from '../../../source/kernel/mm/vmalloc.ts';
import {keptPages} from '../../../source/kernel/mm/zone.ts';
import {bootTestKernel, dmesg, run} from '../support.ts';

const at = (address: number) => kernelAddress(address);

describe('vmalloc', () => {
	test('maps frames of high memory side by side, and its bytes are theirs', () => {
		const k = bootTestKernel();
		const address = run(k, () => vmalloc(k, 3 * PAGE_SIZE, 'test'))!;
		expect(address).toBe(k.layout.VMALLOC_START);
		const bytes = Uint8Array.from({length: 3 * PAGE_SIZE}, (_, i) => i % 251);
		kwrite(k, address, bytes);
		expect(kread(k, address, 3 * PAGE_SIZE)).toEqual(bytes);
		const frames = [0, 1, 2].map(i => vmalloc_to_page(k, at(address + i * PAGE_SIZE))!);
		expect(new Set(frames).size).toBe(3);
		for (const [i, frame] of frames.entries()) {
			expect(frame).toBeGreaterThanOrEqual(k.layout.highstart_pfn);
			expect(k.hw.ram.page(frame)).toEqual(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
		}
	});

	// Experiment 31: the area is a page larger than what was asked for.
	test('ends with a guard page, and touching it is an oops', () => {
		const k = bootTestKernel({era: '3.2'});
		const address = try_vmalloc(k, PAGE_SIZE, 'test')!;
		expect(vmallocAreas(k).map(area => area.size)).toEqual([2 * PAGE_SIZE]);
		expect(kread8(k, at(address + PAGE_SIZE - 1))).toBe(0);
		expect(() =>
			run(k, function* () {
				kread8(k, at(address + PAGE_SIZE));
			}),
		).toThrow(TaskKilled);
		expect(dmesg(k)).toContain(`BUG: unable to handle kernel paging request at ${(address + PAGE_SIZE).toString(16)}`);
	});

	test.each([
		['ldd3', 2],
		['2.6.32', 3],
		['3.2', 2],
	] as const)('in %s puts one-page areas %i pages apart', (era, pages) => {
		const k = bootTestKernel({era});
		const [first, second] = [try_vmalloc(k, PAGE_SIZE, 'a')!, try_vmalloc(k, PAGE_SIZE, 'b')!];
		expect((second - first) / PAGE_SIZE).toBe(pages);
	});

	test('reuses a freed range at once in 2.6.11, and only after a purge later', () => {
		const again = (era: 'ldd3' | '3.2') => {
			const k = bootTestKernel({era});
			const first = try_vmalloc(k, PAGE_SIZE, 'a')!;
			vfree(k, first);
			return try_vmalloc(k, PAGE_SIZE, 'b') === first;
		};
		expect([again('ldd3'), again('3.2')]).toEqual([true, false]);
	});

	test('of nothing, or of more than there is, gives nothing', () => {
		const k = bootTestKernel();
		expect(try_vmalloc(k, 0, 'test')).toBeUndefined();
		expect(try_vmalloc(k, 1 << 30, 'test')).toBeUndefined();
	});

	test('gives back what it took when memory runs out half-way', () => {
		const k = bootTestKernel();
		const free = () => k.pages.zones.reduce((sum, zone) => sum + zone.free_pages + keptPages(zone), 0);
		// The page tables of the range stay; have them made first.
		vfree(k, try_vmalloc(k, 40 << 20, 'first')!);
		const before = free();
		expect(try_vmalloc(k, 121 << 20, 'test')).toBeUndefined();
		expect(before - free()).toBeLessThan(32);
		expect(vmallocAreas(k)).toEqual([]);
		expect(dmesg(k).some(line => line.startsWith('vmalloc: allocation failure'))).toBe(true);
	});

	test('and vfree in any order: areas never overlap, and nothing is left at the end', () => {
		const step = fc.tuple(fc.boolean(), fc.integer({min: 1, max: 60_000}), fc.nat());
		fc.assert(
			fc.property(fc.constantFrom('ldd3', '2.6.32', '6.1'), fc.array(step, {maxLength: 120}), (era, steps) => {
				const k = bootTestKernel({era: era as 'ldd3'});
				const held: KernelVirtualAddress[] = [];
				for (const [allocates, size, pick] of steps) {
					if (allocates) held.push(try_vmalloc(k, size, 'test')!);
					else if (held.length > 0) vfree(k, held.splice(pick % held.length, 1)[0]!);
				}
				const areas = vmallocAreas(k);
				expect(areas.length).toBe(held.length);
				for (let i = 1; i < areas.length; i++)
					expect(areas[i]!.addr).toBeGreaterThanOrEqual(areas[i - 1]!.addr + areas[i - 1]!.size);
				const totals = vmallocTotals(k);
				expect(totals.used).toBe(areas.reduce((sum, area) => sum + area.size, 0));
				const frames = areas.flatMap(area => area.pages);
				expect(frames.every(frame => page_count(k, frame) === 1)).toBe(true);
				for (const address of held) vfree(k, address);
				expect(frames.every(frame => page_count(k, frame) === 0)).toBe(true);
				expect(vmallocTotals(k).used).toBe(0);
			}),
			{numRuns: 25, seed: 5},
		);
	});

	test('misused is answered in Linux’s words', () => {
		const k = bootTestKernel({era: '6.1'});
		const address = try_vmalloc(k, PAGE_SIZE, 'test')!;
		vfree(k, at(address + 0x123));
		vfree(k, address);
		vfree(k, address);
		const text = (value: number) => value.toString(16);
		expect(dmesg(k)).toContain(`Trying to vfree() bad address (${text(address + 0x123)})`);
		expect(dmesg(k)).toContain(`Trying to vfree() nonexistent vm area (${text(address)})`);
	});
});

test('vmap shows pages of the caller’s and leaves them to the caller', () => {
	const k = bootTestKernel();
	const pages = [0, 1].map(() => try_alloc_pages(k, GFP_HIGHUSER, 0)!);
	k.hw.ram.pageForWrite(pages[1]!)[0] = 0x42;
	const address = vmap(k, pages, 'test')!;
	expect(kread8(k, at(address + PAGE_SIZE))).toBe(0x42);
	vunmap(k, address);
	expect(pages.map(page => page_count(k, page))).toEqual([1, 1]);
});

describe('ioremap', () => {
	const bar = physicalAddress(0xfe90_0000);
	const withDevice = (era: 'ldd3' | '2.6.32' | '6.1' = 'ldd3') => {
		const k = bootTestKernel({era});
		const registers = new Uint32Array(1024);
		k.hw.bus.addRegion({
			name: 'device',
			start: bar,
			sizeBytes: PAGE_SIZE,
			read: offset => registers[offset >>> 2]!,
			write: (offset, _width, value) => {
				registers[offset >>> 2] = value;
			},
		});
		return {k, registers};
	};

	test('reaches the device’s registers, not memory', () => {
		const {k, registers} = withDevice();
		const address = ioremap(k, bar, 256, 'probe')!;
		writel(k, 0xdead_beef, at(address + 8));
		expect(registers[2]).toBe(0xdead_beef);
		expect(readl(k, at(address + 8))).toBe(0xdead_beef);
		expect(kread32(k, at(address + 8))).toBe(0xdead_beef);
	});

	test('keeps the offset within the page, and shows in the list of areas by physical address', () => {
		const {k} = withDevice();
		const address = ioremap(k, physicalAddress(bar + 0x123), 16, 'probe')!;
		expect(address % PAGE_SIZE).toBe(0x123);
		expect(vmallocAreas(k)).toMatchObject([{kind: 'ioremap', phys_addr: bar, caller: 'probe', size: 2 * PAGE_SIZE}]);
		iounmap(k, address);
		expect(vmallocAreas(k)).toEqual([]);
	});

	test('of ordinary RAM is refused', () => {
		for (const era of ['ldd3', '6.1'] as const)
			expect(ioremap(bootTestKernel({era}), physicalAddress(0x200_0000), PAGE_SIZE, 'x')).toBeUndefined();
	});

	test('of the last page of RAM slips through in 2.6.32 alone', () => {
		const refused = (era: 'ldd3' | '2.6.32' | '3.2') => {
			const k = bootTestKernel({era});
			return ioremap(k, physicalAddress(0x200_0000), PAGE_SIZE, 'x') === undefined;
		};
		expect([refused('ldd3'), refused('2.6.32'), refused('3.2')]).toEqual([true, false, true]);
	});

	test('of the ISA hole is a logical address in old kernels', () => {
		expect(ioremap(bootTestKernel({era: 'ldd3'}), physicalAddress(0xb_8000), 80, 'vga')).toBe(0xc00b_8000);
		expect(ioremap(bootTestKernel({era: '6.1'}), physicalAddress(0xb_8000), 80, 'vga')).toBeGreaterThan(0xc400_0000);
	});

	test('of nothing and of a range that wraps gives nothing', () => {
		const k = bootTestKernel();
		expect(ioremap(k, bar, 0, 'x')).toBeUndefined();
		expect(ioremap(k, physicalAddress(0xffff_f000), 2 * PAGE_SIZE, 'x')).toBeUndefined();
	});
});

describe('a kernel access that leads nowhere', () => {
	const touching = (era: 'ldd3' | '2.6.32' | '6.1', address: number) => {
		const k = bootTestKernel({era});
		expect(() =>
			run(k, function* () {
				kread8(k, at(address));
			}),
		).toThrow(TaskKilled);
		return dmesg(k);
	};

	test('says so as the era did', () => {
		expect(touching('ldd3', 8)).toContain(
			'Unable to handle kernel NULL pointer dereference at virtual address 00000008',
		);
		expect(touching('2.6.32', 8)).toContain('BUG: unable to handle kernel NULL pointer dereference at 00000008');
		expect(touching('6.1', 0xffff_f000)).toContain('BUG: unable to handle page fault for address: fffff000');
	});

	test('or to text that may not be written', () => {
		const k = bootTestKernel({era: '6.1', memMiB: 256});
		const text = at(0xc000_0000 + k.layout.image.start);
		expect(kread8(k, text)).toBe(0);
		expect(() =>
			run(k, function* () {
				kwrite(k, text, new Uint8Array([1]));
			}),
		).toThrow(TaskKilled);
		expect(dmesg(k)).toContain('#PF: error_code(0x0003) - permissions violation');
	});
});
