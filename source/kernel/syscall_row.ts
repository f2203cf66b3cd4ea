/** How a row of the table of system calls is written: its number, its name, its arguments, and what it runs. */

import {type CallFrame, type SystemCall, withPath} from './call_frame.ts';
import type {Kernel} from './kernel.ts';
import type {Sleeps} from './time.ts';

/** Of calls that come at once. */
export function* plain(value: number): Sleeps<number> {
	return value;
}

/** Two words as one number of 64 bits, of which 53 are held. */
export const position = (low: number, high: number) => (high | 0) * 2 ** 32 + low;

type Run = (k: Kernel, args: readonly number[], frame: CallFrame) => Sleeps<number>;

export type SystemCallRow = readonly [number, SystemCall];

/** Names of arguments are separated by blanks; a path has a star behind its name. */
export const row = (number: number, name: string, args: string, run: Run): SystemCallRow => [
	number,
	{name, args: args.split(' ').filter(Boolean), run: frame => run(frame.k, frame.args, frame)},
];

/** As row, of a call that takes a path, first unless `which` says otherwise. */
export const pathRow = (
	number: number,
	name: string,
	args: string,
	run: (k: Kernel, path: string, args: readonly number[], frame: CallFrame) => Sleeps<number>,
	which = 0,
): SystemCallRow =>
	row(number, name, args, (k, a, frame) => withPath(frame, a[which]!, path => run(k, path, a, frame)));
