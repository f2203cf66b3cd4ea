/**
 * Models mm/rmap.c (2.6.11: object-based reverse mapping; 2.6.34 on: anon_vma chains): from a frame to the page-table
 * entries that map it.
 *
 * Not modelled: the locks of anon_vma and i_mmap (plain functions cannot interleave), migration, KSM, reuse of
 * anon_vmas by degree (4.0); of a nonlinear area, the walk of reclaim piece by piece (2.6.11 to 3.19): a page is found
 * there as elsewhere, and counts as used.
 */

import {PAGE_SIZE, type Pfn, type UserAddress, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_ACCESSED} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {traceFrame} from '../trace.ts';
import {
	type anon_vma,
	type mm_struct,
	VM_EXEC,
	VM_LOCKED,
	VM_NONLINEAR,
	VM_READ,
	VM_WRITE,
	type vm_area_struct,
} from './mm_types.ts';
import {
	clearPageFlag,
	PageAnon,
	PG_anon_exclusive,
	page_anon_vma,
	page_mapped,
	page_mapping,
	setPageAnon,
	setPageFlag,
} from './page.ts';
import {put_page} from './page_alloc.ts';
import {set_page_dirty} from './page-writeback.ts';
import {
	NO_PTE,
	type PteAt,
	pte_clear,
	pte_dirty,
	pte_offset,
	pte_pfn,
	pte_present,
	pte_val,
	pte_young,
	set_pte_bits,
	set_pte_file,
} from './pgtable.ts';

// ── anon_vma ───────────────────────────────────────────────────────────────────────────────────────────────────────

function anon_vma_alloc(k: Kernel, root: anon_vma | null): anon_vma {
	const anon: anon_vma = {id: k.mm.nextAnonVmaId++, vmas: new Set(), root};
	k.anon_vmas.set(anon.id, anon);
	charge(k, COST.kmallocNs);
	return anon;
}

/**
 * Gives a VMA that is about to get its first anonymous page an anon_vma: a neighbour's where they could merge later.
 */
export function anon_vma_prepare(k: Kernel, vma: vm_area_struct): void {
	if (vma.anon_vma) return;
	const anon = find_mergeable_anon_vma(vma) ?? anon_vma_alloc(k, null);
	vma.anon_vma = anon;
	vma.anon_vma_chain = [anon];
	anon.vmas.add(vma);
}

/** Whether two neighbours would be one if mprotect had never told them apart. */
const couldHaveMerged = (left: vm_area_struct, right: vm_area_struct) =>
	left.vm_end === right.vm_start &&
	left.vm_file === right.vm_file &&
	((left.vm_flags ^ right.vm_flags) & ~(VM_READ | VM_WRITE | VM_EXEC)) === 0 &&
	right.vm_pgoff === left.vm_pgoff + (left.vm_end - left.vm_start) / PAGE_SIZE;

function find_mergeable_anon_vma(vma: vm_area_struct): anon_vma | undefined {
	const {vm_next: next, vm_prev: prev} = vma;
	if (next?.anon_vma && next.anon_vma_chain.length === 1 && couldHaveMerged(vma, next)) return next.anon_vma;
	if (prev?.anon_vma && prev.anon_vma_chain.length === 1 && couldHaveMerged(prev, vma)) return prev.anon_vma;
	return undefined;
}

/** `target` may map whatever `source` may, with the same anon_vma for new pages. */
export function anon_vma_clone(_k: Kernel, target: vm_area_struct, source: vm_area_struct): void {
	target.anon_vma = source.anon_vma;
	target.anon_vma_chain = source.anon_vma_chain;
	for (const anon of source.anon_vma_chain) anon.vmas.add(target);
}

/** A child's VMA: it may map the parent's pages, and since 2.6.34 its own pages belong to an anon_vma of its own. */
export function anon_vma_fork(k: Kernel, child: vm_area_struct, parent: vm_area_struct): void {
	if (!parent.anon_vma) return;
	anon_vma_clone(k, child, parent);
	if (!k.era.anonVmaChains) return;
	const own = anon_vma_alloc(k, parent.anon_vma.root ?? parent.anon_vma);
	own.vmas.add(child);
	child.anon_vma = own;
	child.anon_vma_chain = [...parent.anon_vma_chain, own];
}

export function unlink_anon_vmas(k: Kernel, vma: vm_area_struct): void {
	for (const anon of vma.anon_vma_chain) {
		anon.vmas.delete(vma);
		if (anon.vmas.size === 0) k.anon_vmas.delete(anon.id);
	}
	vma.anon_vma = null;
	vma.anon_vma_chain = [];
}

// ── _mapcount ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Page offset of a user address in what its VMA maps. */
export const linear_page_index = (vma: vm_area_struct, address: number) =>
	Math.floor((address - vma.vm_start) / PAGE_SIZE) + vma.vm_pgoff;

/** Where a nonlinear area loses a page that was not in its place, the entry says which it was. @param at empty */
export function keepOrder(k: Kernel, vma: vm_area_struct, at: PteAt, address: number, page: Pfn): void {
	if ((vma.vm_flags & VM_NONLINEAR) === 0) return;
	const index = k.mem_map.index[page]!;
	if (linear_page_index(vma, address) !== index) set_pte_file(k, at, index);
}

/** A fresh anonymous page gets its first entry. */
export function page_add_new_anon_rmap(k: Kernel, frame: Pfn, vma: vm_area_struct, address: number): void {
	const map = k.mem_map;
	map._mapcount[frame] = 1;
	map.index[frame] = linear_page_index(vma, address);
	setPageAnon(k, frame, vma.anon_vma!);
	if (k.era.anonExclusive) setPageFlag(k, frame, PG_anon_exclusive);
	k.mm.nr_anon_pages++;
}

/** Another entry maps a page of a file, a driver's page, or (after fork) an anonymous page. */
export function page_dup_rmap(k: Kernel, frame: Pfn): void {
	if (k.mem_map._mapcount[frame]!++ === 0) k.mm.nr_file_mapped++;
}

/** An entry that mapped the page is gone. */
export function page_remove_rmap(k: Kernel, frame: Pfn): void {
	if (--k.mem_map._mapcount[frame]! > 0) return;
	if (k.mem_map._mapcount[frame]! < 0) throw new Error(`frame 0x${frame.toString(16)} was unmapped once too often`);
	if (PageAnon(k, frame)) {
		k.mm.nr_anon_pages--;
		clearPageFlag(k, frame, PG_anon_exclusive);
	} else {
		k.mm.nr_file_mapped--;
	}
}

// ── who maps a frame ───────────────────────────────────────────────────────────────────────────────────────────────

type Mapper = {readonly vma: vm_area_struct; readonly address: UserAddress; readonly at: PteAt};

/** Every page-table entry that maps a frame, found by its anon_vma or file. @see rmap_walk() */
export function mappersOf(k: Kernel, frame: Pfn): Mapper[] {
	if (!page_mapped(k, frame)) return [];
	const vmas = page_anon_vma(k, frame)?.vmas ?? page_mapping(k, frame)?.i_mmap;
	const found: Mapper[] = [];
	for (const vma of vmas ?? []) {
		if ((vma.vm_flags & VM_NONLINEAR) !== 0) {
			found.push(...everywhereIn(k, vma, frame));
			continue;
		}
		const address = vma.vm_start + (k.mem_map.index[frame]! - vma.vm_pgoff) * PAGE_SIZE;
		const at = mappedAt(k, vma, address, frame);
		if (at !== NO_PTE) found.push({vma, address: userAddress(address), at});
	}
	return found;
}

/** Entries of an area that map a frame, wherever in it. */
function everywhereIn(k: Kernel, vma: vm_area_struct, frame: Pfn): Mapper[] {
	const found: Mapper[] = [];
	for (let address: number = vma.vm_start; address < vma.vm_end; address += PAGE_SIZE) {
		const at = mappedAt(k, vma, address, frame);
		if (at !== NO_PTE) found.push({vma, address: userAddress(address), at});
	}
	return found;
}

function mappedAt(k: Kernel, vma: vm_area_struct, address: number, frame: Pfn): PteAt {
	if (address < vma.vm_start || address >= vma.vm_end) return NO_PTE;
	const at = pte_offset(k, vma.vm_mm, address);
	return at !== NO_PTE && pte_present(pte_val(k, at)) && pte_pfn(k, at) === frame ? at : NO_PTE;
}

/**
 * Every user address that maps a frame, also a driver's frame, which has no way back: then all page tables are
 * searched. For whoever looks from outside; the kernel itself never does this.
 */
export function everyMapperOf(k: Kernel, frame: Pfn): Mapper[] {
	const found: Mapper[] = mappersOf(k, frame);
	if (found.length > 0) return found;
	for (const mm of k.mm.mms.values()) for (const vma of mm.mmap) found.push(...everywhereIn(k, vma, frame));
	return found;
}

// ── for reclaim and write-back ─────────────────────────────────────────────────────────────────────────────────────

/** How many entries that map the frame were used since asked last; they are marked unused. */
export function page_referenced(k: Kernel, frame: Pfn): number {
	let references = 0;
	for (const {at} of mappersOf(k, frame)) {
		const value = pte_val(k, at);
		charge(k, COST.pteNs);
		if (!pte_young(value)) continue;
		references++;
		set_pte_bits(k, at, value & 0xfff & ~_PAGE_ACCESSED);
	}
	return references;
}

/**
 * Takes a page of a file out of every page table; dirty entries make the page dirty. Anonymous pages stay: there is no
 * swap that they could be read back from.
 * @returns whether no entry maps it any more
 */
export function try_to_unmap(k: Kernel, frame: Pfn): boolean {
	if (PageAnon(k, frame)) return false;
	for (const {vma, at, address} of mappersOf(k, frame)) {
		// Somebody on another CPU is busy with these entries; the page stays for now.
		if ((vma.vm_flags & VM_LOCKED) !== 0 || vma.vm_mm.page_table_lock.locked) return false;
		if (pte_dirty(pte_val(k, at))) set_page_dirty(k, frame);
		pte_clear(k, at);
		keepOrder(k, vma, at, address, frame);
		charge(k, COST.pteNs + COST.tlbFlushOneNs);
		dropResident(k, vma.vm_mm, frame);
		page_remove_rmap(k, frame);
		traceFrame(k, 'try_to_unmap', frame);
		put_page(k, frame);
	}
	return !page_mapped(k, frame);
}

/** One resident page less, in the counter that the frame's kind has. */
export function dropResident(k: Kernel, mm: mm_struct, frame: Pfn): void {
	if (PageAnon(k, frame)) mm.rss_anon--;
	else if (page_mapping(k, frame)?.host.kind === 'shmem') mm.rss_shmem--;
	else mm.rss_file--;
}

/** One resident page more. */
export function addResident(k: Kernel, mm: mm_struct, frame: Pfn): void {
	if (PageAnon(k, frame)) mm.rss_anon++;
	else if (page_mapping(k, frame)?.host.kind === 'shmem') mm.rss_shmem++;
	else mm.rss_file++;
	const resident = mm.rss_file + mm.rss_anon + mm.rss_shmem;
	if (resident > mm.hiwater_rss) mm.hiwater_rss = resident;
}
