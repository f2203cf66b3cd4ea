/** Why the experiments on streaming mappings come out as they do. LDD3 pages 443 to 453. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

const howTo = linux('6.1', 'Documentation/core-api/dma-api-howto.rst');
const api = linux('6.1', 'Documentation/core-api/dma-api.rst');

/** The copies that a bounce buffer needs, and when they are made. */
const syncCode = [
	kernel('dma/swiotlb.ts', 'swiotlb_sync_single_for_cpu'),
	kernel('dma/swiotlb.ts', 'swiotlb_sync_single_for_device'),
];

export const dmaLessons = {
	virtToBus: {
		why:
			'A device puts addresses on its bus, not kernel addresses. On a plain PC the bus address is the physical one, ' +
			'and virt_to_bus() subtracts PAGE_OFFSET. An IOMMU stands between the bus and memory and has a table of its ' +
			'own; a bounce buffer lies somewhere else altogether. Only dma_map_single() knows which of these it is, so a ' +
			'driver uses the address that it returns and no other.',
		code: [kernel('dma/reach.ts', 'findAddress', {from: 'const {iommu, swiotlb}', lines: 7})],
		diagram: 'iommu',
		read: [book('Bus Addresses', 443), linux('2.6.11', 'Documentation/DMA-mapping.txt'), howTo],
		minutes: 10,
		level: 1,
		next: {
			ask: 'Where does the bus address lead on a machine whose mappings bounce?',
			run: 'virt-to-bus --machine bounce',
		},
	},
	dmaMask: {
		why:
			'A device with few address lines can reach only the lowest memory. The driver says how many there are, and ' +
			'the kernel asks whether it could ever find memory for it. The smallest zone ends at 16 MiB, which is 24 ' +
			'bits. A mask below that cannot be served, so the call is refused with -EIO, nothing is changed, and the ' +
			'driver has to do without DMA.',
		code: [kernel('dma/masks.ts', 'dma_set_mask'), kernel('dma/masks.ts', 'dma_supported')],
		diagram: 'zones',
		read: [book('Dealing with difficult hardware', 444), howTo],
		minutes: 5,
		level: 1,
		next: {
			ask: 'In which zone is memory for a device of 24 bits?',
			run: 'coherent-reach',
		},
	},
	dmaTransfer: {
		why:
			'The driver maps the buffer, writes its bus address and length into registers and returns. From then on the ' +
			'device moves the bytes, and the buffer is the device’s. When it is done it raises an interrupt. The handler ' +
			'unmaps the buffer, which makes the bytes visible to the CPU, and wakes who waits. Looking earlier means to ' +
			'see a transfer that is half done.',
		code: [
			kernel('drivers/dad.ts', 'dad_transfer', {from: 'dev.dma_size = countBytes', lines: 10}),
			kernel('drivers/dad.ts', 'dad_interrupt'),
		],
		diagram: 'ownership',
		read: [book('Overview of a DMA Data Transfer', 441), book('A simple PCI DMA example', 453)],
		minutes: 10,
		level: 1,
		next: {
			ask: 'What if the handler forgets to unmap?',
			run: 'dad-forgets-unmap',
		},
	},
	bounceOwnership: {
		why:
			'A device that cannot reach a buffer is given a bounce buffer that it can reach. The device writes there, and ' +
			'the driver’s own buffer keeps what it had. Somebody has to copy the bytes over, and the kernel cannot know ' +
			'when the device is done: the driver says so, with dma_sync_single_for_cpu() or by unmapping. The same rule ' +
			'makes the driver right on machines with caches that devices do not see.',
		code: syncCode,
		diagram: 'bounce',
		read: [book('Setting up streaming DMA mappings', 449), linux('2.6.11', 'lib/swiotlb.c'), howTo],
		minutes: 10,
		level: 2,
		next: {
			ask: 'No bounce buffer, but a cache that the device does not see. Is it the same?',
			run: 'stale-cache',
		},
	},
	bounceToDevice: {
		why:
			'With DMA_TO_DEVICE the bytes are copied into the bounce buffer when the buffer is mapped. What the CPU ' +
			'writes later goes into the driver’s buffer only, and nothing copies it: an ordinary store gives the kernel no ' +
			'sign. The driver either writes before it maps, or calls dma_sync_single_for_device() after it has written.',
		code: [kernel('dma/swiotlb.ts', 'swiotlb_tbl_map_single', {from: 'const place =', lines: 4}), ...syncCode.slice(1)],
		diagram: 'bounce',
		read: [
			book('Setting up streaming DMA mappings', 449),
			linux('2.6.11', 'lib/swiotlb.c swiotlb_map_single()'),
			howTo,
		],
		minutes: 10,
		level: 2,
		next: {
			ask: 'How large may such a mapping be?',
			run: 'swiotlb-limit',
		},
	},
	dmaBidirectional: {
		why:
			'The direction says which copies are needed. DMA_TO_DEVICE copies at map and not at unmap, DMA_FROM_DEVICE ' +
			'the other way round, and DMA_BIDIRECTIONAL does both. A driver that does not know better may always say ' +
			'DMA_BIDIRECTIONAL, and pays for a copy (or a flush of the cache) that is not needed. A wrong direction loses ' +
			'bytes.',
		code: [
			kernel('dma/direction.ts', 'deviceWrites'),
			kernel('dma/direction.ts', 'deviceReads'),
			kernel('dma/swiotlb.ts', 'swiotlb_tbl_unmap_single', {from: 'if (!skipCpuSync', lines: 1}),
		],
		diagram: 'bounce',
		read: [book('Setting up streaming DMA mappings', 448), api],
		minutes: 10,
		level: 2,
		next: {
			ask: 'With DMA_FROM_DEVICE nothing is copied for the device. What does one read that reads all the same?',
			run: 'dma-bidirectional direction=2',
		},
	},
	swiotlbLimit: {
		why:
			'The pool of bounce buffers is cut into slots of 2 KiB, and 128 slots make a segment. A mapping has to lie in ' +
			'one piece and may not cross a segment, so that a search is short and a free run is found by one look. 128 ' +
			'times 2 KiB is 256 KiB. A byte more needs a slot that no segment has; dma_map_sg() returns 0, and the driver ' +
			'has to split the transfer.',
		code: [kernel('dma/swiotlb.ts', 'swiotlb_tbl_map_single', {from: 'const count = Math.max', lines: 4})],
		diagram: 'bounce',
		read: [book('Setting up streaming DMA mappings', 448), linux('2.6.11', 'lib/swiotlb.c IO_TLB_SEGSIZE'), api],
		minutes: 10,
		level: 3,
		next: {
			ask: 'Is one byte less also refused?',
			run: 'swiotlb-limit bytes=262144',
		},
	},
	beyond4g: {
		why:
			'With PAE a page-table entry has room for 36 address bits, so there can be RAM above 4 GiB. A device with 32 ' +
			'address lines cannot name it. dma_map_page() compares the end of the buffer with the mask and, if it lies ' +
			'beyond, takes a bounce buffer below 4 GiB. A device that can put out more bits gets the physical address ' +
			'itself.',
		code: [
			kernel('dma/masks.ts', 'dma_capable'),
			kernel('dma/reach.ts', 'findAddress', {from: 'const reachable =', lines: 3}),
		],
		diagram: 'bounce',
		read: [book('PCI double-address cycle mappings', 452), linux('5.10', 'kernel/dma/direct.h dma_capable()'), howTo],
		minutes: 10,
		level: 3,
		next: {
			ask: 'A device with 36 bits: what is its bus address for the page?',
			run: 'beyond-4g bits=36',
		},
	},
	staleCache: {
		why:
			'Where the hardware does not keep cache and memory in step, a device writes to memory and the CPU reads its ' +
			'cache. The CPU has the line because it looked while the buffer was the device’s. dma_sync_single_for_cpu() ' +
			'throws the lines of the buffer away, so the next read goes to memory. A PC keeps them in step by itself, so ' +
			'there the mistake is not seen.',
		code: [kernel('dma/reach.ts', 'syncBus', {from: 'if (forCpu) {', lines: 7})],
		diagram: 'cacheLine',
		read: [book('DMA mappings', 446), linux('6.1', 'Documentation/core-api/cachetlb.rst'), howTo],
		minutes: 10,
		level: 2,
		next: {
			ask: 'What if a cache line belongs half to the device and half to the CPU?',
			run: 'cache-line',
		},
	},
	mapPagePart: {
		why:
			'dma_map_page() takes a frame, an offset and a length, and what it lends is just these bytes: the bus address ' +
			'is that of the frame plus the offset. It takes a struct page, so it works for high memory, which has no ' +
			'kernel address. The driver gives the device address and length; on a PC nothing but that keeps it ' +
			'inside.',
		code: [kernel('dma/mapping.ts', 'dma_map_page')],
		diagram: 'ownership',
		read: [book('Single-page streaming mappings', 450), api],
		minutes: 5,
		level: 1,
		next: {
			ask: 'Why is it unwise to map part of a page?',
			run: 'cache-line',
		},
	},
	cacheLine: {
		why:
			'A cache works on whole lines. If the device’s part begins inside one, the line holds bytes of both. When the ' +
			'mapping ends, the line is thrown away, so that the CPU sees what the device wrote, and the CPU’s own bytes ' +
			'in it go too. Writing the line back instead would spoil what the device wrote. So a buffer for DMA begins ' +
			'and ends at a line, as memory from kmalloc() does.',
		code: [
			kernel('dma/caches.ts', 'invalidateLines'),
			kernel('dma/reach.ts', 'unmapBus', {from: 'if (deviceWrites', lines: 2}),
		],
		diagram: 'cacheLine',
		read: [
			book('Single-page streaming mappings', 450),
			linux('6.1', 'Documentation/core-api/cachetlb.rst'),
			linux('6.1', 'Documentation/core-api/dma-api-howto.rst'),
		],
		minutes: 10,
		level: 3,
		next: {
			ask: 'The part begins at a line. Is the CPU’s byte before it safe?',
			run: 'cache-line offset=544',
		},
	},
	sgMerge: {
		why:
			'Without an IOMMU each piece of a scatterlist has the bus address that its frame has, so the device needs as ' +
			'many addresses as there are pieces. An IOMMU translates page by page, so it can lay the pieces side by side ' +
			'where one ends and the next begins at a page boundary. dma_map_sg() returns how many are left. The driver ' +
			'programs that many, and gives back as many as it had put in.',
		code: [
			kernel('dma/scatterlist.ts', 'mayMerge'),
			kernel('dma/scatterlist.ts', 'iommuMapSg', {from: 'let end = i + 1', lines: 5}),
		],
		diagram: 'iommu',
		read: [book('Scatter/gather mappings', 450), linux('2.6.32', 'arch/x86/kernel/pci-gart_64.c'), api],
		minutes: 10,
		level: 2,
		next: {
			ask: 'The same list without an IOMMU: how many entries are left?',
			run: 'sg-merge --machine lab',
		},
	},
	syncSg: {
		why:
			'Each entry of a scatterlist may have a bounce buffer of its own. dma_sync_sg_for_cpu() goes through the list ' +
			'and copies each one back; dma_sync_sg_for_device() gives them to the device again. So a driver that uses a ' +
			'list for many transfers maps it once and syncs it each time. It names as many entries as it gave to ' +
			'dma_map_sg(), not as many as that returned.',
		code: [kernel('dma/scatterlist.ts', 'givenEntries'), ...syncCode.slice(0, 1)],
		diagram: 'bounce',
		read: [book('Scatter/gather mappings', 451), linux('2.6.11', 'lib/swiotlb.c swiotlb_sync_sg_for_cpu()'), api],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Is anything copied where nothing bounces?',
			run: 'sync-sg --machine lab',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
