/**
 * Models kernel/dma.c and asm-i386/dma.h (2.6.11 to 6.1, hardly changed): the registry of ISA DMA channels and the
 * calls that program the 8237s.
 *
 * Not modelled: delays between port accesses beyond their cost, MCA.
 */
import {type BusAddress, port} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EBUSY, EINVAL} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {spin_lock_init, spin_lock_irqsave, spin_unlock_irqrestore, type spinlock_t} from '../locking.ts';
import {printk} from '../printk.ts';
import type {Spends} from '../time.ts';

export const MAX_DMA_CHANNELS = 8;
/** From the device into memory, and back: seen from the processor, not from the device. */
export const DMA_MODE_READ = 0x44;
export const DMA_MODE_WRITE = 0x48;
export const DMA_MODE_CASCADE = 0xc0;
export const DMA_AUTOINIT = 0x10;
/**
 * Port of each channel's page register. Address and count registers lie at 2n and 2n+1, at 0xc0+4(n-4) and two above
 * from channel 5.
 */
export const PAGE_PORT: readonly (number | undefined)[] = [0x87, 0x83, 0x81, 0x82, undefined, 0x8b, 0x89, 0x8a];

export type IsaDmaState = {
	/** Who holds each channel. Channel 4 joins the two controllers and is never free. */
	readonly owners: (string | undefined)[];
	readonly dma_spin_lock: spinlock_t;
};

export const isa_dma_init = (): IsaDmaState => ({
	owners: Array.from({length: MAX_DMA_CHANNELS}, (_, channel) => (channel === 4 ? 'cascade' : undefined)),
	dma_spin_lock: spin_lock_init('dma_spin_lock'),
});

/**
 * Takes a channel. Ask for the interrupt first and the channel second, and give them back the other way round.
 * @param owner as /proc/dma shows it
 * @returns 0, -EINVAL for a channel that does not exist, -EBUSY for one that is held
 * @see LDD3 page 456
 */
export function request_dma(k: Kernel, channel: number, owner: string): number {
	if (channel >= MAX_DMA_CHANNELS) return -EINVAL;
	const {owners} = k.dma.isa;
	if (owners[channel] !== undefined) return -EBUSY;
	owners[channel] = owner;
	return 0;
}

export function free_dma(k: Kernel, channel: number): void {
	const {owners} = k.dma.isa;
	if (channel >= MAX_DMA_CHANNELS) printk(k, 4, `Trying to free DMA${channel}`);
	else if (owners[channel] === undefined) printk(k, 4, `Trying to free free DMA${channel}`);
	else owners[channel] = undefined;
}

/** Channels in use, for /proc/dma. */
export const dmaChannelsInUse = (k: Kernel): {readonly channel: number; readonly owner: string}[] =>
	k.dma.isa.owners.flatMap((owner, channel) => (owner === undefined ? [] : [{channel, owner}]));

/**
 * Takes the lock that guards the controllers' registers, with interrupts off. @returns what release_dma_lock() wants
 */
export const claim_dma_lock = (k: Kernel): Spends<boolean> => spin_lock_irqsave(k, k.dma.isa.dma_spin_lock);

export function release_dma_lock(k: Kernel, flags: boolean): void {
	spin_unlock_irqrestore(k, k.dma.isa.dma_spin_lock, flags);
}

// ── programming, with the lock held ────────────────────────────────────────────────────────────────────────────────

function dma_outb(k: Kernel, value: number, address: number): void {
	charge(k, COST.portIoNs);
	k.hw.bus.out(port(address), 1, value);
}

function dma_inb(k: Kernel, address: number): number {
	charge(k, COST.portIoNs);
	return k.hw.bus.in(port(address), 1);
}

const is16Bit = (channel: number) => channel > 3;
const addressPort = (channel: number) => (is16Bit(channel) ? 0xc0 + (channel & 3) * 4 : channel * 2);
const countPort = (channel: number) => (is16Bit(channel) ? 0xc2 + (channel & 3) * 4 : channel * 2 + 1);

/** Lets the device's requests through. */
export function enable_dma(k: Kernel, channel: number): void {
	dma_outb(k, channel & 3, is16Bit(channel) ? 0xd4 : 0x0a);
}

/** Holds the device's requests back. */
export function disable_dma(k: Kernel, channel: number): void {
	dma_outb(k, (channel & 3) | 4, is16Bit(channel) ? 0xd4 : 0x0a);
}

/** Makes the next byte written to a 16-bit register the low one. Needed before every address and count. */
export function clear_dma_ff(k: Kernel, channel: number): void {
	dma_outb(k, 0, is16Bit(channel) ? 0xd8 : 0x0c);
}

/** @param mode DMA_MODE_READ, DMA_MODE_WRITE or DMA_MODE_CASCADE, with DMA_AUTOINIT or not */
export function set_dma_mode(k: Kernel, channel: number, mode: number): void {
	dma_outb(k, mode | (channel & 3), is16Bit(channel) ? 0xd6 : 0x0b);
}

/** Bits 16 to 23 of the address; 16-bit channels count words and leave bit 16 to the address register. */
export function set_dma_page(k: Kernel, channel: number, page: number): void {
	const at = PAGE_PORT[channel];
	if (at !== undefined) dma_outb(k, is16Bit(channel) ? page & 0xfe : page, at);
}

/** @param address bus address below 16 MiB; a 16-bit channel loses its lowest bit */
export function set_dma_addr(k: Kernel, channel: number, address: BusAddress): void {
	set_dma_page(k, channel, Math.floor(address / 0x1_0000) & 0xff);
	const register = is16Bit(channel) ? Math.floor(address / 2) : address;
	dma_outb(k, register & 0xff, addressPort(channel));
	dma_outb(k, (register >>> 8) & 0xff, addressPort(channel));
}

/** @param countBytes 1 to 64 KiB, 2 to 128 KiB on a 16-bit channel; the register holds one less, in its own units */
export function set_dma_count(k: Kernel, channel: number, countBytes: number): void {
	const last = countBytes - 1;
	const register = is16Bit(channel) ? last >> 1 : last;
	dma_outb(k, register & 0xff, countPort(channel));
	dma_outb(k, (register >>> 8) & 0xff, countPort(channel));
}

/**
 * Bytes not yet moved; 0 when done, but also right after 64 KiB were programmed. Clear the flip-flop first.
 * @see LDD3 page 461
 */
export function get_dma_residue(k: Kernel, channel: number): number {
	const low = dma_inb(k, countPort(channel));
	const high = dma_inb(k, countPort(channel));
	const units = (1 + low + high * 256) & 0xffff;
	return is16Bit(channel) ? units * 2 : units;
}
