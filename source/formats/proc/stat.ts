/**
 * /proc/stat: fs/proc/stat.c show_stat() (fs/proc/proc_misc.c in 2.6.11), times in hundredths of a second. 2.6.24 added
 * guest time to a CPU's line, 2.6.33 that of guests with a nice value.
 */
import {type Dialect, since} from '../dialect.ts';
import {joinLines, Lines} from '../text.ts';

const kinds = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

type CpuTimes = Readonly<Record<(typeof kinds)[number], number>>;

type Stat = {
	/** All CPUs together, then each. */
	readonly total: CpuTimes;
	readonly cpus: readonly {readonly cpu: number; readonly times: CpuTimes}[];
	/** Interrupts since boot, by line. */
	readonly interrupts: readonly number[];
	readonly ctxt: number;
	/** Seconds of the epoch. */
	readonly btime: number;
	readonly processes: number;
	readonly procs_running: number;
	readonly procs_blocked: number;
};

export function formatStat(dialect: Dialect, stat: Stat): string {
	const guests = since(dialect, '3.2') ? ' 0 0' : since(dialect, '2.6.32') ? ' 0' : '';
	const times = (each: CpuTimes) => kinds.map(kind => each[kind]).join(' ') + guests;
	return joinLines([
		`cpu  ${times(stat.total)}`,
		...stat.cpus.map(({cpu, times: own}) => `cpu${cpu} ${times(own)}`),
		`intr ${[stat.interrupts.reduce((sum, count) => sum + count, 0), ...stat.interrupts].join(' ')}`,
		`ctxt ${stat.ctxt}`,
		`btime ${stat.btime}`,
		`processes ${stat.processes}`,
		`procs_running ${stat.procs_running}`,
		`procs_blocked ${stat.procs_blocked}`,
	]);
}

function timesFrom(text: string): CpuTimes {
	const values = text.trim().split(' ').map(Number);
	return Object.fromEntries(kinds.map((kind, at) => [kind, values[at] ?? 0])) as CpuTimes;
}

/** @throws FormatError */
export function parseStat(text: string): Stat {
	const lines = new Lines('stat', text);
	const [total] = lines.match(/^cpu((?: +\d+)+)$/, 'cpu and times');
	const cpus: {cpu: number; times: CpuTimes}[] = [];
	for (let found = lines.tryMatch(/^cpu(\d+)((?: \d+)+)$/); found; found = lines.tryMatch(/^cpu(\d+)((?: \d+)+)$/))
		cpus.push({cpu: Number(found[0]), times: timesFrom(found[1]!)});
	const [counts] = lines.match(/^intr \d+((?: \d+)*)$/, 'intr and counts');
	const number = (label: string) => Number(lines.match(new RegExp(`^${label} (\\d+)$`), label)[0]);
	return {
		total: timesFrom(total!.replace(/^ +/, '')),
		cpus,
		interrupts: counts!.split(' ').filter(Boolean).map(Number),
		ctxt: number('ctxt'),
		btime: number('btime'),
		processes: number('processes'),
		procs_running: number('procs_running'),
		procs_blocked: number('procs_blocked'),
	};
}
