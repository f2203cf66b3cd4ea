/**
 * Models drivers/usb/input/usbmouse.c: one URB in a coherent buffer that is asked again whenever it comes back.
 *
 * Not modelled: the input layer above it; what was reported is added up.
 */
import {ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {kread} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import type {Sleeps} from '../time.ts';
import type {ehci_hcd} from './ehci.ts';
import {hcd_buffer_alloc, hcd_buffer_free} from './ehci_mem.ts';
import {usb_hcd_endpoint_disable, usb_submit_urb} from './ehci_q.ts';
import {usb_alloc_urb, type usb_pipe} from './usb.ts';

type usb_mouse = {reports: number; x: number; y: number};

/** What a report takes at most; the buffer comes from pool buffer-32. */
const REPORT_BYTES = 8;

const signed = (byte: number) => (byte << 24) >> 24;

/** Starts listening to a mouse. May sleep. @returns what it has seen so far, kept up to date; or a negative errno */
export function* usb_mouse_open(k: Kernel, ehci: ehci_hcd, address: number): Sleeps<usb_mouse | number> {
	const buffer = yield* hcd_buffer_alloc(k, ehci.pools, REPORT_BYTES, GFP_KERNEL);
	if (!buffer) return -ENOMEM;
	const mouse: usb_mouse = {reports: 0, x: 0, y: 0};
	const pipe: usb_pipe = {device: address, endpoint: 1, in: true, kind: 'interrupt'};
	let open = true;
	const irq = usb_alloc_urb({
		pipe,
		transfer_buffer: buffer.vaddr,
		transfer_buffer_length: REPORT_BYTES,
		coherent: buffer.dma,
		complete: (kernel, urb) => {
			if (urb.status !== 0) return;
			const report = kread(kernel, buffer.vaddr, REPORT_BYTES);
			mouse.reports++;
			mouse.x += signed(report[1]!);
			mouse.y += signed(report[2]!);
			if (open) usb_submit_urb(kernel, ehci, irq);
		},
	});
	const refused = usb_submit_urb(k, ehci, irq);
	if (refused !== 0) {
		hcd_buffer_free(k, ehci.pools, REPORT_BYTES, buffer);
		return refused;
	}
	ehci.interfaces.push({
		driver: 'usbmouse',
		*disconnect() {
			open = false;
			yield* usb_hcd_endpoint_disable(k, ehci, pipe);
			hcd_buffer_free(k, ehci.pools, REPORT_BYTES, buffer);
		},
	});
	return mouse;
}
