import type {Stats} from 'node:fs';
import {lstat, readdir, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {makeDirectory} from './makeDirectory.ts';
import {TargetError} from './target.ts';

/** Where the sockets of this user's machines lie: `NAME/control.sock` and `NAME/observe.sock`. */

export const controlSocketName = 'control.sock';
export const observeSocketName = 'observe.sock';

/** Names also travel through remote shells and file paths, so nothing in them may mean anything there. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function isMachineName(text: string): boolean {
	return namePattern.test(text);
}

/** This user, who need not have a name. */
const userId = (): number => process.getuid?.() ?? -1;

/** `$XDG_RUNTIME_DIR/mmtop`, else a directory of this user's own under the temporary directory. */
export function runtimeDirectory(env: NodeJS.ProcessEnv): string {
	const runtime = env.XDG_RUNTIME_DIR;
	return runtime?.startsWith('/') ? join(runtime, 'mmtop') : join(tmpdir(), `mmtop-${userId()}`);
}

/** Where a machine of that name has its sockets. */
export function machineDirectory(env: NodeJS.ProcessEnv, name: string): string {
	return join(runtimeDirectory(env), name);
}

/**
 * Makes the directory for a machine's sockets, closed to others.
 *
 * @param onMade called with each directory that was not there
 * @throws TargetError EPERM when what lies there belongs to someone else or lets others in: whoever owns the directory
 * decides what the sockets in it are; or why it cannot be made
 */
export async function makeMachineDirectory(
	env: NodeJS.ProcessEnv,
	name: string,
	onMade: (directory: string) => void = () => {},
): Promise<string> {
	const machine = machineDirectory(env, name);
	for (const directory of [runtimeDirectory(env), machine]) {
		try {
			await makeDirectory(directory, 0o700, onMade);
		} catch (error) {
			throw unusable('make', directory, error);
		}

		const status = await lstat(directory).catch((error: unknown) => {
			throw unusable('make', directory, error);
		});
		if (!status.isDirectory() || status.uid !== userId() || (status.mode & 0o077) !== 0) {
			throw new TargetError(
				'EPERM',
				`${directory} must be a directory of this user with mode 0700; remove it or set XDG_RUNTIME_DIR`,
			);
		}
	}

	await checkAbove(runtimeDirectory(env));
	return machine;
}

/** What lies at a path, a link not followed; undefined where nothing does. @throws TargetError */
async function statusOf(path: string): Promise<Stats | undefined> {
	return lstat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return undefined;

		throw unusable('look into', path, error);
	});
}

/**
 * Checks a socket that a person names by its path. Its owner may be any user, as a teacher who lets a class observe.
 *
 * @throws TargetError EPERM for a link, or where everybody can put another one in its place
 */
export async function checkSocketPlace(path: string): Promise<void> {
	if ((await statusOf(path))?.isSymbolicLink()) {
		throw new TargetError('EPERM', `${path} is a link, which may lead elsewhere tomorrow; name the socket itself`);
	}

	const directory = dirname(path);
	const status = await stat(directory).catch((error: unknown) => {
		throw unusable('look into', directory, error);
	});
	if ((status.mode & 0o002) !== 0 && !isSticky(status)) {
		throw new TargetError('EPERM', `everybody can replace the socket ${path}: ${directory} is open for writing`);
	}
}

const canOthersWrite = ({mode}: Stats): boolean => (mode & 0o022) !== 0;

/** In a sticky directory only the owner of an entry can take it away (man 7 inode), as in /tmp. */
const isSticky = ({mode}: Stats): boolean => (mode & 0o1000) !== 0;

/**
 * Checks that only this user can have put something into the runtime directory. The superuser trusts the owner of a
 * directory that XDG_RUNTIME_DIR names. A directory that is not there passes.
 *
 * @returns the user id of its owner; undefined where there is no directory
 * @throws TargetError ENOTDIR, EACCES, or EPERM where another user could have put a socket there
 */
async function checkRuntimeDirectory(env: NodeJS.ProcessEnv): Promise<number | undefined> {
	const directory = runtimeDirectory(env);
	const status = await statusOf(directory);
	if (status === undefined) return undefined;

	if (!status.isDirectory()) {
		throw new TargetError('ENOTDIR', `${directory} is not a directory; remove it or set XDG_RUNTIME_DIR`);
	}

	// Any user can make the directory under /tmp that has the superuser's name.
	const isNamed = env.XDG_RUNTIME_DIR?.startsWith('/') === true;
	const isOwn = status.uid === userId() || (userId() === 0 && isNamed);
	if (!isOwn || canOthersWrite(status)) {
		throw new TargetError(
			'EPERM',
			`${directory} must be a directory that only this user can write; remove it or set XDG_RUNTIME_DIR`,
		);
	}

	await checkAbove(directory);
	return status.uid;
}

/** A user who may write the directory above can replace this one. @throws TargetError EPERM */
async function checkAbove(directory: string): Promise<void> {
	const path = dirname(directory);
	const above = await stat(path).catch((error: unknown) => {
		throw unusable('look into', path, error);
	});
	if (canOthersWrite(above) && !isSticky(above)) {
		throw new TargetError(
			'EPERM',
			`others can replace what lies in ${path}: make it writable by this user alone, or set XDG_RUNTIME_DIR`,
		);
	}
}

/**
 * Where the socket of a machine lies, after a check who can have put it there.
 *
 * @returns its path, at which there need not be anything
 * @throws TargetError as checkRuntimeDirectory does; EPERM for a directory or a socket of another user, a link, or a
 * directory that others can write
 */
export async function trustedSocketPath(env: NodeJS.ProcessEnv, name: string): Promise<string> {
	const owner = await checkRuntimeDirectory(env);
	const directory = machineDirectory(env, name);
	const socket = controlSocketPath(env, name);
	const machine = await statusOf(directory);
	// Files lie beside the directories of machines.
	if (machine === undefined || machine.isFile()) return socket;

	if (!machine.isDirectory() || machine.uid !== owner || canOthersWrite(machine)) {
		throw new TargetError('EPERM', `${directory} must be a directory that only its owner can write; remove it`);
	}

	const status = await statusOf(socket);
	if (status !== undefined && (!status.isSocket() || status.uid !== owner)) {
		throw new TargetError('EPERM', `${socket} must be a socket of the user whose directory it lies in; remove it`);
	}

	return socket;
}

/**
 * Names under which machines of this user have, or had, their sockets; sorted.
 *
 * @throws TargetError see {@link checkRuntimeDirectory}
 */
export async function machineNames(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
	await checkRuntimeDirectory(env);
	const directory = runtimeDirectory(env);
	const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return [];

		throw unusable('look into', directory, error);
	});
	return names.filter(isMachineName).sort();
}

/** Where the socket of a machine of that name lies, running or not. */
export function controlSocketPath(env: NodeJS.ProcessEnv, name: string): string {
	return join(machineDirectory(env, name), controlSocketName);
}

const reasons: Readonly<Record<string, string>> = {
	EACCES: 'this user may not',
	EPERM: 'this user may not',
	EROFS: 'its file system can only be read',
	EEXIST: 'something else lies there',
	ENOTDIR: 'a part of its path is not a directory',
	ENOENT: 'the directory above it is not there',
	ELOOP: 'its links lead in a circle',
	ENAMETOOLONG: 'its path is too long',
	ENOSPC: 'no space is left',
	EDQUOT: 'no space is left for this user',
};

function unusable(act: 'make' | 'look into', directory: string, error: unknown): TargetError {
	const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
	return new TargetError(
		code,
		`cannot ${act} the directory ${directory}: ${reasons[code] ?? code}; set XDG_RUNTIME_DIR to a ` +
			`directory of this user`,
	);
}
