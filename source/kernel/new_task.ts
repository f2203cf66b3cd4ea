/**
 * Models dup_task_struct() and fork_idle() of kernel/fork.c, wake_up_new_task() of kernel/sched.c and what a new task
 * comes from: ret_from_fork and kernel_thread_helper (2.6.11 and later). What a child gets of its parent's is in
 * fork.ts.
 *
 * Not modelled: registers (a task runs the body that it is given).
 */

import {TaskExit, TaskKilled} from './bug.ts';
import type {Context} from './cpu.ts';
import {init_cred} from './cred.ts';
import type {FilesStruct} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import type {mm_struct} from './mm/mm_types.ts';
import {alloc_pid} from './pid.ts';
import {printk} from './printk.ts';
import {schedule, schedule_debug, type task_struct, wake_up_process} from './sched.ts';
import {newSignalState, SIGCHLD} from './signal_state.ts';
import {newSignalStruct} from './signal_struct.ts';
import type {Sleeps} from './time.ts';
import {trace, traceSyscall, traceWithin} from './trace.ts';

/**
 * What a task runs. The kernel hands itself over so that programs need no globals. What it returns is the argument of
 * exit(): its lowest byte, shifted up by one, is what wait4 tells.
 */
export type TaskBody = (k: Kernel) => Sleeps<number | void>;

const noContext = (): Context => ({
	kind: 'task',
	body: (function* () {})(),
	task: undefined,
	remainingNs: 0,
	spinningOn: undefined,
	within: 'nothing',
});

export type NewTask = {
	readonly comm: string;
	readonly mm: mm_struct | null;
	readonly parent: task_struct | null;
	readonly files: FilesStruct;
	readonly cmdline?: readonly string[];
	/** The first thread of the process that it is a thread of. */
	readonly leader?: task_struct;
	/** Whose handlers and mask it begins with, where that is not the parent. */
	readonly maker?: task_struct;
	readonly exit_signal?: number;
	readonly injection?: number;
	readonly pid?: number;
};

/** Makes a task that `wake_up_new_task` starts. Callers that can fail ask for the number first. */
export function createTask(k: Kernel, wanted: NewTask): task_struct {
	const pid = wanted.pid ?? alloc_pid(k);
	if (pid < 0) throw new Error('no number is left for a task');
	const {leader, maker = wanted.parent} = wanted;
	const task: task_struct = {
		pid,
		tgid: leader?.tgid ?? pid,
		comm: wanted.comm,
		state: 'TASK_UNINTERRUPTIBLE',
		mm: wanted.mm,
		active_mm: wanted.mm,
		parent: wanted.parent,
		children: [],
		files: wanted.files,
		exit_code: 0,
		preempt_count: 0,
		kernelDepth: 0,
		pagefault_disabled: 0,
		fatalSignal: 0,
		signals: newSignalState(maker?.signals),
		signal: leader?.signal ?? newSignalStruct(),
		exit_signal: leader ? -1 : (wanted.exit_signal ?? SIGCHLD),
		clear_child_tid: 0,
		vfork_done: undefined,
		alarm: undefined,
		waitingFor: '',
		min_flt: 0,
		maj_flt: 0,
		cpuTimeNs: 0,
		utime: 0,
		stime: 0,
		ioac: {rchar: 0, wchar: 0, syscr: 0, syscw: 0, read_bytes: 0, write_bytes: 0, cancelled_write_bytes: 0},
		startTimeNs: k.hw.timeline.nowNs,
		lastCpu: 0,
		cmdline: wanted.cmdline ?? [],
		wait_chldexit: {name: 'child exit', tasks: []},
		injection: wanted.injection ?? maker?.injection ?? 0,
		cred: maker?.cred ?? init_cred,
		context: noContext(),
		wakeTimer: undefined,
		thread: undefined,
		stack: undefined,
		ranInEvent: 0,
		ranBefore: 0,
	};
	if (pid !== 0) {
		k.sched.tasks.set(pid, task);
		if (!leader) wanted.parent?.children.push(task);
		k.sched.forks++;
	}
	return task;
}

/** What a CPU does when there is nothing to do. It has pid 0, and is not among the tasks. @see init_idle() */
export function fork_idle(k: Kernel, cpu: number): task_struct {
	const files: FilesStruct = {fds: new Map(), close_on_exec: new Set()};
	return createTask(k, {comm: k.era.idleTaskName(cpu), mm: null, parent: null, files, pid: 0});
}

/** Puts a new task on the run queue with what it shall run. When the body returns, the task exits with its value. */
export function wake_up_new_task(k: Kernel, task: task_struct, body: TaskBody): void {
	giveBody(k, task, body);
	wake_up_process(k, task);
}

/** As wake_up_new_task, for a task that somebody else will wake. */
export function giveBody(k: Kernel, task: task_struct, body: TaskBody): void {
	task.context = {...noContext(), body: runToExit(k, task, body), task};
}

function* runToExit(k: Kernel, task: task_struct, body: TaskBody): Sleeps<void> {
	let code = 0;
	try {
		const status = (yield* body(k)) ?? 0;
		code = (status & 0xff) << 8;
		// A program ends with this call, which never returns; a thread of the kernel just ends.
		// A compiled one has said so itself.
		if (task.mm && !task.thread)
			traceWithin(k, traceSyscall(k, 'exit_group', `error_code: ${(status >>> 0).toString(16)}`));
	} catch (reason) {
		if (!(reason instanceof TaskKilled)) throw reason;
		code = reason instanceof TaskExit ? reason.code : reason.signal;
		const fields = () => `sig=${reason.signal} errno=0 code=128 sa_handler=0 sa_flags=0`;
		if (!(reason instanceof TaskExit)) traceWithin(k, trace(k, 'signal_deliver', fields));
	}
	// The end of a task may give up the CPU before it has taken anything down.
	schedule_debug(k, task);
	try {
		yield* k.sched.do_exit(k, task, code);
	} catch (reason) {
		if (!(reason instanceof TaskKilled)) throw reason;
		// A method of a driver failed where the task was being taken down: what is left of it stays. @see do_exit()
		printk(k, 1, 'Fixing recursive fault but reboot is needed!');
		for (;;) {
			task.state = 'TASK_UNINTERRUPTIBLE';
			yield* schedule(k);
		}
	}
}
