/**
 * /sys/devices/…/pools: the DMA pools of one device, newest first. mm/dmapool.c show_pools() (drivers/base/dmapool.c in
 * 2.6.11), the same text from 2.6.11 to 6.1. A device without a pool has no such file; its text would be the heading.
 */

import {joinLines, Lines} from '../text.ts';

export type Pool = {
	readonly name: string;
	readonly blocksInUse: number;
	/** Linux's own count, pages × (allocation / size): more than a page can really serve in some layouts. */
	readonly blocks: number;
	readonly sizeBytes: number;
	readonly pages: number;
};

export type Pools = {readonly pools: readonly Pool[]};

const heading = 'poolinfo - 0.1';

export function formatPools({pools}: Pools): string {
	const rows = pools.map(pool =>
		[
			pool.name.padEnd(16),
			String(pool.blocksInUse).padStart(4),
			String(pool.blocks).padStart(4),
			String(pool.sizeBytes).padStart(4),
			String(pool.pages).padStart(2),
		].join(' '),
	);
	return joinLines([heading, ...rows]);
}

/** @throws FormatError */
export function parsePools(text: string): Pools {
	const lines = new Lines('pools', text);
	lines.expect(heading);
	const pools: Pool[] = [];
	while (!lines.done) {
		// A pool's name may hold blanks ("prp list page"): the numbers are found from the end of the line.
		const groups = lines.match(/^(.*\S) +(\d+) +(\d+) +(\d+) +(\d+)$/s, 'name used blocks size pages');
		const [blocksInUse, blocks, sizeBytes, pages] = groups.slice(1).map(Number) as [number, number, number, number];
		pools.push({name: groups[0]!, blocksInUse, blocks, sizeBytes, pages});
	}
	return {pools};
}
