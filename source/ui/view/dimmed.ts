/** A line one level dimmer, in which only what belongs to a workload keeps its colour. */

import {type Line, type Span, toneNumber} from '../terminal/lines.ts';
import {type Tone, tones} from '../terminal/theme.ts';

const isInjections = (tone: Tone): boolean => tone.startsWith('injection.');

const dim = toneNumber('dim');

/** By number of a tone, what it is dimmed to. */
const dimmedNumbers = Uint8Array.from(tones, (tone, number) => (isInjections(tone) ? number : dim));

const dimmedSpan = ({cells, tone, ...rest}: Span): Span => ({
	...rest,
	tone: tone !== undefined && isInjections(tone) ? tone : 'dim',
	...(cells && {cells: cells.map(number => dimmedNumbers[number]!)}),
});

const known = new WeakMap<Line, Line>();

/** The same line for the same line. */
export function dimmed(line: Line): Line {
	let made = known.get(line);
	if (!made) {
		const {tone, spans} = line;
		made = {spans: spans.map(dimmedSpan), ...(tone !== undefined && {tone})};
		known.set(line, made);
	}
	return made;
}
