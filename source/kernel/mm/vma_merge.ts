/**
 * Models mm/mmap.c's vma_merge, split_vma and vma_adjust (2.6.11 to 6.1) and mm/vma.c (6.18): when neighbouring VMAs
 * become one, and one becomes two.
 *
 * Not modelled: memory policies, userfaultfd, names of anonymous VMAs, which also keep VMAs apart.
 */

import {PAGE_SHIFT, PAGE_SIZE, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {ENOMEM} from '../errno.ts';
import type {file} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import type {anon_vma, mm_struct, vm_area_struct, vm_operations_struct} from './mm_types.ts';
import {anon_vma_clone, unlink_anon_vmas} from './rmap.ts';
import {traceArea} from './vma_trace.ts';

export const vma_pages = (vma: vm_area_struct) => (vma.vm_end - vma.vm_start) / PAGE_SIZE;

/** What a new VMA is made from. */
type VmaTemplate = {
	readonly start: number;
	readonly end: number;
	readonly flags: number;
	readonly prot: number;
	readonly pgoff: number;
	readonly file: file | null;
	readonly ops: vm_operations_struct | null;
};

/** A VMA that no mm holds yet. Takes a reference on the file. */
export function vm_area_alloc(mm: mm_struct, template: VmaTemplate): vm_area_struct {
	if (template.file) template.file.f_count++;
	return {
		vm_mm: mm,
		vm_start: userAddress(template.start),
		vm_end: userAddress(template.end),
		vm_flags: template.flags,
		vm_page_prot: template.prot,
		vm_pgoff: template.pgoff,
		vm_file: template.file,
		vm_ops: template.ops,
		anon_vma: null,
		anon_vma_chain: [],
		vm_next: null,
		vm_prev: null,
		vm_private_data: undefined,
		opens: 0,
		closes: 0,
	};
}

/** Puts a VMA into its mm and, if it maps a file, into the file's list. */
export function vma_link(k: Kernel, vma: vm_area_struct): void {
	vma.vm_mm.mmap.insert(vma);
	vma.vm_mm.map_count++;
	vma.vm_file?.inode.i_mapping.i_mmap.add(vma);
	if (k.trace.on) traceArea(k, 'vma_link', vma.vm_mm, vma.vm_start, vma.vm_end);
	charge(k, COST.vmaNs);
}

/**
 * Takes a VMA out of its mm; its pages are gone or belong to a neighbour now. The file reference goes too.
 * @param freesRoom false when a neighbour takes over the range
 */
export function vma_unlink(k: Kernel, vma: vm_area_struct, freesRoom: boolean): void {
	vma.vm_mm.mmap.remove(vma, freesRoom);
	vma.vm_mm.map_count--;
	if (k.trace.on) traceArea(k, 'remove_vma', vma.vm_mm, vma.vm_start, vma.vm_end);
	dropVma(k, vma);
	charge(k, COST.vmaNs);
}

/** The rest of a VMA's end: anon_vma, file. */
export function dropVma(k: Kernel, vma: vm_area_struct): void {
	if (vma.anon_vma_chain.length > 0) unlink_anon_vmas(k, vma);
	// An area with a close method has it called later.
	if (!vma.vm_ops?.close) k.modules?.windows.forget(vma);
	const {vm_file: file} = vma;
	if (!file) return;
	file.inode.i_mapping.i_mmap.delete(vma);
	file.f_count--;
	if (file.f_count === 0) k.mm.unmappedFiles.push(file);
}

export function vmaOpen(k: Kernel, vma: vm_area_struct): void {
	if (!vma.vm_ops?.open) return;
	vma.opens++;
	vma.vm_ops.open(k, vma);
}

export function vmaClose(k: Kernel, vma: vm_area_struct): void {
	if (!vma.vm_ops?.close) return;
	vma.closes++;
	vma.vm_ops.close(k, vma);
}

/**
 * Whether pages of `source` may come to live in `target` as far as anon_vmas go. `target` undefined: both are
 * neighbours.
 */
function anonCompatible(
	k: Kernel,
	anon: anon_vma | null,
	source: vm_area_struct | undefined,
	targetAnon: anon_vma | null,
	target: vm_area_struct | undefined,
): boolean {
	if (anon === targetAnon) return true;
	if (anon && targetAnon) return false;
	switch (k.era.anonVmaMerging) {
		case 'either none':
			return true;
		case 'into singular':
			return target === undefined || target.anon_vma_chain.length === 1;
		case 'no fork child':
			return (source?.anon_vma_chain.length ?? 0) <= 1 && (target?.anon_vma_chain.length ?? 0) <= 1;
	}
}

/** Whether something with these flags and this file may join `vma` at all. @see is_mergeable_vma() */
const mergeable = (k: Kernel, vma: vm_area_struct, flags: number, file: file | null) =>
	vma.vm_flags === flags &&
	vma.vm_file === file &&
	(flags & k.era.vmSpecial) === 0 &&
	(k.era.closeKeepsFromGoingOnly || mayGo(vma));

/** Whether an area can become a part of another: no driver waits to hear of its end. @see can_merge_remove_vma() */
const mayGo = (vma: vm_area_struct): boolean => !vma.vm_ops?.close;

/** `vma` takes over the whole of its right neighbour `gone`, whose range it has to cover. */
function absorb(k: Kernel, vma: vm_area_struct, gone: vm_area_struct): void {
	const {vm_end: end} = gone;
	if (!vma.anon_vma && gone.anon_vma) anon_vma_clone(k, vma, gone);
	vma_unlink(k, gone, false);
	vma.vm_end = end;
}

/**
 * Joins a new range to its neighbours instead of making a VMA for it.
 * @param source the VMA whose pages will come to lie there (mremap), if any
 * @returns the neighbour that now covers [start, end), or undefined when none takes it
 */
export function mergeNewRange(
	k: Kernel,
	prev: vm_area_struct | null,
	next: vm_area_struct | null,
	start: number,
	end: number,
	flags: number,
	file: file | null,
	pgoff: number,
	source?: vm_area_struct,
): vm_area_struct | undefined {
	if ((flags & k.era.vmSpecial) !== 0) return undefined;
	const anon = source?.anon_vma ?? null;
	const left =
		prev !== null &&
		prev.vm_end === start &&
		mergeable(k, prev, flags, file) &&
		prev.vm_pgoff + vma_pages(prev) === pgoff &&
		anonCompatible(k, anon, source, prev.anon_vma, prev);
	const right =
		next !== null &&
		next.vm_start === end &&
		mergeable(k, next, flags, file) &&
		next.vm_pgoff === pgoff + ((end - start) >>> PAGE_SHIFT) &&
		anonCompatible(k, anon, source, next.anon_vma, next);
	if (!left && !right) return undefined;
	charge(k, COST.vmaNs);
	if (k.trace.on)
		traceArea(k, 'vma_merge', (prev ?? next)!.vm_mm, left ? prev.vm_start : start, right ? next.vm_end : end);
	if (left && right && mayGo(next) && anonCompatible(k, prev.anon_vma, prev, next.anon_vma, undefined)) {
		if (!prev.anon_vma && !next.anon_vma && source?.anon_vma) anon_vma_clone(k, prev, source);
		absorb(k, prev, next);
		return prev;
	}
	const target = left ? prev : next!;
	if (!target.anon_vma && source?.anon_vma) anon_vma_clone(k, target, source);
	if (left) {
		target.vm_end = userAddress(end);
	} else {
		target.vm_mm.mmap.setStart(target, start);
		target.vm_pgoff = pgoff;
	}
	return target;
}

/**
 * Gives [start, end) of `vma` to neighbours that already have the flags it is about to get.
 * @returns the VMA that covers the range afterwards, or undefined when none takes it and `vma` has to be split
 */
export function mergeForFlags(
	k: Kernel,
	vma: vm_area_struct,
	start: number,
	end: number,
	flags: number,
): vm_area_struct | undefined {
	if ((flags & k.era.vmSpecial) !== 0) return undefined;
	const {vm_prev: prev, vm_next: next} = vma;
	const left =
		start === vma.vm_start &&
		prev !== null &&
		prev.vm_end === start &&
		mergeable(k, prev, flags, vma.vm_file) &&
		prev.vm_pgoff + vma_pages(prev) === vma.vm_pgoff &&
		anonCompatible(k, vma.anon_vma, vma, prev.anon_vma, prev);
	const right =
		end === vma.vm_end &&
		next !== null &&
		next.vm_start === end &&
		mergeable(k, next, flags, vma.vm_file) &&
		next.vm_pgoff === vma.vm_pgoff + vma_pages(vma) &&
		anonCompatible(k, vma.anon_vma, vma, next.anon_vma, next);
	if (!left && !right) return undefined;
	// The area itself would go.
	if (start === vma.vm_start && end === vma.vm_end && !mayGo(vma)) return undefined;
	charge(k, COST.vmaNs);
	if (k.trace.on)
		traceArea(k, 'vma_merge', vma.vm_mm, left ? prev.vm_start : vma.vm_start, right ? next.vm_end : vma.vm_end);
	if (left && right && mayGo(next) && anonCompatible(k, prev.anon_vma, prev, next.anon_vma, undefined)) {
		if (!prev.anon_vma && !next.anon_vma && vma.anon_vma) anon_vma_clone(k, prev, vma);
		absorb(k, prev, vma);
		absorb(k, prev, next);
		return prev;
	}
	if (left) {
		if (end === vma.vm_end) {
			absorb(k, prev, vma);
			return prev;
		}
		if (!prev.anon_vma && vma.anon_vma) anon_vma_clone(k, prev, vma);
		vma.vm_pgoff += (end - start) >>> PAGE_SHIFT;
		vma.vm_mm.mmap.setStart(vma, end);
		prev.vm_end = userAddress(end);
		return prev;
	}
	const taker = next!;
	if (!taker.anon_vma && vma.anon_vma) anon_vma_clone(k, taker, vma);
	const pages = (end - start) >>> PAGE_SHIFT;
	if (start === vma.vm_start) vma_unlink(k, vma, false);
	else vma.vm_end = userAddress(start);
	taker.vm_mm.mmap.setStart(taker, start);
	taker.vm_pgoff -= pages;
	return taker;
}

/**
 * Cuts a VMA in two. The new one is opened, as a driver would see it.
 * @param newBelow whether the lower piece is the new VMA
 * @returns the new VMA, or -ENOMEM when the mm has as many VMAs as it may
 */
export function split_vma(k: Kernel, vma: vm_area_struct, address: number, newBelow: boolean): vm_area_struct | number {
	const mm = vma.vm_mm;
	if (mm.map_count >= k.mm.max_map_count) return -ENOMEM;
	return splitUnlimited(k, vma, address, newBelow);
}

/** As split_vma, where the limit on VMAs was looked at already. @see __split_vma() */
export function splitUnlimited(k: Kernel, vma: vm_area_struct, address: number, newBelow: boolean): vm_area_struct {
	const piece = vm_area_alloc(vma.vm_mm, {
		start: newBelow ? vma.vm_start : address,
		end: newBelow ? address : vma.vm_end,
		flags: vma.vm_flags,
		prot: vma.vm_page_prot,
		pgoff: newBelow ? vma.vm_pgoff : vma.vm_pgoff + ((address - vma.vm_start) >>> PAGE_SHIFT),
		file: vma.vm_file,
		ops: vma.vm_ops,
	});
	piece.vm_private_data = vma.vm_private_data;
	if (k.trace.on) traceArea(k, 'split_vma', vma.vm_mm, vma.vm_start, vma.vm_end);
	if (vma.anon_vma_chain.length > 0) anon_vma_clone(k, piece, vma);
	vmaOpen(k, piece);
	if (newBelow) {
		vma.vm_pgoff += (address - vma.vm_start) >>> PAGE_SHIFT;
		vma.vm_mm.mmap.setStart(vma, address);
	} else {
		vma.vm_end = userAddress(address);
	}
	vma_link(k, piece);
	return piece;
}
