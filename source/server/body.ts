import type {IncomingMessage} from 'node:http';
import {maxWriteBytes} from '../target/machineFiles.ts';
import {TargetError} from '../target/target.ts';
import type {Exchange} from './answer.ts';

/** What of a body that is too long is still taken in, unread, so that the client hears the answer. */
const drainBytes = 32 * 1024 * 1024;

function tooLong(gotBytes: number): TargetError {
	return new TargetError('EFBIG', `a body has at most ${maxWriteBytes} bytes, got ${gotBytes} or more`);
}

/** True when the request announces a body that would be refused, before any of it was sent. */
export function announcesTooMuch(request: IncomingMessage): boolean {
	return Number(request.headers['content-length'] ?? 0) > maxWriteBytes;
}

/**
 * The body of a request as text. A long one takes room until the answer is through: many could be on their way at once.
 *
 * @throws TargetError EFBIG past 1 MiB, EINVAL when it is not UTF-8 or has NUL bytes, EAGAIN when there is no room for
 * it
 */
export async function readBody({request, response, session}: Exchange): Promise<string> {
	const announcedBytes = Number(request.headers['content-length'] ?? 0);
	if (announcedBytes > maxWriteBytes) {
		drain(request);
		throw tooLong(announcedBytes);
	}

	const {room} = session.share;
	let giveBack = (): void => {};
	response.once('close', () => giveBack());
	const chunks: Buffer[] = [];
	let sizeBytes = 0;
	for await (const chunk of request.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>) {
		sizeBytes += chunk.length;
		if (sizeBytes > maxWriteBytes) {
			drain(request);
			throw tooLong(sizeBytes);
		}

		try {
			giveBack();
			giveBack = room.take(sizeBytes);
		} catch (error) {
			drain(request);
			throw error;
		}

		chunks.push(chunk);
	}

	try {
		const text = new TextDecoder('utf-8', {fatal: true}).decode(Buffer.concat(chunks));
		if (!text.includes('\0')) return text;
	} catch {
		// Falls through to the one sentence that holds for both.
	}

	throw new TargetError('EINVAL', 'a body must be UTF-8 text without NUL bytes');
}

function drain(request: IncomingMessage): void {
	let drainedBytes = 0;
	request.on('data', (chunk: Buffer) => {
		drainedBytes += chunk.length;
		if (drainedBytes > drainBytes) {
			request.destroy();
		}
	});
	request.resume();
}
