/** A machine that is on its way back in time: how far it is, and how long that still takes. */
import type {Clock} from '../../formats/debugfs/lab/clock.ts';

export type Rewinding = {
	/** Virtual times: where it has come to, and where it goes at most. */
	readonly atNs: number;
	readonly toNs: number;
	/** Where it was when it was first seen, and the wall time of that. */
	readonly fromNs: number;
	readonly sinceMs: number;
	/** Wall time that is left, at the pace so far; undefined while there is none. */
	readonly leftMs: number | undefined;
};

/** @param nowMs wall time of the sample that the clock is of */
export function rewindingAfter(
	before: Rewinding | undefined,
	clock: Clock | undefined,
	nowMs: number,
): Rewinding | undefined {
	if (clock?.state !== 'rewinding') return undefined;
	const atNs = clock.rewoundNs ?? 0;
	const toNs = clock.rewindToNs ?? clock.timeNs;
	// Another goal, or another machine that goes there.
	const isSame = before?.toNs === toNs && atNs >= before.atNs;
	const {fromNs, sinceMs} = isSame ? before : {fromNs: atNs, sinceMs: nowMs};
	const passedMs = nowMs - sinceMs;
	const leftMs = atNs > fromNs && passedMs > 0 ? (passedMs * Math.max(0, toNs - atNs)) / (atNs - fromNs) : undefined;
	return {atNs, toNs, fromNs, sinceMs, leftMs};
}
