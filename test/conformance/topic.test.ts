import {expect, test} from 'vitest';
import {type Vector, vectorTopic} from './topic.ts';

test('after an exception the next vector is answered by a new machine', () => {
	let machines = 0;
	const topic = vectorTopic({
		name: 'broken',
		accepts: () => true,
		isAnswer: path => path === 'answer',
		nameOf: (_, index) => String(index),
		prepare() {
			machines++;
			let alive = true;
			return (vector: Vector) => {
				if (!alive) throw new Error('dead');
				if (vector.ask === 'die') {
					alive = false;
					throw new Error('an exception of the model');
				}
				return {...vector, answer: 1};
			};
		},
	});
	const vectors = ['live', 'die', 'live'].map(ask => ({ask, answer: 1}));
	const outcomes = [...topic.run({vectors}, {})].map(({outcome}) => outcome);
	expect(outcomes).toEqual(['passed', 'failed', 'passed']);
	expect(machines).toBe(2);
});
