import {describe, expect, test} from 'vitest';
import {physicalAddress} from '../../../source/hardware/address.ts';
import {Edu} from '../../../source/hardware/edu.ts';
import {
	type DadBug,
	type dad_dev,
	dad_transfer,
	dad_wait,
	dadProbe,
	dadRemove,
} from '../../../source/kernel/drivers/dad.ts';
import {pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {EBUSY, EIO} from '../../../source/kernel/errno.ts';
import {bootTestKernel, dmesg, run, type TestKernelOptions} from '../support.ts';
import {lowPages, physicalOf} from './support.ts';

const bufferBytes = 2000;
const pattern = Uint8Array.from({length: bufferBytes}, (_, i) => (i * 5 + 3) & 0xff);

function machine(options: TestKernelOptions = {}) {
	const k = bootTestKernel(options);
	const edu = new Edu(k.hw, {address: '0000:00:05.0', registers: physicalAddress(0xfeb0_0000), interruptLine: 9});
	const dev = dadProbe(k, pci_scan_function(k, edu.pci)) as dad_dev;
	const buffer = lowPages(k);
	const transfer = (write: boolean, bytes = bufferBytes) =>
		run(k, function* () {
			const started = dad_transfer(k, dev, write, buffer, bytes);
			return started === 0 ? yield* dad_wait(k, dev) : started;
		});
	return {k, edu, dev, buffer, transfer, memory: () => k.hw.ram.read(physicalOf(buffer), bufferBytes)};
}

const machines: readonly [string, TestKernelOptions][] = [
	['a PC', {}],
	['a machine that bounces', {era: '6.1', swiotlb: 'force'}],
	['a machine with an IOMMU', {iommuPages: 64}],
	['a machine whose caches are not coherent', {coherentCaches: false}],
];

describe.each(machines)('on %s', (_name, options) => {
	test('the buffer is filled by the device, and nothing stays mapped', () => {
		const {k, edu, transfer, memory} = machine(options);
		edu.buffer.set(pattern);
		expect(transfer(false)).toBe(0);
		expect(memory()).toEqual(pattern);
		expect(k.dma.mappings.live).toBe(0);
	});

	test('the device gets what the buffer held', () => {
		const {k, edu, buffer, transfer} = machine(options);
		k.hw.ram.write(physicalOf(buffer), pattern);
		expect(transfer(true)).toBe(0);
		expect(edu.buffer.subarray(0, bufferBytes)).toEqual(pattern);
	});

	test('a driver that comes and goes leaves no message of dma-debug', () => {
		const {k, dev, transfer} = machine({...options, era: '6.1'});
		for (let i = 0; i < 5; i++) transfer(i % 2 === 0);
		dadRemove(k, dev);
		expect(dmesg(k).filter(line => /device driver/.test(line))).toEqual([]);
		expect(k.dma.debug.error_count).toBe(0);
	});
});

test('a transfer takes the time of its bytes on the bus, and a second one has to wait', () => {
	const {k, dev, buffer, transfer} = machine();
	const start = k.hw.timeline.nowNs;
	expect(dad_transfer(k, dev, false, buffer, 4096)).toBe(0);
	expect(dad_transfer(k, dev, false, buffer, 4096)).toBe(-EBUSY);
	run(k, () => dad_wait(k, dev));
	expect(k.hw.timeline.nowNs - start).toBeGreaterThanOrEqual(40_960);
	expect(transfer(true)).toBe(0);
});

test('a CPU that looks while the device owns the buffer sees half of it', () => {
	const {k, edu, dev, buffer, memory} = machine();
	edu.buffer.fill(0x77);
	dad_transfer(k, dev, false, buffer, bufferBytes);
	k.hw.timeline.step(Number.MAX_SAFE_INTEGER);
	expect(new Set(memory())).toEqual(new Set([0, 0x77]));
});

test('a bus address that leads nowhere ends the transfer with an error', () => {
	const {k, dev} = machine({iommuPages: 64});
	const result = run(k, function* () {
		dad_transfer(k, dev, false, lowPages(k), bufferBytes);
		k.dma.iommu!.hardware.clear(0);
		return yield* dad_wait(k, dev);
	});
	expect(result).toBe(-EIO);
});

describe('each mistake of the driver', () => {
	const caught = (bug: DadBug) => {
		const {k, dev, transfer} = machine({era: '6.1'});
		dev.bug = bug;
		transfer(false);
		dadRemove(k, dev);
		return dmesg(k).find(line => /device driver/.test(line)) ?? 'nothing';
	};

	test.each([
		['forgets unmap', /pending DMA allocations while released from device \[count=1\]/],
		['unmaps twice', /tries to free DMA memory it has not allocated/],
		['wrong size', /different size .*\[map size=2000 bytes\] \[unmap size=1000 bytes\]/],
		['wrong direction', /different direction .*\[mapped with DMA_FROM_DEVICE\] \[unmapped with DMA_TO_DEVICE\]/],
		['ignores map error', /failed to check map error/],
	] as const)('"%s" is caught in Linux’s words', (bug, words) => {
		expect(caught(bug)).toMatch(words);
	});

	test('unmapping the wrong way loses the data where buffers bounce', () => {
		const {edu, dev, transfer, memory} = machine({era: '6.1', swiotlb: 'force'});
		edu.buffer.set(pattern);
		dev.bug = 'wrong direction';
		transfer(false);
		expect(memory().every(byte => byte === 0)).toBe(true);
	});
});
