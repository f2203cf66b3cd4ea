/** Where what mmtop writes cannot go: one sentence, exit code 1, and nothing half-written that looks whole. */

import {execFile} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {mmtop, mmtopCommand} from './support.ts';

let directory: string;
beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'mmtop-out-'));
});
afterAll(() => rmSync(directory, {recursive: true}));

const at = (name: string): string => join(directory, name);

type Outcome = {readonly code: number; readonly stderr: string};

/** Runs a line of the shell, with $MMTOP for the command. */
const shell = (line: string): Promise<Outcome> =>
	new Promise(resolve => {
		const env = {...process.env, NODE_ENV: '', MMTOP: mmtopCommand.map(word => `'${word}'`).join(' ')};
		execFile('/bin/sh', ['-c', line], {env}, (error, _, stderr) =>
			resolve({code: typeof error?.code === 'number' ? error.code : 0, stderr}),
		);
	});

describe.runIf(existsSync('/dev/full'))('on a full device', () => {
	test.each(['--version', '--help', 'cat /proc/meminfo', 'trace --until 1ms'])('%s says so', async words => {
		const {code, stderr} = await shell(`eval "$MMTOP ${words}" > /dev/full`);
		expect([code, stderr]).toEqual([1, 'mmtop: cannot write to stdout: no space is left\n']);
	});

	test('a report says so', async () => {
		const outcome = await mmtop(['report', '--until', '1ms', '-o', '/dev/full']);
		expect(outcome).toMatchObject({
			exitCode: 1,
			stderr: 'mmtop: ENOSPC: the report cannot be written to /dev/full\n',
		});
	});
});

test('an export that cannot be written whole leaves nothing behind', async () => {
	const {code, stderr} = await shell(`ulimit -f 8; eval "$MMTOP export --until 1ms '${at('half')}'"`);
	expect(code).toBe(1);
	expect(stderr).toMatch(/^mmtop: EFBIG: the files cannot be written to .*half, and none is there: EFBIG\n$/);
	expect(readdirSync(directory).filter(name => name.includes('half'))).toEqual([]);
});

test('an export of some paths has those and what is under them', async () => {
	const {exitCode, stderr} = await mmtop(['export', '--until', '1ms', at('some'), '/proc/meminfo', '/proc/sys/vm']);
	expect([exitCode, stderr]).toEqual([0, '']);
	expect(readdirSync(at('some'), {recursive: true}).sort()).toEqual([
		'MANIFEST',
		'proc',
		'proc/meminfo',
		'proc/sys',
		'proc/sys/vm',
		'proc/sys/vm/max_map_count',
	]);
	expect(readFileSync(at('some/MANIFEST'), 'utf8')).toMatch(/^machine: preset lab, era ldd3, seed 1/m);
});

test('a directory that was there stays the same one, and is empty where a name leads nowhere', async () => {
	mkdirSync(at('there'));
	const {ino} = statSync(at('there'));
	const lost = await mmtop(['export', '--until', '1ms', at('there'), '/proc/meminfo', '/proc/lost', '/proc/sys/vm']);
	expect([lost.exitCode, lost.stderr]).toEqual([1, expect.stringMatching(/^mmtop: \/proc\/lost .*ENOENT[^\n]*\n$/)]);
	expect(readdirSync(at('there'))).toEqual([]);
	const {exitCode, stderr} = await mmtop(['export', '--until', '1ms', at('there'), '/proc/meminfo']);
	expect([exitCode, stderr]).toEqual([0, '']);
	expect(readdirSync(at('there')).sort()).toEqual(['MANIFEST', 'proc']);
	expect(statSync(at('there')).ino).toBe(ino);
});

test.runIf(existsSync('/proc/self/maps'))('a real Linux is not exported whole', async () => {
	const outcome = await mmtop(['export', '-t', 'host', at('host')]);
	expect(outcome).toMatchObject({exitCode: 2, stderr: expect.stringMatching(/too many files .* name some/)});
	const none = await mmtop(['export', '-t', 'host', at('host'), '/proc/no_such_file']);
	expect(none).toMatchObject({
		exitCode: 1,
		stderr: expect.stringMatching(/\/proc\/no_such_file is not exported: ENOENT: this kernel has no/),
	});
	expect(existsSync(at('host'))).toBe(false);
});
