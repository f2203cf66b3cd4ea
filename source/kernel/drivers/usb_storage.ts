/**
 * Models drivers/usb/storage (2.6.11 and later): reads blocks of a memory stick with the bulk-only protocol. Command
 * and status lie in a coherent buffer of pool buffer-128; data goes straight to the caller's pages, one URB a page,
 * many at once.
 *
 * Not modelled: writing, the SCSI layer above (a read is one command), error recovery.
 */
import {type KernelLogicalAddress, PAGE_SIZE} from '../../hardware/address.ts';
import {BLOCK_BYTES, CBW_BYTES, CSW_BYTES, STICK_BULK_IN, STICK_BULK_OUT} from '../../hardware/usb_functions.ts';
import type {PoolBlock} from '../dma/dmapool.ts';
import {EIO, ENODEV, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {type mutex, mutex_init, mutex_lock, mutex_unlock} from '../locking.ts';
import {kread, kwrite} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import type {Sleeps} from '../time.ts';
import {wait_event, wait_queue_head, wake_up_all} from '../wait.ts';
import type {ehci_hcd} from './ehci.ts';
import {hcd_buffer_alloc, hcd_buffer_free} from './ehci_mem.ts';
import {usb_hcd_endpoint_disable, usb_submit_urb} from './ehci_q.ts';
import {type NewUrb, type urb, usb_alloc_urb, type usb_pipe} from './usb.ts';

const US_IOBUF_SIZE = 64;
/** Where a status wrapper says how the command went. */
const CSW_STATUS_OFFSET = 12;
const SCSI_READ_10 = 0x28;

export type us_data = {
	readonly ehci: ehci_hcd;
	readonly send_bulk_pipe: usb_pipe;
	readonly recv_bulk_pipe: usb_pipe;
	readonly iobuf: PoolBlock;
	readonly dev_mutex: mutex;
	disconnecting: boolean;
	tag: number;
	/** Reads done, and pages that they filled. */
	commands: number;
	pages: number;
};

type Transfer = Omit<NewUrb, 'complete'>;

/** Takes a memory stick into use. May sleep. @returns the driver's record, or -ENOMEM */
export function* usb_stor_probe(k: Kernel, ehci: ehci_hcd, address: number): Sleeps<us_data | number> {
	const iobuf = yield* hcd_buffer_alloc(k, ehci.pools, US_IOBUF_SIZE, GFP_KERNEL);
	if (!iobuf) return -ENOMEM;
	const us: us_data = {
		ehci,
		send_bulk_pipe: {device: address, endpoint: STICK_BULK_OUT, in: false, kind: 'bulk'},
		recv_bulk_pipe: {device: address, endpoint: STICK_BULK_IN, in: true, kind: 'bulk'},
		iobuf,
		dev_mutex: mutex_init('usb-storage'),
		disconnecting: false,
		tag: 0,
		commands: 0,
		pages: 0,
	};
	ehci.interfaces.push({driver: 'usb-storage', disconnect: () => storage_disconnect(k, us)});
	return us;
}

function* storage_disconnect(k: Kernel, us: us_data): Sleeps<void> {
	us.disconnecting = true;
	yield* usb_hcd_endpoint_disable(k, us.ehci, us.send_bulk_pipe);
	yield* usb_hcd_endpoint_disable(k, us.ehci, us.recv_bulk_pipe);
	// Whoever reads has got its requests back by now, and lets go.
	yield* mutex_lock(k, us.dev_mutex);
	hcd_buffer_free(k, us.ehci.pools, US_IOBUF_SIZE, us.iobuf);
	mutex_unlock(k, us.dev_mutex);
}

/** A command block wrapper around READ(10). */
function readCommand(tag: number, block: number, lengthBytes: number): Uint8Array {
	const bytes = new Uint8Array(CBW_BYTES);
	const view = new DataView(bytes.buffer);
	bytes.set([0x55, 0x53, 0x42, 0x43]);
	view.setUint32(4, tag, true);
	view.setUint32(8, lengthBytes, true);
	bytes[12] = 0x80;
	bytes[14] = 10;
	bytes[15] = SCSI_READ_10;
	view.setUint32(17, block, false);
	view.setUint16(22, lengthBytes / BLOCK_BYTES, false);
	return bytes;
}

/** Submits URBs and waits until all are done. @returns 0 or the first error */
function* transfer(k: Kernel, us: us_data, wanted: readonly Transfer[]): Sleeps<number> {
	if (us.disconnecting) return -ENODEV;
	const done = wait_queue_head('usb transfer');
	let left = 0;
	let result = 0;
	const complete = (kernel: Kernel, urb: urb) => {
		left--;
		if (result === 0) result = urb.status;
		if (left === 0) wake_up_all(kernel, done);
	};
	for (const each of wanted) {
		const refused = usb_submit_urb(k, us.ehci, usb_alloc_urb({...each, complete}));
		if (refused !== 0) {
			result = refused;
			break;
		}
		left++;
	}
	yield* wait_event(k, done, () => left === 0);
	return result;
}

/** A transfer to or from the coherent buffer. */
const inIobuf = (us: us_data, pipe: usb_pipe, bytes: number): Transfer => ({
	pipe,
	transfer_buffer: us.iobuf.vaddr,
	transfer_buffer_length: bytes,
	coherent: us.iobuf.dma,
});

/**
 * Reads blocks into whole pages. May sleep.
 * @param block first block of the stick, 512 bytes each
 * @param pages logical addresses of the pages to fill
 * @returns 0, -EIO, -ENOMEM, -ENODEV (the stick is gone) or -ESHUTDOWN (it went)
 */
export function* usb_stor_read(
	k: Kernel,
	us: us_data,
	block: number,
	pages: readonly KernelLogicalAddress[],
): Sleeps<number> {
	yield* mutex_lock(k, us.dev_mutex);
	const result = us.disconnecting ? -ENODEV : yield* usb_stor_Bulk_transport(k, us, block, pages);
	if (result === 0) {
		us.commands++;
		us.pages += pages.length;
	}
	mutex_unlock(k, us.dev_mutex);
	return result;
}

/** Command, data, status. */
function* usb_stor_Bulk_transport(
	k: Kernel,
	us: us_data,
	block: number,
	pages: readonly KernelLogicalAddress[],
): Sleeps<number> {
	kwrite(k, us.iobuf.vaddr, readCommand(++us.tag, block, pages.length * PAGE_SIZE));
	const data = pages.map(page => ({
		pipe: us.recv_bulk_pipe,
		transfer_buffer: page,
		transfer_buffer_length: PAGE_SIZE,
	}));
	for (const stage of [
		[inIobuf(us, us.send_bulk_pipe, CBW_BYTES)],
		data,
		[inIobuf(us, us.recv_bulk_pipe, CSW_BYTES)],
	]) {
		const error = yield* transfer(k, us, stage);
		if (error !== 0) return error;
	}
	return kread(k, us.iobuf.vaddr, CSW_BYTES)[CSW_STATUS_OFFSET] === 0 ? 0 : -EIO;
}
