/**
 * Files of /proc print the counters that this machine keeps in the order, and under the names, of each era's kernel.
 */
import {describe, expect, it} from 'vitest';
import {parseBuddyinfo} from '../../source/formats/proc/buddyinfo.ts';
import {parseMeminfo} from '../../source/formats/proc/meminfo.ts';
import {decodePagemap} from '../../source/formats/proc/pagemap.ts';
import {parseVmstat} from '../../source/formats/proc/vmstat.ts';
import {parseZoneinfo} from '../../source/formats/proc/zoneinfo.ts';
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import {pci_resource_start} from '../../source/kernel/drivers/device.ts';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import {fd_install, O_RDWR} from '../../source/kernel/fs/file.ts';
import {shmem_file_setup} from '../../source/kernel/fs/shmem.ts';
import {sys_mlock, sys_munlock} from '../../source/kernel/mm/mlock.ts';
import {MAP_SHARED, PROT_READ} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import {pagemap} from '../../source/lab/tree/process.ts';
import {vmstat, counters as vmstatCounters} from '../../source/lab/tree/vmstat.ts';
import {neverCounted} from '../../source/lab/tree/vmstatRows.ts';
import {User} from '../../source/lab/userland.ts';
import {capture} from '../formats/support/captures.ts';
import {runProcess} from '../kernel/support.ts';
import {quietLab, quietMachine} from './support.ts';

/** One machine of each era, which is only read. */
const labs = new Map<EraName, ReturnType<typeof quietLab>>();
function read(era: EraName, path: string): string {
	const lab = labs.get(era) ?? quietLab({era});
	labs.set(era, lab);
	return String(lab.read(path));
}

/** Names of a zone's lines, numbers of rows aside. */
function zoneLabels(text: string, zone: string): string[] {
	const start = text.indexOf(`zone ${zone.padStart(8)}\n`);
	if (start < 0) return [];
	const end = text.indexOf('\nNode', start);
	const lines = text.slice(start, end < 0 ? undefined : end).split('\n');
	return lines
		.slice(1)
		.filter(Boolean)
		.map(line => line.replace(/[\d(].*$/, ''));
}

const lru = ['inactive_anon', 'active_anon', 'inactive_file', 'active_file'];
const marks = (...names: string[]) => names.map(name => `        ${name.padEnd(9)}`);
const counters = (indent: number, ...names: string[]) => names.map(name => `${' '.repeat(indent)}${name.padEnd(12)} `);
const rows = (width: number, ...names: string[]) => names.map(name => `${' '.repeat(14)}${`${name}:`.padEnd(width)}`);
const cpus = (...lines: string[]) => ['  pagesets', ...['    cpu: ', '    cpu: '].flatMap(cpu => [cpu, ...lines])];
const protection = '        protection: ';
const free = '  pages free     ';

const zoneLists = counters(6, 'nr_free_pages', ...lru.map(name => `nr_zone_${name}`));
const old = [
	free,
	...marks('min', 'low', 'high', 'scanned', 'spanned', 'present'),
	...counters(4, 'nr_free_pages', ...lru.map(name => `nr_${name}`)),
	protection,
	...cpus(...rows(7, 'count', 'high', 'batch')),
	'  start_pfn:         ',
];

/** A hot list and a cold one. */
const pcp = rows(7, 'count', 'low', 'high', 'batch');

/** Of Normal, in the order of mm/vmstat.c zoneinfo_show_print(); 2.6.13's for the kernel that had none. */
const normal: Record<EraName, readonly string[]> = {
	ldd3: [
		free,
		...marks('min', 'low', 'high', 'active', 'inactive', 'spanned', 'present'),
		protection,
		...cpus(...pcp, '    cpu: ', ...pcp),
		'  start_pfn:         ',
	],
	'2.6.32': old,
	'3.2': old,
	'5.10': [
		free,
		...marks('min', 'low', 'high', 'spanned', 'present', 'managed'),
		protection,
		...zoneLists,
		...cpus(...rows(7, 'count', 'high', 'batch')),
		'  start_pfn:           ',
	],
	'6.1': [
		free,
		...marks('boost', 'min', 'low', 'high', 'spanned', 'present', 'managed', 'cma'),
		protection,
		...zoneLists,
		...cpus(...rows(7, 'count', 'high', 'batch')),
		'  start_pfn:           ',
	],
	'6.18': [
		free,
		...marks('boost', 'min', 'low', 'high', 'promo', 'spanned', 'present', 'managed', 'cma'),
		protection,
		...zoneLists,
		...cpus(...rows(10, 'count', 'high', 'batch', 'high_min', 'high_max')),
		'  start_pfn:           ',
	],
};

/** Names of the rows of a /proc/vmstat, in their order. */
const vmstatNames = (text: string) => text.split('\n').flatMap(line => line.split(' ')[0] || []);
const vmstatRows = (era: EraName) => vmstatNames(read(era, '/proc/vmstat'));

/** What `newer` has that `older` has not, each after the name before it. */
const addedTo = (older: readonly string[], newer: readonly string[]) =>
	newer.flatMap((name, i) => (older.includes(name) ? [] : [`${newer[i - 1]} → ${name}`]));
const without = (names: readonly string[], others: readonly string[]) => names.filter(name => !others.includes(name));

/** Caches of kmalloc() for 64 to 256 bytes, newest first. */
const slabs: Record<EraName, string> = {
	ldd3: 'size-256(DMA) size-256 size-128(DMA) size-128 size-96(DMA) size-96 size-64(DMA) size-64',
	'2.6.32': 'size-256(DMA) size-256 size-128(DMA) size-128 size-96(DMA) size-96 size-64(DMA) size-64',
	'3.2': 'dma-kmalloc-256 dma-kmalloc-128 dma-kmalloc-64 dma-kmalloc-96 kmalloc-256 kmalloc-128 kmalloc-64 kmalloc-96',
	'5.10': 'dma-kmalloc-256 dma-kmalloc-128 dma-kmalloc-64 dma-kmalloc-96 kmalloc-256 kmalloc-128 kmalloc-96 kmalloc-64',
	'6.1': 'dma-kmalloc-256 dma-kmalloc-128 dma-kmalloc-96 dma-kmalloc-64 kmalloc-256 kmalloc-128 kmalloc-96 kmalloc-64',
	'6.18': 'dma-kmalloc-256 dma-kmalloc-128 dma-kmalloc-96 dma-kmalloc-64 kmalloc-256 kmalloc-128 kmalloc-96 kmalloc-64',
};

const hasEmptyZones = (era: EraName) => era === '5.10' || era === '6.1' || era === '6.18';

describe.each(ERA_NAMES)('in %s', era => {
	it('zoneinfo has that kernel’s rows in their order, and its zones', () => {
		const text = read(era, '/proc/zoneinfo');
		expect(zoneLabels(text, 'Normal')).toEqual(normal[era]);
		expect(zoneLabels(text, 'DMA').includes('  per-node stats')).toBe(hasEmptyZones(era));
		const {zones} = parseZoneinfo(text);
		const names = ['DMA', 'Normal', 'HighMem', ...(hasEmptyZones(era) ? ['Movable'] : [])];
		expect(zones.map(({zone}) => zone)).toEqual(names);
		expect(zones.every(zone => zone.protection.length === (era === 'ldd3' ? 3 : 4))).toBe(true);
	});

	it('a machine without high memory has no such zone, or an empty one that says what is kept back for it', () => {
		const lab = quietLab({era, highmemBytes: 0});
		const text = String(lab.read('/proc/zoneinfo'));
		const marks = normal[era].filter(label => label === free || /^ {8}\S/.test(label));
		expect(zoneLabels(text, 'HighMem')).toEqual(hasEmptyZones(era) ? marks : []);
		expect(String(lab.read('/proc/buddyinfo'))).not.toContain('HighMem');
	});

	it('meminfo and slabinfo too', () => {
		const names = (path: string) => read(era, path).split('\n').filter(Boolean);
		const labels = names('/proc/meminfo').map(line => line.split(':')[0]!);
		expect(labels.indexOf('PageTables') > labels.indexOf('Committed_AS')).toBe(era === 'ldd3');
		const caches = names('/proc/slabinfo').flatMap(
			line => /^(?:dma-)?(?:size|kmalloc)-(?:64|96|128|256)\S*/.exec(line) ?? [],
		);
		expect(caches.join(' ')).toBe(slabs[era]);
	});
});

describe('vmstat', () => {
	it.each([
		['5.10', '5.10-i386-pae'],
		['6.1', '6.1-i386-pae'],
	] as const)('of %s has the rows of a real one', (era, kernel) => {
		expect(vmstatRows(era)).toEqual(vmstatNames(capture(kernel, '/proc/vmstat')));
	});

	it('of 2.6.11 has zones from the highest', () => {
		expect(vmstatRows('ldd3').join(' ')).toBe(
			[
				'nr_dirty nr_writeback nr_unstable nr_page_table_pages nr_mapped nr_slab pgpgin pgpgout pswpin pswpout',
				'pgalloc_high pgalloc_normal pgalloc_dma pgfree pgactivate pgdeactivate pgfault pgmajfault',
				'pgrefill_high pgrefill_normal pgrefill_dma pgsteal_high pgsteal_normal pgsteal_dma',
				'pgscan_kswapd_high pgscan_kswapd_normal pgscan_kswapd_dma',
				'pgscan_direct_high pgscan_direct_normal pgscan_direct_dma',
				'pginodesteal slabs_scanned kswapd_steal kswapd_inodesteal pageoutrun allocstall pgrotated',
			].join(' '),
		);
	});

	it('of 3.2 has what 2.6.32 has, and more', () => {
		const [older, newer] = [vmstatRows('2.6.32'), vmstatRows('3.2')];
		expect(older.length).toBe(69);
		expectInOrder(older, newer);
		expect(addedTo(older, newer)).toEqual([
			'nr_vmscan_write → nr_vmscan_immediate_reclaim',
			'nr_shmem → nr_dirtied',
			'nr_dirtied → nr_written',
			'nr_written → nr_anon_transparent_hugepages',
			'nr_anon_transparent_hugepages → nr_dirty_threshold',
			'nr_dirty_threshold → nr_dirty_background_threshold',
			'kswapd_inodesteal → kswapd_low_wmark_hit_quickly',
			'kswapd_low_wmark_hit_quickly → kswapd_high_wmark_hit_quickly',
			'kswapd_high_wmark_hit_quickly → kswapd_skip_congestion_wait',
			'pgrotated → compact_blocks_moved',
			'compact_blocks_moved → compact_pages_moved',
			'compact_pages_moved → compact_pagemigrate_failed',
			'compact_pagemigrate_failed → compact_stall',
			'compact_stall → compact_fail',
			'compact_fail → compact_success',
			'unevictable_pgs_mlockfreed → thp_fault_alloc',
			'thp_fault_alloc → thp_fault_fallback',
			'thp_fault_fallback → thp_collapse_alloc',
			'thp_collapse_alloc → thp_collapse_alloc_failed',
			'thp_collapse_alloc_failed → thp_split',
		]);
	});

	it('of 6.18 has what 6.1 has but for what went, and more', () => {
		const [older, newer] = [vmstatRows('6.1'), vmstatRows('6.18')];
		expect(without(older, newer)).toEqual(['nr_bounce', 'nr_writeback_temp']);
		expect(read('6.18', '/proc/zoneinfo')).not.toContain('nr_writeback_temp');
		const moved = ['pgdemote_kswapd', 'pgdemote_direct'];
		expectInOrder(without(older, ['nr_bounce', 'nr_writeback_temp', ...moved]), newer);
		expect(addedTo(without(older, moved), newer)).toEqual([
			'nr_free_pages → nr_free_pages_blocks',
			'nr_sec_page_table_pages → nr_iommu_pages',
			'nr_swapcached → pgdemote_kswapd',
			'pgdemote_kswapd → pgdemote_direct',
			'pgdemote_direct → pgdemote_khugepaged',
			'pgdemote_khugepaged → pgdemote_proactive',
			'pgdemote_proactive → nr_hugetlb',
			'nr_hugetlb → nr_balloon_pages',
			'nr_balloon_pages → nr_kernel_file_pages',
			'nr_dirty_background_threshold → nr_memmap_pages',
			'nr_memmap_pages → nr_memmap_boot_pages',
			'pgsteal_direct → pgsteal_khugepaged',
			'pgsteal_khugepaged → pgsteal_proactive',
			'pgscan_direct → pgscan_khugepaged',
			'pgscan_khugepaged → pgscan_proactive',
			'thp_deferred_split_page → thp_underused_split_page',
			'swap_ra_hit → swpin_zero',
			'swpin_zero → swpout_zero',
			'zswpout → zswpwb',
			'direct_map_level3_splits → direct_map_level2_collapses',
			'direct_map_level2_collapses → direct_map_level3_collapses',
		]);
	});

	it('of 6.18 counts free pages in whole blocks, which are those of the largest order', () => {
		const {counters} = parseVmstat(read('6.18', '/proc/vmstat'));
		const {zones} = parseBuddyinfo(read('6.18', '/proc/buddyinfo'));
		const largest = zones.reduce((sum, {freeBlocks}) => sum + freeBlocks.at(-1)! * 1024, 0);
		expect(largest).toBeGreaterThan(0);
		expect(counters.nr_free_pages_blocks).toBe(largest);
	});

	it.each(['2.6.32', '6.1'] as const)('of %s counts a locked page once, until no locked area maps it', era => {
		runProcess(quietMachine({era}).k, function* (k) {
			const locked = () => parseVmstat(vmstat(k)).counters.nr_mlock;
			const fd = fd_install(k.cpu.current.files, shmem_file_setup(k, 'shared', 3 * PAGE_SIZE));
			const map = () => sys_mmap2(k, 0, 3 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
			const [one, other] = [yield* map(), yield* map()];
			expect(locked()).toBe(0);
			yield* sys_mlock(k, one, 2 * PAGE_SIZE);
			expect(locked()).toBe(2);
			yield* sys_mlock(k, other + PAGE_SIZE, 2 * PAGE_SIZE);
			expect(locked()).toBe(3);
			yield* sys_munlock(k, one, 2 * PAGE_SIZE);
			expect(locked()).toBe(2);
			yield* sys_munmap(k, other, 3 * PAGE_SIZE);
			expect(locked()).toBe(0);
		});
	});

	it('counts nothing under a name that is said to be always 0', () => {
		const counted = Object.keys(vmstatCounters(quietMachine({era: 'ldd3'}).k));
		expect(counted.filter(name => Object.values(neverCounted).flat().includes(name))).toEqual([]);
	});
});

/** Whether all of `some` are among `all`, in the same order. */
function expectInOrder(some: readonly string[], all: readonly string[]): void {
	const places = some.map(each => all.indexOf(each));
	expect(some.filter((_, i) => places[i]! < 0)).toEqual([]);
	expect(places).toEqual([...places].sort((a, b) => a - b));
}

describe.each([
	['5.10', '5.10-i386-pae'],
	['6.1', '6.1-i386'],
] as const)('%s has what a real one has', (era, kernel) => {
	it.each(['DMA', 'Normal', 'HighMem', 'Movable'])('in zone %s', zone => {
		const unique = (labels: string[]) => labels.slice(0, labels.indexOf('  pagesets') + 1 || undefined);
		const real = unique(zoneLabels(capture(kernel, '/proc/zoneinfo'), zone));
		expectInOrder(unique(zoneLabels(read(era, '/proc/zoneinfo'), zone)), real);
	});

	it.each(['/proc/meminfo', '/proc/slabinfo'])('in %s', path => {
		const names = (text: string) => text.split('\n').flatMap(line => /^[\w()-]+(?=:| )/.exec(line) ?? []);
		const real = names(capture(kernel, path));
		const lab = quietLab({era, pae: kernel.endsWith('pae')});
		const ours = names(String(lab.read(path))).filter(name => path === '/proc/meminfo' || /kmalloc/.test(name));
		expectInOrder(ours, real);
	});

	it('in smaps: each row of an area', () => {
		const rows = (text: string) => new Set(text.split('\n').flatMap(line => /^(\w+): /.exec(line)?.[1] ?? []));
		const lab = quietLab({era});
		expect([...rows(String(lab.read('/proc/1/smaps')))]).toEqual([...rows(capture(kernel, '/proc/self/smaps'))]);
	});
});

/** Flags of all areas of a process, as smaps spells them. */
const flagsOf = (text: string) =>
	text.split('\n').flatMap(line => /^VmFlags: (.*) $/.exec(line)?.[1]?.split(' ') ?? []);

it.each(['5.10', '6.1', '6.18'] as const)('smaps of %s knows each flag of an area', era => {
	const lab = quietLab({era});
	const flags = new Set(flagsOf(String(lab.read('/proc/1/smaps'))));
	for (const flag of ['rd', 'wr', 'ex', 'mr', 'mw', 'me', 'gd', 'ac']) expect(flags).toContain(flag);
	expect(flags.has('??')).toBe(false);
	expect(flags.has('dw')).toBe(era === '5.10');
});

it.each(
	ERA_NAMES,
)('meminfo of %s: what is mapped directly is low memory, and what is available is less than all', era => {
	for (const pae of [false, true]) {
		const rows = parseMeminfo(String(quietLab({era, pae}).read('/proc/meminfo')));
		const large = pae ? rows.DirectMap2M : rows.DirectMap4M;
		if (era === 'ldd3') expect(rows.DirectMap4k).toBeUndefined();
		else expect(rows.DirectMap4k! + large!).toBe(64 * 1024);
		if (!hasEmptyZones(era)) expect(rows.MemAvailable).toBeUndefined();
		else {
			expect(rows.MemAvailable).toBeGreaterThan(0);
			expect(rows.MemAvailable).toBeLessThan(rows.MemFree! + rows.Cached! + rows.Buffers!);
		}
	}
});

it.each([
	['3.2', true],
	['5.10', false],
] as const)('pagemap of %s shows what a driver has mapped without struct pages: %s', (era, shown) => {
	const {k, board} = quietMachine({era});
	const mapping = runProcess(k, function* (kernel) {
		const u = new User(kernel);
		const fd = yield* u.open('/dev/simple0', O_RDWR);
		const registers = pci_resource_start(board.drivers.dad!.pdev, 0) / PAGE_SIZE;
		const at = yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, registers);
		const place = (at / PAGE_SIZE) * 8;
		const {entries} = decodePagemap(pagemap(kernel, kernel.cpu.current.mm!).subarray(place, place + 8));
		return entries[0]!.pfn === registers;
	});
	expect(mapping).toBe(shown);
});
