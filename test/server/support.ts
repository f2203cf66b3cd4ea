import {mkdtemp, rename, rm} from 'node:fs/promises';
import {type IncomingHttpHeaders, request} from 'node:http';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {ServerLimits} from '../../source/server/limits.ts';
import {type RunningServer, serve} from '../../source/server.ts';
import {type HeadlessMachine, headlessMachine} from '../../source/target/headless.ts';
import {type FakeMachine, fakeMachine} from '../target/support/fakeMachine.ts';

export async function temporaryDirectory(): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), 'mmtop-test-'));
	onTestFinished(() => rm(directory, {recursive: true, force: true}));
	return directory;
}

/** A socket file as a killed server leaves it: it lies there and nobody listens. */
export async function staleSocket(path: string): Promise<void> {
	// A listener closed by the system, not by itself, does not remove its file; renaming it away and back does the same.
	const server = createServer();
	await new Promise<void>(resolve => server.listen(path, resolve));
	await rename(path, `${path}.kept`);
	await new Promise(resolve => server.close(resolve));
	await rename(`${path}.kept`, path);
}

type ServedMachine<Fake extends FakeMachine = FakeMachine> = {
	readonly fake: Fake;
	readonly machine: HeadlessMachine;
	readonly server: RunningServer;
	readonly controlPath: string;
	readonly observePath: string;
	/** Connections that came, and those whose target was closed again. */
	readonly clients: {opened: number; closed: number; readonly firstClosed: Promise<void>};
};

/** A machine that stands still, served on sockets of its own. */
export async function servedMachine(directory?: string): Promise<ServedMachine> {
	return served(fakeMachine(), {}, directory);
}

/** The same for a machine of the test's, with limits of its own. */
export async function served<Fake extends FakeMachine>(
	fake: Fake,
	limits: Partial<ServerLimits>,
	directory?: string,
): Promise<ServedMachine<Fake>> {
	const where = directory ?? (await temporaryDirectory());
	const controlPath = join(where, 'control.sock');
	const observePath = join(where, 'observe.sock');
	const machine = headlessMachine(fake, 'nobody');
	let sayClosed = () => {};
	const firstClosed = new Promise<void>(resolve => {
		sayClosed = resolve;
	});
	const clients = {opened: 0, closed: 0, firstClosed};
	const server = await serve({
		client(by) {
			clients.opened++;
			return {
				...headlessMachine(fake, by).target,
				sample: request => machine.target.sample(request),
				close: async () => {
					clients.closed++;
					sayClosed();
				},
			};
		},
		controlPath,
		observePath,
		limits,
	});
	onTestFinished(() => server.close());
	return {fake, machine, server, controlPath, observePath, clients};
}

type Answer = {readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string};

/** One request as any HTTP client would send it, its path exactly as given. */
export function fetchSocket(
	socketPath: string,
	path: string,
	{method = 'GET', headers = {}, body = ''}: {method?: string; headers?: Record<string, string>; body?: string} = {},
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const sent = request({socketPath, path, method, headers}, response => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () => {
				const {statusCode, headers} = response;
				resolve({status: statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('latin1')});
			});
		});
		sent.on('error', reject);
		sent.end(body);
	});
}
