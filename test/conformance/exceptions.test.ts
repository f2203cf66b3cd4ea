import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {withoutAnswers} from './compare.ts';
import {exceptionsPage} from './exceptions.ts';
import {topics} from './topics.ts';

test('docs/conformance.md names every exception (npm run conformance -- --exceptions > docs/conformance.md)', () => {
	const page = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
	expect(page).toBe(exceptionsPage(topics));
});

test('a question is its vector without the answers, at any depth', () => {
	const vector = {
		run: 'A',
		steps: [
			{op: 'mmap', ret: 'ok', maps: ['a', 'b']},
			{op: 'munmap', ret: '0', maps: []},
		],
	};
	const question = withoutAnswers(vector, path => /\.(ret|maps)(\.|$)/.test(path));
	expect(question).toEqual({run: 'A', steps: [{op: 'mmap'}, {op: 'munmap'}]});
});
