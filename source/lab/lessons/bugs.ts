/** Why Linux finds some mistakes of a driver and not others. LDD3 pages 448 to 453. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

const debugDocument = linux('6.1', 'Documentation/core-api/dma-api.rst, part III');
const example = book('A simple PCI DMA example', 453);

export const bugLessons = {
	dadForgetsUnmap: {
		why:
			'A mapping ends when the driver says so; that the device has finished changes nothing. Without ' +
			'dma_unmap_single() the CPU has no right to the bytes, and where mappings cost something, an entry of the ' +
			'IOMMU or a bounce buffer is lost with each transfer. dma-debug keeps a list of all mappings. It cannot tell ' +
			'a forgotten one from one in use until the driver leaves its device.',
		code: [
			kernel('drivers/dad.ts', 'giveBack'),
			kernel('dma/debug.ts', 'debug_dma_driver_unbound', {from: 'const left =', lines: 4}),
		],
		diagram: 'ownership',
		read: [example, debugDocument],
		minutes: 5,
		level: 2,
		next: {
			ask: 'What does dma-debug say when a driver leaves its device with a buffer mapped?',
			run: 'dma-mistake class=15',
		},
	},
	dadUnmapsTwice: {
		why:
			'The first dma_unmap_single() removes the entry of dma-debug; the second finds none, and that is an error. On ' +
			'a plain PC the second call does nothing, so the mistake would never show. Where the bus address has been ' +
			'given to another buffer meanwhile, the call takes that one away under a running transfer.',
		code: [
			kernel('dma/debug.ts', 'reportUnmap', {from: 'if (!entry) {', lines: 5}),
			kernel('drivers/dad.ts', 'giveBack', {from: 'unmaps twice', lines: 1}),
		],
		diagram: 'ownership',
		read: [example, debugDocument],
		minutes: 5,
		level: 2,
		next: {
			ask: 'And a sync of what is not mapped any more?',
			run: 'dma-mistake class=10',
		},
	},
	dadWrongSize: {
		why:
			'Unmapping has to undo what mapping did: free so many entries of the IOMMU or slots, copy or flush so many ' +
			'bytes. Most kernels take the size from the driver. If it is smaller, the rest of the bytes is not copied and ' +
			'the rest of the slots is lost. dma-debug has noted the size of the mapping and compares.',
		code: [kernel('dma/debug.ts', 'reportUnmap', {from: 'if (ref.size !== entry.size)', lines: 4})],
		diagram: 'ownership',
		read: [example, debugDocument],
		minutes: 5,
		level: 2,
		next: {
			ask: 'A driver unmaps one entry of a scatterlist of two. Is that noticed?',
			run: 'dma-mistake class=6',
		},
	},
	dadWrongDirection: {
		why:
			'The direction decides whether unmapping makes the device’s bytes visible. A buffer that the device wrote, ' +
			'unmapped as DMA_TO_DEVICE, is not copied back from its bounce buffer, and its lines stay in the cache. On a ' +
			'plain PC both directions do nothing, so the driver seems to work. dma-debug compares the direction with that ' +
			'of the mapping.',
		code: [kernel('dma/debug.ts', 'reportUnmap', {from: 'if (ref.direction !== entry.direction)', lines: 4})],
		diagram: 'ownership',
		read: [book('Setting up streaming DMA mappings', 448), debugDocument],
		minutes: 5,
		level: 2,
		next: {
			ask: 'Which bytes are lost where mappings bounce, if the direction is DMA_TO_DEVICE and the device writes?',
			run: 'dma-bidirectional direction=1',
		},
	},
	dadIgnoresMapError: {
		why:
			'A mapping can fail: no bounce buffer is free, or no address of the IOMMU. dma_map_single() then returns an ' +
			'address that means failure, and a device that is given it writes anywhere. Since 3.8 dma-debug marks each ' +
			'new mapping as not checked; dma_mapping_error() takes the mark away. If it is there at unmap, the driver ' +
			'never asked, whether the mapping was good or not.',
		code: [
			kernel('drivers/dad.ts', 'dad_transfer', {from: 'const bus_addr =', lines: 2}),
			kernel('dma/debug.ts', 'reportUnmap', {from: 'entry.map_err_type', lines: 2}),
		],
		diagram: 'ownership',
		read: [
			book('Setting up streaming DMA mappings', 448),
			linux('5.10', 'kernel/dma/debug.c check_unmap()'),
			debugDocument,
		],
		minutes: 5,
		level: 2,
		next: {
			ask: 'When does a mapping fail?',
			run: 'swiotlb-limit',
		},
	},
	dmaNone: {
		why:
			'DMA_NONE is there to be seen: a driver that does not know the direction yet sets it, and if it forgets, the ' +
			'mapping call stops. The call is a BUG() in every kernel here. The task that runs it is ended, and the log ' +
			'has the file and the line. A guess instead would lose bytes on some machines only.',
		code: [kernel('dma/mapping.ts', 'checkDirection')],
		read: [book('Setting up streaming DMA mappings', 448), linux('2.6.11', 'include/asm-i386/dma-mapping.h')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'A direction that is wrong, but not DMA_NONE: who notices?',
			run: 'dad-wrong-direction',
		},
	},
	dmaMistake: {
		why:
			'On a PC most mapping calls do next to nothing, so a driver with mistakes works, until it runs on another ' +
			'machine. dma-debug makes them visible: it writes down every mapping with device, address, size, kind and ' +
			'direction. At each unmap and sync it looks for the entry and compares. It also looks at what is mapped: a ' +
			'stack or the kernel’s text is never a buffer.',
		code: [kernel('dma/debug.ts', 'check_unmap'), kernel('dma/debug.ts', 'check_sync')],
		diagram: 'ownership',
		read: [book('DMA mappings', 446), linux('2.6.32', 'lib/dma-debug.c'), debugDocument],
		minutes: 15,
		level: 3,
		next: {
			ask: 'A driver syncs twice as much as it mapped. What does a later kernel say to that?',
			run: 'dma-mistake class=11 --era 3.2',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
