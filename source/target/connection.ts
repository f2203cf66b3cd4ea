import type {Duplex} from 'node:stream';
import {type HttpAnswer, Link, StaleLink} from './link.ts';
import {oneLine} from './sentence.ts';
import {TargetError} from './target.ts';

/**
 * A peer that says nothing for this long is taken for gone, alive or not. One that died is noticed at once, for its
 * stream ends; one that lives may have to wait for a CPU.
 */
const silenceMs = 60_000;

export type ConnectionOptions = {
	/** The peer, as sentences call it. */
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

type Query = {
	readonly method: 'GET' | 'PUT' | 'POST';
	readonly path: string;
	readonly range?: string;
	/** Content type of the body. */
	readonly type?: string;
	readonly body?: string;
};

/** A request as it goes over the stream. */
function messageOf({method, path, range, type, body = ''}: Query, by: string): string {
	const lines = [
		`${method} ${path} HTTP/1.1`,
		'host: mmtop',
		// A name is a user's: what ends a line, or is not ASCII, has no place in a header.
		`user-agent: ${by.replace(/[^\x20-\x7e]/g, '?')}`,
		...(range === undefined ? [] : [`range: ${range}`]),
		...(type === undefined ? [] : [`content-type: ${type}`]),
		...(method === 'GET' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
	];
	return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Requests and whole answers over one connection at a time, which is kept, and opened again when it is gone. */
export class Connection {
	readonly #options: ConnectionOptions;
	readonly #onLost: () => void;
	#link: Link | undefined;
	/** Resolves when the requests before the next one have been answered; undefined when none is under way. */
	#turn: Promise<void> | undefined;
	#patienceMs: number;
	#isClosed = false;

	constructor(options: ConnectionOptions, onLost: () => void) {
		this.#options = options;
		this.#onLost = onLost;
		this.#patienceMs = options.patienceMs ?? silenceMs;
	}

	/**
	 * The kept connection may have died unseen while it was idle: a request that only reads is then sent once more on a
	 * new one. A write is not: it may have happened.
	 *
	 * @throws TargetError EDISCONNECTED
	 */
	async exchange(query: Query): Promise<HttpAnswer> {
		const before = this.#turn;
		let finish = (): void => {};
		const turn = new Promise<void>(resolve => {
			finish = resolve;
		});
		this.#turn = turn;
		// Where nothing is under way the request goes out at once, not after what else is to be done in this turn.
		if (before) {
			await before;
		}

		try {
			const answer = await this.#send(query).catch((error: unknown) => {
				if (error instanceof StaleLink && query.method !== 'PUT') return this.#send(query);

				throw error;
			});
			this.#patienceMs = silenceMs;
			return answer;
		} catch (error) {
			if (error instanceof TargetError) throw error;

			this.#onLost();
			const reason = oneLine(error instanceof Error ? error.message : String(error));
			throw new TargetError('EDISCONNECTED', this.#options.explain(reason));
		} finally {
			if (this.#turn === turn) {
				this.#turn = undefined;
			}

			finish();
		}
	}

	close(): void {
		this.#isClosed = true;
		this.#link?.close();
		this.#options.close?.();
	}

	async #send(query: Query): Promise<HttpAnswer> {
		if (this.#isClosed) throw new TargetError('EDISCONNECTED', `${this.#options.name} was closed`);

		if (!this.#link?.isOpen) {
			this.#link = new Link(this.#options.connect());
		}

		return this.#link.ask(messageOf(query, this.#options.by), this.#patienceMs);
	}
}
