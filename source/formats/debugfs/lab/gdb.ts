/**
 * /sys/kernel/debug/lab/gdb (ours), as it is read: who debugs the machine, why it stopped, breakpoints and threads.
 *
 *     # gdb 0.1
 *     holder: joan@mmtop-4711
 *     stop: why=breakpoint tid=131 type=x address=d0801010 by=-
 *     instructions: 48211
 *     breakpoint: type=x address=d0801010 bytes=1 pid=-
 *     thread: tid=131 tgid=131 comm=use cpu=0 registers=00000000,…
 *
 * `instructions` are those that the processor has done since power-on. Registers are eax ecx edx ebx esp ebp esi edi
 * eip eflags cs ss ds es fs gs, in hexadecimal; `-` for a thread that has none: the idle task of a CPU.
 */
import {addressCell, decimal, list, name, oneOf, optional} from '../../cells.ts';
import {document, many, maybe, one, pairs} from '../../table.ts';
import {joinLines, Lines} from '../../text.ts';

export const breakpointTypes = ['x', 'w', 'r', 'rw'] as const;

type BreakpointRecord = {
	readonly type: (typeof breakpointTypes)[number];
	readonly address: number;
	readonly bytes: number;
	/** The process whose memory it is in; null for the kernel's memory, and for all processes. */
	readonly pid: number | null;
};

type StopRecord = {
	readonly why: 'breakpoint' | 'watchpoint' | 'step' | 'until' | 'asked' | 'begin';
	/** The thread that reached it; null where none did, as when a device wrote to watched bytes. */
	readonly tid: number | null;
	/** Of the breakpoint or watchpoint. */
	readonly type: BreakpointRecord['type'] | null;
	readonly address: number | null;
	/** What wrote to the watched bytes. */
	readonly by: string | null;
};

type ThreadRecord = {
	readonly tid: number;
	readonly tgid: number;
	readonly comm: string;
	/** Null while it is not on a CPU. */
	readonly cpu: number | null;
	readonly registers: readonly number[];
};

export type Gdb = {
	readonly holder: string | null;
	/** Null while the machine runs, and without a holder. */
	readonly stop: StopRecord | null;
	readonly instructions: number;
	readonly breakpoints: readonly BreakpointRecord[];
	readonly threads: readonly ThreadRecord[];
};

const body = document<Gdb>({
	holder: one('holder', optional(name)),
	stop: maybe(
		'stop',
		pairs<StopRecord>({
			why: ['why', oneOf('breakpoint', 'watchpoint', 'step', 'until', 'asked', 'begin')],
			tid: ['tid', optional(decimal)],
			type: ['type', optional(oneOf(...breakpointTypes))],
			address: ['address', optional(addressCell)],
			by: ['by', optional(name)],
		}),
	),
	instructions: one('instructions', decimal),
	breakpoints: many(
		'breakpoint',
		pairs<BreakpointRecord>({
			type: ['type', oneOf(...breakpointTypes)],
			address: ['address', addressCell],
			bytes: ['bytes', decimal],
			pid: ['pid', optional(decimal)],
		}),
	),
	threads: many(
		'thread',
		pairs<ThreadRecord>({
			tid: ['tid', decimal],
			tgid: ['tgid', decimal],
			comm: ['comm', name],
			cpu: ['cpu', optional(decimal)],
			registers: ['registers', list(addressCell)],
		}),
	),
});
const heading = '# gdb 0.1';

export const formatGdb = (record: Gdb): string => joinLines([heading, ...body.write(record)]);

/** @throws FormatError */
export function parseGdb(text: string): Gdb {
	const lines = new Lines('lab/gdb', text);
	lines.expect(heading);
	const record = body.read(lines);
	if (!lines.done) lines.fail('thread: …');
	return record;
}
