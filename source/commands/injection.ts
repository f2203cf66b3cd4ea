import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {type ExperimentRecord, parseExperiments} from '../formats/debugfs/lab/experiments.ts';
import {
	couldNotMark,
	type InjectionRecord,
	isOver,
	type ObservationRecord,
	observationLine,
	parseInject,
	unfitReason,
} from '../formats/debugfs/lab/inject.ts';
import {files} from '../formats/files.ts';
import type {HeadlessMachine} from '../target/headless.ts';
import {type Target, TargetError} from '../target/target.ts';
import type {CommandContext} from './context.ts';
import {Failure} from './errors.ts';
import {chosenToDrive} from './machine.ts';

const experimentsPath = files.experiments.path;
const injectPath = files.inject.path;
const clockPath = files.clock.path;

/** Between two looks at an injection: in wall time on a machine that runs by itself, in virtual time on our own. */
const lookEveryMs = 50;
/**
 * An experiment that takes longer than this on a machine of its own hangs: some sleep for a minute when they are asked
 * to.
 */
const longestRunNs = 120e9;

/** A machine, and what lets its time pass while one waits for something on it. */
export type DrivenTarget = {
	readonly target: Target;
	readonly letTimePass: () => Promise<void>;
};

/** @param stopped why a machine of our own does not go on, if that is so */
export type OpenDrivenTarget = DrivenTarget & Pick<HeadlessMachine, 'stopped'>;

/** What was waited for did not come within the time that it was given. */
export class TookTooLong extends Failure {}

const tookTooLong = (longestNs: number) =>
	new TookTooLong([`the experiment did not end within ${longestNs / 1e9} virtual seconds`]);

/**
 * The machine of `--target`, whose time passes anyway, or a fresh one, whose time we drive.
 *
 * @param limit in the machine's time; `letTimePass` throws TookTooLong when it is over. Absent: on a machine of our own
 * two minutes, on another one there is none
 */
export async function openDrivenTarget(
	context: CommandContext,
	limit?: {readonly longestNs: number},
): Promise<OpenDrivenTarget> {
	const chosen = await chosenToDrive(context);
	if (!('own' in chosen)) {
		const {target} = chosen;
		const timeNs = async () => parseClock(await readText(target, clockPath)).timeNs;
		const endNs = limit === undefined ? undefined : (await timeNs()) + limit.longestNs;
		const letTimePass = async () => {
			if (limit !== undefined && (await timeNs()) > endNs!) throw tookTooLong(limit.longestNs);

			await new Promise<void>(resolve => setTimeout(resolve, lookEveryMs));
		};
		return {target, letTimePass, stopped: () => undefined};
	}

	const machine = chosen.own;
	const longestNs = limit?.longestNs ?? longestRunNs;
	const endNs = machine.timeNs() + longestNs;
	return {
		target: machine.target,
		stopped: machine.stopped,
		async letTimePass() {
			if (machine.timeNs() > endNs) throw tookTooLong(longestNs);

			// Otherwise no signal would be heard.
			await new Promise(resolve => setImmediate(resolve));
			machine.runUntil(machine.timeNs() + lookEveryMs * 1e6);
		},
	};
}

/** What can be injected into a machine. */
export async function experimentsOf(target: Target): Promise<readonly ExperimentRecord[]> {
	return parseExperiments(await readText(target, experimentsPath)).experiments;
}

/** How a run ended. One that the machine refused is not an injection: it has no number. */
export type Outcome = Omit<InjectionRecord, 'id' | 'by'> & {readonly id: number | null; readonly by: string | null};

/**
 * Injects and waits for the end.
 *
 * @param text `name key=value …`
 * @throws TargetError for a request that is wrong; Failure when the machine's clock is paused
 */
export async function inject(bench: DrivenTarget, text: string): Promise<Outcome> {
	const answer = await idOrRefusal(bench.target, text);
	return typeof answer === 'number' ? injectionUntilOver(bench, answer, isOver) : answer;
}

/**
 * Waits for the end of an injection.
 *
 * @param isEnough whether it is as far as it is wanted
 * @throws Failure when the machine's clock is paused; what `letTimePass` throws
 */
export async function injectionUntilOver(
	{target, letTimePass}: DrivenTarget,
	id: number,
	isEnough: (injection: InjectionRecord) => boolean,
): Promise<InjectionRecord> {
	for (;;) {
		const injection = parseInject(await readText(target, injectPath)).injections.find(each => each.id === id);
		if (injection === undefined) throw new Failure([`${target.name} has no injection ${id} any more`]);

		if (isEnough(injection)) return injection;

		if (parseClock(await readText(target, clockPath)).state === 'paused') {
			throw new Failure([
				`injection ${id} waits, for the clock of ${target.name} is paused; write "run" to ${clockPath}`,
			]);
		}

		await letTimePass();
	}
}

/** @throws TargetError unless it is the machine that is unfit */
async function idOrRefusal(target: Target, text: string): Promise<number | Outcome> {
	try {
		return Number.parseInt(await target.write(injectPath, text), 10);
	} catch (error) {
		const [name = '', ...pairs] = text.split(' ');
		const reason = error instanceof TargetError ? unfitReason(name, error) : undefined;
		if (reason === undefined) throw error;

		const {timeNs} = parseClock(await readText(target, clockPath));
		return {
			id: null,
			name,
			timeUs: Math.floor(timeNs / 1e3),
			status: 'could-not-run',
			by: null,
			parameters: pairs.map(pair => ({name: pair.split('=')[0]!, value: pair.split('=')[1] ?? ''})),
			pids: [],
			result: reason,
			answer: null,
			undecided: reason,
			narration: [],
			states: [],
			observations: [],
		};
	}
}

/** The machine did what the experiment claims, or something else, or was not fit for it. */
export type Verdict = 'held' | 'did not hold' | 'could not run';

export const exitCodes: Readonly<Record<Verdict, number>> = {held: 0, 'did not hold': 1, 'could not run': 3};

export function verdictOf({status, observations}: Outcome): Verdict {
	if (status === 'could-not-run') return 'could not run';

	return status === 'done' && observations.every(({state}) => state === 'held') ? 'held' : 'did not hold';
}

const marks = {held: '✓', failed: '✗', open: '…'} as const;
const endMarks = {held: '✓', 'did not hold': '✗', 'could not run': `${couldNotMark} could not run:`} as const;

/** Narration, observations and result, a line each. */
export function injectionText(injection: Outcome): string {
	const {name, parameters, narration, observations, result} = injection;
	const lines = [
		[name, ...parameters.map(({name, value}) => `${name}=${value}`)].join(' '),
		...narration.map(({timeUs, text}) => `  [${(timeUs / 1e6).toFixed(6)}] ${text}`),
		...observations.map(each => `  ${observationText(each)}`),
		...(result === null ? [] : [`  ${endMarks[verdictOf(injection)]} ${result}`]),
	];
	return lines.map(line => `${line}\n`).join('');
}

/** What was observed, in a line: whether it held, and where it was seen. */
export function observationText(observation: ObservationRecord): string {
	return `${marks[observation.state]} ${observationLine(observation)}`;
}

/** @throws Failure for a file of bytes */
export async function readText(target: Target, path: string): Promise<string> {
	const content = await target.read(path);
	if (typeof content !== 'string') throw new Failure([`${path} of ${target.name} is not text`]);

	return content;
}
