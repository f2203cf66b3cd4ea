import {execFileSync} from 'node:child_process';
import {connect, type Socket} from 'node:net';
import {describe, expect, onTestFinished, test} from 'vitest';
import {clientShares, mostOpenFiles} from '../../source/server/limits.ts';
import {bigMachine, bigPaths} from '../target/support/bigMachine.ts';
import {fetchSocket, served, servedMachine} from './support.ts';

const mebibyte = 1024 * 1024;

const post = (socketPath: string, body: unknown) =>
	fetchSocket(socketPath, '/sample', {method: 'POST', body: JSON.stringify(body)});

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: mmtop\r\n\r\n`;

/** A client that sends bytes as they are, and reads only when asked to. */
async function rawClient(socketPath: string, bytes: string): Promise<Socket> {
	const socket = connect(socketPath).pause();
	onTestFinished(() => void socket.destroy());
	socket.on('error', () => {});
	await new Promise(resolve => socket.once('connect', resolve));
	socket.write(bytes);
	return socket;
}

/** Everything that comes until the server hangs up. */
function readAll(socket: Socket): Promise<string> {
	return new Promise(resolve => {
		let text = '';
		socket.setEncoding('latin1').on('data', chunk => {
			text += chunk;
		});
		socket.on('close', () => resolve(text));
		socket.resume();
	});
}

/** Asks until something holds that others bring about. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await holds())) {
		await new Promise(resolve => setImmediate(resolve));
	}
}

describe('one sample', () => {
	test('answers a file once, under the first of its spellings', async () => {
		const {fake, observePath} = await served(bigMachine(), {});
		const paths = ['/proc/kmsg', '//proc/ticks', '/proc/ticks', '/proc/./ticks', '/proc/kmsg', '/x/../proc/kmsg'];
		const {body} = await post(observePath, {paths});
		expect(JSON.parse(body).files).toEqual({'/proc/kmsg': {text: ''}, '//proc/ticks': {text: '0\n'}});
		expect(fake.printed).toEqual(['/proc/kmsg', '/proc/ticks']);
	});

	test('of 800 spellings of a large file is that file', async () => {
		const {fake, observePath} = await served(bigMachine(), {});
		const paths = Array.from(
			{length: 800},
			(_, index) => `${'/'.repeat(1 + (index % 20))}bytes/${'./'.repeat(index / 20)}1`,
		);
		expect(new Set(paths)).toHaveLength(800);
		const {status, body} = await post(observePath, {paths});
		expect(status).toBe(200);
		expect(Object.keys(JSON.parse(body).files)).toEqual(['/bytes/1']);
		expect(fake.printed).toEqual(['/bytes/1']);
	});

	test('has so many files', async () => {
		const {fake, observePath} = await served(bigMachine({fileBytes: 10}), {mostFiles: 3});
		const spellings = bigPaths(3).flatMap(path => [path, `/${path}`]);
		expect(await post(observePath, {paths: spellings})).toMatchObject({status: 200});
		const {status, body} = await post(observePath, {paths: bigPaths(4)});
		expect([status, body]).toEqual([413, 'EFBIG: a sample has at most 3 files, got 4\n']);
		expect(fake.printed).toHaveLength(3);
	});

	test('names so many paths', async () => {
		const {observePath} = await served(bigMachine(), {});
		expect(await post(observePath, {paths: Array(10_000).fill('/proc/ticks')})).toMatchObject({status: 200});
		expect(await post(observePath, {paths: Array(10_001).fill('/proc/ticks')})).toMatchObject({
			status: 413,
			body: /^EFBIG: [^\n]*10000 paths, got 10001\n$/,
		});
	});

	test('holds so many bytes beside its largest file, and a large file alone always comes', async () => {
		const {observePath} = await served(bigMachine(), {sample: {bytes: 2 * mebibyte, ms: 1e6}});
		expect(await post(observePath, {paths: bigPaths(3)})).toMatchObject({status: 200});
		const {status, body} = await post(observePath, {paths: bigPaths(4)});
		expect([status, body]).toEqual([413, expect.stringMatching(/^EFBIG: [^\n]*\n$/)]);
		expect(await fetchSocket(observePath, '/bytes/1')).toMatchObject({status: 200});
	});

	test('an answer is what its files are, whatever is in them', async () => {
		const fake = bigMachine({fileBytes: 200_000});
		const {read} = fake;
		const text = `"\\\n\u0001 ü ✓ 🙂`.repeat(60_000);
		fake.read = path => (path === '/odd' ? text : path === '/none' ? new Uint8Array() : read(path));
		const {observePath} = await served(fake, {});
		const {body} = await post(observePath, {paths: ['/odd', '/none', '/bytes/1', '/proc/none', '/big/1']});
		const {files} = JSON.parse(Buffer.from(body, 'latin1').toString());
		expect(Object.keys(files)).toEqual(['/odd', '/none', '/bytes/1', '/proc/none', '/big/1']);
		expect(files['/odd']).toEqual({text});
		expect(files['/none']).toEqual({base64: ''});
		expect(Buffer.from(files['/bytes/1'].base64, 'base64').toString()).toBe('0\n'.padEnd(200_000, '.'));
		expect(files['/proc/none']).toEqual({error: 'ENOENT: there is no /proc/none'});
	});
});

describe('while a large sample is printed', () => {
	test('another client is answered between two of its files', async () => {
		// Refused at its end, so that it need not be sent.
		const sample = {bytes: 299 * mebibyte, ms: 1e6};
		const {fake, observePath, controlPath} = await served(bigMachine(), {sample});
		const order: string[] = [];
		let other: Promise<unknown> | undefined;
		fake.onPrint = path => {
			order.push(path);
			other ??= fetchSocket(controlPath, '/proc/kmsg').then(({status}) => order.push(`answered ${status}`));
		};
		expect(await post(observePath, {paths: bigPaths(301)})).toMatchObject({status: 413});
		await other;
		expect(order.indexOf('answered 200')).toBeLessThan(order.indexOf('/big/300'));
		expect(order.filter(path => path.startsWith('/big/'))).toEqual(bigPaths(301));
	});

	test('it is no longer printed when its client hangs up', async () => {
		const {fake, observePath, clients} = await served(bigMachine(), {sample: {bytes: 1e9, ms: 1e6}});
		const body = JSON.stringify({paths: bigPaths(2000)});
		const head = `POST /sample HTTP/1.1\r\nhost: mmtop\r\ncontent-length: ${body.length}\r\n\r\n`;
		const socket = await rawClient(observePath, head + body);
		await until(() => fake.printed.length > 2);
		socket.destroy();
		await clients.firstClosed;
		const {length} = fake.printed;
		expect(length).toBeLessThan(2000);
		await fetchSocket(observePath, '/proc/kmsg');
		expect(fake.printed.filter(path => path.startsWith('/big/')).length).toBeLessThan(length + 3);
	});
});

describe('clients that take no answers', () => {
	test('have room for some together; small answers always come', async () => {
		const {fake, observePath, controlPath} = await served(bigMachine({fileBytes: 4 * mebibyte}), {
			unsentBytes: 9 * mebibyte,
		});
		const slow = await Promise.all(['/bytes/1', '/bytes/2'].map(path => rawClient(observePath, get(path))));
		await until(() => fake.printed.length === 2);
		const refused = await fetchSocket(observePath, '/bytes/3');
		expect(refused).toMatchObject({status: 429, body: /^EAGAIN: [^\n]*\n$/});
		expect(refused.headers['retry-after']).toBe('1');
		expect(await fetchSocket(observePath, '/proc/ticks')).toMatchObject({status: 200});
		// Who controls has room of its own.
		expect(await fetchSocket(controlPath, '/bytes/3')).toMatchObject({status: 200});
		slow[0]?.destroy();
		await until(async () => (await fetchSocket(observePath, '/bytes/3')).status === 200);
	});

	test('are not printed for ahead', async () => {
		const {fake, observePath} = await served(bigMachine({fileBytes: 4 * mebibyte}), {});
		await rawClient(observePath, bigPaths(50, '/bytes').map(get).join(''));
		await until(() => fake.printed.length > 0);
		for (let round = 0; round < 10; round++) {
			await fetchSocket(observePath, '/proc/ticks');
		}

		expect(fake.printed.filter(path => path.startsWith('/bytes/'))).toEqual(['/bytes/0']);
	});

	test('lose their connection after a while', async () => {
		const {observePath, clients} = await served(bigMachine({fileBytes: 4 * mebibyte}), {stalledMs: 20});
		await rawClient(observePath, get('/bytes/1'));
		await clients.firstClosed;
		expect(clients.closed).toBe(1);
	});

	test('that have nothing to take are left alone', async () => {
		const {observePath, clients} = await served(bigMachine({fileBytes: 4 * mebibyte}), {stalledMs: 20});
		const idle = await rawClient(observePath, get('/proc/ticks'));
		const answered = new Promise(resolve => idle.once('data', resolve));
		idle.resume();
		await answered;
		// Another one came later, takes nothing, and loses its connection.
		await rawClient(observePath, get('/bytes/1'));
		await clients.firstClosed;
		idle.write(get('/proc/ticks'));
		expect(String(await new Promise(resolve => idle.once('data', resolve)))).toMatch(/^HTTP\/1.1 200 /);
	});
});

describe('requests sent ahead of their answers', () => {
	async function answersTo(count: number): Promise<readonly string[]> {
		const {observePath} = await served(bigMachine(), {mostAhead: 5});
		const last = `GET /proc/ticks HTTP/1.1\r\nhost: mmtop\r\nconnection: close\r\n\r\n`;
		const socket = await rawClient(observePath, get('/proc/ticks').repeat(count - 1) + last);
		return [...(await readAll(socket)).matchAll(/HTTP\/1.1 (\d+)/g)].map(found => found[1] ?? '');
	}

	test('are answered in order', async () => {
		expect(await answersTo(6)).toEqual(Array(6).fill('200'));
	});

	test('are refused when they are too many, after those that were not', async () => {
		expect(await answersTo(7)).toEqual([...Array(6).fill('200'), '429']);
		expect(await answersTo(500)).toEqual([...Array(6).fill('200'), '429']);
	});
});

describe('a socket has so many clients at a time', () => {
	const usual = {mostClients: 2, idleMs: 1e9};

	/** A client that was answered, and keeps its connection. */
	async function answered(socketPath: string): Promise<Socket> {
		const socket = await rawClient(socketPath, get('/proc/ticks'));
		await new Promise(resolve => {
			socket.once('data', resolve);
			socket.resume();
		});
		return socket;
	}

	/** What a client hears that comes as one too many. */
	const refused = /^HTTP\/1.1 429 .*\r\n\r\nEAGAIN: 2 clients [^\n]*\n$/s;

	test('and one more is refused, until one goes; the other socket has its own', async () => {
		const {observePath, controlPath} = await served(bigMachine(), usual);
		const [first] = [await answered(observePath), await answered(observePath)];
		expect(await readAll(await rawClient(observePath, ''))).toMatch(refused);
		expect(await fetchSocket(controlPath, '/proc/ticks')).toMatchObject({status: 200});
		first?.destroy();
		await until(
			async () => (await fetchSocket(observePath, '/proc/ticks').catch(() => ({status: 429}))).status === 200,
		);
	});

	test('those that never asked make room, the oldest first, and not those that did', async () => {
		const {observePath} = await served(bigMachine(), {...usual, mostClients: 3});
		const asked = await answered(observePath);
		const [older, newer] = [await rawClient(observePath, ''), await rawClient(observePath, 'GET /half')];
		const closed = new Promise(resolve => older.once('close', resolve));
		older.resume();
		await answered(observePath);
		await closed;
		expect([asked.closed, newer.closed]).toEqual([false, false]);
		expect(await fetchSocket(observePath, '/proc/ticks')).toMatchObject({status: 200});
		await new Promise(resolve => newer.once('close', resolve).resume());
		expect(asked.closed).toBe(false);
	});

	test('who was silent for long makes room, and not who is being answered', async () => {
		const {fake, observePath} = await served(bigMachine({fileBytes: 4 * mebibyte}), {...usual, idleMs: 0});
		const idle = await answered(observePath);
		await rawClient(observePath, get('/bytes/1'));
		await until(() => fake.printed.includes('/bytes/1'));
		const closed = new Promise(resolve => idle.once('close', resolve));
		await rawClient(observePath, get('/bytes/2'));
		await closed;
		await until(() => fake.printed.includes('/bytes/2'));
		expect(await readAll(await rawClient(observePath, ''))).toMatch(refused);
	});
});

describe('clients share the files that a process may open', () => {
	test.each([
		[20_000, 256, 256],
		[816, 256, 256],
		[800, 250, 256],
		[128, 26, 54],
		[60, 4, 8],
		[16, 4, 4],
	])('of %i, %i control and %i observe', (openFiles, control, observe) => {
		expect(clientShares(openFiles)).toEqual({control, observe});
	});

	test('as the system says it', () => {
		// Node raises its soft limit to the hard one.
		const hard = execFileSync('bash', ['-c', 'ulimit -Hn'], {encoding: 'utf8'}).trim();
		expect(mostOpenFiles()).toBe(hard === 'unlimited' ? 256 : Number(hard));
	});
});

describe('what a client has already', () => {
	/** A client that keeps its connection. @returns asks for a sample, and says which files came */
	async function asker(socketPath: string) {
		const {openSocket} = await import('../../source/target/socket.ts');
		const target = await openSocket(socketPath, 'lab', 'test');
		onTestFinished(() => target.close());
		return async (paths: readonly string[]) => (await target.sample({paths})).files;
	}

	test('is forgotten where it is too much for all, and sent again', async () => {
		const {observePath} = await served(bigMachine({fileBytes: mebibyte}), {rememberedBytes: 3 * mebibyte});
		const [one, other] = [await asker(observePath), await asker(observePath)];
		const first = await one(bigPaths(2));
		expect((await one(bigPaths(2)))['/big/0']).toBe(first['/big/0']);
		await other(bigPaths(2));
		const again = await one(bigPaths(2));
		expect(again['/big/0']).toEqual(first['/big/0']);
		expect(again['/big/0']).not.toBe(first['/big/0']);
	});

	test('is known under another spelling', async () => {
		const {observePath} = await servedMachine();
		const ask = await asker(observePath);
		const first = await ask(['//proc/kmsg', '/proc/kmsg']);
		expect(first['//proc/kmsg']).toEqual({text: ''});
		expect(first['/proc/kmsg']).toBe(first['//proc/kmsg']);
		expect((await ask(['/proc/./kmsg']))['/proc/./kmsg']).toBe(first['/proc/kmsg']);
	});
});

test('HEAD says how long a file is, and sends nothing', async () => {
	const {observePath} = await served(bigMachine(), {});
	const answer = await fetchSocket(observePath, '/bytes/1', {method: 'HEAD'});
	expect(answer).toMatchObject({status: 200, body: ''});
	expect(answer.headers['content-length']).toBe(String(mebibyte));
	expect(await fetchSocket(observePath, '/sys/kernel/debug/tracing/trace_pipe', {method: 'HEAD'})).toMatchObject({
		status: 200,
	});
});
