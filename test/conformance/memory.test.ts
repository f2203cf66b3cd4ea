import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {sampleOf} from '../sample.ts';
import {addresses, isAddressAnswer} from './addresses.ts';
import {atomic, isAtomicAnswer, shapeOfLine} from './atomic.ts';
import {leavesOf} from './compare.ts';
import {isKmapAnswer, kmapTopic} from './kmap.ts';
import {isOldKmapAnswer, kmapOld} from './kmapOld.ts';
import type {Document, Topic, Vector} from './topic.ts';

const load = (name: string): Document =>
	JSON.parse(gunzipSync(readFileSync(new URL(`../../fixtures/vectors/${name}.json.gz`, import.meta.url))).toString());

type IsAnswer = (path: string, vector: Vector) => boolean;

const files: readonly [name: string, topic: Topic, isAnswer: IsAnswer][] = [
	['i386/addresses', addresses, isAddressAnswer],
	['i386/kmap', kmapTopic, isKmapAnswer],
	['old/2.6.11/kmap', kmapOld, isOldKmapAnswer],
	['old/2.6.32/kmap', kmapOld, isOldKmapAnswer],
	['old/3.2/kmap', kmapOld, isOldKmapAnswer],
	['debug/atomic', atomic, isAtomicAnswer],
];

/** Answers that say where something happened to lie; docs/conformance.md has the reasons. */
const isPlace = (path: string, vector: Vector, leaf: unknown): boolean =>
	(/^headlines/.test(path) && shapeOfLine(`${String(leaf)}x`) === shapeOfLine(String(leaf))) ||
	(vector.topic === 'kmalloc' && path === 'align') ||
	(vector.topic === 'kmap_random' && path === 'pages_with_address') ||
	path === 'migration_disabled';

/** A copy with one leaf changed. */
function changed(vector: Vector, path: string): Vector {
	const keys = path.split('.');
	const change = (value: unknown, [key, ...rest]: readonly string[]): unknown => {
		if (key === undefined) return typeof value === 'number' ? value + 1 : `${String(value)}x`;
		if (Array.isArray(value)) return value.map((inner, index) => (String(index) === key ? change(inner, rest) : inner));
		const record = value as Readonly<Record<string, unknown>>;
		return {...record, [key]: change(record[key], rest)};
	};
	return change(vector, keys) as Vector;
}

/** A copy without the answers that have a name of their own. */
function asked(vector: Vector, isAnswer: IsAnswer): Vector {
	const strip = (value: unknown, path: string): unknown => {
		if (typeof value !== 'object' || value === null) return value;
		if (Array.isArray(value)) return value.map((inner, index) => strip(inner, `${path}${index}.`));
		const kept = Object.entries(value).filter(
			([key, inner]) => typeof inner === 'object' || !isAnswer(path + key, vector),
		);
		return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner, `${path}${key}.`)]));
	};
	return strip(vector, '') as Vector;
}

/** What a vector asks of the kernel, so that one of each sort can be picked. */
const kindOf = (vector: Vector, path: string) =>
	`${vector.topic ?? vector.case} ${vector.what} ${vector.name} ${path.replace(/\d+/g, '#')}`;

describe.each(files)('%s', (name, topic, isAnswer) => {
	const document = load(name);
	const results = [...topic.run(document, {})];
	const passing = document.vectors.filter((_, index) => results[index]!.outcome === 'passed');

	test('every vector is answered as the real kernel answered it, and few are left out', () => {
		expect(results.filter(result => result.outcome === 'failed').map(result => result.name)).toEqual([]);
		const reasons = new Set(results.flatMap(result => (result.outcome === 'skipped' ? [result.reason] : [])));
		const left = document.vectors.length - passing.length;
		expect(left <= document.vectors.length * 0.05 || reasons.size === 1).toBe(true);
		const [compared, leftOut] = [0, 1].map(i =>
			results.reduce((sum, result) => sum + [result.compared, result.leftOut][i]!, 0),
		);
		expect(compared! / (compared! + leftOut!)).toBeGreaterThan(0.8);
	});

	test('changing any one recorded answer makes its vector fail', () => {
		const kinds = new Set<string>();
		const mutants: Vector[] = [];
		for (const vector of passing)
			for (const [path, leaf] of leavesOf(vector)) {
				if (!isAnswer(path, vector) || isPlace(path, vector, leaf) || kinds.has(kindOf(vector, path))) continue;
				kinds.add(kindOf(vector, path));
				mutants.push(changed(vector, path));
			}
		expect(mutants.length).toBeGreaterThan(20);
		const tried = sampleOf(mutants, 15);
		// Some answers are checked against another vector of their run: those stay as they were.
		const judged = [...topic.run({...document, vectors: [...tried, ...document.vectors]}, {})].slice(0, tried.length);
		const unnoticed = judged.flatMap((result, index) => (result.outcome === 'passed' ? [tried[index]!] : []));
		expect(unnoticed).toEqual([]);
	});

	test('the questions alone are answered too', () => {
		const questions = passing.filter((_, index) => index % 7 === 0).map(vector => asked(vector, isAnswer));
		const answered = [...topic.run({...document, vectors: questions}, {})].map(result => result.answered);
		expect(answered.filter(vector => vector === undefined)).toEqual([]);
	});
});
