/** Which part of memory the frames pane asks for, and how many frames it puts into a cell, so that it fits its room. */

import {path} from '../../model/paths.ts';
import type {Room} from './layout.ts';

export type MemoryZone = {readonly startPfn: number; readonly frames: number};

export const frameLabelColumns = 8;
/** Room that the legend needs beside the map: a gap, a letter, a word and a count. */
const besideColumns = 2 + 14;

/** How the frames pane divides its room. */
export type FramesLayout = {
	/** Cells of one line: a power of two, so that a line begins at a round frame number. */
	readonly width: number;
	/** Columns of a legend beside the map; 0 where it stands below. */
	readonly legendColumns: number;
	/** Lines of legend below the map. */
	readonly legendRows: number;
	/** Has each zone a line of its own, with its watermarks? */
	readonly hasBands: boolean;
};

export function framesLayout({columns, rows}: Room): FramesLayout {
	const room = Math.max(8, columns - frameLabelColumns);
	const width = 2 ** Math.floor(Math.log2(room));
	const beside = room - width;
	const hasBands = rows >= 10;
	return beside >= besideColumns && rows >= 7
		? {width, legendColumns: beside, legendRows: 0, hasBands}
		: {width, legendColumns: 0, legendRows: rows < 8 ? 1 : rows < 14 ? 2 : 4, hasBands};
}

const linesOf = (zones: readonly MemoryZone[], framesPerCell: number, {width, hasBands}: FramesLayout): number =>
	zones.reduce((lines, {frames}) => lines + Math.ceil(frames / framesPerCell / width) + (hasBands ? 1 : 0), 0);

/** The finest power of two at which all of memory fits. */
export function fittingFramesPerCell(zones: readonly MemoryZone[], room: Room): number {
	const layout = framesLayout(room);
	let framesPerCell = 1;
	while (linesOf(zones, framesPerCell, layout) > room.rows - layout.legendRows && framesPerCell < 2 ** 20) {
		framesPerCell *= 2;
	}
	return framesPerCell;
}

type FrameWindow = {
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
export function frameWindow(
	zones: readonly MemoryZone[],
	room: Room,
	wanted: number | undefined,
	cursorPfn: number | undefined,
): FrameWindow | undefined {
	const end = Math.max(0, ...zones.map(({startPfn, frames}) => startPfn + frames));
	if (end === 0) return undefined;
	const fitting = fittingFramesPerCell(zones, room);
	const framesPerCell = Math.min(wanted ?? fitting, fitting);
	if (framesPerCell === fitting) {
		return {startPfn: 0, frames: end, cells: Math.ceil(end / framesPerCell), framesPerCell};
	}
	const {width, legendRows, hasBands} = framesLayout(room);
	// A line less for each zone that begins within the window, and for each zone's own line.
	const lines = Math.max(1, room.rows - legendRows - zones.length + 1 - (hasBands ? zones.length : 0));
	const span = lines * width * framesPerCell;
	const startPfn = Math.floor(Math.min(cursorPfn ?? 0, end - 1) / span) * span;
	const frames = Math.min(span, end - startPfn);
	return {startPfn, frames, cells: Math.ceil(frames / framesPerCell), framesPerCell};
}

/** @param letters kinds of frame that count; undefined for all */
export function frameWindowPath(window: FrameWindow | undefined, letters: string | undefined): string {
	if (!window) return path.pageMap;
	const whole = path.pageMapWindow(window.startPfn, window.frames, window.cells);
	return letters === undefined ? whole : `${whole}/${letters}`;
}
