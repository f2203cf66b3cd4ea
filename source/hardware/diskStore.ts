/**
 * What lies on the platters: sectors of 512 bytes, kept in blocks of eight that appear when first written. A sector
 * that nobody wrote has contents too, which follow from its number alone.
 */
export const SECTOR_BYTES = 512;
const SECTORS_PER_BLOCK = 8;
const BLOCK_BYTES = SECTOR_BYTES * SECTORS_PER_BLOCK;

export class DiskStore {
	readonly sectors: number;
	private readonly blocks = new Map<number, Uint8Array>();

	/** @param sectors capacity */
	constructor(sectors: number) {
		this.sectors = sectors;
	}

	/** A copy of `count` sectors from `sector` on. */
	read(sector: number, count: number): Uint8Array {
		this.check(sector, count);
		const result = new Uint8Array(count * SECTOR_BYTES);
		for (let done = 0; done < count; ) {
			const {block, offset, step} = this.part(sector + done, count - done);
			const bytes = this.blocks.get(block) ?? original(block);
			result.set(bytes.subarray(offset, offset + step * SECTOR_BYTES), done * SECTOR_BYTES);
			done += step;
		}
		return result;
	}

	/** @param bytes a whole number of sectors */
	write(sector: number, bytes: Uint8Array): void {
		const count = bytes.length / SECTOR_BYTES;
		this.check(sector, count);
		for (let done = 0; done < count; ) {
			const {block, offset, step} = this.part(sector + done, count - done);
			let target = this.blocks.get(block);
			if (!target) this.blocks.set(block, (target = original(block)));
			target.set(bytes.subarray(done * SECTOR_BYTES, (done + step) * SECTOR_BYTES), offset);
			done += step;
		}
	}

	private check(sector: number, count: number): void {
		if (!Number.isInteger(sector) || !Number.isInteger(count) || sector < 0 || sector + count > this.sectors)
			throw new RangeError(`sectors ${sector}+${count} of a disk that has ${this.sectors}`);
	}

	private part(sector: number, most: number): {block: number; offset: number; step: number} {
		const within = sector % SECTORS_PER_BLOCK;
		return {
			block: (sector - within) / SECTORS_PER_BLOCK,
			offset: within * SECTOR_BYTES,
			step: Math.min(most, SECTORS_PER_BLOCK - within),
		};
	}
}

/** Contents of a block that nobody wrote: Marsaglia's xorshift from its number. */
function original(block: number): Uint8Array {
	const words = new Uint32Array(BLOCK_BYTES / 4);
	let state = (Math.imul(block + 1, 0x9e37_79b1) | 1) >>> 0;
	for (let i = 0; i < words.length; i++) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		words[i] = state;
	}
	return new Uint8Array(words.buffer);
}
