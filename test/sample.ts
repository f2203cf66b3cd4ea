/** Long proofs: in full by `npm run long`, as a sample in the test command. */
import {Chance} from '../source/hardware/chance.ts';

export const isLong = process.env.MMTOP_LONG === '1';

/** All of them in a long run; else so many, in their order, drawn by a seed: the same each time. */
export function sampleOf<T>(all: readonly T[], count: number, seed = 1): readonly T[] {
	if (isLong || all.length <= count) return all;
	const chance = new Chance(seed);
	const drawn = new Set<T>();
	while (drawn.size < count) drawn.add(chance.pick(all));
	return all.filter(each => drawn.has(each));
}

/** Runs of a property: so many in a long run, a third of them in the test command. */
export const runs = (count: number): number => (isLong ? count : Math.ceil(count / 3));
