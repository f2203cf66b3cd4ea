import {rmdir} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {serve as serveTarget} from '../server.ts';
import {bootEmbedded} from '../target/embedded.ts';
import {runningMachines} from '../target/open.ts';
import {controlSocketName, isMachineName, makeMachineDirectory, observeSocketName} from '../target/runtimeDirectory.ts';
import {asTargetError} from '../target/sentence.ts';
import {type Command, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {labOptions} from './machine.ts';

/** `mmtop serve`: a machine as a daemon, until SIGTERM, SIGINT or SIGHUP. */
export const serve: Command = async ({args, flags, env, stdout}) => {
	if (args.length > 0) {
		throw new UsageError(`serve takes no arguments, got ${JSON.stringify(args[0])}; its name goes with --name`);
	}

	if (flags.observeGroup !== undefined && flags.observe === undefined) {
		throw new UsageError('--observe-group needs --observe: the usual place is closed to others');
	}

	const name = flags.name ?? (await freeName(env));
	if (!isMachineName(name)) {
		throw new UsageError(
			`--name takes up to 64 letters, digits, ".", "_" or "-", the first a letter or digit; got ${JSON.stringify(name)}`,
		);
	}

	// A signal during the start counts too: it must not leave a socket behind.
	const stopped = stopSignal();
	const machine = await bootEmbedded(labOptions(flags), name);
	const directory = await makeMachineDirectory(env, name);
	const controlPath = join(directory, controlSocketName);
	const observePath = flags.observe === undefined ? join(directory, observeSocketName) : resolve(flags.observe);
	const server = await serveTarget({
		client: machine.client,
		controlPath,
		observePath,
		...(flags.observeGroup !== undefined && {observeGroup: flags.observeGroup}),
	}).catch((thrown: unknown) => {
		machine.stop();
		const error = asTargetError(thrown);
		throw error.code === 'EADDRINUSE' ? new Failure([alreadyServed(name, error.message, observePath)]) : error;
	});

	await print(stdout, `${name} ready at ${controlPath}\n`);
	await stopped;
	machine.stop();
	await server.close();
	await rmdir(dirname(controlPath)).catch(() => {});
	return 0;
};

async function freeName(env: NodeJS.ProcessEnv): Promise<string> {
	const taken = new Set(await runningMachines(env));
	for (let number = 0; ; number++) {
		if (!taken.has(`lab${number}`)) {
			return `lab${number}`;
		}
	}
}

function alreadyServed(name: string, message: string, observePath: string): string {
	return message.includes(observePath)
		? `${message}; take another --observe`
		: `a machine named ${name} is running already; attach to it with "mmtop attach ${name}" or take another --name`;
}

function stopSignal(): Promise<void> {
	return new Promise(resolve => {
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
			process.once(signal, () => resolve());
		}
	});
}
