/** Styled text as data: what panes make, and what the screen paints or `Lines` prints. */

import type {Key} from './sequences.ts';
import {truncate} from './text.ts';
import {type Tone, tones} from './theme.ts';
import {sliceToWidth, textWidth} from './width.ts';

export type Span = {
	readonly text: string;
	readonly tone?: Tone;
	/** A tone for each UTF-16 unit of `text`, as indices into `tones`; for maps of many cells. */
	readonly cells?: Uint8Array;
	/** The key that a click on it presses. */
	readonly press?: Key;
};

export type Line = {
	readonly spans: readonly Span[];
	/** Lies under all spans and fills the line to its end: a selection, a status bar. */
	readonly tone?: Tone;
};

const numbers = new Map<Tone, number>(tones.map((tone, index) => [tone, index]));

/** Index of a tone in `tones`, for `Span.cells`. */
export const toneNumber = (tone: Tone): number => numbers.get(tone)!;

export const span = (text: string, tone?: Tone): Span => (tone === undefined ? {text} : {text, tone});

export const line = (...parts: readonly (string | Span)[]): Line => ({
	spans: parts.map(part => (typeof part === 'string' ? {text: part} : part)),
});

export const toned = (under: Tone, whole: Line): Line => ({spans: whole.spans, tone: under});

export const blankLine: Line = {spans: []};

export function lineWidth({spans}: Line): number {
	let width = 0;
	for (const {text} of spans) width += textWidth(text);
	return width;
}

export const lineText = ({spans}: Line): string => spans.map(({text}) => text).join('');

/** Cuts a path from its front, whose end tells more. */
export function truncateStart(text: string, columns: number): string {
	if (textWidth(text) <= columns) return text;
	let rest = text;
	while (rest !== '' && textWidth(rest) > columns - 1) {
		rest = rest.slice((rest.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
	}
	return columns <= 0 ? '' : `…${rest}`;
}

export function padEnd(text: string, columns: number): string {
	const cut = truncate(text, columns);
	return cut + ' '.repeat(Math.max(0, columns - textWidth(cut)));
}

export function padStart(text: string, columns: number): string {
	const cut = truncate(text, columns);
	return ' '.repeat(Math.max(0, columns - textWidth(cut))) + cut;
}

/** Cuts a line to `columns`; an ellipsis shows that it was. */
export function clipLine(whole: Line, columns: number): Line {
	if (lineWidth(whole) <= columns) return whole;
	// What is cut away may be blanks only: nothing shows then that it was.
	const isOnlyPadding = textWidth(lineText(whole).trimEnd()) <= columns;
	const spans: Span[] = [];
	let left = columns;
	for (const part of whole.spans) {
		const width = textWidth(part.text);
		if (width < left) {
			spans.push(part);
			left -= width;
			continue;
		}
		// Cells are one column each: a map is cut without a mark in its place.
		const text = part.cells || isOnlyPadding ? sliceToWidth(part.text, left) : truncate(`${part.text} `, left);
		spans.push({...part, text});
		break;
	}
	return {...whole, spans};
}

/** Exactly `columns` wide: cut or filled with blanks. */
export function fitLine(whole: Line, columns: number): Line {
	const width = lineWidth(whole);
	const fitted = width > columns ? clipLine(whole, columns) : whole;
	// A wide character that was cut may leave a column.
	const missing = columns - (width > columns ? lineWidth(fitted) : width);
	return missing > 0 ? {...fitted, spans: [...fitted.spans, {text: ' '.repeat(missing)}]} : fitted;
}

/** Left part, blanks, right part: exactly `columns` wide. The left part gives way. */
export function spreadLine(left: Line, right: Line, columns: number): Line {
	const kept = clipLine(right, columns);
	const room = columns - lineWidth(kept);
	return {...left, spans: [...fitLine(left, Math.max(0, room)).spans, ...kept.spans]};
}
