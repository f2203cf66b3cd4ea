/** /proc/<pid>/status, the rows that this machine can answer for. @see fs/proc/array.c, task_mmu.c task_mem() */
import {formatStatus} from '../../formats/proc/status.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {max_fds} from '../../kernel/fs/file.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {mm_struct} from '../../kernel/mm/mm_types.ts';
import {limitsOf} from '../../kernel/resource.ts';
import type {task_struct} from '../../kernel/sched.ts';
import {signalSets, type sigset} from '../../kernel/signal_state.ts';
import {get_mm_rss, threadsOf} from '../../kernel/signal_struct.ts';

const states: Readonly<Record<task_struct['state'], string>> = {
	TASK_RUNNING: 'R (running)',
	TASK_INTERRUPTIBLE: 'S (sleeping)',
	TASK_UNINTERRUPTIBLE: 'D (disk sleep)',
	EXIT_ZOMBIE: 'Z (zombie)',
	EXIT_DEAD: 'X (dead)',
};

const kB = (pages: number) => (pages * PAGE_SIZE) / 1024;

const idsOf = ({real, effective, saved, fs}: task_struct['cred']['uid']) => [real, effective, saved, fs];

export function status(k: Kernel, task: task_struct): string {
	const {mm} = task;
	return formatStatus({
		dialect: k.era.dialect,
		Name: task.comm,
		State: states[task.state],
		Tgid: task.tgid,
		Pid: task.pid,
		PPid: task.parent?.tgid ?? 0,
		TracerPid: 0,
		Uid: idsOf(task.cred.uid),
		Gid: idsOf(task.cred.gid),
		FDSize: max_fds(k, task.files),
		Groups: [],
		...(mm ? memoryRows(k, mm) : {}),
		Threads: threadsOf(k, task).length,
		...signalRows(k, task),
	});
}

/** Sixteen digits, of which the last stands for signals 1 to 4. @see render_sigset_t() */
const setText = (set: sigset): string => set.toString(16).padStart(16, '0');

function signalRows(k: Kernel, task: task_struct) {
	const {pending, blocked, ignored, caught} = signalSets(k, task);
	// All are root's: the limit counts those of all processes.
	const queued = [...k.sched.tasks.values()].reduce((sum, {signals}) => sum + signals.pending.length, 0);
	return {
		SigQ: `${queued}/${limitsOf(task).rlimits.sigpending}`,
		SigPnd: setText(pending.own),
		ShdPnd: setText(pending.shared),
		SigBlk: setText(blocked),
		SigIgn: setText(ignored),
		SigCgt: setText(caught),
	};
}

function memoryRows(k: Kernel, mm: mm_struct) {
	const {era} = k;
	// Areas of device memory count as reserved and are left out of VmSize, but not of its peak (2.6.x, 3.x).
	const size = mm.total_vm - (era.vmSizeLeavesOutReserved ? mm.reserved_vm : 0);
	const rss = get_mm_rss(mm);
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
