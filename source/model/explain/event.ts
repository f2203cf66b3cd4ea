/**
 * A line of the trace: what happened, and what its words stand for. @see include/trace/events/*.h, 6.1; events that
 * Linux does not have carry the name of the function that they stand in
 */

import type {TraceLine} from '../../formats/debugfs/tracing/trace.ts';
import {seconds} from '../../formats/text.ts';
import {argumentFields, resultField} from './call.ts';
import {type ExplainedField, type Explanation, field, glossary} from './explanation.ts';
import {gfpSays} from './gfp.ts';

const eventWords = glossary({
	aio_complete: 'the result of a request goes into the ring of its context',
	aio_get_req: 'io_submit() made a kiocb',
	aio_put_req: 'the kiocb is given back',
	aio_run_iocb: 'the driver’s method is called for a request',
	block_bio_backmerge: 'a request grows at its end: fewer transfers',
	block_bio_bounce: 'a page that the device cannot reach gets a copy below its limit',
	block_bio_complete: 'a piece of block I/O is done',
	block_bio_queue: 'a piece of block I/O goes to the queue of a disk',
	block_getrq: 'a request is made for a piece of block I/O',
	block_plug: 'the queue waits for more, to join neighbours',
	block_rq_complete: 'the disk is done with a request',
	block_rq_issue: 'the driver of the disk gets a request',
	block_unplug: 'the queue goes to work',
	blockdev_direct_IO: 'direct I/O begins, past the page cache',
	cancel_dirty_page: 'a changed page is thrown away with its file',
	console: 'a message went to the kernel log',
	copy_page_range: 'fork() copies entries of page tables; pages themselves are shared until one writes',
	copy_process: 'fork() makes a task',
	dio_bio_end_io: 'a piece of direct I/O is done',
	dio_refill_pages: 'direct I/O takes hold of pages of the user’s buffer',
	dma_alloc: 'memory that a driver shares with its device',
	dma_alloc_coherent: 'memory that a driver shares with its device',
	dma_free: 'memory that a driver shares with its device is given back',
	dma_free_coherent: 'memory that a driver shares with its device is given back',
	dma_map_page: 'a buffer is made ready for a device and given a bus address',
	dma_map_resource: 'registers of a device are made ready for another device',
	dma_map_sg: 'a list of pages is made ready for a device',
	dma_pool_alloc: 'a block of a DMA pool is taken',
	dma_pool_create: 'a driver makes a DMA pool',
	dma_pool_destroy: 'a driver gives up a DMA pool',
	dma_pool_free: 'a block of a DMA pool is given back',
	dma_unmap_page: 'a buffer is unmapped: it belongs to the processor again',
	dma_unmap_resource: 'registers of a device are no longer mapped for another device',
	dma_unmap_sg: 'a list of pages is unmapped: they belong to the processor again',
	do_generic_file_read: 'a read goes through the page cache',
	do_mmap_pgoff: 'an area is mapped',
	do_mremap: 'an area is moved or gets another length',
	do_munmap: 'a part of the address space is unmapped',
	do_wp_page: 'a write to a page that others see: it is copied',
	elv_next_request: 'the request is at the disk now',
	end_page_writeback: 'the page is on the disk',
	exit_group: 'a process ends, with all its threads',
	exit_mmap: 'the address space of a process that ended goes',
	expand_stack: 'a fault just below a stack makes it longer',
	filemap_fault: 'a page of a mapped file is looked for in the page cache',
	get_user_pages: 'a page of a process is held in memory for a driver or for direct I/O',
	handle_mm_fault: 'the kernel brings in a page for a fault',
	init_sync_kiocb: 'a plain read or write goes through a kiocb, too',
	io_submit_one: 'io_submit() takes one request',
	irq_handler_entry: 'an interrupt handler begins',
	irq_handler_exit: 'an interrupt handler ends, and says whether it was its device',
	kfree: 'memory of kmalloc() is given back',
	kmalloc: 'the kernel allocates some bytes for itself',
	kmap: 'a page of high memory gets a window that lasts until kunmap()',
	kmap_atomic: 'a page of high memory gets a window for a moment, in a slot of this CPU',
	kunmap: 'the window of a page of high memory is given back',
	kunmap_atomic: 'a slot of kmap_atomic() is free again',
	mm_filemap_add_to_page_cache: 'a page becomes part of the cache of a file',
	mm_filemap_delete_from_page_cache: 'a page leaves the cache of its file',
	mm_page_alloc: 'page frames are taken from the free lists',
	mm_page_free: 'page frames go back to the free lists',
	mm_page_free_batched: 'page frames go back to the free lists, as one of many',
	mm_vmscan_direct_reclaim_begin: 'an allocation must free memory itself first',
	mm_vmscan_direct_reclaim_end: 'the task has freed some memory for its own allocation',
	mm_vmscan_kswapd_wake: 'free memory is low: kswapd begins to free some',
	mmap_lock_acquire_returned: 'the lock of the address space is held now',
	mmap_lock_released: 'the lock of the address space is given back',
	mmap_lock_start_locking: 'the lock of the address space is asked for',
	move_page_tables: 'mremap() moves entries of page tables to another address',
	mprotect_fixup: 'an area gets other permissions',
	netif_receive_skb: 'a packet comes from a network card',
	page_cache_release: 'a reference to a page is given back: of get_user_pages(), or of a lookup',
	page_fault_user: 'a process touched an address whose page is not there, or not for that',
	releaseSyncKiocb: 'a plain read or write is done',
	remove_vma: 'an area is given up',
	rss_stat: 'a process has more pages, or fewer',
	sched_process_exec: 'a process runs another program from now on',
	sched_process_exit: 'a process ends',
	sched_process_fork: 'a process makes another',
	sched_switch: 'the CPU goes on with another task',
	set_page_dirty: 'the page differs from what is on the disk',
	set_page_writeback: 'the page is on its way to the disk',
	signal_deliver: 'a signal reaches its process',
	softirq_entry: 'a softirq begins: work that an interrupt left for later',
	softirq_exit: 'a softirq ends',
	softirq_raise: 'an interrupt leaves work for later',
	split_vma: 'an area becomes two, for its parts will differ',
	submit_bio: 'the request is handed to the block layer',
	try_to_unmap: 'reclaim takes a page away from those who map it',
	vm_insert_page: 'a driver puts a page into an area',
	vm_unmapped_area: 'a place in the address space is looked for',
	vma_adjust: 'an area gets another beginning or end',
	vma_link: 'an area is put into the address space',
	vma_merge: 'areas that behave alike become one',
	workqueue_execute_end: 'a work is done',
	workqueue_execute_start: 'a work that was left for a thread begins',
	workqueue_queue_work: 'a work is left for a thread',
	zap_page_range: 'entries of page tables are cleared, and their pages given back',
});

/** What the bits of an error code that the processor pushes say. @see arch/i386/mm/fault.c do_page_fault() */
function faultSays(text: string): string {
	const code = Number(text);
	if (!Number.isInteger(code)) return '';
	const what = (code & 16) !== 0 ? 'an instruction is fetched' : (code & 2) !== 0 ? 'a write' : 'a read';
	const who = (code & 4) !== 0 ? 'by a process' : 'by the kernel';
	return `${what} ${who}; ${(code & 1) !== 0 ? 'the page is there and does not allow that' : 'the page was not there'}`;
}

const directions = glossary({
	DMA_BIDIRECTIONAL: 'both ways',
	DMA_TO_DEVICE: 'from memory to the device',
	DMA_FROM_DEVICE: 'from the device to memory',
	DMA_NONE: 'no way',
});

const keyWords = glossary({
	address: 'that was touched',
	bytes_alloc: 'that the cache gives',
	bytes_req: 'that were asked for',
	dma_addr: 'bus address that the device sees',
	ents: 'pieces that the list came to for the device',
	id: 'number of the kiocb',
	ino: 'number of the file',
	ip: 'of the instruction',
	irq: 'line of the interrupt',
	mm: 'number of the address space',
	mm_id: 'number of the address space',
	nents: 'pieces of the list',
	next_comm: 'name of the task that goes on',
	next_pid: 'its number',
	ofs: 'byte of the file',
	order: 'two to this power are the pages',
	page: 'address of the struct page',
	pfn: 'number of the page frame',
	phys_addr: 'physical address of the buffer',
	ptr: 'kernel logical address of the memory',
	size: 'bytes',
	slot: 'of kmap_atomic, on this CPU',
	state: 'how far the request is',
	success: 'whether it was got',
	vec: 'number of the softirq',
	write: 'for writing, which excludes all others',
});

function keySays(key: string, value: string): readonly string[] {
	if (key === 'gfp_flags') return gfpSays(value);
	if (key === 'error_code') return [faultSays(value)];
	if (key === 'dir') return [directions.get(value) ?? ''];
	if (key === 'order') return [`2^${value}: ${2 ** Number(value)} ${Number(value) === 0 ? 'page' : 'pages in a row'}`];
	return [keyWords.get(key) ?? ''];
}

/** Letters of a block request. @see kernel/trace/blktrace.c fill_rwbs() */
const requestLetters = glossary({
	R: 'read',
	W: 'write',
	D: 'discard',
	F: 'flush',
	S: 'somebody waits for it',
	A: 'read ahead',
	M: 'about the file system itself',
	N: 'no data',
});

function blockFields(text: string): readonly ExplainedField[] {
	const [, dev, letters, rest] = /^(\d+,\d+) ([A-Z]+) (.*)$/.exec(text) ?? [];
	if (dev === undefined || letters === undefined || rest === undefined) return [field('text', text)];
	const [, sector, sectors] = /(\d+) \+ (\d+)/.exec(rest) ?? [];
	return [
		field('device', dev, 'major,minor'),
		field('kind', letters, [...letters].map(letter => requestLetters.get(letter) ?? letter).join(', ')),
		...(sector === undefined
			? []
			: [field('sectors', `${sector} + ${sectors}`, `from sector ${sector} on, ${Number(sectors) * 512} bytes`)]),
	];
}

function eventFields(event: string, text: string): readonly ExplainedField[] {
	if (event.startsWith('block_') && /^\d+,\d+ /.test(text)) return blockFields(text);
	const pairs = [...text.matchAll(/(\w+)=(.*?)(?= \w+=|$)/g)];
	if (pairs.length === 0) return text === '' ? [] : [field('text', text)];
	const before = text.slice(0, pairs[0]!.index).trim();
	return [
		...(before === '' ? [] : [field('of', before)]),
		...pairs.map(([, key, value]) => field(key!, value!, ...keySays(key!, value!))),
	];
}

/** What an event means, in a sentence; empty for one without words. */
export const eventSays = (event: string): string => eventWords.get(event) ?? '';

function bodyFields(line: TraceLine): readonly ExplainedField[] {
	switch (line.kind) {
		case 'event':
			return [field('event', line.event, eventSays(line.event)), ...eventFields(line.event, line.text)];
		case 'syscall':
			return [field('call', line.syscall, 'a system call begins'), ...argumentFields(line.syscall, line.arguments)];
		case 'sysret':
			return [field('call', line.syscall, 'a system call returns'), resultField(line.result)];
		case 'function':
			return [field('function', line.function, 'begins'), field('caller', line.caller, 'called it')];
		case 'lost':
			return [
				field(
					'lost',
					`${line.events ?? 'some'} events`,
					`of cpu${line.cpu}: they were overwritten before anybody read them`,
				),
			];
		case 'graph':
			return [
				field('function', line.function ?? '', line.call === 'close' ? 'ends' : 'begins'),
				field('cpu', String(line.cpu)),
			];
		case 'interrupt':
			return [field('interrupt', line.edge, `on cpu${line.cpu}`)];
		default:
			return [field('text', line.text)];
	}
}

/** @see kernel/trace/trace_output.c trace_print_lat_fmt() */
const contexts = glossary({
	h: 'in an interrupt',
	H: 'in an interrupt, which came in a softirq',
	z: 'in an NMI',
	Z: 'in an NMI, which came in an interrupt',
	s: 'in a softirq',
	'.': 'for the task itself',
});

function flagSays(flags: string): string {
	const [irqs = '.', resched = '.', context = '.', depth = '.'] = flags;
	return [
		irqs === 'd' ? 'interrupts are off' : 'interrupts are on',
		...(resched === '.' ? [] : ['another task waits for the CPU']),
		...(contexts.has(context) ? [contexts.get(context)] : []),
		...(depth === '.' ? [] : [`preemption is off, ${depth} deep`]),
	].join('; ');
}

export function explainTraceLine(line: TraceLine): Explanation {
	if (!('pid' in line)) return {title: 'a line of the trace', fields: bodyFields(line)};
	const {comm, pid, cpu, timeUs, flags} = line;
	const isIdle = pid === 0;
	return {
		title: `trace of ${seconds(timeUs)} s`,
		fields: [
			...bodyFields(line),
			field(
				'task',
				`${comm}-${pid}`,
				isIdle ? 'the CPU was idle: an interrupt or a softirq did it' : 'ran on the CPU then',
			),
			field('cpu', String(cpu)),
			...(flags === null ? [] : [field('flags', flags, flagSays(flags))]),
		],
	};
}
