/** The cursor and the zoom of the frames pane. */

import {pageMapLetters} from '../../formats/debugfs/pageMap.ts';
import {cellAt} from '../../model/frameCells.ts';
import type {FramesModel, FramesZone} from '../../model/frames.ts';
import type {MapsModel} from '../../model/maps.ts';
import {roomOf} from '../view/panes.ts';
import {quiet, say} from './answer.ts';
import {fittingFramesPerCell, frameLabelColumns, framesLayout} from './frameWindow.ts';
import {type State, shownPid, type Update} from './state.ts';

/** First frame of memory, and the one behind its last, as far as known. */
const memoryEnds = ({memoryZones}: State): readonly [start: number, end: number] => [
	Math.min(...memoryZones.map(({startPfn}) => startPfn)),
	Math.max(0, ...memoryZones.map(({startPfn, frames}) => startPfn + frames)),
];

/** The cells of one line of the map. */
type CellLine = {readonly pfn: number; readonly cells: number};

const linesOf = ({startPfn, cells}: FramesZone, framesPerCell: number, width: number): readonly CellLine[] =>
	Array.from({length: Math.ceil(cells.length / width)}, (_, line) => ({
		pfn: startPfn + line * width * framesPerCell,
		cells: Math.min(width, cells.length - line * width),
	}));

export type Step = -1 | 0 | 1;

/** Where a cell on, or so many lines, lead from a frame: to a frame of a cell of the map, or to one before or behind it. */
const aimOf = (model: FramesModel, width: number, at: number, cells: Step, lines: number): number => {
	const {zones, framesPerCell} = model;
	const here = cellAt(model, at);
	const [first, last] = [zones[0], zones.at(-1)];
	if (!here || !first || !last) {
		return at + (cells + lines * width) * framesPerCell;
	}
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
};

/**
 * Moves by a cell or by lines of cells, as they are drawn; the first move shows the cursor where it is.
 *
 * @returns the same state when there are no frames further on
 */
export const moveFrameCursor = (state: State, cells: Step, lines: number): State => {
	const {memoryZones, cursorPfn} = state;
	const loaded = state.models.frames;
	if (memoryZones.length === 0 || loaded.state !== 'ready') {
		return state;
	}
	const model = loaded.model as FramesModel;
	const [start, end] = memoryEnds(state);
	const cellStart = (pfn: number): number => cellAt(model, pfn)?.pfn ?? pfn;
	if (cursorPfn === undefined) {
		return {...state, cursorPfn: cellStart(start)};
	}
	const {width} = framesLayout(roomOf(state, 'frames'));
	const aim = aimOf(model, width, cursorPfn, cells, lines);
	const moved = cellStart(Math.min(end - 1, Math.max(start, aim)));
	return moved === cellStart(cursorPfn) ? state : {...state, cursorPfn: moved};
};

/** Moves the window by lines of cells, and the cursor with it. Where all of memory is shown there is nothing to move. */
export const scrollCursor = (state: State, lines: number): State =>
	state.framesPerCell === undefined ? state : moveFrameCursor(state, 0, lines);

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
	const room = roomOf(state, 'frames');
	const {width, hasBands, legendRows} = framesLayout(room);
	if (legendRows > 0 && row >= room.rows - legendRows) {
		return undefined;
	}
	const band: readonly CellLine[] = hasBands ? [{pfn: 0, cells: 0}] : [];
	const line = zones.flatMap(zone => [...band, ...linesOf(zone, framesPerCell, width)])[row];
	const cell = column - frameLabelColumns;
	return line && cell < line.cells ? line.pfn + cell * framesPerCell : undefined;
};

/** Puts the cursor on the cell of a frame. */
const jumpToFrame = (state: State, pfn: number, nowMs: number): Update => {
	const [, end] = memoryEnds(state);
	if (pfn >= end) {
		const text = `there is no page frame 0x${pfn.toString(16)}: memory ends with 0x${(end - 1).toString(16)}`;
		return say(state, text, nowMs);
	}
	return quiet({...state, cursorPfn: pfn});
};

/** Lights up the frames behind a part of an address space, in the map of all memory. */
const mark = (state: State, markedArea: State['markedArea'], what: string, nowMs: number): Update =>
	say(
		{...state, markedArea, cursorPfn: undefined, framesPerCell: undefined},
		`the frames of ${what} are lit; Esc undoes`,
		nowMs,
		false,
	);

const userEnd = 0xc0000000;

const markProcess = (state: State, pid: number, nowMs: number): Update =>
	state.pids?.includes(pid)
		? mark(state, {pid, start: 0, end: userEnd}, `process ${pid}`, nowMs)
		: say(state, `there is no process ${pid}`, nowMs);

const markArea = (state: State, address: number, nowMs: number): Update => {
	const pid = shownPid(state);
	const {maps} = state.models;
	const areas = maps.state === 'ready' ? (maps.model as MapsModel).rows.map(({area}) => area) : [];
	const area = areas.find(({start, end}) => address >= start && address < end);
	return area && pid !== undefined
		? mark(state, {pid, start: area.start, end: area.end}, `the area at ${area.start.toString(16)} of ${pid}`, nowMs)
		: say(state, `pane 1 shows no area that holds ${address.toString(16)}`, nowMs);
};

const showOnly = (state: State, letters: string, nowMs: number): Update => {
	const isKnown = [...letters].every(letter => (pageMapLetters as readonly string[]).includes(letter));
	return isKnown
		? say({...state, onlyLetters: letters}, `only ${letters} is shown; Esc shows all`, nowMs, false)
		: say(state, `kinds of frame are ${pageMapLetters.join('')}, not ${letters}`, nowMs);
};

/** What can be typed, in a few words. */
export const goHint = '0x6a31 · pid 8 · vma b76b5000 · only DP';

/** Goes where the words say: to a frame, to the frames of a process or of an area, or to kinds of frame alone. */
export const jump = (state: State, words: string, nowMs: number): Update => {
	const [word = '', value = ''] = words.trim().split(/\s+/);
	const address = Number.parseInt(value, 16);
	if (word === 'pid' && /^\d+$/.test(value)) {
		return markProcess(state, Number(value), nowMs);
	}
	if (word === 'vma' && !Number.isNaN(address)) {
		return markArea(state, address, nowMs);
	}
	if (word === 'only' && value !== '') {
		return showOnly(state, value, nowMs);
	}
	return /^(?:0x)?[\da-f]{1,8}$/i.test(word) && value === ''
		? jumpToFrame(state, Number.parseInt(word.replace(/^0x/i, ''), 16), nowMs)
		: say(state, `cannot go to "${words.trim()}"; examples: ${goHint}`, nowMs);
};

/** @param factor 0.5 for fewer frames a cell, 2 for more */
export const zoomFrames = (state: State, factor: number, nowMs: number): Update => {
	const fitting = fittingFramesPerCell(state.memoryZones, roomOf(state, 'frames'));
	const now = Math.min(state.framesPerCell ?? fitting, fitting);
	const next = now * factor;
	if (state.frozen) {
		return say(state, 'the picture is frozen: a map of other cells would have to be read', nowMs, false);
	}
	if (next < 1 || next > fitting) {
		return say(state, next < 1 ? 'a cell is one frame already' : 'all of memory is shown already', nowMs, false);
	}
	return quiet({
		...state,
		framesPerCell: next === fitting ? undefined : next,
		cursorPfn: state.cursorPfn ?? 0,
	});
};
