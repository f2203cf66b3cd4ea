import {EINVAL, ENOTTY} from '../errno.ts';
import {changes} from './behaviour.ts';

const MADV_2_6_11 = [0, 1, 2, 3, 4] as const;
/** REMOVE, DONTFORK, DOFORK. */
const MADV_2_6_16 = [...MADV_2_6_11, 9, 10, 11] as const;
/** FREE, DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK, COLD, PAGEOUT. */
const MADV_5_4 = [...MADV_2_6_16, 8, 16, 17, 18, 19, 20, 21] as const;
/** POPULATE_READ, POPULATE_WRITE, DONTNEED_LOCKED. */
const MADV_5_18 = [...MADV_5_4, 22, 23, 24] as const;

/** System calls and their flags. */
export const callBehaviours = {
	/** Calls of i386 were numbered as they came, so the highest number says which a kernel has. */
	lastSystemCall: changes<number>(
		'arch/i386/kernel/entry.S (2.6.11: keyctl), arch/x86/kernel/syscall_table_32.S, syscall_32.tbl',
		{ldd3: 288, '2.6.32': 336, '3.2': 348, '5.10': 440, '6.1': 450, '6.18': 469},
	),
	RLIM_NLIMITS: changes<number>('include/asm-i386/resource.h; RLIMIT_NICE, _RTPRIO 2.6.12, _RTTIME 2.6.25', {
		ldd3: 13,
		'2.6.32': 16,
	}),
	/** RLIMIT_MEMLOCK that processes begin with, in bytes. */
	memlockLimit: changes<number>('include/asm-generic/resource.h MLOCK_LIMIT; 64 KiB since 2.6.31, 8 MiB since 5.16', {
		ldd3: 32_768,
		'2.6.32': 65_536,
		'6.1': 8 << 20,
	}),
	/** Whether setuid(-1) is an error, or an id like any other. */
	setuidRefusesMinusOne: changes<boolean>('kernel/sys.c sys_setuid(): uid_valid(), 3.5', {ldd3: false, '5.10': true}),
	/** O_CLOEXEC and F_DUPFD_CLOEXEC. */
	opensCloseOnExec: changes<boolean>('fs/open.c: O_CLOEXEC, 2.6.23; fs/fcntl.c: F_DUPFD_CLOEXEC, 2.6.24', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Whether readv of more bytes than a call can move is an error, or moves what it can. */
	vectorsTooLongFail: changes<boolean>('fs/read_write.c rw_copy_check_uvector(): cut off since 2.6.37', {
		ldd3: true,
		'3.2': false,
	}),
	mincoreAsksTables: changes<boolean>('mm/mincore.c mincore_vma(): -ENOMEM without a file until 2.6.20', {
		ldd3: false,
		'2.6.32': true,
	}),
	locksOnFault: changes<boolean>('mm/mlock.c: MLOCK_ONFAULT, MCL_ONFAULT, 4.4', {ldd3: false, '5.10': true}),
	onFaultAloneFails: changes<boolean>('mm/mlock.c mlockall(): MCL_ONFAULT alone is EINVAL, 5.3', {
		ldd3: false,
		'5.10': true,
	}),
	/** Which advice madvise() has heard of; the machine has no huge pages and does not merge pages alike. */
	madviseKnows: changes<readonly number[]>('mm/madvise.c madvise_behavior_valid()', {
		ldd3: MADV_2_6_11,
		'2.6.32': MADV_2_6_16,
		'3.2': MADV_2_6_16,
		'5.10': MADV_5_4,
		'6.1': MADV_5_18,
	}),
	wipesOnFork: changes<boolean>('mm/madvise.c: MADV_WIPEONFORK, 4.14', {ldd3: false, '5.10': true}),
	/** MADV_REMOVE of what cannot have holes. */
	madviseRemoveError: changes<'ENOSYS' | 'EOPNOTSUPP'>('mm/truncate.c vmtruncate_range(); vfs_fallocate() from 3.5', {
		ldd3: 'ENOSYS',
		'5.10': 'EOPNOTSUPP',
	}),
	/** Which mappings MREMAP_DONTUNMAP leaves behind. */
	mremapDontunmap: changes<'unknown' | 'private anonymous' | 'any that may grow'>(
		'mm/mremap.c: MREMAP_DONTUNMAP, 5.7; of files too from 5.13 on',
		{ldd3: 'unknown', '5.10': 'private anonymous', '6.1': 'any that may grow'},
	),
	/** mremap() that would make the offset in the file wrap. */
	mremapChecksOffset: changes<'never' | 'after flags' | 'before flags'>('mm/mremap.c vma_to_resize(), 2.6.39; 4.3', {
		ldd3: 'never',
		'3.2': 'after flags',
		'5.10': 'before flags',
	}),
	/** What a request is that its driver does not know (-ENOIOCTLCMD). */
	ioctlUnknownError: changes<number>('fs/ioctl.c vfs_ioctl(): -EINVAL, -ENOTTY since 3.4', {
		ldd3: -EINVAL,
		'5.10': -ENOTTY,
	}),
	/** How many majors of character devices there may be: dev_t has 12 bits for them. */
	chrdevMajors: changes<number>('fs/char_dev.c: CHRDEV_MAJOR_MAX, 4.16; before, any number that dev_t holds', {
		ldd3: 4096,
		'5.10': 512,
	}),
	/** Whether the last close takes a file out of its driver's list of who wants SIGIO. */
	releaseEndsFasync: changes<boolean>('fs/file_table.c __fput() calls fasync, 2.6.29', {ldd3: false, '2.6.32': true}),
	/** Whether a driver without llseek has positions all the same. */
	seeksWithoutMethod: changes<boolean>('fs/open.c do_dentry_open(): FMODE_LSEEK needs the method, 6.0', {
		ldd3: true,
		'6.1': false,
	}),
	/** How the modes of fallocate() go together. */
	fallocateModes: changes<'keep size' | 'keep size or hole' | 'collapse or insert alone' | 'one at a time'>(
		'fs/open.c do_fallocate(): FALLOC_FL_PUNCH_HOLE, 2.6.38; vfs_fallocate(): _COLLAPSE_RANGE, 3.15, _WRITE_ZEROES, 6.17',
		{ldd3: 'keep size', '3.2': 'keep size or hole', '5.10': 'collapse or insert alone', '6.18': 'one at a time'},
	),
	/** Whether fallocate() of a disk asks its driver. */
	fallocatesDisks: changes<boolean>('fs/open.c vfs_fallocate(): S_ISBLK, 4.9', {ldd3: false, '5.10': true}),
	/** Largest size of a file, in bytes. */
	MAX_LFS_FILESIZE: changes<number>('include/linux/fs.h; all that an index of pages can say since 4.13', {
		ldd3: 2 ** 43 - 1,
		'5.10': (2 ** 32 - 1) * 4096,
	}),
	/** Flags of preadv2(), pwritev2() and of iocbs. */
	RWF_SUPPORTED: changes<number>(
		'include/uapi/linux/fs.h: _APPEND, 4.16; _NOAPPEND, _ATOMIC, _DONTCACHE, _NOSIGNAL, 6.18',
		{
			ldd3: 0x1f,
			'6.18': 0x1ff,
		},
	),
	/** What a direct transfer that must not wait (RWF_NOWAIT) may find in the cache. */
	nowaitDirectAllows: changes<'no page' | 'clean pages'>('mm/filemap.c filemap_range_needs_writeback(), 5.12', {
		ldd3: 'no page',
		'6.1': 'clean pages',
	}),
	/** Seals that a file of memory can have: F_SEAL_ bits of fcntl(). */
	F_ALL_SEALS: changes<number>('mm/shmem.c shmem_add_seals(), 3.17; mm/memfd.c: F_SEAL_FUTURE_WRITE, 5.1, _EXEC, 6.3', {
		ldd3: 0,
		'5.10': 0x1f,
		'6.18': 0x3f,
	}),
	/** Whether a shared mapping that is only read may be made of a file whose writing is sealed. */
	mapsSealedToRead: changes<boolean>('mm/mmap.c mmap_region(): i_mmap_writable of VM_MAYWRITE, 6.7', {
		ldd3: false,
		'6.18': true,
	}),
	tmpfsAllocates: changes<boolean>('mm/shmem.c shmem_fallocate(), 3.5', {ldd3: false, '5.10': true}),
	memfdSaysExec: changes<boolean>('mm/memfd.c: MFD_NOEXEC_SEAL, MFD_EXEC, 6.3', {ldd3: false, '6.18': true}),
	rusageShowsResidence: changes<boolean>('kernel/sys.c k_getrusage(): ru_maxrss, 2.6.32', {
		ldd3: false,
		'2.6.32': true,
	}),
	rusageOfThread: changes<boolean>('kernel/sys.c k_getrusage(): RUSAGE_THREAD, 2.6.26', {ldd3: false, '2.6.32': true}),
	sysinfoShowsShared: changes<boolean>('mm/page_alloc.c si_meminfo(): sharedram, 3.16', {ldd3: false, '5.10': true}),
	/** Flags of clone() for what this machine has not: namespaces, and a child that begins stopped. */
	cloneRefuses: changes<number>('include/linux/sched.h: CLONE_NEWNS, _STOPPED; others from 2.6.19 on', {
		ldd3: 0x0202_0000,
		'2.6.32': 0x7e02_0000,
	}),
	/**
	 * Whether CLONE_PARENT_SETTID stores the child's number before memory is copied, so that the child's copy has it too,
	 * and clone() fails where it cannot. Else it is stored before the child first runs, if it can be.
	 */
	parentTidBeforeMemory: changes<boolean>('kernel/fork.c copy_process() in 2.6.11, do_fork() in 2.6.32', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** Without timers of high resolution it is a jiffy. */
	clockResolutionNs: changes<number>('kernel/posix-timers.c; kernel/hrtimer.c, 2.6.21', {
		ldd3: 1_000_000,
		'2.6.32': 1,
	}),
	/** Whether a handler's stack is aligned as a called function's. */
	alignsSignalFrames: changes<boolean>('arch/i386/kernel/signal.c get_sigframe(): 16 bytes, 2.6.16', {
		ldd3: false,
		'2.6.32': true,
	}),
} as const;
