/** One area of /proc/<pid>/smaps, counted from its page tables. @see fs/proc/task_mmu.c smaps_pte_range() */
import type {SmapsArea} from '../../formats/proc/smaps.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {
	type mm_struct,
	VM_ACCOUNT,
	VM_DENYWRITE,
	VM_DONTCOPY,
	VM_DONTDUMP,
	VM_DONTEXPAND,
	VM_EXEC,
	VM_GROWSDOWN,
	VM_IO,
	VM_LOCKED,
	VM_MAYEXEC,
	VM_MAYREAD,
	VM_MAYSHARE,
	VM_MAYWRITE,
	VM_MIXEDMAP,
	VM_NORESERVE,
	VM_PAT,
	VM_PFNMAP,
	VM_RAND_READ,
	VM_READ,
	VM_SEQ_READ,
	VM_SHARED,
	VM_WIPEONFORK,
	VM_WRITE,
	type vm_area_struct,
} from '../../kernel/mm/mm_types.ts';
import {PageAnon, PageDirty, PageReferenced, page_mapcount} from '../../kernel/mm/page.ts';
import {pte_dirty, pte_offset, pte_pfn, pte_present, pte_val, pte_young, tableSpan} from '../../kernel/mm/pgtable.ts';
import {vm_normal_page} from '../../kernel/mm/zap.ts';
import {mapsArea} from './maps.ts';

const kB = (pages: number) => Math.floor((pages * PAGE_SIZE) / 1024);

export function smapsArea(k: Kernel, mm: mm_struct, vma: vm_area_struct): SmapsArea {
	const count = countPages(k, mm, vma);
	const rows = k.era.smapsRows;
	const isNew = rows !== '2.6.32' && rows !== '3.2';
	return {
		...mapsArea(k, mm, vma),
		Size: (vma.vm_end - vma.vm_start) / 1024,
		Rss: kB(count.rss),
		Pss: shareKB(count.pss),
		...(rows === '6.1' || rows === '6.18' ? {Pss_Dirty: shareKB(count.pssDirty)} : {}),
		Shared_Clean: kB(count.sharedClean),
		Shared_Dirty: kB(count.sharedDirty),
		Private_Clean: kB(count.privateClean),
		Private_Dirty: kB(count.privateDirty),
		Referenced: kB(count.referenced),
		...(rows === '2.6.32' ? {} : {Anonymous: kB(count.anonymous), AnonHugePages: 0}),
		// Nothing is merged, swapped or huge here, and MADV_FREE frees nothing later.
		...(rows === '6.18' ? {KSM: 0} : {}),
		...(isNew ? {LazyFree: 0, ShmemPmdMapped: 0, FilePmdMapped: 0, Shared_Hugetlb: 0, Private_Hugetlb: 0} : {}),
		Swap: 0,
		...(isNew ? {SwapPss: 0} : {}),
		KernelPageSize: 4,
		MMUPageSize: 4,
		...(rows === '2.6.32' ? {} : {Locked: (vma.vm_flags & VM_LOCKED) === 0 ? 0 : shareKB(count.pss)}),
		...(isNew ? {THPeligible: 0, VmFlags: vmFlags(vma)} : {}),
	};
}

/** Shares of pages are added up in 4096ths of a byte, so that three thirds are a little less than one. */
const pssShift = 12;
const shareKB = (pss: number) => Math.floor(pss / 2 ** (10 + pssShift));

/** Two letters for each flag, from the lowest bit on. @see show_smap_vma_flags() */
const mnemonics: Readonly<Record<number, string>> = {
	[VM_READ]: 'rd',
	[VM_WRITE]: 'wr',
	[VM_EXEC]: 'ex',
	[VM_SHARED]: 'sh',
	[VM_MAYREAD]: 'mr',
	[VM_MAYWRITE]: 'mw',
	[VM_MAYEXEC]: 'me',
	[VM_MAYSHARE]: 'ms',
	[VM_GROWSDOWN]: 'gd',
	[VM_PFNMAP]: 'pf',
	[VM_DENYWRITE]: 'dw',
	[VM_LOCKED]: 'lo',
	[VM_IO]: 'io',
	[VM_SEQ_READ]: 'sr',
	[VM_RAND_READ]: 'rr',
	[VM_DONTCOPY]: 'dc',
	[VM_DONTEXPAND]: 'de',
	[VM_ACCOUNT]: 'ac',
	[VM_NORESERVE]: 'nr',
	[VM_PAT]: 'ar',
	[VM_WIPEONFORK]: 'wf',
	[VM_DONTDUMP]: 'dd',
	[VM_MIXEDMAP]: 'mm',
};

function vmFlags({vm_flags: flags}: vm_area_struct): string[] {
	const letters: string[] = [];
	for (let bit = 0; bit < 32; bit++) if ((flags & (1 << bit)) !== 0) letters.push(mnemonics[(1 << bit) >>> 0] ?? '??');
	return letters;
}

function countPages(k: Kernel, mm: mm_struct, vma: vm_area_struct) {
	const count = {
		rss: 0,
		pss: 0,
		pssDirty: 0,
		sharedClean: 0,
		sharedDirty: 0,
		privateClean: 0,
		privateDirty: 0,
		referenced: 0,
		anonymous: 0,
	};
	eachPresentPage(k, mm, vma, (entry, pfn) => {
		const normal = vm_normal_page(k, entry, pfn) !== undefined;
		if (!normal && k.era.smapsCountsNormalPagesOnly) return;
		count.rss++;
		// What is no page of its own counts in Rss alone.
		if (!normal) return;
		const mapped = Math.max(1, page_mapcount(k, pfn));
		const dirty = pte_dirty(entry) || (k.era.smapsAsksPageDirty && PageDirty(k, pfn));
		const share = Math.floor((PAGE_SIZE * 2 ** pssShift) / mapped);
		count.pss += share;
		if (dirty) count.pssDirty += share;
		if (mapped >= 2) count[dirty ? 'sharedDirty' : 'sharedClean']++;
		else count[dirty ? 'privateDirty' : 'privateClean']++;
		if (pte_young(entry) || PageReferenced(k, pfn)) count.referenced++;
		if (PageAnon(k, pfn)) count.anonymous++;
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
