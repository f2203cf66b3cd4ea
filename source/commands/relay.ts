import {connect} from 'node:net';
import {isMachineName, trustedSocketPath} from '../target/runtimeDirectory.ts';
import type {CommandFunction} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {onlyRunningMachine} from './machine.ts';

/** `mmtop relay [NAME]`: the other end of ssh://, which joins a machine's socket to stdin and stdout. */
export const relay: CommandFunction = async ({args, env, stdin, stdout}) => {
	const name = args[0] ?? (await onlyRunningMachine(env));
	if (!isMachineName(name)) throw new UsageError(`${JSON.stringify(name)} is no machine's name`);

	const path = await trustedSocketPath(env, name);
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
