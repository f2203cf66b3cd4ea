/**
 * Models mm/page-writeback.c and fs/fs-writeback.c (2.6.11 and later): dirty pages of files and their way to the disk.
 *
 * Not modelled: limits per device, congestion, laptop mode, writing only the dirty buffers of a page.
 */
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_DIRTY, _PAGE_RW} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import {EIO} from '../errno.ts';
import {blk_unplug} from '../fs/block.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {traceFrame} from '../trace.ts';
import type {address_space} from './mm_types.ts';
import {
	clearPageFlag,
	get_page,
	PageDirty,
	PageWriteback,
	PG_dirty,
	PG_error,
	page_mapping,
	setPageFlag,
	testPageFlag,
} from './page.ts';
import {put_page} from './page_alloc.ts';
import {lock_page, unlock_page, wait_on_page_writeback} from './page_lock.ts';
import {NO_PTE, pte_offset, pte_pfn, pte_present, pte_val, set_pte_bits} from './pgtable.ts';

/**
 * Says that a frame holds bytes that its store has not. Any context; the frame must be kept from truncation by its lock
 * or a reference.
 * @returns whether it was clean
 */
export function set_page_dirty(k: Kernel, frame: Pfn): boolean {
	if (PageDirty(k, frame)) return false;
	setPageFlag(k, frame, PG_dirty);
	traceFrame(k, 'set_page_dirty', frame);
	const mapping = page_mapping(k, frame);
	if (!mapping || mapping.host.a_ops?.inMemoryOnly) return true;
	mapping.nrdirty++;
	k.cpu.current.ioac.write_bytes += PAGE_SIZE;
	k.filemap.nr_dirty++;
	k.vm_events.nr_dirtied++;
	if (!k.filemap.dirtyMappings.has(mapping)) k.filemap.dirtyMappings.set(mapping, k.hw.timeline.nowNs);
	return true;
}

/** set_page_dirty for callers who do not hold the frame's lock; may sleep. */
export function* set_page_dirty_lock(k: Kernel, frame: Pfn): Sleeps<boolean> {
	yield* lock_page(k, frame);
	const wasClean = set_page_dirty(k, frame);
	unlock_page(k, frame);
	return wasClean;
}

/**
 * The frame's bytes are wanted no more (truncation), or are on their way: it counts as clean. @returns whether it was
 * dirty
 */
export function cancel_dirty_page(k: Kernel, frame: Pfn): boolean {
	if (!PageDirty(k, frame)) return false;
	clearPageFlag(k, frame, PG_dirty);
	traceFrame(k, 'cancel_dirty_page', frame);
	const mapping = page_mapping(k, frame);
	if (!mapping || mapping.host.a_ops?.inMemoryOnly) return true;
	mapping.nrdirty--;
	k.filemap.nr_dirty--;
	if (mapping.nrdirty === 0) k.filemap.dirtyMappings.delete(mapping);
	return true;
}

/**
 * Takes the dirty mark off a locked frame that is about to be written. From 2.6.19 on the page-table entries are
 * cleaned and write-protected too, so that the next write is noticed.
 * @returns whether it was dirty
 */
function clear_page_dirty_for_io(k: Kernel, frame: Pfn): boolean {
	const mapping = page_mapping(k, frame);
	if (mapping && k.era.writebackCleansPtes && page_mkclean(k, mapping, frame)) set_page_dirty(k, frame);
	return cancel_dirty_page(k, frame);
}

/** Cleans and write-protects every shared entry that maps a page of a file. @returns whether one was dirty */
function page_mkclean(k: Kernel, mapping: address_space, frame: Pfn): boolean {
	const index = k.mem_map.index[frame]!;
	let dirty = false;
	for (const vma of mapping.i_mmap) {
		const address = vma.vm_start + (index - vma.vm_pgoff) * PAGE_SIZE;
		if (address < vma.vm_start || address >= vma.vm_end) continue;
		const at = pte_offset(k, vma.vm_mm, address);
		if (at === NO_PTE || !pte_present(pte_val(k, at)) || pte_pfn(k, at) !== frame) continue;
		const bits = pte_val(k, at) & 0xfff;
		if ((bits & (_PAGE_DIRTY | _PAGE_RW)) === 0) continue;
		charge(k, COST.pteNs + COST.tlbFlushOneNs);
		dirty ||= (bits & _PAGE_DIRTY) !== 0;
		set_pte_bits(k, at, bits & ~(_PAGE_DIRTY | _PAGE_RW));
	}
	return dirty;
}

/**
 * Writes a locked frame of the cache if it is dirty, and unlocks it. The write is under way on return. @returns 0 or
 * -errno
 */
export function* write_locked_page(k: Kernel, mapping: address_space, frame: Pfn): Sleeps<number> {
	const writepage = mapping.host.a_ops?.writepage;
	if (!writepage || mapping.host.a_ops?.inMemoryOnly || !clear_page_dirty_for_io(k, frame)) {
		unlock_page(k, frame);
		return 0;
	}
	return yield* writepage(k, mapping, k.mem_map.index[frame]!, frame);
}

/**
 * Begins to write the dirty pages of a file, in order.
 * @param first, last page indexes, both included
 * @returns 0 or the first -errno
 */
export function* filemap_fdatawrite_range(
	k: Kernel,
	mapping: address_space,
	first: number,
	last: number,
): Sleeps<number> {
	let result = 0;
	for (const [index, frame] of cachedPages(mapping, first, last)) {
		if (!PageDirty(k, frame) && !(k.era.writebackCleansPtes && mapping.i_mmap.size > 0)) continue;
		if (mapping.pages.get(index) !== frame) continue;
		get_page(k, frame);
		yield* lock_page(k, frame);
		if (mapping.pages.get(index) === frame) {
			yield* wait_on_page_writeback(k, frame);
			const error = yield* write_locked_page(k, mapping, frame);
			result ||= error;
		} else {
			unlock_page(k, frame);
		}
		put_page(k, frame);
	}
	blk_unplug(k, mapping.host.i_bdev);
	return result;
}

/** Sleeps until no page of the range is under write-back. @returns 0, or -EIO when a write failed */
export function* filemap_fdatawait_range(
	k: Kernel,
	mapping: address_space,
	first: number,
	last: number,
): Sleeps<number> {
	let result = 0;
	for (const [, frame] of cachedPages(mapping, first, last)) {
		if (!PageWriteback(k, frame) && !testPageFlag(k, frame, PG_error)) continue;
		get_page(k, frame);
		yield* wait_on_page_writeback(k, frame);
		if (testPageFlag(k, frame, PG_error)) result = -EIO;
		clearPageFlag(k, frame, PG_error);
		put_page(k, frame);
	}
	return result;
}

/** Writes the dirty pages of a range and sleeps until the disk has them. @returns 0 or -errno */
export function* filemap_write_and_wait_range(
	k: Kernel,
	mapping: address_space,
	first: number,
	last: number,
): Sleeps<number> {
	if (mapping.pages.size === 0) return 0;
	const wrote = yield* filemap_fdatawrite_range(k, mapping, first, last);
	const waited = yield* filemap_fdatawait_range(k, mapping, first, last);
	return wrote || waited;
}

/** The cached pages of a range in ascending order, as they are now. */
function cachedPages(mapping: address_space, first: number, last: number): [number, Pfn][] {
	const found: [number, Pfn][] = [];
	if (last - first < mapping.pages.size) {
		for (let index = first; index <= last; index++) {
			const frame = mapping.pages.get(index);
			if (frame !== undefined) found.push([index, frame]);
		}
		return found;
	}
	for (const entry of mapping.pages) if (entry[0] >= first && entry[0] <= last) found.push(entry);
	return found.sort((a, b) => a[0] - b[0]);
}
