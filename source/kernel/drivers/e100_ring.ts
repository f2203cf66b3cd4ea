/** A ring of descriptors in coherent memory and the buffers behind them; hardware/nic.ts draws a descriptor. */
import {type BusAddress, kernelAddress} from '../../hardware/address.ts';
import {DESCRIPTOR_BYTES, DESCRIPTOR_OWN} from '../../hardware/nic.ts';
import {type CoherentMemory, dma_alloc_coherent, dma_free_coherent} from '../dma/coherent.ts';
import type {Kernel} from '../kernel.ts';
import {kread32, kwrite32} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import type {Sleeps} from '../time.ts';
import type {device} from './device.ts';
import type {sk_buff} from './netif.ts';

/** A buffer in a slot is mapped: whoever empties the slot unmaps it. */
type RingSlot = {readonly skb: sk_buff; readonly dma: BusAddress};

export type Ring = {
	readonly memory: CoherentMemory;
	readonly slots: (RingSlot | undefined)[];
	/** Next slot to fill, and the one that was filled longest ago. */
	toUse: number;
	toClean: number;
};

const CALLERS = ['e100_probe'];

/** An empty ring. May sleep. @returns undefined when memory is out */
export function* allocRing(k: Kernel, dev: device, count: number): Sleeps<Ring | undefined> {
	const memory = yield* dma_alloc_coherent(k, dev, count * DESCRIPTOR_BYTES, GFP_KERNEL, CALLERS);
	return memory && {memory, slots: Array.from({length: count}, () => undefined), toUse: 0, toClean: 0};
}

export function freeRing(k: Kernel, dev: device, {memory, slots}: Ring): void {
	dma_free_coherent(k, dev, slots.length * DESCRIPTOR_BYTES, memory.cpu_addr, memory.dma_handle);
}

const descriptorWord = (ring: Ring, index: number, offset: number) =>
	kernelAddress(ring.memory.cpu_addr + index * DESCRIPTOR_BYTES + offset);

/** Writes a descriptor; the word that makes it the card's comes last. */
export function giveDescriptor(k: Kernel, ring: Ring, index: number, buffer: BusAddress, lengthBytes: number): void {
	kwrite32(k, descriptorWord(ring, index, 0), buffer);
	kwrite32(k, descriptorWord(ring, index, 4), lengthBytes);
	kwrite32(k, descriptorWord(ring, index, 8), DESCRIPTOR_OWN);
}

export const isWithCard = (k: Kernel, ring: Ring, index: number): boolean =>
	(kread32(k, descriptorWord(ring, index, 8)) & DESCRIPTOR_OWN) !== 0;

/** Bytes that the card moved. */
export const descriptorLength = (k: Kernel, ring: Ring, index: number): number =>
	kread32(k, descriptorWord(ring, index, 4));
