/** The story of a program or a module of one's own: who it is, what it prints, how it ends. */
import {expect, test} from 'vitest';
import {parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import type {Injection} from '../../source/lab/injections.ts';
import {outputTeller, toldTo} from '../../source/lab/ownStory.ts';
import {fixture, kmsg, labDirectory, newLab, upload} from './modules.ts';
import {injections, untilEnded} from './support.ts';

const lab = newLab('6.1');

function tell(to: 'exec' | 'insmod', name: string, bytes: Uint8Array, words: string): string {
	const number = upload(lab, to, name, bytes);
	return lab.write(`${labDirectory}/${to}`, `tell ${number} ${words}`, 'ann');
}

const ended = (answer: string) => untilEnded(lab, [Number(answer.split(' ')[0])])[0]!;

test('a program: its command line, its output line by line, its exit status, its process', () => {
	const answer = tell('exec', 'talk', fixture('programs/talk'), '["a", "b"]');
	const story = ended(answer);
	const program = parseExec(lab.read(`${labDirectory}/exec`) as string).programs.find(
		({id}) => id === Number(answer.split(' ')[1]),
	)!;
	expect(story).toMatchObject({name: './talk', by: 'ann', pids: [program.pid], observations: [], states: []});
	const printed = Buffer.from(lab.read(`${labDirectory}/exec/${program.id}`) as Uint8Array).toString();
	const lines = printed.split('\n').slice(0, -1);
	expect(lines.length).toBeGreaterThan(0);
	expect(story.narration.map(({text}) => text)).toEqual(['./talk a b', ...lines]);
	expect(story.result).toBe(`it exited with ${program.code}`);
	expect(story.status).toBe(program.code === 0 ? 'done' : 'failed');
});

test('one that a signal ends, and one that cannot be loaded', () => {
	const answer = tell('exec', 'float', fixture('programs/float'), '');
	expect(ended(answer)).toMatchObject({
		status: 'failed',
		result: expect.stringMatching(/^it was killed by signal \d+/),
	});
	const before = injections(lab).length;
	expect(() => tell('exec', 'text', Buffer.from('int x;'), '')).toThrow(/ENOEXEC: text cannot be run/);
	expect(injections(lab)).toHaveLength(before);
});

test('a module: what its init says is in the log meanwhile, and the story says whether it is loaded', () => {
	const story = ended(tell('insmod', 'echo.ko', fixture('modules/echo.6.1.o'), 'greeting=ann'));
	expect(story).toMatchObject({name: './echo.ko', status: 'done', result: 'it is loaded'});
	expect(story.narration.map(({text}) => text)).toEqual(['./echo.ko greeting=ann']);
	expect(kmsg(lab)).toContain('echo');
	expect(ended(tell('insmod', 'echo.ko', fixture('modules/echo.6.1.o'), ''))).toMatchObject({
		status: 'failed',
		result: 'it could not be loaded: EEXIST',
	});
	expect(lab.read('/proc/modules')).toMatch(/^echo /);
});

test('the last line needs no newline, a cut one says so, and what a child prints behind the end is not told', () => {
	const story = {status: 'running', result: '', narration: []} as unknown as Injection;
	const {take, end} = outputTeller({hw: {timeline: {nowNs: 5}}} as Kernel, story);
	const print = (text: string) => take(Buffer.from(text, 'latin1'));
	const body = (function* () {
		print(`${'a'.repeat(200)}\n${'b'.repeat(201)}\n`);
		print('last');
		return 0;
	})();
	for (const _ of toldTo(story, body, () => [true, 'well'], end));
	print('later\n');
	expect(story.narration.map(({text}) => text)).toEqual(['a'.repeat(200), `${'b'.repeat(199)}…`, 'last']);
	expect(story).toMatchObject({status: 'done', result: 'well'});
});
