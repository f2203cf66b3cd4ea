import type {IncomingMessage, OutgoingHttpHeaders, ServerResponse} from 'node:http';
import {base64Length, toBase64} from '../target/content.ts';
import type {FileContent} from '../target/target.ts';
import type {Session} from './session.ts';

/** A request, whose it is, and where its answer goes. */
export type Exchange = {
	readonly session: Session;
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	/** Aborted when the client has gone, or has its answer. */
	readonly over: AbortSignal;
};

/** What of a long answer goes to the system at once: the rest needs no room there yet. */
const partLength = 256 * 1024;
/** So many bytes are a part as base64, and can be divided by three. */
const partBytes = 192 * 1024;

type Head = {readonly status: number; readonly type: string; readonly headers?: OutgoingHttpHeaders};

/** Answers with one body. @throws TargetError EAGAIN when there is no room for it, and then nothing was sent */
export function answer(exchange: Exchange, head: Head, body: FileContent): void {
	const bytes = typeof body === 'string' ? Buffer.from(body) : body;
	begin(exchange, head, bytes.length);
	exchange.response.end(bytes);
}

/**
 * Answers with a body in pieces, each of which is sent when the client has taken those before it. Bytes are sent as
 * base64.
 *
 * @throws TargetError EAGAIN when there is no room for it, and then nothing was sent
 */
export async function answerInPieces(
	exchange: Exchange,
	head: Head,
	pieces: readonly (string | Uint8Array)[],
): Promise<void> {
	const sizeBytes = pieces.reduce(
		(bytes, piece) => bytes + (typeof piece === 'string' ? Buffer.byteLength(piece) : base64Length(piece)),
		0,
	);
	begin(exchange, head, sizeBytes);
	const {response} = exchange;
	for (const piece of pieces) {
		for (const part of typeof piece === 'string' ? partsOf(piece) : base64PartsOf(piece)) {
			if (response.destroyed) return;

			if (!response.write(part)) {
				await hasDrained(response);
			}
		}
	}

	response.end();
}

function* partsOf(text: string): Generator<string> {
	for (let at = 0; at < text.length; ) {
		const end = Math.min(text.length, at + partLength);
		const last = text.charCodeAt(end - 1);
		// Two halves of one character must not become two parts.
		const next = end < text.length && last >= 0xd800 && last < 0xdc00 ? end + 1 : end;
		yield text.slice(at, next);
		at = next;
	}
}

function* base64PartsOf(bytes: Uint8Array): Generator<string> {
	for (let at = 0; at < bytes.length; at += partBytes) {
		yield toBase64(bytes.subarray(at, at + partBytes));
	}
}

function begin({session, response}: Exchange, {status, type, headers}: Head, sizeBytes: number): void {
	response.once('close', session.share.room.take(sizeBytes));
	session.lastBytes = sizeBytes;
	response.writeHead(status, {'content-type': type, 'content-length': sizeBytes, ...headers});
}

/** Resolves when more may be written, or when nobody takes it any more. */
function hasDrained(response: ServerResponse): Promise<void> {
	return new Promise(resolve => {
		const done = (): void => {
			response.off('drain', done);
			response.off('close', done);
			resolve();
		};

		response.on('drain', done);
		response.on('close', done);
	});
}
