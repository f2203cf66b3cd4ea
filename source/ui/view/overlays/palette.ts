/**
 * The palette: experiments found by a few letters, with their parameters, and what is wrong with those that were typed.
 */

import type {ExperimentRecord} from '../../../formats/debugfs/lab/experiments.ts';
import {couldNotMark, type InjectionRecord} from '../../../formats/debugfs/lab/inject.ts';
import {misfitOf} from '../../../model/fit.ts';
import type {Match} from '../../overlays/find.ts';
import {type Chosen, chosenIn, untyped} from '../../overlays/palette.ts';
import type {OverlayOf} from '../../state/overlay.ts';
import type {State} from '../../state/state.ts';
import {blankLine, type Line, line, padEnd, type Span, span, toned} from '../../terminal/lines.ts';
import {truncate, wrapText} from '../../terminal/text.ts';

type Palette = OverlayOf<'palette'>;

const nameColumns = 26;

function promptLine({text}: Palette, {experiment, pairs}: Chosen): Line {
	const isAtBlank = text.endsWith(' ');
	const rest = text.includes(' ') && experiment ? untyped(experiment, pairs) : [];
	const usual = rest.map(({name, default: value}) => `${name}=${value}`).join(' ');
	const hint = usual === '' || isAtBlank ? usual : ` ${usual}`;
	return line(span(': ', 'key'), text, span(' ', 'page.cursor'), span(hint, 'dim'));
}

/** Where the chosen one is in the course, and what it takes. */
function placeText({chapter, level, minutes}: ExperimentRecord): string {
	const effort = [level === null ? '' : `level ${level} of 3`, minutes === null ? '' : `${minutes} minutes`];
	return [chapter ?? '', ...effort].filter(text => text !== '').join(', ');
}

/** What is wrong with it, else how many there are; a pair that is being typed is not wrong yet. */
function noteLine({text}: Palette, {matches, refusal, pairs, experiment}: Chosen, all: number): Line {
	const isUnfinished = matches.length > 0 && !text.endsWith(' ') && /^\w*=?$/.test(pairs.at(-1) ?? '-');
	if (refusal !== undefined && !isUnfinished) return line(span(`  ${refusal}`, 'warning'));
	const place = experiment ? placeText(experiment) : '';
	const count = `${matches.length === all ? all : `${matches.length} of ${all}`} experiments`;
	return line(span(`  ${count}${place === '' ? '' : ` · ${place}`}`, 'dim'));
}

const nameSpans = (name: string, letters: readonly number[]): readonly Span[] =>
	[...padEnd(name, nameColumns)].map((letter, index) => span(letter, letters.includes(index) ? 'key' : 'strong'));

const doneMarks: Readonly<Partial<Record<InjectionRecord['status'], Span>>> = {
	done: span('✓ ', 'good'),
	failed: span('✗ ', 'bad'),
	'could-not-run': span(`${couldNotMark} `, 'warning'),
};

/** How it came out here last, else whether its claim is about another machine. */
function markOf({machine, inject}: State['lab'], experiment: ExperimentRecord): Span {
	const last = inject?.injections.findLast(({name}) => name === experiment.name);
	const done = last && doneMarks[last.status];
	return done ?? (misfitOf(experiment, machine) === undefined ? span('  ') : span('≠ ', 'dim'));
}

/** Whoever predicts is shown what is asked, not what comes. */
function matchLine({lab, injections: {asksFirst}}: State, {experiment, letters}: Match): Line {
	const {key, name, title, question, level} = experiment;
	const told = asksFirst ? (question ?? '') : title;
	const keySpan = span(key === null ? '  ' : `${key} `, 'key');
	const levelSpan = span(level === null ? '' : `${level} `, 'dim');
	return line(' ', markOf(lab, experiment), keySpan, ...nameSpans(name, letters), levelSpan, told);
}

type Listed = {readonly line: Line; readonly index?: number};

/** All that the list could show. In the course's order a heading stands above each chapter; what was found has none. */
function listLines(state: State, {text}: Palette, matches: readonly Match[]): readonly Listed[] {
	return matches.flatMap((match, index) => {
		const {chapter} = match.experiment;
		const isFirst = text === '' && chapter !== null && chapter !== matches[index - 1]?.experiment.chapter;
		const row = {line: matchLine(state, match), index};
		return isFirst ? [{line: line(span(` ${chapter}`, 'heading'))}, row] : [row];
	});
}

/** Rows that the palette keeps for its list and what is around it. */
const leastRows = 12;

function parameterLine(experiment: ExperimentRecord | undefined, columns: number): Line {
	const texts = experiment?.parameters.map(({name, default: usual, range, choices, unit}) => {
		const allowed = range ? `${range.min}..${range.max}` : choices.join('|');
		return `${name}=${usual}${unit === null ? '' : ` ${unit}`}${allowed === '' ? '' : ` (${allowed})`}`;
	});
	return line(span('parameters: ', 'dim'), span(truncate(texts?.join('  ') || 'none', columns - 12)));
}

export type PaletteParts = {
	/** What is typed, what is to say of it, and the list. */
	readonly above: readonly Line[];
	/** About the chosen one. */
	readonly below: readonly Line[];
	/** The one whose parameters are shown as a table below that. */
	readonly tabled: ExperimentRecord | undefined;
};

/** Rows of a table of parameters. */
const tableRows = ({parameters}: ExperimentRecord): number => (parameters.length === 0 ? 0 : 2 * parameters.length + 3);

export function paletteParts(state: State, palette: Palette, columns: number, rows: number): PaletteParts {
	const {experiments, machine} = state.lab;
	const {asksFirst} = state.injections;
	const chosen = chosenIn(experiments, palette);
	const {matches, experiment} = chosen;
	const wanted = experiment ? tableRows(experiment) : 0;
	// Where the table would leave too little of the list, one line says what it says.
	const tabled = wanted > 0 && rows - wanted >= leastRows ? experiment : undefined;
	const says = experiment && (asksFirst ? experiment.setup : experiment.claim);
	// One may still think before one reads what will come.
	const asked = experiment && !asksFirst ? (experiment.question ?? '') : '';
	const warning = experiment && misfitOf(experiment, machine)?.says;
	const below = [
		...(asked === '' ? [] : [line(span(truncate(asked, columns)))]),
		...wrapText(says ?? '', columns)
			.slice(0, 2)
			.map(text => line(span(text, 'dim'))),
		...(warning === undefined ? [] : [line(span(truncate(warning, columns), 'warning'))]),
		...(tabled ? [] : [parameterLine(experiment, columns)]),
	];
	const height = Math.max(1, rows - 4 - below.length - (tabled ? wanted : 0));
	const listed = listLines(state, palette, matches);
	const at = listed.findIndex(({index}) => index === palette.cursor);
	const top = Math.max(0, Math.min(at - Math.floor(height / 2), listed.length - height));
	const list = listed
		.slice(top, top + height)
		.map(({line: row, index}) => (index === palette.cursor ? toned('row.selected', row) : row));
	return {
		above: [promptLine(palette, chosen), noteLine(palette, chosen, experiments.length), blankLine, ...list],
		below,
		tabled,
	};
}
