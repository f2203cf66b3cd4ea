import {performance} from 'node:perf_hooks';
import type {ReadStream} from 'node:tty';
import type {Target} from '../target/target.ts';
import {createKeyDecoder} from './input.ts';
import {type Monitor, startMonitor} from './monitor.tsx';
import {createScreen} from './screen.ts';
import {openTerminal, type TerminalOutput} from './terminal.ts';
import {detectTheme, type Environment, type ThemeWish} from './theme.ts';

export type RunOptions = ThemeWish;

export type MonitorRun = {
	readonly target: Target;
	/** Both have to be terminals. */
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	readonly env: Environment;
	readonly options: RunOptions;
};

/** An escape that nothing follows for this long was the escape key. A slow line may tear a sequence this far. */
const escapeMs = 60;

const signals = {SIGTERM: 143, SIGHUP: 129, SIGINT: 130} as const;

/**
 * Runs the monitor on a terminal until somebody leaves it. Does not close the target.
 *
 * @returns the exit code: 0 for a key, 128 + its number for a signal, 129 when the terminal hung up
 * @throws what broke the monitor, after the terminal was given back
 */
export const runMonitor = ({target, stdin, stdout, env, options}: MonitorRun): Promise<number> =>
	new Promise((resolve, reject) => {
		const decoder = createKeyDecoder();
		let escapeTimer: NodeJS.Timeout | undefined;
		let monitor: Monitor | undefined;
		let isOver = false;

		const end = (settle: () => void): void => {
			if (isOver) {
				return;
			}
			isOver = true;
			clearTimeout(escapeTimer);
			// Not before this signal's other listeners have run: Ink's would end the process if it were the only one.
			setImmediate(() => {
				for (const [signal, handler] of handlers) {
					process.off(signal, handler);
				}
			});
			monitor?.stop();
			terminal.close();
			settle();
		};
		const leave = (code: number): void => end(() => resolve(code));
		const crash = (error: unknown): void => end(() => reject(error));

		const handlers = Object.entries(signals).map(
			([signal, code]) => [signal as NodeJS.Signals, () => leave(code)] as const,
		);

		const press = (keys: readonly string[]): void => {
			for (const key of keys) {
				monitor?.press(key);
			}
		};

		const terminal = openTerminal(stdin as ReadStream, stdout as TerminalOutput, {
			onInput(text) {
				clearTimeout(escapeTimer);
				press(decoder.push(text));
				if (decoder.isPending) {
					escapeTimer = setTimeout(() => press(decoder.flush()), escapeMs);
				}
			},
			onResize() {
				const {columns, rows} = terminal.size();
				monitor?.resize(columns, rows);
			},
			onHangup: () => leave(signals.SIGHUP),
		});

		for (const [signal, handler] of handlers) {
			process.on(signal, handler);
		}

		try {
			const {columns, rows} = terminal.size();
			const theme = detectTheme(env, options);
			monitor = startMonitor({
				target,
				theme,
				screen: createScreen((bytes, done) => terminal.write(bytes, done), theme, columns, rows),
				columns,
				rows,
				nowMs: () => performance.now(),
				onQuit: () => leave(0),
				onSuspend: () => terminal.suspend(() => monitor?.redraw()),
				onCrash: crash,
			});
		} catch (error) {
			crash(error);
		}
	});
