/**
 * Every key of the table, pressed in a real pseudo-terminal, and what it changes on the screen. A key without a case
 * here fails the first test.
 */

import {join} from 'node:path';
import {expect, test} from 'vitest';
import {experiments} from '../../source/lab/experiments/list.ts';
import {commands} from '../../source/ui/panes/keymap.ts';
import {numberOf, paneIds} from '../../source/ui/state/panes.ts';
import {mmtopCommand} from '../commands/support.ts';
import {bytesOf} from './keyBytes.ts';
import {openTerminal, type TerminalSession} from './pty.ts';

type Shot = {
	readonly text: string;
	/** The selected row, and on which row of the screen it is. */
	readonly selected: string;
	readonly selectedRow: number;
	readonly bytes: number;
};

function take(terminal: TerminalSession): Shot {
	const lines = terminal.screen();
	const selected = terminal.reversed(3).find(line => line !== lines[0]) ?? '';
	return {text: lines.join('\n'), selected, selectedRow: lines.indexOf(selected), bytes: terminal.bytesWritten()};
}

type Press = readonly [key: string, shows: RegExp | ((shot: Shot) => boolean)];

type Case = {
	/** Keys pressed before, each followed by what they have to bring to the screen. */
	readonly before?: readonly Press[];
	/** What the key has to do. */
	readonly does: RegExp | ((now: Shot, before: Shot) => boolean);
	/** Keys pressed afterwards, for the next case. */
	readonly after?: readonly Press[];
};

const number = (pattern: RegExp, {text}: Shot): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
const rate = (shot: Shot) => number(/×([\d.]+)/, shot);
/** Beside the cursor stands what its cell holds, and of how many frames it is unless it is of one. */
const framesPerCell = (shot: Shot) =>
	/pfn 0x[\da-f]+ \w+: /.test(shot.text) ? 1 : number(/(?:pfn 0x[\da-f]+\+|─ )(\d+)(?: frames? a cell| \w+: )/, shot);
const cursorPfn = (shot: Shot) => number(/pfn (0x[\da-f]+)/, shot);
const timeOf = ({text}: Shot) => Number((/t (\d+\.\d{3} \d{3}) s/.exec(text)?.[1] ?? '').replace(' ', ''));
const frames = ({text}: Shot) => text.split('┌').length - 1;

const inMaps = ['1', /\[1 maps/] as const;
const atFirst = ['g', ({selected}: Shot) => selected.includes('08048000')] as const;
/** The last area of a process of 2.6.11. */
const gateArea = 'ffffe000-fffff000';
const atLast = ['G', ({selected}: Shot) => selected.includes(gateArea)] as const;
const inFrames = ['2', /\[2 frames/] as const;
const atStart = ['g', (shot: Shot) => cursorPfn(shot) === 0] as const;
const atCell = ['l', (shot: Shot) => cursorPfn(shot) > 0] as const;
const isPaused = /PAUSED/;
const isRunning = /▶/;

const moves = (by: (now: number, before: number) => boolean, ...before: readonly Press[]): Case => ({
	before: [inMaps, ...before],
	does: (now, then) => now.selected !== then.selected && by(now.selectedRow, then.selectedRow),
});
const up: Case = moves((now, before) => now < before, atLast);
const down: Case = moves((now, before) => now > before, atFirst);
const first: Case = {before: [inMaps, atLast], does: ({selected}) => selected.includes('08048000')};
const last: Case = {before: [inMaps, atFirst], does: ({selected}) => selected.includes(gateArea)};
const cellsLeft: Case = {
	before: [inFrames, atStart, atCell],
	does: (now, before) => cursorPfn(now) < cursorPfn(before),
};
const cellsRight: Case = {before: [inFrames, atStart], does: (now, before) => cursorPfn(now) > cursorPfn(before)};
const zoom: Case = {before: [inMaps], does: now => frames(now) === 1, after: [['z', /6 trace/]]};
const finer: Case = {before: [inFrames], does: (now, before) => framesPerCell(now) < framesPerCell(before)};
const opens = (title: string): Case => ({
	does: new RegExp(`┌ ${title}`),
	after: [['escape', ({text}) => !text.includes(`┌ ${title}`)]],
});
const sorted = ['s', /1 maps [↑↓]/] as const;
const unsorted: Case = {before: [inMaps, sorted], does: ({text}) => !/1 maps [↑↓]/.test(text)};
const earlier: Case = {
	before: [['P', isPaused]],
	// On its way back P would keep it where it is.
	does: (now, before) => timeOf(now) < timeOf(before) && isPaused.test(now.text),
	after: [['P', isRunning]],
};
const slower: Case = {does: (now, before) => rate(now) === rate(before) / 2};

const cases: Readonly<Record<string, Case>> = {
	...Object.fromEntries(
		paneIds.map((id, index): [string, Case] => [
			String(numberOf(id)),
			{
				before: [index === 0 ? ['2', /\[2 /] : ['1', /\[1 /]],
				does: new RegExp(`\\[${numberOf(id)} ${id}\\]`),
			},
		]),
	),
	tab: {before: [inMaps], does: /\[2 frames\]/},
	'shift+tab': {before: [inMaps], does: /\[0 findings\]/},
	z: zoom,
	enter: {
		before: [inMaps, atFirst],
		does: /area 08048000 of dbwriter-\d+[\s\S]*\/usr\/sbin\/dbwriter/,
		after: [['escape', ({text}) => !text.includes('area 08048000')]],
	},
	'+': finer,
	'=': finer,
	'-': {does: (now, before) => framesPerCell(now) > framesPerCell(before), before: [inFrames]},
	up,
	k: up,
	down,
	j: down,
	left: cellsLeft,
	h: cellsLeft,
	right: cellsRight,
	l: cellsRight,
	pageup: moves((now, before) => now < before - 2, atLast),
	pagedown: moves((now, before) => now > before + 2, atFirst),
	home: first,
	g: first,
	end: last,
	G: last,
	'/': {before: [inMaps], does: /Enter keeps, Esc undoes/, after: [['escape', /q quit/]]},
	s: {before: [inMaps], does: /1 maps [↑↓]/, after: [['escape', /1 maps ─/]]},
	R: {
		before: [inMaps, sorted],
		does: (now, before) => /1 maps ([↑↓])/.exec(now.text)?.[1] !== /1 maps ([↑↓])/.exec(before.text)?.[1],
		after: [['escape', /1 maps ─/]],
	},
	y: {before: [inMaps], does: /copied, if this terminal lets programs do so: mmtop cat \/proc\//},
	f: {before: [inFrames, atStart, atCell], does: /following page frame 0x/},
	w: {...opens('what made page frame 0x'), before: [inFrames, atStart, atCell]},
	escape: unsorted,
	backspace: unsorted,
	b: {before: [inMaps, ['3', /\[3 kmap/]], does: /\[1 maps\]/},
	space: {does: isPaused, after: [['space', isRunning]]},
	P: {does: isPaused, after: [['P', isRunning]]},
	'.': {does: isPaused, after: [['P', isRunning]]},
	T: opens('time line'),
	'<': slower,
	',': earlier,
	'[': earlier,
	'>': {does: (now, before) => rate(now) === rate(before) * 2},
	':': opens('experiments'),
	i: {does: /Enter loads or runs/, after: [['escape', /q quit/]]},
	p: opens('processes'),
	L: {
		does: /the machine is busy now/,
		after: [
			['L', /the machine is quiet now/],
			['L', /the machine is calm now/],
		],
	},
	W: {does: /this machine is not of a class/},
	S: {does: /nothing was injected yet/},
	F: {does: /this machine is not of a class/},
	M: opens('machines'),
	V: {does: /what others inject is shown here already/},
	'?': opens('help'),
	f1: opens('help'),
	'ctrl+l': {
		before: [['P', isPaused]],
		does: (now, before) => now.bytes - before.bytes > 1000 && isPaused.test(now.text),
		after: [['P', isRunning]],
	},
};

/** Keys that end or stop the program: tested by themselves below. */
const leaving = ['q', 'ctrl+c', 'ctrl+z'];

const matches = (wanted: RegExp | ((shot: Shot) => boolean), shot: Shot): boolean =>
	typeof wanted === 'function' ? wanted(shot) : wanted.test(shot.text);

async function open(): Promise<TerminalSession> {
	const terminal = openTerminal(mmtopCommand, {columns: 80, rows: 24, env: {NO_COLOR: '1'}});
	await terminal.waitFor(/\[1 maps\]/);
	// The process most worth seeing, which is there a moment after boot: from then on the rows stay.
	await terminal.waitFor(/ dbwriter ─┐/);
	await terminal.waitFor(/ areas ·/);
	return terminal;
}

test('every key of the table has a case', () => {
	// Some keys do another thing in another pane.
	const keys = new Set(commands.flatMap(command => command.keys).filter(key => !leaving.includes(key)));
	expect(Object.keys(cases).sort()).toEqual([...keys].sort());
});

test('each key does on the screen what it is for', async () => {
	const terminal = await open();
	const press = async (key: string, shows: RegExp | ((shot: Shot) => boolean)): Promise<void> => {
		terminal.press(bytesOf(key));
		await terminal.waitFor(() => matches(shows, take(terminal)));
	};
	for (const [key, {before = [], does, after = []}] of Object.entries(cases)) {
		for (const [each, shows] of before) {
			await press(each, shows).catch((error: Error) => {
				throw new Error(`${each} before ${key}: ${error.message}`);
			});
		}
		const shot = take(terminal);
		await press(key, typeof does === 'function' ? now => does(now, shot) : does).catch((error: Error) => {
			throw new Error(`${key}: ${error.message}`);
		});
		for (const [each, shows] of after) {
			await press(each, shows);
		}
	}
});

test('each key of an experiment injects it', async () => {
	const keyed = experiments.flatMap(({key, name}) => (key ? [{key, name}] : []));
	expect(keyed.length).toBeGreaterThan(5);
	const terminal = await open();
	for (const {key, name} of keyed) {
		terminal.press(key);
		await terminal.waitFor(`${name} is injected as number`);
	}
});

test('i runs a program of this computer: its calls and its output stand in the trace', async () => {
	// What was run is not to be remembered on this computer.
	const env = {NO_COLOR: '1', XDG_STATE_HOME: '/dev/null'};
	// Where nothing else goes on, nothing pushes the lines out of the trace.
	const terminal = openTerminal([...mmtopCommand, '--load', 'quiet'], {columns: 80, rows: 24, env});
	await terminal.waitFor(/\[1 maps\]/);
	terminal.press('6z');
	await terminal.waitFor(/6 trace ─/);
	terminal.press('i');
	await terminal.waitFor(/Enter loads or runs/);
	terminal.press(`${join(import.meta.dirname, '../../fixtures/programs/tal')}\t`);
	await terminal.waitFor(/programs\/talk +talk {2}talk\.c/);
	terminal.press(' loudly\r');
	await terminal.waitFor(/│ no echo: 2/);
	await terminal.waitFor(/│ write\(1, 0x[0-9a-f]+, 11\) = 11/);
	terminal.press('q');
	expect(await terminal.ended).toEqual({exitCode: 0, signal: 0});
});

test.each(['q', 'ctrl+c'])('%s leaves', async key => {
	const terminal = await open();
	terminal.press(bytesOf(key));
	expect(await terminal.ended).toEqual({exitCode: 0, signal: 0});
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isMouseOn()).toBe(false);
});

test('ctrl+z gives the terminal to the shell, and fg takes it back', async () => {
	const command = mmtopCommand.map(word => `'${word}'`).join(' ');
	const terminal = openTerminal(['sh', '-c', `set -m; ${command}; echo stopped; read x; fg; echo "ended $?"; read x`], {
		columns: 80,
		rows: 24,
	});
	await terminal.waitFor(/ areas ·/);
	terminal.press(bytesOf('ctrl+z'));
	await terminal.waitFor('stopped');
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isCursorVisible()).toBe(true);
	expect(terminal.isMouseOn()).toBe(false);
	terminal.resize(100, 30);
	terminal.press('\r');
	await terminal.waitFor(/ areas ·/);
	expect(terminal.isAlternate()).toBe(true);
	expect(terminal.isMouseOn()).toBe(true);
	terminal.press('q');
	await terminal.waitFor('ended 0');
});
