/**
 * The one comparison of a sample's things with the rows of the sample before. Every model that has rows uses it, so
 * that all keep the same promises:
 *
 * - a row has an id that no other row has, and keeps it for as long as its thing is there;
 * - what is new or changed bears a mark for a while, and so does what is gone, which stays in sight that long;
 * - what did not change is the same object: the row, and the whole list when no row in it changed. What is made of rows
 *   (their order, their lines, cells of the screen) is compared by reference and need not be made again.
 */

import {lingering, type Mark, type MarkKind, type Moment, markOf, type Row} from './moment.ts';

/** What became of a thing since the sample before. */
export type Fate<R> = {
	readonly id: string;
	/** The row that it had; undefined for a thing that was not there. */
	readonly known: R | undefined;
	/** What happened to it just now; undefined for nothing. */
	readonly kind: MarkKind | undefined;
	/** Of what happened now, or a moment ago. */
	readonly mark: Mark | undefined;
};

export type RowRules<T, R extends Row> = {
	/** What tells a thing from others. Things of one name are numbered in their order. */
	readonly idOf: (thing: T) => string;
	readonly rowOf: (thing: T, fate: Fate<R>) => R;
	/** Would a row of this thing, under the same mark, say the same? */
	readonly isSame: (row: R, thing: T) => boolean;
	/** @param known undefined for a thing that was not there. Left out: what was not there is new, and nothing changes */
	readonly kindOf?: (thing: T, known: R | undefined) => MarkKind | undefined;
	/** The injection that did it. */
	readonly culpritOf?: (thing: T) => number | undefined;
	/** How rows whose thing is gone stay in sight; left out, they do not. */
	readonly gone?: {
		readonly rowOf?: (row: R, mark: Mark) => R;
		readonly culpritOf?: (row: R) => number | undefined;
		/** Is a thing that is no longer in the sample really gone? */
		readonly isGone?: (row: R) => boolean;
	};
	/** Puts rows in their order; left out, those that are gone follow the others. */
	readonly arrange?: (rows: R[], gone: R[]) => readonly R[];
};

const newOnly = (_: unknown, known: Row | undefined): MarkKind | undefined => (known ? undefined : 'new');

const wasGone = (row: Row | undefined): boolean => row?.mark?.kind === 'gone';

/** Ids for things in their order: `name`, and `name 2` for another one of that name. */
function numbering(): (name: string) => string {
	const counts = new Map<string, number>();
	return name => {
		const count = (counts.get(name) ?? 0) + 1;
		counts.set(name, count);
		return count === 1 ? name : `${name} ${count}`;
	};
}

function goneRow<R extends Row>(row: R, gone: NonNullable<RowRules<never, R>['gone']>, at: Moment): R | undefined {
	const mark = wasGone(row) ? lingering(row.mark, at) : markOf('gone', at, gone.culpritOf?.(row));
	if (!mark || mark === row.mark) return mark && row;
	return gone.rowOf ? gone.rowOf(row, mark) : {...row, mark};
}

/** @returns `older` itself when it has the same rows in the same order */
export function sameList<R>(older: readonly R[] | undefined, newer: readonly R[]): readonly R[] {
	return older?.length === newer.length && newer.every((row, index) => row === older[index]) ? older : newer;
}

/**
 * @param things of the newest sample
 * @param older rows of the sample before; undefined for who looks for the first time, to whom nothing is news
 */
export function diffRows<T, R extends Row>(
	things: readonly T[],
	older: readonly R[] | undefined,
	at: Moment,
	rules: RowRules<T, R>,
): readonly R[] {
	const {idOf, rowOf, isSame, kindOf = newOnly, culpritOf, gone, arrange} = rules;
	const before = new Map(older?.map(row => [row.id, row]));
	const number = numbering();
	const rows = things.map((thing): R => {
		const id = number(idOf(thing));
		const row = before.get(id);
		before.delete(id);
		// What is there again is another thing of the same name.
		const known = wasGone(row) ? undefined : row;
		const kind = older && kindOf(thing, known);
		const mark = kind ? markOf(kind, at, culpritOf?.(thing)) : lingering(known?.mark, at);
		return known && known.mark === mark && isSame(known, thing) ? known : rowOf(thing, {id, known, kind, mark});
	});
	const left = gone ? [...before.values()] : [];
	const ghosts = left.flatMap(row => {
		const stays = wasGone(row) || (gone?.isGone?.(row) ?? true);
		return (stays && goneRow(row, gone!, at)) || [];
	});
	return sameList(older, arrange ? arrange(rows, ghosts) : [...rows, ...ghosts]);
}
