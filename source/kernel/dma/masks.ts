/**
 * Models dma_set_mask() and its relatives: asm-i386/dma-mapping.h and arch/i386/kernel/pci-dma.c (2.6.11),
 * arch/x86/kernel/pci-dma.c (2.6.32, 3.2), kernel/dma/mapping.c and direct.c (5.10, 6.1).
 */
import type {device} from '../drivers/device.ts';
import {EIO} from '../errno.ts';
import type {Kernel} from '../kernel.ts';

/** Whether DMA is possible for a device that can put out these address bits: at least 24, so that ZONE_DMA helps. */
const dma_supported = (k: Kernel, mask: bigint): boolean => mask >= k.era.dmaMaskNumericMinimum;

/** A mask as the kernel's dma_addr_t holds it. */
const asDmaAddress = (k: Kernel, mask: bigint): bigint =>
	k.era.dmaMaskTruncated && k.hw.paging.mode === 'two-level' ? BigInt.asUintN(32, mask) : mask;

/**
 * Says which addresses the device can put on the bus in streaming mappings.
 * @param mask all ones up to the highest address bit, see DMA_BIT_MASK()
 * @returns 0, or -EIO when the device cannot do DMA with it (the old mask stays)
 * @see LDD3 page 444, whose example takes the answer the wrong way round
 */
export function dma_set_mask(k: Kernel, dev: device, mask: bigint): number {
	const stored = asDmaAddress(k, mask);
	if (dev.dma_mask === null || !dma_supported(k, stored)) return -EIO;
	dev.dma_mask = stored;
	return 0;
}

/** As dma_set_mask(), for coherent memory. @returns 0 or -EIO */
export function dma_set_coherent_mask(k: Kernel, dev: device, mask: bigint): number {
	const stored = asDmaAddress(k, mask);
	if (!dma_supported(k, stored)) return -EIO;
	dev.coherent_dma_mask = stored;
	return 0;
}

/** Both masks. @returns 0 or -EIO */
export function dma_set_mask_and_coherent(k: Kernel, dev: device, mask: bigint): number {
	const result = dma_set_mask(k, dev, mask);
	if (result === 0) dma_set_coherent_mask(k, dev, mask);
	return result;
}

/** The mask that would reach all of memory. */
export function dma_get_required_mask(k: Kernel): bigint {
	const highestPage = BigInt(k.layout.max_pfn - 1) << 12n;
	let mask = 1n;
	while (mask < highestPage) mask = (mask << 1n) | 1n;
	return mask;
}

/** Whether a device's addresses may end beyond its mask; a device without a mask pointer is not asked. */
export function dma_capable(k: Kernel, dev: device, address: number, sizeBytes: number): boolean {
	if (dev.dma_mask === null) return false;
	const end = k.era.dmaMaskComparesEnd === 'exclusive' ? address + sizeBytes : address + sizeBytes - 1;
	return end <= Number(dev.dma_mask);
}
