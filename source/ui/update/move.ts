/** Going from pane to pane, and from row to row in one. What cannot go further says so. */

import {listHeight} from '../view/paneLines.ts';
import {contentOf, layoutOf, paneOf, panes, roomOf} from '../view/panes.ts';
import {quiet, say} from './answer.ts';
import {moveFrameCursor, type Step, scrollCursor} from './framesCursor.ts';
import type {PaneId} from './layout.ts';
import {indexOfId, moveSelection, scrollView, type View} from './list.ts';
import {turnPage} from './mapsPage.ts';
import {type State, shownPid, type Update, visit} from './state.ts';

export const withView = (state: State, id: PaneId, view: View): State => ({
	...state,
	views: {...state.views, [id]: view},
});

export const focusOn = (state: State, id: PaneId): State =>
	id === state.focus ? state : {...visit(state), focus: id, companion: state.focus};

export const goToPane = (state: State, id: PaneId, nowMs: number): Update =>
	id === state.focus ? say(state, `${paneOf(id).name} has the keys already`, nowMs, false) : quiet(focusOn(state, id));

export const cycle = (state: State, step: number): State => {
	const index = panes.findIndex(({id}) => id === state.focus);
	return focusOn(state, panes[(index + step + panes.length) % panes.length]!.id);
};

const placesOf = (state: State): string => {
	const layout = layoutOf(state);
	return layout.kind === 'panes' ? JSON.stringify(layout.panes) : '';
};

export const toggleZoom = (state: State, nowMs: number): Update => {
	const next = {...state, zoomed: !state.zoomed};
	return placesOf(next) === placesOf(state)
		? say(state, `${paneOf(state.focus).name} has all the room there is`, nowMs, false)
		: quiet(next);
};

/** Rows that the list of a pane has room for. */
export const rowsOf = (state: State, id: PaneId): number =>
	listHeight(contentOf(state, id), roomOf(state, id).rows + 2);

export const moveCell = (state: State, cells: Step, lines: number, nowMs: number): Update => {
	const next = moveFrameCursor(state, cells, lines);
	return next.cursorPfn === state.cursorPfn ? say(state, 'there are no frames further on', nowMs, false) : quiet(next);
};

export const select = (state: State, by: number, nowMs: number): Update => {
	const {focus} = state;
	if (focus === 'frames') {
		const rows = Math.abs(by) === 1 ? by : Math.sign(by) * (Number.isFinite(by) ? 8 : 1e6);
		return moveCell(state, 0, rows, nowMs);
	}
	const content = contentOf(state, focus);
	const view = state.views[focus];
	const moved = moveSelection(view, content.rows, rowsOf(state, focus), by, content.tails);
	const pid = shownPid(state);
	const isAtEnd = moved === view || moved.selected === view.selected || !Number.isFinite(by);
	const turned = focus === 'maps' && isAtEnd && pid !== undefined ? turnPage(state, pid, by) : undefined;
	if (turned) {
		return quiet(turned);
	}
	if (indexOfId(content.rows, moved.selected) < 0) {
		return say(state, `nothing to select in ${paneOf(focus).name}`, nowMs);
	}
	return moved === view
		? say(state, `this is the ${by < 0 ? 'first' : 'last'} row`, nowMs, false)
		: quiet(withView(state, focus, moved));
};

/** Moves the window of a pane, focused or not, by rows; what is selected stays if it stays in sight. */
export const scroll = (state: State, id: PaneId, by: number): State => {
	if (id === 'frames') {
		return scrollCursor(state, by);
	}
	const {rows, tails} = contentOf(state, id);
	const view = state.views[id];
	const scrolled = scrollView(view, rows, rowsOf(state, id), by, tails);
	return scrolled === view ? state : withView(state, id, scrolled);
};
