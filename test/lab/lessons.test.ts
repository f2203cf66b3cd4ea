/** What lessons say beside their runs: it is short, it can be found, and what it tells one to run next can be run. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {refusedPair} from '../../source/formats/debugfs/lab/experiments.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {experimentRecord} from '../../source/lab/experimentRecord.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {placeInBook} from '../../source/lab/lessons/book.ts';
import {mostLines, quote} from '../../source/lab/lessons/code.ts';
import {diagram, diagramNames} from '../../source/lab/lessons/diagrams.ts';
import {presets} from '../../source/lab/presets.ts';

const lessons = experiments.map(({name, lesson}) => ({name, ...lesson.background}));
const textOf = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

/** Brackets that are opened and not closed: below zero where the brace of the whole is the last line of a part. */
const open = (lines: readonly string[]): number =>
	[...lines.join('')].reduce((sum, char) => sum + (/[([{]/.test(char) ? 1 : /[)\]}]/.test(char) ? -1 : 0), 0);

test.each(lessons)('$name says why in two to five sentences, and quotes lines that are there', ({why, code}) => {
	const sentences = why.match(/[.!?](?= |$)/g) ?? [];
	expect(sentences.length, why).toBeGreaterThanOrEqual(2);
	expect(sentences.length, why).toBeLessThanOrEqual(5);
	expect(code.length).toBeGreaterThan(0);
	for (const place of code) {
		const lines = quote(place, textOf(place.file));
		expect(Array.isArray(lines), `${place.file}: ${lines}`).toBe(true);
		expect(lines.length).toBeLessThanOrEqual(mostLines);
		expect(open(lines as readonly string[]), `${place.name} is cut inside a bracket`).toBeLessThanOrEqual(0);
	}
});

test('sections of the book are named with pages of chapter 15, in its order', () => {
	const places = lessons.flatMap(({read}) => read.flatMap(line => placeInBook(line) ?? []));
	expect(places.length).toBeGreaterThan(lessons.length / 2);
	const inOrder = places.toSorted((a, b) => a.section - b.section || a.page - b.page);
	expect(inOrder.map(({page}) => page)).toEqual(inOrder.map(({page}) => page).toSorted((a, b) => a - b));
	expect(inOrder[0]!.page).toBeGreaterThanOrEqual(412);
	expect(inOrder.at(-1)!.page).toBeLessThanOrEqual(459);
});

test.each(diagramNames)('the picture of %s fits into 12 rows of 72 columns of ASCII, and a lesson shows it', name => {
	expect(lessons.some(each => each.diagram === name)).toBe(true);
	expect(diagram(name).length).toBeLessThanOrEqual(12);
	for (const row of diagram(name)) expect(row).toMatch(/^[ -~]{0,72}$/);
});

test.each(lessons)('what $name says to run next can be typed, and is another run', ({name, next}) => {
	const [other = '', ...words] = next.run.split(' ');
	const experiment = experiments.find(each => each.name === other);
	expect(experiment, other).toBeDefined();
	const record = experimentRecord(experiment!);
	for (let at = 0; at < words.length; at++) {
		if (words[at] === '--era') expect(ERA_NAMES).toContain(words[++at]);
		else if (words[at] === '--machine') expect(Object.keys(presets)).toContain(words[++at]);
		else expect(refusedPair(record, words[at]!)).toBeUndefined();
	}
	expect(next.run).not.toBe(name);
	expect(next.ask).toMatch(/\?$/);
});

describe('lines are found by the name of what they are in', () => {
	const source = [
		'/** Adds. */',
		'export function add(',
		'\ta: number,',
		'): number {',
		'\tif (a) {',
		'\t\treturn 1;',
		'\t}',
		'\treturn a;',
		'}',
		'const one = 1;',
		'const long = (',
		'\ta: number,',
		') =>',
		'\ta;',
		'',
		'const made = {',
		"\tname: 'made',",
		'\t*method(k) {',
		'\t\tyield;',
		'\t},',
		'};',
	].join('\n');
	const lines = (name: string, from?: string, count?: number) =>
		quote({file: '', name, ...(from && {from}), ...(count && {lines: count})}, source);

	test('a function to its brace, a constant to its end, a method without its indent', () => {
		expect(lines('add')).toHaveLength(8);
		expect(lines('one')).toEqual(['const one = 1;']);
		expect(lines('long')).toEqual(['const long = (', '  a: number,', ') =>', '  a;']);
		expect(lines('made')).toHaveLength(6);
		expect(lines('method')).toEqual(['*method(k) {', '  yield;', '},']);
	});

	test('a part from words on', () => {
		expect(lines('add', 'if (a)', 3)).toEqual(['if (a) {', '  return 1;', '}']);
		expect(lines('add', 'return a')).toEqual(['  return a;', '}']);
	});

	test('what cannot be shown is said', () => {
		expect(lines('sub')).toBe('sub is not there');
		expect(lines('add', 'nowhere')).toBe('no line of add has “nowhere”');
		expect(lines('add', 'return')).toBe('several lines of add have “return”');
		expect(lines('add', 'return a', 3)).toBe('add has only 2 lines from there');
		const many = ['function f() {', ...Array.from({length: mostLines - 1}, () => '\tg();'), '}'];
		expect(quote({file: '', name: 'f'}, many.join('\n'))).toBe('f has 16 lines, 15 may be shown');
		expect(quote({file: '', name: 'f'}, many.toSpliced(1, 1).join('\n'))).toHaveLength(mostLines);
	});
});
