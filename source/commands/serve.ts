import {dirname, join, resolve} from 'node:path';
import {Leftovers} from '../server/leftovers.ts';
import {checkSocketPath, findGroup} from '../server/socketFile.ts';
import {type RunningServer, serve as serveTarget} from '../server.ts';
import {type EmbeddedMachine, embeddedMachine} from '../target/embedded.ts';
import {runningMachines} from '../target/open.ts';
import {
	controlSocketName,
	isMachineName,
	machineDirectory,
	makeMachineDirectory,
	observeSocketName,
} from '../target/runtimeDirectory.ts';
import {asTargetError} from '../target/sentence.ts';
import {systemClock} from '../target/wallClock.ts';
import {type CommandContext, type CommandFunction, print} from './context.ts';
import {tuneEngineForMachine} from './engine.ts';
import {Failure, UsageError} from './errors.ts';
import {labOptions} from './machine.ts';
import {type Served, switchOnServed, wasKilled} from './served.ts';
import {type StopSignal, stopSignal} from './stopSignal.ts';

/** How often it is written down how far time came. */
const progressMs = 1000;

/** `mmtop serve`: a machine as a daemon, until SIGTERM, SIGINT or SIGHUP. */
export const serve: CommandFunction = async context => {
	checkUsage(context);
	// A signal during the start counts too: it must not leave a socket behind.
	const stop = stopSignal();
	const leftovers = new Leftovers();
	try {
		await serveUntil(stop, leftovers, context);
	} catch (error) {
		if (!stop.signal.aborted) throw error;
	} finally {
		leftovers.remove();
		stop.release();
	}

	return 0;
};

/** @throws UsageError */
function checkUsage({args, flags}: CommandContext): void {
	if (args.length > 0) {
		throw new UsageError(`serve takes no arguments, got ${JSON.stringify(args[0])}; its name goes with --name`);
	}

	if (flags.observeGroup !== undefined && flags.observe === undefined) {
		throw new UsageError('--observe-group needs --observe: the usual place is closed to others');
	}

	if (flags.name !== undefined && !isMachineName(flags.name)) {
		throw new UsageError(
			`--name takes up to 64 letters, digits, ".", "_" or "-", the first a letter or digit; got ` +
				`${JSON.stringify(flags.name)}`,
		);
	}

	labOptions(flags);
}

/** What may fail is looked at before the machine is booted, which takes the longest. */
async function serveUntil(stop: StopSignal, leftovers: Leftovers, context: CommandContext): Promise<void> {
	const {flags, env, stdout, stderr} = context;
	const name = flags.name ?? (await stop.orStop(freeName(env)));
	const controlPath = join(machineDirectory(env, name), controlSocketName);
	const observePath =
		flags.observe === undefined ? join(dirname(controlPath), observeSocketName) : resolve(flags.observe);
	const group =
		flags.observeGroup === undefined ? undefined : await stop.orStop(findGroup(flags.observeGroup, stop.signal));

	await makeMachineDirectory(env, name, directory => leftovers.directory(directory));
	tuneEngineForMachine();
	let machine: EmbeddedMachine | undefined;
	let server: RunningServer | undefined;
	let served: Served | undefined;
	let following: NodeJS.Timeout | undefined;
	try {
		for (const path of [controlPath, observePath]) {
			await stop.orStop(checkSocketPath(path));
		}

		const switchedOn = await switchOnServed(context, name, leftovers, () => stop.signal.aborted);
		if (switchedOn === undefined || stop.signal.aborted) return;

		served = switchedOn;
		const follow = (): void => {
			const failure = switchedOn.follow();
			if (failure !== undefined) stderr.write(`mmtop: ${failure}\n`);
		};
		machine = embeddedMachine(switchedOn.lab, name, systemClock, {id: switchedOn.id, onWrite: follow});
		server = await serveTarget({
			client: machine.client,
			results: switchedOn.results,
			controlPath,
			observePath,
			...(group && {observeGroup: group}),
			onSocket: path => leftovers.file(path),
		});
		following = setInterval(follow, progressMs);
		if (stop.signal.aborted) return;

		await print(stdout, `${name} ready at ${controlPath}\n`);
		switchedOn.seen();
		// Where machines have their directories is left to the next one.
		leftovers.forgetDirectories();
		leftovers.directory(dirname(controlPath));
		await stop.wanted;
	} catch (thrown) {
		const error = asTargetError(thrown);
		throw error.code === 'EADDRINUSE' ? new Failure([alreadyServed(name, error.message, observePath)]) : thrown;
	} finally {
		clearInterval(following);
		machine?.stop();
		// First of all: a second signal ends the process at once.
		served?.end();
		await server?.close();
		// Closed, they are gone; what lies there from now on is somebody else's.
		for (const path of [controlPath, observePath]) leftovers.forgetFile(path);
	}
}

async function freeName(env: NodeJS.ProcessEnv): Promise<string> {
	const taken = new Set(await runningMachines(env));
	for (let number = 0; ; number++) {
		const name = `lab${number}`;
		if (!taken.has(name) && !wasKilled(env, name)) return name;
	}
}

function alreadyServed(name: string, message: string, observePath: string): string {
	return message.includes(observePath)
		? `${message}; take another --observe`
		: `a machine named ${name} is running already; attach to it with "mmtop attach ${name}" or take another --name`;
}
