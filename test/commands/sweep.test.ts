/** Many runs of an experiment, as lines for a person and for programs. */
import {spawn} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {temporaryDirectory} from '../server/support.ts';
import {mmtop, mmtopCommand} from './support.ts';

const early = ['--until', '300ms'];

test('a line a run says how it ended, and where it did not hold, why; JUnit has the same', async () => {
	const junit = join(await temporaryDirectory(), 'results.xml');
	const {exitCode, stdout, stderr} = await mmtop([
		...['run', 'user-walk', '--sweep', 'touch=0..1', '--seeds', '4..5', '--junit', junit, ...early],
	]);
	expect(exitCode).toBe(1);
	expect(stderr).toBe('');
	const lines = stdout.trimEnd().split('\n');
	expect(lines.filter(line => /^✗ user-walk touch=0 seed [45]: /.test(line))).toHaveLength(2);
	expect(lines.filter(line => /^✓ user-walk touch=1 seed [45]: /.test(line))).toHaveLength(2);
	expect(lines.filter(line => line.startsWith('    ✗ '))).not.toEqual([]);
	expect(lines.at(-1)).toBe('2 held, 2 did not, 0 could not run');

	const xml = readFileSync(junit, 'utf8');
	expect(xml.match(/<testsuite name="user-walk touch=[01]" tests="\d+" failures="\d+" skipped="0"/g)).toHaveLength(4);
	expect(xml).toContain('value="mmtop run user-walk touch=0 --seed 4 --until 300ms"');
	expect(xml.match(/<failure message="✗ [^"<]+"\/>/g)?.length).toBe(
		lines.filter(line => line.startsWith('    ✗ ')).length,
	);
});

test('each line of JSON is one run, which its command does again to the byte', async () => {
	const sweep = ['run', 'user-walk', '--sweep', 'touch=0|1', '--seeds', '9..9', '--shard', '2/2', '--json', ...early];
	const {exitCode, stdout} = await mmtop(sweep);
	expect(exitCode).toBe(0);
	const [line, ...others] = stdout.trimEnd().split('\n');
	expect(others).toEqual([]);
	const {command, observations, ...run} = JSON.parse(line!);
	expect(run).toMatchObject({run: 1, experiment: 'user-walk', parameters: {touch: 1}, seed: 9, verdict: 'held'});
	const again = await mmtop([...String(command).split(' ').slice(1), '--json']);
	const seen = JSON.parse(again.stdout).observations.map((each: {seen: unknown}) => each.seen);
	expect(observations.map((each: {seen: unknown}) => each.seen)).toEqual(seen);
	expect((await mmtop(sweep)).stdout).toBe(stdout);
});

test('what cannot run counts apart, and in JUnit is skipped; a file that cannot be written is a sentence', async () => {
	const directory = await temporaryDirectory();
	const junit = join(directory, 'results.xml');
	const args = ['run', 'kmap-caching', '--machine', '512m', '--seeds', '1..2', ...early];
	const {exitCode, stdout} = await mmtop([...args, '--junit', junit]);
	expect(exitCode).toBe(3);
	expect(stdout).toContain('0 held, 0 did not, 2 could not run\n');
	expect(readFileSync(junit, 'utf8').match(/<skipped message="this machine has no high memory"\/>/g)).toHaveLength(2);
	writeFileSync(join(directory, 'file'), '');
	const refused = await mmtop(['run', 'user-walk', ...early, '--junit', join(directory, 'file/results.xml')]);
	expect(refused.exitCode).toBe(1);
	expect(refused.stdout).toContain('user-walk');
	expect(refused.stderr).toMatch(/^mmtop: ENOTDIR: the results cannot be written to .*results\.xml\n$/);
});

test('a sweep is of one experiment on fresh machines', async () => {
	const refused = async (...args: readonly string[]) => (await mmtop(['run', ...args])).stderr;
	expect(await refused('--all', '--seeds', '1..2')).toMatch(/--seeds is for one experiment and does not go with --all/);
	expect(await refused('user-walk', '--seeds', '1..2', '--compare', '3.2,6.1')).toMatch(/does not go with --compare/);
	expect(await refused('user-walk', '--sweep', 'touch=0..1', '-t', 'lab0')).toMatch(/builds fresh machines/);
	expect(await refused('user-wakl', '--sweep', 'touch=0..1')).toMatch(/did you mean .*user-walk/);
});

test('what could not run has the parameters that it would have had', async () => {
	const sweep = ['run', 'kmap-caching', '--machine', '512m', '--seeds', '1..1', '--json', ...early];
	const {parameters} = JSON.parse((await mmtop(sweep)).stdout);
	const can = JSON.parse((await mmtop(['run', 'kmap-caching', '--seeds', '1..1', '--json', ...early])).stdout);
	expect(parameters).toEqual(can.parameters);
	expect(parameters).not.toEqual({});
});

test('^C ends it with a sentence after the run that is under way, and what was done is written', async () => {
	const junit = join(await temporaryDirectory(), 'results.xml');
	const [file = '', ...before] = mmtopCommand;
	const args = ['run', 'user-walk', '--seeds', '1..100000', '--junit', junit, '--until', '1ms'];
	const child = spawn(file, [...before, ...args], {env: {...process.env, NODE_ENV: ''}});
	const said = {stdout: '', stderr: ''};
	child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
		if (said.stdout === '') child.kill('SIGINT');
		said.stdout += chunk;
	});
	child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
		said.stderr += chunk;
	});
	const exitCode = await new Promise(resolve => child.on('close', resolve));
	const runs = said.stdout.match(/user-walk seed/g)?.length;
	expect({exitCode, stderr: said.stderr}).toEqual({
		exitCode: 1,
		stderr: `mmtop: stopped after ${runs} of 100000 runs\n`,
	});
	expect(readFileSync(junit, 'utf8').match(/<testsuite /g)).toHaveLength(runs!);
});
