/**
 * What the terminal must show, composed in one grid: Ink's frame below, and above it the layers of cells that
 * components put there. Rows on which neither changed stay as they are.
 */

import {asciiGlyph} from './ascii.ts';
import {blank, copyCells, createGrid, type Grid, putText} from './cells.ts';
import {createInkFrame} from './inkFrame.ts';
import {type Line, toneNumber} from './lines.ts';
import type {StyleTable} from './sgr.ts';
import type {Layer, Rect, Surface} from './surface.ts';
import {laidOver, type Theme, type Tone, tones} from './theme.ts';

function paintLine(grid: Grid, rect: Rect, row: number, line: Line | undefined, styleOf: ToneStyles): void {
	const end = Math.min(grid.columns, rect.column + rect.columns);
	let column = rect.column;
	const lineTone = line?.tone;
	const under = lineTone === undefined ? 0 : styleOf.over(0, toneNumber(lineTone), undefined);
	for (const part of line?.spans ?? []) {
		const {cells} = part;
		const style = cells
			? (index: number) => styleOf.over(under, cells[index]!, lineTone)
			: styleOf.over(under, toneNumber(part.tone ?? 'plain'), lineTone);
		column = putText(grid, column, row, part.text, style, end);
	}
	putText(grid, column, row, ' '.repeat(Math.max(0, end - column)), under, end);
}

/** Numbers of styles by number of tone. */
type ToneStyles = {
	/** The style of a tone that lies over another style, which is that of its line. */
	over(under: number, tone: number, lineTone: Tone | undefined): number;
};

function createToneStyles(styles: StyleTable, theme: Theme): ToneStyles {
	// Asked for every cell of a map: two array reads. By the style below, then by tone.
	const known: number[][] = [];
	return {
		over(under, tone, lineTone) {
			known[under] ??= [];
			const row = known[under];
			if (row[tone] === undefined) {
				const parameters = laidOver(theme, lineTone, tones[tone]!);
				row[tone] = parameters === '' ? under : styles.after(under, parameters);
			}
			return row[tone];
		},
	};
}

/** Paints what a layer has in a row of the screen. */
function paintRow(grid: Grid, ink: Grid, {rect, lines}: Layer, row: number, styleOf: ToneStyles): void {
	if (row < rect.row || row >= rect.row + rect.rows || rect.column >= grid.columns) return;
	if (lines) {
		paintLine(grid, rect, row, lines[row - rect.row], styleOf);
	} else {
		copyCells(ink, grid, row, rect.column, Math.min(grid.columns, rect.column + rect.columns));
	}
}

const isSameRect = (a: Rect, b: Rect): boolean =>
	a.column === b.column && a.row === b.row && a.columns === b.columns && a.rows === b.rows;

function toAscii(grid: Grid): void {
	for (const [at, glyph] of grid.glyphs.entries()) {
		if (glyph === 0 || glyph > 0x7e) {
			grid.glyphs[at] = glyph === 0 ? blank : asciiGlyph(glyph);
		}
	}
}

export type Composition = Surface & {
	/** Takes a frame of Ink. */
	frame(text: string): void;
	reset(columns: number, rows: number): void;
	/** Brings the grid up to what was put and taken. */
	compose(): Grid;
};

export function createComposition(styles: StyleTable, theme: Theme, columns: number, rows: number): Composition {
	const toneStyles = createToneStyles(styles, theme);
	const ink = createInkFrame(styles, columns, rows);
	const layers = new Map<string, Layer>();
	/** Names of layers, the lowest first. */
	let pile: readonly string[] = [];
	let isPiled = false;
	let grid = createGrid(columns, rows);
	/** Layers whose lines changed since the grid was composed, with the lines painted then. */
	const repainted = new Map<string, readonly Line[] | undefined>();
	/** Layers came, went or moved since then. */
	let isRearranged = true;

	/** Rows on which a layer's lines are others than those that were painted. */
	const changedRows = ({rect, lines}: Layer, painted: readonly Line[] | undefined): readonly number[] =>
		Array.from({length: rect.rows}, (_, index) => index)
			.filter(index => lines?.[index] === undefined || lines[index] !== painted?.[index])
			.map(index => rect.row + index)
			.filter(row => row >= 0 && row < grid.rows);

	const composeRow = (row: number): void => {
		copyCells(ink.grid, grid, row, 0, grid.columns);
		for (const id of pile) paintRow(grid, ink.grid, layers.get(id)!, row, toneStyles);
	};

	const composeAll = (): void => {
		pile = [...layers].sort(([, a], [, b]) => a.height - b.height).map(([id]) => id);
		isPiled = [...layers.values()].some(({height}) => height > 0);
		for (let row = 0; row < grid.rows; row++) composeRow(row);
	};

	const composeChanged = (inkRows: readonly number[]): void => {
		const stale = new Set(inkRows);
		for (const [id, painted] of repainted) {
			const layer = layers.get(id)!;
			for (const row of changedRows(layer, painted)) {
				// Layers of height 0 do not overlap: where only their lines change, the others stay as they are.
				if (isPiled) stale.add(row);
				else if (!stale.has(row)) paintRow(grid, ink.grid, layer, row, toneStyles);
			}
		}
		for (const row of stale) composeRow(row);
	};

	return {
		put(id, layer) {
			const before = layers.get(id);
			layers.set(id, layer);
			if (!repainted.has(id)) repainted.set(id, before?.lines);
			isRearranged ||= !before || !isSameRect(before.rect, layer.rect) || before.height !== layer.height;
		},
		remove(id) {
			layers.delete(id);
			repainted.delete(id);
			isRearranged = true;
		},
		frame: ink.put,
		reset(newColumns, newRows) {
			ink.reset(newColumns, newRows);
			grid = createGrid(newColumns, newRows);
			isRearranged = true;
		},
		compose() {
			const inkRows = ink.read();
			if (isRearranged) composeAll();
			else composeChanged(inkRows);
			const hasChanged = isRearranged || inkRows.length > 0 || repainted.size > 0;
			isRearranged = false;
			repainted.clear();
			if (hasChanged && !theme.unicode) toAscii(grid);
			return grid;
		},
	};
}
