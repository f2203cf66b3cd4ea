/**
 * Models include/linux/mm.h, mm_types.h, page-flags.h, asm/page.h: struct page and the conversions between frame
 * numbers, struct pages and addresses. A struct page is not an object here: its frame number names it, and `mem_map` is
 * columns.
 *
 *   column     bytes  Linux's field
 *   flags        4    flags: PG_ bits below; bits 24..27 say what the kernel uses the frame for (as page owner does)
 *   _count       4    _count: 0 = free
 *   _mapcount    4    _mapcount + 1, so that fresh zeroed memory means "not mapped"
 *   private      4    private: order of a free block; head of a compound page's tail; others' own use
 *   mapping      4    mapping: 0 none, else (id << 1) | 1 if the id is an anon_vma's, not an address_space's
 *   index        4    index: page offset in the mapping
 *   next, prev   4+4  lru: links of the one list that the frame is on (free list, LRU list)
 *                32   bytes a frame, as struct page on i386
 *
 * List heads lie behind the last frame in the link columns. Not modelled: page locks' wait queues hashed by frame
 * (a lock is a flag and one queue), huge pages, NUMA.
 */
import {
	pfn as asPfn,
	type KernelLogicalAddress,
	type KernelVirtualAddress,
	logicalAddress,
	PAGE_SHIFT,
	PAGE_SIZE,
	type Pfn,
	type PhysicalAddress,
	physicalAddress,
} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import type {address_space, anon_vma} from './mm_types.ts';

/** i386 with the 3G/1G split. */
export const PAGE_OFFSET = 0xc000_0000;

export const PG_locked = 0;
export const PG_error = 1;
export const PG_referenced = 2;
export const PG_uptodate = 3;
export const PG_dirty = 4;
export const PG_lru = 5;
export const PG_active = 6;
export const PG_slab = 7;
export const PG_reserved = 10;
export const PG_private = 11;
export const PG_writeback = 13;
export const PG_head = 14;
export const PG_tail = 15;
export const PG_swapcache = 16;
export const PG_mappedtodisk = 17;
export const PG_reclaim = 18;
export const PG_buddy = 19;
export const PG_swapbacked = 20;
export const PG_unevictable = 21;
export const PG_mlocked = 22;
/** No other mm can map this anonymous page (PageAnonExclusive, 5.19 on); the bit means something else for files. */
export const PG_anon_exclusive = PG_mappedtodisk;

/** What the kernel uses a frame for; ours, kept in bits 24..27 of flags. */
const PAGE_USES = ['unknown', 'kernel', 'pagetable', 'stack', 'dma', 'vmalloc', 'bounce', 'ring', 'module'] as const;
export type PageUse = (typeof PAGE_USES)[number];
const USE_SHIFT = 24;
const USE_MASK = 0xf << USE_SHIFT;

export type MemMap = {
	readonly frames: number;
	readonly flags: Uint32Array;
	readonly _count: Int32Array;
	readonly _mapcount: Int32Array;
	readonly private: Uint32Array;
	readonly mapping: Uint32Array;
	readonly index: Uint32Array;
	readonly next: Uint32Array;
	readonly prev: Uint32Array;
	/** First free place for a list head. */
	nextHead: number;
};

/** Places for list heads behind the frames. */
const LIST_HEADS = 1024;

export function createMemMap(frames: number): MemMap {
	return {
		frames,
		flags: new Uint32Array(frames),
		_count: new Int32Array(frames),
		_mapcount: new Int32Array(frames),
		private: new Uint32Array(frames),
		mapping: new Uint32Array(frames),
		index: new Uint32Array(frames),
		next: new Uint32Array(frames + LIST_HEADS),
		prev: new Uint32Array(frames + LIST_HEADS),
		nextHead: frames,
	};
}

// ── lists through `lru` ────────────────────────────────────────────────────────────────────────────────────────────

/** A list head of its own; an empty list points at itself. */
export type ListHead = number & {readonly __list: true};

export function newList(map: MemMap): ListHead {
	const head = map.nextHead++;
	if (head >= map.next.length) throw new Error('out of list heads');
	map.next[head] = head;
	map.prev[head] = head;
	return head as ListHead;
}
export const list_empty = (map: MemMap, head: ListHead) => map.next[head] === head;
export const list_first = (map: MemMap, head: ListHead): Pfn | undefined =>
	map.next[head] === head ? undefined : asPfn(map.next[head]!);
export const list_last = (map: MemMap, head: ListHead): Pfn | undefined =>
	map.prev[head] === head ? undefined : asPfn(map.prev[head]!);

export function list_add(map: MemMap, frame: Pfn, head: ListHead): void {
	const next = map.next[head]!;
	map.next[frame] = next;
	map.prev[frame] = head;
	map.prev[next] = frame;
	map.next[head] = frame;
}

export function list_add_tail(map: MemMap, frame: Pfn, head: ListHead): void {
	const last = map.prev[head]!;
	map.next[frame] = head;
	map.prev[frame] = last;
	map.next[last] = frame;
	map.prev[head] = frame;
}

export function list_del(map: MemMap, frame: Pfn): void {
	const next = map.next[frame]!;
	const prev = map.prev[frame]!;
	map.next[prev] = next;
	map.prev[next] = prev;
}

/** Frames of a list, first to last. */
export function* list_each(map: MemMap, head: ListHead): IterableIterator<Pfn> {
	for (let at = map.next[head]!; at !== head; at = map.next[at]!) yield asPfn(at);
}

// ── flags and counts ───────────────────────────────────────────────────────────────────────────────────────────────

export const testPageFlag = (k: Kernel, frame: Pfn, bit: number) => (k.mem_map.flags[frame]! & (1 << bit)) !== 0;
export function setPageFlag(k: Kernel, frame: Pfn, bit: number): void {
	k.mem_map.flags[frame]! |= 1 << bit;
}
export function clearPageFlag(k: Kernel, frame: Pfn, bit: number): void {
	k.mem_map.flags[frame]! &= ~(1 << bit);
}

export const PageLocked = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_locked);
export const PageDirty = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_dirty);
export const PageReserved = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_reserved);
export const PageBuddy = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_buddy);
export const PageSlab = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_slab);
export const PageLRU = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_lru);
export const PageActive = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_active);
export const PageReferenced = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_referenced);
export const PageUptodate = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_uptodate);
export const PageWriteback = (k: Kernel, frame: Pfn) => testPageFlag(k, frame, PG_writeback);
export const SetPageReserved = (k: Kernel, frame: Pfn) => setPageFlag(k, frame, PG_reserved);
export const ClearPageReserved = (k: Kernel, frame: Pfn) => clearPageFlag(k, frame, PG_reserved);

/** Zone membership decides, in every era that we model but 2.6.11, whose flag says the same. */
export const PageHighMem = (k: Kernel, frame: Pfn) => frame >= k.layout.max_low_pfn;

/** First frame of the compound page that a frame belongs to; the frame itself when it belongs to none. */
export const compound_head = (k: Kernel, frame: Pfn): Pfn =>
	(k.mem_map.flags[frame]! & (1 << PG_tail)) === 0 ? frame : asPfn(k.mem_map.private[frame]!);

/** References, of the whole compound page where the frame is part of one. */
export const page_count = (k: Kernel, frame: Pfn) => k.mem_map._count[compound_head(k, frame)]!;
/** Page-table entries that map the frame, less one, as Linux keeps it: -1 = none. */
export const page_mapcount_raw = (k: Kernel, frame: Pfn) => k.mem_map._mapcount[frame]! - 1;
/** Page-table entries that map the frame. */
export const page_mapcount = (k: Kernel, frame: Pfn) => k.mem_map._mapcount[frame]!;
export const page_mapped = (k: Kernel, frame: Pfn) => k.mem_map._mapcount[frame]! > 0;

export const PageAnon = (k: Kernel, frame: Pfn) => (k.mem_map.mapping[frame]! & 1) !== 0;
/** The file or object that the page belongs to; undefined for anonymous and kernel pages. */
export function page_mapping(k: Kernel, frame: Pfn): address_space | undefined {
	const word = k.mem_map.mapping[frame]!;
	return word === 0 || (word & 1) !== 0 ? undefined : k.mappings.get(word >>> 1);
}
export function page_anon_vma(k: Kernel, frame: Pfn): anon_vma | undefined {
	const word = k.mem_map.mapping[frame]!;
	return (word & 1) === 0 ? undefined : k.anon_vmas.get(word >>> 1);
}
export function setPageMapping(k: Kernel, frame: Pfn, mapping: address_space | undefined): void {
	k.mem_map.mapping[frame] = mapping ? mapping.id << 1 : 0;
}
export function setPageAnon(k: Kernel, frame: Pfn, anon: anon_vma): void {
	k.mem_map.mapping[frame] = (anon.id << 1) | 1;
}

export const pageUse = (k: Kernel, frame: Pfn): PageUse =>
	PAGE_USES[(k.mem_map.flags[frame]! & USE_MASK) >>> USE_SHIFT] ?? 'unknown';
export function setPageUse(k: Kernel, frame: Pfn, use: PageUse): void {
	k.mem_map.flags[frame] = (k.mem_map.flags[frame]! & ~USE_MASK) | (PAGE_USES.indexOf(use) << USE_SHIFT);
}

/** Takes a reference on a frame that has one already. */
export function get_page(k: Kernel, frame: Pfn): void {
	k.mem_map._count[compound_head(k, frame)]!++;
}

// ── conversions ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Physical address of a logical one. Means nothing for other kernel addresses, as in Linux. */
export const __pa = (address: KernelLogicalAddress): PhysicalAddress => physicalAddress(address - PAGE_OFFSET);

/** Logical address of low memory. High memory has none: asking for it is a bug of the caller. */
export function __va(k: Kernel, address: PhysicalAddress): KernelLogicalAddress {
	if (address >= k.layout.max_low_pfn * PAGE_SIZE)
		throw new RangeError(`physical address 0x${address.toString(16)} is high memory: it has no logical address`);
	return logicalAddress(address + PAGE_OFFSET);
}

/** Frame that a logical address lies in. @see virt_to_page(), which gives its struct page */
export const virt_to_page = (address: KernelLogicalAddress): Pfn => asPfn((address - PAGE_OFFSET) >>> PAGE_SHIFT);

/** A frame number names its struct page here, so this only checks. */
export function pfn_to_page(k: Kernel, frame: number): Pfn {
	if (!pfn_valid(k, frame)) throw new RangeError(`pfn 0x${frame.toString(16)} has no struct page`);
	return asPfn(frame);
}
export const pfn_valid = (k: Kernel, frame: number) => frame >= 0 && frame < k.mem_map.frames;
export const page_to_phys = (page: Pfn): PhysicalAddress => physicalAddress(page * PAGE_SIZE);

/** Logical address of a low-memory frame. */
export const lowmem_page_address = (frame: Pfn): KernelLogicalAddress =>
	logicalAddress(frame * PAGE_SIZE + PAGE_OFFSET);

/** Whether a kernel address is a logical one: in the direct mapping of low memory. */
export const isLogical = (k: Kernel, address: KernelVirtualAddress): address is KernelLogicalAddress =>
	address >= PAGE_OFFSET && address < k.layout.high_memory;
