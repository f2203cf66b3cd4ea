/** Why the experiments on coherent memory and pools come out as they do. LDD3 pages 442 to 448. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

const api = linux('6.1', 'Documentation/core-api/dma-api.rst');

export const coherentLessons = {
	coherentAllocation: {
		why:
			'Coherent memory is for what CPU and device both use all the time, such as rings of descriptors. It must be ' +
			'one piece on the bus; without an IOMMU that is one piece of physical memory. So the size is rounded up to a ' +
			'power of two of pages, taken from low memory, cleared, and given a bus address once and for all. Nothing has ' +
			'to be synced afterwards.',
		code: [kernel('dma/coherent.ts', 'dma_alloc_coherent', {from: 'const order =', lines: 3})],
		diagram: 'ownership',
		read: [book('Setting up coherent DMA mappings', 446), linux('2.6.11', 'arch/i386/kernel/pci-dma.c'), api],
		minutes: 5,
		level: 1,
		next: {
			ask: 'A driver needs many small pieces. Does each take a page?',
			run: 'pool-work',
		},
	},
	coherentReach: {
		why:
			'The coherent mask says which bus addresses the device can use. dma_alloc_coherent() chooses the zone by it: ' +
			'for a mask of 24 bits, zone DMA, which ends at 16 MiB. Kernels differ for masks in between: 2.6.11 takes ' +
			'zone DMA for any mask below 32 bits, later ones try ordinary memory first and look whether it lies low ' +
			'enough.',
		code: [kernel('dma/coherent.ts', 'plan', {from: 'if (k.era.coherentZone', lines: 7})],
		diagram: 'zones',
		read: [book('Setting up coherent DMA mappings', 446), linux('3.2', 'arch/x86/kernel/pci-dma.c'), api],
		minutes: 10,
		level: 2,
		next: {
			ask: 'A mask of 30 bits: in which zone is the buffer in 2.6.11?',
			run: 'coherent-reach bits=30',
		},
	},
	coherentCost: {
		why:
			'A coherent mapping means to find and clear pages; a streaming one only computes a bus address of memory that ' +
			'is there already. So a driver makes the first once, when it starts, and the second for each transfer. Where ' +
			'mappings bounce, a streaming one copies its bytes, and the rule turns round.',
		code: [
			kernel('dma/reach.ts', 'findAddress', {from: 'const reachable =', lines: 3}),
			kernel('dma/swiotlb.ts', 'swiotlb_bounce', {from: 'const [from, to]', lines: 3}),
		],
		diagram: 'ownership',
		read: [book('DMA mappings', 445), api],
		minutes: 5,
		level: 2,
		next: {
			ask: 'Which is dearer where streaming mappings are copied?',
			run: 'coherent-cost --machine bounce',
		},
	},
	fragmentation: {
		why:
			'The page allocator keeps free memory in blocks of 1, 2, 4 and more pages. Two neighbours are joined to a ' +
			'larger block only if both are free. With every second page in use no pair can be joined, so half of memory ' +
			'is free and there is no block of two. A device needs one piece, so long-lived buffers are taken early, or ' +
			'small.',
		code: [kernel('mm/buddy.ts', '__rmqueue_smallest')],
		diagram: 'zones',
		read: [book('Allocating the DMA Buffer', 442), linux('2.6.11', 'mm/page_alloc.c __rmqueue()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Only every third page is given back. Is a single page to be had?',
			run: 'fragmentation free=3',
		},
	},
	poolWork: {
		why:
			'dma_alloc_coherent() gives whole pages, and a descriptor has often only a few dozen bytes. A pool takes a ' +
			'coherent page and cuts it into blocks; each block has its kernel address and its bus address. A block that ' +
			'is freed waits in the pool for the next caller. The pages go back when the pool is destroyed.',
		code: [kernel('dma/dmapool.ts', 'try_dma_pool_alloc'), kernel('dma/dmapool.ts', 'tryNewPage')],
		diagram: 'pool',
		read: [book('DMA pools', 447), linux('2.6.11', 'drivers/base/dmapool.c'), api],
		minutes: 5,
		level: 1,
		next: {
			ask: 'How many pages do 100 blocks of 64 bytes take?',
			run: 'pool-work blocks=100',
		},
	},
	poolWaste: {
		why:
			'From 2.6.25 to 6.3 each page carries a list of its free blocks. When the list is made, a block that would ' +
			'end exactly at the end of the page is taken for one that crosses the boundary: the comparison is >= where > ' +
			'would do. With blocks of 2048 bytes that is every second block. 2.6.11 has a bitmap and loses nothing; 6.4 ' +
			'has one list for the whole pool, and the right comparison.',
		code: [kernel('dma/dmapool.ts', 'pool_initialise_page')],
		diagram: 'pool',
		read: [book('DMA pools', 447), linux('2.6.32', 'mm/dmapool.c pool_initialise_page()')],
		minutes: 10,
		level: 3,
		next: {
			ask: 'And since 6.4?',
			run: 'pool-waste --era 6.18',
		},
	},
	poolOrder: {
		why:
			'2.6.11 keeps a bitmap for each page and takes the first bit that is set, the lowest free block. Later ' +
			'kernels write into each free block where the next one is; a block that is freed becomes the head of this ' +
			'list, and the next caller takes the head. That needs no search, and the block is likely to be in the cache ' +
			'still. It also means that a driver which writes to a free block spoils the list.',
		code: [
			kernel('dma/dmapool.ts', 'takeBlock', {from: 'let offset = page.offset', lines: 6}),
			kernel('dma/dmapool.ts', 'dma_pool_free', {from: 'writeLink(', lines: 2}),
		],
		diagram: 'pool',
		read: [book('DMA pools', 447), linux('2.6.32', 'mm/dmapool.c dma_pool_alloc()')],
		minutes: 5,
		level: 2,
		next: {
			ask: 'Which one did 2.6.11 give?',
			run: 'pool-order --era ldd3',
		},
	},
	poolBoundary: {
		why:
			'Some devices count only the low bits of an address, as the 8237 does, so a block that crosses a power of two ' +
			'would be read wrongly. The driver names that power when it makes the pool. While the page is cut up, a block ' +
			'that would cross begins behind the boundary instead, and the room before it stays empty.',
		code: [kernel('dma/dmapool.ts', 'pool_initialise_page')],
		diagram: 'pool',
		read: [book('DMA pools', 447), linux('2.6.32', 'mm/dmapool.c pool_initialise_page()'), api],
		minutes: 10,
		level: 3,
		next: {
			ask: 'What does a device do that crosses its boundary?',
			run: 'isa-wrap',
		},
	},
	poolLeak: {
		why:
			'dma_pool_destroy() gives the pages back, unless a block of a page is still out: the driver, or the device, ' +
			'may use it. Freeing the page would put a device’s writes into somebody else’s memory. So the kernel prints ' +
			'that the page is busy and leaves it allocated for ever. Since 6.4 one block that is out keeps all pages of ' +
			'the pool.',
		code: [kernel('dma/dmapool.ts', 'dma_pool_destroy', {from: 'for (const page of pages)', lines: 5})],
		diagram: 'pool',
		read: [book('DMA pools', 447), linux('2.6.11', 'drivers/base/dmapool.c dma_pool_destroy()')],
		minutes: 5,
		level: 2,
		next: {
			ask: 'What does 6.18 do with it?',
			run: 'pool-leak --era 6.18',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
