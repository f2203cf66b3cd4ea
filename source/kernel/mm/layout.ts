/**
 * Models arch/i386/kernel/setup.c, arch/i386/mm/init.c (arch/x86/kernel/setup.c, mm/init_32.c, mm/pgtable_32.c): where
 * low memory ends, where the kernel's mappings lie, and what boot takes for itself.
 *
 *   0xc0000000          high_memory   VMALLOC_START      VMALLOC_END  PKMAP_BASE     FIXADDR_START  FIXADDR_TOP
 *   | low memory, direct | 8 MiB hole | vmalloc, ioremap | 2 pages    | kmap's table | fixmap       | one page |
 *
 * Not modelled: NUMA, memory hotplug, a kernel that moves itself (KASLR), other splits than 3G/1G.
 */
import {
	type KernelLogicalAddress,
	type KernelVirtualAddress,
	kernelAddress,
	logicalAddress,
	PAGE_SIZE,
	type Pfn,
	type PhysicalAddress,
	pfn,
	pfnToPhys,
} from '../../hardware/address.ts';
import type {KernelBuild, KernelImage} from '../build.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {type BootRange, reserveBootMemory} from './bootmem.ts';
import {FIXADDR_TOP, type Fixmap, fix_to_virt, numberFixmap} from './fixmap.ts';
import {buildKernelTables} from './init_tables.ts';
import {createMemMap, PAGE_OFFSET, pfn_valid} from './page.ts';

const VMALLOC_RESERVE = 128 << 20;
const pages = (bytes: number) => Math.floor(bytes / PAGE_SIZE);

export type MemoryLayout = {
	readonly build: KernelBuild;
	/** First frame behind all RAM. */
	readonly max_pfn: number;
	/** First frame that has no logical address. */
	readonly max_low_pfn: number;
	readonly highstart_pfn: number;
	readonly highend_pfn: number;
	/** First kernel address behind the direct mapping. */
	readonly high_memory: KernelVirtualAddress;
	readonly VMALLOC_START: KernelVirtualAddress;
	readonly VMALLOC_END: KernelVirtualAddress;
	readonly PKMAP_BASE: KernelVirtualAddress;
	readonly LAST_PKMAP: number;
	readonly fixmap: Fixmap;
	readonly FIXADDR_TOP: KernelVirtualAddress;
	readonly FIXADDR_START: KernelVirtualAddress;
	readonly FIXADDR_BOOT_START: KernelVirtualAddress;
	readonly FIX_KMAP_BEGIN: number;
	readonly FIX_KMAP_END: number;
	/** 0 in kernels without a per-CPU entry area. */
	readonly CPU_ENTRY_AREA_BASE: number;
	readonly LDT_BASE_ADDR: number;
	readonly swapper_pg_dir: PhysicalAddress;
	readonly empty_zero_page: Pfn;
	/** Where the kernel's own array of struct page lies. */
	readonly mem_map: KernelLogicalAddress;
	readonly image: KernelImage;
	/** Frames of swiotlb's pool, where the machine was booted with one. */
	readonly bouncePool: BootRange | undefined;
	/** Frames that boot keeps, in order: the allocator never gets them. */
	readonly reserved: readonly BootRange[];
	/** Frames that are RAM, in order. */
	readonly ram: readonly {readonly start: number; readonly end: number}[];
};

/** CONFIG_DEBUG_KMAP_LOCAL: every second slot stays empty as a guard, so there are twice as many and one. */
export const debugsKmapLocal = (k: Kernel): boolean => k.era.hasKmapLocal && k.config.debug.highmem;

/** KM_TYPE_NR or KM_MAX_IDX: fixmap slots of one CPU. */
export const kmapSlotsPerCpu = (k: Kernel): number =>
	debugsKmapLocal(k) ? 2 * k.era.kmapSlotsPerCpu + 1 : k.era.kmapSlotsPerCpu;

/** Where the mappings above low memory lie; independent of how much memory there is. */
function placeMappings(k: Kernel, build: KernelBuild) {
	const {largePageBytes, entriesPerTable, entryBytes} = k.hw.paging;
	const down = (address: number) => address - (address % largePageBytes);
	const LAST_PKMAP = entryBytes === 8 ? 512 : 1024;
	const kmapSlots = kmapSlotsPerCpu(k);
	const fixmap = numberFixmap(k.era, build, entriesPerTable, kmapSlots);
	const FIXADDR_BOOT_START = FIXADDR_TOP - fixmap.all * PAGE_SIZE;
	const entryPages = k.era.cpuEntryAreaPagesPerCpu * build.NR_CPUS;
	const CPU_ENTRY_AREA_BASE = entryPages === 0 ? 0 : down(FIXADDR_BOOT_START - PAGE_SIZE * (entryPages + 1));
	const LDT_BASE_ADDR = entryPages === 0 ? 0 : down(CPU_ENTRY_AREA_BASE - PAGE_SIZE);
	const PKMAP_BASE =
		entryPages === 0 ? down(FIXADDR_BOOT_START - PAGE_SIZE * (LAST_PKMAP + 1)) : down(LDT_BASE_ADDR - PAGE_SIZE);
	const FIX_KMAP_BEGIN = fixmap.first.get('kmap')!;
	return {
		fixmap,
		FIXADDR_TOP: kernelAddress(FIXADDR_TOP),
		FIXADDR_START: kernelAddress(FIXADDR_TOP - fixmap.permanent * PAGE_SIZE),
		FIXADDR_BOOT_START: kernelAddress(FIXADDR_BOOT_START),
		FIX_KMAP_BEGIN,
		FIX_KMAP_END: FIX_KMAP_BEGIN + kmapSlots * build.NR_CPUS - 1,
		CPU_ENTRY_AREA_BASE,
		LDT_BASE_ADDR,
		PKMAP_BASE: kernelAddress(PKMAP_BASE),
		LAST_PKMAP,
		VMALLOC_END: kernelAddress(PKMAP_BASE - 2 * PAGE_SIZE),
	};
}

/** Frames that a page-table entry of four bytes can name. */
const MAX_NONPAE_PFN = 0x10_0000;

/** Frames of RAM as the firmware tells, whole ones only. */
function ramRanges(k: Kernel): {start: number; end: number}[] {
	const first = k.era.frameZeroIsRam ? 0 : 1;
	const isSeen = ({start}: {readonly start: number}) =>
		k.hw.paging.entryBytes === 8 || k.era.memoryAbove4GiB === 'cut off' || pages(start) < MAX_NONPAE_PFN;
	return k.hw.config.firmwareMap
		.filter(range => range.usable && isSeen(range))
		.map(range => ({start: Math.max(first, Math.ceil(range.start / PAGE_SIZE)), end: pages(range.end)}))
		.filter(range => range.end > range.start)
		.sort((a, b) => a.start - b.start);
}

/** Where low memory ends and all memory ends, in frames. @see find_max_low_pfn() */
function splitMemory(k: Kernel, ramEnd: number, VMALLOC_END: number): {max_pfn: number; max_low_pfn: number} {
	const limit =
		k.era.lowmemEndsAt === '896 MiB'
			? pages(0x1_0000_0000 - PAGE_OFFSET - VMALLOC_RESERVE)
			: pages(VMALLOC_END - PAGE_OFFSET - VMALLOC_RESERVE);
	const wanted = k.config.highmemBytes === undefined ? undefined : pages(k.config.highmemBytes);
	const mib = (frames: number) => frames >> 8;
	const isTooMuch = k.hw.paging.entryBytes === 4 && ramEnd > MAX_NONPAE_PFN;
	const addressable = isTooMuch ? MAX_NONPAE_PFN : ramEnd;
	if (addressable > limit) {
		if (wanted === undefined) {
			if (isTooMuch) {
				printk(k, 4, 'Warning only 4GB will be used.');
				printk(k, 4, 'Use a PAE enabled kernel.');
			}
			return {max_pfn: addressable, max_low_pfn: limit};
		}
		if (limit + wanted <= addressable) return {max_pfn: limit + wanted, max_low_pfn: limit};
		printk(
			k,
			3,
			`only ${mib(addressable - limit)}MB highmem pages available, ignoring highmem size of ${mib(wanted)}MB.`,
		);
		return {max_pfn: addressable, max_low_pfn: limit};
	}
	if (wanted === undefined || wanted === 0) return {max_pfn: addressable, max_low_pfn: addressable};
	if (wanted >= addressable) {
		printk(k, 3, `highmem size specified (${mib(wanted)}MB) is bigger than pages available (${mib(addressable)}MB)!.`);
		return {max_pfn: addressable, max_low_pfn: addressable};
	}
	if (addressable - wanted < pages(64 << 20)) {
		printk(k, 3, `highmem size ${mib(wanted)}MB results in smaller than 64MB lowmem, ignoring it!`);
		return {max_pfn: addressable, max_low_pfn: addressable};
	}
	return {max_pfn: addressable, max_low_pfn: addressable - wanted};
}

/** Frames of the tables in bss, behind what early boot needs. */
function bssTables(k: Kernel, image: KernelImage): {swapper: Pfn; zero: Pfn} {
	const bss = pages(image.bssStart);
	if (!k.era.bssStartsWithTables) return {swapper: pfn(bss), zero: pfn(bss + 1)};
	const isolated = k.hw.paging.entryBytes === 8 && k.era.pageTableIsolation;
	return isolated ? {swapper: pfn(bss + 4), zero: pfn(bss + 6)} : {swapper: pfn(bss + 2), zero: pfn(bss + 3)};
}

/**
 * Decides the layout, makes mem_map, marks what boot keeps, and writes the kernel's page tables.
 * Sets `k.layout` and `k.mem_map`.
 */
export function setup_memory(k: Kernel): void {
	const build = k.config.build ?? k.era.build;
	const mappings = placeMappings(k, build);
	const ram = ramRanges(k);
	const {max_pfn, max_low_pfn} = splitMemory(k, ram.at(-1)!.end, mappings.VMALLOC_END);
	const high_memory = PAGE_OFFSET + max_low_pfn * PAGE_SIZE;
	const {swapper, zero} = bssTables(k, build.image);
	const boot = reserveBootMemory(k, build, ram, max_pfn, max_low_pfn);
	k.layout = {
		...mappings,
		build,
		max_pfn,
		max_low_pfn,
		highstart_pfn: max_low_pfn,
		highend_pfn: max_pfn,
		high_memory: kernelAddress(high_memory),
		VMALLOC_START: kernelAddress(k.era.VMALLOC_START(high_memory)),
		swapper_pg_dir: pfnToPhys(swapper),
		empty_zero_page: zero,
		mem_map: logicalAddress(PAGE_OFFSET + boot.memMapPfn * PAGE_SIZE),
		image: build.image,
		bouncePool: boot.bouncePool,
		reserved: boot.reserved,
		ram: ram.map(({start, end}) => ({start, end: Math.min(end, max_pfn)})).filter(({start, end}) => end > start),
	};
	k.mem_map = createMemMap(max_pfn);
	printk(k, 5, `${(max_pfn - max_low_pfn) >> 8}MB HIGHMEM available.`);
	printk(k, 5, `${max_low_pfn >> 8}MB LOWMEM available.`);
	buildKernelTables(k, boot.tables);
}

/** Kernel address of the struct page of a frame, as tracepoints print it. */
export const pageStructAddress = (k: Kernel, frame: Pfn): KernelVirtualAddress =>
	kernelAddress(k.layout.mem_map + frame * k.era.sizeofStructPage);

/** Fixmap address of a kmap_atomic slot. */
export const kmapSlotAddress = (k: Kernel, slot: number): KernelVirtualAddress =>
	fix_to_virt(k.layout.FIX_KMAP_BEGIN + slot);

/** Whether an address lies in the range of vmalloc and ioremap. */
export const is_vmalloc_addr = (k: Kernel, address: number): boolean =>
	address >= k.layout.VMALLOC_START && address < k.layout.VMALLOC_END;

/**
 * Whether __pa() of an address names a frame that has a struct page; true for some that are not logical, as in Linux.
 */
export const virt_addr_valid = (k: Kernel, address: number): boolean =>
	address >= PAGE_OFFSET &&
	!is_vmalloc_addr(k, address) &&
	address < k.layout.FIXADDR_START &&
	pfn_valid(k, pages(address - PAGE_OFFSET));
