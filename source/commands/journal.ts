/**
 * The journal of a served machine: its configuration and all that was written to it, on disk before the writer has its
 * answer. A machine that follows from it is the same to the byte, so that `mmtop serve` goes on where a killed one was.
 *
 * Lines of JSON: a header, then `[timeNs, seq, path, text, by]` for a write, `{"timeNs", "events"}` for how far the
 * machine came, the same with `kept` where it went back (so many of the writes before are left), and `{"served"}` for
 * each server that had it.
 */
import {
	closeSync,
	constants,
	fdatasyncSync,
	fstatSync,
	ftruncateSync,
	openSync,
	readFileSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import {join} from 'node:path';
import type {LabOptions} from '../lab/presets.ts';
import {eventsBefore, type Instant, isSameWrite, type SessionWrite} from '../lab/session.ts';
import {stateDirectory} from '../target/classes.ts';
import {TargetError} from '../target/target.ts';

const format = 1;

export type JournalHeader = {
	/** Which machine it is, for those who looked at it before. */
	readonly id: string;
	/** The program that can do it again. */
	readonly program: string;
	readonly options: LabOptions;
};

export type Kept = JournalHeader & {
	readonly writes: readonly SessionWrite[];
	/** Where the machine had come to at least. */
	readonly until: Instant;
	/** Servers that had it. */
	readonly served: number;
	/** Bytes of whole lines; what is behind them was torn by the end of the former server. */
	readonly bytes: number;
	readonly isTorn: boolean;
	/** Number of the first whole line that is none of a journal, from 1 on. */
	readonly strayLine?: number;
};

/** Where the session of a served machine lies. */
export const journalPath = (env: NodeJS.ProcessEnv, name: string): string =>
	join(stateDirectory(env), `${name}.session`);

const freshHint = '"--fresh" puts it aside';

/** What the system said of a file. @returns its errno name */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'EIO';

/** @returns undefined where there is nothing @throws TargetError for what is not a file of this user, or unreadable */
function contentOf(path: string): string | undefined {
	let fd: number;
	try {
		fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw new TargetError(codeOf(error), `cannot read the session in ${path}; ${freshHint}`);
	}
	try {
		const status = fstatSync(fd);
		if (!status.isFile() || status.uid !== process.getuid?.()) {
			throw new TargetError('EPERM', `the session in ${path} must be a file of this user; ${freshHint}`);
		}
		return readFileSync(fd, 'utf8');
	} finally {
		closeSync(fd);
	}
}

type Line = readonly unknown[] | {readonly [key: string]: unknown};

function parsedLine(text: string): Line | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? (value as Line) : undefined;
	} catch {
		return undefined;
	}
}

const instantOf = (write: SessionWrite, writesBefore: number): Instant => ({
	timeNs: write.timeNs,
	events: eventsBefore(write, writesBefore),
});

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

function writeOf(line: readonly unknown[]): SessionWrite | undefined {
	const [timeNs, seq, path, text, by] = line;
	const isWrite = isCount(timeNs) && isCount(seq) && isText(path) && isText(text) && isText(by);
	return isWrite ? {timeNs, seq, path, text, by} : undefined;
}

/**
 * @returns what lies at a path; undefined where there is nothing, or the beginning of a line by a server that ended
 * before it had a machine
 * @throws TargetError EINVAL for a file that is not a journal, or why it cannot be read
 */
export function readJournal(path: string): Kept | undefined {
	const content = contentOf(path);
	if (content === undefined || !content.includes('\n')) return undefined;

	const kept = parseJournal(content);
	if (!kept) throw new TargetError('EINVAL', `${path} is not the session of a machine; ${freshHint}`);
	return kept;
}

/** How a file begins that may be a journal, of this format or of another one. */
export const journalMark = '{"journal":';

/**
 * @param content with a whole line at least
 * @returns undefined for what is not a journal of this format
 */
export function parseJournal(content: string): Kept | undefined {
	const end = content.lastIndexOf('\n') + 1;
	const [first = '', ...lines] = content.slice(0, end).split('\n').slice(0, -1);
	const header = parsedLine(first);
	if (!header || !('journal' in header) || header.journal !== format) return undefined;
	const {id, program, options} = header as unknown as JournalHeader;
	if (!isText(id) || !isText(program) || !isRecord(options)) return undefined;
	const progress: Progress = {writes: [], until: {timeNs: 0, events: 0}, served: 0};
	let bytes = Buffer.byteLength(first) + 1;
	let isTorn = end < content.length;
	let strayLine: number | undefined;
	for (const [index, text] of lines.entries()) {
		const line = parsedLine(text);
		if (!line || !take(progress, line)) {
			// A sector that never came: nothing behind it can be trusted.
			isTorn = true;
			strayLine = index + 2;
			break;
		}
		bytes += Buffer.byteLength(text) + 1;
	}
	return {id, program, options, ...progress, bytes, isTorn, ...(strayLine !== undefined && {strayLine})};
}

type Progress = {writes: SessionWrite[]; until: Instant; served: number};

/** Takes a line in. @returns false for one that is none of a journal */
function take(progress: Progress, line: Line): boolean {
	if (Array.isArray(line)) {
		const write = writeOf(line);
		if (!write) return false;
		progress.until = instantOf(write, progress.writes.length);
		progress.writes.push(write);
		return true;
	}
	const {timeNs, events, kept, served} = line as {readonly [key: string]: unknown};
	if (isCount(served)) {
		progress.served = served;
		return true;
	}
	if (!isCount(timeNs) || !isCount(events) || (kept !== undefined && !isCount(kept))) return false;
	if (kept !== undefined) progress.writes.length = Math.min(progress.writes.length, kept);
	progress.until = {timeNs, events};
	return true;
}

/** A journal that is written. What its calls take is on disk when they return. One program may have it at a time. */
export class Journal {
	readonly #path: string;
	readonly #fd: number;
	#written: SessionWrite[];
	#until: Instant;
	/** Behind the last whole line: half a line of a full disk is written over. */
	#end: number;
	/** Nothing more is written. */
	#hasFailed = false;

	/**
	 * @param kept what lies there and goes on; undefined begins the file, and leaves none where it cannot
	 * @param flags with which a file that begins is opened: `wx` writes none over
	 * @throws what the system says
	 */
	constructor(path: string, header: JournalHeader, kept?: Kept, flags: 'w' | 'wx' = 'w') {
		this.#path = path;
		this.#written = [...(kept?.writes ?? [])];
		this.#until = kept?.until ?? {timeNs: 0, events: 0};
		this.#end = kept?.bytes ?? 0;
		this.#fd = openSync(path, kept ? 'r+' : flags, 0o600);
		try {
			ftruncateSync(this.#fd, this.#end);
			const served = JSON.stringify({served: (kept?.served ?? 0) + 1});
			this.#append(kept ? `${served}\n` : `${JSON.stringify({journal: format, ...header})}\n${served}\n`);
		} catch (error) {
			this.close();
			if (!kept) this.remove();
			throw error;
		}
	}

	/**
	 * Writes down what a session has that the journal has not.
	 * @param session of the machine as it is now
	 * @param now how far that has come
	 * @returns a sentence, once, where the disk takes no more
	 */
	follow(session: readonly SessionWrite[], now: Instant): string | undefined {
		if (this.#hasFailed) return undefined;
		const lines: string[] = [];
		let until = this.#until;
		const before = this.#written.length;
		// Another array of other objects is the session of a machine that went back.
		if (session[before - 1] !== this.#written[before - 1] || now.events < until.events) {
			const differs = this.#written.findIndex((write, index) => !isSameWrite(write, session[index]));
			const kept = differs < 0 ? before : differs;
			if (kept < before || now.events < until.events) {
				lines.push(JSON.stringify({kept, ...now}));
				until = now;
			}
			this.#written = session.slice(0, kept);
		}
		for (const write of session.slice(this.#written.length)) {
			lines.push(JSON.stringify([write.timeNs, write.seq, write.path, write.text, write.by]));
			until = instantOf(write, this.#written.length);
			this.#written.push(write);
		}
		if (now.timeNs !== until.timeNs || now.events !== until.events) lines.push(JSON.stringify(now));
		if (lines.length === 0) return undefined;
		try {
			this.#append(lines.map(line => `${line}\n`).join(''));
		} catch (error) {
			this.#hasFailed = true;
			return `${codeOf(error)}: the session is not written down any more, ${this.#path} ends here`;
		}
		this.#until = now;
		return undefined;
	}

	#append(text: string): void {
		const bytes = Buffer.from(text);
		for (let done = 0; done < bytes.length; ) {
			done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#end + done);
		}
		fdatasyncSync(this.#fd);
		this.#end += bytes.length;
	}

	close(): void {
		closeSync(this.#fd);
	}

	/** The machine is gone for good, and so is its session. */
	remove(): void {
		try {
			unlinkSync(this.#path);
		} catch {
			// Somebody has put it aside.
		}
	}
}

/** A journal as one text: the session of a machine that is not served. */
export function journalText(header: JournalHeader, session: readonly SessionWrite[], now: Instant): string {
	const lines = [
		{journal: format, ...header},
		{served: 1},
		...session.map(({timeNs, seq, path, text, by}) => [timeNs, seq, path, text, by]),
		now,
	];
	return lines.map(line => `${JSON.stringify(line)}\n`).join('');
}
