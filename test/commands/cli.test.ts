import {spawn} from 'node:child_process';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {UsageError} from '../../source/commands/errors.ts';
import {parseCommandLine} from '../../source/commands/parse.ts';
import {commands} from '../../source/commands/table.ts';
import {files} from '../../source/formats/files.ts';
import type {SampleRequest} from '../../source/target/target.ts';
import {sampleOf} from '../sample.ts';
import {fetchSocket, served, servedMachine, staleSocket, temporaryDirectory} from '../server/support.ts';
import {fakeMachine} from '../target/support/fakeMachine.ts';
import {mmtop, mmtopCommand} from './support.ts';

/** Exactly one sentence on stderr, nothing on stdout, and the exit code. */
function expectRefusal(outcome: Awaited<ReturnType<typeof mmtop>>, exitCode: number, sentence: RegExp): void {
	expect(outcome.stderr).toMatch(/^mmtop: [^\n]+\n$/);
	expect(outcome.stderr).toMatch(sentence);
	expect(outcome).toMatchObject({exitCode, stdout: ''});
}

/** A served machine under a name, where mmtop looks for names. */
async function named(name = 'lab0') {
	const runtime = await temporaryDirectory();
	const directory = join(runtime, 'mmtop', name);
	await mkdir(directory, {recursive: true});
	return {...(await servedMachine(directory)), env: {XDG_RUNTIME_DIR: runtime}};
}

describe('a running machine from the shell', () => {
	test('is listed, read and written by its name', async () => {
		const {fake, machine, env, controlPath} = await named();
		machine.runUntil(3e9);
		expect(await mmtop(['targets'], env)).toMatchObject({exitCode: 0, stdout: `lab0  up 3s  ${controlPath}\n`});
		expect(await mmtop(['ls', '-t', 'lab0', '/proc'], env)).toMatchObject({stdout: 'kmsg\nkpagecount\nticks\n'});
		expect(await mmtop(['cat', '-t', 'lab0', '/proc/ticks', '/proc/ticks'], env)).toEqual({
			exitCode: 0,
			stdout: '3000\n3000\n',
			stderr: '',
		});
		const written = await mmtop(['write', '-t', 'lab0', '/proc/kmsg', 'two', 'words'], env);
		expect(written).toEqual({exitCode: 0, stdout: 'id 1\n', stderr: ''});
		expect(fake.session).toMatchObject([{text: 'two words', by: expect.stringMatching(/@mmtop-\d+$/)}]);
	});

	test('is also found by the path of its socket or directory', async () => {
		const {observePath, controlPath} = await named();
		for (const target of [controlPath, observePath, join(controlPath, '..')]) {
			expect(await mmtop(['cat', '-t', target, '/proc/ticks'])).toMatchObject({exitCode: 0, stdout: '0\n'});
		}
	});

	test('is exported whole, into an empty directory only', async () => {
		const {env} = await named();
		const directory = join(await temporaryDirectory(), 'tree');
		expect(await mmtop(['export', '-t', 'lab0', directory], env)).toMatchObject({exitCode: 0, stderr: ''});
		expect(await readFile(join(directory, 'proc/ticks'), 'utf8')).toBe('0\n');
		expect(await readFile(join(directory, 'proc/kpagecount'))).toHaveLength(64);
		expectRefusal(await mmtop(['export', '-t', 'lab0', directory], env), 1, /is not empty/);
	});

	test('is exported in several answers where one is not allowed to hold it, and that is said', async () => {
		const runtime = await temporaryDirectory();
		const directory = join(runtime, 'mmtop', 'lab0');
		await mkdir(directory, {recursive: true, mode: 0o700});
		const {machine} = await served(fakeMachine(), {mostFiles: 2}, directory);
		const {sample} = machine.target;
		Object.assign(machine.target, {
			async sample(request: SampleRequest) {
				machine.runUntil(machine.timeNs() + 2e6);
				return sample(request);
			},
		});
		const tree = join(await temporaryDirectory(), 'tree');
		expect(await mmtop(['export', '-t', 'lab0', tree], {XDG_RUNTIME_DIR: runtime})).toMatchObject({
			exitCode: 0,
			stdout: expect.stringMatching(/^3 files in .*tree, read within \d+ ms of the machine's time; pause it [^\n]*\n$/),
			stderr: '',
		});
		expect(await readFile(join(tree, 'proc/kpagecount'))).toHaveLength(64);
	});

	test('what a monitor read of it is written down, and plays back when it is gone', async () => {
		const {env} = await named();
		const recording = join(await temporaryDirectory(), 'lab.samples');
		const {exitCode, stdout} = await mmtop(['attach', 'lab0', '--record', recording], env);
		expect(exitCode).toBe(0);
		const replayed = await mmtop(['attach', recording], env);
		expect(replayed.stdout.split('\n').slice(1)).toEqual(stdout.split('\n').slice(1));
		expectRefusal(await mmtop(['attach', 'lab0', '--record', recording], env), 1, /EEXIST: .*never written over/);
	});

	test('a file that is missing fails, the others are printed', async () => {
		const {env} = await named();
		expect(await mmtop(['cat', '-t', 'lab0', '/proc/none', '/proc/ticks', '/proc'], env)).toEqual({
			exitCode: 1,
			stdout: '0\n',
			stderr: 'mmtop: ENOENT: there is no /proc/none\nmmtop: EISDIR: /proc is a directory\n',
		});
	});

	test('a refused write changes nothing and says why', async () => {
		const {fake, env} = await named();
		expectRefusal(await mmtop(['write', '-t', 'lab0', '/proc/ticks', '1'], env), 1, /EACCES/);
		const clock = files.clock.path;
		expectRefusal(await mmtop(['write', '-t', 'lab0', clock, 'fly'], env), 1, /EINVAL: unknown clock command "fly"/);
		expect(fake.session).toEqual([]);
	});

	test('a reader that goes away early is not a failure', async () => {
		const {env} = await named();
		const [file = '', ...before] = mmtopCommand;
		const command = [file, ...before, 'cat', '-t', 'lab0', '/proc/ticks'].map(word => `'${word}'`).join(' ');
		const shell = spawn('sh', ['-c', `(${command}; echo "exit $?" >&2) | true`], {
			env: {...process.env, ...env},
		});
		let stderr = '';
		shell.stderr.setEncoding('utf8').on('data', chunk => {
			stderr += chunk;
		});
		await new Promise(resolve => shell.on('close', resolve));
		expect(stderr).toBe('exit 0\n');
	});
});

describe('targets that are not machines of ours', () => {
	test("this Linux's own files are read, and shown", async () => {
		expect(await mmtop(['cat', '-t', 'host', '/proc/meminfo'])).toMatchObject({exitCode: 0, stdout: /^MemTotal: /});
		const screen = await mmtop(['attach', 'host']);
		expect(screen).toMatchObject({exitCode: 0, stderr: ''});
		expect(screen.stdout).toMatch(/mmtop host .*read-only/);
	});

	test('samples that curl wrote into a file are a recording', async () => {
		const {controlPath} = await servedMachine();
		const {body} = await fetchSocket(controlPath, '/sample', {method: 'POST', body: '{"paths": ["/proc/ticks"]}'});
		const recording = join(await temporaryDirectory(), 'lab.samples');
		await writeFile(recording, body);
		expect(await mmtop(['cat', '-t', recording, '/proc/ticks'])).toMatchObject({exitCode: 0, stdout: '0\n'});
		expect(await mmtop(['ls', '-t', recording, '/'])).toMatchObject({stdout: 'proc/\n'});
		expectRefusal(await mmtop(['write', '-t', recording, '/proc/ticks', '1']), 1, /EROFS/);
	});
});

describe('what cannot be opened is named, with what would be right', () => {
	test('no machine of that name', async () => {
		const env = {XDG_RUNTIME_DIR: await temporaryDirectory()};
		expectRefusal(
			await mmtop(['cat', '-t', 'lab7', '/x'], env),
			1,
			/no machine named "lab7" is running; .*mmtop serve/,
		);
		expectRefusal(await mmtop(['attach'], env), 2, /no machine is running here/);
	});

	test('several machines and none named', async () => {
		const {env, controlPath} = await named('one');
		const directory = join(controlPath, '../../two');
		await mkdir(directory);
		await servedMachine(directory);
		expectRefusal(await mmtop(['attach'], env), 2, /several machines are running here, name one: one, two/);
	});

	test('a socket nobody listens on', async () => {
		const socket = join(await temporaryDirectory(), 'left.sock');
		expectRefusal(await mmtop(['cat', '-t', socket, '/x']), 1, /there is nothing at that path/);
		await staleSocket(socket);
		expectRefusal(await mmtop(['cat', '-t', socket, '/x']), 1, /no server listens on .*left\.sock/);
	});

	test('a file where a socket or recording should be', async () => {
		const path = join(await temporaryDirectory(), 'notes');
		await writeFile(path, 'just text\n');
		expectRefusal(await mmtop(['attach', path]), 1, /notes is not a recording: line 1 is not a sample/);
		expectRefusal(
			await mmtop(['cat', '-t', join(path, '..'), '/x']),
			1,
			/is a directory without a machine's control.sock/,
		);
	});

	test('what is not a target at all', async () => {
		expectRefusal(await mmtop(['cat', '-t', 'a b', '/x']), 1, /"a b" is not a target; a target is/);
		expectRefusal(await mmtop(['cat', '-t', 'ssh://-oProxyCommand=x', '/x']), 1, /is not an ssh target/);
	});
});

const wrong: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
	[['frobnicate'], /unknown command "frobnicate"/],
	[['--frob'], /unknown flag --frob/],
	[['cat'], /cat needs a path/],
	[['ls', '/a', '/b'], /ls takes one path, got 2/],
	[['write', '/x', 'y'], /write needs --target/],
	[['write', '-t', 'x', '/x'], /write needs a path and a text/],
	[['export'], /export needs a directory/],
	[
		['cat', '-t', 'lab0', '--mem', '128M', '/x'],
		/--mem describes a fresh machine and cannot go together with --target/,
	],
	[['cat', '--until', 'soon', '/x'], /--until takes a time, as 2s/],
	[['cat', '--mem', 'lots', '/x'], /--mem takes a size/],
	[['serve', 'lab0'], /its name goes with --name/],
	[['serve', '--name', '../x'], /--name takes up to 64 letters/],
	[['serve', '--observe-group', 'staff'], /--observe-group needs --observe/],
	[['run'], /run needs an experiment/],
	[['run', 'x', 'y'], /parameters are written key=value, as pages=4; got "y"/],
	[['run', '--list', '--all'], /run takes one of/],
];

/** Does what a command line says, in this process. */
async function done(words: readonly string[]): Promise<number> {
	const {command, args, flags} = parseCommandLine(words, import.meta);
	const run = await commands.named[command!]!.load();
	const {env, stdin, stdout, stderr} = process;
	return run({args, flags, env, stdin, stdout, stderr, commands});
}

test.each(wrong)('mmtop %j is wrong usage', async (args, sentence) => {
	const error: unknown = await done(args).catch((thrown: unknown) => thrown);
	expect(error).toBeInstanceOf(UsageError);
	expect(String(error)).toMatch(sentence);
});

test.each(sampleOf(wrong, 3))('and mmtop %j ends with 2', async (args, sentence) => {
	expectRefusal(await mmtop(args), 2, sentence);
});

test('help and version are not errors', async () => {
	expect(await mmtop(['--help'])).toMatchObject({exitCode: 0, stderr: '', stdout: /mmtop serve/});
	expect(await mmtop(['--version'])).toMatchObject({exitCode: 0, stderr: '', stdout: /^\d+\.\d+\.\d+\n$/});
});
