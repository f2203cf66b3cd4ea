/**
 * A driver for the disk of hardware/disk.ts in the manner of drivers/scsi/sd.c and libata: requests become command
 * slots, their memory a scatter/gather list of bus addresses; the disk's interrupt ends them.
 *
 * Not modelled: the SCSI middle layer, error recovery by retries, removal, several disks on one controller.
 */
import {
	type BusAddress,
	busAddress,
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	type Pfn,
	pfn,
} from '../../hardware/address.ts';
import {
	DISK_CAPACITY,
	DISK_DONE,
	DISK_ERROR,
	DISK_IRQ_ENABLE,
	DISK_ISSUE,
	DISK_LIST,
	DISK_PIECE_BYTES,
	DISK_SLOT_BYTES,
	DISK_SLOTS,
	DISK_WRITE,
} from '../../hardware/disk.ts';
import {type CoherentMemory, dma_free_coherent, try_dma_alloc_coherent} from '../dma/coherent.ts';
import {DMA_FROM_DEVICE, DMA_TO_DEVICE, type dma_data_direction} from '../dma/direction.ts';
import {dma_set_mask} from '../dma/masks.ts';
import {
	dma_map_sg,
	dma_unmap_sg,
	type scatterlist,
	sg_alloc_table,
	sg_dma_address,
	sg_dma_len,
	sg_set_page,
} from '../dma/scatterlist.ts';
import {EIO, ENODEV, ENOMEM} from '../errno.ts';
import {
	add_disk,
	blk_complete_request,
	blk_init_queue,
	type block_device,
	elv_next_request,
	type request,
	type request_queue,
} from '../fs/block.ts';
import {bdget_disk, del_gendisk} from '../fs/block_dev.ts';
import {register_blkdev} from '../fs/vfs.ts';
import {free_irq, request_irq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {kwrite32} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import {ioremap, iounmap, readl, writel} from '../mm/ioremap.ts';
import {printk} from '../printk.ts';
import type {Spends} from '../time.ts';
import {driver_bind, driver_unbind} from './dd.ts';
import {
	DMA_BIT_MASK,
	type pci_dev,
	pci_disable_device,
	pci_enable_device,
	pci_resource_len,
	pci_resource_start,
	pci_set_master,
} from './device.ts';

const SCSI_DISK0_MAJOR = 8;
/** Minors that each disk takes: itself and 15 partitions. */
const SD_MINORS = 16;
/** 512 KiB a request: the cap of a queue whose driver asks for no more, and one slot's list of pieces. */
const MAX_SECTORS = 1_024;
const MAX_SEGMENTS = 128;

/** A request that a slot of the controller holds. */
type Slot = {readonly request: request; readonly sg: readonly scatterlist[]; readonly direction: dma_data_direction};

export type scsi_disk = {
	readonly pdev: pci_dev;
	readonly bdev: block_device;
	readonly registers: KernelVirtualAddress;
	/** Command slots, then each slot's list of pieces. */
	readonly memory: CoherentMemory;
	readonly slots: (Slot | undefined)[];
	/** Interrupts taken, and requests that they ended. */
	interrupts: number;
	ended: number;
};

const listOffset = (slot: number) => DISK_SLOTS * DISK_SLOT_BYTES + slot * MAX_SEGMENTS * DISK_PIECE_BYTES;
const MEMORY_BYTES = listOffset(DISK_SLOTS);

const PROBE_CALLERS = ['sd_probe'];

/**
 * Takes a controller into use and makes its disk known.
 * @param name `sda`; the letter decides the minor number
 * @returns the disk, or -ENODEV, -ENOMEM, -EIO (no DMA), -EBUSY (its interrupt is taken)
 */
export function sd_probe(k: Kernel, pdev: pci_dev, name: string): scsi_disk | number {
	if (pci_enable_device(pdev) !== 0) return -ENODEV;
	driver_bind(pdev.dev, 'sd');
	if (dma_set_mask(k, pdev.dev, DMA_BIT_MASK(32)) !== 0) return -EIO;
	const registers = ioremap(k, pci_resource_start(pdev, 0), pci_resource_len(pdev, 0), 'sd_probe');
	if (registers === undefined) return -ENOMEM;
	const memory = try_dma_alloc_coherent(k, pdev.dev, MEMORY_BYTES, GFP_KERNEL, PROBE_CALLERS);
	if (!memory) {
		iounmap(k, registers);
		return -ENOMEM;
	}
	pci_set_master(pdev);
	const disk = newDisk(k, pdev, name, registers, memory);
	const busy = request_irq(k, pdev.irq, k => sd_interrupt(k, disk), name);
	if (busy !== 0) {
		dma_free_coherent(k, pdev.dev, MEMORY_BYTES, memory.cpu_addr, memory.dma_handle);
		iounmap(k, registers);
		return busy;
	}
	writel(k, memory.dma_handle, register(disk, DISK_LIST));
	writel(k, 1, register(disk, DISK_IRQ_ENABLE));
	register_blkdev(k, SCSI_DISK0_MAJOR, 'sd');
	add_disk(k, disk.bdev);
	bdget_disk(k, disk.bdev);
	printk(k, 5, k.era.diskFoundLine(name, disk.bdev.sectors));
	return disk;
}

/** Last frame that the queue lends to the controller as it is; undefined where it lends all. */
function scsi_calculate_bounce_limit(k: Kernel, pdev: pci_dev): Pfn | undefined {
	const isTranslated = k.dma.swiotlb !== undefined || k.dma.iommu !== undefined;
	const bounces = {always: true, 'without translation': !isTranslated, never: false}[k.era.diskQueueBounces];
	return bounces ? pfn(Number(pdev.dev.dma_mask! / BigInt(PAGE_SIZE))) : undefined;
}

function newDisk(
	k: Kernel,
	pdev: pci_dev,
	name: string,
	registers: KernelVirtualAddress,
	memory: CoherentMemory,
): scsi_disk {
	const sectors = readl(k, kernelAddress(registers + DISK_CAPACITY));
	const bounce_pfn = scsi_calculate_bounce_limit(k, pdev);
	const limits = {max_sectors: MAX_SECTORS, max_segments: MAX_SEGMENTS, ...(bounce_pfn !== undefined && {bounce_pfn})};
	const disk: scsi_disk = {
		pdev,
		bdev: {
			name,
			major: SCSI_DISK0_MAJOR,
			minor: (name.charCodeAt(2) - 'a'.charCodeAt(0)) * SD_MINORS,
			sectors,
			hardsectBytes: 512,
			queue: blk_init_queue(name, (k, queue) => sd_request(k, disk, queue), limits),
			bd_inode: undefined,
		},
		registers,
		memory,
		slots: new Array<Slot | undefined>(DISK_SLOTS).fill(undefined),
		interrupts: 0,
		ended: 0,
	};
	return disk;
}

const register = (disk: scsi_disk, offset: number) => kernelAddress(disk.registers + offset);

/** Moves requests from the queue to free slots. Plain, any context. */
function sd_request(k: Kernel, disk: scsi_disk, queue: request_queue): void {
	for (let slot = disk.slots.indexOf(undefined); slot >= 0; slot = disk.slots.indexOf(undefined)) {
		const request = elv_next_request(k, queue);
		if (!request) return;
		issue(k, disk, slot, request);
	}
}

const MAP_CALLERS = ['sd_request'];

function issue(k: Kernel, disk: scsi_disk, slot: number, request: request): void {
	const sg = blk_rq_map_sg(request, disk.pdev.dev.dma_parms.max_segment_size);
	const direction = request.rw === 'READ' ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
	const count = dma_map_sg(k, disk.pdev.dev, sg, sg.length, direction, 0, MAP_CALLERS);
	if (count === 0) {
		request.error = -EIO;
		blk_complete_request(k, request);
		return;
	}
	request.tag = slot;
	disk.slots[slot] = {request, sg, direction};
	const {cpu_addr, dma_handle} = disk.memory;
	for (let i = 0; i < count; i++) {
		const at = cpu_addr + listOffset(slot) + i * DISK_PIECE_BYTES;
		kwrite32(k, kernelAddress(at), sg_dma_address(sg[i]!));
		kwrite32(k, kernelAddress(at + 4), sg_dma_len(sg[i]!));
	}
	const list: BusAddress = busAddress(dma_handle + listOffset(slot));
	const words = [request.sector, request.nr_sectors + (request.rw === 'WRITE' ? DISK_WRITE : 0), count, list];
	words.forEach((word, i) => {
		kwrite32(k, kernelAddress(cpu_addr + slot * DISK_SLOT_BYTES + 4 * i), word);
	});
	writel(k, (1 << slot) >>> 0, register(disk, DISK_ISSUE));
}

/** The memory of a request as few pieces: what is contiguous in physical memory becomes one. @see block/blk-merge.c */
function blk_rq_map_sg(request: request, mostBytes: number): scatterlist[] {
	const pieces: {page: Pfn; offset: number; length: number}[] = [];
	for (const bio of request.bios) {
		for (const {bv_page, bv_offset, bv_len} of bio.bi_io_vec) {
			const last = pieces.at(-1);
			const follows = last && last.page * PAGE_SIZE + last.offset + last.length === bv_page * PAGE_SIZE + bv_offset;
			if (follows && last.length + bv_len <= mostBytes) last.length += bv_len;
			else pieces.push({page: bv_page, offset: bv_offset, length: bv_len});
		}
	}
	const sg = sg_alloc_table(pieces.length);
	pieces.forEach(({page, offset, length}, i) => {
		sg_set_page(sg[i]!, page, length, offset);
	});
	return sg;
}

/** Ends the requests whose slots the disk says are done. */
function* sd_interrupt(k: Kernel, disk: scsi_disk): Spends<void> {
	disk.interrupts++;
	const done = readl(k, register(disk, DISK_DONE));
	const failed = done === 0 ? 0 : readl(k, register(disk, DISK_ERROR)) & done;
	writel(k, done, register(disk, DISK_DONE));
	if (failed !== 0) writel(k, failed >>> 0, register(disk, DISK_ERROR));
	yield 0;
	for (let slot = 0; slot < DISK_SLOTS; slot++) {
		if ((done & (1 << slot)) === 0) continue;
		const held = disk.slots[slot];
		if (!held) continue;
		disk.slots[slot] = undefined;
		dma_unmap_sg(k, disk.pdev.dev, held.sg, held.sg.length, held.direction);
		if ((failed & (1 << slot)) !== 0) held.request.error = -EIO;
		disk.ended++;
		blk_complete_request(k, held.request);
	}
}

/** Takes the controller out of use; its queue must be empty and its node closed. */
export function sd_remove(k: Kernel, disk: scsi_disk): void {
	writel(k, 0, register(disk, DISK_IRQ_ENABLE));
	free_irq(k, disk.pdev.irq);
	del_gendisk(k, disk.bdev);
	pci_disable_device(disk.pdev);
	dma_free_coherent(k, disk.pdev.dev, MEMORY_BYTES, disk.memory.cpu_addr, disk.memory.dma_handle);
	iounmap(k, disk.registers);
	driver_unbind(k, disk.pdev.dev);
}
