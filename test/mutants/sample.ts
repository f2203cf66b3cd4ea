/** A sample that anyone can draw again. */

import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';

/** `count` of the items, each at most once, in their own order. The same seed draws the same. */
export function sample<T>(items: readonly T[], count: number, seed: number): readonly T[] {
	const random = xoroshiro128plus(seed);
	const left = items.map((_, index) => index);
	const drawn: number[] = [];
	while (drawn.length < count && left.length > 0) drawn.push(...left.splice(uniformInt(random, 0, left.length - 1), 1));
	return drawn.sort((a, b) => a - b).map(index => items[index]!);
}
