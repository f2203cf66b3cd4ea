/**
 * Models vma_modify_flags() of mm/vma.c (6.7 and later; part of mprotect_fixup(), mlock_fixup(), madvise_behavior()
 * before).
 */
import {PAGE_SHIFT} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {recountVma} from './accounting.ts';
import type {vm_area_struct} from './mm_types.ts';
import {mergeForFlags, split_vma} from './vma_merge.ts';
import {traceArea} from './vma_trace.ts';

/**
 * Gives [start, end) of one VMA other flags: joins it to neighbours that have them, or splits it off.
 * @returns the VMA that covers the range afterwards, or -ENOMEM
 */
export function vma_modify_flags(
	k: Kernel,
	vma: vm_area_struct,
	start: number,
	end: number,
	flags: number,
	mayMerge = true,
): vm_area_struct | number {
	const oldFlags = vma.vm_flags;
	const {vm_file: file, vm_mm: mm} = vma;
	const pages = (end - start) >>> PAGE_SHIFT;
	let target = mayMerge ? mergeForFlags(k, vma, start, end, flags) : undefined;
	if (!target) {
		if (start !== vma.vm_start) {
			const piece = split_vma(k, vma, start, true);
			if (typeof piece === 'number') return piece;
		}
		if (end !== vma.vm_end) {
			const piece = split_vma(k, vma, end, false);
			if (typeof piece === 'number') return piece;
		}
		target = vma;
	}
	target.vm_flags = flags;
	if (k.trace.on) traceArea(k, 'mprotect_fixup', target.vm_mm, start, end);
	recountVma(mm, file, pages, oldFlags, flags);
	return target;
}
