/** /proc/meminfo, from the allocator's and the caches' own counts. @see fs/proc/proc_misc.c, fs/proc/meminfo.c */
import {formatMeminfo} from '../../formats/proc/meminfo.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {type LruList, lruPages} from '../../kernel/mm/lru.ts';
import {slabPages} from '../../kernel/mm/slab.ts';
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
	const buffers = blockDevicePages(k);
	const newer = k.era.meminfoRows !== '2.6.11';
	return formatMeminfo({
		dialect: k.era.dialect,
		MemTotal: kB(total),
		MemFree: kB(free),
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
		Slab: kB(slab),
		// No cache of this machine can be shrunk.
		...(newer ? {SReclaimable: 0, SUnreclaim: kB(slab)} : {}),
		PageTables: kB(tables),
		...(newer ? {Bounce: kB(k.block.nr_bounce)} : {}),
		CommitLimit: Math.floor(kB(total) / 2),
		Committed_AS: kB(k.mm.vm_committed),
		VmallocTotal: vmalloc.total / 1024,
		// Since 5.3 the pages of vmalloc() instead of all address space that is taken; the chunk is 0 since 4.4.
		VmallocUsed: k.era.meminfoRows === '5.10' ? kB(vmallocPages(k)) : vmalloc.used / 1024,
		VmallocChunk: k.era.meminfoRows === '5.10' ? 0 : vmalloc.largestChunk / 1024,
	});
}

/** nr_vmalloc_pages: not those that vmap() was given. */
const vmallocPages = (k: Kernel) =>
	vmallocAreas(k).reduce((sum, {kind, pages}) => sum + (kind === 'vmalloc' || kind === 'user' ? pages.length : 0), 0);

/** Pages of block devices' own caches count as buffers, not as cached. */
function blockDevicePages(k: Kernel): number {
	let pages = 0;
	for (const {bd_inode} of k.block.disks.values()) pages += bd_inode?.i_mapping.pages.size ?? 0;
	return pages;
}
