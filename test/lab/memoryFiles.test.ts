import {expect, test} from 'vitest';
import {parseDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {parseDmaPools} from '../../source/formats/debugfs/dmaPools.ts';
import {type PageMap, parsePageMap} from '../../source/formats/debugfs/pageMap.ts';
import {parseVma} from '../../source/formats/debugfs/vma.ts';
import {parseVmaFrames} from '../../source/formats/debugfs/vmaFrames.ts';
import {parseMeminfo} from '../../source/formats/proc/meminfo.ts';
import {parseVmstat} from '../../source/formats/proc/vmstat.ts';
import {parsePools} from '../../source/formats/sys/pools.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {runHeadless} from '../../source/target/headless.ts';

const debug = '/sys/kernel/debug';

function busyLab(): Lab {
	const lab = bootLab({load: 'busy'});
	runHeadless(lab, 1e9);
	return lab;
}

const lab = busyLab();
const read = (path: string): string => String(lab.read(path));
const mapOf = (rest: string): PageMap => parsePageMap(read(`${debug}/page_map/${rest}`));
const total = parsePageMap(read(`${debug}/page_map`));
const frames = total.zones.reduce((sum, zone) => sum + zone.frames, 0);

/** Letters of every frame of memory. */
const letters = mapOf(`0/${frames}/${frames}`)
	.zones.map(({cells}) => cells)
	.join('');

test('a cell is free only if all of its frames are, and its digit is how much of it is in use, in ninths', () => {
	const {zones, framesPerCell} = mapOf(`0/${frames}/256`);
	let mixed = 0;
	for (const zone of zones) {
		for (const [cell, letter] of [...zone.cells].entries()) {
			const first = zone.startPfn + cell * framesPerCell;
			const own = [...letters.slice(first, Math.min(first + framesPerCell, zone.startPfn + zone.frames))];
			const used = own.filter(each => each !== '.').length;
			expect(letter === '.').toBe(used === 0);
			expect(own).toContain(letter);
			expect(Number(zone.shares[cell])).toBe(Math.ceil((9 * used) / own.length));
			mixed += used > 0 && used < own.length ? 1 : 0;
		}
	}
	expect(mixed).toBeGreaterThan(0);
});

test('with letters only frames of these kinds count, while the legend counts all', () => {
	const only = mapOf(`0/${frames}/256/DR`);
	expect(new Set(only.zones.flatMap(({cells}) => [...cells]))).toEqual(new Set(['D', 'R', '.']));
	expect(only.legend).toEqual(mapOf(`0/${frames}/256`).legend);
	expect(() => read(`${debug}/page_map/0/64/64/xyz`)).toThrow(/^EINVAL: LETTERS must be some of/);
});

test('the frames behind an area are as many as vma counts, and page_map shows each of them in use', () => {
	const pid = 8;
	for (const area of parseVma(read(`${debug}/vma/${pid}`)).areas) {
		const range = `${area.start.toString(16)}-${area.end.toString(16)}`;
		const {runs, present} = parseVmaFrames(read(`${debug}/vma/${pid}/${range}`));
		expect(present).toBe(area.pagesPresent);
		expect(runs.reduce((sum, {run}) => sum + run.frames, 0)).toBe(present);
		for (const {run} of runs) {
			expect(letters.slice(run.pfn, run.pfn + run.frames)).not.toContain('.');
		}
	}
	expect(() => read(`${debug}/vma/${pid}/heap`)).toThrow(/^EINVAL: a part of an address space is START-END/);
});

test(
	'the pages of the pools are coherent mappings, as many as the pools files count, with the blocks ' +
		'that these count',
	() => {
		const {pages} = parseDmaPools(read(`${debug}/dma_pools`));
		const coherent = parseDmaApiDump(read(`${debug}/dma-api/dump`)).mappings.filter(({type}) => type === 'coherent');
		const device = '0000:00:1d.7';
		const {pools} = parsePools(read(`/sys/devices/pci0000:00/${device}/pools`));
		expect(pages.length).toBeGreaterThan(3);
		for (const {name, pages: count, blocksInUse, blocks} of pools) {
			const own = pages.filter(page => page.device === device && page.pool === name);
			const sum = (of: 'blocksInUse' | 'blocks'): number => own.reduce((all, page) => all + page[of], 0);
			expect([name, own.length, sum('blocksInUse'), sum('blocks')]).toEqual([name, count, blocksInUse, blocks]);
		}
		for (const {busAddress, run} of pages) {
			const mapping = coherent.find(each => each.busAddress === busAddress);
			expect(mapping).toMatchObject({lengthBytes: 4096 * run.frames, physicalAddress: 4096 * run.pfn});
			expect(letters.slice(run.pfn, run.pfn + run.frames)).toBe('D'.repeat(run.frames));
		}
	},
);

test('vmstat agrees with meminfo, and its events only grow', () => {
	const {counters} = parseVmstat(read('/proc/vmstat'));
	const meminfo = parseMeminfo(read('/proc/meminfo'));
	expect(4 * counters.nr_dirty!).toBe(meminfo.Dirty);
	expect(4 * counters.nr_slab!).toBe(meminfo.Slab);
	expect(counters.pgfault).toBeGreaterThanOrEqual(counters.pgmajfault!);
	const later = busyLab();
	runHeadless(later, 1.5e9);
	const after = parseVmstat(String(later.read('/proc/vmstat'))).counters;
	const events = Object.keys(counters).slice(Object.keys(counters).indexOf('pgpgin'));
	expect(events).toHaveLength(31);
	for (const name of events) {
		expect(after[name]).toBeGreaterThanOrEqual(counters[name]!);
	}
	expect(after.pgalloc_high).toBeGreaterThan(counters.pgalloc_high!);
});
