/**
 * kmap()'s table as a recording found it: what was mapped before is known only from the answers that it shows up in.
 */
import {PAGE_SIZE, type Pfn} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {kunmap, PKMAP_NR, try_kmap} from '../../source/kernel/mm/highmem.ts';
import {PAGE_KERNEL} from '../../source/kernel/mm/init_tables.ts';
import {type PteAt, pte_clear, set_pte} from '../../source/kernel/mm/pgtable.ts';
import {MUST_SLEEP} from '../../source/kernel/time.ts';

const unknown = -1;

/**
 * Slots up to `last` were handed out since the last flush, to pages that we do not know; those above are free. When a
 * page turns out to have kept such a slot, it is taken to have been there from the start. Everything else is the
 * kernel's answer.
 */
export class PkmapSession {
	private readonly k: Kernel;

	/** @param last slot that was handed out last, 0 for a fresh table */
	constructor(k: Kernel, last: number) {
		this.k = k;
		const {pkmap_count, pkmap_pfn, slotOf} = k.highmem;
		slotOf.clear();
		pkmap_pfn.fill(unknown);
		pkmap_count.fill(0);
		for (let slot = 0; slot < pkmap_count.length; slot++) pte_clear(k, this.pteOf(slot));
		if (last > 0) pkmap_count.fill(1, 0, last + 1);
		k.highmem.last_pkmap_nr = last;
	}

	private pteOf(slot: number): PteAt {
		return (this.k.highmem.pkmap_page_table + slot * this.k.hw.paging.entryBytes) as PteAt;
	}

	/** Slots above the last one handed out that were in use all the same, by pages that we do not know. */
	occupy(slots: Iterable<number>): void {
		for (const slot of slots) this.k.highmem.pkmap_count[slot] = 1;
	}

	/** Entry of a slot as a number. */
	pte(slot: number): number {
		const {ram, paging} = this.k.hw;
		const at = this.pteOf(slot);
		return ram.read32(at) + (paging.entryBytes === 8 ? ram.read32((at + 4) as PteAt) * 2 ** 32 : 0);
	}

	count(slot: number): number {
		return this.k.highmem.pkmap_count[slot]!;
	}

	slotOf(page: Pfn): number | undefined {
		return this.k.highmem.slotOf.get(page);
	}

	/** A page that had a slot before the recording began. */
	adopt(page: Pfn, slot: number): void {
		const {pkmap_count, pkmap_pfn, slotOf} = this.k.highmem;
		if (slotOf.has(page) || pkmap_count[slot] !== 1 || pkmap_pfn[slot] !== unknown) return;
		pkmap_pfn[slot] = page;
		slotOf.set(page, slot);
		set_pte(this.k, this.pteOf(slot), page, PAGE_KERNEL);
	}

	/**
	 * kmap() that does not have to sleep.
	 * @param recorded slot in the recording, where it has one
	 * @returns slot, or undefined when all are in use
	 */
	map(page: Pfn, recorded?: number): number | undefined {
		if (recorded !== undefined) this.adopt(page, recorded);
		const address = try_kmap(this.k, page);
		return address === MUST_SLEEP ? undefined : PKMAP_NR(this.k, address);
	}

	/** @returns the slot that the page had */
	unmap(page: Pfn): number {
		const slot = this.k.highmem.slotOf.get(page)!;
		kunmap(this.k, page);
		return slot;
	}

	address(slot: number): number {
		return this.k.layout.PKMAP_BASE + slot * PAGE_SIZE;
	}

	/** Pages that page_address() knows. */
	get mapped(): number {
		return this.k.highmem.slotOf.size;
	}
}
