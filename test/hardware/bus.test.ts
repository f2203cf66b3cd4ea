import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {busAddress, physicalAddress, port} from '../../source/hardware/address.ts';
import {type AccessWidth, BusError} from '../../source/hardware/bus.ts';
import {Cache} from '../../source/hardware/cache.ts';
import {powerOn} from '../../source/hardware/machine.ts';

const ramBytes = 16 << 20;
const board = () => powerOn({memBytes: ramBytes, cpus: 1, seed: 1, paging: 'two-level', firmwareMap: []});

const width = fc.constantFrom<AccessWidth>(1, 2, 4);
/** Around the border of a chunk of memory and of a page, and at any place within a word. */
const place = fc.oneof(fc.integer({min: 0x1000, max: 0x1010}), fc.integer({min: 0x1ff8, max: 0x2008}));

/** The bytes of a number, the lowest first, as one number. */
const littleEndian = (bytes: Iterable<number>) => [...bytes].reduce((sum, byte, i) => sum + byte * 2 ** (8 * i), 0);

describe('the processor', () => {
	test('reads and writes one, two and four bytes at any address, the lowest byte first, and no byte beside them', () => {
		fc.assert(
			fc.property(place, width, fc.integer({min: 0, max: 0xffff_ffff}), (at, bytes, value) => {
				const {bus, ram} = board();
				for (let i = -4; i < 8; i++) ram.write8(physicalAddress(at + i), 0xa0 + i);
				bus.write(physicalAddress(at), bytes, value);
				const written = Array.from({length: bytes}, (_, i) => ram.read8(physicalAddress(at + i)));
				expect(littleEndian(written)).toBe(value % 2 ** (8 * bytes));
				expect(bus.read(physicalAddress(at), bytes)).toBe(value % 2 ** (8 * bytes));
				expect([ram.read8(physicalAddress(at - 1)), ram.read8(physicalAddress(at + bytes))]).toEqual([
					0x9f,
					0xa0 + bytes,
				]);
			}),
			{numRuns: 40},
		);
	});

	test.each([
		[1, 0xff],
		[2, 0xffff],
		[4, 0xffff_ffff],
	] as const)('reads ones where no byte of %i is RAM’s last, and what it writes there is lost', (bytes, ones) => {
		const {bus} = board();
		const last = physicalAddress(ramBytes - bytes);
		bus.write(last, bytes, 0x1234_5678);
		expect(bus.read(last, bytes)).toBe(0x1234_5678 & ones);
		const behind = physicalAddress(ramBytes - bytes + 1);
		bus.write(behind, bytes, 0);
		expect(bus.read(behind, bytes)).toBe(ones);
		expect(bus.read(last, bytes)).toBe(0x1234_5678 & ones);
	});

	test('reaches a device’s registers from their first byte to their last, with as many bits as the write has', () => {
		const {bus} = board();
		const seen: [number, number, number][] = [];
		bus.addRegion({
			name: 'card',
			start: physicalAddress(0xfe00_0000),
			sizeBytes: 16,
			read: (offset, bytes) => 16 * bytes + offset,
			write: (offset, bytes, value) => void seen.push([offset, bytes, value]),
		});
		expect(bus.read(physicalAddress(0xfe00_0000), 4)).toBe(64);
		expect(bus.read(physicalAddress(0xfe00_000f), 1)).toBe(31);
		expect(bus.read(physicalAddress(0xfe00_0010), 1)).toBe(0xff);
		expect(bus.read(physicalAddress(0xfdff_ffff), 1)).toBe(0xff);
		for (const bytes of [1, 2, 4] as const) bus.write(physicalAddress(0xfe00_0004), bytes, -1);
		expect(seen).toEqual([
			[4, 1, 0xff],
			[4, 2, 0xffff],
			[4, 4, 0xffff_ffff],
		]);
	});

	test('reaches ports from the first of a range to its last; elsewhere it reads ones', () => {
		const {bus} = board();
		const written: number[] = [];
		bus.addPorts({
			name: 'card',
			start: port(0x300),
			count: 8,
			read: offset => 0x40 + offset,
			write: (offset, _bytes, value) => void written.push(offset, value),
		});
		expect([0x2ff, 0x300, 0x307, 0x308].map(at => bus.in(port(at), 1))).toEqual([0xff, 0x40, 0x47, 0xff]);
		expect([bus.in(port(0x308), 2), bus.in(port(0x308), 4)]).toEqual([0xffff, 0xffff_ffff]);
		for (const at of [0x2ff, 0x300, 0x307, 0x308]) bus.out(port(at), 1, at);
		expect(written).toEqual([0, 0x300 & 0xff, 7, 0x307 & 0xff]);
	});
});

describe('a device', () => {
	const bytesOf = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

	test('moves words as it moves their bytes, aligned or not, with a cache in between or not', () => {
		const words = fc.uint32Array({minLength: 1, maxLength: 12});
		fc.assert(
			fc.property(place, words, fc.boolean(), (at, sent, isCached) => {
				const hw = board();
				const {bus} = hw;
				if (isCached) bus.cache = new Cache(hw.ram);
				bus.dmaWriteWords('card', busAddress(at), sent);
				expect(bus.dmaRead('card', busAddress(at), 4 * sent.length)).toEqual(bytesOf(sent));
				expect(bus.dmaReadWords('card', busAddress(at), sent.length)).toEqual(sent);
				expect(bus.dmaBytesFromDevice).toBe(4 * sent.length);
				expect(bus.dmaBytesToDevice).toBe(8 * sent.length);
			}),
			{numRuns: 40},
		);
	});

	test.each([1, 3])('moves the last %i words of RAM, and one word further is an abort that moves none', count => {
		const {bus} = board();
		const last = busAddress(ramBytes - 4 * count);
		const words = Uint32Array.from({length: count}, (_, i) => i + 1);
		bus.dmaWriteWords('card', last, words);
		expect(bus.dmaReadWords('card', last, count)).toEqual(words);
		const further = busAddress(last + 4);
		expect(() => bus.dmaWriteWords('card', further, words)).toThrow(BusError);
		expect(() => bus.dmaReadWords('card', further, count)).toThrow(BusError);
		expect(bus.dmaReadWords('card', last, count)).toEqual(words);
	});

	test('moves the last byte of RAM, and not the one behind it', () => {
		const {bus} = board();
		bus.dmaWrite('card', busAddress(ramBytes - 1), Uint8Array.of(7));
		expect(bus.dmaRead('card', busAddress(ramBytes - 1), 1)).toEqual(Uint8Array.of(7));
		expect(() => bus.dmaRead('card', busAddress(ramBytes), 1)).toThrow(BusError);
	});
});
