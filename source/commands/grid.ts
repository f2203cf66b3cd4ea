import {type ExperimentRecord, refusedPair} from '../formats/debugfs/lab/experiments.ts';
import {UsageError} from './errors.ts';
import type {Flags} from './flags.ts';

/**
 * The runs of `mmtop run NAME --sweep … --seeds … --shard …`: every seed by every value of each swept parameter, in an
 * order that depends on the command line alone, so that N shards on N machines do each run once.
 */

/** One run: its number in the whole grid from 0 on, its parameters as they are typed, its seed as it is typed. */
export type GridRun = {readonly index: number; readonly pairs: readonly string[]; readonly seed: string | undefined};

type RunGrid = {
	/** How many runs there are in this shard. */
	readonly count: number;
	readonly runs: () => Generator<GridRun>;
};

/** More would not end in a year on one processor. */
const mostRuns = 1e8;

/** @param ends those of which all are allowed where these are: of a range the first and the last, of words all */
type Values = {readonly count: number; readonly at: (index: number) => string; readonly ends: readonly string[]};

const range = /^(\d{1,9})\.\.(\d{1,9})(?:\/([1-9]\d{0,8}))?$/;

/** `1..64`, `0..64/8`, or `fast|slow`. */
function valuesOf(text: string): Values | undefined {
	const [, from, to, step = '1'] = range.exec(text) ?? [];
	if (from === undefined) {
		const words = text.split('|');
		if (words.includes('') || text.includes('..')) return undefined;

		return {count: words.length, at: index => words[index]!, ends: words};
	}

	const count = Math.floor((Number(to) - Number(from)) / Number(step)) + 1;
	const at = (index: number) => String(Number(from) + index * Number(step));
	return count < 1 ? undefined : {count, at, ends: [at(0), at(count - 1)]};
}

type Axis = {readonly key: string; readonly values: Values};

/** @throws UsageError */
function axisOf(text: string): Axis {
	const at = text.indexOf('=');
	const values = at < 1 ? undefined : valuesOf(text.slice(at + 1));
	if (values === undefined) {
		throw new UsageError(
			`--sweep takes KEY=FIRST..LAST, KEY=FIRST..LAST/STEP or KEY=A|B, with commas between keys; got ` +
				JSON.stringify(text),
		);
	}

	return {key: text.slice(0, at), values};
}

/** @throws UsageError for a parameter that the experiment does not take, or a value that it refuses */
function axesOf(sweep: string | undefined, experiment: ExperimentRecord, pairs: readonly string[]): readonly Axis[] {
	const axes = sweep === undefined ? [] : sweep.split(',').map(axisOf);
	const given = pairs.map(pair => pair.slice(0, pair.indexOf('=')));
	for (const [index, {key, values}] of axes.entries()) {
		if (given.includes(key)) throw new UsageError(`${key} is given a value, and swept; leave one out`);
		if (axes.findIndex(each => each.key === key) < index) throw new UsageError(`${key} is swept twice`);

		const refusal = values.ends
			.map(value => refusedPair(experiment, `${key}=${value}`))
			.find(reason => reason !== undefined);
		if (refusal !== undefined) throw new UsageError(refusal);
	}

	return axes;
}

/** @throws UsageError */
function seedsOf({seeds, seed}: Flags): Values | undefined {
	if (seeds === undefined) return undefined;
	if (seed !== undefined) throw new UsageError('--seed is one and --seeds are many; leave one out');

	const values = range.test(seeds) ? valuesOf(seeds) : undefined;
	if (values === undefined) throw new UsageError(`--seeds takes FIRST..LAST, as 1..100; got ${JSON.stringify(seeds)}`);
	return values;
}

/** Which of how many shards, the first is 0. @throws UsageError */
function shardOf(text: string | undefined): {readonly shard: number; readonly of: number} {
	if (text === undefined) return {shard: 0, of: 1};
	const [, part, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
	const [number, all] = [Number(part), Number(of)];
	if (!(number >= 1 && number <= all)) {
		throw new UsageError(`--shard takes PART/PARTS, as 3/16; got ${JSON.stringify(text)}`);
	}

	return {shard: number - 1, of: all};
}

/**
 * The runs that the flags ask for.
 *
 * @param pairs parameters that are the same in all of them, as `pages=4`
 * @throws UsageError for what is not a grid, or a value that the experiment refuses
 */
export function gridOf(experiment: ExperimentRecord, pairs: readonly string[], flags: Flags): RunGrid {
	const axes = axesOf(flags.sweep, experiment, pairs);
	const seeds = seedsOf(flags);
	const {shard, of} = shardOf(flags.shard);
	const all = axes.reduce((product, {values}) => product * values.count, seeds?.count ?? 1);
	if (all > mostRuns) throw new UsageError(`that would be ${all} runs; ${mostRuns} is the most`);

	return {
		count: Math.max(0, Math.ceil((all - shard) / of)),
		*runs() {
			for (let index = shard; index < all; index += of) {
				let rest = index;
				// The last key changes fastest.
				const swept = axes.toReversed().map(({key, values}) => {
					const value = values.at(rest % values.count);
					rest = Math.floor(rest / values.count);
					return `${key}=${value}`;
				});
				yield {index, pairs: [...pairs, ...swept.reverse()], seed: seeds?.at(rest) ?? flags.seed};
			}
		},
	};
}
