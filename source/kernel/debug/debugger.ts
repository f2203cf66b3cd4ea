/**
 * Breakpoints, watchpoints and steps, from outside of the machine. What kernel/hw_breakpoint.c (2.6.33 and later) does
 * by debug registers is done by the processor's runs here: no byte of memory and no register tells a program of it.
 *
 * A CPU that has come to a stop spins on one lock, in the midst of its slice: no time passes for it, and when the lock
 * is let go the slice ends when it would have ended anyway. So the machine does the same with stops and without.
 *
 * Not modelled: breakpoints in the kernel's own functions beyond their first byte; they have no instructions here.
 */
import type {Processor, Registers} from '../../hardware/cpu/processor.ts';
import type {Context} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {RETURN_GATE} from '../module/gates.ts';
import {processorOf} from '../processor.ts';
import type {task_struct} from '../sched.ts';
import type {Spends, Spinnable} from '../time.ts';
import {type Breakpoint, isFor} from './breakpoint.ts';
import {DataBreakpoints, type DataHit} from './dataBreakpoints.ts';
import {registersOf, taskOfTid, tidOf} from './threads.ts';

/** Why the machine stands. */
type DebugStop = {
	readonly why: 'breakpoint' | 'watchpoint' | 'step' | 'until' | 'asked' | 'begin';
	/** The thread that came to it, if one did. */
	readonly tid: number | undefined;
	readonly breakpoint: Breakpoint | undefined;
	/** What stored to or loaded watched bytes: an instruction, the kernel, or a device by DMA. */
	readonly by: string | undefined;
	/** Where a device stored: the events before the one in which it did. */
	readonly undoneAt?: number;
};

/** A point in what all programs and drivers of the machine have done. */
export type Position = {
	/** Events when the one begins in which it lies. */
	readonly events: number;
	/** Instructions that the processor has done before it; undefined: where the event begins. */
	readonly instructions: number | undefined;
	readonly tid: number | undefined;
	readonly breakpoint: Breakpoint | undefined;
};

/** What a machine that does a session again looks for on its way. */
export type Search = {
	readonly breakpoints: readonly Breakpoint[];
	readonly data: DataBreakpoints;
	/** The thread whose first instruction counts where nothing else is found. */
	readonly tid: number;
	/** Positions at or behind this many instructions are not before the one that it began at. */
	readonly beforeInstructions: number;
	last: Position | undefined;
	first: Position | undefined;
};

/** `regs` are those that the step is about; when their call is over, the thread's next ones. */
type Stepping = {readonly tid: number; regs: Registers | undefined; isDone: boolean};

export type Debugger = {
	/** The one who debugs the machine, as the session names writers. */
	holder: string | undefined;
	breakpoints: readonly Breakpoint[];
	data: DataBreakpoints;
	/** Held by a stop, until the machine is let go. */
	readonly lock: Spinnable;
	stop: DebugStop | undefined;
	stepping: Stepping | undefined;
	until: {readonly tid: number; readonly instructions: number; readonly breakpoint: Breakpoint | undefined} | undefined;
	search: Search | undefined;
	/** Has the machine's clock stand still behind the event under way. */
	readonly pause: () => void;
};

export function newDebugger(k: Kernel, pause: () => void): Debugger {
	return {
		holder: undefined,
		breakpoints: [],
		data: new DataBreakpoints(k, []),
		lock: {locked: false, spinners: []},
		stop: undefined,
		stepping: undefined,
		until: undefined,
		search: undefined,
		pause,
	};
}

// ── what a debugger asks for ───────────────────────────────────────────────────────────────────────────────────────

export function setBreakpoints(k: Kernel, dbg: Debugger, breakpoints: readonly Breakpoint[]): void {
	dbg.data.end();
	dbg.breakpoints = breakpoints;
	dbg.data = new DataBreakpoints(k, breakpoints);
}

/** Lets the CPUs go on that stand at a stop. */
export function letGo(dbg: Debugger): void {
	dbg.stop = undefined;
	dbg.stepping = undefined;
	dbg.until = undefined;
	dbg.lock.locked = false;
	for (const look of dbg.lock.spinners.splice(0)) look();
}

/** As letGo, until a thread has done an instruction. @returns false for one without registers */
export function step(k: Kernel, dbg: Debugger, tid: number): boolean {
	const task = taskOfTid(k, tid);
	const regs = task && registersOf(k, task);
	if (!regs) return false;
	letGo(dbg);
	dbg.stepping = {tid, regs, isDone: false};
	return true;
}

/** Ends all that was asked for: the machine is as if there had never been a debugger. A search on its way goes on. */
export function removeDebugger(k: Kernel, dbg: Debugger): void {
	letGo(dbg);
	setBreakpoints(k, dbg, []);
	dbg.holder = undefined;
	if (k.processor) k.processor.breakpoints = undefined;
	if (!dbg.search) delete k.debugger;
}

/** Looks on the way for what lies last before a point. */
export function beginSearch(
	k: Kernel,
	dbg: Debugger,
	wanted: Pick<Search, 'breakpoints' | 'tid' | 'beforeInstructions'>,
) {
	dbg.search?.data.end();
	const search: Search = {
		...wanted,
		data: new DataBreakpoints(k, wanted.breakpoints),
		last: undefined,
		first: undefined,
	};
	dbg.search = search;
	return search;
}

// ── stops ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The first one counts: CPUs stand from then on. */
function stopAt(dbg: Debugger, stop: DebugStop): void {
	if (dbg.stop) return;
	dbg.stop = stop;
	dbg.lock.locked = true;
	dbg.stepping = undefined;
	dbg.until = undefined;
	dbg.pause();
}

/** Instructions of the machine so far. */
export const instructionsOf = (k: Kernel): number => k.processor?.instructions ?? 0;

/** An access to watched bytes that no instruction made, or none of the slice under way. */
const outsideHit = (data: DataBreakpoints): DataHit | undefined => data.take() ?? data.changed();

/** A stop for that. What a device has stored is undone where the event begins. */
function stopForOutside(k: Kernel, dbg: Debugger, tid: number | undefined): void {
	const hit = outsideHit(dbg.data);
	if (!hit) return;
	const {breakpoint, by, isDma} = hit;
	stopAt(dbg, {why: 'watchpoint', tid, breakpoint, by, ...(isDma && {undoneAt: k.hw.timeline.seq - 1})});
}

/** Behind each event: whether one of the machine's own functions, or a device, has changed watched bytes. */
export function lookBehindEvent(k: Kernel, dbg: Debugger): void {
	stopForOutside(k, dbg, undefined);
	searchOutside(k, dbg);
}

function searchOutside(k: Kernel, {search}: Debugger): void {
	const hit = search && outsideHit(search.data);
	if (!hit) return;
	const {breakpoint} = hit;
	search.last = {events: k.hw.timeline.seq - 1, instructions: undefined, tid: undefined, breakpoint};
}

// ── slices ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Part of a slice, as the processor has done it. */
type Part = {readonly entry: unknown; readonly instructions: number};

/** Keeps where a task's last instruction was, so that one can go back to before it. A gate's does not count. */
export function noteRun(k: Kernel, task: task_struct, entry: unknown, instructions: number): void {
	const ofGate = entry === 'gate' ? 1 : 0;
	if (instructions <= ofGate) return;
	task.ranInEvent = k.hw.timeline.seq;
	task.ranBefore = k.processor!.instructions - ofGate - 1;
}

/**
 * A slice of compiled code while there is a debugger. Spins where it stops, and then goes on.
 * @param run has the processor do so many instructions at most
 * @returns what ended the slice, and how many instructions it had
 */
export function* debuggedSlice<P extends Part>(
	k: Kernel,
	regs: Registers,
	budget: number,
	run: (budget: number) => P,
): Spends<P> {
	let done = 0;
	let passes = false;
	for (;;) {
		const dbg = k.debugger;
		if (dbg?.lock.locked) {
			yield dbg.lock;
			continue;
		}
		if (!dbg) {
			const rest = run(budget - done);
			return {...rest, instructions: done + rest.instructions};
		}
		const task = k.cpu.current;
		const context = k.cpu.stack.at(-1)!;
		if (stopsBefore(k, dbg, regs, context, task)) {
			passes = true;
			continue;
		}
		const part = runPart(k, dbg, {regs, context, task, passes, budget: budget - done}, run);
		passes = false;
		done += part.instructions;
		if (part.entry === 'breakpoint') {
			passes = true;
			if (isWantedHere(k, dbg.breakpoints, regs.eip, task)) {
				const breakpoint = dbg.breakpoints.find(each => each.bp_type === 'x' && each.bp_addr === regs.eip);
				stopAt(dbg, {why: 'breakpoint', tid: tidOf(k, task), breakpoint, by: undefined});
			}
			continue;
		}
		const isOver = part.entry !== 'budget' || k.processor!.hasEnded || done >= budget;
		while (isOver && k.debugger?.lock.locked) yield k.debugger.lock;
		if (isOver) return {...part, instructions: done};
	}
}

type Place = {
	readonly regs: Registers;
	readonly context: Context;
	readonly task: task_struct;
	readonly passes: boolean;
	readonly budget: number;
};

function runPart<P extends Part>(
	k: Kernel,
	dbg: Debugger,
	{regs, context, task, passes, budget}: Place,
	run: (budget: number) => P,
): P {
	const processor = processorOf(k);
	const {stepping, until, search} = dbg;
	const isStepped = stepping !== undefined && isAbout(k, stepping, regs, context, task);
	const untilLeft = until?.tid === tidOf(k, task) ? until.instructions - processor.instructions : budget;
	if (search && !search.first && search.tid === tidOf(k, task)) {
		const {seq} = k.hw.timeline;
		search.first = {events: seq - 1, instructions: processor.instructions, tid: search.tid, breakpoint: undefined};
	}
	processor.breakpoints = addressesFor(k, dbg, task);
	processor.passesBreakpoint = passes;
	processor.dataWatch = watchOf(dbg);
	let part: P;
	try {
		part = run(isStepped ? 1 : Math.min(budget, untilLeft));
	} finally {
		processor.breakpoints = undefined;
		processor.dataWatch = undefined;
	}
	if (isStepped && part.instructions > 0) {
		stepping.isDone = true;
		// The call ends here: the step goes on in what called it.
		if (part.entry === 'gate' && regs.eip === RETURN_GATE(k)) stepping.regs = undefined;
	}
	noteHits(k, dbg, regs, task, part);
	return part;
}

/** What the part has met: watched bytes stop the machine; a search notes them, and breakpoints. */
function noteHits(k: Kernel, dbg: Debugger, regs: Registers, task: task_struct, part: Part): void {
	const tid = tidOf(k, task);
	const hit = dbg.data.take();
	if (hit) stopAt(dbg, {why: 'watchpoint', tid, breakpoint: hit.breakpoint, by: hit.by});
	const {search} = dbg;
	if (!search) return;
	const {instructions} = k.processor!;
	const events = k.hw.timeline.seq - 1;
	const found = search.data.take();
	if (found && instructions - 1 < search.beforeInstructions)
		search.last = {events, instructions: instructions - 1, tid, breakpoint: found.breakpoint};
	if (part.entry === 'breakpoint' && instructions < search.beforeInstructions)
		if (isWantedHere(k, search.breakpoints, regs.eip, task))
			search.last = {events, instructions, tid, breakpoint: undefined};
}

/** Whether the thread stops before its next instruction, because what was asked for is over. */
function stopsBefore(k: Kernel, dbg: Debugger, regs: Registers, context: Context, task: task_struct): boolean {
	const tid = tidOf(k, task);
	searchOutside(k, dbg);
	stopForOutside(k, dbg, tid);
	if (dbg.stop) return true;
	const {stepping, until} = dbg;
	if (stepping?.isDone && isAbout(k, stepping, regs, context, task) && !isGate(k, regs.eip))
		stopAt(dbg, {why: 'step', tid, breakpoint: undefined, by: undefined});
	else if (until?.tid === tid && instructionsOf(k) >= until.instructions)
		stopAt(dbg, {why: 'until', tid, breakpoint: until.breakpoint, by: undefined});
	return dbg.stop !== undefined;
}

const isGate = (k: Kernel, address: number) => k.modules?.gates.has(address) || address === RETURN_GATE(k);

/** Whether a step is about the code of these registers: not about an interrupt's on top, nor about C that C called. */
const isAbout = (k: Kernel, {tid, regs}: Stepping, now: Registers, {kind}: Context, task: task_struct) =>
	regs === now || (regs === undefined && kind === 'task' && tid === tidOf(k, task));

const isWantedHere = (k: Kernel, breakpoints: readonly Breakpoint[], eip: number, task: task_struct) =>
	breakpoints.some(each => each.bp_type === 'x' && each.bp_addr === eip && isFor(k, each, task));

/** Addresses, signed as the processor has them, before which a task stops; undefined: none. */
function addressesFor(k: Kernel, {breakpoints, search}: Debugger, task: task_struct): Processor['breakpoints'] {
	const wanted = search ? [...breakpoints, ...search.breakpoints] : breakpoints;
	const addresses = wanted.filter(each => each.bp_type === 'x' && isFor(k, each, task)).map(each => each.bp_addr | 0);
	return addresses.length > 0 ? new Set(addresses) : undefined;
}

function watchOf({data, search}: Debugger): Processor['dataWatch'] {
	const sets = [data, ...(search ? [search.data] : [])].filter(each => !each.isEmpty);
	if (sets.length === 0) return undefined;
	for (const each of sets) each.locate();
	return {
		watches: place => sets.some(each => each.watches(place)),
		accessed(place, at, width, write) {
			for (const each of sets) each.accessed(place, at, width, write);
		},
	};
}
