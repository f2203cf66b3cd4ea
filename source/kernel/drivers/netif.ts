/**
 * Models as much of net/core/dev.c (2.6.11 and later) as a card needs above it: the devices that wait to be polled, the
 * NET_RX softirq that polls them, and the fate of a frame: it is counted and dropped, but an echo request goes back to
 * its sender.
 *
 * Not modelled: sk_buff beyond its data, backlog queues of cards without NAPI, queueing disciplines, routing, sockets.
 */
import type {KernelLogicalAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {NET_RX_SOFTIRQ, open_softirq, raise_softirq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {kread, kwrite} from '../mm/access.ts';
import {type Sleeps, type Spends, spend} from '../time.ts';
import {msleep} from '../timer.ts';
import {traceCall} from '../trace.ts';

/** A buffer that holds one frame: kmalloc()ed, so that its address is logical and it can be mapped for DMA. */
export type sk_buff = {readonly data: KernelLogicalAddress; readonly truesize: number; len: number};

type net_device_stats = {
	rx_packets: number;
	rx_bytes: number;
	rx_errors: number;
	rx_dropped: number;
	tx_packets: number;
	tx_bytes: number;
	tx_dropped: number;
};

export type net_device = {
	readonly name: string;
	/** Frames that one call of `poll` may take. */
	readonly weight: number;
	/** Softirq context. Takes what has come in; calls netif_rx_complete() when nothing is left. @returns frames taken */
	readonly poll: (k: Kernel, quota: number) => Spends<number>;
	/** @returns whether the card took the frame; the buffer is its own from then on */
	readonly hard_start_xmit: (k: Kernel, skb: sk_buff) => boolean;
	readonly stats: net_device_stats;
	/** __LINK_STATE_START: up. */
	running: boolean;
	/** __LINK_STATE_RX_SCHED: on a CPU's list of devices to poll. */
	scheduled: boolean;
};

export type NetState = {
	readonly devices: net_device[];
	/** softnet_data.poll_list, by CPU. */
	readonly poll_lists: Map<number, net_device[]>;
};

/** Frames that one run of the softirq takes before it lets others have the CPU. */
const NETDEV_MAX_BACKLOG = 300;

/** Where the addresses and the IP protocol number lie in a frame. */
const ETH_ALEN = 6;
const PROTOCOL_OFFSET = 23;
const IPPROTO_ICMP = 1;

export const net_init = (): NetState => ({devices: [], poll_lists: new Map()});

// ── devices ────────────────────────────────────────────────────────────────────────────────────────────────────────

type NewNetDevice = Pick<net_device, 'name' | 'weight' | 'poll' | 'hard_start_xmit'>;

/** Makes a card known and takes it up. */
export function register_netdev(k: Kernel, wanted: NewNetDevice): net_device {
	const stats = {rx_packets: 0, rx_bytes: 0, rx_errors: 0, rx_dropped: 0, tx_packets: 0, tx_bytes: 0, tx_dropped: 0};
	const dev: net_device = {...wanted, stats, running: true, scheduled: false};
	if (k.net.devices.length === 0) open_softirq(k, NET_RX_SOFTIRQ, net_rx_action);
	k.net.devices.push(dev);
	return dev;
}

/** Takes a card down and waits until nobody polls it any more. Its driver has silenced it before. May sleep. */
export function* unregister_netdev(k: Kernel, dev: net_device): Sleeps<void> {
	dev.running = false;
	while (dev.scheduled) yield* msleep(k, 1);
	k.net.devices.splice(k.net.devices.indexOf(dev), 1);
}

// ── polling ────────────────────────────────────────────────────────────────────────────────────────────────────────

function pollList(k: Kernel): net_device[] {
	const known = k.net.poll_lists.get(k.cpu.id);
	if (known) return known;
	const list: net_device[] = [];
	k.net.poll_lists.set(k.cpu.id, list);
	return list;
}

/**
 * Has the softirq of this CPU poll a card that has something. For interrupt handlers. @returns false when it will
 * anyway
 */
export function netif_rx_schedule(k: Kernel, dev: net_device): boolean {
	if (!dev.running || dev.scheduled) return false;
	dev.scheduled = true;
	pollList(k).push(dev);
	raise_softirq(k, NET_RX_SOFTIRQ);
	return true;
}

/** A poll method has found nothing more. */
export function netif_rx_complete(k: Kernel, dev: net_device): void {
	const list = pollList(k);
	list.splice(list.indexOf(dev), 1);
	dev.scheduled = false;
}

function* net_rx_action(k: Kernel): Spends<void> {
	const list = pollList(k);
	let budget = NETDEV_MAX_BACKLOG;
	for (let dev = list[0]; dev; dev = list[0]) {
		if (budget <= 0) {
			raise_softirq(k, NET_RX_SOFTIRQ);
			return;
		}
		budget -= yield* dev.poll(k, Math.min(dev.weight, budget));
		// Who has more stays on the list, behind the others.
		if (dev.scheduled && list[0] === dev) list.push(list.shift()!);
		yield* spend(0);
	}
}

// ── frames ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Takes a received frame through the protocol layers. Softirq context.
 * @returns whether the buffer is still in use (it goes out again); else the caller frees it
 */
export function* netif_receive_skb(k: Kernel, dev: net_device, skb: sk_buff): Spends<boolean> {
	traceCall(k, 'netif_receive_skb', `${dev.name} poll`);
	dev.stats.rx_packets++;
	dev.stats.rx_bytes += skb.len;
	charge(k, COST.netFrameNs);
	const header = kread(k, skb.data, PROTOCOL_OFFSET + 1);
	yield* spend(0);
	if (header[PROTOCOL_OFFSET] !== IPPROTO_ICMP) return false;
	return echo(k, dev, skb, header);
}

/** Sends a frame back in its own buffer, its addresses exchanged. */
function echo(k: Kernel, dev: net_device, skb: sk_buff, header: Uint8Array): boolean {
	const addresses = new Uint8Array(2 * ETH_ALEN);
	addresses.set(header.subarray(ETH_ALEN, 2 * ETH_ALEN));
	addresses.set(header.subarray(0, ETH_ALEN), ETH_ALEN);
	kwrite(k, skb.data, addresses);
	if (dev.hard_start_xmit(k, skb)) return true;
	dev.stats.tx_dropped++;
	return false;
}
