/** Columns of characters, and that hostile names neither steer a terminal nor move what stands beside them. */

import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {name, sentence} from '../../source/formats/cells.ts';
import {harmlessText} from '../../source/formats/steering.ts';
import {createGrid, gridText, putStyledRow, putText} from '../../source/ui/terminal/cells.ts';
import {line, padEnd, span} from '../../source/ui/terminal/lines.ts';
import {createScreen} from '../../source/ui/terminal/screen.ts';
import {createStyleTable} from '../../source/ui/terminal/sgr.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {charWidth, printable, printableText, sliceToWidth, textWidth} from '../../source/ui/terminal/width.ts';
import {runs} from '../sample.ts';
import {createHeadlessTerminal} from './support/headlessTerminal.ts';

/**
 * What must never reach a terminal from a name: C0, DEL, C1, ends of lines, and what turns the direction of writing.
 */
const steering = [
	...Array.from({length: 0x20}, (_, code) => code),
	...Array.from({length: 0x21}, (_, index) => 0x7f + index),
	...[0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
].map(code => String.fromCharCode(code));

const steeringPattern = new RegExp(
	`[${steering.map(each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}]`,
);

test('control characters end at a blank and begin again at DEL, up to before the blank that does not break', () => {
	const codes = [0x1f, 0x20, 0x7e, 0x7f, 0x9f, 0xa0, 0xd7ff, 0xd800, 0xdfff, 0xe000];
	expect(codes.filter(code => printable(code) === code)).toEqual([0x20, 0x7e, 0xa0, 0xd7ff, 0xe000]);
});

const hostile = fc
	.array(
		fc.oneof(
			fc.constantFrom(...steering),
			fc.constantFrom(
				'a',
				'b',
				' ',
				'é',
				'世',
				'😀',
				'\u1112',
				'\u1161',
				'\u11AB',
				'e',
				'\u0301',
				'\u3099',
				'\u200B',
				'\uFEFF',
			),
			fc.constantFrom(
				'\uD83D',
				'\uDE00',
				'\u202Efdp.exe',
				'\u001B]0;x\u0007',
				'\u001B[2J',
				'\u0E33',
				'\u{1F1E9}\u{1F1EA}',
			),
			fc.string({unit: 'binary', maxLength: 3}),
		),
		{maxLength: 20},
	)
	.map(parts => parts.join(''));

test.each([
	['conjoining jamo, as a syllable', '\u1112\u1161\u11AB', 2],
	['the same twice, and a letter', '\u1112\u1161\u11AB\u1100\u1173\u11AFx', 5],
	['old vowels and final consonants', '\u1112\uD7B0\uD7CB', 2],
	['a letter with marks', 'e\u0301\u0323', 1],
	['marks of Kana', 'か\u3099', 2],
	['a tone mark of Chinese', '〇\u302A', 2],
	['vowels of Hebrew, Arabic, Hindi, Thai', 'א\u05B0ب\u064Eक\u0941ก\u0E34', 4],
	['marks of later versions of Unicode', 'a\u1ACFᜀ\u1733', 2],
	['joiners, selectors, and what is no more than a hint', 'a\u200B\u200C\u200D\u2060\uFE0F\uFEFF\u00AD\u{E0100}', 2],
	['ends of lines', '\u2028\u2029', 0],
	['what turns the direction of writing', '\u061C\u200E\u200F\u202A\u202E\u2066\u2069', 0],
	['Chinese, Korean, emoji', '世한😀', 6],
	['control characters, of which each is a replacement', '\u0000\u001B\u007F\u0085\u009F', 5],
	['half a character', '\uD83D', 1],
])('%s', (_, text, columns) => {
	expect(textWidth(text)).toBe(columns);
});

test('a mark that is known as such has no column', () => {
	const unknown: string[] = [];
	for (let code = 0x300; code < 0x11_0000; code++) {
		const character = String.fromCodePoint(code);
		if (/^[\p{Mn}\p{Me}\p{Zl}\p{Zp}]$/u.test(character) && charWidth(code) !== 0) unknown.push(code.toString(16));
	}
	expect(unknown).toEqual([]);
});

test('what a text measures, what is painted of it and what is cut of it agree', () => {
	fc.assert(
		fc.property(hostile, fc.integer({min: 0, max: 30}), (text, columns) => {
			const grid = createGrid(200, 1);
			expect(putText(grid, 0, 0, text, 0, 200)).toBe(textWidth(text));
			expect(textWidth(sliceToWidth(text, columns))).toBeLessThanOrEqual(columns);
			expect(textWidth(padEnd(text, columns))).toBe(columns);
			const shown = printableText(text);
			expect(textWidth(shown)).toBe(textWidth(text));
			expect(gridText(grid)[0]).toBe(shown.trimEnd());
			expect(shown).not.toMatch(steeringPattern);
			expect(shown).not.toMatch(/\p{Surrogate}/u);
		}),
	);
});

test('a letter is painted in one with its marks where there is such a character', () => {
	const grid = createGrid(12, 2);
	const end = putText(grid, 0, 0, '\u1112\u1161\u11ABe\u0301x\u0301 \u0301', 0, 12);
	const styles = createStyleTable();
	putStyledRow(grid, 0, '', 0, styles);
	putText(grid, 0, 0, '\u1112\u1161\u11ABe\u0301x\u0301|', 0, 12);
	expect(end).toBe(5);
	expect(gridText(grid)[0]).toBe('한éx|');
	putStyledRow(grid, 0, '\u0301\u1112\u1161\u11ABe\u0301', 0, styles);
	putStyledRow(grid, 1, '\u0301a', 0, styles);
	expect(gridText(grid)).toEqual(['한é', 'a']);
});

const dark = createTheme('dark', true);

describe('on a screen', () => {
	test('hostile names are shown without steering the terminal, and what follows them stays in its place', async () => {
		const rect = {column: 0, row: 0, columns: 60, rows: 1};
		await fc.assert(
			fc.asyncProperty(hostile, hostile, async (before, now) => {
				const bytes: string[] = [];
				const terminal = createHeadlessTerminal(60, 1);
				const screen = createScreen(
					(text, done) => {
						bytes.push(text);
						void terminal.write(text).then(done);
					},
					dark,
					60,
					1,
				);
				for (const text of [before, now]) {
					screen.put('names', {rect, height: 0, lines: [line(span(padEnd(text, 40), 'strong'), '|12345|')]});
					screen.flush();
					await screen.settled();
				}
				// Sequences of our own: the look, the place, the end of a row, and the marks of a frame.
				const rest = bytes.join('').replace(/\u001B\[(?:[\d;]*[mHCGdKJ]|\?2026[hl])/g, '');
				expect(rest.replace(/[\r\n\u0008]/g, '')).not.toMatch(steeringPattern);
				const [row] = terminal.text();
				expect(row?.endsWith('|12345|')).toBe(true);
			}),
			{numRuns: runs(200)},
		);
	});

	test('after a character on which terminals may disagree the cursor is placed anew', () => {
		const bytes: string[] = [];
		const screen = createScreen(
			(text, done) => {
				bytes.push(text);
				done();
			},
			dark,
			20,
			1,
		);
		const rect = {column: 0, row: 0, columns: 20, rows: 1};
		for (const [text, placed] of [
			['ab', 2],
			['aéb', 2],
			['a│b', 2],
			['a世b', 3],
			['aकb', 3],
			['aकिb', 4],
			['a\u{1F1E9}b', 3],
		] as const) {
			screen.reset(20, 1);
			screen.put('names', {rect, height: 0, lines: [line(text)]});
			screen.flush();
			expect([
				text,
				bytes
					.splice(0)
					.join('')
					.match(/\u001B\[[\d;]*[HCG]/g)?.length ?? 0,
			]).toEqual([text, placed]);
		}
	});
});

test('in the files that are ours a name that would steer a terminal is escaped, and comes back', () => {
	fc.assert(
		fc.property(hostile, text => {
			for (const cell of [name, sentence]) {
				const shown = cell.show(text);
				expect(shown).not.toMatch(steeringPattern);
				expect(cell.read(shown)).toBe(text);
			}
		}),
	);
	// As the bytes of UTF-8 where there are more than one, as in /proc/mounts.
	expect(sentence.show('a\u2028b\u061C\u0085\\')).toBe('a\\342\\200\\250b\\330\\234\\205\\134');
	expect(sentence.read('\\342\\200\\250\\205\\342')).toBe('\u2028\u0085â');
});

test('a text of many lines for a terminal keeps its lines and tabs', () => {
	expect(harmlessText(`a\tb\n${steering.join('')}\n`)).toBe(
		`a\tb\n${steering.map(each => (each === '\t' || each === '\n' ? each : '?')).join('')}\n`,
	);
});
