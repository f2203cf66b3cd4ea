/** What is on the screen, without a terminal. */

import {drawFooter, drawStatus, drawTabs} from '../../../source/ui/bars.ts';
import type {Line} from '../../../source/ui/lines.ts';
import {litOf, nothingLit} from '../../../source/ui/lit.ts';
import {shownOverlay} from '../../../source/ui/overlays/shown.ts';
import {titleOf} from '../../../source/ui/paneDraw.ts';
import {paneLines} from '../../../source/ui/paneLines.ts';
import {contentOf, layoutOf, paneOf} from '../../../source/ui/panes.ts';
import type {State} from '../../../source/ui/state.ts';
import type {Rect} from '../../../source/ui/surface.ts';

export type DrawnPart = {readonly id: string; readonly rect: Rect; readonly lines: readonly Line[]};

/** Every part of the screen as the lines it is painted from, an overlay last; none where the terminal is too small. */
export const drawnParts = (state: State): readonly DrawnPart[] => {
	const layout = layoutOf(state);
	if (layout.kind === 'small') {
		return [];
	}
	const {status, tabs, footer} = layout;
	const panes = layout.panes.map(({id, rect}): DrawnPart => {
		const view = state.views[id];
		const frame = {
			title: titleOf(paneOf(id), view),
			columns: rect.columns,
			rows: rect.rows,
			isFocused: state.focus === id,
			view,
			lit: litOf(state),
		};
		return {id, rect, lines: paneLines(contentOf(state, id), frame).lines};
	});
	const shown = shownOverlay(state);
	const overlay = shown && {
		id: 'overlay',
		rect: shown.rect,
		lines: paneLines(shown.content, {
			title: shown.title,
			columns: shown.rect.columns,
			rows: shown.rect.rows,
			isFocused: true,
			view: shown.view,
			lit: nothingLit,
		}).lines,
	};
	return [
		{id: 'status', rect: status, lines: drawStatus(state)},
		...(tabs ? [{id: 'tabs', rect: tabs, lines: drawTabs(state)}] : []),
		...panes,
		{id: 'footer', rect: footer, lines: drawFooter(state)},
		...(overlay ? [overlay] : []),
	];
};
