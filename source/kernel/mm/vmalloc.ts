/**
 * Models mm/vmalloc.c: kernel memory that is contiguous by address only: vmalloc(), vmap(), and the areas that
 * ioremap() uses. Each area ends with a guard page that is never mapped.
 *
 * Kernels since 2.6.28 leave the address range of a freed area unusable until enough has come together for one flush.
 *
 * Not modelled: the memory that the bookkeeping itself takes, per-CPU vmap blocks, huge vmalloc pages; other mms see
 * new kernel tables at once, without the fault that copies the entry.
 */
import {
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	type Pfn,
	pageAlignUp,
	physToPfn,
} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {translateAddress} from '../../hardware/mmu.ts';
import {BUG, WARN} from '../bug.ts';
import {charge, in_interrupt} from '../cpu.ts';
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {might_sleep} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {__GFP_HIGHMEM, __GFP_ZERO, GFP_KERNEL} from './gfp.ts';
import {PAGE_KERNEL} from './init_tables.ts';
import {setPageUse} from './page.ts';
import {__free_pages, alloc_pages, try_alloc_pages} from './page_alloc.ts';
import {pte_alloc_kernel, pte_clear, pte_offset, set_pte} from './pgtable.ts';

export type VmAreaKind = 'vmalloc' | 'vmap' | 'ioremap' | 'user';

/** One area, as /proc/vmallocinfo shows it. */
type vm_struct = {
	readonly addr: KernelVirtualAddress;
	/** Bytes, the guard page included. */
	readonly size: number;
	readonly kind: VmAreaKind;
	/** Frames of vmalloc() and vmap(). */
	pages: readonly Pfn[];
	/** Of ioremap(). */
	readonly phys_addr: number | undefined;
	/** Who asked, as a symbol: `scullv_open+0x40/0x90`, as far as the caller says. */
	readonly caller: string;
};

type Range = {readonly start: number; readonly end: number; readonly area: vm_struct | undefined};

export type VmallocState = {
	/** Ascending; `area` undefined where a freed range waits for its flush. */
	readonly busy: Range[];
	lazyPages: number;
	purges: number;
};

export function vmalloc_init(k: Kernel): void {
	k.vmalloc = {busy: [], lazyPages: 0, purges: 0};
}

const alignUp = (value: number, align: number) => Math.ceil(value / align) * align;

/** How much freed address space may wait: 32 MiB for each doubling of the number of CPUs. @see lazy_max_pages() */
const lazyMaxPages = (k: Kernel) => (32 - Math.clz32(k.sched.cpus.length)) * ((32 << 20) / PAGE_SIZE);

/** The lowest range that is free. @returns undefined when the address space is full */
function findRange(k: Kernel, size: number, align: number): {start: number; at: number} | undefined {
	const {VMALLOC_START, VMALLOC_END} = k.layout;
	const gap = k.era.vmallocGapPages * PAGE_SIZE;
	const {busy} = k.vmalloc;
	let start = alignUp(VMALLOC_START, align);
	let at = 0;
	for (; at < busy.length && start + size > busy[at]!.start; at++)
		start = Math.max(start, alignUp(busy[at]!.end + gap, align));
	return start + size > VMALLOC_END ? undefined : {start, at};
}

/** Makes freed ranges usable again, with one flush of the TLBs. */
function purge_vmap_area_lazy(k: Kernel): boolean {
	const {busy} = k.vmalloc;
	if (k.vmalloc.lazyPages === 0) return false;
	const left = busy.filter(range => range.area);
	busy.length = 0;
	busy.push(...left);
	k.vmalloc.lazyPages = 0;
	k.vmalloc.purges++;
	charge(k, COST.tlbFlushAllNs + COST.ipiNs * (k.sched.cpus.length - 1));
	return true;
}

type Wanted = {
	readonly sizeBytes: number;
	readonly kind: VmAreaKind;
	readonly caller: string;
	readonly align?: number;
	readonly phys_addr?: number;
};

/** Reserves an area and its guard page. @returns undefined when the address space is full */
export function get_vm_area(k: Kernel, wanted: Wanted): vm_struct | undefined {
	const size = pageAlignUp(wanted.sizeBytes) + PAGE_SIZE;
	const align = wanted.align ?? PAGE_SIZE;
	let place = findRange(k, size, align);
	if (!place && purge_vmap_area_lazy(k)) place = findRange(k, size, align);
	if (!place) {
		printk(k, 4, `vmap allocation for size ${size} failed: use vmalloc=<size> to increase size.`);
		return undefined;
	}
	charge(k, COST.vmaNs);
	const area: vm_struct = {
		addr: kernelAddress(place.start),
		size,
		kind: wanted.kind,
		pages: [],
		phys_addr: wanted.phys_addr,
		caller: wanted.caller,
	};
	k.vmalloc.busy.splice(place.at, 0, {start: place.start, end: place.start + size, area});
	return area;
}

/** The area that starts at an address. */
export const find_vm_area = (k: Kernel, address: KernelVirtualAddress): vm_struct | undefined =>
	k.vmalloc.busy.find(range => range.area && range.start === address)?.area;

/** Writes the page-table entries of an area. @returns false when a page table could not be had */
export function map_vm_area(k: Kernel, area: vm_struct, frames: readonly Pfn[], protection: number): boolean {
	for (const [i, frame] of frames.entries()) {
		const pte = pte_alloc_kernel(k, area.addr + i * PAGE_SIZE);
		if (pte === 0) return false;
		set_pte(k, pte, frame, protection);
		charge(k, COST.pteNs);
	}
	return true;
}

/** Clears an area's page-table entries and gives its addresses back, at once or at the next purge. */
export function remove_vm_area(k: Kernel, area: vm_struct): void {
	for (let address: number = area.addr; address < area.addr + area.size - PAGE_SIZE; address += PAGE_SIZE) {
		const pte = pte_offset(k, {pgd: k.layout.swapper_pg_dir}, address);
		if (pte !== 0) pte_clear(k, pte);
		charge(k, COST.pteNs);
	}
	const {busy} = k.vmalloc;
	const at = busy.findIndex(range => range.area === area);
	if (!k.era.vmallocFreesLazily) {
		busy.splice(at, 1);
		charge(k, COST.tlbFlushAllNs);
		return;
	}
	busy[at] = {start: area.addr, end: area.addr + area.size, area: undefined};
	k.vmalloc.lazyPages += area.size / PAGE_SIZE;
	if (k.vmalloc.lazyPages > lazyMaxPages(k)) purge_vmap_area_lazy(k);
}

// ── vmalloc ────────────────────────────────────────────────────────────────────────────────────────────────────────

function wantsTooMuch(k: Kernel, sizeBytes: number) {
	const pages = Math.ceil(sizeBytes / PAGE_SIZE);
	return pages === 0 || pages > k.pages.zones.reduce((sum, zone) => sum + zone.managed_pages, 0);
}

function finish(
	k: Kernel,
	area: vm_struct,
	frames: readonly Pfn[],
	complete: boolean,
): KernelVirtualAddress | undefined {
	area.pages = frames;
	for (const frame of frames) setPageUse(k, frame, 'vmalloc');
	if (complete && map_vm_area(k, area, frames, PAGE_KERNEL)) return area.addr;
	printk(k, 4, `vmalloc: allocation failure: ${area.size - PAGE_SIZE} bytes`);
	freeArea(k, area);
	return undefined;
}

/**
 * Allocates pages, from high memory where there is some, and maps them side by side; may sleep. LDD3 ch. 8.
 * @param caller symbol of the caller, for vmallocinfo
 * @returns undefined for a size of 0 and when memory or addresses are out
 */
export function* vmalloc(
	k: Kernel,
	sizeBytes: number,
	caller: string,
	gfp = GFP_KERNEL | __GFP_HIGHMEM,
): Sleeps<KernelVirtualAddress | undefined> {
	if (in_interrupt(k)) BUG(k, k.era.vmallocBugs.vmallocInInterrupt);
	might_sleep(k, k.era.allocMightSleepAt);
	if (wantsTooMuch(k, sizeBytes)) return undefined;
	const area = get_vm_area(k, {sizeBytes, kind: 'vmalloc', caller});
	if (!area) return undefined;
	const count = area.size / PAGE_SIZE - 1;
	const frames: Pfn[] = [];
	while (frames.length < count) {
		const frame = yield* alloc_pages(k, gfp, 0);
		if (frame === undefined) break;
		frames.push(frame);
	}
	return finish(k, area, frames, frames.length === count);
}

/** Zeroed memory that may be mapped to user space. */
export const vmalloc_user = (k: Kernel, sizeBytes: number, caller: string): Sleeps<KernelVirtualAddress | undefined> =>
	vmalloc(k, sizeBytes, caller, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO);
/** As vmalloc(), as far as it goes without sleeping. */
export function try_vmalloc(
	k: Kernel,
	sizeBytes: number,
	caller: string,
	gfp = GFP_KERNEL | __GFP_HIGHMEM,
): KernelVirtualAddress | undefined {
	if (wantsTooMuch(k, sizeBytes)) return undefined;
	const area = get_vm_area(k, {sizeBytes, kind: 'vmalloc', caller});
	if (!area) return undefined;
	const count = area.size / PAGE_SIZE - 1;
	const frames: Pfn[] = [];
	while (frames.length < count) {
		const frame = try_alloc_pages(k, gfp, 0);
		if (frame === undefined) break;
		frames.push(frame);
	}
	return finish(k, area, frames, frames.length === count);
}

function freeArea(k: Kernel, area: vm_struct): void {
	remove_vm_area(k, area);
	if (area.kind !== 'vmalloc') return;
	for (const frame of area.pages) __free_pages(k, frame, 0);
}

function unmapArea(k: Kernel, address: KernelVirtualAddress, caller: 'vfree' | 'vunmap'): void {
	if (address === 0) return;
	const text = hex8(address);
	if (address % PAGE_SIZE !== 0) {
		WARN(k, k.era.vmallocBugs.vfreeBadAddress, `Trying to vfree() bad address (${text})`);
		return;
	}
	const area = find_vm_area(k, address);
	if (!area || (caller === 'vfree' && area.kind === 'ioremap')) {
		WARN(k, k.era.vmallocBugs.vfreeNonexistent, `Trying to vfree() nonexistent vm area (${text})`);
		return;
	}
	freeArea(k, area);
}

/** Frees what vmalloc() gave. Not from an interrupt. */
export function vfree(k: Kernel, address: KernelVirtualAddress): void {
	if (in_interrupt(k) && !k.era.vfreeDefersInInterrupt) BUG(k, k.era.vmallocBugs.vfreeInInterrupt);
	if (!in_interrupt(k)) might_sleep(k, k.era.vmallocBugs.vfreeSleepsIn);
	unmapArea(k, address, 'vfree');
}

/** Maps pages that the caller has, side by side. @returns undefined when addresses or page tables are out */
export function vmap(k: Kernel, pages: readonly Pfn[], caller: string): KernelVirtualAddress | undefined {
	if (pages.length === 0) return undefined;
	const area = get_vm_area(k, {sizeBytes: pages.length * PAGE_SIZE, kind: 'vmap', caller});
	if (!area) return undefined;
	area.pages = [...pages];
	if (map_vm_area(k, area, pages, PAGE_KERNEL)) return area.addr;
	remove_vm_area(k, area);
	return undefined;
}

/** Undoes vmap(); the pages stay the caller's. */
export function vunmap(k: Kernel, address: KernelVirtualAddress): void {
	if (in_interrupt(k)) BUG(k, k.era.vmallocBugs.vfreeInInterrupt);
	unmapArea(k, address, 'vunmap');
}

/** Frame behind a vmalloc address, by the kernel's page tables. @returns undefined where nothing is mapped */
export function vmalloc_to_page(k: Kernel, address: KernelVirtualAddress): Pfn | undefined {
	const physical = translateAddress(k.hw.ram, k.hw.paging, k.layout.swapper_pg_dir, address);
	return physical === undefined ? undefined : physToPfn(physical);
}

/** Areas in the order of their addresses, as /proc/vmallocinfo lists them. */
export const vmallocAreas = (k: Kernel): vm_struct[] =>
	k.vmalloc.busy.flatMap(range => (range.area ? [range.area] : []));

/** VmallocTotal, VmallocUsed, VmallocChunk of /proc/meminfo, in bytes. */
export function vmallocTotals(k: Kernel): {total: number; used: number; largestChunk: number} {
	const {VMALLOC_START, VMALLOC_END} = k.layout;
	let used = 0;
	let largestChunk = 0;
	let at: number = VMALLOC_START;
	for (const range of k.vmalloc.busy) {
		largestChunk = Math.max(largestChunk, range.start - at);
		at = range.end;
		if (range.area) used += range.area.size;
	}
	return {total: VMALLOC_END - VMALLOC_START, used, largestChunk: Math.max(largestChunk, VMALLOC_END - at)};
}
