/** How a pane gets from state to lines: its content, then its frame, each only when something in it changed. */

import {arrangeContent} from '../update/filter.ts';
import type {View} from '../update/list.ts';
import {litOf} from '../update/lit.ts';
import {type Draw, drawWhenChanged} from './canvas.ts';
import type {Content} from './content.ts';
import type {AnyPane} from './pane.ts';
import {type LaidRows, paneLines} from './paneLines.ts';
import {fieldsOf, numberOf} from './panes.ts';

/** Number and name, and what was done to the list. */
export const titleOf = ({id, name}: AnyPane, {filter, sort}: View): string => {
	const order = sort ? ` ${sort.isDescending ? '↓' : '↑'}${sort.field}` : '';
	return `${numberOf(id)} ${name}${order}${filter === '' ? '' : ` /${filter}`}`;
};

/** @param columns and `rows` with the frame */
export const createPaneDraw = (pane: AnyPane, columns: number, rows: number): Draw => {
	const {id} = pane;
	const room = {columns: columns - 2, rows: rows - 2};
	let content: Content | undefined;
	let known: readonly unknown[] = [];
	let laid: LaidRows | undefined;

	const lay: Draw = state => {
		const view = state.views[id];
		const inputs = [view.filter, view.sort, ...pane.inputs(state)];
		if (!content || inputs.some((input, index) => input !== known[index])) {
			known = inputs;
			content = arrangeContent(pane.content(state, room), view, fieldsOf(id));
		}
		const frame = {
			title: titleOf(pane, view),
			columns,
			rows,
			isFocused: state.focus === id,
			view,
			lit: litOf(state),
		};
		laid = paneLines(content, frame, laid);
		return laid.lines;
	};
	return drawWhenChanged(state => [state.views[id], state.focus === id, ...pane.inputs(state)], lay);
};
