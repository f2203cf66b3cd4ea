/** Going from row to row in a pane. What cannot go further says so. */

import {listPlace, rowsOf, tailsOf} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import {quiet, say} from '../state/answer.ts';
import {focusOn, withView, withZoom} from '../state/arrangement.ts';
import {idsOf, indexOfId, moveSelection, scrollView} from '../state/list.ts';
import type {PaneId} from '../state/panes.ts';
import type {State, Update} from '../state/state.ts';

export const goToPane = (state: State, id: PaneId, nowMs: number): Update =>
	id === state.focus ? say(state, `${paneOf(id).name} already has the focus`, nowMs, false) : quiet(focusOn(state, id));

export function toggleZoom(state: State, nowMs: number): Update {
	const next = withZoom(state);
	return next ? quiet(next) : say(state, `${paneOf(state.focus).name} already fills the screen`, nowMs, false);
}

/** Selects another row of the pane in focus. @param by rows, Infinity for an end */
export function select(state: State, by: number, nowMs: number): Update {
	const {focus} = state;
	const ids = idsOf(rowsOf(state, focus));
	const view = state.views[focus];
	const moved = moveSelection(view, ids, listPlace(state, focus).height, by, tailsOf(state, focus));
	const isAtEnd = moved === view || moved.selected === view.selected || !Number.isFinite(by);
	const beyond = isAtEnd ? paneOf(focus).pastEnd?.(state, by) : undefined;
	if (beyond) return quiet(beyond);
	if (indexOfId(ids, moved.selected) < 0) return say(state, `nothing to select in ${paneOf(focus).name}`, nowMs);
	return moved === view
		? say(state, `this is the ${by < 0 ? 'first' : 'last'} row`, nowMs, false)
		: quiet(withView(state, focus, moved));
}

/** Moves the window of a pane, focused or not, by rows; what is selected stays if it stays in sight. */
export function scroll(state: State, id: PaneId, by: number): State {
	const own = paneOf(id).scroll;
	if (own) return own(state, by);
	const view = state.views[id];
	const scrolled = scrollView(view, idsOf(rowsOf(state, id)), listPlace(state, id).height, by, tailsOf(state, id));
	return scrolled === view ? state : withView(state, id, scrolled);
}
