/**
 * Models include/linux/usb.h and drivers/usb/core/hcd.c as drivers of USB functions see them: struct urb, a request to
 * move bytes through one endpoint, and the mapping of its buffer for the controller.
 *
 * Not modelled: enumeration (functions are configured already), control requests, anchors, bandwidth.
 */
import {type BusAddress, busAddress, type KernelLogicalAddress} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE, DMA_TO_DEVICE} from '../dma/direction.ts';
import {dma_map_single, dma_mapping_error, dma_unmap_single} from '../dma/mapping.ts';
import {EINPROGRESS, EIO} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import type {device} from './device.ts';

/** Where bytes go: function address, endpoint; `in` is towards the host. */
export type usb_pipe = {
	readonly device: number;
	readonly endpoint: number;
	readonly in: boolean;
	readonly kind: 'bulk' | 'interrupt';
};

export type urb = {
	readonly pipe: usb_pipe;
	/** Logical address of the buffer; lent to the controller while the request runs, unless it is coherent already. */
	readonly transfer_buffer: KernelLogicalAddress;
	readonly transfer_buffer_length: number;
	/** URB_NO_TRANSFER_DMA_MAP: the buffer is coherent, and this its bus address. */
	readonly coherent: BusAddress | undefined;
	transfer_dma: BusAddress;
	/** Bytes moved. */
	actual_length: number;
	/** -EINPROGRESS, then 0 or another negative errno. */
	status: number;
	/** Called in the controller's interrupt, or by whoever takes the endpoint away; must not sleep. */
	readonly complete: (k: Kernel, urb: urb) => void;
};

export type NewUrb = Pick<urb, 'pipe' | 'transfer_buffer' | 'transfer_buffer_length' | 'complete'> & {
	readonly coherent?: BusAddress;
};

export const usb_alloc_urb = (wanted: NewUrb): urb => ({
	coherent: undefined,
	...wanted,
	transfer_dma: wanted.coherent ?? busAddress(0),
	actual_length: 0,
	status: 0,
});

/** A driver's hold on a function: what is called before its controller goes away. */
export type usb_interface = {readonly driver: string; readonly disconnect: () => Sleeps<void>};

const directionOf = ({pipe}: urb) => (pipe.in ? DMA_FROM_DEVICE : DMA_TO_DEVICE);

const CALLERS = ['map_urb_for_dma'];

/** Begins a request: lends its buffer to the controller. @returns 0 or -EIO */
export function map_urb_for_dma(k: Kernel, controller: device, urb: urb): number {
	if (urb.coherent === undefined) {
		const dma = dma_map_single(
			k,
			controller,
			urb.transfer_buffer,
			urb.transfer_buffer_length,
			directionOf(urb),
			0,
			CALLERS,
		);
		if (dma_mapping_error(k, controller, dma) !== 0) return -EIO;
		urb.transfer_dma = dma;
	}
	urb.actual_length = 0;
	urb.status = -EINPROGRESS;
	return 0;
}

/** Takes the buffer back. Only after this may a driver look at it. */
export function unmap_urb_for_dma(k: Kernel, controller: device, urb: urb): void {
	if (urb.coherent !== undefined) return;
	dma_unmap_single(k, controller, urb.transfer_dma, urb.transfer_buffer_length, directionOf(urb));
}
