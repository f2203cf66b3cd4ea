import {type Sample, type SampleRequest, TargetError} from './target.ts';

/**
 * A sample is printed in slices, and whoever else waits is served between two of them. What a monitor usually asks for
 * is one slice.
 */
const sliceMs = 20;
const sliceBytes = 1024 * 1024;
const sliceFiles = 64;

/**
 * Prints until the sample is there or the slice is used up. @returns the sample, or undefined when there is more to
 * print
 */
export function printSlice(printing: Generator<number, Sample>, nowMs: () => number): Sample | undefined {
	const startMs = nowMs();
	let bytes = 0;
	for (let files = 0; files < sliceFiles && bytes < sliceBytes && nowMs() - startMs < sliceMs; files++) {
		const step = printing.next();
		if (step.done) return step.value;

		bytes += step.value;
	}

	return undefined;
}

/**
 * Prints a sample in slices.
 *
 * @throws TargetError EFBIG past the limit in time, ECANCELED when the answer is no longer wanted
 */
export async function printInSlices(
	printing: Generator<number, Sample>,
	{limits, signal}: Pick<SampleRequest, 'limits' | 'signal'>,
	nowMs: () => number,
): Promise<Sample> {
	let spentMs = 0;
	for (;;) {
		const startMs = nowMs();
		const sample = printSlice(printing, nowMs);
		if (sample !== undefined) return sample;

		spentMs += nowMs() - startMs;
		if (limits !== undefined && spentMs > limits.ms) {
			throw new TargetError('EFBIG', `one sample may take ${limits.ms} ms to print; ask for fewer files`);
		}

		await new Promise(resolve => setImmediate(resolve));
		if (signal?.aborted) throw new TargetError('ECANCELED', 'the sample is no longer wanted');
	}
}
