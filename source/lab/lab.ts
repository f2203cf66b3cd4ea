/** The machine as everything outside sees it: a tree of files, a clock, and a log of what was written. */
import type {Kernel} from '../kernel/kernel.ts';
import {boot} from './boot.ts';
import {clockPath, goesBack, type LabClock, mayInterrupt, newClock} from './clock.ts';
import type {Board} from './drivers.ts';
import {LabError} from './errors.ts';
import {madeFiles, noPrograms, type Programs} from './exec.ts';
import {type FindingsState, noFindings} from './findings/findings.ts';
import {watchKernel} from './findings/watch.ts';
import {type Injections, noInjections} from './injections.ts';
import {type ModuleRequests, noModuleRequests} from './insmod.ts';
import type {LabLoad} from './load.ts';
import {chooseMachine, type LabMachine, type LabOptions} from './presets.ts';
import {readingMs} from './reading.ts';
import {doAgain, ForeignSession, type Instant, type RewindGoal, type SessionWrite, writesUntil} from './session.ts';
import {type Stopped, stop} from './stopped.ts';
import {Tree} from './tree.ts';

export type {LabOptions} from './presets.ts';

/** Events wanted while a machine goes back in time: as many as it takes. */
const asManyAsItTakes = Number.MAX_SAFE_INTEGER;

/** What the files of `lab/` show, beside the kernel. */
export type LabState = {
	readonly k: Kernel;
	readonly machine: LabMachine;
	readonly clock: LabClock;
	readonly load: LabLoad;
	readonly injections: Injections;
	readonly programs: Programs;
	readonly moduleRequests: ModuleRequests;
	readonly findings: FindingsState;
	/** Everything that was written to it. */
	readonly session: () => readonly SessionWrite[];
	/** What is plugged in, and which driver has it. */
	readonly devices: readonly LabDevice[];
	readonly board: Board;
	/** Reads a file as any client does. @throws LabError */
	readonly read: (path: string) => string | Uint8Array;
	/** The declared state that the clock is held at, in words. */
	readonly holding: () => string | undefined;
	/** Why nothing of the machine runs any more, if that is so. */
	readonly stopped: () => Stopped | undefined;
	/** How far, in virtual time, doing the session again has come on the way to `clock.rewindTo`. */
	readonly rewoundNs: () => number;
};

export type LabDevice = {readonly address: string; readonly name: string; readonly driver: () => string | null};

export type Lab = {
	/** Name of the preset. */
	readonly name: string;
	/** Everything that was written, as it is after going back in time. */
	readonly session: readonly SessionWrite[];
	/** Virtual time in nanoseconds since power-on. */
	timeNs(): number;
	/** Events and writes so far; grows with every change, and falls when the machine goes back in time. */
	seq(): number;
	/**
	 * Runs events up to virtual time `limitNs`, inclusive. Never throws: a machine that cannot go on has stopped.
	 * @returns `budget` after `maxEvents` events, `hold` when a declared visible state begins while watching
	 */
	run(limitNs: number, maxEvents: number): 'reached' | 'budget' | 'hold';
	/** Virtual time of the next event; none on a machine that stopped. */
	nextEventNs(): number | undefined;
	/** @returns `readMs`: wall milliseconds that one needs to read what the held state says */
	clock(): Readonly<LabClock> & {readonly holding: string | undefined; readonly readMs: number};
	/** A panic or a bug of ours, after which only going back leads on. */
	stopped(): Stopped | undefined;
	/** The held state has been seen. */
	releaseHold(): void;
	/** Events so far. */
	events(): number;
	/**
	 * Does on this fresh machine what was done on another one of the same options, up to an instant; the same bytes in
	 * every file follow. Yields after each event. Where that machine stopped, this one does.
	 * @throws ForeignSession for a session that is not of such a machine
	 */
	restore(writes: readonly SessionWrite[], until: Instant): Generator<void, void>;
	/** The one spelling of a path: what names the same file comes out the same. @throws LabError ENOENT */
	spelling(path: string): string;
	/** @throws LabError ENOENT, EISDIR, EACCES, EIO for a file that cannot be printed */
	read(path: string): string | Uint8Array;
	/** @throws LabError ENOENT, ENOTDIR, EIO */
	list(path: string): string[];
	/**
	 * Acts at this instant and is logged; a refused write changes nothing and is not.
	 * @returns what the file answers, often nothing
	 * @throws LabError; EIO where the machine stopped, unless the write goes back in time
	 */
	write(path: string, text: string, by: string): string;
};

/** A machine that is on. Going back in time switches another one on. */
export type Running = Pick<LabState, 'k' | 'board' | 'clock' | 'injections' | 'holding'> & {
	readonly tree: Tree;
	/** Everything that was written to it. */
	readonly session: SessionWrite[];
	stopped: Stopped | undefined;
};

export function switchOn(machine: LabMachine, rewoundNs: () => number): Running {
	const {k, devices, board, load} = boot(machine);
	const clock = newClock(machine.pace);
	const injections = noInjections();
	const programs = noPrograms();
	const moduleRequests = noModuleRequests();
	const findings = noFindings();
	watchKernel(k, findings);
	const holding = () => {
		const hold = clock.watch ? injections.holds[0] : undefined;
		return hold && `${injections.all[hold.injection - 1]!.experiment.name}: ${hold.state}`;
	};
	const read = (path: string) => tree.read(path);
	const stopped = () => on.stopped;
	const tree: Tree = new Tree({
		moduleRequests,
		findings,
		session: () => on.session,
		k,
		machine,
		clock,
		load,
		injections,
		programs,
		devices,
		board,
		holding,
		stopped,
		rewoundNs,
		read,
	});
	k.vfs.madeFiles = madeFiles({
		read,
		has: path => tree.has(path),
		list: path => tree.list(path),
		write: (path, text) => tree.write(path, text, 'a program'),
	});
	const on: Running = {k, board, clock, injections, holding, tree, session: [], stopped: undefined};
	return on;
}

function readMsOf({injections: {all, holds}}: Running): number {
	const held = holds[0] && all[holds[0].injection - 1];
	return held ? readingMs(held) : 0;
}

const seqOf = ({k, session}: Running) => k.hw.timeline.seq + session.length;

/**
 * @returns what the file answers
 * @throws LabError, and then nothing was changed or logged; unless the machine stopped by it
 */
function writeTo(on: Running, path: string, text: string, by: string): string {
	const written = {timeNs: on.k.hw.timeline.nowNs, seq: seqOf(on), path, text, by};
	try {
		const answer = on.tree.write(path, text, by);
		on.session.push(written);
		return answer;
	} catch (error) {
		if (error instanceof LabError) throw error;
		on.session.push(written);
		throw refusal(stop(on, error));
	}
}

const refusal = ({sentence}: Stopped) =>
	new LabError('EIO', `${sentence}; "rewind TIME" or "back N" in lab/clock leads back to before that`);

export function runUntil(on: Running, limitNs: number, maxEvents: number) {
	const {k, clock, injections, holding} = on;
	const {timeline} = k.hw;
	const limit = Math.min(limitNs, clock.untilNs ?? limitNs);
	for (let events = 0; events < maxEvents; events++) {
		if (holding()) return 'hold';
		if (clock.paused && clock.stepsWanted === 0) return 'reached';
		if (!timeline.step(limit)) {
			if (!clock.paused) timeline.advanceTo(limit);
			reachUntil(on);
			return 'reached';
		}
		if (clock.stepsWanted > 0) clock.stepsWanted--;
		if (!clock.watch) injections.holds.length = 0;
	}
	return holding() ? 'hold' : 'budget';
}

/** An event of a session that is done again: its states are not held for anybody, and steps are taken as they were. */
function eventDone({clock, injections}: Running): void {
	injections.holds.length = 0;
	if (clock.stepsWanted > 0) clock.stepsWanted--;
}

/** The time of `until` has come: the machine pauses by itself. */
function reachUntil({k, clock}: Running): void {
	if (clock.untilNs === undefined || k.hw.timeline.nowNs < clock.untilNs) return;
	clock.paused = true;
	clock.untilNs = undefined;
}

/** Another machine on its way to an earlier time. Until it is there the former one shows its last state. */
type Replay = {readonly machine: Running; readonly events: Generator<void, void>; readonly by: string};

/**
 * Switches a machine on.
 * @param switchesOn how, each time; for tests of machines that break
 * @throws LabError for options that no machine can have
 */
export function bootLab(options: LabOptions, switchesOn = switchOn): Lab {
	const machine = chooseMachine(options);
	let replay: Replay | undefined;
	const rewoundNs = () => replay?.machine.k.hw.timeline.nowNs ?? 0;
	let on = switchesOn(machine, rewoundNs);

	/** What was done after the goal will be as if it had never been; `run` gets there. */
	const goBack = (goal: RewindGoal, by: string) => {
		const again = switchesOn(machine, rewoundNs);
		const act = ({path, text, by: writer}: SessionWrite) => void writeTo(again, path, text, writer);
		replay = {machine: again, events: doAgain(writesUntil(on.session, goal), goal, again.k.hw.timeline, act), by};
	};

	/** Where the session stops the machine again, that is as far as it comes. */
	const runReplay = ({machine: again, events, by}: Replay, maxEvents: number) => {
		try {
			for (let done = 0; done < maxEvents; done++) {
				if (events.next().done) {
					writeTo(again, clockPath, 'pause', by);
					return arrive(again);
				}
				eventDone(again);
			}
			return 'budget';
		} catch (error) {
			if (!again.stopped) stop(again, error);
			return arrive(again);
		}
	};

	const arrive = (again: Running) => {
		on = again;
		replay = undefined;
		return 'reached' as const;
	};

	const runOn = (limitNs: number, maxEvents: number) => {
		if (on.stopped) return 'reached';
		try {
			return runUntil(on, limitNs, maxEvents);
		} catch (error) {
			stop(on, error);
			return 'reached';
		}
	};

	/** @throws LabError where the machine takes no such write in the state that it is in */
	const checkMayWrite = (path: string, text: string) => {
		const interrupts = path === clockPath && mayInterrupt(text);
		if (replay && !interrupts)
			throw new LabError('EBUSY', 'the machine is going back in time; "pause" in lab/clock keeps it where it was');
		if (on.stopped && !(path === clockPath && goesBack(text)) && !(replay && interrupts)) throw refusal(on.stopped);
	};

	return {
		name: machine.preset,
		get session() {
			return on.session;
		},
		timeNs: () => on.k.hw.timeline.nowNs,
		seq: () => seqOf(on),
		run: (limitNs, maxEvents) => (replay ? runReplay(replay, maxEvents) : runOn(limitNs, maxEvents)),
		nextEventNs: () => (on.stopped && !replay ? undefined : (replay?.machine ?? on).k.hw.timeline.nextNs()),
		clock: () => ({
			...on.clock,
			holding: on.holding(),
			readMs: readMsOf(on),
			...(on.stopped && {paused: true}),
			// On its way back nothing is held.
			...(replay && {paused: true, stepsWanted: asManyAsItTakes, holding: undefined}),
		}),
		stopped: () => on.stopped,
		releaseHold() {
			on.injections.holds.shift();
			on.clock.stays = false;
		},
		events: () => on.k.hw.timeline.seq,
		*restore(writes, {timeNs, events}) {
			const {timeline} = on.k.hw;
			const act = ({path, text, by}: SessionWrite) => {
				reachUntil(on);
				writeTo(on, path, text, by);
			};
			try {
				for (const _ of doAgain(writes, {events}, timeline, act)) {
					eventDone(on);
					yield;
				}
				if (timeNs > timeline.nowNs) timeline.advanceTo(timeNs);
				reachUntil(on);
			} catch (error) {
				if (on.stopped) return;
				if (error instanceof ForeignSession) throw error;
				if (error instanceof LabError) throw new ForeignSession(`a write is refused: ${error.message}`);
				stop(on, error);
			}
		},
		spelling: path => on.tree.spelling(path),
		read: path => on.tree.read(path),
		list: path => on.tree.list(path),
		write(path, text, by) {
			checkMayWrite(path, text);
			const answer = writeTo(on, path, text, by);
			replay = undefined;
			const {rewindTo} = on.clock;
			if (rewindTo) {
				// It undoes what was written, itself included.
				on.session.pop();
				goBack(rewindTo, by);
			}
			return answer;
		},
	};
}
