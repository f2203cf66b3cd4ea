/** What differs between two machines, pane by pane: rows of one that the other has not. */

import {type ComparedRow, compareObservations} from '../../model/compareObservations.ts';
import {visiblePanes} from '../state/layout.ts';
import type {PaneId} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import type {PaneRows} from './pane.ts';
import {rowsOf} from './panes.ts';
import {paneOf} from './table.ts';

/** Ids of rows, and what they say, that one machine has and the other has not. */
type OwnRows = ReadonlyMap<string, string>;

export type PaneDifference = {
	readonly id: PaneId;
	/** Of each machine. */
	readonly own: readonly [OwnRows, OwnRows];
	/** Rows that both have with other numbers. */
	readonly otherNumbers: number;
};

type Text = {readonly id: string; readonly text: string};

const texts = new WeakMap<object, string>();

/** A row lives as long as its model: what it says is made once. */
function textOf<Id extends PaneId>(id: Id, row: PaneRows[Id]): string {
	const known = texts.get(row);
	if (known !== undefined) return known;
	const text = paneOf(id).meaning.text(row).trim().replace(/\s+/g, ' ');
	texts.set(row, text);
	return text;
}

function textsOf<Id extends PaneId>(state: State, id: Id): readonly Text[] {
	return rowsOf(state, id).flatMap(row => (row.id === undefined ? [] : [{id: row.id, text: textOf(id, row)}]));
}

/** The same with other numbers is alike: frames, addresses, times and counts. */
const withoutNumbers = (text: string): string => text.replace(/0x[\da-f]+|\b[\da-f]{5,}\b|\d+/gi, '#');

/** Takes from both what they have alike; each can be matched once. */
function unmatched(ours: readonly Text[], theirs: readonly Text[], alike: (text: string) => string) {
	const there = new Map<string, Text[]>();
	for (const each of theirs) {
		const key = alike(each.text);
		const found = there.get(key);
		if (found) found.push(each);
		else there.set(key, [each]);
	}
	const matched = new Set<Text>();
	const rest = ours.filter(each => {
		const other = there.get(alike(each.text))?.shift();
		if (other) matched.add(other);
		return !other;
	});
	return {ours: rest, theirs: theirs.filter(each => !matched.has(each))};
}

const ownRows = (rows: readonly Text[]): OwnRows => new Map(rows.map(({id, text}) => [id, text]));

function paneDifference(a: State, b: State, id: PaneId): PaneDifference {
	const differing = unmatched(textsOf(a, id), textsOf(b, id), text => text);
	const own = unmatched(differing.ours, differing.theirs, withoutNumbers);
	return {
		id,
		own: [ownRows(own.ours), ownRows(own.theirs)],
		otherNumbers: differing.ours.length - own.ours.length,
	};
}

/** Of panes that both show and have rows of. The frame map has none. */
export const paneDifferences = (a: State, b: State): readonly PaneDifference[] =>
	visiblePanes(a)
		.filter(id => visiblePanes(b).includes(id) && a.models[id].state === 'ready' && b.models[id].state === 'ready')
		.filter(id => id !== 'frames')
		.map(id => paneDifference(a, b, id));

/** What the newest injection that both have came to on each, where that is not the same. */
export function injectionDifferences(
	a: State,
	b: State,
): {readonly name: string; readonly rows: readonly ComparedRow[]} | undefined {
	const [one, other] = [a, b].map(({lab}) => lab.inject?.injections.at(-1));
	if (!one || !other || one.name !== other.name || one.id !== other.id) return undefined;
	const rows = compareObservations([one, other]);
	return {name: one.name, rows: rows.filter(({differs}) => differs !== null)};
}
