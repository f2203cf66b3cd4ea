import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {isLong, sampleOf} from '../sample.ts';
import {leavesOf} from './compare.ts';
import {dmaCoherent, isCoherentAnswer} from './dmaCoherent.ts';
import {dmaDebug, isDmaDebugAnswer} from './dmaDebug.ts';
import {dmaMask, isMaskAnswer} from './dmaMask.ts';
import {dmaPool, isPoolAnswer} from './dmaPool.ts';
import {dmaSg, isSgAnswer} from './dmaSg.ts';
import {dmaStreaming, isStreamingAnswer} from './dmaStreaming.ts';
import {dmaSync, isSyncAnswer} from './dmaSync.ts';
import {isaDma, isIsaAnswer} from './isaDma.ts';
import type {Document, Topic, Vector} from './topic.ts';

type IsAnswer = (path: string, vector: Vector) => boolean;

const files: readonly [name: string, topic: Topic, isAnswer: IsAnswer][] = [
	['i386/dma_mask', dmaMask, isMaskAnswer],
	['i386/dma_coherent', dmaCoherent, isCoherentAnswer],
	['i386/streaming', dmaStreaming, isStreamingAnswer],
	['i386/dma_sync', dmaSync, isSyncAnswer],
	['i386/dma_sg', dmaSg, isSgAnswer],
	['i386/dma_pool', dmaPool, isPoolAnswer],
	['i386/isa_dma', isaDma, isIsaAnswer],
	['old/2.6.11/dma_pool', dmaPool, isPoolAnswer],
	['old/2.6.32/dma_pool', dmaPool, isPoolAnswer],
	['old/3.2/dma_pool', dmaPool, isPoolAnswer],
	['old/2.6.11/isa_dma', isaDma, isIsaAnswer],
	['old/2.6.32/isa_dma', isaDma, isIsaAnswer],
	['old/3.2/isa_dma', isaDma, isIsaAnswer],
	['debug/dma_debug', dmaDebug, isDmaDebugAnswer],
	['debug/dma_pool_debug', dmaDebug, isDmaDebugAnswer],
];

const load = (name: string): Document =>
	JSON.parse(gunzipSync(readFileSync(new URL(`../../fixtures/vectors/${name}.json.gz`, import.meta.url))).toString());

/** Leaves that say where something happened to lie, or what ran before; docs/conformance.md has the reasons. */
const isPlace = (path: string, vector: Vector): boolean =>
	/min_free_entries$/.test(path) ||
	(path === 'boundary_crossings' && 4096 % Number(vector.boundary) !== 0) ||
	(vector.topic === 'dma_pool_mask' && path === 'dma') ||
	/^(timeout_jiffies|HZ)$/.test(path) ||
	(path === 'zone' && vector.coherent_mask_bits === 26) ||
	(path === 'dma_low12' && vector.bounced === true && Number(vector.len) < 4096);

/** Lines of a booted kernel's log that the topic's rules pass over. */
const isPassedOver = (path: string, leaf: unknown): boolean =>
	path.startsWith('headlines.') &&
	/^(#PF|preempt_count|RCU nest|Preemption disabled|\[<|invalid opcode|Oops|page dumped)/.test(String(leaf));

/** A copy with one leaf changed. */
function changed(value: unknown, [key, ...rest]: readonly string[]): unknown {
	if (key === undefined)
		return typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}1`;
	if (Array.isArray(value)) return value.map((inner, index) => (String(index) === key ? changed(inner, rest) : inner));
	const record = value as Readonly<Record<string, unknown>>;
	return {...record, [key]: changed(record[key], rest)};
}

const isEmpty = (leaf: unknown) => leaf === '[]' || leaf === '{}';

describe.each(files)('%s', (name, topic, isAnswer) => {
	const document = load(name);
	const results = [...topic.run(document, {})];
	const passing = document.vectors.filter((_, index) => results[index]!.outcome === 'passed');

	test('every vector is answered as the real kernel answered it, and few are left out', () => {
		expect(results.filter(({outcome}) => outcome === 'failed').map(result => result.name)).toEqual([]);
		expect(passing.length).toBeGreaterThanOrEqual(document.vectors.length * 0.95);
		const sum = (field: 'compared' | 'leftOut') => results.reduce((total, result) => total + result[field], 0);
		expect(sum('compared') / (sum('compared') + sum('leftOut'))).toBeGreaterThan(0.8);
	});

	test('changing any one recorded answer makes its vector fail', () => {
		const kinds = new Set<string>();
		const mutants: Vector[] = [];
		for (const vector of passing)
			for (const [path, leaf] of leavesOf(vector)) {
				const kind = `${vector.run} ${vector.topic} ${vector.what} ${vector.bounced} ${path.replace(/\d+/g, '#')}`;
				if (!isAnswer(path, vector) || isEmpty(leaf) || isPlace(path, vector) || isPassedOver(path, leaf)) continue;
				if (kinds.has(kind)) continue;
				kinds.add(kind);
				mutants.push(changed(vector, path.split('.')) as Vector);
			}
		expect(mutants.length).toBeGreaterThan(10);
		const judged = [...topic.run({...document, vectors: sampleOf(mutants, 20)}, {})];
		expect(judged.filter(({outcome}) => outcome !== 'failed').map(result => result.name)).toEqual([]);
	});

	test('answers do not depend on the recorded ones being there', () => {
		// Vectors that follow each other stay together: of a long file the first are asked.
		const vectors = isLong ? document.vectors : document.vectors.slice(0, 30);
		const asked = vectors.map(vector =>
			Object.fromEntries(Object.entries(vector).filter(([field]) => !isAnswer(field, vector) && field !== 'steps')),
		);
		const [blind, seeing] = [asked, vectors].map(each =>
			[...topic.run({...document, vectors: each}, {})].map(({answered}) => answered),
		);
		expect(blind).toEqual(seeing);
	});
});
