/** A sample that anyone can draw again, and that changes only where the source does. */
import {createHash} from 'node:crypto';

/** Which lot each item draws: by the seed and its own text, so that it does not matter what else there is. */
function lotsOf(texts: readonly string[], seed: number): readonly string[] {
	const seen = new Map<string, number>();
	return texts.map(text => {
		const times = seen.get(text) ?? 0;
		seen.set(text, times + 1);
		return createHash('sha256').update(`${seed} ${times} ${text}`).digest('hex');
	});
}

/**
 * `count` of the items, each at most once, in their own order: those with the least lots that are fit.
 *
 * @param textOf what an item is told apart by; where it stands in its file is not part of it
 * @param isFit asked only as often as need be
 */
export function sample<T>(
	items: readonly T[],
	count: number,
	seed: number,
	textOf: (item: T) => string,
	isFit: (item: T) => boolean,
): readonly T[] {
	const lots = lotsOf(items.map(textOf), seed);
	const order = items.map((_, index) => index).sort((a, b) => (lots[a]! < lots[b]! ? -1 : 1));
	const drawn: number[] = [];
	for (const index of order) {
		if (drawn.length === count) break;
		if (isFit(items[index]!)) drawn.push(index);
	}
	return drawn.sort((a, b) => a - b).map(index => items[index]!);
}
