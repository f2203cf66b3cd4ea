/**
 * /sys/kernel/debug/tracing/trace, and the lines of trace_pipe: kernel/trace/trace.c. Kernels before 2.6.27 had no
 * ftrace; they print as 2.6.32 does.
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
	readonly tracer: 'nop' | 'function' | 'function_graph';
	/** null up to 3.2 and under function_graph, where they are not printed. */
	readonly counts: TraceCounts | null;
	/** The columns of 3.3 to 5.5, with five for a pid. */
	readonly narrow?: true;
	/** Whether option record-tgid is on. */
	readonly tgids?: true;
	readonly lines: readonly TraceLine[];
};

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
	const text = [`# tracer: ${tracer}`, '#'];
	if (tracer === 'function_graph') {
		text.push(...graphHeader);
	} else {
		if (since(dialect, '5.10')) {
			if (counts === null) throw new Error(`a ${dialect} trace counts its entries`);
			const {entriesInBuffer, entriesWritten, cpus} = counts;
			text.push(`# entries-in-buffer/entries-written: ${entriesInBuffer}/${entriesWritten}   #P:${cpus}`, '#');
		}
		text.push(...headerOf(trace));
	}
	return joinLines([...text, ...lines.map(line => formatTraceLine(line, dialect, trace.narrow))]);
}

/** From the first line of the header. */
function columnsOf(line: string): Columns {
	const dialect = line.endsWith('/BH-disabled') ? '6.1' : '5.10';
	const indent = line.indexOf('_');
	return {dialect, ...(indent < 33 ? {narrow: true} : {}), ...(indent > 33 ? {tgids: true} : {})};
}

/** @throws FormatError */
export function parseTrace(text: string): Trace {
	const lines = new Lines('trace', text);
	const tracer = lines.match(/^# tracer: (nop|function|function_graph)$/, '# tracer: …')[0] as Trace['tracer'];
	lines.expect('#');
	const found = lines.tryMatch(/^# entries-in-buffer\/entries-written: (\d+)\/(\d+) {3}#P:(\d+)$/);
	const counts =
		found === undefined
			? null
			: {entriesInBuffer: Number(found[0]), entriesWritten: Number(found[1]), cpus: Number(found[2])};
	if (counts !== null) lines.expect('#');
	const columns = counts === null ? {dialect: '2.6.11' as const} : columnsOf(lines.peek() ?? '');
	for (const line of tracer === 'function_graph' ? graphHeader : headerOf(columns)) lines.expect(line);
	const entries: TraceLine[] = [];
	while (!lines.done) entries.push(parseTraceLine(lines.next()));
	return {...columns, tracer, counts, lines: entries};
}
