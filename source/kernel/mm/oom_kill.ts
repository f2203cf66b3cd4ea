/**
 * Models mm/oom_kill.c (2.6.11 and later): when reclaim cannot help, one process is killed for the memory that it has.
 * Which one is chosen by the size of its address space (2.6.11, 2.6.32) or by the pages that it has (3.2 and later):
 * who asked, and which zone is short of pages, does not count.
 *
 * Not modelled: oom_adj and oom_score_adj (all 0), cpusets, memory cgroups, panic_on_oom, the reaper of 4.6; nice
 * values and users other than root.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {panic, SIGKILL} from '../bug.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {ratelimit} from '../ratelimit.ts';
import type {task_struct} from '../sched.ts';
import {send_sig} from '../signal.ts';
import {dump_stack} from '../stacktrace.ts';
import type {Sleeps} from '../time.ts';
import {schedule_timeout} from '../timer.ts';
import {inReport} from '../watch.ts';
import type {gfp_t} from './gfp.ts';
import type {mm_struct} from './mm_types.ts';
import {show_mem} from './show_mem.ts';
import {int_sqrt} from './watermarks.ts';

const rssOf = (mm: mm_struct) => mm.rss_anon + mm.rss_file + mm.rss_shmem;

/** What a task would be killed for, for each rule; and whether of two equal ones the later is taken. */
export type OomRule = 'address space, children whole' | 'address space, children half' | 'thousandths' | 'pages';

/** CPU time counts in units of 8 seconds. */
const TEN_SECONDS_SHIFT = 3;

/** Root's processes count a quarter, and once more for being allowed to touch hardware. */
const asRoot = (points: number) => Math.floor(Math.floor(points / 4) / 4);

/** badness() until 2.6.35: the address space, less for who has worked or lived long. */
function badness(k: Kernel, task: task_struct, mm: mm_struct, half: boolean): number {
	let points = mm.total_vm;
	for (const {mm: other} of task.children)
		if (other && other !== mm) points += half ? Math.floor(other.total_vm / 2) + 1 : other.total_vm;
	const shiftHz = 32 - Math.clz32(k.era.HZ - 1);
	const cpuTime = (task.utime + task.stime) >> (shiftHz + TEN_SECONDS_SHIFT);
	const runTime = Math.floor((k.hw.timeline.nowNs - task.startTimeNs) / 1e9) >> 10;
	const divide = (by: number) => {
		if (by > 0) points = Math.floor(points / by);
	};
	divide(int_sqrt(cpuTime));
	divide(int_sqrt(int_sqrt(runTime)));
	return asRoot(points);
}

const THOUSAND = 1000;
/** Three per cent less for root's. */
const ROOT_BONUS = 30;

/** How much is gained by killing a task; 0 for who has no memory of its own. @see badness(), oom_badness() */
function oom_badness(k: Kernel, task: task_struct): number {
	const {mm} = task;
	if (!mm) return 0;
	const pages = rssOf(mm) + mm.nr_ptes;
	switch (k.era.oomRule) {
		case 'address space, children whole':
			return badness(k, task, mm, false);
		case 'address space, children half':
			return badness(k, task, mm, true);
		case 'thousandths': {
			const total = k.pages.zones.reduce((sum, zone) => sum + zone.managed_pages, 0);
			return Math.max(1, Math.floor((pages * THOUSAND) / total) - ROOT_BONUS);
		}
		case 'pages':
			return pages;
	}
}

/** Somebody is dying for memory already and has some yet. */
const someoneDies = (k: Kernel) => [...k.vmscan.oomVictims].some(({mm}) => mm !== null);

/** Processes that may be killed: not init, not threads of the kernel. */
const candidates = (k: Kernel) => [...k.sched.tasks.values()].filter(({pid, mm}) => mm !== null && pid !== 1);

function select_bad_process(k: Kernel): {readonly task: task_struct; readonly points: number} | undefined {
	let chosen: {readonly task: task_struct; readonly points: number} | undefined;
	for (const task of candidates(k)) {
		const points = oom_badness(k, task);
		const better = !chosen || points > chosen.points || (points === chosen.points && k.era.oomRule === 'pages');
		if (better) chosen = {task, points};
	}
	return chosen;
}

const pad = (value: number, width: number) => String(value).padStart(width);

/** Which processes there are. @see dump_tasks() */
function dump_tasks(k: Kernel): void {
	for (const line of k.era.oomTasksTitle) printk(k, 6, line);
	for (const task of candidates(k).filter(({pid, tgid}) => pid === tgid)) {
		const {pid, tgid, comm, lastCpu} = task;
		const mm = task.mm!;
		const size = `${pad(mm.total_vm, 8)} ${pad(rssOf(mm), 8)}`;
		const rest = k.era.oomTaskFields(lastCpu, mm.nr_ptes * PAGE_SIZE);
		printk(
			k,
			6,
			`[${pad(pid, k.era.oomTasksTitle.length > 1 ? 7 : 5)}] ${pad(0, 5)} ${pad(tgid, 5)} ${size} ${rest} ${comm}`,
		);
	}
}

/** Says that memory is short, who asked, and where there is some. */
function dump_header(k: Kernel, gfp: gfp_t, order: number): void {
	printk(k, 4, k.era.oomInvokedLine(k.cpu.current.comm, gfp, order));
	if (k.era.oomShowsStack) dump_stack(k);
	show_mem(k);
	if (k.era.oomTasksTitle.length > 0) dump_tasks(k);
}

const kB = (pages: number) => (pages * PAGE_SIZE) / 1024;

/** Ends a task and all that share its memory, and lets it use the last pages meanwhile. */
function oom_kill_task(k: Kernel, victim: task_struct): void {
	const mm = victim.mm!;
	const {pid, comm} = victim;
	printk(
		k,
		3,
		k.era.oomKilledLine({
			pid,
			comm,
			total: kB(mm.total_vm),
			anon: kB(mm.rss_anon),
			file: kB(mm.rss_file),
			shmem: kB(mm.rss_shmem),
			tables: kB(mm.nr_ptes),
		}),
	);
	k.vmscan.oomVictims.clear();
	for (const task of k.sched.tasks.values()) {
		if (task.mm !== mm || task.pid === 1) continue;
		k.vmscan.oomVictims.add(task);
		send_sig(k, SIGKILL, task);
	}
	k.vmscan.oomKills++;
}

/** A child dies for its parent, where it has memory of its own. @see oom_kill_process() */
function childInstead(k: Kernel, {children, mm}: task_struct): task_struct | undefined {
	const own = children.filter(child => child.mm !== null && child.mm !== mm && k.sched.tasks.has(child.pid));
	switch (k.era.oomChild) {
		case 'the first':
			return own[0];
		case 'the worst':
			return own.toSorted((a, b) => oom_badness(k, b) - oom_badness(k, a))[0];
		case 'none':
			return undefined;
	}
}

type Bad = NonNullable<ReturnType<typeof select_bad_process>>;

/** Says whom memory was short for, and ends the process that was chosen, or a child of it. */
function oom_kill_process(k: Kernel, {task, points}: Bad, gfp: gfp_t, order: number): void {
	if (!k.era.oomShowsStack || ratelimit(k, 'oom_kill_process')) dump_header(k, gfp, order);
	const line = k.era.oomChosenLine(task.pid, task.comm, points);
	if (line !== undefined) printk(k, 3, line);
	const victim = childInstead(k, task) ?? task;
	const summary = k.era.oomSummary(victim.comm, victim.pid);
	if (summary !== undefined) printk(k, 6, summary);
	oom_kill_task(k, victim);
}

/**
 * Kills a process and waits a tick, so that it can end; the caller tries again then. While one is dying, only waits.
 * Sleeps.
 * @throws KernelPanic when there is no process that could be killed
 */
export function* out_of_memory(k: Kernel, gfp: gfp_t, order: number): Sleeps<void> {
	if (!someoneDies(k)) {
		const bad = select_bad_process(k);
		if (!bad) {
			inReport(k, 'oom', () => {
				dump_header(k, gfp, order);
				if (k.era.oomNobodyLine !== undefined) printk(k, 4, k.era.oomNobodyLine);
			});
			panic(k, k.era.oomPanic);
		}
		inReport(k, 'oom', () => oom_kill_process(k, bad, gfp, order));
	}
	if (k.vmscan.oomVictims.has(k.cpu.current)) return;
	k.cpu.current.state = k.era.oomShowsStack ? 'TASK_UNINTERRUPTIBLE' : 'TASK_INTERRUPTIBLE';
	k.cpu.current.waitingFor = 'out_of_memory';
	yield* schedule_timeout(k, 1e9 / k.era.HZ);
}

/** Whether the current task dies for memory, so that it may use the last pages. @see TIF_MEMDIE */
export const isOomVictim = (k: Kernel): boolean => k.vmscan.oomVictims.has(k.cpu.current);
