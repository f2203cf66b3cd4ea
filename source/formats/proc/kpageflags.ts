/**
 * /proc/kpageflags: fs/proc/page.c stable_page_flags(), 8 bytes a frame, from 2.6.25 on. The lower half is Linux's
 * stable interface; bits from 32 on are for kernel hackers and may move.
 */

import {decodeWords, encodeWords, hasBit, wordOf} from '../binary.ts';

/** Flags by bit, KPF_ left out. Bits without a name of their own are `BIT_n`. */
const named = {
	LOCKED: 0,
	ERROR: 1,
	REFERENCED: 2,
	UPTODATE: 3,
	DIRTY: 4,
	LRU: 5,
	ACTIVE: 6,
	SLAB: 7,
	WRITEBACK: 8,
	RECLAIM: 9,
	BUDDY: 10,
	MMAP: 11,
	ANON: 12,
	SWAPCACHE: 13,
	SWAPBACKED: 14,
	COMPOUND_HEAD: 15,
	COMPOUND_TAIL: 16,
	HUGE: 17,
	UNEVICTABLE: 18,
	HWPOISON: 19,
	NOPAGE: 20,
	KSM: 21,
	THP: 22,
	OFFLINE: 23,
	ZERO_PAGE: 24,
	IDLE: 25,
	PGTABLE: 26,
	RESERVED: 32,
	MLOCKED: 33,
	MAPPEDTODISK: 34,
	PRIVATE: 35,
	PRIVATE_2: 36,
	OWNER_PRIVATE: 37,
	ARCH: 38,
	UNCACHED: 39,
	SOFTDIRTY: 40,
	ARCH_2: 41,
	ARCH_3: 42,
} as const;

export type KpageFlag = keyof typeof named | `BIT_${number}`;

/** The bit of each named flag, for whoever writes the file without going through names. */
export const kpageFlagBits: Readonly<Record<keyof typeof named, number>> = named;

type Kpageflags = {
	/** The flags of each frame in the order of their bits, from the first frame of what was read. */
	readonly frames: readonly (readonly KpageFlag[])[];
};

const names: readonly KpageFlag[] = (() => {
	const byBit: KpageFlag[] = Array.from({length: 64}, (_, bit): KpageFlag => `BIT_${bit}`);
	for (const [flag, bit] of Object.entries(named)) byBit[bit] = flag as keyof typeof named;
	return byBit;
})();
const bits: ReadonlyMap<KpageFlag, number> = new Map(names.map((flag, bit) => [flag, bit]));

export function encodeKpageflags({frames}: Kpageflags): Uint8Array {
	return encodeWords(frames, flags =>
		wordOf(
			flags.map(flag => {
				const bit = bits.get(flag);
				if (bit === undefined) throw new RangeError(`no page flag ${flag}`);
				return bit;
			}),
		),
	);
}

export function decodeKpageflags(bytes: Uint8Array): Kpageflags {
	return {frames: decodeWords(bytes, word => names.filter((_, bit) => hasBit(word, bit)))};
}
