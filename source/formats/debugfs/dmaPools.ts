/**
 * /sys/kernel/debug/dma_pools (ours): the pages that the DMA pools of all devices have from dma_alloc_coherent(), which
 * Linux's own file counts only. Pools of a device as its `pools` file has them, newest page first.
 *
 *     # dma_pools 0.1
 *     # device     pool             bus      frames     in_use blocks
 *     0000:00:1d.7 ehci_qtd         0117c000 0x117c          6     42
 */

import {addressCell, decimal, type FrameRun, frameRun, name} from '../cells.ts';
import {column, table} from '../table.ts';
import {joinLines, Lines} from '../text.ts';

export type DmaPoolPage = {
	readonly device: string;
	readonly pool: string;
	readonly busAddress: number;
	readonly run: FrameRun;
	readonly blocksInUse: number;
	/** Linux's own count, as in `pools`. */
	readonly blocks: number;
};

export type DmaPools = {readonly pages: readonly DmaPoolPage[]};

const heading = '# dma_pools 0.1';
const rows = table<DmaPoolPage>({
	device: column('# device', 12, name),
	pool: column('pool', 16, name),
	busAddress: column('bus', 8, addressCell),
	run: column('frames', 10, frameRun),
	blocksInUse: column('in_use', 6, decimal),
	blocks: column('blocks', 6, decimal),
});

export function formatDmaPools({pages}: DmaPools): string {
	return joinLines([heading, rows.heading, ...pages.map(rows.show)]);
}

/** @throws FormatError */
export function parseDmaPools(text: string): DmaPools {
	const lines = new Lines('dma_pools', text);
	lines.expect(heading);
	lines.expect(rows.heading);
	const pages: DmaPoolPage[] = [];
	while (!lines.done) pages.push(lines.read(rows.read));
	return {pages};
}
