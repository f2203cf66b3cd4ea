/**
 * linux/sched.h and kthread.h: tasks, and threads of the kernel that a driver starts.
 *
 * Not modelled: binding to a CPU, niceness, signals to threads of the kernel; kthread_stop() of 2.6.11 waiting for ever
 * where the thread has called do_exit().
 */
import {kernelAddress} from '../../../hardware/address.ts';
import {panic, TaskExit} from '../../bug.ts';
import {in_atomic, in_interrupt} from '../../cpu.ts';
import {capable} from '../../cred.ts';
import {EINTR, EINVAL, ESRCH} from '../../errno.ts';
import {emptyFiles} from '../../fs/file.ts';
import type {Kernel} from '../../kernel.ts';
import {kwrite, oops} from '../../mm/access.ts';
import {createTask, giveBody, type TaskBody} from '../../new_task.ts';
import {printk} from '../../printk.ts';
import {schedule, type task_struct, wake_up_process} from '../../sched.ts';
import {recalc_sigpending, send_sig, valid_signal} from '../../signal.ts';
import {signal_pending} from '../../signal_state.ts';
import type {Sleeps} from '../../time.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../../wait.ts';
import {callC} from '../callC.ts';
import {formatText} from '../format.ts';
import {besides, type Gate, modulesOf} from '../state.ts';
import {taskWindow} from '../taskWindow.ts';
import {textAtAddress} from '../text.ts';
import {gate} from './gate.ts';

const COMM_BYTES = 15;

const at = (k: Kernel, task: task_struct) => modulesOf(k).windows.addressOf(taskWindow, task);
export const taskAt = (k: Kernel, address: number) => modulesOf(k).windows.objectAt(taskWindow, address);

/** A thread that C runs in; it is remembered after its end, for kthread_stop(). */
type Kthread = {
	readonly task: task_struct;
	shouldStop: boolean;
	/** It was not let run yet. */
	isFresh: boolean;
	/** What its function returned. */
	result: number | undefined;
	readonly ended: wait_queue_head;
};

const kthreadsOf = (k: Kernel) => besides<Kthread>(k, 'kthread');

/** What a thread of C's runs. It counts as being in the kernel, where the CPU is not taken away. */
const threadBody = (entry: number, data: number, over: (result: number) => void): TaskBody =>
	function* (k) {
		k.cpu.current.kernelDepth++;
		let result = 0;
		try {
			result = yield* callC(k, entry, [data]);
		} catch (reason) {
			if (!(reason instanceof TaskExit)) throw reason;
			result = reason.code;
		} finally {
			over(result);
		}
	};

function newThread(k: Kernel, comm: string): task_struct {
	const task = createTask(k, {comm: comm.slice(0, COMM_BYTES), mm: null, parent: null, files: emptyFiles()});
	task.waitingFor = 'somebody to wake it';
	return task;
}

function kthread_create(k: Kernel, entry: number, data: number, comm: string): number {
	const task = newThread(k, comm);
	const made: Kthread = {
		task,
		shouldStop: false,
		isFresh: true,
		result: undefined,
		ended: wait_queue_head('a kthread'),
	};
	const address = at(k, task);
	kthreadsOf(k).set(address, made);
	giveBody(k, task, function* (k) {
		// Who is stopped before it was woken never runs its function.
		made.isFresh = false;
		const over = (result: number) => {
			made.result = result;
			wake_up_all(k, made.ended);
		};
		if (made.shouldStop) over(-EINTR);
		else yield* threadBody(entry, data, over)(k);
	});
	return address;
}

/** Asks a thread to end and waits for it. @returns what its function returned, or -EINTR where it never ran */
function* kthread_stop(k: Kernel, address: number): Sleeps<number> {
	const thread = kthreadsOf(k).get(address);
	if (!thread) return -EINVAL;
	thread.shouldStop = true;
	wake_up_process(k, thread.task);
	yield* wait_event(k, thread.ended, () => thread.result !== undefined);
	kthreadsOf(k).delete(address);
	return thread.result!;
}

function currentKthread(k: Kernel): Kthread | undefined {
	const {current} = k.cpu;
	for (const thread of kthreadsOf(k).values()) if (thread.task === current) return thread;
	return undefined;
}

/** Ends the current task, whichever it is. @throws TaskExit, or KernelPanic where no task would end */
function do_exit(k: Kernel, code: number): never {
	const {pid, comm} = k.cpu.current;
	if (in_interrupt(k)) panic(k, 'Aiee, killing interrupt handler!');
	if (pid === 0) panic(k, 'Attempted to kill the idle task!');
	if (in_atomic(k)) printk(k, 6, `note: ${comm}[${pid}] exited with preempt_count ${k.cpu.preempt_count}`);
	k.cpu.preempt_count = 0;
	throw new TaskExit(code | 0);
}

/** Where a struct kthread (5.17 and later) has the result: what is none has it at no address. */
const KTHREAD_RESULT = 8;

/** The same for a thread of the kernel's (5.17 and later). Oopses elsewhere. */
function kthread_exit(k: Kernel, code: number): never {
	if (!currentKthread(k)) oops(k, KTHREAD_RESULT, true, false);
	do_exit(k, code);
}

/** The older way: it runs at once, and is not waited for. @returns its pid */
function kernel_thread(k: Kernel, entry: number, data: number): number {
	const task = newThread(k, k.cpu.current.comm);
	giveBody(
		k,
		task,
		threadBody(entry, data, () => {}),
	);
	wake_up_process(k, task);
	return task.pid;
}

function setComm(k: Kernel, comm: string): void {
	k.cpu.current.comm = comm.slice(0, COMM_BYTES);
}

/** The process after another one, and behind the last the idle task, which for_each_process() ends with. */
function next_task(k: Kernel, address: number): number {
	const tasks = [...k.sched.tasks.values()].filter(({pid, tgid}) => pid === tgid);
	const here = taskAt(k, address);
	const next = tasks[here ? tasks.indexOf(here) + 1 : 0];
	return next ? at(k, next) : modulesOf(k).symbols.get('init_task')!;
}

/** @returns 0, -ESRCH, -EINVAL */
export function kill(k: Kernel, task: task_struct | undefined, signal: number): number {
	if (!task) return -ESRCH;
	if (!valid_signal(signal)) return -EINVAL;
	if (signal !== 0) send_sig(k, signal, task);
	return 0;
}

export const taskExports: readonly Gate[] = [
	gate('get_current', k => at(k, k.cpu.current)),
	gate('schedule', schedule),
	gate('yield', schedule),
	gate('cond_resched', schedule),
	gate('_cond_resched', function* (k) {
		yield* schedule(k);
		return 0;
	}),
	gate('need_resched', k => (k.cpu.needResched ? 1 : 0)),
	gate('signal_pending', k => (signal_pending(k) ? 1 : 0)),
	gate('fatal_signal_pending', (k, task) => ((taskAt(k, task) ?? k.cpu.current).fatalSignal !== 0 ? 1 : 0)),
	gate('flush_signals', (k, address) => {
		const task = taskAt(k, address);
		task?.signals.pending.splice(0);
		if (task) recalc_sigpending(k, task);
	}),
	gate('allow_signal', () => 0),
	gate('wake_up_process', (k, address) => {
		const task = taskAt(k, address);
		return task && wake_up_process(k, task) ? 1 : 0;
	}),
	gate('send_sig', (k, signal, task) => kill(k, taskAt(k, task), signal)),
	gate('kill_proc', (k, pid, signal) => kill(k, k.sched.tasks.get(pid | 0), signal)),
	gate('find_task_by_pid', (k, pid) => {
		const task = k.sched.tasks.get(pid | 0);
		return task ? at(k, task) : 0;
	}),
	gate('next_task', next_task),
	gate('get_task_comm', (k, to, address) => {
		const text = (taskAt(k, address)?.comm ?? '').padEnd(COMM_BYTES + 1, '\0');
		kwrite(
			k,
			kernelAddress(to),
			Uint8Array.from([...text], letter => letter.charCodeAt(0)),
		);
		return to;
	}),
	gate('set_user_nice', () => {}),
	{
		name: 'kthread_create',
		run: ({k, arg}) => {
			const comm = formatText(k, textAtAddress(k, arg(2)), n => arg(3 + n));
			return kthread_create(k, arg(0), arg(1), comm);
		},
	},
	gate('kthread_stop', kthread_stop),
	gate('kthread_should_stop', k => (currentKthread(k)?.shouldStop ? 1 : 0)),
	gate('kthread_bind', () => {}),
	gate('kernel_thread', kernel_thread),
	{
		name: 'daemonize',
		run: ({k, arg}) =>
			setComm(
				k,
				formatText(k, textAtAddress(k, arg(0)), n => arg(1 + n)),
			),
	},
	gate('do_exit', do_exit),
	gate('kthread_exit', kthread_exit),
	gate('tty_devnum', () => 0),
	gate('get_current_tty', () => 0),
	gate('capable', (k, capability) => (capable(k, capability) ? 1 : 0)),
];
