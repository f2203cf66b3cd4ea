/**
 * /proc/<pid>/pagemap: fs/proc/task_mmu.c, 8 bytes a page of the address space, from 2.6.25 on. Bits 55 to 60 held the
 * page shift (12) up to 3.2; later kernels use them for flags.
 */

import {decodeWords, encodeWords, hasBit, type Word} from '../binary.ts';
import {type Dialect, since} from '../dialect.ts';

export type PagemapEntry = {
	readonly present: boolean;
	readonly swapped: boolean;
	/** The frame, if present and the reader may know it. */
	readonly pfn: number | null;
	/** Where it was swapped to. */
	readonly swap: {readonly type: number; readonly offset: number} | null;
	/** log2 of the page size, up to 3.2: 12, or 0 for an empty entry of an existing page table. */
	readonly pageShift: number | null;
	/** The rest from 5.10 on, else null. */
	readonly fileOrShared: boolean | null;
	/** Mapped by this process only. */
	readonly exclusive: boolean | null;
	readonly softDirty: boolean | null;
};

export type Pagemap = {
	/** '2.6.11' for all up to 3.2, or '5.10'. */
	readonly dialect: Dialect;
	readonly entries: readonly PagemapEntry[];
};

const bit = {softDirty: 55, exclusive: 56, fileOrShared: 61, swapped: 62, present: 63} as const;
/** The upper half's share of the frame number: bits 32 to 54. */
const highMask = 0x7fffff;
const swapTypeBits = 5;

function encodeEntry(entry: PagemapEntry): Word {
	let high = 0;
	const set = (which: number, value: boolean | null) => {
		if (value) high |= 1 << (which - 32);
	};
	set(bit.present, entry.present);
	set(bit.swapped, entry.swapped);
	set(bit.softDirty, entry.softDirty);
	set(bit.exclusive, entry.exclusive);
	set(bit.fileOrShared, entry.fileOrShared);
	high |= (entry.pageShift ?? 0) << 23;
	const payload = entry.swap === null ? (entry.pfn ?? 0) : entry.swap.offset * 2 ** swapTypeBits + entry.swap.type;
	high |= Math.floor(payload / 2 ** 32) & highMask;
	return {low: payload >>> 0, high: high >>> 0};
}

function decodeEntry(word: Word, modern: boolean): PagemapEntry {
	const present = hasBit(word, bit.present);
	const swapped = hasBit(word, bit.swapped);
	const payload = (word.high & highMask) * 2 ** 32 + word.low;
	return {
		present,
		swapped,
		// A present page with frame 0 is how a kernel hides the number from the unprivileged.
		pfn: present && payload !== 0 ? payload : null,
		swap:
			swapped && !present ? {type: payload % 2 ** swapTypeBits, offset: Math.floor(payload / 2 ** swapTypeBits)} : null,
		pageShift: modern ? null : (word.high >>> 23) & 0x3f,
		fileOrShared: modern ? hasBit(word, bit.fileOrShared) : null,
		exclusive: modern ? hasBit(word, bit.exclusive) : null,
		softDirty: modern ? hasBit(word, bit.softDirty) : null,
	};
}

/** One entry as it stands in the file of a kernel of that dialect. */
export function encodePagemapEntry(dialect: Dialect, entry: PagemapEntry): Word {
	if ((entry.pageShift === null) !== since(dialect, '5.10'))
		throw new Error(`a page shift is what pagemap had before 5.10, not ${dialect}`);
	return encodeEntry(entry);
}

export function encodePagemap({dialect, entries}: Pagemap): Uint8Array {
	return encodeWords(entries, entry => encodePagemapEntry(dialect, entry));
}

/** Up to 3.2 a word is either empty or has the page shift. */
const isOld = (word: Word) => word.high >>> 23 === 0 || ((word.high >>> 23) & 0x3f) === 12;

/** Without any present or swapped page the dialects look alike; the older one is then answered. */
export function decodePagemap(bytes: Uint8Array): Pagemap {
	const modern = decodeWords(bytes, isOld).includes(false);
	return {dialect: modern ? '5.10' : '2.6.11', entries: decodeWords(bytes, word => decodeEntry(word, modern))};
}
