/** What each page frame is used for, as one letter: the page-frame map. */
import type {PageMapLetter} from '../../formats/debugfs/pageMap.ts';
import type {Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {
	list_each,
	type PageUse,
	PG_buddy,
	PG_dirty,
	PG_reserved,
	PG_slab,
	PG_swapbacked,
	PG_writeback,
	pageUse,
} from '../../kernel/mm/page.ts';
import {zoneEnd} from '../../kernel/mm/zone.ts';

const byUse: Readonly<Record<PageUse, PageMapLetter>> = {
	unknown: 'K',
	kernel: 'K',
	pagetable: 'T',
	stack: 'K',
	dma: 'D',
	vmalloc: 'V',
	bounce: 'B',
	ring: 'A',
	module: 'K',
};

/** Rare and telling, the most telling first: in a cell of many frames, one frame of these shows. */
const telling: readonly PageMapLetter[] = ['P', 'M', 'B', 'D'];

/** Frames that the kernel holds in some special way right now, which mem_map does not tell. */
type Highlights = {
	readonly pinned: ReadonlyMap<number, unknown>;
	readonly kmapped: ReadonlySet<number>;
	/** Free frames that a CPU keeps for its next allocations. */
	readonly keptFree: ReadonlySet<number>;
};

export function highlights(k: Kernel): Highlights {
	const kmapped = new Set<number>();
	for (const [frame, slot] of k.highmem.slotOf) if (k.highmem.pkmap_count[slot]! > 1) kmapped.add(frame);
	for (const frame of k.highmem.atomic.held) if (frame >= 0) kmapped.add(frame);
	const keptFree = new Set<number>();
	for (const {pageset, coldset} of k.pages.zones)
		for (const {lists} of [...pageset, ...coldset])
			for (const list of lists) for (const frame of list_each(k.mem_map, list)) keptFree.add(frame);
	return {pinned: k.mm.pins, kmapped, keptFree};
}

const bit = (flag: number) => 1 << flag;

/** Letter of a frame that is not in the buddy allocator. @param former letter of the frame before it */
function usedLetter(k: Kernel, frame: Pfn, lights: Highlights, former: PageMapLetter): PageMapLetter {
	if (lights.pinned.has(frame)) return 'P';
	if (lights.kmapped.has(frame)) return 'M';
	const map = k.mem_map;
	const flags = map.flags[frame]!;
	if (flags & bit(PG_reserved)) return 'R';
	if (flags & bit(PG_slab)) return 'S';
	const mapping = map.mapping[frame]!;
	if (mapping & 1) return map._mapcount[frame]! > 1 ? 'a' : 'A';
	if (mapping !== 0) {
		if (flags & bit(PG_swapbacked)) return 'a';
		if (flags & bit(PG_writeback)) return 'w';
		if (flags & bit(PG_dirty)) return 'd';
		return map._mapcount[frame]! > 0 ? 'f' : 'F';
	}
	const use = pageUse(k, frame);
	if (use !== 'unknown') return byUse[use];
	// Any other frame without a reference is the rest of the block that began before it.
	if (map._count[frame] === 0) return lights.keptFree.has(frame) || former === 'R' ? '.' : former;
	return 'K';
}

/** Runs of frames of one letter, one after the other, all of them together the `frames` frames from `start` on. */
export function eachRun(
	k: Kernel,
	start: number,
	frames: number,
	lights: Highlights,
	take: (letter: PageMapLetter, first: number, end: number) => void,
): void {
	const {flags, private: order} = k.mem_map;
	const end = start + frames;
	let freeUntil = freeBlockAround(k, start);
	let former: PageMapLetter = 'R';
	let first = start;
	for (let frame = start; frame < end; ) {
		if (frame >= freeUntil && flags[frame]! & bit(PG_buddy)) freeUntil = frame + 2 ** order[frame]!;
		const isFree = frame < freeUntil;
		const letter: PageMapLetter = isFree ? '.' : usedLetter(k, frame as Pfn, lights, former);
		if (letter !== former) {
			if (frame > first) take(former, first, frame);
			first = frame;
			former = letter;
		}
		// A free block is one thing.
		frame = isFree ? Math.min(freeUntil, end) : frame + 1;
	}
	if (end > first) take(former, first, end);
}

/** Letter of one frame. */
export function frameLetter(k: Kernel, frame: number): PageMapLetter {
	let found: PageMapLetter = '.';
	eachRun(k, frame, 1, highlights(k), letter => {
		found = letter;
	});
	return found;
}

/** End of the free block that a frame lies in, or 0. */
function freeBlockAround(k: Kernel, frame: number): number {
	for (let order = 0; order <= 10; order++) {
		const head = frame - (frame % 2 ** order);
		if (k.mem_map.flags[head]! & bit(PG_buddy) && k.mem_map.private[head]! >= order) {
			return head + 2 ** k.mem_map.private[head]!;
		}
	}
	return 0;
}

/**
 * What stands for a cell of frames: a letter, and how many of them are in use.
 * @param wanted kinds that count, the others are as good as free; null for all
 */
export function cellOf(
	counts: ReadonlyMap<PageMapLetter, number>,
	wanted: string | null,
): {readonly letter: PageMapLetter; readonly used: number} {
	const isUsed = (letter: PageMapLetter): boolean => letter !== '.' && (wanted === null || wanted.includes(letter));
	let best: PageMapLetter = '.';
	let most = 0;
	let used = 0;
	for (const [letter, count] of counts) {
		if (!isUsed(letter)) continue;
		used += count;
		if (count > most) [best, most] = [letter, count];
	}
	return {letter: telling.find(letter => counts.has(letter) && isUsed(letter)) ?? best, used};
}

type ZoneSpan = {readonly name: string; readonly start: number; readonly end: number};

/** Zones that hold frames, lowest first. */
export const zoneSpans = (k: Kernel): readonly ZoneSpan[] =>
	k.pages.zones
		.filter(zone => zone.spanned_pages > 0)
		.map(zone => ({name: zone.name, start: zone.zone_start_pfn, end: zoneEnd(zone)}));
