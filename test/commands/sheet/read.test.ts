import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {readSheet} from '../../../source/commands/sheet/read.ts';
import {publishedSchema} from '../../../source/commands/sheet/schema.ts';
import {skeletonOf} from '../../../source/commands/sheet/skeleton.ts';

/** A sheet with one task, of which some lines are replaced. */
const sheetWith = (...lines: readonly string[]) => ['title: t', 'tasks:', ...lines].join('\n');

/** What is wrong, each as `line:column: sentence`. */
const wrong = (text: string) => readSheet(text).problems.map(({line, column, says}) => `${line}:${column}: ${says}`);

const task = (...lines: readonly string[]) => sheetWith('  - question: q', ...lines.map(line => `    ${line}`));

test('the published schema is that by which sheets are checked', () => {
	const published = readFileSync(new URL('../../../examples/sheets/sheet.schema.json', import.meta.url), 'utf8');
	expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(publishedSchema)));
});

test('what "sheet new" makes is a sheet', () => {
	const {sheet, problems} = readSheet(skeletonOf('mine'));
	expect(problems).toEqual([]);
	expect(sheet).toMatchObject({title: 'mine', tasks: [{points: 2}, {answer: {unit: 'kB'}}]});
});

describe('an error has its place and a sentence', () => {
	test.each<[string, string, string]>([
		['no YAML', 'title: [', '1:9: '],
		['a key twice', 'title: a\ntitle: b\ntasks: []', '2:1: '],
		['nothing at all', '', '1:1: this is keys with values, got nothing'],
		['a list', '- a', '1:1: this is keys with values, got a list'],
		['no tasks', 'title: t', '1:1: tasks is missing'],
		['an empty list', 'title: t\ntasks: []', '2:8: tasks has at least 1, got 0'],
		['a key that is not known', task('answer: {number: 1}', 'pionts: 2'), '5:5: "pionts" is not known here'],
		['another kind of value', task('answer: {number: 1}', 'points: many'), '5:13: points is a number, got "many"'],
		['a value below its least', task('answer: {number: 1}', 'tries: 0'), '5:12: tries is 1..100, got 0'],
		['a task that asks nothing', task(), '3:5: a task needs an answer, or checks, or both'],
		[
			'an answer without its key',
			task('answer: {right: 1}'),
			'4:13: answer is keys with one of choices, words, number, file',
		],
		[
			'a right one that is not there',
			task('answer: {choices: [a, b], right: 3}'),
			'4:38: right is the number of a choice, 1..2; got 3',
		],
		['a number that is none', task('answer: {number: four}'), '4:22: number is a number, as 16'],
		['an era that is not there', `machine: {era: 2.4}\n${task('answer: {number: 1}')}`, '1:16: era is a text, got 2.4'],
		[
			'an experiment that is not there',
			task('checks:', '  - {says: s, experiment: fork-pni}'),
			'did you mean "fork-pin"?',
		],
		[
			'a parameter out of range',
			task('checks: [{says: s, experiment: aio-burst, given: {requests: 0}}]'),
			'requests must be',
		],
		[
			'a file without a format',
			task('checks: [{says: s, file: /data, field: x, equals: 1}]'),
			'/data has no documented format',
		],
		[
			'a field that is none',
			task('checks: [{says: s, file: /proc/meminfo, field: "..", equals: 1}]'),
			'a field is written as',
		],
		['no comparison', task('checks: [{says: s, file: /proc/meminfo, field: MemFree}]'), 'it needs one of equals'],
		[
			'two comparisons',
			task('checks: [{says: s, file: /proc/meminfo, field: MemFree, atLeast: 1, atMost: 2}]'),
			'got atLeast and atMost',
		],
		[
			'an act on a sheet’s experiment that it has not',
			task('answer: {number: 1}', 'solution: {acts: [{do: x}]}'),
			'this sheet has no experiment x; it has none',
		],
		[
			'a wait that is no time',
			`setup: [{wait: soon}]\n${task('answer: {number: 1}')}`,
			'1:16: wait is a time of the machine',
		],
		[
			'a call that there is not',
			`experiments: {a: {steps: ["mmpa(0)"]}}\n${task('answer: {number: 1}')}`,
			'1:27: there is no call mmpa',
		],
		[
			'a built-in name',
			`experiments: {fork-pin: {steps: ["1"]}}\n${task('answer: {number: 1}')}`,
			'1:15: fork-pin is built in',
		],
		['a reference to itself', 'title: &a [*a]\ntasks: []', '1:'],
	])('%s', (_, text, sentence) => {
		const [first = 'nothing is wrong'] = wrong(text);
		expect(first).toContain(sentence);
		expect(first).toMatch(/^\d+:\d+: \S/);
		expect(readSheet(text).sheet).toBeUndefined();
	});

	test('and all of them are told, in their order', () => {
		expect(wrong(task('answer: {number: 1}', 'points: many', 'tires: 1')).map(each => each.split(':')[0])).toEqual([
			'5',
			'6',
		]);
	});
});

test('aliases that would grow without end are refused', () => {
	const lines = Array.from(
		{length: 12},
		(_, i) =>
			`a${i}: &a${i} [${Array(9)
				.fill(i === 0 ? 'x' : `*a${i - 1}`)
				.join(', ')}]`,
	);
	expect(wrong(lines.join('\n'))[0]).toMatch(/alias/i);
});

describe('what would take the parser minutes, or end the process, is refused at once', () => {
	test.each<[string, string, string]>([
		['brackets in brackets', `title: ${'['.repeat(33)}`, '1:40: this is nested too deep'],
		['and very many of them', `title: ${'[{a: '.repeat(20_000)}`, '1:88: this is nested too deep'],
		['lists in lists', '- '.repeat(50_000), '1:103: this is nested too deep'],
		['keys in keys', '? '.repeat(50_000), '1:103: this is nested too deep'],
		['lines that stand far to the right', `a:\n${' '.repeat(101)}b: c`, '2:102: this is nested too deep'],
		['very many quotes', '"'.repeat(1_000), '1:3: Unexpected double-quoted-scalar at node end'],
		['a key that is a list', 'title: t\n? [a]\n: b', '2:3: a key is a word'],
	])('%s', (_, text, sentence) => expect(wrong(text)[0]).toBe(sentence));

	test('what is less deep is not, and brackets in a text are none', () => {
		const deepest = `title: ${'['.repeat(32)}${']'.repeat(32)}`;
		expect(wrong(deepest)[0]).toContain('title is a text');
		expect(wrong(`a:\n${' '.repeat(100)}b: c`)[0]).toContain('"a" is not known here');
		const brackets = '['.repeat(40);
		for (const text of [`"${brackets}"`, `a ${brackets}`, `|\n      ${'- '.repeat(60)}${brackets}`])
			expect(wrong(task('answer: {number: 1}', `do: ${text}`))).toEqual([]);
	});

	test('of very many wrong keys the first twenty are told', () => {
		const keys = Array.from({length: 300}, (_, index) => `k${index}: 1`);
		expect(wrong(['title: t', ...keys].join('\n'))).toHaveLength(20);
	});
});

test('a wait of the sheet is at most two minutes of the machine’s time', () => {
	const waiting = (wait: string) => wrong(`setup: [{wait: ${wait}}]\n${task('answer: {number: 1}')}`);
	expect(waiting('120s')).toEqual([]);
	expect(waiting('120.1s')).toEqual(['1:16: wait is at most 120s, got 120.1s']);
});
