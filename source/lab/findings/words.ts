/** Words that findings share. */
import {micros, prefixedHex, seconds} from '../../formats/text.ts';
import {wordFor} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Made} from '../../kernel/watch.ts';

/** Objects that a finding names. */
export const mostObjects = 32;
/** Names that a sentence lists. */
const mostNamed = 3;

export const clock = (timeNs: number): string => `${seconds(micros(timeNs))} s`;

export const whoOf = ({comm, pid}: Pick<Made, 'comm' | 'pid'>): string => `${comm}-${pid}`;

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[]): string {
	const more = names.length - mostNamed;
	return `${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export const framesNamed = (frames: readonly number[]): string =>
	`page ${wordFor(frames.length, 'frame')} ${listed(frames.map(frame => prefixedHex(frame)))}`;

/** Frames that bytes lie in, as far as a machine has them. */
export function framesOf(physical: number, sizeBytes: number, end: number): readonly number[] {
	const first = Math.floor(physical / PAGE_SIZE);
	const last = Math.floor((physical + Math.max(1, sizeBytes) - 1) / PAGE_SIZE);
	return Array.from({length: Math.max(0, Math.min(last, end - 1) - first + 1)}, (_, i) => first + i);
}

/** Seconds, with as many digits after the point as they need. */
export const age = (ns: number): string => `${ns / 1e9} s`;
