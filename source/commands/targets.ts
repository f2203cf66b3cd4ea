import {openTarget, runningMachines} from '../target/open.ts';
import {controlSocketPath} from '../target/runtimeDirectory.ts';
import {type Command, print, printJson} from './context.ts';
import {UsageError} from './errors.ts';
import {withTarget} from './machine.ts';

/** `mmtop targets`: the machines of this user that run here. */
export const targets: Command = async ({args, flags, env, stdout}) => {
	if (args.length > 0) {
		throw new UsageError(`targets takes no arguments, got ${JSON.stringify(args[0])}`);
	}

	const machines = await Promise.all(
		(await runningMachines(env)).map(name =>
			withTarget(openTarget(name, env), async target => ({
				name,
				timeNs: (await target.sample({paths: []})).timeNs,
				socket: controlSocketPath(env, name),
			})),
		),
	);
	if (flags.json) {
		await printJson(stdout, machines);
		return 0;
	}

	const width = Math.max(...machines.map(({name}) => name.length), 4);
	for (const {name, timeNs, socket} of machines) {
		await print(stdout, `${name.padEnd(width)}  up ${(timeNs / 1e9).toFixed(0)}s  ${socket}\n`);
	}

	return 0;
};
