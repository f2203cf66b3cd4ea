/** Sorting of a pane's rows, column by column. */

import {fieldsOf, rowsOf} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import {quiet, say} from '../state/answer.ts';
import {withView} from '../state/arrangement.ts';
import type {Fields} from '../state/list.ts';
import type {PaneId} from '../state/panes.ts';
import type {State, Update} from '../state/state.ts';

function fieldsIn<Id extends PaneId>(state: State, id: Id): readonly Fields[] {
	const {fields} = paneOf(id).meaning;
	return fields ? rowsOf(state, id).map(fields) : [];
}

/** Sorts by the next column; numbers begin with the largest. After the last column the pane's own order is back. */
export function sortNext(state: State, nowMs: number): Update {
	const {focus} = state;
	const rows = fieldsIn(state, focus);
	// Columns that rows on screen have: a pane of pools alone is not sorted by the direction of mappings.
	const names = fieldsOf(focus).filter(name => rows.some(row => row[name] !== undefined));
	if (names.length === 0) return say(state, `${paneOf(focus).name} has no columns to sort by`, nowMs);
	const {sort} = state.views[focus];
	const field = names[sort ? names.indexOf(sort.field) + 1 : 0];
	if (field === undefined) return quiet(withView(state, focus, {sort: undefined}));
	const isDescending = rows.some(row => typeof row[field] === 'number');
	return quiet(withView(state, focus, {sort: {field, isDescending}}));
}

export function reverseSort(state: State, nowMs: number): Update {
	const {sort} = state.views[state.focus];
	if (!sort) return sortNext(state, nowMs);
	return quiet(withView(state, state.focus, {sort: {...sort, isDescending: !sort.isDescending}}));
}
