/** What a pane shows, before it is laid into its frame: lines that stay, and a list that scrolls between them. */

import type {Culprits} from '../../model/injections.ts';
import type {Mark} from '../../model/moment.ts';
import {type IdList, idsOf} from '../state/list.ts';
import type {Lit} from '../state/lit.ts';
import {blankLine, type Line, line, span} from '../terminal/lines.ts';
import {wrapText} from '../terminal/text.ts';
import {injectionTone, type Tone} from '../terminal/theme.ts';
import {isSameParts} from './keep.ts';

export type ListRows = IdList & {
	readonly lineAt: (index: number) => Line;
	/** Does it have to do with what is selected elsewhere? */
	readonly isLitAt: (index: number, lit: Lit) => boolean;
	/** The injection that has touched what the row stands for. */
	readonly touchedAt: (index: number, culprits: Culprits) => number | undefined;
};

/** @param isLit left out for rows that never light up @param touchedBy for rows that nothing touches */
export const listRows = <R extends {readonly id?: string | undefined}>(
	rows: readonly R[],
	line: (row: R) => Line,
	isLit?: (row: R, lit: Lit) => boolean,
	touchedBy?: (row: R, culprits: Culprits) => number | undefined,
): ListRows => ({
	...idsOf(rows),
	lineAt: index => (rows[index] === undefined ? blankLine : line(rows[index])),
	isLitAt: (index, lit) => rows[index] !== undefined && isLit?.(rows[index], lit) === true,
	touchedAt: (index, culprits) => (rows[index] === undefined ? undefined : touchedBy?.(rows[index], culprits)),
});

export type Content = {
	/** In the upper edge of the frame, at its right end. */
	readonly aside: string;
	readonly head: readonly Line[];
	readonly rows: ListRows;
	readonly foot: readonly Line[];
	/** Shows the end of the list while nothing is selected. */
	readonly tails: boolean;
};

export const noRows: ListRows = listRows([], () => blankLine);

/**
 * Most rows of one sample were in the one before: their lines are made once. A row lives as long as the model that
 * holds it.
 */
export function lineOnce<R extends object, Inputs extends readonly unknown[]>(
	make: (row: R, ...inputs: Inputs) => Line,
): typeof make {
	const known = new WeakMap<R, {readonly inputs: Inputs; readonly line: Line}>();
	return (row, ...inputs) => {
		let made = known.get(row);
		if (!made || !isSameParts(made.inputs, inputs)) {
			made = {inputs, line: make(row, ...inputs)};
			known.set(row, made);
		}
		return made.line;
	};
}

/** A sentence in place of a list, in as many lines as it needs. */
export const message = (text: string, columns: number, tone: Tone = 'dim'): Content => ({
	aside: '',
	head: [blankLine, ...wrapText(text, Math.max(1, columns - 2)).map(row => line(' ', span(row, tone)))],
	rows: noRows,
	foot: [],
	tails: false,
});

/** The tone of a marked row: its injection's colour, else that of the kind of change. */
export function markTone(mark: Mark | undefined): Tone | undefined {
	if (!mark) return undefined;
	if (mark.kind === 'gone') return 'mark.gone';
	if (mark.injection !== undefined) return injectionTone(mark.injection);
	return mark.kind === 'new' || mark.kind === 'grown' ? 'mark.new' : 'mark.changed';
}
