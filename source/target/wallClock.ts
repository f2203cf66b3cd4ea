/** The outside's time, handed in so that tests own it. */
export type WallClock = {
	/** Milliseconds from some fixed point; never goes back. */
	nowMs(): number;
	/** Calls back once after at least `delayMs`, 0 meaning after waiting input was served. @returns cancels it */
	setTimer(callback: () => void, delayMs: number): () => void;
};

const longestTimerMs = 2 ** 31 - 1;

export const systemClock: WallClock = {
	nowMs: () => performance.now(),
	setTimer(callback, delayMs) {
		if (delayMs <= 0) {
			const immediate = setImmediate(callback);
			return () => clearImmediate(immediate);
		}

		const timer = setTimeout(callback, Math.min(Math.ceil(delayMs), longestTimerMs));
		return () => clearTimeout(timer);
	},
};
