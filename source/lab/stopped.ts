/**
 * A machine that stopped for good: its kernel panicked, or an invariant of ours broke, which is a bug in the simulator.
 * Either is a state: time stands still, every file shows how things were, and going back leads out of it.
 */

import {isOver} from '../formats/debugfs/lab/inject.ts';
import {KernelPanic} from '../kernel/bug.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {printk} from '../kernel/printk.ts';
import type {LabClock} from './clock.ts';
import type {Injections} from './injections.ts';

export type Stopped = {
	readonly state: 'panic' | 'broken';
	readonly timeNs: number;
	/** What happened and when, in a sentence without a full stop. */
	readonly sentence: string;
	/** What was thrown, for those who look for the bug. */
	readonly cause: unknown;
};

/** The parts of a machine that show that it stopped. */
type Parts = {
	readonly k: Kernel;
	readonly clock: LabClock;
	readonly injections: Injections;
	stopped: Stopped | undefined;
};

/** @param error thrown by an event of the machine, or by a write to it */
export function stop(on: Parts, error: unknown): Stopped {
	const {k, clock, injections} = on;
	const timeNs = k.hw.timeline.nowNs;
	// What breaks after a driver in C has written where it must not is a panic of that machine, not a bug of ours.
	const damage = error instanceof KernelPanic ? undefined : k.modules?.damage;
	const state = error instanceof KernelPanic || damage !== undefined ? 'panic' : 'broken';
	const reason = damage === undefined ? reasonOf(error) : `${damage}; then ${reasonOf(error)}`;
	if (damage !== undefined) logIfPossible(k, `Kernel panic - not syncing: ${reason}`);
	const what = state === 'panic' ? 'kernel panic' : 'the simulated machine broke (a bug in mmtop)';
	// As the log has it: cut off, not rounded.
	const sentence = `${what} at ${(Math.floor(timeNs / 1000) / 1e6).toFixed(6)}s: ${reason}`;
	const stopped: Stopped = {state, timeNs, sentence, cause: error};
	on.stopped = stopped;
	clock.stepsWanted = 0;
	clock.untilNs = undefined;
	injections.holds.length = 0;
	for (const injection of injections.all) {
		if (isOver(injection)) continue;
		injection.status = 'failed';
		injection.result = sentence;
	}
	// Linux would say nothing of it: a line of ours, and marked so.
	if (state === 'broken') logIfPossible(k, `mmtop: the simulated machine broke here: ${reason}`);
	return stopped;
}

/** One line: it becomes part of files whose records are lines. */
function reasonOf(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	return text.replace(/\s+/g, ' ').trim() || 'no reason was given';
}

/** What broke may be the log itself. */
function logIfPossible(k: Kernel, line: string): void {
	try {
		printk(k, 0, line);
	} catch {
		// The state says it too.
	}
}
