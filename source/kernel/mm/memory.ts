/**
 * Models the fault side of mm/memory.c: handle_mm_fault, do_anonymous_page, do_wp_page, do_fault (2.6.11's do_no_page,
 * under the later name). 2.6.11 to 6.18.
 *
 * Faults that need no sleep are answered by plain functions (`try_handle_mm_fault`); whatever has to read a file,
 * reclaim memory or ask a driver goes through the generator.
 *
 * Not modelled: swap, huge pages, memory cgroups, userfaultfd, speculative faults.
 */
import type {Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_RW} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {copyFrame, enterPage, mapNewAnonPage} from './enter_page.ts';
import {filemap_map_around} from './fault_around.ts';
import {__GFP_ZERO, GFP_HIGHUSER_MOVABLE, GFP_KERNEL} from './gfp.ts';
import {
	FAULT_FLAG_WRITE,
	type FaultResult,
	type mm_struct,
	VM_FAULT_ERROR,
	VM_FAULT_LOCKED,
	VM_FAULT_MAJOR,
	VM_FAULT_NOPAGE,
	VM_FAULT_OOM,
	VM_FAULT_RETRY,
	VM_FAULT_SIGBUS,
	type vm_area_struct,
} from './mm_types.ts';
import {__free_pages, alloc_pages, put_page, try_alloc_pages} from './page_alloc.ts';
import {lock_page, unlock_page} from './page_lock.ts';
import {set_page_dirty} from './page-writeback.ts';
import {
	NO_PTE,
	type PteAt,
	pmd_alloc,
	pte_alloc_map,
	pte_file,
	pte_offset,
	pte_to_pgoff,
	pte_val,
	pte_write,
	set_pte,
	set_pte_bits,
} from './pgtable.ts';
import {anon_vma_prepare, linear_page_index} from './rmap.ts';
import {describeFault, do_page_mkwrite, do_wp_page, isShared, needsMkwrite, wp_page_shared} from './wp_page.ts';
import {_PAGE_SPECIAL} from './zap.ts';

/**
 * Brings in or makes writable the page at an address, if that can be done at once. The caller holds mmap_sem and has
 * checked that the VMA allows the access.
 * @param address any address in the VMA
 * @param flags FAULT_FLAG_WRITE
 */
export function try_handle_mm_fault(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	flags: number,
): FaultResult | MustSleep {
	// Held across time only by whoever copies tables; a plain function cannot spin.
	if (mm.page_table_lock.locked) return MUST_SLEEP;
	traceCall(k, 'handle_mm_fault', 'do_page_fault');
	const at = k.era.pteTablesAreLazy ? lazyTable(k, mm, address) : pte_alloc_map(k, mm, address);
	if (at === NO_PTE && !k.era.pteTablesAreLazy) return MUST_SLEEP;
	const value = at === NO_PTE ? 0 : pte_val(k, at);
	const write = (flags & FAULT_FLAG_WRITE) !== 0;
	if (value === 0) {
		if (vma.vm_ops?.fault) return write ? MUST_SLEEP : tryFaultAround(k, mm, vma, address);
		return noFaultMethod(k, mm, vma, address, at, write);
	}
	if (pte_file(value)) return MUST_SLEEP;
	if (write && !pte_write(value)) return do_wp_page(k, mm, vma, address, at, value);
	set_pte_bits(k, at, (value & 0xfff) | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0));
	return 0;
}

/**
 * As try_handle_mm_fault, but finishes what needs sleeping: driver and file faults, reclaim.
 * @returns VM_FAULT_ bits
 */
export function* handle_mm_fault(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	flags: number,
): Sleeps<FaultResult> {
	for (;;) {
		while (mm.page_table_lock.locked) yield mm.page_table_lock;
		const result = try_handle_mm_fault(k, mm, vma, address, flags);
		if (result !== MUST_SLEEP) return result;
		const at = k.era.pteTablesAreLazy ? pte_offset(k, mm, address) : pte_alloc_map(k, mm, address);
		const value = at === NO_PTE ? 0 : pte_val(k, at);
		if (value === 0 && vma.vm_ops?.fault) return yield* do_fault(k, mm, vma, address, flags);
		if (pte_file(value)) return yield* do_nonlinear_fault(k, mm, vma, address, at, flags);
		if (value !== 0 && needsMkwrite(vma)) return yield* wp_page_shared(k, vma, address, at, flags);
		// Memory was short. Reclaim a frame, give it back and try once more.
		const frame = yield* alloc_pages(k, at === NO_PTE ? GFP_KERNEL : GFP_HIGHUSER_MOVABLE, 0);
		if (frame === undefined) return VM_FAULT_OOM;
		__free_pages(k, frame, 0);
	}
}

/** From 4.7 on a fault makes the table of ptes only once there is something to enter. */
function lazyTable(k: Kernel, mm: mm_struct, address: number): PteAt {
	const at = pte_offset(k, mm, address);
	if (at === NO_PTE) pmd_alloc(k, mm, address);
	return at;
}

/** Where the mapped object has no fault method: anonymous memory, in the eras and cases that allow it. */
function noFaultMethod(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	found: PteAt,
	write: boolean,
): FaultResult | MustSleep {
	const plain = vma.vm_ops === null && !isShared(vma);
	if (!plain && k.era.faultlessMapping !== 'anonymous') return VM_FAULT_SIGBUS;
	return do_anonymous_page(k, mm, vma, address, found, write);
}

/** @param found the empty entry, or NO_PTE where its table is not there yet */
function do_anonymous_page(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	found: PteAt,
	write: boolean,
): FaultResult | MustSleep {
	const at = found === NO_PTE ? pte_alloc_map(k, mm, address) : found;
	if (at === NO_PTE) return MUST_SLEEP;
	if (!write) {
		const special = k.era.pteSpecial ? _PAGE_SPECIAL : 0;
		const protection = k.era.zeroPageWriteProtected ? vma.vm_page_prot & ~_PAGE_RW : vma.vm_page_prot;
		set_pte(k, at, k.layout.empty_zero_page, protection | special);
		charge(k, COST.pteNs);
		return 0;
	}
	anon_vma_prepare(k, vma);
	const frame = try_alloc_pages(k, GFP_HIGHUSER_MOVABLE | __GFP_ZERO, 0);
	if (frame === undefined) return MUST_SLEEP;
	mapNewAnonPage(k, mm, vma, address, at, frame);
	return 0;
}

// ── files and drivers ──────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A read fault of a file first maps what lies around it in the cache. @returns MUST_SLEEP when its own page was not
 * there
 */
function tryFaultAround(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number): FaultResult | MustSleep {
	if (!vma.vm_ops?.map_pages || k.era.faultAroundPages <= 1) return MUST_SLEEP;
	filemap_map_around(k, vma, address);
	const at = pte_offset(k, mm, address);
	return at === NO_PTE || pte_val(k, at) === 0 ? MUST_SLEEP : VM_FAULT_NOPAGE;
}

/** Asks the mapped object for the page. @see do_no_page() (2.6.11), __do_fault(), do_fault() */
function* do_fault(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	flags: number,
	pgoff = linear_page_index(vma, address),
): Sleeps<FaultResult> {
	const write = (flags & FAULT_FLAG_WRITE) !== 0;
	const cow = write && !isShared(vma);
	if (cow && k.era.anonVmaBeforeFault) anon_vma_prepare(k, vma);
	const vmf = {...describeFault(vma, address, flags), pgoff};
	const result = yield* vma.vm_ops!.fault!(k, vma, vmf);
	if ((result & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY)) !== 0) return result;
	const page = vmf.page;
	if (page === undefined) throw new Error(`${vma.vm_ops!.name}: fault answered with success but gave no page`);
	if ((result & VM_FAULT_LOCKED) === 0) yield* lock_page(k, page);
	const major = result & VM_FAULT_MAJOR;
	if (cow) return major | (yield* finishCow(k, mm, vma, address, page));
	if (write && vma.vm_ops!.page_mkwrite) {
		unlock_page(k, page);
		const refused = yield* do_page_mkwrite(k, vma, address, page, flags);
		if ((refused & VM_FAULT_ERROR) !== 0) {
			put_page(k, page);
			return refused;
		}
		yield* lock_page(k, page);
	}
	const mapped = enterPage(k, mm, vma, address, page, write);
	if (mapped && write) set_page_dirty(k, page);
	unlock_page(k, page);
	if (!mapped) put_page(k, page);
	return major;
}

/**
 * The entry says which page of the file belongs there. @see do_file_page() (2.6.11), do_nonlinear_fault()
 * @param at the entry
 */
function* do_nonlinear_fault(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	at: PteAt,
	flags: number,
): Sleeps<FaultResult> {
	const result = yield* do_fault(k, mm, vma, address, flags, pte_to_pgoff(k, at));
	const isMajor = k.era.remapFilePages === 'populate method' && (result & VM_FAULT_ERROR) === 0;
	return isMajor ? result | VM_FAULT_MAJOR : result;
}

/** Gives the mm a copy of the locked page and lets the page itself go. */
function* finishCow(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number, page: Pfn): Sleeps<FaultResult> {
	anon_vma_prepare(k, vma);
	const copy = yield* alloc_pages(k, GFP_HIGHUSER_MOVABLE, 0);
	if (copy !== undefined) copyFrame(k, copy, page);
	unlock_page(k, page);
	put_page(k, page);
	if (copy === undefined) return VM_FAULT_OOM;
	const at = pte_alloc_map(k, mm, address);
	if (at === NO_PTE || pte_val(k, at) !== 0) {
		__free_pages(k, copy, 0);
		return at === NO_PTE ? VM_FAULT_OOM : 0;
	}
	mapNewAnonPage(k, mm, vma, address, at, copy);
	return 0;
}
