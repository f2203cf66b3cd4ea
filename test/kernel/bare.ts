import {powerOn} from '../../source/hardware/machine.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {eraNamed} from '../../source/kernel/era.ts';
import {do_exit} from '../../source/kernel/exit.ts';
import {emptyFiles} from '../../source/kernel/fs/file.ts';
import {irq_init, open_softirq, TIMER_SOFTIRQ} from '../../source/kernel/irq.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {createTask, fork_idle, type TaskBody, wake_up_new_task} from '../../source/kernel/new_task.ts';
import {printk_init} from '../../source/kernel/printk.ts';
import {sched_init, type task_struct} from '../../source/kernel/sched.ts';
import {run_timer_softirq, timer_init} from '../../source/kernel/timer.ts';
import {trace_init} from '../../source/kernel/trace.ts';

/** Only the parts of a kernel that have no memory: scheduler, interrupts, log, trace. */
export function bareKernel({cpus = 2, era = 'ldd3' as EraName, seed = 1} = {}): Kernel {
	const hw = powerOn({memBytes: 16 << 20, cpus, seed, paging: 'two-level', firmwareMap: []});
	const k = {
		hw,
		era: eraNamed(era),
		charged: 0,
		sched: {
			cpus: [],
			runQueue: [],
			tasks: new Map(),
			last_pid: 0,
			mostPid: 0,
			contextSwitches: 0,
			forks: 0,
			avenrun: [0, 0, 0],
			do_exit,
		},
		log: printk_init(),
		trace: trace_init(),
		timers: timer_init(),
	} as unknown as Kernel;
	const idles = Array.from({length: cpus}, (_, cpu) => fork_idle(k, cpu));
	sched_init(k, idles);
	irq_init(k);
	open_softirq(k, TIMER_SOFTIRQ, run_timer_softirq);
	return k;
}

/** Starts a task without an address space. */
export function thread(k: Kernel, comm: string, body: TaskBody): task_struct {
	const task = createTask(k, {comm, mm: null, parent: null, files: emptyFiles()});
	wake_up_new_task(k, task, body);
	return task;
}

/** Lets everything happen that will happen. @returns virtual time at the end */
export function runDry(k: Kernel): number {
	while (k.hw.timeline.step(Number.MAX_SAFE_INTEGER)) {}
	return k.hw.timeline.nowNs;
}

export const dmesg = (k: Kernel) => k.log.lines.map(line => line.text);
