/** /proc/<pid>/statm: fs/proc/array.c proc_pid_statm(), in pages; the same from 2.6.11 to 6.18. */
import {Lines} from '../text.ts';

type Statm = {
	readonly size: number;
	readonly resident: number;
	readonly shared: number;
	readonly text: number;
	readonly data: number;
};

/** `lib` and `dt` have been 0 since 2.6. */
export const formatStatm = ({size, resident, shared, text, data}: Statm): string =>
	`${size} ${resident} ${shared} ${text} 0 ${data} 0\n`;

/** @throws FormatError */
export function parseStatm(text: string): Statm {
	const groups = new Lines('statm', text).match(/^(\d+) (\d+) (\d+) (\d+) 0 (\d+) 0$/, 'seven numbers').map(Number);
	const [size, resident, shared, code, data] = groups as [number, number, number, number, number];
	return {size, resident, shared, text: code, data};
}
