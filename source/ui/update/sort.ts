/** Sorting of a pane's rows, column by column. */

import {contentOf, fieldsOf, paneOf} from '../view/panes.ts';
import {quiet, say} from './answer.ts';
import type {Sort} from './list.ts';
import type {State, Update} from './state.ts';

const withSort = (state: State, sort: Sort | undefined): Update => {
	const view = {...state.views[state.focus], sort};
	return quiet({...state, views: {...state.views, [state.focus]: view}});
};

/** Columns that rows on screen have: a pane of pools alone is not sorted by the direction of mappings. */
const presentFields = (state: State): readonly string[] => {
	const {rows} = contentOf(state, state.focus);
	const present = new Set<string>();
	for (let index = 0; index < rows.count; index++) {
		for (const [name, value] of Object.entries(rows.fieldsAt(index))) {
			if (value !== undefined) {
				present.add(name);
			}
		}
	}
	return fieldsOf(state.focus).filter(name => present.has(name));
};

/** Sorts by the next column; numbers begin with the largest. After the last column the pane's own order is back. */
export const sortNext = (state: State, nowMs: number): Update => {
	const fields = presentFields(state);
	if (fields.length === 0) {
		return say(state, `${paneOf(state.focus).name} has no columns to sort by`, nowMs);
	}
	const {sort} = state.views[state.focus];
	const field = fields[sort ? fields.indexOf(sort.field) + 1 : 0];
	if (field === undefined) {
		return withSort(state, undefined);
	}
	const {rows} = contentOf(state, state.focus);
	const isNumber = Array.from({length: rows.count}, (_, index) => rows.fieldsAt(index)[field]).some(
		value => typeof value === 'number',
	);
	return withSort(state, {field, isDescending: isNumber});
};

export const reverseSort = (state: State, nowMs: number): Update => {
	const {sort} = state.views[state.focus];
	if (!sort) {
		return sortNext(state, nowMs);
	}
	return withSort(state, {...sort, isDescending: !sort.isDescending});
};
