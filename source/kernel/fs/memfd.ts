/**
 * Models mm/memfd.c (3.17 and later, in mm/shmem.c at first): files of memory that a program makes without a name in
 * the tree, and seals, which take away for good what could be done to one.
 *
 * Not modelled: huge pages.
 */
import {strndup_user} from '../call_frame.ts';
import {EBUSY, EFAULT, EINVAL, EMFILE, ENOSYS, EPERM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {VM_MAYWRITE, VM_SHARED} from '../mm/mm_types.ts';
import {page_count, page_mapcount} from '../mm/page.ts';
import {rlimit} from '../resource.ts';
import type {Sleeps} from '../time.ts';
import {msleep} from '../timer.ts';
import {FMODE_WRITE, fd_install, type file, type inode} from './file.ts';
import {F_SEAL_EXEC, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE, sealedOf, WRITE_SEALS} from './seals.ts';
import {shmem_file_setup} from './shmem.ts';

/** Whether a page has holders beside the cache and page tables: a device may still write to it. */
function isPinned(k: Kernel, {i_mapping}: inode): boolean {
	for (const frame of i_mapping.pages.values()) if (page_count(k, frame) - page_mapcount(k, frame) !== 1) return true;
	return false;
}

const LAST_SCAN = 4;

/** Waits up to 150 ms for pinned pages to be given back. @returns 0 or -EBUSY. @see memfd_wait_for_pins() */
function* waitForPins(k: Kernel, inode: inode): Sleeps<number> {
	for (let scan = 0; scan <= LAST_SCAN; scan++) {
		if (!isPinned(k, inode)) return 0;
		if (scan > 0) yield* msleep(k, 5 << scan);
	}
	return isPinned(k, inode) ? -EBUSY : 0;
}

/** F_ADD_SEALS. May sleep. @returns 0, -EPERM, -EINVAL, -EBUSY (mapped to be written, or pinned) */
export function* memfd_add_seals(k: Kernel, file: file, wanted: number): Sleeps<number> {
	if (!(file.f_mode & FMODE_WRITE)) return -EPERM;
	if ((wanted & ~k.era.F_ALL_SEALS) !== 0) return -EINVAL;
	const sealed = sealedOf(file.inode);
	if (!sealed) return -EINVAL;
	if ((sealed.seals & F_SEAL_SEAL) !== 0) return -EPERM;
	if ((wanted & F_SEAL_WRITE) !== 0 && (sealed.seals & F_SEAL_WRITE) === 0) {
		for (const vma of file.inode.i_mapping.i_mmap)
			if ((vma.vm_flags & VM_SHARED) !== 0 && (vma.vm_flags & VM_MAYWRITE) !== 0) return -EBUSY;
		const error = yield* waitForPins(k, file.inode);
		if (error < 0) return error;
	}
	// What is sealed as a program stays that program.
	const isProgram = (wanted & F_SEAL_EXEC) !== 0 && (sealed.seals & F_SEAL_EXEC) === 0;
	sealed.seals |= wanted | (isProgram ? F_SEAL_SHRINK | F_SEAL_GROW | WRITE_SEALS : 0);
	return 0;
}

/** F_GET_SEALS. @returns F_SEAL_ bits, or -EINVAL for a file that cannot have any */
export const memfd_get_seals = ({inode}: file): number => sealedOf(inode)?.seals ?? -EINVAL;

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_HUGETLB = 4;
/** 6.3 and later. */
const MFD_NOEXEC_SEAL = 8;
const MFD_EXEC = 0x10;
const MFD_EXEC_FLAGS = MFD_NOEXEC_SEAL | MFD_EXEC;
/** The size of huge pages, in the highest six bits. */
const MFD_HUGE_BITS = 0xfc00_0000;
const MFD_NAME_MAX_LEN = 249;

/**
 * An open file of memory with a name that only maps and fd show (3.17 on).
 * @returns its descriptor, -EINVAL, -EMFILE, -EFAULT, -ENOSYS for huge pages
 */
export function* sys_memfd_create(k: Kernel, uname: number, flags: number): Sleeps<number> {
	const exec = k.era.memfdSaysExec ? MFD_EXEC_FLAGS : 0;
	const huge = (flags & MFD_HUGETLB) !== 0;
	const known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | exec | (huge ? MFD_HUGE_BITS : 0);
	if ((flags & ~known) !== 0 || (flags & MFD_EXEC_FLAGS) === MFD_EXEC_FLAGS) return -EINVAL;
	const name = yield* strndup_user(k, uname);
	if (typeof name === 'number') return name === -EFAULT ? name : -EINVAL;
	if (name.length > MFD_NAME_MAX_LEN) return -EINVAL;
	const {files} = k.cpu.current;
	if (files.fds.size >= rlimit(k, 'nofile')) return -EMFILE;
	if (huge) return -ENOSYS;
	const file = shmem_file_setup(k, `memfd:${name}`, 0);
	const sealed = sealedOf(file.inode)!;
	if ((flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL)) !== 0) sealed.seals = 0;
	if ((flags & MFD_NOEXEC_SEAL) !== 0) sealed.seals |= F_SEAL_EXEC;
	return fd_install(files, file, (flags & MFD_CLOEXEC) !== 0);
}
