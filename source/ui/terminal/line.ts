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

import {createLineSpeed, tellingBytes} from './lineSpeed.ts';
import {type After, afterRunning} from './patience.ts';
import type {Sink} from './screen.ts';

export type LineOptions = {
	/** @param taken is called when the kernel has the bytes */
	readonly write: (bytes: string, taken: () => void) => void;
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	readonly after: After;
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
/** A frame is sent in one piece after this time, to learn the speed anew. */
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

const nothing = (): void => {};

export const createLine = ({write, nowMs, after}: LineOptions): Line => {
	/** Questions on their way, oldest first. */
	let asked: Asked[] = [];
	let askedMs = 0;
	let isMute = false;
	let isHushed = false;
	const speed = createLineSpeed();
	/** When a frame that tells the speed was last answered, and a piece last asked for. */
	let toldMs = 0;
	let probedMs = 0;
	/** What the last answer took. */
	let lastMs = Number.POSITIVE_INFINITY;
	let waiters: (() => void)[] = [];

	/** Milliseconds until bytes that are sent now have left; undefined while one cannot tell. */
	const leavingMs = (length: number): number | undefined => {
		const ms = speed.msPerByte();
		return ms === undefined ? undefined : length * ms;
	};

	const settle = (): void => {
		if (asked.length === 0) {
			const ready = waiters;
			waiters = [];
			for (const resolve of ready) {
				resolve();
			}
		}
	};

	const giveUp = (): void => {
		const given = asked;
		asked = [];
		isMute = true;
		for (const {drained, done, callOff} of given) {
			callOff();
			drained();
			done();
		}
		settle();
	};

	const ask = (bytes: string, done: () => void, drained: () => void, patienceMs: number): void => {
		const callOff = afterRunning(after, patienceMs, giveUp);
		const each: Asked = {sentMs: nowMs(), length: bytes.length, done, drained, callOff};
		asked.push(each);
		askedMs = each.sentMs;
		write(bytes + question, () => {
			const ms = leavingMs(each.length);
			if (ms !== undefined) {
				after(each.sentMs + ms - nowMs(), drained);
			}
		});
	};

	const learn = ({sentMs, length}: Asked): void => {
		lastMs = nowMs() - sentMs;
		speed.learn(length, lastMs);
		if (length >= tellingBytes) toldMs = nowMs();
	};

	const isProbing = (): boolean => nowMs() - probedMs > probeEveryMs;

	// Before the first frame: how long the way is, and whether there is an answer at all.
	ask('', nothing, nothing, muteMs);

	return {
		sink(bytes, done, more) {
			const drained = more?.drained ?? nothing;
			const ms = more?.isPart ? leavingMs(bytes.length) : undefined;
			if (ms !== undefined) {
				if (isProbing()) {
					probedMs = nowMs();
					ask(bytes, nothing, nothing, lostMs);
				} else {
					write(bytes, nothing);
				}
				after(ms, drained);
				after(ms * spare, done);
			} else if (isMute || isHushed || (lastMs <= fastMs && nowMs() - askedMs < askEveryMs)) {
				write(bytes, () => {
					drained();
					done();
				});
			} else {
				ask(bytes, done, drained, lostMs);
			}
		},
		mostBytes() {
			const isLearning = nowMs() - toldMs > learnEveryMs;
			const isWhole = isMute || isHushed || isLearning || !speed.isSlow();
			return isWhole ? Number.POSITIVE_INFINITY : (isProbing() ? probeMs : pieceMs) / speed.msPerByte()!;
		},
		answered() {
			const each = asked.shift();
			isMute = false;
			if (!each) {
				return;
			}
			each.callOff();
			learn(each);
			each.drained();
			each.done();
			settle();
		},
		hush() {
			isHushed = true;
			return new Promise(resolve => {
				waiters.push(resolve);
				settle();
			});
		},
		resume() {
			isHushed = false;
		},
	};
};
