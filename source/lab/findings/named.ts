/**
 * Which buffers a device can still come to: those whose bus address stands somewhere in coherent memory of the device,
 * in a descriptor or a list, as kmemleak looks for pointers. A buffer in a receive ring waits for its frame for as long
 * as none comes; one that no descriptor names is forgotten.
 *
 * Not looked at: registers of devices, memory that is lent for a while. A list that leads back to its head keeps that
 * one; an address that is left over in a descriptor counts.
 */
import {physicalAddress} from '../../hardware/address.ts';
import {eachMapping} from '../../kernel/dma/entries.ts';
import type {device} from '../../kernel/drivers/device.ts';
import type {Kernel} from '../../kernel/kernel.ts';

type Buffer = {readonly start: number; readonly sizeBytes: number};

/** @returns those of the buffers that nothing in the device's memory names */
export function unnamed<B extends Buffer>(k: Kernel, dev: device, buffers: readonly B[]): readonly B[] {
	const sorted = [...buffers].sort((a, b) => a.start - b.start);
	const named = new Set<B>();
	for (const {dev: of, type, paddr, size} of eachMapping(k.dma.mappings)) {
		if (of !== dev || type !== 'coherent') continue;
		const bytes = k.hw.ram.read(physicalAddress(paddr), size & ~3);
		const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		for (let at = 0; at < bytes.byteLength; at += 4) {
			const found = holding(sorted, words.getUint32(at, true));
			if (found) named.add(found);
		}
	}
	return buffers.filter(buffer => !named.has(buffer));
}

const isInside = ({start, sizeBytes}: Buffer, address: number) => address >= start && address < start + sizeBytes;

/** The buffer that an address lies in. @param sorted by their starts */
function holding<B extends Buffer>(sorted: readonly B[], address: number): B | undefined {
	let [low, high] = [0, sorted.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (sorted[middle]!.start <= address) low = middle + 1;
		else high = middle;
	}
	const found = sorted[low - 1];
	return found && isInside(found, address) ? found : undefined;
}
