/** The machine as everything outside sees it: a tree of files, a clock, and a log of what was written. */
import type {Kernel} from '../kernel/kernel.ts';
import type {Board} from './board.ts';
import {boot} from './boot.ts';
import {type LabClock, newClock} from './clock.ts';
import {type Injections, noInjections} from './injections.ts';
import {chooseMachine, type LabMachine, type LabOptions} from './presets.ts';
import {Tree} from './tree.ts';

export {LabError} from './errors.ts';
export type {LabOptions} from './presets.ts';

/** One input of the session. The list of them, the machine's configuration and its seed are the session. */
export type SessionWrite = {
	readonly timeNs: number;
	readonly seq: number;
	readonly path: string;
	readonly text: string;
	readonly by: string;
};

/** What the files of `lab/` show, beside the kernel. */
export type LabState = {
	readonly k: Kernel;
	readonly machine: LabMachine;
	readonly clock: LabClock;
	readonly injections: Injections;
	/** What is plugged in, and which driver has it. */
	readonly devices: readonly LabDevice[];
	readonly board: Board;
	/** Reads a file as any client does. @throws LabError */
	readonly read: (path: string) => string | Uint8Array;
	/** The declared state that the clock is held at, in words. */
	readonly holding: () => string | undefined;
};

export type LabDevice = {readonly address: string; readonly name: string; readonly driver: () => string | null};

export type Lab = {
	/** Name of the preset. */
	readonly name: string;
	readonly session: readonly SessionWrite[];
	/** Virtual time in nanoseconds since power-on. */
	timeNs(): number;
	/** Events and writes so far; grows with every change. */
	seq(): number;
	/**
	 * Runs events up to virtual time `limitNs`, inclusive.
	 * @returns `budget` after `maxEvents` events, `hold` when a declared visible state begins while watching
	 */
	run(limitNs: number, maxEvents: number): 'reached' | 'budget' | 'hold';
	/** Virtual time of the next event. */
	nextEventNs(): number | undefined;
	clock(): Readonly<LabClock> & {readonly holding: string | undefined};
	/** The held state has been seen. */
	releaseHold(): void;
	/** @throws LabError ENOENT, EISDIR, EACCES */
	read(path: string): string | Uint8Array;
	/** @throws LabError ENOENT, ENOTDIR */
	list(path: string): string[];
	/**
	 * Acts at this instant and is logged; a refused write changes nothing and is not.
	 * @returns what the file answers, often nothing
	 */
	write(path: string, text: string, by: string): string;
};

/** Switches a machine on. @throws LabError for options that no machine can have */
export function bootLab(options: LabOptions): Lab {
	const machine = chooseMachine(options);
	const {k, devices, board} = boot(machine);
	const clock = newClock();
	const injections = noInjections();
	const holding = () => {
		const hold = clock.watch ? injections.holds[0] : undefined;
		return hold && `${injections.all[hold.injection - 1]!.experiment.name}: ${hold.state}`;
	};
	const tree: Tree = new Tree({k, machine, clock, injections, devices, board, holding, read: path => tree.read(path)});
	const session: SessionWrite[] = [];
	const {timeline} = k.hw;

	const run: Lab['run'] = (limitNs, maxEvents) => {
		const limit = Math.min(limitNs, clock.untilNs ?? limitNs);
		for (let events = 0; events < maxEvents; events++) {
			if (holding()) return 'hold';
			if (clock.paused && clock.stepsWanted === 0) return 'reached';
			if (!timeline.step(limit)) {
				if (!clock.paused) timeline.advanceTo(limit);
				if (clock.untilNs !== undefined && timeline.nowNs >= clock.untilNs) {
					clock.paused = true;
					clock.untilNs = undefined;
				}
				return 'reached';
			}
			if (clock.stepsWanted > 0) clock.stepsWanted--;
			if (!clock.watch) injections.holds.length = 0;
		}
		return holding() ? 'hold' : 'budget';
	};

	return {
		name: machine.preset,
		session,
		timeNs: () => timeline.nowNs,
		seq: () => timeline.seq + session.length,
		run,
		nextEventNs: () => timeline.nextNs(),
		clock: () => ({...clock, holding: holding()}),
		releaseHold: () => void injections.holds.shift(),
		read: path => tree.read(path),
		list: path => tree.list(path),
		write(path, text, by) {
			const written = {timeNs: timeline.nowNs, seq: timeline.seq + session.length, path, text, by};
			const answer = tree.write(path, text, by);
			session.push(written);
			return answer;
		},
	};
}
