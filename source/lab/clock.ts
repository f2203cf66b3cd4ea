/** The clock file: how virtual time follows what drives the machine. Part of the session, like every write. */
import {type Pace, paces} from '../formats/debugfs/lab/clock.ts';
import {files} from '../formats/files.ts';
import {LabError} from './errors.ts';
import type {Instant, RewindGoal} from './session.ts';

export const clockPath = files.clock.path;

export type LabClock = {
	rate: number;
	paused: boolean;
	/** Events still to run while paused. */
	stepsWanted: number;
	untilNs: number | undefined;
	/** Whether declared visible states hold the clock until they were seen. */
	watch: boolean;
	/** How long such a state is held. */
	pace: Pace;
	/** Whether the one that is held now stays until `next`. */
	stays: boolean;
	/** The past that the machine is on its way to. */
	rewindTo: RewindGoal | undefined;
};

export const newClock = (pace: Pace): LabClock => ({
	rate: 1,
	paused: false,
	stepsWanted: 0,
	untilNs: undefined,
	watch: true,
	pace,
	stays: false,
	rewindTo: undefined,
});

/** The states that wait to be seen. The first one is held. */
type Holds = {
	readonly holds: {readonly injection: number}[];
	/** Workloads none of whose states is held any more. */
	readonly letGo: Set<number>;
};

const mostSteps = 1_000_000;
/** A hundred days: nanoseconds up to there are whole numbers, and so is what is added to them. */
const longestSeconds = 8_640_000;
const leastRate = 0.000_001;
const mostRate = 1_000;

/**
 * Carries out what was written to `lab/clock`.
 * @throws LabError EINVAL with the words that are understood
 */
export function writeClock(clock: LabClock, text: string, now: Instant, {holds, letGo}: Holds): void {
	const [word = '', argument, ...rest] = text.trim().split(/\s+/);
	if (rest.length > 0) throw new LabError('EINVAL', `clock takes one word and one argument, got "${text.trim()}"`);
	switch (word) {
		case 'run':
			noArgument(word, argument);
			clock.paused = false;
			clock.stepsWanted = 0;
			clock.untilNs = undefined;
			return;
		case 'pause':
			noArgument(word, argument);
			clock.paused = true;
			clock.stepsWanted = 0;
			clock.rewindTo = undefined;
			return;
		case 'step':
			clock.stepsWanted = Math.min(mostSteps, clock.stepsWanted + parseSteps(word, argument));
			clock.paused = true;
			return;
		case 'back': {
			// A second `back` while the machine is still rewinding goes further.
			const {rewindTo} = clock;
			const from = rewindTo && 'events' in rewindTo ? rewindTo.events : now.events;
			clock.rewindTo = {events: Math.max(0, from - parseSteps(word, argument))};
			return;
		}
		case 'rewind': {
			const timeNs = parseTime(argument ?? '');
			if (timeNs >= now.timeNs)
				throw new LabError('EINVAL', `rewind goes to a time before now (${now.timeNs / 1e9}s), got "${argument}"`);
			clock.rewindTo = {timeNs};
			return;
		}
		case 'rate': {
			const rate = Number(argument);
			if (argument === undefined || !(rate >= leastRate && rate <= mostRate))
				throw new LabError('EINVAL', `rate must be ${leastRate}..${mostRate} of real time, got "${argument ?? ''}"`);
			clock.rate = rate;
			return;
		}
		case 'watch':
			if (argument !== 'on' && argument !== 'off')
				throw new LabError('EINVAL', `watch must be on or off, got "${argument ?? ''}"`);
			clock.watch = argument === 'on';
			return;
		case 'pace': {
			const pace = paces.find(each => each === argument);
			if (!pace) throw new LabError('EINVAL', `pace must be ${paces.join(', ')}, got "${argument ?? ''}"`);
			clock.pace = pace;
			return;
		}
		// While a session is done again nothing is held, and a client may be late: the words then do nothing.
		case 'next':
			noArgument(word, argument);
			holds.shift();
			clock.stays = false;
			return;
		case 'stay':
			noArgument(word, argument);
			clock.stays = holds.length > 0;
			return;
		case 'go': {
			noArgument(word, argument);
			const held = holds[0]?.injection;
			if (held === undefined) return;
			letGo.add(held);
			holds.splice(0, holds.length, ...holds.filter(({injection}) => injection !== held));
			clock.stays = false;
			return;
		}
		case 'until': {
			const untilNs = parseTime(argument ?? '');
			if (untilNs <= now.timeNs)
				throw new LabError('EINVAL', `until must lie after now (${now.timeNs / 1e9}s), got "${argument}"`);
			clock.paused = false;
			clock.untilNs = untilNs;
			return;
		}
		default:
			throw new LabError(
				'EINVAL',
				'clock takes run, pause, step [N], back [N], rate R, until TIME, rewind TIME, watch on|off, pace ' +
					`${paces.join('|')}, next, stay or go, got "${text.trim()}"`,
			);
	}
}

/** What leads a machine out of a state in which it stopped. */
export const goesBack = (text: string): boolean => /^\s*(back|rewind)\b/.test(text);

/** What may be written while the machine is on its way back: it changes where to, or stays. */
export const mayInterrupt = (text: string): boolean => goesBack(text) || /^\s*pause\b/.test(text);

function parseSteps(word: string, argument: string | undefined): number {
	const steps = argument === undefined ? 1 : Number(argument);
	if (!Number.isInteger(steps) || steps < 1 || steps > mostSteps)
		throw new LabError('EINVAL', `${word} takes 1..${mostSteps} events, got "${argument}"`);
	return steps;
}

function noArgument(word: string, argument: string | undefined): void {
	if (argument !== undefined) throw new LabError('EINVAL', `${word} takes no argument, got "${argument}"`);
}

/** `2s`, `1.5s`, `300ms`, `20us`, `5000ns` as nanoseconds. @throws LabError EINVAL, also for more than 100 days */
function parseTime(text: string): number {
	const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(text);
	const unit = {ns: 1, us: 1e3, ms: 1e6, s: 1e9};
	if (!match) throw new LabError('EINVAL', `a time is a number with ns, us, ms or s, as 2s, got "${text}"`);
	const timeNs = Math.round(Number(match[1]) * unit[match[2] as keyof typeof unit]);
	if (timeNs > longestSeconds * unit.s)
		throw new LabError('EINVAL', `a time is at most ${longestSeconds}s, a hundred days, got "${text.slice(0, 40)}"`);
	return timeNs;
}
