import {type PhysicalAddress, pageOffset, physicalAddress} from './address.ts';
import type {Ram} from './ram.ts';

/*
 * What the paging unit of an i386 does. Tables lie in RAM; CR3 names the first.
 *
 *   two-level   31 … 22 | 21 … 12 | 11 … 0        4-byte entries, 1024 a table
 *               pgd     | pte     | offset         large page: 4 MiB
 *
 *   PAE         31 30 | 29 … 21 | 20 … 12 | 11 … 0  8-byte entries, 512 a table (4 in the first)
 *               pgd   | pmd     | pte     | offset  large page: 2 MiB
 *
 * Not modelled: the TLB (a changed entry counts at once), NX (a Pentium III has none), PAT, protection keys.
 */
export type PagingMode = 'two-level' | 'pae';

/** Bits of an entry, as the Intel manual numbers them and Linux names them. */
export const _PAGE_PRESENT = 0x001;
export const _PAGE_RW = 0x002;
export const _PAGE_USER = 0x004;
export const _PAGE_PWT = 0x008;
export const _PAGE_PCD = 0x010;
export const _PAGE_ACCESSED = 0x020;
export const _PAGE_DIRTY = 0x040;
/** In a pgd (two-level) or pmd (PAE) entry: maps a large page itself. */
export const _PAGE_PSE = 0x080;
export const _PAGE_GLOBAL = 0x100;

/** Bits that the processor pushes with a page fault. */
export const FAULT_PROTECTION = 1;
export const FAULT_WRITE = 2;
export const FAULT_USER = 4;

export type PagingShape = {
	readonly mode: PagingMode;
	readonly entryBytes: 4 | 8;
	readonly entriesPerTable: number;
	/** Bytes that one entry of the last-but-one level covers: 4 MiB or 2 MiB. */
	readonly largePageBytes: number;
	readonly levels: readonly {readonly name: 'pgd' | 'pmd' | 'pte'; readonly shift: number; readonly entries: number}[];
};

const TWO_LEVEL: PagingShape = {
	mode: 'two-level',
	entryBytes: 4,
	entriesPerTable: 1024,
	largePageBytes: 4 << 20,
	levels: [
		{name: 'pgd', shift: 22, entries: 1024},
		{name: 'pte', shift: 12, entries: 1024},
	],
};

const PAE: PagingShape = {
	mode: 'pae',
	entryBytes: 8,
	entriesPerTable: 512,
	largePageBytes: 2 << 20,
	levels: [
		{name: 'pgd', shift: 30, entries: 4},
		{name: 'pmd', shift: 21, entries: 512},
		{name: 'pte', shift: 12, entries: 512},
	],
};

export const pagingShape = (mode: PagingMode): PagingShape => (mode === 'pae' ? PAE : TWO_LEVEL);

/** Physical address that an entry points at (bits 12..35 under PAE). */
export function entryAddress(shape: PagingShape, low: number, high: number): PhysicalAddress {
	const base = low - (low & 0xfff);
	return physicalAddress(shape.entryBytes === 8 ? base + (high & 0xf) * 0x1_0000_0000 : base);
}

type WalkStep = {
	readonly level: 'pgd' | 'pmd' | 'pte';
	readonly index: number;
	/** Where the entry lies. */
	readonly at: PhysicalAddress;
	readonly low: number;
	readonly high: number;
};

export type Walk = {
	readonly steps: readonly WalkStep[];
	/** Where the address leads, or undefined when an entry on the way is not present. */
	readonly physical: PhysicalAddress | undefined;
	readonly large: boolean;
};

/** Walks the tables from `cr3` and reports every entry met, present or not; observes only (sets no accessed bit). */
export function walkPageTables(ram: Ram, shape: PagingShape, cr3: PhysicalAddress, address: number): Walk {
	const steps: WalkStep[] = [];
	const physical = translateAddress(ram, shape, cr3, address, step => steps.push(step));
	return {steps, physical, large: physical !== undefined && steps.at(-1)!.level !== 'pte'};
}

/** Where no RAM is, as after a wild store into a table, nothing drives the bus, and what is read is all ones. */
const readEntry = (ram: Ram, at: PhysicalAddress): number => (ram.has(at) ? ram.read32(at) : 0xffff_ffff);

/**
 * Where an address leads by the tables from `cr3`. Observes only.
 * @param visit is shown every entry met, present or not
 * @returns undefined when an entry on the way is not present
 */
export function translateAddress(
	ram: Ram,
	shape: PagingShape,
	cr3: PhysicalAddress,
	address: number,
	visit?: (step: WalkStep) => void,
): PhysicalAddress | undefined {
	let table: PhysicalAddress = cr3;
	for (const {name, shift, entries} of shape.levels) {
		const index = (address >>> shift) % entries;
		const at = physicalAddress(table + index * shape.entryBytes);
		const low = readEntry(ram, at);
		const high = shape.entryBytes === 8 ? readEntry(ram, physicalAddress(at + 4)) : 0;
		visit?.({level: name, index, at, low, high});
		if ((low & _PAGE_PRESENT) === 0) return undefined;
		const target = entryAddress(shape, low >>> 0, high);
		if (name === 'pte') return physicalAddress(target + pageOffset(address));
		if ((low & _PAGE_PSE) !== 0 && shift !== 30) {
			const base = target - (target % shape.largePageBytes);
			return physicalAddress(base + (address % shape.largePageBytes));
		}
		table = target;
	}
	throw new Error('a page-table walk ended without a last level');
}
