/** Workloads that somebody injected: what was asked, when, by whom, how it stands. */
import type {Kernel} from '../kernel/kernel.ts';
import type {Sleeps} from '../kernel/time.ts';
import type {Board} from './board.ts';
import {LabError} from './errors.ts';
import {type Bench, type Experiment, ExperimentFailed, passes, show, wanted} from './experiment.ts';
import {EXPERIMENTS} from './experiments/list.ts';
import {startProcess} from './programs/start.ts';
import type {View} from './views.ts';

export type Observation = {
	readonly sentence: string;
	readonly holds: boolean;
	/** What a file was expected to show and what it did, in words; absent where no file shows it. */
	readonly shown?: {readonly path: string; readonly expected: string; readonly seen: string};
};

export type Injection = {
	readonly id: number;
	readonly experiment: Experiment;
	readonly values: Readonly<Record<string, number>>;
	readonly by: string;
	readonly timeNs: number;
	status: 'waiting' | 'running' | 'done' | 'failed';
	result: string;
	readonly narration: {readonly timeNs: number; readonly text: string}[];
	readonly observations: Observation[];
	/** Processes that it started. */
	readonly pids: number[];
};

/** A declared state that is on now; the clock is held until it was seen. */
export type Hold = {readonly injection: number; readonly state: string};

export type Injections = {
	readonly all: Injection[];
	readonly holds: Hold[];
};

export const noInjections = (): Injections => ({all: [], holds: []});

/** The machine as injections need it. */
export type InjectionPlace = {
	readonly k: Kernel;
	readonly board: Board;
	readonly injections: Injections;
	/** A file of the tree. @throws LabError */
	readonly read: (path: string) => string | Uint8Array;
};

/** How long a shown state lasts in virtual time, so that a step of the clock can fall into it. */
const SHOWN_NS = 1_000;

/**
 * Parses and starts `name key=value …`.
 * @returns the injection's id
 * @throws LabError EINVAL for an unknown name, parameter or value; EPERM where the machine does not fit
 */
export function inject(place: InjectionPlace, text: string, by: string): number {
	const {k, injections} = place;
	const [name = '', ...pairs] = text.trim().split(/\s+/);
	const experiment = EXPERIMENTS.find(each => each.name === name);
	if (!experiment)
		throw new LabError('EINVAL', `no experiment "${name}"; lab/experiments lists ${EXPERIMENTS.length} of them`);
	const values = parseValues(experiment, pairs);
	const reason = experiment.unfit?.(k);
	if (reason !== undefined) throw new LabError('EPERM', `${name} cannot run here: ${reason}`);
	if (experiment.disposable && injections.all.length > 0)
		throw new LabError('EPERM', `${name} leaves damage behind: it runs on a fresh machine only`);
	const injection: Injection = {
		id: injections.all.length + 1,
		experiment,
		values,
		by,
		timeNs: k.hw.timeline.nowNs,
		status: 'waiting',
		result: '',
		narration: [],
		observations: [],
		pids: [],
	};
	injections.all.push(injection);
	const task = startProcess(
		k,
		{
			comm: experiment.comm,
			path: '/usr/local/bin/lab',
			argv: [experiment.comm, ...pairs],
			injection: injection.id,
			parent: k.sched.tasks.get(1) ?? null,
		},
		() => perform(place, injection),
	);
	injection.pids.push(task.pid);
	return injection.id;
}

function parseValues(experiment: Experiment, pairs: readonly string[]): Record<string, number> {
	const values = Object.fromEntries(experiment.parameters.map(each => [each.name, each.usual]));
	for (const pair of pairs) {
		const at = pair.indexOf('=');
		const name = at < 0 ? pair : pair.slice(0, at);
		const parameter = experiment.parameters.find(each => each.name === name);
		if (at < 0 || !parameter) {
			const names = experiment.parameters.map(each => `${each.name}=N`).join(', ') || 'none';
			throw new LabError('EINVAL', `${experiment.name} takes ${names}, got "${pair}"`);
		}
		values[name] = parseValue(parameter.name, parameter.least, parameter.most, pair.slice(at + 1));
	}
	return values;
}

function parseValue(name: string, least: number, most: number, text: string): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < least || value > most)
		throw new LabError('EINVAL', `${name} must be ${least}..${most}, got "${text}"`);
	return value;
}

function benchOf({k, board, injections, read}: InjectionPlace, injection: Injection): Bench {
	const view = <T>({path, parse}: View<T>): T => {
		const content = read(path);
		if (typeof content !== 'string') throw new Error(`${path} is not text`);
		return parse(content);
	};
	return {
		k,
		board,
		value: name => injection.values[name]!,
		say: text => injection.narration.push({timeNs: k.hw.timeline.nowNs, text}),
		*show(state) {
			injections.holds.push({injection: injection.id, state});
			yield SHOWN_NS;
		},
		read: view,
		expect(sentence, file, pick, check) {
			const seen = pick(view(file));
			const shown = {path: file.path, expected: wanted(check), seen: show(seen)};
			injection.observations.push({sentence, holds: passes(seen, check), shown});
		},
		observe: (sentence, holds) => injection.observations.push({sentence, holds}),
	};
}

function* perform(place: InjectionPlace, injection: Injection): Sleeps<number> {
	const bench = benchOf(place, injection);
	injection.status = 'running';
	try {
		injection.result = yield* injection.experiment.run(bench);
		injection.status = injection.observations.every(each => each.holds) ? 'done' : 'failed';
	} catch (reason) {
		injection.status = 'failed';
		if (!(reason instanceof ExperimentFailed)) {
			injection.result = 'its process was killed';
			throw reason;
		}
		injection.result = reason.message;
	}
	return injection.status === 'done' ? 0 : 1;
}
