import fc from 'fast-check';
import {expect, test} from 'vitest';
import {gridText} from '../../source/ui/terminal/cells.ts';
import {line, span} from '../../source/ui/terminal/lines.ts';
import {createScreen, type Sink} from '../../source/ui/terminal/screen.ts';
import {createTheme, tones} from '../../source/ui/terminal/theme.ts';
import {runs} from '../sample.ts';
import {createHeadlessTerminal} from './support/headlessTerminal.ts';

const dark = createTheme('dark', true);

/** A sink that keeps what was sent and completes when told. */
function createSlowSink() {
	const sent: string[] = [];
	const pending: (() => void)[] = [];
	const sink: Sink = (bytes, done) => {
		sent.push(bytes);
		pending.push(done);
	};
	return {sink, sent, pending, drain: () => pending.shift()?.()};
}

const immediately: (bytes: string[]) => Sink = bytes => (text, done) => {
	bytes.push(text);
	done();
};

const sgr = fc.constantFrom(
	'',
	'\u001B[0m',
	'\u001B[1m',
	'\u001B[2m',
	'\u001B[22m',
	'\u001B[31m',
	'\u001B[38;5;120m',
	'\u001B[48;5;236m',
	'\u001B[39m',
	'\u001B[49m',
	'\u001B[7m',
	'\u001B[27m',
	'\u001B[4;94m',
	'\u001B[38;2;1;2;3m',
	'\u001B[9m',
);
const glyph = fc.constantFrom('a', 'b', ' ', ' ', ' ', '│', '█', '世', '界', '한', 'é', '\t', '\u0301');
const piece = fc.tuple(sgr, fc.array(glyph, {maxLength: 12})).map(([style, glyphs]) => style + glyphs.join(''));
const frameLine = fc.array(piece, {maxLength: 6}).map(parts => parts.join(''));
const frame = fc.array(frameLine, {maxLength: 9}).map(lines => lines.join('\n'));
const tone = fc.constantFrom(...tones);
const layerLine = fc
	.array(fc.tuple(fc.array(glyph, {maxLength: 10}), tone), {maxLength: 4})
	.map(parts => line(...parts.map(([glyphs, name]) => span(glyphs.join(''), name))));
const layer = fc.record({
	rect: fc.record({
		column: fc.integer({min: 0, max: 20}),
		row: fc.integer({min: 0, max: 6}),
		columns: fc.integer({min: 0, max: 24}),
		rows: fc.integer({min: 0, max: 6}),
	}),
	height: fc.integer({min: 1, max: 3}),
	lines: fc.array(layerLine, {maxLength: 5}),
});
const step = fc.oneof(
	{weight: 6, arbitrary: frame.map(text => ({kind: 'frame' as const, text}))},
	{
		weight: 4,
		arbitrary: fc.tuple(fc.constantFrom('a', 'b'), layer).map(([id, put]) => ({kind: 'put' as const, id, put})),
	},
	{weight: 1, arbitrary: fc.constantFrom('a', 'b').map(id => ({kind: 'remove' as const, id}))},
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.integer({min: 1, max: 40}), fc.integer({min: 1, max: 10}))
			.map(([columns, rows]) => ({kind: 'size' as const, columns, rows})),
	},
);

test(
	'after any sequence of frames, layers and resizes the terminal holds what a fresh one would be ' + 'given',
	async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, {minLength: 1, maxLength: 12}), async steps => {
				const size = {columns: 30, rows: 8};
				const bytes: string[] = [];
				const terminal = createHeadlessTerminal(size.columns, size.rows);
				const screen = createScreen(immediately(bytes), dark, size.columns, size.rows);
				const again: ((other: ReturnType<typeof createScreen>) => void)[] = [];
				for (const each of steps) {
					const apply = (target: ReturnType<typeof createScreen>) => {
						if (each.kind === 'frame') {
							target.frame(each.text);
						} else if (each.kind === 'put') {
							target.put(each.id, each.put);
						} else if (each.kind === 'remove') {
							target.remove(each.id);
						}
					};
					again.push(apply);
					apply(screen);
					if (each.kind === 'size') {
						Object.assign(size, {columns: each.columns, rows: each.rows});
						terminal.resize(each.columns, each.rows);
						screen.reset(each.columns, each.rows);
					}
					screen.flush();
					await terminal.write(bytes.splice(0).join(''));
				}

				const fresh = createHeadlessTerminal(size.columns, size.rows);
				const whole = createScreen(immediately(bytes), dark, size.columns, size.rows);
				for (const apply of again) {
					apply(whole);
				}
				whole.flush();
				await fresh.write(bytes.splice(0).join(''));
				expect(terminal.cells()).toEqual(fresh.cells());
				expect(gridText(screen.shown)).toEqual(terminal.text());
			}),
			{numRuns: runs(250)},
		);
	},
);

test('a frame of Ink appears with its colours', async () => {
	const bytes: string[] = [];
	const screen = createScreen(immediately(bytes), dark, 20, 3);
	screen.frame('plain \u001B[1;31mred\u001B[22m thin\u001B[39m\n\u001B[7m世界\u001B[27m.');
	screen.flush();
	const ours = createHeadlessTerminal(20, 3);
	await ours.write(bytes.join(''));
	const direct = createHeadlessTerminal(20, 3);
	await direct.write('plain \u001B[1;31mred\u001B[22m thin\u001B[39m\r\n\u001B[7m世界\u001B[27m.');
	expect(ours.cells()).toEqual(direct.cells());
});

test('an unchanged frame sends nothing', () => {
	const bytes: string[] = [];
	const screen = createScreen(immediately(bytes), dark, 20, 3);
	screen.frame('one\ntwo');
	screen.flush();
	screen.frame('one\ntwo');
	screen.flush();
	expect(bytes).toHaveLength(1);
});

test('one changed cell costs a cursor move and the cell', () => {
	const bytes: string[] = [];
	const screen = createScreen(immediately(bytes), dark, 80, 24);
	screen.frame('count 1');
	screen.flush();
	screen.frame('count 2');
	screen.flush();
	expect(bytes[1]).toBe('\u001B[?2026h\u001B[1;7H2\u001B[?2026l');
});

/** What is sent when one row becomes another, without the brackets of a frame. */
function sentFor(before: string, after: string): string {
	const bytes: string[] = [];
	const screen = createScreen(immediately(bytes), createTheme('mono', true), 20, 1);
	for (const text of [before, after]) {
		screen.frame(text);
		screen.flush();
	}
	return bytes[1]!.slice('\u001B[?2026h'.length, -'\u001B[?2026l'.length);
}

test('up to four cells that stay are sent again, and over five the cursor jumps', () => {
	expect(sentFor('.1234.', 'x1234y')).toBe('\u001B[Hx1234y');
	expect(sentFor('.12345.', 'x12345y')).toBe('\u001B[Hx\u001B[5Cy');
	expect(sentFor('.123世.', 'x123世y')).toBe('\u001B[Hx\u001B[5Cy');
});

test('up to four blanks at the end of a row are sent, five and more are erased', () => {
	expect(sentFor('a'.repeat(20), 'a'.repeat(16))).toBe('\u001B[1;17H    ');
	expect(sentFor('a'.repeat(20), 'a'.repeat(15))).toBe('\u001B[1;16H\u001B[K');
});

test('a slow line has one frame on its way and gets the newest next', () => {
	const {sink, sent, drain} = createSlowSink();
	const screen = createScreen(sink, dark, 20, 2);
	for (const text of ['first', 'second', 'third', 'fourth']) {
		screen.frame(text);
		screen.flush();
	}
	expect(sent).toHaveLength(1);
	drain();
	expect(sent).toHaveLength(2);
	expect(sent[1]).not.toContain('second');
	drain();
	expect(sent).toHaveLength(2);
	expect(gridText(screen.shown)[0]).toBe('fourth');
});

test('settled waits until the newest frame has gone out', async () => {
	const {sink, drain} = createSlowSink();
	const screen = createScreen(sink, dark, 20, 2);
	const order: string[] = [];
	screen.frame('first');
	screen.flush();
	screen.frame('second');
	screen.flush();
	const settled = screen.settled().then(() => order.push('settled'));
	drain();
	await Promise.resolve();
	order.push('first is out');
	drain();
	await settled;
	expect(order).toEqual(['first is out', 'settled']);
});

test('control characters in a name never reach the terminal', () => {
	const bytes: string[] = [];
	const screen = createScreen(immediately(bytes), dark, 40, 1);
	screen.put('pane', {
		rect: {column: 0, row: 0, columns: 40, rows: 1},
		height: 0,
		lines: [line('a\u001B]0;owned\u0007b\u009Bc')],
	});
	screen.flush();
	expect(bytes.join('')).not.toContain('\u001B]');
	expect(bytes.join('')).not.toContain('\u0007');
	expect(bytes.join('')).not.toContain('\u009B');
});

test('where the locale has only ASCII nothing else is sent', () => {
	const bytes: string[] = [];
	const screen = createScreen(immediately(bytes), createTheme('mono', false), 40, 2);
	screen.frame('┌ 世 ┐ ▸ ✓');
	screen.flush();
	expect(bytes.join('')).toMatch(/^[\0-\u007F]*$/);
	expect(gridText(screen.shown)[0]).toBe('+ ?  + > +');
});

test('layers side by side that change one at a time end as if all had been painted', async () => {
	const columns = 24;
	const places = {
		left: {column: 0, row: 0, columns: 11, rows: 4},
		right: {column: 11, row: 0, columns: 13, rows: 4},
		below: {column: 0, row: 4, columns, rows: 2},
	};
	const change = fc.tuple(
		fc.constantFrom('left' as const, 'right' as const, 'below' as const),
		fc.array(layerLine, {maxLength: 4}),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(change, {minLength: 1, maxLength: 12}), async changes => {
			const bytes: string[] = [];
			const terminal = createHeadlessTerminal(columns, 6);
			const screen = createScreen(immediately(bytes), dark, columns, 6);
			for (const [id, lines] of changes) {
				screen.put(id, {rect: places[id], height: 0, lines});
				screen.flush();
			}
			await terminal.write(bytes.splice(0).join(''));

			const fresh = createHeadlessTerminal(columns, 6);
			const whole = createScreen(immediately(bytes), dark, columns, 6);
			for (const [id, lines] of new Map(changes)) {
				whole.put(id, {rect: places[id], height: 0, lines});
			}
			whole.flush();
			await fresh.write(bytes.splice(0).join(''));
			expect(terminal.cells()).toEqual(fresh.cells());
		}),
		{numRuns: runs(200)},
	);
});
