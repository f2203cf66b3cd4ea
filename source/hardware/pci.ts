/**
 * A function on a conventional PCI bus: what its configuration space says about it, and its way to memory. The BIOS has
 * run already: base addresses and interrupt lines are set.
 *
 *   configuration space        1  0
 *   00 device     vendor            20 BAR 4
 *   04 status     command           24 BAR 5
 *   08 class (24 bits)  revision    2c subsystem device  vendor
 *   0c -  header  latency  line     3c -  pin  line of the interrupt
 *   10 BAR 0 … 1c BAR 3
 *
 * Not modelled: configuration mechanism #1 (ports 0xcf8/0xcfc), bridges, capabilities, parity and latency timers; of
 * the status register, all bits but those of aborts that the function received; windows that move: a base address
 * register answers how large its window is, but the window stays where the BIOS put it.
 */
import type {BusAddress, PhysicalAddress, PortAddress} from './address.ts';
import {type AccessWidth, BusError, type SystemBus} from './bus.ts';

/** Bits of the status register, which stay until software clears them. @see include/linux/pci_regs.h */
export const PCI_STATUS_REC_TARGET_ABORT = 0x1000;
export const PCI_STATUS_REC_MASTER_ABORT = 0x2000;

export const PCI_COMMAND_IO = 1;
export const PCI_COMMAND_MEMORY = 2;
const PCI_COMMAND_MASTER = 4;
/** Bits of the command register that each function has here; those of its kinds of base addresses come on top. */
const COMMON_COMMAND_BITS = 0x0544;
const CONFIG_BYTES = 256;
const BASE_ADDRESSES = 6;

type PciBar =
	| {readonly kind: 'memory'; readonly start: PhysicalAddress; readonly sizeBytes: number}
	| {readonly kind: 'io'; readonly start: PortAddress; readonly count: number};

type PciIdentity = {
	/** domain:bus:slot.function, as Linux names it: `0000:00:1d.7`. */
	readonly address: string;
	readonly vendorId: number;
	readonly deviceId: number;
	/** Class code, 24 bits: base class, subclass, programming interface. */
	readonly classCode: number;
	/** Line of the interrupt controller that INTA# is wired to. */
	readonly interruptLine: number;
	readonly bars: readonly PciBar[];
};

/** One function of a device, with the bits of its command register that decide what it may do. */
export class PciFunction {
	readonly identity: PciIdentity;
	#command = 0;
	private statusBits = 0;
	/** Registers that only remember: cache line, latency timer, interrupt line. */
	private readonly kept = new Map<number, number>();
	/** Base address registers that were asked for their size. */
	private readonly sized = new Set<number>();

	constructor(identity: PciIdentity) {
		this.identity = identity;
	}

	/** The command register. Bits that the function has not stay 0. */
	get command(): number {
		return this.#command;
	}

	set command(value: number) {
		const spaces = this.identity.bars.map(({kind}) => (kind === 'io' ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY));
		this.#command = value & spaces.reduce((bits, space) => bits | space, COMMON_COMMAND_BITS);
	}

	/** Memory space enable: whether it answers where its memory is. */
	get memoryEnabled(): boolean {
		return (this.#command & PCI_COMMAND_MEMORY) !== 0;
	}

	/** Bus master enable: without it, the function's DMA never leaves the device. */
	get busMaster(): boolean {
		return (this.#command & PCI_COMMAND_MASTER) !== 0;
	}

	set busMaster(may: boolean) {
		this.command = may ? this.#command | PCI_COMMAND_MASTER : this.#command & ~PCI_COMMAND_MASTER;
	}

	private baseAddress(index: number): number {
		const bar = this.identity.bars[index];
		if (!bar) return 0;
		const size = bar.kind === 'io' ? bar.count : bar.sizeBytes;
		const flag = bar.kind === 'io' ? 1 : 0;
		return ((this.sized.has(index) ? -size : bar.start) | flag) >>> 0;
	}

	/** A word of the configuration space at a multiple of 4. */
	private configWord(offset: number): number {
		const {vendorId, deviceId, classCode, interruptLine} = this.identity;
		const kept = (at: number, otherwise = 0) => this.kept.get(at) ?? otherwise;
		if (offset >= 0x10 && offset < 0x10 + 4 * BASE_ADDRESSES) return this.baseAddress((offset - 0x10) / 4);
		switch (offset) {
			case 0x00:
				return (deviceId << 16) | vendorId;
			case 0x04:
				return (this.statusBits << 16) | this.command;
			case 0x08:
				return classCode << 8;
			case 0x0c:
				return kept(0x0c) | (kept(0x0d) << 8);
			case 0x3c:
				return (1 << 8) | kept(0x3c, interruptLine);
			default:
				return 0;
		}
	}

	/** Reads the configuration space. @param offset a multiple of the width, below 256 */
	readConfig(offset: number, width: AccessWidth): number {
		if (offset < 0 || offset + width > CONFIG_BYTES) return 2 ** (8 * width) - 1;
		const word = this.configWord(offset & ~3) >>> 0;
		return Math.floor(word / 2 ** (8 * (offset & 3))) % 2 ** (8 * width);
	}

	/** Writes the configuration space. @param offset a multiple of the width, below 256 */
	writeConfig(offset: number, width: AccessWidth, value: number): void {
		const at = offset & ~3;
		if (at >= 0x10 && at < 0x10 + 4 * BASE_ADDRESSES) {
			const index = (at - 0x10) / 4;
			if (value === 0xffff_ffff) this.sized.add(index);
			else this.sized.delete(index);
			return;
		}
		const byte = (i: number) => Math.floor(value / 2 ** (8 * i)) & 0xff;
		for (let i = 0; i < width; i++) this.writeByte(offset + i, byte(i));
	}

	private writeByte(offset: number, value: number): void {
		if (offset === 0x04) this.command = (this.command & 0xff00) | value;
		else if (offset === 0x05) this.command = (this.command & 0xff) | (value << 8);
		else if (offset === 0x07) this.clearStatus(value << 8);
		else if (offset === 0x0c || offset === 0x0d || offset === 0x3c) this.kept.set(offset, value);
	}

	get address(): string {
		return this.identity.address;
	}

	/** The status register of the configuration space: which aborts the function has met as a bus master. */
	get status(): number {
		return this.statusBits;
	}

	/** Software writes ones to the bits that it clears. */
	clearStatus(bits: number): void {
		this.statusBits &= ~bits;
	}

	/** Notes an abort, and leaves the rest to the device. */
	private met(error: unknown): never {
		if (error instanceof BusError)
			this.statusBits |= error.abort === 'target abort' ? PCI_STATUS_REC_TARGET_ABORT : PCI_STATUS_REC_MASTER_ABORT;
		throw error;
	}

	/** Reads memory as a bus master. @throws BusError where no RAM answers. @returns undefined when not a bus master */
	dmaRead(bus: SystemBus, address: BusAddress, lengthBytes: number): Uint8Array | undefined {
		try {
			return this.busMaster ? bus.dmaRead(this.address, address, lengthBytes) : undefined;
		} catch (error) {
			return this.met(error);
		}
	}

	/** As dmaRead, in words. */
	dmaReadWords(bus: SystemBus, address: BusAddress, count: number): Uint32Array | undefined {
		try {
			return this.busMaster ? bus.dmaReadWords(this.address, address, count) : undefined;
		} catch (error) {
			return this.met(error);
		}
	}

	/** As dmaWrite, in words. */
	dmaWriteWords(bus: SystemBus, address: BusAddress, words: Uint32Array): boolean {
		try {
			if (this.busMaster) bus.dmaWriteWords(this.address, address, words);
			return this.busMaster;
		} catch (error) {
			return this.met(error);
		}
	}

	/** Writes memory as a bus master. @throws BusError where no RAM answers. @returns whether the bytes went out */
	dmaWrite(bus: SystemBus, address: BusAddress, bytes: Uint8Array): boolean {
		try {
			if (this.busMaster) bus.dmaWrite(this.address, address, bytes);
			return this.busMaster;
		} catch (error) {
			return this.met(error);
		}
	}
}
