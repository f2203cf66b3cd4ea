/** A slow line to a terminal, on a clock of its own: bytes leave one after the other, and both ways take their time. */

type VirtualClock = {
	nowMs(): number;
	after(ms: number, call: () => void): void;
	/** Lets time pass, and everything happen that falls into it. */
	runUntil(ms: number): void;
	/** Lets time pass in which this program does not run: what falls into it happens late, one after the other. */
	stall(ms: number): void;
};

export function createVirtualClock(): VirtualClock {
	let now = 0;
	let order = 0;
	const due: {atMs: number; order: number; call: () => void}[] = [];
	return {
		nowMs: () => now,
		after(ms, call) {
			due.push({atMs: now + Math.max(0, ms), order: order++, call});
		},
		runUntil(ms) {
			for (;;) {
				due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
				if (due[0] === undefined || due[0].atMs > ms) break;
				const {atMs, call} = due.shift()!;
				now = Math.max(now, atMs);
				call();
			}
			now = Math.max(now, ms);
		},
		stall(ms) {
			now += ms;
		},
	};
}

type Timed = {readonly atMs: number; readonly bytes: string};

type VirtualLine = {
	/**
	 * The kernel takes whatever it is given, as if its buffer had no end: nothing but answers tells how the line stands.
	 */
	write(bytes: string, taken: () => void): void;
	/** What was written, and what arrived at the terminal, and when. */
	readonly sent: Timed[];
	readonly arrived: Timed[];
	/** The most writes that ever waited behind the one that was going out. */
	mostWaiting(): number;
	/** Share of the time so far in which bytes went out. */
	busyShare(): number;
};

export type LineShape = {
	readonly bytesPerMs: number;
	/** Of each way. */
	readonly delayMs: number;
	/** Does the terminal answer when it is asked? */
	readonly answers: () => boolean;
	readonly onAnswer: () => void;
	/** How long the terminal and we wait for a CPU before the answer is taken. */
	readonly waitMs?: () => number;
};

export function createVirtualLine(
	clock: VirtualClock,
	{bytesPerMs, delayMs, answers, onAnswer, waitMs = () => 0}: LineShape,
): VirtualLine {
	const sent: Timed[] = [];
	const arrived: Timed[] = [];
	/** When each write begins to go out. */
	const starts: number[] = [];
	let freeMs = 0;
	let busyMs = 0;
	let mostWaiting = 0;
	return {
		write(bytes, taken) {
			const startMs = Math.max(clock.nowMs(), freeMs);
			freeMs = startMs + bytes.length / bytesPerMs;
			busyMs += bytes.length / bytesPerMs;
			starts.push(startMs);
			sent.push({atMs: clock.nowMs(), bytes});
			mostWaiting = Math.max(mostWaiting, starts.filter(start => start > clock.nowMs()).length);
			clock.after(0, taken);
			clock.after(freeMs + delayMs - clock.nowMs(), () => {
				arrived.push({atMs: clock.nowMs(), bytes});
				if (answers() && bytes.includes('\u001B[5n')) {
					clock.after(delayMs + waitMs(), onAnswer);
				}
			});
		},
		sent,
		arrived,
		mostWaiting: () => mostWaiting,
		busyShare: () => busyMs / clock.nowMs(),
	};
}
