/** Experiments found by a few letters. */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';

export type Match = {
	readonly experiment: ExperimentRecord;
	/** Places in its name of the letters that were typed. */
	readonly letters: readonly number[];
};

const isWordStart = (text: string, at: number): boolean => at === 0 || (at > 0 && !/[a-z0-9]/.test(text[at - 1]!));

type Way = {readonly score: number; readonly letters: readonly number[]};

/** The best way to find the letters of `query` in `text` in their order: at the starts of words, and side by side. */
function bestWay(text: string, query: string): Way | undefined {
	/** Ways that end with the last letter looked for, by their end. */
	let ways = new Map<number, Way>([[-1, {score: 0, letters: []}]]);
	for (const letter of query) {
		const longer = new Map<number, Way>();
		for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) {
			for (const [end, {score, letters}] of ways) {
				if (end >= at) continue;
				const gained =
					(isWordStart(text, at) ? 6 : 0) + (end === at - 1 && end >= 0 ? 5 : 0) - Math.min(4, at - end - 1);
				const known = longer.get(at);
				if (!known || known.score < score + gained) {
					longer.set(at, {score: score + gained, letters: [...letters, at]});
				}
			}
		}
		ways = longer;
	}
	return [...ways.values()].sort((a, b) => b.score - a.score)[0];
}

const run = (from: number, length: number): readonly number[] => Array.from({length}, (_, index) => from + index);

/** How well a query fits, least first, and within that how well its letters lie. */
function closeness(experiment: ExperimentRecord, query: string): Way & {readonly rank: number} {
	const {name, title, chapter, claim, question, source} = experiment;
	const at = name.indexOf(query);
	const way = bestWay(name, query);
	if (!isWordStart(name, at) && way?.letters.every(place => isWordStart(name, place))) return {...way, rank: 2};
	if (at >= 0) return {rank: at === 0 ? 0 : isWordStart(name, at) ? 1 : 3, score: 0, letters: run(at, query.length)};
	if (title.toLowerCase().includes(query)) return {rank: 4, score: 0, letters: []};
	if (way && way.score > 0) return {...way, rank: 5};
	const isTold = [claim, question, chapter, source].some(text => text?.toLowerCase().includes(query));
	return isTold ? {rank: 6, score: 0, letters: []} : {rank: way ? 7 : 8, score: 0, letters: way?.letters ?? []};
}

/** Experiments that a query could mean, best first, else in the order of their list. */
export function findExperiments(experiments: readonly ExperimentRecord[], query: string): readonly Match[] {
	const wanted = query.toLowerCase();
	if (wanted === '') return experiments.map(experiment => ({experiment, letters: []}));
	return experiments
		.map((experiment, index) => ({experiment, index, ...closeness(experiment, wanted)}))
		.filter(({rank}) => rank < 8)
		.sort((a, b) => a.rank - b.rank || b.score - a.score || a.index - b.index);
}
