/**
 * /proc/<pid>/stat: fs/proc/array.c do_task_stat(), one line of numbers with the name in parentheses. 2.6.32 added the
 * fields from `delayacct_blkio_ticks` on, 3.3 those from `start_data` on.
 */
import {type Dialect, since} from '../dialect.ts';
import {Lines} from '../text.ts';

const labels = [
	...['ppid', 'pgrp', 'session', 'tty_nr', 'tpgid', 'flags', 'minflt', 'cminflt', 'majflt', 'cmajflt'],
	...['utime', 'stime', 'cutime', 'cstime', 'priority', 'nice', 'num_threads', 'itrealvalue', 'starttime'],
	...['vsize', 'rss', 'rsslim', 'startcode', 'endcode', 'startstack', 'kstkesp', 'kstkeip'],
	...['signal', 'blocked', 'sigignore', 'sigcatch', 'wchan', 'nswap', 'cnswap'],
	...['exit_signal', 'processor', 'rt_priority', 'policy'],
	...['delayacct_blkio_ticks', 'guest_time', 'cguest_time'],
	...['start_data', 'end_data', 'start_brk', 'arg_start', 'arg_end', 'env_start', 'env_end', 'exit_code'],
];
const lastIn2611 = labels.indexOf('policy') + 1;
const lastIn2632 = labels.indexOf('cguest_time') + 1;

type PidStat = {
	readonly pid: number;
	readonly comm: string;
	/** One letter: R, S, D, Z. */
	readonly state: string;
	/** By Linux's names; what is missing is printed as 0. */
	readonly fields: Readonly<Record<string, number>>;
};

function labelsOf(dialect: Dialect): readonly string[] {
	if (since(dialect, '5.10')) return labels;
	return labels.slice(0, since(dialect, '2.6.32') ? lastIn2632 : lastIn2611);
}

export function formatPidStat(dialect: Dialect, {pid, comm, state, fields}: PidStat): string {
	const numbers = labelsOf(dialect).map(label => fields[label] ?? 0);
	return `${[`${pid} (${comm}) ${state}`, ...numbers].join(' ')}\n`;
}

/** @throws FormatError */
export function parsePidStat(text: string): PidStat {
	const expected = 'pid (comm) state numbers';
	const [pid, comm, state, numbers] = new Lines('stat', text).match(/^(\d+) \((.*)\) (\w)((?: -?\d+)+)$/s, expected);
	const values = numbers!.trim().split(' ').map(Number);
	const fields: Record<string, number> = {};
	for (const [at, value] of values.entries()) if (labels[at] !== undefined) fields[labels[at]] = value;
	return {pid: Number(pid), comm: comm!, state: state!, fields};
}
