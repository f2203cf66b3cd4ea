import {execFile} from 'node:child_process';
import {chmod, chown, link, lstat, rename, stat, unlink} from 'node:fs/promises';
import {connect, type Server} from 'node:net';
import {dirname} from 'node:path';
import {promisify} from 'node:util';
import {TargetError} from '../target/target.ts';

/** `sun_path` holds 108 bytes with its terminating NUL. */
const longestSocketPathBytes = 107;
const probeMs = 1000;

/** True when something accepts connections at this path. */
function someoneListens(socketPath: string): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(socketPath);
		const done = (listens: boolean): void => {
			socket.destroy();
			resolve(listens);
		};

		// A server that is alive but does not accept (stopped, or its queue is full) still owns its socket.
		socket.setTimeout(probeMs, () => done(true));
		socket.once('connect', () => done(true));
		socket.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'EAGAIN' || error.code === 'EACCES'));
	});
}

/**
 * Looks whether a socket could be made at a path, and makes nothing: a server that cannot start says so before it has
 * done anything else.
 *
 * @returns true when a socket lies there that a dead server left
 * @throws TargetError EADDRINUSE when a server lives there, EEXIST when something lies there that is not a socket,
 * ENOENT or ENOTDIR for its directory, ENAMETOOLONG
 */
export async function checkSocketPath(socketPath: string): Promise<boolean> {
	if (Buffer.byteLength(socketPath) > longestSocketPathBytes) {
		throw new TargetError(
			'ENAMETOOLONG',
			`a socket's path has at most ${longestSocketPathBytes} bytes, got ${socketPath}; take a shorter ` +
				`name or directory`,
		);
	}

	const status = await lstat(socketPath).catch(() => undefined);
	if (status === undefined) {
		const above = await stat(dirname(socketPath)).catch((error: NodeJS.ErrnoException) => {
			throw listenError(error, socketPath);
		});
		if (!above.isDirectory()) {
			throw new TargetError('ENOTDIR', `${dirname(socketPath)} is not a directory, so ${socketPath} cannot be made`);
		}

		return false;
	}

	if (!status.isSocket()) {
		throw new TargetError('EEXIST', `${socketPath} exists and is not a socket; remove it or take another path`);
	}

	if (await someoneListens(socketPath)) {
		throw new TargetError('EADDRINUSE', `a server already listens on ${socketPath}`);
	}

	return true;
}

/**
 * Listens on a socket file that only this user can use, in place of a stale one that a dead server left.
 *
 * @throws TargetError as checkSocketPath does, or what the system said
 */
export async function listenOnFile(server: Server, socketPath: string): Promise<void> {
	if (await checkSocketPath(socketPath)) {
		await removeStale(socketPath);
	}

	await new Promise<void>((resolve, reject) => {
		server.once('error', error => reject(listenError(error, socketPath)));
		// listen() binds before it returns. A mask, unlike a chmod afterwards, leaves no moment open to others.
		const mask = process.umask(0o177);
		server.listen(socketPath, resolve);
		process.umask(mask);
	});
}

function listenError(error: NodeJS.ErrnoException, socketPath: string): TargetError {
	const code = error.code ?? 'EIO';
	switch (code) {
		case 'EADDRINUSE':
			return new TargetError(code, `a server already listens on ${socketPath}`);
		case 'ENOENT':
		case 'ENOTDIR':
			return new TargetError(code, `the directory of ${socketPath} does not exist`);
		case 'EACCES':
		case 'EPERM':
			return new TargetError(code, `this user may not make the socket ${socketPath}`);
		case 'EROFS':
			return new TargetError(code, `the file system of ${socketPath} can only be read`);
		case 'ENOSPC':
		case 'EDQUOT':
			return new TargetError(code, `no space is left for the socket ${socketPath}`);
		default:
			return new TargetError(code, `cannot make the socket ${socketPath} (${code})`);
	}
}

/**
 * Two servers may find the same stale socket at once. Each takes the file aside before it looks whether anyone listens,
 * so that neither can remove the fresh socket of the other unseen.
 */
async function removeStale(socketPath: string): Promise<void> {
	const aside = `${socketPath}.${process.pid}`;
	try {
		await rename(socketPath, aside);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;

		throw new TargetError('EACCES', `this user may not remove ${socketPath}, which a dead server left`);
	}

	if (await someoneListens(aside)) {
		await link(aside, socketPath).catch(() => {});
		await unlink(aside);
		throw new TargetError('EADDRINUSE', `a server already listens on ${socketPath}`);
	}

	await unlink(aside);
}

/** A group that may use a socket. */
export type Group = {readonly name: string; readonly id: number};

/** A directory service that does not answer is no reason to wait for ever. */
const longestLookupMs = 1500;

/**
 * Lets a group use a socket.
 *
 * @throws TargetError EPERM for a group that this user may not give files to
 */
export async function giveToGroup(socketPath: string, {id, name}: Group): Promise<void> {
	try {
		await chown(socketPath, -1, id);
		await chmod(socketPath, 0o660);
	} catch {
		throw new TargetError('EPERM', `this user may not give ${socketPath} to the group ${name}; be a member of it`);
	}
}

/** @throws TargetError ENOENT for an unknown group */
export async function findGroup(name: string, signal?: AbortSignal): Promise<Group> {
	try {
		// getent knows the groups of a directory service too, which /etc/group does not list.
		const options = {timeout: longestLookupMs, killSignal: 'SIGKILL', ...(signal && {signal})} as const;
		const {stdout} = await promisify(execFile)('getent', ['--', 'group', name], options);
		const id = Number(stdout.split(':')[2]);
		if (Number.isInteger(id)) return {name, id};
	} catch {
		// Not found, no answer, or no getent here; the sentence below holds for all.
	}

	throw new TargetError('ENOENT', `there is no group ${JSON.stringify(name)}; "getent group" lists them`);
}
