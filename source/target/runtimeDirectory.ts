import {lstat, mkdir, readdir} from 'node:fs/promises';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {TargetError} from './target.ts';

/** Where the sockets of this user's machines lie: `NAME/control.sock` and `NAME/observe.sock`. */

export const controlSocketName = 'control.sock';
export const observeSocketName = 'observe.sock';

/** Names also travel through remote shells and file paths, so nothing in them may mean anything there. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function isMachineName(text: string): boolean {
	return namePattern.test(text);
}

/** `$XDG_RUNTIME_DIR/mmtop`, else a directory of this user's own under the temporary directory. */
export function runtimeDirectory(env: NodeJS.ProcessEnv): string {
	const runtime = env.XDG_RUNTIME_DIR;
	return runtime?.startsWith('/') ? join(runtime, 'mmtop') : join(tmpdir(), `mmtop-${userInfo().uid}`);
}

/**
 * Makes the directory for a machine's sockets, closed to others.
 *
 * @throws TargetError EPERM when what lies there belongs to someone else or lets others in: whoever owns the directory
 * decides what the sockets in it are
 */
export async function makeMachineDirectory(env: NodeJS.ProcessEnv, name: string): Promise<string> {
	const base = runtimeDirectory(env);
	const machine = join(base, name);
	for (const directory of [base, machine]) {
		await mkdir(directory, {recursive: true, mode: 0o700});
		const status = await lstat(directory);
		if (!status.isDirectory() || status.uid !== userInfo().uid || (status.mode & 0o077) !== 0) {
			throw new TargetError(
				'EPERM',
				`${directory} must be a directory of this user with mode 0700; remove it or set XDG_RUNTIME_DIR`,
			);
		}
	}

	return machine;
}

/** Names under which machines of this user have, or had, their sockets; sorted. */
export async function machineNames(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
	try {
		return (await readdir(runtimeDirectory(env))).filter(isMachineName).sort();
	} catch {
		return [];
	}
}

/** Where the socket of a machine of that name lies, running or not. */
export function controlSocketPath(env: NodeJS.ProcessEnv, name: string): string {
	return join(runtimeDirectory(env), name, controlSocketName);
}
