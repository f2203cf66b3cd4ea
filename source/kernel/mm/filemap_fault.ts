/**
 * Models the mmap side of mm/filemap.c: filemap_fault (filemap_nopage in 2.6.11) and generic_file_mmap.
 *
 * Not modelled: madvise hints, read-ahead around mapped reads beyond the usual window, VM_FAULT_RETRY.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {ENOEXEC, ENOMEM, IS_ERR} from '../errno.ts';
import type {file} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {filemap_map_pages} from './fault_around.ts';
import {find_get_page, read_cache_page} from './filemap.ts';
import {
	type FaultResult,
	VM_FAULT_MAJOR,
	VM_FAULT_OOM,
	VM_FAULT_SIGBUS,
	type vm_area_struct,
	type vm_fault,
	type vm_operations_struct,
} from './mm_types.ts';
import {PageUptodate} from './page.ts';
import {put_page} from './page_alloc.ts';
import {page_cache_readahead} from './readahead.ts';

/**
 * Finds or reads the page of a file that a mapping faults on; may sleep for the disk.
 * @returns VM_FAULT_ bits; the page comes with a reference
 */
export function* filemap_fault(k: Kernel, vma: vm_area_struct, vmf: vm_fault): Sleeps<FaultResult> {
	traceCall(k, 'filemap_fault', 'do_fault');
	const file = vma.vm_file!;
	const {inode} = file;
	if (isBeyondEnd(inode.i_size, vmf.pgoff)) return VM_FAULT_SIGBUS;
	const cached = find_get_page(k, inode.i_mapping, vmf.pgoff);
	if (cached !== undefined && PageUptodate(k, cached)) {
		k.filemap.hits++;
		vmf.page = cached;
		return 0;
	}
	if (cached !== undefined) put_page(k, cached);
	else yield* page_cache_readahead(k, inode.i_mapping, file, vmf.pgoff, 1);
	k.filemap.misses++;
	const frame = yield* read_cache_page(k, inode.i_mapping, vmf.pgoff);
	if (IS_ERR(frame)) return frame === -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	if (isBeyondEnd(inode.i_size, vmf.pgoff)) {
		put_page(k, frame);
		return VM_FAULT_SIGBUS;
	}
	vmf.page = frame;
	return VM_FAULT_MAJOR;
}

const isBeyondEnd = (sizeBytes: number, pgoff: number) => pgoff >= Math.ceil(sizeBytes / PAGE_SIZE);

const generic_file_vm_ops: vm_operations_struct = {
	name: 'generic_file_vm_ops',
	canNonlinear: true,
	fault: filemap_fault,
	map_pages: filemap_map_pages,
};

/** The mmap method of files that can be read page by page. @returns 0, or -ENOEXEC where they cannot */
export function* generic_file_mmap(_k: Kernel, file: file, vma: vm_area_struct): Sleeps<number> {
	if (!file.inode.a_ops?.readpage) return -ENOEXEC;
	vma.vm_ops = generic_file_vm_ops;
	return 0;
}
