import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {type Experiment, parseExperiments} from '../formats/debugfs/lab/experiments.ts';
import {type Injection, type Observation, observationLine, parseInject} from '../formats/debugfs/lab/inject.ts';
import type {HeadlessMachine} from '../target/headless.ts';
import type {Target} from '../target/target.ts';
import type {Context} from './context.ts';
import {Failure} from './errors.ts';
import {chosenTarget, freshMachine} from './machine.ts';

const experimentsPath = '/sys/kernel/debug/lab/experiments';
const injectPath = '/sys/kernel/debug/lab/inject';
const clockPath = '/sys/kernel/debug/lab/clock';

/** Between two looks at an injection: in wall time on a machine that runs by itself, in virtual time on our own. */
const lookEveryMs = 50;
/** An experiment that takes longer than this on a machine of its own hangs. */
const longestRunNs = 60e9;

/** A machine, and what lets its time pass while one waits for something on it. */
export type Bench = {
	readonly target: Target;
	readonly letTimePass: () => Promise<void>;
};

/** @param stopped why a machine of our own does not go on, if that is so */
export type OpenBench = Bench & Pick<HeadlessMachine, 'stopped'>;

/** The machine of `--target`, whose time passes anyway, or a fresh one, whose time we drive. */
export async function openBench(context: Context): Promise<OpenBench> {
	if (context.flags.target !== undefined) {
		const target = await chosenTarget(context);
		const letTimePass = () => new Promise<void>(resolve => setTimeout(resolve, lookEveryMs));
		return {target, letTimePass, stopped: () => undefined};
	}

	const machine = await freshMachine(context.flags);
	const endNs = machine.timeNs() + longestRunNs;
	return {
		target: machine.target,
		stopped: machine.stopped,
		async letTimePass() {
			if (machine.timeNs() > endNs) {
				throw new Failure([`the experiment did not end within ${longestRunNs / 1e9} virtual seconds`]);
			}

			machine.runUntil(machine.timeNs() + lookEveryMs * 1e6);
		},
	};
}

/** What can be injected into a machine. */
export async function experimentsOf(target: Target): Promise<readonly Experiment[]> {
	return parseExperiments(await readText(target, experimentsPath)).experiments;
}

/**
 * Injects and waits for the end.
 *
 * @param text `name key=value …`
 * @throws TargetError when the machine refuses; Failure when its clock is paused
 */
export async function inject({target, letTimePass}: Bench, text: string): Promise<Injection> {
	const id = Number.parseInt(await target.write(injectPath, text), 10);
	for (;;) {
		const injection = parseInject(await readText(target, injectPath)).injections.find(each => each.id === id);
		if (injection === undefined) {
			throw new Failure([`${target.name} has no injection ${id} any more`]);
		}

		if (injection.status === 'done' || injection.status === 'failed') {
			return injection;
		}

		if (parseClock(await readText(target, clockPath)).state === 'paused') {
			throw new Failure([
				`injection ${id} waits, for the clock of ${target.name} is paused; write "run" to ${clockPath}`,
			]);
		}

		await letTimePass();
	}
}

/** True when the machine did what the experiment claims: every observation came true. */
export function held({status, observations}: Injection): boolean {
	return status === 'done' && observations.every(({state}) => state === 'held');
}

const marks = {held: '✓', failed: '✗', open: '…'} as const;

/** Narration, observations and result, a line each. */
export function injectionText(injection: Injection): string {
	const {name, parameters, narration, observations, result} = injection;
	const lines = [
		[name, ...parameters.map(({name, value}) => `${name}=${value}`)].join(' '),
		...narration.map(({timeUs, text}) => `  [${(timeUs / 1e6).toFixed(6)}] ${text}`),
		...observations.map(each => `  ${observationText(each)}`),
		...(result === null ? [] : [`  ${held(injection) ? '✓' : '✗'} ${result}`]),
	];
	return lines.map(line => `${line}\n`).join('');
}

/** What was observed, in a line: whether it held, and where it was seen. */
export function observationText(observation: Observation): string {
	return `${marks[observation.state]} ${observationLine(observation)}`;
}

async function readText(target: Target, path: string): Promise<string> {
	const content = await target.read(path);
	if (typeof content !== 'string') {
		throw new Failure([`${path} of ${target.name} is not text`]);
	}

	return content;
}
