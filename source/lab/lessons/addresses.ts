/** Why the experiments on addresses and high memory come out as they do. LDD3 pages 413 to 419. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

const highmemDocument = linux('6.1', 'Documentation/mm/highmem.rst');

export const addressLessons = {
	userWalk: {
		why:
			'mmap() only makes an area: a promise that these addresses may be used. The first touch finds no entry in the ' +
			'page table, so the CPU raises a page fault. The kernel then looks for the area, takes a free frame and ' +
			'writes the entry, and the CPU tries the instruction again. So a program that asks for much memory and uses ' +
			'little of it costs little.',
		code: [kernel('mm/memory.ts', 'do_anonymous_page', {from: 'if (!write) {', lines: 13})],
		diagram: 'walk',
		read: [book('Page Tables', 418), linux('2.6.11', 'mm/memory.c do_anonymous_page()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'Does a page that is only read get a frame of its own?',
			run: 'faultless-ops',
		},
	},
	logicalAddress: {
		why:
			'At boot the kernel maps low memory once, in one piece, so that each physical address has the kernel address ' +
			'PAGE_OFFSET higher. kmalloc() and __get_free_pages() hand out pieces of this mapping, and __pa() can ' +
			'subtract. vmalloc() and ioremap() collect pages from anywhere and write entries for them into another part ' +
			'of the address space. There only the page table knows which frame belongs to which address.',
		code: [kernel('mm/page.ts', '__pa'), kernel('mm/page.ts', '__va')],
		diagram: 'addresses',
		read: [book('Address Types', 413), linux('2.6.11', 'include/asm-i386/page.h')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'Of which of the four allocators does the rule hold? Try them in turn: what is the answer for ioremap()?',
			run: 'logical-address from=3',
		},
	},
	kernelSpace: {
		why:
			'The kernel and each program share one space of 4 GiB, of which the kernel has the last. It maps as much RAM ' +
			'there as it can, because mapped memory costs nothing to reach. At least 128 MiB stay free for vmalloc(), ' +
			'ioremap(), kmap() and the fixmap. What is left is 896 MiB, or a little less in later kernels; RAM beyond ' +
			'that is high memory.',
		code: [kernel('mm/layout.ts', 'splitMemory', {from: 'const limit =', lines: 4})],
		diagram: 'addresses',
		read: [book('High and Low Memory', 415), linux('2.6.11', 'arch/i386/kernel/setup.c find_max_low_pfn()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'The usual machine has 128 MiB. What has most of its kernel addresses?',
			run: 'kernel-space --machine lab',
		},
	},
	vmallocGuard: {
		why:
			'get_vm_area() reserves one page of addresses more than it was asked for, and no entry is ever written for ' +
			'it. A read that runs past the end therefore faults. Nothing can mend a fault on a kernel address without a ' +
			'mapping: the kernel prints an oops and kills the task that ran. Memory from kmalloc() has no such page, so ' +
			'there the same mistake reads a neighbour’s bytes.',
		code: [kernel('mm/vmalloc.ts', 'get_vm_area', {from: 'const size =', lines: 3})],
		diagram: 'addresses',
		read: ['LDD3 chapter 8, page 225', linux('2.6.11', 'mm/vmalloc.c __get_vm_area()')],
		minutes: 5,
		level: 2,
		next: {
			ask: 'What is at the very last byte of the two pages of addresses?',
			run: 'vmalloc-guard at=8191',
		},
	},
	ioremapRegisters: {
		why:
			'A PCI device answers at physical addresses above RAM, and no mapping leads there yet. ioremap() reserves an ' +
			'area among those of vmalloc() and writes entries that point at the registers, uncached where the kernel ' +
			'wants it. RAM that the kernel manages has a mapping already. A second one with another kind of caching could ' +
			'show old bytes, so such a request is refused.',
		code: [kernel('mm/ioremap.ts', 'ioremap', {from: 'const area = get_vm_area(', lines: 13})],
		diagram: 'addresses',
		read: ['LDD3 chapter 9, page 249', book('Address Types', 414), linux('2.6.32', 'arch/x86/mm/ioremap.c')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'How does a program get at the same registers?',
			run: 'remap-device',
		},
	},
	zoneFallback: {
		why:
			'An allocation names the best zone that it may use, and get_page_from_freelist() tries that one and then ' +
			'those below. Zone DMA is the last resort, for everything below 16 MiB can serve any request. But a device ' +
			'that needs such memory can use no other. So each zone keeps a reserve (lowmem_reserve) from requests that a ' +
			'higher zone could have met.',
		code: [
			kernel('mm/page_alloc.ts', 'get_page_from_freelist'),
			kernel('mm/page_alloc.ts', 'zone_watermark_ok', {from: 'let free =', lines: 3}),
		],
		diagram: 'zones',
		read: [
			book('Allocating the DMA Buffer', 442),
			linux('2.6.11', 'mm/page_alloc.c zone_watermark_ok()'),
			linux('6.1', 'Documentation/admin-guide/sysctl/vm.rst, lowmem_reserve_ratio'),
		],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Who needs the pages that are kept?',
			run: 'coherent-reach',
		},
	},
	lowmemExhaustion: {
		why:
			'The kernel reaches its own structures by logical addresses, and only low memory has those. GFP_KERNEL ' +
			'therefore starts at zone Normal and never goes up. A page of a program needs no kernel address, so it may ' +
			'come from HighMem. On a machine with much high memory, low memory runs out first: each high page has its ' +
			'struct page there.',
		code: [kernel('mm/page_alloc.ts', 'gfp_zone')],
		diagram: 'zones',
		read: [book('High and Low Memory', 415), highmemDocument],
		minutes: 5,
		level: 1,
		next: {
			ask: 'Here the call that fails may not wait. What if it may?',
			run: 'oom-killer',
		},
	},
	oomKiller: {
		why:
			'An allocation that may sleep first reclaims memory and tries again. If nothing can be reclaimed, and the ' +
			'block is small, the kernel does not give up: it kills a process to get memory back. It takes the one that ' +
			'counts worst, which is mostly the largest, not the one that asked. In these kernels it does not ask whether ' +
			'that process has any memory in the zone that is short.',
		code: [
			kernel('mm/page_alloc.ts', 'allocAfterReclaim', {from: 'const freed =', lines: 9}),
			kernel('mm/oom_kill.ts', 'select_bad_process', {from: 'let chosen', lines: 7}),
		],
		diagram: 'zones',
		read: [linux('2.6.11', 'mm/oom_kill.c badness()'), linux('6.1', 'mm/oom_kill.c oom_badness()')],
		minutes: 10,
		level: 3,
		next: {
			ask: 'From 3.2 on resident pages count, not addresses. Is the same process chosen?',
			run: 'oom-killer --era 3.2',
		},
	},
	kmapCaching: {
		why:
			'An entry of the table costs a flush of the TLB on every CPU when it is taken away. So kunmap() takes nothing ' +
			'away: pkmap_count goes from 2 to 1, which means mapped but unused. A kmap() of the same page finds it and ' +
			'makes it 2 again. Only when the search comes round to the start are all unused entries cleared at once, with ' +
			'one flush for all of them.',
		code: [
			kernel('mm/highmem.ts', 'flush_all_zero_pkmaps', {from: 'for (let slot', lines: 8}),
			kernel('mm/highmem.ts', 'try_kmap', {from: 'const slot =', lines: 3}),
		],
		diagram: 'pkmap',
		read: [book('The Memory Map and Struct Page', 417), highmemDocument],
		minutes: 10,
		level: 2,
		next: {
			ask: 'What if all entries are in use, so that none can be cleared?',
			run: 'kmap-starvation',
		},
	},
	kmapStarvation: {
		why:
			'All CPUs and tasks share one table of 1024 entries (512 with PAE). map_new_virtual() goes round it once and ' +
			'looks for a free entry. If there is none, kmap() puts the task on pkmap_map_wait and gives up the CPU; a ' +
			'kunmap() that makes an entry unused wakes it. That is why kmap() may not be called from an interrupt, and ' +
			'why one should not keep mappings for long.',
		code: [kernel('mm/highmem.ts', 'kmap', {from: 'for (;;) {', lines: 10})],
		diagram: 'pkmap',
		read: [book('The Memory Map and Struct Page', 417), linux('2.6.11', 'mm/highmem.c map_new_virtual()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'What would an interrupt handler use instead?',
			run: 'atomic-kmaps',
		},
	},
	kmapLow: {
		why:
			'Low memory is mapped for good, so there is nothing to do: kmap() sees that the page is not high memory and ' +
			'returns the physical address plus PAGE_OFFSET. kunmap() of it does nothing either. Code that calls both for ' +
			'any page is therefore right on machines with high memory and costs almost nothing on those without.',
		code: [
			kernel('mm/highmem.ts', 'page_address'),
			kernel('mm/highmem.ts', 'try_kmap', {from: 'if (!PageHighMem', lines: 2}),
		],
		diagram: 'addresses',
		read: [book('The Memory Map and Struct Page', 417), linux('2.6.11', 'include/linux/mm.h lowmem_page_address()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'Does kmap_atomic() of a high page leave something behind for page_address()?',
			run: 'atomic-kmaps',
		},
	},
	atomicKmaps: {
		why:
			'Each CPU has a few page-table entries of its own in the fixmap. kmap_atomic() writes one of them and forbids ' +
			'page faults (and being moved to another CPU), so no lock is needed and no other CPU has to be told. The slot ' +
			'is not noted in the page, so page_address() does not know it. The price: no sleeping until kunmap_atomic().',
		code: [
			kernel('mm/kmap_atomic.ts', 'kmap_atomic'),
			kernel('mm/kmap_atomic.ts', 'mapSlot', {from: 'const slot = takeSlot', lines: 5}),
		],
		diagram: 'atomicSlots',
		read: [book('The Memory Map and Struct Page', 418), highmemDocument],
		minutes: 10,
		level: 2,
		next: {
			ask: 'What happens to somebody who sleeps with a slot?',
			run: 'atomic-sleep',
		},
	},
	atomicTwice: {
		why:
			'Up to 2.6.36 the caller names the slot by a type, and nothing keeps two callers on one CPU from naming the ' +
			'same one. The second call overwrites the entry, so that both addresses, which are equal, show the second ' +
			'page. 2.6.11 does not look whether the entry is in use; 2.6.32 does, and stops with a BUG. Since 2.6.37 the ' +
			'slots of a CPU are a stack: each call takes the next one.',
		code: [
			kernel('mm/kmap_atomic.ts', 'takeSlot'),
			kernel('mm/kmap_atomic.ts', 'mapSlot', {from: 'const checks =', lines: 3}),
		],
		diagram: 'atomicSlots',
		read: [
			book('The Memory Map and Struct Page', 418),
			linux('2.6.11', 'arch/i386/mm/highmem.c kmap_atomic()'),
			linux('3.2', 'arch/x86/mm/highmem_32.c kmap_atomic_prot()'),
		],
		minutes: 10,
		level: 2,
		next: {
			ask: 'And in a kernel whose slots are a stack?',
			run: 'atomic-twice --era 3.2',
		},
	},
	atomicSleep: {
		why:
			'A task that sleeps gives its CPU to another task, but the slot belongs to the CPU. The other task might take ' +
			'the same slot, and the first might wake up on another CPU, where the address shows something else. So ' +
			'kmap_atomic() raises preempt_count, and schedule() prints “scheduling while atomic” if it is called while ' +
			'the count is not zero.',
		code: [kernel('sched.ts', 'schedule'), kernel('sched.ts', 'sayAtomic', {from: 'const {comm, pid}', lines: 7})],
		diagram: 'atomicSlots',
		read: [book('The Memory Map and Struct Page', 418), linux('2.6.11', 'kernel/sched.c schedule()')],
		minutes: 5,
		level: 2,
		next: {
			ask: 'Which mapping may be kept across a sleep, and at what price?',
			run: 'kmap-starvation',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
