/** What a pane shows, before it is laid into its frame: lines that stay, and a list that scrolls between them. */

import type {Mark, MarkKind} from '../../model/moment.ts';
import {blankLine, type Line, line, span, wrapText} from '../terminal/lines.ts';
import {injectionTone, type Tone} from '../terminal/theme.ts';
import {type Lit, touches} from '../update/lit.ts';

/** What a row can be sorted and filtered by, under the names of its columns. */
export type Fields = Readonly<Record<string, string | number | undefined>>;

export type ListRows = {
	readonly count: number;
	/** Undefined for a row that cannot be selected, a heading in the list. */
	readonly idAt: (index: number) => string | undefined;
	readonly lineAt: (index: number) => Line;
	/** The frame that a row stands for. */
	readonly pfnAt: (index: number) => number | undefined;
	/** Does it have to do with what is selected elsewhere? */
	readonly isLitAt: (index: number, lit: Lit) => boolean;
	readonly fieldsAt: (index: number) => Fields;
};

export type Content = {
	/** In the upper edge of the frame, at its right end. */
	readonly aside: string;
	readonly head: readonly Line[];
	readonly rows: ListRows;
	readonly foot: readonly Line[];
	/** Shows the end of the list while nothing is selected. */
	readonly tails: boolean;
};

export const noRows: ListRows = {
	count: 0,
	idAt: () => undefined,
	lineAt: () => blankLine,
	pfnAt: () => undefined,
	isLitAt: () => false,
	fieldsAt: () => ({}),
};

export type ListItem = {
	readonly id?: string;
	readonly pfn?: number | undefined;
	/** Left out, a row lights up by its frame. */
	readonly isLit?: (lit: Lit) => boolean;
	readonly line: () => Line;
	readonly fields?: () => Fields;
};

const isItemLit = ({isLit, pfn}: ListItem, lit: Lit): boolean =>
	isLit ? isLit(lit) : pfn !== undefined && touches(lit.runs, {pfn, frames: 1});

export const listRows = (items: readonly ListItem[]): ListRows => ({
	count: items.length,
	idAt: index => items[index]?.id,
	lineAt: index => items[index]?.line() ?? blankLine,
	pfnAt: index => items[index]?.pfn,
	isLitAt: (index, lit) => items[index] !== undefined && isItemLit(items[index], lit),
	fieldsAt: index => items[index]?.fields?.() ?? {},
});

/** Most rows of one sample were in the one before: their lines are made once. A row lives as long as the model that holds it. */
export const lineOnce = <R extends object>(make: (row: R, columns: number) => Line): typeof make => {
	const known = new WeakMap<R, {readonly columns: number; readonly line: Line}>();
	return (row, columns) => {
		let made = known.get(row);
		if (made?.columns !== columns) {
			made = {columns, line: make(row, columns)};
			known.set(row, made);
		}
		return made.line;
	};
};

/** A sentence in place of a list, in as many lines as it needs. */
export const message = (text: string, columns: number, tone: Tone = 'dim'): Content => ({
	aside: '',
	head: [blankLine, ...wrapText(text, Math.max(1, columns - 2)).map(row => line(' ', span(row, tone)))],
	rows: noRows,
	foot: [],
	tails: false,
});

const signs: Readonly<Record<MarkKind, string>> = {
	new: '+',
	grown: '+',
	shrunk: '-',
	moved: '→',
	split: '÷',
	merged: '=',
	changed: '*',
	gone: '×',
};

/** One column in front of a row that says what became of it. */
export const markSign = (mark: Mark | undefined): string => (mark ? signs[mark.kind] : ' ');

/** The tone of a marked row: its injection's colour, else that of the kind of change. */
export const markTone = (mark: Mark | undefined): Tone | undefined => {
	if (!mark) {
		return undefined;
	}
	if (mark.kind === 'gone') {
		return 'mark.gone';
	}
	if (mark.injection !== undefined) {
		return injectionTone(mark.injection);
	}
	return mark.kind === 'new' || mark.kind === 'grown' ? 'mark.new' : 'mark.changed';
};
