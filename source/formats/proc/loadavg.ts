/** /proc/loadavg: fs/proc/loadavg.c, the same from 2.6.11 to 6.18. */
import {Lines} from '../text.ts';

type Loadavg = {
	/** Over 1, 5 and 15 minutes, in hundredths. */
	readonly hundredths: readonly [number, number, number];
	readonly running: number;
	readonly threads: number;
	readonly lastPid: number;
};

const show = (hundredths: number) => `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;

export const formatLoadavg = ({hundredths, running, threads, lastPid}: Loadavg): string =>
	`${hundredths.map(show).join(' ')} ${running}/${threads} ${lastPid}\n`;

/** @throws FormatError */
export function parseLoadavg(text: string): Loadavg {
	const groups = new Lines('loadavg', text)
		.match(/^(\d+)\.(\d\d) (\d+)\.(\d\d) (\d+)\.(\d\d) (\d+)\/(\d+) (\d+)$/, 'three loads, running/threads, pid')
		.map(Number) as [number, number, number, number, number, number, number, number, number];
	const [a, aRest, b, bRest, c, cRest, running, threads, lastPid] = groups;
	return {hundredths: [a * 100 + aRest, b * 100 + bRest, c * 100 + cRest], running, threads, lastPid};
}
