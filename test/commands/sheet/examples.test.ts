import {readdirSync} from 'node:fs';
import {expect, test} from 'vitest';
import {readSheet, readSheetFile} from '../../../source/commands/sheet/read.ts';
import {solve} from '../../../source/commands/sheet/solve.ts';
import {sampleOf} from '../../sample.ts';

const directory = new URL('../../../examples/sheets/', import.meta.url).pathname;
const names = readdirSync(directory).filter(name => name.endsWith('.yaml'));

test.each(names)('%s is a sheet whose tasks have solutions', async name => {
	const {sheet, problems} = await readSheetFile(directory + name);
	expect(problems).toEqual([]);
	expect(sheet?.tasks.filter(({solution, checks}) => checks && !solution)).toEqual([]);
});

test.each(sampleOf(names, 1))('%s: every check fails before the solution and holds after it', async name => {
	const read = await readSheetFile(directory + name);
	expect(await solve(read, read.sheet!, {})).toEqual([]);
});

test('a check that holds anyway, one that does not hold, and a wrong answer are told with their lines', async () => {
	const read = readSheet(
		[
			'title: t',
			'tasks:',
			'  - question: q',
			'    answer: {number: 3}',
			'    checks:',
			'      - {says: anyway, file: /proc/meminfo, field: MemTotal, atLeast: 1 MiB, unit: kB}',
			'      - {says: never, file: /proc/meminfo, field: MemTotal, atMost: 1 MiB, unit: kB}',
			'    solution: {answer: 4}',
			'  - question: q',
			'    checks: [{says: s, experiment: pin-leak}]',
		].join('\n'),
	);
	expect((await solve(read, read.sheet!, {})).map(({line, says}) => `${line}: ${says}`)).toEqual([
		'6: it holds without the solution, too',
		'8: its answer 4 is not right',
		expect.stringMatching(
			/^7: it does not hold with the solution: ✗ never \(\/proc\/meminfo MemTotal: .*, not at most 1024\)$/,
		),
		'9: task 2 has no solution',
	]);
});
