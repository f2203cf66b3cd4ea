import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import {parseMachine} from '../formats/debugfs/lab/machine.ts';
import {files} from '../formats/files.ts';
import type {Target} from '../target/target.ts';
import {askBefore, compare, indented, printVerdict} from './ask.ts';
import {commandLineOf, injectFromCommandLine, machineFor, offered, onBench, suits} from './bench.ts';
import {type CommandContext, type CommandFunction, print, printJson} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import type {Flags} from './flags.ts';
import {exitCodes, inject, injectionText, type Outcome, readText, type Verdict, verdictOf} from './injection.ts';
import {type JunitRun, thenJunit, writeJunit} from './junit.ts';
import {failIfStopped} from './machine.ts';
import {writeReport} from './report.ts';

/** `mmtop run EXPERIMENT [key=value…]`, `--list`, `--all`; `--compare` goes with an experiment and with `--all`. */
export const run: CommandFunction = async context => {
	const {args, flags} = context;
	const [name, ...pairs] = args;
	if (flags.list || flags.all) {
		if (name !== undefined || (flags.list && flags.all)) {
			throw new UsageError('run takes one of: an experiment, --list, --all');
		}

		if (flags.report !== undefined)
			throw new UsageError('--report is for one experiment, as mmtop run pin-leak --report bug.md');
		if (flags.ask) throw new UsageError('--ask is for one experiment, as mmtop run --ask fork-pin');

		refuseManyRuns(flags, flags.list ? '--list' : '--all');
		if (flags.junit !== undefined && (flags.list || flags.compare !== undefined))
			throw new UsageError(`--junit has no place for ${flags.list ? '--list' : '--compare'}; leave one out`);

		if (flags.list && flags.compare !== undefined)
			throw new UsageError('--compare runs experiments and takes no --list');

		if (flags.list) return list(context);

		return flags.compare === undefined
			? runAll(context)
			: (await import('./runCompare.ts')).compareAll(withUsualUntil(context));
	}

	if (flags.report !== undefined && flags.compare !== undefined)
		throw new UsageError('--report is of one machine; leave --compare out');

	if (name === undefined) throw new UsageError('run needs an experiment; "mmtop run --list" names them');

	const odd = pairs.find(pair => !/^[^=\s]+=\S*$/.test(pair));
	if (odd !== undefined) {
		throw new UsageError(`parameters are written key=value, as pages=4; got ${JSON.stringify(odd)}`);
	}

	if (flags.compare !== undefined) {
		refuseManyRuns(flags, '--compare');
		if (flags.junit !== undefined) throw new UsageError('--junit has no place for --compare; leave one out');

		return (await import('./runCompare.ts')).compareOne(context, name, pairs);
	}

	return manyRunsFlags.some(flag => flags[flag] !== undefined)
		? (await import('./sweep.ts')).runSweep(context, name, pairs)
		: runOne(context, name, pairs);
};

/** Each of them makes one run many. */
const manyRunsFlags = ['sweep', 'seeds', 'shard'] as const;

/** @throws UsageError where one of them is given with what they do not go with */
function refuseManyRuns(flags: Flags, because: string): void {
	const given = manyRunsFlags.find(flag => flags[flag] !== undefined);
	if (given !== undefined) throw new UsageError(`--${given} is for one experiment and does not go with ${because}`);
}

async function runOne(context: CommandContext, name: string, pairs: readonly string[]): Promise<number> {
	const {flags, stdout} = context;
	const experiment = (await offered(context)).find(each => each.name === name);
	const predicted = flags.ask && experiment ? await askBefore(context, experiment, pairs) : undefined;
	const chosen = machineOf(context, experiment);
	const {injection, stopped} = await onBench(chosen, async bench => {
		const done = await injectFromCommandLine(bench, [name, ...pairs].join(' '));
		if (flags.report !== undefined)
			await writeReport(bench.target, flags.report, commandLineOf(chosen.flags, [name, ...pairs]));
		return {injection: done, stopped: bench.stopped()};
	});
	const prediction = experiment && predicted !== undefined ? compare(experiment, predicted, injection) : undefined;
	if (flags.json) {
		await printJson(stdout, {...injection, ...(prediction && {prediction})});
	} else {
		await print(stdout, injectionText(injection));
		if (experiment && prediction) {
			await printVerdict(stdout, prediction);
			await printNext(stdout, experiment, injection);
		}
	}

	if (flags.junit !== undefined) {
		await writeJunit(flags.junit, [{outcome: injection, command: commandLineOf(chosen.flags, [name, ...pairs])}]);
	}

	// It may have stopped after the experiment's end.
	failIfStopped(stopped);
	return exitCodes[verdictOf(injection)];
}

/** Why it came so, and what to try: the control where the claim held, and the question that another run answers. */
async function printNext(
	stdout: NodeJS.WriteStream,
	{name, control, why, next}: ExperimentRecord,
	injection: Outcome,
): Promise<void> {
	const verdict = verdictOf(injection);
	if (why !== null && verdict !== 'could not run') await print(stdout, `\n${indented(why, '  ').join('\n')}\n`);
	if (verdict === 'held' && control !== null) {
		await print(stdout, `\nWhere the claim must not hold: mmtop run --ask ${name} ${control}\n`);
	}
	if (next !== null) await print(stdout, `\n${indented(next.says, '').join('\n')}\n  mmtop run --ask ${next.run}\n`);
}

/** With --target that one; else a fresh one that the claim is about, where the flags do not say which. */
function machineOf(context: CommandContext, experiment: ExperimentRecord | undefined): CommandContext {
	const {flags} = context;
	return flags.target === undefined && experiment ? {...context, flags: machineFor(experiment, flags)} : context;
}

async function list(context: CommandContext): Promise<number> {
	const experiments = await offered(context);
	const {flags, stdout} = context;
	if (flags.json) {
		await printJson(stdout, experiments);
		return 0;
	}

	for (const {name, key, claim, parameters} of experiments) {
		await print(stdout, `${name}${key === null ? '' : ` (key ${key})`}\n  ${claim}\n`);
		for (const parameter of parameters) {
			await print(stdout, `  ${parameterLine(parameter)}\n`);
		}
	}

	return 0;
}

function parameterLine({
	name,
	type,
	range,
	choices,
	default: usual,
	unit,
}: ExperimentRecord['parameters'][number]): string {
	const allowed = range === null ? choices.join('|') || type : `${range.min}..${range.max}`;
	return `${name}=${usual}  ${allowed}${unit === null ? '' : ` ${unit}`}`;
}

/**
 * When each of many experiments is injected: the second more that one alone waits for would cost as much as all of
 * them.
 */
const usualUntilAll = '1s';

const withUsualUntil = (context: CommandContext): CommandContext => ({
	...context,
	flags: {until: usualUntilAll, ...context.flags},
});

const machinePath = files.machine.path;

/**
 * Each on a machine of its own, so that none meets what another left behind: the one that its claim is about, where the
 * flags do not say which, and with its own load until then. With --target on that one all whose claims are about
 * it.
 */
async function runAll(given: CommandContext): Promise<number> {
	const context = given.flags.target === undefined ? withUsualUntil(given) : given;
	const {flags, stdout} = context;
	const experiments = await offered(context);
	const wanted = flags.target === undefined ? flags : await onBench(context, ({target}) => flagsOf(target));
	const injections: Outcome[] = [];
	const kept: JunitRun[] = [];
	const runEach = async () => {
		for (const experiment of experiments.filter(each => suits(each, wanted))) {
			const chosen = machineOf(context, experiment);
			const injection = await onBench(chosen, each => inject(each, experiment.name));
			injections.push(injection);
			kept.push({outcome: injection, command: commandLineOf(chosen.flags, [experiment.name])});
			if (!flags.json) {
				await print(stdout, injectionText(injection));
			}
		}

		if (flags.json) await printJson(stdout, injections);
	};
	await thenJunit(flags.junit, kept, runEach);

	const ended = (verdict: Verdict) => injections.filter(injection => verdictOf(injection) === verdict);
	const [held, failed, unable] = [ended('held'), ended('did not hold'), ended('could not run')];
	if (!flags.json) {
		await print(stdout, `${held.length} held, ${failed.length} did not, ${unable.length} could not run\n`);
	}

	const names = (outcomes: readonly Outcome[]) => outcomes.map(({name}) => name).join(', ');
	const sentences = [
		...(failed.length > 0 ? [`these experiments did not hold: ${names(failed)}`] : []),
		...(unable.length > 0 ? [`these experiments could not run: ${names(unable)}`] : []),
	];
	if (sentences.length > 0) {
		throw new Failure(sentences, exitCodes[failed.length > 0 ? 'did not hold' : 'could not run']);
	}

	return 0;
}

/** The flags that would build the machine of --target, as far as claims are about them. */
async function flagsOf(target: Target): Promise<Pick<Flags, 'era' | 'machine'>> {
	const {era, preset} = parseMachine(await readText(target, machinePath));
	return {era, machine: preset};
}
