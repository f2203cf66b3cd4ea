/** `mmtop serve` that was killed: with the same name it goes on, the same to the byte. */
import {appendFileSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {parseSession} from '../../source/formats/debugfs/lab/session.ts';
import {Chance} from '../../source/hardware/chance.ts';
import {isLong} from '../sample.ts';
import {fetchSocket, temporaryDirectory} from '../server/support.ts';
import {daemon, mmtop} from './support.ts';

const paths = [
	...['/proc/meminfo', '/proc/buddyinfo', '/proc/kmsg', '/proc/interrupts', '/proc/vmstat'],
	...['inject', 'clock'].map(name => `/sys/kernel/debug/lab/${name}`),
	'/sys/kernel/debug/tracing/trace',
];
const clock = '/sys/kernel/debug/lab/clock';
const inject = '/sys/kernel/debug/lab/inject';
const workloads = ['direct-read pages=4', 'mremap-growth', 'aio-burst', 'pool-work', 'fork-pin'];

const times = isLong ? 200 : 2;
/** At any moment, with writes under way. */
const kills = isLong ? 1000 : 3;

test('every write that was answered is there again after kill -9', async () => {
	const directory = await temporaryDirectory();
	const env = {XDG_RUNTIME_DIR: directory, XDG_STATE_HOME: directory};
	const chance = new Chance(16);
	let server = await daemon(['--name', 'k', '--seed', '3'], env);
	const say = async (path: string, text: string) => {
		const {exitCode, stdout, stderr} = await mmtop(['write', '-t', 'k', path, text], env);
		expect(exitCode, stderr).toBe(0);
		return stdout.trim();
	};
	for (let time = 1; time <= times; time++) {
		await say(inject, chance.pick(workloads));
		// Between two events of what it began.
		await say(clock, 'pause');
		await say(clock, `step ${time}`);
		const before = await mmtop(['cat', '-t', 'k', ...paths], env);
		server.kill('SIGKILL');
		await server.ended;
		if (time % 2 === 0) appendFileSync(join(directory, 'mmtop/k.session'), '[12345,');
		server = await daemon(['--name', 'k'], env);
		expect(await mmtop(['cat', '-t', 'k', ...paths], env)).toEqual(before);
		await say(clock, 'run');
	}
	server.kill('SIGTERM');
	const {stderr, exitCode} = await server.ended;
	expect(exitCode).toBe(0);
	expect(stderr).toMatch(/^k: restoring \d+\.\d{3} s of the killed server; its last line was torn and is left out\n/);
	// Ended as it should be, it leaves no session.
	expect(readdirSync(join(directory, 'mmtop')).filter(name => name.startsWith('k.'))).toEqual([]);
});

test('killed at a random moment with writes under way, it has every write that was answered, in order', async () => {
	const directory = await temporaryDirectory();
	const env = {XDG_RUNTIME_DIR: directory, XDG_STATE_HOME: directory};
	const chance = new Chance(17);
	const answered: string[] = [];
	let server = await daemon(['--name', 'k', '--load', 'quiet'], env);
	for (let time = 1; time <= kills; time++) {
		const {controlPath, kill, ended} = server;
		const most = chance.integer(1, 30);
		let sent: string | undefined;
		for (let count = 0; count <= most; count++) {
			sent = `step ${answered.length + 1}`;
			const answer = fetchSocket(controlPath, clock, {method: 'PUT', body: sent}).catch(() => undefined);
			if (count === most) {
				// Somewhere between its arrival and its answer.
				for (let turn = chance.integer(0, 40); turn > 0; turn--) await new Promise(setImmediate);
				kill('SIGKILL');
			}
			if ((await answer)?.status === 200) answered.push(sent);
		}
		await ended;
		server = await daemon(['--name', 'k'], env);
		const {body} = await fetchSocket(server.controlPath, '/sys/kernel/debug/lab/session');
		const kept = parseSession(body).writes.map(({text}) => text);
		// The last one may have been written down and not answered.
		const last = kept.length > answered.length ? [sent] : [];
		expect(kept, `kill ${time}`).toEqual([...answered, ...last]);
		answered.splice(0, answered.length, ...kept);
	}
});

test('a session of another kind of machine or of another build stays, until --fresh puts it aside', async () => {
	const directory = await temporaryDirectory();
	const env = {XDG_RUNTIME_DIR: directory, XDG_STATE_HOME: directory};
	const killed = await daemon(['--name', 'k', '--era', '3.2'], env);
	killed.kill('SIGKILL');
	await killed.ended;
	const session = join(directory, 'mmtop/k.session');
	const text = readFileSync(session, 'utf8');
	const refusal = await mmtop(['serve', '--name', 'k', '--era', '6.1'], env);
	expect(refusal).toMatchObject({exitCode: 2, stdout: ''});
	expect(refusal.stderr).toMatch(
		/^mmtop: k was another kind of machine; leave its flags out to restore it; "--fresh" /,
	);
	const nonsense = await mmtop(['serve', '--name', 'k', '--fresh', '--era', 'nonsense'], env);
	expect(nonsense).toMatchObject({exitCode: 2, stdout: ''});
	expect(readFileSync(session, 'utf8'), 'a start that fails leaves it as it was').toBe(text);
	writeFileSync(session, text.replace(/"program":"[^"]*"/, '"program":"another"'));
	const other = await mmtop(['serve', '--name', 'k'], env);
	expect(other).toMatchObject({exitCode: 1, stdout: ''});
	expect(other.stderr).toMatch(
		/^mmtop: the session of k was kept by another build of mmtop, .*"--fresh" puts it aside\n$/,
	);
	writeFileSync(`${session}.old`, 'an older one');
	const fresh = await daemon(['--name', 'k', '--fresh'], env);
	expect(readFileSync(`${session}.old`, 'utf8')).toBe('an older one');
	expect(readFileSync(`${session}.old2`, 'utf8')).toContain('"program":"another"');
	fresh.kill('SIGTERM');
	expect(await fresh.ended).toMatchObject({exitCode: 0, stderr: ''});
});

test('a session is of one server, wherever the sockets of another one would be', async () => {
	const state = await temporaryDirectory();
	const env = {XDG_RUNTIME_DIR: await temporaryDirectory(), XDG_STATE_HOME: state};
	const server = await daemon(['--name', 'k'], env);
	for (const flags of [[], ['--fresh']]) {
		const elsewhere = {...env, XDG_RUNTIME_DIR: await temporaryDirectory()};
		const second = await mmtop(['serve', '--name', 'k', ...flags], elsewhere);
		expect(second).toMatchObject({exitCode: 1, stdout: ''});
		expect(second.stderr).toMatch(
			/^mmtop: k is served or being restored by process \d+; take another --name, or remove .*\n$/,
		);
	}
	expect(readdirSync(join(state, 'mmtop')).sort()).toEqual(['k.session', 'k.session.claim']);
	server.kill('SIGTERM');
	expect(await server.ended).toMatchObject({exitCode: 0, stderr: ''});
	expect(readdirSync(join(state, 'mmtop'))).toEqual([]);
});

test('where no session can be kept, that is said, and the machine is served', async () => {
	const env = {XDG_RUNTIME_DIR: await temporaryDirectory(), XDG_STATE_HOME: '/proc/mmtop-test'};
	const server = await daemon(['--name', 'k'], env);
	server.kill('SIGTERM');
	const {exitCode, stderr} = await server.ended;
	expect(exitCode).toBe(0);
	expect(stderr).toMatch(/^mmtop: ENOENT: the session cannot be kept in .*; where the server is killed, [^\n]*\n$/);
});
