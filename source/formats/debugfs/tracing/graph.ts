/**
 * Lines of ftrace's function_graph tracer: kernel/trace/trace_functions_graph.c of 2.6.32 to 6.1, options as they are
 * by default (CPU and duration shown; no task, no absolute time, closing braces without names). Up to ten CPUs: more
 * widen the first column.
 */

import {type Dialect, since} from '../../dialect.ts';

/** One call: opened, closed, or a leaf that called nothing traced. */
export type GraphLine = {
	readonly kind: 'graph';
	readonly cpu: number;
	readonly call: 'open' | 'close' | 'leaf';
	/** The function; null where a closing brace does not repeat it. */
	readonly function: string | null;
	readonly depth: number;
	/** Of the whole call; null where it opens. */
	readonly durationNs: number | null;
};

/** A hardware interrupt begins or ends on the CPU. */
export type GraphInterruptLine = {readonly kind: 'interrupt'; readonly cpu: number; readonly edge: 'begin' | 'end'};

const marks = [
	[1e9, '$', '6.1'],
	[1e8, '@', '6.1'],
	[1e7, '*', '5.10'],
	[1e6, '#', '5.10'],
	[1e5, '!', '2.6.11'],
	[1e4, '+', '2.6.11'],
] as const satisfies readonly (readonly [number, string, Dialect])[];

/** The character in front of a long duration. */
function mark(durationNs: number, dialect: Dialect): string {
	return marks.find(([limitNs, , first]) => durationNs > limitNs && since(dialect, first))?.[1] ?? ' ';
}

/** Microseconds with as many decimals as fit in seven characters, as the tracer cuts them. */
function formatDuration(durationNs: number): string {
	const whole = String(Math.floor(durationNs / 1000));
	const decimals = Math.max(0, Math.min(3, 7 - whole.length));
	const fraction = String(durationNs % 1000)
		.padStart(3, '0')
		.slice(0, decimals);
	return `${whole}${decimals > 0 ? `.${fraction}` : ''} us `.padEnd(12);
}

export function formatGraphLine(line: GraphLine | GraphInterruptLine, dialect: Dialect): string {
	const cpu = ` ${line.cpu}) `;
	if (line.kind === 'interrupt') return `${cpu}  ${line.edge === 'begin' ? '==========>' : '<=========='} |`;
	const {call, depth, durationNs} = line;
	const duration = durationNs === null ? ' '.repeat(14) : `${mark(durationNs, dialect)} ${formatDuration(durationNs)}`;
	const indent = ' '.repeat(depth * 2);
	const comment = line.function === null ? '' : ` /* ${line.function} */`;
	const code = call === 'close' ? `}${comment}` : `${line.function ?? ''}()${call === 'leaf' ? ';' : ' {'}`;
	return `${cpu}${duration}|  ${indent}${code}`;
}

const interruptPattern = /^ (\d+)\) {3}(==========>|<==========) \|$/;
const graphPattern =
	/^ (\d+)\) (?:[$@*#!+ ] (\d+)(?:\.(\d+))? us +| {14})\| {2}((?: {2})*)(?:(\S.*)\(\)(;| \{)|\}(?: \/\* (.+) \*\/)?)$/;

/** undefined if the line is none of this tracer's. */
export function parseGraphLine(text: string): GraphLine | GraphInterruptLine | undefined {
	const interrupt = interruptPattern.exec(text);
	if (interrupt !== null) {
		return {kind: 'interrupt', cpu: Number(interrupt[1]), edge: interrupt[2]!.startsWith('=') ? 'begin' : 'end'};
	}
	const found = graphPattern.exec(text);
	if (found === null) return undefined;
	const [, cpu, whole, fraction, indent, name, ending, closed] = found;
	return {
		kind: 'graph',
		cpu: Number(cpu),
		call: ending === undefined ? 'close' : ending === ';' ? 'leaf' : 'open',
		function: name ?? closed ?? null,
		depth: indent!.length / 2,
		durationNs: whole === undefined ? null : Number(whole) * 1000 + Number((fraction ?? '').padEnd(3, '0')),
	};
}
