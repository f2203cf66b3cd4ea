/** What a debugger writes to `lab/gdb`, and reads there: the machine stands, goes on, and goes back for it. */
import {breakpointTypes, type Gdb} from '../formats/debugfs/lab/gdb.ts';
import {files} from '../formats/files.ts';
import type {Registers} from '../hardware/cpu/processor.ts';
import type {Breakpoint} from '../kernel/debug/breakpoint.ts';
import {
	beginSearch,
	type Debugger,
	instructionsOf,
	letGo,
	newDebugger,
	type Position,
	removeDebugger,
	setBreakpoints,
	step,
} from '../kernel/debug/debugger.ts';
import {peek, poke, tell} from '../kernel/debug/peek.ts';
import {debugThread, debugThreads, taskOfTid} from '../kernel/debug/threads.ts';
import type {Kernel} from '../kernel/kernel.ts';
import type {task_struct} from '../kernel/sched.ts';
import type {LabClock} from './clock.ts';
import {LabError} from './errors.ts';
import type {Wanted} from './session.ts';

export const gdbPath = files.gdb.path;

/** The parts of a machine that a debugger is about. */
type Debugged = {readonly k: Kernel; readonly clock: LabClock};

const mostBreakpoints = 100;
/** Bytes that are read or written at once. */
const mostBytes = 1024;
/** And that all breakpoints watch together: they are compared after each event. */
const longestWatch = 4096;

const takes =
	'lab/gdb takes hold, detach, breakpoints [TYPE:ADDRESS:BYTES[:PID]]…, run, step TID, stop, back TID, reverse TID, ' +
	'at TID INSTRUCTIONS, set TID REGISTER VALUE, store TID ADDRESS BYTES or tell ADDRESS BYTES';

/** The debugger of a machine that is held. @throws LabError EINVAL for any other */
function held({k}: Debugged): Debugger {
	if (k.debugger?.holder === undefined)
		throw new LabError('EINVAL', 'this machine is not being debugged: "hold" comes first');
	return k.debugger;
}

/**
 * A machine has one debugger at a time, which has its clock as well.
 * @throws LabError EBUSY
 */
export function checkHolder({debugger: dbg}: Kernel, path: string, text: string, by: string): void {
	const holder = dbg?.holder;
	if (holder === undefined) return;
	const [word = ''] = text.trim().split(/\s+/);
	const isSteering = path === files.clock.path && ['run', 'step', 'back', 'rewind', 'until'].includes(word);
	if (!isSteering && (path !== gdbPath || holder === by)) return;
	throw new LabError('EBUSY', `${holder} debugs this machine with gdb, which says when it goes on and where to`);
}

/** What leads a machine out of a state in which it stopped. */
export const reverses = (text: string): boolean => /^\s*(back|reverse)\b/.test(text);

/**
 * Carries out what was written.
 * @throws LabError EINVAL for what is not understood; EFAULT for memory that is not there; ESRCH for no such thread
 */
export function writeGdb(state: Debugged, text: string, by: string): string {
	const {k, clock} = state;
	const [word = '', ...args] = text.trim().split(/\s+/);
	switch (word) {
		case 'hold': {
			count(word, args, 0);
			hold(state, by);
			return '';
		}
		case 'detach':
			count(word, args, 0);
			removeDebugger(k, held(state));
			clock.paused = false;
			return '';
		case 'breakpoints':
			setBreakpoints(k, held(state), parseBreakpoints(args));
			return '';
		case 'run':
			count(word, args, 0);
			letGo(held(state));
			clock.paused = false;
			return '';
		case 'step':
			count(word, args, 1);
			if (!step(k, held(state), task(k, args[0]!).tid))
				throw new LabError('EINVAL', `thread ${args[0]} has no registers now`);
			clock.paused = false;
			return '';
		case 'stop':
		case 'begin':
			count(word, args, 0);
			stand(held(state), clock, word === 'stop' ? 'asked' : 'begin');
			return '';
		case 'back':
		case 'reverse':
			count(word, args, 1);
			goBack(state, held(state), word, task(k, args[0]!).task);
			return '';
		case 'at':
			standBefore(state, args, by);
			return '';
		case 'set':
			count(word, args, 3);
			held(state);
			setRegister(registers(k, args[0]!), args[1]!, args[2]!);
			return '';
		case 'store':
			count(word, args, 3);
			held(state);
			store(k, args);
			return '';
		case 'tell': {
			count(word, args, 2);
			held(state);
			tell(k, address(args[0]!), length(args[1]!, mostBytes));
			return '';
		}
		default:
			throw new LabError('EINVAL', `${takes}; got "${word}"`);
	}
}

function count(word: string, args: readonly string[], wanted: number): void {
	if (args.length !== wanted)
		throw new LabError('EINVAL', `${word} takes ${wanted === 0 ? 'no' : wanted} words, got ${args.length}`);
}

function hold({k, clock}: Debugged, by: string): Debugger {
	k.debugger ??= newDebugger(k, () => standStill(clock));
	const isNew = k.debugger.holder !== by;
	k.debugger.holder = by;
	if (isNew) stand(k.debugger, clock, 'asked');
	return k.debugger;
}

/** Pauses. What was asked of the clock before is over: the debugger says what comes next. */
function standStill(clock: LabClock): void {
	clock.paused = true;
	clock.stepsWanted = 0;
	clock.untilNs = undefined;
}

function stand(dbg: Debugger, clock: LabClock, why: 'asked' | 'begin'): void {
	standStill(clock);
	dbg.stepping = undefined;
	dbg.until = undefined;
	if (dbg.stop === undefined || why === 'begin') dbg.stop = {why, tid: undefined, breakpoint: undefined, by: undefined};
}

// ── words of a write ───────────────────────────────────────────────────────────────────────────────────────────────

function number(text: string, what: string): number {
	const value = Number(text);
	if (text === '' || !Number.isInteger(value) || value < 0)
		throw new LabError('EINVAL', `${what} is a number from 0, got "${text}"`);
	return value;
}

function address(text: string): number {
	const value = /^(0x)?[\da-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : -1;
	if (value < 0) throw new LabError('EINVAL', `an address has 1 to 8 hexadecimal digits, got "${text}"`);
	return value;
}

function length(text: string, most: number): number {
	const value = number(text, 'a length in bytes');
	if (value < 1 || value > most) throw new LabError('EINVAL', `a length is 1..${most} bytes, got "${text}"`);
	return value;
}

/** @throws LabError ESRCH */
function task(k: Kernel, text: string): {readonly tid: number; readonly task: task_struct} {
	const tid = number(text, 'a thread');
	const found = taskOfTid(k, tid);
	if (!found) throw new LabError('ESRCH', `this machine has no thread ${tid}`);
	return {tid, task: found};
}

function registers(k: Kernel, text: string): Registers {
	const {regs} = debugThread(k, task(k, text).task);
	if (!regs) throw new LabError('ESRCH', `thread ${text} has no registers now`);
	return regs;
}

function parseBreakpoints(texts: readonly string[]): readonly Breakpoint[] {
	if (texts.length > mostBreakpoints)
		throw new LabError('EINVAL', `there may be ${mostBreakpoints} breakpoints, got ${texts.length}`);
	const all = texts.map(parseBreakpoint);
	const watched = all.reduce((sum, {bp_type, bp_len}) => sum + (bp_type === 'x' ? 0 : bp_len), 0);
	if (watched > longestWatch)
		throw new LabError('EINVAL', `all breakpoints may watch ${longestWatch} bytes together, got ${watched}`);
	return all;
}

function parseBreakpoint(text: string): Breakpoint {
	const [type = '', at = '', bytes = '', pid, ...more] = text.split(':');
	const bp_type = breakpointTypes.find(each => each === type);
	if (!bp_type || more.length > 0)
		throw new LabError('EINVAL', `a breakpoint is x, w, r or rw as in x:ADDRESS:BYTES[:PID], got "${text}"`);
	const bp_len = length(bytes, longestWatch);
	return {bp_type, bp_addr: address(at), bp_len, pid: pid === undefined ? undefined : number(pid, 'a process')};
}

const registerNames = [
	...['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', 'eip', 'eflags'],
	...['cs', 'ss', 'ds', 'es', 'fs', 'gs'],
] as const;

const generalRegisters = 8;
/** Where a selector is among those of the processor: es cs ss ds fs gs. */
const selectorIndex: Readonly<Record<string, number>> = {cs: 1, ss: 2, ds: 3, es: 0, fs: 4, gs: 5};

function registerValues({general, eip, flags, selectors}: Registers): readonly number[] {
	const last = registerNames.slice(generalRegisters + 2).map(each => selectors[selectorIndex[each]!]!);
	return [...Array.from(general, each => each >>> 0), eip >>> 0, flags >>> 0, ...last];
}

function setRegister(regs: Registers, name: string, text: string): void {
	const index = registerNames.indexOf(name as (typeof registerNames)[number]);
	const value = address(text);
	if (index < 0) throw new LabError('EINVAL', `there is no register "${name}"`);
	if (index < generalRegisters) regs.general[index] = value;
	else if (name === 'eip') regs.eip = value;
	else if (name === 'eflags') regs.flags = value;
	else throw new LabError('EINVAL', `${name} is a segment, which a debugger does not set`);
}

function store(k: Kernel, [tid, at, hex]: readonly string[]): void {
	const {mm} = task(k, tid!).task;
	if (!/^([\da-f]{2})+$/i.test(hex!))
		throw new LabError('EINVAL', `bytes are pairs of hexadecimal digits, got "${hex}"`);
	const bytes = Uint8Array.from(hex!.match(/../g)!, each => Number.parseInt(each, 16));
	const first = address(at!);
	const stored = poke(k, mm, first, bytes);
	if (stored < bytes.length)
		throw new LabError('EFAULT', `nothing can be stored at 0x${(first + stored).toString(16)}`);
}

// ── going back ─────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * `back`: to before the thread's last instruction, or the store of a device that it stands behind; `reverse`: to the
 * breakpoint before this instant.
 */
function goBack({k, clock}: Debugged, dbg: Debugger, word: 'back' | 'reverse', of: task_struct): void {
	const {tid} = debugThread(k, of);
	if (word === 'reverse') {
		const search: Wanted = {breakpoints: dbg.breakpoints, tid, beforeInstructions: instructionsOf(k)};
		clock.rewindTo = {events: k.hw.timeline.seq, debug: {search, wholly: false}};
	} else if (dbg.stop?.undoneAt !== undefined) {
		const {breakpoint, undoneAt: events} = dbg.stop;
		clock.rewindTo = {events, debug: {at: {events, instructions: undefined, tid: undefined, breakpoint}}};
	} else if (of.ranInEvent === 0) stand(dbg, clock, 'begin');
	else {
		const at = {events: of.ranInEvent - 1, instructions: of.ranBefore, tid, breakpoint: undefined};
		clock.rewindTo = {events: at.events, debug: {at}};
	}
}

export function lookFor({k, clock}: Debugged, wanted: Wanted): void {
	k.debugger ??= newDebugger(k, () => standStill(clock));
	beginSearch(k, k.debugger, wanted);
}

/** @param wholly everything since power-on was looked at: the thread began where its first instruction was */
export function foundBy({debugger: dbg}: Kernel, wholly: boolean): Position | undefined {
	const search = dbg?.search;
	const isBefore = search?.first && search.first.instructions! < search.beforeInstructions;
	return search?.last ?? (wholly && isBefore ? search.first : undefined);
}

/** `at - [BREAKPOINT]`: here; `at TID INSTRUCTIONS [BREAKPOINT]`: before that instruction. */
function standBefore(state: Debugged, [tid, ...rest]: readonly string[], by: string): void {
	const hit = rest.at(-1)?.includes(':') ? parseBreakpoint(rest.at(-1)!) : undefined;
	const until = tid === '-' ? undefined : parsePlace(tid, rest[0], hit);
	const dbg = hold(state, by);
	letGo(dbg);
	if (!until) {
		dbg.stop = {why: 'until', tid: undefined, breakpoint: hit, by: undefined};
		state.clock.paused = true;
		return;
	}
	dbg.until = until;
	state.clock.paused = false;
}

const parsePlace = (tid = '', instructions = '', breakpoint: Breakpoint | undefined): Debugger['until'] => ({
	tid: number(tid, 'a thread'),
	instructions: number(instructions, 'what comes before: instructions'),
	breakpoint,
});

// ── the file ───────────────────────────────────────────────────────────────────────────────────────────────────────

export function gdbRecord({k}: Debugged): Gdb {
	const {holder, stop, breakpoints = []} = k.debugger ?? {};
	return {
		holder: holder ?? null,
		stop: stop
			? {
					why: stop.why,
					tid: stop.tid ?? null,
					type: stop.breakpoint?.bp_type ?? null,
					address: stop.breakpoint?.bp_addr ?? null,
					by: stop.by ?? null,
				}
			: null,
		instructions: instructionsOf(k),
		breakpoints: breakpoints.map(({bp_type, bp_addr, bp_len, pid}) => ({
			type: bp_type,
			address: bp_addr,
			bytes: bp_len,
			pid: pid ?? null,
		})),
		threads: debugThreads(k).map(({tid, task: {tgid, comm}, cpu, regs}) => ({
			tid,
			tgid,
			comm,
			cpu: cpu ?? null,
			registers: regs ? registerValues(regs) : [],
		})),
	};
}

/**
 * `TID:ADDRESS+BYTES`: memory as that thread has it, up to the first byte that cannot be looked at.
 * @throws LabError EFAULT where that is the first one; ENODATA where it belongs to a pointer that has no address yet
 */
export function memoryFile(k: Kernel, text: string): Uint8Array {
	const match = /^(\d+):(0x[\da-f]{1,8})\+(\d+)$/i.exec(text);
	if (!match) throw new LabError('EINVAL', `memory is asked for as TID:0xADDRESS+BYTES, got "${text}"`);
	const {mm} = task(k, match[1]!).task;
	const {bytes, end} = peek(k, mm, address(match[2]!), length(match[3]!, mostBytes));
	if (bytes.length > 0) return bytes.slice();
	if (end === 'untold')
		throw new LabError(
			'ENODATA',
			`at ${match[2]} is a pointer to an object that has no address yet; "tell" in lab/gdb gives it one`,
		);
	throw new LabError('EFAULT', `at ${match[2]} is nothing, or a device, which reading would change`);
}
