/** /proc/uptime: fs/proc/uptime.c, the same text from 2.6.11 to 6.18. 2.6.11 counts the idle time of CPU 0 only. */

import {Lines} from '../text.ts';

type Uptime = {
	/** Hundredths of a second since boot. */
	readonly upCentiseconds: number;
	/** Hundredths of a second that CPUs spent idle, summed over the CPUs that the kernel counts. */
	readonly idleCentiseconds: number;
};

const show = (centiseconds: number) =>
	`${Math.floor(centiseconds / 100)}.${String(centiseconds % 100).padStart(2, '0')}`;

export function formatUptime({upCentiseconds, idleCentiseconds}: Uptime): string {
	return `${show(upCentiseconds)} ${show(idleCentiseconds)}\n`;
}

/** @throws FormatError */
export function parseUptime(text: string): Uptime {
	const groups = new Lines('uptime', text).match(/^(\d+)\.(\d\d) (\d+)\.(\d\d)$/, 'up.cs idle.cs').map(Number);
	const [up, upRest, idle, idleRest] = groups as [number, number, number, number];
	return {upCentiseconds: up * 100 + upRest, idleCentiseconds: idle * 100 + idleRest};
}
