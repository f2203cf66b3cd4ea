/**
 * What ps, top and their like read of a process: /proc/<pid>/{stat,statm,wchan,limits,io}. @see fs/proc/array.c, base.c
 *
 * Not modelled: process groups, sessions and terminals (0 and -1), priorities, what a child that was waited for had
 * used, registers, and the number of wchan, which is an address in compiled code.
 */
import {formatTaskIo} from '../../formats/proc/io.ts';
import {formatLimits} from '../../formats/proc/limits.ts';
import {formatPidStat} from '../../formats/proc/pidStat.ts';
import {formatStatm} from '../../formats/proc/statm.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {mm_struct} from '../../kernel/mm/mm_types.ts';
import {limitsOf, RLIM_INFINITY, RLIMITS, type Rlimits} from '../../kernel/resource.ts';
import type {task_struct} from '../../kernel/sched.ts';

/** Resident pages of an address space. */
const get_mm_rss = (mm: mm_struct): number => mm.rss_file + mm.rss_anon + mm.rss_shmem;

/** Times in the files are in hundredths of a second, whatever HZ is. */
const USER_HZ = 100;
const SIGCHLD = 17;
/** PF_KTHREAD and PF_FORKNOEXEC; the first is known since 2.6.27. */
const PF_KTHREAD = 0x20_0000;
const PF_FORKNOEXEC = 0x40;

/** Ticks of the timer in hundredths of a second. */
export const clockTicks = (k: Kernel, ticks: number): number => Math.floor((ticks * USER_HZ) / k.era.HZ);

const threadsOf = (k: Kernel, {tgid}: task_struct): task_struct[] =>
	[...k.sched.tasks.values()].filter(other => other.tgid === tgid);

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
	const sum = (of: (each: task_struct) => number) => threads.reduce((total, each) => total + of(each), 0);
	const isThread = mm === null && task.state !== 'EXIT_ZOMBIE';
	return formatPidStat(k.era.dialect, {
		pid: task.pid,
		comm: task.comm,
		state: letters[task.state],
		fields: {
			ppid: task.parent?.pid ?? 0,
			tpgid: -1,
			flags: isThread ? PF_FORKNOEXEC | (k.era.dialect === '2.6.11' ? 0 : PF_KTHREAD) : 0,
			minflt: sum(each => each.min_flt),
			majflt: sum(each => each.maj_flt),
			utime: clockTicks(
				k,
				sum(each => each.utime),
			),
			stime: clockTicks(
				k,
				sum(each => each.stime),
			),
			priority: 20,
			num_threads: threads.length,
			starttime: Math.floor(task.startTimeNs / (1e9 / USER_HZ)),
			rsslim: RLIM_INFINITY,
			exit_signal: SIGCHLD,
			processor: task.lastCpu,
			...(mm ? memoryFields(mm) : {}),
		},
	});
}

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

/** The functions of Linux that sleep for what tasks here say that they wait for. */
const sleepsIn: readonly (readonly [RegExp, string])[] = [
	[/^child exit$/, 'do_wait'],
	[/^aio events$/, 'read_events'],
	[/^sync kiocb$/, 'wait_on_sync_kiocb'],
	[/^pkmap_map_wait$/, 'kmap_high'],
	[/ of pfn /, 'sync_page'],
	[/^direct I\/O$/, 'io_schedule'],
	[/^get_request$/, 'get_request_wait'],
	[/^congestion_wait$/, 'congestion_wait'],
	[/^dirty pages$/, 'balance_dirty_pages'],
	[/^work$/, 'worker_thread'],
	[/ for (?:read|write)$/, 'rwsem_down_failed_common'],
	[/^memory for pool /, 'dma_pool_alloc'],
];

/** A task that sleeps for time alone is in schedule_timeout(). */
export function wchan({state, waitingFor}: task_struct): string {
	if (state !== 'TASK_INTERRUPTIBLE' && state !== 'TASK_UNINTERRUPTIBLE') return '0';
	return sleepsIn.find(([words]) => words.test(waitingFor))?.[1] ?? 'schedule_timeout';
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

export const taskIo = (_k: Kernel, {ioac}: task_struct): string => formatTaskIo({...ioac, cancelled_write_bytes: 0});
