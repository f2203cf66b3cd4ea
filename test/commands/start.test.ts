import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync} from 'node:fs';
import {chmod, mkdir, readdir, symlink, writeFile} from 'node:fs/promises';
import {connect, createServer} from 'node:net';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {sampleOf} from '../sample.ts';
import {temporaryDirectory} from '../server/support.ts';
import {daemon, mmtop, mmtopCommand} from './support.ts';

const oneSentence = /^mmtop: [^\n]+\n$/;

/** Places where a runtime directory cannot be, each by what it is; made below a directory. @returns XDG_RUNTIME_DIR */
const badPlaces: Readonly<Record<string, (below: string) => Promise<string>>> = {
	async 'open to others'(below) {
		await mkdir(join(below, 'mmtop'), {mode: 0o755});
		await chmod(join(below, 'mmtop'), 0o755);
		return below;
	},
	async 'open for writing'(below) {
		await mkdir(join(below, 'mmtop'));
		await chmod(join(below, 'mmtop'), 0o777);
		return below;
	},
	async 'a file'(below) {
		await writeFile(join(below, 'mmtop'), 'precious');
		return below;
	},
	async 'below a file'(below) {
		await writeFile(join(below, 'file'), 'precious');
		return join(below, 'file');
	},
	async 'a link'(below) {
		await mkdir(join(below, 'real'), {mode: 0o700});
		await symlink(join(below, 'real'), join(below, 'mmtop'));
		return below;
	},
	async 'a link to nowhere'(below) {
		await symlink(join(below, 'nowhere'), join(below, 'mmtop'));
		return below;
	},
	async 'a circle of links'(below) {
		await symlink(join(below, 'circle'), join(below, 'circle'));
		return join(below, 'circle');
	},
	// Making directories there takes Node for ever.
	'not for writing': async () => '/proc/mmtop-test',
	'a name too long': async below => join(below, 'd'.repeat(300)),
};

async function namesBelow(directory: string): Promise<readonly string[]> {
	return (await readdir(directory, {recursive: true})).sort();
}

describe('serve that cannot start says why, ends, and leaves nothing behind', () => {
	test.each(Object.keys(badPlaces))('its directory is %s', async what => {
		const below = await temporaryDirectory();
		const xdgRuntimeDir = await badPlaces[what]!(below);
		const before = await namesBelow(below);
		for (const args of sampleOf([['--name', 't'], []], 1, what.length)) {
			const outcome = await mmtop(['serve', ...args], {XDG_RUNTIME_DIR: xdgRuntimeDir});
			expect(outcome).toMatchObject({exitCode: 1, stdout: '', stderr: expect.stringMatching(oneSentence)});
			expect(outcome.stderr).not.toMatch(/internal error/);
		}

		expect(await namesBelow(below)).toEqual(before);
	});

	test('the paths of its sockets would be too long, though directories can be made', async () => {
		const below = await temporaryDirectory();
		const outcome = await mmtop(['serve', '--name', 't'], {XDG_RUNTIME_DIR: join(below, 'd'.repeat(100), 'e')});
		expect(outcome).toMatchObject({
			exitCode: 1,
			stdout: '',
			stderr: expect.stringMatching(/^mmtop: ENAMETOOLONG: .*107/),
		});
		expect(await namesBelow(below)).toEqual([]);
	});

	test.each([
		['nowhere/look.sock', 'ENOENT'],
		['file/look.sock', 'ENOTDIR'],
		['file', 'EEXIST'],
		['.', 'EEXIST'],
		['link', 'EEXIST'],
		['o'.repeat(108), 'ENAMETOOLONG'],
		['/proc/look.sock', '(?:EACCES|ENOENT|EPERM|EROFS)'],
	])('--observe %s', async (observe, code) => {
		const below = await temporaryDirectory();
		await writeFile(join(below, 'file'), 'precious');
		await symlink(join(below, 'nowhere'), join(below, 'link'));
		const before = await namesBelow(below);
		const path = observe.startsWith('/') ? observe : join(below, observe);
		const outcome = await mmtop(['serve', '--name', 't', '--observe', path], {XDG_RUNTIME_DIR: join(below, 'made')});
		expect(outcome).toMatchObject({exitCode: 1, stdout: '', stderr: expect.stringMatching(oneSentence)});
		expect(outcome.stderr).toMatch(new RegExp(`^mmtop: ${code}: `));
		expect(await namesBelow(below)).toEqual(before);
	});

	test('somebody listens at --observe, or it is the control socket', async () => {
		const below = await temporaryDirectory();
		const taken = join(below, 'taken.sock');
		const other = createServer();
		await new Promise<void>(resolve => other.listen(taken, resolve));
		onTestFinished(() => void other.close());
		const env = {XDG_RUNTIME_DIR: join(below, 'made')};
		for (const observe of [taken, join(below, 'made/mmtop/t/control.sock')]) {
			const outcome = await mmtop(['serve', '--name', 't', '--observe', observe], env);
			expect(outcome).toMatchObject({exitCode: 1, stdout: '', stderr: expect.stringMatching(oneSentence)});
			expect(outcome.stderr).toMatch(/take another --observe/);
			expect(await namesBelow(below)).toEqual(['taken.sock']);
		}

		const socket = connect(taken);
		await new Promise(resolve => socket.once('connect', resolve));
		socket.destroy();
	});

	test('a machine of that name runs', async () => {
		const below = await temporaryDirectory();
		const env = {XDG_RUNTIME_DIR: below};
		await daemon(['--name', 't'], env);
		const before = await namesBelow(below);
		const outcome = await mmtop(['serve', '--name', 't', '--observe', join(below, 'look.sock')], env);
		expect(outcome).toMatchObject({exitCode: 1, stdout: '', stderr: expect.stringMatching(oneSentence)});
		expect(await namesBelow(below)).toEqual(before);
	});

	test.each([
		[['--mem', '3']],
		[['--machine', 'toaster']],
		[['--name', '/']],
		[['--observe-group', 'root']],
		[['t']],
		[['--colour', 'red']],
	])('%j is wrong usage', async args => {
		const below = await temporaryDirectory();
		const outcome = await mmtop(['serve', ...args], {XDG_RUNTIME_DIR: below});
		expect(outcome).toMatchObject({exitCode: 2, stdout: '', stderr: expect.stringMatching(oneSentence)});
		expect(await namesBelow(below)).toEqual([]);
	});

	test('there is no such group, or nobody who knows', async () => {
		const below = await temporaryDirectory();
		const args = ['serve', '--observe', join(below, 'look.sock'), '--observe-group', 'no such group'];
		const env = {XDG_RUNTIME_DIR: join(below, 'made')};
		const {directory} = await silentGetent();
		for (const path of [process.env.PATH ?? '', directory, '/nowhere']) {
			const outcome = await mmtop(args, {...env, PATH: path});
			expect(outcome).toMatchObject({exitCode: 1, stdout: '', stderr: expect.stringMatching(oneSentence)});
			expect(outcome.stderr).toMatch(/no group "no such group"/);
			expect(await namesBelow(below)).toEqual([]);
		}
	});

	test('its standard output is full', async () => {
		const below = await temporaryDirectory();
		const full = openSync('/dev/full', 'w');
		const {ended} = start(['--name', 't'], {XDG_RUNTIME_DIR: below}, full);
		closeSync(full);
		expect(await ended).toEqual({
			exitCode: 1,
			signal: null,
			stderr: 'mmtop: cannot write to stdout: no space is left\n',
		});
		expect(await namesBelow(below)).toEqual([]);
	});
});

/** `getent` as where the directory service does not answer. It makes a file when it is asked. */
async function silentGetent(): Promise<{readonly directory: string; readonly wasAsked: () => boolean}> {
	const directory = await temporaryDirectory();
	const asked = join(directory, 'asked');
	await writeFile(join(directory, 'getent'), `#!/bin/sh\n: > ${asked}\nexec /bin/sleep 600\n`, {mode: 0o755});
	return {directory, wasAsked: () => existsSync(asked)};
}

/** `mmtop serve` from its very beginning. */
function start(args: readonly string[], env: Readonly<Record<string, string>>, stdout: 'ignore' | number = 'ignore') {
	const [file = '', ...before] = mmtopCommand;
	const child = spawn(file, [...before, 'serve', ...args], {
		env: {...process.env, NODE_ENV: '', ...env},
		stdio: ['ignore', stdout, 'pipe'],
	});
	let stderr = '';
	child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
		stderr += chunk;
	});
	const ended = new Promise(resolve => {
		child.on('close', (exitCode, signal) => resolve({exitCode, signal, stderr}));
	});
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	return {ended, kill: (signal: NodeJS.Signals) => void child.kill(signal)};
}

async function until(holds: () => boolean): Promise<void> {
	while (!holds()) {
		await new Promise(resolve => setImmediate(resolve));
	}
}

describe.each(
	sampleOf(['SIGTERM', 'SIGINT', 'SIGHUP'] as const, 1),
)('%s ends serve, which leaves nothing behind', signal => {
	const stopped = {exitCode: 0, signal: null, stderr: ''};

	test('while it looks for a group', async () => {
		const below = await temporaryDirectory();
		const {directory, wasAsked} = await silentGetent();
		const args = ['--observe', join(below, 'look.sock'), '--observe-group', 'users'];
		const server = start(args, {XDG_RUNTIME_DIR: join(below, 'made'), PATH: directory});
		await until(wasAsked);
		server.kill(signal);
		expect(await server.ended).toEqual(stopped);
		expect(await namesBelow(below)).toEqual([]);
	});

	test('while it looks for a free name, and somebody there does not answer', async () => {
		const below = await temporaryDirectory();
		await mkdir(join(below, 'mmtop/lab0'), {recursive: true, mode: 0o700});
		const silent = createServer(socket => void socket.on('error', () => {}));
		const asked = new Promise(resolve => silent.once('connection', resolve));
		await new Promise<void>(resolve => silent.listen(join(below, 'mmtop/lab0/control.sock'), resolve));
		onTestFinished(() => void silent.close());
		const before = await namesBelow(below);
		const server = start([], {XDG_RUNTIME_DIR: below});
		await asked;
		server.kill(signal);
		expect(await server.ended).toEqual(stopped);
		expect(await namesBelow(below)).toEqual(before);
	});

	test('when its directory is there, or its socket, ready or not', async () => {
		for (const name of ['mmtop', 'mmtop/t', 'mmtop/t/control.sock', 'mmtop/t/observe.sock']) {
			const below = await temporaryDirectory();
			const server = start(['--name', 't'], {XDG_RUNTIME_DIR: below});
			await until(() => existsSync(join(below, name)));
			server.kill(signal);
			expect(await server.ended).toEqual(stopped);
			expect((await namesBelow(below)).filter(left => left !== 'mmtop')).toEqual([]);
		}
	});
});

describe('where the runtime directory is bad, no command hangs', () => {
	const commands = [['targets'], ['attach'], ['cat', '-t', 'lab0', '/proc/version'], ['relay']];

	test.each(
		Object.keys(badPlaces).filter(what => what !== 'open to others' && what !== 'not for writing'),
	)('it is %s', async what => {
		const xdgRuntimeDir = await badPlaces[what]!(await temporaryDirectory());
		for (const args of sampleOf(commands, 1, what.length)) {
			const outcome = await mmtop(args, {XDG_RUNTIME_DIR: xdgRuntimeDir});
			expect(outcome).toMatchObject({exitCode: 1, stdout: '', stderr: expect.stringMatching(oneSentence)});
			expect(outcome.stderr).toMatch(/XDG_RUNTIME_DIR/);
		}
	});

	test('where it is not there, or others may look into it, no machine runs', async () => {
		const open = await badPlaces['open to others']!(await temporaryDirectory());
		for (const xdgRuntimeDir of [open, '/proc/mmtop-test']) {
			expect(await mmtop(['targets'], {XDG_RUNTIME_DIR: xdgRuntimeDir})).toEqual({exitCode: 0, stdout: '', stderr: ''});
			for (const args of commands.slice(1)) {
				const outcome = await mmtop(args, {XDG_RUNTIME_DIR: xdgRuntimeDir});
				expect(outcome).toMatchObject({stdout: '', stderr: expect.stringMatching(oneSentence)});
				expect(outcome.exitCode).toBeGreaterThan(0);
			}
		}
	});

	test('a fresh machine needs none, and is not exported where nothing can be made', async () => {
		const env = {XDG_RUNTIME_DIR: '/proc/mmtop-test'};
		expect(await mmtop(['cat', '/proc/version'], env)).toMatchObject({exitCode: 0, stderr: ''});
		const outcome = await mmtop(['export', '/proc/mmtop-test/tree'], env);
		expect(outcome).toMatchObject({exitCode: 1, stdout: '', stderr: expect.stringMatching(/^mmtop: cannot make /)});
	});
});
