import {performance} from 'node:perf_hooks';
import type {ReadStream} from 'node:tty';
import {type ClassDeskOptions, startClassDesk} from './classDesk.ts';
import {type DeskTargets, startDesk} from './desk.ts';
import type {Monitor} from './monitor.tsx';
import {type PairOptions, startPair} from './pair.ts';
import type {OwnFiles} from './state/ownFiles.ts';
import {createLine, type TerminalLine} from './terminal/line.ts';
import {afterRunning, wallAfter} from './terminal/patience.ts';
import {endingBy, onEndSignal} from './terminal/signals.ts';
import {openTerminal, type TerminalOutput} from './terminal/terminal.ts';
import {detectTheme, type Environment, type ThemeWish} from './terminal/theme.ts';

export type RunOptions = ThemeWish & {
	/** Whether the terminal reports the mouse. */
	readonly mouse: boolean;
	/** Samples a second at most. */
	readonly refresh: number;
};

type TerminalRun = {
	/** Files of this host, to be run or loaded. */
	readonly own?: OwnFiles | undefined;
	/** Both have to be terminals. */
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	readonly env: Environment;
	readonly options: RunOptions;
};

/** What runs on a terminal. */
type Running = Pick<Monitor, 'receive' | 'resize' | 'stop'>;

/** What it is given. */
type Terminals = Omit<PairOptions, 'targets'>;

/** How long a terminal that is to be given away may take to answer what it was asked. */
const lastAnswerMs = 2000;

/** Runs the monitor on a terminal until somebody leaves it. Does not close the target. See `runOn`. */
export const runMonitor = ({target, rest, open, ...run}: TerminalRun & DeskTargets): Promise<number> =>
	runOn(run, options => startDesk({...options, target, ...(open && {open}), ...(rest && {rest})}));

/** Runs two monitors on a terminal, to which keys go alike. Does not close the targets. See `runOn`. */
export const runPair = ({targets, ...run}: TerminalRun & Pick<PairOptions, 'targets'>): Promise<number> =>
	runOn(run, options => startPair({...options, targets}));

/** Runs the wall of a class, or a monitor that leads to it, on a terminal. Does not close the target. See `runOn`. */
export const runClass = ({classroom, target, ...run}: TerminalRun & Pick<ClassDeskOptions, 'classroom' | 'target'>) =>
	runOn(run, options => startClassDesk({...options, classroom, target}));

/**
 *
 * @returns the exit code: 0 for a key, 128 + its number for a signal, of which the process then dies; a terminal that
 * hung
 *   up is SIGHUP
 * @throws what broke the monitor, after the terminal was given back
 */
const runOn = (
	{stdin, stdout, env, own, options}: TerminalRun,
	start: (terminal: Terminals) => Running,
): Promise<number> =>
	new Promise((resolve, reject) => {
		let monitor: Running | undefined;
		let line: TerminalLine | undefined;
		let isOver = false;

		const end = (settle: () => void): void => {
			if (isOver) return;
			isOver = true;
			// Not before this signal's other listeners have run: Ink's would end the process if it were the only one.
			setImmediate(forget);
			monitor?.stop();
			terminal.close();
			settle();
		};
		const leave = (code: number): void => end(() => resolve(code));
		const crash = (error: unknown): void => end(() => reject(error));

		/** Calls when the terminal has nothing more to say that a shell would take for keys. */
		const whenSilent = (call: () => void): void => {
			const answered = line?.hush() ?? Promise.resolve();
			const passed = new Promise<void>(resolvePassed => afterRunning(wallAfter, lastAnswerMs, resolvePassed));
			void Promise.race([answered, passed]).then(call);
		};

		const resize = (): void => {
			const {columns, rows} = terminal.size();
			monitor?.resize(columns, rows);
		};

		const terminal = openTerminal(
			{stdin: stdin as ReadStream, stdout: stdout as TerminalOutput, mouse: options.mouse},
			{
				onInput: text => monitor?.receive(text),
				onResize: resize,
				onReturn() {
					line?.resume();
					resize();
				},
				onHangup: () => leave(endingBy('SIGHUP')),
			},
		);

		const forget = onEndSignal(leave);

		try {
			const {columns, rows} = terminal.size();
			const theme = detectTheme(env, options);
			const nowMs = () => performance.now();
			line = createLine({write: terminal.write, nowMs, after: wallAfter});
			monitor = start({
				theme,
				sink: line.sink,
				mostBytes: line.mostBytes,
				columns,
				rows,
				nowMs,
				refresh: options.refresh,
				own,
				onQuit: () => whenSilent(() => leave(0)),
				onSuspend: () => whenSilent(() => terminal.suspend()),
				onAnswer: () => line?.answered(),
				onCrash: crash,
			});
		} catch (error) {
			crash(error);
		}
	});
