import {type BusAddress, PAGE_SIZE, type PhysicalAddress, type PortAddress, physicalAddress} from './address.ts';
import type {Cache} from './cache.ts';
import {partOf, type Ram} from './ram.ts';

export type AccessWidth = 1 | 2 | 4;

/** Device memory or registers in the physical address space (a PCI BAR, the BIOS ROM, the local APIC). */
type MmioRegion = {
	readonly name: string;
	readonly start: PhysicalAddress;
	readonly sizeBytes: number;
	/** @param offset bytes from `start` */
	readonly read: (offset: number, width: AccessWidth) => number;
	readonly write: (offset: number, width: AccessWidth, value: number) => void;
};

type PortRange = {
	readonly name: string;
	readonly start: PortAddress;
	readonly count: number;
	readonly read: (offset: number, width: AccessWidth) => number;
	readonly write: (offset: number, width: AccessWidth, value: number) => void;
};

/** Translates what a device asks for into where it is; without one, bus addresses are physical addresses. */
export type IommuWires = {
	/** @returns the physical address, or undefined when nothing is mapped there (the device gets a bus error) */
	readonly translate: (device: string, address: BusAddress, write: boolean) => PhysicalAddress | undefined;
	/** Whether it claims cycles at this address, be it only to refuse them. */
	readonly covers: (address: BusAddress) => boolean;
};

/**
 * How a bus cycle ends that moves nothing. PCI 2.2, 3.3.3: the master gives up when no target claims the cycle; a
 * target that claims it and cannot serve it aborts it.
 */
type BusAbort = 'master abort' | 'target abort';

/** What a device gets when its DMA hits nothing. Each device has to catch it and do as its hardware does. */
export class BusError extends Error {
	readonly abort: BusAbort;

	constructor(message: string, abort: BusAbort) {
		super(message);
		this.abort = abort;
	}
}

/** As many bits of a value as a write of this width carries, unsigned. */
const onWires = (value: number, width: AccessWidth) =>
	width === 4 ? value >>> 0 : value & (width === 2 ? 0xffff : 0xff);

type DmaWatcher = (device: string, physical: PhysicalAddress, lengthBytes: number) => void;

/**
 * The wires: processor to RAM and device memory by physical address, processor to ports, and devices to RAM by bus
 * address. Devices hold no other way to memory.
 */
export class SystemBus {
	readonly ram: Ram;
	readonly regions: MmioRegion[] = [];
	readonly ports: PortRange[] = [];
	iommu: IommuWires | undefined;
	/** Where devices do not see what is in the processor's cache. */
	cache: Cache | undefined;
	/** Called after each store of a device to memory. */
	readonly dmaWatchers = new Set<DmaWatcher>();
	/** Bytes moved by devices since power-on, for rates. */
	dmaBytesToDevice = 0;
	dmaBytesFromDevice = 0;

	constructor(ram: Ram) {
		this.ram = ram;
	}

	addRegion(region: MmioRegion): void {
		const end = region.start + region.sizeBytes;
		const clash = this.regions.find(other => region.start < other.start + other.sizeBytes && other.start < end);
		if (clash) throw new Error(`${region.name} overlaps ${clash.name} in the physical address space`);
		this.regions.push(region);
	}

	regionAt(address: PhysicalAddress): MmioRegion | undefined {
		for (const region of this.regions)
			if (address >= region.start && address < region.start + region.sizeBytes) return region;
		return undefined;
	}

	/** A processor's read of RAM or device memory. Where nothing answers, the bus floats: all ones. */
	read(address: PhysicalAddress, width: AccessWidth): number {
		const region = this.regionAt(address);
		if (region) return region.read(address - region.start, width);
		if (!this.ram.holds(address, width)) return width === 4 ? 0xffffffff : width === 2 ? 0xffff : 0xff;
		if (width === 4 && address % 4 === 0) return this.ram.read32(address);
		let value = 0;
		for (let i = width - 1; i >= 0; i--) value = value * 256 + this.ram.read8(physicalAddress(address + i));
		return value;
	}

	write(address: PhysicalAddress, width: AccessWidth, value: number): void {
		const region = this.regionAt(address);
		if (region) return region.write(address - region.start, width, onWires(value, width));
		if (!this.ram.holds(address, width)) return;
		if (width === 4 && address % 4 === 0) return this.ram.write32(address, value);
		for (let i = 0; i < width; i++) this.ram.write8(physicalAddress(address + i), Math.floor(value / 2 ** (8 * i)));
	}

	addPorts(range: PortRange): void {
		this.ports.push(range);
	}

	in(address: PortAddress, width: AccessWidth): number {
		const range = this.ports.find(each => address >= each.start && address < each.start + each.count);
		return range ? range.read(address - range.start, width) : 2 ** (8 * width) - 1;
	}

	out(address: PortAddress, width: AccessWidth, value: number): void {
		const range = this.ports.find(each => address >= each.start && address < each.start + each.count);
		range?.write(address - range.start, width, onWires(value, width));
	}

	/** The cycle ends without data. */
	private abort(device: string, address: BusAddress): never {
		const abort = this.iommu?.covers(address) ? 'target abort' : 'master abort';
		throw new BusError(`${device}: no memory at bus address 0x${address.toString(16)} (${abort})`, abort);
	}

	/**
	 * A device reads memory (the direction that Linux calls DMA_TO_DEVICE).
	 * @throws BusError where no RAM answers
	 */
	dmaRead(device: string, address: BusAddress, lengthBytes: number): Uint8Array {
		const result = new Uint8Array(lengthBytes);
		this.eachRun(device, address, lengthBytes, false, (physical, offset, length) => {
			(this.cache ?? this.ram).readInto(physical, partOf(result, offset, length));
			this.dmaBytesToDevice += length;
		});
		return result;
	}

	/** As dmaRead, in little-endian words, which descriptors are made of. @throws BusError where no RAM answers */
	dmaReadWords(device: string, address: BusAddress, count: number): Uint32Array {
		if (!this.leadsStraight(address)) return new Uint32Array(this.dmaRead(device, address, count * 4).buffer);
		const words = new Uint32Array(count);
		this.checkReach(device, address, count * 4);
		for (let i = 0; i < count; i++) words[i] = this.ram.read32(physicalAddress(address + i * 4));
		this.dmaBytesToDevice += count * 4;
		return words;
	}

	/** As dmaWrite, in little-endian words. @throws BusError where no RAM answers */
	dmaWriteWords(device: string, address: BusAddress, words: Uint32Array): void {
		if (!this.leadsStraight(address)) {
			this.dmaWrite(device, address, new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
			return;
		}
		this.checkReach(device, address, words.length * 4);
		for (let i = 0; i < words.length; i++) this.ram.write32(physicalAddress(address + i * 4), words[i]!);
		this.tellOfDma(device, physicalAddress(address), words.length * 4);
		this.dmaBytesFromDevice += words.length * 4;
	}

	/** Whether the words from a bus address on are words of RAM: aligned, and with nothing in between. */
	private leadsStraight(address: BusAddress): boolean {
		return !this.iommu && !this.cache && (address & 3) === 0;
	}

	/** @throws BusError where no RAM answers */
	private checkReach(device: string, address: BusAddress, lengthBytes: number): void {
		if (!this.ram.holds(address, lengthBytes)) this.abort(device, address);
	}

	/**
	 * A device writes memory (DMA_FROM_DEVICE). @throws BusError where no RAM answers; what lies before that was written
	 */
	dmaWrite(device: string, address: BusAddress, bytes: Uint8Array): void {
		this.eachRun(device, address, bytes.length, true, (physical, offset, length) => {
			(this.cache ?? this.ram).write(physical, partOf(bytes, offset, length));
			this.tellOfDma(device, physical, length);
			this.dmaBytesFromDevice += length;
		});
	}

	private tellOfDma(device: string, physical: PhysicalAddress, lengthBytes: number): void {
		if (this.dmaWatchers.size > 0) for (const each of this.dmaWatchers) each(device, physical, lengthBytes);
	}

	/** Cuts a transfer at page boundaries, where an IOMMU may lead elsewhere, and where RAM ends. */
	private eachRun(
		device: string,
		address: BusAddress,
		lengthBytes: number,
		write: boolean,
		visit: (physical: PhysicalAddress, offset: number, length: number) => void,
	): void {
		for (let done = 0; done < lengthBytes; ) {
			const at = (address + done) as BusAddress;
			const wanted = this.iommu ? Math.min(lengthBytes - done, PAGE_SIZE - (at % PAGE_SIZE)) : lengthBytes - done;
			const physical = this.iommu ? this.iommu.translate(device, at, write) : physicalAddress(at);
			const end = physical === undefined ? 0 : this.ram.endOfBank(physical);
			if (physical === undefined || end === 0) this.abort(device, at);
			const length = Math.min(wanted, end - physical);
			visit(physical, done, length);
			done += length;
		}
	}
}
