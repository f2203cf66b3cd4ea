/**
 * procps reads an exported tree that is bound over /proc, and says what the tree says. It needs procps and a mount
 * namespace: skipped, with the reason, where there is neither.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parseMaps} from '../../source/formats/proc/maps.ts';
import {parseMeminfo} from '../../source/formats/proc/meminfo.ts';
import {parseSlabinfo} from '../../source/formats/proc/slabinfo.ts';
import {parseStatus} from '../../source/formats/proc/status.ts';
import {mmtop} from './support.ts';

const tools = ['free', 'vmstat', 'ps', 'pmap', 'pgrep', 'slabtop'];

/** Why this machine cannot do it, or undefined. */
function whyNot(): string | undefined {
	if (process.platform !== 'linux') return 'only Linux has mount namespaces';
	const missing = tools.filter(tool => spawnSync(tool, ['--version']).error !== undefined);
	if (missing.length > 0) return `not installed: ${missing.join(', ')} (procps)`;
	const tried = spawnSync('unshare', ['-m', '-p', '-f', 'mount', '--bind', '/tmp', '/proc']);
	return tried.status === 0 ? undefined : 'no mount namespace is allowed here';
}

const reason = whyNot();

describe.skipIf(reason !== undefined).each(['2.6.32', '6.1'])(
	`procps on a tree of %s${reason ? `: ${reason}` : ''}`,
	era => {
		let directory = '';
		let tree = '';
		const file = (path: string) => readFileSync(join(tree, 'proc', path), 'utf8');
		/** Runs a tool as the first process of a namespace in which the tree is /proc. */
		const run = (...command: readonly string[]) =>
			execFileSync(
				'unshare',
				['-m', '-p', '-f', 'sh', '-c', 'mount --bind "$0/proc" /proc && exec "$@"', tree, ...command],
				{encoding: 'utf8', env: {...process.env, LC_ALL: 'C'}},
			);
		/** Numbers of the first line that begins so. */
		const numbers = (text: string, start: RegExp) =>
			[
				...text
					.split('\n')
					.find(line => start.test(line))!
					.matchAll(/\d+/g),
			].map(([digits]) => Number(digits));

		beforeAll(async () => {
			directory = await mkdtemp(join(tmpdir(), 'mmtop-procps-'));
			tree = join(directory, 'tree');
			const {exitCode, stderr} = await mmtop(['export', tree, '--era', era, '--until', '1s']);
			expect([exitCode, stderr]).toEqual([0, '']);
		});

		afterAll(() => rm(directory, {recursive: true, force: true}));

		test('free and vmstat: how much memory is free', () => {
			const {MemTotal, MemFree} = parseMeminfo(file('meminfo'));
			const [total, , free] = numbers(run('free', '-k'), /^Mem:/);
			expect([total, free]).toEqual([MemTotal, MemFree]);
			expect(numbers(run('vmstat', '-n'), /^ *\d/)[3]).toBe(MemFree);
		});

		test('ps and pgrep: the processes, their sizes and parents', () => {
			const rows = run('ps', '-e', '-o', 'pid=,ppid=,vsz=,rss=,comm=').trim().split('\n');
			const seen = new Map(
				rows.map(row => {
					const [pid, ppid, vsz, rss, comm] = row.trim().split(/\s+/);
					return [Number(pid), [Number(ppid), Number(vsz), Number(rss), comm]];
				}),
			);
			expect(seen.size).toBeGreaterThan(5);
			for (const [pid, told] of seen) {
				const {PPid, VmSize = 0, VmRSS = 0, Name} = parseStatus(file(`${pid}/status`));
				// What stat has after VmSize is the size without what is reserved.
				expect([pid, told[0], told[2], told[3]]).toEqual([pid, PPid, VmRSS, Name]);
				expect([pid, told[1]]).toEqual([pid, VmSize]);
			}
			// The one that asks is not told of itself; it is process 1 of its namespace.
			expect(run('pgrep', '-x', 'sh').trim()).toBe(String([...seen].find(([, told]) => told[3] === 'sh')![0]));
		});

		test('pmap: the areas of a process', () => {
			const pid = Number(run('pgrep', '-x', 'sh'));
			const lines = run('pmap', '-x', String(pid)).trim().split('\n').slice(2, -2);
			const areas = parseMaps(file(`${pid}/maps`)).areas;
			const told = lines
				.map(line => line.split(/\s+/).slice(0, 2))
				.map(([start, kb]) => [Number(`0x${start}`), Number(kb)]);
			expect(told).toEqual(areas.map(({start, end}) => [start, (end - start) / 1024]));
		});

		test('slabtop: the caches with objects', () => {
			const caches = parseSlabinfo(file('slabinfo')).caches.filter(({numObjs}) => numObjs > 0);
			const shown = run('slabtop', '-o', '-s', 'n');
			for (const {name} of caches.slice(0, 5)) expect(shown).toContain(name.slice(0, 20));
		});
	},
);
