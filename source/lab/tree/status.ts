/** /proc/<pid>/status, the rows that this machine can answer for. @see fs/proc/array.c, task_mmu.c task_mem() */
import {formatStatus} from '../../formats/proc/status.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {mm_struct} from '../../kernel/mm/mm_types.ts';
import type {task_struct} from '../../kernel/sched.ts';

const states: Readonly<Record<task_struct['state'], string>> = {
	TASK_RUNNING: 'R (running)',
	TASK_INTERRUPTIBLE: 'S (sleeping)',
	TASK_UNINTERRUPTIBLE: 'D (disk sleep)',
	EXIT_ZOMBIE: 'Z (zombie)',
	EXIT_DEAD: 'X (dead)',
};

/** A table of descriptors has this many places at first, and then as many. */
const smallTable = 32;
const largeTable = 256;

const kB = (pages: number) => (pages * PAGE_SIZE) / 1024;

export function status(k: Kernel, task: task_struct): string {
	const {mm} = task;
	return formatStatus({
		dialect: k.era.dialect,
		Name: task.comm,
		State: states[task.state],
		Tgid: task.tgid,
		Pid: task.pid,
		PPid: task.parent?.pid ?? 0,
		TracerPid: 0,
		// Everybody is root: real, effective, saved and filesystem id.
		Uid: [0, 0, 0, 0],
		Gid: [0, 0, 0, 0],
		FDSize: task.files.fds.size > smallTable ? largeTable : smallTable,
		Groups: [],
		...(mm ? memoryRows(k, mm) : {}),
		Threads: mm ? [...k.sched.tasks.values()].filter(other => other.tgid === task.tgid).length : 1,
	});
}

function memoryRows(k: Kernel, mm: mm_struct) {
	const {era} = k;
	// Areas of device memory count as reserved and are left out of VmSize, but not of its peak (2.6.x, 3.x).
	const size = mm.total_vm - (era.vmSizeLeavesOutReserved ? mm.reserved_vm : 0);
	const rss = mm.rss_file + mm.rss_anon + mm.rss_shmem;
	const text = mm.end_code - mm.start_code;
	const textKB = Math.ceil((mm.end_code % PAGE_SIZE === 0 ? text : text + PAGE_SIZE - 1) / PAGE_SIZE) * 4;
	return {
		...(era.statusShowsPeaks ? {VmPeak: kB(Math.max(mm.hiwater_vm, mm.total_vm))} : {}),
		VmSize: kB(size),
		VmLck: kB(mm.locked_vm),
		...(era.statusShowsPinned ? {VmPin: kB(mm.pinned_vm)} : {}),
		...(era.statusShowsPeaks ? {VmHWM: kB(Math.max(mm.hiwater_rss, rss))} : {}),
		VmRSS: kB(rss),
		...(era.statusShowsRssKinds
			? {RssAnon: kB(mm.rss_anon), RssFile: kB(mm.rss_file), RssShmem: kB(mm.rss_shmem)}
			: {}),
		VmData: kB(era.vmDataIsTheRest ? mm.total_vm - mm.shared_vm - mm.stack_vm : mm.data_vm),
		VmStk: kB(mm.stack_vm),
		VmExe: textKB,
		VmLib: Math.max(0, kB(mm.exec_vm) - textKB),
		VmPTE: kB(mm.nr_ptes),
		...(era.statusShowsSwap ? {VmSwap: 0} : {}),
	};
}
