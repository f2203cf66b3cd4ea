/** How long a person needs for what a workload has said since the last state that it showed. */
import type {Injection} from './injections.ts';

/** Until the eye is there. */
const leastMs = 1_500;
/** About 240 words a minute, of which a word has five letters and a blank. */
const characterMs = 40;
const mostMs = 20_000;

/** @returns wall milliseconds */
export function readingMs({narration, observations, states}: Injection): number {
	const beforeNs = states.at(-2)?.timeNs ?? -1;
	const said = [
		...narration.filter(({timeNs}) => timeNs > beforeNs).map(({text}) => text),
		...observations.filter(({timeNs}) => timeNs > beforeNs).map(({sentence}) => sentence),
	];
	const characters = said.reduce((sum, {length}) => sum + length, 0);
	return Math.min(mostMs, leastMs + characters * characterMs);
}
