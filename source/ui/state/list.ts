/** Windows on lists whose selection sticks to the thing, not to the row. */

/** Ids of rows in their order; undefined for a row that cannot be selected, a heading in the list. */
export type IdList = {readonly count: number; readonly idAt: (index: number) => string | undefined};

export const idsOf = (rows: readonly {readonly id?: string | undefined}[]): IdList => ({
	count: rows.length,
	idAt: index => rows[index]?.id,
});

/** What a row can be sorted and filtered by, under the names of its columns. */
export type Fields = Readonly<Record<string, string | number | undefined>>;

export type ListView = {
	/** Id of the selected thing; it stays selected when others come and go. */
	readonly selected: string | undefined;
	/** Row of the window that the selected thing is on: what is above it may change, it does not move. */
	readonly offset: number;
	/** Id of the row that comes into the window while none is selected: what a story is about. */
	readonly told?: string | undefined;
	/** Rows that do not contain this text are left out; empty for all. */
	readonly filter: string;
	/** Undefined for the order that the pane gives them. */
	readonly sort: Sort | undefined;
};

export type Sort = {readonly field: string; readonly isDescending: boolean};

export const initialView: ListView = {selected: undefined, offset: 0, filter: '', sort: undefined};

export function indexOfId(rows: IdList, id: string | undefined): number {
	if (id !== undefined) {
		for (let index = 0; index < rows.count; index++) {
			if (rows.idAt(index) === id) return index;
		}
	}
	return -1;
}

/** First row of a window. @param selected index of the row that is to be at `offset`, negative for none */
export function windowTop(count: number, selected: number, offset: number, height: number, tails: boolean): number {
	const last = Math.max(0, count - height);
	if (selected < 0) return tails ? last : 0;
	return Math.min(last, Math.max(0, selected - Math.min(Math.max(0, offset), height - 1)));
}

/** First row of a view's window. It goes down only as far as the row that the story is about. */
export function topOf(rows: IdList, view: ListView, height: number, tails: boolean): number {
	const selected = indexOfId(rows, view.selected);
	return selected >= 0 || tails
		? windowTop(rows.count, selected, view.offset, height, tails)
		: windowTop(rows.count, indexOfId(rows, view.told), height, height, false);
}

function nextSelectable(rows: IdList, from: number, step: 1 | -1): number {
	let index = from;
	while (index >= 0 && index < rows.count && rows.idAt(index) === undefined) {
		index += step;
	}
	return index >= 0 && index < rows.count ? index : -1;
}

/** Where a movement begins while nothing is selected: a step then leads to the row of the story, or to an end. */
function beginOf(rows: IdList, {told}: ListView, by: number, tails: boolean): number {
	const index = tails ? -1 : indexOfId(rows, told);
	if (index >= 0 && Math.abs(by) === 1) return index - by;
	return tails || by < 0 ? rows.count : -1;
}

/**
 * Moves the selection by `by` rows (Infinity for an end), stopping at the ends.
 * @returns the same view when there is nothing to select, or no further row
 */
export function moveSelection(view: ListView, rows: IdList, height: number, by: number, tails: boolean): ListView {
	const current = indexOfId(rows, view.selected);
	const top = topOf(rows, view, height, tails);
	const begin = current < 0 ? beginOf(rows, view, by, tails) : current;
	const aim = Math.min(rows.count - 1, Math.max(0, begin + by));
	const direction = by < 0 ? -1 : 1;
	let index = nextSelectable(rows, aim, direction);
	if (index < 0) {
		index = nextSelectable(rows, aim, direction === 1 ? -1 : 1);
	}
	const selected = index < 0 ? undefined : rows.idAt(index);
	if (selected === undefined) return view;
	// Headings above the first row come into view with it.
	const offset = Math.min(height - 1, Math.max(0, index - top));
	const isSame = index === current && windowTop(rows.count, index, offset, height, tails) === top;
	return isSame ? view : {...view, selected, offset};
}

/**
 * Moves the window by `by` rows. What is selected stays so while it is in the window, else the row at its edge is: a
 * window without a selection would not stay where it is. At the end of a list that shows its end it lets go, and the
 * list goes on with what comes.
 * @returns the same view when there is nothing to move to
 */
export function scrollView(view: ListView, rows: IdList, height: number, by: number, tails: boolean): ListView {
	const current = indexOfId(rows, view.selected);
	const last = Math.max(0, rows.count - height);
	const top = topOf(rows, view, height, tails);
	const nextTop = Math.min(last, Math.max(0, top + by));
	if (nextTop === top) return view;
	if (tails && nextTop === last) return {...view, selected: undefined, offset: 0};
	const aim = Math.min(nextTop + height - 1, Math.max(nextTop, current));
	const down = nextSelectable(rows, aim, 1);
	const index = down >= 0 && down < nextTop + height ? down : nextSelectable(rows, aim, -1);
	const selected = index < 0 ? undefined : rows.idAt(index);
	return selected === undefined ? view : {...view, selected, offset: Math.max(0, index - nextTop)};
}
