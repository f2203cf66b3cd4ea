/**
 * Models kernel/exit.c (2.6.11 and later): the end of a task and the parent that waits for it.
 *
 * Not modelled: thread groups that die together, orphaned process groups, ptrace.
 */

import {panic} from './bug.ts';
import {ECHILD, EINVAL, ERESTARTSYS} from './errno.ts';
import {mmput} from './fork.ts';
import {exitFiles} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';
import {SA_NOCLDWAIT, SIG_IGN, SIGCHLD, send_sig_info} from './signal.ts';
import {signal_pending} from './signal_state.ts';
import type {Sleeps} from './time.ts';
import {trace} from './trace.ts';
import {wait_event, wake_up_all} from './wait.ts';

/**
 * Ends a task: gives back its address space and files, hands its children to init and stays as a zombie until
 * somebody waits for it. Kernel threads and tasks without a parent vanish at once. Without init there is no machine.
 * @param code what wait4 tells the parent: exit status << 8, or the signal
 */
export function* do_exit(k: Kernel, task: task_struct, code: number): Sleeps<void> {
	task.exit_code = code;
	if (task === k.sched.child_reaper) panic(k, k.era.killedInitReason(code));
	const {mm} = task;
	// Borrowed like a kernel thread's: the tables stay loaded while they are taken down.
	task.mm = null;
	if (mm) yield* mmput(k, mm);
	task.active_mm = null;
	if (!sharesFiles(k, task)) yield* exitFiles(k, task.files);
	forget_original_parent(k, task);
	trace(k, 'sched_process_exit', () => `comm=${task.comm} pid=${task.pid} prio=120`);
	const {parent} = task;
	if (mm && parent && parent.state !== 'EXIT_DEAD' && parent.state !== 'EXIT_ZOMBIE' && parent.pid !== 0) {
		if (!reapsItself(parent)) {
			task.state = 'EXIT_ZOMBIE';
			notify(k, task, parent);
			wake_up_all(k, parent.wait_chldexit);
			return;
		}
		wake_up_all(k, parent.wait_chldexit);
	}
	release_task(k, task);
}

/** Who ignores SIGCHLD does not wait. @see do_notify_parent() */
function reapsItself({signals}: task_struct): boolean {
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
	send_sig_info(k, {signo: SIGCHLD, code, rest: [task.pid, 0, status]}, parent);
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
		if (child.state === 'EXIT_ZOMBIE') release_task(k, child);
		else if (init && init !== task) init.children.push(child);
	}
}

function release_task(k: Kernel, task: task_struct): void {
	task.state = 'EXIT_DEAD';
	k.modules?.forgetTask(task);
	k.sched.tasks.delete(task.pid);
	for (const possible of [task.parent, k.sched.tasks.get(1)]) {
		const at = possible?.children.indexOf(task) ?? -1;
		if (at >= 0) possible!.children.splice(at, 1);
	}
}

const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
/** WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WALL, __WCLONE */
const WAIT4_OPTIONS = 0xe000_000b;
/** WNOHANG, WNOWAIT, WEXITED, WSTOPPED, WCONTINUED, and those with underscores (5.x takes them too). */
const WAITID_OPTIONS = 0xe100_000f;

/** @param task what is left of who ended, after it was forgotten */
type Waited = {readonly pid: number; readonly code: number; readonly task: task_struct};

/** Sleeps until a child of the current task that is wanted has ended. @returns it, 0, -ECHILD, -ERESTARTSYS */
function* waitForChild(
	k: Kernel,
	wanted: (child: task_struct) => boolean,
	options: number,
): Sleeps<task_struct | number> {
	const {current} = k.cpu;
	const candidates = () => current.children.filter(wanted);
	if (candidates().length === 0) return -ECHILD;
	const dead = () => candidates().find(child => child.state === 'EXIT_ZOMBIE');
	if ((options & WNOHANG) !== 0 && !dead()) return 0;
	yield* wait_event(
		k,
		current.wait_chldexit,
		() => dead() !== undefined || candidates().length === 0,
		'TASK_INTERRUPTIBLE',
	);
	return dead() ?? (signal_pending(k) ? -ERESTARTSYS : -ECHILD);
}

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
	// Nobody is ever stopped or goes on.
	const ends = (options & WEXITED) !== 0;
	const isChild = isMeant(which === P_PID ? id : -1);
	const zombie = yield* waitForChild(k, child => ends && isChild(child), options);
	if (typeof zombie === 'number') return zombie;
	if ((options & WNOWAIT) === 0) release_task(k, zombie);
	return zombie;
}
