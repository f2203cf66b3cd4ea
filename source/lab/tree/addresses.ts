/** All addresses of one frame, each with the reason where there is none. */
import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {type dma_debug_entry, eachMapping} from '../../kernel/dma/entries.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {type AtomicSlotView, kmapAtomicSlots} from '../../kernel/mm/kmap_atomic.ts';
import type {vm_area_struct} from '../../kernel/mm/mm_types.ts';
import {lowmem_page_address, PageHighMem} from '../../kernel/mm/page.ts';
import {everyMapperOf} from '../../kernel/mm/rmap.ts';
import type {task_struct} from '../../kernel/sched.ts';

type Explained = {readonly address: number} | {readonly reason: string};

const hexPfn = (frame: number) => `pfn ${prefixedHex(frame)}`;

export const logicalOf = (k: Kernel, frame: Pfn): Explained =>
	PageHighMem(k, frame)
		? {reason: `${hexPfn(frame)} is high memory: it has no logical address`}
		: {address: lowmem_page_address(frame)};

/** Where kmap() has the frame; low memory is mapped always. */
export function kmapOf(k: Kernel, frame: Pfn): Explained {
	if (!PageHighMem(k, frame)) return {reason: `${hexPfn(frame)} is low memory: kmap() gives its logical address`};
	const slot = k.highmem.slotOf.get(frame);
	if (slot === undefined) return {reason: `${hexPfn(frame)} is high memory and not mapped by kmap()`};
	return {address: k.layout.PKMAP_BASE + slot * PAGE_SIZE};
}

export function vmallocOf(k: Kernel, frame: Pfn): Explained {
	for (const {area} of k.vmalloc.busy) {
		const index = area?.pages.indexOf(frame) ?? -1;
		if (area && index >= 0) return {address: area.addr + index * PAGE_SIZE};
	}
	return {reason: `no vmalloc area holds ${hexPfn(frame)}`};
}

export const atomicOf = (k: Kernel, frame: Pfn): AtomicSlotView[] =>
	kmapAtomicSlots(k).filter(({pfn}) => pfn === frame);

type Seen = {readonly task: task_struct; readonly vma: vm_area_struct; readonly address: number};

/** Tasks that see the frame, and where. One a thread group. */
export const mappersOfFrame = (k: Kernel, frame: Pfn): Seen[] =>
	everyMapperOf(k, frame).flatMap(({vma, address}) =>
		[...k.sched.tasks.values()]
			.filter(task => task.mm === vma.vm_mm && task.pid === task.tgid)
			.map(task => ({task, vma, address})),
	);

const covers = (frame: number, start: number, size: number) =>
	Math.floor(start / PAGE_SIZE) <= frame && frame <= Math.floor((start + size - 1) / PAGE_SIZE);

/** Live DMA mappings that reach into the frame. */
export const dmaMappingsOf = (k: Kernel, frame: Pfn): dma_debug_entry[] =>
	eachMapping(k.dma.mappings).filter(entry => covers(frame, entry.paddr, entry.size));

/** Bus address of the frame's first byte that the mapping covers. */
export const busAddressIn = (entry: dma_debug_entry, frame: Pfn): number =>
	entry.dev_addr + Math.max(0, frame * PAGE_SIZE - entry.paddr);
