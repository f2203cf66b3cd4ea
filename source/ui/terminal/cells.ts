/**
 * A rectangle of terminal cells in two typed arrays, row by row:
 *
 *   glyphs   code point of the cell; 0 in the right half of a two-column character
 *   styles   number in a StyleTable; 0 is the terminal's default
 *
 * A two-column character is always whole: writing over one half blanks the other.
 */

import type {StyleTable} from './sgr.ts';
import {charWidth, printable, withMark} from './width.ts';

export type Grid = {
	readonly columns: number;
	readonly rows: number;
	readonly glyphs: Uint32Array;
	readonly styles: Uint16Array;
};

export const BLANK = 0x20;

export const createGrid = (columns: number, rows: number): Grid => ({
	columns,
	rows,
	glyphs: new Uint32Array(columns * rows).fill(BLANK),
	styles: new Uint16Array(columns * rows),
});

const clearGrid = (grid: Grid): void => {
	grid.glyphs.fill(BLANK);
	grid.styles.fill(0);
};

export const copyGrid = (from: Grid, to: Grid): void => {
	to.glyphs.set(from.glyphs);
	to.styles.set(from.styles);
};

/** Puts one character at a cell that lies in the grid. A wide one that does not fit before `endColumn` becomes a blank. */
const putGlyph = (
	grid: Grid,
	column: number,
	row: number,
	codePoint: number,
	width: 1 | 2,
	style: number,
	endColumn = grid.columns,
): void => {
	const {glyphs, styles} = grid;
	const at = row * grid.columns + column;
	if (glyphs[at] === 0) {
		glyphs[at - 1] = BLANK;
	}
	const last = width === 2 && column + 1 < endColumn ? at + 1 : at;
	if (last + 1 < (row + 1) * grid.columns && glyphs[last + 1] === 0) {
		glyphs[last + 1] = BLANK;
	}
	glyphs[at] = width === 2 && last === at ? BLANK : codePoint;
	styles[at] = style;
	if (last !== at) {
		glyphs[last] = 0;
		styles[last] = style;
	}
};

/**
 * Writes text without escape sequences at a cell, clipped at `endColumn`; `styleOf` gives each character's style by its
 * index in `text`. @returns the column after the last character written
 */
export const putText = (
	grid: Grid,
	column: number,
	row: number,
	text: string,
	styleOf: number | ((index: number) => number),
	endColumn: number,
): number => {
	let at = column;
	let last = -1;
	for (let index = 0; index < text.length && at < endColumn; index++) {
		const style = typeof styleOf === 'number' ? styleOf : styleOf(index);
		let codePoint = text.charCodeAt(index);
		let width: 0 | 1 | 2 = 1;
		if (codePoint >= 0x300) {
			codePoint = text.codePointAt(index)!;
			width = charWidth(codePoint);
			if (codePoint > 0xffff) {
				index++;
			}
		}
		if (width > 0) {
			putGlyph(grid, at, row, printable(codePoint), width as 1 | 2, style, endColumn);
			last = row * grid.columns + at;
			at += width;
		} else if (last >= 0) {
			grid.glyphs[last] = withMark(grid.glyphs[last]!, codePoint);
		}
	}
	return Math.min(at, endColumn);
};

const sgrPattern = /\u001B\[([\d;:]*)m/y;
// Any other escape sequence that a component might emit; it moves nothing that we draw and is dropped.
const otherPattern = /\u001B(?:\[[\d;:?<=>]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|.?)/y;

/** Fills the grid with a frame as Ink prints it: lines of text with SGR sequences. What does not fit is clipped. */
export const putFrame = (grid: Grid, frame: string, styles: StyleTable): void => {
	clearGrid(grid);
	let style = 0;
	let column = 0;
	let row = 0;
	/** The cell of the last character in this row. */
	let last = -1;
	for (let index = 0; index < frame.length && row < grid.rows; ) {
		const code = frame.charCodeAt(index);
		if (code === 0x1b) {
			sgrPattern.lastIndex = index;
			const sgr = sgrPattern.exec(frame);
			if (sgr) {
				style = styles.after(style, sgr[1]!);
				index = sgrPattern.lastIndex;
			} else {
				otherPattern.lastIndex = index;
				index += Math.max(1, otherPattern.exec(frame)?.[0].length ?? 1);
			}
			continue;
		}
		if (code === 0x0a) {
			row++;
			column = 0;
			last = -1;
			index++;
			continue;
		}
		const codePoint = frame.codePointAt(index)!;
		const width = charWidth(codePoint);
		if (width > 0 && column < grid.columns) {
			putGlyph(grid, column, row, printable(codePoint), width as 1 | 2, style);
			last = row * grid.columns + column;
		} else if (width === 0 && last >= 0) {
			grid.glyphs[last] = withMark(grid.glyphs[last]!, codePoint);
		}
		column += width;
		index += codePoint > 0xffff ? 2 : 1;
	}
};

/** The grid as lines of text without styles, trailing blanks cut. For tests and pictures. */
export const gridText = (grid: Grid): string[] => {
	const lines: string[] = [];
	for (let row = 0; row < grid.rows; row++) {
		let line = '';
		for (let column = 0; column < grid.columns; column++) {
			const glyph = grid.glyphs[row * grid.columns + column]!;
			line += glyph === 0 ? '' : String.fromCodePoint(glyph);
		}
		lines.push(line.trimEnd());
	}
	return lines;
};
