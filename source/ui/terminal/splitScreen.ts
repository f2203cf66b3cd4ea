/** A terminal that several screens share, each in a rectangle of its own, with other lines around them. */

import {createGrid, type Grid} from './cells.ts';
import {type Composition, createComposition} from './composition.ts';
import {createScreen, type Screen, type Sink} from './screen.ts';
import type {StyleTable} from './sgr.ts';
import type {Rect} from './surface.ts';
import type {Theme} from './theme.ts';

type SplitScreen = {
	/** One for each part. What the first one copies is what the clipboard gets. */
	readonly parts: readonly Screen[];
	/** What lies around the parts. */
	readonly whole: Screen;
	/** The terminal has another size: where the parts lie now. A part that has another size too is reset by itself. */
	resize(columns: number, rows: number, places: readonly Rect[]): void;
};

type SplitOptions = {
	readonly sink: Sink;
	readonly theme: Theme;
	readonly columns: number;
	readonly rows: number;
	readonly places: readonly Rect[];
	readonly mostBytes: () => number;
};

function copyInto(to: Grid, from: Grid, {column, row}: Rect): void {
	const columns = Math.min(from.columns, to.columns - column);
	const rows = Math.min(from.rows, to.rows - row);
	for (let index = 0; index < rows; index++) {
		const [begin, at] = [index * from.columns, (row + index) * to.columns + column];
		to.glyphs.set(from.glyphs.subarray(begin, begin + columns), at);
		to.styles.set(from.styles.subarray(begin, begin + columns), at);
	}
}

type Split = {
	readonly composition: Composition;
	readonly parts: readonly Composition[];
	place(places: readonly Rect[]): void;
	size(): {readonly columns: number; readonly rows: number};
};

/** What all parts show, copied into one grid. */
function splitComposition(styles: StyleTable, {theme, columns, rows, places: first}: SplitOptions): Split {
	let places = first;
	const around = createComposition(styles, theme, columns, rows);
	const parts = places.map(place => createComposition(styles, theme, place.columns, place.rows));
	let grid = createGrid(columns, rows);
	return {
		parts,
		composition: {
			...around,
			reset(newColumns, newRows) {
				around.reset(newColumns, newRows);
				grid = createGrid(newColumns, newRows);
			},
			compose() {
				copyInto(grid, around.compose(), {column: 0, row: 0, columns: grid.columns, rows: grid.rows});
				for (const [index, part] of parts.entries()) copyInto(grid, part.compose(), places[index]!);
				return grid;
			},
		},
		place(newPlaces) {
			places = newPlaces;
		},
		size: () => grid,
	};
}

export function createSplitScreen(options: SplitOptions): SplitScreen {
	const {sink, theme, columns, rows, mostBytes} = options;
	let split: Split | undefined;
	const whole = createScreen(sink, theme, columns, rows, mostBytes, styles => {
		split = splitComposition(styles, options);
		return split.composition;
	});
	const {parts, place, size} = split!;
	return {
		whole,
		parts: parts.map(({put, remove, frame, reset}, index) => ({
			put,
			remove,
			frame,
			reset(newColumns, newRows) {
				reset(newColumns, newRows);
				whole.reset(size().columns, size().rows);
			},
			flush: whole.flush,
			copy(text) {
				if (index === 0) whole.copy(text);
			},
			settled: whole.settled,
			get shown() {
				return whole.shown;
			},
		})),
		resize(newColumns, newRows, places) {
			place(places);
			whole.reset(newColumns, newRows);
		},
	};
}
