/**
 * Models drivers/usb/usb-skeleton.c, the example of LDD3 chapter 13: each write gets a coherent buffer of its own from
 * usbcore's pools, which the completion gives back; the writer does not wait for it.
 *
 * Not modelled: the character device in front of it, reading.
 */
import {ENODEV, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {kwrite} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import type {Sleeps} from '../time.ts';
import {type wait_queue_head as WaitQueue, wait_event, wait_queue_head, wake_up_all} from '../wait.ts';
import type {ehci_hcd} from './ehci.ts';
import {hcd_buffer_alloc, hcd_buffer_free} from './ehci_mem.ts';
import {usb_hcd_endpoint_disable, usb_submit_urb} from './ehci_q.ts';
import {usb_alloc_urb, type usb_pipe} from './usb.ts';

/** Largest write that goes out as one; a longer one is cut, as write(2) may. */
export const MAX_TRANSFER = 2_048;
/** Writes that may be under way before the next one waits. */
const WRITES_IN_FLIGHT = 8;

export type usb_skel = {
	readonly ehci: ehci_hcd;
	readonly pipe: usb_pipe;
	readonly limit: WaitQueue;
	inFlight: number;
	present: boolean;
	/** Writes that came back, and how many of them with an error. */
	writes: number;
	errors: number;
};

/** Takes a function with one bulk endpoint into use. @param endpoint that takes what is written */
export function skel_probe(k: Kernel, ehci: ehci_hcd, address: number, endpoint: number): usb_skel {
	const dev: usb_skel = {
		ehci,
		pipe: {device: address, endpoint, in: false, kind: 'bulk'},
		limit: wait_queue_head('skel_write'),
		inFlight: 0,
		present: true,
		writes: 0,
		errors: 0,
	};
	ehci.interfaces.push({driver: 'skeleton', disconnect: () => skel_disconnect(k, dev)});
	return dev;
}

/**
 * Sends bytes, and does not wait for them to arrive. Sleeps for memory, and while too much is under way.
 * @returns bytes taken, or -ENODEV, -ENOMEM, -EIO, -ESHUTDOWN
 */
export function* skel_write(k: Kernel, dev: usb_skel, bytes: Uint8Array): Sleeps<number> {
	yield* wait_event(k, dev.limit, () => dev.inFlight < WRITES_IN_FLIGHT || !dev.present);
	if (!dev.present) return -ENODEV;
	const {pools} = dev.ehci;
	const count = Math.min(bytes.length, MAX_TRANSFER);
	dev.inFlight++;
	const buffer = yield* hcd_buffer_alloc(k, pools, count, GFP_KERNEL);
	if (!buffer || !dev.present) {
		if (buffer) hcd_buffer_free(k, pools, count, buffer);
		settle(k, dev);
		return buffer ? -ENODEV : -ENOMEM;
	}
	kwrite(k, buffer.vaddr, bytes.subarray(0, count));
	const urb = usb_alloc_urb({
		pipe: dev.pipe,
		transfer_buffer: buffer.vaddr,
		transfer_buffer_length: count,
		coherent: buffer.dma,
		complete: (kernel, done) => {
			dev.writes++;
			if (done.status !== 0) dev.errors++;
			hcd_buffer_free(kernel, pools, count, buffer);
			settle(kernel, dev);
		},
	});
	const refused = usb_submit_urb(k, dev.ehci, urb);
	if (refused === 0) return count;
	hcd_buffer_free(k, pools, count, buffer);
	settle(k, dev);
	return refused;
}

/** One write less under way. */
function settle(k: Kernel, dev: usb_skel): void {
	dev.inFlight--;
	wake_up_all(k, dev.limit);
}

function* skel_disconnect(k: Kernel, dev: usb_skel): Sleeps<void> {
	dev.present = false;
	yield* usb_hcd_endpoint_disable(k, dev.ehci, dev.pipe);
	wake_up_all(k, dev.limit);
	yield* wait_event(k, dev.limit, () => dev.inFlight === 0);
}
