/** What stands in for packages of Ink's gives what they give. */

import * as original from '@alcalzone/ansi-tokenize';
import fc from 'fast-check';
import originalWidth from 'string-width';
import {expect, test} from 'vitest';
import * as ours from '../../source/ui/terminal/inkTokenize.ts';
import stringWidth from '../../source/ui/terminal/inkWidth.ts';
import {isPlain} from '../../source/ui/terminal/plainText.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {standInFor} from '../../standIns.mjs';

const looksOf = Object.values(createTheme('dark', true).sgr).map(parameters => `\u001B[${parameters}m`);
const sequence = fc.oneof(
	{weight: 4, arbitrary: fc.constantFrom(...looksOf)},
	{
		weight: 2,
		arbitrary: fc.constantFrom('\u001B[0m', '\u001B[m', '\u001B[22m', '\u001B[39m', '\u001B[49m', '\u001B[27m'),
	},
	{
		weight: 2,
		arbitrary: fc
			.array(
				fc.oneof(fc.nat(110).map(String), fc.constantFrom('', '38;5;7', '48;2;1;2;3', '1234', '12345', '38', '48;5')),
				{
					maxLength: 4,
				},
			)
			.map(codes => `\u001B[${codes.join(';')}m`),
	},
	// What is not only colours: links, moves of the cursor, sequences cut off.
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			'\u001B]8;;http://x\u0007',
			'\u001B]8;;\u0007',
			'\u001B[2K',
			'\u001B[1',
			'\u001B[',
			'\u001B',
			'\u009B31m',
			'\u001B[?25h',
			'\u001B[4:3m',
			'\u001B(B',
		),
	},
);
const character = fc.oneof(
	{weight: 8, arbitrary: fc.constantFrom(...'az09 ─│┌━▁▇█■□·…×÷→↑↓‖é°~{')},
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			...'世한✓▶◀⚠',
			'👩‍🚀',
			'🇫🇷',
			'⚠\uFE0F',
			'e\u0301',
			'\t',
			'\n',
			'\r\n',
			'\u200D',
			'\uD800',
		),
	},
	{weight: 1, arbitrary: fc.integer({min: 0, max: 0x2fff}).map(code => String.fromCharCode(code))},
);
const text = fc.array(fc.oneof({weight: 4, arbitrary: character}, {weight: 1, arbitrary: sequence}), {maxLength: 24});
const joined = text.map(parts => parts.join(''));

const runs = {numRuns: 2000};

test('what is compared is not the same thing', () => {
	expect(ours.tokenize).not.toBe(original.tokenize);
	expect(stringWidth).not.toBe(originalWidth);
	expect(standInFor('string-width', 'node_modules/ink/build/output.js')).toMatch(/inkWidth\.ts$/);
	expect(standInFor('@alcalzone/ansi-tokenize', 'node_modules/ink/build/output.js')).toMatch(/inkTokenize\.ts$/);
});

test('texts are as wide', () => {
	fc.assert(
		fc.property(joined, each => {
			expect(stringWidth(each)).toBe(originalWidth(each));
			expect(stringWidth(each, {countAnsiEscapeCodes: true})).toBe(originalWidth(each, {countAnsiEscapeCodes: true}));
			expect(stringWidth(each, {ambiguousIsNarrow: false})).toBe(originalWidth(each, {ambiguousIsNarrow: false}));
		}),
		runs,
	);
});

test('texts are taken apart and styled alike, at first and when they are seen again', () => {
	fc.assert(
		fc.property(joined, each => {
			for (let time = 0; time < 2; time++) {
				const [tokens, theirs] = [ours.tokenize(each), original.tokenize(each)];
				expect(tokens).toEqual(theirs);
				expect(ours.styledCharsFromTokens(tokens)).toEqual(original.styledCharsFromTokens(theirs));
				expect(ours.styledCharsFromTokens([...tokens])).toEqual(original.styledCharsFromTokens(theirs));
			}
			expect(ours.tokenize(each, 3)).toEqual(original.tokenize(each, 3));
		}),
		runs,
	);
});

test('lines put together of several texts, with blanks of their own between them, read alike', () => {
	const blank = () => ({type: 'char' as const, value: ' ', fullWidth: false, styles: []});
	fc.assert(
		fc.property(fc.array(joined, {maxLength: 4}), texts => {
			const mine = texts.flatMap(each => [...ours.styledCharsFromTokens(ours.tokenize(each)), blank()]);
			const theirs = texts.flatMap(each => [...original.styledCharsFromTokens(original.tokenize(each)), blank()]);
			expect(ours.styledCharsToString(mine)).toBe(original.styledCharsToString(theirs));
		}),
		runs,
	);
});

test('each plain character is one column and one grapheme beside any other', () => {
	const all = Array.from({length: 0x1_0000}, (_, code) => code).filter(isPlain);
	expect(all.length).toBeGreaterThan(900);
	for (const code of all) {
		const each = String.fromCharCode(code);
		expect(originalWidth(each), code.toString(16)).toBe(1);
		expect(original.tokenize(`${each}${each}a`)).toEqual(
			[each, each, 'a'].map(value => ({type: 'char', value, fullWidth: false})),
		);
	}
	const together = all.map(code => String.fromCharCode(code)).join('');
	expect(originalWidth(together)).toBe(all.length);
	expect(original.tokenize(together)).toHaveLength(all.length);
	expect(original.tokenize([...together].reverse().join(''))).toHaveLength(all.length);
});

test('looks without end are not kept without end, and what comes of them stays right', () => {
	for (let look = 0; look < 6000; look++) {
		const each = `\u001B[38;2;${look & 255};${look >> 8};1mx\u001B[1my`;
		const [mine, theirs] = [ours.tokenize(each), original.tokenize(each)];
		expect(ours.styledCharsToString(ours.styledCharsFromTokens(mine))).toBe(
			original.styledCharsToString(original.styledCharsFromTokens(theirs)),
		);
	}
});
