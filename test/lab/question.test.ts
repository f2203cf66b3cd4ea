import {expect, test} from 'vitest';
import type {Question} from '../../source/lab/experiment.ts';
import type {Observation} from '../../source/lab/injections.ts';
import {rightAnswer} from '../../source/lab/question.ts';

const question: Question = {
	ask: 'Who gets the data?',
	answers: [
		{text: 'The parent.', when: {'the parent misses': false}},
		{text: 'The child.', when: {'the parent misses': true, 'the child': true}},
		{text: 'Nobody.', when: {'the parent misses': true, 'the child': false}},
		{text: 'Three pages of it.', when: {'pages taken': '3'}},
	],
};
const observed = (sentence: string, holds: boolean, seen = ''): Observation => ({
	sentence,
	timeNs: 0,
	holds,
	expected: '',
	seen,
});
const right = (...observations: readonly Observation[]) => rightAnswer(question, observations);

test('the answer is right whose observations all came out as it says, and it names them', () => {
	expect(right(observed('before', true), observed('the parent misses it', false))).toEqual({number: 1, by: [2]});
	expect(right(observed('the parent misses it', true), observed('the child has it', true))).toEqual({
		number: 2,
		by: [1, 2],
	});
	expect(right(observed('the parent misses it', true), observed('the child has it', false))?.number).toBe(3);
});

test('what a file showed decides, whether or not it was expected', () => {
	expect(right(observed('pages taken', false, '3'))).toEqual({number: 4, by: [1]});
	expect(right(observed('pages taken', true, '4'))).toBeUndefined();
	expect(right(observed('pages taken', true))).toBeUndefined();
});

test('of several observations that begin alike none may differ', () => {
	const [yes, no] = [observed('the child has one', true), observed('the child has two', false)];
	const misses = observed('the parent misses it', true);
	expect(right(misses, yes, {...no, holds: true})).toEqual({number: 2, by: [1, 2, 3]});
	expect(right(misses, yes, no)).toBeUndefined();
});

test('what was not observed makes no answer right, and two right answers are none', () => {
	expect(right(observed('the parent misses it', true))).toBeUndefined();
	expect(right(observed('the parent misses it', false), observed('pages taken', true, '3'))).toBeUndefined();
});
