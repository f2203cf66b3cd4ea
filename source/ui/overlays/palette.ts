/** The palette: experiments found by a few letters of their name, with their parameters. */

import type {Experiment, ExperimentParameter} from '../../formats/debugfs/lab/experiments.ts';
import {blankLine, type Line, line, padEnd, span, toned, truncate} from '../lines.ts';
import type {Overlay} from '../state.ts';
import {parameterTable} from './parameters.tsx';

const nameColumns = 26;

/** Are the letters of `query` in `text`, in their order? */
const hasInOrder = (text: string, query: string): boolean => {
	let at = 0;
	for (const letter of query) {
		at = text.indexOf(letter, at) + 1;
		if (at === 0) {
			return false;
		}
	}
	return true;
};

const rankOf = ({name, title}: Experiment, query: string): number => {
	if (name.startsWith(query)) {
		return 0;
	}
	if (name.includes(query)) {
		return 1;
	}
	if (title.toLowerCase().includes(query)) {
		return 2;
	}
	return hasInOrder(name, query) ? 3 : 4;
};

/** Experiments that a query could mean, best first, else in the order of their list. */
export const matchingExperiments = (experiments: readonly Experiment[], query: string): readonly Experiment[] => {
	const wanted = query.toLowerCase();
	return experiments
		.map((experiment, index) => ({experiment, index, rank: rankOf(experiment, wanted)}))
		.filter(({rank}) => rank < 4)
		.sort((a, b) => a.rank - b.rank || a.index - b.index)
		.map(({experiment}) => experiment);
};

const parameterText = ({name, default: usual, range, choices, unit}: ExperimentParameter): string => {
	const allowed = range ? ` ${range.min}..${range.max}` : choices.length > 0 ? ` ${choices.join('|')}` : '';
	return `${name}=${usual}${unit === null ? '' : ` ${unit}`}${allowed === '' ? '' : ` (${allowed.trim()})`}`;
};

/** Rows that the palette keeps for its list and what is around it. */
const leastRows = 12;

const parameterLine = (experiment: Experiment | undefined, columns: number): Line => {
	const parameters = experiment?.parameters.map(parameterText).join('  ') || 'none';
	return line(span('parameters: ', 'dim'), span(truncate(parameters, columns - 12)));
};

export const paletteLines = (
	experiments: readonly Experiment[],
	{text, cursor}: Extract<Overlay, {kind: 'palette'}>,
	columns: number,
	rows: number,
): readonly Line[] => {
	const matches = matchingExperiments(experiments, text.split(' ')[0] ?? '');
	const chosen = matches[cursor];
	const table = chosen ? parameterTable(chosen) : [];
	// Where the table would leave too little of the list, one line says what it says.
	const told = table.length > 0 && rows - table.length >= leastRows ? table : [parameterLine(chosen, columns)];
	const height = Math.max(1, rows - 5 - told.length);
	const top = Math.max(0, Math.min(cursor - Math.floor(height / 2), matches.length - height));
	const list = matches.slice(top, top + height).map((experiment, index) => {
		const key = experiment.key === null ? '  ' : `${experiment.key} `;
		const row = line(' ', span(key, 'key'), span(padEnd(experiment.name, nameColumns), 'strong'), experiment.title);
		return top + index === cursor ? toned('row.selected', row) : row;
	});
	return [
		line(span(': ', 'key'), text, span(' ', 'page.cursor')),
		blankLine,
		...(list.length > 0 ? list : [line(span(' no experiment matches', 'warning'))]),
		blankLine,
		line(span(truncate(chosen?.claim ?? '', columns), 'dim')),
		...told,
	];
};
