import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {parseProcessorVectors, processor} from '../../conformance/processor.ts';
import type {Document, Vector} from '../../conformance/topic.ts';

const path = new URL('../../../fixtures/vectors/cpu/vectors.txt.gz', import.meta.url);
const recorded = parseProcessorVectors(gunzipSync(readFileSync(path)).toString()) as Document;

test('7,356 sequences leave what they left on a real processor', () => {
	const results = [...processor.run(recorded, {})];
	expect(results).toHaveLength(7356);
	expect(results.filter(result => result.outcome !== 'passed').slice(0, 5)).toEqual([]);
	expect(results.reduce((sum, result) => sum + result.compared, 0)).toBe(7356 * 6);
});

test('a vector with another answer fails, and one whose flags differ outside its mask does not', () => {
	const one = recorded.vectors[0] as Vector & {readonly after: Readonly<Record<string, string>>};
	const outcomeOf = (after: object) =>
		[...processor.run({...recorded, vectors: [{...one, after: {...one.after, ...after}}]}, {})].map(
			result => result.outcome,
		);
	expect(outcomeOf({})).toEqual(['passed']);
	expect(outcomeOf({ecx: '1234'})).toEqual(['failed']);
	const flags = Number.parseInt(one.after.eflags!, 16);
	expect(outcomeOf({eflags: (flags ^ 1).toString(16)})).toEqual(['failed']);
	expect(outcomeOf({eflags: (flags ^ 0x400).toString(16)})).toEqual(['passed']);
});

test('what is not a list of vectors is not taken for one', () => {
	expect(parseProcessorVectors('{"vectors": []}')).toBeUndefined();
	expect(parseProcessorVectors('')).toBeUndefined();
});
