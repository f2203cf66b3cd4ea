/** Free memory against its watermarks, as a line. */

import {type Span, span} from '../terminal/lines.ts';
import type {Tone} from '../terminal/theme.ts';

type Watermarks = {readonly min: number; readonly low: number; readonly high: number};

/** How a zone stands: below min only allocations that may not fail succeed, below low kswapd reclaims. */
export const pressureTone = (free: number, {min, low}: Watermarks): Tone =>
	free < min ? 'bad' : free < low ? 'warning' : 'bar.full';

/**
 * A line on which every doubling of pages is as long as the one before, from one page to all of the zone: on an even
 * scale the watermarks, a few hundredths of a zone, would be one point. It is strong as far as memory is free; m, l and
 * h stand at the watermarks.
 */
export function watermarkGauge(free: number, marks: Watermarks, present: number, columns: number): readonly Span[] {
	const at = (pages: number): number =>
		present <= 1
			? 0
			: Math.min(columns - 1, Math.floor((Math.log2(Math.max(1, pages)) / Math.log2(present)) * columns));
	const letters = new Map<number, string>();
	let next = 0;
	for (const [index, pages] of [marks.min, marks.low, marks.high].entries()) {
		// Two that fall on one place stand beside each other, and none falls off the end.
		const column = Math.min(columns - 3 + index, Math.max(next, at(pages)));
		letters.set(column, 'mlh'[index]!);
		next = column + 1;
	}
	const filled = free === 0 ? 0 : at(free) + 1;
	const tone = pressureTone(free, marks);
	const spans: Span[] = [];
	for (let column = 0; column < columns; column++) {
		const letter = letters.get(column);
		const [text, look]: readonly [string, Tone] =
			letter === undefined
				? column < filled
					? ['━', tone]
					: ['─', 'dim']
				: [letter, column < filled ? 'strong' : tone === 'bar.full' ? 'dim' : tone];
		const before = spans.at(-1);
		if (before?.tone === look) {
			spans[spans.length - 1] = span(before.text + text, look);
		} else {
			spans.push(span(text, look));
		}
	}
	return spans;
}
