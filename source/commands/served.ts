/** The machine that `mmtop serve` serves: a fresh one, or the one that a killed server of that name had. */
import {randomBytes} from 'node:crypto';
import {existsSync, renameSync} from 'node:fs';
import {dirname} from 'node:path';
import type {Lab} from '../lab/lab.ts';
import {chooseMachine, type LabOptions} from '../lab/presets.ts';
import {ForeignSession} from '../lab/session.ts';
import type {Leftovers} from '../server/leftovers.ts';
import {Results} from '../server/results.ts';
import {makeDirectory} from '../target/makeDirectory.ts';
import {claim} from './claim.ts';
import type {CommandContext} from './context.ts';
import {doSession, programDigest} from './doSession.ts';
import {Failure, UsageError} from './errors.ts';
import {codeOf, Journal, type JournalHeader, journalPath, type Kept, readJournal} from './journal.ts';
import {labOptions} from './machine.ts';

export type Served = {
	readonly lab: Lab;
	/** What was handed in on it; it ends with the session. */
	readonly results: Results;
	/** Which machine it is, and how often it was served: another server that has it shows by the second part. */
	readonly id: string;
	/** Keeps on disk what is new. @returns a sentence, once, where the disk takes no more */
	follow(): string | undefined;
	/** Others can see the machine: from now on a kill leaves its session. */
	seen(): void;
	/** The server ends and the machine does not: its session stays, for the next one that serves it. */
	leave(): void;
	/** The machine ends: its session goes too, unless it is an older one that no client has seen again. */
	end(): void;
};

export const wasKilled = (env: NodeJS.ProcessEnv, name: string): boolean => existsSync(journalPath(env, name));

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(3)} s`;

type Asked = {
	readonly name: string;
	readonly options: LabOptions;
	readonly path: string;
	/** Says something, and does not wait for who reads it. */
	readonly say: (text: string) => void;
};

/**
 * Switches the machine of a name on. Where a killed server left a session, that is done again first.
 * @param leftovers what a start that fails must not leave behind
 * @param isStopped whether to leave it
 * @param place where its session lies, and the machine that is asked for
 * @returns undefined when that was so
 * @throws LabError, UsageError, TargetError, Failure; then the session is as it was
 */
export async function switchOnServed(
	{flags, env, stderr}: Pick<CommandContext, 'flags' | 'env' | 'stderr'>,
	name: string,
	leftovers: Leftovers,
	isStopped: () => boolean,
	place = {path: journalPath(env, name), options: labOptions(flags)},
): Promise<Served | undefined> {
	const {bootLab} = await import('../lab/lab.ts');
	const {path} = place;
	const asked = {name, ...place, say: (text: string) => void stderr.write(`${text}\n`)};
	const isOurs = await claimSession(asked, leftovers);
	const kept = isOurs && !flags.fresh ? readJournal(path) : undefined;
	const program = programDigest();
	if (kept) checkRestorable(kept, program, asked);
	const lab = bootLab(kept?.options ?? asked.options);
	if (isOurs && flags.fresh) putAside(path);
	if (kept && !(await restore(lab, kept, asked, isStopped))) return undefined;
	const id = kept?.id ?? randomBytes(8).toString('hex');
	const header = {id, program, options: kept?.options ?? asked.options};
	const journal = isOurs ? openJournal(header, kept, asked) : undefined;
	const isNew = kept === undefined;
	if (journal && isNew) leftovers.file(path);
	let mayEnd = isNew;
	const results = resultsOf(path, journal, isNew);
	const follow = () => journal?.follow(lab.session, {timeNs: lab.timeNs(), events: lab.events()});
	return {
		lab,
		results,
		id: `${id}.${(kept?.served ?? 0) + 1}`,
		follow,
		seen() {
			mayEnd = true;
			leftovers.forgetFile(path);
		},
		leave() {
			follow();
			journal?.close();
		},
		end() {
			journal?.close();
			if (mayEnd) {
				journal?.remove();
				results.remove();
			}
		},
	};
}

/**
 * Only one server has a session, wherever its sockets are.
 * @returns false where it cannot be claimed and there is none, which is said
 * @throws Failure where another server has it, or it is there and cannot be claimed
 */
async function claimSession({name, path, say}: Asked, leftovers: Leftovers): Promise<boolean> {
	const claimPath = `${path}.claim`;
	let holder: string | undefined;
	try {
		await makeDirectory(dirname(path), 0o700);
		holder = claim(claimPath);
	} catch (error) {
		const sentence = `${codeOf(error)}: the session cannot be kept in ${path}`;
		if (existsSync(path)) throw new Failure([`${sentence}, where one lies; take another --name`]);

		say(`mmtop: ${sentence}; where the server is killed, the machine is lost`);
		return false;
	}
	if (holder !== undefined) {
		throw new Failure([
			`${name} is served or being restored by ${holder}; take another --name, or remove ${claimPath}`,
		]);
	}
	leftovers.file(claimPath);
	return true;
}

function checkRestorable(kept: Kept, program: string, {name, options}: Asked): void {
	if (kept.program !== program) {
		throw new Failure([
			`the session of ${name} was kept by another build of mmtop, which alone can do it again; ` +
				'"--fresh" puts it aside',
		]);
	}
	const [was, wanted] = [kept.options, {...kept.options, ...options}].map(each => JSON.stringify(chooseMachine(each)));
	if (was !== wanted) {
		throw new UsageError(
			`${name} was another kind of machine; leave its flags out to restore it; "--fresh" puts it aside`,
		);
	}
}

/** @throws Failure */
function putAside(path: string): void {
	if (!existsSync(path)) return;
	let aside = `${path}.old`;
	for (let number = 2; existsSync(aside); number++) aside = `${path}.old${number}`;
	try {
		renameSync(path, aside);
		// What was handed in on that machine goes with it.
		if (existsSync(`${path}.results`)) renameSync(`${path}.results`, `${aside}.results`);
	} catch (error) {
		throw new Failure([`${codeOf(error)}: the session in ${path} cannot be put aside as ${aside}`]);
	}
}

/** @returns false when it was left before its end @throws Failure */
async function restore(lab: Lab, kept: Kept, {name, say}: Asked, isStopped: () => boolean): Promise<boolean> {
	const {timeNs} = kept.until;
	const torn = kept.isTorn ? '; its last line was torn and is left out' : '';
	say(`${name}: restoring ${seconds(timeNs)} of the killed server${torn}`);
	try {
		return await doSession(lab, kept, sayHowFar(name, timeNs, say), isStopped);
	} catch (error) {
		if (!(error instanceof ForeignSession)) throw error;
		throw new Failure([`the session of ${name} cannot be done again: ${error.message}; "--fresh" puts it aside`]);
	}
}

const sayHowFar = (name: string, timeNs: number, say: (text: string) => void) => (nowNs: number) =>
	say(`${name}: at ${seconds(nowNs)} of ${seconds(timeNs)}`);

/** Those of an older machine of that name are not this one's. */
function resultsOf(path: string, journal: Journal | undefined, isNew: boolean): Results {
	const results = new Results(journal && `${path}.results`);
	if (!isNew) return results;
	results.remove();
	return new Results(journal && `${path}.results`);
}

/** @returns undefined where the disk does not take it, which is said */
function openJournal(header: JournalHeader, kept: Kept | undefined, {path, say}: Asked): Journal | undefined {
	try {
		return new Journal(path, header, kept);
	} catch (error) {
		say(`mmtop: ${codeOf(error)}: the session cannot be kept in ${path}; where the server is killed, it is lost`);
		return undefined;
	}
}
