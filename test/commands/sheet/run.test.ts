import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PassThrough, Writable} from 'node:stream';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {CommandContext} from '../../../source/commands/context.ts';
import type {Flags} from '../../../source/commands/flags.ts';
import {parseJournal} from '../../../source/commands/journal.ts';
import {sheet} from '../../../source/commands/sheet/command.ts';
import type {SheetResult} from '../../../source/commands/sheet/result.ts';
import {parseResults} from '../../../source/formats/debugfs/lab/results.ts';
import {serverFiles} from '../../../source/formats/serverFiles.ts';
import {openTarget} from '../../../source/target/open.ts';
import {temporaryDirectory} from '../../server/support.ts';
import {daemon} from '../support.ts';

let directory: string;
let file: string;

const text = `
title: <small> & "odd"
experiments:
  touched:
    steps:
      - at = mmap(0, 2 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
      - touch(at)
      - {expect: one is there, file: '/sys/kernel/debug/vma/{pid}', field: 'areas[at={at:x}].pagesPresent', equals: 1}
tasks:
  - question: How many pages?
    answer: {choices: [none, one], right: 2}
    checks: [{says: it was run, experiment: touched}]
    points: 3
    tries: 2
    hints: [look]
  - question: How much is that?
    answer: {number: 1 page, unit: kB}
`;

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'mmtop-sheet-'));
	file = join(directory, 's.yaml');
	writeFileSync(file, text);
});

afterAll(() => rmSync(directory, {recursive: true, force: true}));

class Screen extends Writable {
	said = '';
	override _write(chunk: Buffer, _: unknown, done: () => void) {
		this.said += chunk.toString();
		done();
	}
}

/** What came of a command whose input ends behind these lines; a failure is its sentence. */
async function done(args: readonly string[], flags: Flags = {}, lines: readonly string[] = [], state = 'state') {
	const [stdout, stderr, stdin] = [new Screen(), new Screen(), new PassThrough()];
	stdin.end(lines.map(line => `${line}\n`).join(''));
	const env = {XDG_STATE_HOME: join(directory, state)};
	const context = {args, flags, env, stdin, stdout, stderr, commands: {}} as unknown as CommandContext;
	try {
		return {exitCode: await sheet(context), stdout: stdout.said, stderr: stderr.said};
	} catch (error) {
		const {message, exitCode = 2} = error as {message: string; exitCode?: number};
		return {exitCode, stdout: stdout.said, stderr: message};
	}
}

function answersIn(name: string, answers: string): string {
	const path = join(directory, name);
	writeFileSync(path, answers);
	return path;
}

test('a task is asked, tried and left; the same command goes on with the next, on the same machine', async () => {
	const first = await done(['run', file], {}, ['?', 'hint', '7', '1', 'do touched', '2', 'quit']);
	expect(first.exitCode).toBe(1);
	expect(first.stdout).toContain('  look\n');
	const help = first.stdout.split('\n').filter(line => /^ {2}\S.* {2,}\S/.test(line));
	expect(help.map(line => /\w+/.exec(line)?.[0])).toEqual('check run do cat write wait hint skip quit'.split(' '));
	expect(help.filter(line => line.length > 79)).toEqual([]);
	expect(first.stdout).toContain('the answer is 1..2');
	expect(first.stdout).toContain('✗ the answer is not right');
	expect(first.stdout).toContain('✓ it was run');
	expect(first.stdout).toContain('3 of 4 points; the same command goes on');
	const output = join(directory, 'r.json');
	const second = await done(['run', file], {output}, ['cat /sys/kernel/debug/lab/inject', '4 KiB']);
	expect(second).toMatchObject({exitCode: 0, stderr: ''});
	expect(second.stdout).toContain('Going on where you left it, with task 2');
	expect(second.stdout).toContain('name=touched');
	expect(second.stdout).toContain('4 of 4 points\n');
	const result: SheetResult = JSON.parse(readFileSync(output, 'utf8'));
	expect(result).toMatchObject({points: 4, of: 4, complete: true, target: null});
	// The answer that was none of the two did not count.
	expect(result.tasks[0]).toMatchObject({verdict: 'held', answer: '2', right: true, tries: 2, hints: 1, points: 3});
	expect(parseJournal(result.session ?? '')?.writes).toMatchObject([{path: '/sys/kernel/debug/lab/calls'}]);
	// Done, it begins again.
	expect((await done(['run', file], {}, [])).stdout).not.toContain('Going on');
});

test('a word that is not typed as it has to be costs no try', async () => {
	const lines = ['run', 'do', 'cat', 'write x', 'wait 1', '1', 'answer wait', 'skip'];
	const {stdout} = await done(['run', file], {}, lines, 'forms');
	expect(stdout.match(/\w+ is written .*/g)).toEqual([
		'run is written "run NAME key=value …"; to answer with it, type "answer run"',
		'do is written "do NAME"; to answer with it, type "answer do"',
		'cat is written "cat PATH"; to answer with it, type "answer cat"',
		'write is written "write PATH TEXT"; to answer with it, type "answer write x"',
		'wait is written "wait TIME"; to answer with it, type "answer wait 1"',
	]);
	expect(stdout.match(/Try again/g)).toHaveLength(1);
	expect(stdout).toContain('the answer is 1..2');
});

test('a result that cannot be written costs nothing: the same command goes on', async () => {
	const output = join(directory, 'nowhere', 'r.json');
	const first = await done(['run', file], {output}, ['do touched', '2', '4'], 'full');
	expect(first).toMatchObject({exitCode: 1, stderr: `ENOENT: the result cannot be written to ${output}`});
	expect((await done(['run', file], {}, [], 'full')).stdout).toContain('4 of 4 points\n');
});

test('--fresh begins again, where the same command would go on', async () => {
	await done(['run', file], {}, ['skip', 'quit'], 'fresh');
	expect((await done(['run', file], {}, [], 'fresh')).stdout).toContain('Going on where you left it, with task 2');
	expect((await done(['run', file], {fresh: true}, [], 'fresh')).stdout).toContain('Task 1 of 2');
});

test('the machine is as the sheet says, where no flag says otherwise, and the setup is done once', async () => {
	const setup = 'setup: [{write: /proc/sys/fs/aio-max-nr, text: "99"}]';
	const sheetFile = answersIn('m.yaml', `machine: {seed: 3, era: '3.2'}\n${setup}\n${text}`);
	const output = join(directory, 'm.json');
	const kept = async (flags: Flags, lines: readonly string[]) => {
		await done(['run', sheetFile], {...flags, output}, lines, 'machine');
		const {options, writes} = parseJournal(JSON.parse(readFileSync(output, 'utf8')).session)!;
		return {options, texts: writes.map(each => each.text)};
	};
	expect(await kept({era: '6.1'}, ['skip', 'quit'])).toMatchObject({options: {seed: 3, era: '6.1'}, texts: ['99']});
	expect(await kept({}, ['skip'])).toMatchObject({options: {era: '6.1'}, texts: ['99']});
	expect(await kept({}, [])).toMatchObject({options: {seed: 3, era: '3.2'}, texts: ['99']});
});

test('the last try is the last', async () => {
	const {stdout} = await done(['run', file], {}, ['1', '1', '5', 'skip'], 'tries');
	expect(stdout.match(/Try again/g)).toHaveLength(2);
	expect(stdout).toContain('Task 2 of 2');
	expect(stdout).toContain('0 of 4 points\n');
});

test('a file answers: JSON, and JUnit XML in which odd letters are escaped', async () => {
	const junit = join(directory, 'r.xml');
	const answers = answersIn('a.yaml', '- {answer: 2, acts: [{do: touched}]}\n- 5\n');
	const {exitCode, stdout} = await done(['run', file], {json: true, answers, junit});
	expect(exitCode).toBe(1);
	const {tasks, ...result}: SheetResult = JSON.parse(stdout);
	expect(result).toMatchObject({sheet: '<small> & "odd"', points: 3, of: 4, complete: true});
	expect(tasks.map(({verdict}) => verdict)).toEqual(['held', 'did not hold']);
	const xml = readFileSync(junit, 'utf8');
	expect(xml).toContain('<testsuite name="&lt;small&gt; &amp; &quot;odd&quot;" tests="2" failures="1" skipped="0"');
	expect(xml).toContain('<property name="points" value="3"/>');
	expect(xml).toContain('message="the answer 5 is not right"');
});

test('an act that is refused costs its task, and is said; the others count', async () => {
	const acts = '{answer: 2, acts: [{do: tuoched}]}';
	const {exitCode, stdout, stderr} = await done(['run', file], {answers: answersIn('w.yaml', `- ${acts}\n- 4\n`)});
	expect({exitCode, stderr}).toEqual({
		exitCode: 1,
		stderr: 'mmtop: task 1: this sheet has no experiment "tuoched"\n',
	});
	expect(stdout).toBe('✗ task 1: 0 of 3\n✓ task 2: 1 of 1\n\n1 of 4 points\n');
});

test('each act has its own time, and a longer one is refused; what is not there is no right answer', async () => {
	const nothing = answersIn(
		'nothing.yaml',
		'title: t\ntasks: [{question: q, answer: {file: "/proc/{pid of nobody}/status", field: Name}}]',
	);
	const lines = [
		'write /sys/kernel/debug/lab/load quiet',
		'wait 61s',
		'wait 61s',
		'wait 121s',
		'do x',
		'answer',
		'quit',
	];
	const {stdout} = await done(['run', nothing], {}, lines);
	expect(stdout.match(/.*(?:at most|did not end|internal|no experiment|right).*/g)).toEqual([
		'wait is at most 120s, got 121s',
		'this sheet has no experiment "x"',
		'  ✗ the answer is not right',
	]);
});

test('a check reckons with constants, as a step does', async () => {
	const place = (field: string) => `file: "/proc/{2 / 2}/status", field: ${field}`;
	const checks = [
		`{says: a, ${place('VmRSS')}, atLeast: 2 * 3}`,
		`{says: b, ${place('VmRSS')}, atLeast: PAGE_SIZE * PAGE_SIZE}`,
		`{says: c, ${place('Name')}, equals: init}`,
	];
	const reckons = answersIn('reckons.yaml', `title: t\ntasks: [{question: q, checks: [${checks.join(', ')}]}]`);
	const {stdout} = await done(['run', reckons], {}, ['check', 'quit']);
	expect(stdout.match(/[✓✗] . .*/g)).toEqual([
		'✓ a (/proc/1/status VmRSS: 276)',
		'✗ b (/proc/1/status VmRSS: 276, not at least 16777216)',
		'✓ c (/proc/1/status Name: init)',
	]);
});

test('who answers nothing has skipped', async () => {
	const {stdout} = await done(['run', file], {answers: answersIn('n.yaml', '- ~\n')});
	expect(stdout).toBe('⊘ task 1: 0 of 3\n⊘ task 2: 0 of 1\n\n0 of 4 points\n');
});

test('on a served machine the setup is done once, and the result stays there', async () => {
	const {controlPath} = await daemon(['--load', 'quiet'], {XDG_RUNTIME_DIR: await temporaryDirectory()});
	const setup = 'setup: [{write: /proc/sys/fs/aio-max-nr, text: "99"}]';
	const task = '{question: q, answer: {file: /proc/sys/fs/aio-max-nr, field: value}}';
	const sheetFile = answersIn('served.yaml', `title: t\n${setup}\ntasks: [${task}, ${task}]`);
	const output = join(directory, 'served.json');
	const flags = {target: controlPath, output};
	await done(['run', sheetFile], flags, ['99', 'write /proc/sys/fs/aio-max-nr 7', 'quit'], 'served');
	const second = await done(['run', sheetFile], flags, ['99', '7'], 'served');
	expect(second).toMatchObject({exitCode: 0, stderr: ''});
	expect(second.stdout).toContain('✗ the answer is not right');
	expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({target: controlPath, points: 2, session: null});
	const target = await openTarget(controlPath, {});
	const {results} = parseResults(String(await target.read(serverFiles.results.path)));
	await target.close();
	expect(results).toMatchObject([
		{points: 1, complete: false},
		{points: 2, complete: true},
	]);
});

describe('what is wrong is a sentence and an exit code', () => {
	test.each<[string, () => Promise<{exitCode: number; stderr: string}>, number, string]>([
		['no part', () => done([]), 2, 'sheet takes one of new, check, run, replay, schema'],
		['a part that is not there', () => done(['rnu']), 2, 'did you mean "run"?'],
		['no file', () => done(['run']), 2, 'sheet takes run FILE'],
		['a file that is not there', () => done(['run', '/nowhere.yaml']), 3, 'ENOENT: cannot read /nowhere.yaml'],
		['a file without an end', () => done(['check', '/dev/zero']), 3, '/dev/zero is not a sheet: it has more than'],
		['answers without an end', () => done(['run', file], {answers: '/dev/zero'}), 3, 'it has more than 262144 bytes'],
		['no sheet', () => done(['run', answersIn('x.yaml', 'title: t')]), 3, 'x.yaml:1:1: tasks is missing'],
		['too many answers', () => done(['run', file], {answers: answersIn('m.yaml', '[1, 2, 3]')}), 3, 'has 3 answers'],
		[
			'an answer that is a list',
			() => done(['run', file], {answers: answersIn('l.yaml', '- [1]')}),
			3,
			'or keys with values',
		],
		['answers that are none', () => done(['run', file], {answers: answersIn('o.yaml', 'a: 1')}), 3, 'this is a list'],
		['a result that is none', () => done(['replay', file]), 3, 'it is not JSON'],
		['a result without a session', () => done(['replay', answersIn('e.json', '{}')]), 3, 'has no session'],
		['a name with a slash', () => done(['new', '../x']), 2, 'a name has letters'],
		[
			'a machine and a target',
			() => done(['run', file], {target: 'x', era: '3.2'}),
			2,
			'--era describes a fresh machine',
		],
	])('%s', async (_, run, exitCode, sentence) => {
		const outcome = await run();
		expect(outcome.exitCode).toBe(exitCode);
		expect(outcome.stderr).toContain(sentence);
	});
});

test('check lists every place, and --json as records', async () => {
	const bad = answersIn('bad.yaml', 'title: t\ntasks:\n  - question: q\n    poinst: 1\n');
	expect(await done(['check', bad, file])).toMatchObject({
		exitCode: 1,
		stdout: `${bad}:4:5: "poinst" is not known here, did you mean "points"?\n${file}: 2 tasks can be asked\n`,
	});
	expect(JSON.parse((await done(['check', bad], {json: true})).stdout)).toMatchObject([
		{file: bad, problems: [{line: 4, column: 5}]},
	]);
});
