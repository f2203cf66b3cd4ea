/** Files that say the same in other words: in every era and on every machine in a long run. */
import {describe, expect, test} from 'vitest';
import {pathOf} from '../../source/formats/fileRow.ts';
import {files} from '../../source/formats/files.ts';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {presets} from '../../source/lab/presets.ts';
import {sampleOf} from '../sample.ts';
import {clockPath, mostEvents} from './support.ts';

const pageKb = 4;
/** Of an entry of a pagemap. */
const entryBytes = 8;
const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, each) => total + each, 0);

function newTree(era: EraName, preset: string) {
	const lab = bootLab({era, preset, load: 'busy'});
	lab.write(clockPath, 'watch off', 'test');
	lab.run(1e9, mostEvents);
	const text = (path: string) => lab.read(path) as string;
	const bytes = (path: string) => lab.read(path) as Uint8Array;
	// Threads of a process have its address space.
	const pids = lab
		.list('/proc')
		.flatMap(name => (/^\d+\/$/.test(name) ? [Number(name.slice(0, -1))] : []))
		.filter(pid => files.status.parse(text(pathOf(files.status, {pid}))).VmSize !== undefined);
	return {text, bytes, pids};
}

const cases = ERA_NAMES.flatMap(era => Object.keys(presets).map(preset => [era, preset] as const));
const [usual, others] = [true, false].map(is => cases.filter(([, preset]) => (preset === 'lab') === is));

describe.each([...sampleOf(usual!, 2), ...sampleOf(others!, 2)])('%s on %s', (era, preset) => {
	const {text, bytes, pids} = newTree(era, preset);
	const meminfo = files.meminfo.parse(text(files.meminfo.path));
	const zoneinfo = files.zoneinfo.parse(text(files.zoneinfo.path));

	test('free pages: meminfo, buddyinfo and zoneinfo', () => {
		const {zones} = files.buddyinfo.parse(text(files.buddyinfo.path));
		const free = (all: typeof zones) => sum(all.map(({freeBlocks}) => sum(freeBlocks.map((n, order) => n << order))));
		expect(free(zones) * pageKb).toBe(meminfo.MemFree);
		expect(sum(zoneinfo.zones.map(({pages}) => pages.free ?? 0)) * pageKb).toBe(meminfo.MemFree);
		for (const zone of zones)
			expect([zone.zone, free([zone])]).toEqual([
				zone.zone,
				zoneinfo.zones.find(each => each.zone === zone.zone)!.pages.free,
			]);
		expect(meminfo.HighFree! + meminfo.LowFree!).toBe(meminfo.MemFree);
		expect(meminfo.HighTotal! + meminfo.LowTotal!).toBe(meminfo.MemTotal);
	});

	test('pages of processes: status, smaps, pagemap and kpagecount', () => {
		const {counts} = files.kpagecount.decode(bytes(files.kpagecount.path));
		const {frames} = files.kpageflags.decode(bytes(files.kpageflags.path));
		const mapped = new Map<number, number>();
		for (const pid of pids) {
			const {areas} = files.smaps.parse(text(pathOf(files.smaps, {pid})));
			const pagemap = bytes(pathOf(files.pagemap, {pid}));
			let resident = 0;
			for (const {start, end} of areas) {
				// Most entries of a process are of no area.
				const [from, to] = [start, end].map(address => (address / 4096) * entryBytes);
				for (const {pfn} of files.pagemap.decode(pagemap.subarray(from, to)).entries) {
					// Registers have no struct page, and nobody counts who maps the zero page.
					if (pfn === null || pfn >= counts.length || counts[pfn] === 0) continue;
					resident++;
					mapped.set(pfn, (mapped.get(pfn) ?? 0) + 1);
				}
			}
			const {VmRSS} = files.status.parse(text(pathOf(files.status, {pid})));
			expect([pid, resident * pageKb]).toEqual([pid, VmRSS]);
			if (era !== '2.6.32' && era !== 'ldd3') expect([pid, sum(areas.map(({Rss}) => Rss ?? 0))]).toEqual([pid, VmRSS]);
		}
		expect(mapped.size).toBeGreaterThan(50);
		const wrong = counts.flatMap((count, pfn) =>
			count === (mapped.get(pfn) ?? 0) ? [] : [[pfn, count, mapped.get(pfn)]],
		);
		expect(wrong.filter(([pfn]) => !JSON.stringify(frames[pfn!]).includes('RESERVED'))).toEqual([]);
	});

	test('vmalloc: meminfo and vmallocinfo', () => {
		const {areas} = files.vmallocinfo.parse(text(files.vmallocinfo.path));
		const bytesOf = (all: typeof areas) => sum(all.map(({sizeBytes}) => sizeBytes));
		const newer = ['5.10', '6.1', '6.18'].includes(era);
		// Since 5.3 the pages that vmalloc() took count, and no chunk is looked for since 4.4.
		const pages = areas
			.filter(({kinds}) => kinds.includes('vmalloc') || kinds.includes('user'))
			.map(area => area.pages ?? 0);
		expect(meminfo.VmallocUsed).toBe(newer ? sum(pages) * pageKb : bytesOf(areas) / 1024);
		if (newer) expect(meminfo.VmallocChunk).toBe(0);
		else expect(meminfo.VmallocChunk! + meminfo.VmallocUsed!).toBeLessThanOrEqual(meminfo.VmallocTotal!);
	});

	test('what is cached, written and mapped: meminfo and vmstat', () => {
		const {counters} = files.vmstat.parse(text(files.vmstat.path));
		expect(meminfo.Dirty).toBe(counters.nr_dirty! * pageKb);
		expect(meminfo.Writeback).toBe(counters.nr_writeback! * pageKb);
		expect(meminfo.PageTables).toBe(counters.nr_page_table_pages! * pageKb);
		const slab = counters.nr_slab ?? (counters.nr_slab_reclaimable ?? 0) + counters.nr_slab_unreclaimable!;
		expect(meminfo.Slab).toBe(slab * pageKb);
		if (counters.nr_file_pages !== undefined)
			expect(meminfo.Cached! + meminfo.Buffers!).toBe(counters.nr_file_pages * pageKb);
	});
});
