/**
 * Stands in for `@alcalzone/ansi-tokenize`, with which Ink turns text into styled characters and back. The original
 * goes through an ICU segmenter, makes an object and an array for each cell, and forgets them: 39 % of what a frame of
 * text costs. Here a text is taken apart once while it is seen now and then, plain characters of one look are one
 * object, and what lies between two looks is known. The results are those of the original, which still takes what is
 * not plain.
 */

import {
	type AnsiCode,
	ansiCodesToString,
	diffAnsiCodes,
	styledCharsFromTokens as originalStyled,
	tokenize as originalTokenize,
	reduceAnsiCodesIncremental,
	type StyledChar,
	type Token,
} from '@alcalzone/ansi-tokenize';
import {isPlain, sgrEnd} from './plainText.ts';

export {
	ansiCodesToString,
	diffAnsiCodes,
	reduceAnsiCodes,
	reduceAnsiCodesIncremental,
	undoAnsiCodes,
} from '@alcalzone/ansi-tokenize';

type Styles = AnsiCode[];

/** A look, what comes of it with a further sequence, its plain characters, and the ways from it to others. */
type Look = {
	readonly styles: Styles;
	readonly after: Map<string, {readonly codes: readonly Token[]; readonly look: Look}>;
	readonly characters: Map<number, StyledChar>;
	readonly ways: Map<Styles, string>;
};

/** A theme has a few dozen. With more than these something makes looks without end, and all is begun anew. */
const mostLooks = 2048;
const noStyles: Styles = [];

let looks = new Map<string, Look>();
/** Looks by the array that their characters carry. */
let byStyles = new WeakMap<Styles, Look>();

function lookOf(styles: Styles): Look {
	const key = styles.map(({code, endCode}) => `${code}|${endCode}`).join(' ');
	let look = looks.get(key);
	if (!look) {
		if (looks.size >= mostLooks) {
			looks = new Map();
			byStyles = new WeakMap();
			forgetTexts();
		}
		look = {styles: key === '' ? noStyles : styles, after: new Map(), characters: new Map(), ways: new Map()};
		looks.set(key, look);
		byStyles.set(look.styles, look);
	}
	return look;
}

function lookAfter(before: Look, sequence: string): {readonly codes: readonly Token[]; readonly look: Look} {
	let known = before.after.get(sequence);
	if (!known) {
		const codes = originalTokenize(sequence).filter(token => token.type === 'ansi');
		// One after the other, as they come: what the first ends may begin again with the second.
		const styles = codes.reduce<Styles>((so, code) => reduceAnsiCodesIncremental(so, [code]), before.styles);
		known = {codes, look: lookOf(styles)};
		before.after.set(sequence, known);
	}
	return known;
}

/** Plain characters before they are styled. */
const bare = new Map<number, Token>();

function bareOf(code: number): Token {
	const character = bare.get(code) ?? {type: 'char', value: String.fromCharCode(code), fullWidth: false};
	bare.set(code, character);
	return character;
}

function styledOf({characters, styles}: Look, code: number): StyledChar {
	const character = characters.get(code) ?? {
		type: 'char',
		value: String.fromCharCode(code),
		fullWidth: false,
		styles,
	};
	characters.set(code, character);
	return character;
}

type Taken = {readonly tokens: Token[]; readonly styled: StyledChar[]};

/** @returns undefined where the text has more than plain characters and colours */
function takePlain(text: string): Taken | undefined {
	const tokens: Token[] = [];
	const styled: StyledChar[] = [];
	let look = lookOf(noStyles);
	for (let at = 0; at < text.length; ) {
		const code = text.charCodeAt(at);
		if (code === 0x1b) {
			const end = sgrEnd(text, at);
			if (end < 0) return undefined;
			const {codes, look: next} = lookAfter(look, text.slice(at, end));
			tokens.push(...codes);
			look = next;
			at = end;
		} else if (isPlain(code)) {
			tokens.push(bareOf(code));
			styled.push(styledOf(look, code));
			at++;
		} else {
			return undefined;
		}
	}
	return {tokens, styled};
}

function take(text: string): Taken {
	const plain = takePlain(text);
	if (plain) return plain;
	const tokens = originalTokenize(text);
	const styled = originalStyled(tokens).map(each => ({...each, styles: lookOf(each.styles).styles}));
	return {tokens, styled};
}

/** More than the lines that a screen of Ink's has. */
const mostTexts = 512;
/** Texts taken apart, those of late: two generations, of which the elder goes when the younger is full. */
let younger = new Map<string, Taken>();
let elder = new Map<string, Taken>();
const takenOf = new WeakMap<Token[], Taken>();

function forgetTexts(): void {
	younger = new Map();
	elder = new Map();
}

export function tokenize(text: string, endChar?: number): Token[] {
	if (endChar !== undefined) return originalTokenize(text, endChar);
	let taken = younger.get(text);
	if (!taken) {
		taken = elder.get(text) ?? take(text);
		if (younger.size >= mostTexts) {
			elder = younger;
			younger = new Map();
		}
		younger.set(text, taken);
		takenOf.set(taken.tokens, taken);
	}
	return taken.tokens;
}

export const styledCharsFromTokens = (tokens: Token[]): StyledChar[] =>
	takenOf.get(tokens)?.styled ?? originalStyled(tokens);

/** What changes one look into another. */
function wayBetween(from: Styles, to: Styles): string {
	const ways = byStyles.get(from)?.ways;
	let way = ways?.get(to);
	if (way === undefined) {
		way = ansiCodesToString(diffAnsiCodes(from, to));
		// Ways to looks that are not kept would pile up.
		if (byStyles.has(to)) ways?.set(to, way);
	}
	return way;
}

export function styledCharsToString(characters: StyledChar[]): string {
	let text = '';
	let styles = noStyles;
	for (const character of characters) {
		const next = character.styles.length === 0 ? noStyles : character.styles;
		if (next !== styles) text += wayBetween(styles, next);
		text += character.value;
		styles = next;
	}
	return styles === noStyles ? text : text + wayBetween(styles, noStyles);
}
