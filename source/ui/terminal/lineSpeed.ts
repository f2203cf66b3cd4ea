/**
 * How fast a line is, from how long frames took to be answered. A slow line adds to every frame what its bytes take to
 * leave; a CPU that others use adds to some frames what nobody foresees, and takes nothing away. So the frame that says
 * least is right: a line is slow when none of the last frames came sooner than a slow line lets it.
 */

type LineSpeed = {
	/** A frame of so many bytes was answered after so long. */
	learn(length: number, ms: number): void;
	/** Milliseconds that a byte takes to leave; undefined while one cannot tell. */
	msPerByte(): number | undefined;
	isSlow(): boolean;
};

/** A frame of fewer bytes says little about the speed. */
export const tellingBytes = 500;
/** A usual frame leaves a line within 30 ms, which is not felt, if a byte takes no longer. */
const slowMsPerByte = 0.02;
/** So many frames have to say that a line is slow … */
const leastFrames = 5;
/** … and all of the last ones, if there are more. */
const mostFrames = 32;
/** How many tell the speed of a slow line. */
const lastFrames = 3;

export function createLineSpeed(): LineSpeed {
	/** What each of the last frames says, oldest first: never less than the truth. */
	let said: number[] = [];
	/** The frame that was answered soonest. */
	let soonest: {readonly length: number; readonly ms: number} | undefined;

	const isSlow = (): boolean => said.length >= leastFrames && Math.min(...said) > slowMsPerByte;

	// Of a slow line only the last frames count: it may have become slower.
	const msPerByte = (): number | undefined =>
		said.length === 0 ? undefined : Math.min(...(isSlow() ? said.slice(-lastFrames) : said));

	const sayOf = (length: number, ms: number): number | undefined => {
		if (length === 0) return undefined;
		const isBeyond = soonest !== undefined && length > soonest.length && ms > soonest.ms;
		if (isBeyond && length >= tellingBytes) return (ms - soonest!.ms) / (length - soonest!.length);
		// The way there and back is in it too: it can only say that the line is faster than it was taken for.
		const most = ms / length;
		return most < (msPerByte() ?? slowMsPerByte) ? most : undefined;
	};

	return {
		learn(length, ms) {
			const each = sayOf(length, ms);
			if (each !== undefined) said = [...said, each].slice(-mostFrames);
			if (!soonest || ms <= soonest.ms) soonest = {length, ms};
		},
		msPerByte,
		isSlow,
	};
}
