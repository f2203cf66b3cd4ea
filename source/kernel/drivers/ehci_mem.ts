/**
 * Models drivers/usb/host/ehci-mem.c and drivers/usb/core/buffer.c (2.6.11 and later): the DMA pools of a USB host
 * controller, and the two kinds of records that driver and controller share. What the controller knows of a record lies
 * first in its block; the driver's own fields, which in a real kernel follow there, are in the objects here.
 *
 * Not modelled: buffers beyond the largest pool, isochronous records (their pools are made and stay empty).
 */
import {type BusAddress, type KernelLogicalAddress, kernelAddress, PAGE_SIZE} from '../../hardware/address.ts';
import {LINK_TERMINATE, QTD_HALTED, QTD_PAGES} from '../../hardware/usb.ts';
import {
	type dma_pool,
	dma_pool_alloc,
	dma_pool_create,
	dma_pool_destroy,
	dma_pool_free,
	type PoolBlock,
	try_dma_pool_alloc,
} from '../dma/dmapool.ts';
import type {Kernel} from '../kernel.ts';
import {kmemset, kread32, kwrite32} from '../mm/access.ts';
import type {gfp_t} from '../mm/gfp.ts';
import type {Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import type {device} from './device.ts';
import type {urb, usb_pipe} from './usb.ts';

const QTD_BYTES = 96;
const SITD_BYTES = 96;
/** What controllers want records to be aligned to, and not to cross. */
const RECORD_ALIGN = 32;
const RECORD_BOUNDARY = PAGE_SIZE;
const BUFFER_BYTES = [32, 128, 512, 2048] as const;

export type EhciPools = {
	readonly buffers: readonly dma_pool[];
	readonly qtd: dma_pool;
	readonly qh: dma_pool;
	readonly itd: dma_pool;
	readonly sitd: dma_pool;
};

/** One transfer. */
export type ehci_qtd = {
	readonly vaddr: KernelLogicalAddress;
	readonly dma: BusAddress;
	urb: urb | undefined;
	/** Bytes that it was asked to move. */
	length: number;
};

/** The queue of one endpoint. Its list ends in an inactive transfer that the next one takes the place of. */
export type ehci_qh = {
	readonly vaddr: KernelLogicalAddress;
	readonly dma: BusAddress;
	/** Undefined for the head of the ring, which belongs to no endpoint. */
	readonly pipe: usb_pipe | undefined;
	readonly qtds: ehci_qtd[];
	dummy: ehci_qtd;
};

/** Makes the pools: first those of usbcore, then the driver's own. May sleep. */
export function ehci_mem_pools(k: Kernel, dev: device): EhciPools | undefined {
	const record = (name: string, bytes: number) => dma_pool_create(k, name, dev, bytes, RECORD_ALIGN, RECORD_BOUNDARY);
	const buffers = BUFFER_BYTES.flatMap(bytes => dma_pool_create(k, `buffer-${bytes}`, dev, bytes, bytes, 0) ?? []);
	const qtd = record('ehci_qtd', QTD_BYTES);
	const qh = record('ehci_qh', k.era.ehciQhBytes);
	const itd = record('ehci_itd', k.era.ehciItdBytes);
	const sitd = record('ehci_sitd', SITD_BYTES);
	return qtd && qh && itd && sitd ? {buffers, qtd, qh, itd, sitd} : undefined;
}

/** Takes the pools apart; nobody may have a block of them any more. May sleep. */
export function ehci_mem_cleanup(k: Kernel, {qtd, qh, itd, sitd, buffers}: EhciPools): void {
	for (const pool of [qtd, qh, itd, sitd, ...buffers]) dma_pool_destroy(k, pool);
}

// ── records ────────────────────────────────────────────────────────────────────────────────────────────────────────

const put = (k: Kernel, base: number, offset: number, value: number) =>
	kwrite32(k, kernelAddress(base + offset), value);

function ehci_qtd_init(k: Kernel, block: PoolBlock): ehci_qtd {
	put(k, block.vaddr, 0, LINK_TERMINATE);
	put(k, block.vaddr, 4, LINK_TERMINATE);
	put(k, block.vaddr, 8, QTD_HALTED);
	return {...block, urb: undefined, length: 0};
}

/** An inactive transfer. Sleeping is not needed, nor allowed: URBs are submitted from interrupts too. */
export function ehci_qtd_alloc(k: Kernel, pools: EhciPools, gfp: gfp_t): ehci_qtd | undefined {
	traceCall(k, 'dma_pool_alloc', 'ehci_qtd_alloc');
	const block = try_dma_pool_alloc(k, pools.qtd, gfp);
	return block && ehci_qtd_init(k, block);
}

export function ehci_qtd_free(k: Kernel, pools: EhciPools, qtd: ehci_qtd): void {
	traceCall(k, 'dma_pool_free', 'ehci_qtd_free');
	dma_pool_free(k, pools.qtd, qtd.vaddr, qtd.dma);
}

/** Links, page pointers and token of a transfer; the token, which makes it the controller's, comes last. */
export function qtd_fill(
	k: Kernel,
	qtd: ehci_qtd,
	buffer: BusAddress,
	length: number,
	token: number,
	next: BusAddress,
): void {
	qtd.length = length;
	put(k, qtd.vaddr, 0, next);
	put(k, qtd.vaddr, 4, LINK_TERMINATE);
	put(k, qtd.vaddr, 12, buffer);
	const firstPage = buffer - (buffer % PAGE_SIZE);
	for (let page = 1; page < QTD_PAGES; page++) put(k, qtd.vaddr, 12 + page * 4, firstPage + page * PAGE_SIZE);
	put(k, qtd.vaddr, 8, token);
}

export const qtd_token = (k: Kernel, qtd: ehci_qtd): number => kread32(k, kernelAddress(qtd.vaddr + 8));

/**
 * An empty queue, not linked anywhere yet. Does not sleep.
 * @param pipe of its endpoint, or undefined for the head of the ring
 * @param info first information word: function, endpoint, packet size
 */
export function ehci_qh_alloc(
	k: Kernel,
	pools: EhciPools,
	pipe: usb_pipe | undefined,
	info: number,
	gfp: gfp_t,
): ehci_qh | undefined {
	traceCall(k, 'dma_pool_alloc', 'ehci_qh_alloc');
	const block = try_dma_pool_alloc(k, pools.qh, gfp);
	if (!block) return undefined;
	const dummy = ehci_qtd_alloc(k, pools, gfp);
	if (!dummy) {
		dma_pool_free(k, pools.qh, block.vaddr, block.dma);
		return undefined;
	}
	kmemset(k, block.vaddr, 0, pools.qh.size);
	put(k, block.vaddr, 0, LINK_TERMINATE);
	put(k, block.vaddr, 4, info);
	put(k, block.vaddr, 16, dummy.dma);
	put(k, block.vaddr, 20, LINK_TERMINATE);
	return {...block, pipe, qtds: [], dummy};
}

/** @param qh that nobody links to and that has no transfers */
export function ehci_qh_free(k: Kernel, pools: EhciPools, qh: ehci_qh): void {
	ehci_qtd_free(k, pools, qh.dummy);
	dma_pool_free(k, pools.qh, qh.vaddr, qh.dma);
}

/** Writes where the controller goes after this queue. */
export const qh_link = (k: Kernel, qh: ehci_qh, link: number): void => put(k, qh.vaddr, 0, link >>> 0);

// ── small buffers ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The smallest pool whose blocks hold `sizeBytes`. */
const bufferPool = (pools: EhciPools, sizeBytes: number): dma_pool | undefined =>
	pools.buffers.find(pool => pool.size >= sizeBytes);

/**
 * Coherent memory for a driver of a USB function (usb_buffer_alloc(), later usb_alloc_coherent()). May sleep.
 * @param sizeBytes at most 2048
 * @returns undefined for more, and when memory is out
 */
export function* hcd_buffer_alloc(
	k: Kernel,
	pools: EhciPools,
	sizeBytes: number,
	gfp: gfp_t,
): Sleeps<PoolBlock | undefined> {
	const pool = bufferPool(pools, sizeBytes);
	if (!pool) return undefined;
	traceCall(k, 'dma_pool_alloc', 'hcd_buffer_alloc');
	return yield* dma_pool_alloc(k, pool, gfp);
}

/** @param sizeBytes as when it was allocated */
export function hcd_buffer_free(k: Kernel, pools: EhciPools, sizeBytes: number, block: PoolBlock): void {
	const pool = bufferPool(pools, sizeBytes);
	traceCall(k, 'dma_pool_free', 'hcd_buffer_free');
	if (pool) dma_pool_free(k, pool, block.vaddr, block.dma);
}
