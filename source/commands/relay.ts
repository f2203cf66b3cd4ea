import {connect} from 'node:net';
import {classMachineOf, runningMachines} from '../target/open.ts';
import {isMachineName, trustedSocketPath} from '../target/runtimeDirectory.ts';
import type {CommandFunction} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {onlyRunningMachine} from './machine.ts';

/** `mmtop relay [NAME]`: the other end of ssh://, which joins a machine's socket to stdin and stdout. */
export const relay: CommandFunction = async ({args, env, stdin, stdout}) => {
	const name = args[0] ?? (await onlyRunningMachine(env));
	if (args[0] !== undefined && !isMachineName(name)) {
		throw new UsageError(`${JSON.stringify(name)} is not the name of a machine`);
	}

	const path = isMachineName(name) ? await socketOf(name, env) : name;
	await new Promise<void>((resolve, reject) => {
		const socket = connect(path);
		socket.on('connect', () => {
			stdin.pipe(socket);
			socket.pipe(stdout);
		});
		socket.on('error', () => reject(new Failure([`no machine named ${JSON.stringify(name)} is running here`])));
		socket.on('close', () => resolve());
	});
	// A pipe that is still open for reading would keep the process alive after the machine has gone.
	stdin.destroy();
	return 0;
};

/** Where the machine of a name listens: one of `serve`, else that of a student. @throws TargetError */
async function socketOf(name: string, env: NodeJS.ProcessEnv): Promise<string> {
	const path = await trustedSocketPath(env, name);
	if ((await runningMachines(env)).includes(name)) return path;
	return (await classMachineOf(env, name))?.socket ?? path;
}
