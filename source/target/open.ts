import {stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {classMachines, classSocketName, loginName} from './classes.ts';
import type {ClassMachine} from './classMachine.ts';
import {shown} from './path.ts';
import {
	checkSocketPlace,
	controlSocketName,
	isMachineName,
	machineNames,
	observeSocketName,
	trustedSocketPath,
} from './runtimeDirectory.ts';
import {asTargetError} from './sentence.ts';
import {openSocket} from './socket.ts';
import {type Target, TargetError} from './target.ts';

/**
 * Opens what a person names on the command line: a machine's name, the path of a socket, of its directory or of a
 * recording, `ssh://[user@]host[/name]`, or `host`.
 *
 * @throws TargetError ENOENT, EINVAL or EDISCONNECTED with a sentence that names the text
 */
export async function openTarget(text: string, env: NodeJS.ProcessEnv): Promise<Target> {
	if (text === 'host') {
		const {openHost} = await import('./host.ts');
		return openHost();
	}

	if (text.startsWith('ssh://')) {
		const {openSsh} = await import('./ssh.ts');
		return openSsh(text, writerName(), env);
	}

	if (text.includes('/')) return openPath(text);

	if (!isMachineName(text)) throw new TargetError('EINVAL', `${shown(text)} is not a target; ${kinds}`);

	return openNamed(text, env);
}

const kinds = 'a target is a name as lab0, a path with a "/", ssh://host/name, or host';

/** How this process calls itself in the log of a machine that it writes to, in the manner of ftrace's comm-pid. */
export const writerName = (): string => `${loginName()}@mmtop-${process.pid}`;

async function openNamed(name: string, env: NodeJS.ProcessEnv): Promise<Target> {
	const socket = await trustedSocketPath(env, name);
	try {
		return await openSocket(socket, name, writerName());
	} catch (thrown) {
		const error = asTargetError(thrown);
		if (error.code !== 'EDISCONNECTED') throw error;

		const ofClass = await openOfClass(name, env);
		if (ofClass) return ofClass;

		const running = await runningMachines(env);
		const list = running.length > 0 ? `running here: ${running.join(', ')}` : 'none is; start one with "mmtop serve"';
		throw new TargetError('ENOENT', `no machine named ${JSON.stringify(name)} is running; ${list}`);
	}
}

/** @returns undefined where this user reaches no such machine @throws TargetError where two classes have one */
async function openOfClass(student: string, env: NodeJS.ProcessEnv): Promise<Target | undefined> {
	const machine = await classMachineOf(env, student);
	return machine && openSocket(machine.socket, machine.student, writerName());
}

/**
 * The machine of a student in a class, as this user reaches it.
 *
 * @throws TargetError where two classes have one
 */
export async function classMachineOf(env: NodeJS.ProcessEnv, student: string): Promise<ClassMachine | undefined> {
	const [machine, ...others] = (await classMachines(env)).filter(each => each.student === student);
	if (others.length === 0) return machine;

	const places = [machine!, ...others].map(({directory}) => directory).join(' or ');
	throw new TargetError('EINVAL', `several classes have a machine of ${student}; name one by its directory: ${places}`);
}

/**
 * Names of this user's machines that answer. @throws TargetError where the directory cannot be looked into or trusted
 */
export async function runningMachines(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
	const places = await machinePlaces(env);
	return places.flatMap(({name, answers}) => (answers ? [name] : []));
}

type MachinePlace = {
	readonly name: string;
	readonly answers: boolean;
	/** A sentence where others could have put the socket there, which is then not asked. */
	readonly refused?: string;
};

/**
 * Places of this user's machines, including those that do not answer.
 *
 * @throws TargetError where the directory cannot be looked into or trusted
 */
export async function machinePlaces(env: NodeJS.ProcessEnv): Promise<readonly MachinePlace[]> {
	const names = await machineNames(env);
	return Promise.all(
		names.map(async name => {
			let socket: string;
			try {
				socket = await trustedSocketPath(env, name);
			} catch (error) {
				return {name, answers: false, refused: asTargetError(error).message};
			}

			try {
				const target = await openSocket(socket, name, writerName());
				await target.close();
				return {name, answers: true};
			} catch {
				return {name, answers: false};
			}
		}),
	);
}

/** In a machine's directory, those that may more first. */
const socketNames: readonly string[] = [
	classSocketName('teacher'),
	classSocketName('helper'),
	controlSocketName,
	observeSocketName,
];

async function openPath(path: string): Promise<Target> {
	const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
		const why = error.code === 'EACCES' ? 'this user may not look there' : 'there is nothing at that path';
		throw new TargetError(error.code ?? 'EIO', `cannot open the target ${path}: ${why}`);
	});
	if (status.isSocket()) {
		await checkSocketPlace(path);
		return openSocket(path, socketName(path), writerName());
	}

	if (status.isDirectory()) {
		for (const name of socketNames) {
			const socket = join(path, name);
			if ((await stat(socket).catch(() => undefined)) !== undefined) return openPath(socket);
		}
		throw new TargetError('EINVAL', `${path} is a directory without a machine's ${controlSocketName}`);
	}

	const {openRecording} = await import('./recording.ts');
	return openRecording(path);
}

/** A machine's own socket lies in a directory of its name; any other socket is called by its path. */
function socketName(path: string): string {
	return socketNames.includes(basename(path)) ? basename(dirname(path)) : path;
}
