/**
 * Models a network driver of the kind of drivers/net/e100.c (2.6.11 and later): rings of descriptors in coherent
 * memory, which card and CPU use at the same time, and a kmalloc()ed buffer per frame, lent to the card by a streaming
 * mapping and taken back when the card is done. The interrupt handler only silences the card and asks for a poll; the
 * poll, in softirq context, does the work and lets the card interrupt again when nothing is left (NAPI).
 *
 * Not modelled: the command blocks of a real 82559 (our card's descriptors are simpler, hardware/nic.ts), its receive
 * descriptors inside the buffers, the watchdog, PHY and ethtool, statistics dumps. A card that stops after a bus error
 * stays stopped.
 */
import {type KernelVirtualAddress, kernelAddress} from '../../hardware/address.ts';
import {
	NIC_ADDRESS,
	NIC_COMMAND,
	NIC_COMMAND_INTERRUPT,
	NIC_COMMAND_RUN,
	NIC_COMMAND_TRANSMIT,
	NIC_EVENT_BUS_ERROR,
	NIC_EVENT_NO_BUFFER,
	NIC_EVENTS,
	NIC_RX_RING,
	NIC_SIZES,
	NIC_TX_RING,
} from '../../hardware/nic.ts';
import {DMA_FROM_DEVICE, DMA_TO_DEVICE, type dma_data_direction} from '../dma/direction.ts';
import {dma_map_single, dma_mapping_error, dma_unmap_single} from '../dma/mapping.ts';
import {dma_set_mask} from '../dma/masks.ts';
import {EIO, ENOMEM} from '../errno.ts';
import {free_irq, request_irq, synchronize_irq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {GFP_ATOMIC} from '../mm/gfp.ts';
import {ioremap, iounmap, readl, writel} from '../mm/ioremap.ts';
import {kfree, try_kmalloc} from '../mm/slab.ts';
import {printk} from '../printk.ts';
import {type Sleeps, type Spends, spend} from '../time.ts';
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
import {allocRing, descriptorLength, freeRing, giveDescriptor, isWithCard, type Ring} from './e100_ring.ts';
import {
	type net_device,
	netif_receive_skb,
	netif_rx_complete,
	netif_rx_schedule,
	register_netdev,
	type sk_buff,
	unregister_netdev,
} from './netif.ts';

/** A full Ethernet frame with its VLAN tag, in whole words. */
const RX_BUFFER_BYTES = 1_536;
const RX_DESCRIPTORS = 16;
const TX_DESCRIPTORS = 16;
/** Frames that one poll may take. */
const E100_NAPI_WEIGHT = 16;

export type nic = {
	readonly pdev: pci_dev;
	readonly registers: KernelVirtualAddress;
	readonly netdev: net_device;
	readonly rx: Ring;
	readonly tx: Ring;
	/** What the card is told to be: running, and allowed to interrupt or not. */
	command: number;
	interrupts: number;
	polls: number;
};

const register = (nic: Pick<nic, 'registers'>, offset: number) => kernelAddress(nic.registers + offset);

function setCommand(k: Kernel, nic: nic, command: number): void {
	nic.command = command;
	writel(k, command, register(nic, NIC_COMMAND));
}

// ── receive ────────────────────────────────────────────────────────────────────────────────────────────────────────

const RX_CALLERS = ['e100_rx_alloc_skb'];

/**
 * Puts a fresh buffer into the next empty receive slot and hands it to the card. @returns false when there is none to
 * have
 */
function e100_rx_alloc_skb(k: Kernel, nic: nic): boolean {
	const {rx} = nic;
	const data = try_kmalloc(k, RX_BUFFER_BYTES, GFP_ATOMIC);
	if (data === undefined) return false;
	const dma = dma_map_single(k, nic.pdev.dev, data, RX_BUFFER_BYTES, DMA_FROM_DEVICE, 0, RX_CALLERS);
	if (dma_mapping_error(k, nic.pdev.dev, dma) !== 0) {
		kfree(k, data);
		return false;
	}
	rx.slots[rx.toUse] = {skb: {data, truesize: RX_BUFFER_BYTES, len: 0}, dma};
	giveDescriptor(k, rx, rx.toUse, dma, RX_BUFFER_BYTES);
	rx.toUse = (rx.toUse + 1) % rx.slots.length;
	return true;
}

/** Fills every empty slot. What memory cannot fill now stays empty until the next poll. */
function refill(k: Kernel, nic: nic): void {
	while (!nic.rx.slots[nic.rx.toUse] && e100_rx_alloc_skb(k, nic)) {}
}

/** Takes frames that the card has finished. @returns how many */
function* e100_rx_clean(k: Kernel, nic: nic, quota: number): Spends<number> {
	const {rx, netdev} = nic;
	let taken = 0;
	for (; taken < quota; taken++) {
		const slot = rx.slots[rx.toClean];
		if (!slot || isWithCard(k, rx, rx.toClean)) break;
		const {skb, dma} = slot;
		skb.len = descriptorLength(k, rx, rx.toClean);
		dma_unmap_single(k, nic.pdev.dev, dma, RX_BUFFER_BYTES, DMA_FROM_DEVICE);
		rx.slots[rx.toClean] = undefined;
		rx.toClean = (rx.toClean + 1) % rx.slots.length;
		if (!(yield* netif_receive_skb(k, netdev, skb))) kfree(k, skb.data);
	}
	refill(k, nic);
	return taken;
}

// ── transmit ───────────────────────────────────────────────────────────────────────────────────────────────────────

const TX_CALLERS = ['e100_xmit_frame'];

/** Gives a frame to the card. @returns whether there was room for it */
function e100_xmit_frame(k: Kernel, nic: nic, skb: sk_buff): boolean {
	const {tx} = nic;
	if (tx.slots[tx.toUse]) return false;
	const dma = dma_map_single(k, nic.pdev.dev, skb.data, skb.len, DMA_TO_DEVICE, 0, TX_CALLERS);
	if (dma_mapping_error(k, nic.pdev.dev, dma) !== 0) return false;
	tx.slots[tx.toUse] = {skb, dma};
	giveDescriptor(k, tx, tx.toUse, dma, skb.len);
	tx.toUse = (tx.toUse + 1) % tx.slots.length;
	writel(k, nic.command | NIC_COMMAND_TRANSMIT, register(nic, NIC_COMMAND));
	return true;
}

/** Takes back what the card has sent. @returns how many frames */
function e100_tx_clean(k: Kernel, nic: nic): number {
	const {tx, netdev} = nic;
	let sent = 0;
	for (let slot = tx.slots[tx.toClean]; slot && !isWithCard(k, tx, tx.toClean); slot = tx.slots[tx.toClean]) {
		dma_unmap_single(k, nic.pdev.dev, slot.dma, slot.skb.len, DMA_TO_DEVICE);
		netdev.stats.tx_packets++;
		netdev.stats.tx_bytes += slot.skb.len;
		kfree(k, slot.skb.data);
		tx.slots[tx.toClean] = undefined;
		tx.toClean = (tx.toClean + 1) % tx.slots.length;
		sent++;
	}
	return sent;
}

// ── interrupt and poll ─────────────────────────────────────────────────────────────────────────────────────────────

function* e100_intr(k: Kernel, nic: nic): Spends<void> {
	const events = readl(k, register(nic, NIC_EVENTS));
	yield* spend(0);
	if (events === 0) return;
	nic.interrupts++;
	writel(k, events, register(nic, NIC_EVENTS));
	if ((events & NIC_EVENT_NO_BUFFER) !== 0) nic.netdev.stats.rx_dropped++;
	if ((events & NIC_EVENT_BUS_ERROR) !== 0) {
		nic.netdev.stats.rx_errors++;
		setCommand(k, nic, 0);
	}
	if (netif_rx_schedule(k, nic.netdev)) setCommand(k, nic, nic.command & ~NIC_COMMAND_INTERRUPT);
	yield* spend(0);
}

function* e100_poll(k: Kernel, nic: nic, quota: number): Spends<number> {
	nic.polls++;
	const received = yield* e100_rx_clean(k, nic, quota);
	const sent = e100_tx_clean(k, nic);
	if ((received === 0 && sent === 0) || !nic.netdev.running) {
		netif_rx_complete(k, nic.netdev);
		if (nic.command !== 0) setCommand(k, nic, nic.command | NIC_COMMAND_INTERRUPT);
	}
	return received;
}

// ── probe and remove ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Takes a card into use. May sleep.
 * @param name of the interface
 * @returns the driver's record, or -EIO (no DMA), -ENOMEM, -EBUSY (its interrupt is taken)
 */
export function* e100_probe(k: Kernel, pdev: pci_dev, name = 'eth0'): Sleeps<nic | number> {
	pci_enable_device(pdev);
	driver_bind(pdev.dev, 'e100');
	const registers = ioremap(k, pci_resource_start(pdev, 0), pci_resource_len(pdev, 0), 'e100_probe');
	const rx = yield* allocRing(k, pdev.dev, RX_DESCRIPTORS);
	const tx = yield* allocRing(k, pdev.dev, TX_DESCRIPTORS);
	const canDma = dma_set_mask(k, pdev.dev, DMA_BIT_MASK(32)) === 0;
	if (registers === undefined || !rx || !tx || !canDma) {
		releaseDevice(k, pdev, registers, [rx, tx]);
		return canDma ? -ENOMEM : -EIO;
	}
	const nic = newNic(k, pdev, registers, rx, tx, name);
	const refused = request_irq(k, pdev.irq, () => e100_intr(k, nic), name);
	if (refused !== 0) {
		k.net.devices.pop();
		releaseDevice(k, pdev, registers, [rx, tx]);
		return refused;
	}
	pci_set_master(pdev);
	printk(
		k,
		6,
		k.era.e100ProbeLine(pdev.dev.bus_id, name, pci_resource_start(pdev, 0), pdev.irq, stationAddress(k, nic)),
	);
	e100_up(k, nic);
	return nic;
}

function newNic(k: Kernel, pdev: pci_dev, registers: KernelVirtualAddress, rx: Ring, tx: Ring, name: string): nic {
	const netdev = register_netdev(k, {
		name,
		weight: E100_NAPI_WEIGHT,
		poll: (kernel, quota) => e100_poll(kernel, nic, quota),
		hard_start_xmit: (kernel, skb) => e100_xmit_frame(kernel, nic, skb),
	});
	const nic: nic = {pdev, registers, netdev, rx, tx, command: 0, interrupts: 0, polls: 0};
	return nic;
}

function stationAddress(k: Kernel, nic: nic): number[] {
	const words = [readl(k, register(nic, NIC_ADDRESS)), readl(k, register(nic, NIC_ADDRESS + 4))];
	return Array.from({length: 6}, (_, i) => (words[i >> 2]! >>> (8 * (i & 3))) & 0xff);
}

function e100_up(k: Kernel, nic: nic): void {
	refill(k, nic);
	writel(k, nic.rx.memory.dma_handle, register(nic, NIC_RX_RING));
	writel(k, nic.tx.memory.dma_handle, register(nic, NIC_TX_RING));
	writel(k, RX_DESCRIPTORS | (TX_DESCRIPTORS << 16), register(nic, NIC_SIZES));
	setCommand(k, nic, NIC_COMMAND_RUN | NIC_COMMAND_INTERRUPT);
}

/** Stops the card, waits for those who work on it, and gives everything back. May sleep. */
export function* e100_remove(k: Kernel, nic: nic): Sleeps<void> {
	const {pdev} = nic;
	setCommand(k, nic, 0);
	yield* synchronize_irq(k, pdev.irq);
	free_irq(k, pdev.irq);
	yield* unregister_netdev(k, nic.netdev);
	releaseSlots(k, nic, nic.rx, DMA_FROM_DEVICE);
	releaseSlots(k, nic, nic.tx, DMA_TO_DEVICE);
	releaseDevice(k, pdev, nic.registers, [nic.rx, nic.tx]);
}

function releaseSlots(k: Kernel, nic: nic, ring: Ring, direction: dma_data_direction): void {
	for (const [index, slot] of ring.slots.entries()) {
		if (!slot) continue;
		dma_unmap_single(
			k,
			nic.pdev.dev,
			slot.dma,
			direction === DMA_FROM_DEVICE ? RX_BUFFER_BYTES : slot.skb.len,
			direction,
		);
		kfree(k, slot.skb.data);
		ring.slots[index] = undefined;
	}
}

function releaseDevice(
	k: Kernel,
	pdev: pci_dev,
	registers: KernelVirtualAddress | undefined,
	rings: readonly (Ring | undefined)[],
): void {
	for (const ring of rings) if (ring) freeRing(k, pdev.dev, ring);
	if (registers !== undefined) iounmap(k, registers);
	driver_unbind(k, pdev.dev);
	pci_disable_device(pdev);
}
