/**
 * Models mm/shmem.c (2.6.11 and later): files that live in memory alone. Shared anonymous mappings are files of this
 * kind, and so are those of a mounted tmpfs.
 *
 * Not modelled: swap (pages stay in memory until the file goes), limits of a mount, huge pages, seals.
 */
import {PAGE_SIZE, type Pfn, userAddress} from '../../hardware/address.ts';
import {strndup_user} from '../call_frame.ts';
import {EFAULT, EINVAL, EMFILE, ENOMEM, ENOSYS, IS_ERR} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {filemap_map_pages} from '../mm/fault_around.ts';
import {add_to_page_cache_lru, ERR_PTR, find_get_page} from '../mm/filemap.ts';
import {generic_file_aio_write} from '../mm/filemap_rw.ts';
import {__GFP_ZERO, GFP_HIGHUSER} from '../mm/gfp.ts';
import {
	type FaultResult,
	VM_FAULT_OOM,
	VM_FAULT_SIGBUS,
	type vm_area_struct,
	type vm_fault,
	type vm_operations_struct,
} from '../mm/mm_types.ts';
import {get_page, PG_swapbacked, PG_uptodate, setPageFlag} from '../mm/page.ts';
import {alloc_pages, put_page} from '../mm/page_alloc.ts';
import {unlock_page} from '../mm/page_lock.ts';
import {set_page_dirty} from '../mm/page-writeback.ts';
import {punch_hole} from '../mm/truncate.ts';
import {copyPageToUser} from '../mm/usercopy.ts';
import {rlimit} from '../resource.ts';
import type {Sleeps} from '../time.ts';
import {FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE} from './fadvise.ts';
import {
	type address_space_operations,
	fd_install,
	type file,
	type file_operations,
	type inode,
	type iovec,
	O_RDWR,
} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {type DeviceNumber, new_inode} from './inode.ts';
import type {kiocb} from './kiocb.ts';
import {do_sync_read, do_sync_write} from './read_write.ts';
import type {vfsmount} from './vfs.ts';

/**
 * The page of a file of shmem, made of zeros if it is not there; may sleep for memory.
 * @returns a frame with a reference, or ERR_PTR(-ENOMEM)
 */
export function* shmem_getpage(k: Kernel, inode: inode, index: number): Sleeps<Pfn> {
	const mapping = inode.i_mapping;
	for (;;) {
		const found = find_get_page(k, mapping, index);
		if (found !== undefined) return found;
		const frame = yield* alloc_pages(k, GFP_HIGHUSER | __GFP_ZERO, 0);
		if (frame === undefined) return ERR_PTR(-ENOMEM);
		setPageFlag(k, frame, PG_swapbacked);
		if (add_to_page_cache_lru(k, frame, mapping, index) === 0) {
			setPageFlag(k, frame, PG_uptodate);
			unlock_page(k, frame);
			return frame;
		}
		// Somebody was faster while we slept for memory.
		put_page(k, frame);
	}
}

function* shmem_fault(k: Kernel, vma: vm_area_struct, vmf: vm_fault): Sleeps<FaultResult> {
	const {inode} = vma.vm_file!;
	if (vmf.pgoff >= Math.ceil(inode.i_size / PAGE_SIZE)) return VM_FAULT_SIGBUS;
	const frame = yield* shmem_getpage(k, inode, vmf.pgoff);
	if (IS_ERR(frame)) return VM_FAULT_OOM;
	vmf.page = frame;
	return 0;
}

export const shmem_vm_ops: vm_operations_struct = {
	name: 'shmem_vm_ops',
	canNonlinear: true,
	fault: shmem_fault,
	map_pages: filemap_map_pages,
};

/** Pages are in memory or they are holes: reading one from a store makes zeros, writing one back does not happen. */
const shmem_aops: address_space_operations = {
	inMemoryOnly: true,
	*readpage(k, _mapping, _index, frame) {
		k.hw.ram.clearPage(frame);
		setPageFlag(k, frame, PG_swapbacked);
		setPageFlag(k, frame, PG_uptodate);
		unlock_page(k, frame);
		return 0;
	},
	*writepage(k, _mapping, _index, frame) {
		set_page_dirty(k, frame);
		unlock_page(k, frame);
		return 0;
	},
	*prepare_write(k, mapping, index) {
		const frame = yield* shmem_getpage(k, mapping.host, index);
		if (IS_ERR(frame)) return frame;
		put_page(k, frame);
		return 0;
	},
};

/** Reads without making pages: a hole is zeros. */
function* shmem_file_aio_read(k: Kernel, iocb: kiocb, iov: readonly iovec[], pos: number): Sleeps<number> {
	const {inode} = iocb.ki_filp;
	let done = 0;
	for (const {iov_base, iov_len} of iov) {
		for (let used = 0; used < iov_len && pos + done < inode.i_size; ) {
			const at = pos + done;
			const offset = at % PAGE_SIZE;
			const length = Math.min(PAGE_SIZE - offset, iov_len - used, inode.i_size - at);
			const found = find_get_page(k, inode.i_mapping, (at - offset) / PAGE_SIZE);
			const frame = found ?? k.layout.empty_zero_page;
			if (found === undefined) get_page(k, frame);
			const missed = yield* copyPageToUser(k, frame, offset, userAddress(iov_base + used), length);
			put_page(k, frame);
			done += length - missed;
			used += length - missed;
			if (missed > 0) return done || -EFAULT;
		}
	}
	return done;
}

/** Makes pages for a range, or a hole (3.5 on). */
function* shmem_fallocate(k: Kernel, {inode}: file, mode: number, offset: number, length: number): Sleeps<number> {
	if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0) {
		yield* punch_hole(k, inode, offset, length);
		return 0;
	}
	for (let index = Math.floor(offset / PAGE_SIZE); index * PAGE_SIZE < offset + length; index++) {
		const frame = yield* shmem_getpage(k, inode, index);
		if (IS_ERR(frame)) return frame;
		put_page(k, frame);
	}
	if ((mode & FALLOC_FL_KEEP_SIZE) === 0) inode.i_size = Math.max(inode.i_size, offset + length);
	return 0;
}

const shmem_file_operations: file_operations = {
	name: 'shmem_file_operations',
	read: do_sync_read,
	write: do_sync_write,
	aio_read: shmem_file_aio_read,
	aio_write: generic_file_aio_write,
	*fsync() {
		return 0;
	},
	*mmap(_k, _file, vma) {
		vma.vm_ops = shmem_vm_ops;
		return 0;
	},
	fallocate: shmem_fallocate,
};

/**
 * Makes an open file of memory that has no name in the tree; it goes with its last reference.
 * @param name as maps shows it, after a slash and before " (deleted)": `dev/zero` for shared anonymous memory
 */
export function shmem_file_setup(k: Kernel, name: string, sizeBytes: number): file {
	const s_dev = {major: 0, minor: k.era.shmemDeviceMinor};
	return get_empty_filp(k, `/${name} (deleted)`, shmemInode(k, s_dev, sizeBytes, 0), O_RDWR);
}

/** A filesystem of memory for the tree. @param s_dev its anonymous device */
export const tmpfs = (path: string, s_dev: DeviceNumber): vfsmount => ({
	path,
	s_dev,
	create: k => shmemInode(k, s_dev, 0, 1),
});

function shmemInode(k: Kernel, s_dev: DeviceNumber, sizeBytes: number, i_nlink: number): inode {
	const inode: inode = new_inode(k, {
		kind: 'shmem',
		s_dev,
		i_fop: shmem_file_operations,
		a_ops: shmem_aops,
		i_size: sizeBytes,
		i_nlink,
		i_blocks: () => inode.i_mapping.pages.size * (PAGE_SIZE / 512),
	});
	return inode;
}

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_HUGETLB = 4;
/** MFD_NOEXEC_SEAL and MFD_EXEC, 6.3 and later. */
const MFD_EXEC_FLAGS = 0x18;
const MFD_NAME_MAX_LEN = 249;

/**
 * An open file of memory with a name that only maps and fd show (3.17 on).
 * @returns its descriptor, -EINVAL, -EMFILE, -EFAULT, -ENOSYS for huge pages
 */
export function* sys_memfd_create(k: Kernel, uname: number, flags: number): Sleeps<number> {
	const known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | (k.era.memfdSaysExec ? MFD_EXEC_FLAGS : 0);
	if ((flags & ~known) !== 0 || (flags & MFD_EXEC_FLAGS) === MFD_EXEC_FLAGS) return -EINVAL;
	const name = yield* strndup_user(k, uname);
	if (typeof name === 'number') return name === -EFAULT ? name : -EINVAL;
	if (name.length > MFD_NAME_MAX_LEN) return -EINVAL;
	const {files} = k.cpu.current;
	if (files.fds.size >= rlimit(k, 'nofile')) return -EMFILE;
	if ((flags & MFD_HUGETLB) !== 0) return -ENOSYS;
	return fd_install(files, shmem_file_setup(k, `memfd:${name}`, 0), (flags & MFD_CLOEXEC) !== 0);
}
