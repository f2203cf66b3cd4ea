/** Why the experiments on fault methods, and on memory of a driver, come out as they do. LDD3 pages 427 to 434. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

export const faultLessons = {
	scullpFault: {
		why:
			'scullp’s mmap method writes no entry; it only sets vm_ops. The first touch of a page faults, and the kernel ' +
			'asks the fault method (nopage in 2.6.11) for a struct page. The method takes a reference with get_page() ' +
			'before it gives the page away, because unmapping will drop one. Where the device holds no page it answers ' +
			'SIGBUS: the area is longer than the device, and there is nothing to read.',
		code: [kernel('drivers/scull.ts', 'fault')],
		diagram: 'remapOrFault',
		read: [book('Mapping Memory with nopage', 427), book('Remapping RAM with the nopage method', 432)],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Two pages are written, and the child touches page 1. What does it get?',
			run: 'scullp-fault written=2 touch=1',
		},
	},
	bookPrograms: {
		why:
			'Reading, writing and mapping all end at the same frames: the quanta of scullp. An asynchronous write copies ' +
			'its bytes in at once and only reports later that it is done, after a delay that stands for a device. mapper ' +
			'faults in the same frames, so it sees those bytes without a copy. There is no second place where old data ' +
			'could be.',
		code: [
			kernel('drivers/scull.ts', 'fault'),
			kernel('drivers/scull.ts', 'writeQuantum', {from: 'const bytes =', lines: 4}),
		],
		diagram: 'aio',
		read: [book('Remapping RAM with the nopage method', 432), book('An asynchronous I/O example', 439)],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Is scullp the only driver whose requests are asynchronous?',
			run: 'async-drivers',
		},
	},
	scullvFault: {
		why:
			'An address of vmalloc() says nothing about the frame: pages that lie side by side there are scattered in ' +
			'RAM. vmalloc_to_page() walks the kernel’s own page tables and finds the frame. The fault method gives that ' +
			'frame to the program. Now it has two addresses, the driver’s and the program’s, and each sees what the other ' +
			'writes.',
		code: [kernel('mm/vmalloc.ts', 'vmalloc_to_page'), kernel('drivers/scullv.ts', 'vmallocMemory')],
		diagram: 'walk',
		read: [book('Remapping Kernel Virtual Addresses', 433), linux('2.6.11', 'mm/memory.c vmalloc_to_page()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Why does __pa() not do, which is a subtraction?',
			run: 'logical-address from=2',
		},
	},
	faultlessOps: {
		why:
			'A fault in an area whose driver has no fault method cannot be asked. 2.6.11 and 3.2 take the area for ' +
			'anonymous memory: a read maps the zero page, which all programs share, and a write a cleared frame. ' +
			'2.6.32.69 and kernels from 4.2 on answer SIGBUS, because zeros in place of a device hide a mistake.',
		code: [kernel('mm/memory.ts', 'noFaultMethod', {from: 'const plain', lines: 3})],
		diagram: 'remapOrFault',
		read: [book('Mapping Memory with nopage', 427), linux('2.6.11', 'mm/memory.c do_no_page()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Zeros or SIGBUS in 2.6.32?',
			run: 'faultless-ops --era 2.6.32',
		},
	},
	faultNopage: {
		why:
			'A fault method has to give a struct page, and registers above RAM have none. Since 2.6.23 it may write the ' +
			'entry itself with vm_insert_pfn() and answer VM_FAULT_NOPAGE: there is no page, and nothing is left to do. ' +
			'(The function is of 2.6.21, for a method called nopfn; since 4.17 it is vmf_insert_pfn(), and the old name ' +
			'went with 4.20.) The area must be VM_PFNMAP, so that the kernel looks for no struct page behind its entries ' +
			'later.',
		code: [
			kernel('drivers/simple.ts', 'simple_pfn_fault'),
			kernel('mm/remap.ts', 'vmf_insert_pfn'),
			kernel('drivers/simple.ts', 'simple_vma_fault'),
		],
		diagram: 'remapOrFault',
		read: [
			book('Mapping Memory with nopage', 427),
			linux('2.6.32', 'mm/memory.c vm_insert_pfn()'),
			linux('6.1', 'mm/memory.c vmf_insert_pfn_prot()'),
		],
		minutes: 10,
		level: 3,
		next: {
			ask: 'The old way, all at once: is the page of registers there before the first read?',
			run: 'remap-device',
		},
	},
	mremapGrowth: {
		why:
			'mremap() makes the area longer and tells the driver nothing. The page tables of the new part are empty, so a ' +
			'touch faults, and the kernel looks for a fault method. This driver has none: 2.6.11 maps the zero page, ' +
			'though the device ends there. Kernels from 2.6.15 on mark what remap_pfn_range() filled as VM_PFNMAP, and ' +
			'mremap() refuses to let such an area grow.',
		code: [
			kernel('mm/mremap.ts', 'mayGrow', {from: 'k.era.mremapGrowRefused', lines: 1}),
			kernel('mm/memory.ts', 'noFaultMethod', {from: 'const plain', lines: 3}),
		],
		diagram: 'remapOrFault',
		read: [book('Mapping Memory with nopage', 429), linux('2.6.32', 'mm/mremap.c vma_to_resize()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Has the first new page a page of the device behind it where the driver has a fault method?',
			run: 'mremap-growth handler=1',
		},
	},
	deviceVmSize: {
		why:
			'Up to 3.6 the kernel counts pages of areas that are VM_IO or VM_RESERVED in reserved_vm as well, and status ' +
			'takes them off VmSize: they are no memory that the program could give back. remap_pfn_range() sets both ' +
			'flags. VM_RESERVED went with 3.7, and VmSize counts every area since. smaps gives the area its size in all ' +
			'of them.',
		code: [
			{file: 'source/lab/tree/status.ts', name: 'memoryRows', from: 'const size =', lines: 1},
			kernel('mm/accounting.ts', 'countVma', {from: 'mm.reserved_vm += pages', lines: 1}),
		],
		diagram: 'areas',
		read: [linux('2.6.11', 'fs/proc/task_mmu.c task_mem()'), linux('6.1', 'fs/proc/task_mmu.c task_mem()')],
		minutes: 5,
		level: 2,
		next: {
			ask: 'And in 6.1?',
			run: 'device-vmsize --era 6.1',
		},
	},
	remapRam: {
		why:
			'The frame of a page of RAM is counted, and remap_pfn_range() counts nothing: the frame could be freed and ' +
			'used anew while the program still has it mapped. So 2.6.11 leaves the entry of such a page empty, and the ' +
			'first touch maps the zero page. A driver of that time set PG_reserved first, which takes the page away ' +
			'from memory management. From 2.6.15 on the entry is written, and the driver answers for the page.',
		code: [kernel('mm/remap.ts', 'remapOne')],
		diagram: 'remapOrFault',
		read: [book('Remapping RAM', 430), linux('2.6.11', 'mm/memory.c remap_pte_range()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'What is the right way to map a driver’s page of RAM?',
			run: 'scullp-fault',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
