import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import {suits} from './bench.ts';
import {exitCodes, type Outcome, type Verdict, verdictOf} from './injection.ts';

/** What one experiment came to on several machines, side by side. */

/** An experiment that ran on one of them. */
export type ComparedRun = {
	/** As it was typed. */
	readonly word: string;
	readonly era: string;
	/** Its preset. */
	readonly machine: string;
	readonly outcome: Outcome;
};

/**
 * What an experiment says of a machine: its claim holds there; must not hold, since it is the control or a kernel that
 * the claim is not about; or nothing.
 *
 * @param pairs parameters that were typed
 */
export function saidOf(
	experiment: ExperimentRecord,
	{era, machine}: Pick<ComparedRun, 'era' | 'machine'>,
	pairs: readonly string[],
): 'holds' | 'control' | 'other kernel' | 'nothing' {
	const {control, differences} = experiment;
	if (control !== null && isControl(control, {era, machine}, pairs)) {
		// In a kernel in which it comes out in another way, so may a control that is a parameter.
		const isOther = differences.some(({eras}) => eras.includes(era)) && !control.includes('--era');
		return isOther ? 'nothing' : 'control';
	}

	if (suits(experiment, {era, machine})) return 'holds';

	return suits(experiment, {machine}) && pairs.length === 0 ? 'other kernel' : 'nothing';
}

/** Whether a control, as it is typed, asks for this machine and these parameters. */
function isControl(control: string, {era, machine}: {era: string; machine: string}, pairs: readonly string[]): boolean {
	const words = control.split(' ');
	const behind = (flag: string) => (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
	const set = words.filter(word => word.includes('='));
	return (
		(behind('--era') ?? era) === era &&
		(behind('--machine') ?? machine) === machine &&
		set.every(pair => pairs.includes(pair))
	);
}

/** What a run may come to where the experiment says something. Only a kernel that it is not about may refuse it. */
const saidVerdicts = {
	holds: ['held'],
	control: ['did not hold'],
	'other kernel': ['did not hold', 'could not run'],
} as const satisfies Readonly<Record<string, readonly Verdict[]>>;

/** Whether a run came out as the experiment says; where it says nothing, any outcome is right. */
export function isAsSaid(experiment: ExperimentRecord, run: ComparedRun, pairs: readonly string[]): boolean {
	const said = saidOf(experiment, run, pairs);
	if (said === 'nothing') return true;
	const allowed: readonly Verdict[] = saidVerdicts[said];
	return allowed.includes(verdictOf(run.outcome));
}

/** 0 when every run came out as the experiment says; else as `mmtop run` ends. */
export function comparedExitCode(
	experiment: ExperimentRecord,
	runs: readonly ComparedRun[],
	pairs: readonly string[],
): number {
	const odd = runs.filter(run => !isAsSaid(experiment, run, pairs)).map(({outcome}) => verdictOf(outcome));
	if (odd.length === 0) return exitCodes.held;
	const couldNot: Verdict = 'could not run';
	return exitCodes[odd.every(verdict => verdict === couldNot) ? couldNot : 'did not hold'];
}
