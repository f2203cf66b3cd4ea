/**
 * A data acquisition device ("dad", LDD3 page 452) on PCI: one DMA engine between a buffer of its own and memory.
 *
 *   register (BAR 0)
 *   00 COMMAND  01 device reads memory, 02 device writes memory, 04 enable DMA, 08 disable DMA
 *   04 ADDRESS  bus address
 *   08 LENGTH   bytes
 *   0c STATUS   01 done, 02 bus error; writing 1 clears
 *   10 LEFT     bytes not yet moved
 *
 * A transfer moves in bursts over the bus, each at its time, so that a CPU that touches the memory meanwhile sees part
 * of it. Address and length are taken when it starts. A bus error ends it: done, with the error bit and what was left.
 * Not modelled: 64-bit addresses, chained transfers.
 */
import {busAddress, type PhysicalAddress} from './address.ts';
import {BusError} from './bus.ts';
import {COST} from './costs.ts';
import type {Hardware} from './machine.ts';
import {PciFunction} from './pci.ts';
import type {Event} from './timeline.ts';

export const DAD_COMMAND = 0x00;
export const DAD_ADDRESS = 0x04;
export const DAD_LENGTH = 0x08;
export const DAD_STATUS = 0x0c;
export const DAD_LEFT = 0x10;

/** The device reads memory: data goes out to it. */
export const DAD_CMD_WR = 1;
export const DAD_CMD_RD = 2;
export const DAD_CMD_ENABLEDMA = 4;
export const DAD_CMD_DISABLEDMA = 8;

export const DAD_STATUS_DONE = 1;
export const DAD_STATUS_ERROR = 2;

const DAD_BUFFER_BYTES = 64 << 10;
const BURST_BYTES = 512;

type EduPlace = {
	readonly address: string;
	readonly registers: PhysicalAddress;
	readonly interruptLine: number;
};

export class Edu {
	readonly pci: PciFunction;
	/** What the device measured, or was sent. */
	readonly buffer = new Uint8Array(DAD_BUFFER_BYTES);
	private readonly machine: Hardware;
	private command = 0;
	private target = 0;
	private length = 0;
	private left = 0;
	/** Of the transfer under way. */
	private from = 0;
	private total = 0;
	private status = 0;
	private burst: Event | undefined;

	constructor(machine: Hardware, place: EduPlace) {
		this.machine = machine;
		this.pci = new PciFunction({
			address: place.address,
			vendorId: 0x1234,
			deviceId: 0x11e8,
			classCode: 0x11_8000,
			interruptLine: place.interruptLine,
			bars: [{kind: 'memory', start: place.registers, sizeBytes: 4096}],
		});
		machine.bus.addRegion({
			name: place.address,
			start: place.registers,
			sizeBytes: 4096,
			read: offset => this.readRegister(offset),
			write: (offset, _width, value) => this.writeRegister(offset, value),
		});
	}

	private readRegister(offset: number): number {
		switch (offset) {
			case DAD_COMMAND:
				return this.command;
			case DAD_ADDRESS:
				return this.target;
			case DAD_LENGTH:
				return this.length;
			case DAD_STATUS:
				return this.status;
			case DAD_LEFT:
				return this.left;
		}
		return 0;
	}

	private writeRegister(offset: number, value: number): void {
		switch (offset) {
			case DAD_COMMAND:
				return this.obey(value);
			case DAD_ADDRESS:
				this.target = value;
				return;
			case DAD_LENGTH:
				this.length = value;
				return;
			case DAD_STATUS:
				this.status &= ~value;
		}
	}

	private obey(value: number): void {
		if ((value & DAD_CMD_DISABLEDMA) !== 0) {
			if (this.burst) this.machine.timeline.cancel(this.burst);
			this.burst = undefined;
			return;
		}
		if ((value & (DAD_CMD_WR | DAD_CMD_RD)) !== 0) this.command = value & (DAD_CMD_WR | DAD_CMD_RD);
		if ((value & DAD_CMD_ENABLEDMA) === 0 || this.burst) return;
		this.from = this.target;
		this.total = Math.min(this.length, DAD_BUFFER_BYTES);
		this.left = this.total;
		this.nextBurst();
	}

	private nextBurst(): void {
		const bytes = Math.min(this.left, BURST_BYTES);
		this.burst = this.machine.timeline.after(Math.max(1, bytes * COST.pciByteNs), () => this.moveBurst(bytes));
	}

	private moveBurst(bytes: number): void {
		this.burst = undefined;
		const done = this.total - this.left;
		const at = busAddress(this.from + done);
		try {
			if (this.command === DAD_CMD_RD)
				this.pci.dmaWrite(this.machine.bus, at, this.buffer.subarray(done, done + bytes));
			else this.buffer.set(this.pci.dmaRead(this.machine.bus, at, bytes) ?? [], done);
		} catch (error) {
			if (!(error instanceof BusError)) throw error;
			return this.finish(DAD_STATUS_DONE | DAD_STATUS_ERROR);
		}
		this.left -= bytes;
		if (this.left > 0) this.nextBurst();
		else this.finish(DAD_STATUS_DONE);
	}

	private finish(status: number): void {
		this.status |= status;
		this.machine.interrupts.raise(this.pci.identity.interruptLine);
	}
}
