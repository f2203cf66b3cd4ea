/**
 * Models include/linux/preempt.h, include/linux/hardirq.h and include/asm-i386/system.h (2.6.11 and later): what a CPU
 * is in, told by its preempt_count, and the contexts that are stacked on it.
 *
 * Not modelled: PREEMPT_ACTIVE, the NMI bit, per-CPU stacks.
 */
import type {Event} from '../hardware/timeline.ts';
import {newCpuStat} from './cputime.ts';
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';
import type {Spends, Spinnable} from './time.ts';
import type {Within} from './trace.ts';

export const PREEMPT_OFFSET = 1;
export const SOFTIRQ_OFFSET = 0x100;
export const HARDIRQ_OFFSET = 0x1_0000;
export const PREEMPT_BITS = 0xff;
const SOFTIRQ_BITS = 0xff00;
const HARDIRQ_BITS = 0x0fff_0000;

export type Context = {
	readonly kind: 'task' | 'softirq' | 'hardirq';
	readonly body: Generator<unknown, unknown, void>;
	readonly task: task_struct | undefined;
	/** Rest of a span that an interrupt cut. */
	remainingNs: number;
	spinningOn: Spinnable | undefined;
	/** What is traced now happens within this. */
	within: Within;
};

export type CpuStat = {
	user: number;
	system: number;
	idle: number;
	iowait: number;
	irq: number;
	softirq: number;
};

export type Cpu = {
	readonly id: number;
	readonly stack: Context[];
	current: task_struct;
	readonly idle: task_struct;
	preempt_count: number;
	/** local_irq_disable nesting is not counted by Linux: a flag, saved and restored. */
	irqsDisabled: boolean;
	readonly pendingLines: number[];
	softirqPending: number;
	/** They were raised outside of interrupts: they run when the next one is over, or the task gives up the CPU. */
	softirqWaits: boolean;
	/** Where each was raised. */
	readonly softirqRaised: Within[];
	needResched: boolean;
	chargedNs: number;
	/** The end of the span under way. */
	spanEnd: Event | undefined;
	/** Time not idle, for load figures. */
	busyNs: number;
	timerTicks: number;
	/** Where ticks of the timer met this CPU. @see struct cpu_usage_stat */
	readonly stat: CpuStat;
	dispatching: boolean;
};

/** A CPU that does nothing yet. @param idle its task of pid 0 */
export const newCpu = (id: number, idle: task_struct): Cpu => ({
	id,
	stack: [],
	current: idle,
	idle,
	preempt_count: 0,
	irqsDisabled: false,
	pendingLines: [],
	softirqPending: 0,
	softirqWaits: false,
	softirqRaised: [],
	needResched: false,
	chargedNs: 0,
	spanEnd: undefined,
	busyNs: 0,
	timerTicks: 0,
	stat: newCpuStat(),
	dispatching: false,
});

export const preempt_count = (k: Kernel) => k.cpu.preempt_count;
export const in_irq = (k: Kernel) => (k.cpu.preempt_count & HARDIRQ_BITS) !== 0;
export const in_softirq = (k: Kernel) => (k.cpu.preempt_count & SOFTIRQ_BITS) !== 0;
export const in_interrupt = (k: Kernel) => (k.cpu.preempt_count & (HARDIRQ_BITS | SOFTIRQ_BITS)) !== 0;
export const in_atomic = (k: Kernel) => (k.cpu.preempt_count & (PREEMPT_BITS | SOFTIRQ_BITS | HARDIRQ_BITS)) !== 0;
export const irqs_disabled = (k: Kernel) => k.cpu.irqsDisabled;

export function preempt_disable(k: Kernel): void {
	k.cpu.preempt_count += PREEMPT_OFFSET;
}

/** @returns the former state, for `local_irq_restore` */
export function local_irq_save(k: Kernel): boolean {
	const flags = k.cpu.irqsDisabled;
	k.cpu.irqsDisabled = true;
	return flags;
}

export function local_irq_restore(k: Kernel, flags: boolean): void {
	k.cpu.irqsDisabled = flags;
}

/** Adds to the time that this CPU pays at its next spend. */
export function charge(k: Kernel, ns: number): void {
	k.cpu.chargedNs += ns;
	k.charged++;
}

/** Cuts the span under way so that an interrupt can come in between. */
export function cutSpan(k: Kernel, cpu: Cpu): void {
	const context = cpu.stack.at(-1);
	if (!cpu.spanEnd) return;
	if (context) context.remainingNs = Math.max(0, cpu.spanEnd.timeNs - k.hw.timeline.nowNs);
	k.hw.timeline.cancel(cpu.spanEnd);
	cpu.spanEnd = undefined;
}

/** Puts an interrupt's or softirq's context on top. */
export function pushContext(cpu: Cpu, kind: 'softirq' | 'hardirq', body: Spends<void>): void {
	cpu.stack.push({kind, body, task: undefined, remainingNs: 0, spinningOn: undefined, within: 'nothing'});
}
