/**
 * Models arch_get_unmapped_area and arch_get_unmapped_area_topdown (2.6.11: mm/mmap.c, arch/i386/mm/mmap.c; later
 * vm_unmapped_area): where a mapping goes that has no place of its own.
 *
 * Not modelled: alignment for caches and huge pages, addresses that a file's own get_unmapped_area would choose.
 */
import {PAGE_SIZE, pageAlignUp, userAddress} from '../../hardware/address.ts';
import {ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {trace} from '../trace.ts';
import {TASK_SIZE, TASK_UNMAPPED_BASE} from './mm.ts';
import {type mm_struct, VM_GROWSDOWN, type vm_area_struct} from './mm_types.ts';

const GUARD_GAP_BYTES = 256 * PAGE_SIZE;

/** Where the room below a VMA ends: a stack keeps some of it for itself. */
const startWithGap = (k: Kernel, vma: vm_area_struct) =>
	k.era.stackGuard === 'gap of 256 pages' && (vma.vm_flags & VM_GROWSDOWN) !== 0
		? Math.max(0, vma.vm_start - GUARD_GAP_BYTES)
		: vma.vm_start;

/**
 * Finds room for a mapping.
 * @param hint address wanted, or 0
 * @param len bytes, a multiple of the page size
 * @returns the address or -ENOMEM
 */
export function get_unmapped_area(k: Kernel, mm: mm_struct, hint: number, len: number): number {
	if (len > TASK_SIZE) return -ENOMEM;
	if (hint > 0) {
		const address = pageAlignUp(hint);
		if (address <= TASK_SIZE - len && isFree(k, mm, address, len)) return address;
	}
	const found = mm.legacyLayout ? bottomUp(mm, len) : (topDown(k, mm, len) ?? bottomUp(mm, len));
	if (k.trace.on) traceFound(k, mm, len, found);
	return found ?? -ENOMEM;
}

function traceFound(k: Kernel, mm: mm_struct, len: number, found: number | undefined): void {
	const {legacyLayout, mmap_base, total_vm} = mm;
	trace(k, 'vm_unmapped_area', () => {
		const [lo, hi] = legacyLayout ? [TASK_UNMAPPED_BASE, TASK_SIZE] : [PAGE_SIZE, mmap_base];
		const where = found === undefined ? `addr=0x0 err=${-ENOMEM}` : `addr=0x${found.toString(16)} err=0`;
		const flags = legacyLayout ? 0 : 1;
		return (
			`${where} total_vm=0x${total_vm.toString(16)} flags=0x${flags} len=0x${len.toString(16)} ` +
			`lo=0x${lo.toString(16)} hi=0x${hi.toString(16)} mask=0x0 ofs=0x0`
		);
	});
}

function isFree(k: Kernel, mm: mm_struct, address: number, len: number): boolean {
	const next = mm.mmap.find(address);
	return next === undefined || address + len <= startWithGap(k, next);
}

const bottomUp = (mm: mm_struct, len: number) => mm.mmap.lowestGap(len, TASK_UNMAPPED_BASE, TASK_SIZE);

function topDown(k: Kernel, mm: mm_struct, len: number): number | undefined {
	if (k.era.topDownSearch === 'highest gap') return mm.mmap.highestGap(len, PAGE_SIZE, mm.mmap_base);
	return fromFreeAreaCache(mm, len) ?? restartSearch(mm, len);
}

function restartSearch(mm: mm_struct, len: number): number | undefined {
	if (mm.free_area_cache === mm.mmap_base) return undefined;
	mm.free_area_cache = mm.mmap_base;
	return fromFreeAreaCache(mm, len);
}

/** 2.6: goes down from where the last search ended, VMA by VMA. */
function fromFreeAreaCache(mm: mm_struct, len: number): number | undefined {
	let address = mm.free_area_cache - len;
	while (address > 0) {
		const next = mm.mmap.find(address);
		if (!next) return address;
		if (address + len <= next.vm_start) {
			mm.free_area_cache = userAddress(address);
			return address;
		}
		if (mm.free_area_cache === next.vm_end) mm.free_area_cache = next.vm_start;
		address = next.vm_start - len;
	}
	return undefined;
}

/** 2.6: room that a munmap frees above the last search's end is looked at again. @see arch_unmap_area_topdown() */
export function noteFreedArea(mm: mm_struct, end: number): void {
	if (mm.legacyLayout) return;
	if (end > mm.free_area_cache) mm.free_area_cache = userAddress(end);
	if (mm.free_area_cache > mm.mmap_base) mm.free_area_cache = mm.mmap_base;
}
