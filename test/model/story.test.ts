import {expect, test} from 'vitest';
import type {InjectionRecord, ObservationRecord} from '../../source/formats/debugfs/lab/inject.ts';
import {observedWords, storySteps} from '../../source/model/story.ts';
import {injection, observation} from '../ui/support/records.ts';

const at = (timeUs: number, sentence: string): ObservationRecord => ({...observation('held'), timeUs, sentence});
const told = (timeUs: number, text: string) => ({timeUs, text});
const of = (change: Partial<InjectionRecord>) =>
	storySteps(injection(1, {narration: [], observations: [], ...change})).map(step => [
		step.number,
		step.state,
		...step.told,
		...step.observations.map(({sentence}) => sentence),
	]);

test('a workload that has said nothing yet has a first step without words', () => {
	expect(of({})).toEqual([[1, undefined]]);
});

test('what is said and seen up to a state belongs to it, what follows to the next step', () => {
	const narration = [told(10, 'mapped'), told(21, 'grown'), told(30, 'unmapped')];
	const states = [
		{timeUs: 20, state: 'device mapped'},
		{timeUs: 25, state: 'area grown'},
	];
	const observations = [at(20, 'it is there'), at(26, 'it is gone')];
	expect(of({narration, states, observations})).toEqual([
		[1, 'device mapped', 'mapped', 'it is there'],
		[2, 'area grown', 'grown'],
		[3, undefined, 'unmapped', 'it is gone'],
	]);
	expect(of({narration: narration.slice(0, 2), states, observations: []}).at(-1)).toEqual([2, 'area grown', 'grown']);
});

test('the same record gives the same steps', () => {
	const record = injection(1);
	expect(storySteps(record)).toBe(storySteps(record));
});

test.each([
	[[], ''],
	[['held'], '1 of 1 observation holds'],
	[['held', 'failed', 'open'], '1 of 3 observations hold'],
] as const)('%j is summed up', (seen, words) => {
	expect(observedWords(injection(1, {observations: seen.map(observation)}))).toBe(words);
});
