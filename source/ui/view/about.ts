/**
 * What a pane shows, for `?`. Its columns are those that rows are sorted and filtered by (`field:value`); a test holds
 * them against the fields of the rows.
 */

import type {PaneId} from '../update/layout.ts';

export type ColumnNote = {readonly name: string; readonly says: string};

export type About = {
	/** One or two sentences for somebody who has never seen it. */
	readonly shows: string;
	readonly columns: readonly ColumnNote[];
	/** Letters and signs that stand for something. */
	readonly signs: readonly ColumnNote[];
};

const column = (name: string, says: string): ColumnNote => ({name, says});

export const about: Readonly<Record<PaneId, About>> = {
	maps: {
		shows:
			'The address space of one process: each row is an area (vm_area_struct) of virtual addresses that behave alike.',
		columns: [
			column('address', 'first and last-plus-one virtual address, in hexadecimal'),
			column('perm', 'read, write, execute; p: writes stay private (copy on write), s: shared'),
			column('offset', 'where in the file the area begins, in bytes, hexadecimal'),
			column('inode', 'number of the mapped file on its device; 0: no file'),
			column('name', 'the file, [heap], [stack], or nothing for anonymous memory'),
			column('size', 'how much address space it spans'),
			column('rss', 'how much of it has a page frame behind it now; the bar shows the share'),
		],
		signs: [
			column('selected', 'its page frames light up in the map of pane 2, pane 8 shows the first'),
			column('mmap_sem', 'who holds the lock of the address space, and who waits for it'),
		],
	},
	frames: {
		shows:
			'Physical memory, zone by zone, as a map: a cell is one page frame of 4 KiB, or a run of them, and its letter is the kind of use. What changed since the last sample stands out.',
		columns: [],
		signs: [
			column('letter', 'commonest kind among frames in use; P, M, B and D show even for one frame'),
			column('faint', 'few frames of the cell are in use; with ground: all of them'),
			column('.', 'every frame of the cell is free'),
			column('━━ m l h', 'free memory of the zone, each doubling as long; watermarks min, low, high'),
			column('lit', 'behind what is selected in another pane, or followed'),
			column('+ -', 'fewer or more frames a cell, down to one'),
			column('/', 'goes to a pfn (6a31), lights a process (pid 8) or an area (vma b76b5000),'),
			column('', 'or shows some kinds alone (only DP)'),
		],
	},
	kmap: {
		shows:
			'Windows through which the kernel reaches high memory for a moment. The grid has a row for each CPU and a column for each slot; the list tells who has, or last had, each slot.',
		columns: [
			column('slot', 'CPU and index of the slot'),
			column('vaddr', 'its fixed virtual address'),
			column('pfn', 'the page frame that is, or last was, mapped there'),
			column('context', 'task, softirq or hardirq'),
			column('type', 'what the slot is for (KM_USER0, …), on kernels that had types'),
			column('holder', 'the task that has, or last had, it'),
			column('used', 'times that it was taken since boot'),
		],
		signs: [
			column('■', 'held now'),
			column('□', 'taken and given back since the last sample'),
			column('·', 'free'),
			column('depth', 'slots held now / most ever held at once'),
		],
	},
	dma: {
		shows: 'Memory that devices reach: DMA pools with the blocks they hand out, and every mapping that is alive now.',
		columns: [
			column('name', 'of the pool'),
			column('busy', 'blocks in use'),
			column('all', 'blocks that its pages hold'),
			column('size', 'bytes of a block, or of the mapping'),
			column('pages', 'pages that it took from dma_alloc_coherent'),
			column('type', 'coherent, or streaming: single, page, sg'),
			column('bus', 'address that the device uses'),
			column('dir', 'which way the data goes: to the device, from it, both'),
			column('driver', 'who mapped it'),
			column('device', 'on the PCI bus'),
		],
		signs: [
			column('bounce', 'slots of swiotlb in use: copies below the limit of a device'),
			column('▁▃▇', 'bytes mapped of late, a column for half a second'),
		],
	},
	iocbs: {
		shows: 'Asynchronous I/O under way: one row for each kiocb, then the contexts of io_setup with their event rings.',
		columns: [
			column('pid', 'process that submitted it'),
			column('comm', 'its name'),
			column('op', 'PREAD, PWRITE and their vector forms'),
			column('kind', 'async, or sync for a plain read or write'),
			column('pos', 'offset in the file, hexadecimal'),
			column('len', 'bytes asked for'),
			column('state', 'how far it is, from queued to completed'),
			column('pins', 'user pages that it holds in memory'),
			column('age', 'time since it was submitted'),
			column('file', 'what is read or written'),
		],
		signs: [
			column('×', 'completed a moment ago'),
			column('▁▃▇', 'most requests in flight, a column for half a second'),
			column('aio-nr', 'events that all contexts may hold, of fs.aio-max-nr'),
		],
	},
	trace: {
		shows:
			'What the kernel just did, as ftrace prints it. Lines of an injected workload have its colour; its narration and observations stand between them.',
		columns: [
			column('comm', 'name of the task'),
			column('pid', 'its number'),
			column('cpu', 'where it ran'),
			column('what', 'the event, function or system call'),
		],
		signs: [
			column('▶ ■', 'an injection begins, ends'),
			column('✓ ✗ …', 'an observation holds, does not hold, is still open'),
			column('⊘', 'the machine could not run it: nothing is decided'),
		],
	},
	zones: {
		shows:
			'How the buddy allocator stands. Each zone has its free pages and what they were of late, a line that holds them against the watermarks, and its free blocks of 1, 2, 4 … pages.',
		columns: [],
		signs: [
			column('▁▃▇', 'least free pages of each half second, from the least to the most on show'),
			column('━━ m l h', 'free pages, each doubling as long; the watermarks on that scale'),
			column('min', 'only allocations that may not fail go below it'),
			column('low', 'below it kswapd starts to reclaim'),
			column('high', 'at it kswapd stops'),
		],
	},
	page: {
		shows:
			'One page frame through every kind of address at once, with its flags, counts and users: the followed one, else the first behind what is selected.',
		columns: [],
		signs: [
			column('_count', 'who holds the frame; 0: free'),
			column('_mapcount', 'page-table entries that map it, less one'),
			column('pins', 'references that get_user_pages took'),
		],
	},
	log: {
		shows: 'The kernel log (dmesg). What Linux catches a driver doing wrong is printed here in its own words.',
		columns: [column('level', '0 emergency … 3 error, 4 warning, 6 information'), column('text', 'the message')],
		signs: [column('!', 'an error or BUG'), column('w', 'a warning')],
	},
};
