/**
 * A USB 2 host controller (EHCI 1.0). It walks lists that the driver keeps in memory, by bus address, a frame of 1 ms
 * at a time:
 *
 *   frame list    1024 links, one a frame, to queue heads of interrupt endpoints
 *   queue head    link · info · current transfer · overlay (the transfer under way), in a ring for control and bulk
 *   transfer      next · alternate · token (status, direction, bytes) · five page pointers
 *
 * Moved data goes straight to the pages that the transfer names. While only the frame list is enabled, the controller
 * looks some frames ahead and rests until one has something in it.
 *
 * Not modelled: split transactions, isochronous transfers (a frame list's iTDs and siTDs are not followed), alternate
 * links, port power and reset, microframes, data toggles, 64-bit addresses.
 */
import {type BusAddress, busAddress, PAGE_SIZE, type PhysicalAddress} from './address.ts';
import {BusError} from './bus.ts';
import type {Hardware} from './machine.ts';
import {PciFunction} from './pci.ts';
import type {Event} from './timeline.ts';
import type {UsbFunction} from './usb_functions.ts';

export const USBCMD = 0x00;
export const USBSTS = 0x04;
export const USBINTR = 0x08;
export const FRINDEX = 0x0c;
export const PERIODICLISTBASE = 0x14;
export const ASYNCLISTADDR = 0x18;

export const CMD_RUN = 0x01;
export const CMD_PSE = 0x10;
export const CMD_ASE = 0x20;
export const STS_INT = 0x01;
/** Host System Error: a cycle on the bus was aborted. */
export const STS_FATAL = 0x10;
/** HCHalted: stopped, because software or an error cleared CMD_RUN. Cannot be written. */
export const STS_HALT = 0x1000;

/** A link's low bits: 1 ends the list, 2 says that a queue head follows. */
export const LINK_TERMINATE = 1;
export const LINK_QH = 2;

export const QTD_ACTIVE = 0x80;
export const QTD_HALTED = 0x40;
export const QTD_IOC = 0x8000;
export const QTD_PID_OUT = 0;
export const QTD_PID_IN = 1;
export const QTD_PID_SHIFT = 8;
export const QTD_BYTES_SHIFT = 16;
export const QTD_PAGES = 5;
/** Bytes of a transfer and of a queue head as the controller knows them; drivers keep more behind them. */
const QTD_HARDWARE_BYTES = 32;
const QH_HARDWARE_BYTES = 48;
export const FRAME_LIST_ENTRIES = 1024;

/** Words of a queue head; the overlay is a transfer, the rest of its words follow. */
const LINK = 0;
const INFO = 1;
const CURRENT = 3;
const OVERLAY = 4;
const TOKEN = 6;
const PAGES = 7;
/** A word of a transfer. */
const QTD_TOKEN = 2;

const FRAME_NS = 1_000_000;
/** Frames that the controller looks ahead for something to do. */
const LOOK_AHEAD_FRAMES = 32;
/** Bytes that bulk transfers move in a frame: 4 MB/s, what a memory stick of 2005 gave. */
const BULK_BYTES_A_FRAME = 4_096;
/** Rounds through the ring that a frame has time for, empty transfers too: 13 a microframe. */
const ROUNDS_A_FRAME = 104;

type UsbPlace = {
	readonly address: string;
	readonly registers: PhysicalAddress;
	readonly interruptLine: number;
};

/** One queue head with its overlay, as read from memory. */
type QueueHead = {readonly at: BusAddress; readonly words: Uint32Array};

export class UsbHostController {
	readonly pci: PciFunction;
	readonly functions = new Map<number, UsbFunction>();
	readonly counters = {frames: 0, transactions: 0, bytesIn: 0, bytesOut: 0};
	private readonly machine: Hardware;
	private command = 0;
	private status = 0;
	private interruptMask = 0;
	private periodicBase = 0;
	private asyncBase = 0;
	/** When frame 0 began, or would have, and where FRINDEX stood when the controller last stopped. */
	private frameZeroNs = 0;
	private stoppedAtFrame = 0;
	private frameTimer: Event | undefined;
	private completed = false;

	/** Plugs the controller in: its registers answer on the system bus from now on. */
	constructor(machine: Hardware, place: UsbPlace) {
		this.machine = machine;
		this.pci = new PciFunction({
			address: place.address,
			vendorId: 0x8086,
			deviceId: 0x24cd,
			classCode: 0x0c_0320,
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

	plug(usbFunction: UsbFunction): void {
		this.functions.set(usbFunction.address, usbFunction);
	}

	private readRegister(offset: number): number {
		switch (offset) {
			case USBCMD:
				return this.command;
			case USBSTS:
				return this.status | (this.running ? 0 : STS_HALT);
			case USBINTR:
				return this.interruptMask;
			case FRINDEX:
				return this.frame % FRAME_LIST_ENTRIES;
		}
		return 0;
	}

	private writeRegister(offset: number, value: number): void {
		switch (offset) {
			case USBCMD:
				this.obey(value);
				return;
			case USBSTS:
				this.status &= ~value;
				return;
			case USBINTR:
				this.interruptMask = value;
				return;
			case PERIODICLISTBASE:
				this.periodicBase = value;
				return;
			case ASYNCLISTADDR:
				this.asyncBase = value;
		}
	}

	// ── frames ─────────────────────────────────────────────────────────────────────────────────────────────────────

	/** Number of the frame under way since frame 0. */
	private get frame(): number {
		if (!this.running) return this.stoppedAtFrame;
		return Math.floor((this.machine.timeline.nowNs - this.frameZeroNs) / FRAME_NS);
	}

	private get running(): boolean {
		return (this.command & CMD_RUN) !== 0;
	}

	private obey(command: number): void {
		const {frame, running} = this;
		this.command = command;
		if (!running && this.running) this.frameZeroNs = this.machine.timeline.nowNs - frame * FRAME_NS;
		if (running && !this.running) this.stoppedAtFrame = frame;
		this.plan();
	}

	/** Arranges for the next frame that has, or may have, something to do. */
	private plan(): void {
		if (this.frameTimer) this.machine.timeline.cancel(this.frameTimer);
		this.frameTimer = undefined;
		if (!this.running || (this.command & (CMD_PSE | CMD_ASE)) === 0) return;
		const next = this.frame + 1 + ((this.command & CMD_ASE) !== 0 ? 0 : this.emptyFramesFrom(this.frame + 1));
		if (this.running)
			this.frameTimer = this.machine.timeline.at(this.frameZeroNs + next * FRAME_NS, () => this.runFrame());
	}

	/** How many frames in a row have nothing in the frame list, as far as the controller looks. */
	private emptyFramesFrom(frame: number): number {
		const first = frame % FRAME_LIST_ENTRIES;
		const count = Math.min(LOOK_AHEAD_FRAMES, FRAME_LIST_ENTRIES - first);
		let empty = 0;
		this.onBus(() => {
			const links = this.readWords(busAddress(this.periodicBase + first * 4), count);
			while (empty < count && (links[empty]! & LINK_TERMINATE) !== 0) empty++;
		});
		return empty;
	}

	private runFrame(): void {
		this.counters.frames++;
		this.onBus(() => {
			if ((this.command & CMD_PSE) !== 0) this.walkPeriodic();
			if ((this.command & CMD_ASE) !== 0) this.walkAsync();
		});
		if (this.completed) this.setStatus(STS_INT);
		this.completed = false;
		this.plan();
	}

	/** A bus error stops the controller, and nothing else of it: EHCI 1.0, 2.3.2, Host System Error. */
	private onBus(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (!(error instanceof BusError)) throw error;
			this.stoppedAtFrame = this.frame;
			this.command &= ~CMD_RUN;
			this.setStatus(STS_FATAL);
		}
	}

	private setStatus(bits: number): void {
		this.status |= bits;
		if ((bits & this.interruptMask) !== 0) this.machine.interrupts.raise(this.pci.identity.interruptLine);
	}

	// ── schedules ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** A controller that is not a bus master reads ends of lists. */
	private readWords(at: BusAddress, count: number): Uint32Array {
		return this.pci.dmaReadWords(this.machine.bus, at, count) ?? new Uint32Array(count).fill(LINK_TERMINATE);
	}

	private writeWords(at: number, words: Uint32Array): void {
		this.pci.dmaWriteWords(this.machine.bus, busAddress(at), words);
	}

	private walkPeriodic(): void {
		const first = busAddress(this.periodicBase + (this.frame % FRAME_LIST_ENTRIES) * 4);
		let link = this.readWords(first, 1)[0]!;
		for (let steps = 0; (link & LINK_TERMINATE) === 0 && steps < 16; steps++) {
			const head = this.readHead(link);
			this.serve(head, PAGE_SIZE);
			link = head.words[LINK]!;
		}
	}

	/** Round and round the ring while something moves and the frame has room. */
	private walkAsync(): void {
		let room = BULK_BYTES_A_FRAME;
		let moved = true;
		for (let rounds = 0; moved && room > 0 && rounds < ROUNDS_A_FRAME; rounds++) {
			moved = false;
			let link = this.asyncBase | LINK_QH;
			for (let heads = 0; heads < 32; heads++) {
				const head = this.readHead(link);
				const bytes = this.serve(head, room);
				if (bytes !== undefined) {
					moved = true;
					room -= bytes;
				}
				link = head.words[LINK]!;
				if ((link & ~0x1f) >>> 0 === (this.asyncBase & ~0x1f) >>> 0 || (link & LINK_TERMINATE) !== 0) break;
			}
		}
	}

	private readHead(link: number): QueueHead {
		const at = busAddress((link & ~0x1f) >>> 0);
		return {at, words: this.readWords(at, QH_HARDWARE_BYTES / 4)};
	}

	// ── transfers ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** Gives a queue head its turn. @returns bytes moved, or undefined when it had nothing to do */
	private serve(head: QueueHead, room: number): number | undefined {
		const {words} = head;
		if ((words[TOKEN]! & QTD_ACTIVE) === 0 && !this.fetchTransfer(head)) return undefined;
		const info = words[INFO]!;
		const usbFunction = this.functions.get(info & 0x7f);
		return usbFunction && this.transact(head, usbFunction, (info >>> 8) & 0xf, (info >>> 16) & 0x7ff, room);
	}

	/** Loads the next transfer into the overlay. @returns whether there is one that is active */
	private fetchTransfer({at, words}: QueueHead): boolean {
		const next = words[OVERLAY]!;
		if ((next & LINK_TERMINATE) !== 0 || (words[TOKEN]! & QTD_HALTED) !== 0) return false;
		const transferAt = busAddress((next & ~0x1f) >>> 0);
		const transfer = this.readWords(transferAt, QTD_HARDWARE_BYTES / 4);
		if ((transfer[QTD_TOKEN]! & QTD_ACTIVE) === 0) return false;
		words[CURRENT] = transferAt;
		words.set(transfer, OVERLAY);
		this.writeOverlay({at, words});
		return true;
	}

	private writeOverlay({at, words}: QueueHead): void {
		this.writeWords(at + CURRENT * 4, words.slice(CURRENT));
	}

	/** Moves packets of the transfer in the overlay until it is done, the function has no more, or there is no room. */
	private transact(
		head: QueueHead,
		usbFunction: UsbFunction,
		endpoint: number,
		packetBytes: number,
		room: number,
	): number | undefined {
		const {words} = head;
		let token = words[TOKEN]!;
		const total = (token >>> QTD_BYTES_SHIFT) & 0x7fff;
		const isIn = ((token >>> QTD_PID_SHIFT) & 3) === QTD_PID_IN;
		let left = total;
		let short = false;
		while (left > 0 && !short && total - left < room) {
			const want = Math.min(packetBytes, left);
			// An endpoint without packets, as in a queue head that something has overwritten, moves nothing.
			if (want === 0) break;
			const packet = isIn ? usbFunction.in(endpoint, want) : this.gather(words, want);
			if (!packet || (!isIn && !usbFunction.out(endpoint, packet))) break;
			this.counters.transactions++;
			if (isIn) this.scatter(words, packet);
			this.advance(words, packet.length);
			left -= packet.length;
			short = packet.length < want;
		}
		if (left === total && total > 0) return undefined;
		this.counters[isIn ? 'bytesIn' : 'bytesOut'] += total - left;
		const done = left === 0 || short;
		if (done) token &= ~QTD_ACTIVE;
		token = ((token & ~(0x7fff << QTD_BYTES_SHIFT)) | (left << QTD_BYTES_SHIFT)) >>> 0;
		words[TOKEN] = token;
		this.writeOverlay(head);
		if (done) {
			this.writeWords(words[CURRENT]! + QTD_TOKEN * 4, Uint32Array.of(token));
			if ((token & QTD_IOC) !== 0) this.completed = true;
		}
		return total - left;
	}

	/** Where the next byte goes: page pointer 0 holds the offset; pages follow. */
	private pieces(words: Uint32Array, bytes: number): {readonly at: BusAddress; readonly length: number}[] {
		const pieces: {at: BusAddress; length: number}[] = [];
		let offset = words[PAGES]! % PAGE_SIZE;
		for (let page = 0, left = bytes; left > 0 && page < QTD_PAGES; page++, offset = 0) {
			const base = (words[PAGES + page]! & ~0xfff) >>> 0;
			const length = Math.min(left, PAGE_SIZE - offset);
			pieces.push({at: busAddress(base + offset), length});
			left -= length;
		}
		return pieces;
	}

	private gather(words: Uint32Array, bytes: number): Uint8Array | undefined {
		const result = new Uint8Array(bytes);
		let done = 0;
		for (const {at, length} of this.pieces(words, bytes)) {
			const part = this.pci.dmaRead(this.machine.bus, at, length);
			if (!part) return undefined;
			result.set(part, done);
			done += length;
		}
		return result;
	}

	private scatter(words: Uint32Array, packet: Uint8Array): void {
		let done = 0;
		for (const {at, length} of this.pieces(words, packet.length)) {
			this.pci.dmaWrite(this.machine.bus, at, packet.subarray(done, done + length));
			done += length;
		}
	}

	/** Moves the place in the overlay on; when a page is full, the pointers move up. */
	private advance(words: Uint32Array, bytes: number): void {
		const first = words[PAGES]!;
		const offset = (first % PAGE_SIZE) + bytes;
		if (offset < PAGE_SIZE) {
			words[PAGES] = first + bytes;
			return;
		}
		words.copyWithin(PAGES, PAGES + 1, PAGES + QTD_PAGES);
		words[PAGES] = ((words[PAGES]! & ~0xfff) >>> 0) + (offset - PAGE_SIZE);
	}
}
