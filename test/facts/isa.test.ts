/** Section 7 of the fact sheet: the two 8237 of a PC. Experiments 26 to 29 are in `test/kernel/dma/isa.test.ts`. */
import {expect, test} from 'vitest';
import {busAddress} from '../../source/hardware/address.ts';
import {Dma8237} from '../../source/hardware/dma8237.ts';
import {irqs_disabled} from '../../source/kernel/cpu.ts';
import {
	claim_dma_lock,
	clear_dma_ff,
	DMA_AUTOINIT,
	DMA_MODE_CASCADE,
	DMA_MODE_READ,
	DMA_MODE_WRITE,
	disable_dma,
	dmaChannelsInUse,
	enable_dma,
	get_dma_residue,
	PAGE_PORT,
	release_dma_lock,
	request_dma,
	set_dma_addr,
	set_dma_count,
	set_dma_mode,
} from '../../source/kernel/dma/isa.ts';
import {dad_open, newIsaDad} from '../../source/kernel/drivers/dad_isa.ts';
import {EBUSY} from '../../source/kernel/errno.ts';
import {request_irq} from '../../source/kernel/irq.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {bootTestKernel, run} from '../kernel/support.ts';

/** What a body writes to ports, as [port, value]. */
function portWrites(k: Kernel, body: () => void): [number, number][] {
	const seen: [number, number][] = [];
	const {bus} = k.hw;
	const out = bus.out.bind(bus);
	bus.out = (address, width, value) => {
		seen.push([address, value]);
		out(address, width, value);
	};
	body();
	bus.out = out;
	return seen;
}

function withController() {
	const k = bootTestKernel();
	return {k, controller: new Dma8237(k.hw.bus)};
}

test('modes are READ 0x44, which moves from the device to memory, WRITE 0x48, CASCADE 0xc0 and AUTOINIT 0x10', () => {
	expect([DMA_MODE_READ, DMA_MODE_WRITE, DMA_MODE_CASCADE, DMA_AUTOINIT]).toEqual([0x44, 0x48, 0xc0, 0x10]);
});

test('page registers lie at 87 83 81 82 and 8b 89 8a; the cascade has none', () => {
	expect(PAGE_PORT).toEqual([0x87, 0x83, 0x81, 0x82, undefined, 0x8b, 0x89, 0x8a]);
});

test.each([
	// channel, ports of address, count and page
	[0, 0x00, 0x01, 0x87],
	[1, 0x02, 0x03, 0x83],
	[2, 0x04, 0x05, 0x81],
	[3, 0x06, 0x07, 0x82],
])('8-bit channel %i is programmed at its ports, low byte first', (channel, address, count, page) => {
	const {k} = withController();
	const writes = portWrites(k, () => {
		disable_dma(k, channel);
		clear_dma_ff(k, channel);
		set_dma_mode(k, channel, DMA_MODE_READ);
		set_dma_addr(k, channel, busAddress(0x12_3456));
		set_dma_count(k, channel, 4096);
		enable_dma(k, channel);
	});
	expect(writes).toEqual([
		[0x0a, channel | 4],
		[0x0c, 0],
		[0x0b, 0x44 | channel],
		[page, 0x12],
		[address, 0x56],
		[address, 0x34],
		[count, 0xff],
		[count, 0x0f],
		[0x0a, channel],
	]);
});

test.each([
	[5, 0xc4, 0xc6, 0x8b],
	[6, 0xc8, 0xca, 0x89],
	[7, 0xcc, 0xce, 0x8a],
])(
	'16-bit channel %i takes words: half the address, half the count, and a page without its lowest ' + 'bit',
	(channel, address, count, page) => {
		const {k} = withController();
		const line = channel & 3;
		const writes = portWrites(k, () => {
			disable_dma(k, channel);
			clear_dma_ff(k, channel);
			set_dma_mode(k, channel, DMA_MODE_WRITE);
			set_dma_addr(k, channel, busAddress(0x13_3456));
			set_dma_count(k, channel, 4096);
			enable_dma(k, channel);
		});
		expect(writes).toEqual([
			[0xd4, line | 4],
			[0xd8, 0],
			[0xd6, 0x48 | line],
			[page, 0x12],
			[address, 0x2b],
			[address, 0x9a],
			[count, 0xff],
			[count, 0x07],
			[0xd4, line],
		]);
	},
);

test.each([
	[1, 0x1_0000, 0],
	[5, 0x2_0000, 0],
	[1, 0xffff, 0xffff],
	[5, 0x1_fffe, 0x1_fffe],
])(
	'channel %i moves at most what its count register holds: %i bytes leave a residue ' + 'of %i',
	(channel, bytes, residue) => {
		const {k, controller} = withController();
		clear_dma_ff(k, channel);
		set_dma_count(k, channel, bytes);
		expect(controller.channels[channel]!.count).toBe((channel > 3 ? bytes / 2 : bytes) - 1);
		clear_dma_ff(k, channel);
		expect(get_dma_residue(k, channel)).toBe(residue);
	},
);

test('a channel reaches 16 MiB: of a longer address only the low 24 bits arrive', () => {
	const {k, controller} = withController();
	clear_dma_ff(k, 1);
	set_dma_addr(k, 1, busAddress(0x0234_5678));
	expect(controller.channels[1]).toMatchObject({page: 0x34, address: 0x5678});
});

test('claim_dma_lock is a spinlock with interrupts off', () => {
	const k = bootTestKernel();
	run(k, function* () {
		const flags = yield* claim_dma_lock(k);
		expect([irqs_disabled(k), k.dma.isa.dma_spin_lock.locked]).toEqual([true, true]);
		release_dma_lock(k, flags);
		expect([irqs_disabled(k), k.dma.isa.dma_spin_lock.locked]).toEqual([false, false]);
	});
});

test('dad takes its interrupt line before its channel: without the line it does not ask for the channel', () => {
	const k = bootTestKernel();
	request_irq(k, 7, function* () {}, 'other');
	expect(dad_open(k, newIsaDad(7, 1))).toBe(-EBUSY);
	expect(dmaChannelsInUse(k)).toEqual([{channel: 4, owner: 'cascade'}]);
	expect(request_dma(k, 1, 'dad')).toBe(0);
});
