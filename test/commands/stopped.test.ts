/** A kernel that panics, seen from the shell: a sentence and an exit code, and a daemon that goes on serving. */
import {expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {fetchSocket, temporaryDirectory} from '../server/support.ts';
import {daemon, mmtop} from './support.ts';

const clockPath = files.clock.path;
const injectPath = files.inject.path;
/** On a busy machine of the usual seed, a request of the database then gets the memory of the first one. */
const [at, interruptLine] = ['500ms', 'aio-twice late=1'];
const sentence = /kernel panic at 0\.\d{6}s: Fatal exception in interrupt/;

test('an experiment by which the kernel panics ends the command with the sentence, and no stack', async () => {
	const {exitCode, stdout, stderr} = await mmtop(['run', '--load', 'busy', '--until', at, ...interruptLine.split(' ')]);
	expect(exitCode).toBe(1);
	expect(stdout).toMatch(/^aio-twice fixed=0 late=1\n/);
	expect(stderr).toMatch(new RegExp(`^mmtop: ${sentence.source}\n$`));
});

test('a daemon whose machine panicked is listed, read and brought back; another is listed beside it', async ({
	signal,
}) => {
	const env = {XDG_RUNTIME_DIR: await temporaryDirectory()};
	const {controlPath} = await daemon(['--name', 'bad', '--load', 'busy'], env);
	await daemon(['--name', 'good'], env);
	const write = (path: string, body: string) => fetchSocket(controlPath, path, {method: 'PUT', body});
	/** Asks until the clock says so; each question lets the machine do a turn. */
	const until = async (state: string) => {
		for (;;) {
			signal.throwIfAborted();
			const {body} = await fetchSocket(controlPath, clockPath);
			if (body.includes(`state: ${state}\n`)) return body;
		}
	};
	// Virtual time of a daemon follows the wall's: only going back makes the moment a certain one.
	const panicAgain = async () => {
		await write(clockPath, `rewind ${at}`);
		await until('paused');
		await write(injectPath, interruptLine);
		await write(clockPath, 'run');
		expect(await until('panic')).toMatch(sentence);
	};
	while (!/^time_ns: [6-9]\d{8}$|^time_ns: \d{10}/m.test((await fetchSocket(controlPath, clockPath)).body)) {}
	await panicAgain();

	const listed = await mmtop(['targets'], env);
	expect(listed).toMatchObject({exitCode: 0, stderr: ''});
	const [bad, good, ...others] = listed.stdout.trimEnd().split('\n');
	expect(bad).toMatch(new RegExp(`^bad +up \\d+s  ${sentence.source}  .*/bad/control\\.sock$`));
	expect(good).toMatch(/^good +up \d+s +.*\/good\/control\.sock$/);
	expect(others).toEqual([]);
	const records = JSON.parse((await mmtop(['targets', '--json'], env)).stdout);
	expect(records).toMatchObject([
		{name: 'bad', state: 'panic', reason: expect.stringMatching(sentence)},
		{name: 'good', state: 'running', reason: null},
	]);
	expect(await mmtop(['cat', '-t', 'bad', '/proc/kmsg', '/proc/meminfo'], env)).toMatchObject({
		exitCode: 0,
		stdout: expect.stringMatching(/Kernel panic - not syncing: Fatal exception in interrupt\nMemTotal:/),
	});
	const refused = await mmtop(['run', '-t', 'bad', 'user-walk'], env);
	expect(refused).toMatchObject({exitCode: 1, stdout: ''});
	expect(refused.stderr).toMatch(new RegExp(`^mmtop: EIO: ${sentence.source}; "rewind TIME" or "back N"[^\n]*\n$`));
	// One screen of it, with what the monitor does on a machine that it shall not slow down.
	expect((await mmtop(['attach', 'bad', '--no-watch'], env)).stdout).toContain(' PANIC ');

	expect(await mmtop(['write', '-t', 'bad', clockPath, 'back 1'], env)).toMatchObject({exitCode: 0});
	expect(await until('paused')).not.toContain('stopped');
	expect((await mmtop(['targets'], env)).stdout).toMatch(/^bad +up \d+s {2}paused {2}.*\/bad\/control\.sock\ngood /);
}, 240_000);
