/** A leaf in which two answers differ. */
export type Difference = {readonly path: string; readonly expected: unknown; readonly got: unknown};

export type Comparison = {
	readonly differences: readonly Difference[];
	readonly compared: number;
	readonly leftOut: number;
};

/** Leaves of a JSON value with their paths. An empty array or object counts as a leaf: that it is empty is an answer too. */
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

/** A JSON value without the leaves that are answers; what holds nothing else goes with them. */
export function withoutAnswers(value: unknown, isAnswer: (path: string) => boolean, path = ''): unknown {
	if (typeof value !== 'object' || value === null) return isAnswer(path) ? undefined : value;
	const inner = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
	if (Array.isArray(value))
		return value.map((each, index) => withoutAnswers(each, isAnswer, inner(index))).filter(each => each !== undefined);
	const kept = Object.entries(value)
		.map(([key, each]) => [key, withoutAnswers(each, isAnswer, inner(key))] as const)
		.filter(([, each]) => each !== undefined && !(typeof each === 'object' && each !== null && Object.keys(each).length === 0));
	return Object.fromEntries(kept);
}
