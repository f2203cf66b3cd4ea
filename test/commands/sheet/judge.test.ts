import {describe, expect, test} from 'vitest';
import {isRight, judge, rightAnswer} from '../../../source/commands/sheet/judge.ts';
import type {SheetAnswer, SheetCheck} from '../../../source/commands/sheet/schema.ts';
import {formatInject, type InjectionRecord} from '../../../source/formats/debugfs/lab/inject.ts';
import {files} from '../../../source/formats/files.ts';
import type {Target} from '../../../source/target/target.ts';

const aioNr = files.aioNr.path;

/** A target that has these files, and no process but 7, which is named reader. */
function targetWith(texts: Readonly<Record<string, string>>): Target {
	const all: Readonly<Record<string, string>> = {'/proc/7/comm': 'reader\n', ...texts};
	const target: Pick<Target, 'read' | 'list'> = {
		list: async () => ['7/', 'meminfo'],
		read: async path => all[path] ?? Promise.reject(Object.assign(new Error(`no file ${path}`), {code: 'ENOENT'})),
	};
	return target as Target;
}

const run = (id: number, status: InjectionRecord['status'], pages: number): InjectionRecord => ({
	id,
	name: 'direct-read',
	timeUs: id,
	status,
	by: 'test',
	parameters: [{name: 'pages', value: String(pages)}],
	pids: [],
	result: status === 'running' ? null : `came to ${status}`,
	answer: null,
	narration: [],
	states: [],
	observations: [
		{state: 'held', sentence: 'the first holds', timeUs: 0, file: null, field: null, expected: '1', seen: '1'},
		{
			state: status === 'done' ? 'held' : 'failed',
			sentence: 'the second may not',
			timeUs: 0,
			file: null,
			field: null,
			expected: '1',
			seen: '2',
		},
	],
});

/** Whether a check holds after these runs, and what was seen. */
async function judged(check: SheetCheck, runs: readonly InjectionRecord[], sinceId = 0) {
	const target = targetWith({[files.inject.path]: formatInject({injections: runs})});
	const [one] = await judge(target, {checks: [check]}, sinceId);
	return [one!.held, one!.seen];
}

describe('of an experiment', () => {
	const check = {says: 's', experiment: 'direct-read'};
	const given = {...check, given: {pages: 2}};

	test('runs count that came after the task was asked', async () => {
		expect(await judged(check, [run(4, 'done', 2)], 3)).toEqual([true, 'came to done']);
		expect(await judged(check, [run(4, 'done', 2)], 4)).toEqual([false, 'none in this task']);
	});

	test('the last run decides, once it is over', async () => {
		expect(await judged(check, [run(1, 'failed', 2), run(2, 'done', 2)])).toEqual([true, 'came to done']);
		expect(await judged(check, [run(1, 'done', 2), run(2, 'failed', 2)])).toEqual([false, 'came to failed']);
		expect(await judged(check, [run(1, 'done', 2), run(2, 'running', 2)])).toEqual([false, 'it still runs']);
	});

	test('runs with other parameters, and of other experiments, do not count', async () => {
		expect(await judged(given, [run(1, 'done', 2), run(2, 'failed', 3)])).toEqual([true, 'came to done']);
		expect(await judged(given, [run(1, 'done', 3)])).toEqual([false, 'none in this task']);
		expect(await judged({...check, experiment: 'fork-pin'}, [run(1, 'done', 2)])).toEqual([false, 'none in this task']);
	});

	test('one observation is picked by how it begins', async () => {
		const picked = (observed: string) => judged({...check, observed}, [run(1, 'failed', 2)]);
		expect(await picked('the first')).toEqual([true, '1']);
		expect(await picked('the second')).toEqual([false, '2']);
		expect(await picked('second')).toEqual([false, 'came to failed']);
	});
});

test('a field is compared in its unit, and a file that cannot be read does not hold', async () => {
	const target = targetWith({[aioNr]: '8\n'});
	const place = {says: 's', file: aioNr, field: 'value', unit: 'kB'};
	const checks = [
		{...place, equals: '2 pages'},
		{...place, equals: '3 pages'},
		{...place, file: '/proc/{pid of reader}/comm', field: 'comm', equals: 'reader'},
		{...place, file: '/proc/{pid of writer}/comm', field: 'comm', not: 'reader'},
	];
	const all = await judge(target, {checks}, 0);
	expect(all.map(({held}) => held)).toEqual([true, false, true, false]);
	expect(all.map(({file}) => file)).toEqual([aioNr, aioNr, '/proc/7/comm', '/proc/no-process-writer/comm']);
});

describe('an answer', () => {
	const target = targetWith({[aioNr]: '8\n'});

	test.each<[string, SheetAnswer, Readonly<Record<string, boolean | undefined>>]>([
		['a choice', {choices: ['a', 'b'], right: 2}, {2: true, 1: false, 3: undefined, b: undefined}],
		['words in any case', {words: ['EFAULT', '-EFAULT']}, {efault: true, '-Efault': true, EFAUL: false}],
		['a number in its unit', {number: '4 pages', unit: 'kB'}, {16: true, '16 KiB': true, '4 pages': true, 4: false}],
		['within what is right as well', {number: 10, within: 2}, {8: true, 12: true, 7.9: false, 12.1: false}],
		['not a number', {number: 10}, {ten: undefined}],
		['what a file shows', {file: aioNr, field: 'value'}, {8: true, 9: false, eight: undefined}],
		['a word that a file shows', {file: '/proc/{pid of reader}/comm', field: 'comm'}, {Reader: true, writer: false}],
		['what is not there', {file: '/proc/{pid of writer}/comm', field: 'comm'}, {'': false}],
	])('%s', async (_, answer, said) => {
		for (const [text, right] of Object.entries(said))
			expect([text, await isRight(target, answer, text)]).toEqual([text, right]);
	});

	test('that is right is right as it is typed', async () => {
		const answers: readonly SheetAnswer[] = [
			{choices: ['a', 'b'], right: 2},
			{words: ['EFAULT']},
			{number: '4 pages', unit: 'kB'},
			{file: aioNr, field: 'value'},
		];
		for (const answer of answers) expect(await isRight(target, answer, await rightAnswer(target, answer))).toBe(true);
	});
});
