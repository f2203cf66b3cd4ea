/**
 * Models the ring of fs/aio.c: events that wait for a program, in memory that it has mapped and may read by itself.
 *
 * Up to 3.11 the ring is private anonymous memory, pinned by get_user_pages; later it is a file of a filesystem of its
 * own, mapped shared, whose pages the kernel keeps.
 *
 * Not modelled: migration of ring pages.
 */
import {PAGE_SIZE, type Pfn, type PhysicalAddress, physicalAddress, userAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EAGAIN, ENOMEM, IS_ERR} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {filemap_map_pages} from '../mm/fault_around.ts';
import {find_or_create_page} from '../mm/filemap.ts';
import {filemap_fault} from '../mm/filemap_fault.ts';
import {__GFP_ZERO, GFP_HIGHUSER} from '../mm/gfp.ts';
import {get_user_pages, page_cache_release} from '../mm/gup.ts';
import {KM_IRQ0, KM_IRQ1, KM_USER0, KM_USER1, kmap_atomic, kunmap_atomic} from '../mm/kmap_atomic.ts';
import {releaseUnmapped} from '../mm/mm.ts';
import {type mm_struct, VM_DONTEXPAND, VM_MAYEXEC, type vm_operations_struct} from '../mm/mm_types.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE} from '../mm/mman.ts';
import {do_mmap_pgoff} from '../mm/mmap.ts';
import {mmap_write_lock, mmap_write_unlock} from '../mm/mmap_lock.ts';
import {do_munmap} from '../mm/munmap.ts';
import {PG_uptodate, setPageFlag, setPageUse} from '../mm/page.ts';
import {put_page} from '../mm/page_alloc.ts';
import {unlock_page} from '../mm/page_lock.ts';
import {set_page_dirty} from '../mm/page-writeback.ts';
import {truncate_inode_pages} from '../mm/truncate.ts';
import type {Sleeps} from '../time.ts';
import type {kioctx} from './aio.ts';
import {AIO_RING_HEADER_BYTES, AIO_RING_MAGIC, IO_EVENT_BYTES} from './aio_abi.ts';
import {type file, type file_operations, fput, O_RDWR} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {clear_inode, new_inode} from './inode.ts';

export type AioRing = {
	/** Slots for events, of which one stays free. */
	readonly nr: number;
	readonly pages: readonly Pfn[];
	/** Where user space has it; moves with mremap in later kernels. */
	mmap_base: number;
	readonly mmap_size: number;
	/** The file behind it, in kernels that have one. */
	readonly file: file | null;
	/** The kernel's own idea of the tail: what user space writes there does not count. */
	tail: number;
};

const HEAD_FIELD = 8;
const TAIL_FIELD = 12;

// ── making and unmaking ────────────────────────────────────────────────────────────────────────────────────────────

/** Pages of a ring for `events` events, two spare ones included. */
const ringPages = (events: number) => Math.ceil((AIO_RING_HEADER_BYTES + IO_EVENT_BYTES * (events + 2)) / PAGE_SIZE);
const ringSlots = (pages: number) => Math.floor((pages * PAGE_SIZE - AIO_RING_HEADER_BYTES) / IO_EVENT_BYTES);

/**
 * Maps a ring into the calling task; may sleep.
 * @param events that it must hold at least
 * @returns the ring, or -ENOMEM, -EAGAIN
 */
export function* aio_setup_ring(k: Kernel, events: number, id: number): Sleeps<AioRing | number> {
	const count = ringPages(events);
	const ring = k.era.aioRingIsFile ? yield* fileRing(k, count) : yield* anonymousRing(k, count);
	if (typeof ring === 'number') return ring;
	const header = new Uint32Array([
		k.era.aioRingIsFile ? id : ring.mmap_base,
		ring.nr,
		0,
		0,
		AIO_RING_MAGIC,
		1,
		0,
		AIO_RING_HEADER_BYTES,
	]);
	writeHeader(k, ring, new Uint8Array(header.buffer));
	return ring;
}

function writeHeader(k: Kernel, ring: AioRing, bytes: Uint8Array): void {
	const address = kmap_atomic(k, ring.pages[0]!, KM_USER0);
	k.hw.ram.write(ringAt(ring, 0), bytes);
	kunmap_atomic(k, address, KM_USER0);
}

function* anonymousRing(k: Kernel, count: number): Sleeps<AioRing | number> {
	const task = k.cpu.current;
	const mm = task.mm!;
	const mmap_size = count * PAGE_SIZE;
	yield* mmap_write_lock(k, mm);
	const flags = MAP_ANONYMOUS | MAP_PRIVATE;
	const base = yield* do_mmap_pgoff(k, mm, null, 0, mmap_size, PROT_READ | PROT_WRITE, flags, 0);
	if (IS_ERR(base)) {
		yield* mmap_write_unlock(k, mm);
		return -ENOMEM;
	}
	const pages: Pfn[] = [];
	const got = yield* get_user_pages(k, task, mm, userAddress(base), count, true, false, pages, null);
	if (got !== count) {
		for (const page of pages) page_cache_release(k, page);
		do_munmap(k, mm, base, mmap_size);
		yield* mmap_write_unlock(k, mm);
		return -EAGAIN;
	}
	yield* mmap_write_unlock(k, mm);
	for (const page of pages) setPageUse(k, page, 'ring');
	return {nr: ringSlots(count), pages, mmap_base: base, mmap_size, file: null, tail: 0};
}

const aio_ring_vm_ops: vm_operations_struct = {
	name: 'aio_ring_vm_ops',
	fault: filemap_fault,
	map_pages: filemap_map_pages,
	mremap(_k, vma) {
		const ctx = vma.vm_file?.private_data as kioctx | undefined;
		// A child's copy of the mapping is not a ring of the child's.
		if (!ctx || ctx.dead || ctx.mm !== vma.vm_mm) return;
		ctx.mm.ioctx_list.delete(ctx.user_id);
		ctx.user_id = vma.vm_start;
		ctx.ring.mmap_base = vma.vm_start;
		ctx.mm.ioctx_list.set(ctx.user_id, ctx);
	},
};

const aio_ring_fops: file_operations = {
	name: 'aio_ring_fops',
	*mmap(_k, _file, vma) {
		// The filesystem of the rings is mounted noexec.
		vma.vm_flags = (vma.vm_flags & ~VM_MAYEXEC) | VM_DONTEXPAND;
		vma.vm_ops = aio_ring_vm_ops;
		return 0;
	},
	*release(k, inode) {
		yield* truncate_inode_pages(k, inode.i_mapping, 0);
		clear_inode(k, inode);
		return 0;
	},
};

function* fileRing(k: Kernel, count: number): Sleeps<AioRing | number> {
	const mm = k.cpu.current.mm!;
	const mmap_size = count * PAGE_SIZE;
	const inode = new_inode(k, {
		kind: 'shmem',
		s_dev: {major: 0, minor: k.era.aioDeviceMinor},
		i_fop: aio_ring_fops,
		a_ops: {inMemoryOnly: true, readpage: neverRead, writepage: neverRead},
		i_size: mmap_size,
	});
	const file = get_empty_filp(k, '/[aio] (deleted)', inode, O_RDWR);
	const pages: Pfn[] = [];
	for (let index = 0; index < count; index++) {
		const page = yield* find_or_create_page(k, inode.i_mapping, index, GFP_HIGHUSER | __GFP_ZERO);
		if (IS_ERR(page)) {
			for (const each of pages) put_page(k, each);
			yield* fput(k, file);
			return -ENOMEM;
		}
		setPageFlag(k, page, PG_uptodate);
		set_page_dirty(k, page);
		setPageUse(k, page, 'ring');
		unlock_page(k, page);
		pages.push(page);
	}
	yield* mmap_write_lock(k, mm);
	const base = yield* do_mmap_pgoff(k, mm, file, 0, mmap_size, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	yield* mmap_write_unlock(k, mm);
	if (!IS_ERR(base)) return {nr: ringSlots(count), pages, mmap_base: base, mmap_size, file, tail: 0};
	for (const each of pages) put_page(k, each);
	yield* fput(k, file);
	return -ENOMEM;
}

function* neverRead(): Sleeps<number> {
	throw new Error('a page of an AIO ring is always there');
}

/**
 * Takes the ring away from user space and gives its pages back; may sleep. @param unmap false when the mm goes anyway
 */
export function* aio_free_ring(k: Kernel, mm: mm_struct, ring: AioRing, unmap: boolean): Sleeps<void> {
	for (const page of ring.pages) {
		setPageUse(k, page, 'unknown');
		if (ring.file) put_page(k, page);
		else page_cache_release(k, page);
	}
	if (unmap) {
		yield* mmap_write_lock(k, mm);
		do_munmap(k, mm, ring.mmap_base, ring.mmap_size);
		yield* mmap_write_unlock(k, mm);
		yield* releaseUnmapped(k);
	}
	if (ring.file) {
		ring.file.private_data = undefined;
		yield* fput(k, ring.file);
	}
}

// ── events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Byte of the ring where an event lies; no event crosses a page. */
const eventOffset = (index: number) => AIO_RING_HEADER_BYTES + index * IO_EVENT_BYTES;

/** Physical address of a byte of the ring. */
const ringAt = (ring: AioRing, byte: number): PhysicalAddress =>
	physicalAddress(ring.pages[Math.floor(byte / PAGE_SIZE)]! * PAGE_SIZE + (byte % PAGE_SIZE));

/** First event that user space has not taken: it may have moved it itself, to anything. */
export function ringHead(k: Kernel, ring: AioRing): number {
	const address = kmap_atomic(k, ring.pages[0]!, KM_USER0);
	const head = k.hw.ram.read32(ringAt(ring, HEAD_FIELD));
	kunmap_atomic(k, address, KM_USER0);
	return head % ring.nr;
}

/** The same for somebody who only looks: it takes no slot and no time. */
export const peekRingHead = (k: Kernel, ring: AioRing): number => k.hw.ram.read32(ringAt(ring, HEAD_FIELD)) % ring.nr;

export function setRingHead(k: Kernel, ring: AioRing, head: number): void {
	const address = kmap_atomic(k, ring.pages[0]!, KM_USER0);
	k.hw.ram.write32(ringAt(ring, HEAD_FIELD), head);
	kunmap_atomic(k, address, KM_USER0);
}

/** Events that wait to be read. */
export const eventsWaiting = (k: Kernel, ring: AioRing): number => (ring.tail - ringHead(k, ring) + ring.nr) % ring.nr;
/** Slots that are free. */
export const aio_ring_avail = (k: Kernel, ring: AioRing): number => ring.nr - 1 - eventsWaiting(k, ring);

/** Appends an event. Any context. @param words as ioEventWords() gives them */
export function putEvent(k: Kernel, ring: AioRing, words: readonly number[]): void {
	const byte = eventOffset(ring.tail);
	const page = ring.pages[Math.floor(byte / PAGE_SIZE)]!;
	const header = kmap_atomic(k, ring.pages[0]!, KM_IRQ1);
	const event = kmap_atomic(k, page, KM_IRQ0);
	const at = ringAt(ring, byte);
	for (let i = 0; i < words.length; i++) k.hw.ram.write32(physicalAddress(at + 4 * i), words[i]!);
	ring.tail = (ring.tail + 1) % ring.nr;
	k.hw.ram.write32(ringAt(ring, TAIL_FIELD), ring.tail);
	kunmap_atomic(k, event, KM_IRQ0);
	kunmap_atomic(k, header, KM_IRQ1);
	charge(k, IO_EVENT_BYTES * COST.copyByteNs);
}

/** The words of the event at `index`, as the ring's memory has them. */
export function eventWords(k: Kernel, ring: AioRing, index: number): Uint32Array {
	const words = new Uint32Array(IO_EVENT_BYTES / 4);
	const byte = eventOffset(index);
	const at = ringAt(ring, byte);
	const address = kmap_atomic(k, ring.pages[Math.floor(byte / PAGE_SIZE)]!, KM_USER1);
	for (let i = 0; i < words.length; i++) words[i] = k.hw.ram.read32(physicalAddress(at + 4 * i));
	kunmap_atomic(k, address, KM_USER1);
	return words;
}

/**
 * Takes the next event out of the ring; the header stays mapped while the event is read. @returns undefined for none
 * @see aio_read_evt()
 */
export function takeEvent(k: Kernel, ring: AioRing): Uint32Array | undefined {
	const header = kmap_atomic(k, ring.pages[0]!, KM_USER0);
	const head = k.hw.ram.read32(ringAt(ring, HEAD_FIELD)) % ring.nr;
	let words: Uint32Array | undefined;
	if (head !== ring.tail) {
		words = eventWords(k, ring, head);
		k.hw.ram.write32(ringAt(ring, HEAD_FIELD), (head + 1) % ring.nr);
	}
	kunmap_atomic(k, header, KM_USER0);
	return words;
}
