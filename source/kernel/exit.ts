/**
 * Models kernel/exit.c (2.6.11 and later): the end of a task and the parent that waits for it.
 *
 * Not modelled: orphaned process groups, ptrace, an execve() that ends the other threads.
 */

import {panic, SIGKILL} from './bug.ts';
import {ECHILD, EINVAL, ERESTARTSYS} from './errno.ts';
import {mm_release, mmput} from './fork.ts';
import {exitFiles} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import {type task_struct, wake_up_process} from './sched.ts';
import {SA_NOCLDWAIT, SIG_IGN, send_sig_info} from './signal.ts';
import {SIGCHLD, signal_pending} from './signal_state.ts';
import {bookChild, bookThread, get_mm_rss, groupLeader, isGroupDead, threadsOf} from './signal_struct.ts';
import type {Sleeps} from './time.ts';
import {trace} from './trace.ts';
import {wait_event, wake_up_all} from './wait.ts';

/** Ends all threads of a process; they go with the status of the first to decide it. @see do_group_exit() */
export function do_group_exit(k: Kernel, task: task_struct, code: number): void {
	if (task.signal.group_exit_code !== undefined) return;
	task.signal.group_exit_code = code;
	for (const other of threadsOf(k, task)) {
		if (other === task || other.state === 'EXIT_ZOMBIE') continue;
		other.fatalSignal = SIGKILL;
		if (other.state === 'TASK_INTERRUPTIBLE') wake_up_process(k, other);
	}
}

/**
 * Ends a task: gives back its address space and files, hands its children to init and stays as a zombie until
 * somebody waits for it. Kernel threads and tasks without a parent vanish at once, as does a thread of a process but
 * the first, which stays until the others have ended. Without init there is no machine.
 * @param code what wait4 tells the parent: exit status << 8, or the signal
 */
export function* do_exit(k: Kernel, task: task_struct, code: number): Sleeps<void> {
	if ((code & 0x7f) !== 0) do_group_exit(k, task, code);
	task.exit_code = task.signal.group_exit_code ?? code;
	if (task === k.sched.child_reaper) panic(k, k.era.killedInitReason(code));
	const {mm} = task;
	if (mm) task.signal.maxrss = Math.max(task.signal.maxrss, mm.hiwater_rss, get_mm_rss(mm));
	yield* mm_release(k, task);
	// Borrowed like a kernel thread's: the tables stay loaded while they are taken down.
	task.mm = null;
	if (mm) yield* mmput(k, mm);
	task.active_mm = null;
	if (!sharesFiles(k, task)) yield* exitFiles(k, task.files);
	trace(k, 'sched_process_exit', () => `comm=${task.comm} pid=${task.pid} prio=120`);
	const leader = groupLeader(k, task);
	task.state = 'EXIT_ZOMBIE';
	if (task !== leader) release_task(k, task);
	if (isGroupDead(k, leader)) endProcess(k, leader, mm !== null);
}

/** The last thread of a process has ended: its parent hears of it, or it is forgotten. @see exit_notify() */
function endProcess(k: Kernel, task: task_struct, isUser: boolean): void {
	forget_original_parent(k, task);
	const {parent} = task;
	if (isUser && parent && parent.pid !== 0 && k.sched.tasks.has(parent.pid) && !isGroupDead(k, parent)) {
		const stays = !reapsItself(parent, task);
		if (stays) notify(k, task, parent);
		wake_up_all(k, parent.wait_chldexit);
		if (stays) return;
	}
	release_task(k, task);
}

/** Who ignores SIGCHLD does not wait. @see do_notify_parent() */
function reapsItself({signals}: task_struct, {exit_signal}: task_struct): boolean {
	if (exit_signal !== SIGCHLD) return false;
	const action = signals.action.get(SIGCHLD);
	return action !== undefined && (action.handler === SIG_IGN || (action.flags & SA_NOCLDWAIT) !== 0);
}

const CLD_EXITED = 1;
const CLD_KILLED = 2;

/** si_code and si_status of a task that ended. */
export function childStatus({exit_code}: task_struct): {readonly code: number; readonly status: number} {
	const signal = exit_code & 0x7f;
	return signal === 0 ? {code: CLD_EXITED, status: exit_code >> 8} : {code: CLD_KILLED, status: signal};
}

function notify(k: Kernel, task: task_struct, parent: task_struct): void {
	const {code, status} = childStatus(task);
	if (task.exit_signal > 0) send_sig_info(k, {signo: task.exit_signal, code, rest: [task.pid, 0, status]}, parent);
}

function sharesFiles(k: Kernel, task: task_struct) {
	for (const other of k.sched.tasks.values())
		if (other !== task && other.files === task.files && other.state !== 'EXIT_ZOMBIE') return true;
	return false;
}

/** Children of a dead task become init's; zombies among them are reaped, for init always waits. */
function forget_original_parent(k: Kernel, task: task_struct): void {
	const init = k.sched.tasks.get(1);
	for (const child of task.children.splice(0)) {
		if (isOver(k, child)) {
			release_task(k, child);
			continue;
		}
		if (!init || init === task) continue;
		for (const each of threadsOf(k, child)) each.parent = init;
		init.children.push(child);
	}
}

function release_task(k: Kernel, task: task_struct): void {
	task.state = 'EXIT_DEAD';
	bookThread(task);
	k.modules?.forgetTask(task);
	k.sched.tasks.delete(task.pid);
	for (const possible of [task.parent, k.sched.tasks.get(1)]) {
		const at = possible?.children.indexOf(task) ?? -1;
		if (at >= 0) possible!.children.splice(at, 1);
	}
}

const WNOHANG = 1;
const __WALL = 0x4000_0000;
const __WCLONE = 0x8000_0000 | 0;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
/** WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WALL, __WCLONE */
const WAIT4_OPTIONS = 0xe000_000b;
/** WNOHANG, WNOWAIT, WEXITED, WSTOPPED, WCONTINUED, and those with underscores (5.x takes them too). */
const WAITID_OPTIONS = 0xe100_000f;

/** @param task what is left of who ended, after it was forgotten */
type Waited = {readonly pid: number; readonly code: number; readonly task: task_struct};

/** A zombie whose threads have all ended. */
const isOver = (k: Kernel, child: task_struct) => child.state === 'EXIT_ZOMBIE' && isGroupDead(k, child);

/**
 * Sleeps until a child of the current process that is wanted has ended. Who does not wait for the end (no WEXITED)
 * waits for what never comes here, as long as such a child lives.
 * @returns it, 0, -ECHILD, -ERESTARTSYS
 */
function* waitForChild(
	k: Kernel,
	isMeant: (child: task_struct) => boolean,
	options: number,
	forEnd = true,
): Sleeps<task_struct | number> {
	const leader = groupLeader(k, k.cpu.current);
	const candidates = () =>
		leader.children.filter(child => isMeant(child) && isOfKind(child, options) && (forEnd || !isOver(k, child)));
	if (candidates().length === 0) return -ECHILD;
	const dead = () => candidates().find(child => isOver(k, child));
	if ((options & WNOHANG) !== 0 && !dead()) return 0;
	yield* wait_event(
		k,
		leader.wait_chldexit,
		() => dead() !== undefined || candidates().length === 0,
		'TASK_INTERRUPTIBLE',
	);
	return dead() ?? (signal_pending(k) ? -ERESTARTSYS : -ECHILD);
}

/** Children that end with another signal than SIGCHLD are waited for with __WCLONE or __WALL. @see eligible_child() */
const isOfKind = ({exit_signal}: task_struct, options: number): boolean =>
	(options & __WALL) !== 0 || (exit_signal !== SIGCHLD) === ((options & __WCLONE) !== 0);

/** Groups of processes are not modelled: all children are of the caller's. */
const isMeant = (pid: number) => (child: task_struct) => pid === -1 || pid === 0 || child.pid === pid;

/**
 * Waits until a child of the current task has ended and forgets that child. Sleeps.
 * @param pid which child, or -1 for any
 * @param options WNOHANG: do not wait
 * @returns who ended and how; 0 with WNOHANG when nobody has; -ECHILD without such a child, -EINVAL,
 * -ERESTARTSYS when a signal came meanwhile
 */
export function* sys_wait4(k: Kernel, pid: number, options = 0): Sleeps<Waited | number> {
	if ((options & ~WAIT4_OPTIONS) !== 0) return -EINVAL;
	const zombie = yield* waitForChild(k, isMeant(pid), options);
	if (typeof zombie === 'number') return zombie;
	bookChild(k, k.cpu.current, zombie);
	release_task(k, zombie);
	return {pid: zombie.pid, code: zombie.exit_code, task: zombie};
}

const P_ALL = 0;
const P_PID = 1;
const P_PGID = 2;

/**
 * As wait4, and more exact: WNOWAIT leaves the child for another time. Sleeps.
 * @returns who ended, or 0 with WNOHANG; -EINVAL, -ECHILD, -ERESTARTSYS
 */
export function* sys_waitid(k: Kernel, which: number, id: number, options: number): Sleeps<task_struct | number> {
	if ((options & ~WAITID_OPTIONS) !== 0 || (options & 0xe) === 0) return -EINVAL;
	if (which !== P_ALL && which !== P_PID && which !== P_PGID) return -EINVAL;
	if (which !== P_ALL && id <= 0) return -EINVAL;
	// No one is ever stopped or goes on.
	const zombie = yield* waitForChild(k, isMeant(which === P_PID ? id : -1), options, (options & WEXITED) !== 0);
	if (typeof zombie === 'number' || (options & WNOWAIT) !== 0) return zombie;
	bookChild(k, k.cpu.current, zombie);
	release_task(k, zombie);
	return zombie;
}
