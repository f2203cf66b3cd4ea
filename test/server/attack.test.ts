/** Seeded attacks on a served machine: it answers, it is not written to, it stays small, and others are served. */
import {readFileSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {dirname, join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {parseSession} from '../../source/formats/debugfs/lab/session.ts';
import {fileRows, files} from '../../source/formats/files.ts';
import {Chance} from '../../source/hardware/chance.ts';
import {daemon} from '../commands/support.ts';
import {isLong} from '../sample.ts';
import {fetchSocket, temporaryDirectory} from './support.ts';

const seed = 16;
const requests = isLong ? 100_000 : 400;
const sessions = isLong ? 1000 : 20;
const mostRssKiB = 250 * 1024;
/** The long run takes more than ten minutes. */
const longestMs = 7_200_000;

async function attacked() {
	const {controlPath, pid} = await daemon(['--name', 'a'], {XDG_RUNTIME_DIR: await temporaryDirectory()});
	const observePath = join(dirname(controlPath), 'observe.sock');
	return {
		controlPath,
		observePath,
		rssKiB: () => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
		writes: async () => {
			const {body} = await fetchSocket(controlPath, files.session.path);
			return parseSession(body).writes;
		},
	};
}

/** Whatever a client says, and what it hears until the server hangs up, or it has had enough. */
function said(socketPath: string, bytes: Buffer): Promise<string> {
	return new Promise(resolve => {
		const socket = connect(socketPath);
		let heard = '';
		socket.setEncoding('latin1').on('data', (chunk: string) => {
			if (heard.length < 4096) heard += chunk;
		});
		socket.on('error', () => {});
		socket.on('close', () => resolve(heard));
		socket.end(bytes);
	});
}

const below = (chance: Chance, end: number) => chance.integer(0, end - 1);

/** Parts of requests, right and wrong, which are drawn and put together. */
function requestOf(chance: Chance): Buffer {
	const junk = () => Buffer.from(Array.from({length: below(chance, 40)}, () => below(chance, 256))).toString('latin1');
	const path = () => {
		const {path} = chance.pick(fileRows);
		const odd = [
			'/',
			'//',
			'/..',
			'/%',
			'/%00',
			'/%ff',
			'/proc/%2e%2e/proc',
			'*',
			'http://x/proc',
			'',
			'/\u00e4',
			junk(),
		];
		const number = chance.pick(['0', '-1', '0x7fffffff', '9'.repeat(30), 'NaN', '1']);
		return chance.pick([path, path.replace(/:\w+/g, number), chance.pick(odd), `/${'a/'.repeat(below(chance, 5000))}`]);
	};
	const json = () =>
		chance.pick([
			...['', '{', 'null', '[]', '{"paths":[]}', '{"paths":"x"}', '{"paths":[1]}', '{"paths":["/"],"since":"x"}'],
			`{"paths":[${JSON.stringify(path())}],"since":${chance.pick(['-1', '1e400', '9007199254740993'])}}`,
			JSON.stringify({paths: Array.from({length: below(chance, 300)}, path)}),
			'['.repeat(20_000),
			`{"__proto__":{"paths":["/"]}}`,
		]);
	const body = chance.pick([junk(), json(), json(), 'watch off', 'x'.repeat(below(chance, 70_000))]);
	const method = chance.pick([
		'GET',
		'HEAD',
		'PUT',
		'POST',
		'POST',
		'DELETE',
		'PATCH',
		'CONNECT',
		'TRACE',
		'get',
		junk(),
	]);
	const headers = [
		['host: a'],
		[`content-length: ${chance.pick([body.length, body.length, -1, 1, 1e12, 'x', '1, 2'])}`, ''],
		['transfer-encoding: chunked', 'connection: upgrade\r\nupgrade: websocket', 'expect: 100-continue', ''],
		[`range: bytes=${chance.pick(['0-', '-5', '5-1', `0-${'9'.repeat(20)}`, 'x', '0-0,2-3'])}`, ''],
		[`user-agent: ${chance.pick(['\u001b[2J', 'a'.repeat(9000), 'root@mmtop-1', 'a b=c'])}`, ''],
		[`x: ${'y'.repeat(chance.pick([1, 10, 40_000]))}`, junk(), '', ''],
	].map(each => chance.pick(each as string[]));
	const target = method === 'POST' && below(chance, 2) === 0 ? '/sample' : path();
	const version = chance.pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', '']);
	const lines = [`${method} ${target} ${version}`, ...headers.filter(Boolean), 'connection: close'];
	return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

test(
	'requests of every malformed kind are answered or hung up on, and nothing fails or is written',
	async () => {
		const {observePath, controlPath, rssKiB, writes} = await attacked();
		const chance = new Chance(seed);
		const fair: number[] = [];
		for (let done = 0; done < requests; done += 20) {
			const bytes = Array.from({length: 20}, () => requestOf(chance));
			const answers = await Promise.all(bytes.map(each => said(observePath, each)));
			for (const [index, heard] of answers.entries()) {
				const [, status] = /^HTTP\/1\.1 (\d+)/.exec(heard) ?? [];
				const what = `seed ${seed}, request ${done + index}: ${bytes[index]!.toString('latin1').slice(0, 200)}`;
				expect(status === undefined || Number(status) < 500, `${what}\n${heard.slice(0, 300)}`).toBe(true);
				if (bytes[index]!.subarray(0, 4).toString() === 'PUT ') expect(status, what).not.toBe('200');
			}

			const began = performance.now();
			expect(await fetchSocket(controlPath, files.clock.path)).toMatchObject({status: 200});
			fair.push(performance.now() - began);
		}
		expect(await writes()).toEqual([]);
		expect(rssKiB()).toBeLessThan(mostRssKiB);
		sayP99('requests', fair, rssKiB());
	},
	longestMs,
);

/** In a long run somebody wants to know. */
function sayP99(what: string, fair: number[], rssKiB: number): void {
	const p99 = fair.sort((a, b) => a - b)[Math.floor(fair.length * 0.99)];
	if (isLong)
		process.stdout.write(`${what}: a fair client's p99 ${p99?.toFixed(1)} ms, ${Math.round(rssKiB / 1024)} MiB\n`);
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
const post = (body: string) => `POST /sample HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const large = ['/proc/kpageflags', '/proc/kpagecount', '/proc/1/pagemap', '/sys/kernel/debug/tracing/trace'];

/** What a hostile client does with its connection, until it lets go of it. */
const deeds: readonly ((socket: Socket, chance: Chance) => void)[] = [
	socket => void socket.pause(),
	(socket, chance) => void socket.pause().write(get(chance.pick(large)).repeat(1 + below(chance, 90))),
	(socket, chance) => void socket.write(get('/proc/meminfo').slice(0, 5 + below(chance, 30))),
	(socket, chance) => void socket.resume().write(post(JSON.stringify({paths: chance.pick([large, ['/proc/stat']])}))),
	(socket, chance) =>
		void socket.resume().write(post(JSON.stringify({paths: Array(9000).fill(chance.pick(large))})).slice(0, -3)),
	socket => void socket.resume().write(get('/sys/kernel/debug/tracing/trace_pipe')),
	(socket, chance) =>
		void socket.resume().write(post(`{"paths":["/proc/stat"],"since":${below(chance, 1e6)}}`).repeat(50)),
	socket =>
		void socket.resume().write(`PUT ${files.clock.path} HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nwatch off`),
];

describe('hostile sessions', () => {
	test('that ask for much, take nothing, hang up in the middle or stay, keep nobody out and leave nothing', async () => {
		const {observePath, controlPath, rssKiB, writes} = await attacked();
		const chance = new Chance(seed);
		const open = new Set<Socket>();
		onTestFinished(() => {
			for (const socket of open) socket.destroy();
		});
		const fair: number[] = [];
		for (let session = 0; session < sessions; session++) {
			const crowd = Array.from({length: 1 + below(chance, 10)}, () => {
				const socket = connect(observePath);
				open.add(socket);
				socket.on('error', () => {});
				socket.on('close', () => open.delete(socket));
				chance.pick(deeds)(socket, chance);
				return socket;
			});
			for (const path of [files.clock.path, '/proc/meminfo']) {
				const began = performance.now();
				const {status} = await fetchSocket(controlPath, path);
				fair.push(performance.now() - began);
				expect(status, `seed ${seed}, session ${session}`).toBe(200);
			}
			// Some stay, and have to make room in the end.
			for (const socket of crowd) if (below(chance, 3) > 0) socket.destroy();
		}
		for (const socket of open) socket.destroy();
		expect(await writes()).toEqual([]);
		expect(rssKiB()).toBeLessThan(mostRssKiB);
		const {status} = await fetchSocket(observePath, '/proc/kpageflags');
		expect(status).toBe(200);
		sayP99('sessions', fair, rssKiB());
	});
});
