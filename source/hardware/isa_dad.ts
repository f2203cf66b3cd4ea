/**
 * An ISA data acquisition card that moves its samples through a channel of the 8237: it asks for the bus again and
 * again until the channel has counted down, then raises its interrupt.
 *
 *   port base+0  COMMAND  1 fills memory (samples), 2 takes from memory, 0 stops
 *   port base+1  STATUS   1 busy, 2 done; reading clears done
 */
import {type PortAddress, port} from './address.ts';
import type {Dma8237} from './dma8237.ts';
import type {Hardware} from './machine.ts';
import type {Event} from './timeline.ts';

export const ISA_DAD_PORT = 0x300;
export const ISA_DAD_COMMAND = 0;
export const ISA_DAD_STATUS = 1;
export const ISA_DAD_SAMPLE = 1;
export const ISA_DAD_OUTPUT = 2;
const ISA_DAD_BUSY = 1;
const ISA_DAD_DONE = 2;

const MEMORY_BYTES = 128 << 10;
/** An ISA cycle takes about a microsecond. */
const NS_PER_CYCLE = 1_000;
/** Transfers that the card makes before the next event of the simulation. */
const CYCLES_A_STEP = 256;

export class IsaDad {
	/** What the card measured, or was sent. */
	readonly memory = new Uint8Array(MEMORY_BYTES);
	private readonly machine: Hardware;
	private readonly controller: Dma8237;
	readonly channel: number;
	readonly interruptLine: number;
	private command = 0;
	private status = 0;
	private position = 0;
	private step: Event | undefined;

	constructor(
		machine: Hardware,
		controller: Dma8237,
		place: {readonly channel: number; readonly interruptLine: number; readonly port?: PortAddress},
	) {
		this.machine = machine;
		this.controller = controller;
		this.channel = place.channel;
		this.interruptLine = place.interruptLine;
		machine.bus.addPorts({
			name: 'dad',
			start: place.port ?? port(ISA_DAD_PORT),
			count: 2,
			read: offset => (offset === ISA_DAD_STATUS ? this.readStatus() : this.command),
			write: (offset, _width, value) => {
				if (offset === ISA_DAD_COMMAND) this.obey(value);
			},
		});
	}

	private readStatus(): number {
		const status = this.status;
		this.status &= ~ISA_DAD_DONE;
		return status;
	}

	private obey(command: number): void {
		if (this.step) this.machine.timeline.cancel(this.step);
		this.step = undefined;
		this.command = command;
		this.position = 0;
		this.status = command === 0 ? 0 : ISA_DAD_BUSY;
		if (command !== 0) this.askLater();
	}

	private askLater(): void {
		this.step = this.machine.timeline.after(CYCLES_A_STEP * NS_PER_CYCLE, () => this.ask());
	}

	/** Asks the controller for some cycles; it grants none while the channel is masked. */
	private ask(): void {
		this.step = undefined;
		const bytes = CYCLES_A_STEP * (this.channel < 4 ? 1 : 2);
		if (this.command === ISA_DAD_SAMPLE) {
			const samples = this.memory.subarray(this.position, this.position + bytes);
			this.position += this.controller.fromDevice(this.channel, samples);
		} else {
			const taken = this.controller.toDevice(this.channel, bytes);
			this.memory.set(taken.subarray(0, MEMORY_BYTES - this.position), this.position);
			this.position += taken.length;
		}
		if (this.controller.channels[this.channel]!.terminalCount || this.position >= MEMORY_BYTES) this.finish();
		else this.askLater();
	}

	private finish(): void {
		this.status = ISA_DAD_DONE;
		this.command = 0;
		this.machine.interrupts.raise(this.interruptLine);
	}
}
