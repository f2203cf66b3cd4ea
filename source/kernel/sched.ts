/**
 * Models kernel/sched.c, include/linux/sched.h and include/linux/hardirq.h (2.6.11 and later): tasks, CPUs, run queue,
 * preempt_count, wait queues.
 *
 * A CPU runs a stack of contexts: a task at the bottom, softirq and hardirq contexts above it. Each is a generator.
 * What it yields is time spent here; interrupts cut such a span and the rest of it follows after their return.
 *
 * Not modelled: priorities and the O(1)/CFS policies (tasks run in turn), preemption inside the kernel (CONFIG_PREEMPT
 * off), load balancing beyond waking on an idle CPU.
 */

import {type KernelLogicalAddress, physicalAddress} from '../hardware/address.ts';
import {COST} from '../hardware/costs.ts';
import type {Event} from '../hardware/timeline.ts';
import {panic, WARN} from './bug.ts';
import {
	type Context,
	type Cpu,
	cutSpan,
	in_atomic,
	irqs_disabled,
	newCpu,
	PREEMPT_BITS,
	PREEMPT_OFFSET,
	pushContext,
	SOFTIRQ_OFFSET,
} from './cpu.ts';
import type {cred} from './cred.ts';
import type {FilesStruct} from './fs/file.ts';
import {hex8} from './hex.ts';
import {deliverPendingInterrupt, do_softirq, softirqWanted} from './irq.ts';
import type {Kernel} from './kernel.ts';
import type {mm_struct} from './mm/mm_types.ts';
import {PAGE_OFFSET} from './mm/page.ts';
import {printk} from './printk.ts';
import type {thread_struct} from './processor.ts';
import {type SignalState, signal_pending} from './signal_state.ts';
import type {signal_struct} from './signal_struct.ts';
import {add_taint, dump_stack, print_modules} from './stacktrace.ts';
import {GIVE_UP_CPU, type Sleeps, type Spinnable} from './time.ts';
import {traceSwitch} from './trace.ts';
import type {wait_queue_head} from './wait.ts';
import {inReport} from './watch.ts';

type TaskState = 'TASK_RUNNING' | 'TASK_INTERRUPTIBLE' | 'TASK_UNINTERRUPTIBLE' | 'EXIT_ZOMBIE' | 'EXIT_DEAD';

export type task_struct = {
	readonly pid: number;
	/** Thread group: pid of the first thread. */
	readonly tgid: number;
	comm: string;
	state: TaskState;
	/** NULL for kernel threads. */
	mm: mm_struct | null;
	/** The mm whose tables are loaded; borrowed by kernel threads. */
	active_mm: mm_struct | null;
	/** The process that hears of its end; init's where that is gone. */
	parent: task_struct | null;
	readonly children: task_struct[];
	files: FilesStruct;
	exit_code: number;
	/** Saved while the task is not on a CPU. */
	preempt_count: number;
	/** How deep in system calls; 0 means user mode, where the scheduler may take the CPU away. */
	kernelDepth: number;
	/** pagefault_disable nesting of eras that count it apart from preempt_count. */
	pagefault_disabled: number;
	/** Signal that ends the task when it next leaves the kernel, or 0. */
	fatalSignal: number;
	/** What becomes of signals, and which have come. */
	readonly signals: SignalState;
	/** What it shares with the other threads of its process. */
	readonly signal: signal_struct;
	/** What the parent is sent at its end; -1 for a thread, which has no parent that hears of its end. */
	readonly exit_signal: number;
	/** Where a 0 goes when it ends while others use its memory (CLONE_CHILD_CLEARTID), or 0. */
	clear_child_tid: number;
	/** Who waits in vfork() until it has an address space of its own. */
	vfork_done: wait_queue_head | undefined;
	/** When SIGALRM will come. */
	alarm: {readonly timeNs: number; readonly event: Event} | undefined;
	/** What it sleeps on, in words, for whoever looks. */
	waitingFor: string;
	/** Minor and major faults. */
	min_flt: number;
	maj_flt: number;
	/** Virtual time spent on a CPU. */
	cpuTimeNs: number;
	/** Ticks of the timer that met it in user mode, and in the kernel. */
	utime: number;
	stime: number;
	/** Bytes through read and write, such calls, and bytes from and for disks. @see include/linux/task_io_accounting.h */
	readonly ioac: {
		rchar: number;
		wchar: number;
		syscr: number;
		syscw: number;
		read_bytes: number;
		write_bytes: number;
		/** Of pages that it had made dirty or not, and that a truncation of its threw away. */
		cancelled_write_bytes: number;
	};
	readonly startTimeNs: number;
	lastCpu: number;
	cmdline: readonly string[];
	/** Waiters for this task's end (wait4). */
	readonly wait_chldexit: wait_queue_head;
	/** Which injection this task works for, or 0. */
	readonly injection: number;
	/** Who it is; replaced, not changed. */
	cred: cred;
	context: Context;
	wakeTimer: Event | undefined;
	/** Of a compiled program: its registers while it is not on the processor. */
	thread: thread_struct | undefined;
	/** Its stack in the kernel, once C has run on it: where it lies, and how far down it is used. */
	stack: {readonly base: KernelLogicalAddress; sp: number; isOverrun: boolean} | undefined;
	/** In which event its last instruction was, and how many the processor had done before that; 0 before the first. */
	ranInEvent: number;
	ranBefore: number;
};

export type SchedState = {
	readonly cpus: Cpu[];
	readonly runQueue: task_struct[];
	readonly tasks: Map<number, task_struct>;
	/** The process whose end is the end of the machine; `lab/boot.ts` says which. @see kernel/exit.c (2.6.11) */
	child_reaper?: task_struct;
	/** The last number that a task was given. @see kernel/pid.c */
	last_pid: number;
	/** The largest that one ever had. */
	mostPid: number;
	contextSwitches: number;
	forks: number;
	/** Load averages over 1, 5 and 15 minutes, in units of 1 << 11. */
	readonly avenrun: [number, number, number];
	/** The end of a task, see exit.ts: it takes apart what only rooms above the scheduler know. */
	readonly do_exit: (k: Kernel, task: task_struct, code: number) => Sleeps<void>;
	/** When might_sleep() last complained. */
	lastMightSleepNs?: number;
};

export function preempt_enable(k: Kernel): void {
	if ((k.cpu.preempt_count & PREEMPT_BITS) === 0) {
		// Only a scheduler that reset the count under us leaves it short; see schedule().
		if (!k.era.schedulingResetsPreemptCount) throw new Error('preempt_enable without preempt_disable');
		// Without CONFIG_DEBUG_PREEMPT it goes below zero, and the CPU counts as not to be taken away.
		if (k.config.debug.preempt === false) {
			k.cpu.preempt_count -= PREEMPT_OFFSET;
			return;
		}
		WARN(k, k.era.preemptCountUnderflowAt, 'DEBUG_LOCKS_WARN_ON(val > preempt_count())');
		return;
	}
	k.cpu.preempt_count -= PREEMPT_OFFSET;
}

/** "comm-pid" as the tracer prints it. */
export const taskLabel = (task: task_struct) => `${task.comm}-${task.pid}`;

/** Such a message comes at most once a second. */
const MIGHT_SLEEP_QUIET_NS = 1_000_000_000;

/**
 * Says so when something that may sleep is called where sleeping is forbidden (DEBUG_SPINLOCK_SLEEP /
 * DEBUG_ATOMIC_SLEEP).
 */
export function might_sleep(k: Kernel, where: string): void {
	if (!in_atomic(k) && !irqs_disabled(k)) return;
	const now = k.hw.timeline.nowNs;
	const last = k.sched.lastMightSleepNs;
	if (last !== undefined && now < last + MIGHT_SLEEP_QUIET_NS) return;
	k.sched.lastMightSleepNs = now;
	const current = k.cpu.current;
	const [inAtomic, irqs] = [in_atomic(k) ? 1 : 0, irqs_disabled(k) ? 1 : 0];
	inReport(k, 'bug', () => {
		for (const line of k.era.sleepInAtomicLines(where, inAtomic, irqs, current.pid, current.comm, k.cpu.preempt_count))
			printk(k, 3, line);
		dump_stack(k);
	});
}

// ── giving up the CPU ──────────────────────────────────────────────────────────────────────────────────────────────

/** Somebody gives up a CPU that is not to be taken away. @see __schedule_bug() */
function sayAtomic(k: Kernel): void {
	const {comm, pid} = k.cpu.current;
	const shown = k.cpu.preempt_count + (k.era.scheduleCountsItself ? PREEMPT_OFFSET : 0);
	inReport(k, 'bug', () => {
		printk(k, 3, k.era.schedulingWhileAtomicLine(comm, pid, hex8(shown >>> 0)));
		if (k.era.scheduleCountsItself) print_modules(k);
		dump_stack(k);
	});
	if (k.era.scheduleBugTaints) add_taint(k, 'W');
	if (k.era.schedulingResetsPreemptCount) k.cpu.preempt_count = 0;
}

/** Gives up the CPU. Set the state and arrange the wake-up first, as in Linux. @see kernel/sched.c schedule() */
export function* schedule(k: Kernel): Sleeps<void> {
	if (in_atomic(k)) sayAtomic(k);
	const {current} = k.cpu;
	// A signal that came before is as good as one that comes later.
	if (current.state === 'TASK_INTERRUPTIBLE' && signal_pending(k)) current.state = 'TASK_RUNNING';
	yield GIVE_UP_CPU;
}

/** Makes a sleeping task runnable. @returns whether it was asleep */
export function wake_up_process(k: Kernel, task: task_struct): boolean {
	if (task.state !== 'TASK_INTERRUPTIBLE' && task.state !== 'TASK_UNINTERRUPTIBLE') return false;
	task.state = 'TASK_RUNNING';
	task.waitingFor = '';
	// Who has said that it will sleep, and is still on its CPU, does not have to be put back on one.
	if (k.sched.cpus.some(({current}) => current === task)) return true;
	k.sched.runQueue.push(task);
	const idle = idleCpu(k, task.lastCpu);
	if (idle) kick(k, idle);
	return true;
}

function idleCpu(k: Kernel, preferred: number): Cpu | undefined {
	const isIdle = (cpu: Cpu | undefined) =>
		cpu !== undefined && cpu.stack.length === 0 && !cpu.dispatching && !cpu.spanEnd;
	const favourite = k.sched.cpus[preferred];
	return isIdle(favourite) ? favourite : k.sched.cpus.find(isIdle);
}

/** Has a CPU that passes no time go on as soon as what happens now is over. */
function kick(k: Kernel, cpu: Cpu): void {
	if (cpu.spanEnd) return;
	cpu.spanEnd = k.hw.timeline.after(0, () => {
		cpu.spanEnd = undefined;
		dispatch(k, cpu);
	});
}

// ── running ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An interrupt or an ended span: lets a CPU go on with what is on top of its stack, until time has to pass. */
function dispatch(k: Kernel, cpu: Cpu): void {
	if (cpu.dispatching) throw new Error(`cpu ${cpu.id} dispatched while it runs`);
	const formerCpu = k.cpu;
	cpu.dispatching = true;
	k.cpu = cpu;
	try {
		while (runTop(k, cpu)) {}
	} finally {
		cpu.dispatching = false;
		k.cpu = formerCpu;
	}
}

/** The bottom of what stacktrace.ts sees. */
function stepContext(context: Context) {
	return context.body.next();
}

/** @returns false when time has to pass before this CPU can go on */
function runTop(k: Kernel, cpu: Cpu): boolean {
	if (!cpu.irqsDisabled && deliverPendingInterrupt(k, cpu)) return true;
	if (softirqWanted(cpu)) {
		// Counted before the context's first step, so that the same softirqs are not started twice.
		cpu.preempt_count += SOFTIRQ_OFFSET;
		pushContext(cpu, 'softirq', do_softirq(k));
		return true;
	}
	const context = cpu.stack.at(-1);
	if (!context) return pickNext(k, cpu);
	if (context.remainingNs > 0) {
		const ns = context.remainingNs;
		context.remainingNs = 0;
		return spendOn(k, cpu, ns);
	}
	if (context.spinningOn) {
		if (context.spinningOn.locked) return false;
		context.spinningOn = undefined;
	}
	if (cpu.needResched && mayPreempt(k, cpu, context)) {
		schedule_debug(k, context.task!);
		context.task!.state = 'TASK_RUNNING';
		k.sched.runQueue.push(context.task!);
		switchOut(cpu);
		return true;
	}
	const {value, done} = stepContext(context);
	if (done) {
		cpu.stack.pop();
		if (context.kind === 'task') {
			schedule_debug(k, context.task!);
			if (k.era.endOfTaskIsChecked && in_atomic(k)) sayAtomic(k);
			leaveCpu(cpu);
		}
		return cpu.chargedNs > 0 && context.kind !== 'task' ? spendOn(k, cpu, 0) : true;
	}
	if (typeof value === 'number') return spendOn(k, cpu, value);
	if (value === GIVE_UP_CPU) return giveUp(k, cpu, context);
	return spinOn(k, cpu, context, value as Spinnable);
}

const mayPreempt = (k: Kernel, cpu: Cpu, context: Context) =>
	context.kind === 'task' && context.task!.kernelDepth === 0 && cpu.preempt_count === 0 && k.sched.runQueue.length > 0;

function spendOn(k: Kernel, cpu: Cpu, ns: number): boolean {
	const total = Math.round(ns) + Math.round(cpu.chargedNs);
	cpu.chargedNs = 0;
	if (total === 0) return true;
	cpu.busyNs += total;
	if (cpu.stack.length > 0) cpu.current.cpuTimeNs += total;
	cpu.spanEnd = k.hw.timeline.after(total, () => {
		cpu.spanEnd = undefined;
		dispatch(k, cpu);
	});
	return false;
}

function spinOn(k: Kernel, cpu: Cpu, context: Context, lock: Spinnable): boolean {
	if (!lock.locked) return true;
	context.spinningOn = lock;
	lock.spinners.push(() => kickSpinner(k, cpu));
	return false;
}

/** The lock came free: whoever spun looks again, unless an interrupt's span is under way on top of it. */
function kickSpinner(k: Kernel, cpu: Cpu): void {
	if (!cpu.dispatching) kick(k, cpu);
}

/** Lies at the end of a stack, so that one which grew beyond it is found out. @see include/uapi/linux/magic.h */
export const STACK_END_MAGIC = 0x57ac_6e9d;

/** Panics when a task has used more stack in the kernel than there is, as C can. @see kernel/sched/core.c */
export function schedule_debug(k: Kernel, {stack, comm, pid}: task_struct): void {
	if (!stack) return;
	const end = k.hw.ram.read32(physicalAddress(stack.base - PAGE_OFFSET));
	if (stack.isOverrun || end !== STACK_END_MAGIC) panic(k, k.era.stackEndReason(`${comm} (pid ${pid})`));
}

function giveUp(k: Kernel, cpu: Cpu, context: Context): boolean {
	if (context.kind !== 'task') throw new Error(`an ${context.kind} context tried to sleep`);
	const task = context.task!;
	schedule_debug(k, task);
	if (k.watcher && k.highmem.atomic.depth[cpu.id]! > 0) k.watcher.sleptWithSlots();
	if (task.state === 'TASK_RUNNING' && k.sched.runQueue.length === 0) return spendOn(k, cpu, COST.contextSwitchNs);
	if (task.state === 'TASK_RUNNING' && !k.sched.runQueue.includes(task)) k.sched.runQueue.push(task);
	switchOut(cpu);
	return true;
}

function switchOut(cpu: Cpu): void {
	const context = cpu.stack.pop()!;
	const task = context.task!;
	task.preempt_count = cpu.preempt_count;
	leaveCpu(cpu);
}

function leaveCpu(cpu: Cpu): void {
	cpu.current = cpu.idle;
	cpu.preempt_count = 0;
	cpu.needResched = false;
	cpu.softirqWaits = false;
}

function pickNext(k: Kernel, cpu: Cpu): boolean {
	const task = k.sched.runQueue.shift();
	if (!task) return false;
	cpu.current = task;
	cpu.preempt_count = task.preempt_count;
	cpu.stack.push(task.context);
	task.lastCpu = cpu.id;
	k.sched.contextSwitches++;
	if (task.mm) task.active_mm = task.mm;
	traceSwitch(k, task);
	cpu.chargedNs += COST.contextSwitchNs;
	return spendOn(k, cpu, 0);
}

/** A tick of the timer: a waiting task gets this CPU as soon as the task there is in user mode. */
export function scheduler_tick(k: Kernel, cpu: Cpu): void {
	if (k.sched.runQueue.length === 0) return;
	cpu.needResched = true;
	if (cpu.stack.length === 0 && !cpu.dispatching) kick(k, cpu);
}

/** Has a CPU look at its interrupts and softirqs now, in the midst of what it does. Not while it dispatches. */
export function interruptCpu(k: Kernel, cpu: Cpu): void {
	cutSpan(k, cpu);
	dispatch(k, cpu);
}

/** Brings up the CPUs. @param idles what each does when there is nothing to do */
export function sched_init(k: Kernel, idles: readonly task_struct[]): void {
	k.sched.cpus.push(...idles.map((idle, id) => newCpu(id, idle)));
	k.cpu = k.sched.cpus[0]!;
	k.hw.interrupts.deliver = (cpuId, line) => {
		const cpu = k.sched.cpus[cpuId]!;
		if (!cpu.pendingLines.includes(line)) cpu.pendingLines.push(line);
		if (!cpu.dispatching && !cpu.irqsDisabled) interruptCpu(k, cpu);
	};
}
