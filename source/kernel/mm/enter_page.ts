/**
 * Models the parts of mm/memory.c that fill one page-table entry with a page and count it (2.6.11 to 6.18).
 */
import {PAGE_SIZE, type Pfn, physicalAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_DIRTY, _PAGE_RW} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {trace} from '../trace.ts';
import {oneFrame} from '../trace_touch.ts';
import {type mm_struct, VM_WRITE, type vm_area_struct} from './mm_types.ts';
import {PG_swapbacked, PG_uptodate, pfn_valid, setPageFlag} from './page.ts';
import {NO_PTE, type PteAt, pte_alloc_map, pte_file, pte_val, set_pte} from './pgtable.ts';
import {addResident, page_add_new_anon_rmap, page_dup_rmap} from './rmap.ts';
import {lru_cache_add} from './vmscan.ts';
import {vm_normal_page} from './zap.ts';

/** Makes an entry writable if the VMA is; copy-on-write pages of a read-only VMA stay read-only. */
export const maybe_mkwrite = (vma: vm_area_struct) => ((vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0);

function traceRss(k: Kernel, mm: mm_struct, type: string, pages: number, frame: Pfn): void {
	const {id} = mm;
	trace(k, 'rss_stat', () => `mm_id=${id} curr=1 type=${type} size=${pages * PAGE_SIZE}B`, {frames: oneFrame(frame)});
}

/** Enters a page that nobody else has seen. */
export function mapNewAnonPage(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	at: PteAt,
	frame: Pfn,
): void {
	setPageFlag(k, frame, PG_uptodate);
	setPageFlag(k, frame, PG_swapbacked);
	page_add_new_anon_rmap(k, frame, vma, address);
	addResident(k, mm, frame);
	lru_cache_add(k, frame);
	set_pte(k, at, frame, vma.vm_page_prot | _PAGE_DIRTY | maybe_mkwrite(vma));
	charge(k, COST.pteNs);
	if (k.trace.on) traceRss(k, mm, 'MM_ANONPAGES', mm.rss_anon, frame);
}

/**
 * Enters a page of a file or driver, whose reference the entry takes over. @returns false when another fault was faster
 */
export function enterPage(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	page: Pfn,
	write: boolean,
): boolean {
	const at = pte_alloc_map(k, mm, address);
	if (at === NO_PTE || (pte_val(k, at) !== 0 && !pte_file(pte_val(k, at)))) return false;
	const bits = vma.vm_page_prot | (write ? _PAGE_DIRTY | maybe_mkwrite(vma) : 0);
	set_pte(k, at, page, bits);
	charge(k, COST.pteNs);
	if (vm_normal_page(k, bits, page) === undefined) return true;
	addResident(k, mm, page);
	page_dup_rmap(k, page);
	if (k.trace.on) traceRss(k, mm, 'MM_FILEPAGES', mm.rss_file, page);
	return true;
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
		const word = k.hw.bus.read(physicalAddress(physical + offset), 4);
		bytes[offset] = word;
		bytes[offset + 1] = word >>> 8;
		bytes[offset + 2] = word >>> 16;
		bytes[offset + 3] = word >>> 24;
	}
}
