/** From what a terminal holds to what it must hold: the bytes that change these cells and no others. */

import {blank, type Grid} from './cells.ts';
import {moveCursor} from './cursor.ts';
import type {StyleTable} from './sgr.ts';
import {isSureWidth} from './width.ts';

/** Unchanged cells up to this many are sent again where that is cheaper than a jump over them. */
const bridge = 4;

type Piece = {
	readonly bytes: string;
	/** How many of the rows that were to be sent are equal now. */
	readonly rows: number;
};

/**
 * What takes a terminal from `held` to `wanted`; makes `held` equal to it.
 *
 * @param order of the rows, each once
 * @param mostBytes ends the piece with the row that reaches it
 */
export function difference(
	held: Grid,
	wanted: Grid,
	styles: StyleTable,
	order: readonly number[],
	mostBytes: number,
): Piece {
	const {columns} = wanted;
	let bytes = '';
	let sentRows = 0;
	let style = 0;
	let cursorColumn = -1;
	let cursorRow = -1;

	const isSame = (at: number): boolean =>
		held.glyphs[at] === wanted.glyphs[at] && held.styles[at] === wanted.styles[at];

	const send = (at: number, column: number, row: number): void => {
		const glyph = wanted.glyphs[at]!;
		const wide = column + 1 < columns && wanted.glyphs[at + 1] === 0;
		bytes += styles.change(style, wanted.styles[at]!);
		style = wanted.styles[at]!;
		bytes += String.fromCodePoint(glyph);
		held.glyphs[at] = glyph;
		held.styles[at] = style;
		cursorColumn = column + 1;
		cursorRow = row;
		if (wide) {
			held.glyphs[at + 1] = 0;
			held.styles[at + 1] = style;
		}
		// After some characters terminals may disagree with us, and behind the last column a wrap is pending.
		if (wide || cursorColumn >= columns || !isSureWidth(glyph)) {
			cursorColumn = -1;
		}
	};

	/** Columns from `column` on that are blank to the end of the row, 0 if the row ends otherwise. */
	const blankTail = (row: number, column: number): number => {
		let tail = 0;
		for (let x = columns - 1; x >= column; x--) {
			const at = row * columns + x;
			if (wanted.glyphs[at] !== blank || wanted.styles[at] !== 0) break;
			tail++;
		}
		return tail;
	};

	for (const row of order) {
		if (bytes.length >= mostBytes) break;
		sentRows++;
		const base = row * columns;
		let column = 0;
		let tailStart = -1;
		while (column < columns) {
			const at = base + column;
			if (isSame(at)) {
				column++;
				continue;
			}
			// The right half of a wide character is sent with its left half.
			if (wanted.glyphs[at] === 0) {
				column--;
			}
			if (tailStart < 0) {
				tailStart = columns - blankTail(row, column);
			}
			if (column >= tailStart && columns - column > bridge) {
				bytes += moveCursor(cursorColumn, cursorRow, column, row) + styles.change(style, 0);
				bytes += '\u001B[K';
				style = 0;
				cursorColumn = column;
				cursorRow = row;
				held.glyphs.fill(blank, base + column, base + columns);
				held.styles.fill(0, base + column, base + columns);
				break;
			}
			const gap = column - cursorColumn;
			const bridged =
				cursorRow === row &&
				cursorColumn >= 0 &&
				gap > 0 &&
				gap <= bridge &&
				canBridge(wanted, base + cursorColumn, gap, style);
			if (bridged) {
				for (let x = cursorColumn; x < column; x++) {
					send(base + x, x, row);
				}
			} else if (cursorColumn !== column || cursorRow !== row) {
				bytes += moveCursor(cursorColumn, cursorRow, column, row);
			}
			const wide = column + 1 < columns && wanted.glyphs[base + column + 1] === 0;
			send(base + column, column, row);
			column += wide ? 2 : 1;
		}
	}
	return {bytes: bytes + styles.change(style, 0), rows: sentRows};
}

export function isSameRow(a: Grid, b: Grid, row: number): boolean {
	for (let at = row * a.columns; at < (row + 1) * a.columns; at++) {
		if (a.glyphs[at] !== b.glyphs[at] || a.styles[at] !== b.styles[at]) return false;
	}
	return true;
}

/** Are these cells plain ASCII in the style that is set, so that sending them again costs a byte each? */
function canBridge(grid: Grid, start: number, length: number, style: number): boolean {
	for (let at = start; at < start + length; at++) {
		const glyph = grid.glyphs[at]!;
		if (glyph === 0 || glyph > 0x7e || grid.styles[at] !== style) return false;
	}
	return true;
}
