/** A roster: who is in a class, and which machine each student gets. */
import {LabError} from '../../lab/errors.ts';
import {chooseMachine, type LabOptions} from '../../lab/presets.ts';
import {UsageError} from '../errors.ts';
import type {Flags} from '../flags.ts';
import {labOptions} from '../machine.ts';

/** The machine that all share. */
export const demo = 'demo';

type RosterStudent = {readonly student: string; readonly options: LabOptions};

export type Roster = {
	/** In the order of the lines. */
	readonly students: readonly RosterStudent[];
	readonly teachers: readonly string[];
	/** Logins, and groups as `@tutors`. */
	readonly helpers: readonly string[];
};

const machineWords = ['machine', 'era', 'seed', 'load'] as const;

/** As logins are on Debian, and short: they become names of machines, and part of the path of a socket. */
const loginPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;

export const isLogin = (text: string): boolean => loginPattern.test(text);

/** Students of one class on one computer: each has a handful of open files and some ten MiB. */
const mostStudents = 200;

/**
 * Reads a roster: a line a student, `LOGIN [machine=…] [era=…] [seed=…] [load=…]`, and lines `teacher LOGIN`,
 * `helper LOGIN` and `helper @GROUP`; what follows `#` is a comment.
 *
 * @param path as errors name it
 * @param defaults flags of a machine, where a line has no word for it
 * @throws UsageError with the line
 */
export function parseRoster(text: string, path: string, defaults: Flags): Roster {
	const students = new Map<string, RosterStudent>();
	const teachers: string[] = [];
	const helpers: string[] = [];
	const known = new Set<string>([demo]);
	for (const [index, line] of text.split('\n').entries()) {
		const fail = (why: string): never => {
			throw new UsageError(`${path}, line ${index + 1}: ${why}`);
		};
		const [first, ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
		if (!first) continue;
		const isRole = first === 'teacher' || first === 'helper';
		const login = isRole ? words[0] : first;
		if (login === undefined || (isRole && words.length !== 1)) return fail(`${first} takes one login`);
		const isGroup = first === 'helper' && login.startsWith('@');
		if (!loginPattern.test(isGroup ? login.slice(1) : login)) {
			fail(
				`${JSON.stringify(login)} is not a login: up to 32 letters, digits, "_", "." or "-", the first a letter or digit`,
			);
		}
		if (known.has(login)) {
			fail(login === demo ? `${demo} is the machine that all share, and not a student` : `${login} is there twice`);
		}
		known.add(login);
		if (first === 'teacher') teachers.push(login);
		else if (first === 'helper') helpers.push(login);
		else students.set(login, {student: login, options: optionsOf(words, defaults, fail)});
	}
	if (students.size === 0) throw new UsageError(`${path} has no student: a line is a login`);
	if (students.size > mostStudents) {
		throw new UsageError(`${path} has ${students.size} students, and one class takes ${mostStudents} at most`);
	}
	return {students: [...students.values()], teachers, helpers};
}

function optionsOf(words: readonly string[], defaults: Flags, fail: (why: string) => never): LabOptions {
	const flags: {[Word in (typeof machineWords)[number]]?: string} = {};
	for (const word of words) {
		const [key = '', value = ''] = word.split(/=(.*)/s);
		const name = machineWords.find(each => each === key);
		if (name === undefined || value === '') {
			return fail(`${JSON.stringify(word)} is not one of ${machineWords.map(each => `${each}=…`).join(', ')}`);
		}
		if (flags[name] !== undefined) fail(`${name} is there twice`);
		flags[name] = value;
	}
	try {
		return checkedOptions({...defaults, ...flags});
	} catch (error) {
		if (error instanceof LabError) return fail(error.message.replace(/^E[A-Z]+: /, ''));
		if (error instanceof UsageError) return fail(error.message.replace(/^--/, ''));
		throw error;
	}
}

/** What describes a machine that there can be. @throws UsageError, LabError */
export function checkedOptions(flags: Flags): LabOptions {
	const {machine, era, seed, load} = flags;
	const options = labOptions({
		...(machine !== undefined && {machine}),
		...(era !== undefined && {era}),
		...(seed !== undefined && {seed}),
		...(load !== undefined && {load}),
	});
	chooseMachine(options);
	return options;
}
