import type {ServerResponse} from 'node:http';
import {lostLine} from '../formats/debugfs/tracing/trace.ts';
import {files} from '../formats/files.ts';
import {newLines} from '../model/newLines.ts';
import {asTargetError} from '../target/sentence.ts';
import {type FileContent, type Target, TargetError} from '../target/target.ts';
import {textType} from '../target/wire.ts';

const pollMs = 100;

export function isTracePipe(path: string): boolean {
	return path === files.tracePipe.path;
}

type Reader = {
	readonly target: Target;
	readonly path: string;
	readonly response: ServerResponse;
	/** What the buffer held when it was last sent something. */
	seen: readonly string[];
	isWritable: boolean;
};

/** Everybody who reads the trace as a stream. The file is printed once for all of them. */
export class TracePipes {
	readonly #readers = new Set<Reader>();
	#timer: NodeJS.Timeout | undefined;
	#isReading = false;

	/**
	 * Sends what the trace buffer holds and then what comes, until the client goes. A slow client is not written ahead
	 * of: what leaves the buffer meanwhile is lost to it, and the stream says so. Reading takes nothing from other
	 * readers.
	 *
	 * @throws TargetError when the file cannot be read in the first place
	 */
	async stream(target: Target, path: string, response: ServerResponse): Promise<void> {
		const seen = linesOf(await target.read(path));
		if (response.destroyed) return;

		response.writeHead(200, {'content-type': textType, 'cache-control': 'no-store'});
		response.flushHeaders();
		const reader: Reader = {target, path, response, seen, isWritable: send(response, seen)};
		response.on('drain', () => {
			reader.isWritable = true;
		});
		this.#readers.add(reader);
		this.#timer ??= setInterval(() => void this.#poll(), pollMs);
		response.on('close', () => {
			this.#readers.delete(reader);
			if (this.#readers.size === 0) {
				clearInterval(this.#timer);
				this.#timer = undefined;
			}
		});
	}

	async #poll(): Promise<void> {
		const readers = [...this.#readers].filter(reader => reader.isWritable);
		const [first] = readers;
		if (this.#isReading || first === undefined) return;

		this.#isReading = true;
		try {
			const now = linesOf(await first.target.read(first.path));
			for (const reader of readers) {
				catchUp(reader, now);
			}
		} catch (error) {
			for (const {response} of readers) {
				response.end(`# ${asTargetError(error).message}\n`);
			}
		} finally {
			this.#isReading = false;
		}
	}
}

function catchUp(reader: Reader, now: readonly string[]): void {
	const {lines, lost} = newLines(reader.seen, now);
	reader.seen = now;
	reader.isWritable = send(reader.response, lost ? [lostLine, ...lines] : lines);
}

function send(response: ServerResponse, lines: readonly string[]): boolean {
	return lines.length === 0 || response.destroyed || response.write(`${lines.join('\n')}\n`);
}

function linesOf(content: FileContent): readonly string[] {
	if (typeof content !== 'string') throw new TargetError('EINVAL', 'this file is not text');

	return content.split('\n').filter(line => line !== '' && !line.startsWith('#'));
}
