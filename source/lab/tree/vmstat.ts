/**
 * /proc/vmstat: the rows of each kernel in its order, from what this machine counts. @see mm/vmstat.c vmstat_start(),
 * in 2.6.11 mm/page_alloc.c
 *
 * Not modelled: faults that end in a signal are not faults here; Linux counts them too. What this machine never does is
 * 0, by the reasons in vmstatRows.ts.
 */
import {formatVmstat} from '../../formats/proc/vmstat.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LRU_NAMES, type LruList, lruPages} from '../../kernel/mm/lru.ts';
import {VM_LOCKED} from '../../kernel/mm/mm_types.ts';
import {backgroundThreshold, dirtyThreshold} from '../../kernel/mm/pdflush.ts';
import {slabPages} from '../../kernel/mm/slab_shape.ts';
import {vm_normal_page} from '../../kernel/mm/zap.ts';
import {THREAD_SIZE} from '../../kernel/module/callC.ts';
import {eachPresentPage} from './smaps.ts';
import {neverCounted, vmstatRows} from './vmstatRows.ts';
import {pageTablePages} from './zoneinfo.ts';

type Counters = Readonly<Record<string, number>>;

const never = new Set(Object.values(neverCounted).flat());

export function vmstat(k: Kernel): string {
	const counted = counters(k);
	const value = (name: string): number => {
		const count = never.has(name) ? 0 : counted[name];
		if (count === undefined) throw new Error(`row ${name} of /proc/vmstat has no counter`);
		return count;
	};
	return formatVmstat({counters: Object.fromEntries(vmstatRows[k.era.vmstatRows].map(name => [name, value(name)]))});
}

/** All that this machine counts, under the names of all kernels. */
export const counters = (k: Kernel): Counters => ({...levels(k), ...blockIo(k), ...allocations(k), ...reclaim(k)});

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

function levels(k: Kernel): Counters {
	const {nr_dirty, nr_writeback, nr_file_pages, nr_shmem} = k.filemap;
	const slab = slabPages(k);
	// 2.6.11 has no rows for anonymous pages, which count as mapped.
	const anonMapped = k.era.vmstatRows === '2.6.11' ? k.mm.nr_anon_pages : 0;
	return {
		nr_free_pages: sum(k.pages.zones.map(zone => zone.free_pages)),
		nr_free_pages_blocks: freeInWholeBlocks(k),
		...lists(k, 'nr_'),
		...lists(k, 'nr_zone_'),
		nr_anon_pages: k.mm.nr_anon_pages,
		nr_mapped: k.mm.nr_file_mapped + anonMapped,
		nr_file_pages,
		nr_shmem,
		nr_dirty,
		nr_writeback,
		nr_zone_write_pending: nr_dirty + nr_writeback,
		nr_slab: slab,
		nr_slab_unreclaimable: slab,
		nr_mlock: lockedPages(k),
		nr_kernel_stack: kernelStacks(k) * (k.era.kernelStackIsInKb ? THREAD_SIZE / 1024 : 1),
		nr_page_table_pages: pageTablePages(k),
		nr_bounce: k.block.nr_bounce,
		nr_dirty_threshold: dirtyThreshold(k),
		nr_dirty_background_threshold: backgroundThreshold(k),
		nr_memmap_boot_pages: Math.ceil((k.layout.max_pfn * k.era.sizeofStructPage) / PAGE_SIZE),
	};
}

/** Frames that a locked area maps. Linux counts them as it marks them. */
function lockedPages(k: Kernel): number {
	const frames = new Set<Pfn>();
	for (const mm of k.mm.mms.values())
		for (const vma of mm.mmap)
			if ((vma.vm_flags & VM_LOCKED) !== 0)
				eachPresentPage(k, mm, vma, (entry, pfn) => {
					if (vm_normal_page(k, entry, pfn) !== undefined) frames.add(pfn);
				});
	return frames.size;
}

/** Tasks that have a kernel stack: those that C has run on. */
const kernelStacks = ({sched}: Kernel): number =>
	[...sched.tasks.values(), ...sched.cpus.map(({idle}) => idle)].filter(({stack}) => stack !== undefined).length;

const lists = (k: Kernel, prefix: string): Counters =>
	Object.fromEntries(LRU_NAMES.map((name, list) => [prefix + name, lruPages(k, list as LruList)]));

/** Free pages in blocks of at least the size that is grouped by migrate type. */
const freeInWholeBlocks = (k: Kernel): number =>
	sum(k.pages.zones.map(zone => sum(zone.nr_free.map((blocks, order) => wholeBlocks(k, blocks, order)))));
const wholeBlocks = (k: Kernel, blocks: number, order: number) =>
	order < k.pages.pageblockOrder ? 0 : blocks << order;

/** Kilobytes that went to and from disks. */
function blockIo(k: Kernel): Counters {
	const stats = [...k.block.disks.values()].map(({queue}) => queue.stats);
	return {
		pgpgin: Math.floor(sum(stats.map(({sectorsRead}) => sectorsRead)) / 2),
		pgpgout: Math.floor(sum(stats.map(({sectorsWritten}) => sectorsWritten)) / 2),
	};
}

function ofZones(name: string, counts: Iterable<number>): Counters {
	const [dma = 0, normal = 0, high = 0, movable = 0] = counts;
	return {[`${name}_dma`]: dma, [`${name}_normal`]: normal, [`${name}_high`]: high, [`${name}_movable`]: movable};
}

/** From 4.10 on allocstall is counted by zone; before, it is one counter. */
function allocations(k: Kernel): Counters {
	return {
		...ofZones('pgalloc', k.pages.pgalloc),
		...ofZones('allocstall', k.pages.allocstallsOf),
		allocstall: k.pages.allocstalls,
		pgfree: k.pages.pgfree,
		pgfault: k.mm.minorFaults + k.mm.majorFaults,
		pgmajfault: k.mm.majorFaults,
	};
}

/** Before 4.8 scanned and freed pages are counted by zone, and those freed by kswapd apart. */
function reclaim(k: Kernel): Counters {
	const events = k.vm_events;
	const {pgrefill, pgscan_kswapd, pgscan_direct, pgsteal_kswapd, pgsteal_direct, ...single} = events;
	return {
		...single,
		...ofZones('pgrefill', pgrefill),
		pgrefill: sum(pgrefill),
		...ofZones('pgscan_kswapd', pgscan_kswapd),
		pgscan_kswapd: sum(pgscan_kswapd),
		...ofZones('pgscan_direct', pgscan_direct),
		pgscan_direct: sum(pgscan_direct),
		...ofZones(
			'pgsteal',
			pgsteal_kswapd.map((pages, zone) => pages + pgsteal_direct[zone]!),
		),
		kswapd_steal: sum(pgsteal_kswapd),
		pgsteal_kswapd: sum(pgsteal_kswapd),
		pgsteal_direct: sum(pgsteal_direct),
		pageoutrun: k.vmscan.pageoutrun,
		oom_kill: k.vmscan.oomKills,
	};
}
