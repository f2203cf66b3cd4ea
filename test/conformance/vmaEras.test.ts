import {expect, test} from 'vitest';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {readVectors} from './readVectors.ts';
import {vmaoracle} from './vmaoracle.ts';

/** Tags of rules that are newer than each kernel; what such a vector says is not true of it. */
const before2015 = [
	'unaccount-6.7',
	'mremap-grow-merge',
	'mremap-order',
	'noreplace',
	'oldlen0-private',
	'sigbus-anon-vma',
	'fault-around',
];
/** What old kernels answer otherwise without a tag saying so: errors and signals, and what mlock brings in. */
const otherErrors = ['errno', 'signal', 'mlock'];

const valid: readonly (readonly [era: EraName, without: readonly string[]])[] = [
	['ldd3', [...before2015, ...otherErrors]],
	['2.6.32', [...before2015, ...otherErrors]],
	['3.2', [...before2015, 'anon-merge-3.0-6.15', 'mlock']],
	['5.10', ['unaccount-6.7', 'mremap-grow-merge', 'mremap-order', 'anon-merge-3.0-6.15']],
	['6.1', ['unaccount-6.7', 'mremap-order', 'anon-merge-3.0-6.15']],
	['6.18', []],
];

/** 2.6.11 does not let a page be read that may only be written, and populates no private mapping; these have no tag. */
const otherwiseIn2611 = ['prot-write-only', 'map-populate'];

test.each(valid)('what Linux 6.18 answered where no newer rule is at work, %s answers too', (era, without) => {
	const document = readVectors('vma/curated');
	const vectors = document.vectors.filter(
		({id, tags}) =>
			!(tags as string[]).some(tag => without.includes(tag)) &&
			!(era === 'ldd3' && otherwiseIn2611.includes(String(id))),
	);
	expect(vectors.length).toBeGreaterThan(80);
	const failed = [...vmaoracle.run({...document, vectors}, {era})].filter(result => result.outcome === 'failed');
	expect(failed.map(({name, differences}) => [name, differences[0]])).toEqual([]);
});
