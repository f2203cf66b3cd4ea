/**
 * Models kernel/irq/handle.c, arch/i386/kernel/irq.c, kernel/softirq.c: interrupt handlers with nesting, softirqs,
 * tasklets.
 *
 * A handler registered without SA_INTERRUPT (IRQF_DISABLED) runs with interrupts enabled up to 2.6.34; from 2.6.35 on
 * all handlers run with them disabled. A line that is being handled is not handled again until the handler returns.
 *
 * Handlers that share a line are asked one after the other, in the order of registration; each says whether its
 * device had raised it.
 *
 * Not modelled: threaded handlers, balancing of lines between CPUs, the report of a line that no handler cares for.
 */
import {COST} from '../hardware/costs.ts';
import {type Cpu, charge, HARDIRQ_OFFSET, in_interrupt, pushContext, SOFTIRQ_OFFSET} from './cpu.ts';
import {EBUSY, EINVAL} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {type Spends, spend} from './time.ts';
import {traceIrqEntry, traceIrqExit, traceSoftirqEntry, traceSoftirqExit, traceSoftirqRaise} from './trace.ts';

export const IRQ_NONE = 0;
export const IRQ_HANDLED = 1;

/**
 * Handlers are generators: what they do takes time and can be seen, but they cannot sleep. One that says nothing has
 * handled it.
 */
export type irq_handler = (k: Kernel, line: number) => Spends<number | void>;

export type irqaction = {
	readonly line: number;
	readonly handler: irq_handler;
	readonly name: string;
	/** SA_INTERRUPT: runs with interrupts disabled in every era. */
	readonly disabled: boolean;
	/** SA_SHIRQ, IRQF_SHARED: others may have the line too, if they say so as well. */
	readonly shared: boolean;
	/** Whose handler it is, among those that share the line. */
	readonly dev_id: unknown;
	next: irqaction | undefined;
};

/** What a line is, with handlers or without. @see struct irq_desc */
type IrqLine = {
	/** Interrupts since power-on, by CPU. */
	readonly counts: number[];
	inProgress: boolean;
	/** How often it is disabled. */
	depth: number;
};

/** Softirqs in order of priority, as far as used here. @see include/linux/interrupt.h */
const HI_SOFTIRQ = 0;
export const TIMER_SOFTIRQ = 1;
export const NET_RX_SOFTIRQ = 3;
export const BLOCK_SOFTIRQ = 4;
const TASKLET_SOFTIRQ = 6;
/** Its number from 2.6.32 on. */
export const HRTIMER_SOFTIRQ = 8;

const SOFTIRQ_NAMES: Readonly<Record<number, string>> = {
	0: 'HI',
	1: 'TIMER',
	3: 'NET_RX',
	4: 'BLOCK',
	6: 'TASKLET',
	8: 'HRTIMER',
};
const softirqName = (nr: number) => SOFTIRQ_NAMES[nr] ?? String(nr);

export type IrqState = {
	/** First handler of each line that has one. */
	readonly actions: Map<number, irqaction>;
	readonly lines: Map<number, IrqLine>;
	/** Lines of PCI, which the firmware has told the IO-APIC to take for level triggered; ISA's are by edge. */
	readonly levelTriggered: Set<number>;
	readonly softirqs: Map<number, (k: Kernel) => Spends<void>>;
	/** Lines that came while somebody looked for one (probe_irq_on), and that have no handler. */
	strays?: Set<number> | undefined;
	/** Of the two priorities. */
	readonly tasklets: (() => Spends<void>)[];
	readonly hiTasklets: (() => Spends<void>)[];
};

export function irq_init(k: Kernel): void {
	k.irq = {
		actions: new Map(),
		lines: new Map(),
		levelTriggered: new Set(),
		softirqs: new Map(),
		tasklets: [],
		hiTasklets: [],
	};
	open_softirq(k, TASKLET_SOFTIRQ, k => tasklet_action(k.irq.tasklets));
	open_softirq(k, HI_SOFTIRQ, k => tasklet_action(k.irq.hiTasklets));
}

export function irqLine(k: Kernel, line: number): IrqLine {
	let found = k.irq.lines.get(line);
	if (!found) k.irq.lines.set(line, (found = {counts: k.sched.cpus.map(() => 0), inProgress: false, depth: 0}));
	return found;
}

/** Handlers of a line, in their order. */
export function irqActions(k: Kernel, line: number): readonly irqaction[] {
	const actions: irqaction[] = [];
	for (let action = k.irq.actions.get(line); action; action = action.next) actions.push(action);
	return actions;
}

/** @param dev_id says which of the handlers of a shared line it is */
type IrqOptions = {readonly disabled?: boolean; readonly shared?: boolean; readonly dev_id?: unknown};

/**
 * Registers a handler. Lines are given to the CPUs in turn.
 * @returns 0, -EBUSY when the line has a handler and not both share it, -EINVAL for a line that does not exist
 */
export function request_irq(
	k: Kernel,
	line: number,
	handler: irq_handler,
	name: string,
	{disabled = false, shared = false, dev_id}: IrqOptions = {},
): number {
	if (line < 0 || line >= k.hw.interrupts.lines) return -EINVAL;
	const others = irqActions(k, line);
	if (others.some(other => !other.shared || !shared)) return -EBUSY;
	const action: irqaction = {line, handler, name, disabled, shared, dev_id, next: undefined};
	const last = others.at(-1);
	if (last) last.next = action;
	else {
		k.hw.interrupts.setAffinity(line, k.irq.actions.size % k.sched.cpus.length);
		k.irq.actions.set(line, action);
		irqLine(k, line).depth = 0;
	}
	return 0;
}

/** @returns whether there was a handler of that dev_id, which is gone now */
export function free_irq(k: Kernel, line: number, dev_id?: unknown): boolean {
	const others = irqActions(k, line);
	const at = others.findIndex(action => action.dev_id === dev_id);
	if (at < 0) return false;
	const {next} = others[at]!;
	if (at > 0) others[at - 1]!.next = next;
	else if (next) k.irq.actions.set(line, next);
	else k.irq.actions.delete(line);
	return true;
}

/** Waits until no CPU is in the line's handler. Spins: not from a handler of the same line. @see kernel/irq/manage.c */
export function* synchronize_irq(k: Kernel, line: number): Spends<void> {
	while (irqLine(k, line).inProgress) yield* spend(COST.interruptNs);
}

/** A line is held back until it was enabled as often as disabled; what it raises meanwhile comes then. */
export function disable_irq_nosync(k: Kernel, line: number): void {
	irqLine(k, line).depth++;
}

/** @returns false when it was not disabled */
export function enable_irq(k: Kernel, line: number): boolean {
	const state = irqLine(k, line);
	if (state.depth === 0) return false;
	if (--state.depth > 0) return true;
	// What came meanwhile, on whichever CPU.
	for (const cpu of k.sched.cpus) if (cpu.pendingLines.includes(line)) k.hw.interrupts.deliver(cpu.id, line);
	return true;
}

/** Puts the handlers of the first pending line on the CPU's stack. @returns whether there was one */
export function deliverPendingInterrupt(k: Kernel, cpu: Cpu): boolean {
	const isFree = (line: number) => {
		const state = irqLine(k, line);
		return !state.inProgress && state.depth === 0;
	};
	const at = cpu.pendingLines.findIndex(isFree);
	if (at < 0) return false;
	const [line] = cpu.pendingLines.splice(at, 1);
	const action = k.irq.actions.get(line!);
	if (!action) {
		// It has no handler; who probes for a line wants to know.
		k.irq.strays?.add(line!);
		return true;
	}
	const state = irqLine(k, line!);
	// The way in happens here and now: the context's first step may come after other interrupts.
	cpu.preempt_count += HARDIRQ_OFFSET;
	state.inProgress = true;
	state.counts[cpu.id]!++;
	const flags = cpu.irqsDisabled;
	cpu.irqsDisabled = action.disabled || k.era.irqHandlersRunDisabled;
	pushContext(cpu, 'hardirq', do_IRQ(k, cpu, action.line, flags));
	return true;
}

function* do_IRQ(k: Kernel, cpu: Cpu, line: number, flags: boolean): Spends<void> {
	charge(k, COST.interruptNs);
	for (const action of irqActions(k, line)) {
		traceIrqEntry(k, action);
		const result = (yield* action.handler(k, line)) ?? IRQ_HANDLED;
		traceIrqExit(k, action, result !== IRQ_NONE);
	}
	cpu.irqsDisabled = flags;
	cpu.softirqWaits = false;
	irqLine(k, line).inProgress = false;
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
	if (!in_interrupt(k)) cpu.softirqWaits = true;
}

/** Bottom halves run when no interrupt, no softirq and no local_bh_disable section is under way on the CPU. */
export const softirqWanted = (cpu: Cpu): boolean =>
	cpu.softirqPending !== 0 && !cpu.softirqWaits && !cpu.irqsDisabled && (cpu.preempt_count & 0x0fff_ff00) === 0;

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

/** As tasklet_schedule, before all other softirqs. */
export function tasklet_hi_schedule(k: Kernel, action: () => Spends<void>): void {
	k.irq.hiTasklets.push(action);
	raise_softirq(k, HI_SOFTIRQ);
}

function* tasklet_action(tasklets: (() => Spends<void>)[]): Spends<void> {
	for (const action of tasklets.splice(0)) yield* action();
}
