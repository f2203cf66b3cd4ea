/**
 * The table of live DMA mappings, as dma-debug keeps it (lib/dma-debug.c, kernel/dma/debug.c): a hash by bus address,
 * entries of a bucket in order of coming. It is kept in every era, since what is mapped can then be looked at; the
 * checks on it are in debug.ts and belong to the eras that have them.
 *
 * Not modelled: the preallocated array behind it (its size is counted, see debug.ts).
 */
import type {BusAddress, PhysicalAddress} from '../../hardware/address.ts';
import type {device} from '../drivers/device.ts';
import type {Made} from '../watch.ts';
import type {dma_data_direction} from './direction.ts';

/** Linux's spelling. `page` up to 5.9, `resource` from 4.11 on. */
export type dma_debug_type = 'single' | 'page' | 'scather-gather' | 'coherent' | 'resource';

/** Whether the driver has asked dma_mapping_error() about the mapping. */
type map_err_type = 'check not applicable' | 'not checked' | 'checked';

export type dma_debug_entry = {
	readonly dev: device;
	readonly type: dma_debug_type;
	/** Where the driver's bytes are, not the bounce buffer's. */
	readonly paddr: PhysicalAddress;
	readonly dev_addr: BusAddress;
	readonly size: number;
	readonly direction: dma_data_direction;
	/** For entries of a scatterlist: how many the driver passed to dma_map_sg, and how many it got back. */
	readonly sg_call_ents: number;
	readonly sg_mapped_ents: number;
	map_err_type: map_err_type;
	/** Ours: who owns the bytes, who made the mapping, and for which driver. */
	owner: 'cpu' | 'device' | 'both';
	made: Made;
	readonly driver: string | null;
	/** Mapped with DMA_ATTR_SKIP_CPU_SYNC. */
	readonly skipsCpuSync: boolean;
	/** Functions above the mapping call, the innermost first, as far as they name themselves. */
	readonly callers: readonly string[];
};

/** What a driver says a mapping is, when it unmaps or syncs it. */
export type dma_ref = {
	readonly dev: device;
	readonly type: dma_debug_type;
	readonly paddr?: PhysicalAddress;
	readonly dev_addr: BusAddress;
	readonly size: number;
	readonly direction: dma_data_direction;
	readonly sg_call_ents: number;
};

export type MappingTable = {
	readonly bucketCount: number;
	/** Those that were ever used; an empty one stays. */
	readonly buckets: Map<number, dma_debug_entry[]>;
	live: number;
};

const HASH_FN_SHIFT = 13;
const BUCKET_SPAN = 2 ** HASH_FN_SHIFT;

export const createMappingTable = (bucketCount: number): MappingTable => ({bucketCount, buckets: new Map(), live: 0});

/** Number of the bucket of a bus address, as `idx` prints it. */
export const hash_fn = (table: MappingTable, address: BusAddress): number =>
	Math.floor(address / BUCKET_SPAN) % table.bucketCount;

export function hash_bucket_add(table: MappingTable, entry: dma_debug_entry): void {
	const index = hash_fn(table, entry.dev_addr);
	const bucket = table.buckets.get(index);
	if (bucket) bucket.push(entry);
	else table.buckets.set(index, [entry]);
	table.live++;
}

export function hash_bucket_del(table: MappingTable, entry: dma_debug_entry): void {
	const index = hash_fn(table, entry.dev_addr);
	const bucket = table.buckets.get(index);
	const at = bucket?.indexOf(entry) ?? -1;
	if (!bucket || at < 0) throw new Error('a DMA mapping that is in no bucket was removed');
	if (at === bucket.length - 1) bucket.pop();
	else bucket.splice(at, 1);
	table.live--;
}

const starts = (ref: dma_ref, entry: dma_debug_entry) => entry.dev_addr === ref.dev_addr;
const contains = (ref: dma_ref, entry: dma_debug_entry) =>
	entry.dev_addr <= ref.dev_addr && entry.dev_addr + entry.size >= ref.dev_addr + ref.size;

/** A perfect fit, or the only one; of several imperfect ones none, since nobody could say which was meant. */
function bestFit(
	bucket: readonly dma_debug_entry[] | undefined,
	ref: dma_ref,
	matches: typeof starts,
): dma_debug_entry | undefined {
	let only: dma_debug_entry | undefined;
	let found = 0;
	if (!bucket) return undefined;
	for (const entry of bucket) {
		if (entry.dev !== ref.dev || !matches(ref, entry)) continue;
		const perfect =
			entry.size === ref.size &&
			entry.type === ref.type &&
			entry.direction === ref.direction &&
			entry.sg_call_ents === ref.sg_call_ents;
		if (perfect) return entry;
		only = entry;
		found++;
	}
	return found === 1 ? only : undefined;
}

/** The mapping that starts at exactly this bus address. */
export const bucket_find_exact = (table: MappingTable, ref: dma_ref): dma_debug_entry | undefined =>
	bestFit(table.buckets.get(hash_fn(table, ref.dev_addr)), ref, starts);

/**
 * The mapping that holds a whole range, starting no further before it than the device's longest segment: a mapping that
 * is longer is not found by a sync of its far end, in Linux as here.
 */
export function bucket_find_contain(table: MappingTable, ref: dma_ref): dma_debug_entry | undefined {
	for (let back = 0; back <= ref.dev.dma_parms.max_segment_size && back <= ref.dev_addr; back += BUCKET_SPAN) {
		const index = hash_fn(table, (ref.dev_addr - back) as BusAddress);
		const entry = bestFit(table.buckets.get(index), ref, contains);
		if (entry) return entry;
	}
	return undefined;
}

/** Every live mapping, in the order of the dump: bucket by bucket. */
export function eachMapping(table: MappingTable): dma_debug_entry[] {
	const indexes = [...table.buckets.keys()].sort((a, b) => a - b);
	return indexes.flatMap(index => table.buckets.get(index)!);
}
