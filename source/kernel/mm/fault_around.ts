/**
 * Models do_fault_around and filemap_map_pages of mm/memory.c and mm/filemap.c (3.15 on): a read fault of a file also
 * maps the cached pages near it.
 *
 * Not modelled: a fault_around_bytes that can be changed, read-ahead marks that hold a page back.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {enterPage} from './enter_page.ts';
import type {vm_area_struct} from './mm_types.ts';
import {get_page, PageLocked, PageUptodate} from './page.ts';
import {NO_PTE, pte_offset, pte_val} from './pgtable.ts';
import {vma_pages} from './vma_merge.ts';

/** Maps what the window around `address` has in the cache; the window never leaves the VMA or the page table. */
export function filemap_map_around(k: Kernel, vma: vm_area_struct, address: number): void {
	const window = k.era.faultAroundPages;
	const tableEntries = k.hw.paging.entriesPerTable;
	const page = Math.floor(address / PAGE_SIZE);
	const inTable = page % tableEntries;
	const inVma = page - vma.vm_start / PAGE_SIZE;
	const from = Math.max(inTable - (inTable % window), inTable - Math.min(inTable, inVma));
	const to = Math.min(from + window, tableEntries, inTable + vma_pages(vma) - inVma) - 1;
	const shift = vma.vm_pgoff + inVma - inTable;
	vma.vm_ops!.map_pages!(k, vma, (page - inTable + from) * PAGE_SIZE, shift + from, shift + to);
}

/**
 * Enters every cached page of [first, last] that is not mapped yet. For mappings of the page cache; use it as
 * `map_pages`.
 * @param address where page `first` of the file belongs
 */
export function filemap_map_pages(k: Kernel, vma: vm_area_struct, address: number, first: number, last: number): void {
	const {i_mapping, i_size} = vma.vm_file!.inode;
	const end = Math.min(last, Math.ceil(i_size / PAGE_SIZE) - 1);
	for (let index = first; index <= end; index++) {
		const frame = i_mapping.pages.get(index);
		if (frame === undefined || !PageUptodate(k, frame) || PageLocked(k, frame)) continue;
		const here = address + (index - first) * PAGE_SIZE;
		const at = pte_offset(k, vma.vm_mm, here);
		if (at !== NO_PTE && pte_val(k, at) !== 0) continue;
		get_page(k, frame);
		enterPage(k, vma.vm_mm, vma, here, frame, false);
	}
}
