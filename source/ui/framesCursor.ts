/** The cursor and the zoom of the frames pane. */

import {pageMapLetters} from '../formats/debugfs/pageMap.ts';
import type {FramesModel} from '../model/frames.ts';
import type {MapsModel} from '../model/maps.ts';
import {fittingFramesPerCell, frameLabelColumns, framesLayout} from './frameWindow.ts';
import {roomOf} from './panes.ts';
import {type State, shownPid, type Update} from './state.ts';

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
	const width = framesLayout(roomOf(state, 'frames')).width;
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
	const room = roomOf(state, 'frames');
	const {width, hasBands, legendRows} = framesLayout(room);
	if (legendRows > 0 && row >= room.rows - legendRows) {
		return undefined;
	}
	let top = 0;
	for (const {startPfn, cells} of zones) {
		top += hasBands ? 1 : 0;
		const lines = Math.ceil(cells.length / width);
		if (row < top + lines) {
			const cell = (row - top) * width + column - frameLabelColumns;
			const isCell = row >= top && column < frameLabelColumns + width && cell < cells.length;
			return isCell ? startPfn + cell * framesPerCell : undefined;
		}
		top += lines;
	}
	return undefined;
};

const say = (state: State, text: string, isError: boolean, nowMs: number): Update => ({
	state: {...state, notice: {text, isError, sinceMs: nowMs}},
	effects: [],
});

/** Puts the cursor on the cell of a frame. */
const jumpTo = (state: State, pfn: number, nowMs: number): Update => {
	const end = memoryEnd(state);
	if (pfn >= end) {
		const text = `there is no page frame 0x${pfn.toString(16)}: memory ends with 0x${(end - 1).toString(16)}`;
		return say(state, text, true, nowMs);
	}
	return {state: {...state, cursorPfn: pfn}, effects: []};
};

/** Lights up the frames behind a part of an address space, in the map of all memory. */
const mark = (state: State, markedArea: State['markedArea'], what: string, nowMs: number): Update =>
	say(
		{...state, markedArea, cursorPfn: undefined, framesPerCell: undefined},
		`the frames of ${what} are lit; Esc undoes`,
		false,
		nowMs,
	);

const userEnd = 0xc0000000;

const markProcess = (state: State, pid: number, nowMs: number): Update =>
	state.pids?.includes(pid)
		? mark(state, {pid, start: 0, end: userEnd}, `process ${pid}`, nowMs)
		: say(state, `there is no process ${pid}`, true, nowMs);

const markArea = (state: State, address: number, nowMs: number): Update => {
	const pid = shownPid(state);
	const {maps} = state.models;
	const areas = maps.state === 'ready' ? (maps.model as MapsModel).rows.map(({area}) => area) : [];
	const area = areas.find(({start, end}) => address >= start && address < end);
	return area && pid !== undefined
		? mark(state, {pid, start: area.start, end: area.end}, `the area at ${area.start.toString(16)} of ${pid}`, nowMs)
		: say(state, `pane 1 shows no area that holds ${address.toString(16)}`, true, nowMs);
};

const showOnly = (state: State, letters: string, nowMs: number): Update => {
	const isKnown = [...letters].every(letter => (pageMapLetters as readonly string[]).includes(letter));
	return isKnown
		? say({...state, onlyLetters: letters}, `only ${letters} is shown; Esc shows all`, false, nowMs)
		: say(state, `kinds of frame are ${pageMapLetters.join('')}, not ${letters}`, true, nowMs);
};

/** What can be typed, in a few words. */
export const goHint = '0x6a31 · pid 8 · vma b76b5000 · only DP';

/** Goes where the words say: to a frame, to the frames of a process or of an area, or to kinds of frame alone. */
export const goTo = (state: State, words: string, nowMs: number): Update => {
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
		? jumpTo(state, Number.parseInt(word.replace(/^0x/i, ''), 16), nowMs)
		: say(state, `cannot go to "${words.trim()}"; examples: ${goHint}`, true, nowMs);
};

/** @param factor 0.5 for fewer frames a cell, 2 for more */
export const zoomFrames = (state: State, factor: number, nowMs: number): Update => {
	const fitting = fittingFramesPerCell(state.memoryZones, roomOf(state, 'frames'));
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
