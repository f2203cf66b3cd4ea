/**
 * What an entry of an i386's page tables says, bit by bit. @see Intel 64 and IA-32 Architectures Software Developer's
 * Manual, volume 3, section 4.3 (32-bit paging) and 4.4 (PAE); Linux include/asm-i386/pgtable.h, 2.6.11, for the names.
 */

import type {WalkStep} from '../formats/debugfs/translate.ts';

type EntryBit = {
	/** Linux's name. */
	readonly name: string;
	readonly bit: number;
	/** What the entry is with it, in a word or two. */
	readonly set: string;
	/** What it is without; left out where that is not worth a word. */
	readonly clear?: string;
};

type PageEntry = {
	readonly isPresent: boolean;
	/** It maps memory itself, and no table is below it. */
	readonly isLarge: boolean;
	/** Bytes of what it points at: 4 KiB, but for a large page. */
	readonly bytes: number;
	/** Physical address of the table or of the page that it points at. */
	readonly address: number;
	/** Each bit that counts at its level. */
	readonly bits: readonly {
		readonly name: string;
		readonly bit: number;
		readonly isSet: boolean;
		readonly word: string;
	}[];
	/** In words: `present`, `writable`, `kernel only`; none of an entry that is not present. */
	readonly words: readonly string[];
};

/** Bits of an entry that points at a page. */
const pageBits: readonly EntryBit[] = [
	{name: '_PAGE_PRESENT', bit: 0x001, set: 'present'},
	{name: '_PAGE_RW', bit: 0x002, set: 'writable', clear: 'read-only'},
	{name: '_PAGE_USER', bit: 0x004, set: 'user', clear: 'kernel only'},
	{name: '_PAGE_PWT', bit: 0x008, set: 'write-through'},
	{name: '_PAGE_PCD', bit: 0x010, set: 'not cached'},
	{name: '_PAGE_ACCESSED', bit: 0x020, set: 'accessed', clear: 'never accessed'},
	{name: '_PAGE_DIRTY', bit: 0x040, set: 'written to', clear: 'not written to'},
	{name: '_PAGE_GLOBAL', bit: 0x100, set: 'global'},
];

const large: EntryBit = {name: '_PAGE_PSE', bit: 0x080, set: 'large page'};
/** A table has no dirty and no global bit that the processor looks at. */
const tableBits = pageBits.filter(({bit}) => bit < 0x040);
/** An entry of the four of PAE's first table has none of the others. */
const pointerBits = pageBits.filter(({bit}) => bit === 0x001);

/** Reads an entry of 8 or 16 hexadecimal digits; of a level as `WalkStep` names it. */
export function pageEntry({level, entry}: WalkStep): PageEntry {
	const isWide = entry.length > 8;
	const low = Number.parseInt(entry.slice(-8), 16);
	const high = isWide ? Number.parseInt(entry.slice(0, -8), 16) : 0;
	const isPointer = isWide && level === 'pgd';
	const isLarge = level !== 'pte' && !isPointer && (low & large.bit) !== 0;
	const isPresent = (low & 1) !== 0;
	const bits = isPointer ? pointerBits : level === 'pte' ? pageBits : isLarge ? [...pageBits, large] : tableBits;
	const said = bits.map(({bit, set, clear}) => ((low & bit) !== 0 ? set : clear));
	return {
		isPresent,
		isLarge,
		bytes: isLarge ? (isWide ? 2 : 4) * 2 ** 20 : 4096,
		// Bits 12..35 under PAE: a Pentium has 36 address lines.
		address: low - (low & 0xfff) + (high & 0xf) * 2 ** 32,
		bits: bits.map(({name, bit, set, clear}) => {
			const isSet = (low & bit) !== 0;
			return {name, bit, isSet, word: isSet ? set : (clear ?? `not ${set}`)};
		}),
		words: isPresent ? said.flatMap(word => word ?? []) : [],
	};
}

type Level = {
	/** The first bit of an address that picks an entry. */
	readonly shift: number;
	readonly entries: number;
};

/** @param isWide whether entries have 64 bits (PAE) */
export function pageLevel(level: string, isWide: boolean): Level {
	if (level === 'pte') return {shift: 12, entries: isWide ? 512 : 1024};
	if (level === 'pmd') return {shift: 21, entries: 512};
	return isWide ? {shift: 30, entries: 4} : {shift: 22, entries: 1024};
}
