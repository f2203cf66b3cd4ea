/**
 * /sys/kernel/debug/page/<pfn> (ours): everything about one frame. Lines `key: value`; those that can hold for several
 * things at once (mapper, kmap_atomic, bus, pool, pin) are repeated, or missing when there is none.
 */

import {addressCell, decimal, list, name, optional, pfnCell, secondsCell, sentence, toggle} from '../cells.ts';
import {document, many, one, pairs} from '../table.ts';
import {joinLines, Lines} from '../text.ts';
import {type DmaDirection, type DmaOwner, dmaDirection, dmaOwner} from './dmaCells.ts';
import {type ExplainedAddress, explained} from './explained.ts';

/** A page-table entry that points at the frame, and the area that it is in. */
export type PageMapper = {
	readonly pid: number;
	readonly comm: string;
	readonly address: number;
	/** As /proc/<pid>/maps has them: `rw-s`, and the file or the name; null for an area without one. */
	readonly perms: string;
	readonly file: string | null;
};

type PageAtomicMapping = {
	readonly cpu: number;
	readonly slot: number;
	/** `KM_USER0`; the number where slots are a stack. */
	readonly type: string;
	readonly address: number;
	/** The task that took the slot, or `softirq` or `hardirq`; null where that is not known. */
	readonly holder: string | null;
};

export type PageBusMapping = {
	readonly device: string;
	readonly driver: string;
	/** `single`, `page`, `coherent`, …: as dma-api/dump names it. */
	readonly type: string;
	readonly bytes: number;
	/** What the device sees. */
	readonly address: number;
	readonly direction: DmaDirection;
	readonly owner: DmaOwner;
};

/** A page of a DMA pool that the frame is, or is part of. */
type PagePool = {
	readonly device: string;
	readonly pool: string;
	readonly busAddress: number;
	readonly blocksInUse: number;
	readonly blocks: number;
};

/** A reference that get_user_pages took. */
type PagePin = {
	readonly pid: number;
	readonly comm: string;
	/** Of the page in the address space that it was taken through. */
	readonly address: number;
	readonly sinceUs: number;
	/** Taken in order to write into the page. */
	readonly write: boolean;
};

/** The file that the page caches a part of. */
type PageMapping = {readonly file: string; readonly offsetBytes: number};

export type PageInfo = {
	readonly pfn: number;
	readonly zone: string;
	/** Kernel address of its struct page. */
	readonly structPage: number;
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
	readonly pools: readonly PagePool[];
	/** References that get_user_pages took and nobody has put yet. */
	readonly pins: number;
	/** Each of them, the oldest first. */
	readonly pinned: readonly PagePin[];
	/** Indices of the swiotlb slots that bounce for this frame. */
	readonly bounceSlots: readonly number[];
};

const mapping = pairs<PageMapping>({file: ['file', name], offsetBytes: ['offset', decimal]});
const atomic = pairs<PageAtomicMapping>({
	cpu: ['cpu', decimal],
	slot: ['slot', decimal],
	type: ['type', name],
	address: ['address', addressCell],
	holder: ['holder', optional(name)],
});
const mapper = pairs<PageMapper>({
	pid: ['pid', decimal],
	comm: ['comm', name],
	address: ['address', addressCell],
	perms: ['perms', name],
	file: ['file', optional(name)],
});
const pool = pairs<PagePool>({
	device: ['device', name],
	pool: ['pool', name],
	busAddress: ['bus', addressCell],
	blocksInUse: ['in_use', decimal],
	blocks: ['blocks', decimal],
});
const pin = pairs<PagePin>({
	pid: ['pid', decimal],
	comm: ['comm', name],
	address: ['address', addressCell],
	sinceUs: ['since', secondsCell],
	write: ['write', toggle],
});
const bus = pairs<PageBusMapping>({
	device: ['device', name],
	driver: ['driver', name],
	type: ['type', name],
	bytes: ['bytes', decimal],
	address: ['address', addressCell],
	direction: ['direction', dmaDirection],
	owner: ['owner', dmaOwner],
});

const page = document<PageInfo>({
	pfn: one('pfn', pfnCell),
	zone: one('zone', name),
	structPage: one('struct_page', addressCell),
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
	pools: many('pool', pool),
	pins: one('pins', decimal),
	pinned: many('pin', pin),
	bounceSlots: one('bounce_slots', list(decimal)),
});

export function formatPageInfo(record: PageInfo): string {
	return joinLines(page.write(record));
}

/** @throws FormatError */
export function parsePageInfo(text: string): PageInfo {
	return page.read(new Lines('page', text));
}
