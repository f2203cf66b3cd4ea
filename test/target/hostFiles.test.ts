/** What a real Linux is given as in our format: the map of frames, and the log. */

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parsePageMap} from '../../source/formats/debugfs/pageMap.ts';
import {encodeKpagecount} from '../../source/formats/proc/kpagecount.ts';
import {encodeKpageflags, type KpageFlag} from '../../source/formats/proc/kpageflags.ts';
import {hostFrames} from '../../source/target/hostFrames.ts';
import {hostLog, kmsgLines} from '../../source/target/hostLog.ts';

let directory: string;
beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'mmtop-host-'));
});
afterAll(() => rmSync(directory, {recursive: true}));

const zone = (node: number, name: string, start: number, frames: number) =>
	`Node ${node}, zone ${name.padStart(8)}\n  pages free     1\n        min      1\n        low      1\n` +
	`        high     1\n        spanned  ${frames}\n        present  ${frames}\n` +
	'        protection: (0, 0)\n      nr_free_pages 1\n  pagesets\n    cpu: 0\n              count: 0\n' +
	`              high:  0\n              batch: 1\n  start_pfn:           ${start}\n`;

/** Frames by their flags, in the files that a kernel has. */
function framesOf(flags: readonly (readonly KpageFlag[])[], counts: readonly number[], zones: string) {
	const paths = {
		kpageflags: join(directory, 'kpageflags'),
		kpagecount: join(directory, 'kpagecount'),
		zoneinfo: join(directory, 'zoneinfo'),
	};
	writeFileSync(paths.kpageflags, encodeKpageflags({frames: flags}));
	writeFileSync(paths.kpagecount, encodeKpagecount({counts: [...counts]}));
	writeFileSync(paths.zoneinfo, zones);
	return paths;
}

class Clock {
	ms = 0;
	nowMs(): number {
		// Each look takes a millisecond.
		this.ms += 1;
		return this.ms;
	}
	setTimer(): () => void {
		return () => {};
	}
}

const kinds: readonly (readonly [string, readonly KpageFlag[], number])[] = [
	['R', ['NOPAGE'], 0],
	['R', ['RESERVED'], 0],
	['.', ['BUDDY'], 0],
	['S', ['SLAB', 'COMPOUND_HEAD'], 0],
	['T', ['MMAP', 'PGTABLE'], 0],
	['A', ['UPTODATE', 'LRU', 'MMAP', 'ANON', 'SWAPBACKED'], 1],
	['a', ['UPTODATE', 'LRU', 'MMAP', 'ANON', 'SWAPBACKED'], 2],
	['F', ['UPTODATE', 'LRU'], 0],
	['f', ['UPTODATE', 'LRU', 'MMAP'], 3],
	['d', ['UPTODATE', 'LRU', 'DIRTY'], 0],
	['w', ['UPTODATE', 'LRU', 'WRITEBACK'], 0],
	['K', [], 0],
];

describe('the map of frames', () => {
	test('gives each frame the letter of its flags, zone by zone, and a window is part of the whole', () => {
		const frames = [...kinds, ...kinds];
		const zones = zone(0, 'DMA', 0, 12) + zone(1, 'Normal', 12, 12);
		const paths = framesOf(
			frames.map(([, flags]) => flags),
			frames.map(([, , count]) => count),
			zones,
		);
		const read = hostFrames(paths, new Clock());
		const whole = parsePageMap(read('/sys/kernel/debug/page_map')!);
		const letters = kinds.map(([letter]) => letter).join('');
		expect(whole.zones.map(({name, startPfn, cells}) => [name, startPfn, cells])).toEqual([
			['DMA', 0, letters],
			['Normal/1', 12, letters],
		]);
		expect(whole.legend.find(({letter}) => letter === 'R')).toMatchObject({frames: 4, meaning: 'reserved'});
		const part = parsePageMap(read('/sys/kernel/debug/page_map/0xa/4/4')!);
		expect(part.zones.map(({cells}) => cells)).toEqual(['wK', 'RR']);
		const two = parsePageMap(read('/sys/kernel/debug/page_map/0/24/12/Aa')!);
		expect(two.framesPerCell).toBe(2);
		expect(two.zones[0]).toMatchObject({cells: '..Aa..', shares: '005500'});
	});

	test('a cell of more than 64 frames is judged by 64 of them, and its counts say about', () => {
		const flags = Array.from({length: 256}, (_, pfn): readonly KpageFlag[] => (pfn < 128 ? ['BUDDY'] : ['SLAB']));
		const paths = framesOf(
			flags,
			flags.map(() => 0),
			zone(0, 'Normal', 0, 256),
		);
		const {zones, legend} = parsePageMap(hostFrames(paths, new Clock())('/sys/kernel/debug/page_map/0/256/1')!);
		expect(zones[0]).toMatchObject({cells: 'S', shares: '5'});
		expect(legend.map(({letter, frames, meaning}) => [letter, frames, meaning])).toEqual([
			['S', 128, 'slab, about'],
			['.', 128, 'free, about'],
		]);
	});

	test('a map is given again until nineteen times what it took has passed', () => {
		const paths = framesOf([['SLAB']], [0], zone(0, 'Normal', 0, 1));
		const clock = new Clock();
		const read = hostFrames(paths, clock);
		const cells = () => parsePageMap(read('/sys/kernel/debug/page_map')!).zones[0]!.cells;
		expect(cells()).toBe('S');
		writeFileSync(paths.kpageflags, encodeKpageflags({frames: [['BUDDY']]}));
		expect(cells()).toBe('S');
		clock.ms += 19;
		expect(cells()).toBe('.');
	});

	test('two windows in turn are both given again, and together they take their share', () => {
		const paths = framesOf([['SLAB']], [0], zone(0, 'Normal', 0, 1));
		const clock = new Clock();
		const read = hostFrames(paths, clock);
		const cells = (cellCount: number) =>
			parsePageMap(read(`/sys/kernel/debug/page_map/0/1/${cellCount}`)!).zones[0]!.cells;
		expect([cells(1), cells(2)]).toEqual(['S', 'S']);
		writeFileSync(paths.kpageflags, encodeKpageflags({frames: [['BUDDY']]}));
		expect([cells(1), cells(2)]).toEqual(['S', 'S']);
		clock.ms += 18;
		expect([cells(1), cells(2)], 'the second waits for what both took').toEqual(['.', 'S']);
		clock.ms += 38;
		expect(cells(2)).toBe('.');
	});

	test('what is not the map is not answered, and what is wrong is said', () => {
		const paths = {kpageflags: join(directory, 'none'), kpagecount: '', zoneinfo: join(directory, 'zoneinfo')};
		writeFileSync(paths.zoneinfo, zone(0, 'Normal', 0, 1));
		const read = hostFrames(paths);
		expect(read('/proc/meminfo')).toBeUndefined();
		expect(() => read('/sys/kernel/debug/page_map')).toThrow(
			/^ENOENT: the map of frames is made of .*none, .* not have$/,
		);
		const unreadable = hostFrames({...paths, kpageflags: directory, kpagecount: directory});
		expect(() => unreadable('/sys/kernel/debug/page_map')).toThrow(/^EISDIR: the map .* could not be read$/);
		expect(() => read('/sys/kernel/debug/page_map/0/1/65537')).toThrow('EINVAL: CELLS must be 1..65536');
		expect(() => read('/sys/kernel/debug/page_map/0/1/1/Z')).toThrow('EINVAL: LETTERS');
	});
});

describe('the log', () => {
	test('a record is a line of /proc/kmsg, or as many as its text has', () => {
		expect(kmsgLines('6,339,5140900,-;NET: Registered\n SUBSYSTEM=net\n')).toEqual([
			'<6>[    5.140900] NET: Registered',
		]);
		expect(kmsgLines('30,1,7,c;a; b\\x0ac\n')).toEqual(['<30>[    0.000007] a; b', '<30>[    0.000007] c']);
		expect(kmsgLines(String.raw`6,2,7,-;\xc3\xa4\x09\x5cx41 \xff`)).toEqual(['<6>[    0.000007] ä\t\\x41 \udcff']);
		expect(kmsgLines('nonsense')).toEqual([]);
		expect(kmsgLines('')).toEqual([]);
	});

	test('one that is not there, or cannot be read, is said', () => {
		expect(() => hostLog(join(directory, 'none')).read()).toThrow(/^ENOENT: the log .* is not here$/);
		expect(() => hostLog(directory).read()).toThrow(/^EISDIR: the log .* could not be read$/);
	});
});
