/** Which answer to an experiment's question a run made the right one. */
import type {RightAnswer} from '../formats/debugfs/lab/inject.ts';
import type {Answer, Question} from './experiment.ts';
import type {Observation} from './injections.ts';

/** @returns the answer that came true and the observations that say so; undefined unless exactly one did */
export function rightAnswer({answers}: Question, observations: readonly Observation[]): RightAnswer | undefined {
	const right = answers.flatMap((answer, index) => {
		const by = evidence(answer, observations);
		return by === undefined ? [] : [{number: index + 1, by}];
	});
	return right.length === 1 ? right[0] : undefined;
}

/** The observations that an answer is about, if all of them came out as it needs them. */
function evidence({when}: Answer, observations: readonly Observation[]): number[] | undefined {
	const by: number[] = [];
	for (const [beginning, wanted] of Object.entries(when)) {
		const about = observations.flatMap((each, index) => (each.sentence.startsWith(beginning) ? [index] : []));
		if (about.length === 0 || !about.every(index => cameOut(observations[index]!, wanted))) return undefined;
		by.push(...about.map(index => index + 1));
	}
	return by;
}

const cameOut = ({holds, seen}: Observation, wanted: boolean | string): boolean =>
	typeof wanted === 'boolean' ? holds === wanted : seen === wanted;
