/**
 * Models arch/i386/mm/highmem.c (arch/x86/mm/highmem_32.c, mm/highmem.c since 5.11): kmap_atomic(), the short-lived
 * mappings of high memory, one set of fixmap slots for each CPU. The page-table entries are real; the counts beside
 * them are ours, since a mapping lives for a microsecond.
 *
 * Which slot: up to 2.6.36 the caller names one by its type; later each CPU has a stack of them, so that what is
 * mapped last must be unmapped first.
 *
 * Not modelled: kmap_local_page() held across a change of task or CPU, kmap_atomic_prot().
 */
import {type KernelVirtualAddress, PAGE_SIZE, type Pfn, pageAlignDown, pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {BUG, WARN} from '../bug.ts';
import {charge, in_irq, in_softirq, irqs_disabled, preempt_disable} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {preempt_enable, type task_struct, taskLabel} from '../sched.ts';
import {trace, type Within} from '../trace.ts';
import {oneFrame} from '../trace_touch.ts';
import {fix_to_virt} from './fixmap.ts';
import {PAGE_KERNEL} from './init_tables.ts';
import {debugsKmapLocal, kmapSlotAddress, kmapSlotsPerCpu} from './layout.ts';
import {lowmem_page_address, PAGE_OFFSET, PageHighMem} from './page.ts';
import {type PteAt, pte_clear, pte_none, pte_offset, set_pte} from './pgtable.ts';

/** Slot types that callers here use; the era's `kmapTypes` has the names of all. */
export const KM_BOUNCE_READ = 0;
export const KM_SKB_DATA_SOFTIRQ = 2;
export const KM_USER0 = 3;
export const KM_USER1 = 4;
export const KM_BIO_SRC_IRQ = 5;
export const KM_BIO_DST_IRQ = 6;
export const KM_IRQ0 = 9;
export const KM_IRQ1 = 10;
export const KM_SOFTIRQ0 = 11;
export const KM_SOFTIRQ1 = 12;

/** Columns over all slots: those of CPU 0, then CPU 1, … */
export type AtomicSlots = {
	readonly perCpu: number;
	readonly ptes: readonly PteAt[];
	/** Frame held now, -1 for none. */
	readonly held: Int32Array;
	readonly used: Float64Array;
	readonly lastPfn: Int32Array;
	readonly lastHolder: (task_struct | undefined)[];
	/** The trace record of its last use. */
	readonly lastRecord: Within[];
	/** Whether that was in an interrupt above the task. */
	readonly lastContext: Uint8Array;
	/** Slots in use by each CPU, now and at most. */
	readonly depth: Int32Array;
	readonly deepest: Int32Array;
	/** Warnings that are given only once. */
	readonly warned: Set<string>;
};

export function createAtomicSlots(k: Kernel): AtomicSlots {
	const perCpu = kmapSlotsPerCpu(k);
	const slots = perCpu * k.sched.cpus.length;
	const column = () => new Int32Array(slots);
	return {
		perCpu,
		ptes: Array.from({length: slots}, (_, slot) =>
			pte_offset(k, {pgd: k.layout.swapper_pg_dir}, kmapSlotAddress(k, slot)),
		),
		held: column().fill(-1),
		used: new Float64Array(slots),
		lastPfn: column().fill(-1),
		lastHolder: new Array<task_struct | undefined>(slots).fill(undefined),
		lastRecord: new Array<Within>(slots).fill('untraced'),
		lastContext: new Uint8Array(slots),
		depth: new Int32Array(k.sched.cpus.length),
		deepest: new Int32Array(k.sched.cpus.length),
		warned: new Set(),
	};
}

/** Page faults are not handled from here on: a copy from or to user space comes back short instead. */
export function pagefault_disable(k: Kernel): void {
	if (k.era.pagefaultDisableCounts === 'in preempt_count') preempt_disable(k);
	else k.cpu.current.pagefault_disabled++;
}

export function pagefault_enable(k: Kernel): void {
	if (k.era.pagefaultDisableCounts === 'in preempt_count') preempt_enable(k);
	else k.cpu.current.pagefault_disabled--;
}

function enterAtomic(k: Kernel): void {
	if (k.era.pagefaultDisableCounts === 'in the task' && k.layout.build.preemptCount) preempt_disable(k);
	pagefault_disable(k);
}

function leaveAtomic(k: Kernel): void {
	pagefault_enable(k);
	if (k.era.pagefaultDisableCounts === 'in the task' && k.layout.build.preemptCount) preempt_enable(k);
}

function warnOnce(k: Kernel, where: string): void {
	if (k.highmem.atomic.warned.has(where)) return;
	k.highmem.atomic.warned.add(where);
	WARN(k, where);
}

/** With DEBUG_KMAP_LOCAL every second slot stays empty as a guard. */
const slotStep = (k: Kernel) => (debugsKmapLocal(k) ? 2 : 1);

/** CONFIG_DEBUG_KMAP_LOCAL_FORCE_MAP, which comes with it: low memory takes slots too. */
const takesSlot = (k: Kernel, page: Pfn) => PageHighMem(k, page) || debugsKmapLocal(k);

/** Slot for a new mapping, counted from the CPU's first. */
function takeSlot(k: Kernel, type: number): number {
	const atomic = k.highmem.atomic;
	if (k.era.kmapAtomicSlot === 'named by type') return type;
	if (k.era.hasKmapLocal && in_irq(k) && !irqs_disabled(k)) warnOnce(k, k.era.highmemBugs.kmapLocalWithIrqsOn);
	const index = atomic.depth[k.cpu.id]! * slotStep(k) + slotStep(k) - 1;
	if (index >= atomic.perCpu) BUG(k, k.era.highmemBugs.kmapAtomicTooDeep);
	return index;
}

function traceSlot(k: Kernel, name: string, slot: number, frame: number): Within {
	const index = slot % k.highmem.atomic.perCpu;
	return trace(k, name, () => `pfn=0x${frame.toString(16)} slot=${index}`, {slot, frames: oneFrame(frame)});
}

/** Maps a page into a slot of this CPU. @returns the slot */
function mapSlot(k: Kernel, page: Pfn, type: number): number {
	const atomic = k.highmem.atomic;
	const cpu = k.cpu.id;
	const slot = takeSlot(k, type) + atomic.perCpu * cpu;
	const pte = atomic.ptes[slot]!;
	const checks = k.era.kmapAtomicChecksSlot === 'always' || k.config.debug.highmem;
	if (checks && !pte_none(k, pte)) BUG(k, k.era.highmemBugs.kmapAtomicSlotInUse);
	set_pte(k, pte, page, PAGE_KERNEL);
	charge(k, COST.kmapAtomicNs);
	if (atomic.held[slot] === -1) {
		const depth = ++atomic.depth[cpu]!;
		if (depth > atomic.deepest[cpu]!) atomic.deepest[cpu] = depth;
	}
	atomic.held[slot] = page;
	atomic.used[slot]!++;
	atomic.lastPfn[slot] = page;
	atomic.lastHolder[slot] = k.cpu.current;
	atomic.lastContext[slot] = in_irq(k) ? 2 : in_softirq(k) ? 1 : 0;
	atomic.lastRecord[slot] = k.trace.on ? traceSlot(k, 'kmap_atomic', slot, page) : 'untraced';
	return slot;
}

/**
 * Maps a frame for a short while on this CPU. No sleeping until kunmap_atomic(), and page faults are not handled. A
 * frame of low memory takes no slot.
 * @param type which slot, for kernels that want to be told: KM_USER0 unless the caller is an interrupt
 */
export function kmap_atomic(k: Kernel, page: Pfn, type = KM_USER0): KernelVirtualAddress {
	enterAtomic(k);
	return takesSlot(k, page) ? kmapSlotAddress(k, mapSlot(k, page, type)) : lowmem_page_address(page);
}

/** As kmap_atomic, by frame number: low memory takes a slot too. */
export function kmap_atomic_pfn(k: Kernel, frame: Pfn, type = KM_USER0): KernelVirtualAddress {
	enterAtomic(k);
	return kmapSlotAddress(k, mapSlot(k, frame, type));
}

function release(k: Kernel, slot: number, clear: boolean): void {
	const atomic = k.highmem.atomic;
	if (clear) pte_clear(k, atomic.ptes[slot]!);
	if (atomic.held[slot] !== -1) {
		if (k.trace.on) traceSlot(k, 'kunmap_atomic', slot, atomic.held[slot]!);
		atomic.depth[k.cpu.id]!--;
	}
	atomic.held[slot] = -1;
	charge(k, COST.kmapAtomicNs);
}

/** @returns the fixmap slot that an address lies in, counted from FIX_KMAP_BEGIN, or undefined */
function slotOfAddress(k: Kernel, address: KernelVirtualAddress): number | undefined {
	const {FIX_KMAP_BEGIN, FIX_KMAP_END} = k.layout;
	const page = pageAlignDown(address);
	if (page < fix_to_virt(FIX_KMAP_END) || page > fix_to_virt(FIX_KMAP_BEGIN)) return undefined;
	return (fix_to_virt(FIX_KMAP_BEGIN) - page) / PAGE_SIZE;
}

function unmapNamed(k: Kernel, address: KernelVirtualAddress, type: number): void {
	const slot = type + k.highmem.atomic.perCpu * k.cpu.id;
	const {highmem: debug} = k.config.debug;
	if (slotOfAddress(k, address) === slot) {
		release(k, slot, k.era.kunmapAtomicClearsPte === 'always' || debug);
		return;
	}
	const isLow = address < k.layout.high_memory;
	if (debug && !isLow) BUG(k, k.era.highmemBugs.kunmapAtomicOfOther);
}

function unmapTop(k: Kernel, address: KernelVirtualAddress): void {
	const atomic = k.highmem.atomic;
	const given = slotOfAddress(k, address);
	if (given === undefined) {
		const isStrange = address < PAGE_OFFSET || debugsKmapLocal(k);
		if (k.era.hasKmapLocal && isStrange) warnOnce(k, k.era.highmemBugs.kunmapLocalOfOther);
		return;
	}
	const top = atomic.depth[k.cpu.id]! * slotStep(k) - 1;
	const slot = Math.max(top, 0) + atomic.perCpu * k.cpu.id;
	if (slot !== given && (k.era.hasKmapLocal || k.config.debug.highmem)) warnOnce(k, k.era.highmemBugs.kunmapOutOfOrder);
	if (top < 0) BUG(k, k.era.highmemBugs.kunmapLocalTwice);
	release(k, slot, true);
}

/** Ends the mapping that kmap_atomic() gave. @param type the same as there */
export function kunmap_atomic(k: Kernel, address: KernelVirtualAddress, type = KM_USER0): void {
	if (k.era.kmapAtomicSlot === 'named by type') unmapNamed(k, address, type);
	else unmapTop(k, address);
	leaveAtomic(k);
}

const NO_SLOT = -1;

/**
 * kmap_atomic() for the kernel's own page operations, which need no address: only the slot, or NO_SLOT, to end it with.
 */
export function enterKmapAtomic(k: Kernel, page: Pfn, type: number): number {
	enterAtomic(k);
	return takesSlot(k, page) ? mapSlot(k, page, type) : NO_SLOT;
}

/** Ends what enterKmapAtomic() began last. */
export function leaveKmapAtomic(k: Kernel, slot: number): void {
	const named = k.era.kmapAtomicSlot === 'named by type';
	if (slot !== NO_SLOT) release(k, slot, !named || k.era.kunmapAtomicClearsPte === 'always' || k.config.debug.highmem);
	leaveAtomic(k);
}

/** No task takes a mapping along to user mode. @see kmap_assert_nomap() */
export function kmap_assert_nomap(k: Kernel): void {
	const where = k.era.kmapKeptAt;
	if (where === undefined || k.highmem.atomic.depth[k.cpu.id] === 0 || k.highmem.atomic.warned.has(where)) return;
	k.highmem.atomic.warned.add(where);
	WARN(k, where, 'DEBUG_LOCKS_WARN_ON(current->kmap_ctrl.idx)');
}

/** As kmap_atomic, but the caller may sleep and fault (5.11 and later). @throws where the era has no such function */
export function kmap_local_page(k: Kernel, page: Pfn): KernelVirtualAddress {
	if (!k.era.hasKmapLocal) throw new Error(`era ${k.era.name} has no kmap_local_page`);
	return takesSlot(k, page) ? kmapSlotAddress(k, mapSlot(k, page, KM_USER0)) : lowmem_page_address(page);
}

export function kunmap_local(k: Kernel, address: KernelVirtualAddress): void {
	unmapTop(k, address);
}

/** One slot, for whoever looks. */
export type AtomicSlotView = {
	readonly cpu: number;
	/** Counted from the CPU's first. */
	readonly index: number;
	readonly type: string;
	readonly address: KernelVirtualAddress;
	readonly pfn: Pfn | undefined;
	readonly holder: string | undefined;
	readonly used: number;
	readonly lastPfn: Pfn | undefined;
	readonly lastHolder: string | undefined;
};

/** The task, or the kind of interrupt that ran above it. */
function holderName(atomic: AtomicSlots, slot: number): string | undefined {
	const task = atomic.lastHolder[slot];
	if (!task) return undefined;
	return (['', 'softirq', 'hardirq'] as const)[atomic.lastContext[slot]!] || taskLabel(task);
}

/** Every slot of the CPUs that exist. */
export function kmapAtomicSlots(k: Kernel): AtomicSlotView[] {
	const atomic = k.highmem.atomic;
	const frame = (value: number) => (value === -1 ? undefined : pfn(value));
	return Array.from(atomic.held, (held, slot) => {
		const index = slot % atomic.perCpu;
		const last = holderName(atomic, slot);
		return {
			cpu: Math.floor(slot / atomic.perCpu),
			index,
			type: k.era.kmapTypes[index] ?? `${index}`,
			address: kmapSlotAddress(k, slot),
			pfn: frame(held),
			holder: held === -1 ? undefined : last,
			used: atomic.used[slot]!,
			lastPfn: frame(atomic.lastPfn[slot]!),
			lastHolder: last,
		};
	});
}
