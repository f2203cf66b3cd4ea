import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import type {ObservationRecord} from '../formats/debugfs/lab/inject.ts';
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

/** How a machine came to an observation: it was not made there, or could not be. */
export type CellState = ObservationRecord['state'] | 'not made' | 'could not run';

export type ComparedCell = Pick<ObservationRecord, 'seen' | 'expected' | 'file' | 'field'> & {
	readonly state: CellState;
};

export type ComparedRow = {
	readonly sentence: string;
	/** One a machine. */
	readonly cells: readonly ComparedCell[];
	/** Whether machines came to something else, or to the same with another value; null where all agree. */
	readonly differs: 'outcome' | 'seen' | null;
};

const cellOf = ({state, seen, expected, file, field}: ObservationRecord): ComparedCell => ({
	state,
	seen,
	expected,
	file,
	field,
});

const emptyCell = (outcome: Outcome): ComparedCell => ({
	state: verdictOf(outcome) === 'could not run' ? 'could not run' : 'not made',
	seen: null,
	expected: null,
	file: null,
	field: null,
});

/** Observations of each run by what they are called; a sentence that comes again is another one. */
function named({observations}: Outcome): ReadonlyMap<string, ObservationRecord> {
	const times = new Map<string, number>();
	return new Map(
		observations.map(each => {
			const time = (times.get(each.sentence) ?? 0) + 1;
			times.set(each.sentence, time);
			return [`${time} ${each.sentence}`, each];
		}),
	);
}

/** All names in an order in which each list has its own; what only a later list has follows what is before it there. */
function union(lists: readonly (readonly string[])[]): readonly string[] {
	const all: string[] = [];
	for (const list of lists) {
		let at = 0;
		for (const each of list) {
			const found = all.indexOf(each);
			if (found < 0) all.splice(at, 0, each);
			at = (found < 0 ? at : Math.max(at, found)) + 1;
		}
	}

	return all;
}

const isOne = (values: readonly unknown[]): boolean => values.every(value => value === values[0]);

/** Every observation that one of the runs made, in order, with what each of them saw. */
export function compareRows(outcomes: readonly Outcome[]): readonly ComparedRow[] {
	const runs = outcomes.map(named);
	return union(runs.map(run => [...run.keys()])).map(name => {
		const cells = runs.map((run, index) => {
			const found = run.get(name);
			return found ? cellOf(found) : emptyCell(outcomes[index]!);
		});
		const differs = !isOne(cells.map(({state}) => state))
			? 'outcome'
			: !isOne(cells.map(({seen}) => seen))
				? 'seen'
				: null;
		return {sentence: name.slice(name.indexOf(' ') + 1), cells, differs};
	});
}

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

/** Whether a run came out as the experiment says; where that says nothing, whatever came. */
export function isAsSaid(experiment: ExperimentRecord, run: ComparedRun, pairs: readonly string[]): boolean {
	const said = saidOf(experiment, run, pairs);
	const verdict = verdictOf(run.outcome);
	return said === 'nothing' || (said === 'holds') === (verdict === 'held');
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
