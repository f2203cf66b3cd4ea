/** docs/tour.md: what a newcomer asks is answered by a few keys, on the real components and a calm machine. */

import {beforeAll, expect, test} from 'vitest';
import {pictureOf} from './support/picture.tsx';
import {startReader} from './support/reader.ts';
import {mostKeys, partsOf, pressed, type Question, questions, tourDocument} from './support/tour.ts';

type Answered = {readonly question: Question; readonly parts: readonly string[]; readonly answer: readonly string[]};

/** What the screen shows after the keys, and what the machine says at that instant. */
async function asked(question: Question): Promise<Answered> {
	const reader = await startReader();
	await pressed(reader, question.keys);
	const state = reader.state();
	const parts = partsOf(state, pictureOf(state), question.shows);
	const read = async (path: string) => String(await reader.target.read(path));
	const answer = await question.answer({state, read});
	reader.stop();
	return {question, parts, answer};
}

const answered: Answered[] = [];

beforeAll(async () => {
	for (const question of questions) answered.push(await asked(question));
});

test.each(questions)('$keys answer: $ask', question => {
	const {parts, answer} = answered.find(each => each.question === question)!;
	expect(question.keys.length).toBeLessThanOrEqual(mostKeys);
	expect(answer.length).toBeGreaterThan(1);
	const shown = parts.join('\n');
	for (const words of answer) expect(shown).toContain(words);
});

test('docs/tour.md is what the screens show', async () => {
	await expect(tourDocument(answered)).toMatchFileSnapshot('../../docs/tour.md');
});
