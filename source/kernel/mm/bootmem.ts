/**
 * Models mm/bootmem.c (up to 2.6.3x) and mm/memblock.c: what boot takes before the page allocator exists. Old kernels
 * look upwards from MAX_DMA_ADDRESS, new ones downwards from the end of low memory.
 *
 * Not modelled: bootmem's bitmap itself, firmware tables in RAM other than what the memory map leaves out.
 */
import {PAGE_SIZE, type Pfn, pfn} from '../../hardware/address.ts';
import type {KernelBuild} from '../build.ts';
import type {Kernel} from '../kernel.ts';
import {MAX_DMA_PFN} from './zone.ts';

/** Frames [start, end) and who keeps them. */
export type BootRange = {readonly name: string; readonly start: number; readonly end: number};

type BootMemory = {
	readonly reserved: readonly BootRange[];
	readonly memMapPfn: Pfn;
	/** The pool of swiotlb, where the machine was booted with one. */
	readonly bouncePool: BootRange | undefined;
	/** Frames for the kernel's early page tables. */
	readonly tables: {next: number; readonly end: number};
};

type RamRange = {readonly start: number; readonly end: number};

const pagesFor = (bytes: number) => Math.ceil(bytes / PAGE_SIZE);

/** Hash tables whose size follows low memory: dentry and inode cache. @see alloc_large_system_hash() */
function hashPages(lowPages: number): number {
	const table = (scale: number) => {
		const entries = (Math.ceil(lowPages / 256) * 256) / 2 ** (scale - 12);
		return pagesFor(2 ** Math.ceil(log2(entries)) * 4);
	};
	return table(13) + table(14);
}

/** Base-2 logarithm, rounded up; exact for powers of two. */
function log2(value: number): number {
	let bits = 0;
	while (2 ** bits < value) bits++;
	return bits;
}

const BOUNCE_BYTES = 64 << 20;
const BOUNCE_SLOT_BYTES = 2048;
/** Notes about one slot. @see struct io_tlb_slot */
const BOUNCE_NOTE_BYTES = 16;

/** First frame that 32 address bits do not reach. */
const MAX_DMA32_PFN = 0x10_0000;

/** Frames of the bounce pool: 64 MiB, or an eighth of low memory in whole 4 MiB; none where nothing asks for it. */
function bouncePages(k: Kernel, max_pfn: number, lowPages: number): number {
	const isAsked = k.config.swiotlb !== 'off' || (k.era.swiotlbAbove4GiB && max_pfn > MAX_DMA32_PFN);
	if (!isAsked) return 0;
	return Math.min(BOUNCE_BYTES / PAGE_SIZE, Math.floor(lowPages / 8 / 1024) * 1024);
}

/** The part of the image that stays after boot, without its init section. */
function imageRanges(build: KernelBuild): BootRange[] {
	const {image} = build;
	return [
		{name: 'kernel', start: Math.floor(image.start / PAGE_SIZE), end: Math.floor(image.initStart / PAGE_SIZE)},
		{name: 'kernel bss', start: Math.floor(image.bssStart / PAGE_SIZE), end: pagesFor(image.bssEnd)},
	];
}

/** Takes boot's memory and says where everything came to lie. */
export function reserveBootMemory(
	k: Kernel,
	build: KernelBuild,
	ram: readonly RamRange[],
	max_pfn: number,
	max_low_pfn: number,
): BootMemory {
	const lowEnd = Math.min(max_low_pfn, ram.findLast(range => range.start < max_low_pfn)!.end);
	const low = pagesFor(k.era.reservedLowBytes);
	const reserved: BootRange[] = [
		{name: 'firmware', start: 0, end: low},
		{name: 'trampoline', start: Math.max(low, 0x98), end: Math.max(low, 0x98) + k.era.trampolinePages},
		...imageRanges(build),
	];
	const initrd = pagesFor(build.initrdBytes);
	const memMap = pagesFor(max_pfn * k.era.sizeofStructPage);
	const bounce = bouncePages(k, max_pfn, max_low_pfn);
	const notes = pagesFor(((bounce * PAGE_SIZE) / BOUNCE_SLOT_BYTES) * BOUNCE_NOTE_BYTES);
	const rest = hashPages(max_low_pfn) + build.bootPages + notes;
	const onTop = build.bootPagesOnTop ?? 0;
	let memMapPfn: number;
	let restPfn: number;
	let bouncePfn: number;
	if (k.era.bootAllocatesDown) {
		memMapPfn = lowEnd - onTop - initrd - memMap;
		restPfn = memMapPfn - rest;
		bouncePfn = restPfn - bounce;
	} else {
		memMapPfn = Math.max(MAX_DMA_PFN, pagesFor(build.image.bssEnd));
		restPfn = memMapPfn + memMap;
		bouncePfn = restPfn + rest;
		if (bouncePfn + bounce > lowEnd - onTop - initrd)
			throw new Error('low memory is too small for mem_map and the boot tables');
	}
	reserved.push({name: 'boot tables', start: lowEnd - onTop, end: lowEnd});
	reserved.push({name: 'mem_map', start: memMapPfn, end: memMapPfn + memMap});
	reserved.push({name: 'boot tables', start: restPfn, end: restPfn + rest});
	const bouncePool = bounce === 0 ? undefined : {name: 'swiotlb', start: bouncePfn, end: bouncePfn + bounce};
	if (bouncePool) reserved.push(bouncePool);
	return {
		reserved: reserved.filter(range => range.end > range.start).sort((a, b) => a.start - b.start),
		memMapPfn: pfn(memMapPfn),
		bouncePool,
		tables: {next: restPfn, end: restPfn + rest},
	};
}
