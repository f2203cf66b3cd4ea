/** One area of /proc/<pid>/smaps, counted from its page tables. @see fs/proc/task_mmu.c smaps_pte_range() */
import type {SmapsArea} from '../../formats/proc/smaps.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {type mm_struct, VM_LOCKED, VM_PFNMAP, type vm_area_struct} from '../../kernel/mm/mm_types.ts';
import {PageAnon, PageDirty, PageReferenced, page_mapcount, pfn_valid} from '../../kernel/mm/page.ts';
import {pte_dirty, pte_offset, pte_pfn, pte_present, pte_val, pte_young, tableSpan} from '../../kernel/mm/pgtable.ts';
import {mapsArea} from './maps.ts';

const kB = (pages: number) => Math.floor((pages * PAGE_SIZE) / 1024);

export function smapsArea(k: Kernel, mm: mm_struct, vma: vm_area_struct): SmapsArea {
	const count = countPages(k, mm, vma);
	const {era} = k;
	return {
		...mapsArea(k, mm, vma),
		Size: (vma.vm_end - vma.vm_start) / 1024,
		Rss: kB(count.rss),
		Pss: Math.floor((count.pss * PAGE_SIZE) / 1024),
		Shared_Clean: kB(count.sharedClean),
		Shared_Dirty: kB(count.sharedDirty),
		Private_Clean: kB(count.privateClean),
		Private_Dirty: kB(count.privateDirty),
		Referenced: kB(count.referenced),
		...(era.smapsShowsAnonymous ? {Anonymous: kB(count.anonymous), AnonHugePages: 0} : {}),
		Swap: 0,
		KernelPageSize: 4,
		MMUPageSize: 4,
		...(era.smapsShowsAnonymous ? {Locked: (vma.vm_flags & VM_LOCKED) === 0 ? 0 : kB(count.rss)} : {}),
	};
}

function countPages(k: Kernel, mm: mm_struct, vma: vm_area_struct) {
	const count = {
		rss: 0,
		pss: 0,
		sharedClean: 0,
		sharedDirty: 0,
		privateClean: 0,
		privateDirty: 0,
		referenced: 0,
		anonymous: 0,
	};
	eachPresentPage(k, mm, vma, (entry, pfn) => {
		const normal = pfn_valid(k, pfn) && (vma.vm_flags & VM_PFNMAP) === 0 && pfn !== k.layout.empty_zero_page;
		if (!normal && k.era.smapsCountsNormalPagesOnly) return;
		const mapped = normal ? page_mapcount(k, pfn) : 1;
		const dirty = pte_dirty(entry) || (normal && PageDirty(k, pfn));
		count.rss++;
		count.pss += 1 / Math.max(1, mapped);
		if (mapped >= 2) count[dirty ? 'sharedDirty' : 'sharedClean']++;
		else count[dirty ? 'privateDirty' : 'privateClean']++;
		if (pte_young(entry) || (normal && PageReferenced(k, pfn))) count.referenced++;
		if (normal && PageAnon(k, pfn)) count.anonymous++;
	});
	return count;
}

/** Calls with every present entry of an area, skipping where there are no tables. */
export function eachPresentPage(
	k: Kernel,
	mm: mm_struct,
	vma: vm_area_struct,
	take: (entry: number, pfn: Pfn, address: number) => void,
): void {
	const span = tableSpan(k);
	for (let address: number = vma.vm_start; address < vma.vm_end; ) {
		const at = pte_offset(k, mm, address);
		if (at === 0) {
			address = address - (address % span) + span;
			continue;
		}
		const entry = pte_val(k, at);
		if (pte_present(entry)) take(entry, pte_pfn(k, at), address);
		address += PAGE_SIZE;
	}
}
