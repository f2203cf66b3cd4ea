/**
 * The journal of a served machine: its configuration and all that was written to it, on disk before the writer has its
 * answer. A machine that follows from it is the same to the byte, so that `mmtop serve` goes on where a killed one was.
 *
 * Lines of JSON: a header, then `[timeNs, seq, path, text, by]` for a write, `{"timeNs"}` for how far time came, and
 * `{"kept", "timeNs"}` where the machine went back: so many of the writes before are left.
 */
import {closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, unlinkSync, writeSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';
import type {LabOptions} from '../lab/presets.ts';
import type {SessionWrite} from '../lab/session.ts';
import {makeDirectory} from '../target/makeDirectory.ts';
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
	/** Virtual time that the machine had come to at least. */
	readonly timeNs: number;
	/** Bytes of whole lines; what is behind them was torn by the end of the former server. */
	readonly bytes: number;
	readonly isTorn: boolean;
};

/** `$XDG_STATE_HOME/mmtop/NAME.session`, else below `~/.local/state`. */
export function journalPath({XDG_STATE_HOME: state, HOME: home}: NodeJS.ProcessEnv, name: string): string {
	// The XDG specification: a relative path is invalid and to be ignored.
	const base = state?.startsWith('/') ? state : join(home || homedir(), '.local/state');
	return join(base, 'mmtop', `${name}.session`);
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

function writeOf(line: readonly unknown[]): SessionWrite | undefined {
	const [timeNs, seq, path, text, by] = line;
	const isWrite = typeof timeNs === 'number' && typeof seq === 'number' && [path, text, by].every(isText);
	return isWrite ? {timeNs, seq, path: String(path), text: String(text), by: String(by)} : undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * @returns what lies at a path; undefined where there is nothing
 * @throws TargetError EINVAL for a file that is not a journal, or why it cannot be read
 */
export function readJournal(path: string): Kept | undefined {
	let content: string;
	try {
		content = readFileSync(path, 'utf8');
	} catch (error) {
		const {code = 'EIO'} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') return undefined;
		throw new TargetError(code, `cannot read the session in ${path}`);
	}
	const end = content.lastIndexOf('\n') + 1;
	const [first = '', ...lines] = content.slice(0, end).split('\n').slice(0, -1);
	const header = parsedLine(first);
	if (!header || !('journal' in header) || header.journal !== format || !isText(header.id) || !isText(header.program)) {
		throw new TargetError('EINVAL', `${path} is not the session of a machine`);
	}
	const kept: {writes: SessionWrite[]; timeNs: number} = {writes: [], timeNs: 0};
	let bytes = Buffer.byteLength(first) + 1;
	let isTorn = end < content.length;
	for (const text of lines) {
		const line = parsedLine(text);
		if (!line || !take(kept, line)) {
			// A disk that was full, or a sector that never came: nothing behind it can be trusted.
			isTorn = true;
			break;
		}
		bytes += Buffer.byteLength(text) + 1;
	}
	const {id, program, options} = header as unknown as JournalHeader;
	return {id, program, options, ...kept, bytes, isTorn};
}

/** Takes a line in. @returns false for one that is none of a journal */
function take(kept: {writes: SessionWrite[]; timeNs: number}, line: Line): boolean {
	if (Array.isArray(line)) {
		const write = writeOf(line);
		if (!write) return false;
		kept.writes.push(write);
		kept.timeNs = Math.max(kept.timeNs, write.timeNs);
		return true;
	}
	const {timeNs, kept: left} = line as {readonly timeNs?: unknown; readonly kept?: unknown};
	if (typeof timeNs !== 'number') return false;
	if (typeof left === 'number') kept.writes.length = Math.min(kept.writes.length, left);
	kept.timeNs = timeNs;
	return true;
}

const isSame = (a: SessionWrite, b: SessionWrite | undefined): boolean =>
	a === b || (a.seq === b?.seq && a.timeNs === b.timeNs && a.path === b.path && a.text === b.text && a.by === b.by);

/** A journal that is written. Its calls return when what they say is on disk. */
export class Journal {
	readonly #path: string;
	readonly #fd: number;
	#written: SessionWrite[];
	#timeNs: number;
	/** Why nothing more is written. */
	#failure: string | undefined;

	/**
	 * @param kept what lies there and goes on; undefined begins a file
	 * @throws what the system says
	 */
	private constructor(path: string, header: JournalHeader, kept: Kept | undefined) {
		this.#path = path;
		this.#fd = openSync(path, kept ? 'r+' : 'wx', 0o600);
		this.#written = [...(kept?.writes ?? [])];
		this.#timeNs = kept?.timeNs ?? 0;
		if (kept) ftruncateSync(this.#fd, kept.bytes);
		else this.#append(`${JSON.stringify({journal: format, ...header})}\n`, 0);
		this.#end = kept?.bytes ?? this.#end;
	}

	#end = 0;

	static async open(path: string, header: JournalHeader, kept?: Kept): Promise<Journal> {
		await makeDirectory(dirname(path), 0o700);
		return new Journal(path, header, kept);
	}

	/**
	 * Writes down what a session has that the journal has not.
	 * @param session of the machine as it is now
	 * @param timeNs its virtual time
	 * @returns a sentence, once, where the disk takes no more
	 */
	follow(session: readonly SessionWrite[], timeNs: number): string | undefined {
		if (this.#failure !== undefined) return undefined;
		const lines: string[] = [];
		const before = this.#written.length;
		if (session.length < before || (before > 0 && session[before - 1] !== this.#written[before - 1])) {
			const differs = this.#written.findIndex((write, index) => !isSame(write, session[index]));
			const left = differs < 0 ? before : differs;
			if (left < before) lines.push(JSON.stringify({kept: left, timeNs}));
			this.#written = session.slice(0, left);
			this.#timeNs = timeNs;
		}
		for (const write of session.slice(this.#written.length)) {
			lines.push(JSON.stringify([write.timeNs, write.seq, write.path, write.text, write.by]));
			this.#written.push(write);
		}
		if (lines.length === 0) {
			if (timeNs <= this.#timeNs) return undefined;
			lines.push(JSON.stringify({timeNs}));
		}
		this.#timeNs = Math.max(this.#timeNs, timeNs);
		try {
			this.#append(lines.map(line => `${line}\n`).join(''), this.#end);
		} catch (error) {
			const {code = 'EIO'} = error as NodeJS.ErrnoException;
			this.#failure = `${code}: the session is not written down any more, ${this.#path} ends here`;
		}
		return this.#failure;
	}

	/** Behind the last whole line: half a line of a full disk is written over. */
	#append(text: string, at: number): void {
		const bytes = Buffer.from(text);
		for (let done = 0; done < bytes.length; ) {
			done += writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
		}
		fdatasyncSync(this.#fd);
		this.#end = at + bytes.length;
	}

	/** @param ends the machine is gone for good, and so is its session */
	close(ends: boolean): void {
		closeSync(this.#fd);
		if (ends) unlinkSync(this.#path);
	}
}
