/**
 * Which rows of a pane are shown, and in which order: those that a filter leaves, sorted by one of their fields.
 *
 * A filter is a text (`libc`) or a field with a text (`state:disk`); `!` in front leaves the others. Upper and lower
 * case are alike. What stands before a colon but is not a field of the pane is part of the text.
 */

import type {Fields, ListView, Sort} from '../state/list.ts';

/** What is asked of a row. */
type Arrangeable<R> = {readonly fields?: (row: R) => Fields; readonly text: (row: R) => string};

function testOf<R>(filter: string, {fields, text}: Arrangeable<R>, names: readonly string[]): (row: R) => boolean {
	const isInverted = filter.startsWith('!');
	const wanted = (isInverted ? filter.slice(1) : filter).toLowerCase();
	const colon = wanted.indexOf(':');
	const field = names.find(each => each === wanted.slice(0, Math.max(0, colon)));
	const matches = (row: R): boolean =>
		field
			? String(fields?.(row)[field] ?? '')
					.toLowerCase()
					.includes(wanted.slice(colon + 1))
			: text(row).toLowerCase().includes(wanted);
	// While only the sign is typed nothing is left out.
	return wanted === '' ? () => true : row => matches(row) !== isInverted;
}

function compare(a: Fields[string], b: Fields[string]): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	const [left, right] = [String(a), String(b)];
	return left < right ? -1 : left > right ? 1 : 0;
}

function sorted<R>(rows: readonly R[], {fields}: Arrangeable<R>, {field, isDescending}: Sort): readonly R[] {
	const keyed = rows.map((row, index) => ({row, index, value: fields?.(row)[field]}));
	const sign = isDescending ? -1 : 1;
	// Rows without the field stay in their order behind those that have it.
	const has = keyed.filter(({value}) => value !== undefined);
	const lacks = keyed.filter(({value}) => value === undefined);
	return [...has.sort((a, b) => sign * compare(a.value, b.value) || a.index - b.index), ...lacks].map(({row}) => row);
}

const arranged = new WeakMap<readonly unknown[], {readonly view: ListView; readonly rows: readonly unknown[]}>();

/** @param names of the fields @returns the same array for the same rows, filter and sorting */
export function arrange<R extends {readonly id?: string | undefined}>(
	rows: readonly R[],
	meaning: Arrangeable<R>,
	view: ListView,
	names: readonly string[],
): readonly R[] {
	const {filter, sort} = view;
	if (filter === '' && !sort) return rows;
	const known = arranged.get(rows);
	if (known?.view.filter === filter && known.view.sort === sort) return known.rows as readonly R[];
	const isLeft = testOf(filter, meaning, names);
	// Headings within the list go.
	const left = rows.filter(row => row.id !== undefined && isLeft(row));
	const next = sort ? sorted(left, meaning, sort) : left;
	arranged.set(rows, {view, rows: next});
	return next;
}
