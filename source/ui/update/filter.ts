/**
 * Which rows of a content are shown, and in which order: those that a filter leaves, sorted by one of their fields.
 *
 * A filter is a text (`libc`) or a field with a text (`state:disk`); `!` in front leaves the others. Upper and lower
 * case are alike. What stands before a colon but is no field of the pane is part of the text.
 */

import {lineText} from '../terminal/lines.ts';
import type {Content, Fields, ListRows} from '../view/content.ts';
import type {Sort, View} from './list.ts';

type Test = (rows: ListRows, index: number) => boolean;

const testOf = (filter: string, fields: readonly string[]): Test => {
	const isInverted = filter.startsWith('!');
	const wanted = (isInverted ? filter.slice(1) : filter).toLowerCase();
	const colon = wanted.indexOf(':');
	const field = fields.find(each => each === wanted.slice(0, Math.max(0, colon)));
	const matches: Test = field
		? (rows, index) =>
				String(rows.fieldsAt(index)[field] ?? '')
					.toLowerCase()
					.includes(wanted.slice(colon + 1))
		: (rows, index) => lineText(rows.lineAt(index)).toLowerCase().includes(wanted);
	// While only the sign is typed nothing is left out.
	return wanted === '' ? () => true : (rows, index) => matches(rows, index) !== isInverted;
};

const compare = (a: Fields[string], b: Fields[string]): number => {
	if (typeof a === 'number' && typeof b === 'number') {
		return a - b;
	}
	const [left, right] = [String(a), String(b)];
	return left < right ? -1 : left > right ? 1 : 0;
};

const sorted = (rows: ListRows, indices: readonly number[], {field, isDescending}: Sort): number[] => {
	const keyed = indices.map(index => ({index, value: rows.fieldsAt(index)[field]}));
	const sign = isDescending ? -1 : 1;
	// Rows without the field stay in their order behind those that have it.
	const has = keyed.filter(({value}) => value !== undefined);
	const lacks = keyed.filter(({value}) => value === undefined);
	return [...has.sort((a, b) => sign * compare(a.value, b.value) || a.index - b.index), ...lacks].map(
		({index}) => index,
	);
};

const pick = (rows: ListRows, indices: readonly number[]): ListRows => ({
	count: indices.length,
	idAt: index => rows.idAt(indices[index] ?? -1),
	lineAt: index => rows.lineAt(indices[index] ?? -1),
	pfnAt: index => rows.pfnAt(indices[index] ?? -1),
	isLitAt: (index, lit) => rows.isLitAt(indices[index] ?? -1, lit),
	fieldsAt: index => rows.fieldsAt(indices[index] ?? -1),
});

/** @param fields of the pane's rows */
export const arrangeContent = (content: Content, {filter, sort}: View, fields: readonly string[]): Content => {
	if (filter === '' && !sort) {
		return content;
	}
	const {rows} = content;
	const isLeft = testOf(filter, fields);
	const kept: number[] = [];
	for (let index = 0; index < rows.count; index++) {
		// Headings within the list go.
		if (rows.idAt(index) !== undefined && isLeft(rows, index)) {
			kept.push(index);
		}
	}
	return {...content, rows: pick(rows, sort ? sorted(rows, kept, sort) : kept), tails: content.tails && !sort};
};
