import {Box, Text} from 'ink';
import {Table} from 'ink-table';
import {memo, type PropsWithChildren, useContext} from 'react';
import type {ExperimentParameter, ExperimentRecord} from '../../../formats/debugfs/lab/experiments.ts';
import {lineAnsi} from '../../terminal/ansi.ts';
import {line, span} from '../../terminal/lines.ts';
import {ThemeContext} from '../../terminal/surface.ts';
import {truncate} from '../../terminal/text.ts';
import type {Tone} from '../../terminal/theme.ts';

function allowed({range, choices, unit}: ExperimentParameter): string {
	const values = range ? `${range.min} to ${range.max}` : choices.length > 0 ? choices.join(', ') : 'any';
	return unit === null ? values : `${values} ${unit}`;
}

/** A text of the table in the looks of a theme. */
function Toned({tone, children}: PropsWithChildren<{readonly tone?: Tone}>) {
	const theme = useContext(ThemeContext);
	return <Text wrap="truncate">{lineAnsi(line(span(String(children), tone)), theme)}</Text>;
}

const Cell = ({children}: PropsWithChildren) => <Toned>{children}</Toned>;
const Skeleton = ({children}: PropsWithChildren) => <Toned tone={children === '│' ? 'plain' : 'dim'}>{children}</Toned>;

const border = 1;
const padding = 1;

function columnWidths(rows: readonly Readonly<Record<string, string>>[], keys: readonly string[]): readonly number[] {
	return keys.map(key => Math.max(key.length, ...rows.map(row => row[key]!.length)) + 2 * padding + border);
}

const keys = ['parameter', 'default', 'allowed', 'what'];

/**
 * Rows of an experiment's table, whose last column takes what room there is; its first ones are as wide as they need.
 */
function tableData({parameters}: ExperimentRecord, columns: number) {
	const rows = parameters.map(each => ({
		parameter: each.name,
		default: each.default,
		allowed: allowed(each),
		what: each.about,
	}));
	const others = columnWidths(rows, keys.slice(0, -1)).reduce((sum, width) => sum + width, border);
	const room = Math.max(keys.at(-1)!.length, columns - others - 2 * padding - border);
	return rows.map(row => ({...row, what: truncate(row.what, room)}));
}

type ParameterTableProps = {readonly experiment: ExperimentRecord; readonly columns: number};

/** An experiment's parameters. */
export const ParameterTable = memo(function ParameterTable({experiment, columns}: ParameterTableProps) {
	const data = tableData(experiment, columns);
	return (
		<Box flexShrink={0} width={columns} height={2 * data.length + 3}>
			<Box flexShrink={0}>
				<Table data={data} header={Cell} cell={Cell} skeleton={Skeleton} />
			</Box>
		</Box>
	);
});
