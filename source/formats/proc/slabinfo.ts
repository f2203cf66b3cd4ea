/**
 * /proc/slabinfo, version 2.1: mm/slab_common.c cache_show() (mm/slab.c in 2.6.11), the same text from 2.6.11 to 6.18.
 *
 * Not modelled: the extra columns of kernels built with slab statistics.
 */

import {joinLines, Lines} from '../text.ts';

type SlabCache = {
	readonly name: string;
	readonly activeObjs: number;
	readonly numObjs: number;
	/** Bytes. */
	readonly objSize: number;
	readonly objPerSlab: number;
	readonly pagesPerSlab: number;
	/** Zero under SLUB, which has no such limits. */
	readonly limit: number;
	readonly batchCount: number;
	readonly sharedFactor: number;
	readonly activeSlabs: number;
	readonly numSlabs: number;
	readonly sharedAvail: number;
};

type Slabinfo = {readonly caches: readonly SlabCache[]};

const version = 'slabinfo - version: 2.1';
const heading =
	'# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>' +
	' : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>';

function formatCache(cache: SlabCache): string {
	const columns = (width: number, ...values: number[]) => values.map(value => String(value).padStart(width)).join(' ');
	const objects =
		`${columns(6, cache.activeObjs, cache.numObjs, cache.objSize)} ` +
		`${columns(4, cache.objPerSlab, cache.pagesPerSlab)}`;
	const tunables = columns(4, cache.limit, cache.batchCount, cache.sharedFactor);
	const slabs = columns(6, cache.activeSlabs, cache.numSlabs, cache.sharedAvail);
	return `${cache.name.padEnd(17)} ${objects} : tunables ${tunables} : slabdata ${slabs}`;
}

export function formatSlabinfo({caches}: Slabinfo): string {
	return joinLines([version, heading, ...caches.map(formatCache)]);
}

const number = ' +(\\d+)';
const cachePattern = new RegExp(
	`^(.*\\S)${number.repeat(5)} : tunables${number.repeat(3)} : slabdata${number.repeat(3)}$`,
);

/** @throws FormatError */
export function parseSlabinfo(text: string): Slabinfo {
	const lines = new Lines('slabinfo', text);
	lines.expect(version);
	lines.expect(heading);
	const caches: SlabCache[] = [];
	while (!lines.done) {
		const [name, ...digits] = lines.match(cachePattern, 'name objects : tunables … : slabdata …');
		const values = digits.map(Number);
		caches.push({
			name: name!,
			activeObjs: values[0]!,
			numObjs: values[1]!,
			objSize: values[2]!,
			objPerSlab: values[3]!,
			pagesPerSlab: values[4]!,
			limit: values[5]!,
			batchCount: values[6]!,
			sharedFactor: values[7]!,
			activeSlabs: values[8]!,
			numSlabs: values[9]!,
			sharedAvail: values[10]!,
		});
	}
	return {caches};
}
