/**
 * Models mm/fremap.c (2.6.11 to 3.19) and remap_file_pages() of mm/mmap.c (4.0 and later): pages of a shared mapping in
 * another order than those of the file. Entries say which page belongs where, in one area; later kernels make an area
 * of each piece instead.
 *
 * Not modelled: read-ahead of the range; that pages of a locked area which are replaced no longer count as locked.
 */
import {PAGE_SIZE, pageAlignDown} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EINVAL, ENOMEM} from '../errno.ts';
import {fput} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import type {Sleeps} from '../time.ts';
import {handle_mm_fault} from './memory.ts';
import {isCached} from './mincore.ts';
import {populate, populateLocked} from './mlock.ts';
import {releaseUnmapped} from './mm.ts';
import {type mm_struct, VM_FAULT_ERROR, VM_LOCKED, VM_NONLINEAR, VM_SHARED, type vm_area_struct} from './mm_types.ts';
import {MAP_FIXED, MAP_LOCKED, MAP_NONBLOCK, MAP_SHARED} from './mman.ts';
import {do_mmap_pgoff, mmap_region} from './mmap.ts';
import {
	mmap_read_lock,
	mmap_read_unlock,
	mmap_write_downgrade_now,
	mmap_write_lock,
	mmap_write_unlock,
} from './mmap_lock.ts';
import {NO_PTE, PTE_FILE_MAX_BITS, pte_alloc_map, set_pte_file} from './pgtable.ts';
import {VM_ACCESS} from './protection.ts';
import {linear_page_index} from './rmap.ts';
import {zap_page_range} from './zap.ts';

/** What is asked for: bytes of address space, whole pages, and the page of the file that comes first there. */
type Wish = {readonly start: number; readonly end: number; readonly pgoff: number; readonly flags: number};

/**
 * Lays pages of the file that is mapped at `start` there in another order. Sleeps for mmap_sem and for pages.
 * @param start rounded down to a page; so is `size`, in bytes
 * @param prot must be 0
 * @param pgoff first page of the file
 * @param flags MAP_NONBLOCK: pages come when they are touched
 * @returns 0, -EINVAL, -ENOMEM
 */
export function* sys_remap_file_pages(
	k: Kernel,
	start: number,
	size: number,
	prot: number,
	pgoff: number,
	flags: number,
): Sleeps<number> {
	const byAreas = k.era.remapFilePages === 'areas';
	if (byAreas) sayDeprecated(k);
	const wish: Wish = {start: pageAlignDown(start), end: pageAlignDown(start) + pageAlignDown(size), pgoff, flags};
	if (prot !== 0 || wish.end === wish.start || wish.end >= 2 ** 32) return -EINVAL;
	const endPgoff = pgoff + (wish.end - wish.start) / PAGE_SIZE;
	if (endPgoff >= 2 ** (byAreas ? 32 : PTE_FILE_MAX_BITS(k))) return -EINVAL;
	return yield* byAreas ? remapAreas(k, wish) : remapEntries(k, wish);
}

/** pr_warn_once() */
function sayDeprecated(k: Kernel): void {
	if (k.mm.saidRemapFilePages) return;
	k.mm.saidRemapFilePages = true;
	const {comm, pid} = k.cpu.current;
	const where = k.era.remapFilePagesDocument;
	printk(k, 4, `${comm} (${pid}) uses deprecated remap_file_pages() syscall. See ${where}.`);
}

// ── entries ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The shared mapping that holds the whole range and can be reordered. */
function targetOf(mm: mm_struct, {start, end}: Wish): vm_area_struct | undefined {
	const vma = mm.mmap.find(start);
	const isFit = vma && (vma.vm_flags & VM_SHARED) !== 0 && vma.vm_ops?.canNonlinear === true;
	return isFit && start >= vma.vm_start && end <= vma.vm_end ? vma : undefined;
}

const isLinear = (vma: vm_area_struct) => (vma.vm_flags & VM_NONLINEAR) === 0;
const isInPlace = (vma: vm_area_struct, {start, pgoff}: Wish) => pgoff === linear_page_index(vma, start);

function* remapEntries(k: Kernel, wish: Wish): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_read_lock(k, mm);
	const vma = targetOf(mm, wish);
	if (vma && isLinear(vma) && !isInPlace(vma, wish)) {
		yield* mmap_read_unlock(k, mm);
		return yield* makeNonlinear(k, mm, wish);
	}
	const isDone = !vma || (isLinear(vma) && k.era.remapFilePages === 'file entries');
	const result = isDone ? (vma ? 0 : -EINVAL) : yield* populateRange(k, mm, vma, wish);
	yield* mmap_read_unlock(k, mm);
	return result;
}

/** The area must be marked before any page is out of its place, so mmap_sem is taken again, for writing. */
function* makeNonlinear(k: Kernel, mm: mm_struct, wish: Wish): Sleeps<number> {
	yield* mmap_write_lock(k, mm);
	const vma = targetOf(mm, wish);
	let result = -EINVAL;
	if (vma && isLinear(vma) && countsDirty(k, vma)) result = yield* asOneArea(k, mm, vma, wish);
	else if (vma) {
		vma.vm_flags |= VM_NONLINEAR;
		mmap_write_downgrade_now(k, mm);
		result = yield* populateRange(k, mm, vma, wish);
		yield* mmap_read_unlock(k, mm);
		return result;
	}
	yield* mmap_write_unlock(k, mm);
	yield* releaseUnmapped(k);
	return result;
}

/** page_mkclean() does not find pages of nonlinear areas. @see mapping_cap_account_dirty() */
const countsDirty = (k: Kernel, {vm_file}: vm_area_struct) =>
	k.era.remapFilePages === 'file entries' && vm_file?.inode.a_ops?.inMemoryOnly !== true;

/** Maps the range anew, as mmap() would; its pages come when they are touched. @returns 0 or -errno */
function* asOneArea(k: Kernel, mm: mm_struct, {vm_file, vm_flags}: vm_area_struct, wish: Wish): Sleeps<number> {
	const file = vm_file!;
	file.f_count++;
	const {start, end, pgoff} = wish;
	const result = yield* mmap_region(k, mm, file, {start, len: end - start, flags: vm_flags, pgoff});
	yield* fput(k, file);
	return Math.min(0, result);
}

/** Writes the entries of a range, and brings their pages in. @returns 0, -ENOMEM; in 2.6.11 -EINVAL beyond the end */
function* populateRange(k: Kernel, mm: mm_struct, vma: vm_area_struct, wish: Wish): Sleeps<number> {
	const {start, end, pgoff, flags} = wish;
	const byMethod = k.era.remapFilePages === 'populate method';
	const {inode} = vma.vm_file!;
	if (byMethod && pgoff + (end - start) / PAGE_SIZE > Math.ceil(inode.i_size / PAGE_SIZE)) return -EINVAL;
	const waits = (flags & MAP_NONBLOCK) === 0;
	for (let address = start; address < end; address += PAGE_SIZE) {
		const index = pgoff + (address - start) / PAGE_SIZE;
		const at = pte_alloc_map(k, mm, address);
		if (at === NO_PTE) return -ENOMEM;
		zap_page_range(k, vma, address, address + PAGE_SIZE);
		set_pte_file(k, at, index);
		charge(k, COST.pteNs);
		if (!byMethod || !(waits || isCached(k, vma, index))) continue;
		if (((yield* handle_mm_fault(k, mm, vma, address, 0)) & VM_FAULT_ERROR) !== 0) return -ENOMEM;
	}
	if (!byMethod && waits) yield* populateLocked(k, mm, start, end);
	return 0;
}

// ── areas ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function* remapAreas(k: Kernel, wish: Wish): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	yield* mmap_write_lock(k, mm);
	const vma = mm.mmap.find(wish.start);
	const isFit = vma && (vma.vm_flags & VM_SHARED) !== 0 && vma.vm_start <= wish.start && reaches(vma, wish.end);
	const result = isFit ? yield* mapPiece(k, mm, vma, wish) : -EINVAL;
	yield* mmap_write_unlock(k, mm);
	yield* releaseUnmapped(k);
	if (result < 0) return result;
	yield* populate(k, mm, wish.start, wish.end);
	return 0;
}

/** Whether pieces of the same mapping, one behind the other, go on as far as that. */
function reaches(first: vm_area_struct, end: number): boolean {
	let last = first;
	while (last.vm_end < end) {
		const next = last.vm_next;
		const goesOn = next?.vm_start === last.vm_end && next.vm_file === first.vm_file && next.vm_flags === first.vm_flags;
		if (!goesOn) return false;
		last = next;
	}
	return true;
}

/** @returns the address or -errno */
function* mapPiece(k: Kernel, mm: mm_struct, {vm_file, vm_flags}: vm_area_struct, wish: Wish): Sleeps<number> {
	const file = vm_file!;
	const flags = MAP_SHARED | MAP_FIXED | ((vm_flags & VM_LOCKED) !== 0 ? MAP_LOCKED : 0);
	file.f_count++;
	const result = yield* do_mmap_pgoff(
		k,
		mm,
		file,
		wish.start,
		wish.end - wish.start,
		vm_flags & VM_ACCESS,
		flags,
		wish.pgoff,
	);
	yield* fput(k, file);
	return result;
}
