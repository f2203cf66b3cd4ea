/** How far apart in the machine's time samples were taken. */
import type {Sample} from '../target/target.ts';

/** @returns virtual nanoseconds: 0 when all are of one instant */
export function apartNsOf(samples: readonly Sample[]): number {
	const times = samples.map(({timeNs}) => timeNs);
	return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}

/** `within 12 ms`; no time that is not 0 is shown as 0. */
export const withinText = (apartNs: number): string => `within ${Math.ceil(apartNs / 1e6)} ms`;

/** What one would do to have all of one instant. */
export const apartHint = (apartNs: number): string =>
	`read ${withinText(apartNs)} of the machine's time; pause it to have all of one instant`;
