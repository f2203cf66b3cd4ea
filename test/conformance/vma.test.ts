import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {compareLeaves, leavesOf} from './compare.ts';
import {mmErrno} from './mmErrno.ts';
import type {Document, Topic, Vector} from './topic.ts';
import {vmaOps} from './vmaOps.ts';
import {vmaoracle} from './vmaoracle.ts';

const load = (name: string): Document =>
	JSON.parse(gunzipSync(readFileSync(new URL(`../../fixtures/vectors/${name}.json.gz`, import.meta.url))).toString());

const FILES: readonly [string, Topic, (path: string) => boolean][] = [
	['vma/curated', vmaoracle, path => path.startsWith('exp')],
	['old/2.6.11/vma_curated', vmaoracle, path => path.startsWith('exp')],
	['old/3.2/vma_curated', vmaoracle, path => path.startsWith('exp')],
	['i386/vma_ops', vmaOps, path => /^steps\.\d+\.(ret|maps)/.test(path)],
	['i386/mm_errno', mmErrno, path => /^(ret|maps)/.test(path)],
];

/** The vector with one leaf changed. */
function changed(vector: Vector, path: string): Vector {
	const copy = structuredClone(vector) as Record<string, unknown>;
	const keys = path.split('.');
	let at = copy as Record<string, unknown>;
	for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
	const last = keys.at(-1)!;
	const value = at[last];
	at[last] = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}x` : 'changed';
	return copy;
}

/** The vector without its answers. */
function asked(vector: Vector, isAnswer: (path: string) => boolean): Vector {
	const strip = (value: unknown, path: string): unknown => {
		if (typeof value !== 'object' || value === null) return value;
		if (Array.isArray(value)) return value.map((inner, index) => strip(inner, `${path}${index}.`));
		const kept = Object.entries(value).filter(([key]) => !isAnswer(path + key));
		return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner, `${path}${key}.`)]));
	};
	return strip(vector, '') as Vector;
}

describe.each(FILES)('%s', (name, topic, isAnswer) => {
	const document = load(name);

	test('every vector is answered as the real kernel answered it', () => {
		const results = [...topic.run(document, {})];
		expect(results.filter(result => result.outcome !== 'passed').map(result => result.name)).toEqual([]);
	});

	test('changing any one recorded answer makes its vector fail', () => {
		// Every 40th leaf of each vector, so that all kinds are met.
		const vectors = document.vectors.flatMap((vector, index) =>
			leavesOf(vector)
				.filter(([path]) => isAnswer(path))
				.filter((_, leaf) => (leaf + index) % 40 === 0)
				.map(([path]) => changed(vector, path)),
		);
		expect(vectors.length).toBeGreaterThan(0);
		const results = [...topic.run({...document, vectors}, {})];
		expect(results.filter(result => result.outcome === 'passed')).toEqual([]);
	});

	test('the questions alone get the same answers', () => {
		const vectors = document.vectors.slice(0, 25);
		const withAnswers = [...topic.run({...document, vectors}, {})];
		const questions = vectors.map(vector => asked(vector, isAnswer));
		const without = [...topic.run({...document, vectors: questions}, {})];
		const plain = (results: typeof without) =>
			results.map(result => asked(result.answered!, path => /maps/.test(path)));
		expect(plain(without)).toEqual(plain(withAnswers));
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
