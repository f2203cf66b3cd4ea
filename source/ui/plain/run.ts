import {performance} from 'node:perf_hooks';
import type {ReadStream} from 'node:tty';
import type {Target} from '../../target/target.ts';
import {createKeyboard} from '../terminal/keyboard.ts';
import {endingBy, onEndSignal} from '../terminal/signals.ts';
import {startPlain} from './plain.ts';

type PlainRun = {
	readonly target: Target;
	/** Keys are read from it if it is a terminal. */
	readonly stdin: NodeJS.ReadStream;
	/** Need not be a terminal: a speech synthesizer's pipe will do. */
	readonly stdout: NodeJS.WriteStream;
	/** Samples a second at most. */
	readonly refresh: number;
};

/**
 * Tells what happens until somebody leaves. Does not close the target.
 *
 * @returns the exit code: 0 for a key, 128 + its number for a signal, of which the process then dies; a terminal that
 * hung
 *   up is SIGHUP
 * @throws what broke it, after the terminal was given back
 */
export const runPlain = ({target, stdin, stdout, refresh}: PlainRun): Promise<number> =>
	new Promise((resolve, reject) => {
		const terminal = stdin.isTTY ? (stdin as ReadStream) : undefined;
		let isOver = false;

		const end = (settle: () => void): void => {
			// A terminal that is gone says so once more when its mode is set.
			if (isOver) return;
			isOver = true;
			plain.stop();
			keyboard.stop();
			forget();
			process.off('SIGTSTP', suspend);
			process.off('SIGCONT', takeKeys);
			terminal?.setRawMode(false);
			terminal?.off('data', onData);
			terminal?.off('end', onEnd);
			terminal?.pause();
			terminal?.unref();
			settle();
		};
		const leave = (code: number): void => end(() => resolve(code));

		const takeKeys = (): void => {
			// Node sets a mode only if it is another one than it set last, and a shell may have set others since.
			terminal?.setRawMode(false);
			terminal?.setRawMode(true);
		};

		const suspend = (): void => {
			terminal?.setRawMode(false);
			process.off('SIGTSTP', suspend);
			process.kill(0, 'SIGTSTP');
			process.on('SIGTSTP', suspend);
			takeKeys();
		};

		const plain = startPlain({
			target,
			refresh,
			write: (text, taken) => void stdout.write(text, () => taken()),
			nowMs: () => performance.now(),
			onQuit: () => leave(0),
			onSuspend: suspend,
			onCrash: error => end(() => reject(error)),
		});
		const keyboard = createKeyboard(input => {
			if (input.kind === 'key') {
				plain.press(input.key);
			} else if (input.kind === 'paste') {
				plain.paste(input.text);
			}
		});
		const forget = onEndSignal(leave);

		const onData = (text: string | Buffer): void => keyboard.push(String(text));
		const onEnd = (): void => leave(endingBy('SIGHUP'));
		process.on('SIGTSTP', suspend);
		process.on('SIGCONT', takeKeys);
		takeKeys();
		terminal?.setEncoding('utf8');
		terminal?.on('data', onData);
		terminal?.on('end', onEnd);
		terminal?.on('error', onEnd);
		terminal?.resume();
	});
