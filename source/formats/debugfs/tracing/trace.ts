/**
 * /sys/kernel/debug/tracing/trace, and the lines of trace_pipe: kernel/trace/trace.c. Kernels before 2.6.27 had no
 * ftrace; they print as 2.6.32 does. Headers vary with kernel, tracer and options (latency-format, irq-info,
 * record-tgid): a header of another form is kept as it stands, and so are lines in unknown columns.
 */

import {type Dialect, since} from '../../dialect.ts';
import {joinLines, Lines} from '../../text.ts';
import {formatGraphLine, type GraphInterruptLine, type GraphLine, parseGraphLine} from './graph.ts';
import {formatTaskTraceLine, parseTaskTraceLine, type TaskTraceLine} from './line.ts';

export type TraceLine =
	| TaskTraceLine
	| GraphLine
	| GraphInterruptLine
	/** Entries that were overwritten before anybody read them; null where the kernel cannot tell how many. */
	| {readonly kind: 'lost'; readonly cpu: number; readonly events: number | null}
	/** Anything else, a stack trace for instance, as it stands. */
	| {readonly kind: 'plain'; readonly text: string};

/** Entries that the buffer holds, of those that were written, and the CPUs that wrote them. */
type TraceCounts = {readonly entriesInBuffer: number; readonly entriesWritten: number; readonly cpus: number};

export type Trace = {
	/** '2.6.11' stands for all up to 3.2; a function_graph trace looks alike in all of them. */
	readonly dialect: Dialect;
	/** `nop`, `function`, `function_graph`, or another one: `irqsoff`, `wakeup`, `hwlat`, `blk`. */
	readonly tracer: string;
	/** null up to 3.2 and under function_graph, where they are not printed. */
	readonly counts: TraceCounts | null;
	/** The columns of 3.3 to 5.5, with five for a pid. */
	readonly narrow?: true;
	/** Whether option record-tgid is on. */
	readonly tgids?: true;
	/** Lines of the header below the first, where they are not those of the dialect. */
	readonly header?: readonly string[];
	readonly lines: readonly TraceLine[];
};

/** In the manner of the line of `lost`, where neither CPU nor count is known: a comment, which readers skip. */
export const lostLine = '# [LOST EVENTS]';

const graphHeader = [
	'# CPU  DURATION                  FUNCTION CALLS',
	'# |     |   |                     |   |   |   |',
];
const oldHeader = [
	'#           TASK-PID    CPU#    TIMESTAMP  FUNCTION',
	'#              | |       |          |         |',
];
const header33 = [
	'#                              _-----=> irqs-off',
	'#                             / _----=> need-resched',
	'#                            | / _---=> hardirq/softirq',
	'#                            || / _--=> preempt-depth',
	'#                            ||| /     delay',
	'#           TASK-PID   CPU#  ||||    TIMESTAMP  FUNCTION',
	'#              | |       |   ||||       |         |',
];

/** @param space what stands where the thread group would, which takes ten columns more */
function header510(space: string, tgid: (text: string) => string): string[] {
	return [
		`#                              ${space}_-----=> irqs-off`,
		`#                             ${space}/ _----=> need-resched`,
		`#                            ${space}| / _---=> hardirq/softirq`,
		`#                            ${space}|| / _--=> preempt-depth`,
		`#                            ${space}||| /     delay`,
		`#           TASK-PID  ${tgid('     TGID   ')} CPU#  ||||   TIMESTAMP  FUNCTION`,
		`#              | |    ${tgid('       |    ')}   |   ||||      |         |`,
	];
}

function header61(space: string, tgid: (text: string) => string): string[] {
	const [first, ...rest] = header510(space, tgid).slice(0, 4);
	return [
		`${first}/BH-disabled`,
		...rest,
		`#                            ${space}||| / _-=> migrate-disable`,
		`#                            ${space}|||| /     delay`,
		`#           TASK-PID  ${tgid('     TGID   ')} CPU#  |||||  TIMESTAMP  FUNCTION`,
		`#              | |    ${tgid('       |    ')}   |   |||||     |         |`,
	];
}

type Columns = Pick<Trace, 'dialect' | 'narrow' | 'tgids'>;

function headerOf({dialect, narrow, tgids}: Columns): readonly string[] {
	if (!since(dialect, '5.10')) return oldHeader;
	if (narrow) return header33;
	const width = tgids ? 12 : 2;
	return (since(dialect, '6.1') ? header61 : header510)(' '.repeat(width), text => (tgids ? text : ' '.repeat(width)));
}

/** One line of the file, without its newline. */
export function formatTraceLine(line: TraceLine, dialect: Dialect, narrow?: boolean): string {
	switch (line.kind) {
		case 'graph':
		case 'interrupt':
			return formatGraphLine(line, dialect);
		case 'lost':
			return `CPU:${line.cpu} [LOST ${line.events === null ? '' : `${line.events} `}EVENTS]`;
		case 'plain':
			return line.text;
		default:
			return formatTaskTraceLine(line, dialect, narrow);
	}
}

export function parseTraceLine(text: string): TraceLine {
	const lost = /^CPU:(\d+) \[LOST (?:(\d+) )?EVENTS\]$/.exec(text);
	if (lost !== null) {
		return {kind: 'lost', cpu: Number(lost[1]), events: lost[2] === undefined ? null : Number(lost[2])};
	}
	return parseTaskTraceLine(text) ?? parseGraphLine(text) ?? {kind: 'plain', text};
}

/** @throws Error if the dialect prints counts or flags that the record does not have */
export function formatTrace(trace: Trace): string {
	const {dialect, tracer, counts, lines} = trace;
	const text = [`# tracer: ${tracer}`];
	if (trace.header !== undefined) {
		text.push(...trace.header);
	} else if (tracer === 'function_graph') {
		text.push('#', ...graphHeader);
	} else {
		text.push('#');
		if (since(dialect, '5.10')) {
			if (counts === null) throw new Error(`a ${dialect} trace counts its entries`);
			const {entriesInBuffer, entriesWritten, cpus} = counts;
			text.push(`# entries-in-buffer/entries-written: ${entriesInBuffer}/${entriesWritten}   #P:${cpus}`, '#');
		}
		text.push(...headerOf(trace));
	}
	return joinLines([...text, ...lines.map(line => formatTraceLine(line, dialect, trace.narrow))]);
}

/** From the first line that draws the columns. */
function columnsOf(line: string): Columns {
	const dialect = line.endsWith('/BH-disabled') ? '6.1' : '5.10';
	const indent = line.indexOf('_');
	return {dialect, ...(indent < 33 ? {narrow: true} : {}), ...(indent > 33 ? {tgids: true} : {})};
}

const countsPattern = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+) {3}#P:(\d+)$/;

function countsFrom(line = ''): TraceCounts | null {
	const [buffered, written, cpus] = countsPattern.exec(line)?.slice(1).map(Number) ?? [];
	if (buffered === undefined || written === undefined || cpus === undefined) return null;
	return {entriesInBuffer: buffered, entriesWritten: written, cpus};
}

type Head = Pick<Trace, 'counts' | 'header'> & Columns;

/** What the lines of a header below the first say. The record keeps lines that are not the usual ones. */
function headFrom(tracer: string, header: readonly string[]): Head {
	const counts = header.map(countsFrom).find(found => found !== null) ?? null;
	const drawn = header.find(line => /_-+=> irqs-off/.test(line));
	const columns: Columns = drawn !== undefined && counts !== null ? columnsOf(drawn) : {dialect: '2.6.11'};
	const isGraph = tracer === 'function_graph';
	const before = counts === null ? ['#'] : ['#', header[1], '#'];
	const usual = [...before, ...(isGraph ? graphHeader : headerOf(columns))];
	const isUsual = usual.length === header.length && usual.every((line, index) => line === header[index]);
	return {...columns, counts, ...(isUsual ? {} : {header})};
}

/** Columns in which a line may stand, the newest last. */
const columnsTried: readonly Columns[] = [
	{dialect: '2.6.11'},
	{dialect: '5.10', narrow: true},
	{dialect: '5.10'},
	{dialect: '6.1', narrow: true},
	{dialect: '6.1'},
];

/** Columns in which the line is printed exactly as it was read; undefined where none are right. */
const columnsFor = (line: TraceLine, text: string): Columns | undefined =>
	columnsTried.find(({dialect, narrow}) => formatTraceLine(line, dialect, narrow) === text);

/** Lines below a header that is not known. A line that would be printed differently is kept as text. */
function parseLines(lines: Lines, head: Head): Head & Pick<Trace, 'lines'> {
	let columns: Columns | undefined;
	const entries: TraceLine[] = [];
	while (!lines.done) {
		const text = lines.next();
		const line = parseTraceLine(text);
		if (line.kind !== 'plain' && line.kind !== 'lost') columns ??= columnsFor(line, text);
		const {dialect, narrow} = columns ?? head;
		entries.push(formatTraceLine(line, dialect, narrow) === text ? line : {kind: 'plain', text});
	}
	return {...head, ...columns, lines: entries};
}

/** @throws FormatError */
export function parseTrace(text: string): Trace {
	const lines = new Lines('trace', text);
	const [tracer = ''] = lines.match(/^# tracer: (\S+)$/, '# tracer: …');
	const header: string[] = [];
	while (lines.peek()?.startsWith('#')) header.push(lines.next());
	const head = headFrom(tracer, header);
	if (head.header !== undefined) return {...parseLines(lines, head), tracer};
	const entries: TraceLine[] = [];
	while (!lines.done) entries.push(parseTraceLine(lines.next()));
	return {...head, tracer, lines: entries};
}
