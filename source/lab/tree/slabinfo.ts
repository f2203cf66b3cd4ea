/** /proc/slabinfo. @see mm/slab.c s_show() */
import {formatSlabinfo} from '../../formats/proc/slabinfo.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {slabInfo} from '../../kernel/mm/slab.ts';

/**
 * The newest cache comes first, as in Linux, where a new one is put in front. Per-CPU arrays, which `tunables` are
 * about, are not modelled: zeros, as a kernel without them prints.
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
				limit: 0,
				batchCount: 0,
				sharedFactor: 0,
				activeSlabs: cache.active_slabs,
				numSlabs: cache.num_slabs,
				sharedAvail: 0,
			})),
	});
