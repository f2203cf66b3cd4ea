/** Flags of a struct page. @see include/linux/page-flags.h of 2.6.11 to 6.1 */

import {glossary} from './explanation.ts';

export const pageFlagWords = glossary({
	PG_locked: 'locked: I/O is under way, or somebody changes what it belongs to',
	PG_error: 'reading or writing it failed',
	PG_referenced: 'used since reclaim looked last',
	PG_uptodate: 'its bytes are valid',
	PG_dirty: 'changed since it was read: to be written back before it is reused',
	PG_lru: 'on a list of pages that reclaim goes through',
	PG_active: 'on the list of pages in frequent use',
	PG_slab: 'the slab allocator cuts it into objects, for kmalloc() too',
	PG_writeback: 'on its way to the disk',
	PG_reclaim: 'to be reclaimed as soon as it is written',
	PG_buddy: 'first of a free block',
	PG_head: 'first of a compound page',
	PG_tail: 'a later part of a compound page',
	PG_swapbacked: 'anonymous or shared memory: swap would be behind it, not a file',
	PG_unevictable: 'reclaim leaves it alone',
	PG_reserved: 'kept out of memory management: the kernel itself, a hole, or what a driver reserved',
	PG_mlocked: 'mlock() keeps it in memory',
	PG_mappedtodisk: 'its blocks on the disk are known',
	PG_private: 'private data hang on it: buffers of a file system',
	PG_swapcache: 'has a place in swap',
	PG_anon_exclusive: 'one process alone has it: it may write without a copy',
});
