/** A leaf in which two answers differ. */
export type Difference = {readonly path: string; readonly expected: unknown; readonly got: unknown};

type Comparison = {
	readonly differences: readonly Difference[];
	readonly compared: number;
	readonly leftOut: number;
};

/**
 * Leaves of a JSON value with their paths. An empty array or object counts as a leaf: that it is empty is an answer
 * too.
 */
export function leavesOf(value: unknown, path = ''): [string, unknown][] {
	if (typeof value !== 'object' || value === null) return [[path, value]];
	const entries = Object.entries(value);
	if (entries.length === 0) return [[path, Array.isArray(value) ? '[]' : '{}']];
	return entries.flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

/** Compares two vectors leaf by leaf: every answer that one of them has, except those left out. */
export function compareLeaves(
	expected: unknown,
	got: unknown,
	isAnswer: (path: string) => boolean,
	leavesOut: (path: string) => boolean,
): Comparison {
	const wanted = new Map(leavesOf(expected).filter(([path]) => isAnswer(path)));
	const given = new Map(leavesOf(got).filter(([path]) => isAnswer(path)));
	const differences: Difference[] = [];
	let compared = 0;
	let leftOut = 0;
	for (const path of new Set([...wanted.keys(), ...given.keys()])) {
		if (leavesOut(path)) {
			if (wanted.has(path)) leftOut++;
			continue;
		}
		if (wanted.has(path)) compared++;
		const [before, after] = [wanted.get(path), given.get(path)];
		if (before !== after || wanted.has(path) !== given.has(path))
			differences.push({path, expected: before, got: after});
	}
	return {differences, compared, leftOut};
}

/** A JSON value without the leaves that are answers; what held nothing but answers goes with them. */
export function withoutAnswers(value: unknown, isAnswer: (path: string) => boolean, path = ''): unknown {
	const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
	if (isLeaf) return isAnswer(path) ? undefined : value;
	const kept = Object.entries(value)
		.map(([key, each]) => [key, withoutAnswers(each, isAnswer, path === '' ? key : `${path}.${key}`)] as const)
		.filter(([, each]) => each !== undefined);
	if (kept.length === 0) return undefined;
	return Array.isArray(value) ? kept.map(([, each]) => each) : Object.fromEntries(kept);
}
