import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Flags} from '../../source/commands/flags.ts';
import {gridOf} from '../../source/commands/grid.ts';
import {parseExperiments} from '../../source/formats/debugfs/lab/experiments.ts';
import {files} from '../../source/formats/files.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {runs} from '../sample.ts';

const {experiments} = parseExperiments(String(bootLab({}).read(files.experiments.path)));
const directRead = experiments.find(({name}) => name === 'direct-read')!;

const gridRuns = (flags: Flags, pairs: readonly string[] = []) => [...gridOf(directRead, pairs, flags).runs()];

function refusal(flags: Flags, pairs: readonly string[] = []): string {
	try {
		gridOf(directRead, pairs, flags);
	} catch (error) {
		return error instanceof Error ? error.message : '';
	}

	return '(accepted)';
}

test('every seed by every value, the last key fastest', () => {
	const all = gridRuns({sweep: 'pages=1..9/4,buffered=0|1', seeds: '7..8'}, ['offset=0']);
	expect(all.map(({pairs, seed}) => [...pairs.slice(1), seed].join(' '))).toEqual(
		['7', '8'].flatMap(seed =>
			[1, 5, 9].flatMap(pages => [0, 1].map(buffered => `pages=${pages} buffered=${buffered} ${seed}`)),
		),
	);
	expect(all.every(({pairs}) => pairs[0] === 'offset=0')).toBe(true);
	expect(all.map(({index}) => index)).toEqual(all.map((_, index) => index));
});

test('the shards are the grid: each run in one of them, as many as they say', () => {
	const flags = {sweep: 'pages=1..13/3,buffered=0..1', seeds: '1..3'};
	const whole = gridRuns(flags);
	fc.assert(
		fc.property(fc.integer({min: 1, max: 40}), of => {
			const shards = Array.from({length: of}, (_, part) => ({...flags, shard: `${part + 1}/${of}`}));
			for (const shard of shards) expect(gridOf(directRead, [], shard).count).toBe(gridRuns(shard).length);
			expect(shards.flatMap(shard => gridRuns(shard)).sort((a, b) => a.index - b.index)).toEqual(whole);
		}),
		{numRuns: runs(30)},
	);
});

describe('what is no grid is refused in a sentence', () => {
	test.each([
		[{sweep: 'pages'}, /^--sweep takes KEY=FIRST\.\.LAST/],
		[{sweep: 'pages=4..1'}, /^--sweep takes/],
		[{sweep: 'pages=1..4/0'}, /^--sweep takes/],
		[{sweep: 'pages=1||2'}, /^--sweep takes/],
		[{sweep: 'pages=1..2,'}, /^--sweep takes/],
		[{sweep: 'pages=0..2'}, /^pages must be 1\.\./],
		[{sweep: 'pages=1..999999999'}, /^pages must be 1\.\./],
		[{sweep: 'color=1..2'}, /^direct-read takes pages=N/],
		[{sweep: 'pages=1..2,pages=3..4'}, /^pages is swept twice$/],
		[{seeds: '3'}, /^--seeds takes/],
		[{seeds: '3..1'}, /^--seeds takes/],
		[{seeds: '1..2', seed: '1'}, /^--seed is one and --seeds are many/],
		[{seeds: '1..999999999'}, /^that would be 999999999 runs; 100000000 is the most$/],
		[{shard: '0/3'}, /^--shard takes/],
		[{shard: '4/3'}, /^--shard takes/],
		[{shard: '1'}, /^--shard takes/],
	] satisfies readonly (readonly [Flags, RegExp])[])('%j', (flags, says) => {
		expect(refusal(flags)).toMatch(says);
	});

	test('a word in the middle of many', () => {
		const many = '1|'.repeat(600);
		expect(refusal({sweep: `pages=${many}0|${many}1`})).toMatch(/^pages must be 1\.\./);
	});

	test('a key that has a value already; and what is at the limits is taken', () => {
		expect(refusal({sweep: 'pages=1..2'}, ['pages=3'])).toBe('pages is given a value, and swept; leave one out');
		expect(refusal({sweep: 'pages=1..1', seeds: '1..100000000', shard: '3/3'})).toBe('(accepted)');
	});
});
