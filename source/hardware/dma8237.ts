/**
 * The two 8237A DMA controllers of a PC/AT and the page registers beside them: seven channels that move bytes between
 * ISA devices and the low 16 MiB of memory.
 *
 *   channels  width   address/count ports        page port            mask  mode  clear flip-flop
 *   0..3       8 bit  00 01  02 03  04 05  06 07  87 83 81 82           0a    0b    0c
 *   4         cascade C0 C2                        -                    d4    d6    d8
 *   5..7      16 bit  C4 C6  C8 CA  CC CE          8b 89 8a             d4    d6    d8
 *
 * Address and count are 16 bits, written and read a byte at a time: one flip-flop per controller says which byte is
 * next. The page register is not counted: a transfer that runs past 64 KiB (128 KiB for 16-bit channels) wraps inside
 * its page.
 *
 * The controller knows nothing of bus errors. It counts on where no memory answers: what it writes there is lost, and
 * what it reads is the floating bus, all ones.
 *
 * Not modelled: command register, temporary register, block and demand timing (a device asks for each byte), memory to
 * memory.
 */
import {busAddress, PAGE_SIZE, port} from './address.ts';
import {BusError, type SystemBus} from './bus.ts';

type DmaChannel = {
	readonly number: number;
	/** What was written: reloaded at terminal count in auto-initialise mode. */
	baseAddress: number;
	baseCount: number;
	address: number;
	/** Transfers left, less one; counts down and ends at 0xffff. */
	count: number;
	page: number;
	mode: number;
	masked: boolean;
	terminalCount: boolean;
};

/** Page register of each channel, by port from 0x80. Channel 4 has none. */
const PAGE_PORTS: Readonly<Record<number, number>> = {7: 0, 3: 1, 1: 2, 2: 3, 11: 5, 9: 6, 10: 7};
/** Names under which the BIOS map shows them. */
const BUS_NAME = 'isa-dma';

/** What a read gets that nothing answers. */
const FLOATING = 0xff;

const MODE_FROM_DEVICE = 0x04;
const MODE_AUTOINIT = 0x10;

function unlessAborted(cycles: () => void): void {
	try {
		cycles();
	} catch (error) {
		if (!(error instanceof BusError)) throw error;
	}
}

export class Dma8237 {
	readonly channels: readonly DmaChannel[];
	/** Which byte of a 16-bit register is next: 0 the low one. One for each controller. */
	readonly flipFlop: [number, number] = [0, 0];
	private readonly bus: SystemBus;

	constructor(bus: SystemBus) {
		this.bus = bus;
		this.channels = Array.from({length: 8}, (_, number) => ({
			number,
			baseAddress: 0,
			baseCount: 0,
			address: 0,
			count: 0,
			page: 0,
			mode: 0,
			masked: number !== 4,
			terminalCount: false,
		}));
		this.plugIn(bus);
	}

	private plugIn(bus: SystemBus): void {
		bus.addPorts({
			name: 'dma1',
			start: port(0x00),
			count: 0x20,
			read: offset => this.readController(0, offset),
			write: (offset, _width, value) => this.writeController(0, offset, value & 0xff),
		});
		bus.addPorts({
			name: 'dma page reg',
			start: port(0x80),
			count: 0x10,
			read: offset => this.channelOfPage(offset)?.page ?? 0xff,
			write: (offset, _width, value) => {
				const channel = this.channelOfPage(offset);
				if (channel) channel.page = value & 0xff;
			},
		});
		bus.addPorts({
			name: 'dma2',
			start: port(0xc0),
			count: 0x20,
			read: offset => this.readController(1, offset / 2),
			write: (offset, _width, value) => this.writeController(1, offset / 2, value & 0xff),
		});
	}

	private channelOfPage(offset: number): DmaChannel | undefined {
		const number = PAGE_PORTS[offset];
		return number === undefined ? undefined : this.channels[number];
	}

	private readController(controller: 0 | 1, register: number): number {
		if (register < 8) {
			const channel = this.channels[controller * 4 + (register >> 1)]!;
			return this.nextByte(controller, (register & 1) === 0 ? channel.address : channel.count);
		}
		if (register !== 8) return 0xff;
		let status = 0;
		for (let i = 0; i < 4; i++) {
			const channel = this.channels[controller * 4 + i]!;
			if (channel.terminalCount) status |= 1 << i;
			channel.terminalCount = false;
		}
		return status;
	}

	private nextByte(controller: 0 | 1, value: number): number {
		const high = this.flipFlop[controller];
		this.flipFlop[controller] ^= 1;
		return high === 0 ? value & 0xff : value >>> 8;
	}

	private writeController(controller: 0 | 1, register: number, value: number): void {
		const channels = this.channels.slice(controller * 4, controller * 4 + 4);
		if (register < 8) return this.writeCounter(controller, channels[register >> 1]!, (register & 1) === 0, value);
		const chosen = channels[value & 3]!;
		switch (register) {
			case 0xa:
				chosen.masked = (value & 4) !== 0;
				return;
			case 0xb:
				chosen.mode = value & 0xfc;
				return;
			case 0xc:
				this.flipFlop[controller] = 0;
				return;
			case 0xd:
				this.flipFlop[controller] = 0;
				for (const channel of channels) channel.masked = true;
				return;
			case 0xe:
				for (const channel of channels) channel.masked = false;
				return;
			case 0xf:
				channels.forEach((channel, i) => {
					channel.masked = (value & (1 << i)) !== 0;
				});
		}
	}

	private writeCounter(controller: 0 | 1, channel: DmaChannel, isAddress: boolean, value: number): void {
		const high = this.flipFlop[controller];
		this.flipFlop[controller] ^= 1;
		const former = isAddress ? channel.baseAddress : channel.baseCount;
		const next = high === 0 ? (former & 0xff00) | value : (former & 0x00ff) | (value << 8);
		if (isAddress) {
			channel.baseAddress = next;
			channel.address = next;
		} else {
			channel.baseCount = next;
			channel.count = next;
			channel.terminalCount = false;
		}
	}

	// ── the device's side ──────────────────────────────────────────────────────────────────────────────────────────

	/** Where a channel's next transfer goes, as the address lines show it. */
	busAddressOf(channel: DmaChannel): number {
		return channel.number < 4
			? channel.page * 0x1_0000 + channel.address
			: (channel.page & 0xfe) * 0x1_0000 + channel.address * 2;
	}

	/** A device puts bytes into memory (mode READ in Linux's words). @returns how many the channel took, lost ones too */
	fromDevice(number: number, bytes: Uint8Array): number {
		return this.run(number, bytes.length, (address, at, length) =>
			unlessAborted(() => this.bus.dmaWrite(BUS_NAME, busAddress(address), bytes.subarray(at, at + length))),
		);
	}

	/** A device takes bytes from memory (mode WRITE). @returns the bytes that the channel delivered */
	toDevice(number: number, lengthBytes: number): Uint8Array {
		const result = new Uint8Array(lengthBytes).fill(FLOATING);
		const moved = this.run(number, lengthBytes, (address, at, length) =>
			unlessAborted(() => result.set(this.bus.dmaRead(BUS_NAME, busAddress(address), length), at)),
		);
		return result.subarray(0, moved);
	}

	/**
	 * Moves up to `lengthBytes` in runs that end where the address register wraps or the count runs out, and with each
	 * page, for every byte is a bus cycle of its own: one that is aborted spoils no other.
	 */
	private run(
		number: number,
		lengthBytes: number,
		move: (address: number, at: number, length: number) => void,
	): number {
		const channel = this.channels[number]!;
		const unitBytes = number < 4 ? 1 : 2;
		let done = 0;
		while (!channel.masked && lengthBytes - done >= unitBytes) {
			const beforeWrap = 0x1_0000 - channel.address;
			const at = this.busAddressOf(channel);
			const inPage = (PAGE_SIZE - (at % PAGE_SIZE)) / unitBytes;
			const units = Math.min(channel.count + 1, beforeWrap, inPage, Math.floor((lengthBytes - done) / unitBytes));
			move(at, done, units * unitBytes);
			done += units * unitBytes;
			channel.address = (channel.address + units) & 0xffff;
			channel.count = (channel.count - units) & 0xffff;
			if (channel.count === 0xffff) this.endTransfer(channel);
		}
		return done;
	}

	private endTransfer(channel: DmaChannel): void {
		channel.terminalCount = true;
		if ((channel.mode & MODE_AUTOINIT) !== 0) {
			channel.address = channel.baseAddress;
			channel.count = channel.baseCount;
		} else channel.masked = true;
	}

	/** Whether the channel is set up to fill memory from the device. */
	fillsMemory(number: number): boolean {
		return (this.channels[number]!.mode & MODE_FROM_DEVICE) !== 0;
	}
}
