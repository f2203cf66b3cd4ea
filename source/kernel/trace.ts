/**
 * Models kernel/trace: a ring of what the kernel just did: tracepoints (events with fields), system calls and function
 * entries, each with task, CPU and virtual time.
 *
 * Not modelled: filters, per-CPU rings, stack traces, function_graph. Function entries exist for the functions that call
 * `traceCall`.
 */

import type {irqaction} from './irq.ts';
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';

export type TraceContext = 'task' | 'softirq' | 'hardirq';

export type TraceRecord = {
	readonly seq: number;
	readonly timeNs: number;
	readonly cpu: number;
	readonly pid: number;
	readonly comm: string;
	readonly kind: 'event' | 'syscall' | 'sysret' | 'function';
	/** Event or function name in Linux's words: `mm_page_alloc`, `handle_mm_fault`. */
	readonly name: string;
	/** Fields as the tracepoint prints them, arguments or result of a system call, or the caller of a function. */
	readonly text: string;
	readonly context: TraceContext;
	readonly irqsOff: boolean;
	readonly preempt_count: number;
	/** Injection that the task works for, or 0. */
	readonly injection: number;
};

const RING_RECORDS = 4_096;

export type TraceState = {
	readonly ring: TraceRecord[];
	seq: number;
	/** Records that fell out of the ring. */
	overrun: number;
	on: boolean;
	tracer: 'nop' | 'function';
};

export const trace_init = (): TraceState => ({ring: [], seq: 0, overrun: 0, on: true, tracer: 'nop'});

const contextOf = (k: Kernel): TraceContext =>
	(k.cpu.preempt_count & 0x0fff_0000) !== 0 ? 'hardirq' : (k.cpu.preempt_count & 0xff00) !== 0 ? 'softirq' : 'task';

function record(k: Kernel, kind: TraceRecord['kind'], name: string, text: string): void {
	const trace = k.trace;
	const {cpu} = k;
	const task = cpu.current;
	trace.ring.push({
		seq: trace.seq++,
		timeNs: k.hw.timeline.nowNs + Math.round(cpu.chargedNs),
		cpu: cpu.id,
		pid: task.pid,
		comm: task.comm,
		kind,
		name,
		text,
		context: contextOf(k),
		irqsOff: cpu.irqsDisabled,
		preempt_count: cpu.preempt_count & 0xff,
		injection: task.injection,
	});
	if (trace.ring.length > 2 * RING_RECORDS) {
		trace.ring.splice(0, RING_RECORDS);
		trace.overrun += RING_RECORDS;
	}
}

/** A tracepoint. @param fields built only when tracing is on */
export function trace(k: Kernel, name: string, fields: () => string): void {
	if (k.trace.on) record(k, 'event', name, fields());
}

/** A system call begins. */
export function traceSyscall(k: Kernel, name: string, text: string): void {
	if (k.trace.on) record(k, 'syscall', `sys_${name}`, text);
}

/** A system call returns. @param result as the tracer prints it: hexadecimal, or a negative errno */
export function traceSysret(k: Kernel, name: string, result: number): void {
	if (k.trace.on) record(k, 'sysret', `sys_${name}`, result < 0 ? String(result) : `0x${result.toString(16)}`);
}

/** A traced function of the kernel is entered; recorded by the function tracer only. */
export function traceCall(k: Kernel, name: string, caller: string): void {
	if (k.trace.on && k.trace.tracer === 'function') record(k, 'function', name, caller);
}

export function traceSwitch(k: Kernel, next: task_struct): void {
	trace(k, 'sched_switch', () => `next_comm=${next.comm} next_pid=${next.pid}`);
}

export function traceIrq(k: Kernel, action: irqaction, edge: 'entry' | 'exit'): void {
	const name = edge === 'entry' ? 'irq_handler_entry' : 'irq_handler_exit';
	trace(k, name, () =>
		edge === 'entry' ? `irq=${action.line} name=${action.name}` : `irq=${action.line} ret=handled`,
	);
}

export function traceSoftirq(k: Kernel, nr: number, name: string, edge: 'entry' | 'exit'): void {
	trace(k, `softirq_${edge}`, () => `vec=${nr} [action=${name}]`);
}
