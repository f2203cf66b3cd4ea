/** Why the experiments on pinned pages and direct I/O come out as they do. LDD3 pages 435 to 437. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

const pinDocument = linux('6.1', 'Documentation/core-api/pin_user_pages.rst');

export const pageLessons = {
	gupPartial: {
		why:
			'get_user_pages() goes through the buffer page by page: it finds the area, faults the page in if it must, and ' +
			'takes a reference. At a page that it cannot have it stops. If it has taken some already, it returns how ' +
			'many, for they are pinned and the caller has to give them back. Only if the very first one fails is there an ' +
			'error. So a driver must compare the result with what it asked for.',
		code: [kernel('mm/gup.ts', '__get_user_pages', {from: 'if (!vma || !mayTake', lines: 12})],
		diagram: 'pin',
		read: [book('Performing Direct I/O', 436), linux('2.6.11', 'mm/memory.c get_user_pages()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'The hole is the very first page. What is returned now?',
			run: 'gup-partial hole=0',
		},
	},
	gupArguments: {
		why:
			'With write set the driver, or its device, will change the page, so the call wants VM_WRITE of the area and ' +
			'breaks copy-on-write first. Without that check a program could have a device write to a page that it may ' +
			'only read. force looks at VM_MAYWRITE instead, as a debugger needs for breakpoints: a private page is copied ' +
			'then. pages and vmas are only filled in if they are not NULL; without pages nothing is held.',
		code: [kernel('mm/gup.ts', 'mayTake')],
		diagram: 'pin',
		read: [book('Performing Direct I/O', 436), linux('2.6.11', 'mm/memory.c get_user_pages()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'May a driver write there by force?',
			run: 'gup-arguments force=1',
		},
	},
	lostDirty: {
		why:
			'Reclaim drops a clean page of a file without writing it, since the disk has the same bytes. A device that ' +
			'writes by DMA goes past the CPU, so no page table notes that the page changed; the driver has to say so with ' +
			'set_page_dirty_lock() before it lets go. fsync() during the transfer makes the page clean although more ' +
			'bytes are to come. A driver that does not mark it then loses them.',
		code: [
			kernel('mm/vmscan.ts', 'shrinkPage', {from: 'if (PageDirty', lines: 14}),
			kernel('mm/page-writeback.ts', 'set_page_dirty_lock'),
		],
		diagram: 'pin',
		read: [book('Performing Direct I/O', 437), linux('2.6.11', 'mm/vmscan.c shrink_list()'), pinDocument],
		minutes: 10,
		level: 3,
		next: {
			ask: 'The book says that PG_reserved pages need not be marked. Why is that?',
			run: 'reserved-page',
		},
	},
	forkPin: {
		why:
			'fork() copies no page; it write-protects the entries of both sides, and the first to write gets a copy. ' +
			'The driver holds the frame, not the address, so the device goes on with the old frame. If the parent writes ' +
			'first, the old frame is the child’s. Kernels from 5.9 on see that a page is pinned (with pin_user_pages()) ' +
			'and copy it at fork(); a page taken with get_user_pages(), as here, is not told from any other.',
		code: [
			kernel('mm/wp_page.ts', 'mayReuse'),
			kernel('mm/wp_page.ts', 'wp_page_copy', {from: 'const copy =', lines: 3}),
		],
		diagram: 'cow',
		read: [book('Performing Direct I/O', 436), linux('2.6.11', 'mm/memory.c do_wp_page()'), pinDocument],
		minutes: 10,
		level: 3,
		next: {
			ask: 'How does a direct read hold its pages, and for how long?',
			run: 'direct-read',
		},
	},
	pinLeak: {
		why:
			'A frame is free when its count is 0. The mapping holds one reference and get_user_pages() takes another one. ' +
			'munmap() drops the first; the second is the driver’s, and only page_cache_release() or put_page() drops it. ' +
			'The kernel keeps no list of who holds a page, so it cannot see that this one is forgotten. (The lab keeps ' +
			'such a list, to show it.)',
		code: [
			kernel('mm/gup.ts', 'page_cache_release'),
			kernel('mm/page_alloc.ts', 'put_page', {from: 'const count =', lines: 5}),
		],
		diagram: 'pin',
		read: [book('Performing Direct I/O', 437), linux('2.6.11', 'mm/swap.c put_page()'), pinDocument],
		minutes: 5,
		level: 1,
		next: {
			ask: 'A driver forgets a mapping for DMA instead of a page. Does anybody notice that?',
			run: 'dad-forgets-unmap',
		},
	},
	reservedPage: {
		why:
			'Reclaim works on lists: pages of files and of programs are put on them when they enter the page cache or a ' +
			'page table. A page that a driver takes from __get_free_pages() is on none, so reclaim never meets it, ' +
			'reserved or not. PG_reserved tells other code to leave the page alone; 2.6.11 does not even count references ' +
			'to it. A page of the page cache is on a list, and what is not marked dirty there is lost.',
		code: [kernel('mm/vmscan.ts', 'shrink_inactive_list', {from: 'const frame = lru_oldest', lines: 4})],
		diagram: 'pin',
		read: [book('Remapping RAM', 430), book('Performing Direct I/O', 437), linux('2.6.11', 'mm/vmscan.c')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'The driver writes to a page of a file. How should it have said so?',
			run: 'lost-dirty dirty=1',
		},
	},
	directRead: {
		why:
			'O_DIRECT leaves the page cache out. The kernel pins the pages of the buffer with get_user_pages(), at most ' +
			'64 at a time, and puts them into bios, so the disk writes into the program’s memory itself. The pages have ' +
			'to stay where they are until the interrupt says that the disk is done, whatever the program does meanwhile. ' +
			'A buffered read has the disk fill pages of the cache and copies from there.',
		code: [kernel('fs/direct_io.ts', 'dio_refill_pages', {from: 'kiocbIs(', lines: 6})],
		diagram: 'directIo',
		read: [book('Performing Direct I/O', 435), linux('2.6.11', 'fs/direct-io.c')],
		minutes: 10,
		level: 1,
		next: {
			ask: 'Is a direct read faster than a buffered one?',
			run: 'direct-cost',
		},
	},
	directAlignment: {
		why:
			'A disk moves whole sectors of 512 bytes, and in direct I/O nothing stands between it and the buffer. An ' +
			'offset in the middle of a sector would need a copy, and an odd address is one that many controllers cannot ' +
			'be given. The kernel does not copy behind the program’s back: it tests position, address and length, and ' +
			'answers -EINVAL.',
		code: [
			kernel('fs/direct_io.ts', 'isAligned'),
			kernel('fs/direct_io.ts', 'blockdev_direct_IO', {from: 'if (!isAligned', lines: 1}),
		],
		diagram: 'directIo',
		read: [book('Performing Direct I/O', 435), linux('2.6.11', 'fs/direct-io.c __blockdev_direct_IO()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'All three are off by a whole sector. Are they refused?',
			run: 'direct-alignment off=512',
		},
	},
	directCost: {
		why:
			'A buffered read leaves its page in the page cache. The next read of the same place finds it there and costs ' +
			'one copy, while a direct read goes to the disk again, and has to pin and release pages besides. So direct ' +
			'I/O pays for a program that reads much and keeps a cache of its own, as a database does. For others it is ' +
			'slower.',
		code: [kernel('mm/filemap_rw.ts', 'cachedOrRead')],
		diagram: 'directIo',
		read: [book('Performing Direct I/O', 435), linux('2.6.11', 'mm/filemap.c do_generic_mapping_read()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'What does a program do while the disk works, if it does not want to wait?',
			run: 'aio-burst',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
