import {type ExperimentRecord, refusedPair} from '../formats/debugfs/lab/experiments.ts';
import {didYouMean} from '../formats/nearest.ts';
import {ERA_NAMES} from '../kernel/era/behaviour.ts';
import {usualPreset} from '../lab/presets.ts';
import {compareObservations} from '../model/compareObservations.ts';
import {injectFromCommandLine, machineFor, offered, onBench, suits} from './bench.ts';
import {type ComparedRun, comparedExitCode, isAsSaid} from './compareRows.ts';
import {type Comparison, comparisonText, isDifferent, namesOf} from './compareText.ts';
import {type MachineWord, parseMachineWords} from './compareWords.ts';
import {type CommandContext, print, printJson} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {type Flags, parseCount} from './flags.ts';
import {exitCodes, verdictOf} from './injection.ts';
import {failIfStopped} from './machine.ts';
import {progressOn} from './progress.ts';

/** `mmtop run … --compare A,B`: the same experiment on a fresh machine of each, side by side. */

/** @throws UsageError for flags that mean one machine */
function wordsOf(flags: Flags): readonly MachineWord[] {
	if (flags.target !== undefined) throw new UsageError('--compare builds fresh machines and takes no --target');
	if (flags.ask) throw new UsageError('--ask is for one machine; run it without --compare');
	return parseMachineWords(flags.compare ?? '', flags);
}

const seedOf = ({seed}: Flags): number => (seed === undefined ? 1 : parseCount('seed', seed));

type Ran = {readonly comparison: Comparison; readonly stopped: Parameters<typeof failIfStopped>[0]};

/** @param said what the progress line begins with */
async function runOnEach(
	context: CommandContext,
	experiment: ExperimentRecord,
	pairs: readonly string[],
	{words, said}: {readonly words: readonly MachineWord[]; readonly said: string},
): Promise<Ran> {
	const {flags} = context;
	const progress = progressOn(context);
	const runs: ComparedRun[] = [];
	let stopped: Ran['stopped'];
	try {
		for (const [index, {word, era, machine}] of words.entries()) {
			await progress.say(`${said}${index + 1} of ${words.length}: ${experiment.name} on ${word}`);
			const wanted = machineFor(experiment, {...flags, ...(era && {era}), ...(machine && {machine})});
			const outcome = await onBench({...context, flags: wanted}, async bench => {
				const injection = await injectFromCommandLine(bench, [experiment.name, ...pairs].join(' '));
				stopped ??= bench.stopped();
				return injection;
			});
			runs.push({word, era: wanted.era ?? ERA_NAMES[0], machine: wanted.machine ?? usualPreset, outcome});
		}
	} finally {
		await progress.end();
	}

	const rows = compareObservations(runs.map(({outcome}) => outcome));
	return {comparison: {experiment, pairs, seed: seedOf(flags), runs, rows}, stopped};
}

/** What `--json` prints of a comparison. */
function comparisonRecord({experiment, pairs, seed, runs, rows}: Comparison) {
	const names = namesOf(runs);
	return {
		experiment: experiment.name,
		claim: experiment.claim,
		seed,
		machines: runs.map((run, index) => ({
			name: names[index],
			era: run.era,
			machine: run.machine,
			verdict: verdictOf(run.outcome),
			asSaid: isAsSaid(experiment, run, pairs),
			differences: experiment.differences.filter(({eras}) => eras.includes(run.era)).map(({says}) => says),
			injection: run.outcome,
		})),
		observations: rows,
	};
}

/** The width of a screen; a pipe has none. */
const columnsOf = ({isTTY, columns}: NodeJS.WriteStream): number | undefined => (isTTY ? columns : undefined);

/** @throws UsageError, before anything runs, for a name or a parameter that no machine takes */
export async function compareOne(context: CommandContext, name: string, pairs: readonly string[]): Promise<number> {
	const {flags, stdout} = context;
	const words = wordsOf(flags);
	const experiments = await offered(context);
	const experiment = experiments.find(each => each.name === name);
	if (!experiment) {
		const meant = didYouMean(
			name,
			experiments.map(each => each.name),
		);
		throw new UsageError(`no experiment ${JSON.stringify(name)}${meant || '; "mmtop run --list" names them'}`);
	}

	const refusal = pairs.map(pair => refusedPair(experiment, pair)).find(reason => reason !== undefined);
	if (refusal !== undefined) throw new UsageError(refusal);

	const {comparison, stopped} = await runOnEach(context, experiment, pairs, {words, said: ''});
	if (flags.json) {
		await printJson(stdout, comparisonRecord(comparison));
	} else {
		await print(stdout, comparisonText(comparison, columnsOf(stdout)));
	}

	failIfStopped(stopped);
	return comparedExitCode(experiment, comparison.runs, pairs);
}

/** Each experiment that is about one of the machines; as text only what differs. */
export async function compareAll(context: CommandContext): Promise<number> {
	const {flags, stdout} = context;
	const words = wordsOf(flags);
	const isAbout = (experiment: ExperimentRecord) =>
		words.some(({era = flags.era, machine = flags.machine}) =>
			suits(experiment, {...(era !== undefined && {era}), ...(machine !== undefined && {machine})}),
		);
	const experiments = (await offered(context)).filter(isAbout);
	const comparisons: Comparison[] = [];
	for (const [index, experiment] of experiments.entries()) {
		const said = `${index + 1} of ${experiments.length}, `;
		const {comparison} = await runOnEach(context, experiment, [], {words, said});
		comparisons.push(comparison);
		if (!flags.json && isDifferent(comparison)) {
			await print(stdout, comparisonText(comparison, columnsOf(stdout), true));
		}
	}

	const differing = comparisons.filter(isDifferent).length;
	if (flags.json) {
		await printJson(stdout, comparisons.map(comparisonRecord));
	} else {
		await print(
			stdout,
			`${comparisons.length} compared: ${differing} differ, ${comparisons.length - differing} do not\n`,
		);
	}

	const codeOf = ({experiment, runs}: Comparison) => comparedExitCode(experiment, runs, []);
	const named = (code: number) =>
		comparisons
			.filter(each => codeOf(each) === code)
			.map(({experiment}) => experiment.name)
			.join(', ');
	const [failed, unable] = [named(exitCodes['did not hold']), named(exitCodes['could not run'])];
	if (failed === '' && unable === '') return 0;
	throw new Failure(
		[
			...(failed === '' ? [] : [`these did not come out as they say: ${failed}`]),
			...(unable === '' ? [] : [`these could not run where they say what comes: ${unable}`]),
		],
		exitCodes[failed === '' ? 'could not run' : 'did not hold'],
	);
}
