/**
 * /proc/meminfo, from the allocator's and the caches' own counts. @see fs/proc/proc_misc.c, fs/proc/meminfo.c
 *
 * Not modelled, and left out: Unevictable, Mlocked (locked pages stay on the lists), KernelStack and Percpu (no frames
 * are taken for them), HardwareCorrupted, huge pages.
 */
import {formatMeminfo} from '../../formats/proc/meminfo.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {nr_blockdev_pages} from '../../kernel/fs/block_dev.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {type LruList, lruPages} from '../../kernel/mm/lru.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import {NO_PTE, pte_offset} from '../../kernel/mm/pgtable.ts';
import {slabPages} from '../../kernel/mm/slab_shape.ts';
import {vmallocAreas, vmallocTotals} from '../../kernel/mm/vmalloc.ts';

const kB = (pages: number) => (pages * PAGE_SIZE) / 1024;

export function meminfo(k: Kernel): string {
	const {zones} = k.pages;
	const high = zones[2]!;
	const total = zones.reduce((sum, zone) => sum + zone.managed_pages, 0);
	const free = zones.reduce((sum, zone) => sum + zone.free_pages, 0);
	const lists = (...wanted: LruList[]) => wanted.reduce<number>((sum, list) => sum + lruPages(k, list), 0);
	const slab = slabPages(k);
	const tables = [...k.mm.mms.values()].reduce((sum, mm) => sum + mm.nr_ptes, 0);
	const vmalloc = vmallocTotals(k);
	const buffers = nr_blockdev_pages(k);
	const rows = k.era.meminfoRows;
	const newer = rows !== '2.6.11';
	const isNew = newer && rows !== '2.6.32';
	return formatMeminfo({
		dialect: k.era.dialect,
		MemTotal: kB(total),
		MemFree: kB(free),
		...(isNew ? {MemAvailable: kB(si_mem_available(k))} : {}),
		Buffers: kB(buffers),
		Cached: kB(k.filemap.nr_file_pages - buffers),
		SwapCached: 0,
		Active: kB(lists(1, 3)),
		Inactive: kB(lists(0, 2)),
		...(k.era.splitsLruByKind
			? {
					'Active(anon)': kB(lists(1)),
					'Inactive(anon)': kB(lists(0)),
					'Active(file)': kB(lists(3)),
					'Inactive(file)': kB(lists(2)),
				}
			: {}),
		HighTotal: kB(high.managed_pages),
		HighFree: kB(high.free_pages),
		LowTotal: kB(total - high.managed_pages),
		LowFree: kB(free - high.free_pages),
		SwapTotal: 0,
		SwapFree: 0,
		Dirty: kB(k.filemap.nr_dirty),
		Writeback: kB(k.filemap.nr_writeback),
		...(newer ? {AnonPages: kB(k.mm.nr_anon_pages)} : {}),
		Mapped: kB(k.mm.nr_file_mapped + (newer ? 0 : k.mm.nr_anon_pages)),
		...(newer ? {Shmem: kB(k.filemap.nr_shmem)} : {}),
		// No cache of this machine can be shrunk.
		...(isNew ? {KReclaimable: 0} : {}),
		Slab: kB(slab),
		...(newer ? {SReclaimable: 0, SUnreclaim: kB(slab)} : {}),
		PageTables: kB(tables),
		...(rows === '6.1' ? {SecPageTables: 0} : {}),
		// There is no network filesystem, nor one of a process.
		...(newer ? {NFS_Unstable: 0, Bounce: kB(k.block.nr_bounce), WritebackTmp: 0} : {}),
		CommitLimit: Math.floor(kB(total) / 2),
		Committed_AS: kB(k.mm.vm_committed),
		VmallocTotal: vmalloc.total / 1024,
		// Since 5.3 the pages of vmalloc() instead of all address space that is taken; the chunk is 0 since 4.4.
		VmallocUsed: isNew ? kB(vmallocPages(k)) : vmalloc.used / 1024,
		VmallocChunk: isNew ? 0 : vmalloc.largestChunk / 1024,
		...(newer ? directMap(k) : {}),
	});
}

/**
 * Pages that programs could have without swapping: free ones that no zone keeps back, and the page cache, half of which
 * or a low watermark is thought to be needed.
 * @see mm/page_alloc.c si_mem_available(), calculate_totalreserve_pages()
 */
function si_mem_available(k: Kernel): number {
	const {zones} = k.pages;
	let reserved = 0;
	let low = 0;
	for (const zone of zones) {
		reserved += Math.min(zone.pages_high + Math.max(...zone.lowmem_reserve.slice(zone.index)), zone.managed_pages);
		low += zone.pages_low;
	}
	const free = zones.reduce((sum, zone) => sum + zone.free_pages, 0);
	const cache = lruPages(k, 2) + lruPages(k, 3);
	return Math.max(0, free - reserved + cache - Math.min(Math.floor(cache / 2), low));
}

/** How the kernel's own tables map low memory: in pages, and in large pages. @see arch_report_meminfo() */
function directMap(k: Kernel) {
	const {paging} = k.hw;
	const end = k.layout.max_low_pfn * PAGE_SIZE;
	const kernel = {pgd: k.layout.swapper_pg_dir};
	let small = 0;
	let large = 0;
	for (let at = 0; at < end; at += paging.largePageBytes)
		if (pte_offset(k, kernel, PAGE_OFFSET + at) === NO_PTE) large++;
		else small += Math.min(paging.entriesPerTable, (end - at) / PAGE_SIZE);
	const largeKB = (large * paging.largePageBytes) / 1024;
	return {DirectMap4k: kB(small), ...(paging.entryBytes === 8 ? {DirectMap2M: largeKB} : {DirectMap4M: largeKB})};
}

/** nr_vmalloc_pages: not those that vmap() was given. */
const vmallocPages = (k: Kernel) =>
	vmallocAreas(k).reduce((sum, {kind, pages}) => sum + (kind === 'vmalloc' || kind === 'user' ? pages.length : 0), 0);
