/**
 * Models the fault side of mm/memory.c: handle_mm_fault, do_anonymous_page, do_wp_page, do_fault (2.6.11's do_no_page,
 * under the later name). 2.6.11 to 6.18.
 *
 * Faults that need no sleep are answered by plain functions (`try_handle_mm_fault`); whatever has to read a file, reclaim
 * memory or ask a driver goes through the generator.
 *
 * Not modelled: swap, nonlinear mappings, huge pages, memory cgroups, userfaultfd, speculative faults.
 */
import {PAGE_SIZE, type Pfn, pageAlignDown, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_RW} from '../../hardware/mmu.ts';
import type {Kernel} from '../kernel.ts';
import {charge} from '../sched.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {trace, traceCall} from '../trace.ts';
import {filemap_map_around} from './fault_around.ts';
import {__GFP_ZERO, GFP_HIGHUSER_MOVABLE, GFP_KERNEL} from './gfp.ts';
import {
	FAULT_FLAG_MKWRITE,
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
	VM_FAULT_WRITE,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
	type vm_fault,
} from './mm_types.ts';
import {
	get_page,
	PageAnon,
	PG_anon_exclusive,
	PG_swapbacked,
	PG_uptodate,
	page_count,
	page_mapcount,
	pfn_valid,
	setPageFlag,
	testPageFlag,
} from './page.ts';
import {__free_pages, alloc_pages, put_page, try_alloc_pages} from './page_alloc.ts';
import {lock_page, unlock_page} from './page_lock.ts';
import {set_page_dirty} from './page-writeback.ts';
import {
	NO_PTE,
	type PteAt,
	pmd_alloc,
	pte_alloc_map,
	pte_offset,
	pte_pfn,
	pte_val,
	pte_write,
	set_pte,
	set_pte_bits,
} from './pgtable.ts';
import {
	addResident,
	anon_vma_prepare,
	dropResident,
	linear_page_index,
	page_add_new_anon_rmap,
	page_dup_rmap,
	page_remove_rmap,
} from './rmap.ts';
import {lru_cache_add} from './vmscan.ts';
import {_PAGE_SPECIAL, vm_normal_page} from './zap.ts';

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
	traceCall(k, 'handle_mm_fault', 'do_page_fault');
	const at = k.era.pteTablesAreLazy ? lazyTable(k, mm, address) : pte_alloc_map(k, mm, address);
	if (at === NO_PTE && !k.era.pteTablesAreLazy) return MUST_SLEEP;
	const value = at === NO_PTE ? 0 : pte_val(k, at);
	const write = (flags & FAULT_FLAG_WRITE) !== 0;
	if (value === 0) {
		if (vma.vm_ops?.fault) return write ? MUST_SLEEP : tryFaultAround(k, mm, vma, address);
		return noFaultMethod(k, mm, vma, address, write);
	}
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
		const result = try_handle_mm_fault(k, mm, vma, address, flags);
		if (result !== MUST_SLEEP) return result;
		const at = k.era.pteTablesAreLazy ? pte_offset(k, mm, address) : pte_alloc_map(k, mm, address);
		const value = at === NO_PTE ? 0 : pte_val(k, at);
		if (value === 0 && vma.vm_ops?.fault) return yield* do_fault(k, mm, vma, address, flags);
		if (value !== 0 && needsMkwrite(vma)) return yield* wp_page_shared(k, vma, address, at, flags);
		// Memory was short. Reclaim a frame, give it back and try once more.
		const frame = yield* alloc_pages(k, at === NO_PTE ? GFP_KERNEL : GFP_HIGHUSER_MOVABLE, 0);
		if (frame === undefined) return VM_FAULT_OOM;
		__free_pages(k, frame, 0);
	}
}

/** From 4.7 on a fault makes the table of ptes only once there is something to enter. */
function lazyTable(k: Kernel, mm: mm_struct, address: number): PteAt {
	pmd_alloc(k, mm, address);
	return pte_offset(k, mm, address);
}

/** Makes an entry writable if the VMA is; copy-on-write pages of a read-only VMA stay read-only. */
const maybe_mkwrite = (vma: vm_area_struct) => ((vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0);

const isShared = (vma: vm_area_struct) => (vma.vm_flags & VM_SHARED) !== 0;

/** Where the mapped object has no fault method: anonymous memory, in the eras and cases that allow it. */
function noFaultMethod(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	write: boolean,
): FaultResult | MustSleep {
	const plain = vma.vm_ops === null && !isShared(vma);
	if (!plain && k.era.faultlessMapping !== 'anonymous') return VM_FAULT_SIGBUS;
	return do_anonymous_page(k, mm, vma, address, write);
}

function do_anonymous_page(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	write: boolean,
): FaultResult | MustSleep {
	const at = pte_alloc_map(k, mm, address);
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

/** Enters a page that nobody else has seen. */
export function mapNewAnonPage(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number, at: PteAt, frame: Pfn): void {
	setPageFlag(k, frame, PG_uptodate);
	setPageFlag(k, frame, PG_swapbacked);
	page_add_new_anon_rmap(k, frame, vma, address);
	addResident(k, mm, frame);
	lru_cache_add(k, frame);
	set_pte(k, at, frame, vma.vm_page_prot | _PAGE_DIRTY | maybe_mkwrite(vma));
	charge(k, COST.pteNs);
	trace(k, 'rss_stat', () => `mm_id=${mm.id} curr=1 type=MM_ANONPAGES size=${mm.rss_anon * PAGE_SIZE}B`);
}

// ── write to a read-only entry ─────────────────────────────────────────────────────────────────────────────────────

const needsMkwrite = (vma: vm_area_struct) => isShared(vma) && vma.vm_ops?.page_mkwrite !== undefined;

/** The VMA allows writing but the entry does not: make the page writable, or give this mm a copy of its own. */
function do_wp_page(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	at: PteAt,
	value: number,
): FaultResult | MustSleep {
	const frame = pte_pfn(k, at);
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
	}
	mapNewAnonPage(k, mm, vma, address, at, copy);
	charge(k, COST.tlbFlushOneNs);
	if (page !== undefined) put_page(k, page);
	return VM_FAULT_WRITE;
}

/** Copies a page, also one of device memory, which only the bus can read. */
export function copyFrame(k: Kernel, to: Pfn, from: Pfn): void {
	charge(k, COST.copyPageNs);
	const physical = from * PAGE_SIZE;
	const region = k.hw.bus.regions.find(
		each => physical < each.start + each.sizeBytes && physical + PAGE_SIZE > each.start,
	);
	if (!region && pfn_valid(k, from)) return k.hw.ram.copyPage(to, from);
	const bytes = k.hw.ram.pageForWrite(to);
	for (let offset = 0; offset < PAGE_SIZE; offset += 4) {
		const word = k.hw.bus.read((physical + offset) as Parameters<typeof k.hw.bus.read>[0], 4);
		bytes[offset] = word;
		bytes[offset + 1] = word >>> 8;
		bytes[offset + 2] = word >>> 16;
		bytes[offset + 3] = word >>> 24;
	}
}

/** A shared page whose owner wants to know of the first write. @see wp_page_shared() */
function* wp_page_shared(
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

function* do_page_mkwrite(
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

// ── files and drivers ──────────────────────────────────────────────────────────────────────────────────────────────

const describeFault = (vma: vm_area_struct, address: number, flags: number): vm_fault => ({
	flags,
	pgoff: linear_page_index(vma, address),
	virtual_address: userAddress(pageAlignDown(address)),
	page: undefined,
});

/** A read fault of a file first maps what lies around it in the cache. @returns MUST_SLEEP when its own page was not there */
function tryFaultAround(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number): FaultResult | MustSleep {
	if (!vma.vm_ops?.map_pages || k.era.faultAroundPages <= 1) return MUST_SLEEP;
	filemap_map_around(k, vma, address);
	const at = pte_offset(k, mm, address);
	return at === NO_PTE || pte_val(k, at) === 0 ? MUST_SLEEP : VM_FAULT_NOPAGE;
}

/** Asks the mapped object for the page. @see do_no_page() (2.6.11), __do_fault(), do_fault() */
function* do_fault(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number, flags: number): Sleeps<FaultResult> {
	const write = (flags & FAULT_FLAG_WRITE) !== 0;
	const cow = write && !isShared(vma);
	if (cow && k.era.anonVmaBeforeFault) anon_vma_prepare(k, vma);
	const vmf = describeFault(vma, address, flags);
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

/** Enters a page of a file or driver, whose reference the entry takes over. @returns false when another fault was faster */
export function enterPage(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	page: Pfn,
	write: boolean,
): boolean {
	const at = pte_alloc_map(k, mm, address);
	if (at === NO_PTE || pte_val(k, at) !== 0) return false;
	const bits = vma.vm_page_prot | (write ? _PAGE_DIRTY | maybe_mkwrite(vma) : 0);
	set_pte(k, at, page, bits);
	charge(k, COST.pteNs);
	if (vm_normal_page(k, bits, page) === undefined) return true;
	addResident(k, mm, page);
	page_dup_rmap(k, page);
	trace(k, 'rss_stat', () => `mm_id=${mm.id} curr=1 type=MM_FILEPAGES size=${mm.rss_file * PAGE_SIZE}B`);
	return true;
}
