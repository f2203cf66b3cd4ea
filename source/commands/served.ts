/** The machine that `mmtop serve` serves: a fresh one, or the one that a killed server of that name had. */
import {createHash, randomBytes} from 'node:crypto';
import {existsSync, readFileSync, renameSync} from 'node:fs';
import {setImmediate} from 'node:timers/promises';
import type {Lab, LabOptions} from '../lab/lab.ts';
import {type CommandContext, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import type {Flags} from './flags.ts';
import {Journal, type JournalHeader, journalPath, type Kept, readJournal} from './journal.ts';
import {labOptions} from './machine.ts';

/** Events between two looks at the wall clock; wall time that the event loop has to wait at most. */
const eventsPerLook = 64;
const sliceMs = 20;
/** Between two sentences about how far it is. */
const sayEveryMs = 1000;

type Served = {
	readonly lab: Lab;
	readonly header: JournalHeader;
	/** What lay there; undefined for a fresh machine. */
	readonly kept: Kept | undefined;
	readonly path: string;
};

/** The build of this program: another one may do a session otherwise. */
function programDigest(): string {
	const hash = createHash('sha256');
	try {
		hash.update(readFileSync(process.argv[1] ?? ''));
	} catch {
		// It was replaced while it runs: no session of it can be known again.
		hash.update(randomBytes(16));
	}
	return hash.digest('hex').slice(0, 16);
}

export const wasKilled = (env: NodeJS.ProcessEnv, name: string): boolean => existsSync(journalPath(env, name));

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(3)} s`;

/**
 * Switches the machine of a name on. Where a killed server left a session, that is done again first.
 * @param isStopped whether to leave it
 * @throws Failure, UsageError for a session that is not of this program or of another kind of machine
 */
export async function switchOnServed(
	{flags, env, stderr}: Pick<CommandContext, 'flags' | 'env' | 'stderr'>,
	name: string,
	isStopped: () => boolean,
): Promise<Served> {
	const {bootLab} = await import('../lab/lab.ts');
	const path = journalPath(env, name);
	const program = programDigest();
	if (flags.fresh && existsSync(path)) renameSync(path, `${path}.old`);
	const kept = readJournal(path);
	const options = labOptions(flags);
	if (!kept) {
		return {lab: bootLab(options), header: {id: randomBytes(8).toString('hex'), program, options}, kept, path};
	}
	checkRestorable(kept, program, {name, flags, options, path});
	const lab = bootLab(kept.options);
	const torn = kept.isTorn ? '; its last line was torn and is left out' : '';
	await print(stderr, `${name}: restoring ${seconds(kept.timeNs)} of the killed server${torn}\n`);
	let [sliceEndMs, sayMs] = [performance.now() + sliceMs, performance.now() + sayEveryMs];
	let events = 0;
	for (const _ of lab.restore(kept.writes, kept.timeNs)) {
		events++;
		if (events % eventsPerLook !== 0) continue;
		const nowMs = performance.now();
		if (nowMs < sliceEndMs) continue;
		await setImmediate();
		if (isStopped()) break;
		if (nowMs >= sayMs) {
			await print(stderr, `${name}: at ${seconds(lab.timeNs())} of ${seconds(kept.timeNs)}\n`);
			sayMs = nowMs + sayEveryMs;
		}
		sliceEndMs = performance.now() + sliceMs;
	}
	return {lab, header: kept, kept, path};
}

type Asked = {readonly name: string; readonly flags: Flags; readonly options: LabOptions; readonly path: string};

function checkRestorable(kept: Kept, program: string, {name, flags, options, path}: Asked): void {
	const otherwise = `--fresh puts it aside, as ${path}.old`;
	if (kept.program !== program) {
		throw new Failure([
			`the session of ${name} was kept by another build of mmtop, which alone can do it again; ${otherwise}`,
		]);
	}
	const differs = Object.entries(options).some(
		([option, value]) => value !== (kept.options as Readonly<Record<string, unknown>>)[option],
	);
	if (differs && flags.fresh !== true) {
		throw new UsageError(`${name} was another kind of machine; leave its flags out to restore it, or ${otherwise}`);
	}
}

/** Keeps the session on disk from now on. @returns undefined where the disk does not take it, which is said */
export async function openJournal(
	{header: {id, program, options}, kept, path}: Served,
	stderr: NodeJS.WriteStream,
): Promise<Journal | undefined> {
	try {
		return await Journal.open(path, {id, program, options}, kept);
	} catch (error) {
		const {code = 'EIO'} = error as NodeJS.ErrnoException;
		await print(stderr, `mmtop: ${code}: the session cannot be kept in ${path}; a killed server is lost\n`);
		return undefined;
	}
}
