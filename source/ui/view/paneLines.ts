/**
 * A pane's content laid into its body: lines that stay, the list's window between them, and what lies outside of it.
 */

import type {Culprits} from '../../model/injections.ts';
import {indexOfId, type ListView, topOf} from '../state/list.ts';
import type {Lit} from '../state/lit.ts';
import {blankLine, fitLine, type Line, type Span, toned} from '../terminal/lines.ts';
import {injectionTone} from '../terminal/theme.ts';
import type {Content, ListRows} from './content.ts';

/** Rows that the list has in a pane of this height, its frame included. */
export const listHeight = (content: Content, rows: number): number =>
	Math.max(content.rows.count === 0 ? 0 : 1, rows - 2 - content.head.length - content.foot.length);

export type ListWindow = {
	readonly top: number;
	readonly count: number;
	/** Index of the selected row; negative for none. */
	readonly selected: number;
	/** How many rows are above and below it, in words; empty where all are in it. */
	readonly more: string;
};

/** The part of a list that is seen in `height` rows. */
export function listWindow(rows: ListRows, view: ListView, height: number, tails: boolean): ListWindow {
	const selected = indexOfId(rows, view.selected);
	const top = topOf(rows, view, height, tails);
	const count = Math.max(0, Math.min(height, rows.count - top));
	const below = rows.count - top - count;
	const more = rows.count > height ? `${top > 0 ? `↑${top} ` : ''}${below > 0 ? `↓${below}` : ''}`.trim() : '';
	return {top, count, selected, more};
}

/** What stands out among rows: what is selected elsewhere, and what a story is about. */
type Emphasis = {
	readonly lit: Lit;
	/** The injection whose story is in the banner, and who touched what. */
	readonly story: number | undefined;
	readonly culprits: Culprits;
	/** Ids of rows that a machine beside this one has not. */
	readonly differing: ReadonlySet<string> | undefined;
};

function rowLine(rows: ListRows, index: number, isSelected: boolean, emphasis: Emphasis): Line {
	const {lit, story, culprits, differing} = emphasis;
	const row = rows.lineAt(index);
	if (isSelected) return toned('row.selected', row);
	if (lit.runs.length > 0 && rows.isLitAt(index, lit)) return toned('row.lit', row);
	const id = differing && rows.idAt(index);
	if (id !== undefined && differing?.has(id)) return toned('row.differs', row);
	return story !== undefined && rows.touchedAt(index, culprits) === story ? toned(injectionTone(story), row) : row;
}

const isSameCells = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
	a === b || (a?.length === b?.length && a?.every((tone, index) => tone === b?.[index]) === true);

const isSameSpan = (a: Span, b: Span | undefined): boolean =>
	a === b || (a.text === b?.text && a.tone === b.tone && isSameCells(a.cells, b.cells));

export const isSameLine = (a: Line, b: Line | undefined): boolean =>
	a === b ||
	(a.tone === b?.tone &&
		a.spans.length === b?.spans.length &&
		a.spans.every((part, index) => isSameSpan(part, b.spans[index])));

/** What says the same as before stays the same line, and all of it the same array. */
export function keepLines(lines: readonly Line[], before: readonly Line[] = []): readonly Line[] {
	const kept = lines.map((each, row) => (before[row] && isSameLine(each, before[row]) ? before[row] : each));
	return kept.length === before.length && kept.every((each, row) => each === before[row]) ? before : kept;
}

/** @returns exactly `rows` lines, of whatever width */
export function bodyLines(
	{head, rows: list, foot}: Content,
	{top, count, selected}: ListWindow,
	emphasis: Emphasis,
	rows: number,
) {
	const seen = Array.from({length: count}, (_, row) => rowLine(list, top + row, top + row === selected, emphasis));
	const room = Math.max(list.count === 0 ? 0 : 1, rows - head.length - foot.length);
	const filler = Array.from({length: Math.max(0, room - seen.length)}, () => blankLine);
	const shown = [...head, ...seen, ...filler, ...foot];
	return Array.from({length: rows}, (_, row) => shown[row] ?? blankLine);
}

/** Lines of exactly `columns` columns; those that were fitted before stay. */
export const fitLines = (
	lines: readonly Line[],
	columns: number,
	before: readonly Line[],
	fitted: readonly Line[],
): readonly Line[] => lines.map((each, row) => (each === before[row] && fitted[row]) || fitLine(each, columns));
