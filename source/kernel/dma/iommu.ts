/**
 * Models the idea of arch/x86/kernel/pci-gart_64.c on our machine's IOMMU (hardware/iommu.ts): a table of bus pages,
 * each of which leads to any physical page. Scattered pages look contiguous to the device, and bus addresses are not
 * physical ones.
 *
 * Not modelled: lazy flushing of the IOMMU's own translation buffer, per-device tables.
 */
import {type BusAddress, busAddress, PAGE_SIZE, type PhysicalAddress} from '../../hardware/address.ts';
import {Iommu} from '../../hardware/iommu.ts';
import type {device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';

export type IommuState = {
	readonly hardware: Iommu;
	/** 1 where a bus page is in use. */
	readonly bitmap: Uint8Array;
	/** Where the next search begins. */
	next: number;
	used: number;
};

/** Takes the IOMMU into use where the machine has one. */
export function iommu_init(k: Kernel): IommuState | undefined {
	const hardware = k.hw.bus.iommu;
	if (!(hardware instanceof Iommu)) return undefined;
	return {hardware, bitmap: new Uint8Array(hardware.pages), next: 0, used: 0};
}

function runIsFree(bitmap: Uint8Array, start: number, count: number): boolean {
	for (let i = start; i < start + count; i++) if (bitmap[i] !== 0) return false;
	return true;
}

/** Next-fit search for neighbouring bus pages. @returns the first one's index, or -1 */
export function alloc_iommu(state: IommuState, count: number): number {
	const {bitmap} = state;
	for (let tried = 0, at = state.next; tried <= bitmap.length; tried++, at++) {
		if (at + count > bitmap.length) at = 0;
		if (at + count > bitmap.length || !runIsFree(bitmap, at, count)) continue;
		bitmap.fill(1, at, at + count);
		state.next = at + count;
		state.used += count;
		return at;
	}
	return -1;
}

function free_iommu(state: IommuState, index: number, count: number): void {
	state.bitmap.fill(0, index, index + count);
	state.used -= count;
	for (let i = 0; i < count; i++) state.hardware.clear(index + i);
}

const pagesOf = (address: number, sizeBytes: number) =>
	Math.floor((address + Math.max(1, sizeBytes) - 1) / PAGE_SIZE) - Math.floor(address / PAGE_SIZE) + 1;

/** Has bus pages from `index` on lead to the pages of one buffer. @returns how many it took */
export function iommuEnter(
	state: IommuState,
	dev: device,
	index: number,
	physical: PhysicalAddress,
	sizeBytes: number,
	writable: boolean,
): number {
	const count = pagesOf(physical, sizeBytes);
	const first = Math.floor(physical / PAGE_SIZE);
	for (let i = 0; i < count; i++) state.hardware.set(index + i, first + i, dev.bus_id, writable);
	return count;
}

/** Maps one buffer. @returns its bus address, or undefined when the aperture is full */
export function iommuMap(
	state: IommuState,
	dev: device,
	physical: PhysicalAddress,
	sizeBytes: number,
	writable: boolean,
): BusAddress | undefined {
	const index = alloc_iommu(state, pagesOf(physical, sizeBytes));
	if (index < 0) return undefined;
	iommuEnter(state, dev, index, physical, sizeBytes, writable);
	return busAddress(state.hardware.base + index * PAGE_SIZE + (physical % PAGE_SIZE));
}

const inAperture = (state: IommuState, address: BusAddress): boolean =>
	address >= state.hardware.base && address < state.hardware.base + state.hardware.pages * PAGE_SIZE;

/** Takes a mapping's bus pages away: from then on the device gets a bus error there. */
export function iommuUnmap(state: IommuState, address: BusAddress, sizeBytes: number): void {
	if (!inAperture(state, address)) return;
	free_iommu(state, Math.floor((address - state.hardware.base) / PAGE_SIZE), pagesOf(address, sizeBytes));
}
