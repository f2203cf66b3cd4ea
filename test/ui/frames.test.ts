/** Cells of the frame map: what is drawn, lit, pointed at and moved to are the same cells, wherever zones begin. */

import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {PageMap} from '../../source/formats/debugfs/pageMap.ts';
import {framesModel} from '../../source/model/frames.ts';
import {nobody} from '../../source/model/injections.ts';
import {frameAt, moveFrameCursor} from '../../source/ui/panes/framesCursor.ts';
import {litOf} from '../../source/ui/panes/lit.ts';
import {paneOf} from '../../source/ui/panes/table.ts';
import {modelIn} from '../../source/ui/state/panes.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {toneNumber} from '../../source/ui/terminal/lines.ts';
import {contentOf} from '../../source/ui/view/panes.ts';

type Zones = readonly {readonly name: string; readonly startPfn: number; readonly frames: number}[];

const names = ['DMA', 'Normal', 'HighMem'];

/** Zones of any size, one behind the other, from any frame on. */
const anyZones = fc
	.tuple(fc.nat(200), fc.array(fc.integer({min: 1, max: 900}), {minLength: 1, maxLength: 3}))
	.map(([start, sizes]): Zones => {
		let startPfn = start;
		return sizes.map((frames, index) => {
			const zone = {name: names[index]!, startPfn, frames};
			startPfn += frames;
			return zone;
		});
	});

const mapOf = (zones: Zones, framesPerCell: number): PageMap => ({
	framesPerCell,
	window: null,
	letters: null,
	legend: [{letter: 'K', meaning: 'kernel', frames: 1}],
	zones: zones.map(zone => {
		const cells = Math.ceil(zone.frames / framesPerCell);
		return {...zone, cells: 'K'.repeat(cells), shares: framesPerCell === 1 ? '' : '9'.repeat(cells)};
	}),
});

function stateOf(zones: Zones, framesPerCell: number): State {
	const state = initialState({name: 'lab', kind: 'socket', writable: true}, 200, 60);
	const model = framesModel(mapOf(zones, framesPerCell), undefined, undefined, {timeNs: 0, movedMs: 0}, nobody);
	return {
		...state,
		focus: 'frames',
		zoomed: true,
		frames: {...state.frames, zones},
		models: {...state.models, frames: {state: 'ready', model}},
	};
}

type Place = {readonly row: number; readonly column: number};

/** Cells of the picture that have a tone. */
const toned = (state: State, tone: 'page.cursor' | 'page.lit'): readonly Place[] =>
	contentOf(state, 'frames').head.flatMap(({spans}, row) => {
		const cells = spans.find(each => each.cells)?.cells ?? new Uint8Array();
		const label = spans[0]?.text.length ?? 0;
		return [...cells.keys()]
			.filter(cell => cells[cell] === toneNumber(tone))
			.map(cell => ({row, column: label + cell}));
	});

/** First frame of every cell, in the order in which they are drawn. */
const startsOf = (zones: Zones, framesPerCell: number): readonly number[] =>
	zones.flatMap(({startPfn, frames}) =>
		Array.from({length: Math.ceil(frames / framesPerCell)}, (_, cell) => startPfn + cell * framesPerCell),
	);

type AnyMap = {readonly zones: Zones; readonly framesPerCell: number; readonly random: number};

const anyMap = fc.record({zones: anyZones, framesPerCell: fc.constantFrom(1, 2, 8, 16), random: fc.nat(10_000)});

const withCursor = (state: State, cursorPfn: number | undefined): State => ({
	...state,
	frames: {...state.frames, cursorPfn},
});

/** A map with the cursor on any of its frames. */
function pointing({zones, framesPerCell, random}: AnyMap): State {
	const frames = zones.reduce((sum, each) => sum + each.frames, 0);
	return withCursor(stateOf(zones, framesPerCell), zones[0]!.startPfn + (random % frames));
}

test(
	'the cell that is drawn under the cursor holds its frame, a click on it goes there, and it is what ' +
		'is lit and asked about',
	() => {
		fc.assert(
			fc.property(anyMap, map => {
				const {zones, framesPerCell} = map;
				const state = pointing(map);
				const [place, ...others] = toned(state, 'page.cursor');
				expect(others).toEqual([]);
				const first = frameAt(state, place!.column, place!.row)!;
				const zone = zones.find(({startPfn, frames}) => first >= startPfn && first < startPfn + frames)!;
				const frames = Math.min(framesPerCell, zone.startPfn + zone.frames - first);
				const cursor = state.frames.cursorPfn!;
				expect(cursor >= first && cursor < first + frames).toBe(true);
				expect(litOf(state).runs).toEqual([{pfn: first, frames}]);
				expect(paneOf('frames').cause(state, litOf(state))).toEqual({kind: 'pfn', pfn: first, frames});
				expect(contentOf(state, 'frames').aside).toContain(
					`pfn 0x${first.toString(16)}${framesPerCell === 1 ? '' : `+${frames}`} ${zone.name}`,
				);
			}),
		);
	},
);

test('frames that are lit are those of the cells that are drawn as lit', () => {
	fc.assert(
		fc.property(anyMap, map => {
			const state = pointing(map);
			const followed: State = {
				...withCursor(state, undefined),
				following: {pfn: state.frames.cursorPfn, before: []},
			};
			expect(toned(followed, 'page.lit')).toEqual(toned(state, 'page.cursor'));
		}),
	);
});

test('the arrows go through all cells in the order in which they are drawn, and no further', () => {
	fc.assert(
		fc.property(anyMap, ({zones, framesPerCell}) => {
			const starts = startsOf(zones, framesPerCell);
			let at = withCursor(stateOf(zones, framesPerCell), starts[0]);
			for (const start of starts) {
				expect(at.frames.cursorPfn).toBe(start);
				at = moveFrameCursor(at, 1, 0);
			}
			for (const start of starts.toReversed()) {
				expect(at.frames.cursorPfn).toBe(start);
				at = moveFrameCursor(at, -1, 0);
			}
		}),
		{numRuns: 30},
	);
});

test('up and down go to the cell above and below as they are drawn, as far as the line goes', () => {
	fc.assert(
		fc.property(anyMap, map => {
			const state = pointing(map);
			const [from] = toned(state, 'page.cursor');
			const [to] = toned(moveFrameCursor(state, 0, 1), 'page.cursor');
			if (to!.row === from!.row) {
				// The last line: the last cell.
				expect(frameAt(state, to!.column + 1, to!.row)).toBeUndefined();
			} else {
				const isThere = frameAt(state, from!.column, to!.row) !== undefined;
				expect(isThere ? to!.column === from!.column : to!.column < from!.column).toBe(true);
				const back = toned(moveFrameCursor(moveFrameCursor(state, 0, 1), 0, -1), 'page.cursor');
				expect(back).toEqual([{row: from!.row, column: to!.column}]);
			}
		}),
	);
});

test('a cursor that the map does not hold moves by as many frames, within memory', () => {
	const zones: Zones = [{name: 'DMA', startPfn: 5, frames: 600}];
	const whole = stateOf(zones, 4);
	const window = {...modelIn(whole, 'frames')!, zones: []};
	const state: State = {...withCursor(whole, 101), models: {...whole.models, frames: {state: 'ready', model: window}}};
	expect(moveFrameCursor(state, 1, 0).frames.cursorPfn).toBe(105);
	expect(moveFrameCursor(state, 0, -1000).frames.cursorPfn).toBe(5);
	expect(moveFrameCursor(state, 0, 1000).frames.cursorPfn).toBe(604);
});
