/**
 * Models the seals of mm/memfd.c and mm/shmem.c (3.17 and later): what a file of memory keeps of what was taken away
 * from it for good. Who seals is in memfd.ts.
 */
import {EPERM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {VM_MAYWRITE, VM_SHARED, VM_WRITE, type vm_area_struct} from '../mm/mm_types.ts';
import type {inode} from './file.ts';

export const F_SEAL_SEAL = 0x1;
export const F_SEAL_SHRINK = 0x2;
export const F_SEAL_GROW = 0x4;
export const F_SEAL_WRITE = 0x8;
const F_SEAL_FUTURE_WRITE = 0x10;
export const F_SEAL_EXEC = 0x20;
/** Either keeps write() away. */
export const WRITE_SEALS = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

/** What the inode of a file of memory keeps. */
export type Sealed = {seals: number};

export const sealedOf = (inode: inode): Sealed | undefined =>
	inode.kind === 'shmem' ? (inode.i_private as Sealed) : undefined;

/** F_SEAL_ bits of a file; other files have none. */
export const sealsOf = (inode: inode): number => sealedOf(inode)?.seals ?? 0;

/**
 * Whether a sealed file may be mapped so; an area that may never be written loses VM_MAYWRITE.
 * @returns 0 or -EPERM
 * @see mmap_region(), seal_check_future_write()
 */
export function mayMapSealed(k: Kernel, inode: inode, vma: vm_area_struct): number {
	const seals = sealsOf(inode);
	if ((seals & WRITE_SEALS) === 0 || (vma.vm_flags & VM_SHARED) === 0) return 0;
	if ((vma.vm_flags & VM_WRITE) !== 0) return -EPERM;
	const readable = (seals & F_SEAL_WRITE) === 0 || k.era.mapsSealedToRead;
	if (!readable && (vma.vm_flags & VM_MAYWRITE) !== 0) return -EPERM;
	vma.vm_flags &= ~VM_MAYWRITE;
	return 0;
}
