import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {anonAndFiles} from './anonAndFiles.ts';
import {compareLeaves, leavesOf, withoutAnswers} from './compare.ts';
import {gup} from './gup.ts';
import {mmapDriver} from './mmapDriver.ts';
import {mmErrno} from './mmErrno.ts';
import type {Document, Topic, Vector} from './topic.ts';
import {vmaFlags} from './vmaFlags.ts';
import {vmaOps} from './vmaOps.ts';
import {vmaoracle} from './vmaoracle.ts';

const load = (name: string): Document =>
	JSON.parse(gunzipSync(readFileSync(new URL(`../../fixtures/vectors/${name}.json.gz`, import.meta.url))).toString());

const files: readonly [string, Topic][] = [
	['vma/curated', vmaoracle],
	['old/2.6.11/vma_curated', vmaoracle],
	['old/3.2/vma_curated', vmaoracle],
	['i386/vma_ops', vmaOps],
	['i386/mm_errno', mmErrno],
	['i386/vma_flags', vmaFlags],
	['i386/anon_and_files', anonAndFiles],
	['i386/mmap_driver', mmapDriver],
	['i386/gup', gup],
];

/** The vector with one leaf changed. */
function changed(vector: Vector, path: string): Vector {
	const copy = structuredClone(vector) as Record<string, unknown>;
	const keys = path.split('.');
	let at = copy;
	for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
	const last = keys.at(-1)!;
	const value = at[last];
	at[last] = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}x` : 'changed';
	return copy;
}

describe.each(files)('%s', (name, topic) => {
	const document = load(name);
	const asked = document.vectors.filter(vector => !topic.classes.some(each => each.holds(vector, document, {})));

	test('every vector is answered as the real kernel answered it', () => {
		const results = [...topic.run(document, {})];
		expect(results.filter(result => result.outcome === 'failed').map(result => result.name)).toEqual([]);
		expect(results.filter(result => result.outcome === 'passed').length).toBe(asked.length);
	});

	test('changing any one recorded answer makes its vector fail', () => {
		const compared = (vector: Vector, path: string) =>
			topic.isAnswer(path, vector) &&
			!topic.leftOut.some(each => each.path.test(path) && (each.when?.(vector) ?? true));
		// Every 40th leaf of each vector, so that all kinds are met.
		const vectors = asked.flatMap((vector, index) =>
			leavesOf(vector)
				.map(([path]) => path)
				.filter(path => compared(vector, path))
				.filter((_, leaf) => (leaf + index) % 40 === 0)
				.map(path => changed(vector, path)),
		);
		expect(vectors.length).toBeGreaterThan(0);
		const results = [...topic.run({...document, vectors}, {})];
		expect(results.filter(result => result.outcome === 'passed').map(result => result.name)).toEqual([]);
	});

	test('the questions alone get the same answers', () => {
		const vectors = asked.slice(0, 25);
		const questions = vectors.map(vector => withoutAnswers(vector, path => topic.isAnswer(path, vector)) as Vector);
		const results = [...topic.run({...document, vectors: questions}, {})];
		const answers = results.map(result => result.answered as Vector);
		// What the simulator answers to a bare question passes for the recorded answer.
		const judged = [...topic.run({...document, vectors: answers}, {})];
		expect(judged.map(result => result.outcome)).toEqual(judged.map(() => 'passed'));
		expect(answers.map(answer => leavesOf(answer).length)).toEqual(vectors.map(vector => leavesOf(vector).length));
	});
});

test('a leaf that only one side has is a difference', () => {
	const all = () => true;
	const none = () => false;
	expect(compareLeaves({a: 1}, {a: 1, b: 2}, all, none).differences).toEqual([
		{path: 'b', expected: undefined, got: 2},
	]);
	expect(compareLeaves({a: [1]}, {a: []}, all, none).differences.length).toBeGreaterThan(0);
});
