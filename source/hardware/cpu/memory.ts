/**
 * Memory as instructions see it: loads and stores of 1, 2 and 4 bytes at linear addresses, through a small cache of
 * translations. What a page is, `place` says; the cache asks once a page and direction in each run.
 *
 *   linear address   31 … 12 | 11 … 0
 *                    page    | offset       entry = page & 255
 */
export type Width = 1 | 2 | 4;

/** A page of RAM: part of two views of one buffer. */
export type RamPlace = {
	readonly bytes: Uint8Array;
	readonly words: Int32Array;
	/** Where the page begins in `bytes`; a multiple of 4. */
	readonly offset: number;
};

/** A page whose loads and stores something answers: a device's registers, a structure of the kernel. */
export type AnsweringPlace = {
	readonly read: (address: number, width: Width) => number;
	readonly write: (address: number, width: Width, value: number) => void;
	/** The time of an access matters: the run ends behind the instruction, so that the processor is not ahead. */
	readonly endsRun: boolean;
};

export type Place = RamPlace | AnsweringPlace;

/** What is around the processor. */
export type Surroundings = {
	/** What an address leads to; undefined: it faults. Asked at the first access to a page in a run, and sets its bits. */
	readonly place: (address: number, write: boolean) => Place | undefined;
	/** @throws Trap where the program may not */
	readonly portIn: (port: number, width: Width) => number;
	readonly portOut: (port: number, width: Width, value: number) => void;
	/** Where a segment begins; undefined: there is none of that selector. */
	readonly segmentBase: (selector: number) => number | undefined;
	/** What RDTSC answers: cycles since power-on. */
	readonly timeStamp: () => number;
};

/** An access that the page tables do not allow. The instruction has done nothing and can be tried again. */
export class PageFault extends Error {
	readonly address: number;
	readonly write: boolean;

	constructor(address: number, write: boolean) {
		super(`page fault at 0x${address.toString(16)}`);
		this.address = address;
		this.write = write;
	}
}

const ENTRIES = 256;
const PAGE_MASK = 4095;

/** Pages of one direction. */
class Translations {
	readonly pages = new Int32Array(ENTRIES).fill(-1);
	readonly bytes: Uint8Array[] = new Array<Uint8Array>(ENTRIES).fill(new Uint8Array(0));
	readonly words: Int32Array[] = new Array<Int32Array>(ENTRIES).fill(new Int32Array(0));
	readonly offsets = new Int32Array(ENTRIES);

	keep(page: number, {bytes, words, offset}: RamPlace): void {
		const entry = page & (ENTRIES - 1);
		this.pages[entry] = page;
		this.bytes[entry] = bytes;
		this.words[entry] = words;
		this.offsets[entry] = offset;
	}

	flush(): void {
		this.pages.fill(-1);
	}
}

/** As the loads below give it: signed where it has 4 bytes. */
function toldLoad(bytes: Uint8Array, at: number, width: Width): number {
	let value = 0;
	for (let i = 0; i < width; i++) value |= bytes[at + i]! << (8 * i);
	return value;
}

export class Memory {
	readonly surroundings: Surroundings;
	readonly loads = new Translations();
	readonly stores = new Translations();
	/** The page that was stored to last of those whose stores have to be told. */
	private toldPage = -1;
	private toldPlace: RamPlace | undefined;

	constructor(surroundings: Surroundings) {
		this.surroundings = surroundings;
	}

	/** Forgets translations: page tables may have changed. */
	flush(): void {
		this.loads.flush();
		this.stores.flush();
		this.toldPage = -1;
	}

	/** A page that answers was accessed whose time matters. */
	protected endRun(): void {}

	/** Bytes (or none) were stored in a page of RAM. @returns whether each store to it has to be told */
	protected stored(_place: RamPlace, _at: number, _width: number): boolean {
		return false;
	}

	/** A page of RAM is loaded from, and perhaps some bytes of it. @returns whether each load from it has to come here */
	protected loaded(_place: RamPlace, _at: number, _width: number): boolean {
		return false;
	}

	/** @throws PageFault */
	reach(address: number, write: boolean): Place {
		const place = this.surroundings.place(address >>> 0, write);
		if (!place) throw new PageFault(address >>> 0, write);
		return place;
	}

	load8(address: number): number {
		const page = address >>> 12;
		const entry = page & (ENTRIES - 1);
		const {pages, bytes, offsets} = this.loads;
		if (pages[entry] === page) return bytes[entry]![offsets[entry]! + (address & PAGE_MASK)]!;
		return this.slowLoad(address, 1);
	}

	/** Unsigned. */
	load16(address: number): number {
		const page = address >>> 12;
		const entry = page & (ENTRIES - 1);
		const {pages, bytes, offsets} = this.loads;
		if (pages[entry] === page && (address & PAGE_MASK) !== PAGE_MASK) {
			const at = offsets[entry]! + (address & PAGE_MASK);
			const from = bytes[entry]!;
			return from[at]! | (from[at + 1]! << 8);
		}
		return this.slowLoad(address, 2);
	}

	/** Signed. */
	load32(address: number): number {
		const page = address >>> 12;
		const entry = page & (ENTRIES - 1);
		const {pages, bytes, words, offsets} = this.loads;
		if (pages[entry] === page) {
			const at = offsets[entry]! + (address & PAGE_MASK);
			if ((address & 3) === 0) return words[entry]![at >>> 2]!;
			if ((address & PAGE_MASK) <= PAGE_MASK - 3) {
				const from = bytes[entry]!;
				return from[at]! | (from[at + 1]! << 8) | (from[at + 2]! << 16) | (from[at + 3]! << 24);
			}
		}
		return this.slowLoad(address, 4);
	}

	private slowLoad(address: number, width: Width): number {
		if ((address & PAGE_MASK) + width > 4096) {
			let value = 0;
			for (let i = 0; i < width; i++) value |= this.load8((address + i) | 0) << (8 * i);
			return value;
		}
		const place = this.reach(address, false);
		if ('bytes' in place) {
			const at = place.offset + (address & PAGE_MASK);
			if (this.loaded(place, at, width)) return toldLoad(place.bytes, at, width);
			this.loads.keep(address >>> 12, place);
			return width === 4 ? this.load32(address) : width === 2 ? this.load16(address) : this.load8(address);
		}
		if (place.endsRun) this.endRun();
		const value = place.read(address >>> 0, width);
		return width === 4 ? value | 0 : width === 2 ? value & 0xffff : value & 0xff;
	}

	store8(address: number, value: number): void {
		const page = address >>> 12;
		const entry = page & (ENTRIES - 1);
		const {pages, bytes, offsets} = this.stores;
		if (pages[entry] === page) bytes[entry]![offsets[entry]! + (address & PAGE_MASK)] = value;
		else this.slowStore(address, 1, value);
	}

	store16(address: number, value: number): void {
		const page = address >>> 12;
		const entry = page & (ENTRIES - 1);
		const {pages, bytes, offsets} = this.stores;
		if (pages[entry] === page && (address & PAGE_MASK) !== PAGE_MASK) {
			const at = offsets[entry]! + (address & PAGE_MASK);
			bytes[entry]![at] = value;
			bytes[entry]![at + 1] = value >> 8;
		} else this.slowStore(address, 2, value);
	}

	store32(address: number, value: number): void {
		const page = address >>> 12;
		const entry = page & (ENTRIES - 1);
		const {pages, bytes, words, offsets} = this.stores;
		if (pages[entry] === page) {
			const at = offsets[entry]! + (address & PAGE_MASK);
			if ((address & 3) === 0) {
				words[entry]![at >>> 2] = value;
				return;
			}
			if ((address & PAGE_MASK) <= PAGE_MASK - 3) {
				const to = bytes[entry]!;
				to[at] = value;
				to[at + 1] = value >> 8;
				to[at + 2] = value >> 16;
				to[at + 3] = value >> 24;
				return;
			}
		}
		this.slowStore(address, 4, value);
	}

	private slowStore(address: number, width: Width, value: number): void {
		if ((address & PAGE_MASK) + width > 4096) {
			this.claim(address, width);
			for (let i = 0; i < width; i++) this.slowStore((address + i) | 0, 1, value >> (8 * i));
			return;
		}
		const page = address >>> 12;
		const place = page === this.toldPage ? this.toldPlace! : this.reach(address, true);
		if ('bytes' in place) {
			const at = place.offset + (address & PAGE_MASK);
			for (let i = 0; i < width; i++) place.bytes[at + i] = value >> (8 * i);
			this.keepStores(page, place, this.stored(place, at, width));
			return;
		}
		if (place.endsRun) this.endRun();
		place.write(address >>> 0, width, width === 4 ? value >>> 0 : width === 2 ? value & 0xffff : value & 0xff);
	}

	/** Makes sure that a store will not fault. @throws PageFault */
	claim(address: number, lengthBytes: number): void {
		this.claimPage(address);
		const end = (address + lengthBytes - 1) | 0;
		if (end >>> 12 !== address >>> 12) this.claimPage(end & ~PAGE_MASK);
	}

	private claimPage(address: number): void {
		const page = address >>> 12;
		if (this.stores.pages[page & (ENTRIES - 1)] === page) return;
		if (page === this.toldPage) return;
		const place = this.reach(address, true);
		if ('bytes' in place) this.keepStores(page, place, this.stored(place, place.offset, 0));
	}

	private keepStores(page: number, place: RamPlace, isTold: boolean): void {
		if (isTold) {
			this.toldPage = page;
			this.toldPlace = place;
		} else this.stores.keep(page, place);
	}

	/** Where a byte of RAM is, if its page is known for that direction. */
	knownBytes(address: number, write: boolean): {readonly bytes: Uint8Array; readonly at: number} | undefined {
		const page = address >>> 12;
		const entry = page & (ENTRIES - 1);
		const {pages, bytes, offsets} = write ? this.stores : this.loads;
		if (pages[entry] !== page) return undefined;
		return {bytes: bytes[entry]!, at: offsets[entry]! + (address & PAGE_MASK)};
	}
}
