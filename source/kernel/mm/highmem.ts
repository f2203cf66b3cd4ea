/**
 * Models mm/highmem.c, arch/i386/mm/highmem.c: kmap() and kunmap(), the table of long-lived mappings of high memory.
 *
 *   pkmap_count   0  free, and no stale translation left of it
 *                 1  nobody uses it, but it is still mapped: not to be taken before the next flush
 *                 n  n - 1 users
 *
 * Slots are handed out upwards; when the search comes round to slot 0, all that nobody uses are unmapped at once, with
 * one flush of the TLBs. When every slot is in use kmap() sleeps until somebody lets go of one.
 *
 * Not modelled: kmap_high_get(), the hash buckets of page_address(). `kmap_atomic.ts` has the short-lived mappings.
 */
import {type KernelVirtualAddress, kernelAddress, PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {BUG} from '../bug.ts';
import {charge, in_interrupt} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {might_sleep, schedule} from '../sched.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {traceFrame} from '../trace.ts';
import {wait_queue_head as newWaitQueue, type wait_queue_head, wake_up_all} from '../wait.ts';
import {type Made, made} from '../watch.ts';
import {PAGE_KERNEL} from './init_tables.ts';
import {type AtomicSlots, createAtomicSlots, enterKmapAtomic, KM_USER0, leaveKmapAtomic} from './kmap_atomic.ts';
import {lowmem_page_address, PageHighMem} from './page.ts';
import {type PteAt, pte_clear, pte_offset, set_pte} from './pgtable.ts';

export type HighmemState = {
	readonly pkmap_count: Int32Array;
	/** Frame that each slot maps, -1 for none. */
	readonly pkmap_pfn: Int32Array;
	/** Who was the first of those that have it mapped now: ours. */
	readonly pkmap_made: (Made | undefined)[];
	/** Where the slots' page-table entries lie. */
	readonly pkmap_page_table: PteAt;
	last_pkmap_nr: number;
	/** Slot of each high frame that is mapped: what page_address() knows. */
	readonly slotOf: Map<Pfn, number>;
	readonly pkmap_map_wait: wait_queue_head;
	/** Flushes of unused slots, when the last one was and how many slots it freed. */
	flushes: number;
	lastFlushNs: number | undefined;
	lastFlushFreed: number;
	/** Calls of kmap() for high frames, how many needed a new slot, how many had to sleep. */
	kmaps: number;
	newMappings: number;
	sleeps: number;
	readonly atomic: AtomicSlots;
};

export function kmap_init(k: Kernel): void {
	const {LAST_PKMAP, PKMAP_BASE, swapper_pg_dir} = k.layout;
	k.highmem = {
		pkmap_count: new Int32Array(LAST_PKMAP),
		pkmap_pfn: new Int32Array(LAST_PKMAP).fill(-1),
		pkmap_made: new Array<Made | undefined>(LAST_PKMAP).fill(undefined),
		pkmap_page_table: pte_offset(k, {pgd: swapper_pg_dir}, PKMAP_BASE),
		last_pkmap_nr: 0,
		slotOf: new Map(),
		pkmap_map_wait: newWaitQueue('pkmap_map_wait'),
		flushes: 0,
		lastFlushNs: undefined,
		lastFlushFreed: 0,
		kmaps: 0,
		newMappings: 0,
		sleeps: 0,
		atomic: createAtomicSlots(k),
	};
}

/** Kernel address of a slot of kmap's table. */
const PKMAP_ADDR = (k: Kernel, slot: number): KernelVirtualAddress =>
	kernelAddress(k.layout.PKMAP_BASE + slot * PAGE_SIZE);
/** Slot of an address in kmap's table. */
export const PKMAP_NR = (k: Kernel, address: KernelVirtualAddress): number =>
	(address - k.layout.PKMAP_BASE) / PAGE_SIZE;

const pteOfSlot = (k: Kernel, slot: number): PteAt =>
	(k.highmem.pkmap_page_table + slot * k.hw.paging.entryBytes) as PteAt;

/**
 * Kernel address of a frame.
 * @returns the logical address of low memory; for high memory its kmap address, or undefined while it has none. The
 * address stays known after kunmap() until the slot is reused.
 */
export function page_address(k: Kernel, page: Pfn): KernelVirtualAddress | undefined {
	if (!PageHighMem(k, page)) return lowmem_page_address(page);
	const slot = k.highmem.slotOf.get(page);
	return slot === undefined ? undefined : PKMAP_ADDR(k, slot);
}

/** Unmaps every slot that nobody uses. */
function flush_all_zero_pkmaps(k: Kernel): void {
	const {pkmap_count, pkmap_pfn, slotOf} = k.highmem;
	let freed = 0;
	for (let slot = 0; slot < pkmap_count.length; slot++) {
		if (pkmap_count[slot] !== 1) continue;
		pkmap_count[slot] = 0;
		slotOf.delete(pkmap_pfn[slot]! as Pfn);
		pkmap_pfn[slot] = -1;
		pte_clear(k, pteOfSlot(k, slot));
		freed++;
	}
	k.highmem.flushes++;
	k.highmem.lastFlushNs = k.hw.timeline.nowNs;
	k.highmem.lastFlushFreed = freed;
	charge(k, COST.tlbFlushAllNs + COST.ipiNs * (k.sched.cpus.length - 1));
}

/** @returns the slot, or undefined when all are in use */
function map_new_virtual(k: Kernel, page: Pfn): number | undefined {
	const state = k.highmem;
	const {LAST_PKMAP} = k.layout;
	for (let tries = LAST_PKMAP; ; ) {
		state.last_pkmap_nr = (state.last_pkmap_nr + 1) & (LAST_PKMAP - 1);
		if (state.last_pkmap_nr === 0) {
			flush_all_zero_pkmaps(k);
			tries = LAST_PKMAP;
		}
		if (state.pkmap_count[state.last_pkmap_nr] === 0) break;
		if (--tries === 0) return undefined;
	}
	const slot = state.last_pkmap_nr;
	set_pte(k, pteOfSlot(k, slot), page, PAGE_KERNEL);
	state.pkmap_count[slot] = 1;
	state.pkmap_pfn[slot] = page;
	state.slotOf.set(page, slot);
	state.newMappings++;
	charge(k, COST.pteNs);
	return slot;
}

/** Maps a frame if that needs no sleep. */
export function try_kmap(k: Kernel, page: Pfn): KernelVirtualAddress | MustSleep {
	if (!PageHighMem(k, page)) return lowmem_page_address(page);
	const slot = k.highmem.slotOf.get(page) ?? map_new_virtual(k, page);
	if (slot === undefined) return MUST_SLEEP;
	const count = ++k.highmem.pkmap_count[slot]!;
	k.highmem.kmaps++;
	const record = traceFrame(k, 'kmap', page);
	if (count === 2) k.highmem.pkmap_made[slot] = made(k, record);
	charge(k, COST.kmapAtomicNs);
	return PKMAP_ADDR(k, slot);
}

/** Maps a frame for as long as the caller likes; sleeps while every slot is in use. LDD3 ch. 15. */
export function* kmap(k: Kernel, page: Pfn): Sleeps<KernelVirtualAddress> {
	might_sleep(k, k.era.kmapSleepsIn);
	for (;;) {
		const address = try_kmap(k, page);
		if (address !== MUST_SLEEP) return address;
		k.highmem.sleeps++;
		const task = k.cpu.current;
		task.state = 'TASK_UNINTERRUPTIBLE';
		task.waitingFor = k.highmem.pkmap_map_wait.name;
		k.highmem.pkmap_map_wait.tasks.push(task);
		yield* schedule(k);
	}
}

/** Lets go of a kmap(). Not from an interrupt; the mapping itself stays until the next flush. */
export function kunmap(k: Kernel, page: Pfn): void {
	if (k.era.kunmapMightSleepIn !== undefined) might_sleep(k, k.era.kunmapMightSleepIn);
	else if (in_interrupt(k)) BUG(k, k.era.highmemBugs.kunmapInInterrupt);
	if (!PageHighMem(k, page)) return;
	const slot = k.highmem.slotOf.get(page);
	if (slot === undefined) BUG(k, k.era.highmemBugs.kunmapOfUnmapped);
	const count = --k.highmem.pkmap_count[slot]!;
	if (count === 0) BUG(k, k.era.highmemBugs.kunmapTwice);
	traceFrame(k, 'kunmap', page);
	charge(k, COST.kmapAtomicNs);
	if (count === 1 && k.highmem.pkmap_map_wait.tasks.length > 0) wake_up_all(k, k.highmem.pkmap_map_wait);
}

/** Fills a frame with zeros, through a kmap_atomic slot where it is high memory. */
export function clear_highpage(k: Kernel, page: Pfn): void {
	const slot = enterKmapAtomic(k, page, KM_USER0);
	k.hw.ram.clearPage(page);
	charge(k, COST.clearPageNs);
	leaveKmapAtomic(k, slot);
}

/** Copies a frame, through two kmap_atomic slots where they are high memory. */
export function copy_highpage(k: Kernel, to: Pfn, from: Pfn): void {
	const source = enterKmapAtomic(k, from, KM_USER0);
	const target = enterKmapAtomic(k, to, KM_USER0 + 1);
	k.hw.ram.copyPage(to, from);
	charge(k, COST.copyPageNs);
	leaveKmapAtomic(k, target);
	leaveKmapAtomic(k, source);
}
