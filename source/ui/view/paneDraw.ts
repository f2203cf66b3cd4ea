/** How a pane gets from state to lines: its content, then its frame, each only when something in it changed. */

import {litOf} from '../panes/lit.ts';
import {paneOf} from '../panes/table.ts';
import type {View} from '../state/list.ts';
import {numberOf, type PaneId} from '../state/panes.ts';
import {type Draw, drawWhenChanged} from './canvas.ts';
import type {Content} from './content.ts';
import {type LaidRows, paneLines} from './paneLines.ts';
import {contentInputs, contentOf} from './panes.ts';

/** Number and name, and what was done to the list. */
export function titleOf(id: PaneId, {filter, sort}: View): string {
	const order = sort ? ` ${sort.isDescending ? '↓' : '↑'}${sort.field}` : '';
	return `${numberOf(id)} ${paneOf(id).name}${order}${filter === '' ? '' : ` /${filter}`}`;
}

/** @param columns and `rows` with the frame */
export function createPaneDraw(id: PaneId, columns: number, rows: number): Draw {
	const room = {columns: columns - 2, rows: rows - 2};
	let content: Content | undefined;
	let known: readonly unknown[] = [];
	let laid: LaidRows | undefined;

	const lay: Draw = state => {
		const view = state.views[id];
		const inputs = contentInputs(state, id);
		if (!content || inputs.some((input, index) => input !== known[index])) {
			known = inputs;
			content = contentOf(state, id, room);
		}
		const frame = {
			title: titleOf(id, view),
			columns,
			rows,
			isFocused: state.focus === id,
			view,
			lit: litOf(state),
		};
		laid = paneLines(content, frame, laid);
		return laid.lines;
	};
	return drawWhenChanged(state => [state.views[id], state.focus === id, ...contentInputs(state, id)], lay);
}
