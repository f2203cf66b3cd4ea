/** The frame, of the many in a cell of the frame map, that says most: what opens when somebody points at the cell. */

import {type PageMapLetter, parsePageMap} from '../../formats/debugfs/pageMap.ts';
import {cellAt} from '../../model/frameCells.ts';
import {path} from '../../model/paths.ts';
import {recordIn} from '../../model/tree.ts';
import type {Run} from '../state/lit.ts';
import {modelIn} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import {count} from './format.ts';

/** Kinds that one looks for, the most telling first; of the others the first frame in use. */
const telling: readonly PageMapLetter[] = ['P', 'D', 'd', 'w', 'M', 'B'];

type Telling = {
	readonly pfn: number;
	/** `first P of 16`; empty where the cell is one frame. */
	readonly says: string;
};

/** Larger cells, of large memories, are read no further than this. */
const mostFrames = 4096;

function cellUnderCursor(state: State): Run | undefined {
	const model = modelIn(state, 'frames');
	const {cursorPfn} = state.frames;
	const cell = model && cursorPfn !== undefined ? cellAt(model, cursorPfn) : undefined;
	return cell && {pfn: cell.pfn, frames: Math.min(cell.frames, mostFrames)};
}

const cellPath = ({pfn, frames}: Run): string => path.pageMapWindow(pfn, frames, frames);

/** The file that says what each frame of the cell under the cursor is; none where the cell is one frame. */
export function tellingPaths(state: State): readonly string[] {
	const cell = cellUnderCursor(state);
	return cell && cell.frames > 1 ? [cellPath(cell)] : [];
}

function pick(letters: string): {readonly at: number; readonly letter: PageMapLetter} {
	const letter =
		telling.find(each => letters.includes(each)) ?? ([...letters].find(each => each !== '.') as PageMapLetter);
	return letter === undefined ? {at: 0, letter: '.'} : {at: letters.indexOf(letter), letter};
}

/** @returns undefined without a cursor */
export function tellingFrame(state: State): Telling | undefined {
	const {cursorPfn} = state.frames;
	if (cursorPfn === undefined) return undefined;
	const cell = cellUnderCursor(state);
	const map = cell && cell.frames > 1 ? recordIn(state.picture.tree, cellPath(cell), parsePageMap) : undefined;
	if (!cell || !map) return {pfn: cursorPfn, says: ''};
	const {at, letter} = pick(map.zones.map(({cells}) => cells).join(''));
	return {pfn: cell.pfn + at, says: `first ${letter === '.' ? 'free' : letter} of ${count(cell.frames)}`};
}
