import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import {parseInject} from '../formats/debugfs/lab/inject.ts';
import {files} from '../formats/files.ts';
import {didYouMean} from '../formats/nearest.ts';
import {commandLineOf, injectFromCommandLine, machineFor, offered, onBench} from './bench.ts';
import {type CommandContext, print, printJsonLine} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {type GridRun, gridOf} from './grid.ts';
import {
	exitCodes,
	type OpenDrivenTarget,
	type Outcome,
	observationText,
	readText,
	TookTooLong,
	type Verdict,
	verdictOf,
} from './injection.ts';
import {type JunitRun, thenJunit} from './junit.ts';
import {progressOn} from './progress.ts';
import {stopSignal} from './stopSignal.ts';

/** `mmtop run NAME … --sweep KEY=A..B --seeds A..B --shard I/N`: many runs, each on a fresh machine, a line each. */

/** @throws UsageError, before anything runs, for flags and values that are no grid */
export async function runSweep(context: CommandContext, name: string, pairs: readonly string[]): Promise<number> {
	const {flags, stdout} = context;
	if (flags.target !== undefined) throw new UsageError('a sweep builds fresh machines and takes no --target');
	if (flags.ask) throw new UsageError('--ask is for one run; leave --sweep, --seeds and --shard out');
	if (flags.report !== undefined)
		throw new UsageError('--report is for one run; leave --sweep, --seeds and --shard out');

	const experiment = await experimentNamed(context, name);
	const grid = gridOf(experiment, pairs, flags);
	const progress = progressOn(context);
	const counts: Record<Verdict, number> = {held: 0, 'did not hold': 0, 'could not run': 0};
	const kept: JunitRun[] = [];
	const stop = stopSignal();
	let done = 0;
	const runEach = async () => {
		for (const run of grid.runs()) {
			// A signal is heard when the event loop turns.
			await new Promise(resolve => setImmediate(resolve));
			if (stop.signal.aborted) throw new Failure([`stopped after ${done} of ${grid.count} runs`]);

			await progress.say(`${++done} of ${grid.count}: ${[name, ...run.pairs].join(' ')}${seedWords(run)}`);
			const {outcome, command} = await runOf(context, experiment, run);
			counts[verdictOf(outcome)]++;
			if (flags.junit !== undefined) kept.push({outcome, command});
			await progress.end();
			if (flags.json) await printJsonLine(stdout, lineOf(run, outcome, command));
			else await print(stdout, textOf(run, outcome));
		}
	};
	try {
		await thenJunit(flags.junit, kept, runEach);
	} finally {
		stop.release();
		await progress.end().catch(() => {});
	}

	if (!flags.json) {
		const {held, 'did not hold': failed, 'could not run': unable} = counts;
		await print(stdout, `${held} held, ${failed} did not, ${unable} could not run\n`);
	}

	if (counts['did not hold'] > 0) return exitCodes['did not hold'];
	return exitCodes[counts['could not run'] > 0 ? 'could not run' : 'held'];
}

async function experimentNamed(context: CommandContext, name: string): Promise<ExperimentRecord> {
	const experiments = await offered(context);
	const experiment = experiments.find(each => each.name === name);
	if (experiment) return experiment;

	const names = experiments.map(each => each.name);
	throw new UsageError(
		`no experiment ${JSON.stringify(name)}${didYouMean(name, names) || '; "mmtop run --list" names them'}`,
	);
}

async function runOf(context: CommandContext, experiment: ExperimentRecord, {pairs, seed}: GridRun) {
	const {sweep, seeds, shard, json, junit, ...rest} = context.flags;
	const flags = machineFor(experiment, {...rest, ...(seed !== undefined && {seed})});
	const words = [experiment.name, ...pairs];
	return onBench({...context, flags}, async bench => {
		const outcome = await untilOver(bench, experiment, words);
		const stopped = bench.stopped();
		// One machine that stopped is one run that failed.
		const ended: Outcome = stopped === undefined ? outcome : {...outcome, status: 'failed', result: stopped.sentence};
		return {outcome: ended, command: commandLineOf(flags, words)};
	});
}

/** All lines have the same parameters, and one run that takes too long has failed by itself. */
async function untilOver(
	bench: OpenDrivenTarget,
	{name, parameters}: ExperimentRecord,
	words: readonly string[],
): Promise<Outcome> {
	try {
		const outcome = await injectFromCommandLine(bench, words.join(' '));
		if (outcome.id !== null) return outcome;

		const given = new Map(outcome.parameters.map(each => [each.name, each.value]));
		const all = parameters.map(each => ({name: each.name, value: given.get(each.name) ?? each.default}));
		return {...outcome, parameters: all};
	} catch (error) {
		if (!(error instanceof TookTooLong)) throw error;

		const {injections} = parseInject(await readText(bench.target, files.inject.path));
		const outcome = injections.findLast(each => each.name === name);
		if (outcome === undefined) throw error;

		return {...outcome, status: 'failed', result: error.message};
	}
}

const seedWords = ({seed}: GridRun): string => (seed === undefined ? '' : ` seed ${seed}`);

const marks: Readonly<Record<Verdict, string>> = {held: '✓', 'did not hold': '✗', 'could not run': '⊘'};

/** A run in a line, and under it what did not hold. */
function textOf(run: GridRun, outcome: Outcome): string {
	const failed = outcome.observations.filter(({state}) => state !== 'held');
	const says = [outcome.name, ...run.pairs].join(' ') + seedWords(run);
	const lines = [
		`${marks[verdictOf(outcome)]} ${says}: ${outcome.result ?? ''}`,
		...failed.map(each => `    ${observationText(each)}`),
	];
	return lines.map(line => `${line}\n`).join('');
}

/** A run as a row of a table, for what reads a line at a time. */
const lineOf = (
	{index, seed}: GridRun,
	{name, parameters, observations, timeUs, status, result}: Outcome,
	command: string | undefined,
) => ({
	run: index,
	experiment: name,
	parameters: Object.fromEntries(parameters.map(each => [each.name, numberOr(each.value)])),
	seed: Number(seed ?? 1),
	verdict: verdictOf({status, observations} as Outcome),
	result,
	injectedUs: timeUs,
	observations: observations.map(({sentence, state, file, field, expected, seen, timeUs: at}) => ({
		...{sentence, held: state === 'held', file, field, expected, seen, timeUs: at},
	})),
	command,
});

const numberOr = (text: string): number | string => (/^-?\d{1,15}$/.test(text) ? Number(text) : text);
