/**
 * A function on a conventional PCI bus: what its configuration space says about it, and its way to memory. The BIOS has
 * run already: base addresses and interrupt lines are set.
 *
 * Not modelled: configuration mechanism #1 (ports 0xcf8/0xcfc), bridges, capabilities, parity and latency timers; of
 * the status register, all bits but those of aborts that the function received.
 */
import type {BusAddress, PhysicalAddress, PortAddress} from './address.ts';
import {BusError, type SystemBus} from './bus.ts';

/** Bits of the status register, which stay until software clears them. @see include/linux/pci_regs.h */
export const PCI_STATUS_REC_TARGET_ABORT = 0x1000;
export const PCI_STATUS_REC_MASTER_ABORT = 0x2000;

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
	/** Memory space and I/O space enable: whether it answers on its base addresses. */
	enabled = false;
	/** Bus master enable: without it, the function's DMA never leaves the device. */
	busMaster = false;
	private statusBits = 0;

	constructor(identity: PciIdentity) {
		this.identity = identity;
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
