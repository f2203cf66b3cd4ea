import type {Duplex} from 'node:stream';
import {HTTPParser} from 'http-parser-js';
import {Silence} from './silence.ts';
import {systemClock, type WallClock} from './wallClock.ts';

export type HttpAnswer = {
	readonly status: number;
	/** By name in lower case. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly body: Buffer;
};

/** The peer has answered before, and cut the connection before it answered this. */
export class StaleLink extends Error {}

type Waiting = {
	readonly resolve: (answer: HttpAnswer) => void;
	readonly reject: (error: Error) => void;
	/** Ends the link when the peer says nothing. */
	readonly silence: Silence;
};

function byName(raw: readonly string[]): Record<string, string> {
	const headers: Record<string, string> = {};
	for (let index = 0; index < raw.length; index += 2) {
		headers[raw[index]!.toLowerCase()] = raw[index + 1]!;
	}

	return headers;
}

/** Longest body that is taken in: the largest file as base64, and what a sample may hold beside it, with room left. */
const longestBodyBytes = 128 * 1024 * 1024;

/** HTTP over one byte stream: a request, its whole answer, the next request. When the stream has ended it is over. */
export class Link {
	readonly #stream: Duplex;
	readonly #wall: WallClock;
	readonly #parser = new HTTPParser(HTTPParser.RESPONSE);
	#waiting: Waiting | undefined;
	#answers = 0;
	#isOpen = true;

	/** @param mostBytes longest body that is taken in; a peer that sends more is disconnected */
	constructor(stream: Duplex, wall: WallClock = systemClock, mostBytes = longestBodyBytes) {
		this.#stream = stream;
		this.#wall = wall;
		this.#parse(mostBytes);
		stream.on('data', (chunk: Buffer) => this.#take(chunk));
		stream.on('error', error => this.#cut(error));
		stream.on('end', () => {
			// An answer without a length is as long as the stream.
			this.#parser.finish();
			this.#cut(new Error('the connection ended'));
		});
		stream.on('close', () => this.#cut(new Error('the connection was closed')));
	}

	get isOpen(): boolean {
		return this.#isOpen;
	}

	/**
	 * Sends a request while no other is under way.
	 *
	 * @param message as it goes over the stream
	 * @param patienceMs how long the peer may say nothing while this process listens
	 * @throws StaleLink, or what the stream says of its end
	 */
	ask(message: string, patienceMs: number): Promise<HttpAnswer> {
		return new Promise((resolve, reject) => {
			const reason = `no answer for ${patienceMs / 1000} s`;
			const silence = new Silence(this.#wall, patienceMs, () => this.#end(new Error(reason)));
			this.#waiting = {resolve, reject, silence};
			this.#stream.write(message);
		});
	}

	close(): void {
		this.#end(new Error('it was closed here'));
	}

	#parse(mostBytes: number): void {
		let status = 0;
		let headers: HttpAnswer['headers'] = {};
		let isLast = false;
		let chunks: Buffer[] = [];
		let bytes = 0;
		this.#parser[HTTPParser.kOnHeadersComplete] = info => {
			status = info.statusCode;
			headers = byName(info.headers);
			isLast = !info.shouldKeepAlive;
			chunks = [];
			bytes = 0;
			if (!/^\d*$/.test(headers['content-length'] ?? '')) throw new Error('its length is not a number');
		};
		this.#parser[HTTPParser.kOnBody] = chunk => {
			bytes += chunk.length;
			if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes} bytes`);
			chunks.push(chunk);
		};
		this.#parser[HTTPParser.kOnMessageComplete] = () => {
			const waiting = this.#waiting;
			this.#waiting = undefined;
			this.#answers++;
			waiting?.silence.stop();
			waiting?.resolve({status, headers, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)});
			if (isLast) {
				this.#end(new Error('the peer wants no further request'));
			}
		};
	}

	#take(chunk: Buffer): void {
		if (!this.#waiting) {
			this.#end(new Error('it sent a response to no request'));
			return;
		}

		this.#waiting.silence.heard();
		let taken: number | Error;
		try {
			taken = this.#parser.execute(chunk);
		} catch (error) {
			taken = error as Error;
		}

		if (typeof taken !== 'number') {
			this.#end(new Error(`what it says is not HTTP (${taken.message})`));
		}
	}

	/** The peer, or what is between, ended the stream. */
	#cut(error: Error): void {
		this.#end(this.#answers > 0 ? new StaleLink(error.message) : error);
	}

	#end(error: Error): void {
		if (!this.#isOpen) return;

		this.#isOpen = false;
		this.#stream.destroy();
		this.#waiting?.silence.stop();
		this.#waiting?.reject(error);
		this.#waiting = undefined;
	}
}
