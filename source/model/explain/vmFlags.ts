/** Flags of an area. @see include/linux/mm.h of 2.6.11, 2.6.32, 3.2, 5.10 and 6.1 */

import {glossary} from './explanation.ts';

export const vmFlagWords = glossary({
	VM_READ: 'its pages may be read',
	VM_WRITE: 'its pages may be written to',
	VM_EXEC: 'its pages may be executed',
	VM_SHARED: 'a write is seen by everybody who maps the same object',
	VM_MAYREAD: 'mprotect() may allow reading',
	VM_MAYWRITE: 'mprotect() may allow writing',
	VM_MAYEXEC: 'mprotect() may allow executing',
	VM_MAYSHARE: 'mapped with MAP_SHARED: maps prints an s for it',
	VM_GROWSDOWN: 'a fault just below makes it longer: a stack',
	VM_PFNMAP: 'its entries are bare frame numbers, and struct pages are not counted: remap_pfn_range() made them',
	VM_DENYWRITE: 'the file cannot be opened for writing meanwhile (ETXTBSY)',
	VM_EXECUTABLE: 'it is the file of the program itself',
	VM_LOCKED: 'mlock() keeps its pages in memory',
	VM_IO: 'memory or registers of a device: left out of core dumps, and get_user_pages() refuses it',
	VM_SEQ_READ: 'madvise(MADV_SEQUENTIAL): read far ahead',
	VM_RAND_READ: 'madvise(MADV_RANDOM): read nothing ahead',
	VM_DONTCOPY: 'fork() does not give it to the child',
	VM_DONTEXPAND: 'mremap() may not make it longer',
	VM_RESERVED: 'the kernel leaves its pages where they are (until 3.7)',
	VM_LOCKONFAULT: 'mlock2(): pages are locked as they come',
	VM_ACCOUNT: 'its pages count as promised memory (overcommit)',
	VM_NORESERVE: 'its pages do not count as promised memory',
	VM_PAT: 'its cache mode is reserved with PAT',
	VM_INSERTPAGE: 'a driver put single pages into it with vm_insert_page()',
	VM_WIPEONFORK: 'a child finds zeros in it',
	VM_DONTDUMP: 'left out of core dumps',
	VM_MIXEDMAP: 'holds bare frame numbers and counted pages side by side',
	VM_PFN_AT_MMAP: 'remap_pfn_range() filled all of it in mmap()',
});
