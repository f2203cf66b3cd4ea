/** Workloads that somebody injected: what was asked, when, by whom, how it stands. */

import {refusedPair} from '../formats/debugfs/lab/experiments.ts';
import {isOver, unfitWords} from '../formats/debugfs/lab/inject.ts';
import {didYouMean} from '../formats/nearest.ts';
import {TaskKilled} from '../kernel/bug.ts';
import {errnoName} from '../kernel/errno.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {wake_up_new_task} from '../kernel/new_task.ts';
import {dieIfKilled} from '../kernel/signal.ts';
import type {Sleeps} from '../kernel/time.ts';
import type {Board} from './drivers.ts';
import {LabError} from './errors.ts';
import {
	type Bench,
	type Check,
	CouldNotRun,
	type Experiment,
	passes,
	type Seen,
	show,
	type Workload,
	wanted,
} from './experiment.ts';
import {experimentRecord} from './experimentRecord.ts';
import {experiments} from './experiments/list.ts';
import {deathWords, wasKilled} from './experiments/steps.ts';
import {type FieldPath, fieldName, isSeenIn, traced} from './fields.ts';
import {becomeProgram, newProcess} from './programs/start.ts';
import {User} from './userland.ts';
import type {FileView, Quoting} from './views.ts';

export type Observation = {
	readonly sentence: string;
	readonly timeNs: number;
	readonly holds: boolean;
	/**
	 * The file that was read, and its field that says what was seen; no field where that was counted or computed from
	 * several.
	 */
	readonly from?: {readonly path: string; readonly field: string | null};
	/** In words. */
	readonly expected: string;
	readonly seen: string;
	/** A line of the file that was meant. */
	readonly quote?: string;
};

export type Injection = {
	readonly id: number;
	readonly experiment: Omit<Workload, 'comm' | 'run'>;
	readonly values: Readonly<Record<string, number>>;
	readonly by: string;
	readonly timeNs: number;
	/**
	 * `done`: all that was observed holds; `failed`: something does not; `could-not-run`: the machine did not let it come
	 * so far.
	 */
	status: 'waiting' | 'running' | 'done' | 'failed' | 'could-not-run';
	result: string;
	/** The steps ended before their end, so that questions may be open. */
	cutShort: boolean;
	readonly narration: {readonly timeNs: number; readonly text: string}[];
	/** Declared states as they began. */
	readonly states: {readonly timeNs: number; readonly state: string}[];
	readonly observations: Observation[];
	/** Processes that it started. */
	readonly pids: number[];
};

/** A declared state that is on now; the clock is held until it was seen. */
type Hold = {readonly injection: number; readonly state: string};

export type Injections = {
	/** The newest of them, and those that go on; the oldest first. */
	readonly all: Injection[];
	/** Of what all were that there ever were, in their order: the first has the id 1. */
	readonly names: string[];
	readonly holds: Hold[];
	/** Injections of which no state is held any more. */
	readonly letGo: Set<number>;
};

export const noInjections = (): Injections => ({all: [], names: [], holds: [], letGo: new Set()});

/** So many are kept with all that they said: every sample of a monitor has them. */
export const mostInjections = 64;

/** So many may be under way: each is a process. */
const mostUnderWay = 512;

/** Of more, the oldest that is over and holds nothing is forgotten. */
function forgetOld({all, holds, letGo}: Injections): void {
	const isHeld = ({id}: Injection) => holds.some(({injection}) => injection === id);
	for (let at = 0; at < all.length && all.length > mostInjections; ) {
		const injection = all[at]!;
		if (isOver(injection) && !isHeld(injection)) {
			all.splice(at, 1);
			letGo.delete(injection.id);
		} else at++;
	}
}

/** @returns undefined for one that is forgotten, or never was */
export const injectionNamed = ({all}: Injections, id: number): Injection | undefined =>
	all.find(each => each.id === id);

/** What an injection was of, forgotten or not. */
export const experimentOf = ({names}: Injections, id: number): string => names[id - 1] ?? '?';

/** What a state is called where it is held. */
export const stateName = ({experiment: {name}}: Injection, state: string): string => `${name}: ${state}`;

/** Whether a state of that name may still come and be held: it is declared by one that goes on and has not shown it. */
export const awaitsState = ({all, letGo}: Injections, name: string): boolean =>
	all.some(injection => {
		const {id, status, experiment, states} = injection;
		const isUnderWay = (status === 'waiting' || status === 'running') && !letGo.has(id);
		const isIt = (state: string) => stateName(injection, state) === name;
		return isUnderWay && experiment.declares.some(isIt) && !states.some(({state}) => isIt(state));
	});

/** The machine as injections need it. */
export type InjectionPlace = {
	readonly k: Kernel;
	readonly board: Board;
	readonly injections: Injections;
	/** A file of the tree. @throws LabError */
	readonly read: (path: string) => string | Uint8Array;
};

/** What the process of an injection is. */
const program = '/usr/local/bin/lab';
/** How long a shown state lasts in virtual time, so that a step of the clock can fall into it. */
const shownNs = 1_000;

/**
 * Parses and starts `name key=value …`.
 * @param among the experiments that there are
 * @returns the injection's id
 * @throws LabError EINVAL for an unknown name, parameter or value; EPERM where the machine does not fit; EAGAIN where
 * too many are under way
 */
export function inject(
	place: InjectionPlace,
	text: string,
	by: string,
	among: readonly Experiment[] = experiments,
): number {
	const [name = '', ...pairs] = text.trim().split(/\s+/);
	const experiment = among.find(each => each.name === name);
	if (!experiment) {
		const meant = didYouMean(
			name,
			among.map(each => each.name),
		);
		throw new LabError(
			'EINVAL',
			`no experiment "${name}"${meant || `; lab/experiments lists ${among.length} of them`}`,
		);
	}
	return begin(place, experiment, parseValues(experiment, pairs), pairs, by);
}

/** @throws LabError EAGAIN */
function refuseMany({all}: Injections): void {
	if (all.filter(each => !isOver(each)).length >= mostUnderWay)
		throw new LabError('EAGAIN', `${mostUnderWay} injections are under way; inject again when one is over`);
}

/**
 * Puts an injection down, under the next number; who calls it starts its process.
 * @throws LabError EAGAIN where too many are under way
 */
export function register(
	{k, injections}: Pick<InjectionPlace, 'k' | 'injections'>,
	experiment: Injection['experiment'],
	values: Injection['values'],
	by: string,
	status: Injection['status'],
): Injection {
	refuseMany(injections);
	const injection: Injection = {
		id: injections.names.length + 1,
		experiment,
		values,
		by,
		timeNs: k.hw.timeline.nowNs,
		status,
		result: '',
		cutShort: false,
		narration: [],
		states: [],
		observations: [],
		pids: [],
	};
	injections.all.push(injection);
	injections.names.push(experiment.name);
	forgetOld(injections);
	return injection;
}

/**
 * Starts a workload.
 * @param values of its parameters
 * @param words behind its name, as its command line shows them
 * @returns the injection's id
 * @throws LabError EPERM where the machine does not fit; EAGAIN where too many are under way
 */
export function begin(
	place: InjectionPlace,
	experiment: Workload,
	values: Injection['values'],
	words: readonly string[],
	by: string,
): number {
	const {k, injections} = place;
	const {comm} = experiment;
	const reason = experiment.unfit?.(k) ?? refusedAsDamaging(experiment, injections);
	if (reason !== undefined) throw new LabError('EPERM', unfitWords(experiment.name, reason));
	const injection = register(place, experiment, values, by, 'waiting');
	const parent = k.sched.tasks.get(1) ?? null;
	const task = newProcess(k, {comm, argv: [comm, ...words], injection: injection.id, parent});
	wake_up_new_task(k, task, () => perform(place, injection, experiment));
	injection.pids.push(task.pid);
	return injection.id;
}

const refusedAsDamaging = ({disposable}: Workload, {names}: Injections): string | undefined =>
	disposable && names.length > 0 ? 'it leaves damage behind, so it needs a fresh machine' : undefined;

function parseValues(experiment: Experiment, pairs: readonly string[]): Record<string, number> {
	const values = Object.fromEntries(experiment.parameters.map(each => [each.name, each.usual]));
	const record = experimentRecord(experiment);
	for (const pair of pairs) {
		const reason = refusedPair(record, pair);
		if (reason !== undefined) throw new LabError('EINVAL', reason);
		const [name = '', value] = pair.split('=');
		values[name] = Number(value);
	}
	return values;
}

/** What the steps took and have not given back yet, in the order of taking. */
type Taken = (() => void | Sleeps<unknown>)[];

function benchOf({k, board, injections, read}: InjectionPlace, injection: Injection, taken: Taken): Bench {
	const view = <T>({path, parse}: FileView<T>): T => {
		const content = read(path);
		if (typeof content !== 'string') throw new LabError('EINVAL', `${path} is not text`);
		return parse(content);
	};
	const put = (observation: Omit<Observation, 'timeNs'>) =>
		injection.observations.push({...observation, timeNs: k.hw.timeline.nowNs});
	const note = <V extends Seen>(
		sentence: string,
		seen: V,
		check: Check<V>,
		from?: Observation['from'],
		quote?: string,
	) => {
		const told = {
			expected: wanted(check),
			seen: show(seen),
			...(from && {from}),
			...(quote !== undefined && {quote}),
		};
		put({sentence, holds: passes(seen, check), ...told});
	};
	return {
		k,
		board,
		value: name => injection.values[name]!,
		say: text => injection.narration.push({timeNs: k.hw.timeline.nowNs, text}),
		*show(state) {
			injection.states.push({timeNs: k.hw.timeline.nowNs, state});
			if (!injections.letGo.has(injection.id)) injections.holds.push({injection: injection.id, state});
			yield shownNs;
			dieIfKilled(k);
		},
		read: view,
		expect(sentence, file, pick, check) {
			const looks: {readonly path: FieldPath; readonly value: unknown}[] = [];
			const record = fileOrReason(() => view(file));
			if (record instanceof LabError) {
				const from = {path: file.path, field: null};
				put({sentence, holds: false, expected: wanted(check), seen: record.message, from});
				return;
			}
			const seen = pick(traced(record, (path, value) => void looks.push({path, value})));
			const field = looks.findLast(({value}) => isSeenIn(value, seen));
			const quote = quoteOf(pick, record);
			note(sentence, seen, check, {path: file.path, field: field ? fieldName(field.path) : null}, quote);
		},
		observe: note,
		later(giveBack) {
			taken.push(giveBack);
			return () => {
				taken.splice(taken.indexOf(giveBack), 1);
				return giveBack();
			};
		},
	};
}

/** A line that was counted, where what counts can say one. */
const quoteOf = <R>(pick: (record: R) => unknown, record: R): string | undefined =>
	'quote' in pick ? (pick as Quoting<R>).quote(record) : undefined;

/** How an injection ends, and what its process ends with then. */
const exitCodes = {done: 0, failed: 1, 'could-not-run': 3} as const;

function* perform(place: InjectionPlace, injection: Injection, experiment: Workload): Sleeps<number> {
	const {observations} = injection;
	const taken: Taken = [];
	let verdict: keyof typeof exitCodes = 'failed';
	let goesOn = true;
	injection.status = 'running';
	injection.cutShort = true;
	try {
		yield* becomeLab(place.k, experiment);
		injection.result = yield* experiment.run(benchOf(place, injection, taken));
		injection.cutShort = false;
		verdict = 'done';
	} catch (reason) {
		// Anything but these stops the machine here, which then says how its injections stand: nothing is given back on it.
		injection.result = sentenceOf(reason);
		if (isMachines(place.k, reason)) verdict = 'could-not-run';
		else if (!(reason instanceof TaskKilled)) {
			goesOn = false;
			throw reason;
		}
	} finally {
		// What was seen stays seen, whatever kept the steps from going on.
		if (observations.some(each => !each.holds)) verdict = 'failed';
		if (goesOn) yield* giveBackAll(injection, taken, verdict);
	}
	return exitCodes[verdict];
}

/**
 * Whether the machine is why the steps ended: it lacked something, or others killed the process. A fault of its own is
 * a result.
 */
const isMachines = (k: Kernel, reason: unknown): boolean =>
	reason instanceof CouldNotRun || reason instanceof LabError || wasKilled(k.cpu.current, reason);

/** What a file shows, or why it is not to be read. */
function fileOrReason<T>(look: () => T): T | LabError {
	try {
		return look();
	} catch (reason) {
		if (reason instanceof LabError) return reason;
		throw reason;
	}
}

/** Whatever comes of that, the injection has ended. */
function* giveBackAll(injection: Injection, taken: Taken, verdict: keyof typeof exitCodes): Sleeps<void> {
	try {
		for (let giveBack = taken.pop(); giveBack; giveBack = taken.pop()) yield* giveBack() ?? [];
	} finally {
		injection.status = verdict;
	}
}

/** The new process becomes the program that every experiment is, under a name of its own. */
function* becomeLab(k: Kernel, {comm}: Workload): Sleeps<void> {
	const {current} = k.cpu;
	const error = yield* becomeProgram(new User(k), program, current.cmdline);
	// Linux would name the process after the file; these say what they do.
	current.comm = comm;
	if (error < 0) throw new CouldNotRun(`${program} cannot be started: ${errnoName(error)}`);
}

function sentenceOf(reason: unknown): string {
	if (reason instanceof TaskKilled) return `its process was ${deathWords(reason)}`;
	return reason instanceof Error ? reason.message : String(reason);
}
