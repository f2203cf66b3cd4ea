import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {expect, it} from 'vitest';
import {aio, isAioAnswer} from './aio.ts';
import {leavesOf} from './compare.ts';
import type {Document, Vector} from './topic.ts';

const document: Document = JSON.parse(
	gunzipSync(readFileSync(new URL('../../fixtures/vectors/i386/aio.json.gz', import.meta.url))).toString(),
);

it('every AIO vector is answered as the real kernel answered it, and few leaves are left out', () => {
	const results = [...aio.run(document, {})];
	expect(results.filter(({outcome}) => outcome !== 'passed').map(({name}) => name)).toEqual([]);
	const compared = results.reduce((sum, result) => sum + result.compared, 0);
	const leftOut = results.reduce((sum, result) => sum + result.leftOut, 0);
	expect(compared / (compared + leftOut)).toBeGreaterThan(0.8);
});

/** A copy with one leaf changed. */
function changed(value: unknown, [key, ...rest]: readonly string[]): unknown {
	if (key === undefined)
		return typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}0`;
	if (Array.isArray(value)) return value.map((inner, index) => (String(index) === key ? changed(inner, rest) : inner));
	const record = value as Readonly<Record<string, unknown>>;
	return {...record, [key]: changed(record[key], rest)};
}

it('every compared leaf is noticed when it changes', () => {
	const mutants = document.vectors.flatMap(vector =>
		leavesOf(vector)
			.filter(([path, leaf]) => isAioAnswer(path) && leaf !== '[]' && !isLeftOut(path, vector))
			.map(([path]) => changed(vector, path.split('.')) as Vector),
	);
	expect(mutants.length).toBeGreaterThan(1_000);
	const results = [...aio.run({...document, vectors: mutants}, {})];
	expect(results.filter(({outcome}) => outcome !== 'failed').map(({name}) => name)).toEqual([]);
});

/** What depends on how fast the machine was; docs/conformance.md has the reasons. */
function isLeftOut(path: string, vector: Vector): boolean {
	if (/_us$/.test(path)) return true;
	return String(vector.target).endsWith('O_DIRECT') && /done_at_first_poll$|^ring_head_tail_after_submit/.test(path);
}

it('answers do not depend on the recorded ones being there', () => {
	const asked = document.vectors.map(vector => {
		const kept = Object.entries(vector).filter(([field]) => !isAioAnswer(field));
		const ops = Array.isArray(vector.ops) ? {ops: vector.ops.map(({op}: {op: string}) => ({op}))} : {};
		return {...Object.fromEntries(kept), ...ops};
	});
	const [blind, seeing] = [asked, document.vectors].map(vectors =>
		[...aio.run({...document, vectors}, {})].map(({answered}) => answered),
	);
	expect(blind).toEqual(seeing);
});
