/** What is drawn where the mouse is. */

import {layoutOf} from '../state/layout.ts';
import type {Hit, State} from '../state/state.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import type {Rect} from '../terminal/surface.ts';
import {shownOverlay} from './overlays/shown.ts';

const nothing: Hit = {kind: 'nothing'};

const holds = (rect: Rect, {column, row}: Mouse): boolean =>
	column >= rect.column && column < rect.column + rect.columns && row >= rect.row && row < rect.row + rect.rows;

/** @param keyAt the key that stands under the mouse, in the tabs or the footer as they were drawn */
export function hitAt(state: State, mouse: Mouse, keyAt: (mouse: Mouse) => Key | undefined): Hit {
	const layout = layoutOf(state);
	if (state.overlay) {
		const shown = shownOverlay(state);
		return shown && holds(shown.rect, mouse) ? {kind: 'overlay', row: mouse.row - shown.rect.row - 1} : nothing;
	}
	if (layout.kind === 'small') return nothing;
	if (state.notice && holds(layout.footer, mouse)) return {kind: 'notice'};
	if (holds(layout.footer, mouse) || (layout.tabs && holds(layout.tabs, mouse))) {
		const key = keyAt(mouse);
		return key === undefined ? nothing : {kind: 'key', key};
	}
	const placed = layout.panes.find(({rect}) => holds(rect, mouse));
	if (!placed) return nothing;
	const {id, rect} = placed;
	return {kind: 'pane', id, column: mouse.column - rect.column - 1, row: mouse.row - rect.row - 1};
}
