/**
 * A disk on a PCI controller of our own making, simpler than AHCI and of its kind: 32 command slots in memory, each
 * with a list of pieces of memory. Both are fetched over the bus as DMA, and so are the data.
 *
 *   command slot, 16 bytes, little-endian            piece of memory, 8 bytes
 *   0  first sector                                  0  bus address
 *   4  sectors; bit 31: write to the disk            4  bytes
 *   8  number of pieces, at most 65,535
 *   12 bus address of the list of pieces
 *
 * A command that cannot be understood, or whose cycles on the bus are aborted, is done with its bit in ERROR.
 *
 * Commands wait in the drive, which takes the nearest first; none is passed over more than eight times.
 *
 * Not modelled: errors of the medium other than those asked for, 64-bit bus addresses, power states that take more than
 * heads to be loaded.
 */
import {type BusAddress, busAddress, type PhysicalAddress} from './address.ts';
import {type AccessWidth, BusError} from './bus.ts';
import {COST} from './costs.ts';
import {DiskMechanics, type DiskRest} from './diskMechanics.ts';
import {DiskStore, SECTOR_BYTES} from './diskStore.ts';
import type {Hardware} from './machine.ts';
import {PciFunction} from './pci.ts';
import {partOf} from './ram.ts';

/** Registers, 32 bits each. */
export const DISK_LIST = 0x00;
/** Write: start these slots. Read: those under way. */
export const DISK_ISSUE = 0x04;
/** Read: slots done since they were last cleared. Write ones to clear. */
export const DISK_DONE = 0x08;
/** Of the slots done, those that failed. Write ones to clear. */
export const DISK_ERROR = 0x0c;
export const DISK_IRQ_ENABLE = 0x10;
/** Capacity in sectors. */
export const DISK_CAPACITY = 0x14;
const DISK_REGISTER_BYTES = 0x1000;

export const DISK_SLOTS = 32;
export const DISK_SLOT_BYTES = 16;
export const DISK_PIECE_BYTES = 8;
export const DISK_WRITE = 0x8000_0000;

const MOST_PASSED_OVER = 8;
const MOST_PIECES = 0xffff;

type DiskConfig = {
	/** domain:bus:slot.function. */
	readonly address: string;
	readonly registers: PhysicalAddress;
	readonly interruptLine: number;
	readonly sectors: number;
};

type Piece = {readonly at: BusAddress; readonly lengthBytes: number};
type Command = {
	readonly slot: number;
	readonly sector: number;
	readonly sectors: number;
	readonly write: boolean;
	readonly pieces: readonly Piece[];
	passedOver: number;
};

export class Disk {
	readonly pci: PciFunction;
	readonly store: DiskStore;
	private readonly machine: Hardware;
	private readonly mechanics: DiskMechanics;
	private readonly waiting: Command[] = [];
	private moving: Command | undefined;
	private list = busAddress(0);
	private active = 0;
	private done = 0;
	private failed = 0;
	private irqEnabled = false;
	/** Sectors that cannot be read or written, for those who want to see an error. */
	readonly badSectors = new Set<number>();

	/** Plugs the disk in: its registers answer on the system bus from now on. */
	constructor(machine: Hardware, config: DiskConfig) {
		this.machine = machine;
		this.store = new DiskStore(config.sectors);
		this.mechanics = new DiskMechanics(config.sectors, machine.chance);
		this.pci = new PciFunction({
			address: config.address,
			vendorId: 0x1af4,
			deviceId: 0x10d5,
			classCode: 0x01_80_00,
			interruptLine: config.interruptLine,
			bars: [{kind: 'memory', start: config.registers, sizeBytes: DISK_REGISTER_BYTES}],
		});
		machine.bus.addRegion({
			name: `disk ${config.address}`,
			start: config.registers,
			sizeBytes: DISK_REGISTER_BYTES,
			read: (offset, width) => this.readRegister(offset, width),
			write: (offset, width, value) => this.writeRegister(offset, width, value),
		});
	}

	/** Its power management; undefined: off. */
	set rest(rest: DiskRest | undefined) {
		this.mechanics.rest = rest;
	}

	private readRegister(offset: number, width: AccessWidth): number {
		if (!this.pci.memoryEnabled || width !== 4) return 2 ** (8 * width) - 1;
		switch (offset) {
			case DISK_LIST:
				return this.list;
			case DISK_ISSUE:
				return this.active >>> 0;
			case DISK_DONE:
				return this.done >>> 0;
			case DISK_ERROR:
				return this.failed >>> 0;
			case DISK_IRQ_ENABLE:
				return this.irqEnabled ? 1 : 0;
			case DISK_CAPACITY:
				return this.store.sectors;
			default:
				return 0;
		}
	}

	private writeRegister(offset: number, width: AccessWidth, value: number): void {
		if (!this.pci.memoryEnabled || width !== 4) return;
		if (offset === DISK_LIST) this.list = busAddress(value >>> 0);
		if (offset === DISK_ISSUE) this.issue(value & ~this.active);
		if (offset === DISK_DONE) this.done &= ~value;
		if (offset === DISK_ERROR) this.failed &= ~value;
		if (offset === DISK_IRQ_ENABLE) this.irqEnabled = (value & 1) !== 0;
	}

	private issue(slots: number): void {
		for (let slot = 0; slot < DISK_SLOTS; slot++) {
			if ((slots & (1 << slot)) === 0) continue;
			this.active |= 1 << slot;
			const command = this.fetch(slot);
			if (command) this.waiting.push(command);
			else this.finish(slot, true);
		}
		if (!this.moving) this.startNext();
	}

	/** Reads a slot and its list over the bus. @returns undefined where that fails or makes no sense */
	private fetch(slot: number): Command | undefined {
		try {
			const header = this.readWords(busAddress(this.list + slot * DISK_SLOT_BYTES), DISK_SLOT_BYTES / 4);
			const sector = header[0]!;
			const word = header[1]!;
			const sectors = word % DISK_WRITE;
			const count = header[2]!;
			if (count > MOST_PIECES) return undefined;
			const list = this.readWords(busAddress(header[3]!), count * (DISK_PIECE_BYTES / 4));
			const pieces = Array.from({length: count}, (_, i) => ({
				at: busAddress(list[2 * i]!),
				lengthBytes: list[2 * i + 1]!,
			}));
			const totalBytes = pieces.reduce((sum, piece) => sum + piece.lengthBytes, 0);
			if (sectors === 0 || totalBytes !== sectors * SECTOR_BYTES) return undefined;
			if (sector + sectors > this.store.sectors) return undefined;
			return {slot, sector, sectors, write: word >= DISK_WRITE, pieces, passedOver: 0};
		} catch (reason) {
			if (reason instanceof BusError) return undefined;
			throw reason;
		}
	}

	private readWords(at: BusAddress, count: number): Uint32Array {
		return this.pci.dmaReadWords(this.machine.bus, at, count) ?? this.isNoMaster();
	}

	private isNoMaster(): never {
		throw new BusError(`${this.pci.address} is not a bus master`, 'master abort');
	}

	private startNext(): void {
		const command = this.takeNearest();
		if (!command) return;
		this.moving = command;
		const {timeline} = this.machine;
		const {sector, sectors, write} = command;
		const {delayNs, perSectorNs} = this.mechanics.position(timeline.nowNs, sector, sectors, write);
		timeline.after(delayNs, () => this.movePiece(command, 0, 0, perSectorNs));
	}

	private takeNearest(): Command | undefined {
		const overdue = this.waiting.findIndex(command => command.passedOver >= MOST_PASSED_OVER);
		let best = Math.max(0, overdue);
		if (overdue < 0) {
			const distances = this.waiting.map(command => this.mechanics.distanceTo(command.sector));
			distances.forEach((distance, at) => {
				if (distance < distances[best]!) best = at;
			});
		}
		const [command] = this.waiting.splice(best, 1);
		for (let at = 0; at < best; at++) this.waiting[at]!.passedOver++;
		return command;
	}

	/** Moves one piece of memory after the time that platter or bus need for it, whichever is slower. */
	private movePiece(command: Command, index: number, offsetBytes: number, perSectorNs: number): void {
		const piece = command.pieces[index];
		if (!piece) {
			this.finishMoving(command, false);
			return;
		}
		const {lengthBytes} = piece;
		const platterNs = Math.round((lengthBytes / SECTOR_BYTES) * perSectorNs);
		this.machine.timeline.after(Math.max(platterNs, lengthBytes * COST.pciByteNs), () => {
			if (this.transfer(command, piece, offsetBytes))
				this.movePiece(command, index + 1, offsetBytes + lengthBytes, perSectorNs);
			else this.finishMoving(command, true);
		});
	}

	/** @returns false when the medium or the bus failed */
	private transfer(command: Command, piece: Piece, offsetBytes: number): boolean {
		if (this.hitsBadSector(command, offsetBytes, piece.lengthBytes)) return false;
		try {
			this.moveBytes(command, piece, offsetBytes);
			return true;
		} catch (reason) {
			if (reason instanceof BusError) return false;
			throw reason;
		}
	}

	private moveBytes(command: Command, piece: Piece, offsetBytes: number): void {
		const {bus} = this.machine;
		const first = command.sector + Math.floor(offsetBytes / SECTOR_BYTES);
		const within = offsetBytes % SECTOR_BYTES;
		const count = Math.ceil((within + piece.lengthBytes) / SECTOR_BYTES);
		const sectors = this.store.read(first, count);
		if (command.write) {
			sectors.set(this.pci.dmaRead(bus, piece.at, piece.lengthBytes) ?? this.isNoMaster(), within);
			this.store.write(first, sectors);
		} else if (!this.pci.dmaWrite(bus, piece.at, partOf(sectors, within, piece.lengthBytes))) this.isNoMaster();
	}

	private hitsBadSector(command: Command, offsetBytes: number, lengthBytes: number): boolean {
		if (this.badSectors.size === 0) return false;
		const first = command.sector + Math.floor(offsetBytes / SECTOR_BYTES);
		const last = command.sector + Math.floor((offsetBytes + lengthBytes - 1) / SECTOR_BYTES);
		for (let sector = first; sector <= last; sector++) if (this.badSectors.has(sector)) return true;
		return false;
	}

	private finishMoving(command: Command, error: boolean): void {
		this.moving = undefined;
		this.finish(command.slot, error);
		this.startNext();
	}

	private finish(slot: number, error: boolean): void {
		const bit = 1 << slot;
		this.active &= ~bit;
		this.done |= bit;
		if (error) this.failed |= bit;
		if (this.irqEnabled) this.machine.interrupts.raise(this.pci.identity.interruptLine);
	}
}
