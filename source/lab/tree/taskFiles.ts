/**
 * What ps, top and their like read of a process: /proc/<pid>/{stat,statm,wchan,limits,io}. @see fs/proc/array.c, base.c
 *
 * Not modelled: process groups, sessions and terminals (0 and -1), priorities, registers, and the number of wchan,
 * which is an address in compiled code.
 */
import {formatTaskIo} from '../../formats/proc/io.ts';
import {formatLimits} from '../../formats/proc/limits.ts';
import {formatPidStat} from '../../formats/proc/pidStat.ts';
import {formatStatm} from '../../formats/proc/statm.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Sleepers} from '../../kernel/era/files.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {mm_struct} from '../../kernel/mm/mm_types.ts';
import {limitsOf, RLIM_INFINITY, RLIMITS, type Rlimits} from '../../kernel/resource.ts';
import type {task_struct} from '../../kernel/sched.ts';
import {signalSets, type sigset} from '../../kernel/signal_state.ts';
import {get_mm_rss, threadsOf, usageOf} from '../../kernel/signal_struct.ts';

/** Times in the files are in hundredths of a second, whatever HZ is. */
const USER_HZ = 100;
/** PF_KTHREAD and PF_FORKNOEXEC; the first is known since 2.6.27. */
const PF_KTHREAD = 0x20_0000;
const PF_FORKNOEXEC = 0x40;

/** Ticks of the timer in hundredths of a second. */
export const clockTicks = (k: Kernel, ticks: number): number => Math.floor((ticks * USER_HZ) / k.era.HZ);

const letters: Readonly<Record<task_struct['state'], string>> = {
	TASK_RUNNING: 'R',
	TASK_INTERRUPTIBLE: 'S',
	TASK_UNINTERRUPTIBLE: 'D',
	EXIT_ZOMBIE: 'Z',
	EXIT_DEAD: 'X',
};

export function taskStat(k: Kernel, task: task_struct): string {
	const {mm} = task;
	const threads = threadsOf(k, task);
	const used = usageOf(k, task);
	const {cutime, cstime, cmin_flt, cmaj_flt} = task.signal;
	const {pending, blocked, ignored, caught} = signalSets(k, task);
	const isThread = mm === null && task.state !== 'EXIT_ZOMBIE';
	return formatPidStat(k.era.dialect, {
		pid: task.pid,
		comm: task.comm,
		state: letters[task.state],
		fields: {
			ppid: task.parent?.tgid ?? 0,
			tpgid: -1,
			flags: isThread ? PF_FORKNOEXEC | (k.era.dialect === '2.6.11' ? 0 : PF_KTHREAD) : 0,
			minflt: used.min_flt,
			cminflt: cmin_flt,
			majflt: used.maj_flt,
			cmajflt: cmaj_flt,
			utime: clockTicks(k, used.utime),
			stime: clockTicks(k, used.stime),
			cutime: clockTicks(k, cutime),
			cstime: clockTicks(k, cstime),
			priority: 20,
			num_threads: threads.length,
			starttime: Math.floor(task.startTimeNs / (1e9 / USER_HZ)),
			rsslim: limitsOf(task).rlimits.rss,
			signal: decimalSet(pending.own),
			blocked: decimalSet(blocked),
			sigignore: decimalSet(ignored),
			sigcatch: decimalSet(caught),
			exit_signal: task.exit_signal,
			exit_code: task.exit_code,
			processor: task.lastCpu,
			...(mm ? memoryFields(mm) : {}),
		},
	});
}

/** Numbers of these fields are those of a time when there were 31 signals. */
const decimalSet = (set: sigset): number => Number(set & 0x7fff_ffffn);

const memoryFields = (mm: mm_struct) => ({
	vsize: mm.total_vm * PAGE_SIZE,
	rss: get_mm_rss(mm),
	startcode: mm.start_code,
	endcode: mm.end_code,
	startstack: mm.start_stack,
	start_data: mm.start_data,
	end_data: mm.end_data,
	start_brk: mm.start_brk,
	arg_start: mm.arg_start,
	arg_end: mm.arg_end,
});

/** @see task_statm(), which tells data by what is no file's, and since 4.5 by what is private and writable */
export function statm(k: Kernel, {mm}: task_struct): string {
	if (!mm) return formatStatm({size: 0, resident: 0, shared: 0, text: 0, data: 0});
	return formatStatm({
		size: mm.total_vm,
		resident: get_mm_rss(mm),
		shared: mm.rss_file + mm.rss_shmem,
		text: Math.ceil(mm.end_code / PAGE_SIZE) - Math.floor(mm.start_code / PAGE_SIZE),
		data: k.era.vmDataIsTheRest ? mm.total_vm - mm.shared_vm : mm.data_vm + mm.stack_vm,
	});
}

/** What tasks here say that they wait for, and the kernel's name for it. */
const waits: readonly (readonly [RegExp, keyof Sleepers])[] = [
	[/^child exit$/, 'children'],
	[/^aio events$/, 'aioEvents'],
	[/^sync kiocb$/, 'syncIocb'],
	[/^pkmap_map_wait$/, 'kmap'],
	[/^page lock of pfn /, 'pageLock'],
	[/^page write-back of pfn /, 'writeback'],
	[/^get_request$/, 'request'],
	[/^congestion_wait$/, 'congestion'],
	[/^kswapd_wait$/, 'kswapd'],
	[/^work$/, 'work'],
	[/^memory for pool /, 'pool'],
	[/^poll$/, 'poll'],
	[/^vfork$/, 'vfork'],
];

/**
 * The function that a task sleeps in, as this kernel calls it: the innermost that is not the scheduler's.
 * @returns 0 for a task that does not sleep, or in a function whose name is not known
 */
export function wchan(k: Kernel, {state, waitingFor}: task_struct): string {
	if (state !== 'TASK_INTERRUPTIBLE' && state !== 'TASK_UNINTERRUPTIBLE') return '0';
	const wait = waits.find(([words]) => words.test(waitingFor))?.[1];
	return (wait && k.era.sleepsIn[wait]) ?? '0';
}

/** What the file calls each limit, and what it counts; in the order of their numbers. */
const limitWords: Readonly<Record<keyof Rlimits, readonly [name: string, unit: string]>> = {
	cpu: ['Max cpu time', 'seconds'],
	fsize: ['Max file size', 'bytes'],
	data: ['Max data size', 'bytes'],
	stack: ['Max stack size', 'bytes'],
	core: ['Max core file size', 'bytes'],
	rss: ['Max resident set', 'bytes'],
	nproc: ['Max processes', 'processes'],
	nofile: ['Max open files', 'files'],
	memlock: ['Max locked memory', 'bytes'],
	as: ['Max address space', 'bytes'],
	locks: ['Max file locks', 'locks'],
	sigpending: ['Max pending signals', 'signals'],
	msgqueue: ['Max msgqueue size', 'bytes'],
	nice: ['Max nice priority', ''],
	rtprio: ['Max realtime priority', ''],
	rttime: ['Max realtime timeout', 'us'],
};

export function limits(_k: Kernel, task: task_struct): string {
	const {rlimits, rlim_max} = limitsOf(task);
	const finite = (value: number): number | undefined => (value >= RLIM_INFINITY ? undefined : value);
	return formatLimits({
		limits: RLIMITS.map(resource => {
			const [name, unit] = limitWords[resource];
			return {name, soft: finite(rlimits[resource]), hard: finite(rlim_max[resource]), unit};
		}),
	});
}

export const taskIo = (_k: Kernel, {ioac}: task_struct): string => formatTaskIo(ioac);
