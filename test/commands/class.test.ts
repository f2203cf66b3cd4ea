/** `mmtop class`: a machine for each student, by the built program. */
import {spawn} from 'node:child_process';
import {chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {classCommand} from '../../source/commands/class.ts';
import type {CommandContext} from '../../source/commands/context.ts';
import {parseClass} from '../../source/formats/debugfs/lab/class.ts';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {files} from '../../source/formats/files.ts';
import {serverFiles} from '../../source/formats/serverFiles.ts';
import {loginName} from '../../source/target/classes.ts';
import {isLong} from '../sample.ts';
import {fetchSocket, temporaryDirectory} from '../server/support.ts';
import {bundlePath, mmtop} from './support.ts';

const isRoot = process.getuid?.() === 0;
/** Users that Debian always has, where the superuser can give them something. */
const [first, second] = isRoot ? ['daemon', 'bin'] : ['alice', 'bob'];

type Listed = {
	readonly hosts: readonly {readonly pid: number; readonly students: readonly string[]}[];
	readonly machines: readonly Readonly<Record<string, unknown>>[];
};

/** A place for classes, and a roster `os` with these students. Its class is down when the test is over. */
async function place(students: readonly string[]) {
	const base = await temporaryDirectory();
	chmodSync(base, 0o711);
	const env = {MMTOP_CLASSES: join(base, 'classes'), XDG_STATE_HOME: join(base, 'state'), XDG_RUNTIME_DIR: base};
	const roster = join(base, 'os.txt');
	writeFileSync(roster, `${students.join('\n')} # the last\nhelper nobody\n`);
	const run = (...words: readonly string[]) => mmtop(['class', ...words], env);
	onTestFinished(async () => {
		if (existsSync(env.MMTOP_CLASSES)) await run('down');
	});
	const socketOf = (person: string, machine: string, kind: string) =>
		join(env.MMTOP_CLASSES, 'os', person, machine, `${kind}.sock`);
	const put = async (socket: string, path: string, body: string) => {
		const answer = await fetchSocket(socket, path, {method: 'PUT', body});
		return `${answer.status} ${answer.body}`.trim();
	};
	const get = async (socket: string, path: string) =>
		Buffer.from((await fetchSocket(socket, path)).body, 'latin1').toString();
	const list = async (): Promise<Listed> => JSON.parse((await run('list', '--json')).stdout);
	/** Until a server is there again. */
	const answers = async (socket: string): Promise<void> => {
		const isThere = await fetchSocket(socket, files.clock.path).then(
			({status}) => status === 200,
			() => false,
		);
		if (isThere) return;
		await new Promise(setImmediate);
		return answers(socket);
	};
	return {base, env, roster, run, socketOf, put, get, list, answers};
}

test('a class is up, survives kill -9, is frozen, gets a message, is collected, and is down', async () => {
	const {base, env, roster, run, socketOf, put, get, list, answers} = await place([`${first} seed=7`, second!]);
	const up = await run('up', roster, '--load', 'quiet', '--era', '3.2');
	expect(up).toMatchObject({exitCode: 0, stdout: `class os is up: 3 machines in ${env.MMTOP_CLASSES}/os\n`});
	const teacher = (student: string) => socketOf(loginName(), student, 'teacher');
	const own = socketOf(first!, first!, 'control');
	if (isRoot) await othersAreKeptOut();

	expect(await put(own, files.inject.path, 'mremap-growth')).toBe('200 1');
	const {hosts} = await list();
	expect(hosts.flatMap(({students}) => students).sort()).toEqual([first, second, 'demo'].sort());
	const before = await get(own, files.session.path);
	process.kill(hosts.find(({students}) => students.includes(first!))!.pid, 'SIGKILL');
	// Those of the same process come back one after the other.
	for (const each of [first!, second!, 'demo']) await answers(teacher(each));
	expect((await get(own, files.session.path)).split('\n').slice(1)).toEqual(before.split('\n').slice(1));
	const {injections} = parseInject(await get(own, files.inject.path));
	expect(injections.map(({name, by}) => [name, by])).toEqual([['mremap-growth', 'student:unnamed']]);

	expect(await run('freeze')).toMatchObject({exitCode: 0, stdout: '3 machines of class os are frozen\n'});
	expect(await put(own, files.clock.path, 'run')).toBe(
		`403 EPERM: this machine is frozen by the teacher (${loginName()})`,
	);
	expect(parseClock(await get(own, files.clock.path)).state).toBe('paused');
	expect(await put(own, serverFiles.class.path, 'thaw')).toMatch(/^403 EPERM: /);
	expect(await put(socketOf('nobody', first!, 'helper'), files.load.path, 'calm')).toBe('200');
	expect(await put(own, serverFiles.results.path, '{}')).toMatch(/^403 EPERM: /);
	await put(teacher(first!), serverFiles.class.path, 'thaw');
	expect(parseClock(await get(own, files.clock.path)).state).toBe('running');

	const result = {student: first, sheet: 'areas', points: 3, of: 4};
	expect(await put(own, serverFiles.results.path, JSON.stringify(result))).toBe('200');
	expect((await run('message', 'Look at', 'pane 3')).exitCode).toBe(0);
	const {messages, student} = parseClass(await get(socketOf(second!, 'demo', 'observe'), serverFiles.class.path));
	expect([student, messages.map(({text}) => text)]).toEqual(['demo', ['Look at pane 3']]);

	const sheet = join(base, 'collected');
	expect(await run('collect', sheet)).toMatchObject({exitCode: 0, stdout: `3 machines of class os in ${sheet}\n`});
	const [head, ...rows] = readFileSync(join(sheet, 'class.csv'), 'utf8').trimEnd().split('\r\n');
	expect(head).toBe('student,machine,era,time,experiments,held,failed,findings,sheet,points,of');
	expect(rows.map(row => row.replace(/,\d+\.\d{3},\d+,\d+,\d+,\d+,/, ',…,'))).toEqual(
		[first, second, 'demo'].sort().map(each => `${each},lab,3.2,…,${each === first ? 'areas,3,4' : ',,'}`),
	);
	expect(readdirSync(join(sheet, first!)).sort()).toEqual(
		['class', 'experiments', 'findings', `${first}.session`, 'log', 'results.jsonl'].sort(),
	);
	expect(readFileSync(join(sheet, first!, `${first}.session`), 'utf8')).toMatch(/^\{"journal":1,.*"seed":7/);

	expect(await run('down')).toMatchObject({exitCode: 0, stderr: ''});
	expect(existsSync(join(env.MMTOP_CLASSES, 'os'))).toBe(false);
	expect(readdirSync(join(env.XDG_STATE_HOME, 'mmtop/classes-kept/os')).filter(name => /claim/.test(name))).toEqual([]);
	expect((await run('list')).stderr).toMatch(/^mmtop: you teach no class that is up here; [^\n]*\n$/);

	/** As a user of the computer who is in the class. */
	async function othersAreKeptOut(): Promise<void> {
		const program = join(base, 'mmtop.mjs');
		copyFileSync(bundlePath, program);
		chmodSync(program, 0o755);
		const found = await asDaemon(program, ['targets', '--json'], env);
		const machines: readonly {readonly name: string; readonly socket: string}[] = JSON.parse(found.stdout);
		expect(machines.map(({name, socket}) => [name, socket])).toEqual([
			['daemon', own],
			['demo', socketOf('daemon', 'demo', 'observe')],
		]);
		const entered = await asDaemon(program, ['cat', '-t', socketOf('bin', 'bin', 'control'), files.clock.path], env);
		expect(entered).toMatchObject({exitCode: 1, stdout: ''});
		expect(entered.stderr).toMatch(/^mmtop: EACCES: /);
	}
});

/** Runs mmtop as the user whose number is 1. */
function asDaemon(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
	return new Promise<{exitCode: number | null; stdout: string; stderr: string}>(resolve => {
		const nowhere = {XDG_RUNTIME_DIR: '/nonexistent', XDG_STATE_HOME: '/nonexistent'};
		const child = spawn(process.execPath, [program, ...args], {
			uid: 1,
			gid: 1,
			cwd: '/',
			env: {...process.env, ...env, ...nowhere},
		});
		const said = {stdout: '', stderr: ''};
		for (const name of ['stdout', 'stderr'] as const) {
			child[name].setEncoding('utf8').on('data', (chunk: string) => {
				said[name] += chunk;
			});
		}
		child.on('close', exitCode => resolve({exitCode, ...said}));
	});
}

test('what is wrong with a roster or a word is said in one sentence', async () => {
	const {roster, run, base} = await place(['alice', 'alice']);
	const twice = await run('up', roster);
	expect(twice).toEqual({exitCode: 2, stdout: '', stderr: `mmtop: ${roster}, line 2: alice is there twice\n`});
	const here = (args: readonly string[], flags = {}) => {
		const context = {args, flags, env: {MMTOP_CLASSES: base, XDG_STATE_HOME: base}};
		return classCommand(context as unknown as CommandContext);
	};
	await expect(here([])).rejects.toThrow(/^class takes up, list, [^\n]*; got nothing$/);
	await expect(here(['nonsense'])).rejects.toThrow(/^class takes up, list, [^\n]*; got "nonsense"$/);
	await expect(here(['freeze'], {json: true})).rejects.toThrow(/^mmtop class freeze does not take --json$/);
	await expect(here(['thaw', 'now'])).rejects.toThrow(/^class thaw takes no arguments, got "now"$/);
	await expect(here(['message', ' '])).rejects.toThrow(/^class message takes a text$/);
	await expect(here(['reset'])).rejects.toThrow(/^class reset takes the login of one student$/);
	await expect(here(['collect'])).rejects.toThrow(/^class collect takes a directory that is not there$/);
	await expect(here(['up'])).rejects.toThrow(/^class up takes one roster, /);
	await expect(here(['up', '/-.txt'])).rejects.toThrow(/^a class's name has up to 32 letters, .*, got "-"; --name /);
	await expect(here(['up', join(base, 'nothing')])).rejects.toThrow(/^ENOENT: cannot read the roster .*nothing$/);
});

test('a class of which no machine could be started is not up', async () => {
	const {roster, run, env} = await place(['alice']);
	const kept = join(env.XDG_STATE_HOME, 'mmtop/classes-kept/os');
	for (const student of ['alice', 'demo']) mkdirSync(join(kept, `${student}.session`), {recursive: true, mode: 0o700});
	const up = await run('up', roster);
	expect(up).toMatchObject({exitCode: 1, stdout: ''});
	expect(up.stderr).toMatch(/^mmtop: alice has no machine: [^\n]+\nmmtop: demo has no machine: [^\n]+\n$/);
	expect([existsSync(join(env.MMTOP_CLASSES, 'os')), existsSync(join(kept, 'class.claim'))]).toEqual([false, false]);
});

test.runIf(isLong)('a class of eight goes on when what serves it and what runs it are killed', async () => {
	const students = Array.from({length: 8}, (_, index) => `student${index}`);
	const {roster, run, socketOf, put, get, list, answers, base} = await place(students);
	expect((await run('up', roster)).stderr.split('\n').length).toBeGreaterThan(8);
	const control = (student: string) => socketOf(student, student, 'control');
	const work = async (pages: number) => {
		for (const student of students) {
			expect(await put(control(student), files.inject.path, `mremap-growth pages=${pages}`)).toMatch(/^200 \d+$/);
		}
	};
	const worked = async () =>
		Promise.all(
			students.map(async student => parseInject(await get(control(student), files.inject.path)).injections.length),
		);
	await work(2);
	for (const {pid} of (await list()).hosts) process.kill(pid, 'SIGKILL');
	for (const student of students) await answers(control(student));
	await answers(socketOf(loginName(), 'demo', 'teacher'));
	await work(3);
	expect(await worked()).toEqual(students.map(() => 2));

	const [host] = (await list()).hosts;
	const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${host!.pid}/status`, 'utf8'))![1]);
	process.kill(parent, 'SIGKILL');
	expect((await run('up', roster)).exitCode).toBe(0);
	expect(await worked()).toEqual(students.map(() => 2));
	expect((await run('up', roster)).stderr).toMatch(
		/class os is run by process \d+ already; "mmtop class down" ends it\n$/,
	);

	const reset = await run('reset', students[3]!);
	expect(reset.stdout).toMatch(/^student3 has a fresh machine; its session is kept in .*student3\.session\.1\n$/);
	expect(await worked()).toEqual(students.map((_, index) => (index === 3 ? 0 : 2)));
	expect((await run('collect', join(base, 'sheets'))).exitCode).toBe(0);
	const rows = readFileSync(join(base, 'sheets/class.csv'), 'utf8').trimEnd().split('\r\n');
	expect(rows).toHaveLength(1 + 8 + 1);
	expect(dirname(control('student1'))).toContain('student1/student1');
});
