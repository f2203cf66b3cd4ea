/**
 * What a debugger calls a thread: a task that has registers, be it a compiled program or one that runs C in the kernel,
 * and the idle task of each CPU. Programs that are not compiled have no registers, so they are not threads.
 */
import type {Registers} from '../../hardware/cpu/processor.ts';
import type {Kernel} from '../kernel.ts';
import type {task_struct} from '../sched.ts';

/** All idle tasks have pid 0, which cannot number a thread: their numbers follow the largest pid of Linux. */
const FIRST_IDLE = 0x40_0001;

export function tidOf(k: Kernel, task: task_struct): number {
	return task.pid > 0 ? task.pid : FIRST_IDLE + k.sched.cpus.findIndex(({idle}) => idle === task);
}

export function taskOfTid(k: Kernel, tid: number): task_struct | undefined {
	return tid >= FIRST_IDLE ? k.sched.cpus[tid - FIRST_IDLE]?.idle : k.sched.tasks.get(tid);
}

type DebugThread = {
	readonly tid: number;
	readonly task: task_struct;
	/** The CPU that it is on. */
	readonly cpu: number | undefined;
	/** Of the innermost code of it: C in the kernel, or an interrupt's on top of it, before the program's own. */
	readonly regs: Registers | undefined;
};

/** Registers of what a task does now. */
export function registersOf(k: Kernel, task: task_struct): Registers | undefined {
	const cpu = k.sched.cpus.find(({current}) => current === task);
	const contexts = cpu && cpu.stack.length > 0 ? cpu.stack : [task.context];
	const calls = k.modules?.calls ?? [];
	return calls.findLast(({context}) => context !== undefined && contexts.includes(context))?.regs ?? task.thread?.regs;
}

export function debugThread(k: Kernel, task: task_struct): DebugThread {
	const cpu = k.sched.cpus.find(({current}) => current === task)?.id;
	return {tid: tidOf(k, task), task, cpu, regs: registersOf(k, task)};
}

/** All of them, by number. */
export function debugThreads(k: Kernel): readonly DebugThread[] {
	const tasks = [...k.sched.tasks.values()]
		.filter(({pid, state}) => pid > 0 && state !== 'EXIT_ZOMBIE' && state !== 'EXIT_DEAD')
		.map(task => debugThread(k, task))
		.filter(({regs}) => regs !== undefined);
	return [...tasks, ...k.sched.cpus.map(({idle}) => debugThread(k, idle))].sort((a, b) => a.tid - b.tid);
}
