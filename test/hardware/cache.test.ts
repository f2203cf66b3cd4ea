import {describe, expect, test} from 'vitest';
import {physicalAddress} from '../../source/hardware/address.ts';
import {Cache} from '../../source/hardware/cache.ts';
import {Ram} from '../../source/hardware/ram.ts';

const buffer = physicalAddress(0x1000);

/** A cache in front of RAM, with one buffer of 64 bytes lent to a device. */
function lent(lengthBytes = 64) {
	const ram = new Ram(1 << 24);
	const cache = new Cache(ram);
	ram.fill(physicalAddress(0xfe0), 0x100, 0x11);
	cache.lend(buffer, lengthBytes);
	return {
		cache,
		cpu: (offset = 0) => ram.read8(physicalAddress(buffer + offset)),
		cpuWrites: (value: number, offset = 0) => ram.write8(physicalAddress(buffer + offset), value),
		device(offset = 0) {
			const byte = new Uint8Array(1);
			cache.readInto(physicalAddress(buffer + offset), byte);
			return byte[0]!;
		},
		deviceWrites: (value: number, bytes = lengthBytes) => cache.write(buffer, new Uint8Array(bytes).fill(value)),
	};
}

describe('without a sync', () => {
	test('the device does not see what the CPU wrote after lending', () => {
		const {cpuWrites, device} = lent();
		expect(device()).toBe(0x11);
		cpuWrites(0x22);
		expect(device()).toBe(0x11);
	});

	test('the CPU does not see what the device wrote', () => {
		const {cpu, deviceWrites} = lent();
		deviceWrites(0x33);
		expect(cpu()).toBe(0x11);
	});
});

test('cleaning shows the device what the CPU wrote', () => {
	const {cache, cpuWrites, device} = lent();
	cpuWrites(0x22);
	cache.clean(buffer, 64);
	expect(device()).toBe(0x22);
});

test('invalidating shows the CPU what the device wrote', () => {
	const {cache, cpu, deviceWrites} = lent();
	deviceWrites(0x33);
	cache.invalidate(buffer, 64);
	expect(cpu()).toBe(0x33);
});

test('who shares a cache line with a buffer loses what he wrote when it is invalidated', () => {
	const {cache, cpu, cpuWrites, deviceWrites} = lent(40);
	cpuWrites(0x99, 50);
	deviceWrites(0x33);
	cache.invalidate(buffer, 40);
	expect([cpu(39), cpu(40), cpu(50)]).toEqual([0x33, 0x11, 0x11]);
});

test('two mappings of one line both have to end before it is ordinary memory again', () => {
	const {cache, cpu, deviceWrites} = lent();
	cache.lend(buffer, 64);
	cache.takeBack(buffer, 64);
	deviceWrites(0x33);
	expect(cpu()).toBe(0x11);
	cache.takeBack(buffer, 64);
	deviceWrites(0x44);
	expect(cpu()).toBe(0x44);
	expect(cache.lentLines).toBe(0);
});
