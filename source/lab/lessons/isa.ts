/** Why the experiments on the 8237 come out as they do. LDD3 pages 454 to 459. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

const isaDocument = linux('6.1', 'Documentation/core-api/dma-isa-lpc.rst');

export const isaLessons = {
	isaChannels: {
		why:
			'The controller has eight channels for the whole machine, and two drivers on one channel would overwrite each ' +
			'other’s registers. So there is a registry: request_dma() notes the owner, and answers -EBUSY if there is ' +
			'one. Channel 4 is taken from the start, because it connects the two controllers. /proc/dma prints the ' +
			'registry.',
		code: [kernel('dma/isa.ts', 'request_dma')],
		read: [book('Registering DMA usage', 456), isaDocument],
		minutes: 5,
		level: 1,
		next: {
			ask: 'What does a driver do with a channel that it has?',
			run: 'isa-transfer',
		},
	},
	isaTransfer: {
		why:
			'An ISA card has no address lines for DMA; the 8237 drives the bus for it. The driver stops the channel, ' +
			'loads mode, address and count, and lets it go, all with dma_spin_lock held. The address has 24 bits, so the ' +
			'buffer must come from zone DMA. The card asks for each byte; when the count runs out, it interrupts, and ' +
			'get_dma_residue() is 0.',
		code: [
			kernel('drivers/dad_isa.ts', 'dad_dma_prepare', {from: 'const flags =', lines: 8}),
			kernel('drivers/dad_isa.ts', 'dad_isa_interrupt'),
		],
		diagram: 'isa',
		read: [book('DMA for ISA Devices', 454), book('Talking to the DMA controller', 458), isaDocument],
		minutes: 10,
		level: 1,
		next: {
			ask: 'What if the buffer crosses 64 KiB?',
			run: 'isa-wrap',
		},
	},
	isaWrap: {
		why:
			'The 8237 has address registers of 16 bits. The PC adds a page register for bits 16 to 23, but that is a ' +
			'latch beside the chip and does not count. After 0xffff the address register goes on with 0, and the page ' +
			'stays, so the transfer goes on at the start of the same 64 KiB, over whatever is there. A driver has to take ' +
			'a buffer that does not cross.',
		code: [{file: 'source/hardware/dma8237.ts', name: 'run', from: 'const beforeWrap', lines: 7}],
		diagram: 'isa',
		read: [book('DMA for ISA Devices', 455), isaDocument, 'Intel 8237A data sheet'],
		minutes: 10,
		level: 2,
		next: {
			ask: 'A buffer that ends exactly at the boundary: is it safe?',
			run: 'isa-wrap before=8192',
		},
	},
	isaWide: {
		why:
			'Channels 5 to 7 move two bytes at a time, so the wiring shifts the address by one: the register holds half ' +
			'of bits 0 to 16, and its unit is a word. That gives 128 KiB before it wraps, and bit 0 is lost, so the ' +
			'buffer must be even. The count is in words too, less one. set_dma_addr() and set_dma_count() do this for the ' +
			'driver, who always speaks of bytes.',
		code: [kernel('dma/isa.ts', 'set_dma_addr'), kernel('dma/isa.ts', 'set_dma_count')],
		diagram: 'isa',
		read: [book('DMA for ISA Devices', 455), book('Talking to the DMA controller', 457), isaDocument],
		minutes: 5,
		level: 2,
		next: {
			ask: 'The same calls for channel 1: what do the registers hold?',
			run: 'isa-wide channel=1',
		},
	},
	isaFlipFlop: {
		why:
			'The 8237 has eight data lines, and its registers have 16 bits. A flip-flop says whether the next access is ' +
			'for the low or the high byte, and each access turns it. If somebody read one byte only, it stands at high, ' +
			'and the low byte of an address lands in the high half. clear_dma_ff() sets it to low before a register is ' +
			'loaded.',
		code: [
			kernel('dma/isa.ts', 'clear_dma_ff'),
			kernel('drivers/dad_isa.ts', 'dad_dma_prepare', {from: 'if (dev.bug', lines: 3}),
		],
		diagram: 'isa',
		read: [book('Talking to the DMA controller', 459), linux('6.1', 'arch/x86/include/asm/dma.h'), isaDocument],
		minutes: 5,
		level: 2,
		next: {
			ask: 'And with clear_dma_ff()?',
			run: 'isa-flip-flop clear=1',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
