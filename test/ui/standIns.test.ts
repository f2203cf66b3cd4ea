/** What stands in for packages of Ink's gives what they give. */

import fc from 'fast-check';
import originalWidth from 'string-width';
import {expect, test} from 'vitest';
import OriginalOutput from '../../node_modules/ink/build/output.js';
import {createGrid, putStyledRow} from '../../source/ui/terminal/cells.ts';
import Output from '../../source/ui/terminal/inkRows.ts';
import stringWidth from '../../source/ui/terminal/inkWidth.ts';
import {isPlain} from '../../source/ui/terminal/plainText.ts';
import {createStyleTable} from '../../source/ui/terminal/sgr.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {standInFor} from '../../standIns.mjs';
import {runs} from '../sample.ts';

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

const usualRuns = {numRuns: runs(2000)};

test('what is compared is not the same thing', () => {
	expect(Output).not.toBe(OriginalOutput);
	expect(stringWidth).not.toBe(originalWidth);
	expect(standInFor('string-width', 'node_modules/ink/build/output.js')).toMatch(/inkWidth\.ts$/);
	expect(standInFor('./output.js', 'node_modules/ink/build/renderer.js')).toMatch(/inkRows\.ts$/);
});

test('texts are as wide', () => {
	fc.assert(
		fc.property(joined, each => {
			expect(stringWidth(each)).toBe(originalWidth(each));
			expect(stringWidth(each, {countAnsiEscapeCodes: true})).toBe(originalWidth(each, {countAnsiEscapeCodes: true}));
			expect(stringWidth(each, {ambiguousIsNarrow: false})).toBe(originalWidth(each, {ambiguousIsNarrow: false}));
		}),
		usualRuns,
	);
});

/** Text of several looks, each ended, as our lines are written. */
const plainText = fc
	.array(
		fc
			.tuple(fc.constantFrom('', ...looksOf), fc.array(fc.constantFrom(...'az09 ─│█·…é'), {maxLength: 6}))
			.map(([look, letters]) => `${look}${letters.join('')}${look === '' ? '' : '\u001B[0m'}`),
		{maxLength: 5},
	)
	.map(parts => parts.join(''));
const wideText = fc.array(fc.constantFrom(...'a 世한'), {maxLength: 10}).map(parts => parts.join(''));
const place = fc.record({x: fc.integer({min: 0, max: 20}), y: fc.integer({min: 0, max: 5})});
const written = fc.oneof(
	{weight: 3, arbitrary: fc.record({at: place, lines: fc.array(plainText, {minLength: 1, maxLength: 4})})},
	fc.constant('unclip' as const),
	fc.record({from: place, to: place, way: fc.constantFrom('x', 'y', 'both')}).map(({from, to, way}) => ({
		...(way !== 'y' && {x1: Math.min(from.x, to.x), x2: Math.max(from.x, to.x)}),
		...(way !== 'x' && {y1: Math.min(from.y, to.y), y2: Math.max(from.y, to.y)}),
	})),
);
type Written = typeof written extends fc.Arbitrary<infer W> ? W : never;
const [columns, rows] = [24, 6] as const;

/** The cells of a frame that Ink would write. */
function cellsOf(output: Pick<Output, keyof Output>, steps: readonly Written[]): readonly unknown[] {
	for (const step of steps) {
		if (step === 'unclip') output.unclip();
		else if ('lines' in step) output.write(step.at.x, step.at.y, step.lines.join('\n'), {transformers: []});
		else output.clip(step);
	}
	const styles = createStyleTable();
	for (const look of looksOf) styles.of(look.slice(2, -1));
	const grid = createGrid(columns, rows);
	const {output: text, height} = output.get();
	expect(height).toBe(rows);
	let style = 0;
	for (const [row, line] of text.split('\n').entries()) style = putStyledRow(grid, row, line, style, styles);
	return [[...grid.glyphs], [...grid.styles].map(number => styles.change(0, number))];
}

test('texts of any look, laid over each other and clipped, give the frame of the original', () => {
	const size = {width: columns, height: rows};
	fc.assert(
		fc.property(fc.array(written, {maxLength: 12}), steps => {
			expect(cellsOf(new Output(size), steps)).toEqual(cellsOf(new OriginalOutput(size), steps));
		}),
		usualRuns,
	);
	fc.assert(
		fc.property(wideText, fc.integer({min: 0, max: 4}), (each, x) => {
			const steps = [{at: {x, y: 1}, lines: [each]}];
			expect(cellsOf(new Output(size), steps)).toEqual(cellsOf(new OriginalOutput(size), steps));
		}),
	);
});

test('a part of which half a wide character is clipped has a blank in its place', () => {
	const output = new Output({width: 8, height: 1});
	output.clip({x1: 1, x2: 4});
	output.write(0, 0, '世a世', {transformers: []});
	expect(output.get().output).toBe('  a');
});

test('each plain character is one column beside any other', () => {
	const all = Array.from({length: 0x1_0000}, (_, code) => code).filter(isPlain);
	expect(all.length).toBeGreaterThan(900);
	for (const code of all) {
		const each = String.fromCharCode(code);
		expect(originalWidth(each), code.toString(16)).toBe(1);
	}
	const together = all.map(code => String.fromCharCode(code)).join('');
	expect(originalWidth(together)).toBe(all.length);
});
