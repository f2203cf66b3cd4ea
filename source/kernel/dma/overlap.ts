/**
 * Models the cache-line tracking of lib/dma-debug.c (3.14 and later): the first cache line of every mapping that the
 * device may write should be mapped once only. Mappings towards the device are not tracked: they may overlap.
 */
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {DMA_TO_DEVICE} from './direction.ts';
import type {dma_debug_entry} from './entries.ts';
import {WARN_ONCE} from './report.ts';

/** 32 bytes: L1_CACHE_SHIFT of a kernel built for Pentium III or older. */
const L1_CACHE_SHIFT = 5;
const ACTIVE_CACHELINE_MAX_OVERLAP = 7;

export const to_cacheline_number = (entry: dma_debug_entry): number => Math.floor(entry.paddr / 2 ** L1_CACHE_SHIFT);

/** @returns whether the line was mapped already */
export function addCacheline(k: Kernel, entry: dma_debug_entry): boolean {
	const {cachelines} = k.dma.debug;
	const line = to_cacheline_number(entry);
	const former = cachelines.get(line);
	if (former === undefined) {
		cachelines.set(line, 0);
		return false;
	}
	if (former < ACTIVE_CACHELINE_MAX_OVERLAP) cachelines.set(line, former + 1);
	else warnOnce(k, line);
	return true;
}

function warnOnce(k: Kernel, line: number): void {
	WARN_ONCE(
		k,
		{file: k.era.dmaDebugFile, line: 499, function: 'add_dma_entry'},
		`DMA-API: exceeded ${ACTIVE_CACHELINE_MAX_OVERLAP} overlapping mappings of cacheline ` + `0x${hex8(line)}`,
	);
}

export function removeCacheline(k: Kernel, entry: dma_debug_entry): void {
	if (entry.direction === DMA_TO_DEVICE) return;
	const {cachelines} = k.dma.debug;
	const line = to_cacheline_number(entry);
	const overlap = cachelines.get(line);
	if (overlap === undefined) return;
	if (overlap === 0) cachelines.delete(line);
	else cachelines.set(line, overlap - 1);
}
