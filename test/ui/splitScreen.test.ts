/** Several screens on one terminal. */
import {expect, test} from 'vitest';
import {createSplitScreen} from '../../source/ui/terminal/splitScreen.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {createHeadlessTerminal} from './support/headlessTerminal.ts';

const place = (column: number, columns: number) => ({column, row: 0, columns, rows: 2});

function start() {
	const terminal = createHeadlessTerminal(20, 2);
	let sent = '';
	const screen = createSplitScreen({
		theme: createTheme('mono', true),
		mostBytes: () => Number.POSITIVE_INFINITY,
		sink: (text, done) => {
			sent += text;
			void terminal.write(text).then(done);
		},
		columns: 20,
		rows: 2,
		places: [place(0, 8), place(10, 8)],
	});
	const lines = async () => {
		screen.whole.flush();
		await screen.whole.settled();
		return terminal.text();
	};
	return {screen, terminal, lines, clears: () => sent.split('\u001B[2J').length - 1};
}

test('each part shows its own frame in its place', async () => {
	const {screen, lines} = start();
	screen.parts[0]!.frame('left\nbelow');
	screen.parts[1]!.frame('right, and too long');
	expect(await lines()).toEqual(['left      right, a', 'below']);
});

test('at another size a part is where it lies then, and one as large as before shows what it did', async () => {
	const {screen, terminal, lines, clears} = start();
	screen.parts[0]!.frame('left');
	screen.parts[1]!.frame('right');
	await lines();
	expect(clears()).toBe(1);
	terminal.resize(30, 2);
	screen.resize(30, 2, [place(0, 12), place(14, 8)]);
	screen.parts[0]!.reset(12, 2);
	screen.parts[0]!.frame('left, wider');
	expect(await lines()).toEqual(['left, wider   right', '']);
	expect(clears(), 'everything is sent once').toBe(2);
});
