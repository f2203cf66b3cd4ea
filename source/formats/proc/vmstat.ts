/**
 * /proc/vmstat: mm/vmstat.c vmstat_show() (mm/page_alloc.c in 2.6.11), `name value` a line, in the order in which the
 * kernel has its counters. A record has the counters that its kernel prints, under whatever names, and keeps the line
 * of one that has wrapped around 2^64.
 */

import {joinLines, Lines, type WithKept} from '../text.ts';

type Vmstat = {readonly counters: Readonly<Record<string, number>>} & WithKept;

export function formatVmstat({counters, kept}: Vmstat): string {
	const lines = Object.entries(counters).map(([name, value]) => `${name} ${value}`);
	return joinLines(lines, kept);
}

const counterPattern = /^(\w+) (-?\d+)$/;

/** @throws FormatError */
export function parseVmstat(text: string): Vmstat {
	const lines = new Lines('vmstat', text);
	const counters: Record<string, number> = {};
	while (!lines.done) {
		if (lines.tryKeepLarge(counterPattern)) continue;
		const [name, value] = lines.match(counterPattern, 'a name and a number');
		counters[name!] = Number(value);
	}
	return {counters, ...lines.kept};
}
