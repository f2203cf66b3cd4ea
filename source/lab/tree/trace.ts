/** What the kernel just did, as ftrace prints it. */
import {formatTrace, type TraceLine} from '../../formats/debugfs/tracing/trace.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {TraceRecord} from '../../kernel/trace.ts';
import {LabError} from '../errors.ts';

/** Newest records that `trace` shows; the ring holds more. */
const shown = 400;

/** `trace/LINES`: the newest lines alone, for those who watch them pass. @throws LabError EINVAL */
export function traceWindow(k: Kernel, linesText: string): string {
	const lines = /^\d{1,3}$/.test(linesText) ? Number(linesText) : 0;
	if (lines < 1 || lines > shown) throw new LabError('EINVAL', `LINES must be 1..${shown}, got "${linesText}"`);
	return traceFile(k, lines);
}

/** @param lines newest records that it shows */
export function traceFile(k: Kernel, lines = shown): string {
	const {ring, seq, tracer} = k.trace;
	const shown = ring.slice(-lines);
	return formatTrace({
		dialect: k.era.dialect,
		tracer,
		counts: {entriesInBuffer: shown.length, entriesWritten: seq, cpus: k.sched.cpus.length},
		lines: shown.map(record => traceLine(k, record)),
	});
}

/** `d.h1.`: interrupts off, reschedule wanted, context, preemption depth. */
function flags(record: TraceRecord): string {
	const context = {task: '.', softirq: 's', hardirq: 'h', timer: 's'}[record.context];
	const depth = record.preempt_count === 0 ? '.' : Math.min(9, record.preempt_count).toString();
	return `${record.irqsOff ? 'd' : '.'}.${context}${depth}.`;
}

function traceLine(k: Kernel, record: TraceRecord): TraceLine {
	const {pid, cpu, name, text} = record;
	const comm = pid === 0 ? '<idle>' : record.comm;
	const shown = k.era.traceShowsFlags ? flags(record) : null;
	const timeUs = Math.floor(record.timeNs / 1000);
	// Written out: spreading what they share took half of the time of this file, which is read ten times a second.
	switch (record.kind) {
		case 'syscall':
			return {comm, pid, cpu, flags: shown, timeUs, kind: 'syscall', syscall: name, arguments: text};
		case 'sysret':
			return {comm, pid, cpu, flags: shown, timeUs, kind: 'sysret', syscall: name, result: text};
		case 'function':
			return {comm, pid, cpu, flags: shown, timeUs, kind: 'function', function: name, caller: text};
		case 'event':
			return {comm, pid, cpu, flags: shown, timeUs, kind: 'event', event: name, text};
	}
}
