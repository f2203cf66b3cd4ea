/** Held, did not hold, could not run: exit codes 0, 1 and 3 of mmtop run, and the sentences beside them. */
import {expect, test} from 'vitest';
import {experiments} from '../../source/lab/experiments/list.ts';
import {needsHighmem} from '../../source/lab/experiments/steps.ts';
import {isLong} from '../sample.ts';
import {temporaryDirectory} from '../server/support.ts';
import {daemon, mmtop} from './support.ts';

const unfit = '⊘ could not run: this machine has no high memory';

test.each([
	[['user-walk'], 0, /^ {2}✓ the first touch filled the page table$/m],
	[['user-walk', 'touch=0'], 1, /^ {2}✗ nobody touched the page$/m],
	[['kmap-caching', '--machine', '512m'], 3, new RegExp(`^kmap-caching\n {2}${unfit}\n$`)],
	[['kmap-caching', '--mem', '128M'], 3, new RegExp(unfit)],
	[['atomic-twice', '--era', '2.6.32'], 3, /⊘ could not run: this kernel stops with a BUG/],
	[['dad-unmaps-twice', '--era', 'ldd3'], 3, /⊘ could not run: dma-debug came with 2\.6\.30/],
	[['isa-wide', 'channel=4'], 3, /^ {2}⊘ could not run: request_dma\(4\): EBUSY$/m],
	[
		['kmap-starvation', '--mem', '66M', '--highmem', '2M'],
		3,
		/⊘ could not run: zone HighMem has \d+ pages, and \d+ must be free/,
	],
	[['kmap-starvation', 'entries=100', '--mem', '66M', '--highmem', '2M'], 1, /✗ the next caller is a waiter/],
])('run %j exits with %i and says why', async (args, exitCode, says) => {
	const outcome = await mmtop(['run', '--until', '300ms', ...args]);
	expect(outcome).toMatchObject({exitCode, stderr: ''});
	expect(outcome.stdout).toMatch(says);
});

// Memory fills in the test command, too, in this process: test/lab/later.test.ts.
test.runIf(isLong)('the first key of the footer lives on when memory has filled', async () => {
	const {exitCode, stdout} = await mmtop(['run', 'atomic-kmaps', '--until', '45s', '--load', 'busy']);
	expect(stdout).toMatch(/zone HighMem had \d+ free pages and \d+ are needed: pages of the page cache were reclaimed/);
	expect(exitCode).toBe(0);
});

test('--json tells the verdicts apart by status, with the reason, whether it was refused or broke off', async () => {
	const statusOf = async (...args: readonly string[]) => {
		const {exitCode, stdout} = await mmtop(['run', '--json', '--until', '300ms', ...args]);
		return [exitCode, JSON.parse(stdout)];
	};
	expect(await statusOf('user-walk')).toMatchObject([0, {id: 1, status: 'done'}]);
	expect(await statusOf('user-walk', 'touch=0')).toMatchObject([1, {id: 1, status: 'failed'}]);
	const result = 'request_dma(4): EBUSY';
	expect(await statusOf('isa-wide', 'channel=4')).toMatchObject([
		3,
		{id: 1, status: 'could-not-run', result, undecided: result, answer: null},
	]);
	expect(await statusOf('kmap-caching', 'atomic=1', '--machine', '512m')).toMatchObject([
		3,
		{
			id: null,
			name: 'kmap-caching',
			status: 'could-not-run',
			result: 'this machine has no high memory',
			parameters: [{name: 'atomic', value: '1'}],
			observations: [],
		},
	]);
});

test.each([
	['1\n', ['kmap-caching', '--machine', '512m'], 'this machine has no high memory'],
	['2\n', ['kmap-starvation', '--mem', '66M', '--highmem', '2M'], 'zone HighMem has \\d+ pages, and \\d+ must be free'],
])('no prediction is wrong where the machine could not do it: %j to %j', async (answer, args, reason) => {
	const {exitCode, stdout} = await mmtop(['run', '--ask', '--until', '300ms', ...args], {}, answer);
	expect(exitCode).toBe(3);
	expect(stdout).not.toMatch(/[✓✗]/);
	const words = stdout.replace(/\s+/g, ' ');
	expect(words).toMatch(new RegExp(`⊘ predicted ${answer.trim()}\\..* what came this could not be decided: ${reason}`));
	const json = await mmtop(['run', '--ask', '--json', '--until', '300ms', ...args], {}, answer);
	expect(JSON.parse(json.stdout).prediction).toMatchObject({
		predicted: Number(answer),
		came: null,
		undecided: expect.stringMatching(new RegExp(reason)),
	});
});

// The test command has each of them on a machine in its own process: test/lab/experiments.test.ts.
test.runIf(isLong)('run --all: all hold in a second, each on its own machine', {timeout: 240_000}, async () => {
	const {exitCode, stdout, stderr} = await mmtop(['run', '--all', '--until', '1s']);
	expect(stderr).toBe('');
	expect(stdout).toMatch(new RegExp(`\\n${experiments.length} held, 0 did not, 0 could not run\\n$`));
	expect(exitCode).toBe(0);
});

test('run --all counts apart what could not run, names it, and goes on', {timeout: 240_000}, async () => {
	const {exitCode, stdout, stderr} = await mmtop(['run', '--all', '--machine', '512m', '--until', '100ms']);
	// Those of a machine of their own are left to that.
	const tried = experiments.filter(({preset}) => preset === undefined);
	const needHighmem = (name: string, unfit: unknown) => unfit === needsHighmem || name === 'atomic-twice';
	const couldNot = tried.filter(({name, unfit}) => needHighmem(name, unfit)).map(({name}) => name);
	expect(couldNot.length).toBeGreaterThan(5);
	expect(stderr).toBe(`mmtop: these experiments could not run: ${couldNot.join(', ')}\n`);
	const held = tried.length - couldNot.length;
	expect(stdout).toMatch(new RegExp(`\\n${held} held, 0 did not, ${couldNot.length} could not run\\n$`));
	expect(exitCode).toBe(3);
});

test('on a machine that runs, what leaves damage could not run twice, and is refused in a sentence', async () => {
	const env = {XDG_RUNTIME_DIR: await temporaryDirectory()};
	await daemon(['--name', 'lab0'], env);
	expect(await mmtop(['run', '-t', 'lab0', 'pool-leak'], env)).toMatchObject({exitCode: 0});
	const again = await mmtop(['run', '-t', 'lab0', 'pool-leak'], env);
	expect(again).toMatchObject({exitCode: 3, stderr: ''});
	expect(again.stdout).toContain('⊘ could not run: it leaves damage behind, so it needs a fresh machine');
});

test('--help says the exit codes', async () => {
	const {stdout} = await mmtop(['--help']);
	expect(stdout).toMatch(/exit 0: its claim held, 1: it did not hold, 3: it could not run/);
	expect(stdout).toMatch(
		/Exit code 0: done; 1: what was asked for failed; 2: usage;\s3: the machine could not run an experiment\./,
	);
});
