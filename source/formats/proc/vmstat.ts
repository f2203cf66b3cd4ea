/**
 * /proc/vmstat: mm/vmstat.c vmstat_show() (mm/page_alloc.c in 2.6.11), `name value` a line, in the order in which the
 * kernel has its counters. A record has the counters that its kernel prints, and keeps those that it does not know.
 */

import {joinLines, Lines} from '../text.ts';

type Vmstat = {readonly counters: Readonly<Record<string, number>>};

export function formatVmstat({counters}: Vmstat): string {
	return joinLines(Object.entries(counters).map(([name, value]) => `${name} ${value}`));
}

/** @throws FormatError */
export function parseVmstat(text: string): Vmstat {
	const lines = new Lines('vmstat', text);
	const counters: Record<string, number> = {};
	while (!lines.done) {
		const [name, value] = lines.match(/^(\w+) (-?\d+)$/, 'a name and a number');
		counters[name!] = Number(value);
	}
	return {counters};
}
