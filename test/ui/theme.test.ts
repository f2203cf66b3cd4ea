import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {bar, bytes, count, duration, shortCount, sparkline, virtualTime} from '../../source/ui/panes/format.ts';
import {lineAnsi} from '../../source/ui/terminal/ansi.ts';
import {asciiText} from '../../source/ui/terminal/ascii.ts';
import {
	clipLine,
	fitLine,
	line,
	lineText,
	lineWidth,
	padEnd,
	span,
	spreadLine,
	truncateStart,
} from '../../source/ui/terminal/lines.ts';
import {truncate, wrapText} from '../../source/ui/terminal/text.ts';
import {createTheme, detectTheme, laidOver, themeNames} from '../../source/ui/terminal/theme.ts';
import {letterTones} from '../../source/ui/view/frameLegend.ts';

const utf8 = {LANG: 'C.UTF-8'};

test.each([
	[{...utf8, TERM: 'xterm-256color'}, 'dark'],
	[{...utf8, TERM: 'xterm-256color', COLORFGBG: '0;15'}, 'light'],
	[{...utf8, TERM: 'xterm', COLORTERM: 'truecolor'}, 'dark'],
	[{...utf8, TERM: 'xterm'}, '16'],
	[{...utf8, TERM: 'linux'}, '16'],
	[{...utf8, TERM: 'xterm-256color', NO_COLOR: '1'}, 'mono'],
	[{...utf8, TERM: 'xterm-256color', NO_COLOR: ''}, 'dark'],
	[{...utf8, TERM: 'vt100'}, 'mono'],
])('in %o the theme is %s', (environment, name) => {
	expect(detectTheme(environment).name).toBe(name);
});

test('what is asked for goes before what the environment suggests', () => {
	expect(detectTheme({...utf8, NO_COLOR: '1'}, {theme: 'light'}).name).toBe('light');
	expect(detectTheme(utf8, {ascii: true}).unicode).toBe(false);
	expect(detectTheme({LANG: 'C'}, {ascii: false}).unicode).toBe(true);
});

test.each([
	[{LANG: 'en_US.UTF-8'}, true],
	[{LANG: 'C'}, false],
	[{}, false],
	[{LANG: 'en_US.UTF-8', LC_ALL: 'C'}, false],
	[{LANG: 'C', LC_CTYPE: 'de_DE.utf8'}, true],
])('in %o characters beyond ASCII are shown: %s', (environment, unicode) => {
	expect(detectTheme(environment).unicode).toBe(unicode);
});

test('sixteen colours are the terminal’s own; without colour there are only attributes', () => {
	const codes = (name: '16' | 'mono') =>
		Object.values(createTheme(name, true).sgr).flatMap(each => each.split(';').map(Number));
	expect(codes('16').filter(code => code === 38 || code === 48)).toEqual([]);
	expect(codes('mono').filter(code => code >= 30)).toEqual([]);
	expect(themeNames).toContain('light');
});

test('what is selected, new, gone or wrong looks different without any colour', () => {
	const {sgr} = createTheme('mono', true);
	for (const tone of ['row.selected', 'mark.new', 'mark.gone', 'bad', 'status.paused', 'page.cursor'] as const) {
		expect(sgr[tone]).not.toBe('');
	}
});

test('every kind of frame has a tone', () => {
	const {sgr} = createTheme('dark', true);
	for (const tone of Object.values(letterTones)) {
		expect(sgr[tone]).not.toBe('');
	}
});

test('ASCII stands for what we draw with, column for column', () => {
	const text = '┌─┐│█▌▸✓✗…·×▶‖■□↑↓▁▃▇÷';
	expect(asciiText(text)).toMatch(/^[ ->@-~]+$/);
	expect(asciiText(text)).toHaveLength([...text].length);
	expect(asciiText('─│█▶')).toBe('-|#>');
	expect(asciiText('✓✗⊘'), 'each a mark of its own').toBe('+x/');
});

test('no character of the stored screens is without a stand-in', () => {
	const directory = join(import.meta.dirname, '../../fixtures/screens');
	const files = readdirSync(directory, {recursive: true, encoding: 'utf8'}).filter(name => name.endsWith('.txt'));
	const shown = new Set(files.flatMap(name => [...readFileSync(join(directory, name), 'utf8')]));
	expect([...shown].filter(character => character > '~' && asciiText(character) === '?')).toEqual([]);
});

test('a line as text has the colours of its spans over that of the line, and no control characters', () => {
	const theme = createTheme('dark', true);
	const text = lineAnsi({spans: [span('a\u001B[2Jb', 'bad')], tone: 'row.selected'}, theme);
	expect(text).toBe('\u001B[48;5;238;1;38;5;209ma\uFFFD[2Jb\u001B[0m');
});

test.each([
	[truncate('abcdef', 4), 'abc…'],
	[truncate('abcd', 4), 'abcd'],
	[truncate('世界世界', 5), '世界…'],
	[truncateStart('/usr/lib/libc.so', 9), '…/libc.so'],
	[padEnd('世', 4), '世  '],
	[lineText(clipLine(line('ab', span('cdef', 'bad')), 4)), 'abc…'],
	[lineText(clipLine(line('ab', 'cd      '), 4)), 'abcd'],
	[lineText(fitLine(line('ab'), 4)), 'ab  '],
	[lineText(spreadLine(line('left'), line('right'), 12)), 'left   right'],
	[lineText(spreadLine(line('a long left'), line('right'), 12)), 'a long…right'],
	[wrapText('one two three', 7).join('|'), 'one two|three'],
	[count(-1234567), '-1,234,567'],
	[shortCount(9_999), '9,999'],
	[shortCount(96_031), '96k'],
	[shortCount(999_600), '1.0M'],
	[bytes(16384), '16k'],
	[bytes(1536), '1.5k'],
	[bytes(134217728), '128M'],
	[bytes(0), '0'],
	[virtualTime(12_345_655_999), '12.345 655 s'],
	[duration(310), '310us'],
	[duration(12_400), '12.4ms'],
	[bar(0.5, 4), '██  '],
	[bar(0, 4), '    '],
	[bar(0.001, 4), '▏   '],
	[bar(7, 4), '████'],
	[sparkline([0, undefined, 50, 100], 0, 100), '▁ ▅█'],
])('%j', (made, wanted) => {
	expect(made).toBe(wanted);
});

test('a line that was cut never ends wider than it may', () => {
	for (let columns = 0; columns < 12; columns++) {
		expect(lineWidth(fitLine(line('世界', span('abc', 'bad'), '世'), columns))).toBe(columns);
	}
});

test('over a reversed line no colour becomes a patch of ground, and what warns keeps its own', () => {
	const theme = createTheme('16', true);
	expect(laidOver(theme, 'row.selected', 'number')).toBe('');
	expect(laidOver(theme, 'row.selected', 'mark.new')).toBe('1');
	expect(laidOver(theme, 'status', 'status.lost')).toBe(theme.sgr['status.lost']);
	expect(laidOver(theme, undefined, 'number')).toBe(theme.sgr.number);
	const dark = createTheme('dark', true);
	expect(laidOver(dark, 'row.selected', 'number')).toBe(dark.sgr.number);
});
