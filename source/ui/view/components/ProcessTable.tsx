import {Box, Text} from 'ink';
import {Table} from 'ink-table';
import {memo, type PropsWithChildren, useContext} from 'react';
import type {ProcessRow} from '../../../model/processes.ts';
import {bytes} from '../../panes/format.ts';
import {lineAnsi} from '../../terminal/ansi.ts';
import {line, padEnd, span, toned, toneNumber} from '../../terminal/lines.ts';
import {ThemeContext} from '../../terminal/surface.ts';
import {injectionTone, type Tone, tones} from '../../terminal/theme.ts';

/**
 * ink-table tells a cell its text and nothing of its row. So a text begins with a character that stands for the look of
 * its row; it is taken away before the text is drawn.
 */
const firstMark = 0xe000;
const selectedMarks = 0x400;

const marked = (text: string, tone: Tone, isSelected = false): string =>
	String.fromCharCode(firstMark + toneNumber(tone) + (isSelected ? selectedMarks : 0)) + text;

const markPattern = /[\uE000-\uE7FF]/;

function Cell({children}: PropsWithChildren) {
	const theme = useContext(ThemeContext);
	const text = String(children);
	const mark = (markPattern.exec(text)?.[0].charCodeAt(0) ?? firstMark) - firstMark;
	// One blank of the padding is enough between columns.
	const cell = line(span(text.replace(markPattern, '').slice(0, -1), tones[mark % selectedMarks]));
	return <Text wrap="truncate">{lineAnsi(mark >= selectedMarks ? toned('row.selected', cell) : cell, theme)}</Text>;
}

/** No lines between rows and columns: there are many rows, and they are looked through. */
const Skeleton = () => <Text />;

const numberColumns = 8;
/** What the columns with a heading take beside the pid; the last one, without, fills the row to its end. */
const headedColumns = 51;

const kilobytes = (value: number | undefined): string =>
	(value === undefined ? '-' : bytes(value * 1024)).padStart(numberColumns);

/** Names of the columns, which are their headings; a column is at least as wide as its name. */
const namesOf = (pidColumns: number) => ({
	pid: marked('pid'.padStart(pidColumns), 'heading'),
	comm: marked('comm', 'heading'),
	state: marked('state', 'heading'),
	size: marked('VmSize'.padStart(numberColumns), 'heading'),
	rss: marked('VmRSS'.padStart(numberColumns), 'heading'),
	rest: marked('', 'plain'),
});

function tableRow(process: ProcessRow, isSelected: boolean, pidColumns: number, rest: number) {
	const {pid, comm, state, vmSizeKb, vmRssKb, injection} = process;
	const names = namesOf(pidColumns);
	const tone = injection === undefined ? (vmSizeKb === undefined ? 'dim' : 'plain') : injectionTone(injection);
	const cell = (text: string): string => marked(text, tone, isSelected);
	return {
		[names.pid]: cell(String(pid).padStart(pidColumns)),
		[names.comm]: cell(padEnd(comm, 16)),
		[names.state]: cell(padEnd(state, 14)),
		[names.size]: cell(kilobytes(vmSizeKb)),
		[names.rss]: cell(kilobytes(vmRssKb)),
		[names.rest]: cell(' '.repeat(rest)),
	};
}

type ProcessTableProps = {
	readonly rows: readonly ProcessRow[];
	/** Index of the selected one; negative for none. */
	readonly selected: number;
	/** Of the longest pid, also outside of the window. */
	readonly pidColumns: number;
	readonly columns: number;
};

/** A window on the list of processes. */
export const ProcessTable = memo(function ProcessTable({rows, selected, pidColumns, columns}: ProcessTableProps) {
	const rest = Math.max(0, columns - headedColumns - pidColumns - 1);
	const data = rows.map((row, index) => tableRow(row, index === selected, pidColumns, rest));
	return (
		<Box flexShrink={0} width={columns} overflowX="hidden">
			<Box flexShrink={0}>
				<Table data={data} columns={Object.values(namesOf(pidColumns))} header={Cell} cell={Cell} skeleton={Skeleton} />
			</Box>
		</Box>
	);
});
