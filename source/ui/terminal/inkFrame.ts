/** What Ink has drawn, as cells. Lines that it drew alike before are not read again. */

import {createGrid, type Grid, putStyledRow} from './cells.ts';
import type {StyleTable} from './sgr.ts';

type InkFrame = {
	/** Takes a whole frame: lines of text with SGR sequences. */
	put(frame: string): void;
	/** Brings the cells up to the frame taken last. @returns the rows that changed */
	read(): readonly number[];
	reset(columns: number, rows: number): void;
	readonly grid: Grid;
};

/** A line as it was read, and the styles in force before and behind it. */
type ReadLine = {readonly text: string; readonly begun: number; readonly ended: number};

export function createInkFrame(styles: StyleTable, columns: number, rows: number): InkFrame {
	let grid = createGrid(columns, rows);
	let known: ReadLine[] = [];
	let frame = '';
	let isRead = false;
	return {
		put(text) {
			isRead &&= text === frame;
			frame = text;
		},
		read() {
			if (isRead) return [];
			isRead = true;
			const changed: number[] = [];
			const lines = frame.split('\n');
			let style = 0;
			for (let row = 0; row < grid.rows; row++) {
				const text = lines[row] ?? '';
				let line = known[row];
				if (line?.text !== text || line.begun !== style) {
					line = {text, begun: style, ended: putStyledRow(grid, row, text, style, styles)};
					known[row] = line;
					changed.push(row);
				}
				style = line.ended;
			}
			return changed;
		},
		reset(newColumns, newRows) {
			grid = createGrid(newColumns, newRows);
			known = [];
			isRead = false;
		},
		get grid() {
			return grid;
		},
	};
}
