/**
 * Models the part of mm/memory.c that empties page tables (zap_page_range, unmap_vmas, unmap_mapping_range; 2.6.11 and
 * later).
 *
 * Not modelled: batches of pages freed after the TLB flush (mmu_gather), huge pages.
 */

import {PAGE_SIZE, type Pfn, physicalAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_PRESENT} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {type address_space, VM_NONLINEAR, VM_SHARED, type vm_area_struct} from './mm_types.ts';
import {PageAnon, PageReserved, pfn_valid} from './page.ts';
import {put_page} from './page_alloc.ts';
import {set_page_dirty} from './page-writeback.ts';
import {
	NO_PTE,
	type PteAt,
	pte_clear,
	pte_dirty,
	pte_file,
	pte_offset,
	pte_pfn,
	pte_present,
	pte_val,
	tableSpan,
} from './pgtable.ts';
import {dropResident, keepOrder, page_remove_rmap} from './rmap.ts';
import {traceArea} from './vma_trace.ts';

/** Bit 9 of an entry: the frame is not counted or found by rmap (2.6.25 on). */
export const _PAGE_SPECIAL = 0x200;

/**
 * The frame behind an entry if it is counted like a page of memory; undefined for device memory, the zero page and
 * such.
 */
export function vm_normal_page(k: Kernel, value: number, frame: Pfn): Pfn | undefined {
	if (k.era.pteSpecial) return (value & _PAGE_SPECIAL) === 0 ? frame : undefined;
	return pfn_valid(k, frame) && !PageReserved(k, frame) ? frame : undefined;
}

/** Visits every entry of a range that is not empty. The visitor may change the entry. */
export function forEachPte(
	k: Kernel,
	mm: {readonly pgd: vm_area_struct['vm_mm']['pgd']},
	start: number,
	end: number,
	visit: (at: PteAt, value: number, address: number) => void,
): void {
	const span = tableSpan(k);
	const {entryBytes} = k.hw.paging;
	for (let address = start; address < end; ) {
		const tableEnd = Math.min(end, (Math.floor(address / span) + 1) * span);
		let at = pte_offset(k, mm, address);
		if (at === NO_PTE) {
			address = tableEnd;
			continue;
		}
		for (; address < tableEnd; address += PAGE_SIZE) {
			const value = k.hw.ram.read32(at);
			if (value !== 0) visit(at, value, address);
			at = physicalAddress(at + entryBytes);
		}
	}
}

/** What is taken out of page tables goes with the places of a nonlinear area's pages, or leaves them. */
type Zap = {
	/** Gets each frame that is counted. */
	readonly gone: Pfn[];
	/** The area stays as it is: its entries go on saying which page of the file belongs there. */
	readonly keepsOrder: boolean;
};

/** Takes one entry away and gives back what it held. */
function zap_pte(k: Kernel, vma: vm_area_struct, at: PteAt, value: number, address: number, zap: Zap): void {
	if (zap.keepsOrder && pte_file(value)) return;
	const frame = pte_pfn(k, at);
	pte_clear(k, at);
	charge(k, COST.pteNs);
	if (!pte_present(value)) return;
	const page = vm_normal_page(k, value, frame);
	if (page === undefined) return;
	if (zap.keepsOrder) keepOrder(k, vma, at, address, page);
	if (pte_dirty(value) && !PageAnon(k, page)) set_page_dirty(k, page);
	dropResident(k, vma.vm_mm, page);
	page_remove_rmap(k, page);
	put_page(k, page);
	zap.gone.push(page);
}

function traceZap(k: Kernel, vma: vm_area_struct, start: number, end: number, gone: readonly Pfn[]): void {
	if (k.trace.on && gone.length > 0) traceArea(k, 'zap_page_range', vma.vm_mm, start, end, gone);
}

/**
 * Takes a range of a VMA out of the page tables; the tables stay.
 * @param end exclusive
 * @param keepsOrder pages of a nonlinear area come back where they were
 */
export function zap_page_range(k: Kernel, vma: vm_area_struct, start: number, end: number, keepsOrder = false): void {
	let flushed = 0;
	const zap: Zap = {gone: [], keepsOrder};
	forEachPte(k, vma.vm_mm, start, end, (at, value, address) => {
		flushed += value & _PAGE_PRESENT;
		zap_pte(k, vma, at, value, address, zap);
	});
	traceZap(k, vma, start, end, zap.gone);
	if (flushed > 0) charge(k, Math.min(flushed * COST.tlbFlushOneNs, COST.tlbFlushAllNs));
}

/**
 * Takes pages of a file out of every address space, as truncation does.
 * @param first page index
 * @param evenCows private copies too
 * @param last page index, included; without it, all from `first` on go
 */
export function unmap_mapping_range(
	k: Kernel,
	mapping: address_space,
	first: number,
	evenCows: boolean,
	last = Number.MAX_SAFE_INTEGER,
): void {
	for (const vma of mapping.i_mmap) {
		if ((vma.vm_flags & VM_NONLINEAR) !== 0) {
			zapNonlinear(k, vma, first, last);
			continue;
		}
		const start = vma.vm_start + Math.max(0, first - vma.vm_pgoff) * PAGE_SIZE;
		const end = Math.min(vma.vm_end, vma.vm_start + (last + 1 - vma.vm_pgoff) * PAGE_SIZE);
		if (start >= end) continue;
		if (evenCows || (vma.vm_flags & VM_SHARED) !== 0) zap_page_range(k, vma, start, end);
		else {
			const zap: Zap = {gone: [], keepsOrder: false};
			forEachPte(k, vma.vm_mm, start, end, (at, value, address) => {
				if (!pte_present(value) || !PageAnon(k, pte_pfn(k, at))) zap_pte(k, vma, at, value, address, zap);
			});
			traceZap(k, vma, start, end, zap.gone);
		}
	}
}

/** Takes pages of a file out of an area where they may lie anywhere. @see unmap_mapping_range_list() up to 3.19 */
function zapNonlinear(k: Kernel, vma: vm_area_struct, first: number, last: number): void {
	const zap: Zap = {gone: [], keepsOrder: true};
	forEachPte(k, vma.vm_mm, vma.vm_start, vma.vm_end, (at, value, address) => {
		if (!pte_present(value)) return;
		const index = k.mem_map.index[pte_pfn(k, at)]!;
		if (index >= first && index <= last) zap_pte(k, vma, at, value, address, zap);
	});
	traceZap(k, vma, vma.vm_start, vma.vm_end, zap.gone);
}

/** Frames that a VMA's entries hold, for whoever looks: one call per present entry. */
export function eachPresentPage(
	k: Kernel,
	vma: vm_area_struct,
	visit: (address: number, frame: Pfn, value: number) => void,
): void {
	forEachPte(k, vma.vm_mm, vma.vm_start, vma.vm_end, (at, value, address) => {
		if (pte_present(value)) visit(address, pte_pfn(k, at), pte_val(k, at));
	});
}
