/**
 * Models mm/slab.c cache_estimate(), kmem_cache_create() and mm/slub.c calculate_order(): how objects lie in a slab.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';

type SlabShape = {
	readonly size: number;
	readonly order: number;
	readonly objectsPerSlab: number;
	readonly firstOffset: number;
};

const CACHE_LINE = 32;
const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;
const MAX_SLAB_ORDER = 10;

/** Shape of a slab for objects of a size, by the era's allocator. @param align a power of two, or the size itself */
export function shapeSlab(k: Kernel, objectSize: number, align: number): SlabShape {
	const isPowerOfTwo = (align & (align - 1)) === 0;
	const size = roundUp(objectSize, isPowerOfTwo ? Math.min(align, CACHE_LINE) : 4);
	return k.era.slabAllocator === 'SLAB' ? slabShape(k, size) : slubShape(k, size);
}

/** Notes about a slab lie in it, before the objects, unless the objects are large. */
function slabShape(k: Kernel, size: number): SlabShape {
	const offSlab = size >= PAGE_SIZE / 8;
	const lay = (order: number): SlabShape => {
		const bytes = PAGE_SIZE << order;
		if (offSlab) return {size, order, objectsPerSlab: Math.floor(bytes / size), firstOffset: 0};
		const notes = (count: number) => roundUp(k.era.slabHeadBytes + count * k.era.slabBufctlBytes, CACHE_LINE);
		let count = Math.floor((bytes - k.era.slabHeadBytes) / (size + k.era.slabBufctlBytes));
		while (notes(count) + count * size > bytes) count--;
		return {size, order, objectsPerSlab: count, firstOffset: notes(count)};
	};
	for (let order = 0; order < MAX_SLAB_ORDER; order++) {
		const shape = lay(order);
		if (shape.objectsPerSlab === 0) continue;
		const bytes = PAGE_SIZE << order;
		const wasted = bytes - shape.firstOffset - shape.objectsPerSlab * size;
		if (order >= 1 || wasted * 8 <= bytes) return shape;
	}
	return lay(MAX_SLAB_ORDER);
}

const fls = (value: number) => 32 - Math.clz32(value);
const SLUB_MAX_ORDER = 3;

/** Larger blocks for more objects, as long as little is wasted. */
function slubShape(k: Kernel, size: number): SlabShape {
	const slabOrder = (least: number, most: number, fraction: number): number => {
		let order = Math.max(0, fls(least * size - 1) - 12);
		while (order <= most && (PAGE_SIZE << order) % size > (PAGE_SIZE << order) / fraction) order++;
		return order;
	};
	const shape = (order: number): SlabShape => ({
		size,
		order,
		objectsPerSlab: Math.floor((PAGE_SIZE << order) / size),
		firstOffset: 0,
	});
	const wanted = 4 * (fls(k.sched.cpus.length) + 1);
	const most = Math.floor((PAGE_SIZE << SLUB_MAX_ORDER) / size);
	for (let least = Math.min(wanted, most); least > 1; least--)
		for (let fraction = 16; fraction >= 4; fraction /= 2) {
			const order = slabOrder(least, SLUB_MAX_ORDER, fraction);
			if (order <= SLUB_MAX_ORDER) return shape(order);
		}
	const single = slabOrder(1, SLUB_MAX_ORDER, 1);
	return shape(single <= SLUB_MAX_ORDER ? single : slabOrder(1, MAX_SLAB_ORDER, 1));
}

/** Frames that slabs hold, for meminfo. */
export const slabPages = (k: Kernel): number =>
	k.slab.caches.reduce((sum, cache) => sum + (cache.slabs << cache.order), 0);
