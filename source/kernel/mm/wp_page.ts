/**
 * Models do_wp_page of mm/memory.c (2.6.11 to 6.18): the VMA allows writing, the page-table entry does not.
 *
 * Not modelled: swap counts, KSM pages.
 */
import {type Pfn, pageAlignDown, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_RW} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {traceFrame} from '../trace.ts';
import {copyFrame, mapNewAnonPage, maybe_mkwrite} from './enter_page.ts';
import {__GFP_ZERO, GFP_HIGHUSER_MOVABLE} from './gfp.ts';
import {
	FAULT_FLAG_MKWRITE,
	type FaultResult,
	type mm_struct,
	VM_FAULT_ERROR,
	VM_FAULT_LOCKED,
	VM_FAULT_OOM,
	VM_FAULT_WRITE,
	VM_SHARED,
	type vm_area_struct,
	type vm_fault,
} from './mm_types.ts';
import {
	get_page,
	PageAnon,
	PG_anon_exclusive,
	page_count,
	page_mapcount,
	pfn_valid,
	setPageFlag,
	testPageFlag,
} from './page.ts';
import {put_page, try_alloc_pages} from './page_alloc.ts';
import {unlock_page} from './page_lock.ts';
import {set_page_dirty} from './page-writeback.ts';
import {type PteAt, pte_pfn, pte_val, set_pte_bits} from './pgtable.ts';
import {anon_vma_prepare, dropResident, linear_page_index, page_remove_rmap} from './rmap.ts';
import {vm_normal_page} from './zap.ts';

export const isShared = (vma: vm_area_struct) => (vma.vm_flags & VM_SHARED) !== 0;

export const needsMkwrite = (vma: vm_area_struct) => isShared(vma) && vma.vm_ops?.page_mkwrite !== undefined;

/** The VMA allows writing but the entry does not: make the page writable, or give this mm a copy of its own. */
export function do_wp_page(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	at: PteAt,
	value: number,
): FaultResult | MustSleep {
	const frame = pte_pfn(k, at);
	if (k.era.wpOfFrameWithoutPage === 'kills' && !pfn_valid(k, frame)) {
		printk(k, 3, `do_wp_page: bogus page at address ${hex8(address)}`);
		return VM_FAULT_OOM;
	}
	const page = vm_normal_page(k, value, frame);
	// 2.6.11 looks at the page alone: the zero page of a shared area without a fault method is copied like any other.
	const copiesZero = frame === k.layout.empty_zero_page && k.era.zeroPageWriteProtected;
	if (isShared(vma) && !copiesZero) {
		if (page !== undefined && needsMkwrite(vma)) return MUST_SLEEP;
		if (page !== undefined) set_page_dirty(k, page);
		return reuse(k, vma, at, value);
	}
	if (page !== undefined && mayReuse(k, page)) return reuse(k, vma, at, value);
	return wp_page_copy(k, mm, vma, address, at, page, frame);
}

function mayReuse(k: Kernel, page: Pfn): boolean {
	if (!PageAnon(k, page)) return false;
	switch (k.era.wpReuse) {
		case 'mapped once':
			return page_mapcount(k, page) === 1;
		case 'held once':
			return page_count(k, page) === 1;
		case 'exclusive or held once':
			if (testPageFlag(k, page, PG_anon_exclusive)) return true;
			if (page_count(k, page) !== 1) return false;
			setPageFlag(k, page, PG_anon_exclusive);
			return true;
	}
}

function reuse(k: Kernel, vma: vm_area_struct, at: PteAt, value: number): FaultResult {
	set_pte_bits(k, at, (value & 0xfff) | _PAGE_ACCESSED | _PAGE_DIRTY | maybe_mkwrite(vma));
	charge(k, COST.pteNs + COST.tlbFlushOneNs);
	k.vm_events.pgreuse++;
	return VM_FAULT_WRITE;
}

function wp_page_copy(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	at: PteAt,
	page: Pfn | undefined,
	source: Pfn,
): FaultResult | MustSleep {
	anon_vma_prepare(k, vma);
	const fromZero = source === k.layout.empty_zero_page;
	const copy = try_alloc_pages(k, fromZero ? GFP_HIGHUSER_MOVABLE | __GFP_ZERO : GFP_HIGHUSER_MOVABLE, 0);
	if (copy === undefined) return MUST_SLEEP;
	if (!fromZero) copyFrame(k, copy, source);
	if (page !== undefined) {
		dropResident(k, mm, page);
		page_remove_rmap(k, page);
		traceFrame(k, 'do_wp_page', page);
	}
	mapNewAnonPage(k, mm, vma, address, at, copy);
	charge(k, COST.tlbFlushOneNs);
	if (page !== undefined) put_page(k, page);
	return VM_FAULT_WRITE;
}

/** Whether a pin for reading must not be taken yet: the page could become another's. @see gup_must_unshare() */
export const gup_must_unshare = (k: Kernel, value: number, page: Pfn): boolean =>
	k.era.pinUnshares && (value & _PAGE_RW) === 0 && PageAnon(k, page) && !testPageFlag(k, page, PG_anon_exclusive);

/**
 * Gives this mm an anonymous page of its own that it may read: the one that it has, if no one else holds it, or a copy.
 * The entry stays write-protected.
 */
export function unshare_page(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	at: PteAt,
): FaultResult | MustSleep {
	const page = pte_pfn(k, at);
	if (page_count(k, page) === 1) {
		setPageFlag(k, page, PG_anon_exclusive);
		return 0;
	}
	const result = wp_page_copy(k, mm, vma, address, at, page, page);
	if (result !== MUST_SLEEP) set_pte_bits(k, at, pte_val(k, at) & 0xfff & ~(_PAGE_RW | _PAGE_DIRTY));
	return result;
}

/** A shared page whose owner wants to know of the first write. @see wp_page_shared() */
export function* wp_page_shared(
	k: Kernel,
	vma: vm_area_struct,
	address: number,
	at: PteAt,
	flags: number,
): Sleeps<FaultResult> {
	const page = pte_pfn(k, at);
	get_page(k, page);
	const result = yield* do_page_mkwrite(k, vma, address, page, flags);
	if ((result & VM_FAULT_ERROR) === 0) {
		const value = pte_val(k, at);
		// The page may have been truncated or reclaimed while the owner prepared the write.
		if (value !== 0 && pte_pfn(k, at) === page) {
			set_page_dirty(k, page);
			reuse(k, vma, at, value);
		}
	}
	put_page(k, page);
	return (result & VM_FAULT_ERROR) === 0 ? VM_FAULT_WRITE : result;
}

export function* do_page_mkwrite(
	k: Kernel,
	vma: vm_area_struct,
	address: number,
	page: Pfn,
	flags: number,
): Sleeps<FaultResult> {
	const vmf: vm_fault = {...describeFault(vma, address, flags | FAULT_FLAG_MKWRITE), page};
	const result = yield* vma.vm_ops!.page_mkwrite!(k, vma, vmf);
	if ((result & VM_FAULT_LOCKED) !== 0) unlock_page(k, page);
	return result;
}

export const describeFault = (vma: vm_area_struct, address: number, flags: number): vm_fault => ({
	flags,
	pgoff: linear_page_index(vma, address),
	virtual_address: userAddress(pageAlignDown(address)),
	page: undefined,
});
