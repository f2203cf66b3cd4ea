/**
 * Models kernel/trace: a ring of what the kernel just did: tracepoints (events with fields), system calls and function
 * entries, each with task, CPU and virtual time. A record also knows within which other one it happened and what it
 * touched (trace_touch.ts), so that any change can be asked for its cause.
 *
 * Not modelled: filters, per-CPU rings, stack traces, function_graph. Function entries exist for the functions that
 * call `traceCall`.
 */

import type {irqaction} from './irq.ts';
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';
import {oneFrame, type Touched} from './trace_touch.ts';

/** `timer`: a timer of the kernel went off, on top of whatever the CPU did. */
type TraceContext = 'task' | 'softirq' | 'hardirq' | 'timer';

type TraceKind = 'event' | 'syscall' | 'sysret' | 'function';

/**
 * The record of the system call, page fault, interrupt … that something happened in. In its place: there was none; it
 * was not recorded; or the chain is longer than is kept.
 */
export type Within = TraceRecord | 'nothing' | 'untraced' | 'cut';

/**
 * So deep is a chain followed from one context into the next: a softirq that raises itself would hold all that it ever
 * did.
 */
const DEEPEST = 8;

export class TraceRecord {
	readonly seq: number;
	readonly timeNs: number;
	readonly cpu: number;
	readonly pid: number;
	readonly comm: string;
	readonly kind: TraceKind;
	/** Event or function name in Linux's words: `mm_page_alloc`, `handle_mm_fault`. */
	readonly name: string;
	readonly context: TraceContext;
	readonly irqsOff: boolean;
	readonly preempt_count: number;
	/** Injection that the task works for, or 0. */
	readonly injection: number;
	/** Whether the task runs a program: a kernel thread has no address space. */
	readonly ofProgram: boolean;
	readonly within: Within;
	readonly depth: number;
	/** Of a system call: what it returned, once it has. */
	result: string | undefined;
	readonly touched: Touched | undefined;
	private said: string | (() => string);

	constructor(
		k: Kernel,
		kind: TraceKind,
		name: string,
		text: string | (() => string),
		touched: Touched | undefined,
		within: Within,
	) {
		const {cpu} = k;
		const task = cpu.current;
		this.seq = k.trace.seq++;
		this.timeNs = k.hw.timeline.nowNs + Math.round(cpu.chargedNs);
		this.cpu = cpu.id;
		this.pid = task.pid;
		this.comm = task.comm;
		this.kind = kind;
		this.name = name;
		this.context = contextOf(k);
		this.irqsOff = cpu.irqsDisabled;
		this.preempt_count = cpu.preempt_count & 0xff;
		this.injection = task.injection;
		this.ofProgram = task.mm !== null;
		this.depth = typeof within === 'string' ? 0 : within.depth + 1;
		this.within = within;
		this.result = undefined;
		this.touched = touched;
		this.said = text;
	}

	/** Fields as the tracepoint prints them, arguments or result of a system call, or the caller of a function. */
	get text(): string {
		// Most records fall out of the ring before anybody reads them.
		if (typeof this.said !== 'string') this.said = this.said();
		return this.said;
	}
}

/** The ring holds this many records at least; more are dropped by the slice. */
const RING_RECORDS = 40_960;
const SLICE_RECORDS = 8_192;
/** Changes of areas are rare and looked at long after; so many are kept when they leave the ring. */
const KEPT_RECORDS = 8_192;

export type TraceState = {
	readonly ring: TraceRecord[];
	/** Those that touched areas, from before the ring. */
	readonly kept: TraceRecord[];
	seq: number;
	on: boolean;
	/** Record that was the next when tracing was switched on last: what happened before may be incomplete. */
	onSince: number;
	tracer: 'nop' | 'function';
};

export const trace_init = (): TraceState => ({ring: [], kept: [], seq: 0, on: true, onSince: 0, tracer: 'nop'});

/** Writing tracing_on. */
export function tracing_set(k: Kernel, on: boolean): void {
	if (on && !k.trace.on) k.trace.onSince = k.trace.seq;
	k.trace.on = on;
}

/** The context that runs now; none while a timer of the kernel does. */
const contextNow = (k: Kernel) => (k.cpu.dispatching ? k.cpu.stack.at(-1) : undefined);

/** What the context that runs now happens within. */
export const withinNow = (k: Kernel): Within => contextNow(k)?.within ?? 'nothing';

function contextOf(k: Kernel): TraceContext {
	const {cpu} = k;
	if (!cpu.dispatching) return 'timer';
	return (cpu.preempt_count & 0x0fff_0000) !== 0 ? 'hardirq' : (cpu.preempt_count & 0xff00) !== 0 ? 'softirq' : 'task';
}

function record(
	k: Kernel,
	kind: TraceKind,
	name: string,
	text: string | (() => string),
	touched?: Touched,
	within: Within = withinNow(k),
): Within {
	const {trace} = k;
	if (!trace.on) return 'untraced';
	const entry = new TraceRecord(k, kind, name, text, touched, within);
	trace.ring.push(entry);
	if (trace.ring.length > RING_RECORDS + SLICE_RECORDS) dropSlice(trace);
	return entry;
}

function dropSlice({ring, kept}: TraceState): void {
	for (const record of ring.splice(0, SLICE_RECORDS)) if (record.touched?.areas) kept.push(record);
	if (kept.length > KEPT_RECORDS) kept.splice(0, kept.length - KEPT_RECORDS);
}

/** Records that fell out of the ring. */
export const tracing_overrun = ({ring, seq}: TraceState): number => seq - ring.length;

/**
 * A tracepoint.
 * @param fields called when somebody reads the record: it must look at nothing that can change until then
 * @param touched what the event changed
 * @param within the record that it belongs to, where that is not what the context is in
 * @returns the record, for what happens within it
 */
export function trace(k: Kernel, name: string, fields: () => string, touched?: Touched, within?: Within): Within {
	return k.trace.on ? record(k, 'event', name, fields, touched, within) : 'untraced';
}

/** A function changed how one frame is used. @returns the record */
export function traceFrame(k: Kernel, name: string, frame: number): Within {
	if (!k.trace.on) return 'untraced';
	return record(k, 'event', name, () => `pfn=0x${frame.toString(16)}`, {frames: oneFrame(frame)});
}

/**
 * What is recorded in this context from now on happens within a record.
 * @returns within which it happened so far, for the way out
 */
export function traceWithin(k: Kernel, record: Within): Within {
	const context = contextNow(k);
	if (!context) return 'nothing';
	const former = context.within;
	context.within = record;
	return former;
}

/**
 * Takes a record back that is the newest: a quick way was tried, came to nothing, and the slow way records it again.
 */
export function traceTakeBack(k: Kernel, record: Within): void {
	if (k.trace.ring.at(-1) !== record) return;
	k.trace.ring.pop();
	k.trace.seq--;
}

/** A system call begins. @returns the record, for traceWithin */
export function traceSyscall(k: Kernel, name: string, text: string | (() => string)): Within {
	return record(k, 'syscall', `sys_${name}`, text);
}

/**
 * A system call returns.
 * @param call its record
 * @param result printed as the tracer does: hexadecimal, or a negative errno
 */
export function traceSysret(k: Kernel, name: string, call: Within, result: number): void {
	if (!k.trace.on) return;
	const text = result < 0 ? String(result) : `0x${result.toString(16)}`;
	record(k, 'sysret', `sys_${name}`, text, undefined, call);
	if (typeof call !== 'string') call.result = text;
}

/** A traced function of the kernel is entered; recorded by the function tracer only. */
export function traceCall(k: Kernel, name: string, caller: string): void {
	if (k.trace.tracer === 'function') record(k, 'function', name, caller);
}

export function traceSwitch(k: Kernel, next: task_struct): void {
	const {comm, pid} = next;
	trace(k, 'sched_switch', () => `next_comm=${comm} next_pid=${pid}`);
}

/** A handler begins: the rest of its context happens within it. */
export function traceIrqEntry(k: Kernel, {line, name}: irqaction): void {
	traceWithin(
		k,
		trace(k, 'irq_handler_entry', () => `irq=${line} name=${name}`),
	);
}

export function traceIrqExit(k: Kernel, {line}: irqaction, handled: boolean): void {
	trace(k, 'irq_handler_exit', () => `irq=${line} ret=${handled ? 'handled' : 'unhandled'}`);
}

/** Something is left to another context. @returns the record: what is done there follows from it */
export function traceHandOver(k: Kernel, name: string, fields: () => string): Within {
	const within = withinNow(k);
	return trace(k, name, fields, undefined, typeof within !== 'string' && within.depth >= DEEPEST ? 'cut' : within);
}

export const traceSoftirqRaise = (k: Kernel, nr: number, name: string): Within =>
	traceHandOver(k, 'softirq_raise', () => `vec=${nr} [action=${name}]`);

/** @param raise the record of who raised it */
export function traceSoftirqEntry(k: Kernel, nr: number, name: string, raise: Within): void {
	traceWithin(
		k,
		trace(k, 'softirq_entry', () => `vec=${nr} [action=${name}]`, undefined, raise),
	);
}

export function traceSoftirqExit(k: Kernel, nr: number, name: string): void {
	trace(k, 'softirq_exit', () => `vec=${nr} [action=${name}]`);
	traceWithin(k, 'nothing');
}
