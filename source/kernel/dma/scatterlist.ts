/**
 * Models include/linux/scatterlist.h, lib/scatterlist.c and dma_map_sg(): a buffer in pieces, each of which the device
 * gets as an address and a length. Program the device with as many entries as dma_map_sg() returns; unmap with as many
 * as it was given.
 *
 * Not modelled: chained tables (an array has no end of a page), sg_miter.
 */
import {
	type BusAddress,
	busAddress,
	type KernelLogicalAddress,
	PAGE_SIZE,
	type Pfn,
	type PhysicalAddress,
	pfn,
	physicalAddress,
	physToPfn,
} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {BUG} from '../bug.ts';
import {charge} from '../cpu.ts';
import type {device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {oops} from '../mm/access.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import {trace} from '../trace.ts';
import type {Touched} from '../trace_touch.ts';
import {lendToDevice} from './caches.ts';
import {
	add_dma_entry,
	check_for_illegal_area,
	check_for_stack,
	check_sg_segment,
	check_sync,
	check_unmap,
	get_nr_mapped_entries,
} from './debug.ts';
import {DMA_NONE, deviceWrites, directionName, type dma_data_direction} from './direction.ts';
import type {dma_ref} from './entries.ts';
import {alloc_iommu, iommuEnter} from './iommu.ts';
import {DMA_ATTR_SKIP_CPU_SYNC} from './mapping.ts';
import {mapPhysical, syncBus, unmapBus} from './reach.ts';
import {WARN_ONCE} from './report.ts';

export type scatterlist = {
	page: Pfn;
	/** Bytes from the start of the page; may exceed one page for a run of pages. */
	offset: number;
	length: number;
	/** Filled in by dma_map_sg(); read with sg_dma_address() and sg_dma_len(). */
	dma_address: BusAddress;
	dma_length: number;
};

export const sg_dma_address = (sg: scatterlist): BusAddress => sg.dma_address;
export const sg_dma_len = (sg: scatterlist): number => sg.dma_length;
export const sg_phys = (sg: scatterlist): PhysicalAddress => physicalAddress(sg.page * PAGE_SIZE + sg.offset);

/** A table of `nents` empty entries. */
export const sg_alloc_table = (nents: number): scatterlist[] =>
	Array.from({length: nents}, () => ({page: pfn(0), offset: 0, length: 0, dma_address: busAddress(0), dma_length: 0}));

/** @param offset bytes from the start of the page */
export function sg_set_page(sg: scatterlist, page: Pfn, lengthBytes: number, offset: number): void {
	sg.page = page;
	sg.offset = offset;
	sg.length = lengthBytes;
}

/** @param buffer a logical address */
export function sg_set_buf(sg: scatterlist, buffer: KernelLogicalAddress, lengthBytes: number): void {
	const physical = buffer - PAGE_OFFSET;
	sg_set_page(sg, pfn(Math.floor(physical / PAGE_SIZE)), lengthBytes, physical % PAGE_SIZE);
}

/**
 * Whether the IOMMU may lay `next` right behind `previous`: the seam must be at a page boundary, the whole within the
 * device's longest segment. @see arch/x86/kernel/pci-gart_64.c gart_map_sg()
 */
const mayMerge = (dev: device, previous: scatterlist, next: scatterlist, mergedBytes: number): boolean =>
	next.offset % PAGE_SIZE === 0 &&
	(previous.offset + previous.length) % PAGE_SIZE === 0 &&
	mergedBytes + next.length <= dev.dma_parms.max_segment_size;

/** Maps through the IOMMU, with neighbours joined where their seam allows. @returns entries for the device, or 0 */
function iommuMapSg(
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	nents: number,
	direction: dma_data_direction,
): number {
	const state = k.dma.iommu!;
	let out = 0;
	for (let i = 0; i < nents; ) {
		let end = i + 1;
		let bytes = list[i]!.length;
		while (end < nents && mayMerge(dev, list[end - 1]!, list[end]!, bytes)) bytes += list[end++]!.length;
		const run = list.slice(i, end);
		const pages = run.reduce((sum, sg) => sum + Math.ceil(((sg.offset % PAGE_SIZE) + sg.length) / PAGE_SIZE), 0);
		const index = alloc_iommu(state, pages);
		if (index < 0) {
			undoMapped(k, dev, list, out, direction);
			return 0;
		}
		let at = index;
		for (const sg of run) at += iommuEnter(state, dev, at, sg_phys(sg), sg.length, deviceWrites(direction));
		const target = list[out++]!;
		target.dma_address = busAddress(state.hardware.base + index * PAGE_SIZE + (run[0]!.offset % PAGE_SIZE));
		target.dma_length = bytes;
		lendToDevice(k, dev, target.dma_address, bytes);
		i = end;
	}
	for (let i = out; i < nents; i++) list[i]!.dma_length = 0;
	return out;
}

function undoMapped(
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	mapped: number,
	direction: dma_data_direction,
): void {
	for (let i = 0; i < mapped; i++) unmapBus(k, dev, list[i]!.dma_address, list[i]!.dma_length, direction, true);
}

function directMapSg(
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	nents: number,
	direction: dma_data_direction,
	skipCpuSync: boolean,
): number {
	for (let i = 0; i < nents; i++) {
		const sg = list[i]!;
		const address = mapPhysical(k, dev, sg_phys(sg), sg.length, direction, skipCpuSync);
		if (address === undefined) {
			undoMapped(k, dev, list, i, direction);
			// nommu_map_sg and dma_direct_map_sg leave what they wrote in the entries before; a failed list is not to be
			// read.
			for (const each of list.slice(0, nents)) {
				each.dma_address = busAddress(0);
				each.dma_length = 0;
			}
			return 0;
		}
		sg.dma_address = address;
		sg.dma_length = sg.length;
	}
	return nents;
}

/**
 * Lends a buffer in pieces to a device.
 * @param nents entries of `list` that count
 * @returns entries to program the device with (fewer than `nents` where an IOMMU joins them); 0 when it cannot be done
 * @see LDD3 page 450
 */
export function dma_map_sg(
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	nents: number,
	direction: dma_data_direction,
	attrs = 0,
	callers?: readonly string[],
): number {
	if (direction === DMA_NONE) BUG(k, k.era.dmaMappingBug());
	// Behind its last entry a list leads nowhere: sg_next() is NULL.
	if (nents > list.length) oops(k, 0, false, false);
	charge(k, COST.dmaMapNs * nents);
	const skipsCpuSync = (attrs & DMA_ATTR_SKIP_CPU_SYNC) !== 0;
	const mapped = k.dma.iommu
		? iommuMapSg(k, dev, list, nents, direction)
		: directMapSg(k, dev, list, nents, direction, skipsCpuSync);
	const entries = list.slice(0, mapped).map(sg => {
		check_sg_segment(k, dev, sg.dma_length, sg.dma_address);
		check_for_stack(k, dev, sg_phys(sg) + PAGE_OFFSET, sg_phys(sg));
		check_for_illegal_area(k, dev, sg_phys(sg), sg.length);
		return add_dma_entry(k, {
			dev,
			type: 'scather-gather',
			paddr: sg_phys(sg),
			dev_addr: sg.dma_address,
			size: sg.dma_length,
			direction,
			sg_call_ents: nents,
			sg_mapped_ents: mapped,
			skipsCpuSync,
			callers,
		});
	});
	if (mapped === 0 && nents === 0 && k.era.dmaMapSgWarnsOfNothing)
		WARN_ONCE(k, {file: 'kernel/dma/mapping.c', line: 202, function: '__dma_map_sg_attrs'});
	const fields = () => `${dev.bus_id} dir=${directionName(direction)} nents=${nents} ents=${mapped}`;
	const record = trace(k, 'dma_map_sg', fields, touchesEntries(dev, list.slice(0, mapped)));
	for (const {made} of entries) made.record = record;
	return mapped;
}

/** A list with its counts: `nents` is what to program the device with, once it is mapped. */
type sg_table = {readonly sgl: readonly scatterlist[]; readonly orig_nents: number; nents: number};

/** dma_map_sg() with an errno and the counts kept together; 5.8 and later. @returns 0, or -EIO (-EINVAL in 5.10) */
export function dma_map_sgtable(
	k: Kernel,
	dev: device,
	table: sg_table,
	direction: dma_data_direction,
	attrs = 0,
): number {
	const mapped = dma_map_sg(k, dev, table.sgl, table.orig_nents, direction, attrs);
	if (mapped === 0) return k.era.dmaMapSgtableFailure;
	table.nents = mapped;
	return 0;
}

const touchesEntries = (dev: device, list: readonly scatterlist[]): Touched => ({
	device: dev.bus_id,
	bus: list.map(({dma_address: start, dma_length}) => ({start, end: start + Math.max(1, dma_length)})),
	frames: list.map(sg => physToPfn(sg_phys(sg))),
});

const refOf = (dev: device, sg: scatterlist, nents: number, direction: dma_data_direction): dma_ref => ({
	dev,
	type: 'scather-gather',
	paddr: sg_phys(sg),
	dev_addr: sg.dma_address,
	size: sg.dma_length,
	direction,
	sg_call_ents: nents,
});

/** The entries that the device was given: fewer than the list has where an IOMMU joined some. */
const givenEntries = (k: Kernel, list: readonly scatterlist[], nents: number): readonly scatterlist[] =>
	list.slice(0, nents).filter(sg => !k.dma.iommu || sg.dma_length > 0);

/**
 * Takes the pieces back from the device.
 * @param nents as given to dma_map_sg(), not as it returned
 */
export function dma_unmap_sg(
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	nents: number,
	direction: dma_data_direction,
	attrs = 0,
): void {
	if (direction === DMA_NONE) BUG(k, k.era.dmaMappingBug());
	charge(k, COST.dmaMapNs * nents);
	const first = list[0];
	const known = first ? get_nr_mapped_entries(k, refOf(dev, first, nents, direction)) || nents : 0;
	for (const sg of list.slice(0, Math.min(nents, known))) check_unmap(k, refOf(dev, sg, nents, direction), false);
	for (const sg of givenEntries(k, list, nents))
		unmapBus(k, dev, sg.dma_address, sg.dma_length, direction, (attrs & DMA_ATTR_SKIP_CPU_SYNC) !== 0);
	const fields = () => `${dev.bus_id} dir=${directionName(direction)} nents=${nents}`;
	trace(k, 'dma_unmap_sg', fields, touchesEntries(dev, givenEntries(k, list, nents)));
}

function syncSg(
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	nents: number,
	direction: dma_data_direction,
	forCpu: boolean,
): void {
	for (const sg of givenEntries(k, list, nents)) syncBus(k, dev, sg.dma_address, sg.dma_length, direction, forCpu);
	const first = list[0];
	const known = first ? get_nr_mapped_entries(k, refOf(dev, first, nents, direction)) : 0;
	for (const sg of list.slice(0, Math.min(nents, known))) check_sync(k, refOf(dev, sg, nents, direction), forCpu);
}

/** The CPU owns all pieces, until dma_sync_sg_for_device(). LDD3 page 452. */
export const dma_sync_sg_for_cpu = (
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	nents: number,
	direction: dma_data_direction,
): void => syncSg(k, dev, list, nents, direction, true);

/** The device owns all pieces again. LDD3 page 452. */
export const dma_sync_sg_for_device = (
	k: Kernel,
	dev: device,
	list: readonly scatterlist[],
	nents: number,
	direction: dma_data_direction,
): void => syncSg(k, dev, list, nents, direction, false);
