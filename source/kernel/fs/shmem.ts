/**
 * Models mm/shmem.c (2.6.11 and later): files that live in memory alone. Shared anonymous mappings are files of this
 * kind, and so are those of a mounted tmpfs.
 *
 * Not modelled: swap (pages stay in memory until the file goes), limits of a mount, huge pages; a page that fallocate
 * made counts as data before anybody writes to it.
 */
import {PAGE_SIZE, type Pfn, userAddress} from '../../hardware/address.ts';
import {EFAULT, ENOMEM, EOPNOTSUPP, EPERM, IS_ERR} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {filemap_map_pages} from '../mm/fault_around.ts';
import {add_to_page_cache_lru, ERR_PTR, find_get_page} from '../mm/filemap.ts';
import {firstBytes, generic_file_aio_write, writePosition} from '../mm/filemap_rw.ts';
import {__GFP_ZERO, GFP_HIGHUSER} from '../mm/gfp.ts';
import {iov_length} from '../mm/iov_iter.ts';
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
import {inode_newsize_ok, punch_hole} from '../mm/truncate.ts';
import {copyPageToUser} from '../mm/usercopy.ts';
import type {Sleeps} from '../time.ts';
import {FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE} from './fallocate.ts';
import {
	type address_space_operations,
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
import {F_SEAL_GROW, F_SEAL_SEAL, mayMapSealed, type Sealed, sealsOf, WRITE_SEALS} from './seals.ts';
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
	isData: (_k, {pages}, index) => pages.has(index),
	nextData(_k, mapping, index) {
		let found: number | undefined;
		for (const page of mapping.pages.keys()) if (page >= index && page < (found ?? Infinity)) found = page;
		return found;
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

/** Writes as other files do, as far as seals allow. @returns also -EPERM. @see shmem_write_begin() */
function* shmem_file_aio_write(k: Kernel, iocb: kiocb, iov: readonly iovec[], from: number): Sleeps<number> {
	const {inode} = iocb.ki_filp;
	const seals = sealsOf(inode);
	const [pos, count] = [writePosition(iocb, from), iov_length(iov)];
	if (count > 0 && (seals & WRITE_SEALS) !== 0) return -EPERM;
	if ((seals & F_SEAL_GROW) === 0 || pos + count <= inode.i_size)
		return yield* generic_file_aio_write(k, iocb, iov, pos);
	// A page at a time: the one that would make the file longer is refused.
	const whole = Math.floor(inode.i_size / PAGE_SIZE) * PAGE_SIZE - pos;
	if (count > 0 && whole <= 0) return -EPERM;
	return yield* generic_file_aio_write(k, iocb, firstBytes(iov, Math.max(0, whole)), pos);
}

/** Makes pages for a range, or a hole (3.5 on). @returns 0, -EOPNOTSUPP, -EPERM (sealed), -EFBIG, -ENOMEM */
function* shmem_fallocate(k: Kernel, {inode}: file, mode: number, offset: number, length: number): Sleeps<number> {
	if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return -EOPNOTSUPP;
	const seals = sealsOf(inode);
	if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0) {
		if ((seals & WRITE_SEALS) !== 0) return -EPERM;
		yield* punch_hole(k, inode, offset, length);
		return 0;
	}
	const error = inode_newsize_ok(k, inode, offset + length);
	if (error < 0) return error;
	if ((seals & F_SEAL_GROW) !== 0 && offset + length > inode.i_size) return -EPERM;
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
	aio_write: shmem_file_aio_write,
	*fsync() {
		return 0;
	},
	*mmap(k, {inode}, vma) {
		const error = mayMapSealed(k, inode, vma);
		if (error === 0) vma.vm_ops = shmem_vm_ops;
		return error;
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
		i_private: {seals: F_SEAL_SEAL} satisfies Sealed,
		i_blocks: () => inode.i_mapping.pages.size * (PAGE_SIZE / 512),
	});
	return inode;
}
