/** The machine as everything outside sees it: a tree of files, a clock, and a log of what was written. */
import type {Kernel} from '../kernel/kernel.ts';
import {comeTo, doNext} from './again.ts';
import {clockPath, goesBack, type LabClock, mayInterrupt} from './clock.ts';
import {free, standAt} from './debugging.ts';
import type {Board} from './drivers.ts';
import {LabError} from './errors.ts';
import type {Programs} from './exec.ts';
import type {FindingsState} from './findings/findings.ts';
import {checkHolder, foundBy, gdbPath, lookFor, reverses} from './gdb.ts';
import {awaitsState, type Injections, injectionNamed} from './injections.ts';
import type {ModuleRequests} from './insmod.ts';
import type {LabLoad} from './load.ts';
import {chooseMachine, type LabMachine, type LabOptions} from './presets.ts';
import {readingMs} from './reading.ts';
import {type Running, refusal, runUntil, seqOf, switchOn, unwrite, writeTo} from './running.ts';
import {
	type DebugGoal,
	ForeignSession,
	type Instant,
	mostCharacters,
	mostWrites,
	type RewindGoal,
	type SessionWrite,
} from './session.ts';
import {type Stopped, stop} from './stopped.ts';
import {Trailing, usualDistances} from './trailing.ts';

export type {LabOptions} from './presets.ts';
export {type Running, runUntil, switchOn} from './running.ts';

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
	/**
	 * @returns `readMs`: wall milliseconds that one needs to read what the held state says; `heldBy`: who began what shows
	 * it
	 */
	clock(): Readonly<LabClock> & {
		readonly holding: string | undefined;
		readonly heldBy: string | undefined;
		readonly readMs: number;
		readonly isRewinding: boolean;
	};
	/** Whether a state of that name, as the clock's `holding` has it, may still come and be held. */
	awaits(state: string): boolean;
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
	/**
	 * Lets machines like this one come after it at a distance, so that going back in time takes less. For idle time: it
	 * changes nothing that can be seen.
	 * @param maxEvents how much of it at most; 0 only looks
	 * @param unasked whether one follows before anybody has gone back
	 * @returns whether there is more to do now
	 */
	follow(maxEvents: number, unasked: boolean): boolean;
	/** The one spelling of a path: what names the same file comes out the same. @throws LabError ENOENT */
	spelling(path: string): string;
	/** @throws LabError ENOENT, EISDIR, EACCES, EIO for a file that cannot be printed */
	read(path: string): string | Uint8Array;
	/** @throws LabError ENOENT, ENOTDIR, EIO */
	list(path: string): string[];
	/** The one who debugs it with gdb, if there is one. */
	holder(): string | undefined;
	/**
	 * A client is gone: what it held as a debugger is free.
	 * @param by absent: any client, for none is there now
	 * @returns whether it held anything, which was written then
	 */
	left(by?: string): boolean;
	/**
	 * Acts at this instant and is logged; a refused write changes nothing and is not.
	 * @returns what the file answers, often nothing
	 * @throws LabError; EIO where the machine stopped, unless the write goes back in time
	 */
	write(path: string, text: string, by: string): string;
};

/** The injection whose state is the first to be held. */
const heldOf = ({injections}: Running) =>
	injections.holds[0] && injectionNamed(injections, injections.holds[0].injection);

function readMsOf(on: Running): number {
	const held = heldOf(on);
	return held ? readingMs(held) : 0;
}

/** Another machine on its way to an earlier time. Until it is there the former one shows its last state. */
type Replay = {readonly machine: Running; readonly goal: RewindGoal; readonly by: string};

const usualLimits = {writes: mostWrites, characters: mostCharacters};

/**
 * Switches a machine on.
 * @param switchesOn how, each time; for tests of machines that break
 * @param distances of the machines that follow it
 * @param limits of its session
 * @throws LabError for options that no machine can have
 */
export function bootLab(
	options: LabOptions,
	switchesOn = switchOn,
	distances = usualDistances,
	limits = usualLimits,
): Lab {
	const machine = chooseMachine(options);
	let replay: Replay | undefined;
	const rewoundNs = () => replay?.machine.k.hw.timeline.nowNs ?? 0;
	const another = () => switchesOn(machine, rewoundNs);
	let on = another();
	const trailing = new Trailing(another, distances);

	/** The machine that was on the way stays where it is, for the next time. */
	const endReplay = () => {
		const isSearch = replay && 'events' in replay.goal && replay.goal.debug && 'search' in replay.goal.debug;
		if (replay && !isSearch && !replay.machine.stopped) trailing.giveBack(replay.machine);
		replay = undefined;
	};

	/** What was done after the goal will be as if it had never been; `run` gets there. */
	const goBack = (goal: RewindGoal, by: string) => {
		const machine = trailing.take(goal);
		const debug = 'events' in goal ? goal.debug : undefined;
		if (debug && 'search' in debug) {
			const machineOfSearch = (debug.wholly ? undefined : machine) ?? another();
			const wholly = machineOfSearch !== machine;
			lookFor(machineOfSearch, debug.search);
			replay = {machine: machineOfSearch, goal: {...goal, debug: {...debug, wholly}}, by};
		} else replay = {machine: machine ?? another(), goal, by};
	};

	/** The way was one to look for something: now it is known where to go, or that nothing is there. */
	const searched = ({k}: Running, {search, wholly}: Extract<DebugGoal, {search: unknown}>, by: string) => {
		const found = foundBy(k, wholly);
		if (found) goBack({events: found.events, debug: {at: found}}, by);
		else if (wholly) stayAtBegin();
		else goBack({events: on.k.hw.timeline.seq, debug: {search, wholly: true}}, by);
		return replay ? ('budget' as const) : ('reached' as const);
	};

	/** There is nothing further back. */
	const stayAtBegin = () => {
		writeTo(on, gdbPath, 'begin', on.k.debugger?.holder ?? '');
		endReplay();
	};

	/** Where the session stops the machine again, that is as far as it comes. */
	const runReplay = ({machine: again, goal, by}: Replay, maxEvents: number) => {
		const debug = 'events' in goal ? goal.debug : undefined;
		try {
			for (let done = 0; done < maxEvents; done++) {
				if (doNext(again, on.session, goal)) continue;
				if (debug && 'search' in debug) return searched(again, debug, by);
				comeTo(again, 'events' in goal ? again.k.hw.timeline.nowNs : goal.timeNs);
				if (debug) standAt(again, debug.at, by);
				else {
					// The one who held it then does not hold it now: while a machine is held, clients cannot go back.
					free(again);
					writeTo(again, clockPath, 'pause', by);
				}
				return arrive(again);
			}
			return 'budget';
		} catch (error) {
			if (!again.stopped) stop(again, error);
			if (debug && 'search' in debug) return searched(again, debug, by);
			return arrive(again);
		}
	};

	const arrive = (again: Running) => {
		on = again;
		replay = undefined;
		trailing.wentBack(on);
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
	const checkMayWrite = (path: string, text: string, by: string) => {
		checkHolder(on.k, path, text, by);
		const interrupts = path === clockPath && mayInterrupt(text);
		if (replay && !interrupts)
			throw new LabError('EBUSY', 'the machine is going back in time; "pause" in lab/clock keeps it where it was');
		const leadsBack = (path === clockPath && goesBack(text)) || (path === gdbPath && reverses(text));
		if (on.stopped && !leadsBack && !(replay && interrupts)) throw refusal(on.stopped);
		const isFull = on.session.length >= limits.writes || on.characters + text.length > limits.characters;
		if (isFull && !interrupts)
			throw new LabError(
				'ENOSPC',
				`the session of a machine has at most ${limits.writes} writes with ${limits.characters} characters; go back in ` +
					'time, or start another machine',
			);
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
			heldBy: heldOf(on)?.by,
			readMs: readMsOf(on),
			isRewinding: replay !== undefined,
			...(on.stopped && {paused: true}),
			// On its way back nothing is held.
			...(replay && {paused: true, stepsWanted: asManyAsItTakes, holding: undefined}),
		}),
		awaits: state => !replay && !on.stopped && on.clock.watch && awaitsState(on.injections, state),
		stopped: () => on.stopped,
		releaseHold() {
			on.injections.holds.shift();
			on.clock.stays = false;
		},
		events: () => on.k.hw.timeline.seq,
		*restore(writes, {timeNs, events}) {
			try {
				while (doNext(on, writes, {events})) {
					if (on.k.hw.timeline.nowNs > timeNs) throw new ForeignSession('this session is not of this machine');
					yield;
				}
				comeTo(on, timeNs);
			} catch (error) {
				if (on.stopped) return;
				if (error instanceof ForeignSession) throw error;
				if (error instanceof LabError) throw new ForeignSession(`a write is refused: ${error.message}`);
				stop(on, error);
			}
		},
		follow(maxEvents, unasked) {
			return !replay && !on.stopped && trailing.follow(on, maxEvents, unasked);
		},
		spelling: path => on.tree.spelling(path),
		read: path => on.tree.read(path),
		list: path => on.tree.list(path),
		holder: () => on.k.debugger?.holder,
		left(by) {
			const holder = on.k.debugger?.holder;
			if (holder === undefined || (by !== undefined && by !== holder)) return false;
			endReplay();
			on.clock.rewindTo = undefined;
			free(on);
			return true;
		},
		write(path, text, by) {
			checkMayWrite(path, text, by);
			const answer = writeTo(on, path, text, by);
			endReplay();
			const {rewindTo} = on.clock;
			if (rewindTo) {
				// It undoes what was written, itself included.
				unwrite(on);
				goBack(rewindTo, by);
			}
			return answer;
		},
	};
}
