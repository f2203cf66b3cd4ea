/**
 * Models asm-i386/pgtable.h, pgtable-2level.h, pgtable-3level.h and mm/memory.c's table allocation: page tables as they
 * lie in RAM. An entry is named by where it lies; 0 stands for "there is no table" (frame 0 never holds one).
 *
 * Tables come from low memory (CONFIG_HIGHPTE off). Not modelled: the TLB, lazy TLB switching.
 */
import {PAGE_SIZE, type Pfn, type PhysicalAddress, pfn, pfnToPhys, physicalAddress} from '../../hardware/address.ts';
import {
	_PAGE_ACCESSED,
	_PAGE_DIRTY,
	_PAGE_PRESENT,
	_PAGE_PSE,
	_PAGE_RW,
	_PAGE_USER,
	entryAddress,
} from '../../hardware/mmu.ts';
import type {Kernel} from '../kernel.ts';
import {__GFP_ZERO, GFP_KERNEL} from './gfp.ts';
import type {mm_struct} from './mm_types.ts';
import {PAGE_OFFSET, setPageUse} from './page.ts';
import {__free_pages, try_alloc_pages} from './page_alloc.ts';

const _PAGE_TABLE = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY;
const _KERNPG_TABLE = _PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY;

/** Where a page-table entry lies, or 0. */
export type PteAt = PhysicalAddress;
export const NO_PTE = physicalAddress(0);

const isPae = (k: Kernel) => k.hw.paging.entryBytes === 8;

/** Bytes that one table of ptes covers: 4 MiB, or 2 MiB under PAE. */
export const tableSpan = (k: Kernel) => k.hw.paging.largePageBytes;

/**
 * Where an entry lies in a table; NO_PTE for a table outside RAM, which only a wild store into a directory can name.
 * Linux takes such an entry away with a complaint (`pmd_none_or_clear_bad`); not modelled.
 */
const tableEntry = (k: Kernel, at: number): PhysicalAddress => (k.hw.ram.has(at) ? physicalAddress(at) : NO_PTE);

/** Where the entry of the level above the ptes lies (pgd, or pmd under PAE), or 0 when PAE's pmd table is missing. */
function directoryEntry(k: Kernel, pgd: PhysicalAddress, address: number): PhysicalAddress {
	if (!isPae(k)) return physicalAddress(pgd + (address >>> 22) * 4);
	const pgdEntry = k.hw.ram.read32(physicalAddress(pgd + (address >>> 30) * 8));
	if ((pgdEntry & _PAGE_PRESENT) === 0) return NO_PTE;
	return tableEntry(k, pgdEntry - (pgdEntry & 0xfff) + ((address >>> 21) & 511) * 8);
}

/** The entry of an address if its tables exist. @returns where it lies, or NO_PTE */
export function pte_offset(k: Kernel, mm: {readonly pgd: PhysicalAddress}, address: number): PteAt {
	const at = directoryEntry(k, mm.pgd, address);
	if (at === 0) return NO_PTE;
	const entry = k.hw.ram.read32(at);
	if ((entry & _PAGE_PRESENT) === 0 || (entry & _PAGE_PSE) !== 0) return NO_PTE;
	const table = entryAddress(k.hw.paging, entry >>> 0, isPae(k) ? k.hw.ram.read32(physicalAddress(at + 4)) : 0);
	const {entryBytes, entriesPerTable} = k.hw.paging;
	return tableEntry(k, table + ((address >>> 12) & (entriesPerTable - 1)) * entryBytes);
}

/** The entry of an address, making the table if need be. @returns NO_PTE when memory for the table is out */
export function pte_alloc_map(k: Kernel, mm: mm_struct, address: number): PteAt {
	const found = pte_offset(k, mm, address);
	if (found !== 0) return found;
	const at = pmd_alloc(k, mm, address);
	const table = at === NO_PTE ? undefined : allocTable(k);
	if (table === undefined) return NO_PTE;
	mm.nr_ptes++;
	writeEntry(k, at, table, _PAGE_TABLE);
	return pte_offset(k, mm, address);
}

/**
 * The entry of a kernel address in the kernel's own tables, making the table if need be. @returns NO_PTE when memory is
 * out
 */
export function pte_alloc_kernel(k: Kernel, address: number): PteAt {
	const kernel = {pgd: k.layout.swapper_pg_dir};
	const found = pte_offset(k, kernel, address);
	if (found !== 0) return found;
	const table = allocTable(k);
	if (table === undefined) return NO_PTE;
	writeEntry(k, directoryEntry(k, kernel.pgd, address), table, _KERNPG_TABLE);
	return pte_offset(k, kernel, address);
}

/** The pgd's entry, or under PAE the pmd's, whose table is made if it was freed. @returns NO_PTE when memory is out */
export function pmd_alloc(k: Kernel, mm: mm_struct, address: number): PhysicalAddress {
	const found = directoryEntry(k, mm.pgd, address);
	if (found !== NO_PTE) return found;
	const table = allocTable(k);
	if (table === undefined) return NO_PTE;
	writeEntry(k, physicalAddress(mm.pgd + (address >>> 30) * 8), table, _PAGE_PRESENT);
	return directoryEntry(k, mm.pgd, address);
}

/** Frees PAE's pmd tables of the gigabytes that lie wholly in [start, end): nothing is mapped there any more. */
export function free_pmds(k: Kernel, mm: mm_struct, start: number, end: number): void {
	if (!isPae(k)) return;
	for (let i = Math.ceil(start / GIGABYTE); (i + 1) * GIGABYTE <= end; i++) {
		const at = physicalAddress(mm.pgd + i * 8);
		const entry = k.hw.ram.read32(at);
		if ((entry & _PAGE_PRESENT) === 0) continue;
		freeTable(k, pfn(entry >>> 12));
		pte_clear(k, at);
	}
}

const GIGABYTE = 2 ** 30;

/** A zeroed frame of low memory for a table. */
function allocTable(k: Kernel): Pfn | undefined {
	const table = try_alloc_pages(k, GFP_KERNEL | __GFP_ZERO, 0);
	if (table !== undefined) setPageUse(k, table, 'pagetable');
	return table;
}

function writeEntry(k: Kernel, at: PhysicalAddress, frame: Pfn, bits: number): void {
	const target = pfnToPhys(frame);
	k.hw.ram.write32(at, (target | bits) >>> 0);
	if (isPae(k)) k.hw.ram.write32(physicalAddress(at + 4), Math.floor(target / 0x1_0000_0000));
}

// ── entries ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Low word of an entry: flags and the low bits of the frame. 0 = none. */
export const pte_val = (k: Kernel, at: PteAt): number => k.hw.ram.read32(at);
export const pte_none = (k: Kernel, at: PteAt) => k.hw.ram.read32(at) === 0;
/** PROT_NONE pages stay present to Linux though the processor must not see them: bit 8 with present clear. */
export const _PAGE_PROTNONE = 0x100;
export const pte_present = (value: number) => (value & (_PAGE_PRESENT | _PAGE_PROTNONE)) !== 0;
export const pte_write = (value: number) => (value & _PAGE_RW) !== 0;
export const pte_dirty = (value: number) => (value & _PAGE_DIRTY) !== 0;
export const pte_young = (value: number) => (value & _PAGE_ACCESSED) !== 0;

export function pte_pfn(k: Kernel, at: PteAt): Pfn {
	const low = k.hw.ram.read32(at);
	return pfn((low >>> 12) + (isPae(k) ? (k.hw.ram.read32(physicalAddress(at + 4)) & 0xf) * 0x10_0000 : 0));
}

/**
 * An entry without a page that says which page of the file belongs there: not present, with this bit (up to 3.19). The
 * number of the page lies in bits 1 to 5, 7 and 9 to 31 (2.6.32's places; 2.6.11 uses bit 8 in place of bit 7), or with
 * PAE in the upper word.
 */
const _PAGE_FILE = 0x40;
export const pte_file = (value: number) => !pte_present(value) && (value & _PAGE_FILE) !== 0;
/** How many bits the number of such a page may have. */
export const PTE_FILE_MAX_BITS = (k: Kernel) => (isPae(k) ? 32 : 29);

export function pte_to_pgoff(k: Kernel, at: PteAt): number {
	if (isPae(k)) return k.hw.ram.read32(physicalAddress(at + 4)) >>> 0;
	const low = k.hw.ram.read32(at);
	return (((low >>> 9) << 6) | (((low >>> 7) & 1) << 5) | ((low >>> 1) & 0x1f)) >>> 0;
}

/** @param pgoff page of the file, below 2 ** PTE_FILE_MAX_BITS */
export function set_pte_file(k: Kernel, at: PteAt, pgoff: number): void {
	if (isPae(k)) {
		k.hw.ram.write32(at, _PAGE_FILE);
		k.hw.ram.write32(physicalAddress(at + 4), pgoff >>> 0);
		return;
	}
	const bits = ((pgoff >>> 6) << 9) | (((pgoff >>> 5) & 1) << 7) | ((pgoff & 0x1f) << 1);
	k.hw.ram.write32(at, (bits | _PAGE_FILE) >>> 0);
}

/** Copies an entry as it stands. */
export function copy_pte(k: Kernel, to: PteAt, from: PteAt): void {
	k.hw.ram.write32(to, k.hw.ram.read32(from));
	if (isPae(k)) k.hw.ram.write32(physicalAddress(to + 4), k.hw.ram.read32(physicalAddress(from + 4)));
}

/** Writes an entry: frame and flag bits. */
export function set_pte(k: Kernel, at: PteAt, frame: Pfn, bits: number): void {
	writeEntry(k, at, frame, bits);
}

/** Changes the flag bits of an entry and leaves its frame. */
export function set_pte_bits(k: Kernel, at: PteAt, bits: number): void {
	const low = k.hw.ram.read32(at);
	k.hw.ram.write32(at, (low - (low & 0xfff) + bits) >>> 0);
}

export function pte_clear(k: Kernel, at: PteAt): void {
	k.hw.ram.write32(at, 0);
	if (isPae(k)) k.hw.ram.write32(physicalAddress(at + 4), 0);
}

// ── an mm's tables ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes the tables of a new mm: kernel half as swapper_pg_dir has it. @returns undefined when memory is out */
export function pgd_alloc(k: Kernel): PhysicalAddress | undefined {
	const table = allocTable(k);
	if (table === undefined) return undefined;
	const pgd = pfnToPhys(table);
	const swapper = k.layout.swapper_pg_dir;
	if (!isPae(k)) {
		for (let i = PAGE_OFFSET >>> 22; i < 1024; i++)
			k.hw.ram.write32(physicalAddress(pgd + i * 4), k.hw.ram.read32(physicalAddress(swapper + i * 4)));
		return pgd;
	}
	for (let i = 0; i < 3; i++) {
		const pmd = allocTable(k);
		if (pmd === undefined) {
			pgd_free(k, pgd);
			return undefined;
		}
		writeEntry(k, physicalAddress(pgd + i * 8), pmd, _PAGE_PRESENT);
	}
	// The kernel's own gigabyte is one pmd table that all share.
	k.hw.ram.write32(physicalAddress(pgd + 24), k.hw.ram.read32(physicalAddress(swapper + 24)));
	return pgd;
}

/** Frees the pgd (and PAE's pmds); the pte tables are gone already. */
export function pgd_free(k: Kernel, pgd: PhysicalAddress): void {
	if (isPae(k)) {
		for (let i = 0; i < 3; i++) {
			const entry = k.hw.ram.read32(physicalAddress(pgd + i * 8));
			if (entry & _PAGE_PRESENT) freeTable(k, pfn(entry >>> 12));
		}
	}
	freeTable(k, pfn(pgd / PAGE_SIZE));
}

function freeTable(k: Kernel, frame: Pfn): void {
	setPageUse(k, frame, 'unknown');
	__free_pages(k, frame, 0);
}

/** Frees pte tables that lie wholly in [start, end) of user space; the caller cleared their entries. */
export function free_pgtables(k: Kernel, mm: mm_struct, start: number, end: number): void {
	const span = tableSpan(k);
	for (let address = Math.ceil(start / span) * span; address + span <= end; address += span) {
		const at = directoryEntry(k, mm.pgd, address);
		if (at === 0) continue;
		const entry = k.hw.ram.read32(at);
		if ((entry & _PAGE_PRESENT) === 0) continue;
		const table = entryAddress(k.hw.paging, entry >>> 0, 0);
		if (k.hw.ram.has(table)) freeTable(k, pfn(table / PAGE_SIZE));
		pte_clear(k, at);
		mm.nr_ptes--;
	}
}
