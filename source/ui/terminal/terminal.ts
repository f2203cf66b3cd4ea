/**
 * The terminal as a device: raw mode, alternate screen, cursor, size, bytes in and out, and giving it all back whole on
 * every way out of the process.
 */

import {writeSync} from 'node:fs';
import type {ReadStream, WriteStream} from 'node:tty';
import {endingBy} from './signals.ts';

/** Standard output when it is a terminal: a stream with its file descriptor. */
export type TerminalOutput = WriteStream & {readonly fd: number};

const enter = [
	'\u001B[?1049h', // alternate screen
	'\u001B[?25l', // no cursor
	'\u001B[?7l', // no wrapping at the last column
	'\u001B[?2004h', // pasted text is marked
].join('');

/** Clicks and the wheel are reported, and in decimal numbers. With shift held terminals select text as ever. */
const enterMouse = '\u001B[?1000h\u001B[?1006h';
const leaveMouse = '\u001B[?1006l\u001B[?1000l';

const leave = [
	'\u001B[?2026l', // a frame may have been cut off in its middle
	'\u001B[0m',
	leaveMouse,
	'\u001B[?2004l',
	'\u001B[?7h',
	'\u001B[?25h',
	'\u001B[?1049l',
].join('');

/** Longest time that a line may take for the last bytes before it is given up. */
const longestDrainMs = 300;

type TerminalEvents = {
	/** It is ours again after others had it: everything has to be drawn again. */
	readonly onReturn: () => void;
	readonly onInput: (text: string) => void;
	readonly onResize: () => void;
	/** The other end is gone: nothing can be drawn or typed any more. */
	readonly onHangup: () => void;
};

type Terminal = {
	size(): {columns: number; rows: number};
	/** `done` is called when the bytes have left this process. */
	write(bytes: string, done: () => void): void;
	/** Gives the terminal to the shell, as on Ctrl-Z, and takes it back when the shell lets us go on. */
	suspend(): void;
	/** Gives the terminal back. Does so once; what is written later is dropped. */
	close(): void;
};

// Node opens a terminal for blocking writes, so that a slow line would stop everything else. Node's own switch for it
// is not public; without it nothing breaks, the monitor only feels the line.
function setBlocking(stream: TerminalOutput, isBlocking: boolean): void {
	const {_handle: handle} = stream as unknown as {_handle?: {setBlocking?: (blocking: boolean) => number}};
	handle?.setBlocking?.(isBlocking);
}

/** Writes now, whatever is queued, for an exit that does not wait. @returns false when the terminal is gone */
function writeNow(stream: TerminalOutput, bytes: string): boolean {
	const buffer = Buffer.from(bytes);
	const giveUp = Date.now() + longestDrainMs;
	let at = 0;
	while (at < buffer.length && Date.now() < giveUp) {
		try {
			at += writeSync(stream.fd, buffer, at);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false;
		}
	}
	return true;
}

type TerminalOptions = {
	readonly stdin: ReadStream;
	readonly stdout: TerminalOutput;
	/** Whether the terminal reports the mouse. */
	readonly mouse: boolean;
};

/** It is ours from its making to `close`. */
class OpenTerminal implements Terminal {
	readonly #stdin: ReadStream;
	readonly #stdout: TerminalOutput;
	readonly #mouse: boolean;
	readonly #events: TerminalEvents;
	#isOpen = true;

	constructor({stdin, stdout, mouse}: TerminalOptions, events: TerminalEvents) {
		this.#stdin = stdin;
		this.#stdout = stdout;
		this.#mouse = mouse;
		this.#events = events;
		stdin.setEncoding('utf8');
		stdin.on('data', this.#onData);
		stdin.on('end', this.#onEnd);
		// These two stay for good: a late EIO of a terminal that hung up must not become a crash after we have closed.
		stdin.on('error', this.#onEnd);
		stdout.on('error', this.#onEnd);
		stdout.on('resize', events.onResize);
		process.on('SIGTSTP', this.suspend);
		process.on('SIGCONT', this.#onContinue);
		process.on('exit', this.close);
		// Before Node prints the exception, so that it lands on the screen of the shell.
		process.on('uncaughtExceptionMonitor', this.close);
		this.#take();
		stdin.resume();
	}

	size(): {columns: number; rows: number} {
		return {columns: this.#stdout.columns || 80, rows: this.#stdout.rows || 24};
	}

	readonly write = (bytes: string, done: () => void): void => {
		if (this.#isOpen) this.#stdout.write(bytes, () => done());
	};

	readonly suspend = (): void => {
		this.#giveBack();
		// The whole job, as the terminal's own Ctrl-Z would: npm, or a shell that waits for us. Where there is no shell
		// that could let us go on, the kernel drops this signal, and we go on.
		process.off('SIGTSTP', this.suspend);
		process.kill(0, 'SIGTSTP');
		process.on('SIGTSTP', this.suspend);
		this.#onContinue();
	};

	readonly close = (): void => {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		this.#giveBack();
		setBlocking(this.#stdout, true);
		this.#stdin.off('data', this.#onData);
		this.#stdin.off('end', this.#onEnd);
		this.#stdin.pause();
		this.#stdin.unref();
		this.#stdout.off('resize', this.#events.onResize);
		process.off('SIGTSTP', this.suspend);
		process.off('SIGCONT', this.#onContinue);
		process.off('exit', this.close);
		process.off('uncaughtExceptionMonitor', this.close);
	};

	readonly #onContinue = (): void => {
		this.#take();
		this.#events.onReturn();
	};

	readonly #onData = (text: string | Buffer): void => this.#events.onInput(String(text));

	readonly #onEnd = (): void => {
		if (this.#isOpen) this.#events.onHangup();
	};

	#take(): void {
		setBlocking(this.#stdout, false);
		// Node sets a mode only if it is another one than it set last, and a shell may have set others since.
		this.#stdin.setRawMode(false);
		this.#stdin.setRawMode(true);
		this.#stdout.write(this.#mouse ? enter + enterMouse : enter);
	}

	#giveBack(): void {
		try {
			this.#stdin.setRawMode(false);
		} catch {
			// The terminal is gone; there is nobody to give it to.
		}
		if (writeNow(this.#stdout, leave)) return;
		// Node restores the modes of the terminal it was started on when it exits, and aborts (with a core dump) when
		// that terminal is gone. The signal that says so ends the process before.
		endingBy('SIGHUP');
	}
}

/**
 * Takes the terminal. From here to `close` it is ours; it is given back by itself when the process exits or is about to
 * die of an exception.
 */
export const openTerminal = (options: TerminalOptions, events: TerminalEvents): Terminal =>
	new OpenTerminal(options, events);
