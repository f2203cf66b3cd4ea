import type {Stats} from 'node:fs';
import {lstat, readdir, stat} from 'node:fs/promises';
import {homedir, userInfo} from 'node:os';
import {dirname, join} from 'node:path';
import type {ClassMachine} from './classMachine.ts';
import {isMachineName} from './runtimeDirectory.ts';
import {TargetError} from './target.ts';

/**
 * Where classes have their sockets: `CLASS/PERSON/MACHINE/KIND.sock`. PERSON's folder is for that person alone, and has
 * a folder for each machine that the person may reach; which sockets lie in it says in which role. All folders are of
 * the user who runs the class.
 *
 * A login's XDG_RUNTIME_DIR vanishes when the last session of its user ends, so classes do not lie there.
 */

const ofSuperuser = '/run/mmtop/classes';

/** `$XDG_STATE_HOME/mmtop`, else below `~/.local/state`. */
export function stateDirectory({XDG_STATE_HOME: state, HOME: home}: NodeJS.ProcessEnv): string {
	// The XDG specification: a relative path is invalid and to be ignored.
	const base = state?.startsWith('/') ? state : join(home || homedir(), '.local/state');
	return join(base, 'mmtop');
}

const userId = (): number => process.getuid?.() ?? -1;

/** Where `class up` of this user makes a class: MMTOP_CLASSES, if that is an absolute path. */
export function classesDirectory(env: NodeJS.ProcessEnv): string {
	if (env.MMTOP_CLASSES?.startsWith('/')) return env.MMTOP_CLASSES;
	return userId() === 0 ? ofSuperuser : join(stateDirectory(env), 'classes');
}

/** Where classes are looked for: one's own, and those of the superuser; with MMTOP_CLASSES only there. */
function places(env: NodeJS.ProcessEnv): readonly string[] {
	const own = classesDirectory(env);
	return own === env.MMTOP_CLASSES ? [own] : [...new Set([own, ofSuperuser])];
}

/** Roles from the most to the least, with the socket of each. */
const roles = [
	['teacher', 'teacher'],
	['helper', 'helper'],
	['student', 'control'],
	['observer', 'observe'],
] as const;

type SocketKind = (typeof roles)[number][1];

/** The role of a client that came through a socket. */
export const roleOf = (kind: SocketKind): ClassMachine['role'] => roles.find(each => each[1] === kind)![0];

/** Name of a role's socket file. */
export const classSocketName = (kind: SocketKind): string => `${kind}.sock`;

/** This user's name; the number of one who is not in the list of users, as in a container. */
export function loginName(): string {
	try {
		return userInfo().username;
	} catch {
		return String(userId());
	}
}

/** What lies at a path, a link not followed; undefined where nothing does that this user may see. */
async function statusOf(path: string): Promise<Stats | undefined> {
	return lstat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOTDIR') return undefined;
		throw new TargetError(error.code ?? 'EIO', `cannot look at ${path}`);
	});
}

const isOpenTo = ({mode}: Stats, bits: number): boolean => (mode & bits) !== 0;

/**
 * @param owners who may own it
 * @returns what lies there; undefined where no directory does
 * @throws TargetError EPERM for what others could have put there: another user's, a link, or open for writing
 */
async function trusted(path: string, owners: readonly number[]): Promise<Stats | undefined> {
	const status = await statusOf(path);
	// A file beside the folders, a teacher's notes say, holds no machine.
	if (status === undefined || status.isFile()) return undefined;
	if (!status.isDirectory() || !owners.includes(status.uid) || isOpenTo(status, 0o022)) {
		throw new TargetError(
			'EPERM',
			`${path} must be a directory that only the user who runs the class can write; tell that user`,
		);
	}
	return status;
}

/**
 * The folder of all classes. The environment that names it trusts its owner; else that is the superuser, or this user.
 *
 * @returns its owner; undefined where it is not there
 * @throws TargetError EPERM
 */
async function ownerOf(place: string, env: NodeJS.ProcessEnv): Promise<number | undefined> {
	const there = await statusOf(place);
	if (there === undefined) return undefined;
	const isNamed = place === env.MMTOP_CLASSES;
	const status = await trusted(place, [...(isNamed ? [there.uid] : [0]), userId()]);
	const above = await stat(dirname(place));
	const isSticky = (above.mode & 0o1000) !== 0;
	if (status && isOpenTo(above, 0o022) && !isSticky) {
		throw new TargetError('EPERM', `others can replace what lies in ${dirname(place)}; make it writable by one user`);
	}
	return status?.uid;
}

/** Names in a directory, sorted; none where this user may not list it. */
async function namesIn(directory: string): Promise<readonly string[]> {
	const names = await readdir(directory).catch(() => []);
	return names.filter(isMachineName).sort();
}

/** Only the user who runs the class has put sockets there, and may have given them to a student. */
async function machineAt(
	place: {readonly class: string; readonly student: string; readonly directory: string},
	owner: number,
): Promise<ClassMachine | undefined> {
	if (!(await trusted(place.directory, [owner]))) return undefined;
	for (const [role, kind] of roles) {
		const path = join(place.directory, classSocketName(kind));
		const status = await statusOf(path);
		if (status === undefined) continue;
		if (!status.isSocket())
			throw new TargetError('EPERM', `${path} must be a socket; tell the user who runs the class`);
		return {...place, role, socket: path};
	}
	return undefined;
}

/** Whose folders this user looks into: its own; the user who runs the class, and the superuser, look into all. */
async function peopleOf(directory: string, owner: number): Promise<readonly string[]> {
	return userId() === owner || userId() === 0 ? namesIn(directory) : [loginName()];
}

async function machinesOf(place: string, name: string, owner: number): Promise<readonly ClassMachine[]> {
	const directory = join(place, name);
	const machines = new Map<string, ClassMachine>();
	if (!(await trusted(directory, [owner]))) return [];
	for (const person of await peopleOf(directory, owner)) {
		const folder = join(directory, person);
		if (!(await trusted(folder, [owner]))) continue;
		for (const student of await namesIn(folder)) {
			const found = await machineAt({class: name, student, directory: join(folder, student)}, owner);
			if (found && isBetter(found, machines.get(student))) machines.set(student, found);
		}
	}
	return [...machines.values()].sort((a, b) => (a.student < b.student ? -1 : 1));
}

const rankOf = ({role}: ClassMachine): number => roles.findIndex(([each]) => each === role);

const isBetter = (one: ClassMachine, other: ClassMachine | undefined): boolean =>
	other === undefined || rankOf(one) < rankOf(other);

/**
 * The machines of classes on this computer that this user may reach, each once, in the role that may most; by class and
 * student. Whether a server answers there is not asked.
 *
 * @throws TargetError EPERM where another user could have put a socket there
 */
export async function classMachines(env: NodeJS.ProcessEnv): Promise<readonly ClassMachine[]> {
	const found: ClassMachine[] = [];
	for (const place of places(env)) {
		const owner = await ownerOf(place, env);
		if (owner === undefined) continue;
		for (const name of await namesIn(place)) found.push(...(await machinesOf(place, name, owner)));
	}
	return found;
}
