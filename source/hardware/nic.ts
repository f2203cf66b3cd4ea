/**
 * A 100 Mbit/s network card on PCI, a bus master with two rings of descriptors in memory.
 *
 *   register (BAR 0)                          descriptor, 16 bytes, little-endian
 *   00 EVENTS   what happened; 1 clears       0  bus address of the buffer
 *   04 COMMAND  enables, transmit doorbell    4  bits 0-13 bytes: room (receive) or length (transmit); received length
 *   08 RX_RING  bus address                   8  bit 31 OWN: the card's turn; bit 0: done well
 *   0c TX_RING  bus address                   12 not used
 *   10 SIZES    receive | transmit << 16
 *   14 ADDRESS  station address, bytes 0 to 3; 18 its bytes 4 and 5
 *
 * The interrupt line is raised when an event meets an enabled COMMAND_INTERRUPT, whichever comes last. A frame that
 * arrives when the card owns no receive descriptor is lost. A bus error stops the card: it moves nothing until it is
 * told to run again.
 *
 * Not modelled: the command lists of a real 82559, interrupt delay timers, collisions, checksums, address filters.
 */
import {type BusAddress, busAddress, type PhysicalAddress} from './address.ts';
import {BusError} from './bus.ts';
import {COST} from './costs.ts';
import type {Hardware} from './machine.ts';
import {PciFunction} from './pci.ts';
import {partOf} from './ram.ts';
import type {Event} from './timeline.ts';

export const NIC_EVENTS = 0x00;
export const NIC_COMMAND = 0x04;
export const NIC_RX_RING = 0x08;
export const NIC_TX_RING = 0x0c;
export const NIC_SIZES = 0x10;
export const NIC_ADDRESS = 0x14;
/** What the base address register decodes. */
const NIC_REGISTER_BYTES = 0x1000;

const NIC_EVENT_RX = 1;
const NIC_EVENT_TX = 2;
export const NIC_EVENT_NO_BUFFER = 4;
export const NIC_EVENT_BUS_ERROR = 8;

export const NIC_COMMAND_RUN = 1;
export const NIC_COMMAND_INTERRUPT = 2;
export const NIC_COMMAND_TRANSMIT = 4;

export const DESCRIPTOR_BYTES = 16;
export const DESCRIPTOR_OWN = 0x8000_0000;
const DESCRIPTOR_DONE = 1;
/** A descriptor's length has 14 bits, as that of an 82559. */
const MOST_BYTES = 0x3fff;

/** What the card's EEPROM says that its station address is. */
export const STATION_ADDRESS: readonly number[] = [0x00, 0x0e, 0x0c, 0x12, 0x34, 0x56];

/** 100 Mbit/s. */
export const WIRE_NS_PER_BYTE = 80;

const littleEndian = (bytes: readonly number[]) => bytes.reduce((word, byte, i) => word + byte * 2 ** (8 * i), 0);

type Ring = {base: BusAddress; size: number; next: number};
type Descriptor = {readonly at: BusAddress; readonly buffer: BusAddress; readonly bytes: number; readonly own: boolean};

type NicPlace = {
	readonly address: string;
	readonly registers: PhysicalAddress;
	readonly interruptLine: number;
};

export class Nic {
	readonly pci: PciFunction;
	/** Frames that left, for whoever is on the other end of the cable. */
	onTransmit: (frame: Uint8Array) => void = () => {};
	readonly counters = {received: 0, transmitted: 0, lostNoBuffer: 0, busErrors: 0};
	private readonly machine: Hardware;
	private readonly rx: Ring = {base: busAddress(0), size: 0, next: 0};
	private readonly tx: Ring = {base: busAddress(0), size: 0, next: 0};
	private readonly fifo: Uint8Array[] = [];
	private events = 0;
	private command = 0;
	/** Ends of what is under way: a frame on its way into memory, a frame on the wire. */
	private storing: Event | undefined;
	private sending: Event | undefined;

	/** Plugs the card in: its registers answer on the system bus from now on. */
	constructor(machine: Hardware, place: NicPlace) {
		this.machine = machine;
		this.pci = new PciFunction({
			address: place.address,
			vendorId: 0x8086,
			deviceId: 0x1229,
			classCode: 0x02_0000,
			interruptLine: place.interruptLine,
			bars: [{kind: 'memory', start: place.registers, sizeBytes: NIC_REGISTER_BYTES}],
		});
		machine.bus.addRegion({
			name: place.address,
			start: place.registers,
			sizeBytes: NIC_REGISTER_BYTES,
			read: offset => this.readRegister(offset),
			write: (offset, _width, value) => this.writeRegister(offset, value),
		});
	}

	// ── registers ──────────────────────────────────────────────────────────────────────────────────────────────────

	private readRegister(offset: number): number {
		switch (offset) {
			case NIC_EVENTS:
				return this.events;
			case NIC_COMMAND:
				return this.command;
			case NIC_ADDRESS:
				return littleEndian(STATION_ADDRESS.slice(0, 4));
			case NIC_ADDRESS + 4:
				return littleEndian(STATION_ADDRESS.slice(4));
		}
		return 0;
	}

	private writeRegister(offset: number, value: number): void {
		switch (offset) {
			case NIC_EVENTS:
				this.events &= ~value;
				return;
			case NIC_COMMAND:
				this.obey(value);
				return;
			case NIC_RX_RING:
				Object.assign(this.rx, {base: busAddress(value), next: 0});
				return;
			case NIC_TX_RING:
				Object.assign(this.tx, {base: busAddress(value), next: 0});
				return;
			case NIC_SIZES:
				this.rx.size = value & 0xffff;
				this.tx.size = value >>> 16;
		}
	}

	private obey(command: number): void {
		const interruptsWereOff = (this.command & NIC_COMMAND_INTERRUPT) === 0;
		this.command = command & ~NIC_COMMAND_TRANSMIT;
		if ((command & NIC_COMMAND_RUN) === 0) this.stop();
		else if ((command & NIC_COMMAND_TRANSMIT) !== 0) this.sendNext();
		if (interruptsWereOff && this.events !== 0) this.raiseLine();
	}

	/** Forgets what is under way: no DMA after this. */
	private stop(): void {
		for (const event of [this.storing, this.sending]) if (event) this.machine.timeline.cancel(event);
		this.storing = undefined;
		this.sending = undefined;
		this.fifo.length = 0;
	}

	private raise(event: number): void {
		const wasQuiet = this.events === 0;
		this.events |= event;
		if (wasQuiet) this.raiseLine();
	}

	private raiseLine(): void {
		if ((this.command & NIC_COMMAND_INTERRUPT) !== 0) this.machine.interrupts.raise(this.pci.identity.interruptLine);
	}

	// ── descriptors ────────────────────────────────────────────────────────────────────────────────────────────────

	private onBus(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (!(error instanceof BusError)) throw error;
			this.counters.busErrors++;
			this.command &= ~NIC_COMMAND_RUN;
			this.stop();
			this.raise(NIC_EVENT_BUS_ERROR);
		}
	}

	private current(ring: Ring): Descriptor | undefined {
		if (ring.size === 0) return undefined;
		const at = busAddress(ring.base + ring.next * DESCRIPTOR_BYTES);
		const words = this.pci.dmaReadWords(this.machine.bus, at, DESCRIPTOR_BYTES / 4);
		if (!words) return undefined;
		return {at, buffer: busAddress(words[0]!), bytes: words[1]! & MOST_BYTES, own: (words[2]! & DESCRIPTOR_OWN) !== 0};
	}

	/** Hands a descriptor back: length and status in one write. */
	private finish(ring: Ring, descriptor: Descriptor, lengthBytes: number): void {
		const words = Uint32Array.of(lengthBytes, DESCRIPTOR_DONE);
		this.pci.dmaWriteWords(this.machine.bus, busAddress(descriptor.at + 4), words);
		ring.next = (ring.next + 1) % ring.size;
	}

	// ── receive ────────────────────────────────────────────────────────────────────────────────────────────────────

	/** A frame comes in from the cable. */
	receive(frame: Uint8Array): void {
		if ((this.command & NIC_COMMAND_RUN) === 0) return;
		this.fifo.push(frame);
		if (!this.storing) this.storeNext();
	}

	private storeNext(): void {
		const frame = this.fifo.shift();
		this.storing =
			frame &&
			this.machine.timeline.after(frame.length * COST.pciByteNs, () => {
				this.storing = undefined;
				this.onBus(() => this.store(frame));
				this.storeNext();
			});
	}

	private store(frame: Uint8Array): void {
		const descriptor = this.current(this.rx);
		if (!descriptor?.own) {
			this.counters.lostNoBuffer++;
			this.raise(NIC_EVENT_NO_BUFFER);
			return;
		}
		const stored = partOf(frame, 0, Math.min(frame.length, descriptor.bytes));
		this.pci.dmaWrite(this.machine.bus, descriptor.buffer, stored);
		this.finish(this.rx, descriptor, stored.length);
		this.counters.received++;
		this.raise(NIC_EVENT_RX);
	}

	// ── transmit ───────────────────────────────────────────────────────────────────────────────────────────────────

	/** Fetches the next frame that the driver has given over and puts it on the wire. */
	private sendNext(): void {
		if (this.sending) return;
		this.onBus(() => {
			const descriptor = this.current(this.tx);
			const frame = descriptor?.own && this.pci.dmaRead(this.machine.bus, descriptor.buffer, descriptor.bytes);
			if (!frame) return;
			this.sending = this.machine.timeline.after(frame.length * WIRE_NS_PER_BYTE, () => {
				this.sending = undefined;
				this.onBus(() => this.sent(descriptor, frame));
			});
		});
	}

	private sent(descriptor: Descriptor, frame: Uint8Array): void {
		this.finish(this.tx, descriptor, frame.length);
		this.counters.transmitted++;
		this.raise(NIC_EVENT_TX);
		this.onTransmit(frame);
		this.sendNext();
	}
}
