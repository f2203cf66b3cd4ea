import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';

/** The machine's one source of chance, seeded: same seed, same machine. */
export class Chance {
	private readonly generator;

	constructor(seed: number) {
		this.generator = xoroshiro128plus(seed);
	}

	/** A whole number from `least` to `most`, both included. */
	integer(least: number, most: number): number {
		return uniformInt(this.generator, least, most);
	}

	/** True in `part` of `whole` cases. */
	oneIn(whole: number, part = 1): boolean {
		return this.integer(1, whole) <= part;
	}

	pick<T>(items: readonly T[]): T {
		return items[this.integer(0, items.length - 1)]!;
	}
}
