/** How a row of the table of system calls is written: its number, its name, its arguments, and what it runs. */

import {type CallFrame, type SystemCall, withPath, withPathAt} from './call_frame.ts';
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

/** As row, of a call that takes a path, first. */
export const pathRow = (
	number: number,
	name: string,
	args: string,
	run: (k: Kernel, path: string, args: readonly number[], frame: CallFrame) => Sleeps<number>,
): SystemCallRow => row(number, name, args, (k, a, frame) => withPath(frame, a[0]!, path => run(k, path, a, frame)));

/** As pathRow, of a call whose path is behind the descriptor of the directory that it begins in. */
export const atRow: typeof pathRow = (number, name, args, run) =>
	row(number, name, args, (k, a, frame) => withPathAt(frame, a[0]! | 0, a[1]!, path => run(k, path, a, frame)));
