import fc from 'fast-check';
import {beforeEach, describe, expect, it} from 'vitest';
import {physicalAddress} from '../../source/hardware/address.ts';
import {
	DISK_CAPACITY,
	DISK_DONE,
	DISK_ERROR,
	DISK_IRQ_ENABLE,
	DISK_ISSUE,
	DISK_LIST,
	DISK_WRITE,
	Disk,
} from '../../source/hardware/disk.ts';
import {DiskStore} from '../../source/hardware/diskStore.ts';
import {type Hardware, powerOn} from '../../source/hardware/machine.ts';
import {PCI_COMMAND_MEMORY} from '../../source/hardware/pci.ts';

const sectors = 200_000;
const registers = 0xfe00_0000;
const listAt = 0x1000;
const listsOfPieces = 0x2000;

let machine: Hardware;
let disk: Disk;
let interrupts: number[];

beforeEach(() => {
	machine = powerOn({memBytes: 16 << 20, cpus: 1, seed: 7, paging: 'two-level', firmwareMap: []});
	disk = new Disk(machine, {
		address: '0000:00:1f.1',
		registers: physicalAddress(registers),
		interruptLine: 14,
		sectors: sectors,
	});
	interrupts = [];
	machine.interrupts.deliver = (_cpu, line) => void interrupts.push(line);
	disk.pci.command = PCI_COMMAND_MEMORY;
	disk.pci.busMaster = true;
	write(DISK_LIST, listAt);
	write(DISK_IRQ_ENABLE, 1);
});

const write = (register: number, value: number) => machine.bus.write(physicalAddress(registers + register), 4, value);
const read = (register: number) => machine.bus.read(physicalAddress(registers + register), 4);
const word = (at: number, value: number) => machine.ram.write32(physicalAddress(at), value);

/** Fills a slot and starts it. @param pieces as [bus address, bytes] */
function issue(
	slot: number,
	sector: number,
	sectors: number,
	isWrite: boolean,
	pieces: readonly [number, number][],
): void {
	const list = listsOfPieces + slot * 256;
	[sector, sectors + (isWrite ? DISK_WRITE : 0), pieces.length, list].forEach((value, i) => {
		word(listAt + slot * 16 + 4 * i, value);
	});
	for (const [i, [at, length]] of pieces.entries()) {
		word(list + 8 * i, at);
		word(list + 8 * i + 4, length);
	}
	write(DISK_ISSUE, (1 << slot) >>> 0);
}

function runDry() {
	while (machine.timeline.step(Number.MAX_SAFE_INTEGER)) {}
}

it('a read brings the sectors into the pieces of memory, in order, and raises the interrupt', () => {
	issue(3, 1000, 4, false, [
		[0x10_0000, 512],
		[0x20_0000, 1536],
	]);
	expect(read(DISK_DONE)).toBe(0);
	runDry();
	expect([read(DISK_DONE), read(DISK_ERROR), interrupts]).toEqual([8, 0, [14]]);
	const stored = disk.store.read(1000, 4);
	expect(machine.ram.read(physicalAddress(0x10_0000), 512)).toEqual(stored.slice(0, 512));
	expect(machine.ram.read(physicalAddress(0x20_0000), 1536)).toEqual(stored.slice(512));
	write(DISK_DONE, 8);
	expect(read(DISK_DONE)).toBe(0);
});

it('a write takes the bytes that memory holds when they are fetched, pieces smaller than a sector included', () => {
	machine.ram.fill(physicalAddress(0x10_0000), 4096, 0x11);
	issue(0, 50, 2, true, [
		[0x10_0000, 100],
		[0x10_0800, 924],
	]);
	machine.ram.fill(physicalAddress(0x10_0800), 924, 0x22);
	runDry();
	const bytes = disk.store.read(50, 2);
	expect([...bytes.subarray(98, 102)]).toEqual([0x11, 0x11, 0x22, 0x22]);
	expect(bytes[1023]).toBe(0x22);
});

it('data move over the bus: nothing comes of a device that is not a bus master', () => {
	disk.pci.busMaster = false;
	issue(0, 0, 1, false, [[0x10_0000, 512]]);
	runDry();
	expect([read(DISK_DONE), read(DISK_ERROR)]).toEqual([1, 1]);
});

describe('what makes no sense is an error, not damage', () => {
	it.each([
		['no memory at that bus address', 0, 1, [[0xf000_0000, 512]]],
		['beyond the last sector', sectors - 1, 2, [[0x10_0000, 1024]]],
		['pieces that are shorter than the sectors', 0, 2, [[0x10_0000, 512]]],
		['no sectors at all', 0, 0, []],
	] as [string, number, number, [number, number][]][])('%s', (_what, sector, sectors, pieces) => {
		issue(0, sector, sectors, false, pieces);
		runDry();
		expect([read(DISK_DONE), read(DISK_ERROR)]).toEqual([1, 1]);
	});

	it('a sector that has gone bad', () => {
		disk.badSectors.add(11);
		issue(0, 10, 1, false, [[0x10_0000, 512]]);
		issue(1, 11, 1, false, [[0x10_0000, 512]]);
		runDry();
		expect([read(DISK_DONE), read(DISK_ERROR)]).toEqual([3, 2]);
	});
});

it('commands that wait are taken by how near they are, not by who came first', () => {
	const order: number[] = [];
	machine.interrupts.deliver = () => {
		const done = read(DISK_DONE);
		order.push(31 - Math.clz32(done));
		write(DISK_DONE, done);
	};
	issue(0, 100, 8, false, [[0x10_0000, 4096]]);
	issue(1, 190_000, 8, false, [[0x10_1000, 4096]]);
	issue(2, 90_000, 8, false, [[0x10_2000, 4096]]);
	issue(3, 10_000, 8, false, [[0x10_3000, 4096]]);
	runDry();
	expect(order).toEqual([0, 3, 2, 1]);
});

it('a read that goes on where the last one ended needs no turn of the platter', () => {
	const took = (sector: number) => {
		const before = machine.timeline.nowNs;
		issue(0, sector, 8, false, [[0x10_0000, 4096]]);
		runDry();
		write(DISK_DONE, 1);
		return machine.timeline.nowNs - before;
	};
	took(5_000);
	const following = took(5_008);
	const elsewhere = took(150_000);
	expect(following).toBeLessThan(300_000);
	expect(elsewhere).toBeGreaterThan(3_000_000);
	expect(elsewhere).toBeLessThan(25_000_000);
});

it('with power management the heads are away after a time without a command, and the next one waits for them', () => {
	const [afterNs, wakeNs] = [500_000_000, 120_000_000];
	/** Moves a sector so many nanoseconds after the last one was done. @returns how long that takes */
	const after = (idleNs: number, sector: number, isWrite: boolean) => {
		machine.timeline.advanceTo(machine.timeline.nowNs + idleNs);
		const sinceNs = machine.timeline.nowNs;
		issue(0, sector, 1, isWrite, [[0x10_0000, 512]]);
		runDry();
		return machine.timeline.nowNs - sinceNs;
	};
	const writeAfter = (idleNs: number) => after(idleNs, 0, true);
	const readAfter = (idleNs: number) => after(idleNs, 8, false);
	const revolutionNs = 8_333_333;
	writeAfter(0);
	expect(writeAfter(afterNs), 'off').toBeLessThanOrEqual(2 * revolutionNs);
	disk.rest = {afterNs, wakeNs};
	expect(writeAfter(afterNs - revolutionNs), 'awake').toBeLessThanOrEqual(2 * revolutionNs);
	expect(writeAfter(afterNs), 'at rest').toBeGreaterThanOrEqual(wakeNs);
	expect(writeAfter(0), 'awake again').toBeLessThanOrEqual(2 * revolutionNs);
	readAfter(0);
	expect(readAfter(afterNs / 2), 'from the buffer').toBeLessThan(revolutionNs);
	expect(writeAfter(afterNs / 2), 'awake since that read').toBeLessThanOrEqual(2 * revolutionNs);
	readAfter(0);
	expect(readAfter(afterNs), 'from the buffer, at rest').toBeLessThan(revolutionNs);
	expect(writeAfter(0), 'which that read did not end').toBeGreaterThanOrEqual(wakeNs);
});

it('the capacity is a register; without memory space enabled nothing answers', () => {
	expect(read(DISK_CAPACITY)).toBe(sectors);
	disk.pci.command &= ~PCI_COMMAND_MEMORY;
	expect(read(DISK_CAPACITY)).toBe(0xffff_ffff);
});

it('the store is an array of bytes, whose sectors have contents before anybody wrote them', () => {
	const model = new DiskStore(64);
	const bytes = model.read(0, 64);
	expect(new Set(bytes).size).toBeGreaterThan(200);
	fc.assert(
		fc.property(fc.nat(63), fc.integer({min: 1, max: 20}), fc.nat(255), (sector, wanted, value) => {
			const count = Math.min(wanted, 64 - sector);
			const data = new Uint8Array(count * 512).fill(value);
			model.write(sector, data);
			bytes.set(data, sector * 512);
			expect(Buffer.compare(model.read(0, 64), bytes)).toBe(0);
		}),
		{numRuns: 50, seed: 1},
	);
	expect(() => model.read(60, 5)).toThrow(RangeError);
});
