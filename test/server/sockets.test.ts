import {execFileSync} from 'node:child_process';
import {chmod, mkdir, stat, symlink, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {serve} from '../../source/server.ts';
import {headlessMachine} from '../../source/target/headless.ts';
import {makeMachineDirectory, runtimeDirectory} from '../../source/target/runtimeDirectory.ts';
import {fakeMachine} from '../target/support/fakeMachine.ts';
import {fetchSocket, servedMachine, staleSocket, temporaryDirectory} from './support.ts';

function serveIn(directory: string, observeGroup?: string) {
	return serve({
		client: by => headlessMachine(fakeMachine(), by).target,
		controlPath: join(directory, 'control.sock'),
		observePath: join(directory, 'observe.sock'),
		...(observeGroup !== undefined && {observeGroup}),
	});
}

test('both sockets are for their owner only, and gone after closing', async () => {
	const {server, controlPath, observePath} = await servedMachine();
	for (const path of [controlPath, observePath]) {
		expect((await stat(path)).mode & 0o777).toBe(0o600);
	}

	await server.close();
	for (const path of [controlPath, observePath]) {
		await expect(stat(path)).rejects.toMatchObject({code: 'ENOENT'});
	}
});

test('closing hangs up on clients that would stay, and lets go of their targets', async () => {
	const {server, controlPath, clients} = await servedMachine();
	const socket = connect(controlPath);
	const ended = new Promise(resolve => socket.on('close', resolve));
	const answered = new Promise(resolve => socket.once('data', resolve));
	socket.write('GET /proc/ticks HTTP/1.1\r\nhost: mmtop\r\n\r\n');
	await answered;
	expect(clients.closed).toBe(0);
	await server.close();
	await ended;
	await clients.firstClosed;
	expect(clients.closed).toBe(1);
});

describe('where something lies already', () => {
	test('a socket that a dead server left is replaced', async () => {
		const directory = await temporaryDirectory();
		await staleSocket(join(directory, 'control.sock'));
		const {controlPath} = await servedMachine(directory);
		expect(await fetchSocket(controlPath, '/proc/ticks')).toMatchObject({status: 200});
	});

	test('a second server is refused and the first goes on', async () => {
		const directory = await temporaryDirectory();
		const {controlPath} = await servedMachine(directory);
		await expect(serveIn(directory)).rejects.toMatchObject({code: 'EADDRINUSE'});
		expect(await fetchSocket(controlPath, '/proc/ticks')).toMatchObject({status: 200});
	});

	test('of two servers that find the same stale socket, one wins', async () => {
		const directory = await temporaryDirectory();
		await staleSocket(join(directory, 'control.sock'));
		const outcomes = await Promise.allSettled([serveIn(directory), serveIn(directory)]);
		const won = outcomes.filter(outcome => outcome.status === 'fulfilled');
		onTestFinished(async () => {
			await Promise.all(won.map(outcome => outcome.value.close()));
		});
		expect(won).toHaveLength(1);
		expect(await fetchSocket(join(directory, 'control.sock'), '/proc/ticks')).toMatchObject({status: 200});
	});

	test('a file that is not a socket is left alone', async () => {
		const directory = await temporaryDirectory();
		await writeFile(join(directory, 'control.sock'), 'precious');
		await expect(serveIn(directory)).rejects.toThrow(/^EEXIST: .*control\.sock exists and is not a socket/);
	});

	test('a path that a socket cannot have is refused by its length', async () => {
		const directory = join(await temporaryDirectory(), 'd'.repeat(100));
		await mkdir(directory);
		await expect(serveIn(directory)).rejects.toMatchObject({code: 'ENAMETOOLONG'});
	});

	test('an unknown group is refused before any socket exists', async () => {
		const directory = await temporaryDirectory();
		await expect(serveIn(directory, 'no such group')).rejects.toThrow(/^ENOENT: there is no group "no such group"/);
		await expect(stat(join(directory, 'control.sock'))).rejects.toMatchObject({code: 'ENOENT'});
	});

	test('a group may be let in to observe, by name, and not to control', async () => {
		const directory = await temporaryDirectory();
		const group = execFileSync('id', ['-gn'], {encoding: 'utf8'}).trim();
		const server = await serveIn(directory, group);
		onTestFinished(() => server.close());
		expect((await stat(join(directory, 'observe.sock'))).mode & 0o777).toBe(0o660);
		expect((await stat(join(directory, 'control.sock'))).mode & 0o777).toBe(0o600);
	});
});

describe('the directory of the sockets', () => {
	test('lies under XDG_RUNTIME_DIR when that is an absolute path', () => {
		expect(runtimeDirectory({XDG_RUNTIME_DIR: '/run/user/7'})).toBe('/run/user/7/mmtop');
		expect(runtimeDirectory({XDG_RUNTIME_DIR: 'here'})).toBe(runtimeDirectory({}));
		expect(runtimeDirectory({})).toMatch(/\/mmtop-\d+$/);
	});

	test('is made for this user only', async () => {
		const env = {XDG_RUNTIME_DIR: await temporaryDirectory()};
		const directory = await makeMachineDirectory(env, 'lab0');
		expect((await stat(directory)).mode & 0o777).toBe(0o700);
		expect((await stat(runtimeDirectory(env))).mode & 0o777).toBe(0o700);
	});

	test('is not used when others could have put something there', async () => {
		const base = await temporaryDirectory();
		await mkdir(join(base, 'open/mmtop'), {recursive: true});
		await chmod(join(base, 'open/mmtop'), 0o777);
		await expect(makeMachineDirectory({XDG_RUNTIME_DIR: join(base, 'open')}, 'lab0')).rejects.toThrow(/^EPERM: /);
		await mkdir(join(base, 'linked'));
		await symlink(base, join(base, 'linked/mmtop'));
		await expect(makeMachineDirectory({XDG_RUNTIME_DIR: join(base, 'linked')}, 'lab0')).rejects.toThrow(/^EPERM: /);
	});
});
