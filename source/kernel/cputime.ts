/**
 * Models account_user_time() and account_system_time() of kernel/sched.c and calc_load() of kernel/timer.c (2.6.11 to
 * 6.18): what the timer finds at each tick is taken for what went on since the tick before.
 *
 * Not modelled: nice, steal and guest time; exact accounting of later kernels (CONFIG_VIRT_CPU_ACCOUNTING).
 */
import type {Cpu, CpuStat} from './cpu.ts';
import type {Kernel} from './kernel.ts';

export const newCpuStat = (): CpuStat => ({user: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0});

/** Somebody sleeps until a disk is done: on a page under I/O, on a direct transfer, for a free request. */
const WAITS_FOR_DISK = /^(?:direct I\/O|get_request|.* of pfn )/;

/** Tasks in io_schedule(). */
export function nr_iowait(k: Kernel): number {
	let count = 0;
	for (const {state, waitingFor} of k.sched.tasks.values())
		if (state === 'TASK_UNINTERRUPTIBLE' && WAITS_FOR_DISK.test(waitingFor)) count++;
	return count;
}

/** Tasks that run or want to. */
export function nr_running(k: Kernel): number {
	let count = 0;
	for (const {state} of k.sched.tasks.values()) if (state === 'TASK_RUNNING') count++;
	return count;
}

/** Books one tick of a CPU. */
export function account_tick(k: Kernel, cpu: Cpu): void {
	const {current, stat} = cpu;
	const kind = cpu.stack.at(-1)?.kind;
	if (kind === 'hardirq') stat.irq++;
	else if (kind === 'softirq') stat.softirq++;
	else if (kind === undefined) stat[nr_iowait(k) > 0 ? 'iowait' : 'idle']++;
	else if (current.mm && current.kernelDepth === 0) {
		current.utime++;
		stat.user++;
		return;
	} else stat.system++;
	if (current !== cpu.idle) current.stime++;
}

const FSHIFT = 11;
const FIXED_1 = 1 << FSHIFT;
/** e to the power of -5 s over 1, 5 and 15 minutes, in the same units. */
const EXP = [1884, 2014, 2037] as const;
const LOAD_SECONDS = 5;

/** Every five seconds the averages follow what runs or sleeps uninterruptibly now. */
export function calc_load(k: Kernel, ticks: number): void {
	if (ticks % (LOAD_SECONDS * k.era.HZ) !== 0) return;
	let active = 0;
	for (const {state} of k.sched.tasks.values())
		if (state === 'TASK_RUNNING' || state === 'TASK_UNINTERRUPTIBLE') active += FIXED_1;
	const {avenrun} = k.sched;
	for (const [at, exp] of EXP.entries())
		avenrun[at] = Math.floor((avenrun[at]! * exp + active * (FIXED_1 - exp)) / FIXED_1);
}
