import {type Clock, parseClock} from '../formats/debugfs/lab/clock.ts';
import {files} from '../formats/files.ts';
import {classMachines} from '../target/classes.ts';
import type {ClassMachine} from '../target/classMachine.ts';
import {fromSampled} from '../target/content.ts';
import {machinePlaces, openTarget} from '../target/open.ts';
import {controlSocketPath} from '../target/runtimeDirectory.ts';
import {asTargetError} from '../target/sentence.ts';
import type {Sample} from '../target/target.ts';
import {type CommandFunction, print, printJson} from './context.ts';
import {UsageError} from './errors.ts';
import {withTarget} from './machine.ts';

const clockPath = files.clock.path;

/** What `targets` says of a machine. */
type Standing = {
	readonly name: string;
	/** Null where the machine did not say. */
	readonly timeNs: number | null;
	readonly state: Clock['state'] | null;
	/** Why it goes no further, or why it said nothing. */
	readonly reason: string | null;
	readonly socket: string;
	/** The class that it belongs to; null for one of `serve`. */
	readonly class: string | null;
};

/**
 * `mmtop targets`: the machines of this user that run here, and how each stands. One that fails hides none of the
 * others.
 */
export const targets: CommandFunction = async ({args, flags, env, stdout}) => {
	if (args.length > 0) throw new UsageError(`targets takes no arguments, got ${JSON.stringify(args[0])}`);

	const places = await machinePlaces(env);
	const shown = places.filter(({answers, refused}) => answers || refused !== undefined);
	const machines = await Promise.all(
		shown.map(({name, refused}) => (refused === undefined ? standingOf(name, env) : refusedOne(name, refused, env))),
	);
	const ofClasses = await classMachines(env);
	machines.push(...(await Promise.all(ofClasses.map(each => standingOf(each.student, env, each)))));
	if (flags.json) {
		await printJson(stdout, machines);
		return 0;
	}

	const width = Math.max(...machines.map(({name}) => name.length), 4);
	for (const {name, timeNs, state, reason, socket, class: ofClass} of machines) {
		const up = timeNs === null ? 'up ?' : `up ${(timeNs / 1e9).toFixed(0)}s`;
		const how = reason ?? (state === 'running' ? null : state);
		const words = [how, ofClass === null ? null : `of class ${ofClass}`, socket].filter(word => word !== null);
		await print(stdout, `${name.padEnd(width)}  ${up}  ${words.join('  ')}\n`);
	}

	return 0;
};

const refusedOne = (name: string, reason: string, env: NodeJS.ProcessEnv): Standing => ({
	name,
	timeNs: null,
	state: null,
	reason,
	socket: controlSocketPath(env, name),
	class: null,
});

async function standingOf(name: string, env: NodeJS.ProcessEnv, machine?: ClassMachine): Promise<Standing> {
	const socket = machine?.socket ?? controlSocketPath(env, name);
	const ofClass = machine?.class ?? null;
	try {
		const sample = await withTarget(openTarget(machine?.socket ?? name, env), target =>
			target.sample({paths: [clockPath]}),
		);
		const clock = clockIn(sample);
		return {
			name,
			timeNs: sample.timeNs,
			state: clock?.state ?? null,
			reason: clock?.stopped ?? null,
			socket,
			class: ofClass,
		};
	} catch (error) {
		return {name, timeNs: null, state: null, reason: asTargetError(error).message, socket, class: ofClass};
	}
}

/** The clock, where the machine has one of the kind that we know. */
function clockIn({files}: Sample): Clock | undefined {
	const file = files[clockPath];
	const text = file && fromSampled(file);
	try {
		return typeof text === 'string' ? parseClock(text) : undefined;
	} catch {
		return undefined;
	}
}
