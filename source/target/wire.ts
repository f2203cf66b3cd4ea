import {Connection, type ConnectionOptions} from './connection.ts';
import {fromSampled} from './content.ts';
import type {HttpAnswer} from './link.ts';
import {maxWriteBytes} from './machineFiles.ts';
import {spellingOf, treePath} from './path.ts';
import {parseSampleLine} from './sampleLine.ts';
import {errorFromSentence} from './sentence.ts';
import {
	type ByteRange,
	type FileContent,
	type Sample,
	type SampledFile,
	type SampleRequest,
	type Target,
	TargetError,
	type TargetKind,
} from './target.ts';

/** What every answer of an mmtop server says about itself. */
export const accessHeader = 'mmtop-access';
/** Content type of a directory's listing, so that a client can tell it from a file. */
export const directoryType = 'inode/directory';
export const binaryType = 'application/octet-stream';
export const textType = 'text/plain; charset=utf-8';

type WireOptions = ConnectionOptions & {readonly kind: TargetKind};

/**
 * The client's end of the wire, over any byte stream.
 *
 * @throws TargetError EDISCONNECTED when nobody answers; EPROTO when it is not an mmtop server
 */
export async function openWire(options: WireOptions): Promise<Target> {
	const wire = new Wire(options);
	try {
		const writable = await wire.hello();
		return {
			name: options.name,
			kind: options.kind,
			writable,
			sample: request => wire.sample(request),
			read: (path, range) => wire.read(path, range),
			list: path => wire.list(path),
			write: (path, text) => wire.write(path, text),
			close: async () => wire.close(),
		};
	} catch (error) {
		wire.close();
		throw error;
	}
}

class Wire {
	readonly #name: string;
	readonly #connection: Connection;
	/** The last sample, whole: what `unchanged` in the next one refers to. */
	#last: Sample | undefined;

	constructor(options: WireOptions) {
		this.#name = options.name;
		// What a new peer has counted says nothing about what the old one showed.
		const onLost = (): void => {
			this.#last = undefined;
		};
		this.#connection = new Connection(options, onLost);
	}

	/** Asks who is there. @returns whether this client may write */
	async hello(): Promise<boolean> {
		const answer = await this.#connection.exchange({method: 'GET', path: '/'});
		const access = answer.headers[accessHeader];
		if (access !== 'read-write' && access !== 'read-only') {
			throw new TargetError('EPROTO', `${this.#name} is served by something other than mmtop`);
		}

		return access === 'read-write';
	}

	async sample({paths}: SampleRequest): Promise<Sample> {
		const last = this.#last;
		// A file is answered once, however often and in whatever spellings it is asked for.
		const names = new Map(paths.map(path => [path, spellingOf(path)]));
		const asked = [...new Set(names.values())];
		// A path that is new in the question was not in that sample, and cannot be answered as unchanged.
		const body = JSON.stringify({paths: asked, ...(last && {since: last.seq})});
		const answer = await this.#connection.exchange({method: 'POST', path: '/sample', type: 'application/json', body});
		this.#refuse(answer);
		const sample = parseSampleLine(answer.body.toString());
		if (sample === undefined) throw new TargetError('EPROTO', `${this.#name} answered something that is not a sample`);

		const files: Record<string, SampledFile> = {};
		for (const name of asked) {
			const file = sample.files[name] ?? {error: 'EPROTO: the answer left this file out'};
			// A file that did not change stays the very same object, which makes "did it change?" cheap further up.
			files[name] = 'unchanged' in file ? (last?.files[name] ?? {error: 'EPROTO: unchanged since nothing'}) : file;
		}

		this.#last = {...sample, files};
		const byPath = paths.map(path => [path, files[names.get(path) ?? path]!] as const);
		return {...sample, files: Object.fromEntries(byPath)};
	}

	async read(path: string, range: ByteRange | undefined): Promise<FileContent> {
		if (path.endsWith('/trace_pipe')) return this.#readOnce(path);

		const bytes = range && {range: `bytes=${range.offset}-${range.offset + range.length - 1}`};
		if (range?.length === 0) return new Uint8Array();

		const answer = await this.#connection.exchange({method: 'GET', path: encodePath(path), ...bytes});
		if (answer.status === 416) return new Uint8Array();

		this.#refuse(answer);
		const type = answer.headers['content-type'];
		if (type === directoryType) throw new TargetError('EISDIR', `${path} is a directory; list it`);

		return type === binaryType ? new Uint8Array(answer.body) : answer.body.toString();
	}

	async list(path: string): Promise<readonly string[]> {
		const answer = await this.#connection.exchange({method: 'GET', path: `${encodePath(path).replace(/\/$/, '')}/`});
		this.#refuse(answer);
		return answer.body.toString().split('\n').filter(Boolean);
	}

	async write(path: string, text: string): Promise<string> {
		const bytes = Buffer.byteLength(text);
		if (bytes > maxWriteBytes) {
			throw new TargetError('EFBIG', `a write takes at most ${maxWriteBytes} bytes, got ${bytes}`);
		}

		const answer = await this.#connection.exchange({
			method: 'PUT',
			path: encodePath(path),
			type: textType,
			body: text,
		});
		this.#refuse(answer);
		return answer.body.toString();
	}

	close(): void {
		this.#connection.close();
	}

	/** A GET of trace_pipe never ends; as a sample it is what the pipe holds now. */
	async #readOnce(path: string): Promise<FileContent> {
		const {files} = await this.sample({paths: [path]});
		const file = files[path];
		if (file === undefined || 'error' in file) throw errorFromSentence(file?.error ?? '');

		return fromSampled(file) ?? '';
	}

	#refuse(answer: HttpAnswer): void {
		if (answer.status >= 400) throw errorFromSentence(answer.body.toString());
	}
}

function encodePath(path: string): string {
	return treePath(path).split('/').map(encodeURIComponent).join('/');
}
