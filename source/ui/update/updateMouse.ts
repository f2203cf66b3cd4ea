/** What the mouse does: a click goes where it points, the wheel moves what is under it, a double click is Enter. */

import {overlayHeight} from '../overlays/place.ts';
import {processHead} from '../overlays/processes.ts';
import {listPlace, rowsOf, tailsOf} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import {quiet, withoutNotice} from '../state/answer.ts';
import {focusOn, withView} from '../state/arrangement.ts';
import {layoutOf} from '../state/layout.ts';
import {type IdList, idsOf, type ListView, topOf} from '../state/list.ts';
import {type Overlay, withOverlay} from '../state/overlay.ts';
import type {PaneId} from '../state/panes.ts';
import type {Hit, MessageOf, State, Update} from '../state/state.ts';
import type {Mouse} from '../terminal/sequences.ts';
import {scroll, toggleZoom} from './move.ts';
import {applyKey} from './updateKeys.ts';
import {applyOverlayKey, scrollOverlay} from './updateOverlay.ts';

/** Rows for a notch of the wheel. */
const wheelRows = 3;
/** Two clicks on one cell within this time are one double click. */
const doubleMs = 400;

const wheeled = ({kind}: Mouse): number => (kind === 'wheelUp' ? -wheelRows : wheelRows);

/** A list with the row selected that lies at `offset` of its window; it stays where it is. */
function selectedAt(view: ListView, ids: IdList, height: number, tails: boolean, offset: number): ListView | undefined {
	const top = topOf(ids, view, height, tails);
	const selected = offset >= 0 && offset < height ? ids.idAt(top + offset) : undefined;
	return selected === undefined ? undefined : {...view, selected, offset};
}

/** Selects what a click on a pane is on. */
function clicked(state: State, id: PaneId, column: number, row: number): State {
	const own = paneOf(id).hit;
	if (own) return own(state, column, row);
	const {head, height} = listPlace(state, id);
	const view = selectedAt(state.views[id], idsOf(rowsOf(state, id)), height, tailsOf(state, id), row - head);
	return view ? withView(state, id, view) : state;
}

function overlayClick(state: State, overlay: Overlay, hit: Hit, isDouble: boolean, nowMs: number): Update {
	if (hit.kind !== 'overlay') return applyOverlayKey(state, overlay, 'escape', nowMs);
	if (overlay.kind !== 'processes') return quiet(state);
	const ids = idsOf(state.processes.rows);
	const height = Math.min(overlayHeight(state.rows) - processHead, Math.max(1, ids.count));
	const view = selectedAt(overlay.view, ids, height, false, hit.row - processHead);
	if (!view) return quiet(state);
	const chosen: Overlay = {...overlay, view};
	const next = withOverlay(state, chosen);
	return isDouble ? applyOverlayKey(next, chosen, 'enter', nowMs) : quiet(next);
}

function screenMouse(state: State, mouse: Mouse, hit: Hit, isDouble: boolean, nowMs: number): Update {
	if (layoutOf(state).kind === 'small') return quiet(state);
	const isClick = mouse.kind === 'click';
	if (hit.kind === 'notice') return quiet(isClick ? withoutNotice(state) : state);
	if (hit.kind === 'key') return isClick ? applyKey(state, hit.key, nowMs) : quiet(state);
	// Where the first click went has the focus: the panes may have changed places.
	if (isDouble) return toggleZoom(state, nowMs);
	if (hit.kind !== 'pane') return quiet(state);
	const {id, column, row} = hit;
	return quiet(isClick ? focusOn(clicked(state, id, column, row), id) : scroll(state, id, wheeled(mouse)));
}

export function applyMouse(before: State, {mouse, hit, nowMs}: MessageOf<'mouse'>): Update {
	const {kind, column, row} = mouse;
	const last = before.clicked;
	const isClick = kind === 'click';
	const isDouble = isClick && last?.column === column && last.row === row && nowMs - last.atMs <= doubleMs;
	const state = {...before, clicked: isClick && !isDouble ? {column, row, atMs: nowMs} : undefined};
	const {overlay} = state;
	if (!overlay) return screenMouse(state, mouse, hit, isDouble, nowMs);
	if (isClick) return overlayClick(state, overlay, hit, isDouble, nowMs);
	return quiet(isLaidOver(overlay) ? scrollOverlay(state, wheeled(mouse), nowMs) : state);
}

/** Prompts are in the footer: nothing lies above the panes then. */
const isLaidOver = ({kind}: Overlay): boolean => kind !== 'filter' && kind !== 'jump';
