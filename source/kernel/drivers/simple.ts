/**
 * The book's driver `simple` (LDD3 ch. 15): device memory in user space, mapped all at once or page by page as it is
 * touched; and, beside it, two drivers that leave the work undone, and one for memory that has no struct page.
 *
 *   /dev/simple0   mmap calls remap_pfn_range: all entries are there at once, there is no fault method
 *   /dev/simple1   the fault method finds the page
 *   /dev/simple2   vm_ops without a fault method, and nothing mapped
 *   /dev/simple3   mmap does nothing at all: vm_ops stays NULL
 *   /dev/simple4   the fault method enters the frame itself (vmf_insert_pfn) and answers VM_FAULT_NOPAGE
 *
 * The offset of a mapping is the physical address. Not modelled: O_SYNC's uncached mappings.
 */
import {PAGE_SHIFT, pageAlignDown, pfn, userAddress} from '../../hardware/address.ts';
import {EAGAIN, EINVAL} from '../errno.ts';
import {register_chrdev} from '../fs/char_dev.ts';
import type {file, file_operations} from '../fs/file.ts';
import {mknod} from '../fs/vfs.ts';
import type {Kernel} from '../kernel.ts';
import {
	type FaultResult,
	VM_FAULT_SIGBUS,
	VM_IO,
	VM_PFNMAP,
	VM_SHARED,
	type vm_area_struct,
	type vm_fault,
	type vm_operations_struct,
} from '../mm/mm_types.ts';
import {get_page, pfn_to_page, pfn_valid} from '../mm/page.ts';
import {remap_pfn_range, vmf_insert_pfn} from '../mm/remap.ts';
import {printk} from '../printk.ts';
import type {Sleeps} from '../time.ts';

function simple_vma_open(k: Kernel, vma: vm_area_struct): void {
	const physical = (vma.vm_pgoff * 2 ** PAGE_SHIFT).toString(16);
	printk(k, 5, `simple: VMA opened, virtual 0x${vma.vm_start.toString(16)}, physical 0x${physical}`);
}

function simple_vma_close(k: Kernel, _vma: vm_area_struct): void {
	printk(k, 5, 'simple: VMA closed');
}

const simple_remap_vm_ops: vm_operations_struct = {
	name: 'simple_remap_vm_ops',
	open: simple_vma_open,
	close: simple_vma_close,
};

/** LDD3 page 425. @returns 0 or -EAGAIN */
function* simple_remap_mmap(k: Kernel, _file: file, vma: vm_area_struct): Sleeps<number> {
	const sizeBytes = vma.vm_end - vma.vm_start;
	if (remap_pfn_range(k, vma, vma.vm_start, pfn(vma.vm_pgoff), sizeBytes, vma.vm_page_prot) !== 0) return -EAGAIN;
	vma.vm_ops = simple_remap_vm_ops;
	// mmap itself does not call open.
	simple_vma_open(k, vma);
	return 0;
}

/**
 * Finds the page at an offset that is a physical address; what is no memory of the machine has no page. LDD3 page 428.
 */
function* simple_vma_fault(k: Kernel, _vma: vm_area_struct, vmf: vm_fault): Sleeps<FaultResult> {
	if (!pfn_valid(k, vmf.pgoff)) return VM_FAULT_SIGBUS;
	vmf.page = pfn_to_page(k, vmf.pgoff);
	get_page(k, vmf.page);
	return 0;
}

const simple_fault_vm_ops: vm_operations_struct = {
	name: 'simple_fault_vm_ops',
	open: simple_vma_open,
	close: simple_vma_close,
	fault: simple_vma_fault,
};

function* simple_fault_mmap(k: Kernel, _file: file, vma: vm_area_struct): Sleeps<number> {
	if (vma.vm_pgoff * 2 ** PAGE_SHIFT >= k.layout.max_low_pfn * 2 ** PAGE_SHIFT) vma.vm_flags |= VM_IO;
	vma.vm_flags |= k.era.driverReservedFlags;
	vma.vm_ops = simple_fault_vm_ops;
	simple_vma_open(k, vma);
	return 0;
}

/** Enters the frame at an offset that is a physical address, be it memory of the machine or not. */
function* simple_pfn_fault(k: Kernel, vma: vm_area_struct, vmf: vm_fault): Sleeps<FaultResult> {
	return vmf_insert_pfn(k, vma, userAddress(pageAlignDown(vmf.virtual_address)), pfn(vmf.pgoff));
}

const simple_pfn_vm_ops: vm_operations_struct = {
	name: 'simple_pfn_vm_ops',
	open: simple_vma_open,
	close: simple_vma_close,
	fault: simple_pfn_fault,
};

/** What is mapped has no struct page, so a private copy of it could not be told from it. @returns 0 or -EINVAL */
function* simple_pfn_mmap(k: Kernel, _file: file, vma: vm_area_struct): Sleeps<number> {
	if ((vma.vm_flags & VM_SHARED) === 0) return -EINVAL;
	vma.vm_flags |= VM_IO | VM_PFNMAP | k.era.driverReservedFlags;
	vma.vm_ops = simple_pfn_vm_ops;
	simple_vma_open(k, vma);
	return 0;
}

const simple_faultless_vm_ops: vm_operations_struct = {
	name: 'simple_faultless_vm_ops',
	open: simple_vma_open,
	close: simple_vma_close,
};

const MMAPS: readonly file_operations['mmap'][] = [
	simple_remap_mmap,
	simple_fault_mmap,
	function* (k, _file, vma) {
		vma.vm_ops = simple_faultless_vm_ops;
		simple_vma_open(k, vma);
		return 0;
	},
	function* () {
		return 0;
	},
	simple_pfn_mmap,
];

/** The methods of one of the devices; open() of the driver chooses by the minor number. */
const fopsOfMinor = MMAPS.map(
	(mmap, minor): file_operations => ({name: `simple${minor}_fops`, ...(mmap ? {mmap} : {})}),
);

const simple_fops: file_operations = {
	name: 'simple_fops',
	*open(_k, inode, file) {
		file.f_op = fopsOfMinor[inode.i_rdev!.minor]!;
		return 0;
	},
};

/** Loads the driver and makes its nodes. @returns its major number, or -EBUSY */
export function simple_init(k: Kernel): number {
	const major = register_chrdev(k, 0, 'simple', simple_fops);
	if (major > 0)
		for (let minor = 0; minor < MMAPS.length; minor++) mknod(k, `/dev/simple${minor}`, 'chrdev', {major, minor});
	return major;
}
