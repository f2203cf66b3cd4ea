/** A machine that is on: what it is made of, its writes, and its events. Going back in time switches another one on. */
import {lookBehindEvent} from '../kernel/debug/debugger.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {boot} from './boot.ts';
import {type LabClock, newClock} from './clock.ts';
import type {Board} from './drivers.ts';
import {LabError} from './errors.ts';
import {madeFiles, noPrograms} from './exec.ts';
import {noFindings} from './findings/findings.ts';
import {watchKernel} from './findings/watch.ts';
import {type Injections, injectionNamed, noInjections, stateName} from './injections.ts';
import {noModuleRequests} from './insmod.ts';
import type {LabMachine} from './presets.ts';
import type {SessionWrite} from './session.ts';
import {type Stopped, stop} from './stopped.ts';
import {Tree} from './tree.ts';

export type Running = {
	readonly k: Kernel;
	readonly board: Board;
	readonly clock: LabClock;
	readonly injections: Injections;
	/** The declared state that the clock is held at, in words. */
	readonly holding: () => string | undefined;
	readonly tree: Tree;
	/** Everything that was written to it. */
	readonly session: SessionWrite[];
	/** Paths and names of writers that are in it, each once. */
	readonly words: Map<string, string>;
	/** Characters of the texts in it. */
	characters: number;
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
		return hold && stateName(injectionNamed(injections, hold.injection)!, hold.state);
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
	const on: Running = {
		k,
		board,
		clock,
		injections,
		holding,
		tree,
		session: [],
		words: new Map(),
		characters: 0,
		stopped: undefined,
	};
	return on;
}

/** Events and writes so far. */
export const seqOf = ({k, session}: Running) => k.hw.timeline.seq + session.length;

/**
 * @returns what the file answers
 * @throws LabError, and then nothing was changed or logged; unless the machine stopped by it
 */
export function writeTo(on: Running, path: string, text: string, by: string): string {
	const {timeNs, seq} = {timeNs: on.k.hw.timeline.nowNs, seq: seqOf(on)};
	const keep = () => {
		on.session.push({timeNs, seq, path: wordIn(on, path), text, by: wordIn(on, by)});
		on.characters += text.length;
	};
	try {
		const answer = on.tree.write(path, text, by);
		keep();
		return answer;
	} catch (error) {
		if (error instanceof LabError) throw error;
		keep();
		throw refusal(stop(on, error));
	}
}

/** The same text as one string, however often it comes. */
function wordIn({words}: Running, text: string): string {
	const known = words.get(text);
	if (known === undefined) words.set(text, text);
	return known ?? text;
}

/** Takes the last write back. */
export function unwrite(on: Running): void {
	on.characters -= on.session.pop()?.text.length ?? 0;
}

/** What a write to a machine that stopped is answered. */
export const refusal = ({sentence}: Stopped) =>
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
		if (k.debugger) lookBehindEvent(k, k.debugger);
		if (clock.stepsWanted > 0) clock.stepsWanted--;
		if (!clock.watch) injections.holds.length = 0;
	}
	return holding() ? 'hold' : 'budget';
}

/** The time of `until` has come: the machine pauses by itself. */
export function reachUntil({k, clock}: Running): void {
	if (clock.untilNs === undefined || k.hw.timeline.nowNs < clock.untilNs) return;
	clock.paused = true;
	clock.untilNs = undefined;
}
