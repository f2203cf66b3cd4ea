/**
 * The line to the terminal, whose speed nobody tells. What this process has written may wait for seconds in the kernel,
 * in SSH and on the way, and what a key does would come behind all of it. So the terminal is asked behind a frame whether
 * it is well (DSR): it answers when it has taken the frame. How long that takes says how fast the line is.
 *
 * - The next frame waits for the answer: at most one is queued anywhere.
 * - On a slow line a frame goes out in pieces that each take a moment only, one when the last should have left. What a
 *   person waits for goes out between two pieces.
 *
 * A fast line is asked once a second. Of a terminal that does not answer one knows only what the kernel says: that it
 * took the bytes.
 */

import type {Sink} from './screen.ts';

export type LineOptions = {
	/** @param taken is called when the kernel has the bytes */
	readonly write: (bytes: string, taken: () => void) => void;
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	/** Calls once, after a time in milliseconds. */
	readonly after: (ms: number, call: () => void) => void;
};

export type Line = {
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
/** A fast line is asked anew after this time. */
const askEveryMs = 1000;
/** A terminal that has not answered the first question for so long has no answer. */
const muteMs = 1000;
/** One that has answered before has been lost for a while. A frame of a large terminal takes seconds on a slow line. */
const lostMs = 10_000;
/** A frame of fewer bytes says little about the speed. */
const telling = 500;
/** A frame is sent in one piece after this time, to learn the speed anew. */
const learnEveryMs = 30_000;
/** How long a piece may take to leave. */
const pieceMs = 8;
/** A little more than a piece should take: the speed is an estimate. */
const spare = 1.2;

type Asked = {
	readonly sentMs: number;
	readonly length: number;
	readonly done: () => void;
	readonly drained: () => void;
};

type Known = {readonly length: number; readonly ms: number};

/** Milliseconds a byte, from two frames of different length; undefined when one cannot tell. */
function speedOf(short: Known | undefined, long: Known | undefined): number | undefined {
	if (!short || !long || long.length <= short.length) return undefined;
	return Math.max(0, long.ms - short.ms) / (long.length - short.length);
}

const nothing = (): void => {};

/** Its methods are handed on by themselves: they know whose they are. */
class AskedLine implements Line {
	readonly #options: LineOptions;
	/** Questions on their way, oldest first. */
	#asked: Asked[] = [];
	#askedMs = 0;
	#isMute = false;
	#isHushed = false;
	/** The frame that was answered soonest, and the last one that is long enough to tell the speed. */
	#soonest: Known | undefined;
	#longest: Known | undefined;
	#longestMs = 0;
	/** What the last answer took. */
	#lastMs = Number.POSITIVE_INFINITY;
	#waiters: (() => void)[] = [];

	constructor(options: LineOptions) {
		this.#options = options;
		// Before the first frame: how long the way is, and whether there is an answer at all.
		this.#ask('', nothing, nothing, muteMs);
	}

	readonly sink: Line['sink'] = (bytes, done, more) => {
		const {write, nowMs, after} = this.#options;
		const drained = more?.drained ?? nothing;
		const ms = more?.isPart ? this.#leavingMs(bytes.length) : undefined;
		if (ms !== undefined) {
			write(bytes, nothing);
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
		const ms = this.#leavingMs(1);
		const isLearning = this.#options.nowMs() - this.#longestMs > learnEveryMs;
		const isWhole = this.#isSilent() || isLearning || this.#lastMs <= fastMs || !ms;
		return isWhole ? Number.POSITIVE_INFINITY : pieceMs / ms;
	};

	readonly answered = (): void => {
		const each = this.#asked.shift();
		this.#isMute = false;
		if (!each) return;
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

	/** Milliseconds until bytes that are sent now have left; undefined while one cannot tell. */
	#leavingMs(length: number): number | undefined {
		const speed = speedOf(this.#soonest, this.#longest);
		return speed === undefined ? undefined : length * speed;
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
		for (const {drained, done} of given) {
			drained();
			done();
		}
		this.#settle();
	}

	#ask(bytes: string, done: () => void, drained: () => void, patienceMs: number): void {
		const {write, nowMs, after} = this.#options;
		const each: Asked = {sentMs: nowMs(), length: bytes.length, done, drained};
		this.#asked.push(each);
		this.#askedMs = each.sentMs;
		write(bytes + question, () => {
			const ms = this.#leavingMs(each.length);
			if (ms !== undefined) after(each.sentMs + ms - nowMs(), drained);
		});
		after(patienceMs, () => {
			if (this.#asked.includes(each)) this.#giveUp();
		});
	}

	#learn({sentMs, length}: Asked): void {
		const {nowMs} = this.#options;
		this.#lastMs = nowMs() - sentMs;
		const known = {length, ms: this.#lastMs};
		if (!this.#soonest || this.#lastMs <= this.#soonest.ms) this.#soonest = known;
		if (length >= telling) {
			this.#longest = known;
			this.#longestMs = nowMs();
		}
	}
}

export const createLine = (options: LineOptions): Line => new AskedLine(options);
