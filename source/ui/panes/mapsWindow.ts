/**
 * A process of very many areas is read and shown a window at a time: ten thousand areas ten times a second would cost
 * more than everything else. Sorting and filtering work within the window.
 */

import {path} from '../../model/paths.ts';
import {withView} from '../state/arrangement.ts';
import {modelIn} from '../state/panes.ts';
import {shownPid} from '../state/processes.ts';
import type {State} from '../state/state.ts';

const areasInWindow = 1024;

type MapsWindow = {readonly pid: number; readonly first: number; readonly last: number};

/** The window that is shown, by the numbers of first areas counted from 0; undefined when all areas fit into one. */
function windowOf(state: State, pid: number | undefined): MapsWindow | undefined {
	const model = modelIn(state, 'maps');
	// A real Linux has no file of a part.
	if (state.target.kind === 'host') return undefined;
	if (pid === undefined || model?.pid !== pid || model.areas <= areasInWindow) return undefined;
	const last = Math.floor((model.areas - 1) / areasInWindow) * areasInWindow;
	const {mapsWindow} = state.processes;
	return {pid, first: mapsWindow.pid === pid ? Math.min(mapsWindow.first, last) : 0, last};
}

/** Files of a process's areas, all of them or those of the window. */
export function areaPaths(state: State, pid: number): readonly string[] {
	const shown = windowOf(state, pid);
	return shown === undefined
		? [path.maps(pid), path.vma(pid)]
		: [path.mapsWindow(pid, shown.first, areasInWindow), path.vmaWindow(pid, shown.first, areasInWindow)];
}

/**
 * Moves on to the window behind or before the shown one, its rows from the top.
 *
 * @param by rows, Infinity for an end
 * @returns undefined when there is no other window that way
 */
export function moveWindow(state: State, by: number): State | undefined {
	const shown = windowOf(state, shownPid(state));
	if (!shown) return undefined;
	const aim = Number.isFinite(by) ? shown.first + Math.sign(by) * areasInWindow : by < 0 ? 0 : shown.last;
	if (aim === shown.first || aim < 0 || aim > shown.last) return undefined;
	const moved = {...state, processes: {...state.processes, mapsWindow: {pid: shown.pid, first: aim}}};
	return withView(moved, 'maps', {selected: undefined, offset: 0});
}
