/**
 * Models lib/dma-debug.c (2.6.30 to 4.17) and kernel/dma/debug.c (since): checks what drivers do with DMA mappings,
 * against the table of live ones (entries.ts), and says what is wrong in Linux's words.
 *
 * The table is kept in every era; an era without dma-debug, or a kernel without CONFIG_DMA_API_DEBUG, checks nothing.
 * Not modelled: the check for other tasks' stacks.
 */
import {
	type BusAddress,
	type KernelVirtualAddress,
	PAGE_SIZE,
	type PhysicalAddress,
	physToPfn,
} from '../../hardware/address.ts';
import type {device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {is_vmalloc_addr} from '../mm/layout.ts';
import {PAGE_OFFSET, pageUse, pfn_valid} from '../mm/page.ts';
import {printk} from '../printk.ts';
import {made} from '../watch.ts';
import {DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_TO_DEVICE, directionName} from './direction.ts';
import {
	bucket_find_contain,
	bucket_find_exact,
	type dma_debug_entry,
	type dma_ref,
	eachMapping,
	hash_bucket_add,
	hash_bucket_del,
	hash_fn,
} from './entries.ts';
import {addCacheline, removeCacheline} from './overlap.ts';
import {err_printk, formatPointer} from './report.ts';

export type DmaDebugState = {
	/** Compiled in and not switched off: reports errors. */
	active: boolean;
	/** Ran out of entries and stopped (`disabled` reads Y). */
	disabled: boolean;
	error_count: number;
	all_errors: number;
	num_errors: number;
	driver_filter: string;
	nr_total_entries: number;
	min_free_entries: number;
	/** Mappings per cache line of those that the device may write: active_cacheline. */
	readonly cachelines: Map<number, number>;
	/** Warnings that Linux says once only, by name. */
	readonly warned: Set<string>;
};

export function dma_debug_init(k: Kernel): DmaDebugState {
	const total = k.era.dmaDebugPreallocated;
	const active = k.era.hasDmaDebug && k.config.debug.dmaApi;
	if (active) {
		printk(k, 6, `DMA-API: preallocated ${total} debug entries`);
		printk(k, 6, 'DMA-API: debugging enabled by kernel config');
	}
	return {
		active,
		disabled: false,
		error_count: 0,
		all_errors: 0,
		num_errors: 1,
		driver_filter: '',
		nr_total_entries: total,
		min_free_entries: total,
		cachelines: new Map(),
		warned: new Set(),
	};
}

/** Entries that are not in use, as num_free_entries shows them. */
export const num_free_entries = (k: Kernel): number => Math.max(0, k.dma.debug.nr_total_entries - k.dma.mappings.live);

const checks = (k: Kernel): boolean => k.dma.debug.active && !k.dma.debug.disabled;

const hex16 = (value: number): string => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0');

// ── mapping ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a mapping call tells dma-debug; the rest of the entry follows from it. */
type NewMapping = Omit<
	dma_debug_entry,
	'sg_call_ents' | 'sg_mapped_ents' | 'map_err_type' | 'owner' | 'made' | 'driver' | 'skipsCpuSync' | 'callers'
> & {
	readonly callers?: readonly string[] | undefined;
	readonly sg_call_ents?: number;
	readonly sg_mapped_ents?: number;
	readonly skipsCpuSync?: boolean;
};

const NO_CALLERS: readonly string[] = [];

/**
 * Puts a mapping into the table, and looks whether it overlaps another where the era does.
 * @returns the entry: the caller traces that it was made, and puts the record into its `made`
 */
export function add_dma_entry(k: Kernel, mapping: NewMapping): dma_debug_entry {
	const {dma} = k;
	const isSingle = mapping.type === 'single' || mapping.type === 'page' || mapping.type === 'resource';
	const entry: dma_debug_entry = {
		dev: mapping.dev,
		type: mapping.type,
		paddr: mapping.paddr,
		dev_addr: mapping.dev_addr,
		size: mapping.size,
		direction: mapping.direction,
		sg_call_ents: mapping.sg_call_ents ?? 0,
		sg_mapped_ents: mapping.sg_mapped_ents ?? 0,
		skipsCpuSync: mapping.skipsCpuSync ?? false,
		map_err_type: isSingle && k.era.dmaDebugChecksMapError ? 'not checked' : 'check not applicable',
		owner: mapping.type === 'coherent' ? 'both' : 'device',
		made: made(k),
		driver: mapping.dev.driver,
		callers: mapping.callers ?? NO_CALLERS,
	};
	hash_bucket_add(dma.mappings, entry);
	countEntries(k);
	checkOverlap(k, entry);
	return entry;
}

function checkOverlap(k: Kernel, entry: dma_debug_entry): void {
	if (!checks(k) || k.era.dmaDebugOverlap === 'none' || entry.direction === DMA_TO_DEVICE) return;
	const overlaps = addCacheline(k, entry);
	if (overlaps && k.era.dmaDebugOverlap === 'reports' && !entry.skipsCpuSync)
		err_printk(
			k,
			entry.dev,
			{line: 571, function: 'add_dma_entry'},
			"cacheline tracking EEXIST, overlapping mappings aren't supported",
			entry,
		);
}

/** Keeps the low-water mark, and what happens when the entries run out. */
function countEntries(k: Kernel): void {
	const {debug, mappings} = k.dma;
	if (mappings.live > debug.nr_total_entries && checks(k)) {
		if (k.era.dmaDebugGrowsBy > 0) debug.nr_total_entries += k.era.dmaDebugGrowsBy;
		else {
			debug.disabled = true;
			printk(k, 3, 'DMA-API: debugging out of memory - disabling');
		}
	}
	debug.min_free_entries = Math.min(debug.min_free_entries, num_free_entries(k));
}

/** A buffer about to be mapped must not lie on a stack. @param address logical address of its first byte */
export function check_for_stack(k: Kernel, dev: device, address: number, paddr: PhysicalAddress): void {
	const frame = physToPfn(paddr);
	if (!checks(k) || !pfn_valid(k, frame) || pageUse(k, frame) !== 'stack') return;
	const place = {line: 1068, function: 'check_for_stack'};
	err_printk(k, dev, place, `${k.era.dmaDebugStackText} [addr=${formatPointer(address)}]`);
}

/** Nor in the kernel's own text or constants. */
export function check_for_illegal_area(k: Kernel, dev: device, paddr: PhysicalAddress, size: number): void {
	const {start, rodataEnd} = k.layout.image;
	if (!checks(k) || paddr + size <= start || paddr >= rodataEnd) return;
	const where = `[addr=${formatPointer(paddr + PAGE_OFFSET)}] [len=${size}]`;
	const place = {line: 1088, function: 'check_for_illegal_area'};
	err_printk(k, dev, place, `device driver maps memory from kernel text or rodata ${where}`);
}

/** Whether an address could be a logical one, as __virt_addr_valid() of i386 finds out: kmap addresses often pass. */
function virt_addr_valid(k: Kernel, address: KernelVirtualAddress): boolean {
	if (address < PAGE_OFFSET || is_vmalloc_addr(k, address) || address >= k.layout.FIXADDR_START) return false;
	return pfn_valid(k, Math.floor((address - PAGE_OFFSET) / PAGE_SIZE));
}

/** dma_map_single() of an address that has no struct page, or that vmalloc made. 5.x and later. */
export function debug_dma_map_single(k: Kernel, dev: device, address: KernelVirtualAddress, size: number): void {
	if (!checks(k) || !k.era.dmaDebugChecksSegments) return;
	const report = (line: number, area: string) => {
		const text = `device driver maps memory from ${area} area [addr=${formatPointer(address)}] [len=${size}]`;
		err_printk(k, dev, {line, function: 'debug_dma_map_single'}, text);
	};
	if (!virt_addr_valid(k, address)) report(1199, 'invalid');
	if (is_vmalloc_addr(k, address)) report(1203, 'vmalloc');
}

/** One entry of a scatterlist must fit what the device says it can take. */
export function check_sg_segment(k: Kernel, dev: device, length: number, dev_addr: BusAddress): void {
	if (!checks(k) || !k.era.dmaDebugChecksSegments) return;
	const {max_segment_size, segment_boundary_mask} = dev.dma_parms;
	if (length > max_segment_size)
		err_printk(
			k,
			dev,
			{line: 1177, function: 'debug_dma_map_sg'},
			`mapping sg segment longer than device claims to support [len=${length}] [max=${max_segment_size}]`,
		);
	const end = dev_addr + length - 1;
	const span = segment_boundary_mask + 1;
	if (Math.floor(dev_addr / span) !== Math.floor(end / span))
		err_printk(
			k,
			dev,
			{line: 1187, function: 'debug_dma_map_sg'},
			`mapping sg segment across boundary [start=0x${hex16(dev_addr)}] [end=0x${hex16(end)}] ` +
				`[boundary=0x${hex16(segment_boundary_mask)}]`,
		);
}

/** The driver has asked whether a mapping failed: marks the first mapping of that address that was not asked about. */
export function debug_dma_mapping_error(k: Kernel, dev: device, dev_addr: BusAddress): void {
	if (!k.era.dmaDebugChecksMapError) return;
	const {mappings} = k.dma;
	const bucket = mappings.buckets.get(hash_fn(mappings, dev_addr));
	if (!bucket) return;
	for (const entry of bucket) {
		if (entry.dev !== dev || entry.dev_addr !== dev_addr || entry.map_err_type !== 'not checked') continue;
		entry.map_err_type = 'checked';
		return;
	}
}

/** How many entries dma_map_sg() made of a list, as its first one tells; 0 when that is not mapped. */
export const get_nr_mapped_entries = (k: Kernel, ref: dma_ref): number =>
	bucket_find_exact(k.dma.mappings, ref)?.sg_mapped_ents ?? 0;

// ── unmapping ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A driver gives a mapping back: reports whatever it says differently than when mapping, and removes the entry.
 * @param isError whether the address is what a failed mapping returns
 */
export function check_unmap(k: Kernel, ref: dma_ref, isError: boolean): void {
	const entry = bucket_find_exact(k.dma.mappings, ref);
	if (checks(k)) reportUnmap(k, ref, entry, isError);
	if (!entry) return;
	hash_bucket_del(k.dma.mappings, entry);
	removeCacheline(k, entry);
	k.watcher?.unmapped(entry);
}

/** The bus address of a mapping as every message has it. */
const deviceAddress = (ref: dma_ref): string => `[device address=0x${hex16(ref.dev_addr)}]`;
const addressAndSize = (ref: dma_ref): string => `${deviceAddress(ref)} [size=${ref.size} bytes]`;

function reportUnmap(k: Kernel, ref: dma_ref, entry: dma_debug_entry | undefined, isError: boolean): void {
	const report = (line: number, text: string) => err_printk(k, ref.dev, {line, function: 'check_unmap'}, text, entry);
	if (!entry) {
		if (isError) report(970, 'device driver tries to free an invalid DMA memory address');
		else report(974, `device driver tries to free DMA memory it has not allocated ${addressAndSize(ref)}`);
		return;
	}
	if (ref.size !== entry.size) {
		const sizes = `[map size=${entry.size} bytes] [unmap size=${ref.size} bytes]`;
		report(984, `device driver frees DMA memory with different size ${deviceAddress(ref)} ${sizes}`);
	}
	const nameOf = k.era.dmaDebugTypeName;
	if (nameOf(ref.type) !== nameOf(entry.type)) {
		const types = `[mapped as ${nameOf(entry.type)}] [unmapped as ${nameOf(ref.type)}]`;
		report(992, `device driver frees DMA memory with wrong function ${addressAndSize(ref)} ${types}`);
	} else if (entry.type === 'coherent' && ref.paddr !== undefined && ref.paddr !== entry.paddr) {
		const cpu = `[cpu alloc address=0x${hex16(entry.paddr)}] [cpu free address=0x${hex16(ref.paddr)}]`;
		report(1000, `device driver frees DMA memory with different CPU address ${addressAndSize(ref)} ${cpu}`);
	}
	if (ref.sg_call_ents !== 0 && ref.type === 'scather-gather' && ref.sg_call_ents !== entry.sg_call_ents) {
		const counts = `[map count=${entry.sg_call_ents}] [unmap count=${ref.sg_call_ents}]`;
		report(1012, `device driver frees DMA sg list with different entry count ${counts}`);
	}
	if (ref.direction !== entry.direction) {
		const ways = `[mapped with ${directionName(entry.direction)}] [unmapped with ${directionName(ref.direction)}]`;
		report(1023, `device driver frees DMA memory with different direction ${addressAndSize(ref)} ${ways}`);
	}
	if (entry.map_err_type === 'not checked')
		report(1038, `device driver failed to check map error${addressAndSize(ref)} [mapped as ${nameOf(entry.type)}]`);
}

// ── syncing ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who owns the bytes changes hands; reports a range that is not mapped, or mapped the other way. */
export function check_sync(k: Kernel, ref: dma_ref, forCpu: boolean): void {
	const {mappings} = k.dma;
	const find = k.era.dmaDebugSyncFindsContaining || !checks(k) ? bucket_find_contain : bucket_find_exact;
	const entry = find(mappings, ref);
	if (entry && entry.type !== 'coherent') entry.owner = forCpu ? 'cpu' : 'device';
	if (checks(k)) reportSync(k, ref, entry, forCpu);
}

function reportSync(k: Kernel, ref: dma_ref, entry: dma_debug_entry | undefined, forCpu: boolean): void {
	const report = (line: number, text: string) => err_printk(k, ref.dev, {line, function: 'check_sync'}, text, entry);
	if (!entry) {
		report(1104, `device driver tries to sync DMA memory it has not allocated ${addressAndSize(ref)}`);
		return;
	}
	if (ref.size > entry.size) {
		const sizes = `[allocation size=${entry.size} bytes] [sync offset+size=${ref.size}]`;
		report(1112, `device driver syncs DMA memory outside allocated range ${deviceAddress(ref)} ${sizes}`);
	}
	if (entry.direction === DMA_BIDIRECTIONAL) return;
	const ways = () =>
		`${addressAndSize(ref)} [mapped with ${directionName(entry.direction)}] [synced with ` +
		`${directionName(ref.direction)}]`;
	if (ref.direction !== entry.direction)
		report(1125, `device driver syncs DMA memory with different direction ${ways()}`);
	if (forCpu && entry.direction !== DMA_FROM_DEVICE && ref.direction !== DMA_TO_DEVICE)
		report(1136, `device driver syncs device read-only DMA memory for cpu ${ways()}`);
	if (!forCpu && entry.direction !== DMA_TO_DEVICE && ref.direction !== DMA_FROM_DEVICE)
		report(1146, `device driver syncs device write-only DMA memory to device ${ways()}`);
	if (ref.sg_call_ents !== 0 && ref.type === 'scather-gather' && ref.sg_call_ents !== entry.sg_call_ents) {
		const counts = `[map count=${entry.sg_call_ents}] [sync count=${ref.sg_call_ents}]`;
		report(1156, `device driver syncs DMA sg list with different entry count ${counts}`);
	}
}

// ── drivers that go away ───────────────────────────────────────────────────────────────────────────────────────────

/** A driver left its device: tells how many mappings it left behind. Called with the driver already taken off. */
export function debug_dma_driver_unbound(k: Kernel, dev: device): void {
	if (!checks(k)) return;
	const left = eachMapping(k.dma.mappings).filter(entry => entry.dev === dev);
	const last = left.at(-1);
	if (!last) return;
	const count = `device driver has pending DMA allocations while released from device [count=${left.length}]`;
	const details = [
		'One of leaked entries details:',
		`[device address=0x${hex16(last.dev_addr)}]`,
		`[size=${last.size} bytes]`,
		`[mapped with ${directionName(last.direction)}]`,
		`[mapped as ${k.era.dmaDebugTypeName(last.type)}]`,
	].join(' ');
	const text = k.era.dmaDebugNamesLeak ? `${count}\n${details}` : count;
	err_printk(k, dev, {line: 859, function: 'dma_debug_device_change'}, text, last);
}
