/**
 * Windows on the areas of an address space: `maps/FIRST/AREAS` and `vma/<pid>/FIRST/AREAS`, counted from 0 by address.
 */
import type {mm_struct, vm_area_struct} from '../../kernel/mm/mm_types.ts';
import {LabError} from '../errors.ts';

export type AreaWindow = {readonly first: number; readonly areas: number};

const mostAreas = 4096;

/** @throws LabError EINVAL */
export function areaWindow(firstText: string, areasText: string): AreaWindow {
	const first = /^\d{1,9}$/.test(firstText) ? Number(firstText) : -1;
	if (first < 0) throw new LabError('EINVAL', `FIRST must be the number of an area, from 0, got "${firstText}"`);
	const areas = /^\d{1,9}$/.test(areasText) ? Number(areasText) : 0;
	if (areas < 1 || areas > mostAreas) throw new LabError('EINVAL', `AREAS must be 1..${mostAreas}, got "${areasText}"`);
	return {first, areas};
}

/** The areas of a window, all without one; none for a window behind the last. */
export function areasIn(mm: mm_struct, window: AreaWindow | undefined): vm_area_struct[] {
	if (!window) return [...mm.mmap];
	const found: vm_area_struct[] = [];
	let index = 0;
	for (const vma of mm.mmap) {
		if (index >= window.first + window.areas) break;
		if (index++ >= window.first) found.push(vma);
	}
	return found;
}
