/** What lives for one call: the kernel lays it on its stack and reads it back. */
import type {Structure} from './field.ts';

export const perCall = {
	vm_fault: {
		vma: {ldd3: null, '5.10': 'struct vm_area_struct *'},
		flags: 'unsigned int',
		pgoff: 'unsigned long',
		address: {ldd3: 'union { void *virtual_address; unsigned long $; }', '5.10': 'unsigned long'},
		page: 'struct page *',
		cow_page: {ldd3: null, '5.10': 'struct page *'},
		gfp_mask: {ldd3: null, '5.10': 'gfp_t'},
		pmd: {ldd3: null, '5.10': 'void *'},
		pte: {ldd3: null, '5.10': 'void *'},
	},
	iov_iter: {
		type: 'int',
		data_source: '_Bool',
		iov_offset: 'size_t',
		count: 'size_t',
		iov: 'const struct iovec *',
		nr_segs: 'unsigned long',
	},
	poll_table_struct: {_qproc: 'poll_queue_proc', _key: 'unsigned long'},
	io_event: {data: '__u64', obj: '__u64', res: '__s64', res2: '__s64'},
} as const satisfies Readonly<Record<string, Structure>>;
