import {type Playback, type PlayedInstant, TargetError} from './target.ts';
import type {WallClock} from './wallClock.ts';

/** Where in a recording it is, and the words that change that: those of a machine's clock, and `seek`. */

/** A machine's clock takes the same rates. */
const leastRate = 0.000_001;
const mostRate = 1_000;
const mostSteps = 1_000_000;
/** Whole nanoseconds are asked for; instants of a machine's clock are fractions of milliseconds. */
const halfNanosecondMs = 0.5e-6;

const understood = 'a recording takes run, pause, step [N], back [N], rate R, rewind TIME or seek TIME';

type Player = {
	/** Index of the instant that is shown now. */
	index(): number;
	/** How it is played now. */
	state(): Pick<Playback, 'atMs' | 'endMs' | 'paused' | 'rate'>;
	/** @throws TargetError EINVAL with the words that are understood */
	play(words: string): void;
};

/** @param instants at least one, in the order in which they are played */
export function player(instants: readonly PlayedInstant[], wall: WallClock): Player {
	const startMs = instants[0]!.wallMs;
	const endMs = instants.at(-1)!.wallMs;
	let rate = 1;
	let paused = false;
	/** It was at `anchorMs` at the wall time `sinceMs`. */
	let anchorMs = startMs;
	let sinceMs = wall.nowMs();

	const atMs = (): number => Math.min(endMs, anchorMs + (paused ? 0 : (wall.nowMs() - sinceMs) * rate));
	const anchor = (ms: number): void => {
		anchorMs = Math.max(startMs, Math.min(endMs, ms));
		sinceMs = wall.nowMs();
	};
	/** After going somewhere it stands still, as a machine does. */
	const goTo = (ms: number): void => {
		anchor(ms);
		paused = true;
	};
	/** Index of the instant that was gone to by steps: several may have the same time. */
	let chosen: number | undefined;
	const index = (): number => {
		if (chosen !== undefined) return chosen;
		const nowMs = atMs() + halfNanosecondMs;
		let [low, high] = [0, instants.length - 1];
		while (low < high) {
			const middle = Math.ceil((low + high) / 2);
			if (instants[middle]!.wallMs <= nowMs) low = middle;
			else high = middle - 1;
		}

		return low;
	};
	const goToInstant = (wanted: number): void => {
		chosen = Math.max(0, Math.min(instants.length - 1, wanted));
		goTo(instants[chosen]!.wallMs);
	};

	return {
		index,
		state: () => ({atMs: atMs() - startMs, endMs: endMs - startMs, paused, rate}),
		play(words) {
			const [word = '', argument, ...rest] = words.trim().split(/\s+/);
			const takesNone = word === 'run' || word === 'pause';
			if (rest.length > 0 || (takesNone && argument !== undefined)) throw refused(words);
			switch (word) {
				case 'run':
					anchor(atMs());
					chosen = undefined;
					paused = false;
					return;
				case 'pause':
					goTo(atMs());
					return;
				case 'step':
					goToInstant(index() + count(word, argument));
					return;
				case 'back':
					goToInstant(index() - count(word, argument));
					return;
				case 'rate': {
					const wanted = Number(argument);
					if (argument === undefined || !(wanted >= leastRate && wanted <= mostRate)) {
						throw new TargetError('EINVAL', `rate must be ${leastRate}..${mostRate}, got "${argument ?? ''}"`);
					}

					anchor(atMs());
					rate = wanted;
					return;
				}
				case 'rewind': {
					const timeNs = nanoseconds(word, argument);
					const now = index();
					if (timeNs >= instants[now]!.timeNs) {
						const nowText = `${instants[now]!.timeNs / 1e9}s`;
						throw new TargetError('EINVAL', `rewind goes to a time before now (${nowText}), got "${argument}"`);
					}

					goToInstant(instants.slice(0, now).findLastIndex(each => each.timeNs <= timeNs));
					return;
				}
				case 'seek':
					goTo(startMs + nanoseconds(word, argument) / 1e6);
					chosen = undefined;
					return;
				default:
					throw refused(words);
			}
		},
	};
}

const refused = (text: string): TargetError => new TargetError('EINVAL', `${understood}, got "${text.trim()}"`);

function count(word: string, argument: string | undefined): number {
	const wanted = argument === undefined ? 1 : Number(argument);
	if (Number.isInteger(wanted) && wanted >= 1 && wanted <= mostSteps) return wanted;
	throw new TargetError('EINVAL', `${word} takes 1..${mostSteps} samples, got "${argument}"`);
}

const units: Readonly<Record<string, number>> = {ns: 1, us: 1e3, ms: 1e6, s: 1e9};

function nanoseconds(word: string, argument = ''): number {
	const [, digits, unit] = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(argument) ?? [];
	if (digits !== undefined) return Number(digits) * units[unit!]!;
	throw new TargetError('EINVAL', `${word} takes a number with ns, us, ms or s, as 2s, got "${argument}"`);
}
