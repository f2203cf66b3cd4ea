/** A session file: kept of the monitor's own machine, and done again wherever a target can be named. */
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {files} from '../../source/formats/files.ts';
import {mmtop, mmtopCommand} from '../commands/support.ts';
import {temporaryDirectory} from '../server/support.ts';
import {openTerminal} from './pty.ts';

const clockPath = files.clock.path;

/** A machine that ran a while, got a workload, and was paused. @returns the path of its session */
async function recorded(): Promise<string> {
	const path = join(await temporaryDirectory(), 'lab.session');
	const terminal = openTerminal([...mmtopCommand, '--load', 'quiet', '--seed', '7', '--record', path]);
	await terminal.waitFor('▶');
	terminal.press('d');
	await terminal.waitFor('direct');
	terminal.press('P');
	await terminal.waitFor('PAUSED');
	terminal.press('q');
	await terminal.ended;
	return path;
}

test('is done again to the byte by every command that reads it, and goes on and back from its end', async () => {
	const path = await recorded();
	const lines = readFileSync(path, 'utf8');
	expect(lines.length).toBeLessThan(5000);
	const [header] = lines.split('\n');
	expect(JSON.parse(header!)).toMatchObject({options: {load: 'quiet', seed: 7}});

	const cat = (...paths: readonly string[]) => mmtop(['cat', '-t', path, ...paths]);
	const [one, other] = await Promise.all([cat(clockPath, '/proc/meminfo'), cat(clockPath, '/proc/meminfo')]);
	expect(one).toMatchObject({exitCode: 0, stderr: ''});
	expect(other).toEqual(one);
	const {timeNs, state} = parseClock(one.stdout.slice(0, one.stdout.indexOf('MemTotal')));
	expect([state, timeNs > 0]).toEqual(['paused', true]);
	expect((await cat(files.session.path)).stdout).toContain('direct-read');

	const terminal = openTerminal([...mmtopCommand, 'attach', path]);
	await terminal.waitFor('PAUSED');
	const shown = `${Math.floor(timeNs / 1e9)}.${String(Math.floor(timeNs / 1e6) % 1000).padStart(3, '0')}`;
	expect(terminal.screen()[0]).toContain(shown);
	terminal.press('[');
	await terminal.waitFor(screen => !screen[0]!.includes(shown) && screen[0]!.includes('PAUSED'));
	terminal.press('P');
	await terminal.waitFor('▶');
	terminal.press('q');
	await terminal.ended;
	// What happened since then is another session.
	expect(readFileSync(path, 'utf8')).toBe(lines);

	const broken = async (content: string) => {
		const file = join(await temporaryDirectory(), 'broken.session');
		writeFileSync(file, content);
		const {exitCode, stderr, stdout} = await mmtop(['cat', '-t', file, clockPath]);
		return {exitCode, stderr: stderr.replaceAll(file, 'FILE'), stdout};
	};
	const refused = (sentence: string) => ({exitCode: 1, stderr: `mmtop: ${sentence}\n`, stdout: ''});
	const rest = lines.slice(header!.length);
	const changed = (change: object) => JSON.stringify({...JSON.parse(header!), ...change}) + rest;
	const whole = lines.split('\n').length - 1;
	expect(await broken(`${lines}{"timeNs":`)).toMatchObject({
		exitCode: 0,
		stderr: 'mmtop: the last line of FILE was torn and is left out\n',
	});
	expect(await broken(header!.slice(0, 40))).toEqual(
		refused('FILE is not a session: it ends before its first line does'),
	);
	expect(await broken('hello\n')).toEqual(
		refused('FILE is not the session of a machine, or one of another version of mmtop'),
	);
	expect(await broken(changed({journal: 99}))).toEqual(
		refused('FILE is not the session of a machine, or one of another version of mmtop'),
	);
	expect(await broken(changed({program: 'another'}))).toEqual(
		refused('FILE was kept by another build of mmtop, which alone can do it again'),
	);
	expect(await broken(changed({options: {load: 'mad'}}))).toEqual(
		refused('FILE is of a machine that this mmtop does not have'),
	);
	expect(await broken(`${lines}nonsense\n[1]\n`)).toEqual(
		refused(`FILE is damaged: line ${whole + 1} is not one of a session`),
	);
	expect(await broken(changed({options: {cpus: 99}}))).toMatchObject({exitCode: 2});
	expect((await broken(`${lines}[${timeNs},1000000000,"/proc/nothing","1","me"]\n`)).stderr).toBe(
		'mmtop: FILE cannot be done again: this session is not of this machine\n',
	);

	// It ended paused, and goes on where something is done on it.
	expect(await mmtop(['run', 'user-walk', '-t', path])).toMatchObject({exitCode: 0, stderr: ''});

	// What would be lost is refused.
	expect((await mmtop(['write', '-t', path, clockPath, 'run'])).stderr).toContain('is a session, on which nothing');
	expect((await mmtop(['attach', path, '--once', '--record', `${path}.session`])).exitCode).toBe(2);
	const again = await mmtop(['--plain', '--record', path]);
	expect(again).toMatchObject({exitCode: 1});
	expect(again.stderr).toContain('which is there already: no session is written over');
	expect(readFileSync(path, 'utf8')).toBe(lines);
});
