import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import {couldNotMark} from '../formats/debugfs/lab/inject.ts';
import {countOf} from '../formats/words.ts';
import {type ComparedRow, comparedCellText, differenceMarks} from '../model/compareObservations.ts';
import {wrapText} from '../ui/terminal/text.ts';
import {textWidth} from '../ui/terminal/width.ts';
import {type ComparedRun, isAsSaid, saidOf} from './compareRows.ts';
import {verdictOf} from './injection.ts';

/** A comparison as text: a table where there is room for one, else the machines under each observation. */

export type Comparison = {
	readonly experiment: ExperimentRecord;
	/** Parameters that were typed. */
	readonly pairs: readonly string[];
	readonly seed: number;
	readonly runs: readonly ComparedRun[];
	readonly rows: readonly ComparedRow[];
};

const markOf = ({differs}: ComparedRow): string => (differs === null ? ' ' : differenceMarks[differs]);

/** Narrower, a sentence or a cell would be a word a line. */
const leastSentence = 28;
const leastCell = 14;
const gap = 2;
const indent = 2;

/** As short as they still tell the machines apart. */
export function namesOf(runs: readonly ComparedRun[]): readonly string[] {
	const isOne = (name: 'era' | 'machine') => runs.every(run => run[name] === runs[0]?.[name]);
	if (isOne('machine')) return runs.map(({era}) => era);
	return runs.map(({era, machine}) => (isOne('era') ? machine : `${era}/${machine}`));
}

function sharedText({runs, seed}: Comparison): string {
	const [{era, machine} = {era: '', machine: ''}] = runs;
	const of = runs.every(run => run.machine === machine)
		? ` of preset ${machine}`
		: runs.every(run => run.era === era)
			? ` of era ${era}`
			: '';
	return `each on a fresh machine${of}, seed ${seed}`;
}

const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - textWidth(text)));

/** Texts side by side, each wrapped to its column. */
function sideBySide(texts: readonly string[], columns: readonly number[]): readonly string[] {
	const wrapped = texts.map((text, index) => wrapText(text, columns[index]!));
	const height = Math.max(...wrapped.map(lines => lines.length));
	return Array.from({length: height}, (_, row) =>
		wrapped
			.map((lines, index) => padded(lines[row] ?? '', columns[index]! + gap))
			.join('')
			.trimEnd(),
	);
}

/** Columns of the sentences and of each cell; undefined where a table has no room. */
function widthsOf(sentences: readonly string[], cells: readonly (readonly string[])[], columns: number) {
	const widest = (texts: readonly string[]) => Math.max(...texts.map(textWidth));
	const natural = [widest(sentences), ...cells.map(widest)];
	const room = columns - indent - gap * cells.length;
	const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
	if (sum(natural) <= room) return natural;
	const sentence = Math.min(natural[0]!, Math.max(leastSentence, room - sum(natural.slice(1))));
	const most = Math.max(leastCell, Math.floor((room - sentence) / cells.length));
	const cut = [sentence, ...natural.slice(1).map(each => Math.min(each, most))];
	return sum(cut) <= room ? cut : undefined;
}

function table(rows: readonly ComparedRow[], names: readonly string[], columns: number): readonly string[] | undefined {
	const cells = names.map((name, index) => [name, ...rows.map(row => comparedCellText(row.cells[index]!, row))]);
	const widths = widthsOf(
		rows.map(({sentence}) => sentence),
		cells,
		columns,
	);
	if (!widths) return undefined;
	const lines = (mark: string, texts: readonly string[]) =>
		sideBySide(texts, widths).map((line, index) => `${index === 0 ? mark : ' '} ${line}`.trimEnd());
	return [
		...lines(' ', ['', ...names]),
		...rows.flatMap((row, index) => lines(markOf(row), [row.sentence, ...cells.map(each => each[index + 1]!)])),
	];
}

/** What differs with a line a machine below it; what does not with the mark that all share. */
function stacked(rows: readonly ComparedRow[], names: readonly string[], columns: number): readonly string[] {
	const name = Math.max(...names.map(textWidth));
	return rows.flatMap(row => {
		const shared = row.differs === null ? `${comparedCellText(row.cells[0]!, row)} ` : '';
		return [
			...hanging(row.sentence, `${markOf(row)} ${shared}`, columns),
			...(row.differs === null
				? []
				: row.cells.flatMap((cell, index) =>
						hanging(comparedCellText(cell, row), `    ${padded(names[index]!, name)}  `, columns),
					)),
		];
	});
}

function hanging(text: string, first: string, columns: number): readonly string[] {
	const begin = textWidth(first);
	const blank = ' '.repeat(begin);
	return wrapText(text, Math.max(leastCell, columns - begin)).map(
		(line, index) => `${index === 0 ? first : blank}${line}`,
	);
}

const verdictMarks = {held: '✓', 'did not hold': '✗', 'could not run': `${couldNotMark} could not run:`} as const;

/** What stands behind a result that is not simply the claim's. */
function noteOf({experiment, pairs}: Comparison, run: ComparedRun): string {
	const said = saidOf(experiment, run, pairs);
	const isRight = isAsSaid(experiment, run, pairs);
	if (said === 'holds' && isRight) return '';
	if (said === 'nothing') return ' (the experiment says nothing of this machine)';
	const why = {
		holds: 'the claim is about this machine',
		control: 'it is the control, where the claim must fail',
		'other kernel': `the claim is about ${experiment.eras.join(', ')}`,
	}[said];
	return ` (${isRight ? 'expected' : 'not expected'}: ${why})`;
}

function resultLines(comparison: Comparison, names: readonly string[], columns: number): readonly string[] {
	const {runs} = comparison;
	const name = Math.max(...names.map(textWidth));
	return runs.flatMap((run, index) => {
		const text = `${verdictMarks[verdictOf(run.outcome)]} ${run.outcome.result ?? ''}${noteOf(comparison, run)}`;
		return hanging(text, `  ${padded(names[index]!, name)}  `, columns);
	});
}

/** What the experiment's page says of kernels that were compared. */
function differenceLines({experiment, runs}: Comparison, columns: number): readonly string[] {
	return experiment.differences.flatMap(({eras, says}) => {
		const meant = [...new Set(runs.map(({era}) => era))].filter(era => eras.includes(era));
		return meant.length === 0 ? [] : hanging(says, `  said of ${meant.join(', ')}: `, columns);
	});
}

function countLine(rows: readonly ComparedRow[]): string {
	const count = (differs: ComparedRow['differs']) => rows.filter(row => row.differs === differs).length;
	const [outcome, seen] = [count('outcome'), count('seen')];
	const parts = [
		...(outcome > 0 ? [`${outcome} ${outcome === 1 ? 'comes' : 'come'} out differently (≠)`] : []),
		...(seen > 0 ? [`${seen} ${seen === 1 ? 'differs' : 'differ'} only in what was seen (~)`] : []),
	];
	const isOpen = rows.some(({cells}) => cells.some(({state}) => state === 'not made'));
	const of = `of ${countOf(rows.length, 'observation')}`;
	return parts.length === 0
		? `${of} none differs`
		: `${of} ${parts.join(', ')}${isOpen ? '; - is one that was not made there' : ''}`;
}

/**
 * @param columns of the screen; undefined for a pipe, where no line is broken
 * @param onlyDiffering leaves out what all machines agree on
 */
export function comparisonText(comparison: Comparison, columns: number | undefined, onlyDiffering = false): string {
	const {experiment, runs, rows} = comparison;
	const room = columns ?? Number.MAX_SAFE_INTEGER;
	const names = namesOf(runs);
	const shown = onlyDiffering ? rows.filter(({differs}) => differs !== null) : rows;
	// What was refused knows its typed parameters only.
	const {parameters} = runs
		.map(({outcome}) => outcome)
		.reduce((a, b) => (b.parameters.length > a.parameters.length ? b : a));
	const lines = [
		...hanging([experiment.name, ...parameters.map(({name, value}) => `${name}=${value}`)].join(' '), '', room),
		...hanging(sharedText(comparison), '  ', room),
		...(shown.length === 0 ? [] : (table(shown, names, room) ?? stacked(shown, names, room))),
		...resultLines(comparison, names, room),
		...differenceLines(comparison, room),
		...(rows.length === 0 ? [] : hanging(countLine(rows), '  ', room)),
	];
	return lines.map(line => `${line}\n`).join('');
}

/** Whether machines came to something else in it. */
export const isDifferent = ({rows, runs}: Comparison): boolean =>
	rows.some(({differs}) => differs === 'outcome') ||
	runs.some(({outcome}) => verdictOf(outcome) !== verdictOf(runs[0]!.outcome));
