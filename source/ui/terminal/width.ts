/**
 * How many columns a terminal gives a character: 0, 1 or 2, and what is drawn of it. What is wide is in a package's
 * table of Unicode's EastAsianWidth.txt. What adds nothing to a line has no column and is not sent at all: a letter is
 * drawn in one with its marks, or without them. Where terminals disagree the screen is safe anyway: it does not trust
 * the cursor after a character that they may disagree on.
 */

import {eastAsianWidth} from 'get-east-asian-width';

/**
 * Marks, format characters and separators of lines, without those that Arabic shows beneath a number; vowels and final
 * consonants of Korean, which stand in the columns of their first one; and what Unicode keeps for further tags.
 */
const columnless =
	/^(?![\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}])[\p{Mn}\p{Me}\p{Cf}\p{Zl}\p{Zp}\u1160-\u11FF\uD7B0-\uD7FB\u{E0000}-\u{E0FFF}]/u;

/** Widths of characters of the basic plane that have been asked for, each with one added. */
const known = new Uint8Array(0x1_0000);

function measure(codePoint: number): 0 | 1 | 2 {
	if (columnless.test(String.fromCodePoint(codePoint))) return 0;
	return eastAsianWidth(codePoint);
}

/**
 * Columns of one code point. Control characters count 1: the screen draws a replacement for them. What ends a line or
 * turns the direction of writing counts 0 and is not drawn.
 */
export function charWidth(codePoint: number): 0 | 1 | 2 {
	// Frames, bars and meters are most of what is not ASCII here: box drawing and blocks never are wide.
	if (codePoint < 0x300 || (codePoint >= 0x2500 && codePoint < 0x25fd)) return 1;
	if (codePoint >= known.length) return measure(codePoint);
	known[codePoint] ||= measure(codePoint) + 1;
	return (known[codePoint] - 1) as 0 | 1 | 2;
}

/**
 * True where every terminal agrees with the width above. What we draw with is beside Latin; of other scripts terminals
 * have tables of their own, of another version of Unicode.
 */
export const isSureWidth = (codePoint: number): boolean =>
	codePoint < 0x300 || (codePoint >= 0x2000 && codePoint < 0x2c00 && eastAsianWidth(codePoint) === 1);

const replacement = 0xfffd;

/** What is drawn for a code point: what would steer a terminal must not reach it, and half a character is none. */
export const printable = (codePoint: number): number =>
	codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0) || (codePoint >= 0xd800 && codePoint < 0xe000)
		? replacement
		: codePoint;

/** A character in one with a mark, if there is such a character of the same width. Else the mark is left out. */
export function withMark(bare: number, mark: number): number {
	const composed = (String.fromCodePoint(bare) + String.fromCodePoint(mark)).normalize('NFC');
	const codePoint = composed.codePointAt(0)!;
	const isOne = composed.length === String.fromCodePoint(codePoint).length;
	return isOne && charWidth(codePoint) === charWidth(bare) ? codePoint : bare;
}

/** A text as it is drawn: marks in one with their letter where there is such a character, nothing without a column. */
export function printableText(text: string): string {
	if (/^[ -~]*$/.test(text)) return text;
	const shown: number[] = [];
	for (const character of text) {
		const codePoint = character.codePointAt(0)!;
		const last = shown.length - 1;
		if (charWidth(codePoint) > 0) shown.push(printable(codePoint));
		else if (last >= 0) shown[last] = withMark(shown[last]!, codePoint);
	}
	return shown.map(codePoint => String.fromCodePoint(codePoint)).join('');
}

/** Columns of a text without escape sequences. */
export function textWidth(text: string): number {
	let width = 0;
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code < 0x300) {
			width++;
			continue;
		}
		const codePoint = text.codePointAt(index)!;
		width += charWidth(codePoint);
		if (codePoint > 0xffff) {
			index++;
		}
	}
	return width;
}

/** The longest beginning of `text` that fits into `columns`. */
export function sliceToWidth(text: string, columns: number): string {
	let width = 0;
	for (let index = 0; index < text.length; ) {
		const codePoint = text.codePointAt(index)!;
		width += charWidth(codePoint);
		if (width > columns) return text.slice(0, index);
		index += codePoint > 0xffff ? 2 : 1;
	}
	return text;
}
