/** mmtop run --compare: which machines are meant, what differs, what is expected, and how it is laid out. */
import {describe, expect, test} from 'vitest';
import {type ComparedRun, comparedExitCode, isAsSaid, saidOf} from '../../source/commands/compareRows.ts';
import {type Comparison, comparisonText} from '../../source/commands/compareText.ts';
import {parseMachineWords} from '../../source/commands/compareWords.ts';
import type {Flags} from '../../source/commands/flags.ts';
import type {Outcome} from '../../source/commands/injection.ts';
import type {ExperimentRecord} from '../../source/formats/debugfs/lab/experiments.ts';
import type {ObservationRecord} from '../../source/formats/debugfs/lab/inject.ts';
import {experimentRecord} from '../../source/lab/experimentRecord.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {compareObservations} from '../../source/model/compareObservations.ts';
import {textWidth} from '../../source/ui/terminal/width.ts';
import {mmtop} from './support.ts';

describe('machines are named by era, preset or both', () => {
	test.each([
		['ldd3,6.18', [{era: 'ldd3'}, {era: '6.18'}]],
		['lab, bounce', [{machine: 'lab'}, {machine: 'bounce'}]],
		['3.2/bounce,bounce/6.1,pae', [{era: '3.2', machine: 'bounce'}, {era: '6.1', machine: 'bounce'}, {machine: 'pae'}]],
		['ldd3,2.6.32,3.2,5.10,6.1,6.18', ['ldd3', '2.6.32', '3.2', '5.10', '6.1', '6.18'].map(era => ({era}))],
	])('%s', (text, meant) => {
		expect(parseMachineWords(text, {}).map(({word: _, ...each}) => each)).toEqual(meant);
	});

	test.each<[string, Flags, RegExp]>([
		['ldd3', {}, /^--compare takes 2 to 6 machines, as ldd3,6\.18; got 1$/],
		['ldd3,2.6.32,3.2,5.10,6.1,6.18,pae', {}, /^--compare takes 2 to 6 machines.*got 7$/],
		['ldd3,6.81', {}, /^"6\.81" is not a machine to compare, did you mean "6\.1"\?$/],
		['ldd3,zzzzzz', {}, /^"zzzzzz" is not a machine to compare; eras are ldd3, .*6\.18, machines lab, .*pae$/],
		['ldd3,', {}, /^"" is not a machine to compare; eras are/],
		['ldd3,3.2/6.1', {}, /^"3\.2\/6\.1" is not a machine to compare: one era and one preset, as 3\.2\/bounce$/],
		['ldd3,lab', {}, /^ldd3 and lab are one: machines to compare must differ$/],
		['6.1,pae,6.1', {}, /^6\.1 is there twice: machines to compare must differ$/],
		['ldd3,6.18', {era: '3.2'}, /^--era is for all machines that are compared, and ldd3 has one of its own$/],
		['6.1,lab/3.2', {machine: 'pae'}, /^--machine is for all machines that are compared, and lab\/3\.2 has one/],
	])('%s with %j is refused', (text, flags, sentence) => {
		expect(() => parseMachineWords(text, flags)).toThrow(sentence);
	});

	test('a flag says the rest of all', () => {
		expect(parseMachineWords('lab,bounce', {era: '3.2'})).toHaveLength(2);
	});
});

const observed = (sentence: string, seen: string, state: ObservationRecord['state'] = 'held'): ObservationRecord => ({
	...{state, sentence, timeUs: 0, file: null, field: null, seen},
	expected: state === 'failed' ? 'another' : seen,
});

const outcome = (observations: readonly ObservationRecord[], more: Partial<Outcome> = {}): Outcome => ({
	...{id: 1, name: 'x', timeUs: 0, by: 'test', pids: [], answer: null, narration: [], states: [], parameters: []},
	...{status: observations.some(({state}) => state === 'failed') ? 'failed' : 'done', result: 'it ended', observations},
	...more,
});

const refused = outcome([], {id: null, status: 'could-not-run', result: 'no room'});

describe('observations stand side by side', () => {
	const states = (outcomes: readonly Outcome[]) =>
		compareObservations(outcomes).map(({sentence, cells, differs}) => [
			sentence,
			cells.map(({state}) => state),
			differs,
		]);

	test('a row a sentence, in the order of each run', () => {
		const a = outcome([observed('first', '1'), observed('only here', '2'), observed('last', '3')]);
		const b = outcome([observed('first', '1'), observed('only there', '2'), observed('last', '4')]);
		expect(states([a, b])).toEqual([
			['first', ['held', 'held'], null],
			['only there', ['not made', 'held'], 'outcome'],
			['only here', ['held', 'not made'], 'outcome'],
			['last', ['held', 'held'], 'seen'],
		]);
	});

	test('a sentence that comes again is another observation', () => {
		const a = outcome([observed('again', '1'), observed('again', '2')]);
		expect(states([a, outcome([observed('again', '1')])])).toEqual([
			['again', ['held', 'held'], null],
			['again', ['held', 'not made'], 'outcome'],
		]);
	});

	test('a machine that could not run has neither held nor failed', () => {
		const failed = outcome([observed('first', '1', 'failed')]);
		expect(states([failed, refused])).toEqual([['first', ['failed', 'could not run'], 'outcome']]);
	});
});

const recordOf = (name: string): ExperimentRecord => experimentRecord(experiments.find(each => each.name === name)!);
const held = outcome([observed('it', '1')]);
const failed = outcome([observed('it', '1', 'failed')]);

describe('what an experiment says of a machine', () => {
	test.each<[string, string, string, string[], ReturnType<typeof saidOf>]>([
		['mremap-growth', 'ldd3', 'lab', [], 'holds'],
		['mremap-growth', '6.18', 'lab', ['grow=2'], 'holds'],
		['mremap-growth', 'ldd3', 'lab', ['handler=1'], 'control'],
		['mremap-growth', '6.18', 'lab', ['handler=1'], 'nothing'],
		['pool-order', 'ldd3', 'lab', [], 'control'],
		['faultless-ops', 'ldd3', 'lab', [], 'holds'],
		['faultless-ops', '2.6.32', 'lab', [], 'control'],
		['faultless-ops', '5.10', 'lab', [], 'other kernel'],
		['bounce-ownership', 'ldd3', 'bounce', [], 'holds'],
		['bounce-ownership', 'ldd3', '512m', [], 'nothing'],
	])('%s on %s/%s with %j: %s', (name, era, machine, pairs, said) => {
		expect(saidOf(recordOf(name), {era, machine}, pairs)).toBe(said);
	});

	const run = (era: string, came: Outcome): ComparedRun => ({word: era, era, machine: 'lab', outcome: came});

	test.each<[ComparedRun, ComparedRun, number]>([
		[run('ldd3', held), run('5.10', failed), 0],
		[run('ldd3', held), run('5.10', refused), 0],
		[run('ldd3', held), run('2.6.32', failed), 0],
		[run('ldd3', held), run('2.6.32', refused), 3],
		[run('ldd3', held), run('2.6.32', held), 1],
		[run('ldd3', held), run('5.10', held), 1],
		[run('ldd3', failed), run('5.10', failed), 1],
		[run('ldd3', refused), run('5.10', failed), 3],
		[run('ldd3', refused), run('5.10', held), 1],
	])('the exit code: %#', (one, other, code) => {
		const experiment = recordOf('faultless-ops');
		expect(comparedExitCode(experiment, [one, other], [])).toBe(code);
		expect([one, other].every(each => isAsSaid(experiment, each, []))).toBe(code === 0);
	});
});

describe('as text', () => {
	const runs: readonly ComparedRun[] = [
		{word: 'ldd3', era: 'ldd3', machine: 'lab', outcome: outcome([observed('the area is eight pages long', '32768')])},
		{
			...{word: '6.18', era: '6.18', machine: 'lab'},
			outcome: outcome([observed('the area is eight pages long', '16384', 'failed'), observed('all', 'well')]),
		},
	];
	const comparison: Comparison = {
		...{experiment: recordOf('mremap-growth'), pairs: [], seed: 1, runs},
		rows: compareObservations(runs.map(each => each.outcome)),
	};

	test('a pipe gets a table whose lines are not broken', () => {
		const lines = comparisonText(comparison, undefined).split('\n');
		expect(lines[1]).toBe('  each on a fresh machine of preset lab, seed 1');
		expect(lines[2]).toMatch(/^ +ldd3 +6\.18$/);
		expect(lines[3]).toMatch(/^≠ the area is eight pages long +✓ 32768 +✗ 16384, not another$/);
		expect(lines[4]).toMatch(/^≠ all +- +✓ well$/);
		expect(lines[6]).toMatch(/^ {2}6\.18 {2}✗ it ended \(not expected: the claim is about this machine\)$/);
		expect(lines[7]).toMatch(/^ {2}said of 6\.18: mremap\(\) answers EFAULT: an area .* may not grow\.$/);
		expect(lines.at(-2)).toBe('  of 2 observations 2 come out differently (≠); - is one that was not made there');
	});

	test('a control that could not run has not failed as it must', () => {
		const [, other] = runs;
		const control: ComparedRun = {...other!, era: '2.6.32', word: '2.6.32', outcome: refused};
		const text = comparisonText(
			{...comparison, experiment: recordOf('faultless-ops'), runs: [runs[0]!, control], rows: []},
			undefined,
		);
		expect(text).toContain('⊘ could not run: no room (not expected: it is the control, where the claim must fail)');
	});

	test.each([200, 80, 62, 60, 44, 40, 30])('%i columns are enough, and nothing is lost', columns => {
		const text = comparisonText(comparison, columns);
		expect(Math.max(...text.split('\n').map(textWidth))).toBeLessThanOrEqual(columns);
		const words = text.replace(/\s+/g, ' ');
		for (const each of ['eight pages', '32768', '16384,', 'another', 'well', 'not grow.'])
			expect(words).toContain(each);
	});

	test('where a table has no room machines stand under the observation', () => {
		expect(comparisonText(comparison, 40)).toMatch(
			/\n≠ the area is eight pages long\n {4}ldd3 {2}✓ 32768\n {4}6\.18 {2}✗ 16384, not another\n/,
		);
	});

	test('where all agree nothing is marked, and no value said', () => {
		const same = {...runs[0]!, word: '3.2', era: '3.2'};
		const rows = compareObservations([runs[0]!.outcome, same.outcome]);
		const text = comparisonText({...comparison, runs: [runs[0]!, same], rows}, undefined);
		expect(text).toMatch(/\n {2}the area is eight pages long +✓ +✓\n/);
		expect(text).toContain('of 1 observation none differs\n');
		expect(comparisonText({...comparison, runs: [runs[0]!, same], rows}, undefined, true)).not.toContain('eight');
	});
});

describe('the program', () => {
	const quick = ['--load', 'quiet', '--until', '300ms'];

	test('runs the experiment on each and prints a table, or a record', async () => {
		const {exitCode, stdout, stderr} = await mmtop(['run', 'mremap-growth', '--compare', 'ldd3,6.18', ...quick]);
		expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
		expect(stdout).toMatch(/^mremap-growth pages=4 grow=4 handler=0\n/);
		expect(stdout).toMatch(/^≠ mremap\(\) answers EFAULT +- +✓ -EFAULT$/m);
		const json = await mmtop(['run', 'kmap-caching', '--compare', 'lab,512m', '--json', ...quick]);
		expect(json.exitCode, 'it could not run where its claim is made').toBe(3);
		expect(JSON.parse(json.stdout)).toMatchObject({
			experiment: 'kmap-caching',
			machines: [
				{name: 'lab', era: 'ldd3', machine: 'lab', verdict: 'held', asSaid: true, injection: {status: 'done'}},
				{name: '512m', machine: '512m', verdict: 'could not run', asSaid: false, injection: {id: null}},
			],
		});
	});

	test.each([
		[['run', 'mremap-growth', '--compare', 'ldd3'], /^mmtop: --compare takes 2 to 6 machines/],
		[['run', 'mremap-grwth', '--compare', 'ldd3,6.1'], /^mmtop: no experiment "mremap-grwth", did you mean/],
		[['run', 'mremap-growth', 'grow=0', '--compare', 'ldd3,6.1'], /^mmtop: grow must be 1\.\.1024, got "0"$/m],
		[['run', '--list', '--compare', 'ldd3,6.1'], /^mmtop: --compare runs experiments and takes no --list$/m],
		[['run', 'fork-pin', '--ask', '--compare', 'ldd3,6.1'], /^mmtop: --ask is for one machine/],
		[['run', 'fork-pin', '-t', 'lab0', '--compare', 'ldd3,6.1'], /^mmtop: --compare builds fresh machines/],
	])('refuses %j in one sentence', async (args, sentence) => {
		const {exitCode, stdout, stderr} = await mmtop(args);
		expect(stderr).toMatch(sentence);
		expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
	});
});
