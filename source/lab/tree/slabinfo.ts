/** /proc/slabinfo. @see mm/slab.c s_show() */
import {formatSlabinfo} from '../../formats/proc/slabinfo.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {slabInfo} from '../../kernel/mm/slab.ts';

/** How many objects a CPU may keep, by their size. @see mm/slab.c enable_cpucache() */
function limitOf(objSize: number): number {
	if (objSize > 131_072) return 1;
	if (objSize > PAGE_SIZE) return 8;
	if (objSize > 1024) return 24;
	return objSize > 256 ? 54 : 120;
}

/** SLUB has no such limits, and prints zeros. */
function tunables(k: Kernel, objSize: number) {
	if (k.era.slabAllocator === 'SLUB') return {limit: 0, batchCount: 0, sharedFactor: 0};
	const limit = limitOf(objSize);
	return {
		limit,
		batchCount: (limit + 1) >> 1,
		sharedFactor: k.layout.build.NR_CPUS > 1 && objSize <= PAGE_SIZE ? 8 : 0,
	};
}

/**
 * The newest cache comes first, as in Linux, where a new one is put in front.
 *
 * Not modelled: the arrays that the tunables are about, so that sharedavail is 0; the lower limits (32) and larger
 * objects of a kernel with CONFIG_DEBUG_SLAB; caches of structures that are objects of ours here.
 */
export const slabinfo = (k: Kernel): string =>
	formatSlabinfo({
		caches: slabInfo(k)
			.reverse()
			.map(cache => ({
				name: cache.name,
				activeObjs: cache.active_objs,
				numObjs: cache.num_objs,
				objSize: cache.objsize,
				objPerSlab: cache.objperslab,
				pagesPerSlab: cache.pagesperslab,
				...tunables(k, cache.objsize),
				activeSlabs: cache.active_slabs,
				numSlabs: cache.num_slabs,
				sharedAvail: 0,
			})),
	});
