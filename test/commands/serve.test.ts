import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {readdir, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {fetchSocket, temporaryDirectory} from '../server/support.ts';
import {daemon, mmtop} from './support.ts';

const clock = files.clock.path;

async function runtime() {
	return {XDG_RUNTIME_DIR: await temporaryDirectory()};
}

describe('mmtop serve', () => {
	test('says where its socket is when it is ready, and leaves nothing behind on SIGTERM', async () => {
		const env = await runtime();
		const server = await daemon(['--name', 't'], env);
		expect(server.controlPath).toBe(join(env.XDG_RUNTIME_DIR, 'mmtop/t/control.sock'));
		expect((await stat(server.controlPath)).mode & 0o777).toBe(0o600);
		expect(await mmtop(['targets'], env)).toMatchObject({exitCode: 0, stdout: /^t +up \d+s +.*control\.sock\n$/});
		server.kill('SIGTERM');
		expect(await server.ended).toEqual({exitCode: 0, signal: null, stderr: ''});
		expect(await readdir(join(env.XDG_RUNTIME_DIR, 'mmtop'))).toEqual([]);
	});

	test('takes the first free name when it is given none', async () => {
		const env = await runtime();
		const first = await daemon([], env);
		const second = await daemon([], env);
		expect([first, second].map(({controlPath}) => dirname(controlPath).split('/').at(-1))).toEqual(['lab0', 'lab1']);
	});

	test('is refused where a machine of that name runs, which goes on', async () => {
		const env = await runtime();
		const server = await daemon(['--name', 't'], env);
		const second = await mmtop(['serve', '--name', 't'], env);
		expect(second).toMatchObject({
			exitCode: 1,
			stdout: '',
			stderr: /^mmtop: a machine named t is running already; [^\n]*\n$/,
		});
		expect(await fetchSocket(server.controlPath, '/proc/uptime')).toMatchObject({status: 200});
	});

	test('takes the place of one that was killed', async () => {
		const env = await runtime();
		const killed = await daemon(['--name', 't'], env);
		killed.kill('SIGKILL');
		await killed.ended;
		expect(existsSync(killed.controlPath)).toBe(true);
		expect(await mmtop(['targets'], env)).toMatchObject({exitCode: 0, stdout: ''});
		const server = await daemon(['--name', 't'], env);
		expect(await fetchSocket(server.controlPath, '/proc/uptime')).toMatchObject({status: 200});
	});

	test('lets others observe where it is told to', async () => {
		const env = await runtime();
		const observe = join(await temporaryDirectory(), 'look.sock');
		await daemon(['--name', 't', '--observe', observe], env);
		expect(await mmtop(['cat', '-t', observe, '/proc/version'])).toMatchObject({exitCode: 0, stdout: /^Linux version/});
		expect(await mmtop(['write', '-t', observe, clock, 'pause'])).toMatchObject({exitCode: 1, stderr: /EACCES/});
	});

	test.each([
		[['--mem', '3'], /^mmtop: --mem must be .*3 bytes\n$/],
		[['--mem', '128M', '--highmem', '256M'], /^mmtop: --highmem must leave 64M of low memory/],
		[['--highmem', '65M'], /^mmtop: --highmem must leave 64M of low memory/],
		[['--machine', 'toaster'], /^mmtop: --machine must be one of lab, .*got "toaster"\n$/],
		[['--era', '2.4'], /^mmtop: --era must be one of ldd3, .*got "2.4"\n$/],
		[['--load', 'none'], /^mmtop: --load must be one of quiet, calm, busy, got "none"\n$/],
		[['--cpus', '0'], /^mmtop: --cpus must be 1\.\.8, got "0"\n$/],
		[['--seed', '99999999999'], /^mmtop: --seed must be/],
	])('refuses %j: no machine can be like that', async (args, sentence) => {
		const env = await runtime();
		const outcome = await mmtop(['serve', ...args], env);
		expect(outcome).toMatchObject({exitCode: 2, stdout: ''});
		expect(outcome.stderr).toMatch(sentence);
		expect(existsSync(join(env.XDG_RUNTIME_DIR, 'mmtop'))).toBe(false);
	});
});

describe('a machine of its own pace', () => {
	test('paused, it prints the same bytes to everybody: cat, curl and export', async () => {
		const env = await runtime();
		const {controlPath} = await daemon(['--name', 't'], env);
		expect(await mmtop(['write', '-t', 't', clock, 'pause'], env)).toEqual({exitCode: 0, stdout: '', stderr: ''});
		const {stdout} = await mmtop(['cat', '-t', 't', '/proc/meminfo'], env);
		expect(stdout).toMatch(/^MemTotal:/);
		const curl = ['--silent', '--unix-socket', controlPath, 'http://mmtop/proc/meminfo'];
		expect(execFileSync('curl', curl, {encoding: 'utf8'})).toBe(stdout);
		const directory = join(await temporaryDirectory(), 'tree');
		await mmtop(['export', '-t', 't', directory], env);
		expect(execFileSync('cat', [join(directory, 'proc/meminfo')], {encoding: 'utf8'})).toBe(stdout);
	});

	test('its time passes, stops, and steps by events as it is told', async () => {
		const env = await runtime();
		await daemon(['--name', 't'], env);
		const state = async () => JSON.parse((await mmtop(['cat', '--json', '-t', 't', clock], env)).stdout);
		const running = await state();
		await mmtop(['write', '-t', 't', clock, 'pause'], env);
		const paused = await state();
		expect(paused).toMatchObject({state: 'paused'});
		expect(paused.timeNs).toBeGreaterThan(running.timeNs);
		expect((await state()).timeNs).toBe(paused.timeNs);
		await mmtop(['write', '-t', 't', clock, 'step 100'], env);
		expect((await state()).timeNs).toBeGreaterThan(paused.timeNs);
		expect(await mmtop(['write', '-t', 't', clock, 'fly'], env)).toMatchObject({exitCode: 1, stderr: /EINVAL: .*fly/});
	});
});
