/**
 * Models kernel/irq/handle.c, arch/i386/kernel/irq.c, kernel/softirq.c: interrupt handlers with nesting, softirqs,
 * tasklets.
 *
 * A handler registered without SA_INTERRUPT (IRQF_DISABLED) runs with interrupts enabled up to 2.6.34; from 2.6.35 on
 * all handlers run with them disabled. A line that is being handled is not handled again until the handler returns.
 *
 * Not modelled: threaded handlers, balancing of lines between CPUs, shared lines.
 */
import {COST} from '../hardware/costs.ts';
import {type Cpu, charge, HARDIRQ_OFFSET, pushContext, SOFTIRQ_OFFSET} from './cpu.ts';
import {EBUSY, EINVAL} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {type Spends, spend} from './time.ts';
import {traceIrqEntry, traceIrqExit, traceSoftirqEntry, traceSoftirqExit, traceSoftirqRaise} from './trace.ts';

/** Handlers are generators: what they do takes time and can be seen, but they cannot sleep. */
type irq_handler = (k: Kernel, line: number) => Spends<void>;

export type irqaction = {
	readonly line: number;
	readonly handler: irq_handler;
	readonly name: string;
	/** SA_INTERRUPT: runs with interrupts disabled in every era. */
	readonly disabled: boolean;
	readonly counts: number[];
	inProgress: boolean;
};

/** Softirqs in order of priority, as far as used here. @see include/linux/interrupt.h */
export const NET_RX_SOFTIRQ = 3;
export const BLOCK_SOFTIRQ = 4;
const TASKLET_SOFTIRQ = 6;

const SOFTIRQ_NAMES: Readonly<Record<number, string>> = {1: 'TIMER', 3: 'NET_RX', 4: 'BLOCK', 6: 'TASKLET'};
const softirqName = (nr: number) => SOFTIRQ_NAMES[nr] ?? String(nr);

export type IrqState = {
	readonly actions: Map<number, irqaction>;
	/** Lines of PCI, which the firmware has told the IO-APIC to take for level triggered; ISA's are by edge. */
	readonly levelTriggered: Set<number>;
	readonly softirqs: Map<number, (k: Kernel) => Spends<void>>;
	readonly tasklets: (() => Spends<void>)[];
};

export function irq_init(k: Kernel): void {
	k.irq = {actions: new Map(), levelTriggered: new Set(), softirqs: new Map(), tasklets: []};
	open_softirq(k, TASKLET_SOFTIRQ, tasklet_action);
}

/**
 * Registers a handler. Lines are given to the CPUs in turn.
 * @returns 0, -EBUSY when the line has a handler, -EINVAL for a line that does not exist
 */
export function request_irq(k: Kernel, line: number, handler: irq_handler, name: string, disabled = false): number {
	if (line < 0 || line >= k.hw.interrupts.lines) return -EINVAL;
	if (k.irq.actions.has(line)) return -EBUSY;
	k.hw.interrupts.setAffinity(line, k.irq.actions.size % k.sched.cpus.length);
	k.irq.actions.set(line, {line, handler, name, disabled, counts: k.sched.cpus.map(() => 0), inProgress: false});
	return 0;
}

export function free_irq(k: Kernel, line: number): void {
	k.irq.actions.delete(line);
}

/** Waits until no CPU is in the line's handler. Spins: not from a handler of the same line. @see kernel/irq/manage.c */
export function* synchronize_irq(k: Kernel, line: number): Spends<void> {
	while (k.irq.actions.get(line)?.inProgress) yield* spend(COST.interruptNs);
}

/** Puts the handler of the first pending line on the CPU's stack. @returns whether there was one */
export function deliverPendingInterrupt(k: Kernel, cpu: Cpu): boolean {
	const at = cpu.pendingLines.findIndex(line => !k.irq.actions.get(line)?.inProgress);
	if (at < 0) return false;
	const [line] = cpu.pendingLines.splice(at, 1);
	const action = k.irq.actions.get(line!);
	if (!action) return true;
	// The way in happens here and now: the context's first step may come after other interrupts.
	cpu.preempt_count += HARDIRQ_OFFSET;
	action.inProgress = true;
	action.counts[cpu.id]!++;
	const flags = cpu.irqsDisabled;
	cpu.irqsDisabled = action.disabled || k.era.irqHandlersRunDisabled;
	pushContext(cpu, 'hardirq', do_IRQ(k, cpu, action, flags));
	return true;
}

function* do_IRQ(k: Kernel, cpu: Cpu, action: irqaction, flags: boolean): Spends<void> {
	charge(k, COST.interruptNs);
	traceIrqEntry(k, action);
	yield* action.handler(k, action.line);
	traceIrqExit(k, action);
	cpu.irqsDisabled = flags;
	action.inProgress = false;
	cpu.preempt_count -= HARDIRQ_OFFSET;
}

// ── softirqs ───────────────────────────────────────────────────────────────────────────────────────────────────────

export function open_softirq(k: Kernel, nr: number, action: (k: Kernel) => Spends<void>): void {
	k.irq.softirqs.set(nr, action);
}

export function raise_softirq(k: Kernel, nr: number): void {
	const {cpu} = k;
	const raise = traceSoftirqRaise(k, nr, softirqName(nr));
	if ((cpu.softirqPending & (1 << nr)) === 0) cpu.softirqRaised[nr] = raise;
	cpu.softirqPending |= 1 << nr;
}

/** Bottom halves run when no interrupt, no softirq and no local_bh_disable section is under way on the CPU. */
export const softirqWanted = (cpu: Cpu): boolean =>
	cpu.softirqPending !== 0 && !cpu.irqsDisabled && (cpu.preempt_count & 0x0fff_ff00) === 0;

export function* do_softirq(k: Kernel): Spends<void> {
	const cpu = k.cpu;
	while (cpu.softirqPending !== 0) {
		const nr = 31 - Math.clz32(cpu.softirqPending & -cpu.softirqPending);
		cpu.softirqPending &= ~(1 << nr);
		traceSoftirqEntry(k, nr, softirqName(nr), cpu.softirqRaised[nr]!);
		yield* k.irq.softirqs.get(nr)!(k);
		traceSoftirqExit(k, nr, softirqName(nr));
		yield* spend(0);
	}
	cpu.preempt_count -= SOFTIRQ_OFFSET;
}

export function local_bh_disable(k: Kernel): void {
	k.cpu.preempt_count += SOFTIRQ_OFFSET;
}

export function local_bh_enable(k: Kernel): void {
	k.cpu.preempt_count -= SOFTIRQ_OFFSET;
}

/** Has a function run in softirq context soon. */
export function tasklet_schedule(k: Kernel, action: () => Spends<void>): void {
	k.irq.tasklets.push(action);
	raise_softirq(k, TASKLET_SOFTIRQ);
}

function* tasklet_action(k: Kernel): Spends<void> {
	for (const action of k.irq.tasklets.splice(0)) yield* action();
}
