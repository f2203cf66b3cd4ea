/** The folders of a class's people, and who may enter them. */
import {execFile} from 'node:child_process';
import {chmod, chown, lchown, lstat, mkdir, readdir, rmdir, stat, unlink} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {makeDirectory} from '../../target/makeDirectory.ts';
import {Failure} from '../errors.ts';
import {codeOf} from '../journal.ts';
import {type Access, type ClassPlan, supervisorSocket} from './plan.ts';

/** @throws Failure */
async function list(words: string, path: string): Promise<void> {
	await promisify(execFile)('setfacl', ['-m', words, '--', path]).catch(() => {
		throw new Failure([
			`the file system of ${path} has no access control lists; set MMTOP_CLASSES to a directory of another`,
		]);
	});
}

/** Lets a person into a folder that otherwise only this user enters. */
async function letInto(directory: string, access: Access): Promise<void> {
	if (access.kind === 'given') {
		// As its owner the person could put a link into it, and the superuser would follow that.
		if (access.gid !== undefined) await chown(directory, -1, access.gid);
		// The person has to list it, to find the machines in it.
		await chmod(directory, access.gid === undefined ? 0o755 : 0o750);
	} else if (access.kind === 'list') await list(`u:${access.login}:rx`, directory);
}

/** Lets a person use a socket. @throws Failure, or what the system says */
export async function letUse(socket: string, access: Access): Promise<void> {
	if (access.kind === 'given') await lchown(socket, access.uid, -1);
	else if (access.kind === 'list') await list(`u:${access.login}:rw`, socket);
}

/** A directory of this user, that is no link. @throws Failure */
async function ownDirectory(path: string, mode: number): Promise<void> {
	try {
		await mkdir(path, {mode});
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') throw new Failure([`${codeOf(error)}: cannot make the directory ${path}`]);
	}
	const status = await lstat(path);
	if (!status.isDirectory() || status.uid !== process.getuid?.() || (status.mode & 0o022) !== 0) {
		throw new Failure([`${path} must be a directory that only this user can write; remove it`]);
	}
}

/** Whether all may pass through a directory and those above it. */
async function isOpen(directory: string): Promise<boolean> {
	for (let path = directory; ; path = dirname(path)) {
		if (((await stat(path)).mode & 0o001) === 0) return false;
		if (path === dirname(path)) return true;
	}
}

/**
 * Makes the folders of a class.
 *
 * @returns by student, why that one does not get at its machine
 * @throws Failure
 */
export async function makeFolders(plan: ClassPlan): Promise<Readonly<Record<string, string>>> {
	const {directory, people, machines, teachers} = plan;
	const classes = dirname(directory);
	await makeDirectory(dirname(classes), 0o755).catch((error: unknown) => {
		throw new Failure([
			`${codeOf(error)}: cannot make the directory ${dirname(classes)}; set MMTOP_CLASSES to another`,
		]);
	});
	await ownDirectory(classes, 0o755);
	if (await isNonEmpty(directory)) {
		throw new Failure([
			`${directory} holds something that is not of a class; take another --name, or set MMTOP_CLASSES to another ` +
				'directory',
		]);
	}
	// The names in it are not for others to read.
	await ownDirectory(directory, 0o711);
	for (const [person, access] of Object.entries(people)) {
		await ownDirectory(join(directory, person), 0o700);
		await letInto(join(directory, person), access);
	}
	for (const {sockets} of machines) {
		for (const {path, person} of sockets) {
			await ownDirectory(dirname(path), 0o700);
			await letInto(dirname(path), people[person]!);
		}
	}
	for (const teacher of teachers) {
		const place = dirname(supervisorSocket(directory, teacher));
		await ownDirectory(place, 0o700);
		await letInto(place, people[teacher]!);
	}
	const open = await isOpen(classes);
	const notes = Object.entries(people).flatMap(([person, access]) => {
		if (access.kind === 'none') return [[person, `${person} cannot enter ${join(directory, person)}: ${access.why}`]];
		if (access.kind === 'own' || open) return [];
		return [[person, `${person} cannot get to ${classes}; set MMTOP_CLASSES to a directory that all may enter`]];
	});
	return Object.fromEntries(notes);
}

const isNonEmpty = async (directory: string): Promise<boolean> => (await readdir(directory).catch(() => [])).length > 0;

/**
 * Takes away the sockets of a class, also those of people who are no longer in it, and folders that are then empty.
 * Whatever else lies there stays, for MMTOP_CLASSES may name any directory. A directory that is not this user's, or is
 * a link, stays as it is.
 */
export async function removeFolders({directory}: Pick<ClassPlan, 'directory'>): Promise<void> {
	await removeSockets(directory, deepest);
}

/** `control.sock`, and `control.sock.123`, which a process that took a stale one aside left. */
const socketName = /^(teacher|helper|control|observe|class)\.sock(\.\d+)?$/;

/** A class holds people, these hold machines, and these sockets. */
const deepest = 3;

async function removeSockets(directory: string, depth: number): Promise<void> {
	const status = await lstat(directory).catch(() => undefined);
	if (!status?.isDirectory() || status.uid !== process.getuid?.()) return;
	for (const entry of await readdir(directory, {withFileTypes: true})) {
		const path = join(directory, entry.name);
		if (entry.isDirectory() && depth > 1) await removeSockets(path, depth - 1);
		else if (entry.isSocket() && depth === 1 && socketName.test(entry.name)) await unlink(path).catch(() => {});
	}
	// It stays where something is left in it.
	await rmdir(directory).catch(() => {});
}
