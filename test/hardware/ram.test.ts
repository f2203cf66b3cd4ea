import fc from 'fast-check';
import {expect, test} from 'vitest';
import {pfn, physicalAddress} from '../../source/hardware/address.ts';
import {Ram} from '../../source/hardware/ram.ts';

const MiB = 2 ** 20;

test('untouched RAM reads as zeros and costs nothing', () => {
	const ram = new Ram(4096 * MiB);
	expect(ram.read32(physicalAddress(3000 * MiB))).toBe(0);
	expect(ram.page(pfn(0xfffff))).toEqual(new Uint8Array(4096));
	ram.clearPage(pfn(7));
	ram.fill(physicalAddress(0), 64 * MiB, 0);
	ram.copyPage(pfn(9), pfn(8));
	expect(ram.touchedBytes).toBe(0);
});

test('RAM behaves like one flat array of bytes, also across chunk borders', () => {
	const size = 32 * MiB;
	const border = 16 * MiB;
	const place = fc.integer({min: border - 64, max: border + 64});
	const operation = fc.oneof(
		fc.record({kind: fc.constant('write' as const), at: place, bytes: fc.uint8Array({maxLength: 40})}),
		fc.record({kind: fc.constant('fill' as const), at: place, length: fc.nat(40), value: fc.nat(255)}),
		fc.record({kind: fc.constant('word' as const), at: place, value: fc.nat(0xffff_ffff)}),
	);
	fc.assert(
		fc.property(fc.array(operation, {maxLength: 30}), operations => {
			const ram = new Ram(size);
			const flat = new Uint8Array(size);
			for (const step of operations) {
				if (step.kind === 'write') {
					ram.write(physicalAddress(step.at), step.bytes);
					flat.set(step.bytes, step.at);
				} else if (step.kind === 'fill') {
					ram.fill(physicalAddress(step.at), step.length, step.value);
					flat.fill(step.value, step.at, step.at + step.length);
				} else {
					const at = step.at - (step.at % 4);
					ram.write32(physicalAddress(at), step.value);
					new DataView(flat.buffer).setUint32(at, step.value, true);
				}
			}
			expect(ram.read(physicalAddress(border - 128), 256)).toEqual(flat.slice(border - 128, border + 128));
		}),
		{numRuns: 30},
	);
});

test('there is no RAM behind its end', () => {
	const ram = new Ram(16 * MiB);
	expect(() => ram.read8(physicalAddress(16 * MiB))).toThrow(/no RAM at physical address 0x1000000/);
});

test.each([
	[3.5 * 2 ** 30 - 4096, [[0, 3.5 * 2 ** 30 - 4096]]],
	[
		3.5 * 2 ** 30,
		[
			[0, 3 * 2 ** 30],
			[4 * 2 ** 30, 4.5 * 2 ** 30],
		],
	],
	[
		16 * 2 ** 30,
		[
			[0, 3 * 2 ** 30],
			[4 * 2 ** 30, 17 * 2 ** 30],
		],
	],
])('%i bytes of RAM lie where PCI leaves room', (sizeBytes, banks) => {
	const ram = new Ram(sizeBytes);
	expect(ram.banks.map(({start, end}) => [start, end])).toEqual(banks);
	for (const {start, end} of ram.banks) {
		for (const at of [start, end - 8]) {
			ram.write32(physicalAddress(at), 0xdead_beef);
			expect(ram.read32(physicalAddress(at))).toBe(0xdead_beef);
		}
		expect(ram.holds(start, end - start)).toBe(true);
		expect(ram.holds(end - 4, 8)).toBe(false);
		expect(ram.holds(end, 1)).toBe(false);
		expect(start === 0 || !ram.holds(start - 1, 1)).toBe(true);
		expect([ram.endOfBank(start), ram.endOfBank(end - 1)]).toEqual([end, end]);
	}
	expect(ram.endOfBank(banks.at(-1)![1]!)).toBe(0);
});
