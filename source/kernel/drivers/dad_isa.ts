/**
 * The book's ISA example (LDD3 page 458): interrupt first, channel second; the controller is programmed under its lock;
 * the transfer is done when nothing is left.
 *
 * Not modelled: the character device in front of it.
 */
import {type BusAddress, type KernelLogicalAddress, port} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {ISA_DAD_COMMAND, ISA_DAD_OUTPUT, ISA_DAD_PORT, ISA_DAD_SAMPLE, ISA_DAD_STATUS} from '../../hardware/isa_dad.ts';
import {charge} from '../cpu.ts';
import {
	claim_dma_lock,
	clear_dma_ff,
	DMA_MODE_READ,
	DMA_MODE_WRITE,
	disable_dma,
	enable_dma,
	free_dma,
	get_dma_residue,
	release_dma_lock,
	request_dma,
	set_dma_addr,
	set_dma_count,
	set_dma_mode,
} from '../dma/isa.ts';
import {virt_to_bus} from '../dma/mapping.ts';
import {free_irq, request_irq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps, Spends} from '../time.ts';
import {type wait_queue_head as WaitQueue, wait_event, wait_queue_head, wake_up_all} from '../wait.ts';

type dad_isa_dev = {
	readonly irq: number;
	readonly dma: number;
	transfers: number;
	busy: boolean;
	readonly done: WaitQueue;
	/** What the driver leaves out. */
	bug: 'forgets clear_dma_ff' | undefined;
};

function outb(k: Kernel, value: number, offset: number): void {
	charge(k, COST.portIoNs);
	k.hw.bus.out(port(ISA_DAD_PORT + offset), 1, value);
}

function inb(k: Kernel, offset: number): number {
	charge(k, COST.portIoNs);
	return k.hw.bus.in(port(ISA_DAD_PORT + offset), 1);
}

/**
 * Takes line and channel, in this order; what was taken is given back when the other is refused. @returns 0 or -errno
 */
export function dad_open(k: Kernel, dev: dad_isa_dev): number {
	const noLine = request_irq(k, dev.irq, () => dad_isa_interrupt(k, dev), 'dad');
	if (noLine !== 0) return noLine;
	const noChannel = request_dma(k, dev.dma, 'dad');
	if (noChannel !== 0) free_irq(k, dev.irq);
	return noChannel;
}

/** Gives both back, the channel first. */
export function dad_close(k: Kernel, dev: dad_isa_dev): void {
	free_dma(k, dev.dma);
	free_irq(k, dev.irq);
}

export const newIsaDad = (irq: number, dma: number): dad_isa_dev => ({
	irq,
	dma,
	transfers: 0,
	busy: false,
	done: wait_queue_head('dad isa transfer'),
	bug: undefined,
});

/** Programs the channel. @param buffer below 16 MiB, and not across a 64 KiB boundary */
function* dad_dma_prepare(
	k: Kernel,
	dev: dad_isa_dev,
	mode: number,
	buffer: BusAddress,
	countBytes: number,
): Spends<void> {
	const flags = yield* claim_dma_lock(k);
	disable_dma(k, dev.dma);
	if (dev.bug !== 'forgets clear_dma_ff') clear_dma_ff(k, dev.dma);
	set_dma_mode(k, dev.dma, mode);
	set_dma_addr(k, dev.dma, buffer);
	set_dma_count(k, dev.dma, countBytes);
	enable_dma(k, dev.dma);
	release_dma_lock(k, flags);
}

/** Whether nothing is left to move. */
function* dad_dma_isdone(k: Kernel, dev: dad_isa_dev): Spends<boolean> {
	const flags = yield* claim_dma_lock(k);
	clear_dma_ff(k, dev.dma);
	const residue = get_dma_residue(k, dev.dma);
	release_dma_lock(k, flags);
	return residue === 0;
}

/** Starts a transfer; the card's interrupt ends it. @param write true sends the buffer to the card */
export function* dad_isa_transfer(
	k: Kernel,
	dev: dad_isa_dev,
	write: boolean,
	buffer: KernelLogicalAddress,
	countBytes: number,
): Spends<void> {
	yield* dad_dma_prepare(k, dev, write ? DMA_MODE_WRITE : DMA_MODE_READ, virt_to_bus(buffer), countBytes);
	dev.busy = true;
	outb(k, write ? ISA_DAD_OUTPUT : ISA_DAD_SAMPLE, ISA_DAD_COMMAND);
}

/** Waits for the transfer under way. */
export function* dad_isa_wait(k: Kernel, dev: dad_isa_dev): Sleeps<void> {
	yield* wait_event(k, dev.done, () => !dev.busy);
}

function* dad_isa_interrupt(k: Kernel, dev: dad_isa_dev): Spends<void> {
	inb(k, ISA_DAD_STATUS);
	if (!(yield* dad_dma_isdone(k, dev))) return;
	dev.busy = false;
	dev.transfers++;
	wake_up_all(k, dev.done);
}
