import {isBinaryPath} from './path.ts';
import {type Sample, type Target, TargetError} from './target.ts';

/**
 * As many files as one likes: in one sample where the target gives them so, else in several, the small files together.
 *
 * @returns the samples; when the machine ran in between, they are of several instants
 * @throws TargetError as `sample` does
 */
export async function sampleAll(target: Target, paths: readonly string[]): Promise<readonly Sample[]> {
	try {
		return [await target.sample({paths})];
	} catch (error) {
		if (!(error instanceof TargetError && error.code === 'EFBIG' && paths.length > 1)) throw error;
	}

	const samples: Sample[] = [];
	for (const part of twoParts(paths)) {
		samples.push(...(await sampleAll(target, part)));
	}

	return samples;
}

function twoParts(paths: readonly string[]): readonly (readonly string[])[] {
	const large = paths.filter(isBinaryPath);
	if (large.length > 0 && large.length < paths.length) return [paths.filter(path => !isBinaryPath(path)), large];

	const middle = Math.ceil(paths.length / 2);
	return [paths.slice(0, middle), paths.slice(middle)];
}
