import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, describe, expect, test} from 'vitest';
import {daemon, mmtop} from './support.ts';

const directory = mkdtempSync(join(tmpdir(), 'mmtop-exec-'));
afterAll(() => rmSync(directory, {recursive: true, force: true}));

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url));

describe('mmtop exec', () => {
	test('prints what the program prints, and ends as it does', async () => {
		const {stdout, exitCode, stderr} = await mmtop(['exec', '--era', '6.1', fixture('tour'), '9', '--flag', '-t']);
		expect(stdout).toMatch(/^argument 0: \.\/tour\nargument 1: 9\nargument 2: --flag\nargument 3: -t\n/);
		expect(stdout).toMatch(/killed: signal 15\nslept 20 ms\n$/);
		expect({exitCode, stderr}).toEqual({exitCode: 9, stderr: ''});
	});

	test('says what killed a program, and why', async () => {
		const {stdout, exitCode, stderr} = await mmtop(['exec', fixture('float')]);
		expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 132});
		expect(stderr).toMatch(/float was killed by signal 4: instruction db .*: this processor has no floating point\n$/);
	});

	test.each([
		['', /exec needs a program/, 2],
		['nowhere', /there is no file .*nowhere/, 127],
		['.', /is not a file/, 126],
		['text', /text cannot be run: it is a text file, not a program/, 126],
		['large', /large is too large: a file has at most 16 MiB/, 126],
	])('refuses "%s" in one sentence', async (name, sentence, exitCode) => {
		writeFileSync(join(directory, 'text'), 'hello\n');
		writeFileSync(join(directory, 'large'), new Uint8Array((16 << 20) + 1));
		const refused = await mmtop(['exec', ...(name === '' ? [] : [join(directory, name)])]);
		expect(refused.stderr).toMatch(sentence);
		expect(refused.stderr.trim().split('\n')).toHaveLength(1);
		expect({stdout: refused.stdout, exitCode: refused.exitCode}).toEqual({stdout: '', exitCode});
	});
});

test.each([
	[['insmod'], /insmod needs a module/],
	[['insmod', fixture('tour')], /insmod needs --target/],
	[['rmmod', 'a', 'b'], /rmmod needs the name of one module/],
	[['lsmod'], /lsmod needs --target/],
])('mmtop %j is a wrong usage', async (args, sentence) => {
	const {exitCode, stderr} = await mmtop(args);
	expect(exitCode).toBe(2);
	expect(stderr).toMatch(sentence);
});

test('a driver is loaded into a machine that runs, listed, used and unloaded', async () => {
	const env = {XDG_RUNTIME_DIR: directory};
	await daemon(['--name', 'lab0', '--era', '6.1'], env);
	const echo = fileURLToPath(new URL('../../fixtures/modules/echo.6.1.o', import.meta.url));
	const old = fileURLToPath(new URL('../../fixtures/modules/echo.ldd3.o', import.meta.url));
	const refused = await mmtop(['insmod', '-t', 'lab0', old], env);
	expect(refused.exitCode).toBe(1);
	expect(refused.stderr).toMatch(/insmod echo_ldd3: ENOEXEC: invalid module format\n.*version magic '2\.6\.11 /);
	expect(await mmtop(['insmod', '-t', 'lab0', echo, 'limit=100'], env)).toEqual({exitCode: 0, stdout: '', stderr: ''});
	expect((await mmtop(['lsmod', '-t', 'lab0'], env)).stdout).toMatch(/^echo_6_1 \d+ 0 - Live 0xc/);
	const talk = await mmtop(['exec', '-t', 'lab0', fixture('talk')], env);
	expect(talk.stdout).toMatch(/read: 5 hello\n/);
	expect((await mmtop(['rmmod', '-t', 'lab0', 'echo_6_1'], env)).exitCode).toBe(0);
	expect(await mmtop(['rmmod', '-t', 'lab0', 'echo_6_1'], env)).toMatchObject({
		exitCode: 1,
		stderr: 'mmtop: rmmod echo_6_1: ENOENT: module is not loaded\n',
	});
});
