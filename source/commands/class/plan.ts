/** What a class is made of: machines, their sockets, and who may use which. Plain data: it goes to other processes. */
import {execFile} from 'node:child_process';
import {basename, extname, join} from 'node:path';
import {promisify} from 'node:util';
import type {LabOptions} from '../../lab/presets.ts';
import {classesDirectory, classSocketName, loginName, stateDirectory} from '../../target/classes.ts';
import {isMachineName} from '../../target/runtimeDirectory.ts';
import {UsageError} from '../errors.ts';
import {demo, isLogin, type Roster} from './roster.ts';

/** How a person gets at what the class's user has made. */
export type Access =
	/** It is that user. */
	| {readonly kind: 'own'}
	/** The superuser gives sockets to the person, and folders to a group that is the person's alone. */
	| {readonly kind: 'given'; readonly uid: number; readonly gid: number | undefined}
	/** An entry in the access control list. */
	| {readonly kind: 'list'; readonly login: string}
	/** Not at all. */
	| {readonly kind: 'none'; readonly why: string};

type PlannedSocket = {
	readonly path: string;
	readonly kind: 'teacher' | 'helper' | 'control' | 'observe';
	readonly person: string;
};

export type PlannedMachine = {
	readonly student: string;
	readonly options: LabOptions;
	readonly sockets: readonly PlannedSocket[];
	/** Its session. */
	readonly journal: string;
	/** What of its class outlives the process that serves it. */
	readonly kept: string;
};

export type ClassPlan = {
	readonly class: string;
	/** Where the folders of its people are. */
	readonly directory: string;
	readonly state: string;
	readonly fresh: boolean;
	readonly machines: readonly PlannedMachine[];
	readonly people: Readonly<Record<string, Access>>;
	readonly teachers: readonly string[];
};

/** In a folder of its own beside those of machines: the socket of the process that runs the class. */
export const supervisorSocket = (directory: string, teacher: string): string =>
	join(directory, teacher, '.class', 'class.sock');

/** The name of a class: that of its roster. @throws UsageError */
export function classNameOf(rosterPath: string, name = basename(rosterPath, extname(rosterPath))): string {
	if (isMachineName(name) && name.length <= 32) return name;
	throw new UsageError(
		`a class's name has up to 32 letters, digits, ".", "_" or "-", the first a letter or digit, got ` +
			`${JSON.stringify(name)}; --name gives it another than that of its roster`,
	);
}

export const classState = (env: NodeJS.ProcessEnv, name: string): string =>
	join(stateDirectory(env), 'classes-kept', name);

type Known = {readonly uid: number; readonly gid: number};

const longestLookupMs = 5000;

/** Lines of a database of the system, by names that are asked for; those that are not there are left out. */
async function getent(database: string, names: readonly string[]): Promise<readonly string[]> {
	if (names.length === 0) return [];
	const options = {timeout: longestLookupMs, killSignal: 'SIGKILL'} as const;
	const {stdout} = await promisify(execFile)('getent', ['--', database, ...names], options).catch(
		// It ends with 2 where one of them is missing, and has printed the others.
		(error: {stdout?: string}) => ({stdout: error.stdout ?? ''}),
	);
	return stdout.split('\n').filter(line => line !== '');
}

async function usersOf(logins: readonly string[]): Promise<ReadonlyMap<string, Known>> {
	const lines = await getent('passwd', logins);
	return new Map(
		lines.map(line => {
			const [login = '', , uid, gid] = line.split(':');
			return [login, {uid: Number(uid), gid: Number(gid)}] as const;
		}),
	);
}

/** Groups with one user as their only member: such a group has that user's name (man 8 adduser). */
async function privateGroups(logins: readonly string[]): Promise<ReadonlyMap<string, number>> {
	const lines = await getent('group', logins);
	return new Map(
		lines.flatMap(line => {
			const [name = '', , gid, members = ''] = line.split(':');
			return members === '' || members === name ? [[name, Number(gid)] as const] : [];
		}),
	);
}

/** Logins of helpers, where a group stands for its members. @throws UsageError for a group that is not there */
async function helperLogins(helpers: readonly string[]): Promise<readonly string[]> {
	const groups = helpers.filter(each => each.startsWith('@')).map(each => each.slice(1));
	const lines = await getent('group', groups);
	const members = lines.flatMap(line => line.split(':')[3]?.split(',') ?? []).filter(each => each !== '');
	const missing = groups.find(group => !lines.some(line => line.startsWith(`${group}:`)));
	if (missing !== undefined) throw new UsageError(`there is no group ${missing}; "getent group" lists them`);
	const strange = members.find(each => !isLogin(each));
	if (strange !== undefined) {
		throw new UsageError(
			`a group of helpers has a member ${JSON.stringify(strange)}, which is not a login: up to 32 letters, digits, ` +
				'"_", "." or "-"',
		);
	}
	return [...new Set([...helpers.filter(each => !each.startsWith('@')), ...members])];
}

async function hasAccessLists(): Promise<boolean> {
	return promisify(execFile)('setfacl', ['--version'], {timeout: longestLookupMs}).then(
		() => true,
		() => false,
	);
}

async function accessOf(logins: readonly string[]): Promise<Readonly<Record<string, Access>>> {
	const [users, groups, lists] = [await usersOf(logins), await privateGroups(logins), await hasAccessLists()];
	const own = process.getuid?.() ?? -1;
	const access = (login: string): Access => {
		const user = users.get(login);
		if (login === loginName() || user?.uid === own) return {kind: 'own'};
		if (!user) return {kind: 'none', why: `there is no user ${login} on this computer`};
		if (own === 0) {
			const gid = groups.get(login);
			return {kind: 'given', uid: user.uid, gid: gid === user.gid ? gid : undefined};
		}
		if (lists) return {kind: 'list', login};
		return {kind: 'none', why: 'only the superuser, or a user with setfacl (apt install acl), lets others in'};
	};
	return Object.fromEntries(logins.map(login => [login, access(login)]));
}

/**
 * @param defaults of the machine that all share
 * @throws UsageError
 */
export async function planClass(
	env: NodeJS.ProcessEnv,
	name: string,
	roster: Roster,
	defaults: LabOptions,
	fresh: boolean,
): Promise<ClassPlan> {
	const directory = join(classesDirectory(env), name);
	const state = classState(env, name);
	const helpers = await helperLogins(roster.helpers);
	const teachers = roster.teachers.length > 0 ? roster.teachers : [loginName()];
	const students = roster.students.map(({student}) => student);
	const machines = [...roster.students, {student: demo, options: defaults}].map(
		({student, options}): PlannedMachine => {
			const socket = (person: string, kind: PlannedSocket['kind']): PlannedSocket => ({
				path: join(directory, person, student, classSocketName(kind)),
				kind,
				person,
			});
			const own = student === demo ? [] : [socket(student, 'control'), socket(student, 'observe')];
			const looking = student === demo ? students.map(each => socket(each, 'observe')) : [];
			return {
				student,
				options,
				sockets: [
					...own,
					...looking,
					...helpers.filter(each => !teachers.includes(each)).map(each => socket(each, 'helper')),
					...teachers.map(each => socket(each, 'teacher')),
				],
				journal: join(state, `${student}.session`),
				kept: join(state, `${student}.class.json`),
			};
		},
	);
	const people = [...new Set([...students, ...helpers, ...teachers])];
	return {class: name, directory, state, fresh, machines, people: await accessOf(people), teachers};
}
