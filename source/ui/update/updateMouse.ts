/** What the mouse does: a click goes where it points, the wheel moves what is under it, a double click is Enter. */

import type {Mouse} from '../terminal/sequences.ts';
import type {Rect} from '../terminal/surface.ts';
import type {Content} from '../view/content.ts';
import {shownOverlay} from '../view/overlays/shown.ts';
import {listHeight} from '../view/paneLines.ts';
import {contentOf, layoutOf} from '../view/panes.ts';
import {quiet} from './answer.ts';
import {frameAt} from './framesCursor.ts';
import type {PlacedPane} from './layout.ts';
import {indexOfId, type View, windowTop} from './list.ts';
import {focusOn, rowsOf, scroll, toggleZoom, withView} from './move.ts';
import type {Overlay, State, Update} from './state.ts';
import {applyOverlayKey, scrollOverlay} from './updateOverlay.ts';

/** Rows for a notch of the wheel. */
const wheelRows = 3;
/** Two clicks on one cell within this time are one double click. */
const doubleMs = 400;

const holds = (rect: Rect, {column, row}: Mouse): boolean =>
	column >= rect.column && column < rect.column + rect.columns && row >= rect.row && row < rect.row + rect.rows;

const notches = ({kind}: Mouse): number => (kind === 'wheelUp' ? -1 : 1);

/** The row of a list that a click is on, and the row of its window. @param row within the frame, counted from 0 */
const rowAt = ({head, rows, tails}: Content, view: View, height: number, row: number): View | undefined => {
	const offset = row - head.length;
	const top = windowTop(rows.count, indexOfId(rows, view.selected), view.offset, height, tails);
	const selected = offset >= 0 && offset < height && top + offset < rows.count ? rows.idAt(top + offset) : undefined;
	return selected === undefined ? undefined : {...view, selected, offset};
};

/** Selects the row of a pane that a click is on, and leaves it where it is. */
const selectAt = (state: State, {id, rect}: PlacedPane, {column, row}: Mouse): State => {
	if (id === 'frames') {
		const cursorPfn = frameAt(state, column - rect.column - 1, row - rect.row - 1);
		return cursorPfn === undefined ? state : {...state, cursorPfn};
	}
	const view = rowAt(contentOf(state, id), state.views[id], rowsOf(state, id), row - rect.row - 1);
	return view ? withView(state, id, view) : state;
};

const overlayMouse = (state: State, overlay: Overlay, mouse: Mouse, isDouble: boolean, nowMs: number): Update => {
	const shown = shownOverlay(state);
	if (mouse.kind !== 'click') {
		return quiet(shown ? scrollOverlay(state, notches(mouse) * wheelRows, nowMs) : state);
	}
	if (!shown || !holds(shown.rect, mouse)) {
		return applyOverlayKey(state, overlay, 'escape', nowMs);
	}
	const {content, rect} = shown;
	const view = rowAt(content, shown.view, listHeight(content, rect.rows), mouse.row - rect.row - 1);
	if (overlay.kind !== 'processes' || !view) {
		return quiet(state);
	}
	const chosen: Overlay = {...overlay, view};
	const next = {...state, overlay: chosen};
	return isDouble ? applyOverlayKey(next, chosen, 'enter', nowMs) : quiet(next);
};

const screenMouse = (state: State, mouse: Mouse, isDouble: boolean, nowMs: number): Update => {
	const layout = layoutOf(state);
	if (layout.kind === 'small') {
		return quiet(state);
	}
	// A click on a key there is that key: see canvas.ts.
	if (holds(layout.footer, mouse) || (layout.tabs && holds(layout.tabs, mouse))) {
		const isRead = mouse.kind === 'click' && holds(layout.footer, mouse);
		return quiet({...state, notice: isRead ? undefined : state.notice});
	}
	// Where the first click went has the focus: the panes may have changed places.
	if (isDouble) {
		return toggleZoom(state, nowMs);
	}
	const placed = layout.panes.find(({rect}) => holds(rect, mouse));
	if (!placed) {
		return quiet(state);
	}
	return quiet(
		mouse.kind === 'click'
			? focusOn(selectAt(state, placed, mouse), placed.id)
			: scroll(state, placed.id, notches(mouse) * wheelRows),
	);
};

export const applyMouse = (before: State, mouse: Mouse, nowMs: number): Update => {
	const {column, row} = mouse;
	const last = before.clicked;
	const isDouble =
		mouse.kind === 'click' && last?.column === column && last.row === row && nowMs - last.atMs <= doubleMs;
	const clicked = mouse.kind === 'click' && !isDouble ? {column, row, atMs: nowMs} : undefined;
	const state = {...before, clicked};
	return state.overlay
		? overlayMouse(state, state.overlay, mouse, isDouble, nowMs)
		: screenMouse(state, mouse, isDouble, nowMs);
};
