import {describe, expect, test} from 'vitest';
import {busAddress, logicalAddress, PAGE_SIZE, physicalAddress} from '../../../source/hardware/address.ts';
import {Dma8237} from '../../../source/hardware/dma8237.ts';
import {IsaDad} from '../../../source/hardware/isa_dad.ts';
import {
	clear_dma_ff,
	DMA_AUTOINIT,
	DMA_MODE_READ,
	DMA_MODE_WRITE,
	disable_dma,
	dmaChannelsInUse,
	enable_dma,
	free_dma,
	get_dma_residue,
	request_dma,
	set_dma_addr,
	set_dma_count,
	set_dma_mode,
} from '../../../source/kernel/dma/isa.ts';
import {
	dad_close,
	dad_isa_transfer,
	dad_isa_wait,
	dad_open,
	newIsaDad,
} from '../../../source/kernel/drivers/dad_isa.ts';
import {EBUSY, EINVAL} from '../../../source/kernel/errno.ts';
import {request_irq} from '../../../source/kernel/irq.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {__GFP_DMA, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../../source/kernel/mm/page.ts';
import {try_get_free_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {bootTestKernel, dmesg, run} from '../support.ts';

/** Programs a channel as LDD3 page 460 does, and lets requests through. */
function program(k: Kernel, channel: number, mode: number, address: number, countBytes: number): void {
	disable_dma(k, channel);
	clear_dma_ff(k, channel);
	set_dma_mode(k, channel, mode);
	set_dma_addr(k, channel, busAddress(address));
	set_dma_count(k, channel, countBytes);
	enable_dma(k, channel);
}

function residueOf(k: Kernel, channel: number) {
	clear_dma_ff(k, channel);
	return get_dma_residue(k, channel);
}

function setUp() {
	const k = bootTestKernel();
	return {k, controller: new Dma8237(k.hw.bus)};
}

const counting = (bytes: number) => Uint8Array.from({length: bytes}, (_, i) => (i * 7 + 1) & 0xff);

describe('the registry', () => {
	test('channel 4 is the cascade, 8 does not exist, a held one is busy', () => {
		const k = bootTestKernel();
		expect([4, 8, 1, 1].map(channel => request_dma(k, channel, 'dad'))).toEqual([-EBUSY, -EINVAL, 0, -EBUSY]);
		expect(dmaChannelsInUse(k)).toEqual([
			{channel: 1, owner: 'dad'},
			{channel: 4, owner: 'cascade'},
		]);
	});

	test('freeing what is not held is told', () => {
		const k = bootTestKernel();
		free_dma(k, 3);
		free_dma(k, 8);
		expect(dmesg(k).slice(-2)).toEqual(['Trying to free free DMA3', 'Trying to free DMA8']);
	});
});

describe('the controller', () => {
	test('8192 bytes at 0xabf000 wrap at 64 KiB: the second half lands at 0xab0000, not at 0xac0000', () => {
		const {k, controller} = setUp();
		program(k, 1, DMA_MODE_READ, 0xab_f000, 8192);
		expect(controller.channels[1]).toMatchObject({page: 0xab, address: 0xf000, count: 0x1fff});
		const bytes = counting(8192);
		expect(controller.fromDevice(1, bytes)).toBe(8192);
		const at = (address: number) => k.hw.ram.read(physicalAddress(address), 4096);
		expect(at(0xab_f000)).toEqual(bytes.subarray(0, 4096));
		expect(at(0xab_0000)).toEqual(bytes.subarray(4096));
		expect(at(0xac_0000).every(byte => byte === 0)).toBe(true);
	});

	test('a 16-bit channel counts words: 4096 bytes at 0x123456, and residue 0 when done', () => {
		const {k, controller} = setUp();
		program(k, 5, DMA_MODE_READ, 0x12_3456, 4096);
		expect(controller.channels[5]).toMatchObject({page: 0x12, address: 0x1a2b, count: 0x7ff});
		expect(residueOf(k, 5)).toBe(4096);
		controller.fromDevice(5, counting(1000));
		expect(residueOf(k, 5)).toBe(3096);
		controller.fromDevice(5, counting(5000));
		expect(residueOf(k, 5)).toBe(0);
		expect(k.hw.ram.read(physicalAddress(0x12_3456), 1000)).toEqual(counting(1000));
	});

	test('without clear_dma_ff the bytes of a register change places', () => {
		const {k, controller} = setUp();
		program(k, 1, DMA_MODE_READ, 0x1234, 16);
		k.hw.bus.in(1 as Parameters<typeof k.hw.bus.in>[0], 1);
		set_dma_addr(k, 1, busAddress(0x1234));
		expect(controller.channels[1]!.address).toBe(0x3412);
	});

	test('a channel that has counted down is masked, unless it starts over by itself', () => {
		const {k, controller} = setUp();
		for (const [mode, moved] of [
			[DMA_MODE_READ, 16],
			[DMA_MODE_READ | DMA_AUTOINIT, 40],
		] as const) {
			program(k, 1, mode, 0x8000, 16);
			expect(controller.fromDevice(1, counting(40))).toBe(moved);
		}
	});

	test('64 KiB programmed and nothing moved also reads as done', () => {
		const {k} = setUp();
		program(k, 1, DMA_MODE_READ, 0, 65_536);
		expect(residueOf(k, 1)).toBe(0);
	});

	test('bytes go out to the device as they lie in memory', () => {
		const {k, controller} = setUp();
		k.hw.ram.write(physicalAddress(0x9_0000), counting(300));
		program(k, 3, DMA_MODE_WRITE, 0x9_0000, 300);
		expect(controller.toDevice(3, 1000)).toEqual(counting(300));
	});
});

describe('the driver of the book', () => {
	const interruptLine = 5;
	const machine = () => {
		const {k, controller} = setUp();
		const card = new IsaDad(k.hw, controller, {channel: 1, interruptLine: interruptLine});
		const buffer = try_get_free_pages(k, GFP_KERNEL | __GFP_DMA, 0)!;
		return {k, card, dev: newIsaDad(interruptLine, 1), buffer, physical: physicalAddress(buffer - PAGE_OFFSET)};
	};

	test('samples arrive in the buffer, and the interrupt ends the transfer', () => {
		const {k, card, dev, buffer, physical} = machine();
		card.memory.set(counting(1000));
		expect(dad_open(k, dev)).toBe(0);
		run(k, function* () {
			yield* dad_isa_transfer(k, dev, false, buffer, 1000);
			yield* dad_isa_wait(k, dev);
		});
		expect(k.hw.ram.read(physical, 1000)).toEqual(counting(1000));
		expect(dev.transfers).toBe(1);
		expect(k.hw.timeline.nowNs).toBeGreaterThanOrEqual(1_000_000);
	});

	test('the buffer goes out to the card', () => {
		const {k, card, dev, buffer, physical} = machine();
		k.hw.ram.write(physical, counting(PAGE_SIZE));
		dad_open(k, dev);
		run(k, function* () {
			yield* dad_isa_transfer(k, dev, true, logicalAddress(buffer), PAGE_SIZE);
			yield* dad_isa_wait(k, dev);
		});
		expect(card.memory.subarray(0, PAGE_SIZE)).toEqual(counting(PAGE_SIZE));
	});

	test('a channel that is held leaves the interrupt line free again', () => {
		const {k, dev} = machine();
		request_dma(k, 1, 'floppy');
		expect(dad_open(k, dev)).toBe(-EBUSY);
		expect(request_irq(k, interruptLine, function* () {}, 'other')).toBe(0);
	});

	test('closing gives channel and line back', () => {
		const {k, dev} = machine();
		dad_open(k, dev);
		dad_close(k, dev);
		expect(dad_open(k, dev)).toBe(0);
	});
});
