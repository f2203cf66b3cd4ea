/**
 * The character devices of the kernel module that recorded truth/i386 mmap_driver and vma_flags: 24 variants of an mmap
 * method on an area of four pages, and a log of what the driver saw.
 */
import {PAGE_SIZE, type Pfn, pfn, physicalAddress, userAddress} from '../../source/hardware/address.ts';
import {EAGAIN, EINVAL, ENXIO, EPERM} from '../../source/kernel/errno.ts';
import {fd_install, type file_operations, type inode, O_RDWR} from '../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../source/kernel/fs/file_table.ts';
import {new_inode} from '../../source/kernel/fs/inode.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {__GFP_ZERO, GFP_HIGHUSER, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {
	FAULT_FLAG_WRITE,
	VM_DONTCOPY,
	VM_DONTDUMP,
	VM_DONTEXPAND,
	VM_FAULT_SIGBUS,
	VM_IO,
	VM_PFNMAP,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
	type vm_operations_struct,
} from '../../source/kernel/mm/mm_types.ts';
import {get_page, page_count, page_mapcount, pfn_valid, SetPageReserved} from '../../source/kernel/mm/page.ts';
import {try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {set_page_dirty} from '../../source/kernel/mm/page-writeback.ts';
import {pgprot_noncached, remap_pfn_range, vm_insert_page, vmf_insert_pfn} from '../../source/kernel/mm/remap.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {hex} from './userProgram.ts';

/** In the order of their minor numbers. */
const variants = [
	'RPR_PGOFF',
	'RPR_GFP',
	'RPR_GFP_RES',
	'RPR_HIGH',
	'RPR_MMIO',
	'FAULT',
	'FAULT_HOLE',
	'NOOPS',
	'VMOPS_NULL',
	'OPS_NOFAULT',
	'RPR_OPS',
	'FAULT_OPS',
	'FAULT_NOPAGE',
	'INSERT',
	'NOMMAP',
	'ERR',
	'COHERENT',
	'VMALLOC',
	'SIMPLE_NOPAGE',
	'RESERVED_OPS',
	'DONTCOPY',
	'IO_FAULT',
	'AIO',
	'FAULT_ONLYRO',
	'RPR_ARGS',
] as const;
export type Variant = (typeof variants)[number];

const areaPages = 4;
/** Where QEMU puts the registers of its edu device; a byte read of them answers zero. */
const mmioBar = 0xfe90_0000;

type Event = Readonly<Record<string, string | number>>;

export type TruthDriver = {
	readonly k: Kernel;
	readonly nodes: ReadonlyMap<Variant, inode>;
	readonly areas: Readonly<Record<'gfp' | 'reserved' | 'high' | 'vmalloc' | 'coherent', readonly Pfn[]>>;
	readonly events: Event[];
	opens: number;
	closes: number;
};

/** One block of 2^order pages, whose pages are counted one by one (split_page) or as one. */
function area(k: Kernel, gfp: number, order: number, split: boolean): Pfn[] {
	const first = try_alloc_pages(k, gfp | __GFP_ZERO, order);
	if (first === undefined) throw new Error('no memory for the test driver');
	const frames = Array.from({length: 2 ** order}, (_, index) => pfn(first + index));
	for (const frame of frames) k.mem_map._count[frame] = split || frame === first ? 1 : 0;
	return frames;
}

export function loadTruthDriver(k: Kernel): TruthDriver {
	const [high] = area(k, GFP_HIGHUSER, 0, true);
	const areas = {
		gfp: area(k, GFP_KERNEL, 2, true),
		reserved: area(k, GFP_KERNEL, 2, true),
		high: [high!, high!, high!, high!],
		vmalloc: [0, 0, 0, 0].map(() => area(k, GFP_HIGHUSER, 0, true)[0]!),
		coherent: area(k, GFP_KERNEL, 2, false),
	};
	for (const frame of areas.reserved) SetPageReserved(k, frame);
	// The edu device answers bytes with zero; so does the reserved first register of the local APIC.
	for (const [name, start, sizeBytes] of [
		['edu', mmioBar, 1 << 20],
		['Local APIC', 0xfee0_0000, PAGE_SIZE],
	] as const)
		k.hw.bus.addRegion({name, start: physicalAddress(start), sizeBytes, read: () => 0, write: () => {}});
	const driver: TruthDriver = {k, nodes: new Map(), areas, events: [], opens: 0, closes: 0};
	const nodes = driver.nodes as Map<Variant, inode>;
	const s_dev = {major: 0, minor: 5};
	for (const variant of variants)
		nodes.set(variant, new_inode(k, {kind: 'chrdev', s_dev, i_fop: fileOperations(driver, variant)}));
	// The sequences before those in the file wrote to the area through shared mappings.
	for (const frame of [...areas.gfp, ...areas.vmalloc]) set_page_dirty(k, frame);
	return driver;
}

/** Fills the area with what every sequence starts from. */
export function resetAreas({k, areas, events}: TruthDriver): void {
	const bytes = {gfp: 0xa0, reserved: 0xb0, high: 0xc0, vmalloc: 0xd0, coherent: 0xe0} as const;
	for (const [name, first] of Object.entries(bytes) as [keyof typeof bytes, number][])
		for (const [index, frame] of areas[name].entries()) {
			const page = k.hw.ram.pageForWrite(frame);
			page.fill(0);
			page[0] = first + (name === 'high' ? 0 : index);
		}
	events.length = 0;
}

/** The area that a variant maps, as its statistics count it. */
function areaOf({areas}: TruthDriver, variant: Variant): readonly Pfn[] {
	if (variant === 'RPR_GFP_RES') return areas.reserved;
	if (variant === 'RPR_HIGH') return areas.high;
	if (variant === 'VMALLOC') return areas.vmalloc;
	return variant === 'COHERENT' ? areas.coherent : areas.gfp;
}

export const statistics = (driver: TruthDriver, variant: Variant) => ({
	page_count: areaOf(driver, variant).map(frame => page_count(driver.k, frame)),
	mapcount: areaOf(driver, variant).map(frame => page_mapcount(driver.k, frame)),
	opens: driver.opens,
	closes: driver.closes,
});

/** First bytes of the area's pages. */
export const driverSees = (driver: TruthDriver, variant: Variant) =>
	areaOf(driver, variant).map(frame => driver.k.hw.ram.page(frame)[0]!);

/** Opens a device node whose mmap method is given. */
export function openWith({k}: TruthDriver, path: string, mmap: NonNullable<file_operations['mmap']>): number {
	const inode = new_inode(k, {kind: 'chrdev', s_dev: {major: 0, minor: 5}, i_fop: {name: 'truth_fops', mmap}});
	return fd_install(k.cpu.current.files, get_empty_filp(k, path, inode, O_RDWR));
}

export function openDevice(driver: TruthDriver, variant: Variant, flags = O_RDWR): number {
	const {k} = driver;
	const path = `/dev/truth${variants.indexOf(variant)}`;
	return fd_install(k.cpu.current.files, get_empty_filp(k, path, driver.nodes.get(variant)!, flags));
}

// ── methods ────────────────────────────────────────────────────────────────────────────────────────────────────────

const range = (vma: vm_area_struct) => ({start: hex(vma.vm_start), end: hex(vma.vm_end), pgoff: vma.vm_pgoff});

function vmOps(driver: TruthDriver, variant: Variant): vm_operations_struct {
	const {k, events} = driver;
	const name = `truth_${variant.toLowerCase()}_vm_ops`;
	function* fault(
		_k: Kernel,
		vma: vm_area_struct,
		vmf: Parameters<NonNullable<vm_operations_struct['fault']>>[2],
	): Sleeps<number> {
		const event = {ev: 'fault', addr: hex(vmf.virtual_address), pgoff: vmf.pgoff, write: vmf.flags & FAULT_FLAG_WRITE};
		const frame = faultFrame(driver, variant, vmf.pgoff);
		if (frame === undefined) {
			events.push({...event, result: 'SIGBUS'});
			return VM_FAULT_SIGBUS;
		}
		if (variant === 'FAULT_NOPAGE') {
			events.push({...event, result: 'NOPAGE'});
			return vmf_insert_pfn(k, vma, vmf.virtual_address, frame);
		}
		get_page(k, frame);
		vmf.page = frame;
		events.push({...event, result: 'page'});
		return 0;
	}
	const withFault = !['RPR_OPS', 'OPS_NOFAULT'].includes(variant);
	const faults = withFault ? {name, fault} : {name};
	if (!callsOpen.has(variant)) return faults;
	return {
		...faults,
		open(_k, vma) {
			driver.opens++;
			events.push({ev: 'open', ...range(vma)});
		},
		close(_k, vma) {
			driver.closes++;
			events.push({ev: 'close', ...range(vma)});
		},
	};
}

/** Variants with open and close methods, which call the first themselves, as LDD3's simple does. */
const callsOpen: ReadonlySet<Variant> = new Set([
	'RPR_OPS',
	'OPS_NOFAULT',
	'FAULT_OPS',
	'FAULT_NOPAGE',
	'RESERVED_OPS',
	'DONTCOPY',
	'IO_FAULT',
]);

function faultFrame(driver: TruthDriver, variant: Variant, pgoff: number): Pfn | undefined {
	const {k} = driver;
	if (variant === 'SIMPLE_NOPAGE') return pfn_valid(k, pgoff) && page_count(k, pfn(pgoff)) > 0 ? pfn(pgoff) : undefined;
	if (variant === 'FAULT_HOLE' && pgoff === 1) return undefined;
	return areaOf(driver, variant)[pgoff];
}

/** Flags that a variant's mmap method adds. */
const addedFlags: Partial<Record<Variant, number>> = {
	FAULT_NOPAGE: VM_PFNMAP | VM_IO,
	RESERVED_OPS: VM_DONTEXPAND | VM_DONTDUMP,
	DONTCOPY: VM_DONTCOPY,
	IO_FAULT: VM_IO,
};

const bytesOf = (vma: vm_area_struct) => vma.vm_end - vma.vm_start;

/** What a variant's mmap method does; undefined when it leaves before its last line. */
function mapArea(driver: TruthDriver, variant: Variant, vma: vm_area_struct): number | undefined {
	const {k, areas} = driver;
	const whole = (frame: Pfn) => remap_pfn_range(k, vma, vma.vm_start, frame, bytesOf(vma), vma.vm_page_prot);
	switch (variant) {
		case 'RPR_PGOFF':
			return whole(pfn(vma.vm_pgoff));
		case 'RPR_GFP':
		case 'RPR_OPS':
			return whole(pfn(areas.gfp[0]! + vma.vm_pgoff));
		case 'RPR_GFP_RES':
			return whole(pfn(areas.reserved[0]! + vma.vm_pgoff));
		case 'RPR_MMIO':
			vma.vm_page_prot = pgprot_noncached(vma.vm_page_prot);
			return whole(pfn(mmioBar / PAGE_SIZE + vma.vm_pgoff));
		case 'RPR_HIGH':
			for (let at = 0; at < bytesOf(vma); at += PAGE_SIZE) {
				const to = userAddress(vma.vm_start + at);
				const error = remap_pfn_range(k, vma, to, areas.high[0]!, PAGE_SIZE, vma.vm_page_prot);
				if (error < 0) return error;
			}
			return 0;
		case 'COHERENT':
			if (vma.vm_pgoff + bytesOf(vma) / PAGE_SIZE > areaPages) return -ENXIO;
			return whole(pfn(areas.coherent[0]! + vma.vm_pgoff));
		case 'INSERT':
			for (let page = 0; page < Math.min(areaPages, bytesOf(vma) / PAGE_SIZE); page++) {
				const error = vm_insert_page(k, vma, userAddress(vma.vm_start + page * PAGE_SIZE), areas.gfp[page]!);
				if (error < 0) return error;
			}
			return 0;
		case 'VMOPS_NULL':
			vma.vm_ops = null;
			return 0;
		case 'ERR':
			return undefined;
		default:
			return 0;
	}
}

export const mmapEvent = (vma: vm_area_struct): Event => ({
	ev: 'mmap',
	...range(vma),
	vm_flags: hex(vma.vm_flags),
	page_prot: hex(vma.vm_page_prot),
});

const remapsOnly: ReadonlySet<Variant> = new Set([
	'RPR_PGOFF',
	'RPR_GFP',
	'RPR_GFP_RES',
	'RPR_HIGH',
	'RPR_MMIO',
	'NOOPS',
	'VMOPS_NULL',
	'INSERT',
	'COHERENT',
	'ERR',
]);

function fileOperations(driver: TruthDriver, variant: Variant): file_operations {
	const name = `truth_${variant.toLowerCase()}_fops`;
	if (variant === 'NOMMAP') return {name};
	const ops = vmOps(driver, variant);
	return {
		name,
		*mmap(_k, _file, vma) {
			driver.events.push(mmapEvent(vma));
			if (variant === 'FAULT_ONLYRO' && (vma.vm_flags & VM_WRITE) !== 0) return -EPERM;
			if (variant === 'FAULT_NOPAGE' && (vma.vm_flags & (VM_SHARED | VM_WRITE)) === VM_WRITE) return -EINVAL;
			const result = mapArea(driver, variant, vma);
			if (result === undefined) return -EAGAIN;
			if (result === 0) {
				if (!remapsOnly.has(variant)) vma.vm_ops = ops;
				vma.vm_flags |= addedFlags[variant] ?? 0;
				if (callsOpen.has(variant)) ops.open!(_k, vma);
			}
			driver.events.push({ev: 'mmap_done', ret: result, vm_flags: hex(vma.vm_flags)});
			return result;
		},
	};
}
