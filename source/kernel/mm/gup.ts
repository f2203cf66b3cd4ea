/**
 * Models get_user_pages of mm/memory.c (2.6.11 to 3.2) and mm/gup.c (5.10 to 6.18): user pages held by the kernel so
 * that a device can reach them. Every hold is written down in `k.mm.pins` until it is given back.
 *
 * Not modelled: huge pages, FOLL_NOWAIT, the runaway of 2.6.11 when asked for no pages.
 */
import {PAGE_SIZE, type Pfn, pageAlignDown, type UserAddress, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {WARN_ON} from '../bug.ts';
import {charge} from '../cpu.ts';
import {EFAULT, ENOMEM, ERESTARTSYS} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {task_struct} from '../sched.ts';
import {MUST_SLEEP, type Sleeps} from '../time.ts';
import {traceFrame} from '../trace.ts';
import {made} from '../watch.ts';
import {count_fault, expand_stack} from './fault.ts';
import {GFP_HIGHUSER_MOVABLE} from './gfp.ts';
import {handle_mm_fault, try_handle_mm_fault} from './memory.ts';
import type {Pin} from './mm.ts';
import {
	FAULT_FLAG_WRITE,
	type mm_struct,
	VM_FAULT_ERROR,
	VM_FAULT_OOM,
	VM_GROWSDOWN,
	VM_MAYREAD,
	VM_MAYWRITE,
	VM_READ,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from './mm_types.ts';
import {get_page, PageAnon, PageDirty, PageReserved, page_count} from './page.ts';
import {alloc_pages, put_page} from './page_alloc.ts';
import {set_page_dirty} from './page-writeback.ts';
import {NO_PTE, pte_dirty, pte_offset, pte_pfn, pte_present, pte_val, pte_write} from './pgtable.ts';
import {get_gate_vma, in_gate_area} from './vdso.ts';
import {gup_must_unshare, unshare_page} from './wp_page.ts';
import {_PAGE_SPECIAL, vm_normal_page} from './zap.ts';

/**
 * Has a page present (and, for `write`, writable) as an access would. mmap_sem held for reading; may sleep.
 * @returns 0, -EFAULT, -ENOMEM
 */
export function* faultin_page(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	address: number,
	write: boolean,
): Sleeps<number> {
	const flags = write ? FAULT_FLAG_WRITE : 0;
	for (;;) {
		if (isThere(k, mm, vma, address, write)) return 0;
		if (!write && isUntouched(k, mm, vma, address)) return 0;
		const quick = try_handle_mm_fault(k, mm, vma, address, flags);
		const result = quick === MUST_SLEEP ? yield* handle_mm_fault(k, mm, vma, address, flags) : quick;
		if ((result & VM_FAULT_OOM) !== 0) return -ENOMEM;
		if ((result & VM_FAULT_ERROR) !== 0) return -EFAULT;
		count_fault(k, result);
		// A forced write into a private read-only VMA has its copy now, though the entry stays read-only.
		if (write && (vma.vm_flags & VM_WRITE) === 0) return 0;
	}
}

function isThere(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number, write: boolean): boolean {
	const at = pte_offset(k, mm, address);
	if (at === NO_PTE) return false;
	const value = pte_val(k, at);
	if (!pte_present(value)) return false;
	if (!write || pte_write(value)) return true;
	const forced = (vma.vm_flags & VM_WRITE) === 0;
	return forced && pte_dirty(value) && PageAnon(k, pte_pfn(k, at));
}

/** 2.6.11 lends out the zero page, without entering it, for anonymous memory that has no page table yet. */
function isUntouched(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number): boolean {
	if (!k.era.gupSkipsUntouched || vma.vm_ops?.fault || (vma.vm_flags & VM_SHARED) !== 0) return false;
	return pte_offset(k, mm, address) === NO_PTE;
}

/** Whether a VMA lets its pages be taken at all. @see check_vma_flags() */
function mayTake(k: Kernel, vma: vm_area_struct, write: boolean, force: boolean): boolean {
	const {vm_flags: flags} = vma;
	if ((flags & k.era.gupRefuses) !== 0) return false;
	if (write) {
		if ((flags & VM_WRITE) !== 0) return true;
		if (!force || (flags & VM_MAYWRITE) === 0) return false;
		return !k.era.forceWritesPrivateOnly || (flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE;
	}
	return (flags & (force ? VM_MAYREAD : VM_READ)) !== 0;
}

/** The VMA at an address, growing a stack that ends just above it. */
function find_extend_vma(k: Kernel, mm: mm_struct, address: number): vm_area_struct | undefined {
	const vma = mm.mmap.find(address);
	if (!vma || vma.vm_start <= address) return vma;
	if ((vma.vm_flags & VM_GROWSDOWN) === 0) return undefined;
	return expand_stack(k, vma, address) === 0 ? vma : undefined;
}

/**
 * Takes a reference on the pages behind user addresses, faulting them in. mmap_sem must be held for reading; may sleep.
 * @param tsk whose faults they count as; for whom it is done
 * @param start need not be page aligned
 * @param len pages wanted
 * @param write whether they will be written to: breaks copy-on-write first
 * @param force needs only the MAY bits of the VMA
 * @param pages filled with frames, or null to fault only
 * @param vmas filled with their VMAs, or null
 * @returns pages taken (fewer than wanted when a later one cannot be had), or -EFAULT, -ENOMEM, -ERESTARTSYS for the
 * first
 * @see LDD3 page 435
 */
export function* get_user_pages(
	k: Kernel,
	tsk: task_struct,
	mm: mm_struct,
	start: UserAddress,
	len: number,
	write: boolean,
	force: boolean,
	pages: Pfn[] | null,
	vmas: vm_area_struct[] | null,
): Sleeps<number> {
	const sem = mm.mmap_sem;
	WARN_ON(k, sem.readers.length === 0 && sem.writer === undefined, 'mm/gup.c: mmap_sem is not held');
	return yield* __get_user_pages(k, tsk, mm, start, len, {write, force, hold: 'get'}, pages, vmas);
}

/** How pages are wanted: for writing, by force, and held by one reference or pinned for DMA (FOLL_PIN, 5.6 on). */
export type GupFlags = {readonly write: boolean; readonly force: boolean; readonly hold: 'get' | 'pin'};

export function* __get_user_pages(
	k: Kernel,
	tsk: task_struct,
	mm: mm_struct,
	start: number,
	len: number,
	flags: GupFlags,
	pages: Pfn[] | null,
	vmas: vm_area_struct[] | null,
): Sleeps<number> {
	const {write, force} = flags;
	let address = pageAlignDown(start);
	for (let taken = 0; taken < len; taken++, address += PAGE_SIZE) {
		if (k.era.gupStopsForSignals && tsk.fatalSignal !== 0) return taken || -ERESTARTSYS;
		const vma = find_extend_vma(k, mm, address);
		if (!vma && in_gate_area(k, address)) {
			if (write) return taken || -EFAULT;
			if (pages) takeGatePage(k, tsk, mm, address, flags, pages);
			vmas?.push(get_gate_vma(k, mm));
			continue;
		}
		if (!vma || !mayTake(k, vma, write, force)) return taken || -EFAULT;
		const error = yield* faultin_page(k, mm, vma, address, write);
		if (error < 0) return taken || error;
		const unshared = flags.hold === 'pin' && !write ? yield* unshare(k, mm, vma, address) : 0;
		if (unshared < 0) return taken || unshared;
		const frame = follow_page(k, mm, address, write);
		if (frame === undefined) return taken || -EFAULT;
		if (pages) {
			holdPage(k, tsk, mm, address, frame, flags);
			pages.push(frame);
		}
		vmas?.push(vma);
	}
	return Math.max(0, len);
}

/** Before a pin for reading: the page must stay this mm's. May sleep for memory. @returns 0 or -ENOMEM */
function* unshare(k: Kernel, mm: mm_struct, vma: vm_area_struct, address: number): Sleeps<number> {
	for (;;) {
		const at = pte_offset(k, mm, address);
		const value = at === NO_PTE ? 0 : pte_val(k, at);
		const page = pte_present(value) ? vm_normal_page(k, value, pte_pfn(k, at)) : undefined;
		if (page === undefined || !gup_must_unshare(k, value, page)) return 0;
		if (unshare_page(k, mm, vma, address, at) !== MUST_SLEEP) return 0;
		const spare = yield* alloc_pages(k, GFP_HIGHUSER_MOVABLE, 0);
		if (spare === undefined) return -ENOMEM;
		put_page(k, spare);
	}
}

/** The gate page is counted like any page, whether or not reserved ones are. */
function takeGatePage(
	k: Kernel,
	tsk: task_struct,
	mm: mm_struct,
	address: number,
	flags: GupFlags,
	pages: Pfn[],
): void {
	const frame = k.vdso.pages[0]!;
	holdPage(k, tsk, mm, address, frame, flags);
	pages.push(frame);
}

/** follow_page with FOLL_TOUCH: the frame behind an entry, marked used. */
function follow_page(k: Kernel, mm: mm_struct, address: number, write: boolean): Pfn | undefined {
	charge(k, COST.pteNs);
	const at = pte_offset(k, mm, address);
	const value = at === NO_PTE ? 0 : pte_val(k, at);
	if (value === 0) return k.layout.empty_zero_page;
	const frame = pte_pfn(k, at);
	if (k.era.pteSpecial && (value & _PAGE_SPECIAL) !== 0 && frame !== k.layout.empty_zero_page) return undefined;
	if (write && !pte_dirty(value) && !PageDirty(k, frame)) set_page_dirty(k, frame);
	return frame;
}

/** What a pin adds to a page's count, so that it can be told from a reference (GUP_PIN_COUNTING_BIAS). */
const GUP_PIN_COUNTING_BIAS = 1024;

/** Takes the reference or pin, and notes who holds it. */
export function holdPage(
	k: Kernel,
	tsk: task_struct,
	mm: mm_struct,
	address: number,
	frame: Pfn,
	flags: GupFlags,
): void {
	const weight = weightOf(k, frame, flags);
	if (weight === 1) get_page(k, frame);
	else k.mem_map._count[frame]! += weight;
	if (flags.hold === 'pin' && weight > 0) k.vm_events.nr_foll_pin_acquired++;
	const who = made(k, traceFrame(k, 'get_user_pages', frame));
	const {pid, comm} = tsk;
	notePin(k, {
		pfn: frame,
		mm,
		address: userAddress(address),
		write: flags.write,
		weight,
		made: {...who, pid, comm},
	});
}

function weightOf(k: Kernel, frame: Pfn, {hold}: GupFlags): number {
	if (hold === 'get') return k.era.gupCountsReserved || !PageReserved(k, frame) ? 1 : 0;
	return frame === k.layout.empty_zero_page ? 0 : GUP_PIN_COUNTING_BIAS;
}

function notePin(k: Kernel, pin: Pin): void {
	const pins = k.mm.pins.get(pin.pfn);
	if (pins) pins.push(pin);
	else k.mm.pins.set(pin.pfn, [pin]);
}

function forgetPin(k: Kernel, frame: Pfn): void {
	const pins = k.mm.pins.get(frame);
	if (pins) traceFrame(k, 'page_cache_release', frame);
	pins?.pop();
	if (pins?.length === 0) k.mm.pins.delete(frame);
	k.watcher?.unpinned(frame);
}

/**
 * Gives back a page that get_user_pages took. A driver that wrote to it calls set_page_dirty before. @see LDD3 page 437
 */
export function page_cache_release(k: Kernel, frame: Pfn): void {
	forgetPin(k, frame);
	if (k.era.gupCountsReserved || !PageReserved(k, frame)) put_page(k, frame);
}

/** Gives back a page that pin_user_pages_fast took. */
export function unpin_user_page(k: Kernel, frame: Pfn): void {
	forgetPin(k, frame);
	if (frame === k.layout.empty_zero_page) return;
	k.vm_events.nr_foll_pin_released++;
	// The last of the bias goes the way that a reference goes, which frees the page if nobody else has it.
	k.mem_map._count[frame]! -= GUP_PIN_COUNTING_BIAS - 1;
	put_page(k, frame);
}

/** Whether a page may be under DMA: it has at least one pin, or more than a thousand references. */
export const page_maybe_dma_pinned = (k: Kernel, frame: Pfn): boolean => page_count(k, frame) >= GUP_PIN_COUNTING_BIAS;
