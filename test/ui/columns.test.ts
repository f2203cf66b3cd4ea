/** Tables of panes, whatever their numbers and their room: columns do not touch, numbers are whole or marked. */

import {stripVTControlCharacters} from 'node:util';
import fc from 'fast-check';
import {render} from 'ink-testing-library';
import {createElement} from 'react';
import {expect, test} from 'vitest';
import {address} from '../../source/formats/text.ts';
import {dmaModel} from '../../source/model/dma.ts';
import {framesModel} from '../../source/model/frames.ts';
import {nobody} from '../../source/model/injections.ts';
import {iocbsModel} from '../../source/model/iocbs.ts';
import {kmapModel} from '../../source/model/kmap.ts';
import {logModel} from '../../source/model/log.ts';
import {mapsModel} from '../../source/model/maps.ts';
import type {ProcessRow} from '../../source/model/processes.ts';
import {traceModel} from '../../source/model/trace.ts';
import {zonesModel} from '../../source/model/zones.ts';
import {evenColumns} from '../../source/ui/panes/evenColumns.ts';
import {briefCount, bytes, count, duration, shortCount} from '../../source/ui/panes/format.ts';
import {paneOf} from '../../source/ui/panes/table.ts';
import type {PaneId} from '../../source/ui/state/panes.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {fitLine, lineText} from '../../source/ui/terminal/lines.ts';
import {textWidth} from '../../source/ui/terminal/width.ts';
import {ProcessTable} from '../../source/ui/view/components/ProcessTable.tsx';
import {legendBeside} from '../../source/ui/view/frameLegend.ts';
import {contentOf as paneContent} from '../../source/ui/view/panes.ts';
import {aio, area, dmaDump, kiocb, kmapAtomic, pageMap, pools, zoneinfo} from './support/records.ts';

const at = {timeNs: 0, movedMs: 0};
const columnsOf = fc.integer({min: 38, max: 200});
/** Of any number of digits up to seven, each as likely. */
const number = fc.integer({min: 0, max: 7}).chain(digits => fc.integer({min: 0, max: 10 ** digits - 1}));
const state = initialState({name: 'lab', kind: 'socket', writable: true}, 120, 40);

function contentOf(id: PaneId, model: unknown, columns: number) {
	const ready: State = {...state, models: {...state.models, [id]: {state: 'ready', model}}};
	return paneContent(ready, id, {columns, rows: 30});
}

/** All that a pane says, as it stands in its frame. */
function rowsOf(id: PaneId, model: unknown, columns: number): readonly string[] {
	const {head, rows, foot} = contentOf(id, model, columns);
	const list = Array.from({length: rows.count}, (_, index) => rows.lineAt(index));
	const lines = [...head, ...list, ...foot].map(each => lineText(fitLine(each, columns)));
	for (const each of lines) expect(textWidth(each)).toBe(columns);
	return lines;
}

const wordsOf = (row: string): readonly string[] => row.trim().split(/\s+/);

/** Words of a row: those expected, in their order, until one is cut, which shows. */
function expectWords(row: string, expected: readonly string[]): void {
	const words = wordsOf(row);
	const cut = words.findIndex(word => word.endsWith('…'));
	const whole = cut < 0 ? words : words.slice(0, cut);
	expect(whole, row).toEqual(expected.slice(0, whole.length));
	if (cut < 0) expect(words, row).toHaveLength(expected.length);
	else expect(expected[cut]!.startsWith(words[cut]!.slice(0, -1)), row).toBe(true);
}

test('columns are as even as the numbers let them be', () => {
	expect(evenColumns([1, 2, 1], 12, 6)).toEqual([4, 4, 4]);
	expect(evenColumns([1, 4, 1], 12, 6)).toEqual([4, 5, 3]);
	expect(evenColumns([1, 2, 1], 40, 6)).toEqual([6, 6, 6]);
	expect(evenColumns([3, 3, 3], 12, 6)).toEqual([4, 4, 4]);
	expect(evenColumns([3, 3, 3], 11, 6)).toBe(undefined);
	expect(evenColumns([], 11, 6)).toEqual([]);
});

test('a count in few columns is rounded, and never wider than asked where three are enough', () => {
	expect(
		[0, 999, 1000, 12_345, 123_456, 999_499, 999_500, 1_234_567, 9_999_999].map(each => briefCount(each, 4)),
	).toEqual(['0', '999', '1000', '12k', '123k', '999k', '1.0M', '1.2M', '10M']);
	expect([1000, 12_345, 1_234_567, 9_999_999].map(each => briefCount(each, 3))).toEqual(['1k', '12k', '1M', '10M']);
	expect(briefCount(9_999_999, 7)).toBe('9999999');
	expect([99_949_999, 99_950_000, 1e9].map(shortCount)).toEqual(['99.9M', '100M', '1,000M']);
});

const blocks = fc.array(number, {minLength: 11, maxLength: 11});

test('zones: the orders of all zones stand in the same columns, and no two touch', () => {
	fc.assert(
		fc.property(fc.array(blocks, {minLength: 1, maxLength: 3}), fc.boolean(), columnsOf, (zones, marked, columns) => {
			const buddyinfo = {
				zones: zones.map((freeBlocks, index) => ({node: 0, zone: ['DMA', 'Normal', 'HighMem'][index]!, freeBlocks})),
			};
			const files = {buddyinfo, zoneinfo: marked ? zoneinfo : undefined, meminfo: undefined};
			const model = zonesModel(files, undefined, at);
			const {rows} = contentOf('zones', model, columns);
			const texts = rowsOf('zones', model, columns);
			const places: string[] = [];
			for (const [index, freeBlocks] of zones.entries()) {
				const zone = model.zones[index]!;
				const orders = texts.filter((_, row) => rows.idAt(row)?.startsWith(`${zone.id} orders`));
				const words = orders.flatMap(wordsOf);
				expect(words).toHaveLength(11);
				for (const [order, text] of words.entries()) {
					expect([Number.POSITIVE_INFINITY, 5, 4].map(most => briefCount(freeBlocks[order]!, most))).toContain(text);
				}
				places.push(orders.map(row => [...row.matchAll(/\S(?=\s|$)/g)].map(({index: end}) => end)).join(';'));
				const first = texts[texts.findIndex((_, row) => rows.idAt(row) === zone.id)]!;
				expect(wordsOf(first).slice(0, 3)).toEqual([zone.zone, count(zone.freePages), 'free']);
			}
			expect(new Set(places).size).toBe(1);
			if (columns >= 90)
				expect(texts.filter((_, row) => rows.idAt(row)?.includes('orders'))).toHaveLength(zones.length);
		}),
	);
});

test('zones: small counts stand as they always did', () => {
	const buddyinfo = {zones: [{node: 0, zone: 'DMA', freeBlocks: [10, 2, 3, 4, 5, 6, 7, 8, 9, 1, 0]}]};
	const model = zonesModel({buddyinfo, zoneinfo: undefined, meminfo: undefined}, undefined, at);
	const [, orders] = rowsOf('zones', model, 38);
	expect(orders).toBe(' 10  2  3  4  5  6  7  8  9  1  0     ');
	const wide = {zones: [{node: 0, zone: 'DMA', freeBlocks: [120, 2, 3, 4, 5, 6, 7, 8, 9, 1, 0]}]};
	const [, wider] = rowsOf(
		'zones',
		zonesModel({buddyinfo: wide, zoneinfo: undefined, meminfo: undefined}, undefined, at),
		38,
	);
	expect(wider).toBe(' 120  2  3  4  5  6  7  8  9  1  0    ');
});

test('zones: a watermark is whole or rounded, and how a zone stands is said', () => {
	fc.assert(
		fc.property(number, number, number, number, columnsOf, (free, min, low, high, columns) => {
			const buddyinfo = {zones: [{node: 0, zone: 'Normal', freeBlocks: [free]}]};
			const pages = {...zoneinfo.zones[0]!.pages, min, low, high};
			const zones = [{...zoneinfo.zones[0]!, zone: 'Normal', pages}];
			const model = zonesModel({buddyinfo, zoneinfo: {...zoneinfo, zones}, meminfo: undefined}, undefined, at);
			const row = rowsOf('zones', model, columns)[1]!;
			const found = / (?:min|m) (\S+) (?:low|l) (\S+) (?:high|h) (\S+)(?: (below (?:min|low)))? *$/.exec(row);
			expect(found, row).not.toBe(null);
			for (const [index, pagesOf] of [min, low, high].entries()) {
				expect([7, 5, 4, 3].map(most => briefCount(pagesOf, most))).toContain(found![index + 1]);
			}
			expect(found![4]).toBe(free < min ? 'below min' : free < low ? 'below low' : undefined);
		}),
	);
});

test('dma: pools', () => {
	const pool = fc.record({blocksInUse: number, blocks: number, sizeBytes: number, pages: number});
	fc.assert(
		fc.property(fc.array(pool, {minLength: 1, maxLength: 4}), columnsOf, (numbers, columns) => {
			const first = pools.pools[0]!;
			const all = numbers.map((each, index) => ({...first, ...each, name: `pool${index}`}));
			const files = {pools: [['0000:00:1d.7', {...pools, pools: all}] as const], dump: dmaDump, swiotlb: undefined};
			const older = dmaModel(
				{...files, pools: [['0000:00:1d.7', {...pools, pools: all.map(each => ({...each, blocksInUse: 0}))}] as const]},
				undefined,
				at,
				nobody,
			);
			const model = dmaModel(files, older, {timeNs: 1, movedMs: 1}, nobody);
			const [heading = '', ...texts] = rowsOf('dma', model, columns);
			const width = heading.indexOf('pages') + 'pages'.length;
			for (const [index, each] of numbers.entries()) {
				const row = texts[index]!;
				expect(row).toMatch(columns >= 48 ? new RegExp(`^. pool${index} `) : /^. poo/);
				const words = wordsOf(row.slice(0, width));
				expect(words.slice(-4), row).toEqual([each.blocksInUse, each.blocks, each.sizeBytes, each.pages].map(String));
				// A sign, the name, and how many more there are.
				expect(words.length, row).toBeLessThanOrEqual(7);
				expect(row.slice(0, width).endsWith(String(each.pages))).toBe(true);
			}
		}),
	);
});

test('iocbs: requests and contexts', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(number, number, number, number, number), {minLength: 1, maxLength: 4}),
			columnsOf,
			(all, columns) => {
				const kiocbs = all.map(([pid, pos, nbytes, pagesPinned, ageUs], index) =>
					kiocb(index, {pid, pos, nbytes, pagesPinned, ageUs, comm: 'db', file: '/f'}),
				);
				const model = iocbsModel({aio: aio(kiocbs), aioNr: undefined, aioMaxNr: undefined}, undefined, at, nobody);
				const [heading = '', ...texts] = rowsOf('iocbs', model, columns);
				const names = wordsOf(heading);
				for (const [index, [pid, pos, nbytes, pins, ageUs]] of all.entries()) {
					const {kiocb: each} = model.rows[index]!;
					const values: Readonly<Record<string, string>> = {
						pid: String(pid),
						comm: 'db',
						op: each.opcode,
						kind: each.kind,
						pos: pos.toString(16),
						len: bytes(nbytes),
						state: each.state,
						pins: String(pins),
						age: duration(ageUs),
						file: '/f',
					};
					expectWords(
						texts[index]!.slice(1),
						names.map(each => values[each]!),
					);
				}
			},
		),
	);
});

test('iocbs: the contexts, and how many are in flight', () => {
	fc.assert(
		fc.property(number, number, number, number, columnsOf, (pid, inFlight, ready, pagesPinned, columns) => {
			const file = aio([kiocb(1, {pagesPinned})]);
			const context = {...file.contexts[0]!, pid, inFlight, head: 0, tail: ready, ringNr: 10_000_000};
			const files = {aio: {...file, contexts: [context]}, aioNr: undefined, aioMaxNr: undefined};
			const rows = rowsOf('iocbs', iocbsModel(files, undefined, at, nobody), columns);
			const words = wordsOf(rows[3]!);
			expect(words[0], rows[3]).toBe(String(pid));
			expect(words.slice(-4), rows[3]).toEqual([String(ready), 'ready,', String(inFlight), 'out']);
			const pages = pagesPinned === 1 ? 'page' : 'pages';
			expect(wordsOf(rows.at(-1)!).slice(-3), rows.at(-1)).toEqual([count(pagesPinned), pages, 'pinned']);
		}),
	);
	const many = iocbsModel(
		{aio: aio(Array.from({length: 120}, (_, index) => kiocb(index))), aioNr: undefined, aioMaxNr: undefined},
		undefined,
		at,
		nobody,
	);
	expect(rowsOf('iocbs', many, 60).at(-1)).toMatch(/^120 in flight /);
});

test('kmap: slots', () => {
	fc.assert(
		fc.property(number, number, number, columnsOf, (pfn, used, pid, columns) => {
			const model = kmapModel(
				kmapAtomic({'0.3': {pfn, used, holder: {comm: 'db', pid}}}),
				undefined,
				undefined,
				at,
				nobody,
			);
			const row = rowsOf('kmap', model, columns).find(text => text.includes('0.3 '))!;
			const words = wordsOf(row);
			expect(words).toContain(`0x${pfn.toString(16)}`);
			expect(words.at(-1)).toBe(count(used));
			expect(
				words.some(word => word === `db-${pid}` || (word.endsWith('…') && `db-${pid}`.startsWith(word.slice(0, -1)))),
			).toBe(true);
		}),
	);
});

test('maps: inodes and sizes', () => {
	fc.assert(
		fc.property(number, number, columnsOf, (inode, pages, columns) => {
			const start = 0x1000_0000;
			const areas = [
				area(start, start + 4096 * (pages + 1), 'rw-p', '/f', inode),
				area(0x7000_0000, 0x7000_1000, 'rw-p', '/g', 1),
			];
			const model = mapsModel(
				{pid: 1, comm: 'x', maps: {areas}, vma: undefined, first: undefined},
				undefined,
				at,
				nobody,
			);
			const row = rowsOf('maps', model, columns)[1]!;
			const place = `${address(start)}-${address(start + 4096 * (pages + 1))}`;
			expectWords(row, [
				place,
				'rw-p',
				...(columns >= 58 ? ['00000000'] : []),
				...(columns >= 74 ? ['08:01', String(inode)] : []),
				'/f',
				...(columns >= 86 ? [bytes(4096 * (pages + 1))] : []),
			]);
		}),
	);
});

test('the list of processes', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(number, number, number), {minLength: 1, maxLength: 4}), all => {
			const rows = all.map(
				([pid, vmSizeKb, vmRssKb]): ProcessRow => ({
					id: `pid ${pid}`,
					pid,
					comm: 'db',
					state: 'sleeping',
					vmSizeKb,
					vmRssKb,
					injection: undefined,
					mark: undefined,
				}),
			);
			const pidColumns = Math.max(6, ...all.map(([pid]) => String(pid).length));
			const {lastFrame, unmount} = render(createElement(ProcessTable, {rows, selected: -1, pidColumns, columns: 62}));
			const [head = '', ...texts] = stripVTControlCharacters(lastFrame()!).split('\n');
			unmount();
			for (const [index, [pid, size, rss]] of all.entries()) {
				const row = texts[index]!.trimEnd();
				expect(wordsOf(row)).toEqual([String(pid), 'db', 'sleeping', bytes(size * 1024), bytes(rss * 1024)]);
				expect(row).toHaveLength(head.trimEnd().length);
			}
		}),
		{numRuns: 30},
	);
});

test('trace and log: a task and a time are whole, however long', () => {
	const timeUs = 1_234_567_890_123;
	const event = 'kworker/u64:12+-4194303 [1023] .... 1234567.890123: kfree: x';
	const rows = rowsOf('trace', traceModel([event], undefined, undefined), 120);
	expect(rows[0]).toContain('kworker/u64:12+-4194303 [1023] 1234567.890123: kfree: x');
	const log = logModel({lines: [{level: 6, timeUs, text: 'x'}]}, undefined, at);
	expect(rowsOf('log', log, 60)[0]).toContain('[1234567.890123] x');
});

test('bytes have the unit that keeps them short, up to the largest address space', () => {
	const powers = [0, 10, 20, 30, 40, 50, 60].map(power => bytes(2 ** power));
	expect(powers).toEqual(['1', '1k', '1M', '1G', '1T', '1P', '1E']);
	for (let power = 0; power <= 64; power++) {
		for (const value of [2 ** power, 2 ** power - 1, 1.37 * 2 ** power]) {
			expect(bytes(Math.floor(value)).length, String(value)).toBeLessThanOrEqual(5);
		}
	}
});

test('a filter finds a number as it is, and as it is shown', () => {
	const buddyinfo = {zones: [{node: 0, zone: 'DMA', freeBlocks: Array.from({length: 11}, () => 123_456)}]};
	const pages = {...zoneinfo.zones[0]!.pages, min: 12_345_678, low: 13_000_000, high: 14_000_000};
	const zones = [{...zoneinfo.zones[0]!, zone: 'DMA', pages}];
	const model = zonesModel({buddyinfo, zoneinfo: {...zoneinfo, zones}, meminfo: undefined}, undefined, at);
	const texts = paneOf('zones')
		.rows(model, {state, room: {columns: 38, rows: 30}})
		.map(paneOf('zones').meaning.text);
	expect(texts.filter(text => text.includes('123k') && text.includes('123456'))).toHaveLength(2);
	expect(texts.filter(text => text.includes('12.3M') && text.includes('12345678'))).toHaveLength(1);
});

test('the legend of frames', () => {
	fc.assert(
		fc.property(
			number,
			fc.integer({min: -9_999_999, max: 9_999_999}),
			fc.integer({min: 10, max: 40}),
			(frames, change, columns) => {
				const model = framesModel(pageMap(), undefined, undefined, at, nobody);
				const legend = model.legend.map(each => ({...each, frames: frames + 1, change}));
				for (const each of legendBeside({...model, legend}, columns, 40)) {
					const text = lineText(each);
					const shown = columns < 16 ? String(frames + 1) : count(frames + 1);
					expect(wordsOf(text).at(-1), text).toBe(shown);
				}
			},
		),
	);
});

test.each([1, 2, 5, 15, 16])('a legend of %i rows names what passes before what is always there', rows => {
	const model = framesModel(pageMap(), undefined, undefined, at, nobody);
	const legend = model.legend.map(each => ({...each, frames: 7}));
	const texts = legendBeside({...model, legend}, 30, rows).map(lineText);
	expect(texts).toHaveLength(rows);
	if (rows < legend.length) expect(texts.at(-1)).toBe(`… ${legend.length - rows + 1} more`);
	else expect(texts.map(text => text[0])).toEqual(legend.map(({letter}) => letter));
	if (rows >= 2) expect(texts.some(text => text.startsWith('P pinned'))).toBe(true);
	if (rows < legend.length) expect(texts.some(text => text.startsWith('R rsvd'))).toBe(false);
});
