import {execFile} from 'node:child_process';
import {chmod, chown, link, lstat, rename, unlink} from 'node:fs/promises';
import {connect, type Server} from 'node:net';
import {promisify} from 'node:util';
import {TargetError} from '../target/target.ts';

/** `sun_path` holds 108 bytes with its terminating NUL. */
const longestSocketPathBytes = 107;
const probeMs = 1000;

/** True when something accepts connections at this path. */
export function someoneListens(socketPath: string): Promise<boolean> {
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
 * Listens on a socket file that only this user can use, in place of a stale one that a dead server left.
 *
 * @throws TargetError EADDRINUSE when a server lives there, EEXIST when something that is no socket lies there,
 * ENAMETOOLONG, or what the system said
 */
export async function listenOnFile(server: Server, socketPath: string): Promise<void> {
	if (Buffer.byteLength(socketPath) > longestSocketPathBytes) {
		throw new TargetError(
			'ENAMETOOLONG',
			`a socket's path has at most ${longestSocketPathBytes} bytes, got ${socketPath}; take a shorter name or directory`,
		);
	}

	await removeStale(socketPath);
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
		default:
			return new TargetError(code, `cannot make the socket ${socketPath}`);
	}
}

/**
 * Two servers may find the same stale socket at once. Each takes the file aside before it looks whether anyone listens,
 * so that neither can remove the fresh socket of the other unseen.
 */
async function removeStale(socketPath: string): Promise<void> {
	const status = await lstat(socketPath).catch(() => undefined);
	if (status === undefined) {
		return;
	}

	if (!status.isSocket()) {
		throw new TargetError('EEXIST', `${socketPath} exists and is no socket; remove it or take another path`);
	}

	if (await someoneListens(socketPath)) {
		throw new TargetError('EADDRINUSE', `a server already listens on ${socketPath}`);
	}

	const aside = `${socketPath}.${process.pid}`;
	try {
		await rename(socketPath, aside);
	} catch {
		return;
	}

	if (await someoneListens(aside)) {
		await link(aside, socketPath).catch(() => {});
		await unlink(aside);
		throw new TargetError('EADDRINUSE', `a server already listens on ${socketPath}`);
	}

	await unlink(aside);
}

/**
 * Lets a group use a socket.
 *
 * @throws TargetError ENOENT for an unknown group, EPERM for one that this user may not give files to
 */
export async function giveToGroup(socketPath: string, groupId: number, group: string): Promise<void> {
	try {
		await chown(socketPath, -1, groupId);
		await chmod(socketPath, 0o660);
	} catch {
		throw new TargetError('EPERM', `this user may not give ${socketPath} to the group ${group}; be a member of it`);
	}
}

/** @throws TargetError ENOENT for an unknown group */
export async function groupIdOf(group: string): Promise<number> {
	try {
		// getent knows the groups of a directory service too, which /etc/group does not list.
		const {stdout} = await promisify(execFile)('getent', ['--', 'group', group]);
		const groupId = Number(stdout.split(':')[2]);
		if (Number.isInteger(groupId)) {
			return groupId;
		}
	} catch {
		// Not found, or no getent here; the sentence below holds for both.
	}

	throw new TargetError('ENOENT', `there is no group ${JSON.stringify(group)}; "getent group" lists them`);
}
