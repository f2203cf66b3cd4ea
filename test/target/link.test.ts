/** What comes over a stream, in whichever pieces, is the answer that was sent; what is not an answer ends the link. */

import {Duplex} from 'node:stream';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Link, StaleLink} from '../../source/target/link.ts';
import {fakeClock} from './support/fakeClock.ts';

/** A peer that hears what is written and says what the test has it say. */
class Peer extends Duplex {
	heard = '';

	override _read(): void {}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
		this.heard += chunk.toString();
		done();
	}

	say(...parts: readonly (Buffer | string)[]): void {
		for (const part of parts) {
			this.push(part);
		}
	}
}

const patienceMs = 60_000;

function linked(): {readonly peer: Peer; readonly link: Link} {
	const peer = new Peer();
	return {peer, link: new Link(peer)};
}

const sized = (body: Buffer): Buffer =>
	Buffer.concat([
		Buffer.from(`HTTP/1.1 200 OK\r\nMMTOP-Access: read-only\r\nContent-Length: ${body.length}\r\n\r\n`),
		body,
	]);

const chunked = (parts: readonly Buffer[]): Buffer =>
	Buffer.concat([
		Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
		...parts
			.filter(part => part.length > 0)
			.flatMap(part => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
		Buffer.from('0\r\n\r\n'),
	]);

const anyBody = fc.uint8Array({maxLength: 300}).map(bytes => Buffer.from(bytes));

function cut(message: Buffer, places: readonly number[]): readonly Buffer[] {
	const at = [0, ...places.map(place => place % (message.length + 1)).sort((a, b) => a - b), message.length];
	return at.slice(1).flatMap((end, index) => (end > at[index]! ? [message.subarray(at[index], end)] : []));
}

describe('an answer', () => {
	test('is the same in whichever pieces it comes, and the next one follows', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.array(anyBody, {maxLength: 4}), fc.boolean()), {minLength: 1, maxLength: 3}),
				fc.array(fc.nat(), {maxLength: 8}),
				async (bodies, places) => {
					const {peer, link} = linked();
					for (const [parts, isChunked] of bodies) {
						const body = Buffer.concat(parts);
						const asked = link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
						peer.say(...cut(isChunked ? chunked(parts) : sized(body), places));
						const answer = await asked;
						expect(answer.status).toBe(200);
						expect(answer.body.equals(body)).toBe(true);
						expect(answer.headers['mmtop-access']).toBe(isChunked ? undefined : 'read-only');
					}
					expect(link.isOpen).toBe(true);
					link.close();
				},
			),
		);
	});

	test('without a length is as long as the stream', async () => {
		const {peer, link} = linked();
		const asked = link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
		peer.say('HTTP/1.1 404 No\r\n\r\nENOENT: ', 'there is no /x', null as never);
		expect(await asked).toMatchObject({status: 404, body: Buffer.from('ENOENT: there is no /x')});
		expect(link.isOpen).toBe(false);
	});

	test('after which the peer wants no further request ends the link', async () => {
		const {peer, link} = linked();
		const asked = link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
		peer.say('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi');
		expect((await asked).body.toString()).toBe('hi');
		expect(link.isOpen).toBe(false);
	});
});

describe('what is not an answer', () => {
	test.each([
		['SSH-2.0-OpenSSH_9.2\r\n', 'what it says is not HTTP (Parse Error)'],
		['HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello', 'its length is not a number'],
		[
			'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
			'what it says is not HTTP (Parse Error)',
		],
	])('%j is refused', async (said, reason) => {
		const {peer, link} = linked();
		const asked = link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
		peer.say(said);
		await expect(asked).rejects.toThrow(reason);
		expect([link.isOpen, peer.destroyed]).toEqual([false, true]);
	});

	test('that is longer than any file ends the link, with or without a length', async () => {
		const longest = 10;
		for (const message of [
			(body: Buffer) => sized(body),
			(body: Buffer) => chunked([body.subarray(0, 4), body.subarray(4)]),
		]) {
			const peer = new Peer();
			const link = new Link(peer, undefined, longest);
			const taken = link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
			peer.say(message(Buffer.alloc(longest)));
			expect((await taken).body).toHaveLength(longest);
			const refused = link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
			peer.say(message(Buffer.alloc(longest + 1)));
			await expect(refused).rejects.toThrow('its answer is longer than 10 bytes');
			expect([link.isOpen, peer.destroyed]).toEqual([false, true]);
		}
	});

	test('bytes that nobody asked for end the link', async () => {
		const {peer, link} = linked();
		peer.say(sized(Buffer.from('hi')));
		await new Promise(resolve => peer.once('close', resolve));
		expect(link.isOpen).toBe(false);
	});

	test('a link that is cut before its first answer says why; one that has answered was stale', async () => {
		const {peer, link} = linked();
		const first = link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
		peer.destroy(new Error('nobody is there'));
		const refused = await first.catch((error: unknown) => error);
		expect(refused).toEqual(new Error('nobody is there'));
		expect(refused).not.toBeInstanceOf(StaleLink);

		const other = linked();
		const answered = other.link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
		other.peer.say(sized(Buffer.from('hi')));
		await answered;
		const second = other.link.ask('GET / HTTP/1.1\r\n\r\n', patienceMs);
		other.peer.say('HTTP/1.1 200 OK\r\ncontent-le');
		other.peer.push(null);
		await expect(second).rejects.toBeInstanceOf(StaleLink);
	});
});

describe('a peer that says nothing', () => {
	const silentMs = 60_000;

	/** A question under way, on a clock of the test's own. */
	const asking = () => {
		const peer = new Peer();
		const wall = fakeClock();
		const link = new Link(peer, wall);
		const outcome = link.ask('GET / HTTP/1.1\r\n\r\n', silentMs).then(
			({status}) => String(status),
			(error: Error) => error.message,
		);
		return {peer, wall, link, outcome};
	};
	const answer = sized(Buffer.from('hi'));
	/** Streams hand on what they have in the next turn. */
	const turn = () => new Promise(resolve => setImmediate(resolve));

	test('is given up when the time is over, and not before', async () => {
		const {wall, link, outcome} = asking();
		wall.advance(silentMs - 1);
		expect(link.isOpen).toBe(true);
		wall.advance(1);
		// What has arrived by then is read first.
		expect(link.isOpen).toBe(true);
		wall.advance(1);
		expect(link.isOpen).toBe(false);
		expect(await outcome).toBe('no answer for 60 s');
		expect(wall.timers()).toBe(0);
	});

	test('has the whole time again after each piece of its answer', async () => {
		const {peer, wall, link, outcome} = asking();
		for (const byte of answer.subarray(0, -1)) {
			peer.say(Buffer.of(byte));
			await turn();
			wall.advance(silentMs * 0.9);
		}
		expect(link.isOpen).toBe(true);
		peer.say(answer.subarray(-1));
		expect(await outcome).toBe('200');
		expect(wall.timers()).toBe(0);
	});

	test.each([
		1, 10, 40, 100,
	])('is not given up because this process stood still, %i times as long as it may be silent', async times => {
		const {peer, wall, link, outcome} = asking();
		wall.advance(silentMs / 2);
		// Stopped, or kept from the CPU: when it goes on, timers are called before what has arrived is read.
		wall.busy(times * silentMs);
		wall.advance(0);
		expect(link.isOpen).toBe(true);
		peer.say(answer);
		expect(await outcome).toBe('200');
	});

	test('is given up by a process that stands still again and again, once it ran long enough', async () => {
		const {wall, link, outcome} = asking();
		let ranMs = 0;
		for (; link.isOpen && ranMs < silentMs; ranMs += silentMs / 100) {
			wall.busy(2 * silentMs);
			wall.advance(silentMs / 100);
		}
		expect(ranMs).toBeGreaterThanOrEqual(0.2 * silentMs);
		expect(ranMs).toBeLessThan(0.3 * silentMs);
		expect(await outcome).toBe('no answer for 60 s');
	});
});
