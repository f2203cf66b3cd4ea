/**
 * Models kernel/printk.c: the log ring that dmesg and /proc/kmsg show.
 *
 * Not modelled: console drivers, message continuation, rate limiting beyond what callers do.
 */

import type {Pfn} from '../hardware/address.ts';
import type {Kernel} from './kernel.ts';
import type {Ratelimit} from './ratelimit.ts';
import type {Taint} from './stacktrace.ts';
import {trace, type Within} from './trace.ts';
import {moduleNow} from './watch.ts';

export type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export type LogLine = {
	readonly seq: number;
	readonly timeNs: number;
	readonly level: LogLevel;
	readonly text: string;
	/** The frame that the message is about, where there is one. */
	readonly pfn?: Pfn;
};

/** Lines kept; older ones are lost, as in the 128 KiB ring of a real kernel. */
const RING_LINES = 2_000;

export type PrintkState = {
	readonly lines: LogLine[];
	seq: number;
	dropped: number;
	/** A program that asks for all of the log gets what came from here on. */
	clearedSeq: number;
	/** Oopses and BUGs since boot. */
	oopses: number;
	/** What the kernel is tainted by. */
	readonly taints: Set<Taint>;
	/** Messages that may not come too often, by the function that has them. */
	readonly limits: Map<string, Ratelimit>;
	/** Reports that have ended with a marker. */
	oopsId: number;
	/** The report that is being printed, and the trace record of its first line. */
	reported: {readonly lines: LogLine[]; record: Within | undefined} | undefined;
};

export const printk_init = (): PrintkState => ({
	lines: [],
	seq: 0,
	dropped: 0,
	clearedSeq: 0,
	oopses: 0,
	taints: new Set(),
	limits: new Map(),
	oopsId: 0,
	reported: undefined,
});

/**
 * Logs one line that is part of no report: one of a driver in C, whatever its level, or a warning of the kernel about
 * the log itself or about how a module was built.
 * @param level 0 (emergency) to 7 (debug)
 * @param pfn frame that the message is about
 * @returns the line, and the trace record of it
 */
export function log_store(k: Kernel, level: LogLevel, text: string, pfn?: Pfn): readonly [LogLine, Within] {
	const log = k.log;
	const line: LogLine = {
		seq: log.seq++,
		timeNs: k.hw.timeline.nowNs,
		level,
		text,
		...(pfn === undefined ? {} : {pfn}),
	};
	log.lines.push(line);
	const record = trace(k, 'console', () => text, {loggedNs: k.hw.timeline.nowNs});
	if (log.lines.length > RING_LINES) {
		log.lines.shift();
		log.dropped++;
	}
	return [line, record];
}

/** Lines of this level and of lower numbers say that something is wrong: KERN_WARNING. */
const WRONG_LEVEL = 4;

/**
 * Logs one line of the kernel's own.
 * @param level 0 (emergency) to 7 (debug)
 * @param pfn frame that the message is about
 */
export function printk(k: Kernel, level: LogLevel, text: string, pfn?: Pfn): void {
	const [line, record] = log_store(k, level, text, pfn);
	const {reported} = k.log;
	if (reported) {
		reported.lines.push(line);
		reported.record ??= record;
	} else if (level <= WRONG_LEVEL) sayMessage(k, line, record);
}

function sayMessage(k: Kernel, line: LogLine, record: Within): void {
	if (!k.watcher) return;
	const {comm, pid} = k.cpu.current;
	const about = line.pfn === undefined ? {} : {pfn: line.pfn};
	k.watcher.report({
		kind: 'message',
		about,
		timeNs: line.timeNs,
		comm,
		pid,
		module: moduleNow(k),
		record,
		lines: [line],
	});
}
