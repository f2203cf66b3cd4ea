/**
 * A machine that stands still between two acts, served on real sockets, and looked at by programs in real terminals:
 * everything as in `mmtop serve` and `mmtop attach`, but the machine's wall clock is the test's. What is on the screens
 * is compared with what the components draw for the same files; nothing else is waited for.
 */

import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as passes} from 'node:timers/promises';
import {isDeepStrictEqual} from 'node:util';
import {expect, onTestFinished} from 'vitest';
import {bootLab} from '../../source/lab/lab.ts';
import {serve} from '../../source/server.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import type {TargetMachine} from '../../source/target/machine.ts';
import type {Target} from '../../source/target/target.ts';
import {wantedPaths} from '../../source/ui/panes/panes.ts';
import type {State} from '../../source/ui/state/state.ts';
import {createScreen} from '../../source/ui/terminal/screen.ts';
import type {Key} from '../../source/ui/terminal/sequences.ts';
import {createTheme, type Theme, type ThemeName} from '../../source/ui/terminal/theme.ts';
import {mmtopCommand} from '../commands/support.ts';
import {temporaryDirectory} from '../server/support.ts';
import {fakeClock} from '../target/support/fakeClock.ts';
import {composed} from '../ui/support/composed.tsx';
import {createHeadlessTerminal} from '../ui/support/headlessTerminal.ts';
import {pictureOf} from '../ui/support/picture.tsx';
import {describeScreen, styledScreen} from '../ui/support/styledScreen.ts';
import {bytesOf} from './keyBytes.ts';
import {openTerminal, type TerminalSession} from './pty.ts';

/**
 * A meter's column is half a second of the wall clock of whoever looks, and no step between two samples counts for
 * more: an answer that shows the machine moved comes so late that each counts for a column.
 */
const columnMs = 510;
/** From its start until the monitors look at it. */
const bootMs = 1000;

export type StageOptions = {
	readonly machine?: () => TargetMachine;
	/** What the monitors see of it. */
	readonly view?: (target: Target) => Target;
	/** Do they look through the socket that only reads? */
	readonly observe?: boolean;
};

export type Stage = {
	/** Writes to the machine, as somebody else does, and lets it live. Its monitors see what has become of it. */
	pass(ms: number, ...writes: readonly (readonly [path: string, text: string])[]): Promise<void>;
	/** Pressed in every monitor. */
	press(...keys: readonly Key[]): Promise<void>;
	/** Pressed in the first one alone: a key that acts on the machine, which then `shows` it to all. */
	act(key: Key, shows: string): Promise<void>;
	/** The server goes away. */
	leave(): Promise<void>;
	/** @returns the size, the text and the looks of each terminal's screen */
	screen(columns: number, rows: number): Promise<string>;
};

/** Answers that show another state of the machine than the one before wait for a column's time. */
function unhurried(target: Target): Target {
	let shownSeq: number | undefined;
	return {
		...target,
		async sample(request) {
			const sample = await target.sample(request);
			if (shownSeq !== undefined && shownSeq !== sample.seq) {
				await passes(columnMs);
			}
			shownSeq = sample.seq;
			return sample;
		},
	};
}

const looks: readonly {readonly theme: ThemeName; readonly env: Readonly<Record<string, string>>}[] = [
	{theme: 'dark', env: {TERM: 'xterm-256color', COLORTERM: 'truecolor'}},
	{theme: 'mono', env: {NO_COLOR: '1'}},
];

/** Rows without the blanks at their ends, whatever their colour. */
const textOf = (session: TerminalSession): readonly string[] => session.screen().map(row => row.trimEnd());

/** The same files drawn in this process, as users have them drawn. */
async function composedScreen(
	state: State,
	theme: Theme,
): Promise<{readonly text: readonly string[]; readonly cells: readonly (readonly string[])[]}> {
	const {columns, rows} = state;
	const terminal = createHeadlessTerminal(columns, rows);
	const screen = createScreen((bytes, done) => void terminal.write(bytes).then(done), theme, columns, rows);
	const {frame, layers} = pictureOf(state, theme);
	screen.frame(frame);
	for (const [index, layer] of layers.entries()) {
		screen.put(String(index), layer);
	}
	screen.flush();
	await screen.settled();
	return {text: terminal.text(), cells: terminal.cells()};
}

/** @param columns of the terminals at first */
export async function openStage(
	{machine = () => bootLab({load: 'busy'}), view = target => target, observe = false}: StageOptions,
	columns: number,
	rows: number,
): Promise<Stage> {
	const wall = fakeClock();
	const held = embeddedMachine(machine(), 'lab', wall);
	const cwd = await temporaryDirectory();
	const sockets = join(cwd, 'lab');
	await mkdir(sockets);
	const client = (by: string): Target => view(held.client(by));
	const [controlPath, observePath] = [join(sockets, 'control.sock'), join(sockets, 'observe.sock')];
	const server = await serve({client: by => unhurried(client(by)), controlPath, observePath});
	onTestFinished(() => server.close());

	wall.busy(bootMs);
	const target = client('somebody');
	const wanted = composed(target, {name: 'lab', kind: 'socket', writable: !observe}, columns, rows);
	let nowMs = 0;

	const read = async (): Promise<void> => {
		nowMs += columnMs;
		if (!wanted.state().picture.frozen && wanted.state().connection.state !== 'lost') {
			await wanted.list();
			// What one shows may ask for more: a selected area for its page tables, and they for a frame.
			let asked: readonly string[];
			do {
				asked = wantedPaths(wanted.state());
				await wanted.sample(nowMs);
			} while (!isDeepStrictEqual(wantedPaths(wanted.state()), asked));
		}
	};

	// Before anybody waits for the server, which is in this process too: the first time files may take long to print.
	await read();
	// A path of few words: a sentence about the server names it.
	const socket = observe ? 'lab/observe.sock' : 'lab/control.sock';
	const terminals = looks.map(({theme, env}) => ({
		theme: createTheme(theme, true),
		session: openTerminal([...mmtopCommand, 'attach', socket], {columns, rows, env, cwd}),
	}));

	/** Waits until a terminal shows in every cell what is composed, or says where it does not. */
	const agree = async ({theme, session}: {theme: Theme; session: TerminalSession}): Promise<void> => {
		const {text, cells} = await composedScreen(wanted.state(), theme);
		await session
			.waitFor(() => isDeepStrictEqual(textOf(session), text) && isDeepStrictEqual(session.cells(), cells))
			.catch(() => expect(describeScreen(textOf(session), [session.cells()])).toBe(describeScreen(text, [cells])));
	};

	const look = async (): Promise<void> => {
		await read();
		await Promise.all(terminals.map(agree));
	};

	await Promise.all(terminals.map(agree));
	return {
		async pass(ms, ...writes) {
			// In one go: no monitor sees it in between, and none can tell a held state that it was drawn.
			const written = writes.map(([path, text]) => target.write(path, text));
			wall.busy(ms);
			await Promise.all(written);
			await look();
		},
		async press(...keys) {
			for (const key of keys) {
				wanted.tell({type: 'key', key, nowMs});
				for (const {session} of terminals) {
					session.press(bytesOf(key));
				}
			}
			await look();
		},
		async act(key, shows) {
			const {session} = terminals[0]!;
			session.press(bytesOf(key));
			await session.waitFor(shows);
			await look();
		},
		async leave() {
			await server.close();
			const reason = 'EDISCONNECTED: there is no socket at lab/control.sock; start a machine with "mmtop serve"';
			wanted.tell({type: 'lost', reason, nowMs});
			await look();
		},
		async screen(newColumns, newRows) {
			const state = wanted.state();
			if (newColumns !== state.columns || newRows !== state.rows) {
				wanted.tell({type: 'resized', columns: newColumns, rows: newRows});
				for (const {session} of terminals) {
					session.resize(newColumns, newRows);
				}
				await look();
			}
			const [first] = terminals;
			const coloured = describeScreen(textOf(first!.session), [first!.session.cells()]);
			expect(coloured).toBe(await styledScreen(wanted.text(first!.theme), newColumns, newRows));
			return describeScreen(
				textOf(first!.session),
				terminals.map(({session}) => session.cells()),
			);
		},
	};
}
