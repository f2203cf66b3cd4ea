/** The cursor and the zoom of the frames pane. */

import {cellAt} from '../../model/frameCells.ts';
import type {FramesModel, FramesZone} from '../../model/frames.ts';
import {quiet, say} from '../state/answer.ts';
import {fittingFramesPerCell, frameLabelColumns, framesLayout} from '../state/frameWindow.ts';
import {roomOf} from '../state/layout.ts';
import {modelIn} from '../state/panes.ts';
import type {State, Update} from '../state/state.ts';

/** First frame of memory, and the one behind its last, as far as known. */
export const memoryEnds = ({frames: {zones}}: State): readonly [start: number, end: number] => [
	Math.min(...zones.map(({startPfn}) => startPfn)),
	Math.max(0, ...zones.map(({startPfn, frames}) => startPfn + frames)),
];

/** The cells of one line of the map. */
type CellLine = {readonly pfn: number; readonly cells: number};

const linesOf = ({startPfn, cells}: FramesZone, framesPerCell: number, width: number): readonly CellLine[] =>
	Array.from({length: Math.ceil(cells.length / width)}, (_, line) => ({
		pfn: startPfn + line * width * framesPerCell,
		cells: Math.min(width, cells.length - line * width),
	}));

type Step = -1 | 0 | 1;

/**
 * Where a cell on, or so many lines, lead from a frame: to a frame of a cell of the map, or to one before or behind it.
 */
function aimOf(model: FramesModel, width: number, at: number, cells: Step, lines: number): number {
	const {zones, framesPerCell} = model;
	const here = cellAt(model, at);
	const [first, last] = [zones[0], zones.at(-1)];
	if (!here || !first || !last) return at + (cells + lines * width) * framesPerCell;
	if (cells !== 0) {
		return cells > 0 ? here.pfn + here.frames : (cellAt(model, here.pfn - 1)?.pfn ?? here.pfn - framesPerCell);
	}
	const map = zones.flatMap(zone => linesOf(zone, framesPerCell, width));
	const row = map.findLastIndex(({pfn}) => pfn <= at);
	const column = here.cell % width;
	const aim = map[row + lines];
	if (aim) {
		// The last line of a zone may be shorter than those around it.
		return aim.pfn + Math.min(column, aim.cells - 1) * framesPerCell;
	}
	return lines < 0
		? first.startPfn + ((row + lines) * width + column) * framesPerCell
		: last.startPfn + last.frames + ((row + lines - map.length) * width + column) * framesPerCell;
}

/**
 * Moves by a cell or by lines of cells, as they are drawn; the first move shows the cursor where it is.
 *
 * @returns the same state when no more frames that way
 */
export function moveFrameCursor(state: State, cells: Step, lines: number): State {
	const {zones, cursorPfn} = state.frames;
	const model = modelIn(state, 'frames');
	if (zones.length === 0 || !model) return state;
	const [start, end] = memoryEnds(state);
	const cellStart = (pfn: number): number => cellAt(model, pfn)?.pfn ?? pfn;
	const at = (pfn: number): State => ({...state, frames: {...state.frames, cursorPfn: pfn}});
	if (cursorPfn === undefined) return at(cellStart(start));
	const {width} = framesLayout(roomOf(state, 'frames'));
	const aim = aimOf(model, width, cursorPfn, cells, lines);
	const moved = cellStart(Math.min(end - 1, Math.max(start, aim)));
	return moved === cellStart(cursorPfn) ? state : at(moved);
}

export function moveCell(state: State, cells: Step, lines: number, nowMs: number): Update {
	const next = moveFrameCursor(state, cells, lines);
	return next.frames.cursorPfn === state.frames.cursorPfn
		? say(state, 'no more frames that way', nowMs, false)
		: quiet(next);
}

/**
 * Moves the window by lines of cells, and the cursor with it. Where all of memory is shown there is nothing to move.
 */
export const scrollCursor = (state: State, lines: number): State =>
	state.frames.perCell === undefined ? state : moveFrameCursor(state, 0, lines);

/**
 * The first frame of the cell at a place in the pane.
 * @param column and `row` within the frame of the pane
 * @returns undefined where there is no cell
 */
export function frameAt(state: State, column: number, row: number): number | undefined {
	const model = modelIn(state, 'frames');
	if (!model || column < frameLabelColumns) return undefined;
	const {zones, framesPerCell} = model;
	const room = roomOf(state, 'frames');
	const {width, hasBands, legendRows} = framesLayout(room);
	if (legendRows > 0 && row >= room.rows - legendRows) return undefined;
	const band: readonly CellLine[] = hasBands ? [{pfn: 0, cells: 0}] : [];
	const line = zones.flatMap(zone => [...band, ...linesOf(zone, framesPerCell, width)])[row];
	const cell = column - frameLabelColumns;
	return line && cell < line.cells ? line.pfn + cell * framesPerCell : undefined;
}

/** @param factor 0.5 for fewer frames a cell, 2 for more */
export function zoomFrames(state: State, factor: number, nowMs: number): Update {
	const {frames} = state;
	const fitting = fittingFramesPerCell(frames.zones, roomOf(state, 'frames'));
	const next = Math.min(frames.perCell ?? fitting, fitting) * factor;
	if (state.picture.frozen) {
		return say(state, 'the picture is frozen: a map of other cells would have to be read', nowMs, false);
	}
	if (next < 1) return say(state, 'a cell is one frame already', nowMs, false);
	if (next > fitting) return say(state, 'all of memory is shown already', nowMs, false);
	const perCell = next === fitting ? undefined : next;
	return quiet({...state, frames: {...frames, perCell, cursorPfn: frames.cursorPfn ?? 0}});
}
