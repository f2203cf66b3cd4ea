/**
 * Lines of ftrace that name task, CPU and time: kernel/trace/trace_output.c trace_print_context() and the print
 * functions of function entries, events and system calls. Up to 3.2 without the irqs-off/need-resched column.
 */

import {type Dialect, since} from '../../dialect.ts';
import {parseSeconds, seconds} from '../../text.ts';

/** What all of these lines say first. */
type TraceContext = {
	readonly comm: string;
	readonly pid: number;
	/** Thread group, where option record-tgid is on; null for a task of which it is not known. */
	readonly tgid?: number | null;
	readonly cpu: number;
	/**
	 * `d..1.`: irqs off, need-resched, hard or soft interrupt, preempt depth, and from 6.1 on migrate-disable depth,
	 * which older dialects do not print. null up to 3.2, and without option irq-info.
	 */
	readonly flags: string | null;
	readonly timeUs: number;
};

export type TaskTraceLine = TraceContext &
	(
		| {readonly kind: 'function'; readonly function: string; readonly caller: string}
		| {readonly kind: 'event'; readonly event: string; readonly text: string}
		/** A system call begins: `sys_mremap(addr: 40000000, …)`. */
		| {readonly kind: 'syscall'; readonly syscall: string; readonly arguments: string}
		/** A system call returns; the result as printed, `0x1` or `-14`. */
		| {readonly kind: 'sysret'; readonly syscall: string; readonly result: string}
		| {readonly kind: 'other'; readonly text: string}
	);

function formatBody(line: TaskTraceLine): string {
	switch (line.kind) {
		case 'function':
			return `${line.function} <-${line.caller}`;
		case 'event':
			return `${line.event}: ${line.text}`;
		case 'syscall':
			return `${line.syscall}(${line.arguments})`;
		case 'sysret':
			return `${line.syscall} -> ${line.result}`;
		case 'other':
			return line.text;
	}
}

/**
 * @param narrow five columns for a pid and a thread group, as kernels before 5.6 have
 */
export function formatTaskTraceLine(line: TaskTraceLine, dialect: Dialect, narrow = !since(dialect, '5.10')): string {
	const {tgid} = line;
	const width = narrow ? 5 : 7;
	const group = tgid === undefined ? '' : ` (${tgid === null ? '-'.repeat(width) : String(tgid).padStart(width)})`;
	const task = `${line.comm.padStart(16)}-${String(line.pid).padEnd(width)}${group}`;
	const cpu = `[${String(line.cpu).padStart(3, '0')}]`;
	const time = seconds(line.timeUs, 5);
	if (!since(dialect, '5.10') || line.flags === null) return `${task} ${cpu} ${time}: ${formatBody(line)}`;
	const flags = since(dialect, '6.1') ? line.flags : line.flags.slice(0, 4);
	return `${task} ${cpu} ${flags} ${time}: ${formatBody(line)}`;
}

const linePattern = /^ *(\S.*?)-(\d+) +(?:\( *(\d+|-+)\) )?\[(\d{3,})\] (?:([^\s:]{4,5}) )? *(\d+\.\d{6}): (.*)$/s;

function parseBody(context: TraceContext, text: string): TaskTraceLine {
	const event = /^(\w+): (.*)$/s.exec(text);
	if (event !== null) return {...context, kind: 'event', event: event[1]!, text: event[2]!};
	const syscall = /^(sys_\w+)\((.*)\)$/s.exec(text);
	if (syscall !== null) return {...context, kind: 'syscall', syscall: syscall[1]!, arguments: syscall[2]!};
	const sysret = /^(sys_\w+) -> (\S+)$/.exec(text);
	if (sysret !== null) return {...context, kind: 'sysret', syscall: sysret[1]!, result: sysret[2]!};
	const call = /^(\S.*) <-(\S.*)$/s.exec(text);
	if (call !== null) return {...context, kind: 'function', function: call[1]!, caller: call[2]!};
	return {...context, kind: 'other', text};
}

/** undefined if the line names no task. */
export function parseTaskTraceLine(text: string): TaskTraceLine | undefined {
	const found = linePattern.exec(text);
	if (found === null) return undefined;
	const context = {
		comm: found[1]!,
		pid: Number(found[2]),
		...(found[3] === undefined ? {} : {tgid: found[3].startsWith('-') ? null : Number(found[3])}),
		cpu: Number(found[4]),
		flags: found[5] ?? null,
		timeUs: parseSeconds(found[6]!),
	};
	return parseBody(context, found[7]!);
}
