/**
 * Models show_free_areas() of mm/page_alloc.c and lib/show_mem.c (2.6.11 and later): what the log says of memory when
 * somebody cannot have any.
 *
 * Not modelled: mlocked pages, kernel stacks, and what of a zone is dirty, mapped or isolated are left out;
 * show_mem()'s count of shared pages.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {type LruList, lruPages, zoneLruPages} from './lru.ts';
import {list_empty} from './page.ts';
import {slabPages} from './slab_shape.ts';
import {MAX_ORDER, type zone} from './zone.ts';

const kB = (pages: number): string => `${(pages * PAGE_SIZE) / 1024}kB`;

const isPopulated = (zone: zone) => zone.present_pages > 0;

const pageTables = (k: Kernel) => [...k.mm.mms.values()].reduce((sum, mm) => sum + mm.nr_ptes, 0);
const freePages = (k: Kernel) => k.pages.zones.reduce((sum, zone) => sum + zone.free_pages, 0);
const perCpuPages = (zone: zone) => zone.pageset.reduce((sum, {count}) => sum + count, 0);

/** Whether kswapd has given a zone up: it has looked at its pages several times in vain. */
function isAllUnreclaimable(k: Kernel, zone: zone): boolean {
	const pages = ([0, 1, 2, 3] as const).reduce<number>((sum, list) => sum + zoneLruPages(k, zone.index, list), 0);
	return zone.pages_scanned > 0 && zone.pages_scanned >= k.era.unreclaimableAfterScans * pages;
}

const yesNo = (value: boolean) => (value ? 'yes' : 'no');

const marks = (zone: zone) => `min:${kB(zone.pages_min)} low:${kB(zone.pages_low)} high:${kB(zone.pages_high)}`;

function byKind(count: (list: LruList) => string): string {
	return `active_anon:${count(1)} inactive_anon:${count(0)} active_file:${count(3)} inactive_file:${count(2)}`;
}

/** Letters of the types of which a block of this size is free. */
function typesOf(k: Kernel, zone: zone, order: number): string {
	const {free_area} = zone;
	const letters = ['U', 'E', 'M'].filter((_, type) => {
		const list = free_area[order]![type];
		return list !== undefined && !list_empty(k.mem_map, list);
	});
	return letters.join('');
}

function blocksLine(k: Kernel, zone: zone): string {
	const {nr_free} = zone;
	let total = 0;
	let text = `${zone.name}: `;
	for (let order = 0; order < MAX_ORDER; order++) {
		total += nr_free[order]! << order;
		text += `${nr_free[order]}*${kB(1 << order)} `;
		if (k.era.showMemForm === '5.10' && nr_free[order]! > 0) text += `(${typesOf(k, zone, order)}) `;
	}
	return `${text}= ${kB(total)}`;
}

const reserveLine = (k: Kernel, zone: zone) =>
	`lowmem_reserve[]: ${zone.lowmem_reserve.slice(0, k.era.hasZoneMovable ? 4 : 3).join(' ')}`;

function* linesOf2_6_11(k: Kernel): Generator<string> {
	const {zones} = k.pages;
	for (const zone of zones) {
		yield `${zone.name} per-cpu:${isPopulated(zone) ? '' : ' empty'}`;
		if (!isPopulated(zone)) continue;
		for (const [cpu, hot] of zone.pageset.entries())
			for (const [kind, {low, high, batch}] of Object.entries({hot, cold: zone.coldset[cpu] ?? hot}))
				yield `cpu ${cpu} ${kind}: low ${low}, high ${high}, batch ${batch}`;
	}
	yield '';
	yield `Free pages: ${kB(freePages(k)).padStart(13)} (${kB(zones[2]!.free_pages)} HighMem)`;
	const {nr_dirty, nr_writeback} = k.filemap;
	yield `Active:${lruPages(k, 1) + lruPages(k, 3)} inactive:${lruPages(k, 0) + lruPages(k, 2)} dirty:${nr_dirty} ` +
		`writeback:${nr_writeback} unstable:0 free:${freePages(k)} slab:${slabPages(k)} ` +
		`mapped:${k.mm.nr_file_mapped + k.mm.nr_anon_pages} pagetables:${pageTables(k)}`;
	for (const zone of zones) {
		const pages = (...lists: LruList[]) =>
			kB(lists.reduce<number>((sum, list) => sum + zoneLruPages(k, zone.index, list), 0));
		yield `${zone.name} free:${kB(zone.free_pages)} ${marks(zone)} active:${pages(1, 3)} inactive:${pages(0, 2)} ` +
			`present:${kB(zone.present_pages)} pages_scanned:${zone.pages_scanned} ` +
			`all_unreclaimable? ${yesNo(isAllUnreclaimable(k, zone))}`;
		yield reserveLine(k, zone);
	}
	for (const zone of zones) yield isPopulated(zone) ? blocksLine(k, zone) : `${zone.name}: empty`;
	yield 'Swap cache: add 0, delete 0, find 0/0, race 0+0';
}

/** What all zones have, line by line. */
function* totals(k: Kernel): Generator<string> {
	const {nr_dirty, nr_writeback, nr_shmem} = k.filemap;
	const pages = (list: LruList) => String(lruPages(k, list));
	const newer = k.era.showMemForm === '5.10';
	yield `active_anon:${pages(1)} inactive_anon:${pages(0)} isolated_anon:0`;
	yield ` active_file:${pages(3)} inactive_file:${pages(2)} isolated_file:${k.vm_events.nr_isolated_file}`;
	yield ` unevictable:0 dirty:${nr_dirty} writeback:${nr_writeback}${newer ? '' : ' unstable:0'}`;
	const slab = `slab_reclaimable:0 slab_unreclaimable:${slabPages(k)}`;
	yield newer ? ` ${slab}` : ` free:${freePages(k)} ${slab}`;
	const tables = ` mapped:${k.mm.nr_file_mapped} shmem:${nr_shmem} pagetables:${pageTables(k)}`;
	const bounce = `bounce:${k.block.nr_bounce}`;
	if (!k.era.showMemHasSecondaryTables) yield `${tables} ${bounce}`;
	else {
		yield tables;
		yield ` sec_pagetables:0 ${bounce}`;
		yield ' kernel_misc_reclaimable:0';
	}
	const perCpu = k.pages.zones.reduce((sum, zone) => sum + perCpuPages(zone), 0);
	if (newer) yield ` free:${freePages(k)} free_pcp:${perCpu} free_cma:0`;
}

function* linesOf2_6_32(k: Kernel): Generator<string> {
	const zones = k.pages.zones.filter(isPopulated);
	for (const zone of zones) {
		yield `${zone.name} per-cpu:`;
		for (const [cpu, {high, batch, count}] of zone.pageset.entries())
			yield `CPU ${String(cpu).padStart(4)}: hi:${String(high).padStart(5)}, btch:${String(batch).padStart(4)} ` +
				`usd:${String(count).padStart(4)}`;
	}
	yield* totals(k);
	for (const zone of zones) {
		yield `${zone.name} free:${kB(zone.free_pages)} ${marks(zone)} ` +
			`${byKind(list => kB(zoneLruPages(k, zone.index, list)))} present:${kB(zone.present_pages)} ` +
			`pages_scanned:${zone.pages_scanned} all_unreclaimable? ${yesNo(isAllUnreclaimable(k, zone))}`;
		yield reserveLine(k, zone);
	}
	for (const zone of zones) yield blocksLine(k, zone);
}

function* linesOf5_10(k: Kernel): Generator<string> {
	const zones = k.pages.zones.filter(isPopulated);
	yield* totals(k);
	const {nr_dirty, nr_writeback, nr_shmem} = k.filemap;
	yield `Node 0 ${byKind(list => kB(lruPages(k, list)))} unevictable:0kB isolated(anon):0kB ` +
		`isolated(file):${kB(k.vm_events.nr_isolated_file)} ` +
		`mapped:${kB(k.mm.nr_file_mapped)} dirty:${kB(nr_dirty)} writeback:${kB(nr_writeback)} shmem:${kB(nr_shmem)} ` +
		`pagetables:${kB(pageTables(k))} all_unreclaimable? ${yesNo(zones.every(zone => isAllUnreclaimable(k, zone)))}`;
	for (const zone of zones) {
		yield `${zone.name} free:${kB(zone.free_pages)}${k.era.showMemHasSecondaryTables ? ' boost:0kB' : ''} ` +
			`${marks(zone)} reserved_highatomic:0KB ${byKind(list => kB(zoneLruPages(k, zone.index, list)))} ` +
			`unevictable:0kB present:${kB(zone.present_pages)} managed:${kB(zone.managed_pages)} ` +
			`free_pcp:${kB(perCpuPages(zone))} local_pcp:${kB(zone.pageset[k.cpu.id]!.count)} free_cma:0kB`;
		yield reserveLine(k, zone);
	}
	for (const zone of zones) yield blocksLine(k, zone);
}

/** Pages of the cache and of swap, of which there is none; and since 2.6.32 how much memory there is at all. */
function* end(k: Kernel): Generator<string> {
	const {zones} = k.pages;
	const newer = k.era.showMemForm === '5.10';
	yield `${k.filemap.nr_file_pages} total pagecache pages`;
	yield '0 pages in swap cache';
	yield 'Swap cache stats: add 0, delete 0, find 0/0';
	yield 'Free swap  = 0kB';
	yield 'Total swap = 0kB';
	const sum = (field: (zone: zone) => number) => zones.reduce((total, zone) => total + field(zone), 0);
	yield `${sum(zone => zone.present_pages)} pages RAM`;
	yield `${zones[2]!.present_pages} pages HighMem${newer ? '/MovableOnly' : ''}`;
	yield `${sum(zone => zone.present_pages - zone.managed_pages)} pages reserved`;
}

/** Says in the log how much memory there is, and where. */
export function show_mem(k: Kernel): void {
	const say = (lines: Iterable<string>) => {
		for (const line of lines) printk(k, 4, line);
	};
	const form = k.era.showMemForm;
	if (form === '2.6.11') {
		say(linesOf2_6_11(k));
		return;
	}
	printk(k, 4, k.era.showMemTitle);
	say(form === '2.6.32' ? linesOf2_6_32(k) : linesOf5_10(k));
	say(end(k));
}
