/**
 * /proc/kmsg as a reader that does not consume sees it: kernel/printk.c, a level and a time in front of each line.
 * Kernels without CONFIG_PRINTK_TIME leave the time out; the simulated ones have it.
 */

import {joinLines, Lines, parseSeconds, seconds} from '../text.ts';

export type KmsgLine = {
	/** 0 KERN_EMERG to 7 KERN_DEBUG; with a facility above the lowest three bits. */
	readonly level: number;
	readonly timeUs: number;
	readonly text: string;
};

export type Kmsg = {readonly lines: readonly KmsgLine[]};

/** `<%u>[%5lu.%06lu] text`; a text of several lines gets its level and time in front of each, as printk does. */
export const formatKmsgLine = ({level, timeUs, text}: KmsgLine): readonly string[] =>
	text.split('\n').map(part => `<${level}>[${seconds(timeUs, 5)}] ${part}`);

export const formatKmsg = ({lines}: Kmsg): string => joinLines(lines.flatMap(formatKmsgLine));

/** @throws FormatError */
export function parseKmsg(text: string): Kmsg {
	const lines = new Lines('kmsg', text);
	const found: KmsgLine[] = [];
	while (!lines.done) {
		const [level, time, message] = lines.match(/^<(\d+)>\[ *(\d+\.\d{6})\] (.*)$/s, '<level>[time] text');
		found.push({level: Number(level), timeUs: parseSeconds(time!), text: message!});
	}
	return {lines: found};
}
