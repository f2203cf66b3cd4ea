import {execFileSync} from 'node:child_process';
import {closeSync, constants, openSync} from 'node:fs';
import {type IPty, spawn} from '@lydell/node-pty';
import {Terminal} from '@xterm/headless';
import {onTestFinished} from 'vitest';
import {cellsOf} from '../ui/support/headlessTerminal.ts';

/**
 * A program in a real pseudo-terminal, and a terminal emulator that shows what a person would see. Waiting is driven
 * by what the program writes: nothing here sleeps.
 */
export type TerminalSession = {
	readonly pid: number;
	/** The program's end of the line, for somebody who opens it as well. */
	readonly ttyPath: string;
	/** The screen's lines, blanks at their ends cut. */
	screen(): readonly string[];
	/** Each cell as its character with the colours and attributes that it is shown with. */
	cells(): readonly (readonly string[])[];
	/** Lines that are in reverse at this column, as what is selected is where there are no colours. */
	reversed(column: number): readonly string[];
	/** True while the program shows its own screen instead of the shell's. */
	isAlternate(): boolean;
	/** True when the terminal would show its cursor. */
	isCursorVisible(): boolean;
	/** True when the terminal would report the mouse. */
	isMouseOn(): boolean;
	/** What is not as a terminal is when it is given to a program: modes of the emulator, and of the line. */
	leftOver(): readonly string[];
	/**
	 * Waits until the screen holds a text, matches, or satisfies.
	 *
	 * @throws with the screen as it stands when that has not happened within the deadline, or the program has ended
	 */
	waitFor(wanted: string | RegExp | ((screen: readonly string[]) => boolean), deadlineMs?: number): Promise<void>;
	/** Types: characters as they are, or what a key sends, as '\u001b[A' for the up arrow. */
	press(keys: string): void;
	resize(columns: number, rows: number): void;
	kill(signal: NodeJS.Signals): void;
	/** How the program ended. */
	readonly ended: Promise<{readonly exitCode: number; readonly signal: number | undefined}>;
	/** Bytes that the program has written so far. */
	bytesWritten(): number;
	/** What it has written, as it was sent. */
	output(): string;
};

type TerminalOptions = {
	readonly columns?: number;
	readonly rows?: number;
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
};

/** Ends what hangs, with the screen as it stands; shorter than what a whole test may take. */
const usualDeadlineMs = 300_000;

/** Starts a program in a terminal; it is killed when the test is over. */
export function openTerminal(
	[file = '', ...args]: readonly string[],
	{columns = 120, rows = 40, env = {}, cwd = process.cwd()}: TerminalOptions = {},
): TerminalSession {
	const emulator = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
	const pty = spawn(file, [...args], {
		cols: columns,
		rows,
		cwd,
		// This becomes TERM, whatever the environment says.
		name: env.TERM ?? 'xterm-256color',
		// Not what the person who runs the tests has configured.
		env: {...process.env, COLORTERM: 'truecolor', LANG: 'C.UTF-8', XDG_CONFIG_HOME: '/nonexistent', ...env},
	});
	// When a program ends, the terminal's last writer is gone and unread output may go with it; so we are one too.
	const {ptsName} = pty as IPty & {readonly ptsName: string};
	const otherEnd = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
	const watchers = new Set<() => void>();
	let bytes = 0;
	let output = '';
	let hasEnded = false;
	let isCursorVisible = true;
	emulator.parser.registerCsiHandler({prefix: '?', final: 'h'}, ([mode]) => {
		isCursorVisible ||= mode === 25;
		return false;
	});
	emulator.parser.registerCsiHandler({prefix: '?', final: 'l'}, ([mode]) => {
		isCursorVisible &&= mode !== 25;
		return false;
	});
	// Programs ask terminals what they are; an emulator answers through the keyboard.
	emulator.onData(answer => pty.write(answer));
	pty.onData(text => {
		bytes += Buffer.byteLength(text);
		output += text;
		emulator.write(text, () => {
			for (const look of watchers) {
				look();
			}
		});
	});

	const ended = new Promise<{exitCode: number; signal: number | undefined}>(resolve => {
		pty.onExit(({exitCode, signal}) => {
			// What it wrote last is still on its way through the emulator.
			emulator.write('', () => {
				closeSync(otherEnd);
				hasEnded = true;
				resolve({exitCode, signal});
				for (const look of watchers) {
					look();
				}
			});
		});
	});

	const screen = (): readonly string[] => {
		const buffer = emulator.buffer.active;
		return Array.from(
			{length: emulator.rows},
			(_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '',
		);
	};

	const session: TerminalSession = {
		pid: pty.pid,
		ttyPath: ptsName,
		screen,
		cells: () => cellsOf(emulator),
		reversed(column) {
			const buffer = emulator.buffer.active;
			return screen().filter((_, row) =>
				buffer
					.getLine(buffer.baseY + row)
					?.getCell(column)
					?.isInverse(),
			);
		},
		isAlternate: () => emulator.buffer.active.type === 'alternate',
		isCursorVisible: () => isCursorVisible,
		isMouseOn: () => emulator.modes.mouseTrackingMode !== 'none',
		leftOver() {
			const {modes} = emulator;
			// The line's modes by a program that reads them: Node sets them only.
			const line = execFileSync('stty', ['-a', '-F', ptsName], {encoding: 'utf8'}).split(/[\s;]+/);
			return Object.entries({
				'alternate screen': session.isAlternate(),
				'no cursor': !isCursorVisible,
				mouse: modes.mouseTrackingMode !== 'none',
				'marked pastes': modes.bracketedPasteMode,
				'no wrapping': !modes.wraparoundMode,
				'held frame': modes.synchronizedOutputMode,
				focus: modes.sendFocusMode,
				'keys of applications': modes.applicationCursorKeysMode || modes.applicationKeypadMode,
				'raw line': line.some(mode => ['-icanon', '-echo', '-isig', '-opost', '-icrnl'].includes(mode)),
			}).flatMap(([name, isLeft]) => (isLeft ? [name] : []));
		},
		async waitFor(wanted, deadlineMs = usualDeadlineMs) {
			const isThere = predicate(wanted);
			await new Promise<void>((resolve, reject) => {
				const give = (reason: string): void => {
					stop();
					reject(new Error(`${reason} while waiting for ${String(wanted)}; the screen shows:\n${screen().join('\n')}`));
				};
				const look = (): void => {
					// A terminal shows a frame when all of it has come, and so does this one.
					if (emulator.modes.synchronizedOutputMode && !hasEnded) return;

					if (isThere(screen())) {
						stop();
						resolve();
					} else if (hasEnded) {
						give('the program ended');
					}
				};
				const deadline = setTimeout(() => give(`${deadlineMs} ms passed`), deadlineMs);
				const stop = (): void => {
					clearTimeout(deadline);
					watchers.delete(look);
				};
				watchers.add(look);
				look();
			});
		},
		press: keys => pty.write(keys),
		resize(newColumns, newRows) {
			emulator.resize(newColumns, newRows);
			pty.resize(newColumns, newRows);
		},
		kill(signal) {
			if (!hasEnded) {
				pty.kill(signal);
			}
		},
		ended,
		bytesWritten: () => bytes,
		output: () => output,
	};
	onTestFinished(async () => {
		session.kill('SIGKILL');
		await ended;
		emulator.dispose();
	});
	return session;
}

function predicate(
	wanted: string | RegExp | ((screen: readonly string[]) => boolean),
): (screen: readonly string[]) => boolean {
	if (typeof wanted === 'function') return wanted;

	return screen => {
		const text = screen.join('\n');
		return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
	};
}
