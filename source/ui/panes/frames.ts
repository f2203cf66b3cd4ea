import {parsePageMap} from '../../formats/debugfs/pageMap.ts';
import {parseZoneinfo} from '../../formats/proc/zoneinfo.ts';
import {framesCause} from '../../model/cause.ts';
import {cellAt} from '../../model/frameCells.ts';
import {type FramesModel, framesModel} from '../../model/frames.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {pathIn, readRecord, recordIn, type SampledTree} from '../../model/tree.ts';
import {quiet, say} from '../state/answer.ts';
import type {Command} from '../state/commands.ts';
import {follow} from '../state/following.ts';
import {withoutMarks} from '../state/frames.ts';
import {framesLayout, frameWindow, frameWindowPath} from '../state/frameWindow.ts';
import type {Room} from '../state/layout.ts';
import type {Run} from '../state/lit.ts';
import {modelIn} from '../state/panes.ts';
import type {State, Update} from '../state/state.ts';
import {frameAt, moveCell, scrollCursor, zoomFrames} from './framesCursor.ts';
import {type About, note, type PaneDefinition} from './pane.ts';
import {tellingFrame, tellingPaths} from './telling.ts';

const about: About = {
	shows:
		'Physical memory, zone by zone, as a map: a cell is one page frame of 4 KiB, or a run of them, and ' +
		'its letter is the kind of use. What changed since the last sample stands out.',
	columns: [],
	signs: [
		note('letter', 'commonest kind among frames in use; P, M, B and D show even for one frame'),
		note('faint', 'few frames of the cell are in use; with ground: all of them'),
		note('.', 'every frame of the cell is free'),
		note('━━ m l h', 'free memory of the zone, each doubling as long; watermarks min, low, high'),
		note('lit', 'behind what is selected in another pane, or followed'),
		note('+ -', 'fewer or more frames a cell, down to one'),
		note('/', 'goes to a pfn (6a31), lights a process (pid 8) or an area (vma b76b5000),'),
		note('', 'or shows some kinds alone (only DP)'),
	],
};

const keys: readonly Command[] = [
	{id: 'finer', keys: ['+', '='], shown: '+', group: 'panes', title: 'fewer frames a cell', footer: 'finer'},
	{id: 'coarser', keys: ['-'], group: 'panes', title: 'more frames a cell', footer: 'coarser'},
	{id: 'left', keys: ['left', 'h'], group: 'lists', title: 'one cell to the left'},
	{id: 'right', keys: ['right', 'l'], group: 'lists', title: 'one cell to the right'},
];

/**
 * The map, or a window of it, in whichever form a sample holds it: the first, for what is asked of the cell under the
 * cursor comes behind it.
 */
const sampledPath = (tree: SampledTree): string | undefined =>
	pathIn(
		tree,
		Object.keys(tree).filter(each => each.startsWith(path.pageMap)),
	);

/** A recording has the window that fitted the screen which it was recorded on. */
function mapPath({target, picture, frames}: State, room: Room): string {
	const {zones, perCell, cursorPfn, onlyLetters} = frames;
	const recorded = target.kind === 'recording' ? sampledPath(picture.tree) : undefined;
	return recorded ?? frameWindowPath(frameWindow(zones, room, perCell, cursorPfn), onlyLetters);
}

/** All frames of the cell that holds one. A map that was read before the cursor left it has no cell there. */
function cellRun(model: FramesModel, pfn: number): Run {
	const cell = cellAt(model, pfn);
	return cell ? {pfn: cell.pfn, frames: cell.frames} : {pfn, frames: 1};
}

const moveFirst = 'move to a cell with the arrow keys first';

function followCursor(state: State, nowMs: number): Update {
	const frame = tellingFrame(state);
	return frame ? quiet(follow(state, frame.pfn, nowMs)) : say(state, moveFirst, nowMs);
}

/** Lines of cells that a page moves by; more than any map has. */
const pageLines = 8;
const allLines = 1e6;

function undo(state: State): State | undefined {
	const {frames} = state;
	if (frames.onlyLetters !== undefined) return {...state, frames: withoutMarks(frames)};
	return frames.cursorPfn === undefined
		? undefined
		: {...state, frames: {...frames, cursorPfn: undefined, perCell: undefined}};
}

export const framesPane: PaneDefinition<'frames'> = {
	id: 'frames',
	name: 'frames',
	about,
	paths: ({state, room}) => [mapPath(state, room), ...(framesLayout(room).hasBands ? [path.zoneinfo] : [])],
	derive({tree, at, culprits, older}) {
		const found = sampledPath(tree);
		const reading = found === undefined ? undefined : readRecord(tree, found, parsePageMap);
		const zoneinfo = recordIn(tree, path.zoneinfo, parseZoneinfo);
		return load(reading, older, (pageMap, model) => framesModel(pageMap, zoneinfo, model, at, culprits));
	},
	rows: () => [],
	meaning: {text: () => ''},
	margins: () => ({head: 0, foot: 0}),
	tails: false,
	cause(state) {
		const model = modelIn(state, 'frames');
		const {cursorPfn} = state.frames;
		if (cursorPfn === undefined || model === undefined) return moveFirst;
		const {pfn, frames} = cellRun(model, cursorPfn);
		return framesCause(pfn, frames);
	},
	pointer: state => tellingFrame(state)?.pfn,
	litPaths: state => (state.focus === 'frames' ? tellingPaths(state) : []),
	pointed: cellRun,
	keys,
	commands: {
		left: (state, nowMs) => moveCell(state, -1, 0, nowMs),
		right: (state, nowMs) => moveCell(state, 1, 0, nowMs),
		up: (state, nowMs) => moveCell(state, 0, -1, nowMs),
		down: (state, nowMs) => moveCell(state, 0, 1, nowMs),
		pageUp: (state, nowMs) => moveCell(state, 0, -pageLines, nowMs),
		pageDown: (state, nowMs) => moveCell(state, 0, pageLines, nowMs),
		first: (state, nowMs) => moveCell(state, 0, -allLines, nowMs),
		last: (state, nowMs) => moveCell(state, 0, allLines, nowMs),
		finer: (state, nowMs) => zoomFrames(state, 0.5, nowMs),
		coarser: (state, nowMs) => zoomFrames(state, 2, nowMs),
		filter: state => quiet({...state, overlay: {kind: 'jump', text: ''}}),
		follow: followCursor,
	},
	undo,
	scroll: scrollCursor,
	hit(state, column, row) {
		const cursorPfn = frameAt(state, column, row);
		return cursorPfn === undefined ? state : {...state, frames: {...state.frames, cursorPfn}};
	},
};
