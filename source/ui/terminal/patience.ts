/** Waiting for others, in the time that this program has itself. */

/** Calls once, after a time in milliseconds. */
export type After = (ms: number, call: () => void) => void;

/** In how many steps the time is counted. */
const steps = 10;

export const wallAfter: After = (ms, call) => {
	setTimeout(call, ms).unref();
};

/**
 * Calls after a time in which this program ran. One that was stopped, or that others kept from the CPU, has not read
 * what it waits for: so time is counted in steps, none of which is more than one however late it comes, and what has
 * arrived by the last one is read before.
 *
 * @returns calls it off
 */
export function afterRunning(after: After, ms: number, call: () => void): () => void {
	let left = steps;
	let isOff = false;
	const step = (): void => {
		if (isOff) return;
		if (left === 0) return call();
		left--;
		after(left === 0 ? 0 : ms / steps, step);
	};
	after(ms / steps, step);
	return () => {
		isOff = true;
	};
}
