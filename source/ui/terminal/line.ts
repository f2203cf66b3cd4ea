/**
 * The line to the terminal, whose speed is not known. What this process has written may wait for seconds in the kernel,
 * in SSH and on the way, and what a key does would wait behind it. So after each frame we send a status query (DSR).
 * The terminal answers when it has taken the frame; how long that takes says how fast the line is.
 *
 * - The next frame waits for the answer: at most one is queued anywhere.
 * - On a slow line a frame goes out in pieces that each take a moment only, one when the last should have left. What a
 *   person waits for goes out between two pieces.
 *
 * A fast line is asked once a second. Of a terminal that does not answer one knows only what the kernel says: that it
 * took the bytes.
 */

import {createLineSpeed, tellingBytes} from './lineSpeed.ts';
import {type After, afterRunning} from './patience.ts';
import type {Sink} from './screen.ts';

type LineOptions = {
	/** @param taken is called when the kernel has the bytes */
	readonly write: (bytes: string, taken: () => void) => void;
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	readonly after: After;
};

export type TerminalLine = {
	readonly sink: Sink;
	/** Bytes that the next piece may have, so that a key does not wait long behind it. */
	mostBytes(): number;
	/** The terminal has answered. */
	answered(): void;
	/** Asks no more. Resolves when no answer is on its way: a shell would take it for keys. */
	hush(): Promise<void>;
	/** Asks again, after `hush`. */
	resume(): void;
};

const question = '\u001B[5n';

/** A line that answers within this time is not felt. */
const fastMs = 30;
/** A fast line is asked again after this time. */
const askEveryMs = 1000;
/** A terminal that has not answered the first question for so long has no answer. */
const muteMs = 1000;
/** One that has answered before has been lost for a while. A frame of a large terminal takes seconds on a slow line. */
const lostMs = 10_000;
/** A frame is sent in one piece after this time, to learn the speed again. */
const learnEveryMs = 30_000;
/** How long a piece may take to leave. */
const pieceMs = 8;
/** Once in this time a piece is longer, and asked for: it comes soon if the line was wrongly taken for a slow one. */
const probeEveryMs = 1000;
const probeMs = 30;
/** A little more than a piece should take: the speed is an estimate. */
const spare = 1.2;

type Asked = {
	readonly sentMs: number;
	readonly length: number;
	readonly done: () => void;
	readonly drained: () => void;
	/** It is not waited for any longer. */
	readonly callOff: () => void;
};

function nothing(): void {}

/** Its methods are handed on by themselves: they know whose they are. */
class AskedLine implements TerminalLine {
	readonly #options: LineOptions;
	readonly #speed = createLineSpeed();
	/** Questions on their way, oldest first. */
	#asked: Asked[] = [];
	#askedMs = 0;
	#isMute = false;
	#isHushed = false;
	/** When a frame that tells the speed was last answered, and a piece last asked for. */
	#toldMs = 0;
	#probedMs = 0;
	/** What the last answer took. */
	#lastMs = Number.POSITIVE_INFINITY;
	#waiters: (() => void)[] = [];

	constructor(options: LineOptions) {
		this.#options = options;
		// Before the first frame: how long the way is, and whether there is an answer at all.
		this.#ask('', nothing, nothing, muteMs);
	}

	readonly sink: TerminalLine['sink'] = (bytes, done, more) => {
		const {write, nowMs, after} = this.#options;
		const drained = more?.drained ?? nothing;
		const ms = more?.isPart ? this.#leavingMs(bytes.length) : undefined;
		if (ms !== undefined) {
			if (this.#isProbing()) {
				this.#probedMs = nowMs();
				this.#ask(bytes, nothing, nothing, lostMs);
			} else {
				write(bytes, nothing);
			}
			after(ms, drained);
			after(ms * spare, done);
		} else if (this.#isSilent() || (this.#lastMs <= fastMs && nowMs() - this.#askedMs < askEveryMs)) {
			write(bytes, () => {
				drained();
				done();
			});
		} else {
			this.#ask(bytes, done, drained, lostMs);
		}
	};

	readonly mostBytes = (): number => {
		const isLearning = this.#options.nowMs() - this.#toldMs > learnEveryMs;
		const isWhole = this.#isSilent() || isLearning || !this.#speed.isSlow();
		return isWhole ? Number.POSITIVE_INFINITY : (this.#isProbing() ? probeMs : pieceMs) / this.#speed.msPerByte()!;
	};

	readonly answered = (): void => {
		const each = this.#asked.shift();
		this.#isMute = false;
		if (!each) return;
		each.callOff();
		this.#learn(each);
		each.drained();
		each.done();
		this.#settle();
	};

	readonly hush = (): Promise<void> => {
		this.#isHushed = true;
		return new Promise(resolve => {
			this.#waiters.push(resolve);
			this.#settle();
		});
	};

	readonly resume = (): void => {
		this.#isHushed = false;
	};

	/** Is nothing asked now? */
	#isSilent(): boolean {
		return this.#isMute || this.#isHushed;
	}

	#isProbing(): boolean {
		return this.#options.nowMs() - this.#probedMs > probeEveryMs;
	}

	/** Milliseconds until bytes that are sent now have left; undefined while one cannot tell. */
	#leavingMs(length: number): number | undefined {
		const ms = this.#speed.msPerByte();
		return ms === undefined ? undefined : length * ms;
	}

	#settle(): void {
		if (this.#asked.length > 0) return;
		const ready = this.#waiters;
		this.#waiters = [];
		for (const resolve of ready) resolve();
	}

	#giveUp(): void {
		const given = this.#asked;
		this.#asked = [];
		this.#isMute = true;
		for (const {drained, done, callOff} of given) {
			callOff();
			drained();
			done();
		}
		this.#settle();
	}

	#ask(bytes: string, done: () => void, drained: () => void, patienceMs: number): void {
		const {write, nowMs, after} = this.#options;
		const callOff = afterRunning(after, patienceMs, () => this.#giveUp());
		const each: Asked = {sentMs: nowMs(), length: bytes.length, done, drained, callOff};
		this.#asked.push(each);
		this.#askedMs = each.sentMs;
		write(bytes + question, () => {
			const ms = this.#leavingMs(each.length);
			if (ms !== undefined) after(each.sentMs + ms - nowMs(), drained);
		});
	}

	#learn({sentMs, length}: Asked): void {
		const {nowMs} = this.#options;
		this.#lastMs = nowMs() - sentMs;
		this.#speed.learn(length, this.#lastMs);
		if (length >= tellingBytes) this.#toldMs = nowMs();
	}
}

export const createLine = (options: LineOptions): TerminalLine => new AskedLine(options);
