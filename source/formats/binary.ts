/** Little-endian 64-bit words as two 32-bit halves: bit operations on the whole would lose the upper half. */

export type Word = {
	/** Bits 0 to 31, unsigned. */
	readonly low: number;
	/** Bits 32 to 63, unsigned. */
	readonly high: number;
};

const wordBytes = 8;

/** A trailing piece shorter than a word is left out, as Linux never hands one out. */
export function decodeWords<T>(bytes: Uint8Array, decode: (word: Word) => T): T[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const words = Math.floor(bytes.byteLength / wordBytes);
	return Array.from({length: words}, (_, index) =>
		decode({low: view.getUint32(index * wordBytes, true), high: view.getUint32(index * wordBytes + 4, true)}),
	);
}

export function encodeWords<T>(values: readonly T[], encode: (value: T) => Word): Uint8Array {
	const bytes = new Uint8Array(values.length * wordBytes);
	const view = new DataView(bytes.buffer);
	values.forEach((value, index) => {
		const {low, high} = encode(value);
		view.setUint32(index * wordBytes, low, true);
		view.setUint32(index * wordBytes + 4, high, true);
	});
	return bytes;
}

/** Whether bit 0 to 63 is set. */
export function hasBit({low, high}: Word, bit: number): boolean {
	return bit < 32 ? ((low >>> bit) & 1) === 1 : ((high >>> (bit - 32)) & 1) === 1;
}

/** A word with these bits set. */
export function wordOf(bits: readonly number[]): Word {
	let [low, high] = [0, 0];
	for (const bit of bits) {
		if (bit < 32) low |= 1 << bit;
		else high |= 1 << (bit - 32);
	}
	return {low: low >>> 0, high: high >>> 0};
}
