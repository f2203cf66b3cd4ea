/**
 * A workload as a story: what it told and what was seen, step by step. A step ends with a declared state; what comes
 * after the last one is the end.
 */
import type {InjectionRecord, ObservationRecord} from '../formats/debugfs/lab/inject.ts';

export type StoryStep = {
	/** Counted from 1. */
	readonly number: number;
	/** The state that ends the step; undefined for the end of the story, and before the step is over. */
	readonly state: string | undefined;
	/** When that state began. */
	readonly timeUs: number | undefined;
	readonly told: readonly string[];
	readonly observations: readonly ObservationRecord[];
};

function makeSteps({narration, states, observations}: InjectionRecord): readonly StoryStep[] {
	const bounds = [...states.map(({timeUs}) => timeUs), Number.POSITIVE_INFINITY];
	const steps = bounds.map((endUs, index): StoryStep => {
		const startUs = bounds[index - 1] ?? Number.NEGATIVE_INFINITY;
		const isIn = ({timeUs}: {readonly timeUs: number}): boolean => timeUs > startUs && timeUs <= endUs;
		return {
			number: index + 1,
			state: states[index]?.state,
			timeUs: states[index]?.timeUs,
			told: narration.filter(isIn).map(({text}) => text),
			observations: observations.filter(isIn),
		};
	});
	const last = steps.at(-1)!;
	return last.told.length + last.observations.length > 0 || steps.length === 1 ? steps : steps.slice(0, -1);
}

const made = new WeakMap<InjectionRecord, readonly StoryStep[]>();

/** At least one step. The same array for the same record. */
export function storySteps(injection: InjectionRecord): readonly StoryStep[] {
	const known = made.get(injection) ?? makeSteps(injection);
	made.set(injection, known);
	return known;
}

/** `5 of 5 observations hold`; empty where nothing was observed. */
export function observedWords({observations}: InjectionRecord): string {
	const held = observations.filter(({state}) => state === 'held').length;
	const all = observations.length;
	return all === 0 ? '' : `${held} of ${all} ${all === 1 ? 'observation holds' : 'observations hold'}`;
}
