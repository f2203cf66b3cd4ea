/** What a quantity was over the last while, a column for every half second in which the machine moved. */

import type {Moment} from './moment.ts';

export type Meter = {
	/** Oldest first; undefined where no one looked. */
	readonly columns: readonly (number | undefined)[];
	/** Where the column under way began, and what a counter stood at then; undefined while nobody looks. */
	readonly since: (Moment & {readonly count: number}) | undefined;
	/** What the column under way will show of a level. */
	readonly extreme: number;
};

const columnMs = 500;
const mostColumns = 60;

const begin = (at: Moment, count: number, columns: Meter['columns'] = []): Meter => ({
	columns,
	since: {...at, count},
	extreme: count,
});

const append = (meter: Meter, value: number | undefined): Meter['columns'] =>
	[...meter.columns, value].slice(-mostColumns);

const isAnew = (since: Moment, at: Moment): boolean => at.timeNs < since.timeNs || at.movedMs < since.movedMs;

/**
 * A level, as requests under way: each column shows its extreme, so that a short burst is seen.
 * @param extremeOf `Math.min` where the least tells more, as of free memory
 * @returns the same meter as long as it says the same
 */
export function measureLevel(
	older: Meter | undefined,
	at: Moment,
	level: number,
	extremeOf: (a: number, b: number) => number = Math.max,
): Meter {
	if (!older?.since) return begin(at, level, older?.columns);
	if (isAnew(older.since, at)) return begin(at, level);
	if (at.movedMs - older.since.movedMs >= columnMs) {
		return begin(at, level, append(older, extremeOf(older.extreme, level)));
	}
	const extreme = extremeOf(older.extreme, level);
	return extreme === older.extreme ? older : {...older, extreme};
}

/** A counter, as faults since boot: each column shows how much it grew by a virtual second. */
export function measureRate(older: Meter | undefined, at: Moment, count: number): Meter {
	if (!older?.since || isAnew(older.since, at) || count < older.since.count) return begin(at, count, older?.columns);
	const passedNs = at.timeNs - older.since.timeNs;
	return at.movedMs - older.since.movedMs >= columnMs && passedNs > 0
		? begin(at, count, append(older, ((count - older.since.count) * 1e9) / passedNs))
		: older;
}

/**
 * Marks that nobody looks, however long; the column under way is not finished, and what is measured next begins one.
 */
export const withGap = (meter: Meter): Meter =>
	meter.since === undefined
		? meter
		: {
				...meter,
				columns: meter.columns.at(-1) === undefined ? meter.columns : append(meter, undefined),
				since: undefined,
			};
