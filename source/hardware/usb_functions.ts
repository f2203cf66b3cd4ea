/**
 * What is plugged into the USB ports: a mouse that is moved at times, a memory stick that reads blocks, a recorder that
 * writes.
 */
import type {Chance} from './chance.ts';
import type {Timeline} from './timeline.ts';

/** A USB function's answer to a token for one of its endpoints. */
export type UsbFunction = {
	readonly address: number;
	/** The host wants up to `mostBytes`. @returns undefined for NAK: nothing now, ask again */
	readonly in: (endpoint: number, mostBytes: number) => Uint8Array | undefined;
	/** The host sends. @returns false for NAK */
	readonly out: (endpoint: number, bytes: Uint8Array) => boolean;
};

export type MouseHand = {
	/** Of so many polls while it rests, one finds it moved. */
	readonly restOneIn: number;
	/** Reports of a move, at least and at most. */
	readonly moves: readonly [least: number, most: number];
};

/** Of somebody at work. */
export const BUSY_HAND: MouseHand = {restOneIn: 40, moves: [5, 60]};

/** Reports of 4 bytes on interrupt endpoint 1: buttons, x, y, wheel. It rests, then is moved for a while. */
export class UsbMouse implements UsbFunction {
	readonly address: number;
	reports = 0;
	/** How far it has been moved. */
	x = 0;
	y = 0;
	/** Who moves it. */
	hand: MouseHand | undefined = BUSY_HAND;
	private readonly chance: Chance;
	private movesLeft = 0;

	constructor(address: number, chance: Chance) {
		this.address = address;
		this.chance = chance;
	}

	in(_endpoint: number, mostBytes: number): Uint8Array | undefined {
		if (this.movesLeft === 0) {
			if (this.hand && this.chance.oneIn(this.hand.restOneIn)) this.movesLeft = this.chance.integer(...this.hand.moves);
			return undefined;
		}
		this.movesLeft--;
		this.reports++;
		const [dx, dy] = [this.chance.integer(-6, 6), this.chance.integer(-6, 6)];
		this.x += dx;
		this.y += dy;
		return new Uint8Array([0, dx & 0xff, dy & 0xff, 0]).subarray(0, mostBytes);
	}

	out(): boolean {
		return false;
	}
}

export const STICK_BULK_OUT = 1;
export const STICK_BULK_IN = 2;
export const BLOCK_BYTES = 512;
/** Command and status wrappers of the bulk-only mass storage class. */
export const CBW_BYTES = 31;
export const CSW_BYTES = 13;
const CBW_SIGNATURE = [0x55, 0x53, 0x42, 0x43];
const CSW_SIGNATURE = [0x55, 0x53, 0x42, 0x53];

/** The byte at one place of the stick: derived from the place, so that anybody can check what was read. */
export const stickByte = (block: number, offset: number): number => (block * 7 + offset * 3 + (block >>> 8)) & 0xff;

/** A memory stick, bulk-only: 31 bytes say what to read, then data, then 13 bytes of status. */
export class UsbStick implements UsbFunction {
	readonly address: number;
	commands = 0;
	private tag = new Uint8Array(4);
	/** What is still to be sent: blocks, made one at a time as they are asked for, then the status wrapper. */
	private nextBlock = 0;
	private bytesLeft = 0;
	private status: Uint8Array | undefined;

	constructor(address: number) {
		this.address = address;
	}

	out(endpoint: number, bytes: Uint8Array): boolean {
		const isCommand = bytes.length === CBW_BYTES && CBW_SIGNATURE.every((value, i) => bytes[i] === value);
		if (endpoint !== STICK_BULK_OUT || !isCommand) return false;
		const view = new DataView(bytes.buffer, bytes.byteOffset);
		this.tag = bytes.slice(4, 8);
		this.commands++;
		// What is left of a command that the host gave up is forgotten.
		this.bytesLeft = view.getUint32(8, true);
		this.nextBlock = view.getUint32(17, false);
		const status = new Uint8Array(CSW_BYTES);
		status.set(CSW_SIGNATURE);
		status.set(this.tag, 4);
		this.status = status;
		return true;
	}

	private block(number: number): Uint8Array {
		const bytes = new Uint8Array(BLOCK_BYTES);
		for (let offset = 0; offset < BLOCK_BYTES; offset++) bytes[offset] = stickByte(number, offset);
		return bytes;
	}

	/** One packet of at most a block. */
	in(endpoint: number, mostBytes: number): Uint8Array | undefined {
		return endpoint === STICK_BULK_IN ? this.nextPacket()?.subarray(0, mostBytes) : undefined;
	}

	private nextPacket(): Uint8Array | undefined {
		if (this.bytesLeft > 0) {
			this.bytesLeft -= BLOCK_BYTES;
			return this.block(this.nextBlock++);
		}
		const packet = this.status;
		this.status = undefined;
		return packet;
	}
}

export const RECORDER_BULK_OUT = 1;
/** Time that the recorder usually needs to put a byte away: half a megabyte a second. */
export const RECORDER_NS_PER_BYTE = 2_000;

/** Takes whatever it is sent, a packet at a time, and refuses more until it has put that away. */
export class UsbRecorder implements UsbFunction {
	readonly address: number;
	packets = 0;
	bytes = 0;
	nsPerByte = RECORDER_NS_PER_BYTE;
	/** For whoever wants to see what arrives. */
	onPacket: (packet: Uint8Array) => void = () => {};
	private readonly timeline: Timeline;
	private busyUntilNs = 0;

	constructor(address: number, timeline: Timeline) {
		this.address = address;
		this.timeline = timeline;
	}

	in(): undefined {
		return undefined;
	}

	out(endpoint: number, packet: Uint8Array): boolean {
		if (endpoint !== RECORDER_BULK_OUT || this.timeline.nowNs < this.busyUntilNs) return false;
		this.busyUntilNs = this.timeline.nowNs + packet.length * this.nsPerByte;
		this.packets++;
		this.bytes += packet.length;
		this.onPacket(packet);
		return true;
	}
}
