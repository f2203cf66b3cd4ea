/** What is chosen in the palette: an experiment found by a few letters, and its parameters. */

import {type ExperimentRecord, refusedPair} from '../../formats/debugfs/lab/experiments.ts';
import type {OverlayOf} from '../state/overlay.ts';
import {findExperiments, type Match} from './find.ts';

/** What is typed, in words: what is looked for, and pairs `name=value`. */
function wordsOf(text: string): readonly [query: string, ...pairs: string[]] {
	const [query = '', ...pairs] = text.split(' ');
	return [query, ...pairs.filter(pair => pair !== '')];
}

export type Chosen = {
	readonly matches: readonly Match[];
	readonly experiment: ExperimentRecord | undefined;
	readonly pairs: readonly string[];
	/** Why it cannot be injected so. */
	readonly refusal: string | undefined;
};

/** What Enter would inject. */
export function chosenIn(experiments: readonly ExperimentRecord[], {text, cursor}: OverlayOf<'palette'>): Chosen {
	const [query, ...pairs] = wordsOf(text);
	const matches = findExperiments(experiments, query);
	const experiment = matches[cursor]?.experiment;
	if (!experiment) return {matches, experiment, pairs, refusal: `no experiment matches "${query}"`};
	const refusal = pairs.map(pair => refusedPair(experiment, pair)).find(reason => reason !== undefined);
	return {matches, experiment, pairs, refusal};
}

/** Parameters that are not typed yet. */
export const untyped = ({parameters}: ExperimentRecord, pairs: readonly string[]): ExperimentRecord['parameters'] =>
	parameters.filter(({name}) => !pairs.some(pair => pair.startsWith(`${name}=`)));
