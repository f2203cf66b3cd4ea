import {Agent, request as httpRequest, type IncomingHttpHeaders} from 'node:http';
import type {Duplex} from 'node:stream';
import {oneLine} from './sentence.ts';
import {TargetError} from './target.ts';

/** A peer that says nothing for this long is taken for gone, alive or not. */
const silenceMs = 5000;

export type ConnectionOptions = {
	/** The peer, as sentences shall call it. */
	readonly name: string;
	/** A new byte stream to the peer. One at a time is in use; the next is asked for when that one has ended. */
	readonly connect: () => Duplex;
	/** Who this client says it is. */
	readonly by: string;
	/** What to say when the peer is gone, given what the stream said. */
	readonly explain: (reason: string) => string;
	/** How long the first answer may take, where a person may have to type a password before it. */
	readonly patienceMs?: number;
	readonly close?: () => void;
};

export type Query = {
	readonly method: 'GET' | 'PUT' | 'POST';
	readonly path: string;
	readonly range?: string;
	/** Content type of the body. */
	readonly type?: string;
	readonly body?: string;
};

export type Answer = {readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer};

/** Requests and whole answers over one connection at a time, which is kept, and opened again when it is gone. */
export class Connection {
	readonly #options: ConnectionOptions;
	readonly #onLost: () => void;
	readonly #agent: OneStreamAgent;
	#patienceMs: number;
	#isClosed = false;

	constructor(options: ConnectionOptions, onLost: () => void) {
		this.#options = options;
		this.#onLost = onLost;
		this.#agent = new OneStreamAgent(options.connect);
		this.#patienceMs = options.patienceMs ?? silenceMs;
	}

	/**
	 * The kept connection may have died unseen while it was idle: a request that only reads is then sent once more on a
	 * new one. A write is not: it may have happened.
	 *
	 * @throws TargetError EDISCONNECTED
	 */
	async exchange(query: Query): Promise<Answer> {
		if (this.#isClosed) {
			throw new TargetError('EDISCONNECTED', `${this.#options.name} was closed`);
		}

		try {
			const answer = await this.#send(query).catch((error: unknown) => {
				if (error instanceof StaleConnection && query.method !== 'PUT') {
					return this.#send(query);
				}

				throw error;
			});
			this.#patienceMs = silenceMs;
			return answer;
		} catch (error) {
			this.#onLost();
			const reason = oneLine(error instanceof Error ? error.message : String(error));
			throw new TargetError('EDISCONNECTED', this.#options.explain(reason));
		}
	}

	close(): void {
		this.#isClosed = true;
		this.#agent.destroy();
		this.#options.close?.();
	}

	#send({method, path, range, type, body}: Query): Promise<Answer> {
		return new Promise((resolve, reject) => {
			const request = httpRequest({
				agent: this.#agent,
				method,
				path,
				host: 'mmtop',
				headers: {
					'user-agent': this.#options.by,
					...(range !== undefined && {range}),
					...(type !== undefined && {'content-type': type}),
					...(body !== undefined && {'content-length': Buffer.byteLength(body)}),
				},
			});
			const fail = (error: NodeJS.ErrnoException): void => {
				const wasCut = error.code === 'ECONNRESET' || error.code === 'EPIPE';
				reject(request.reusedSocket && wasCut ? new StaleConnection(error.message) : error);
			};

			const silence = setTimeout(() => request.destroy(new Error('no answer')), this.#patienceMs);
			// Time spent waiting for the connection to become free is not the peer's silence.
			request.on('socket', () => silence.refresh());
			request.on('close', () => clearTimeout(silence));
			request.on('error', fail);
			request.on('response', response => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => {
					silence.refresh();
					chunks.push(chunk);
				});
				response.on('error', fail);
				response.on('end', () => {
					resolve({status: response.statusCode ?? 500, headers: response.headers, body: Buffer.concat(chunks)});
				});
			});
			// A text goes out with the head, in one write.
			request.end(body);
		});
	}
}

class StaleConnection extends Error {}

class OneStreamAgent extends Agent {
	readonly #connect: () => Duplex;

	constructor(connect: () => Duplex) {
		super({keepAlive: true, maxSockets: 1});
		this.#connect = connect;
	}

	override createConnection(): Duplex {
		return this.#connect();
	}
}
