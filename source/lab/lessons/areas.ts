/** Why the experiments on areas and the mmap method come out as they do. LDD3 pages 419 to 427. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

export const areaLessons = {
	mapsFields: {
		why:
			'/proc/<pid>/maps prints one line for each vm_area_struct. The letters r, w and x are bits of vm_flags, and ' +
			'the last one is s if VM_MAYSHARE is set and else p, for private. The offset is vm_pgoff, which counts pages, ' +
			'times 4096. The path is that of vm_file. So the line says what was asked of mmap(), not which pages are ' +
			'there; smaps and pagemap say that.',
		code: [{file: 'source/lab/tree/maps.ts', name: 'mapsArea', from: 'start: vma.vm_start', lines: 8}],
		diagram: 'areas',
		read: [
			book('Virtual Memory Areas', 420),
			linux('2.6.11', 'fs/proc/task_mmu.c show_map()'),
			linux('6.1', 'Documentation/filesystems/proc.rst'),
		],
		minutes: 5,
		level: 1,
		next: {
			ask: 'What stands in the column of the offset for registers of a device?',
			run: 'remap-device',
		},
	},
	threadsShareMm: {
		why:
			'fork() copies the address space of its caller: the areas, and the entries of the page tables. clone() with ' +
			'CLONE_VM copies nothing. The new task points at the same mm_struct, and mm_users goes up by one. There is ' +
			'one set of page tables then, so what one thread writes, the other reads; the mm_struct goes with its last ' +
			'user.',
		code: [kernel('fork.ts', 'copy_process', {from: 'let mm: mm_struct', lines: 8})],
		diagram: 'areas',
		read: [book('The Process Memory Map', 422), linux('2.6.11', 'kernel/fork.c copy_mm()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'Threads share mmap_sem too. What comes of that?',
			run: 'mmap-sem',
		},
	},
	mmapSem: {
		why:
			'The list of areas may not change while somebody reads it, so each mm_struct has a semaphore for many readers ' +
			'or one writer. Page faults take it for reading, and callers of get_user_pages() have to, for that function ' +
			'does not. mmap(), munmap() and mremap() take it for writing. A writer sleeps until all readers have let go, ' +
			'and readers that come after it wait behind it. A driver that holds it for long stops all threads of the ' +
			'program.',
		code: [kernel('locking.ts', 'down_write_trylock'), kernel('locking.ts', 'waitFor')],
		read: [
			book('Performing Direct I/O', 436),
			linux('2.6.11', 'lib/rwsem.c'),
			linux('6.1', 'include/linux/mmap_lock.h'),
		],
		minutes: 5,
		level: 2,
		next: {
			ask: 'Is the semaphore free again when get_user_pages() has returned pages to a driver?',
			run: 'gup-partial hole=4',
		},
	},
	kernelThread: {
		why:
			'A kernel thread works on kernel addresses only, and those are the same in every page table. So it gets no ' +
			'mm_struct: task->mm is NULL, and it goes on with whatever page table the CPU had last. Files of /proc that ' +
			'describe an address space have nothing to print. It cannot reach user memory either, unless it borrows an ' +
			'mm_struct, as the AIO thread did up to 3.9.',
		code: [kernel('fork.ts', 'kernel_thread')],
		diagram: 'areas',
		read: [book('The Process Memory Map', 422), linux('6.1', 'Documentation/mm/active_mm.rst')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'And the files of a process, beside it?',
			run: 'kernel-thread process=1',
		},
	},
	vmaOpenClose: {
		why:
			'An area is one range, so munmap() of the middle of one leaves two. split_vma() cuts twice, and each cut makes ' +
			'one more vm_area_struct with the same file and the same vm_ops. The driver may count its areas, so open is ' +
			'called for each of them: for the piece that stays and for the piece that goes, and then close for the latter. ' +
			'If only an end is cut off, the piece that goes is made an area first: open is called for it, then close; no ' +
			'further area is left.',
		code: [
			kernel('mm/vma_merge.ts', 'splitUnlimited', {from: 'piece.vm_private_data', lines: 12}),
			kernel('drivers/simple.ts', 'simple_vma_open'),
		],
		diagram: 'areas',
		read: [book('Adding VMA Operations', 426), linux('2.6.11', 'mm/mmap.c split_vma()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'The first page is cut off instead of the middle one. How many areas are left, and how often is open called?',
			run: 'vma-open-close hole=0',
		},
	},
	vmaFork: {
		why:
			'fork() walks the areas of the parent and makes a copy of each for the child, except those with VM_DONTCOPY. ' +
			'The copy has the same vm_ops, so one more area refers to the driver, and open is called for it. Without that ' +
			'call a driver that counts its areas would see more closes than opens, and could free what is still mapped.',
		code: [kernel('fork.ts', 'dup_vma', {from: 'child.vm_private_data', lines: 13})],
		diagram: 'areas',
		read: [book('The vm_area_struct structure', 421), linux('2.6.11', 'kernel/fork.c dup_mmap()')],
		minutes: 5,
		level: 2,
		next: {
			ask: 'What does fork() do with a page that a device is writing to?',
			run: 'fork-pin',
		},
	},
	remapDevice: {
		why:
			'The mmap method of the driver calls remap_pfn_range(), which writes a page-table entry for each page of the ' +
			'area, at once. The entries hold the physical addresses of the registers, so a load of the program becomes a ' +
			'read on the bus, and the kernel is not asked. The frames have no struct page that could be counted; VM_IO ' +
			'says so to everybody who walks over the area.',
		code: [kernel('drivers/simple.ts', 'simple_remap_mmap'), kernel('mm/remap.ts', 'remapOne')],
		diagram: 'remapOrFault',
		read: [book('Using remap_pfn_range', 424), book('A Simple Implementation', 425)],
		minutes: 10,
		level: 1,
		next: {
			ask: 'May the CPU keep what it read from the register in its cache?',
			run: 'uncached-registers',
		},
	},
	uncachedRegisters: {
		why:
			'remap_pfn_range() puts the protection that it is given into each entry. A driver that hands on vm_page_prot ' +
			'gets an ordinary, cacheable entry; pgprot_noncached() adds the bit PCD, which forbids caching. /dev/mem does ' +
			'that for a file opened with O_SYNC. A register has to be read again each time, for the device changes it; on ' +
			'most PCs the MTRRs save a driver that forgot.',
		code: [kernel('drivers/mem.ts', 'mmap_mem'), kernel('mm/remap.ts', 'pgprot_noncached')],
		diagram: 'walk',
		read: [
			book('Using remap_pfn_range', 425),
			linux('2.6.11', 'drivers/char/mem.c mmap_mem()'),
			linux('6.1', 'Documentation/x86/pat.rst'),
		],
		minutes: 10,
		level: 2,
		next: {
			ask: 'And the mapping that the kernel has of the same registers?',
			run: 'ioremap-registers',
		},
	},
	privateDevice: {
		why:
			'MAP_PRIVATE promises that writes stay with the program. So the entry is write-protected, and the first write ' +
			'faults; do_wp_page() then wants to copy the page. 2.6.11 finds no struct page behind a register, says “bogus ' +
			'page” and kills the program. Later kernels copy the bytes, and the program goes on with its copy. The device ' +
			'hears of the write in neither case.',
		code: [kernel('mm/wp_page.ts', 'do_wp_page', {from: 'const frame = pte_pfn', lines: 5})],
		diagram: 'remapOrFault',
		read: [book('Using remap_pfn_range', 425), linux('2.6.11', 'mm/memory.c do_wp_page()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'Does the program live in a later kernel?',
			run: 'private-device --era 2.6.32',
		},
	},
	partialCowRemap: {
		why:
			'When this check was made, an entry of remap_pfn_range() looked like the entry of a copy. The kernel tells ' +
			'them apart by a rule: if the whole area is filled in one piece, vm_pgoff is the first frame, and an entry ' +
			'that differs from vm_pgoff plus its place is a copy. Half of an area would break the rule, so 2.6.15 and ' +
			'later refuse it with -EINVAL. For a shared area there are no copies, and no rule.',
		code: [kernel('mm/remap.ts', 'remap_pfn_range', {from: 'const size = pageAlignUp', lines: 8})],
		diagram: 'remapOrFault',
		read: [book('Using remap_pfn_range', 424), linux('2.6.32', 'mm/memory.c remap_pfn_range(), vm_normal_page()')],
		minutes: 5,
		level: 3,
		next: {
			ask: 'What did 2.6.11 say to it?',
			run: 'partial-cow-remap --era ldd3',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
