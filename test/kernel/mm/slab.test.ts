import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type KernelLogicalAddress, kernelAddress} from '../../../source/hardware/address.ts';
import {kread, kwrite} from '../../../source/kernel/mm/access.ts';
import {GFP_ATOMIC, GFP_DMA, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {PageSlab, virt_to_page} from '../../../source/kernel/mm/page.ts';
import {
	kfree,
	kmalloc,
	kmem_cache_create,
	kmem_cache_destroy,
	kmem_cache_free,
	ksize,
	slabInfo,
	try_kmalloc,
	try_kmem_cache_alloc,
	try_kzalloc,
} from '../../../source/kernel/mm/slab.ts';
import {slabPages} from '../../../source/kernel/mm/slab_shape.ts';
import {bootTestKernel, dmesg, run} from '../support.ts';

describe('kmalloc', () => {
	test.each([
		{era: 'ldd3', sizes: {1: 32, 33: 64, 100: 128, 150: 192, 1000: 1024, 131072: 131_072}},
		{era: '3.2', sizes: {1: 8, 9: 16, 65: 96, 200: 256, 8192: 8192, 8193: 16_384}},
	] as const)('in $era rounds up to the sizes that the era’s caches have', ({era, sizes}) => {
		const k = bootTestKernel({era});
		for (const [wanted, given] of Object.entries(sizes))
			expect(ksize(k, try_kmalloc(k, Number(wanted), GFP_KERNEL)!)).toBe(given);
	});

	test('beyond 128 KiB gives nothing in 2.6.11, and up to 4 MiB later', () => {
		expect(try_kmalloc(bootTestKernel({era: 'ldd3'}), 131_073, GFP_KERNEL)).toBeUndefined();
		const k = bootTestKernel({era: '6.1', memMiB: 256});
		expect(try_kmalloc(k, 4 << 20, GFP_KERNEL)).toBeDefined();
		expect(try_kmalloc(k, (4 << 20) + 1, GFP_KERNEL)).toBeUndefined();
	});

	test('with GFP_DMA comes from below 16 MiB, from caches of its own', () => {
		const k = bootTestKernel();
		const address = try_kmalloc(k, 100, GFP_DMA)!;
		expect(virt_to_page(address)).toBeLessThan(0x1000);
		expect(slabInfo(k).find(cache => cache.name === 'size-128(DMA)')!.active_objs).toBe(1);
	});

	test('gives objects that do not overlap, in pages marked as slab, and takes every page back', () => {
		const size = fc.integer({min: 1, max: 9000});
		fc.assert(
			fc.property(fc.constantFrom('ldd3', '3.2'), fc.array(size, {maxLength: 200}), (era, sizes) => {
				const k = bootTestKernel({era: era as 'ldd3' | '3.2'});
				const objects = sizes.map(wanted => try_kmalloc(k, wanted, GFP_KERNEL)!);
				const ranges = objects
					.map(address => [address, address + ksize(k, address)] as const)
					.sort((a, b) => a[0] - b[0]);
				for (let i = 1; i < ranges.length; i++) expect(ranges[i]![0]).toBeGreaterThanOrEqual(ranges[i - 1]![1]);
				for (const object of objects)
					if (ksize(k, object) <= 8192) expect(PageSlab(k, virt_to_page(object))).toBe(true);
				for (const object of objects) kfree(k, object);
				expect(slabInfo(k).every(cache => cache.active_objs === 0)).toBe(true);
				// Each cache keeps a few empty slabs at hand.
				const kept = k.slab.caches.reduce((sum, cache) => sum + (cache.empties << cache.order), 0);
				expect(slabPages(k)).toBe(kept);
				expect(k.slab.caches.every(cache => cache.empties <= 5)).toBe(true);
			}),
			{numRuns: 20, seed: 11},
		);
	});

	test('has room for 113 objects of 32 bytes in a page of 2.6.32, and 119 in one of 2.6.11', () => {
		const objects = (era: 'ldd3' | '2.6.32') =>
			slabInfo(bootTestKernel({era})).find(cache => cache.name === 'size-32')!.objperslab;
		expect([objects('2.6.32'), objects('ldd3')]).toEqual([113, 119]);
	});

	test('may sleep for memory, and gives the same as the quick path', () => {
		const k = bootTestKernel();
		expect(run(k, () => kmalloc(k, 64, GFP_KERNEL))).toBeDefined();
	});

	test('zeroes on request, whatever was there', () => {
		const k = bootTestKernel();
		const first = try_kmalloc(k, 64, GFP_ATOMIC)!;
		kwrite(k, first, new Uint8Array(64).fill(0xee));
		kfree(k, first);
		expect(kread(k, try_kzalloc(k, 64, GFP_ATOMIC)!, 64).every(byte => byte === 0)).toBe(true);
	});
});

describe('with CONFIG_DEBUG_SLAB', () => {
	const freeTwice = (debug: boolean) => {
		const k = bootTestKernel({era: '3.2', debug: {slab: debug}});
		const keep = try_kmalloc(k, 64, GFP_KERNEL)!;
		const address = try_kmalloc(k, 64, GFP_KERNEL)!;
		kfree(k, address);
		kfree(k, address);
		return {k, keep, address};
	};

	test('a second free is reported; without it the object is handed out twice', () => {
		expect(dmesg(freeTwice(true).k)).toContain('BUG kmalloc-64 (Not tainted): Object already free');
		const {k, address} = freeTwice(false);
		expect([try_kmalloc(k, 64, GFP_KERNEL), try_kmalloc(k, 64, GFP_KERNEL)]).toEqual([address, address]);
	});

	test('a write after the free is seen when the object is next handed out', () => {
		const k = bootTestKernel({era: '3.2'});
		const address = try_kmalloc(k, 64, GFP_KERNEL)!;
		kfree(k, address);
		kwrite(k, kernelAddress(address + 10), new Uint8Array([1]));
		expect(try_kmalloc(k, 64, GFP_KERNEL)).toBe(address);
		expect(dmesg(k)).toContain('BUG kmalloc-64 (Not tainted): Poison overwritten');
	});
});

describe('a cache of one’s own', () => {
	test('serves objects of its size and cannot be destroyed while one is out', () => {
		const k = bootTestKernel();
		const cache = kmem_cache_create(k, 'scullc', 4000, 0);
		const object = try_kmem_cache_alloc(k, cache, GFP_KERNEL) as KernelLogicalAddress;
		expect(ksize(k, object)).toBe(4000);
		expect(kmem_cache_destroy(k, cache)).toBe(-1);
		expect(dmesg(k).at(-1)).toMatch(/Can't free all objects$/);
		kmem_cache_free(k, cache, object);
		expect(kmem_cache_destroy(k, cache)).toBe(0);
		expect(slabInfo(k).some(({name}) => name === 'scullc')).toBe(false);
	});

	test('keeps five wholly free slabs at hand, and gives the pages of a sixth back', () => {
		const k = bootTestKernel();
		const cache = kmem_cache_create(k, 'scullc', 4000, 0);
		const objects = Array.from({length: 7}, () => try_kmem_cache_alloc(k, cache, GFP_KERNEL) as KernelLogicalAddress);
		const seen = objects.map(object => {
			kmem_cache_free(k, cache, object);
			return [cache.slabs, cache.empties];
		});
		expect(seen).toEqual([
			[7, 1],
			[7, 2],
			[7, 3],
			[7, 4],
			[7, 5],
			[6, 5],
			[5, 5],
		]);
	});

	test('has a name that no other cache has', () => {
		const k = bootTestKernel();
		kmem_cache_create(k, 'scullc', 4000, 0);
		expect(() => kmem_cache_create(k, 'scullc', 100, 0)).toThrow();
	});
});
