/**
 * lab/results: what students handed in, kept with a machine that is served. It is the server's file and no part of the
 * simulated machine: a write to it is not in the session, and changes no byte of any other file.
 */
import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {serverFiles} from '../formats/serverFiles.ts';
import {sliceContent} from '../target/content.ts';
import {spellingOf} from '../target/path.ts';
import {type SampledFile, type Target, TargetError} from '../target/target.ts';

const resultsPath = serverFiles.results.path;
const [, labDirectory = '', fileName = ''] = /^(.*)\/([^/]+)$/.exec(resultsPath) ?? [];

/** Of one result, in characters, and how many are kept: the newest. */
export const longestResult = 32 * 1024;
export const mostResults = 64;

/** What was handed in on one machine, a line each. */
export class Results {
	readonly #path: string | undefined;
	#lines: string[];

	/** @param path of the file that keeps it over a kill of the server; undefined: it is in memory only */
	constructor(path?: string) {
		this.#path = path;
		this.#lines = path === undefined ? [] : linesOf(path).slice(-mostResults);
	}

	get text(): string {
		return this.#lines.map(line => `${line}\n`).join('');
	}

	/**
	 * @param text one JSON object
	 * @throws TargetError EINVAL for what is none, EFBIG for a long one, or what the disk says; then nothing is kept
	 */
	add(text: string): void {
		const line = text.trim();
		if (line.length > longestResult)
			throw new TargetError('EFBIG', `a result has at most ${longestResult} characters, got ${line.length}`);
		if (!isObject(line)) throw new TargetError('EINVAL', 'lab/results takes one JSON object in one line');
		const lines = [...this.#lines, line].slice(-mostResults);
		try {
			this.#keep(lines);
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
			throw new TargetError(code, 'the disk does not take the result');
		}
		this.#lines = lines;
	}

	/** As a whole or not at all: a kill in between costs no line that was kept. */
	#keep(lines: readonly string[]): void {
		if (this.#path === undefined) return;
		const part = `${this.#path}.part`;
		rmSync(part, {force: true});
		writeFileSync(part, lines.map(each => `${each}\n`).join(''), {mode: 0o600, flag: 'wx'});
		renameSync(part, this.#path);
	}

	/** The machine is gone for good, and so is this. */
	remove(): void {
		if (this.#path !== undefined) rmSync(this.#path, {force: true});
	}
}

function isObject(line: string): boolean {
	if (line.includes('\n')) return false;
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null && !Array.isArray(value);
	} catch {
		return false;
	}
}

/** A last line that was torn is left out. */
function linesOf(path: string): string[] {
	try {
		return readFileSync(path, 'utf8').split('\n').filter(isObject);
	} catch {
		return [];
	}
}

/** A client of a machine, which has the file beside the machine's own. */
export function withResults(target: Target, results: Results): Target {
	const isIt = (path: string) => spellingOf(path) === resultsPath;
	return {
		...target,
		async sample(request) {
			const paths = request.paths.filter(path => !isIt(path));
			const sample = await target.sample({...request, paths});
			if (paths.length === request.paths.length) return sample;
			const own: SampledFile = {text: results.text};
			return {
				...sample,
				files: Object.fromEntries(request.paths.map(path => [path, isIt(path) ? own : sample.files[path]!])),
			};
		},
		read: async (path, range) => (isIt(path) ? sliceContent(results.text, range) : target.read(path, range)),
		async list(path) {
			const names = await target.list(path);
			return spellingOf(path) === labDirectory && results.text !== '' ? [...names, fileName].sort() : names;
		},
		async write(path, text) {
			if (!isIt(path)) return target.write(path, text);
			if (!target.writable) throw new TargetError('EACCES', 'this socket only observes');
			results.add(text);
			return '';
		},
	};
}
