/** What is drawn where the mouse is. */

import {layoutOf} from '../state/layout.ts';
import type {Hit, State} from '../state/state.ts';
import type {Line} from '../terminal/lines.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import type {Rect} from '../terminal/surface.ts';
import {textWidth} from '../terminal/width.ts';
import {drawFooter, drawTabs} from './bars.ts';
import {shownOverlay} from './overlays/shown.ts';

const nothing: Hit = {kind: 'nothing'};

const holds = (rect: Rect, {column, row}: Mouse): boolean =>
	column >= rect.column && column < rect.column + rect.columns && row >= rect.row && row < rect.row + rect.rows;

/** The key that stands at a column of a line. */
function keyAt(whole: Line | undefined, column: number): Key | undefined {
	let end = 0;
	for (const {text, press} of whole?.spans ?? []) {
		end += textWidth(text);
		if (column < end) return press;
	}
	return undefined;
}

function keyHit(whole: Line | undefined, column: number): Hit {
	const key = keyAt(whole, column);
	return key === undefined ? nothing : {kind: 'key', key};
}

export function hitAt(state: State, mouse: Mouse): Hit {
	const layout = layoutOf(state);
	if (state.overlay) {
		const shown = shownOverlay(state);
		return shown && holds(shown.rect, mouse) ? {kind: 'overlay', row: mouse.row - shown.rect.row - 1} : nothing;
	}
	if (layout.kind === 'small') return nothing;
	if (layout.tabs && holds(layout.tabs, mouse)) return keyHit(drawTabs(state)[0], mouse.column);
	if (holds(layout.footer, mouse)) {
		return state.notice ? {kind: 'notice'} : keyHit(drawFooter(state)[0], mouse.column);
	}
	const placed = layout.panes.find(({rect}) => holds(rect, mouse));
	if (!placed) return nothing;
	const {id, rect} = placed;
	return {kind: 'pane', id, column: mouse.column - rect.column - 1, row: mouse.row - rect.row - 1};
}
