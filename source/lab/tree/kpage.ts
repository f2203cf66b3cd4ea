/** /proc/kpagecount and /proc/kpageflags: 8 bytes a frame, little-endian. @see fs/proc/page.c */
import {kpageFlagBits} from '../../formats/proc/kpageflags.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {
	PG_active,
	PG_buddy,
	PG_dirty,
	PG_error,
	PG_head,
	PG_locked,
	PG_lru,
	PG_mappedtodisk,
	PG_mlocked,
	PG_private,
	PG_reclaim,
	PG_referenced,
	PG_reserved,
	PG_slab,
	PG_swapbacked,
	PG_tail,
	PG_unevictable,
	PG_uptodate,
	PG_writeback,
} from '../../kernel/mm/page.ts';

/** Page-table entries that map each frame. */
export function kpagecount(k: Kernel): Uint8Array {
	const {frames, _mapcount} = k.mem_map;
	const words = new Uint32Array(frames * 2);
	for (let frame = 0; frame < frames; frame++) words[frame * 2] = _mapcount[frame]!;
	return new Uint8Array(words.buffer);
}

type Translation = readonly [PG: number, name: keyof typeof kpageFlagBits];
const lowFlags: readonly Translation[] = [
	[PG_locked, 'LOCKED'],
	[PG_error, 'ERROR'],
	[PG_referenced, 'REFERENCED'],
	[PG_uptodate, 'UPTODATE'],
	[PG_dirty, 'DIRTY'],
	[PG_lru, 'LRU'],
	[PG_active, 'ACTIVE'],
	[PG_slab, 'SLAB'],
	[PG_writeback, 'WRITEBACK'],
	[PG_reclaim, 'RECLAIM'],
	[PG_buddy, 'BUDDY'],
	[PG_head, 'COMPOUND_HEAD'],
	[PG_tail, 'COMPOUND_TAIL'],
	[PG_swapbacked, 'SWAPBACKED'],
	[PG_unevictable, 'UNEVICTABLE'],
];
const highFlags: readonly Translation[] = [
	[PG_reserved, 'RESERVED'],
	[PG_mlocked, 'MLOCKED'],
	[PG_mappedtodisk, 'MAPPEDTODISK'],
	[PG_private, 'PRIVATE'],
];

const translate = (flags: number, table: readonly Translation[], base: number) =>
	table.reduce((word, [PG, name]) => (flags & (1 << PG) ? word | (1 << (kpageFlagBits[name] - base)) : word), 0);

export function kpageflags(k: Kernel): Uint8Array {
	const {frames, flags, mapping, _mapcount} = k.mem_map;
	const words = new Uint32Array(frames * 2);
	for (let frame = 0; frame < frames; frame++) {
		const flag = flags[frame]!;
		let low = flag === 0 ? 0 : translate(flag, lowFlags, 0);
		if (_mapcount[frame]! > 0) low |= 1 << kpageFlagBits.MMAP;
		if (mapping[frame]! & 1) low |= 1 << kpageFlagBits.ANON;
		words[frame * 2] = low;
		words[frame * 2 + 1] = flag === 0 ? 0 : translate(flag, highFlags, 32);
	}
	return new Uint8Array(words.buffer);
}

/** Names of the PG_ flags of a frame that are set. */
export function flagNames(k: Kernel, frame: number): string[] {
	const flags = k.mem_map.flags[frame]!;
	return [...lowFlags, ...highFlags].filter(([PG]) => (flags & (1 << PG)) !== 0).map(([PG]) => pgNames.get(PG)!);
}

const pgNames = new Map<number, string>([
	[PG_locked, 'PG_locked'],
	[PG_error, 'PG_error'],
	[PG_referenced, 'PG_referenced'],
	[PG_uptodate, 'PG_uptodate'],
	[PG_dirty, 'PG_dirty'],
	[PG_lru, 'PG_lru'],
	[PG_active, 'PG_active'],
	[PG_slab, 'PG_slab'],
	[PG_writeback, 'PG_writeback'],
	[PG_reclaim, 'PG_reclaim'],
	[PG_buddy, 'PG_buddy'],
	[PG_head, 'PG_head'],
	[PG_tail, 'PG_tail'],
	[PG_swapbacked, 'PG_swapbacked'],
	[PG_unevictable, 'PG_unevictable'],
	[PG_reserved, 'PG_reserved'],
	[PG_mlocked, 'PG_mlocked'],
	[PG_mappedtodisk, 'PG_mappedtodisk'],
	[PG_private, 'PG_private'],
]);
