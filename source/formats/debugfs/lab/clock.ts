/** /sys/kernel/debug/lab/clock (ours), as it is read: the machine's time and how it passes. Lines `key: value`. */

import {type Cell, decimal, name, oneOf, optional, sentence, toggle} from '../../cells.ts';
import {document, maybe, one} from '../../table.ts';
import {CellError, joinLines, Lines} from '../../text.ts';

/**
 * How long a declared state of a workload is held for those who watch: `fast`: until it was on every screen; `read`: at
 * least as long as it takes to read what is said of it; `manual`: until somebody writes `next`.
 */
export const paces = ['fast', 'read', 'manual'] as const;

export type Pace = (typeof paces)[number];

export type Clock = {
	/** Virtual time since boot. */
	readonly timeNs: number;
	/** Virtual seconds per second of wall time. */
	readonly rate: number;
	/**
	 * `rewinding`: it is on its way to an earlier time, and shows what was before until it is there. `panic` and
	 * `broken`: the kernel, or the simulator, could not go on; only going back leads on.
	 */
	readonly state: 'running' | 'paused' | 'rewinding' | 'panic' | 'broken';
	/** Whether injections slow the clock until their steps have been seen. */
	readonly watch: boolean;
	readonly pace: Pace;
	/** The declared state that the clock is now held at. */
	readonly holding: string | null;
	/** Whether that one stays until somebody writes `next`. */
	readonly stays: boolean;
	/** Events still to run of a `step N`. */
	readonly stepsWanted: number;
	/** Where the clock will pause: the time of `until`. */
	readonly untilNs: number | null;
	/** While rewinding: the time up to which the session has been done again. */
	readonly rewoundNs: number | null;
	/** While rewinding: the time that it is on its way to, at most; after `back` that is known when it is there. */
	readonly rewindToNs: number | null;
	/** After a panic, or when the machine broke, and only then: what happened and when, in a sentence. */
	readonly stopped?: string | undefined;
};

const rate: Cell<number> = {
	align: 'right',
	show: String,
	read(text) {
		const value = Number(text);
		if (text.trim() === '' || !Number.isFinite(value)) throw new CellError(`a rate, not "${text}"`);
		return value;
	},
};
const stopped = maybe('stopped', sentence);
const pace = maybe('pace', oneOf(...paces));
const stays = maybe('stays', toggle);
const clock = document<Clock>({
	timeNs: one('time_ns', decimal),
	rate: one('rate', rate),
	state: one('state', oneOf('running', 'paused', 'rewinding', 'panic', 'broken')),
	watch: one('watch', toggle),
	// Recordings of before do not say.
	pace: {write: pace.write, read: lines => pace.read(lines) ?? 'fast'},
	holding: one('holding', optional(name)),
	stays: {write: stays.write, read: lines => stays.read(lines) ?? false},
	stepsWanted: one('steps_wanted', decimal),
	untilNs: one('until_ns', optional(decimal)),
	rewoundNs: maybe('rewound_ns', decimal),
	rewindToNs: maybe('rewind_to_ns', decimal),
	stopped: {
		write: text => stopped.write(text ?? null),
		read: lines => stopped.read(lines) ?? undefined,
	},
});

export function formatClock(record: Clock): string {
	return joinLines(clock.write(record));
}

/** @throws FormatError */
export function parseClock(text: string): Clock {
	return clock.read(new Lines('lab/clock', text));
}
