/**
 * A session file: the configuration, the seed and the writes of a machine, a few kilobytes from which it is done again.
 * `--record FILE.session` keeps one of the monitor's own machine; wherever a recording can be named, it can be, too. It
 * is what `journal.ts` writes for a server.
 */
import {randomBytes} from 'node:crypto';
import {constants, open, readFile} from 'node:fs/promises';
import {paces} from '../formats/debugfs/lab/clock.ts';
import {isLoadName} from '../formats/debugfs/lab/load.ts';
import type {Lab} from '../lab/lab.ts';
import type {LabOptions} from '../lab/presets.ts';
import {ForeignSession} from '../lab/session.ts';
import {type EmbeddedMachine, embeddedMachine} from '../target/embedded.ts';
import {systemClock} from '../target/wallClock.ts';
import type {CommandContext} from './context.ts';
import {doSession, programDigest} from './doSession.ts';
import {tuneEngineForMachine} from './engine.ts';
import {Failure, UsageError} from './errors.ts';
import {codeOf, Journal, journalMark, type Kept, parseJournal} from './journal.ts';

const extension = '.session';
/** How often it is written down how far time came. */
const progressMs = 1000;

/** Whether `--record` asks for a session, not for what was seen. */
export const asksForSession = (record: string | undefined): record is string => record?.endsWith(extension) === true;

/**
 * What a person names, if it is a session file.
 *
 * @returns undefined for anything else
 * @throws Failure for a session that cannot be read whole, but for a last line that is not there whole
 */
export async function sessionAt(text: string): Promise<Kept | undefined> {
	if (!text.includes('/')) return undefined;
	const content = await contentOf(text);
	if (content === undefined || !(content.startsWith(journalMark) || text.endsWith(extension))) return undefined;
	if (!content.includes('\n')) throw new Failure([`${text} is not a session: it ends before its first line does`]);
	const kept = parseJournal(content);
	if (!kept) throw new Failure([`${text} is not the session of a machine, or one of another version of mmtop`]);
	const {strayLine, program, options} = kept;
	if (strayLine !== undefined) throw new Failure([`${text} is damaged: line ${strayLine} is not one of a session`]);
	if (program !== programDigest()) {
		throw new Failure([`${text} was kept by another build of mmtop, which alone can do it again`]);
	}
	const {load, pace} = options;
	const isKnown = (load === undefined || isLoadName(load)) && (!pace || paces.includes(pace));
	if (!isKnown) throw new Failure([`${text} is of a machine that this mmtop does not have`]);
	return kept;
}

/** @returns undefined where there is no file that could be a session; opening it as a target then says why */
async function contentOf(path: string): Promise<string | undefined> {
	const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
	if (!file) return undefined;
	try {
		if (!(await file.stat()).isFile()) return undefined;
		const {buffer, bytesRead} = await file.read(Buffer.alloc(journalMark.length), 0, journalMark.length, 0);
		const isMarked = buffer.toString('latin1', 0, bytesRead) === journalMark;
		return isMarked || path.endsWith(extension) ? await readFile(path, 'utf8') : undefined;
	} catch (error) {
		throw new Failure([`${codeOf(error)}: cannot read ${path}`]);
	} finally {
		await file.close();
	}
}

/**
 * Does a session again: the machine stands at its end.
 *
 * @param path as it was named
 * @throws Failure, LabError
 */
export async function machineOf(path: string, kept: Kept, stderr: CommandContext['stderr']): Promise<Lab> {
	tuneEngineForMachine();
	const {bootLab} = await import('../lab/lab.ts');
	if (kept.isTorn) stderr.write(`mmtop: the last line of ${path} was torn and is left out\n`);
	const lab = bootLab(kept.options);
	const seconds = (ns: number) => (ns / 1e9).toFixed(1);
	try {
		await doSession(
			lab,
			kept,
			nowNs => void stderr.write(`${path}: at ${seconds(nowNs)} of ${seconds(kept.until.timeNs)} s\n`),
		);
	} catch (error) {
		if (!(error instanceof ForeignSession)) throw error;
		throw new Failure([`${path} cannot be done again: ${error.message}`]);
	}
	return lab;
}

type OwnMachine = Pick<EmbeddedMachine, 'client' | 'rest'> & {
	/** @returns why its session is not written down any more, if that is so */
	end(): string | undefined;
};

/**
 * Gives a machine of one's own to wall time, and keeps its session where `record` asks for that.
 *
 * @param options with which it was booted
 * @throws Failure where the file cannot be made: one that is there is not written over
 */
export function ownMachine(lab: Lab, options: LabOptions, record: string | undefined): OwnMachine {
	const journal = asksForSession(record) ? newJournal(record, options) : undefined;
	let failure: string | undefined;
	const follow = (): void => {
		failure ??= journal?.follow(lab.session, {timeNs: lab.timeNs(), events: lab.events()});
	};
	follow();
	const machine = embeddedMachine(lab, lab.name, systemClock, {isOwn: true, ...(journal && {onWrite: follow})});
	const following = journal && setInterval(follow, progressMs);
	return {
		client(by) {
			const target = machine.client(by);
			return {
				...target,
				async sample(request) {
					const sample = await target.sample(request);
					return failure === undefined ? sample : {...sample, notice: failure};
				},
			};
		},
		rest: machine.rest,
		end() {
			clearInterval(following);
			machine.stop();
			follow();
			journal?.close();
			return failure;
		},
	};
}

function newJournal(path: string, options: LabOptions): Journal {
	try {
		return new Journal(path, {id: randomBytes(8).toString('hex'), program: programDigest(), options}, undefined, 'wx');
	} catch (error) {
		const why = codeOf(error) === 'EEXIST' ? ', which is there already: no session is written over' : '';
		throw new Failure([`${codeOf(error)}: cannot keep the session in ${path}${why}`]);
	}
}

/** @throws UsageError where a session is asked for of a machine that is not ours */
export function refuseSession(record: string | undefined): void {
	if (!asksForSession(record)) return;
	throw new UsageError(
		'--record FILE.session keeps the session of a machine of the monitor itself; of any other FILE.samples keeps what ' +
			'is seen',
	);
}
