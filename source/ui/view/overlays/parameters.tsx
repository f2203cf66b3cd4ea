/** An experiment's parameters as a table, laid out by ink-table once and then kept: it is too slow for what changes. */

import {stripVTControlCharacters} from 'node:util';
import {renderToString} from 'ink';
import {Table} from 'ink-table';
import type {Experiment, ExperimentParameter} from '../../../formats/debugfs/lab/experiments.ts';
import {type Line, line, span} from '../../terminal/lines.ts';

const allowed = ({range, choices, unit}: ExperimentParameter): string => {
	const values = range ? `${range.min} to ${range.max}` : choices.length > 0 ? choices.join(', ') : 'any';
	return unit === null ? values : `${values} ${unit}`;
};

/** Wide enough that ink-table never has to break a cell; the overlay cuts what it has no room for. */
const widestColumns = 400;

const layOutTable = (parameters: readonly ExperimentParameter[]): readonly Line[] => {
	const data = parameters.map(each => ({
		parameter: each.name,
		default: each.default,
		allowed: allowed(each),
		what: each.about,
	}));
	const text = renderToString(<Table data={data} />, {columns: widestColumns});
	return stripVTControlCharacters(text)
		.split('\n')
		.map(row => line(span(row, /^[│|]/.test(row) ? undefined : 'dim')));
};

const known = new WeakMap<Experiment, readonly Line[]>();

/** Lays it out if it is not yet known. Not to be called while Ink renders: it is not made for a rendering within another. */
export const prepareParameterTable = (experiment: Experiment | undefined): void => {
	if (experiment && experiment.parameters.length > 0 && !known.has(experiment)) {
		known.set(experiment, layOutTable(experiment.parameters));
	}
};

/** No line for an experiment without parameters, and for one whose table was not prepared. */
export const parameterTable = (experiment: Experiment): readonly Line[] => known.get(experiment) ?? [];
