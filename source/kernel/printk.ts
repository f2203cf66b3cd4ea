/**
 * Models kernel/printk.c: the log ring that dmesg and /proc/kmsg show.
 *
 * Not modelled: console drivers, message continuation, rate limiting beyond what callers do.
 */

import type {Pfn} from '../hardware/address.ts';
import type {Kernel} from './kernel.ts';
import type {Ratelimit} from './ratelimit.ts';
import type {Taint} from './stacktrace.ts';
import {trace} from './trace.ts';

export type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

type LogLine = {
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
	/** Oopses and BUGs since boot. */
	oopses: number;
	/** What the kernel is tainted by. */
	readonly taints: Set<Taint>;
	/** Messages that may not come too often, by the function that has them. */
	readonly limits: Map<string, Ratelimit>;
	/** Reports that have ended with a marker. */
	oopsId: number;
};

export const printk_init = (): PrintkState => ({
	lines: [],
	seq: 0,
	dropped: 0,
	oopses: 0,
	taints: new Set(),
	limits: new Map(),
	oopsId: 0,
});

/**
 * Logs one line.
 * @param level 0 (emergency) to 7 (debug)
 * @param pfn frame that the message is about
 */
export function printk(k: Kernel, level: LogLevel, text: string, pfn?: Pfn): void {
	const log = k.log;
	log.lines.push({
		seq: log.seq++,
		timeNs: k.hw.timeline.nowNs,
		level,
		text,
		...(pfn === undefined ? {} : {pfn}),
	});
	trace(k, 'console', () => text, {loggedNs: k.hw.timeline.nowNs});
	if (log.lines.length > RING_LINES) {
		log.lines.shift();
		log.dropped++;
	}
}
