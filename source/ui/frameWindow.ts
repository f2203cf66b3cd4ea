/** Which part of memory the frames pane asks for, and how many frames it puts into a cell, so that it fits its room. */

import {path} from '../model/paths.ts';

export type MemoryZone = {readonly startPfn: number; readonly frames: number};

export const frameLabelColumns = 8;
/** Rows that the legend and the line about the cursor take, at least. */
const otherRows = (rows: number): number => (rows < 8 ? 1 : rows < 14 ? 2 : 4);

/** Cells of one line: a power of two, so that a line begins at a round frame number. */
export const cellsPerLine = (columns: number): number => {
	const room = Math.max(8, columns - frameLabelColumns);
	return 2 ** Math.floor(Math.log2(room));
};

const linesOf = (zones: readonly MemoryZone[], framesPerCell: number, width: number): number =>
	zones.reduce((lines, {frames}) => lines + Math.ceil(frames / framesPerCell / width), 0);

/** The finest power of two at which all of memory fits. */
export const fittingFramesPerCell = (zones: readonly MemoryZone[], columns: number, rows: number): number => {
	const width = cellsPerLine(columns);
	let framesPerCell = 1;
	while (linesOf(zones, framesPerCell, width) > rows - otherRows(rows) && framesPerCell < 2 ** 20) {
		framesPerCell *= 2;
	}
	return framesPerCell;
};

export type FrameWindow = {
	readonly startPfn: number;
	readonly frames: number;
	readonly cells: number;
	readonly framesPerCell: number;
};

/**
 * @param wanted frames a cell that somebody chose; undefined for what fits
 * @param cursorPfn the frame that has to be in the window
 * @returns undefined while the size of memory is unknown
 */
export const frameWindow = (
	zones: readonly MemoryZone[],
	columns: number,
	rows: number,
	wanted: number | undefined,
	cursorPfn: number | undefined,
): FrameWindow | undefined => {
	const end = Math.max(0, ...zones.map(({startPfn, frames}) => startPfn + frames));
	if (end === 0) {
		return undefined;
	}
	const fitting = fittingFramesPerCell(zones, columns, rows);
	const framesPerCell = Math.min(wanted ?? fitting, fitting);
	if (framesPerCell === fitting) {
		return {startPfn: 0, frames: end, cells: Math.ceil(end / framesPerCell), framesPerCell};
	}
	// A line less for each zone that begins within the window.
	const lines = Math.max(1, rows - otherRows(rows) - zones.length + 1);
	const span = lines * cellsPerLine(columns) * framesPerCell;
	const startPfn = Math.floor(Math.min(cursorPfn ?? 0, end - 1) / span) * span;
	const frames = Math.min(span, end - startPfn);
	return {startPfn, frames, cells: Math.ceil(frames / framesPerCell), framesPerCell};
};

export const frameWindowPath = (window: FrameWindow | undefined): string =>
	window ? path.pageMapWindow(window.startPfn, window.frames, window.cells) : path.pageMap;
