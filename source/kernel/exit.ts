/**
 * Models kernel/exit.c (2.6.11 and later): the end of a task and the parent that waits for it.
 *
 * Not modelled: thread groups that die together, orphaned process groups, ptrace.
 */

import {panic} from './bug.ts';
import {ECHILD, EINTR} from './errno.ts';
import {mmput} from './fork.ts';
import {exitFiles} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';
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
		task.state = 'EXIT_ZOMBIE';
		wake_up_all(k, parent.wait_chldexit);
		return;
	}
	release_task(k, task);
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
	k.sched.tasks.delete(task.pid);
	for (const possible of [task.parent, k.sched.tasks.get(1)]) {
		const at = possible?.children.indexOf(task) ?? -1;
		if (at >= 0) possible!.children.splice(at, 1);
	}
}

const WNOHANG = 1;

type Waited = {readonly pid: number; readonly code: number};

/**
 * Waits until a child of the current task has ended and forgets that child. Sleeps.
 * @param pid which child, or -1 for any
 * @param options WNOHANG: do not wait
 * @returns who ended and how; 0 with WNOHANG when nobody has; -ECHILD without such a child, -EINTR when killed
 * meanwhile
 */
export function* sys_wait4(k: Kernel, pid: number, options = 0): Sleeps<Waited | number> {
	const {current} = k.cpu;
	const candidates = () => current.children.filter(child => pid === -1 || child.pid === pid);
	if (candidates().length === 0) return -ECHILD;
	const dead = () => candidates().find(child => child.state === 'EXIT_ZOMBIE');
	if ((options & WNOHANG) !== 0 && !dead()) return 0;
	yield* wait_event(
		k,
		current.wait_chldexit,
		() => dead() !== undefined || candidates().length === 0,
		'TASK_INTERRUPTIBLE',
	);
	const zombie = dead();
	if (!zombie) return current.fatalSignal !== 0 ? -EINTR : -ECHILD;
	release_task(k, zombie);
	return {pid: zombie.pid, code: zombie.exit_code};
}
