/** What is on the screen, without a terminal. */

import {litOf} from '../../../source/ui/panes/lit.ts';
import {layoutOf} from '../../../source/ui/state/layout.ts';
import {nothingLit} from '../../../source/ui/state/lit.ts';
import type {State} from '../../../source/ui/state/state.ts';
import type {Line} from '../../../source/ui/terminal/lines.ts';
import type {Rect} from '../../../source/ui/terminal/surface.ts';
import {drawFooter, drawStatus, drawTabs} from '../../../source/ui/view/bars.ts';
import {shownOverlay} from '../../../source/ui/view/overlays/shown.ts';
import {titleOf} from '../../../source/ui/view/paneDraw.ts';
import {paneLines} from '../../../source/ui/view/paneLines.ts';
import {contentOf} from '../../../source/ui/view/panes.ts';

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
			title: titleOf(id, view),
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
