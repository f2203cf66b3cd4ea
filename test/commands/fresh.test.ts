import {execFileSync} from 'node:child_process';
import {readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {temporaryDirectory} from '../server/support.ts';
import {bundlePath, mmtop} from './support.ts';

/** Every file that the first monitor relies on. */
const paths = [
	'/proc/1/maps',
	'/proc/1/status',
	'/proc/1/comm',
	'/proc/1/cmdline',
	'/proc/1/pagemap',
	'/proc/meminfo',
	'/proc/buddyinfo',
	'/proc/vmallocinfo',
	'/proc/iomem',
	'/proc/interrupts',
	'/proc/kpagecount',
	'/proc/kpageflags',
	'/proc/kmsg',
	'/proc/uptime',
	'/proc/version',
	'/proc/sys/fs/aio-nr',
	'/proc/sys/fs/aio-max-nr',
	'/sys/devices/pci0000:00/0000:00:1d.7/pools',
	'/sys/kernel/debug/dma-api/dump',
	'/sys/kernel/debug/kmap_atomic',
	'/sys/kernel/debug/pkmap',
	'/sys/kernel/debug/page_map',
	'/sys/kernel/debug/aio',
	'/sys/kernel/debug/page/0x100',
	'/sys/kernel/debug/translate/pfn:0x100',
	'/sys/kernel/debug/lab/experiments',
	'/sys/kernel/debug/lab/inject',
	'/sys/kernel/debug/lab/clock',
	'/sys/kernel/debug/lab/machine',
	'/sys/kernel/debug/tracing/trace',
];
const binary = /\/(?:pagemap|kpagecount|kpageflags)$/;

describe('a fresh machine', () => {
	test('prints one screen with the five panes where there is no terminal, the same each time', async () => {
		const first = await mmtop([]);
		expect(first).toMatchObject({exitCode: 0, stderr: ''});
		for (const title of ['1 maps', '2 frames', '3 kmap_atomic', '4 dma', '5 iocbs']) {
			expect(first.stdout).toContain(title);
		}

		expect(first.stdout).not.toMatch(/\u001b|EN[A-Z]+:|reading …/);
		expect(await mmtop(['--once', '--until', '2s', '--seed', '1'])).toEqual(first);
		const another = await mmtop(['--once', '--seed', '2']);
		expect(another.stdout).not.toBe(first.stdout);
	});

	test('is drawn in ASCII where that is asked for', async () => {
		const {stdout} = await mmtop(['--once', '--ascii']);
		expect(stdout).toMatch(/^[\n -~]+$/);
		expect(stdout).toContain('1 maps');
	});

	test.each([
		[['--theme', 'pink'], /^mmtop: --theme takes .*; got "pink"/],
		[['--refresh', '0'], /^mmtop: --refresh takes samples a second, .*; got "0"/],
	])('is not drawn with %j, whether there is a terminal or not', async (flags, sentence) => {
		expect(await mmtop(flags)).toMatchObject({exitCode: 2, stdout: '', stderr: expect.stringMatching(sentence)});
	});

	test('has every file, each in the format that --json reads', async () => {
		const directory = join(await temporaryDirectory(), 'tree');
		expect(await mmtop(['export', directory, '--until', '500ms'])).toMatchObject({exitCode: 0, stderr: ''});
		for (const [path, mode] of [
			['MANIFEST', 0o600],
			['proc/meminfo', 0o600],
			['proc', 0o700],
		] as const)
			expect((await stat(join(directory, path))).mode & 0o777, path).toBe(mode);
		// A pagemap is 6 MiB, and 100 MiB of JSON.
		const asked = paths.filter(path => !path.endsWith('/pagemap'));
		const records = await mmtop(['cat', '--until', '500ms', '--json', ...asked]);
		expect(records).toMatchObject({exitCode: 0, stderr: ''});
		const parsed = JSON.parse(records.stdout);
		expect(Object.keys(parsed)).toEqual(asked);
		const text = await mmtop(['cat', '--until', '500ms', ...paths.filter(path => !binary.test(path))]);
		expect(text).toMatchObject({exitCode: 0, stderr: ''});
		const exported = paths.filter(path => !binary.test(path) && !/\/(?:page|translate)\//.test(path));
		for (const path of exported) {
			const content = await readFile(join(directory, path), 'utf8');
			expect(content, path).not.toBe('');
			expect(text.stdout.includes(content), path).toBe(true);
		}
	});

	test('exports a meminfo that free(1) would read: its total and free memory add up', async () => {
		const {stdout} = await mmtop(['cat', '--json', '/proc/meminfo']);
		const {MemTotal, MemFree, HighTotal, LowTotal} = JSON.parse(stdout);
		expect(HighTotal + LowTotal).toBe(MemTotal);
		expect(MemFree).toBeLessThan(MemTotal);
	});

	test('stands at the instant that --until names', async () => {
		expect(await mmtop(['cat', '/proc/uptime', '--until', '1500ms'])).toMatchObject({stdout: /^1\.50 /});
		expect(await mmtop(['cat', '/proc/uptime'])).toMatchObject({stdout: /^2\.00 /});
	});

	test.each([
		[[], 'calm'],
		[['--load', 'quiet'], 'quiet'],
	])('has the load that is asked for: %j', async (flags, word) => {
		const {stdout} = await mmtop(['cat', '--until', '0s', '/sys/kernel/debug/lab/load', ...flags]);
		expect(stdout).toMatch(new RegExp(`^load: ${word}$`, 'm'));
	});

	test('says which process is not there', async () => {
		const {exitCode, stderr} = await mmtop(['cat', '/proc/99999/maps']);
		expect(exitCode).toBe(1);
		expect(stderr).toMatch(/^mmtop: ENOENT: [^\n]*\/proc\/99999\/maps[^\n]*\n$/);
	});
});

describe('mmtop run', () => {
	test('lists what can be run, for people and for programs', async () => {
		const text = await mmtop(['run', '--list']);
		const records = JSON.parse((await mmtop(['run', '--list', '--json'])).stdout);
		expect(text.exitCode).toBe(0);
		for (const {name, claim} of records) {
			expect(text.stdout).toContain(name);
			expect(text.stdout).toContain(claim);
		}
	});

	test('tells what happened and whether it held', async () => {
		const {exitCode, stdout, stderr} = await mmtop(['run', 'direct-read', 'pages=8']);
		expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
		expect(stdout).toMatch(/^direct-read pages=8 .*\n {2}\[\d+\.\d{6}\] /);
		expect(stdout).toMatch(/ {2}✓ /);
		expect(stdout).not.toContain('✗');
		const record = JSON.parse((await mmtop(['run', '--json', 'direct-read', 'pages=8'])).stdout);
		expect(record).toMatchObject({name: 'direct-read', status: 'done', by: 'mmtop'});
	});

	test.each([
		[['run', 'frobnicate'], /^mmtop: no experiment "frobnicate"/],
		[['run', 'direct-read', 'pages=-3'], /^mmtop: pages must be 1\.\.\d+, got "-3"/],
		[['run', 'direct-read', 'sheets=3'], /^mmtop: direct-read takes .*got "sheets=3"/],
	])('refuses %j', async (args, sentence) => {
		const {exitCode, stdout, stderr} = await mmtop(args);
		expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
		expect(stderr).toMatch(sentence);
		expect(stderr.indexOf('\n')).toBe(stderr.length - 1);
	});
});

test('the bundle is a program by itself', async () => {
	const directory = await temporaryDirectory();
	const alone = join(directory, 'mmtop');
	execFileSync('cp', [bundlePath, alone]);
	// Without its extension Node takes a file for CommonJS; an .mjs that is executable needs no more.
	expect((await readFile(alone, 'utf8')).startsWith('#!/usr/bin/env node\n')).toBe(true);
	execFileSync('mv', [alone, `${alone}.mjs`]);
	expect(execFileSync(`${alone}.mjs`, ['cat', '/proc/uptime'], {cwd: directory, encoding: 'utf8'})).toMatch(/^2\.00 /);
});
