/** Programs of i386 for tests, made of their bytes. */
import {PAGE_SIZE} from '../../source/hardware/address.ts';

type TestSegment = {
	readonly address: number;
	readonly bytes: Uint8Array | readonly number[];
	/** Zeros behind the bytes. */
	readonly zeros?: number;
	/** PF_ bits: 1 executable, 2 writable, 4 readable. */
	readonly flags: number;
};

/** An ELF file of type EXEC with its segments one after the other, each at an offset that fits its address. */
export function elfOf(segments: readonly TestSegment[], entry = segments[0]!.address): Uint8Array {
	const places: number[] = [];
	let end = 52 + 32 * segments.length;
	for (const {address, bytes} of segments) {
		const at = end + ((((address - end) % PAGE_SIZE) + PAGE_SIZE) % PAGE_SIZE);
		places.push(at);
		end = at + bytes.length;
	}
	const file = new Uint8Array(end);
	const view = new DataView(file.buffer);
	file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
	const half = (at: number, value: number) => view.setUint16(at, value, true);
	const word = (at: number, value: number) => view.setUint32(at, value, true);
	half(16, 2);
	half(18, 3);
	word(20, 1);
	word(24, entry);
	word(28, 52);
	half(40, 52);
	half(42, 32);
	half(44, segments.length);
	for (const [i, {address, bytes, zeros = 0, flags}] of segments.entries()) {
		const values = [1, places[i]!, address, address, bytes.length, bytes.length + zeros, flags, PAGE_SIZE];
		for (const [at, value] of values.entries()) word(52 + 32 * i + 4 * at, value);
		file.set(bytes, places[i]!);
	}
	return file;
}
