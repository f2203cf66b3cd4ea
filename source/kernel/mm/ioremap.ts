/**
 * Models arch/i386/mm/ioremap.c (arch/x86/mm/ioremap.c) and asm/io.h: device memory mapped into the kernel, and the
 * only way to touch it. Every access goes over the system bus.
 *
 * Not modelled: memory types beyond uncached (PAT, MTRR), early_ioremap().
 */
import {
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	type Pfn,
	type PhysicalAddress,
	pageAlignDown,
	pageAlignUp,
	pfn,
} from '../../hardware/address.ts';
import type {AccessWidth} from '../../hardware/bus.ts';
import {COST} from '../../hardware/costs.ts';
import {WARN} from '../bug.ts';
import {charge} from '../cpu.ts';
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {might_sleep} from '../sched.ts';
import {translateOrOops} from './access.ts';
import {PAGE_OFFSET, PageReserved, pfn_valid} from './page.ts';
import {find_vm_area, get_vm_area, map_vm_area, remove_vm_area} from './vmalloc.ts';

const ISA_START = 0xa_0000;
const ISA_END = 0x10_0000;

const isRam = (k: Kernel, frame: number) => k.layout.ram.some(range => frame >= range.start && frame < range.end);

/** Whether a range touches RAM that the kernel manages, as far as the era looks. */
function refused(k: Kernel, first: number, last: number): boolean {
	const managed = (frame: number) => isRam(k, frame) && pfn_valid(k, frame) && !PageReserved(k, frame as Pfn);
	const rule = k.era.ioremapOfRamRefused;
	const end = rule === 'all but the last page' ? last - 1 : last;
	for (let frame = first; frame <= end; frame++) {
		if (rule === 'in low memory' && frame >= k.layout.max_low_pfn) return false;
		if (rule === 'everywhere' ? isRam(k, frame) && managed(frame) : managed(frame)) return true;
	}
	return false;
}

/**
 * Maps device memory. The offset within the page is kept.
 * @param sizeBytes how much of it
 * @param caller symbol of the caller, for vmallocinfo
 * @returns undefined for an empty or wrapping range, for RAM, and when addresses are out
 */
export function ioremap(
	k: Kernel,
	physical: PhysicalAddress,
	sizeBytes: number,
	caller: string,
): KernelVirtualAddress | undefined {
	might_sleep(k, k.era.allocMightSleepAt);
	const last = physical + sizeBytes - 1;
	const limit = k.hw.paging.entryBytes === 8 ? 0x10_0000_0000 : 0x1_0000_0000;
	if (sizeBytes <= 0 || last >= limit) return undefined;
	if (k.era.ioremapOfIsaHoleIsLogical && physical >= ISA_START && last < ISA_END)
		return kernelAddress(PAGE_OFFSET + physical);
	const start = pageAlignDown(physical);
	const size = pageAlignUp(last + 1) - start;
	if (refused(k, start / PAGE_SIZE, Math.floor(last / PAGE_SIZE))) {
		if (k.era.ioremapOfRamRefused === 'everywhere') {
			printk(k, 4, `ioremap on RAM at 0x${hex8(physical)} - 0x${hex8(last)}`);
			WARN(k, 'arch/x86/mm/ioremap.c');
		}
		return undefined;
	}
	const area = get_vm_area(k, {
		sizeBytes: size,
		kind: 'ioremap',
		caller,
		align: k.era.ioremapAlignment(size),
		phys_addr: start,
	});
	if (!area) return undefined;
	const frames = Array.from({length: size / PAGE_SIZE}, (_, i) => pfn(start / PAGE_SIZE + i));
	if (!map_vm_area(k, area, frames, k.era.ioremapProtection)) {
		remove_vm_area(k, area);
		return undefined;
	}
	return kernelAddress(area.addr + (physical - start));
}

/** Undoes ioremap(); harmless for the logical addresses that it may have given. */
export function iounmap(k: Kernel, address: KernelVirtualAddress): void {
	if (address < k.layout.high_memory) return;
	const area = find_vm_area(k, kernelAddress(pageAlignDown(address)));
	if (!area) {
		printk(k, 3, `iounmap: bad address ${hex8(address)}`);
		return;
	}
	remove_vm_area(k, area);
}

function mmioRead(k: Kernel, address: KernelVirtualAddress, width: AccessWidth): number {
	charge(k, COST.mmioReadNs);
	return k.hw.bus.read(translateOrOops(k, address, false), width);
}

function mmioWrite(k: Kernel, address: KernelVirtualAddress, width: AccessWidth, value: number): void {
	charge(k, COST.mmioWriteNs);
	k.hw.bus.write(translateOrOops(k, address, true), width, value);
}
/** Device registers through an ioremap() address; each access costs a trip over the bus. */
export const readb = (k: Kernel, address: KernelVirtualAddress): number => mmioRead(k, address, 1);
export const readw = (k: Kernel, address: KernelVirtualAddress): number => mmioRead(k, address, 2);
export const readl = (k: Kernel, address: KernelVirtualAddress): number => mmioRead(k, address, 4);
export const writeb = (k: Kernel, value: number, address: KernelVirtualAddress): void =>
	mmioWrite(k, address, 1, value);
export const writew = (k: Kernel, value: number, address: KernelVirtualAddress): void =>
	mmioWrite(k, address, 2, value);
export const writel = (k: Kernel, value: number, address: KernelVirtualAddress): void =>
	mmioWrite(k, address, 4, value);
