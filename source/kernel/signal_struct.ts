/** Models struct signal_struct of include/linux/sched.h (2.6.11 and later): what the threads of a process share. */
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';

export type signal_struct = {
	/** What wait4 tells of the whole process, once its end is decided. @see do_group_exit() */
	group_exit_code: number | undefined;
	/** Ticks and faults of threads that have ended. */
	utime: number;
	stime: number;
	min_flt: number;
	maj_flt: number;
	/** The same of children that were waited for, with what theirs had used. */
	cutime: number;
	cstime: number;
	cmin_flt: number;
	cmaj_flt: number;
	/** Most pages that were resident in address spaces it gave up; the most of a child that was waited for. */
	maxrss: number;
	cmaxrss: number;
};

export const newSignalStruct = (): signal_struct => ({
	group_exit_code: undefined,
	utime: 0,
	stime: 0,
	min_flt: 0,
	maj_flt: 0,
	cutime: 0,
	cstime: 0,
	cmin_flt: 0,
	cmaj_flt: 0,
	maxrss: 0,
	cmaxrss: 0,
});

/** Threads of a process that have not been forgotten, the first among them. */
export const threadsOf = (k: Kernel, {tgid}: task_struct): task_struct[] =>
	[...k.sched.tasks.values()].filter(other => other.tgid === tgid);

/** The first thread of a process; it stays until the last one has ended. */
export const groupLeader = (k: Kernel, task: task_struct): task_struct => k.sched.tasks.get(task.tgid) ?? task;

/** Whether a process has ended with all its threads. */
export const isGroupDead = (k: Kernel, task: task_struct): boolean =>
	threadsOf(k, task).every(({state}) => state === 'EXIT_ZOMBIE' || state === 'EXIT_DEAD');

/** Pages of an address space that are resident. @see get_mm_rss() */
export const get_mm_rss = (mm: NonNullable<task_struct['mm']>): number => mm.rss_file + mm.rss_anon + mm.rss_shmem;

type Usage = Pick<signal_struct, 'utime' | 'stime' | 'min_flt' | 'maj_flt'>;

/** What a process has used: its living threads and those that have ended. */
export function usageOf(k: Kernel, task: task_struct): Usage {
	const {utime, stime, min_flt, maj_flt} = task.signal;
	const sum = {utime, stime, min_flt, maj_flt};
	for (const each of threadsOf(k, task)) {
		sum.utime += each.utime;
		sum.stime += each.stime;
		sum.min_flt += each.min_flt;
		sum.maj_flt += each.maj_flt;
	}
	return sum;
}

/** Books what a thread has used on its process: it is about to be forgotten. @see __exit_signal() */
export function bookThread({signal, utime, stime, min_flt, maj_flt}: task_struct): void {
	signal.utime += utime;
	signal.stime += stime;
	signal.min_flt += min_flt;
	signal.maj_flt += maj_flt;
}

/** Books what a child has used on who waited for it. @see wait_task_zombie() */
export function bookChild(k: Kernel, parent: task_struct, child: task_struct): void {
	const used = usageOf(k, child);
	const {signal} = parent;
	signal.cutime += used.utime + child.signal.cutime;
	signal.cstime += used.stime + child.signal.cstime;
	signal.cmin_flt += used.min_flt + child.signal.cmin_flt;
	signal.cmaj_flt += used.maj_flt + child.signal.cmaj_flt;
	signal.cmaxrss = Math.max(signal.cmaxrss, child.signal.maxrss, child.signal.cmaxrss);
}
