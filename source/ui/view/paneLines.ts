/** A pane's content laid into its frame: title in the upper edge, the list's window, marks for what lies outside. */

import {indexOfId, type View, windowTop} from '../state/list.ts';
import type {Lit} from '../state/lit.ts';
import {blankLine, fitLine, type Line, line, type Span, span, toned} from '../terminal/lines.ts';
import {truncate} from '../terminal/text.ts';
import type {Tone} from '../terminal/theme.ts';
import {textWidth} from '../terminal/width.ts';
import type {Content} from './content.ts';

export type PaneFrame = {
	readonly title: string;
	readonly columns: number;
	readonly rows: number;
	readonly isFocused: boolean;
	readonly view: View;
	readonly lit: Lit;
};

/** Rows that the list has in a pane of this height. */
export const listHeight = (content: Content, rows: number): number =>
	Math.max(content.rows.count === 0 ? 0 : 1, rows - 2 - content.head.length - content.foot.length);

const edge = (left: string, right: string, frame: PaneFrame, begin: string, end: string): Line => {
	const tone: Tone = frame.isFocused ? 'frame.focused' : 'frame';
	const inner = frame.columns - 2;
	const title = left === '' ? '' : ` ${truncate(left, inner - 3)} `;
	const room = inner - textWidth(title) - 1;
	const aside = right === '' || room < 6 ? '' : ` ${truncate(right, room - 3)} `;
	const bars = '─'.repeat(Math.max(0, inner - textWidth(title) - textWidth(aside) - (aside === '' ? 0 : 1)));
	return line(
		span(begin, tone),
		span(title, frame.isFocused ? 'title.focused' : 'title'),
		span(bars, tone),
		span(aside, 'dim'),
		span(`${aside === '' ? '' : '─'}${end}`, tone),
	);
};

const rowLine = (content: Content, index: number, isSelected: boolean, lit: Lit): Line => {
	const row = content.rows.lineAt(index);
	if (isSelected) {
		return toned('row.selected', row);
	}
	return lit.runs.length > 0 && content.rows.isLitAt(index, lit) ? toned('row.lit', row) : row;
};

/** What a frame was last drawn from, so that rows which say the same again stay the same lines. */
export type LaidRows = {
	readonly columns: number;
	readonly isFocused: boolean;
	readonly inside: readonly Line[];
	readonly lines: readonly Line[];
};

const isSameCells = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
	a === b || (a?.length === b?.length && a?.every((tone, index) => tone === b?.[index]) === true);

const isSameSpan = (a: Span, b: Span | undefined): boolean =>
	a === b || (a.text === b?.text && a.tone === b.tone && isSameCells(a.cells, b.cells));

const isSameLine = (a: Line, b: Line | undefined): boolean =>
	a === b ||
	(a.tone === b?.tone &&
		a.spans.length === b?.spans.length &&
		a.spans.every((part, index) => isSameSpan(part, b.spans[index])));

/** @returns exactly `frame.rows` lines of exactly `frame.columns` columns, and what the next call can use again */
export const paneLines = (content: Content, frame: PaneFrame, older?: LaidRows): LaidRows => {
	const {columns, rows, view, isFocused} = frame;
	const height = listHeight(content, rows);
	const selected = indexOfId(content.rows, view.selected);
	const top = windowTop(content.rows.count, selected, view.offset, height, content.tails);
	const windowRows = Math.max(0, Math.min(height, content.rows.count - top));
	const list = Array.from({length: windowRows}, (_, row) =>
		rowLine(content, top + row, top + row === selected, frame.lit),
	);
	const filler = Array.from({length: Math.max(0, height - list.length)}, () => blankLine);
	const shown = [...content.head, ...list, ...filler, ...content.foot];
	const inside = Array.from({length: rows - 2}, (_, row) => shown[row] ?? blankLine);
	const bar = span('│', isFocused ? 'frame.focused' : 'frame');
	const comparable = older?.columns === columns && older.isFocused === isFocused ? older : undefined;
	const framed = inside.map((each, row) => {
		const before = comparable?.inside[row];
		if (before && isSameLine(each, before)) {
			return comparable!.lines[row + 1]!;
		}
		const fitted = fitLine(each, columns - 2);
		return {...fitted, spans: [bar, ...fitted.spans, bar]};
	});
	const below = content.rows.count - top - windowRows;
	const more = content.rows.count > height ? `${top > 0 ? `↑${top} ` : ''}${below > 0 ? `↓${below}` : ''}`.trim() : '';
	const lines = [edge(frame.title, content.aside, frame, '┌', '┐'), ...framed, edge('', more, frame, '└', '┘')];
	return {columns, isFocused, inside, lines};
};
