/**
 * /sys/kernel/debug/page/<pfn> (ours): everything about one frame. Lines `key: value`; those that can hold for several
 * mappings at once (mapper, kmap_atomic, bus, bounce) are repeated, or missing when there is none.
 */

import {addressCell, decimal, list, name, optional, pfnCell, sentence} from '../cells.ts';
import {document, many, one, pairs} from '../table.ts';
import {joinLines, Lines} from '../text.ts';
import {type DmaDirection, type DmaOwner, dmaDirection, dmaOwner} from './dmaCells.ts';
import {type ExplainedAddress, explained} from './explained.ts';

/** A page-table entry that points at the frame. */
type PageMapper = {readonly pid: number; readonly comm: string; readonly address: number};

type PageAtomicMapping = {readonly cpu: number; readonly slot: number; readonly address: number};

type PageBusMapping = {
	readonly device: string;
	/** What the device sees. */
	readonly address: number;
	readonly direction: DmaDirection;
	readonly owner: DmaOwner;
};

/** The file that the page caches a part of. */
type PageMapping = {readonly file: string; readonly offsetBytes: number};

export type PageInfo = {
	readonly pfn: number;
	readonly zone: string;
	readonly physicalAddress: number;
	/** What the frame is used for, in words: `anonymous`, `page table`, `free`. */
	readonly kind: string;
	/** Names of the flags that are set: `PG_dirty`. */
	readonly flags: readonly string[];
	/** Linux's raw counters: `_count` 0 is free, `_mapcount` -1 is unmapped. */
	readonly _count: number;
	readonly _mapcount: number;
	/** Order of the free block that starts here; null if the frame does not head one. */
	readonly order: number | null;
	readonly mapping: PageMapping | null;
	/** Index in `mapping`, in pages. */
	readonly index: number | null;
	readonly logical: ExplainedAddress;
	readonly kmap: ExplainedAddress;
	readonly vmalloc: ExplainedAddress;
	readonly kmapAtomic: readonly PageAtomicMapping[];
	readonly mappers: readonly PageMapper[];
	readonly bus: readonly PageBusMapping[];
	/** References that get_user_pages took and nobody has put yet. */
	readonly pins: number;
	/** Indices of the swiotlb slots that bounce for this frame. */
	readonly bounceSlots: readonly number[];
};

const mapping = pairs<PageMapping>({file: ['file', name], offsetBytes: ['offset', decimal]});
const atomic = pairs<PageAtomicMapping>({
	cpu: ['cpu', decimal],
	slot: ['slot', decimal],
	address: ['address', addressCell],
});
const mapper = pairs<PageMapper>({pid: ['pid', decimal], comm: ['comm', name], address: ['address', addressCell]});
const bus = pairs<PageBusMapping>({
	device: ['device', name],
	address: ['address', addressCell],
	direction: ['direction', dmaDirection],
	owner: ['owner', dmaOwner],
});

const page = document<PageInfo>({
	pfn: one('pfn', pfnCell),
	zone: one('zone', name),
	physicalAddress: one('physical', addressCell),
	kind: one('kind', sentence),
	flags: one('flags', list(name)),
	_count: one('_count', decimal),
	_mapcount: one('_mapcount', decimal),
	order: one('order', optional(decimal)),
	mapping: one('mapping', optional(mapping)),
	index: one('index', optional(decimal)),
	logical: one('logical', explained),
	kmap: one('kmap', explained),
	vmalloc: one('vmalloc', explained),
	kmapAtomic: many('kmap_atomic', atomic),
	mappers: many('mapper', mapper),
	bus: many('bus', bus),
	pins: one('pins', decimal),
	bounceSlots: one('bounce_slots', list(decimal)),
});

export function formatPageInfo(record: PageInfo): string {
	return joinLines(page.write(record));
}

/** @throws FormatError */
export function parsePageInfo(text: string): PageInfo {
	return page.read(new Lines('page', text));
}
