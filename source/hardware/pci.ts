/**
 * A function on a conventional PCI bus: what its configuration space says about it, and its way to memory. The BIOS has run
 * already: base addresses and interrupt lines are set.
 *
 * Not modelled: configuration mechanism #1 (ports 0xcf8/0xcfc), bridges, capabilities, parity and latency timers.
 */
import type {BusAddress, PhysicalAddress, PortAddress} from './address.ts';
import type {SystemBus} from './bus.ts';

export type PciBar =
	| {readonly kind: 'memory'; readonly start: PhysicalAddress; readonly sizeBytes: number}
	| {readonly kind: 'io'; readonly start: PortAddress; readonly count: number};

export type PciIdentity = {
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

	constructor(identity: PciIdentity) {
		this.identity = identity;
	}

	get address(): string {
		return this.identity.address;
	}

	/** Reads memory as a bus master. @throws BusError where no RAM answers. @returns undefined when not a bus master */
	dmaRead(bus: SystemBus, address: BusAddress, lengthBytes: number): Uint8Array | undefined {
		return this.busMaster ? bus.dmaRead(this.address, address, lengthBytes) : undefined;
	}

	/** As dmaRead, in words. */
	dmaReadWords(bus: SystemBus, address: BusAddress, count: number): Uint32Array | undefined {
		return this.busMaster ? bus.dmaReadWords(this.address, address, count) : undefined;
	}

	/** As dmaWrite, in words. */
	dmaWriteWords(bus: SystemBus, address: BusAddress, words: Uint32Array): boolean {
		if (this.busMaster) bus.dmaWriteWords(this.address, address, words);
		return this.busMaster;
	}

	/** Writes memory as a bus master. @throws BusError where no RAM answers. @returns whether the bytes went out */
	dmaWrite(bus: SystemBus, address: BusAddress, bytes: Uint8Array): boolean {
		if (this.busMaster) bus.dmaWrite(this.address, address, bytes);
		return this.busMaster;
	}
}
