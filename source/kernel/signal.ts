/**
 * Models kernel/signal.c (2.6.11 and later): who gets which signal, and what becomes of it. A signal that kills ends a
 * task when it next leaves the kernel, and wakes it from an interruptible sleep to do so; one that has a handler waits
 * until the program is about to go on (signal_frame.ts).
 *
 * Not modelled: stopping and going on (such signals are dropped), process groups and sessions, queues of more than one
 * of a number below 32, TASK_KILLABLE (2.6.25+), whose sleeps count as uninterruptible here.
 */

import {SIGKILL, TaskKilled} from './bug.ts';
import {kill_ok} from './cred.ts';
import {EINVAL, EPERM, ESRCH} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {type task_struct, wake_up_process} from './sched.ts';
import {SIGCHLD, type siginfo, sigmask, type sigset} from './signal_state.ts';

export const SIG_DFL = 0;
export const SIG_IGN = 1;
const NSIG = 64;
const SIGRTMIN = 32;
export const SIGSEGV = 11;
export const SIGXFSZ = 25;
const SIGSTOP = 19;
/** SIGCHLD, SIGCONT, SIGURG, SIGWINCH; and those that would stop: SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU. */
const NOT_FATAL = new Set([SIGCHLD, 18, SIGSTOP, 20, 21, 22, 23, 28]);

export const SA_NOCLDWAIT = 0x2;
export const SA_SIGINFO = 0x4;
export const SA_RESTORER = 0x0400_0000;
export const SA_ONSTACK = 0x0800_0000;
export const SA_RESTART = 0x1000_0000;
export const SA_NODEFER = 0x4000_0000;
export const SA_RESETHAND = 0x8000_0000;

export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_TKILL = -6;

/** A new program has no handlers; what was ignored stays so. @see flush_signal_handlers() */
export function flush_signal_handlers({signals}: task_struct): void {
	signals.action = new Map([...signals.action].filter(([, {handler}]) => handler === SIG_IGN));
	signals.altStack = undefined;
}

const handlerOf = ({signals}: task_struct, signal: number) => signals.action.get(signal)?.handler ?? SIG_DFL;

export const hasHandler = (task: task_struct, signal: number): boolean => handlerOf(task, signal) > SIG_IGN;

export const isIgnored = (task: task_struct, signal: number): boolean =>
	handlerOf(task, signal) === SIG_IGN || (handlerOf(task, signal) === SIG_DFL && NOT_FATAL.has(signal));

export const isBlocked = ({signals}: task_struct, signal: number): boolean =>
	(signals.blocked & sigmask(signal)) !== 0n;

/** Sends a signal; any context. Kernel threads and init take none. */
export function send_sig_info(k: Kernel, info: siginfo, task: task_struct): void {
	const {signo} = info;
	if (!task.mm || task.pid === 1) return;
	if (signo !== SIGKILL && (isBlocked(task, signo) || hasHandler(task, signo))) {
		if (isIgnored(task, signo) && !isBlocked(task, signo)) return;
		if (signo < SIGRTMIN && task.signals.pending.some(each => each.signo === signo)) return;
		task.signals.pending.push(info);
		if (isBlocked(task, signo)) return;
	} else {
		if (signo !== SIGKILL && isIgnored(task, signo)) return;
		task.fatalSignal = signo;
	}
	if (task.state === 'TASK_INTERRUPTIBLE') wake_up_process(k, task);
}

/** Sends a signal that the kernel itself has a reason for. */
export const send_sig = (k: Kernel, signo: number, task: task_struct): void =>
	send_sig_info(k, {signo, code: SI_KERNEL, rest: [], forThread: true}, task);

const byCurrent = (k: Kernel, signo: number, code: number): siginfo => ({
	signo,
	code,
	rest: [k.cpu.current.tgid, k.cpu.current.cred.uid.real],
});

/** 0 sends nothing, and asks whether one may. @see valid_signal() */
export const valid_signal = (signal: number) => signal >= 0 && signal <= NSIG;

const processOf = (k: Kernel, pid: number): task_struct | undefined =>
	k.sched.tasks.get(pid) ?? [...k.sched.tasks.values()].find(({tgid}) => tgid === pid);

/**
 * Sends a signal to a process, or none (0) to see whether it is there.
 * @param pid 0 for the caller. @returns 0, -ESRCH, -EINVAL
 */
export function sys_kill(k: Kernel, pid: number, signal: number): number {
	if (!valid_signal(signal)) return -EINVAL;
	const task = processOf(k, pid === 0 ? k.cpu.current.tgid : pid);
	if (!task) return -ESRCH;
	if (!kill_ok(k, task)) return -EPERM;
	if (signal !== 0) send_sig_info(k, byCurrent(k, signal, SI_USER), task);
	return 0;
}

/** A signal to a process from outside of the machine, which needs no rights. @see SEND_SIG_PRIV */
export function kill_priv(k: Kernel, pid: number, signo: number): void {
	const task = processOf(k, pid);
	if (task) send_sig_info(k, {signo, code: SI_KERNEL, rest: []}, task);
}

/** Sends a signal to one thread. @param tgid its process, or undefined for any. @returns 0, -EINVAL, -ESRCH */
export function sys_tgkill(k: Kernel, tgid: number | undefined, pid: number, signal: number): number {
	if (pid <= 0 || (tgid !== undefined && tgid <= 0) || !valid_signal(signal)) return -EINVAL;
	const task = k.sched.tasks.get(pid);
	if (!task || (tgid !== undefined && task.tgid !== tgid)) return -ESRCH;
	if (!kill_ok(k, task)) return -EPERM;
	if (signal !== 0) send_sig_info(k, {...byCurrent(k, signal, SI_TKILL), forThread: true}, task);
	return 0;
}

/**
 * A signal that its own instruction earned a task. Who blocks or ignores it dies of it.
 * @throws TaskKilled unless there is a handler, which will run
 */
export function force_sig_info(k: Kernel, info: siginfo, outOfMemory = false): void {
	const {current} = k.cpu;
	if (!hasHandler(current, info.signo) || isBlocked(current, info.signo)) throw new TaskKilled(info.signo, outOfMemory);
	current.signals.pending.unshift(info);
}

/** The pending signal of the lowest number that is not blocked, taken. */
export function dequeue_signal({signals}: task_struct): siginfo | undefined {
	const {pending, blocked} = signals;
	const ready = pending.filter(({signo}) => (blocked & sigmask(signo)) === 0n);
	const first = ready.toSorted((a, b) => a.signo - b.signo)[0];
	if (first) pending.splice(pending.indexOf(first), 1);
	return first;
}

/** Signals of a mask that cannot be blocked are left out. */
export const blockable = (mask: sigset): sigset => mask & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));

export const mayBeHandled = (signal: number): boolean =>
	signal >= 1 && signal <= NSIG && signal !== SIGKILL && signal !== SIGSTOP;

/** What was pending and is ignored from now on goes; what was blocked and is no longer may kill. */
export function recalc_sigpending(k: Kernel, task: task_struct): void {
	for (const info of task.signals.pending.splice(0)) send_sig_info(k, info, task);
}

/** Blocks other signals until the current task is back in its program. @see set_user_sigmask(), sigsuspend() */
export function setTemporaryMask(k: Kernel, set: sigset): void {
	const {current} = k.cpu;
	current.signals.savedMask = current.signals.blocked;
	current.signals.blocked = blockable(set);
	recalc_sigpending(k, current);
}

/** Where the current task would leave the kernel. @throws TaskKilled when a fatal signal waits for it */
export function dieIfKilled(k: Kernel): void {
	const {current} = k.cpu;
	const {fatalSignal} = current;
	if (fatalSignal !== 0) throw new TaskKilled(fatalSignal, k.vmscan.oomVictims.has(current));
}
