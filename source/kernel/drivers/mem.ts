/**
 * Models drivers/char/mem.c (2.6.11 and later): /dev/mem, /dev/null, /dev/zero.
 *
 * Not modelled: /dev/kmem, /dev/port, /dev/full, /dev/random; memory types (MTRR, PAT).
 */
import {PAGE_SIZE, pfn, physicalAddress, type UserAddress, userAddress} from '../../hardware/address.ts';
import {EAGAIN, EFAULT, ENXIO, EPERM} from '../errno.ts';
import {register_chrdev} from '../fs/char_dev.ts';
import {type file, type file_operations, type iovec, O_DSYNC} from '../fs/file.ts';
import type {kiocb} from '../fs/kiocb.ts';
import {shmem_file_setup, shmem_vm_ops} from '../fs/shmem.ts';
import {mknod} from '../fs/vfs.ts';
import type {Kernel} from '../kernel.ts';
import {VM_SHARED, type vm_area_struct} from '../mm/mm_types.ts';
import {pgprot_noncached, remap_pfn_range, zeromap_page_range} from '../mm/remap.ts';
import {clear_user, copy_from_user, copy_to_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';

const MEM_MAJOR = 1;
/** RAM below it is open to /dev/mem even where the rest is guarded: the BIOS lies there. */
const GUARDED_FROM = 0x10_0000;

// ── /dev/mem ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The kernel reads it by logical address, so it ends where low memory does. */
const valid_phys_addr_range = (k: Kernel, address: number, count: number) =>
	address + count <= k.layout.max_low_pfn * PAGE_SIZE;

/** Whether any of it is RAM above the BIOS. @see devmem_is_allowed() */
const isGuarded = (k: Kernel, address: number, count: number) =>
	k.era.devMemIsGuarded &&
	k.hw.ram.banks.some(bank => Math.max(address, bank.start, GUARDED_FROM) < Math.min(address + count, bank.end));

function* read_mem(k: Kernel, _file: file, buffer: UserAddress, wanted: number, pos: number): Sleeps<number> {
	const count = Math.min(wanted, Math.max(0, k.layout.max_low_pfn * PAGE_SIZE - pos));
	if (count <= 0 || !valid_phys_addr_range(k, pos, count)) return -EFAULT;
	if (isGuarded(k, pos, count)) return -EPERM;
	const bytes = k.hw.ram.read(physicalAddress(pos), count);
	return (yield* copy_to_user(k, buffer, bytes)) > 0 ? -EFAULT : count;
}

function* write_mem(k: Kernel, _file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	if (!valid_phys_addr_range(k, pos, count)) return -EFAULT;
	if (isGuarded(k, pos, count)) return -EPERM;
	const bytes = new Uint8Array(count);
	if ((yield* copy_from_user(k, bytes, buffer)) > 0) return -EFAULT;
	k.hw.ram.write(physicalAddress(pos), bytes);
	return count;
}

/**
 * Maps physical memory: uncached for a file that was opened with O_SYNC. Else caching is left to the MTRRs, which every
 * CPU since the Pentium Pro has. @see uncached_access(), phys_mem_access_prot_allowed()
 * @returns 0, -EPERM, -EAGAIN
 */
function* mmap_mem(k: Kernel, file: file, vma: vm_area_struct): Sleeps<number> {
	const sizeBytes = vma.vm_end - vma.vm_start;
	if (isGuarded(k, vma.vm_pgoff * PAGE_SIZE, sizeBytes)) return -EPERM;
	if ((file.f_flags & O_DSYNC) !== 0) vma.vm_page_prot = pgprot_noncached(vma.vm_page_prot);
	return remap_pfn_range(k, vma, vma.vm_start, pfn(vma.vm_pgoff), sizeBytes, vma.vm_page_prot) === 0 ? 0 : -EAGAIN;
}

const mem_fops: file_operations = {name: 'mem_fops', read: read_mem, write: write_mem, mmap: mmap_mem};

// ── /dev/null, /dev/zero ───────────────────────────────────────────────────────────────────────────────────────────

function* read_null(): Sleeps<number> {
	return 0;
}

function* write_null(_k: Kernel, _file: file, _buffer: UserAddress, count: number): Sleeps<number> {
	return count;
}

const totalLength = (iov: readonly iovec[]) => iov.reduce((sum, each) => sum + each.iov_len, 0);

function* aio_write_null(_k: Kernel, _iocb: kiocb, iov: readonly iovec[]): Sleeps<number> {
	return totalLength(iov);
}

/** Zeroes user memory as far as it can. @returns bytes zeroed, or -EFAULT when none */
function* read_zero(k: Kernel, _file: file, buffer: UserAddress, count: number): Sleeps<number> {
	let done = 0;
	while (done < count) {
		const length = Math.min(PAGE_SIZE, count - done);
		const missed = yield* clear_user(k, userAddress(buffer + done), length);
		done += length - missed;
		if (missed > 0) return done || -EFAULT;
	}
	return done;
}

function* aio_read_zero(k: Kernel, iocb: kiocb, iov: readonly iovec[]): Sleeps<number> {
	let done = 0;
	for (const {iov_base, iov_len} of iov) {
		const read = yield* read_zero(k, iocb.ki_filp, iov_base, iov_len);
		if (read < 0) return done || read;
		done += read;
	}
	return done;
}

/** Private: anonymous memory under a file's name. Shared: a file of shmem of its own. @returns 0 or -EAGAIN */
function* mmap_zero(k: Kernel, _file: file, vma: vm_area_struct): Sleeps<number> {
	if ((vma.vm_flags & VM_SHARED) === 0) {
		// vma_set_anonymous(): newer kernels give every mapping of a file methods before they ask its driver.
		vma.vm_ops = null;
		return k.era.privateZeroMapsAtOnce && zeromap_page_range(k, vma) !== 0 ? -EAGAIN : 0;
	}
	const shared = shmem_file_setup(k, 'dev/zero', vma.vm_end - vma.vm_start);
	if (vma.vm_file) vma.vm_file.f_count--;
	vma.vm_file = shared;
	vma.vm_ops = shmem_vm_ops;
	return 0;
}

const null_fops: file_operations = {name: 'null_fops', read: read_null, write: write_null, seeksToZero: true};
const null_aio_fops: file_operations = {...null_fops, aio_read: read_null, aio_write: aio_write_null};
const zero_fops: file_operations = {
	name: 'zero_fops',
	read: read_zero,
	write: write_null,
	mmap: mmap_zero,
	seeksToZero: true,
};
const zero_aio_fops: file_operations = {...zero_fops, aio_read: aio_read_zero, aio_write: aio_write_null};

function fopsOf(k: Kernel, minor: number): file_operations | undefined {
	const aio = k.era.memDevicesHaveAio;
	switch (minor) {
		case 1:
			return mem_fops;
		case 3:
			return aio ? null_aio_fops : null_fops;
		case 5:
			return aio ? zero_aio_fops : zero_fops;
		default:
			return undefined;
	}
}

const memory_fops: file_operations = {
	name: 'memory_fops',
	*open(k, inode, file) {
		const fops = fopsOf(k, inode.i_rdev!.minor);
		if (!fops) return -ENXIO;
		file.f_op = fops;
		return 0;
	},
};

/** Registers the driver and makes its nodes. @returns 0 or -EBUSY */
export function chr_dev_init(k: Kernel): number {
	const error = register_chrdev(k, MEM_MAJOR, 'mem', memory_fops);
	if (error !== 0) return error;
	for (const [name, minor] of [
		['mem', 1],
		['null', 3],
		['zero', 5],
	] as const)
		mknod(k, `/dev/${name}`, 'chrdev', {major: MEM_MAJOR, minor});
	return 0;
}
