/**
 * The book's PCI example, "dad" (LDD3 page 452): lends a buffer to a device, programs its registers, and takes the
 * buffer back in the interrupt. Each way to get it wrong is a parameter.
 *
 * Not modelled: the character device in front of it (experiments call dad_transfer themselves).
 */
import {type BusAddress, busAddress, type KernelVirtualAddress, kernelAddress} from '../../hardware/address.ts';
import {
	DAD_ADDRESS,
	DAD_CMD_DISABLEDMA,
	DAD_CMD_ENABLEDMA,
	DAD_CMD_RD,
	DAD_CMD_WR,
	DAD_COMMAND,
	DAD_LENGTH,
	DAD_STATUS,
	DAD_STATUS_DONE,
	DAD_STATUS_ERROR,
} from '../../hardware/edu.ts';
import {DMA_FROM_DEVICE, DMA_TO_DEVICE, type dma_data_direction} from '../dma/direction.ts';
import {dma_map_single, dma_mapping_error, dma_unmap_single} from '../dma/mapping.ts';
import {EBUSY, EIO, ENODEV} from '../errno.ts';
import {free_irq, request_irq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {ioremap, iounmap, readl, writeb, writel} from '../mm/ioremap.ts';
import type {Sleeps, Spends} from '../time.ts';
import {type wait_queue_head as WaitQueue, wait_event, wait_queue_head, wake_up_all} from '../wait.ts';
import {driver_bind, driver_unbind} from './dd.ts';
import {
	type device,
	type pci_dev,
	pci_disable_device,
	pci_enable_device,
	pci_resource_len,
	pci_resource_start,
	pci_set_master,
} from './device.ts';
import {PCI_ANY_ID, type pci_driver} from './pci-driver.ts';

/** What the interrupt handler does wrong when it gives the buffer back. */
export type DadBug = 'forgets unmap' | 'unmaps twice' | 'wrong size' | 'wrong direction' | 'ignores map error';

export type dad_dev = {
	readonly pdev: pci_dev;
	readonly registers: KernelVirtualAddress;
	dma_addr: BusAddress;
	dma_size: number;
	dma_dir: dma_data_direction;
	busy: boolean;
	/** 0, or -EIO when the device met a bus error. */
	result: number;
	transfers: number;
	bug: DadBug | undefined;
	readonly done: WaitQueue;
};

/** Takes a device into use. @returns the driver's record, or a negative errno */
export function dadProbe(k: Kernel, pdev: pci_dev): dad_dev | number {
	pci_enable_device(pdev);
	pci_set_master(pdev);
	const registers = ioremap(k, pci_resource_start(pdev, 0), pci_resource_len(pdev, 0), 'dad_probe');
	if (registers === undefined) return -ENODEV;
	const dev: dad_dev = {
		pdev,
		registers,
		dma_addr: busAddress(0),
		dma_size: 0,
		dma_dir: DMA_TO_DEVICE,
		busy: false,
		result: 0,
		transfers: 0,
		bug: undefined,
		done: wait_queue_head('dad transfer'),
	};
	const refused = request_irq(k, pdev.irq, () => dad_interrupt(k, dev), 'dad');
	if (refused !== 0) {
		iounmap(k, registers);
		return refused;
	}
	// Where the core asked for it, it is bound already.
	if (pdev.dev.driver !== 'dad') driver_bind(pdev.dev, 'dad');
	records.set(pdev.dev, dev);
	return dev;
}

const records = new WeakMap<device, dad_dev>();

/** The driver's record of a device, while it has it. */
export const dadOf = (dev: device): dad_dev | undefined => records.get(dev);

/** What makes it a driver that can be taken off its device, and get it back. */
export const dad_driver: pci_driver = {
	name: 'dad',
	id_table: () => [
		{vendor: 0x1234, device: 0x11e8, subvendor: PCI_ANY_ID, subdevice: PCI_ANY_ID, class: 0, class_mask: 0},
	],
	*probe(k, pdev) {
		const made = dadProbe(k, pdev);
		return typeof made === 'number' ? made : 0;
	},
	*remove(k, pdev) {
		const dev = records.get(pdev.dev);
		if (!dev) return;
		yield* wait_event(k, dev.done, () => !dev.busy);
		dadRemove(k, dev);
	},
};

/** Gives the device back. What it still has mapped is a leak, and dma-debug says so. */
export function dadRemove(k: Kernel, dev: dad_dev): void {
	writeb(k, DAD_CMD_DISABLEDMA, register(dev, DAD_COMMAND));
	free_irq(k, dev.pdev.irq);
	iounmap(k, dev.registers);
	records.delete(dev.pdev.dev);
	driver_unbind(k, dev.pdev.dev);
	pci_disable_device(dev.pdev);
}

const register = (dev: dad_dev, offset: number) => kernelAddress(dev.registers + offset);

const CALLERS = ['dad_transfer'];

/**
 * Starts a transfer; the interrupt ends it.
 * @param write true sends the buffer to the device, false fills it
 * @param buffer a logical address
 * @returns 0, -EBUSY while another transfer runs, -EIO when the buffer cannot be mapped
 */
export function dad_transfer(
	k: Kernel,
	dev: dad_dev,
	write: boolean,
	buffer: KernelVirtualAddress,
	countBytes: number,
): number {
	if (dev.busy) return -EBUSY;
	dev.dma_dir = write ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	dev.dma_size = countBytes;
	const bus_addr = dma_map_single(k, dev.pdev.dev, buffer, countBytes, dev.dma_dir, 0, CALLERS);
	if (dev.bug !== 'ignores map error' && dma_mapping_error(k, dev.pdev.dev, bus_addr) !== 0) return -EIO;
	dev.dma_addr = bus_addr;
	dev.busy = true;
	writeb(k, DAD_CMD_DISABLEDMA, register(dev, DAD_COMMAND));
	writeb(k, write ? DAD_CMD_WR : DAD_CMD_RD, register(dev, DAD_COMMAND));
	writel(k, bus_addr >>> 0, register(dev, DAD_ADDRESS));
	writel(k, countBytes, register(dev, DAD_LENGTH));
	writeb(k, DAD_CMD_ENABLEDMA, register(dev, DAD_COMMAND));
	return 0;
}

/** Waits for the transfer under way. @returns 0 or -EIO */
export function* dad_wait(k: Kernel, dev: dad_dev): Sleeps<number> {
	yield* wait_event(k, dev.done, () => !dev.busy);
	return dev.result;
}

function* dad_interrupt(k: Kernel, dev: dad_dev): Spends<void> {
	const status = readl(k, register(dev, DAD_STATUS));
	if ((status & DAD_STATUS_DONE) === 0) return;
	writel(k, status, register(dev, DAD_STATUS));
	giveBack(k, dev);
	dev.result = (status & DAD_STATUS_ERROR) !== 0 ? -EIO : 0;
	dev.transfers++;
	dev.busy = false;
	wake_up_all(k, dev.done);
}

/** Unmaps the buffer, rightly or as the bug wants it. Only after this may the CPU look at it. */
function giveBack(k: Kernel, dev: dad_dev): void {
	const {bug, dma_addr, dma_size, dma_dir} = dev;
	if (bug === 'forgets unmap') return;
	const size = bug === 'wrong size' ? dma_size >> 1 : dma_size;
	const opposite = dma_dir === DMA_TO_DEVICE ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
	dma_unmap_single(k, dev.pdev.dev, dma_addr, size, bug === 'wrong direction' ? opposite : dma_dir);
	if (bug === 'unmaps twice') dma_unmap_single(k, dev.pdev.dev, dma_addr, dma_size, dma_dir);
}
