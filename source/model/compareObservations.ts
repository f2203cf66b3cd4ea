/** What several injections of one experiment observed, side by side. */

import {couldNotMark, type InjectionRecord, type ObservationRecord} from '../formats/debugfs/lab/inject.ts';

/** How an injection came to an observation: it was not made there, or the machine could not make it. */
type CellState = ObservationRecord['state'] | 'not made' | 'could not run';

type ComparedCell = Pick<ObservationRecord, 'seen' | 'expected' | 'file' | 'field'> & {
	readonly state: CellState;
};

export type ComparedRow = {
	readonly sentence: string;
	/** One an injection. */
	readonly cells: readonly ComparedCell[];
	/** Whether they came to something else, or to the same with another value; null where all agree. */
	readonly differs: 'outcome' | 'seen' | null;
};

type Observed = Pick<InjectionRecord, 'status' | 'observations'>;

const cellOf = ({state, seen, expected, file, field}: ObservationRecord): ComparedCell => ({
	state,
	seen,
	expected,
	file,
	field,
});

const emptyCell = ({status}: Observed): ComparedCell => ({
	state: status === 'could-not-run' ? 'could not run' : 'not made',
	seen: null,
	expected: null,
	file: null,
	field: null,
});

/** Observations by what they are called; a sentence that comes again is another one. */
function named({observations}: Observed): ReadonlyMap<string, ObservationRecord> {
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

/** Every observation that one of them made, in order, with what each of them saw. */
export function compareObservations(injections: readonly Observed[]): readonly ComparedRow[] {
	const runs = injections.map(named);
	return union(runs.map(run => [...run.keys()])).map(name => {
		const cells = runs.map((run, index) => {
			const found = run.get(name);
			return found ? cellOf(found) : emptyCell(injections[index]!);
		});
		const isOneOutcome = isOne(cells.map(({state}) => state));
		const differs = !isOneOutcome ? 'outcome' : !isOne(cells.map(({seen}) => seen)) ? 'seen' : null;
		return {sentence: name.slice(name.indexOf(' ') + 1), cells, differs};
	});
}

const marks: Readonly<Record<CellState, string>> = {
	held: '✓',
	failed: '✗',
	open: '…',
	'not made': '-',
	'could not run': couldNotMark,
};

/** What stands before a row that differs. */
export const differenceMarks = {outcome: '≠', seen: '~'} as const;

/** What a cell says: its mark, and where injections differ what was seen. */
export function comparedCellText({state, seen, expected}: ComparedCell, {differs}: ComparedRow): string {
	const value = differs === null || seen === null ? '' : ` ${seen}`;
	return `${marks[state]}${value}${state === 'failed' && value !== '' && expected !== null ? `, not ${expected}` : ''}`;
}
