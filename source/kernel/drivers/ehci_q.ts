/**
 * Models drivers/usb/host/ehci-q.c and ehci-sched.c: URBs as transfers in memory that the controller reads, on one
 * queue an endpoint; bulk queues in a ring, interrupt queues in the frame list.
 *
 * Not modelled: unlinking of single URBs and the doorbell for it (whole endpoints go, after a pause), stalled
 * endpoints, polling intervals other than 8 ms, the lock of the controller (what follows is plain functions, which
 * nothing can come between).
 */
import {busAddress, kernelAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {
	CMD_ASE,
	CMD_PSE,
	FRAME_LIST_ENTRIES,
	LINK_QH,
	LINK_TERMINATE,
	QTD_ACTIVE,
	QTD_BYTES_SHIFT,
	QTD_IOC,
	QTD_PID_IN,
	QTD_PID_OUT,
	QTD_PID_SHIFT,
	USBCMD,
} from '../../hardware/usb.ts';
import {charge} from '../cpu.ts';
import {ENOMEM, ESHUTDOWN} from '../errno.ts';
import {synchronize_irq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {kwrite32} from '../mm/access.ts';
import {GFP_ATOMIC} from '../mm/gfp.ts';
import {writel} from '../mm/ioremap.ts';
import {type Sleeps, type Spends, spend} from '../time.ts';
import {msleep} from '../timer.ts';
import type {ehci_hcd} from './ehci.ts';
import {
	type ehci_qh,
	ehci_qh_alloc,
	ehci_qh_free,
	type ehci_qtd,
	ehci_qtd_alloc,
	ehci_qtd_free,
	qh_link,
	qtd_fill,
	qtd_token,
} from './ehci_mem.ts';
import {map_urb_for_dma, unmap_urb_for_dma, type urb, type usb_pipe} from './usb.ts';

/** Most bytes of one transfer: five pages, one of which the buffer's offset may spoil. */
const QTD_MOST_BYTES = 16_384;
const QTD_LENGTH_MASK = 0x7fff;
/** Polling interval of interrupt endpoints, in frames. */
const INTERRUPT_PERIOD_FRAMES = 8;
/** Packet sizes of high-speed bulk and of small interrupt endpoints. */
const BULK_PACKET_BYTES = 512;
const INTERRUPT_PACKET_BYTES = 8;

export function setCommand(k: Kernel, ehci: ehci_hcd, command: number): void {
	if (ehci.command === command) return;
	ehci.command = command;
	writel(k, command, kernelAddress(ehci.registers + USBCMD));
}

// ── queues ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const queueKey = (pipe: usb_pipe) => `${pipe.device}.${pipe.endpoint}.${pipe.in ? 'in' : 'out'}`;

const queuesOf = (ehci: ehci_hcd, kind: usb_pipe['kind']) =>
	[...ehci.queues.values()].filter(qh => qh.pipe?.kind === kind);

/** The endpoint's queue, made and linked at its first URB. */
function queueFor(k: Kernel, ehci: ehci_hcd, pipe: usb_pipe): ehci_qh | undefined {
	const known = ehci.queues.get(queueKey(pipe));
	if (known) return known;
	const packetBytes = pipe.kind === 'bulk' ? BULK_PACKET_BYTES : INTERRUPT_PACKET_BYTES;
	const info = pipe.device | (pipe.endpoint << 8) | (packetBytes << 16);
	const qh = ehci_qh_alloc(k, ehci.pools, pipe, info, GFP_ATOMIC);
	if (!qh) return undefined;
	ehci.queues.set(queueKey(pipe), qh);
	relink(k, ehci, pipe.kind);
	return qh;
}

function relink(k: Kernel, ehci: ehci_hcd, kind: usb_pipe['kind']): void {
	if (kind === 'bulk') linkRing(k, ehci);
	else linkPeriodic(k, ehci);
}

/** Writes the ring anew: its head, then every bulk queue, then the head again. */
export function linkRing(k: Kernel, ehci: ehci_hcd): void {
	const ring = [ehci.asyncHead, ...queuesOf(ehci, 'bulk')];
	for (const [i, qh] of ring.entries()) qh_link(k, qh, ring[(i + 1) % ring.length]!.dma | LINK_QH);
}

/** Writes the frame list anew: every queue comes up in each eighth frame, and they share the frames out. */
export function linkPeriodic(k: Kernel, ehci: ehci_hcd): void {
	const phases = Array.from({length: INTERRUPT_PERIOD_FRAMES}, (): ehci_qh[] => []);
	for (const [i, qh] of queuesOf(ehci, 'interrupt').entries()) phases[i % INTERRUPT_PERIOD_FRAMES]!.push(qh);
	for (const chain of phases)
		for (const [i, qh] of chain.entries()) qh_link(k, qh, chain[i + 1] ? chain[i + 1]!.dma | LINK_QH : LINK_TERMINATE);
	for (let frame = 0; frame < FRAME_LIST_ENTRIES; frame++) {
		const first = phases[frame % INTERRUPT_PERIOD_FRAMES]![0];
		const link = first ? (first.dma | LINK_QH) >>> 0 : LINK_TERMINATE;
		kwrite32(k, kernelAddress(ehci.periodic.cpu_addr + frame * 4), link);
	}
	const any = phases.some(chain => chain.length > 0);
	setCommand(k, ehci, any ? ehci.command | CMD_PSE : ehci.command & ~CMD_PSE);
}

/** The ring is read over and over while it is enabled: only as long as somebody waits for it. */
function enableRingWhileNeeded(k: Kernel, ehci: ehci_hcd): void {
	const needed = queuesOf(ehci, 'bulk').some(qh => qh.qtds.length > 0);
	setCommand(k, ehci, needed ? ehci.command | CMD_ASE : ehci.command & ~CMD_ASE);
}

// ── submitting ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Transfers for one URB behind a queue. The queue's dummy becomes the first of them, so that no link has to change. */
function qh_append_tds(k: Kernel, ehci: ehci_hcd, qh: ehci_qh, urb: urb): number {
	const length = urb.transfer_buffer_length;
	const count = Math.max(1, Math.ceil(length / QTD_MOST_BYTES));
	const chain: ehci_qtd[] = [qh.dummy];
	while (chain.length <= count) {
		const qtd = ehci_qtd_alloc(k, ehci.pools, GFP_ATOMIC);
		if (!qtd) {
			for (const each of chain.slice(1)) ehci_qtd_free(k, ehci.pools, each);
			return -ENOMEM;
		}
		chain.push(qtd);
	}
	const pid = (urb.pipe.in ? QTD_PID_IN : QTD_PID_OUT) << QTD_PID_SHIFT;
	// From the last to the first: the controller may run into the first as soon as it is active.
	for (let i = count - 1; i >= 0; i--) {
		const offset = i * QTD_MOST_BYTES;
		const bytes = Math.min(QTD_MOST_BYTES, length - offset);
		const token = (bytes << QTD_BYTES_SHIFT) | pid | QTD_ACTIVE | (i === count - 1 ? QTD_IOC : 0);
		chain[i]!.urb = urb;
		qtd_fill(k, chain[i]!, busAddress(urb.transfer_dma + offset), bytes, token >>> 0, chain[i + 1]!.dma);
	}
	qh.qtds.push(...chain.slice(0, count));
	qh.dummy = chain[count]!;
	return 0;
}

/**
 * Starts a request; its `complete` is called when it is done. Does not sleep: also for completions that ask again.
 * @returns 0, -ENOMEM, -EIO (the buffer cannot be mapped) or -ESHUTDOWN (the controller is stopped)
 */
export function usb_submit_urb(k: Kernel, ehci: ehci_hcd, urb: urb): number {
	if (ehci.halted) return -ESHUTDOWN;
	charge(k, COST.urbNs);
	const qh = queueFor(k, ehci, urb.pipe);
	if (!qh) return -ENOMEM;
	const refused = map_urb_for_dma(k, ehci.pdev.dev, urb);
	if (refused !== 0) return refused;
	const error = qh_append_tds(k, ehci, qh, urb);
	if (error !== 0) unmap_urb_for_dma(k, ehci.pdev.dev, urb);
	else if (urb.pipe.kind === 'bulk') enableRingWhileNeeded(k, ehci);
	return error;
}

// ── completing ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Gives a request back to the driver that made it. */
function* usb_hcd_giveback_urb(k: Kernel, ehci: ehci_hcd, urb: urb, status: number): Spends<void> {
	unmap_urb_for_dma(k, ehci.pdev.dev, urb);
	urb.status = status;
	ehci.urbsDone++;
	ehci.bytesDone += urb.actual_length;
	charge(k, COST.urbNs);
	yield* spend(0);
	urb.complete(k, urb);
}

/** Takes down what the controller has finished on one queue. */
function* qh_completions(k: Kernel, ehci: ehci_hcd, qh: ehci_qh): Spends<void> {
	for (let qtd = qh.qtds[0]; qtd; qtd = qh.qtds[0]) {
		const token = qtd_token(k, qtd);
		if ((token & QTD_ACTIVE) !== 0) return;
		const urb = qtd.urb!;
		urb.actual_length += qtd.length - ((token >>> QTD_BYTES_SHIFT) & QTD_LENGTH_MASK);
		qh.qtds.shift();
		ehci_qtd_free(k, ehci.pools, qtd);
		if ((token & QTD_IOC) !== 0) yield* usb_hcd_giveback_urb(k, ehci, urb, 0);
	}
}

/** Takes down what the controller has finished anywhere. */
export function* ehci_work(k: Kernel, ehci: ehci_hcd): Spends<void> {
	for (const qh of [...ehci.queues.values()]) yield* qh_completions(k, ehci, qh);
	if (!ehci.halted) enableRingWhileNeeded(k, ehci);
}

/** Gives back everything that waits in a queue which the controller does not look at any more. */
export function* dropTransfers(k: Kernel, ehci: ehci_hcd, qh: ehci_qh): Spends<void> {
	for (let qtd = qh.qtds.shift(); qtd; qtd = qh.qtds.shift()) {
		const {urb} = qtd;
		ehci_qtd_free(k, ehci.pools, qtd);
		if (urb && !qh.qtds.some(each => each.urb === urb)) yield* usb_hcd_giveback_urb(k, ehci, urb, -ESHUTDOWN);
	}
}

/** Takes an endpoint out of the schedule and gives its requests back with -ESHUTDOWN. May sleep. */
export function* usb_hcd_endpoint_disable(k: Kernel, ehci: ehci_hcd, pipe: usb_pipe): Sleeps<void> {
	const qh = ehci.queues.get(queueKey(pipe));
	if (!qh) return;
	ehci.queues.delete(queueKey(pipe));
	relink(k, ehci, pipe.kind);
	// The controller may be at the queue in the frame under way, and the interrupt handler as well.
	yield* msleep(k, 2);
	yield* synchronize_irq(k, ehci.pdev.irq);
	yield* dropTransfers(k, ehci, qh);
	ehci_qh_free(k, ehci.pools, qh);
	if (!ehci.halted) enableRingWhileNeeded(k, ehci);
}
