import {PAGE_SIZE, type Pfn, type PhysicalAddress} from './address.ts';

/*
 * RAM is bytes, in chunks that appear when first written:
 *
 *   physical address   31 … 16 | 15 … 0
 *                      chunk   | offset in it        (more chunk bits above 4 GiB)
 *
 * Each chunk is one ArrayBuffer seen as bytes and as 32-bit words. A chunk that nobody wrote is the shared zero chunk:
 * reading it is free and it is never written. Chunks are 64 KiB: a machine that has just booted wrote to few pages that
 * lie far apart, and clearing 16 MiB for each was nearly half of a boot.
 */
const CHUNK_SHIFT = 16;
const CHUNK_SIZE = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_SIZE - 1;
const PAGES_PER_CHUNK = CHUNK_SIZE / PAGE_SIZE;

type Chunk = {readonly bytes: Uint8Array; readonly words: Uint32Array; readonly ints: Int32Array};

function newChunk(): Chunk {
	const buffer = new ArrayBuffer(CHUNK_SIZE);
	return {bytes: new Uint8Array(buffer), words: new Uint32Array(buffer), ints: new Int32Array(buffer)};
}

const ZERO_CHUNK = newChunk();

/** A shift where it will do: almost every access is below 2 GiB. */
const chunkIndex = (address: number): number =>
	address < 0x8000_0000 ? address >>> CHUNK_SHIFT : Math.floor(address / CHUNK_SIZE);

/** Up to this many bytes a loop over words is faster than a call of TypedArray.fill. */
const SMALL_FILL_BYTES = 256;

/** And up to this many, a loop over bytes faster than a view of them and TypedArray.set. */
const SMALL_COPY_BYTES = 64;

/** Part of `bytes`; all of them without a view of their own, which costs as much as a short copy. */
export const partOf = (bytes: Uint8Array, offset: number, length: number): Uint8Array =>
	length === bytes.length ? bytes : bytes.subarray(offset, offset + length);

/** Physical addresses [start, end) that RAM answers. */
type RamBank = {readonly start: number; readonly end: number};

const GIB = 2 ** 30;
/** A machine with this much RAM or more has a hole below 4 GiB. */
const LEAST_WITH_HOLE = 3.5 * GIB;

/**
 * Where the board puts RAM. The last addresses below 4 GiB belong to PCI and the interrupt controllers, so of a large
 * machine only 3 GiB lie below them, and the rest begins at 4 GiB. The boundaries are those of QEMU's `pc` board
 * (hw/i386/pc_piix.c).
 * @param sizeBytes a multiple of the page size
 */
export function ramBanks(sizeBytes: number): readonly RamBank[] {
	if (sizeBytes < LEAST_WITH_HOLE) return [{start: 0, end: sizeBytes}];
	return [
		{start: 0, end: 3 * GIB},
		{start: 4 * GIB, end: sizeBytes + GIB},
	];
}

export class Ram {
	readonly banks: readonly RamBank[];
	/** First address behind the lowest bank, which answers almost every access. */
	private readonly firstEnd: number;
	private readonly chunks: Chunk[];

	/** @param sizeBytes a multiple of the page size */
	constructor(sizeBytes: number) {
		this.banks = ramBanks(sizeBytes);
		this.firstEnd = this.banks[0]!.end;
		this.chunks = new Array<Chunk>(Math.ceil(this.banks.at(-1)!.end / CHUNK_SIZE)).fill(ZERO_CHUNK);
	}

	/** Whether a range lies in RAM wholly. */
	holds(address: number, lengthBytes: number): boolean {
		return address + lengthBytes <= this.firstEnd || address + lengthBytes <= this.endOfBank(address);
	}

	/** First address behind the bank that holds an address; 0 where none does. */
	endOfBank(address: number): number {
		if (address < this.firstEnd) return this.firstEnd;
		const bank = this.banks[1];
		return bank !== undefined && address >= bank.start && address < bank.end ? bank.end : 0;
	}

	/** Bytes of RAM that exist because something was written near them. */
	get touchedBytes(): number {
		return this.chunks.reduce((sum, chunk) => sum + (chunk === ZERO_CHUNK ? 0 : CHUNK_SIZE), 0);
	}

	/** Whether RAM answers at a physical address. */
	has(address: number): boolean {
		return this.chunks[chunkIndex(address)] !== undefined;
	}

	private chunkForRead(address: number): Chunk {
		const chunk = this.chunks[chunkIndex(address)];
		if (chunk === undefined) throw new RangeError(`no RAM at physical address 0x${address.toString(16)}`);
		return chunk;
	}

	private chunkForWrite(address: number): Chunk {
		const index = chunkIndex(address);
		let chunk = this.chunks[index];
		if (chunk === undefined) throw new RangeError(`no RAM at physical address 0x${address.toString(16)}`);
		if (chunk === ZERO_CHUNK) {
			chunk = newChunk();
			this.chunks[index] = chunk;
		}
		return chunk;
	}

	read8(address: PhysicalAddress): number {
		return this.chunkForRead(address).bytes[address & CHUNK_MASK]!;
	}

	write8(address: PhysicalAddress, value: number): void {
		this.chunkForWrite(address).bytes[address & CHUNK_MASK] = value;
	}

	/** Reads an aligned little-endian word (the hosts that we run on are little-endian; `boot` checks). */
	read32(address: PhysicalAddress): number {
		return this.chunkForRead(address).words[(address & CHUNK_MASK) >>> 2]!;
	}

	write32(address: PhysicalAddress, value: number): void {
		this.chunkForWrite(address).words[(address & CHUNK_MASK) >>> 2] = value;
	}

	/** The bytes of one frame for reading. Do not write through it: an untouched frame shares the zero chunk. */
	page(frame: Pfn): Uint8Array {
		const start = (frame % PAGES_PER_CHUNK) * PAGE_SIZE;
		return this.chunkForRead(frame * PAGE_SIZE).bytes.subarray(start, start + PAGE_SIZE);
	}

	/** The bytes of one frame for writing. */
	pageForWrite(frame: Pfn): Uint8Array {
		const start = (frame % PAGES_PER_CHUNK) * PAGE_SIZE;
		return this.chunkForWrite(frame * PAGE_SIZE).bytes.subarray(start, start + PAGE_SIZE);
	}

	/** Where a frame lies, for who reads and writes it often: part of two views of one buffer, which stay. */
	place(frame: Pfn): {readonly bytes: Uint8Array; readonly words: Int32Array; readonly offset: number} {
		const {bytes, ints} = this.chunkForWrite(frame * PAGE_SIZE);
		return {bytes, words: ints, offset: (frame % PAGES_PER_CHUNK) * PAGE_SIZE};
	}

	/** Fills a frame with zeros; an untouched chunk already is. */
	clearPage(frame: Pfn): void {
		const address = frame * PAGE_SIZE;
		const chunk = this.chunkForRead(address);
		if (chunk === ZERO_CHUNK) return;
		const start = address & CHUNK_MASK;
		chunk.bytes.fill(0, start, start + PAGE_SIZE);
	}

	copyPage(to: Pfn, from: Pfn): void {
		const source = this.chunkForRead(from * PAGE_SIZE);
		const sourceStart = (from % PAGES_PER_CHUNK) * PAGE_SIZE;
		const targetStart = (to % PAGES_PER_CHUNK) * PAGE_SIZE;
		if (source === ZERO_CHUNK) return this.clearPage(to);
		const target = this.chunkForWrite(to * PAGE_SIZE);
		if (target === source) target.bytes.copyWithin(targetStart, sourceStart, sourceStart + PAGE_SIZE);
		else target.bytes.set(source.bytes.subarray(sourceStart, sourceStart + PAGE_SIZE), targetStart);
	}

	/** A copy of `lengthBytes` bytes; may cross frames and chunks. */
	read(address: PhysicalAddress, lengthBytes: number): Uint8Array {
		const result = new Uint8Array(lengthBytes);
		this.readInto(address, result);
		return result;
	}

	/** Copies as many bytes as `target` holds; may cross frames and chunks. */
	readInto(address: PhysicalAddress, target: Uint8Array): void {
		for (let done = 0; done < target.length; ) {
			const at = address + done;
			const start = at & CHUNK_MASK;
			const length = Math.min(target.length - done, CHUNK_SIZE - start);
			const {bytes} = this.chunkForRead(at);
			if (length <= SMALL_COPY_BYTES) for (let i = 0; i < length; i++) target[done + i] = bytes[start + i]!;
			else target.set(bytes.subarray(start, start + length), done);
			done += length;
		}
	}

	/** May cross frames and chunks. */
	write(address: PhysicalAddress, bytes: Uint8Array): void {
		for (let done = 0; done < bytes.length; ) {
			const at = address + done;
			const start = at & CHUNK_MASK;
			const length = Math.min(bytes.length - done, CHUNK_SIZE - start);
			const target = this.chunkForWrite(at).bytes;
			if (length <= SMALL_COPY_BYTES) for (let i = 0; i < length; i++) target[start + i] = bytes[done + i]!;
			else target.set(partOf(bytes, done, length), start);
			done += length;
		}
	}

	fill(address: PhysicalAddress, lengthBytes: number, value: number): void {
		if (value !== 0 && lengthBytes <= SMALL_FILL_BYTES && ((address | lengthBytes) & 3) === 0) {
			const word = value * 0x0101_0101;
			for (let done = 0; done < lengthBytes; done += 4) this.write32((address + done) as PhysicalAddress, word);
			return;
		}
		let done = 0;
		while (done < lengthBytes) {
			const at = address + done;
			const offset = at & CHUNK_MASK;
			const step = Math.min(lengthBytes - done, CHUNK_SIZE - offset);
			if (value !== 0 || this.chunkForRead(at) !== ZERO_CHUNK)
				this.chunkForWrite(at).bytes.fill(value, offset, offset + step);
			done += step;
		}
	}

	/** Offset of the first byte of a range that is not `value`, or -1 when all are. */
	findOther(address: PhysicalAddress, lengthBytes: number, value: number): number {
		const word = value * 0x0101_0101;
		for (let done = 0; done < lengthBytes; ) {
			const at = (address + done) as PhysicalAddress;
			if ((at & 3) === 0 && done + 4 <= lengthBytes && this.read32(at) === word) done += 4;
			else if (this.read8(at) === value) done++;
			else return done;
		}
		return -1;
	}
}
