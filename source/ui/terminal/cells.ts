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

export const blank = 0x20;

export const createGrid = (columns: number, rows: number): Grid => ({
	columns,
	rows,
	glyphs: new Uint32Array(columns * rows).fill(blank),
	styles: new Uint16Array(columns * rows),
});

function clearRow({columns, glyphs, styles}: Grid, row: number): void {
	glyphs.fill(blank, row * columns, (row + 1) * columns);
	styles.fill(0, row * columns, (row + 1) * columns);
}

/** Blanks what a cut before `column` would leave of a two-column character. */
function cutBefore({columns, glyphs}: Grid, column: number, row: number): void {
	const at = row * columns + column;
	if (column < columns && glyphs[at] === 0) {
		glyphs[at] = blank;
		if (column > 0) glyphs[at - 1] = blank;
	}
}

/** Copies the cells of a row from one column up to another. */
export function copyCells(from: Grid, to: Grid, row: number, column: number, endColumn: number): void {
	cutBefore(to, column, row);
	cutBefore(to, endColumn, row);
	const [begin, end] = [row * to.columns + column, row * to.columns + endColumn];
	to.glyphs.set(from.glyphs.subarray(begin, end), begin);
	to.styles.set(from.styles.subarray(begin, end), begin);
	if (to.glyphs[begin] === 0) to.glyphs[begin] = blank;
	if (endColumn < from.columns && from.glyphs[end] === 0) to.glyphs[end - 1] = blank;
}

export function copyGrid(from: Grid, to: Grid): void {
	to.glyphs.set(from.glyphs);
	to.styles.set(from.styles);
}

/**
 * Puts one character at a cell that lies in the grid. A wide one that does not fit before `endColumn` becomes a blank.
 */
function putGlyph(
	grid: Grid,
	column: number,
	row: number,
	codePoint: number,
	width: 1 | 2,
	style: number,
	endColumn = grid.columns,
): void {
	const {glyphs, styles} = grid;
	const at = row * grid.columns + column;
	if (glyphs[at] === 0) {
		glyphs[at - 1] = blank;
	}
	const last = width === 2 && column + 1 < endColumn ? at + 1 : at;
	if (last + 1 < (row + 1) * grid.columns && glyphs[last + 1] === 0) {
		glyphs[last + 1] = blank;
	}
	glyphs[at] = width === 2 && last === at ? blank : codePoint;
	styles[at] = style;
	if (last !== at) {
		glyphs[last] = 0;
		styles[last] = style;
	}
}

/**
 * Writes text without escape sequences at a cell, clipped at `endColumn`; `styleOf` gives each character's style by its
 * index in `text`. @returns the column after the last character written
 */
export function putText(
	grid: Grid,
	column: number,
	row: number,
	text: string,
	styleOf: number | ((index: number) => number),
	endColumn: number,
): number {
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
}

const sgrPattern = /\u001B\[([\d;:]*)m/y;
// Any other escape sequence that a component might emit; it moves nothing that we draw and is dropped.
const otherPattern = /\u001B(?:\[[\d;:?<=>]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|.?)/y;

/** Where a text begins, also to the left of the grid, and the columns from which on and up to which it is seen. */
export type TextPlace = {readonly column: number; readonly begin: number; readonly end: number};

/**
 * Writes text with SGR sequences into a row.
 *
 * @param begun the style that is in force at its beginning
 * @returns the one at its end
 */
export function putStyledText(
	grid: Grid,
	row: number,
	{column: first, begin, end}: TextPlace,
	text: string,
	begun: number,
	styles: StyleTable,
): number {
	let style = begun;
	let column = first;
	/** The cell of the last character. */
	let last = -1;
	for (let index = 0; index < text.length; ) {
		const code = text.charCodeAt(index);
		if (code === 0x1b) {
			sgrPattern.lastIndex = index;
			const sgr = sgrPattern.exec(text);
			if (sgr) {
				style = styles.after(style, sgr[1]!);
				index = sgrPattern.lastIndex;
			} else {
				otherPattern.lastIndex = index;
				index += Math.max(1, otherPattern.exec(text)?.[0].length ?? 1);
			}
			continue;
		}
		const codePoint = text.codePointAt(index)!;
		const width = charWidth(codePoint);
		if (width > 0 && column >= begin && column < end) {
			putGlyph(grid, column, row, printable(codePoint), width as 1 | 2, style, end);
			last = row * grid.columns + column;
		} else if (width === 0 && last >= 0) {
			grid.glyphs[last] = withMark(grid.glyphs[last]!, codePoint);
		}
		column += width;
		index += codePoint > 0xffff ? 2 : 1;
	}
	return style;
}

/** Fills a row with a line as Ink prints it: see `putStyledText`. */
export function putStyledRow(grid: Grid, row: number, text: string, begun: number, styles: StyleTable): number {
	clearRow(grid, row);
	return putStyledText(grid, row, {column: 0, begin: 0, end: grid.columns}, text, begun, styles);
}

/** A row as text with SGR sequences, without blanks at its end; what looks like something is not blank. */
export function styledRowText({columns, glyphs, styles: numbers}: Grid, row: number, styles: StyleTable): string {
	let end = (row + 1) * columns;
	while (end > row * columns && glyphs[end - 1] === blank && numbers[end - 1] === 0) end--;
	let text = '';
	let style = 0;
	for (let at = row * columns; at < end; at++) {
		if (glyphs[at] === 0) continue;
		text += styles.change(style, numbers[at]!) + String.fromCodePoint(glyphs[at]!);
		style = numbers[at]!;
	}
	return text + styles.change(style, 0);
}

/** The grid as lines of text without styles, trailing blanks cut. For tests and pictures. */
export function gridText(grid: Grid): string[] {
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
}
