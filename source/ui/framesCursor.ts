/** The cursor and the zoom of the frames pane. */

import type {FramesModel} from '../model/frames.ts';
import {cellsPerLine, fittingFramesPerCell, frameLabelColumns} from './frameWindow.ts';
import {roomOf} from './panes.ts';
import type {State, Update} from './state.ts';

/** First and last frame of memory, as far as known. */
const memoryEnd = ({memoryZones}: State): number =>
	Math.max(0, ...memoryZones.map(({startPfn, frames}) => startPfn + frames));

const shownFramesPerCell = (state: State): number => {
	const loaded = state.models.frames;
	return loaded.state === 'ready' ? (loaded.model as FramesModel).framesPerCell : 1;
};

/** Moves by cells and lines of cells; the first move shows the cursor where it is. */
export const moveCursor = (state: State, cells: number, lines: number): State => {
	const end = memoryEnd(state);
	if (end === 0) {
		return state;
	}
	const framesPerCell = shownFramesPerCell(state);
	const width = cellsPerLine(roomOf(state, 'frames').columns);
	const at = state.cursorPfn ?? 0;
	const first = at - (at % framesPerCell);
	const aim = first + (cells + lines * width) * framesPerCell;
	const last = end - 1 - ((end - 1) % framesPerCell);
	const moved = state.cursorPfn === undefined && cells >= 0 && lines >= 0 ? first : Math.min(last, Math.max(0, aim));
	return {...state, cursorPfn: moved};
};

/** Moves the window by lines of cells, and the cursor with it. Where all of memory is shown there is nothing to move. */
export const scrollCursor = (state: State, lines: number): State =>
	state.framesPerCell === undefined ? state : moveCursor(state, 0, lines);

/**
 * The first frame of the cell at a place in the pane.
 * @param column and `row` within the frame of the pane
 * @returns undefined where there is no cell
 */
export const frameAt = (state: State, column: number, row: number): number | undefined => {
	const loaded = state.models.frames;
	if (loaded.state !== 'ready' || column < frameLabelColumns) {
		return undefined;
	}
	const {zones, framesPerCell} = loaded.model as FramesModel;
	const width = cellsPerLine(roomOf(state, 'frames').columns);
	let top = 0;
	for (const {startPfn, cells} of zones) {
		const lines = Math.ceil(cells.length / width);
		if (row < top + lines) {
			const cell = (row - top) * width + column - frameLabelColumns;
			return column < frameLabelColumns + width && cell < cells.length ? startPfn + cell * framesPerCell : undefined;
		}
		top += lines;
	}
	return undefined;
};

/** Puts the cursor on the cell of a frame. */
export const jumpTo = (state: State, pfn: number, nowMs: number): Update => {
	const end = memoryEnd(state);
	if (pfn >= end) {
		const text = `there is no page frame 0x${pfn.toString(16)}: memory ends with 0x${(end - 1).toString(16)}`;
		return {state: {...state, notice: {text, isError: true, sinceMs: nowMs}}, effects: []};
	}
	return {state: {...state, cursorPfn: pfn}, effects: []};
};

/** @param factor 0.5 for fewer frames a cell, 2 for more */
export const zoomFrames = (state: State, factor: number, nowMs: number): Update => {
	const {columns, rows} = roomOf(state, 'frames');
	const fitting = fittingFramesPerCell(state.memoryZones, columns, rows);
	const now = Math.min(state.framesPerCell ?? fitting, fitting);
	const next = now * factor;
	if (state.frozen) {
		const text = 'the picture is frozen: a map of other cells would have to be read';
		return {state: {...state, notice: {text, isError: false, sinceMs: nowMs}}, effects: []};
	}
	if (next < 1 || next > fitting) {
		const text = next < 1 ? 'a cell is one frame already' : 'all of memory is shown already';
		return {state: {...state, notice: {text, isError: false, sinceMs: nowMs}}, effects: []};
	}
	return {
		state: {...state, framesPerCell: next === fitting ? undefined : next, cursorPfn: state.cursorPfn ?? 0},
		effects: [],
	};
};
